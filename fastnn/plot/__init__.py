"""Pictures, with matplotlib: `pip install "fastnn[plot]"`.

    training    how a network learned: history, confusion
    style       the look that all pictures share

matplotlib is imported when a picture is drawn, not before, and its settings are left
as they are. Every function returns the figure; `figure.savefig("name.png")` keeps it.
"""

from .training import confusion, history

__all__ = ["confusion", "history"]
