"""Evaluate `inspect` on planted and on clean tables: recall and precision by kind.

python -m data.planted                     330 tables with defects and 110 clean ones
python -m data.planted --details           and each miss and false alarm
python -m data.planted --held-out          other seeds: the table alone
python -m data.planted --kind leak --tables 60 --details
python -m data.planted --seed 17           one table: truth and findings
"""

import argparse
import re
import tempfile
import time
from pathlib import Path

from . import KINDS, planted
from .evaluation import HELD_OUT, evaluate
from .judge import Score, judged


def table_of(score):
    """Lines of Markdown."""

    def cell(value):
        return "-" if value is None else f"{value:.3f}"

    lines = ["| kind | planted | recall | findings | precision |",
             "| --- | ---: | ---: | ---: | ---: |"]  # fmt: skip
    for kind in KINDS:
        n = score.right[kind] + score.wrong[kind]
        lines.append(
            f"| {kind} | {score.planted[kind]} | {cell(score.recall(kind))} | {n} "
            f"| {cell(score.precision(kind))} |"
        )
    return lines


def write(page, lines):
    """Into the block "data-held-out" of a page."""
    text = page.read_text(encoding="utf-8")
    block = re.compile(r"(<!-- bench: data-held-out -->\n).*?(<!-- end -->)", re.DOTALL)
    text = block.sub(lambda m: m[1] + "\n".join(lines) + "\n" + m[2], text)
    page.write_text(text, encoding="utf-8")


def details(score):
    for seed, form, (kind, columns, detail) in score.misses:
        yield f"MISS  seed {seed} ({form}): {kind} {list(columns)} {detail}"
    for seed, form, f, truth in score.alarms:
        kinds = [(kind, list(columns)) for kind, columns, _ in truth]
        source = f"planted({seed})" if truth else f"clean({seed})"
        yield (
            f"ALARM {source} ({form}): {f.severity} {f.kind} {list(f.columns)[:4]} "
            f"{str(f.evidence)[:200]}; planted were {kinds}"
        )
    for seed, make, error in score.failures:
        yield f"ERROR {make}({seed}): {error}"


def one(seed):
    score = Score()
    with tempfile.TemporaryDirectory() as folder:
        table = planted(seed)
        report = judged(score, seed, table, Path(folder))
    print(table.table.head(8).to_string(), "\ntarget:", table.target)
    for truth in table.truth:
        print("planted", *truth)
    for f in report.findings:
        print(f.severity, f.kind, list(f.columns), f.evidence)
    print(report.verdict, report.ceiling, *details(score), sep="\n")


def main():
    parser = argparse.ArgumentParser(description="Evaluate inspect on planted tables.")
    parser.add_argument("--tables", type=int, default=330)
    parser.add_argument("--clean", type=int)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--kind", choices=KINDS)
    parser.add_argument("--seed", type=int, help="look at one table")
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--details", action="store_true")
    parser.add_argument("--write", type=Path, help="a page, into its block of tables")
    given = parser.parse_args()
    if given.seed is not None:
        return one(given.seed)
    started = time.perf_counter()
    first = HELD_OUT if given.held_out else given.first
    n_clean = given.tables // 3 if given.clean is None else given.clean
    score = evaluate(first, given.tables, n_clean, given.kind, strict=False)
    lines = table_of(score)
    print(*lines, sep="\n")
    if given.write:
        write(given.write, lines)
    print()
    for (what, verdict), n in sorted(score.verdicts.items()):
        print(f"tables with {what}: {n} {verdict}")
    print(f"{len(score.failures)} errors; {time.perf_counter() - started:.0f} s, "
          f"{score.seconds:.0f} s of them inspect")  # fmt: skip
    if given.details and not given.held_out:
        print(*details(score), sep="\n")


if __name__ == "__main__":
    main()
