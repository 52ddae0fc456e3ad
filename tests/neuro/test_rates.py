"""Firing rates in closed form, beside quadrature and simulated neurons."""

import math

import numpy as np
import pytest

from fastnn import neuro


def test_by_hand():
    # 0.16 nA into 100 MOhm: 16 mV, of which 15 reach the threshold: tau ln(16 / 1) + 2
    rate = neuro.noiseless_rate(-65 + 100 * 0.16)
    assert rate == pytest.approx(1000 / (2 + 20 * math.log(16)), rel=1e-12)
    assert rate == pytest.approx(17.41, abs=0.005)
    assert neuro.noiseless_rate(-50.0) == 0  # rheobase is exclusive
    assert neuro.noiseless_rate(-49.999) > 0


def test_far_above_threshold_it_is_a_straight_line():
    mu = np.array([1e3, 1e4, 1e5])
    line = 1000 * (mu + 57.5) / (20 * 15)
    np.testing.assert_allclose(
        neuro.noiseless_rate(mu, t_ref=0), line, rtol=(15 / 1e3) ** 2
    )


@pytest.mark.parametrize(
    "mu, sigma, hz",
    [(-50, 1, 13.2), (-50, 3, 18.5), (-50, 5, 22.7), (-55, 3, 2.2), (-55, 5, 8.5)],
)
def test_published_values(mu, sigma, hz):
    assert abs(neuro.siegert(mu, sigma) - hz) <= 0.05  # all digits that were published


def test_a_quiet_neuron_far_below_threshold():
    assert neuro.siegert(-55, 1) == pytest.approx(0.0, abs=0.05)
    assert 0 < neuro.siegert(-55, 1) < 1e-8
    assert neuro.siegert(-80, 0.02) == 0


MU = [-70.0, -60, -55, -50.01, -50, -45, -30, 0, 200]


@pytest.mark.parametrize("sigma", [0.5, 1, 3, 5, 20, 1e3])
def test_siegert_equals_his_integral(sigma):
    special = pytest.importorskip("scipy.special")
    nodes, weights = np.polynomial.legendre.leggauss(40)
    for mu in MU:
        a, b = (-65.0 - mu) / sigma, (-50.0 - mu) / sigma
        if b > 26:
            continue
        edges = np.linspace(a, b, 200)
        half = np.diff(edges) / 2
        u = (edges[:-1] + half)[:, None] + half[:, None] * nodes
        # exp(u^2) (1 + erf u) is erfcx(-u)
        area = float(half @ (special.erfcx(-u) @ weights))
        expected = 1000 / (2 + 20 * math.sqrt(math.pi) * area)
        assert neuro.siegert(mu, sigma) == pytest.approx(expected, rel=1e-10)


def test_without_noise_it_is_the_closed_form():
    mu = np.array([-60.0, -50.5, -49, -45, -20, 300])
    exact = neuro.noiseless_rate(mu)
    assert np.array_equal(neuro.siegert(mu, 0.0), exact)
    for sigma, rtol in ((1e-6, 1e-8), (1e-310, 0.0)):
        rate = neuro.siegert(mu[:, None], [sigma, 1.0])[:, 0]
        np.testing.assert_allclose(rate, exact, rtol=rtol)
    # the noise acts by sigma^2
    error = [neuro.siegert(-45, s) - neuro.noiseless_rate(-45) for s in (0.02, 0.04)]
    assert error[1] / error[0] == pytest.approx(4, rel=1e-3)


def simulated(mu, sigma, n=3000, T_ms=600.0, dt=0.1, seed=0):
    """Rate of n neurons, each step exact; a bridge between its ends may cross V_th."""
    rng = np.random.default_rng(seed)
    keep = math.exp(-dt / 20)
    spread = sigma * math.sqrt((1 - keep**2) / 2)
    V, rest, spikes = np.full(n, -65.0), np.zeros(n), 0
    for k in range(round(T_ms / dt)):
        ahead = mu + (V - mu) * keep + spread * rng.standard_normal(n)
        below, above = np.maximum(-50 - V, 0), np.maximum(-50 - ahead, 0)
        crossed = rng.random(n) < np.exp(-2 * below * above / (sigma**2 * dt / 20))
        fires = crossed & (rest <= 0)
        V = np.where(fires | (rest > 0), -65.0, ahead)
        rest = np.where(fires, 2.0, rest - dt)
        if k * dt >= 200:
            spikes += fires.sum()
    return spikes / n / (T_ms - 200) * 1000


@pytest.mark.parametrize("mu, sigma", [(-50.0, 5.0), (-55.0, 5.0)])
def test_siegert_is_what_a_noisy_neuron_does(mu, sigma):
    # n spikes of a process no more irregular than Poisson's: 4 sigma = 4 / sqrt(n),
    # 10,000 to 27,000 spikes; a spike is dated at the end of its step: dt / 2 in 45 ms
    assert simulated(mu, sigma) == pytest.approx(neuro.siegert(mu, sigma), rel=0.04)


def test_escape_by_hand():
    # at V_th a spike is waited for 2 ms, after 2 ms of refractoriness: 250 of 500 Hz
    assert neuro.escape_rate(-50.0, tau_0=2.0, t_ref=2.0) == 250


def test_escape_is_the_logistic_function():
    mu = np.linspace(-80, -20, 61)
    theta = -50 + 2 * math.log(20 / 2)
    expected = 500 / (1 + np.exp(-(mu - theta) / 2))
    np.testing.assert_allclose(neuro.escape_rate(mu), expected, rtol=1e-12)
    share = neuro.escape_rate(mu) * 2 / 1000  # of the time it is refractory
    log_odds = np.log(share / (1 - share))
    np.testing.assert_allclose(log_odds, (mu - theta) / 2, atol=1e-9)
    # no refractory period, no maximum: an exponential
    np.testing.assert_allclose(
        neuro.escape_rate(mu, t_ref=0), 50 * np.exp((mu + 50) / 2), rtol=1e-12
    )


def test_escape_as_a_random_process():
    rng = np.random.default_rng(1)
    for mu in (-52.0, -46.0):
        hazard = math.exp((mu + 50) / 2) / 20
        intervals = 2.0 + rng.exponential(1 / hazard, 100_000)
        # 100,000 intervals, their deviation at most their mean: 4 / sqrt(n) = 0.013
        assert 1000 / intervals.mean() == pytest.approx(
            neuro.escape_rate(mu), rel=0.013
        )


def test_escape_with_a_slow_membrane():
    mu = np.array([-60.0, -50, -46, -40, -20])
    at_once = neuro.escape_rate(mu)
    late = [np.abs(neuro.escape_rate(mu, tau_m=t) - at_once) for t in (0.1, 0.2)]
    assert (late[0] < 0.2 * at_once).all()
    np.testing.assert_allclose(late[1], 2 * late[0], rtol=0.3)  # goes to 0 with tau_m
    # V crosses V_th at the speed v = (mu - V_th) / tau_m; spikes come as late as the
    # first of many chances: Gumbel's law, mean V_th + delta_u (ln(tau_0 v / delta_u) -
    # Euler's constant), at which an integrate-and-fire neuron has the same rate
    for m in (-46.0, -40.0):
        late = 0.02 * (math.log(20 * (m + 50) / 20 / 0.02) - np.euler_gamma)
        sharp = neuro.escape_rate(m, delta_u=0.02, tau_m=20.0)
        expected = neuro.noiseless_rate(m, V_th=-50 + late)
        assert sharp == pytest.approx(expected, rel=1e-3)
    # step by step: survival of the hazard along V(t), by the trapezoidal rule
    t = np.linspace(0, 3000, 600_001)
    for m, rate in zip(mu, neuro.escape_rate(mu, tau_m=20.0), strict=True):
        hazard = np.exp((m - (m + 65) * np.exp(-t / 20) + 50) / 2) / 20
        total = np.concatenate([[0], np.cumsum((hazard[1:] + hazard[:-1]) / 2)])
        survival = np.exp(-total * t[1])
        wait = np.trapezoid(survival, t) + survival[-1] / hazard[-1]
        assert rate == pytest.approx(1000 / (2 + wait), rel=1e-6)


def test_shapes():
    assert isinstance(neuro.siegert(-50, 3), float)
    grid = neuro.siegert(np.linspace(-60, -40, 700)[:, None], [0.0, 1, 2])
    assert grid.shape == (700, 3)
    alone = neuro.siegert(np.linspace(-60, -40, 700)[50], 2)  # as many steps as beside
    assert grid[50, 2] == pytest.approx(alone, rel=1e-14)  # exp may round in SIMD
    assert neuro.siegert([], 1.0).shape == (0,)
    assert np.all(np.diff(grid, axis=0) >= 0)


@pytest.mark.filterwarnings("error")
def test_the_farthest_arguments():
    mu = np.array([-1e300, -1e10, -65, -50, -49, 0, 1e10, 1e300])
    sigma = np.array([0, 5e-324, 1e-300, 1e-100, 1e-8, 1, 1e10, 1e300])
    for t_ref in (0.0, 2.0):
        rate = neuro.siegert(mu[:, None], sigma, t_ref=t_ref)
        assert np.isfinite(rate).all() and np.all(np.diff(rate, axis=0) >= 0)
        np.testing.assert_allclose(
            rate[[0, 1, 2, 4, 5, 6], 4],
            neuro.noiseless_rate(mu[[0, 1, 2, 4, 5, 6]], t_ref=t_ref),
            rtol=1e-9,
        )
    assert neuro.siegert(0, [1.0, 1e300])[1] == pytest.approx(500)


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: neuro.siegert(-50, -1), "sigma is -1 mV; expected at least 0"),
        (lambda: neuro.siegert([1.0, np.nan], 1), "mu has NaN"),
        (lambda: neuro.siegert([1, 2], [1, 2, 3]), "must broadcast"),
        (lambda: neuro.siegert(-50, 1, tau_m=0), "tau_m is 0; expected a number above"),
        (lambda: neuro.siegert(-50, 1, V_reset=-40), "not below V_th"),
        (lambda: neuro.noiseless_rate("x"), "mu has dtype"),
        (lambda: neuro.noiseless_rate(1, t_ref=-2), "in ms: refractory period"),
        (lambda: neuro.noiseless_rate(1, V_th=-5e4), "was another unit meant"),
        (lambda: neuro.escape_rate(1, delta_u=0), "softness of the threshold"),
        (lambda: neuro.escape_rate(1, tau_m=-1), "tau_m is -1"),
        (lambda: neuro.escape_rate(0, delta_u=0.01, tau_m=20), "use noiseless_rate"),
    ],
)
def test_bad_input_is_explained(call, words):
    with pytest.raises((TypeError, ValueError), match=words):
        call()
