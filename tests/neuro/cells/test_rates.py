"""The gates of Hodgkin and Huxley as functions of V."""

import numpy as np
import pytest

from fastnn.neuro.cells import rates


def test_by_hand():
    # at V = -65: a_n = 0.1 / (e - 1), b_n = 0.125; a_h = 0.07, b_h = 1 / (1 + e^3)
    a_n, b_n = rates.rates(-65.0)["n"]
    assert (a_n, b_n) == pytest.approx((0.1 / (np.e - 1), 0.125))
    a_h, b_h = rates.rates(-65.0)["h"]
    assert (a_h, b_h) == pytest.approx((0.07, 1 / (1 + np.exp(3))))
    a_m, b_m = rates.rates(-65.0)["m"]
    assert (a_m, b_m) == pytest.approx((2.5 / (np.exp(2.5) - 1), 4.0))


def test_steady_states_at_rest():
    states = rates.steady_states(-65.0)
    assert states == pytest.approx((0.0529, 0.596, 0.318), rel=0.01)


def test_time_constants_and_temperature():
    tau = np.array(rates.time_constants(-65.0))
    assert tau == pytest.approx(
        [1 / sum(pair) for pair in rates.rates(-65.0).values()], rel=1e-12
    )
    faster = np.array(rates.time_constants(-65.0, 18.5))
    np.testing.assert_allclose(tau / faster, 3**1.22)
    assert rates.speed(18.5) == pytest.approx(3.8, rel=0.01)


@pytest.mark.parametrize("V", [-40.0, -55.0, -40.001, -54.9, -90.0, -65.0, 0.0, 50.0])
def test_slopes_are_central_differences(V):
    step = 1e-3
    above, below = rates.rates(V + step), rates.rates(V - step)
    for name, slopes in rates.slopes_of_rates(V).items():
        for slope, up, down in zip(slopes, above[name], below[name], strict=True):
            # third derivatives are below 0.01 here: 1e-6 / 6 of them, and rounding
            assert slope == pytest.approx((up - down) / (2 * step), rel=1e-6, abs=1e-9)
