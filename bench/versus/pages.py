"""Measurements as Markdown, and Markdown into the pages that show it.

A page holds blocks, which `fill` replaces and nobody edits by hand:

    <!-- bench: training -->
    ...
    <!-- end -->
"""

import re
import statistics
from pathlib import Path

from fastnn.cli.bench import duration, unit_for

from .task import OURS, best_other, median, quartiles, ratios

ROOT = Path(__file__).resolve().parents[2]
CONTESTANTS = ("NumPy", "torch", "jax", "sklearn")
FULL_NAMES = {"sklearn": "scikit-learn"}


def table(head, rows):
    """A Markdown table; the first column to the left, the others to the right."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def ratio_cell(values):
    """ "0.52 [0.50-0.55]": the median and the quartiles."""
    low, middle, high = quartiles(values)
    return f"{middle:.2f} [{low:.2f}-{high:.2f}]"


def time_cell(record, name):
    seconds = median(record, name)
    return "-" if seconds is None else microseconds(seconds)


def microseconds(seconds):
    """ "12.3 µs", or in the unit that reads well."""
    return duration(seconds).replace(" us", " µs")


def spread_cell(record, name):
    """ "12.3 µs [12.1-12.9]" """
    low, middle, high = quartiles(record["times"][name])
    _, size = unit_for(middle)
    ends = (f"{x:.3g}" if x < 1000 else f"{x:.0f}" for x in (low / size, high / size))
    return f"{time_cell(record, name)} [{'-'.join(ends)}]"


def goal_cell(record):
    if record["goal"] is None:
        return "-"
    if best_other(record) is None:
        return f"≤ {record['goal']:g}"
    met = statistics.median(ratios(record)) <= record["goal"]
    return f"≤ {record['goal']:g} {'✓' if met else '✗'}"


def side_by_side(records, first="", columns=CONTESTANTS):
    """A row for each record: ours, the others, the ratio to the best of them, goal."""
    names = [FULL_NAMES.get(name, name) for name in columns]
    head = [first, OURS, *names, f"{OURS} / best other", "goal"]
    rows = []
    for record in records:
        cells = [record["name"], spread_cell(record, OURS)]
        cells += [time_cell(record, name) for name in columns]
        other = best_other(record)
        cells.append("-" if other is None else ratio_cell(ratios(record)))
        rows.append([*cells, goal_cell(record)])
    return table(head, rows)


def geometric_mean(values):
    return statistics.geometric_mean(values)


# --- Pages ---------------------------------------------------------------------------


def block(name):
    return re.compile(
        rf"(<!-- bench: {re.escape(name)} -->\n).*?(<!-- end -->)", re.DOTALL
    )


def names_in(text):
    return re.findall(r"<!-- bench: (\S+) -->", text)


def fill(page, contents):
    """Put {name: Markdown} into the blocks of a page; other blocks stay."""
    text = page.read_text(encoding="utf-8")
    for name in names_in(text):
        if name in contents:
            new = contents[name].strip() + "\n"
            text = block(name).sub(lambda m, new=new: m[1] + new + m[2], text)
    page.write_text(text, encoding="utf-8")


def brief(records):
    """The README's table: training steps, the ratio to the best other, no goals."""
    head = ["", OURS, *(FULL_NAMES.get(n, n) for n in CONTESTANTS),
            "best other / fastnn"]  # fmt: skip
    rows = []
    for record in records:
        faster = [1 / x for x in ratios(record)]
        times = [time_cell(record, name) for name in (OURS, *CONTESTANTS)]
        rows.append([record["name"], *times, ratio_cell(faster)])
    return table(head, rows)
