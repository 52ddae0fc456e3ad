"""A Report as text, for terminals and notebooks."""

import shutil
import textwrap

from ...output import printable
from ..finding import SEVERITIES
from . import words


def of_report(report, width=None):
    """Lines of at most `width` characters (the terminal's): the verdict comes first."""
    width = max(40, min(width or shutil.get_terminal_size((80, 24)).columns, 100))
    lines = wrapped(f"{report.table.source}: {words.VERDICTS[report.verdict]}", width)
    lines += wrapped(words.size(report), width)
    for reason in report.reasons:
        lines += wrapped(f"never: {reason}", width)
    lines += wrapped(summary(report), width)
    for what, text in words.ceiling(report):
        lines += wrapped(f"{what}: {text}", width)
    for sentence in report.table.read:
        lines += wrapped(f"read: {sentence}", width)
    for severity in SEVERITIES:
        found = report.of(severity)
        if found:
            _, several, meaning = words.SEVERITIES[severity]
            lines += ["", f"{several.upper()}: {meaning}"]
            for group in words.alike(found):
                lines += of_group(group, width)
    return "\n".join(lines)


def summary(report):
    """ "3 repairs, 1 warning, 2 notes" """
    parts = []
    for severity in SEVERITIES:
        one, several, _ = words.SEVERITIES[severity]
        n = len(report.of(severity))
        parts += [words.count(n, one, several)] if n else []
    return ", ".join(parts) or "nothing to mend, nothing to watch"


def of_group(findings, width):
    """Findings that are alike: what and where, then what shows it, why it matters, and
    what is done."""
    finding, where = findings[0], words.columns_of(findings)
    head = words.title(finding.kind) + (f": {where}" if where else "")
    lines = wrapped(head, width, "- ", "  ")
    if len(findings) == 1:
        shown = "; ".join(f"{n} {text}" for n, text in words.evidence(finding, 3))
        lines += wrapped(shown, width, "  ", "  ")
    else:
        for name, text in words.together(findings):
            lines += wrapped(f"{name}: {text}", width, "  . ", "    ")
    for text in (finding.why, finding.repair and f"→ {finding.repair}"):
        if text:
            lines += wrapped(text, width, "  ", "  ")
    return lines


def wrapped(text, width, first="", rest=""):
    """Lines of one paragraph; what is not printable shows as an escape."""
    return textwrap.wrap(
        printable(text), width, initial_indent=first, subsequent_indent=rest
    )
