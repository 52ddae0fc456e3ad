"""The tails and tests that the detectors share."""

import math

import numpy as np
import pytest

from fastnn.data.detect import statistics


@pytest.mark.parametrize(
    ("x", "dof", "tail"),
    [(3.841458820694124, 1, 0.05), (18.30703805327515, 10, 0.05), (0.5, 4, 0.97350098)],
)
def test_chi_square_tail_of_printed_tables(x, dof, tail):
    assert statistics.chi_square_tail(x, dof) == pytest.approx(tail, rel=1e-7)


def test_chi_square_of_two_degrees_is_an_exponential():
    for x in (0.01, 1.0, 7.0, 60.0, 500.0):
        assert statistics.chi_square_tail(x, 2) == pytest.approx(
            math.exp(-x / 2), rel=1e-12
        )


def test_f_tail_of_printed_tables_and_of_its_mirror():
    assert statistics.f_tail(3.3258345, 5, 10) == pytest.approx(0.05, rel=1e-6)
    assert statistics.f_tail(0.7, 8, 3) + statistics.f_tail(1 / 0.7, 3, 8) == (
        pytest.approx(1.0, abs=1e-12)
    )


def test_hypergeometric_tail_by_hand():
    # 2 or 3 of the 3 drawn are among 4 marked of 10: (6 * 6 + 4) / 120.
    assert statistics.hypergeometric_tail(2, 3, 4, 10) == pytest.approx(40 / 120)
    assert statistics.hypergeometric_tail(0, 3, 4, 10) == pytest.approx(1.0)
    assert statistics.hypergeometric_tail(9, 20, 9, 20) == pytest.approx(1.0)
    tail = statistics.hypergeometric_tail(16, 16, 100, 800)
    assert tail == pytest.approx(math.comb(100, 16) / math.comb(800, 16), rel=1e-9)


def test_chi_square_test_by_hand():
    # Expected 15 everywhere, each 5 away: X2 = 4 * 25 / 15.
    x2, p, v = statistics.chi_square_test([[20, 10], [10, 20]])
    assert x2 == pytest.approx(20 / 3)
    assert p == pytest.approx(0.009823, rel=1e-3)
    assert v == pytest.approx(1 / 3)
    assert statistics.chi_square_test([[5, 0], [7, 0]]) == (0.0, 1.0, 0.0)


def test_ranks_share_the_mean_among_ties():
    rank, ties = statistics.ranks(np.array([3.0, 1.0, 3.0, 2.0]))
    assert rank.tolist() == [3.5, 1.0, 3.5, 2.0]
    assert ties == 6.0


def test_rank_sum_of_parted_groups_and_of_equal_ones():
    values = np.arange(20.0)
    z, p, area = statistics.rank_sum_test(values, values >= 10)
    assert area == 1.0 and p < 1e-3 and z > 0
    _, p, area = statistics.rank_sum_test(values, values % 4 < 2)
    assert abs(area - 0.5) < 0.15 and p > 0.3


def test_rank_test_is_the_squared_rank_sum_test_for_two_groups():
    rng = np.random.default_rng(0)
    values = np.round(rng.normal(size=60), 1)
    group = rng.random(60) < 0.4
    z, p, _ = statistics.rank_sum_test(values, group)
    h, p2, share = statistics.rank_test(values, group.astype(int))
    assert h == pytest.approx(z * z) and p == pytest.approx(p2)
    assert 0 < share < 1


def test_p_values_are_uniform_where_nothing_differs():
    rng = np.random.default_rng(1)
    p = [
        statistics.rank_test(rng.normal(size=90), rng.integers(0, 3, 90))[1]
        for _ in range(400)
    ]
    # A share of 400 has a standard error of at most 0.025.
    assert abs(np.mean(np.array(p) < 0.5) - 0.5) < 0.1
