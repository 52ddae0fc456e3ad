"""A Report as one page that needs nothing beside itself: no network, no other file.

Whatever comes from the table goes through escape(). Style in page.css; with JavaScript,
a field above the columns finds them by name, without it they are all there.
"""

import contextlib
import os
import secrets
from importlib.resources import files

from ... import __version__
from ..finding import SEVERITIES
from . import pictures, words
from .words import escape

MOST_PICTURES = 2000  # columns; a page with more is too long for a browser


def write(report, path):
    """Write the page in place of `path` when it is whole."""
    path = os.fspath(path)
    target = os.path.realpath(path)
    if not os.path.isdir(os.path.dirname(target)):
        raise FileNotFoundError(
            f"to_html: there is no folder {os.path.dirname(target)!r} for {path!r}"
        )
    unfinished = f"{target}.{secrets.token_hex(8)}.tmp"
    try:
        with open(unfinished, "x", encoding="utf-8", errors="replace") as file:
            file.write(page(report))
        os.replace(unfinished, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(unfinished)
        raise


def page(report):
    """The page as text."""
    here = files(__package__)
    style = here.joinpath("page.css").read_text(encoding="utf-8")
    script = here.joinpath("page.js").read_text(encoding="utf-8")
    name = escape(report.table.source)
    verdict = words.VERDICTS[report.verdict]
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name}: {verdict}</title>
<style>
{style}</style>
</head>
<body>
<header>
<p class="kicker">fastnn inspect</p>
<h1><span class="name">{name}</span>
<span class="verdict {report.verdict}">{verdict}</span></h1>
<p class="lead">{escape(words.size(report))}. {code(words.MEANINGS[report.verdict])}</p>
{reasons(report)}</header>
<main>
{numbers(report)}{repairs(report)}{findings(report)}{gaps(report)}{columns(report)}</main>
<footer>{footer(report)}</footer>
<script>
{script}</script>
</body>
</html>
"""


def section(title, text, content, name=""):
    if not content:
        return ""
    paragraph = f"<p>{text}</p>\n" if text else ""
    mark = f' id="{name}"' if name else ""
    return f"<section{mark}>\n<h2>{title}</h2>\n{paragraph}{content}\n</section>\n"


def code(text):
    """Escaped; what stands between `backquotes` in the font of code."""
    parts = escape(text).split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return "".join(f"<code>{p}</code>" if i % 2 else p for i, p in enumerate(parts))


# --- The parts -----------------------------------------------------------------------


def reasons(report):
    if not report.reasons:
        return ""
    items = "".join(f"<li>{code(reason)}</li>\n" for reason in report.reasons)
    return f'<ul class="reasons">\n{items}</ul>\n'


def numbers(report):
    """How many findings of each severity, and what can be learned at best."""
    tiles = ""
    for severity in SEVERITIES:
        one, several, meaning = words.SEVERITIES[severity]
        n = len(report.of(severity))
        tiles += (
            f'<li class="{severity}{"" if n else " none"}"><b>{n}</b> '
            f"{one if n == 1 else several}<small>{code(meaning)}</small></li>\n"
        )
    best = "".join(
        f"<div><dt>{escape(what)}</dt><dd>{escape(text)}</dd></div>\n"
        for what, text in words.ceiling(report)
    )
    if best:
        best = f"<h3>What can be learned at best</h3>\n<dl>{best}</dl>\n"
    return (
        f'<section class="first">\n<ul class="tiles">\n{tiles}</ul>\n{best}</section>\n'
    )


def repairs(report):
    """What prepare does, in its order, and what that costs."""
    mends = [f for f in report.findings if f.severity == "repair" and f.repair]
    if not mends or report.verdict == "never":
        return ""
    rows = "".join(
        f"<tr><td>{i}</td><td>{code(some[0].repair)}</td>"
        f"<td><bdi>{escape(words.columns_of_all(some))}</bdi></td>"
        f"<td>{escape(words.cost(*some)) or '–'}</td></tr>\n"
        for i, some in enumerate(words.alike(mends), 1)
    )
    table = (
        '<div class="card"><table>\n<thead><tr><th></th><th>repair</th>'
        f"<th>columns</th><th>takes away</th></tr></thead>\n<tbody>\n{rows}</tbody>"
        "</table></div>"
    )
    text = "In this order; <code>fastnn train</code> does them by itself."
    return section("Repairs", text, table, "repairs")


def findings(report):
    """All findings, the worst first."""
    content = ""
    for severity in SEVERITIES:
        found = report.of(severity)
        if found:
            _, several, meaning = words.SEVERITIES[severity]
            cards = "".join(map(card, words.alike(found)))
            content += (
                f"<h3>{several.capitalize()} <small>{code(meaning)}</small></h3>\n"
                f'<div class="cards">\n{cards}</div>\n'
            )
    return section("Findings", "", content, "findings")


def card(findings):
    """Findings that are alike."""
    finding = findings[0]
    where = escape(words.columns_of(findings)) or "the table"
    shown = "".join(
        f"<div><dt><bdi>{escape(name)}</bdi></dt><dd>{escape(text)}</dd></div>\n"
        for name, text in words.together(findings)
    )
    repair = f'<p class="mend">{code(finding.repair)}</p>\n' if finding.repair else ""
    return (
        f'<article class="card {finding.severity}">\n'
        f"<h4>{escape(words.title(finding.kind))} "
        f"<span><bdi>{where}</bdi></span></h4>\n"
        f"<p>{code(finding.why)}</p>\n<dl>{shown}</dl>\n{repair}</article>\n"
    )


def gaps(report):
    picture = pictures.missing_pattern(as_read(report))
    text = (
        "Each line is a column with empty cells, from the first row on the left to the "
        "last; gaps that line up have one cause."
    )
    return section("Where cells are empty", text, picture)


def as_read(report):
    """The table as the repairs leave it, with the columns that they take away."""
    if report.mended is None:
        return report.table
    mended = report.mended.table
    if mended.n_rows != report.table.n_rows:
        return report.table
    return report.table.with_columns(*mended)


def columns(report):
    """A card with a picture for each column."""
    table, read = report.table, as_read(report)
    target = None if report.target is None else read[report.target]
    by_column = {}
    for finding in report.findings:
        for name in finding.columns:
            by_column.setdefault(name, []).append(finding)
    cards = "".join(
        column_card(
            column,
            read[column.name],
            target,
            report.task,
            by_column.get(column.name, ()),
        )
        for column in list(table)[:MOST_PICTURES]
    )
    field = (
        '<p class="find" hidden><label>Find a column <input type="search" '
        f'placeholder="name"></label> <output></output></p>\n{key(report, target)}'
    )
    more = len(table.names) - MOST_PICTURES
    text = f"The first {MOST_PICTURES:,} of them." if more > 0 else ""
    content = f'{field}<div class="columns">\n{cards}</div>'
    return section("Columns", text, content, "columns")


def key(report, target):
    """Which colour is which class."""
    if target is None or report.task != "classes":
        return ""
    if pictures.classes_of(target) is None:
        return ""
    items = "".join(
        f'<li><i class="c{k}"></i>{escape(pictures.short(name, 30))}</li>'
        for k, name in enumerate(pictures.class_names(target))
    )
    return f'<ul class="key" aria-label="classes of the target">{items}</ul>\n'


def column_card(column, read, target, task, found):
    """read: the column as the repairs leave it."""
    distinct = len(column.distinct[0])
    facts = [column.kind, f"{distinct:,} different"]
    if column.kind == "text" and distinct == len(column) - column.n_missing > 1:
        examples = ", ".join(pictures.short(word, 24) for word in column.words[:3])
        facts[1] = f"{distinct:,} texts, none of them twice, such as {examples}"
    if read.kind != column.kind:
        facts[0] += f" read as {read.kind}"
    if read.n_missing:
        facts.append(f"{words.percent(read.n_missing / len(read))} empty")
    picture = pictures.of_column(read, target, task)
    if target is not None and task == "values" and read is not target:
        picture += pictures.means(read, target)
    marks = "".join(
        f'<span class="mark {f.severity}">{escape(words.title(f.kind))}</span> '
        for f in found
    )
    name = escape(pictures.short(column.name, 60))
    is_target = target is not None and column.name == target.name
    mark = ' <span class="tag">target</span>' if is_target else ""
    return (
        f'<article class="card column{" target" * is_target}" '
        f'data-name="{escape(column.name)}">\n<h4><bdi>{name}</bdi>{mark}</h4>\n'
        f"<p>{escape(', '.join(facts))}</p>\n{picture}\n"
        f"<p>{marks}</p></article>\n"
    )


def footer(report):
    read = "".join(f"<li>{escape(sentence)}</li>\n" for sentence in report.table.read)
    read = f"<p>How the table was read:</p>\n<ul>\n{read}</ul>\n" if read else ""
    return f"{read}<p>fastnn {__version__}, inspected in {report.seconds:.1f} s.</p>"
