"""What a chapter shows: pictures, tables, predicted beside measured, things to move.

A chapter is read live, in marimo, where controls move, or printed (and in Jupyter),
where a picture for each of a few positions stands in their place.
"""

import base64
import html
import io
import os
import re

import numpy as np

from ..plot import style


def marimo():
    """The module marimo, or an ImportError that says how to get it."""
    try:
        import marimo as mo
    except ImportError as error:
        raise ImportError(
            "the book needs marimo, which is not installed; get it with: "
            'pip install "fastnn[learn]"'
        ) from error
    return mo


def printed():
    """True where nothing can be moved: on the printed site, in Jupyter, in a test."""
    if os.environ.get("FASTNN_BOOK") == "printed":
        return True
    return not marimo().running_in_notebook()


def pyplot():
    """matplotlib.pyplot with fastnn's style, for all pictures of a chapter."""
    plt = style.pyplot()
    style.apply()
    return plt


def figure(picture, alt, caption=""):
    """A matplotlib figure on the page. alt: what it shows, for who cannot see it."""
    return marimo().Html(_figure(picture, alt, caption))


def svg(text, alt, caption=""):
    """An SVG on the page: its text, or what `draw()` or a step of a graph gives."""
    return marimo().Html(_svg(text, alt, caption))


def _svg(text, alt, caption):
    # str() of a Drawing is the tree for a terminal, so its SVG has to be asked for.
    text = text._repr_svg_() if hasattr(text, "_repr_svg_") else str(text)
    data = base64.b64encode(text.encode()).decode()
    return _image(f"image/svg+xml;base64,{data}", alt, caption)


def _figure(picture, alt, caption):
    if hasattr(picture, "_repr_svg_"):
        return _svg(picture, alt, caption)
    # Closed first: marimo closes all that are open after each cell, of all chapters
    # that are read at the time, and a figure loses its resolution as it is closed.
    style.pyplot().close(picture)
    buffer = io.BytesIO()
    picture.savefig(buffer, format="png", dpi=144)
    width = int(picture.get_figwidth() * 96)
    data = base64.b64encode(buffer.getvalue()).decode()
    return _image(f"image/png;base64,{data}", alt, caption, width)


def _image(data, alt, caption, width=None):
    if not alt.strip():
        raise ValueError("alt is empty: say in a sentence what the picture shows")
    # On a telephone it keeps 480 pixels, so that its words can be read, and scrolls.
    size = f"width:{width}px;min-width:{min(width, 480)}px;" if width else ""
    words = f"<figcaption>{html.escape(caption)}</figcaption>" if caption else ""
    # White behind the picture, so that its ink can be read on a dark page too. The
    # drawing of a graph has a ground of its own, in the page's colours, with corners.
    ground = "none" if data.startswith("image/svg") else "#fff"
    return (
        '<figure class="book-figure" style="margin:1em 0;overflow-x:auto">'
        f'<img alt="{html.escape(alt)}" src="data:{data}" style="{size}max-width:100%;'
        f'height:auto;background:{ground};border-radius:6px">'
        f"{words}</figure>"
    )


def live(draw, control, name, at, alt, caption=""):
    """What draw(value) gives for the control's value; printed: for each value of `at`.

    draw returns a matplotlib figure, or a step of a graph. name: what the control
    moves, for the captions of the printed pictures. alt: what a picture shows, with
    {value} where it belongs.
    """
    if not printed():
        return figure(draw(control.value), alt.format(value=control.value), caption)
    words = f"<p>{html.escape(caption)}</p>" if caption else ""
    pictures = (_figure(draw(v), alt.format(value=v), f"{name}: {v}") for v in at)
    return marimo().Html(f"{''.join(pictures)}{words}")


def table(header, rows):
    """A Markdown table; numbers are shown with four digits.

    Columns of numbers are flush right and words flush left, which has to be said:
    marimo and Jupyter put all to the right.
    """
    shown = [[_cell(value) for value in row] for row in rows]
    names, *columns = zip(*shown, strict=True) if shown else [()] * len(header)
    rule = [_rule(names, NUMBER), *(_rule(column, FIGURE) for column in columns)]
    lines = [[_cell(word) for word in header], rule, *shown]
    return marimo().md("\n".join(f"| {' | '.join(line)} |" for line in lines))


NUMBER = re.compile(r"[-+]?[\d.,]+(e[-+]\d+)?$")
FIGURE = re.compile(r"[-+<(]?\d|-?(nan|inf)?$")  # "2 of 20", "(8, 4)", nothing


def _rule(column, kind):
    return "---:" if all(kind.match(cell) for cell in column) else ":---"


def _cell(value):
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (int, np.integer)):
        return f"{value:,}"
    if isinstance(value, (float, np.floating)):
        return f"{value:.4g}"
    return str(value)


def beside(rows, rel=0.0, abs=0.0):
    """Predicted beside measured, as a table, and the assertion that they agree.

    rows: (what, predicted, measured) or (what, predicted, measured, allowed), where
    allowed is how far apart the two may be; else abs + rel |predicted|.
    Raises AssertionError that names the first row where they are further apart.
    """
    shown = []
    for what, predicted, measured, *own in rows:
        allowed = own[0] if own else abs + rel * np.abs(predicted)
        off = np.abs(measured - predicted)
        if not off <= allowed:
            raise AssertionError(
                f"{what}: predicted {predicted:.6g}, measured {measured:.6g}; they are "
                f"{off:.3g} apart, and at most {allowed:.3g} was claimed"
            )
        shown.append([what, predicted, measured, float(off), float(allowed)])
    return table(["", "predicted", "measured", "apart", "allowed"], shown)
