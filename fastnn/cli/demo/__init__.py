"""The demo: networks learn real handwritten digits, and a page shows how.

command.py   the sub-command: what is trained, timed and told
recipes.py   the networks, and how each is trained
report.py    the page: report.css; its curves: charts.py
"""

from . import command

__all__ = ["command"]
