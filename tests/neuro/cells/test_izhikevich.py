"""Izhikevich's neuron, exact and as published."""

import numpy as np
import pytest

import fastnn as fn
from fastnn import neuro

KINDS = {  # a, b, c, d of the paper
    "RS": (0.02, 0.2, -65, 8),
    "IB": (0.02, 0.2, -55, 4),
    "CH": (0.02, 0.2, -50, 2),
    "FS": (0.1, 0.2, -65, 2),
    "LTS": (0.02, 0.25, -65, 2),
}
published = pytest.mark.filterwarnings("ignore:.*published_1ms is not converged")


def test_rest_by_hand():
    # b = 0.2: 0.04 v^2 + 4.8 v + 140 = 0 at v = -70 and v = -50
    of_v, of_u = neuro.Izhikevich().nullclines([-70.0, -50.0])
    np.testing.assert_allclose(of_v, of_u, atol=1e-12)
    sim = neuro.Izhikevich().run(100, start={"V": -70.0, "u": -14.0})
    np.testing.assert_allclose(sim.V, -70, atol=1e-9)


def test_without_u_the_spike_is_in_closed_form():
    # a -> 0, u = 0: v' = 0.04 (v + 62.5)^2 + k, k = I - 16.25: an arctangent
    cell = neuro.Izhikevich(a=1e-12, b=0.0, c=-70.0, d=0.0)
    sim = cell.run(50, 0.05, 20.0, start={"V": -70.0, "u": 0.0})
    k = 20.0 - 16.25
    root = np.sqrt(0.04 * k)

    def when(v):
        return np.arctan(0.04 * (v + 62.5) / root) / root

    np.testing.assert_allclose(
        np.diff(sim.spike_times), when(30) - when(-70), rtol=1e-5
    )
    assert sim.spike_times[0] == pytest.approx(when(30) - when(-70), rel=1e-5)


def by_scipy(a, b, c, d, T_ms=500.0):
    """Spike times under I = 10 by a scheme of eighth order, tolerance 1e-10."""
    integrate = pytest.importorskip("scipy.integrate")

    def slopes(_, y):
        v, u = y
        return 0.04 * v * v + 5 * v + 140 - u + 10, a * (b * v - u)

    def peak(_, y):
        return y[0] - 30

    peak.terminal = True
    t, y, times = 0.0, [-65.0, b * -65.0], []
    while True:
        part = integrate.solve_ivp(
            slopes, (t, T_ms), y, "DOP853", events=peak, rtol=1e-10, atol=1e-10
        )
        if part.status == 0:
            return np.array(times)
        t, y = part.t[-1], [c, part.y[1, -1] + d]
        times.append(t)


@pytest.mark.parametrize("kind", KINDS)
def test_it_converges_to_another_solution(kind):
    exact = by_scipy(*KINDS[kind])
    errors = []
    for dt in (0.1, 0.05, 0.025):
        times = neuro.Izhikevich.kind(kind).run(500, dt, 10.0).spike_times
        assert len(times) == len(exact)
        errors.append(np.abs(times - exact).max())
    assert errors[0] < 1e-3 and errors[0] / errors[2] > 16  # second order or better


@published
@pytest.mark.parametrize("kind", KINDS)
def test_the_published_script_misses_spikes(kind):
    cell = neuro.Izhikevich.kind(kind)
    exact = len(cell.run(500, stimulus=10.0).spike_times)
    script = len(cell.run(500, stimulus=10.0, method="published_1ms").spike_times)
    if kind in ("RS", "IB"):
        assert 1.2 <= exact / script <= 1.3
    else:
        assert round(exact / script) == 2


@published
def test_the_published_script_by_hand():
    sim = neuro.Izhikevich().run(4, stimulus=10.0, method="published_1ms")
    v, u = -65.0, -13.0
    for k in range(4):
        assert (sim.V[k], sim["u"][k]) == pytest.approx((min(v, 30), u))
        if v >= 30:
            v, u = -65.0, u + 8
        v += 0.5 * (0.04 * v * v + 5 * v + 140 - u + 10)
        v += 0.5 * (0.04 * v * v + 5 * v + 140 - u + 10)
        u += 0.02 * (0.2 * v - u)


def test_kinds_differ_as_their_names_say():
    gaps = {
        kind: np.diff(neuro.Izhikevich.kind(kind).run(500, stimulus=10.0).spike_times)
        for kind in KINDS
    }
    assert gaps["RS"][-1] > gaps["RS"][0]  # adapts
    assert gaps["FS"].mean() < gaps["RS"].mean() / 3
    chattering = gaps["CH"] < 10
    assert 0.5 < chattering.mean() < 0.95  # bursts, again and again
    assert (~chattering).sum() >= 5
    bursts_first = gaps["IB"][0] < 0.6 * gaps["IB"][3:].max()
    assert bursts_first


def test_it_warns_that_the_script_is_not_converged():
    with pytest.warns(RuntimeWarning, match="published_1ms is not converged"):
        neuro.Izhikevich().run(10, method="published_1ms")


@published
@pytest.mark.parametrize("method", ["exact", "published_1ms"])
def test_kernel_and_twin_give_the_same_run(method):
    cell = neuro.Izhikevich.kind("CH")
    fast = cell.run(60, stimulus=10.0, method=method)
    with fn.use("reference"):
        plain = cell.run(60, stimulus=10.0, method=method)
    assert len(fast.spike_times) > 1
    for name in ("V", "u"):
        np.testing.assert_allclose(fast[name], plain[name], atol=1e-9)
    np.testing.assert_allclose(fast.spike_times, plain.spike_times, atol=1e-9)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: neuro.Izhikevich.kind("TC"), "'LTS'"),
        (lambda: neuro.Izhikevich(c=40), "V_peak is 30"),
        (lambda: neuro.Izhikevich().run(10, dt_ms=0.5), "stable"),
        (lambda: neuro.Izhikevich().run(10, 0.5, method="published_1ms"), "1 ms"),
        (lambda: neuro.Izhikevich().run(10, method="euler"), "published_1ms"),
    ],
)
def test_what_cannot_be_is_refused_in_words(call, says):
    with pytest.raises(ValueError, match=says):
        call()
