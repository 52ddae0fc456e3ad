"""The staircase of docs/staircase.md: every step computes the same product."""

import numpy as np
import pytest

staircase = pytest.importorskip("staircase", reason="bench/ is not beside the tests")


@pytest.fixture(scope="module", autouse=True)
def built():
    try:
        return staircase.steps()
    except ImportError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("name", staircase.STEPS)
@pytest.mark.parametrize(
    "size", [(1, 1, 1), (1, 16, 5), (13, 1, 4), (12, 32, 64), (7, 19, 67), (61, 61, 61)]
)
def test_each_step_agrees_with_the_twin(name, size):
    """Bit for bit without fused multiply-add, within the bound for sums with it."""
    assert staircase.difference(name, *size) == 0 or name in staircase.FUSED


@pytest.mark.parametrize("name", ["blocked", "register_tile", "vectors", "packed"])
def test_each_step_agrees_over_more_than_a_block(name):
    a, b, out = staircase.operands(103, 1033, 261)
    expected = a @ b
    staircase.call(name)(a, b, out)
    bound = 261 * np.finfo(float).eps * (np.abs(a) @ np.abs(b))
    assert np.all(np.abs(out - expected) <= bound)


@pytest.mark.parametrize("n_threads", [1, 2, 3, 50])
def test_threads_give_the_bits_of_one(n_threads):
    a, b, expected = staircase.operands(61, 33, 47)
    out = np.full_like(expected, np.nan)
    staircase.call("packed")(a, b, expected)
    staircase.call("threads")(a, b, out, n_threads)
    assert np.array_equal(out, expected)


def test_a_wrong_step_is_refused(monkeypatch):
    def wrong(a, b, out):
        out[:] = a @ b
        out[-1, -1] += 1e-9

    monkeypatch.setattr(staircase, "call", lambda name: wrong)
    with pytest.raises(AssertionError, match="naive: wrong"):
        staircase.difference("naive")


def test_the_steps_of_the_page_are_those_of_the_file():
    page = staircase.HERE.parent / "docs" / "staircase.md"
    if not page.exists():
        pytest.skip("docs/ is not beside the tests")
    text = page.read_text(encoding="utf-8")
    for number, name in enumerate(staircase.STEPS, start=1):
        assert f"## {number}. `{name}`" in text
        assert f"# --- {number}. " in staircase.SOURCE.read_text(encoding="utf-8")


def test_the_peak_counts_its_multiply_adds():
    done = staircase.steps().fma_peak(1000, False)
    assert done % 12_000 == 0 and staircase.steps().fma_peak(1000, True) == 2 * done
