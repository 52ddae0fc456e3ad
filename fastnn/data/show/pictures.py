"""A column as a picture: how its values are spread, and how they meet the target.

SVG that takes its colours from the page around it. A histogram is a few rectangles, so
no plotting library is needed, and a thousand columns take a second.
"""

import numpy as np

from . import words
from .words import escape

WIDTH, HEIGHT = 320, 96
BINS, MOST_CLASSES, MOST_WORDS = 24, 6, 8


def of_column(column, target=None, task=None):
    """The <svg> of a column, and for screen readers what it shows; "" without values.

    target: the Column to predict, whose classes colour the bars; task: see Report.
    """
    if column.n_missing == len(column):
        return ""
    classes = classes_of(target) if task == "classes" else None
    if classes is None:
        classes = (np.zeros(len(column), np.int64), 1)
    if column.kind in ("number", "date"):
        return histogram(column, *classes)
    return bars(column, *classes)


def classes_of(target):
    """(class of each row, number of classes): the largest, the others together."""
    codes = target.codes
    sizes = np.bincount(codes[codes >= 0])
    if len(sizes) < 2:
        return None
    order = np.argsort(-sizes, kind="stable")
    place = np.empty(len(sizes) + 1, np.int64)
    place[order] = np.minimum(np.arange(len(sizes)), MOST_CLASSES - 1)
    place[-1] = min(len(sizes), MOST_CLASSES) - 1
    return place[codes], min(len(sizes), MOST_CLASSES)


def class_names(target):
    """The names of the colours, as classes_of gives them."""
    codes = target.codes
    sizes = np.bincount(codes[codes >= 0])
    order = np.argsort(-sizes, kind="stable")
    first = {code: row for row, code in reversed(list(enumerate(codes.tolist())))}
    names = [target.text(first[code]) for code in order[:MOST_CLASSES].tolist()]
    if len(sizes) > MOST_CLASSES:
        names[-1] = f"{len(sizes) - MOST_CLASSES + 1:,} others"
    return names


# --- Numbers and dates ---------------------------------------------------------------


def histogram(column, of_row, n_classes):
    there = ~column.missing
    values = column.values[there]
    if column.kind == "date":
        values = values.astype("datetime64[s]").astype(np.float64)
    finite = np.isfinite(values)
    values, of_row = values[finite], of_row[there][finite]
    if not len(values):
        return ""
    unit = 1.0 if np.abs(values).max() < 1e150 else 1e160  # differences stay finite
    values = values / unit
    low, high = ends(values)
    edges = edges_of(values, low, high, column.whole)
    inside = (values >= edges[0]) & (values <= edges[-1])
    at = np.searchsorted(edges, values[inside], side="right") - 1
    at = np.minimum(at, len(edges) - 2)
    counts = np.zeros((len(edges) - 1, n_classes), np.int64)
    np.add.at(counts, (at, of_row[inside]), 1)
    beyond = len(values) - int(inside.sum())
    first, last, least, most = (
        axis_label(column, end * unit)
        for end in (edges[0], edges[-1], values.min(), values.max())
    )
    said = f"{column.name}: {words.count(len(values), 'value')} from "
    said += f"{least} to {most}"
    note = f"{beyond:,} beyond" if beyond else ""
    return svg(stacked(counts) + labels(first, note, last), said)


def ends(values):
    """Where the picture ends: a few values far away don't squeeze all others."""
    low, high = float(values.min()), float(values.max())
    inner, outer = np.quantile(values, (0.01, 0.99))
    width = max(float(outer - inner), 0.0)
    if width == 0.0:
        return low, high
    return max(low, float(inner - width)), min(high, float(outer + width))


def edges_of(values, low, high, whole):
    """Edges of bins; between whole numbers, where there are few of them."""
    if low == high:
        return np.array([low - 0.5, low + 0.5])
    if whole and high - low < BINS:
        return np.arange(np.floor(low), np.ceil(high) + 2) - 0.5
    return np.linspace(low, high, BINS + 1)


def axis_label(column, value):
    if column.kind == "date":
        return str(np.datetime64(int(value), "s").astype("datetime64[D]"))
    return words.number(float(value))


def stacked(counts):
    """Bars side by side, each in the colours of its classes, from below."""
    top, n = max(int(counts.sum(axis=1).max()), 1), len(counts)
    width, room = WIDTH / n, HEIGHT - 18
    parts = []
    for i, of_class in enumerate(counts.tolist()):
        y = float(room)
        for k, count in enumerate(of_class):
            if count:
                size = room * count / top
                y -= size
                parts.append(
                    f'<rect class="c{k}" x="{i * width:.1f}" y="{y:.1f}" '
                    f'width="{max(width - 1, 0.8):.1f}" height="{max(size, 0.6):.1f}"/>'
                )
    parts.append(f'<path class="axis" d="M0 {room}H{WIDTH}"/>')
    return "".join(parts)


def labels(first, middle, last):
    y = HEIGHT - 4
    return (
        f'<text x="0" y="{y}">{escape(first)}</text>'
        f'<text x="{WIDTH / 2}" y="{y}" text-anchor="middle">{escape(middle)}</text>'
        f'<text x="{WIDTH}" y="{y}" text-anchor="end">{escape(last)}</text>'
    )


# --- Words ---------------------------------------------------------------------------


def bars(column, of_row, n_classes):
    """A line for each of the most frequent words, as long as it is frequent."""
    names, counts = table_of_words(column, of_row, n_classes)
    if len(names) > MOST_WORDS and counts.sum(axis=1).max() == 1:
        return ""  # nothing repeats
    order = np.argsort(-counts.sum(axis=1), kind="stable")
    shown, rest = order[:MOST_WORDS], order[MOST_WORDS:]
    rows = [(names[i], counts[i]) for i in shown]
    if len(rest):
        rows.append((f"{len(rest):,} others", counts[rest].sum(axis=0)))
    top = max(max(int(c.sum()) for _, c in rows), 1)
    parts, left, line = [], 120, 16
    for i, (name, of_class) in enumerate(rows):
        y, x = i * line, float(left)
        parts.append(
            f'<text x="{left - 6}" y="{y + 11}" text-anchor="end">'
            f"{escape(short(name, 18))}</text>"
        )
        for k, count in enumerate(of_class.tolist()):
            size = (WIDTH - left - 44) * count / top
            if count:
                parts.append(
                    f'<rect class="c{k}" x="{x:.1f}" y="{y + 2}" '
                    f'width="{max(size, 0.6):.1f}" height="{line - 5}"/>'
                )
            x += size
        parts.append(f'<text x="{x + 4:.1f}" y="{y + 11}">{of_class.sum():,}</text>')
    said = ", ".join(f"{short(name, 40)} {c.sum():,}" for name, c in rows)
    return svg("".join(parts), f"{column.name}: {said}", len(rows) * line + 2)


def table_of_words(column, of_row, n_classes):
    """The words, and how many rows of each class hold each of them."""
    if column.kind == "text":
        names, codes = list(column.words), column.values
    else:
        names, codes = ["false", "true"], np.where(column.missing, -1, column.values)
    there = np.flatnonzero(codes >= 0)
    counts = np.bincount(
        codes[there].astype(np.int64) * n_classes + of_row[there],
        minlength=len(names) * n_classes,
    )
    counts = counts.reshape(len(names), n_classes)
    held = np.flatnonzero(counts.sum(axis=1))
    return [names[i] for i in held], counts[held]


def short(text, most):
    text = " ".join(text.split()) or "(blank)"
    return text if len(text) <= most else text[: most - 1] + "…"


# --- The target as a value, and what is missing --------------------------------------


def means(column, target, n_bins=12):
    """The target's mean and middle half along a column of numbers, or ""."""
    if column.kind not in ("number", "date") or target.kind != "number":
        return ""
    there = ~column.missing & ~target.missing & np.isfinite(target.values)
    x, y = column.values[there].astype(np.float64), target.values[there]
    if len(x) < 20 or x.min() == x.max() or y.min() == y.max():
        return ""
    edges = np.unique(np.quantile(x, np.linspace(0, 1, n_bins + 1)))
    at = np.clip(np.searchsorted(edges, x, side="right") - 1, 0, len(edges) - 2)
    groups = [y[at == i] for i in range(len(edges) - 1)]
    low, high = np.quantile(y, (0.02, 0.98))
    if low == high:
        return ""
    room, width = HEIGHT - 18, WIDTH / len(groups)

    def height(value):
        return room * (1 - np.clip((value - low) / (high - low), 0, 1))

    parts = []
    for i, group in enumerate(groups):
        if len(group):
            q1, q3 = np.quantile(group, (0.25, 0.75))
            x0 = (i + 0.5) * width
            parts.append(
                f'<path class="spread" d="M{x0:.1f} {height(q1):.1f}'
                f'V{height(q3):.1f}"/>'
                f'<circle class="c0" cx="{x0:.1f}" cy="{height(group.mean()):.1f}" '
                'r="3.5"/>'
            )
    parts.append(f'<path class="axis" d="M0 {room}H{WIDTH}"/>')
    said = f"mean of {target.name} along {column.name}, with its middle half"
    middle = f"{short(target.name, 30)} along it"
    return svg("".join(parts) + labels("low", middle, "high"), said)


def missing_pattern(table, most_columns=40, most_rows=48):
    """Which cells are empty: a line for each column with gaps, row 1 on the left."""
    gaps = [c for c in table if c.n_missing]
    gaps = sorted(gaps, key=lambda c: -c.n_missing)[:most_columns]
    n = min(table.n_rows, most_rows)
    edges = np.linspace(0, table.n_rows, n + 1).astype(int)
    lines = ""
    for column in gaps:
        shares = np.add.reduceat(column.missing, edges[:-1]) / np.diff(edges)
        empty = words.percent(column.n_missing / len(column))
        lines += (
            f"<li><bdi>{escape(short(column.name, 60))}</bdi>"
            f"{strip(shares, f'{column.name}: {empty} empty')}<span>{empty}</span></li>"
        )
    return f'<ol class="card gaps">\n{lines}</ol>' if lines else ""


def strip(shares, said):
    """The <svg> of a line of cells, as dark as they are empty; as wide as there is
    room."""
    n = len(shares)
    cells = "".join(
        f'<rect class="gap" x="{k}" width="1.02" height="1" '
        f'fill-opacity="{share:.2f}"/>'
        for k, share in enumerate(shares.tolist())
        if share
    )
    return (
        f'<svg role="img" aria-label="{escape(said)}" viewBox="0 0 {n} 1" '
        f'preserveAspectRatio="none"><rect class="full" width="{n}" height="1"/>'
        f"{cells}</svg>"
    )


def svg(content, said, height=HEIGHT, width=WIDTH):
    return (
        f'<svg role="img" aria-label="{escape(said)}" viewBox="0 0 {width} {height}">'
        f"{content}</svg>"
    )
