"""Knowing your data: is this table ready for a network, can it be made so, or never?

    report = inspect("table.csv", target="y")     report.verdict, report.findings
    prepared = prepare("table.csv", target="y")   arrays, and the recipe that made them

prepare.py      prepare: split, repairs, fitting.py; recipe.py, target.py, splits.py
inspection.py   inspect: the detectors in their order; report.py, finding.py, verdict.py
detect/         what is looked for           reading/   any table in
steps/          what mends it                show/      text and pages
splitting.py    split: rows for training and rows for testing
"""

from .finding import Finding
from .inspection import inspect
from .prepare import Prepared, prepare
from .recipe import Recipe
from .report import Report
from .splitting import split

__all__ = ["Finding", "Prepared", "Recipe", "Report", "inspect", "prepare", "split"]
