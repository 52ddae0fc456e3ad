"""The words that both forms of a Report use."""

import html

from ...output import printable

VERDICTS = {
    "ready": "ready for a network",
    "repairable": "repairable, it can be made ready",
    "never": "never, it cannot be made ready",
}
MEANINGS = {
    "ready": "A network can learn from it as it is; `prepare` encodes and scales it.",
    "repairable": "`prepare` does these repairs, learned from the training rows only.",
    "never": "No repair brings back what is missing.",
}
SEVERITIES = {  # one, several, what it means
    "blocker": ("blocker", "blockers", "no repair brings back what is missing"),
    "repair": ("repair", "repairs", "`prepare` mends it; without, the array is wrong"),
    "warning": ("warning", "warnings", "a person should look; the array is usable"),
    "note": ("note", "notes", "a fact worth knowing"),
}
LABELS = {  # what the evidence of a finding is called, where its key says too little
    "counts": "rows with each", "decimal": "decimal sign", "formats": "written as",
    "how": "seen by", "levels": "rare ones", "pairs": "equal pairs",
    "pairs_by_chance": "of them by chance", "r2_that_would_have_shown":
    "R2 that would have shown", "score": "tells of the target", "score_back":
    "the target tells of it", "score_of_next": "the next column tells",
    "variance": "share of the variance",
}  # fmt: skip
MOST_COLUMNS = 6  # named in a line
MOST_ALIKE = 12  # columns that one finding is shown for


def escape(text):
    """Text as HTML that shows it, whatever a cell of the table holds."""
    return html.escape(printable(text))


def count(n, one, several=None):
    """ "1 row", "1,797 rows"."""
    return f"{n:,} {one if n == 1 else several or one + 's'}"


def title(kind):
    """ "number_as_text" -> "number as text" """
    return kind.replace("_", " ")


def columns(finding):
    """The columns' names, not too many of them; "" for the table as a whole."""
    names = [str(name) for name in finding.columns]
    shown = ", ".join(names[:MOST_COLUMNS])
    more = len(names) - MOST_COLUMNS
    return f"{shown} and {more:,} more" if more > 0 else shown


def columns_of_all(findings):
    """The columns of findings that are alike; of many of them, the first ones."""
    shown = ", ".join(map(columns, findings[:MOST_ALIKE]))
    more = len(findings) - MOST_ALIKE
    return f"{shown} and {more:,} more" if more > 0 else shown


def number(value):
    """ "1,437", "0.0312", "1.2e-09" """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.0f}" if 1e3 <= abs(value) < 1e7 else f"{value:.3g}"


def evidence(finding, most=5):
    """[(name, text)] of what shows it: how many, examples, rows, the rest."""
    found = dict(finding.evidence)
    lines = []
    n, share = found.pop("n", None), found.pop("share", None)
    if n is not None and share is not None:
        lines.append(("how many", f"{number(n)} ({percent(share)})"))
    elif n is not None or share is not None:
        lines.append(("how many", number(n) if share is None else percent(share)))
    examples, rows = found.pop("examples", ()), found.pop("rows", ())
    if examples:
        lines.append(("such as", listed(examples, most, repr_of)))
    if rows:
        shown = ", ".join(number(row + 1) for row in rows[:most])
        lines.append(("rows", shown + ", ..." * ((n or 0) > most or len(rows) > most)))
    return lines + [(LABELS.get(k, title(k)), value(v, most)) for k, v in found.items()]


def value(v, most=5):
    """Evidence of any of JSON's types as a short text."""
    if isinstance(v, dict):
        return listed(v.items(), most, lambda kv: f"{kv[0]}: {value(kv[1])}")
    if isinstance(v, (list, tuple)):
        return listed(v, most, value)
    return number(v)


def repr_of(text):
    """An example in quotes, of one sort, whoever put it into others before."""
    if not isinstance(text, str):
        return value(text)
    if text[:1] not in ("'", '"'):
        return f"“{text}”"
    inner = text[1:-1]
    return text if text[0] in inner or text[0] != text[-1] else f"“{inner}”"


def alike(findings):
    """Lists of findings that say the same of several columns, in the order of their
    first."""
    groups = {}
    for finding in findings:
        key = (finding.kind, finding.severity, finding.why, finding.repair)
        groups.setdefault(key if finding.columns else id(finding), []).append(finding)
    return list(groups.values())


def together(findings):
    """[(name, text)] for findings that are alike: of each column what shows it."""
    if len(findings) == 1:
        return evidence(findings[0])
    lines = []
    for finding in findings[:MOST_ALIKE]:
        shown = dict(evidence(finding, 3))
        parts = [shown.pop("how many", "")]
        parts += [f"such as {shown['such as']}"] if "such as" in shown else []
        lines.append((columns(finding), ", ".join(filter(None, parts)) or "so too"))
    more = len(findings) - MOST_ALIKE
    return lines + ([("and", f"{more:,} more")] if more > 0 else [])


def columns_of(findings):
    """The names of the columns of findings that are alike."""
    if len(findings) == 1:
        return columns(findings[0])
    return count(len(findings), "column")


def listed(values, most, form):
    values = list(values)
    shown = ", ".join(form(v) for v in values[:most])
    return shown + (f" and {len(values) - most:,} more" if len(values) > most else "")


def percent(share):
    if 0 < share < 0.001:
        return "less than 0.1 %"
    return f"{100 * share:.1f} %" if share < 0.1 else f"{100 * share:.0f} %"


def ceiling(report):
    """[(what, text)]: what can be learned at best, or nothing."""
    found, lines = report.ceiling or {}, []
    measure = found.get("measure", "score")
    if found.get("floor"):
        best = number(1 - found["floor"])
        lines.append(("at most", f"{measure} {best}: some rows contradict each other"))
    if found.get("baseline") is not None:
        always = "always the mean" if measure == "R2" else "always the commonest class"
        lines.append((always, f"{measure} {number(found['baseline'])}"))
    if found.get("band"):
        low, high = found["band"]
        lines.append(
            ("three simple models", f"{measure} {number(low)} to {number(high)}")
        )
    return lines


def size(report):
    """ "344 rows, 17 columns, target “species” (classes)" """
    table = report.table
    parts = [count(table.n_rows, "row"), count(len(table.names), "column")]
    if table.n_source_rows and table.n_source_rows > table.n_rows:
        parts[0] += f" (a sample of {table.n_source_rows:,})"
    if report.target is not None:
        task = f" ({report.task})" if report.task else ""
        parts.append(f"target “{report.target}”{task}")
    return ", ".join(parts)


def cost(*findings):
    """ "5 rows, 1 column", or "" where the repairs take nothing away."""
    taken = [
        (sum(f.costs.get(f"{one}s", 0) for f in findings), one)
        for one in ("row", "column")
    ]
    return ", ".join(count(n, one) for n, one in taken if n)
