"""Knowing your data: is this table ready for a network, can it be made so, or never?

    report = inspect("table.csv", target="y")     report.verdict, report.findings
    prepared = prepare("table.csv", target="y")   arrays, and the recipe that made them

    reading/         any table in: a Table (table.py; hashes.py: rows that are equal)
    inspection.py    inspect: the detectors in their order; report.py, finding.py,
                     verdict.py, progress.py
    detect/          what is looked for        show/      a report as text, and a page
    preparing/       prepare, and the Recipe   steps/     what a recipe is made of
    splitting.py     split: rows of arrays for training and for testing

What was fitted on the training rows is kept in the recipe, for all rows to come.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .finding import Finding
    from .inspection import inspect
    from .preparing.preparation import Prepared, prepare
    from .preparing.recipe import Recipe
    from .report import Report
    from .splitting import split

__all__ = ["Finding", "Prepared", "Recipe", "Report", "inspect", "prepare", "split"]

# Imported when first named: who only splits rows does not wait for the detectors.
_FILE_OF = {
    "Finding": "finding", "Prepared": "preparing.preparation",
    "Recipe": "preparing.recipe", "Report": "report", "inspect": "inspection",
    "prepare": "preparing.preparation", "split": "splitting",
}  # fmt: skip


def __getattr__(name):
    if name not in _FILE_OF:
        raise AttributeError(
            f"module 'fastnn.data' has no attribute {name!r}", name=name
        )
    value = getattr(import_module(f"{__name__}.{_FILE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__():
    return sorted(set(globals()) | set(__all__))
