"""Report: what `inspect` found, and the verdict."""

from dataclasses import dataclass, field

from ..ops import checks
from ..output import check_target
from .finding import KINDS, SEVERITIES


@dataclass(frozen=True)
class Report:
    """What is to be known about a table before a network learns from it.

    verdict: "ready" | "repairable" | "never". findings: a tuple of Finding, the worst
    first. reasons: for "never", what is missing, as sentences.
    ceiling: what can be learned at best: {"floor": the error that contradicting rows
        force, "baseline": ..., "band": (low, high) of simple models, "measure": ...};
        None without a target.
    table: the Table as it was read; target: its name, or None.
    """

    verdict: str
    findings: tuple
    table: object
    target: str | None = None
    task: str | None = None
    reasons: tuple = ()
    ceiling: dict | None = None
    seconds: float = 0.0
    mended: object = field(default=None, repr=False)  # the Look after all repairs

    def of(self, severity):
        """The findings of one severity."""
        checks.choice("of", "severity", severity, SEVERITIES)
        return tuple(f for f in self.findings if f.severity == severity)

    def of_kind(self, kind):
        """The findings of one kind."""
        if not isinstance(kind, str) or kind not in KINDS:
            raise ValueError(
                f"of_kind: kind is {checks.describe(kind)}; expected a key of "
                "fastnn.data.finding.KINDS, such as 'leak'"
            )
        return tuple(f for f in self.findings if f.kind == kind)

    @property
    def repairs(self):
        """The steps of all findings, in the order in which they are to be done."""
        return () if self.mended is None else self.mended.steps

    def to_dict(self):
        """All of it in JSON's types."""
        return {
            "verdict": self.verdict,
            "reasons": list(self.reasons),
            "source": self.table.source,
            "rows": self.table.n_rows,
            "columns": self.table.names,
            "target": self.target,
            "task": self.task,
            "ceiling": self.ceiling,
            "read": list(self.table.read),
            "findings": [f.to_dict() for f in self.findings],
        }

    def to_html(self, path):
        """Write one page that needs nothing else; whole, or not at all."""
        from .show import html

        html.write(self, check_target("to_html", path, example="report.html"))

    def __str__(self):
        from .show import text

        return text.of_report(self)


def worst_first(findings):
    """Sorted by severity; within one, in the order in which they were found."""
    return tuple(sorted(findings, key=lambda f: SEVERITIES.index(f.severity)))
