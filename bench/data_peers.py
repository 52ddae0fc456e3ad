"""What fastnn, skrub's TableReport and cleanlab surface of the same planted defects.

    python bench/data_peers.py                       print the table
    python bench/data_peers.py --write               into docs/data.md as well
    python bench/data_peers.py --python ENV/bin/python     where skrub and cleanlab live
    (pip install skrub 'cleanlab[datalab]' polars pyarrow openpyxl)

Each table has one defect (tests/data/planted); all look at the same ones. A peer that
is not installed is shown as "-".
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests")]

from data.planted import KINDS, planted  # noqa: E402
from data.planted.judge import Score, judged  # noqa: E402
from versus import pages  # noqa: E402

PAGE = pages.ROOT / "docs" / "data.md"
PEERS = ("skrub", "cleanlab")
FIRST = 9_000_000  # of the seeds, which served for nothing else


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", type=int, default=3, help="for each kind")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--theirs", help="what versus/data_by_peers.py wrote before")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    seeds = [FIRST + i for i in range(given.tables)]
    theirs = (
        json.loads(Path(given.theirs).read_text(encoding="utf-8"))
        if given.theirs
        else by_peers(seeds, given.python)
    )
    ours = by_fastnn(seeds)
    lines = table(ours, theirs, given.tables)
    print(lines)
    if given.write:
        pages.fill(PAGE, {"data-peers": lines})


def by_fastnn(seeds):
    """{kind: tables in which it is found}."""
    found = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for kind in KINDS:
            score = Score()
            for seed in seeds:
                judged(score, seed, planted(seed, [kind]), Path(folder), form="frame")
            found[kind] = score.found[kind]
    return found


def by_peers(seeds, python):
    """What versus/data_by_peers.py found, run by that interpreter."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "peers.json"
        script = HERE / "versus" / "data_by_peers.py"
        subprocess.run([python, str(script), json.dumps(seeds), str(out)], check=True)
        return json.loads(out.read_text(encoding="utf-8"))


def table(ours, theirs, n):
    """Markdown: a row for each kind; how often of n it is told (or shown)."""
    heads = [f"{p} {theirs[p]['version']}" if p in theirs else p for p in PEERS]

    def cell(peer, kind):
        if peer not in theirs:
            return "-"
        counts = theirs[peer]["kinds"][kind]
        shown = f" ({counts['shown']} shown)" if counts["shown"] else ""
        refused = f" ({counts['refused']} refused)" if counts["refused"] else ""
        return f"{counts['told'] or '·'}{shown}{refused}"

    rows = [[kind, ours[kind], *(cell(p, kind) for p in PEERS)] for kind in KINDS]
    return pages.table([f"told, of {n} tables", "fastnn", *heads], rows)


if __name__ == "__main__":
    main()
