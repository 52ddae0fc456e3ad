"""Line charts as SVG that takes its colours and its font from the page around it.

matplotlib draws with stand-in colours, which become CSS variables: so one picture is
legible on a light and on a dark page.
"""

import io
import re
from html import escape

import matplotlib
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullFormatter, StrMethodFormatter

INK, FAINT = "#010101", "#020202"
LINES = tuple(f"#0304{n:02x}" for n in range(1, 11))
VARIABLES = {
    INK: "var(--muted)",
    FAINT: "var(--rule)",
    **{colour: f"var(--line-{n})" for n, colour in enumerate(LINES, start=1)},
}
SETTINGS = {
    "svg.fonttype": "none",  # text stays text: readable, selectable, in the page's font
    "svg.hashsalt": "fastnn",
    "font.size": 9,
    "text.color": INK,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "ytick.minor.size": 0,
    "lines.linewidth": 1.6,
    "lines.solid_capstyle": "round",
    "figure.constrained_layout.use": True,
}


def lines(name, curves, alt, limits=None, size=(4.0, 2.7)):
    """A chart of curves over epochs, logarithmic upwards.

    name: unique in the page; curves: (values, number of the colour, dashed) each;
    alt: what a reader who cannot see it should know.
    """
    with matplotlib.rc_context({**matplotlib.rcParamsDefault, **SETTINGS}):
        figure = Figure(figsize=size)
        ax = figure.subplots()
        for values, colour, dashed in curves:
            epochs = range(1, len(values) + 1)
            style = (0, (3, 2)) if dashed else "-"
            ax.plot(epochs, values, color=LINES[colour - 1], linestyle=style)
        ax.set_yscale("log")
        ax.set_ylim(limits)
        ax.set_xlabel("epoch")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
        ax.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        ax.yaxis.set_minor_formatter(NullFormatter())
        ax.spines["left"].set_visible(False)
        file = io.StringIO()
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(file, format="svg", transparent=True, metadata=nothing)
    return _inline(file.getvalue(), name, alt)


def _inline(svg, name, alt):
    """The <svg> element alone, fit to stand in a page with others."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\bid="', f'id="{name}-', svg)
    svg = re.sub(r'href="#', f'href="#{name}-', svg)
    svg = re.sub(r"url\(#", f"url(#{name}-", svg)
    for colour, variable in VARIABLES.items():
        svg = svg.replace(colour, variable)
    box = re.search(r'viewBox="[^"]*"', svg).group()
    head = f'<svg role="img" aria-label="{escape(alt)}" {box}'
    head += ' xmlns:xlink="http://www.w3.org/1999/xlink">'
    return head + svg[svg.index(">") + 1 :].strip()
