"""Recall and precision of every kind, on seeds that nobody looked at in detail.

The figures of all kinds: python -m data.planted --held-out, in tests/.
"""

import pytest

pytest.importorskip("pandas")

from data.planted import KINDS
from data.planted.evaluation import HELD_OUT, evaluate

N_TABLES = 10 * len(KINDS)  # every kind ten times first, and beside others


@pytest.fixture(scope="module")
def score():
    return evaluate(HELD_OUT, N_TABLES, N_TABLES // 10)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_recall_and_precision(score, kind):
    """Precision is asked of what is told as more than a note."""
    assert score.planted[kind] >= 10
    assert score.recall(kind) >= 0.95
    assert score.precision(kind) is None or score.precision(kind) >= 0.9


@pytest.mark.slow
def test_clean_tables_are_ready_and_no_signal_is_never(score):
    clean = {v: n for (what, v), n in score.verdicts.items() if what == "clean"}
    assert clean.get("ready", 0) >= 0.95 * sum(clean.values())
    none = {v: n for (what, v), n in score.verdicts.items() if what == "no_signal"}
    assert none.get("never", 0) >= 0.95 * sum(none.values())


@pytest.mark.slow
def test_some_planted_tables_are_judged():
    """A few of the seeds for development: each kind once is found, most of them."""
    few = evaluate(0, len(KINDS), 4)
    assert sum(few.found.values()) >= 0.9 * sum(few.planted.values())
