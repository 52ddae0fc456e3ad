"""What a reader has opened, solved and answered, kept between visits in one small file.

The file: book.json in $XDG_DATA_HOME/fastnn, or ~/.local/share/fastnn. It holds
{"opened": [0, 4], "solved": ["4.1"], "quiz": {"4": 9}}. One that cannot be read or
written stops nobody from reading on: the book works without.
"""

import json
import os
from pathlib import Path

from ..output import replacing


def place():
    """The path of the file, which need not exist."""
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(home) / "fastnn" / "book.json"


def load():
    """{"opened": set of chapters, "solved": set of exercises, "quiz": {chapter: n}}."""
    try:
        kept = json.loads(place().read_text(encoding="utf-8"))
        return {
            "opened": {int(number) for number in kept["opened"]},
            "solved": {str(number) for number in kept["solved"]},
            "quiz": {int(number): int(n) for number, n in kept["quiz"].items()},
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {"opened": set(), "solved": set(), "quiz": {}}


def _save(kept):
    path = place()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(str(path)) as file:
            text = {**kept, "opened": sorted(kept["opened"])}
            text["solved"] = sorted(kept["solved"])
            file.write(json.dumps(text, indent=1).encode())
    except OSError:
        return


def opened(number):
    """A chapter was opened."""
    kept = load()
    if number not in kept["opened"]:
        kept["opened"].add(number)
        _save(kept)


def solved(number):
    """An exercise, "4.2", was solved."""
    kept = load()
    if number not in kept["solved"]:
        kept["solved"].add(number)
        _save(kept)


def answered(number, right):
    """A chapter's quiz was answered with `right` right answers; the best one counts."""
    kept = load()
    if right > kept["quiz"].get(number, -1):
        kept["quiz"][number] = right
        _save(kept)
