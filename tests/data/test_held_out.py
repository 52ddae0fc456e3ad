"""Recall and precision of every kind, on seeds that nobody looked at in detail.

The figures of all kinds: python -m data.planted --held-out, in tests/.
"""

import pytest

pytest.importorskip("pandas")

from data.planted import KINDS
from data.planted.evaluation import HELD_OUT, evaluate

N_TABLES = 5 * len(KINDS)  # every kind five times first, and beside others


@pytest.fixture(scope="module")
def score():
    return evaluate(HELD_OUT, N_TABLES, N_TABLES // 10)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_recall_and_precision(score, kind):
    """Precision is asked of what is told as more than a note.

    Of fewer than 20 one miss is less than 0.95, and of fewer than 10 one false alarm
    less than 0.9: one alone says nothing.
    """
    planted, missed = score.planted[kind], score.planted[kind] - score.found[kind]
    right, wrong = score.right[kind], score.wrong[kind]
    assert planted >= 5
    assert missed <= max(1, 0.05 * planted)
    assert wrong <= max(1, 0.1 * (right + wrong))


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
