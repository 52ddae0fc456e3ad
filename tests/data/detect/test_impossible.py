"""Values that cannot be; and what merely looks like them."""

import numpy as np
import pytest
from data.detect.tables import found

from fastnn.data.detect.cells.impossible import impossible_values

N = 800


def rng():
    return np.random.default_rng(11)


def alarms(values, name="x"):
    return found(impossible_values, {name: values}, target=None)


@pytest.mark.parametrize(
    "values",
    [rng().normal(40, 9, N), rng().gamma(2.0, 5.0, N), rng().poisson(4, N) + 1.0],
    ids=["ages", "sizes", "counts"],
)
def test_signs_that_were_lost(values):
    values = np.abs(values)
    values[:20] *= -1
    (one,) = alarms(values)
    assert (one.severity, one.evidence["n"]) == ("repair", 20)


@pytest.mark.parametrize("part", [0.01, 0.03, 0.1])
@pytest.mark.parametrize(
    "draw",
    [
        lambda rng: rng.poisson(1.5, N),
        lambda rng: rng.poisson(6.0, N),
        lambda rng: rng.geometric(0.15, N) - 1,
        lambda rng: rng.poisson(rng.gamma(1.2, 4.0, N)),
        lambda rng: rng.poisson(5.0, N) * (rng.random(N) < 0.7),
    ],
    ids=["rare", "common", "waiting", "of many kinds", "often none"],
)
def test_signs_that_counts_from_0_on_have_lost(draw, part):
    seen = []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        values = draw(rng).astype(float)
        rows = rng.choice(np.flatnonzero(values), max(5, round(part * N)), False)
        assert not alarms(values)
        values[rows] *= -1
        seen += [f.evidence["n"] == len(rows) for f in alarms(values)]
    assert len(seen) >= 27 and all(seen)


@pytest.mark.parametrize(
    "draw",
    [
        lambda rng: rng.poisson(9.0, N) - rng.poisson(3.0, N),
        lambda rng: np.round(rng.laplace(7.0, 4.0, N)),
        lambda rng: np.round(rng.gumbel(4.0, 4.0, N)),
        lambda rng: np.round(rng.normal(15.0, 10.0, N)),
        lambda rng: np.round(6.0 + 3.0 * rng.standard_t(3, N)),
        lambda rng: rng.normal(2.0, 1.0, N),
    ],
    ids=["differences", "changes", "floods", "whole", "heavy", "measured"],
)
def test_a_foot_below_0_is_no_lost_sign(draw):
    seen = []
    for seed in range(40):
        values = draw(np.random.default_rng(seed))
        assert (values < 0).sum() >= 3
        seen += alarms(values)
    assert len(seen) <= 1


def change():
    return rng().choice([-1, 0, 1], N, p=[0.05, 0.8, 0.15]).astype(float)


def logs():
    """Logarithms of earnings, 0 where nothing was earned."""
    values = rng().normal(1.5, 0.9, N)
    return np.where(rng().random(N) < 0.5, 0.0, values)


def margins():
    """Profits of which some are small losses."""
    return rng().gamma(1.5, 20.0, N) - 3


def of_a_tenth():
    """The logarithm of counts plus a tenth: one value below 0, of all that are 0."""
    return np.log(rng().poisson(4, N) + 0.1)


def of_quarters():
    """The logarithm of months: a week is -1.39, as far below 0 as four are above."""
    months = rng().choice([0.25, 1, 2, 3, 4, 7, 9, 12, 20], N)
    return np.log(months)


def worth():
    """What people own; those who owe, owe little or very much."""
    values = rng().gamma(1.2, 60.0, N)
    owing = rng().lognormal(6.0, 1.0, 40)
    return np.concatenate([values, -owing])


@pytest.mark.parametrize(
    "values", [of_quarters, worth, change, logs, margins, of_a_tenth]
)
def test_what_may_be_negative(values):
    assert (values() < 0).sum() >= 5
    assert not alarms(values())


@pytest.mark.parametrize("limit", [1.0, 100.0])
def test_what_goes_on_beyond_a_limit_has_none(limit):
    """Loans of 80 % of what is bought by them, some of 95 %, a few of 103 %."""
    values = np.round(limit * (1 - rng().gamma(3.0, 0.06, N) + 0.08), 4)
    assert (values > limit).sum() >= 3
    assert not alarms(values)
    shares = limit * rng().beta(4, 1, N)
    shares[:30] = limit * rng().uniform(1.3, 2.5, 30)
    (one,) = alarms(shares)
    assert one.evidence["high"] == limit


def test_ages_of_people_and_of_other_things():
    people = np.round(rng().uniform(1, 95, N))
    people[:9] = 250
    (one,) = alarms(people, "age")
    assert one.evidence["high"] == 120
    months = np.round(rng().gamma(2.0, 22.0, N))
    assert months.max() > 130
    assert not alarms(months, "age")


@pytest.mark.parametrize("limit", [1.0, 100.0])
def test_shares_of_which_few_come_near_to_all(limit):
    """Thin towards the limit, and nothing just beyond it: 10 or more far beyond."""
    seen = 0
    for seed in range(20):
        gen = np.random.default_rng(seed)
        values = limit * gen.beta(1.2, 2.0, 1500)
        assert not alarms(values)
        values[:20] = limit * gen.uniform(1.15, 3, 20)
        seen += len(alarms(values))
    assert seen >= 18


def test_a_tail_that_ends_near_a_limit_has_none_there():
    seen = []
    for seed in range(200):
        gen = np.random.default_rng(seed)
        values = gen.gamma(1.5, 1.0, 600)
        values *= gen.uniform(0.85, 1.05) / values.max()
        values[:12] = gen.uniform(1.3, 3, 12)  # outliers, perhaps
        seen += alarms(values)
    assert len(seen) <= 2


def test_shares_called_percent_above_one():
    values = np.round(rng().beta(1.5, 3.5, N), 3)
    values[:10] = np.linspace(1.1, 2.5, 10)
    (one,) = alarms(values, "percentage")
    assert one.evidence["high"] == 1


@pytest.mark.parametrize("first", ["1602-01-01", "2075-01-01"])
@pytest.mark.parametrize("n", [8, 40, 90])
def test_dates_of_other_centuries(first, n):
    days = np.datetime64("2012-01-01") + rng().integers(0, 3500, N)
    days[:n] = np.datetime64(first) + rng().integers(0, 9000, n)
    (one,) = alarms(days.astype("datetime64[s]"))
    assert one.evidence["n"] == n
