"""Activation functions fitted to f-I curves: exact ones are found, others measured."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastnn import neuro

I = np.linspace(0.0, 0.5, 101)  # noqa: E741  (nA)


def test_by_hand():
    fit = neuro.fit_activation([0, 1, 2, 3, 4], [0, 0, 0, 10, 20], kind="relu")
    assert (fit.gain, fit.threshold, fit.rms, fit.r2) == (10, 2, 0, 1)
    # a point moved up by 3 at the far end: the line through 4 points by hand
    fit = neuro.fit_activation([0, 1, 2, 3], [0, 0, 0, 6], kind="relu")
    assert fit.rms == pytest.approx(0, abs=1e-12) and 2 <= fit.threshold < 3


@settings(max_examples=30, deadline=None)
@given(
    gain=st.floats(1, 1000),
    threshold=st.floats(0.1, 0.35),
    width=st.floats(0.01, 0.1),
)
def test_curves_of_the_kind_itself_are_found(gain, threshold, width):
    z = (I - threshold) / width
    curves = {
        "relu": gain * np.maximum(I - threshold, 0),
        "softplus": gain * width * np.logaddexp(0, z),
        "sigmoid": 4 * gain * width / (1 + np.exp(-z)),
    }
    for kind, rates in curves.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            fit = neuro.fit_activation(I, rates, kind=kind)
        assert fit.largest <= 1e-6 * rates.max()
        assert fit.gain == pytest.approx(gain, rel=1e-4)
        assert fit.threshold == pytest.approx(threshold, abs=1e-4)
        if kind != "relu":
            assert fit.width == pytest.approx(width, rel=1e-4)


def test_fits_are_minima():
    rates = neuro.siegert(-65 + 100 * I, 3)
    for kind in ("relu", "softplus"):
        fit = neuro.fit_activation(I, rates, kind=kind)
        best = np.sum(fit.residuals**2)
        for name in ("gain", "threshold", "width"):
            for factor in (0.999, 1.001):
                moved = neuro.fit_activation(I, rates, kind=kind)
                setattr(moved, name, getattr(fit, name) * factor)
                assert np.sum((rates - moved(I)) ** 2) >= best * (1 - 1e-9)


def test_scipy_finds_no_better_one():
    optimize = pytest.importorskip("scipy.optimize")
    rates = neuro.siegert(-65 + 100 * I, 8)
    fit = neuro.fit_activation(I, rates, kind="softplus")

    def model(x, gain, threshold, width):
        return gain * width * np.logaddexp(0, (x - threshold) / width)

    theirs, _ = optimize.curve_fit(model, I, rates, p0=[250, 0.1, 0.05])
    assert fit.rms <= np.sqrt(np.mean((rates - model(I, *theirs)) ** 2)) * (1 + 1e-9)


def test_without_noise_the_corner_is_sharp_and_the_curve_concave():
    rates = neuro.noiseless_rate(-65 + 100 * I)
    relu = neuro.fit_activation(I, rates, kind="relu")
    soft = neuro.fit_activation(I, rates, kind="softplus")
    assert soft.width < 0.01 * np.ptp(I)  # no softness to be found
    assert relu.rms == pytest.approx(soft.rms, rel=0.01)
    above = rates[rates > 0]
    assert np.all(np.diff(above, 2) < 0)
    # and noise makes it more like either of them
    noisy = neuro.fit_activation(I, neuro.siegert(-65 + 100 * I, 8), kind="softplus")
    assert noisy.rms < relu.rms / 3 and noisy.width > 0.015


def test_a_sigmoid_needs_a_maximum_in_view():
    rising = neuro.siegert(-65 + 100 * I, 5)
    with pytest.warns(RuntimeWarning, match="no maximum is in view.*softplus"):
        fit = neuro.fit_activation(I, rising, kind="sigmoid")
    assert fit.maximum < 0.25 * 500  # 1 / t_ref is 500 Hz: the fit cannot know
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mu = np.linspace(-60, -30, 81)
        fit = neuro.fit_activation(mu, neuro.escape_rate(mu), kind="sigmoid")
        assert fit.maximum == pytest.approx(500, rel=1e-9)
        assert fit.width == pytest.approx(2, rel=1e-9)
        strong = np.linspace(0, 20, 201)  # nA: t_ref = 20 ms comes into view
        fit = neuro.fit_activation(
            strong, neuro.noiseless_rate(-65 + 100 * strong, t_ref=20.0), "sigmoid"
        )
        assert fit.maximum == pytest.approx(50, rel=0.03)


@pytest.mark.filterwarnings("ignore:fit_activation")
@pytest.mark.parametrize("kind", ["relu", "softplus", "sigmoid"])
def test_the_artificial_neuron_is_the_fit(kind):
    fit = neuro.fit_activation(I, neuro.siegert(-65 + 100 * I, 5), kind=kind)
    net = fit.network()
    np.testing.assert_allclose(net(I[:, None])[:, 0], fit(I), rtol=1e-9, atol=1e-9)
    assert fit.kind in repr(net) and kind in repr(fit) and "Hz" in repr(fit)
    np.testing.assert_allclose(fit.residuals, fit.rates - fit(fit.currents))


@pytest.mark.filterwarnings("error", "ignore:fit_activation")
@given(
    rates=st.lists(st.floats(0, 500), min_size=4, max_size=20).filter(np.ptp),
    kind=st.sampled_from(["relu", "softplus", "sigmoid"]),
)
@settings(max_examples=60, deadline=None)
def test_any_curve_has_a_best_fit_no_worse_than_its_mean(rates, kind):
    x = np.arange(len(rates)) * 0.1
    fit = neuro.fit_activation(x, rates, kind=kind)
    assert np.isfinite(fit(np.linspace(-1, 3, 9))).all()
    assert fit.rms <= np.sqrt(np.mean(np.square(rates)))  # as good as 0 throughout


def test_units_and_order_do_not_matter():
    rates = neuro.siegert(-65 + 100 * I, 8)
    fit = neuro.fit_activation(I, rates)
    pico = neuro.fit_activation(1000 * I[::-1], rates[::-1])
    assert pico.threshold == pytest.approx(1000 * fit.threshold, rel=1e-6)
    assert pico.rms == pytest.approx(fit.rms, rel=1e-9)


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: neuro.fit_activation(I, I, "tanh"), "kind is 'tanh'; it can be one"),
        (lambda: neuro.fit_activation(I, I[1:]), "they must be equal"),
        (lambda: neuro.fit_activation([1, 2, 3], [1, 2, 3]), "at least 4"),
        (lambda: neuro.fit_activation(I, -I), "a rate is at least 0 Hz"),
        (lambda: neuro.fit_activation(I, 0 * I), "rates are 0 Hz at every current"),
        (lambda: neuro.fit_activation(I, I + np.nan), "rates has NaN"),
    ],
)
def test_bad_input_is_explained(call, words):
    with pytest.raises(ValueError, match=words):
        call()
