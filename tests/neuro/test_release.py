"""Release that depresses and facilitates: closed forms, both conventions, chance."""

import json

import numpy as np
import pytest

import fastnn as fn
from fastnn import neuro

Synapse = neuro.TsodyksMarkram
DEPRESSING = Synapse()
FACILITATING = Synapse(U=0.15, tau_d=50, tau_f=750)
BOTH = pytest.mark.parametrize("synapse", [DEPRESSING, FACILITATING])


def other_convention(times, U, tau_d, tau_f):
    """u rests at U, and the release comes before the steps of u and x."""
    u, x, last, releases = U, 1.0, times[0], []
    for t in times:
        u = U + (u - U) * np.exp(-(t - last) / tau_f)
        x = 1 + (x - 1) * np.exp(-(t - last) / tau_d)
        releases.append(u * x)
        x -= u * x
        u += U * (1 - u)
        last = t
    return np.array(releases)


def test_two_spikes_by_hand(each_path):
    synapse = Synapse(U=0.5, tau_d=10, tau_f=5)
    u, x, r = synapse.variables([3.0, 3.0 + 10 * np.log(2)])
    np.testing.assert_allclose(u, [0.5, 0.125 + 0.5 * 0.875])
    np.testing.assert_allclose(x, [1.0, 0.75])
    np.testing.assert_allclose(r, u * x)


@BOTH
def test_a_regular_train_reaches_the_closed_form(synapse):
    for rate in (1.0, 10.0, 40.0, 100.0):
        train = np.arange(1, 2000) * (1000.0 / rate)
        end = [v[-1] for v in synapse.variables(train)]
        np.testing.assert_allclose(end, synapse.steady_state(rate), rtol=1e-9)


def test_the_closed_form_by_hand():
    T = 50.0  # ms, at 20 Hz
    u = 0.45 / (1 - 0.55 * np.exp(-T / 50))
    x = (1 - np.exp(-T / 750)) / (1 - (1 - u) * np.exp(-T / 750))
    np.testing.assert_allclose(DEPRESSING.steady_state(20), (u, x, u * x))
    many = DEPRESSING.steady_state([10.0, 20.0])
    assert many.r.shape == (2,) and many.r[1] == pytest.approx(u * x)


@BOTH
def test_both_conventions_release_the_same(synapse, rng):
    """u <- u + U (1 - u) first, from 0; or release first, u from U."""
    times = np.cumsum(rng.exponential(40.0, 300))
    expected = other_convention(times, synapse.U, synapse.tau_d, synapse.tau_f)
    np.testing.assert_allclose(synapse.release(times), expected, rtol=1e-12)


def test_depression_lets_only_changes_through():
    """rate r goes to 1 / tau_d: at high rates the terminal only says that it fires."""
    rates = np.array([20.0, 50.0, 100.0, 1000.0])
    per_ms = rates / 1000 * DEPRESSING.steady_state(rates).r
    assert (np.diff(per_ms) > 0).all() and per_ms.max() < 1 / 750
    # with x in balance, (1 - x) / tau_d = rate r: 1 % at 1 kHz
    assert per_ms[-1] == pytest.approx(1 / 750, rel=0.01)
    # a step from 20 to 60 Hz: the first release after it is far above the steady one
    slow = np.arange(1, 101) * 50.0
    fast = slow[-1] + np.arange(1, 101) * (1000 / 60)
    r = DEPRESSING.release(np.concatenate([slow, fast]))
    assert r[100] > 2 * r[-1]


def test_facilitation_passes_a_band():
    rates = np.arange(1.0, 100.0, 0.5)
    r = FACILITATING.steady_state(rates).r
    best = rates[r.argmax()]
    assert 10 < best < 20
    assert r.max() > 1.5 * r[0] and r.max() > 1.5 * r[-1]


def test_facilitation_and_depression_of_a_short_train():
    train = np.arange(1, 6) * 50.0
    assert (np.diff(FACILITATING.release(train)) > 0).all()
    assert (np.diff(DEPRESSING.release(train)) < 0).all()


# --- Vesicles -------------------------------------------------------------------------


@BOTH
def test_vesicles_release_the_same_on_average(synapse):
    sites, trials = 500, 3000
    chance = Synapse(
        U=synapse.U, tau_d=synapse.tau_d, tau_f=synapse.tau_f,
        n_vesicles=sites,
    )  # fmt: skip
    train = np.array([10.0, 30.0, 60.0, 70.0, 200.0, 1000.0, 1010.0])
    r = chance.release(np.tile(train, (trials, 1)), seed=1)
    assert r.shape == (trials, len(train))
    mean, error = r.mean(axis=0), r.std(axis=0) / np.sqrt(trials)
    expected = synapse.release(train)
    assert (np.abs(mean - expected) < 4.5 * error).all()
    assert (4.5 * error < 0.02 * expected).all()  # so that 2 % more would be seen


@BOTH
def test_each_release_is_binomial(synapse):
    """The sites are alike and independent: N of them, each with the chance u x."""
    sites, trials = 4, 40_000
    constants = {"U": synapse.U, "tau_d": synapse.tau_d, "tau_f": synapse.tau_f}
    chance = Synapse(**constants, n_vesicles=sites)
    train = np.array([5.0, 25.0, 65.0])
    r = chance.release(np.tile(train, (trials, 1)), seed=3) * sites
    choose, k = np.array([1, 4, 6, 4, 1]), np.arange(5)
    for released, p in zip(
        np.rint(r).astype(int).T, synapse.release(train), strict=True
    ):
        counts = np.bincount(released, minlength=sites + 1)
        expected = trials * choose * p**k * (1 - p) ** (sites - k)
        chi2 = ((counts - expected) ** 2 / expected).sum()
        assert chi2 < 23.5  # 4 degrees of freedom: one in 10 000 is above


def test_the_first_release_is_binomial():
    sites, trials, u = 8, 20_000, 0.45
    chance = Synapse(n_vesicles=sites)
    released = chance.release(np.full((trials, 1), 5.0), seed=3).ravel() * sites
    counts = np.bincount(np.rint(released).astype(int), minlength=sites + 1)
    k = np.arange(sites + 1)
    choose = np.array([1, 8, 28, 56, 70, 56, 28, 8, 1])
    expected = trials * choose * u**k * (1 - u) ** (sites - k)
    chi2 = ((counts - expected) ** 2 / expected).sum()
    assert chi2 < 26.1  # 8 degrees of freedom: one seed in 1000 is above


def test_vesicles_are_whole_and_the_seeds():
    synapse = Synapse(n_vesicles=7)
    train = np.arange(1, 30) * 20.0
    u, x, r = synapse.variables(train, seed=5)
    np.testing.assert_allclose(7 * r, np.rint(7 * r), atol=1e-9)
    assert (r <= x).all() and (x <= 1).all()
    np.testing.assert_array_equal(synapse.release(train, seed=5), r)
    generator = np.random.default_rng(5)
    np.testing.assert_array_equal(synapse.release(train, rng=generator), r)
    assert (synapse.release(train, seed=6) != r).any()
    assert (synapse.release(train) != synapse.release(train)).any()
    np.testing.assert_array_equal(u, Synapse().variables(train).u)


# --- Trains and runs ------------------------------------------------------------------


def test_trains_in_all_forms(rng):
    rows = np.cumsum(rng.exponential(20.0, (3, 10)), axis=1)
    matrix = DEPRESSING.release(rows)
    ragged = DEPRESSING.release([rows[0], rows[1, :4], rows[2, :0]])
    assert [len(r) for r in ragged] == [10, 4, 0]
    for i in range(3):
        alone = DEPRESSING.release(rows[i])
        np.testing.assert_array_equal(matrix[i], alone)
        np.testing.assert_array_equal(ragged[i], alone[: len(ragged[i])])
    assert DEPRESSING.release([]).shape == (0,)


@BOTH
def test_a_run_is_what_lies_between_the_spikes(synapse):
    """u' = -u / tau_f, x' = (1 - x) / tau_d, and jumps: integrated in small steps."""
    times = np.array([20.0, 45.0, 52.0, 120.0])
    sim = synapse.run(200.0, dt_ms=0.5, stimulus=times)
    h, u, x, rise, fall = 0.01, 0.0, 1.0, 0.0, 0.0

    def kept(tau):  # of what decays with tau, after h: to second order
        return 1 - h / tau + (h / tau) ** 2 / 2

    found = []
    for k in range(20_000):
        if k % 2000 == 1000:  # between the spikes
            found.append((u, x, fall - rise))
        if np.abs(times - k * h).min() < h / 2:
            u += synapse.U * (1 - u)
            rise, fall, x = rise + u * x, fall + u * x, x - u * x
        u *= kept(synapse.tau_f)
        x = 1 - (1 - x) * kept(synapse.tau_d)
        rise, fall = rise * kept(3), fall * kept(20)
    at = np.arange(20, 400, 40)
    expected = np.array(found)
    s = np.linspace(0, 60, 600_001)
    peak = (np.exp(-s / 20) - np.exp(-s / 3)).max()
    np.testing.assert_allclose(sim["u"][at], expected[:, 0], atol=1e-6)
    np.testing.assert_allclose(sim["x"][at], expected[:, 1], atol=1e-6)
    np.testing.assert_allclose(sim.V[at], expected[:, 2] / peak, atol=1e-5)


def test_one_full_release_has_the_peak_it_is_said_to_have():
    for rise in (3.0, 20.0):
        synapse = Synapse(U=1.0, A_psp=2.5, tau_rise=rise)
        V = synapse.run(300.0, dt_ms=0.01, stimulus=[10.0]).V
        assert V.max() == pytest.approx(2.5, rel=1e-4)
        assert (V[:1000] == 0).all()


def test_rates_and_several_trains():
    sim = DEPRESSING.run(1000.0, stimulus=20.0)
    np.testing.assert_allclose(sim.spike_times, np.arange(1, 21) * 50.0)
    assert sim.V.shape == sim["u"].shape == (10_000,) and len(sim["r"]) == 20
    assert len(DEPRESSING.run(100.0, stimulus=0.0).spike_times) == 0
    two = DEPRESSING.run(100.0, stimulus=[[10.0], [20.0, 40.0]])
    assert two.V.shape == (1000, 2)
    assert [len(times) for times in two.spike_times] == [1, 2]
    np.testing.assert_array_equal(two.V[:, 0], DEPRESSING.run(100.0, stimulus=[10.0]).V)


def test_a_run_holds_what_lies_within_it():
    sim = DEPRESSING.run(100.0, stimulus=[10.0, 100.0, 500.0])
    np.testing.assert_array_equal(sim.spike_times, [10.0, 100.0])
    assert len(sim["r"]) == 2 and sim.rate_hz == 20
    two = DEPRESSING.run(100.0, stimulus=[[10.0, 500.0], [20.0, 40.0]])
    assert [len(r) for r in two["r"]] == [1, 2] and list(two.rate_hz) == [10, 20]
    told = json.loads(json.dumps(two.to_dict()))
    assert told["spike_times"] == [[10.0], [20.0, 40.0]]
    assert told["r"] == [r.tolist() for r in two["r"]]


def test_both_paths_agree():
    train = np.arange(1, 60) * 7.0
    for synapse in (DEPRESSING, FACILITATING, Synapse(n_vesicles=6)):
        results = []
        for path in ("kernels", "reference"):
            with fn.use(path):
                results.append(synapse.variables(train, seed=2))
        np.testing.assert_allclose(*results, rtol=1e-9)


@pytest.mark.parametrize(
    "times, words",
    [
        ([3.0, 2.0], r"goes from 3 to 2 ms; expected rising times"),
        ([2.0, 2.0], r"goes from 2 to 2 ms"),
        ([-1.0, 2.0], r"begins at -1 ms, before 0"),
        ([1.0, np.nan], r"NaN or infinities"),
        ([1.0, [5.0]], r"spike_times\[0\] has 0 dimension"),
        ([[1.0], [5.0, 4.0]], r"spike_times\[1\] goes from 5 to 4 ms"),
        (None, r"spike_times is None"),
    ],
)
def test_bad_trains_are_explained(times, words):
    with pytest.raises((TypeError, ValueError), match=words):
        DEPRESSING.release(times)


def test_bad_numbers_are_explained():
    with pytest.raises(ValueError, match=r"U is 1\.5; expected a number"):
        Synapse(U=1.5)
    with pytest.raises(ValueError, match="tau_d is 0"):
        Synapse(tau_d=0)
    with pytest.raises(ValueError, match="n_vesicles is 0"):
        Synapse(n_vesicles=0)
    with pytest.raises(ValueError, match="rate_hz is 0; expected spikes per second"):
        DEPRESSING.steady_state(0)
    with pytest.raises(TypeError, match="rate_hz has dtype"):
        DEPRESSING.steady_state("fast")
    with pytest.raises(ValueError, match="stimulus is inf"):
        DEPRESSING.run(100.0, stimulus=np.inf)
    with pytest.raises(ValueError, match="stimulus is -5"):
        DEPRESSING.run(100.0, stimulus=-5)
