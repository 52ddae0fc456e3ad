"""The training loop, beside its twin."""

import numpy as np
import pytest
from contract import on_kernel, on_twin, speed_ratio
from programs import training

import fastnn as fn
from fastnn.network.layers import ACTIVATIONS

WRITTEN = ("parameters", "gradients", "statistics", "slots", "order", "totals")
READ = (
    "layers", "constants", "x", "y", "labels", "sample_weight", "learning_rates",
    "plan", "scalars",
)  # fmt: skip


def run(path, arguments):
    """The arrays that train_steps writes; what it reads is read-only."""
    arguments = {k: v.copy() if k in WRITTEN else v for k, v in arguments.items()}
    for name in READ:
        if arguments[name] is not None:
            arguments[name].setflags(write=False)
    path("train_steps", *arguments.values())
    return {name: arguments[name] for name in WRITTEN}


@pytest.mark.parametrize("path", [on_kernel, on_twin])
def test_one_step_by_hand(path, dtype):
    """One weight, one bias, two samples: a = x w + b, loss (a - y)^2."""
    net = fn.Network([fn.Dense(1, 1)], dtype=dtype)
    net.flat_parameters[:] = [3, 1]
    arguments = training(net, [[1], [2]], [2.0, 8.0], "mse", fn.SGD(), [0.25], 2)
    arguments["totals"][:] = 100  # they are added to
    result = run(path, arguments)
    # outputs 4 and 7, errors 2 and -1; gradients (2 * 1 - 1 * 2) and (2 - 1)
    np.testing.assert_array_equal(result["gradients"], [0, 1])
    np.testing.assert_array_equal(result["parameters"], [3, 0.75])
    # loss (4 + 1) / 2 times 2, weight 2, no accuracy, 2 samples, ||0|| for the layer
    np.testing.assert_array_equal(result["totals"], [[105, 102, 100, 102, 100]])


@pytest.mark.parametrize("loss, n_out", [("mae", 2), ("mse", 4), ("hinge", 1)])
@pytest.mark.parametrize("rows, batch", [(1, 1), (1, 4), (7, 4), (13, 4), (10, 8)])
def test_dyadic_numbers_are_exact(loss, n_out, rows, batch, dtype, rng):
    """Whole numbers, halves of halves, batches of 1, 2, 4 and 8: nothing rounds.

    So kernel and twin agree bit for bit: gather, forward, dropout (twice its input or
    0), loss, backward, momentum and update, the last batch smaller than the others.
    """
    net = fn.Network(
        [
            fn.Dense(5, 7, activation="relu"),
            fn.Dropout(0.5),
            fn.Dense(7, 3, bias=False),
            fn.Activation("relu"),
            fn.Dense(3, n_out),
        ],
        dtype=dtype,
        seed=4,
    )
    net.flat_parameters[:] = rng.integers(-1, 2, net.flat_parameters.size)
    x = rng.integers(-2, 3, (20, 5))
    y = rng.integers(-3, 4, (20, n_out)) if loss != "hinge" else rng.integers(0, 2, 20)
    rows = rows if loss != "mse" else min(rows, batch)  # mse grows too many digits
    steps = -(-rows // batch)
    arguments = training(
        net, x, y, loss, fn.SGD(momentum=0.5), [2.0**-6] * steps, batch,
        order=rng.permutation(20)[:rows],
    )  # fmt: skip
    kernel, twin = run(on_kernel, arguments), run(on_twin, arguments)
    assert rows < 7 or np.abs(kernel["parameters"] - arguments["parameters"]).max() > 0
    for name in WRITTEN:
        if name != "totals":
            np.testing.assert_array_equal(kernel[name], twin[name], name)
    # but |a - y| rounds, and so does what it is added to
    close = {"rtol": 4 * np.finfo(dtype).eps}
    np.testing.assert_allclose(kernel["totals"], twin["totals"], **close)


def every_kind(activation, dtype, batch_norm=fn.BatchNorm):
    return fn.Network(
        [
            batch_norm(5),
            fn.Dense(5, 9, activation=activation),
            fn.Dropout(0.25),
            fn.LayerNorm(),
            fn.Dense(9, 8, bias=False),
            batch_norm(),
            fn.Activation(activation),
            fn.Dense(8, 3),
        ],
        dtype=dtype,
        seed=2,
    )


def assert_same_step(make, dtype, rng, roundings):
    """Kernel and twin differ by no more than `roundings` roundings can explain.

    A rounding moves a number by a fraction u at most. How far that moves the results is
    measured, in float64: parameters and x are moved by fractions of up to 1e-7, and the
    largest movement of each result in eight trials, scaled to u, is what one rounding
    does. Kernel and twin each make `roundings` on the way from input to result.
    """
    arguments = make(dtype)
    kernel, twin = run(on_kernel, arguments), run(on_twin, arguments)
    exact = make(np.dtype("float64"))
    base, moved = run(on_kernel, exact), dict.fromkeys(WRITTEN, 0.0)
    for _ in range(8):
        other = dict(exact)
        for name in ("parameters", "x"):
            fractions = 1e-7 * rng.uniform(-1, 1, exact[name].shape)
            other[name] = exact[name] * (1 + fractions)
        for name, values in run(on_kernel, other).items():
            move = np.abs(values - base[name]).max(initial=0.0)
            moved[name] = max(moved[name], move)
    u = np.finfo(dtype).eps / 2
    for name in WRITTEN:
        size = np.abs(base[name]).max(initial=0.0)
        bound = 2 * roundings * (moved[name] * u / 1e-7 + u * size)
        difference = np.abs(kernel[name].astype(float) - twin[name])
        assert difference.max(initial=0.0) <= bound, name
        assert np.all(np.isfinite(twin[name])), name


# from x to a parameter: the sums of every layer there and back, about as many roundings
# as they have terms, and a few dozen for activations, normalisation and the optimizer
ROUNDINGS = 2 * (5 + 9 + 9 + 8) + 4 * 16 + 50


@pytest.mark.parametrize("rows", [1, 2, 7, 13, 16])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_step_equals_twin(activation, rows, dtype, rng):
    """Batch normalisation makes +-1 of any two rows, so that its gradient is nothing
    but rounding; it joins from seven rows on."""
    x, y = rng.normal(size=(rows, 5)), rng.integers(0, 3, rows)
    weight = rng.uniform(0.5, 2, rows)

    def make(dtype):
        batch_norm = fn.BatchNorm if rows >= 7 else fn.LayerNorm
        net = every_kind(activation, dtype, batch_norm)
        return training(net, x, y, "cross_entropy", fn.SGD(), [0.1], 16, weight)

    assert_same_step(make, dtype, rng, ROUNDINGS)


TARGETS = {
    "cross_entropy": lambda rng: rng.integers(0, 3, 13),
    "soft": lambda rng: rng.dirichlet([1, 1, 1], 13),
    "binary_cross_entropy": lambda rng: rng.integers(0, 2, (13, 3)),
    "mse": lambda rng: rng.normal(size=(13, 3)),
    "mae": lambda rng: rng.normal(size=(13, 3)),
    "huber": lambda rng: 3 * rng.normal(size=(13, 3)),
    "hinge": lambda rng: rng.integers(0, 3, 13),
}


@pytest.mark.parametrize("case", TARGETS)
def test_every_loss_equals_twin(case, dtype, rng):
    x, y = rng.normal(size=(13, 5)), TARGETS[case](rng)
    loss = "cross_entropy" if case == "soft" else case

    def make(dtype):
        return training(every_kind("tanh", dtype), x, y, loss, fn.SGD(), [0.1], 16)

    assert_same_step(make, dtype, rng, ROUNDINGS)


@pytest.mark.parametrize(
    "optimizer",
    [
        fn.SGD(momentum=0.9, nesterov=True, weight_decay=0.1),
        fn.Adagrad(weight_decay=0.1),
        fn.RMSProp(clip_norm=0.1),
        fn.Adam(weight_decay=0.1, clip_norm=0.1),
        fn.AdamW(),
    ],
    ids=repr,
)
def test_every_optimizer_equals_twin(optimizer, dtype, rng):
    """In the middle of a training: the state is not zero, the step not the first."""
    x, y = rng.normal(size=(13, 5)), rng.integers(0, 3, 13)
    n = every_kind("tanh", dtype).flat_parameters.size
    slots = rng.uniform(0.1, 1, (optimizer.n_slots, n))

    def make(dtype):
        return training(
            every_kind("tanh", dtype), x, y, "cross_entropy", optimizer, [0.1], 16,
            slots=slots.astype(dtype), step=4,
        )  # fmt: skip

    assert_same_step(make, dtype, rng, ROUNDINGS)


@pytest.mark.parametrize("path", [on_kernel, on_twin])
def test_shuffle_by_hand(path):
    """The words of philox(0, 0, layer 2^32 - 1), each scaled to what is left."""
    words = np.empty(3, np.uint32)
    path("philox", 0, 0, 2**32 - 1, words)
    expected = [0, 1, 2, 3]
    for i, word in enumerate(words.tolist()):
        j = i + word * (4 - i) // 2**32
        expected[i], expected[j] = expected[j], expected[i]
    order = np.full(4, -1)
    path("shuffle", order, 0, 0)
    np.testing.assert_array_equal(order, expected)


@pytest.mark.parametrize("n", [0, 1, 2, 64, 65, 1000])
def test_shuffle_equals_twin(n):
    kernel, twin, other = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, int)
    on_kernel("shuffle", kernel, 2**40 + 1, 2**33)
    on_twin("shuffle", twin, 2**40 + 1, 2**33)
    on_kernel("shuffle", other, 2**40 + 1, 2**33 + 1)
    np.testing.assert_array_equal(kernel, twin)
    np.testing.assert_array_equal(np.sort(kernel), np.arange(n))
    assert n < 64 or np.mean(kernel == other) < 0.1


def test_shuffles_are_even():
    """Every number comes to every place equally often: chi squared, 49 degrees."""
    counts, order = np.zeros((8, 8)), np.empty(8, np.int64)
    for step in range(8000):
        on_kernel("shuffle", order, 1, step)
        counts[np.arange(8), order] += 1
    chi_squared = np.sum((counts - 1000) ** 2 / 1000)
    assert 20 < chi_squared < 95  # by chance outside in one case of 5,000


@pytest.mark.parametrize("path", [on_kernel, on_twin])
def test_epochs_in_one_call_or_in_many(path, dtype, rng):
    """A call may begin and end within epochs; each epoch has its own order and row."""
    x, y = rng.normal(size=(13, 5)), rng.integers(0, 3, 13)
    net = every_kind("tanh", dtype)
    rates = np.linspace(0.1, 0.01, 8)  # epochs of 3 steps: 1 and 2 of the first two

    def make(rates, step, n_epochs):
        arguments = training(
            net, x, y, "cross_entropy", fn.Adam(), rates, 5, step=step,
            start=step % 3, shuffle=1, n_epochs=n_epochs,
        )  # fmt: skip
        return arguments

    whole = run(path, make(rates, 0, 3))
    first = run(path, make(rates[:4], 0, 2))
    state = {name: first[name] for name in WRITTEN if name != "totals"}
    second = run(path, make(rates[4:], 4, 2) | state)
    for name in state:
        np.testing.assert_array_equal(second[name], whole[name], name)
    np.testing.assert_array_equal(first["totals"][0], whole["totals"][0])
    sums = first["totals"][1] + second["totals"][0]
    np.testing.assert_allclose(sums, whole["totals"][1], rtol=1e-15)
    np.testing.assert_array_equal(second["totals"][1], whole["totals"][2])
    assert whole["totals"][:, 3].tolist() == [13, 13, 10]


@pytest.mark.parametrize("path", [on_kernel, on_twin])
def test_no_epoch_after_one_whose_loss_is_not_finite(path, rng):
    x, y = rng.normal(size=(6, 5)), rng.normal(size=6)
    arguments = training(
        fn.mlp(5, [], 1), x, y, "mse", fn.SGD(), [1e30] * 12, 2, n_epochs=4
    )
    totals = run(path, arguments)["totals"]
    assert not np.isfinite(totals[0, 0])
    np.testing.assert_array_equal(totals[1:], 0)


@pytest.mark.parametrize("path", [on_kernel, on_twin])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("ordered", [True, False])
def test_a_step_with_bad_samples_is_not_taken(path, bad, ordered, dtype, rng):
    """The third of five: two steps are taken, as without it, if the plan says check."""
    x, y = rng.normal(size=(23, 5)), rng.integers(0, 3, 23)
    order = np.arange(23) if ordered else rng.permutation(23)

    def make(x, n_steps, check):
        return training(
            fn.mlp(5, [7], 3, dtype=dtype), x, y, "cross_entropy", fn.Adam(),
            [0.01] * n_steps, 5, order=order, check=check,
        )  # fmt: skip

    expected = run(path, make(x, 2, 0))
    spoilt = x.copy()
    spoilt[order[13], 4] = bad
    arguments = make(spoilt, 5, 1)
    assert path("train_steps", *arguments.values()) is False
    for name in WRITTEN:
        np.testing.assert_array_equal(arguments[name], expected[name], name)
    assert path("train_steps", *make(x, 5, 1).values()) is True
    assert path("train_steps", *make(spoilt, 5, 0).values()) is True


def test_threads_agree_on_bad_samples(rng):
    x, y = rng.normal(size=(640, 64)), rng.integers(0, 10, 640)
    before = fn.get_num_threads()
    fn.set_num_threads(2)
    try:
        for row in (0, 63, 64, 300, 639):
            spoilt = x.copy()
            spoilt[row, 17] = np.nan
            arguments = training(
                fn.mlp(64, [256, 256], 10), spoilt, y, "cross_entropy", fn.SGD(),
                [0.01] * 10, 64, check=1,
            )  # fmt: skip
            assert on_kernel("train_steps", *arguments.values()) is False
            assert arguments["totals"][0, 3] == row // 64 * 64
    finally:
        fn.set_num_threads(before)


@pytest.mark.parametrize("path", [on_kernel, on_twin])
def test_steps_in_one_call_or_in_many(path, dtype, rng):
    """Where a call ends changes nothing, not even the dropout masks."""
    x, y = rng.normal(size=(23, 5)), rng.integers(0, 3, 23)
    order, rates = rng.permutation(23), np.linspace(0.1, 0.01, 5)
    net, optimizer = every_kind("gelu", dtype), fn.Adam(clip_norm=0.5)

    def make(rows, rates, step):
        return training(
            net, x, y, "cross_entropy", optimizer, rates, 5, order=rows, step=step
        )

    whole = run(path, make(order, rates, 0))
    state = {}
    for step in range(5):
        rows = order[5 * step : 5 * step + 5]
        arguments = make(rows, rates[step : step + 1], step)
        state = run(path, {**arguments, **state})
        del state["order"]
    for name in state:
        np.testing.assert_array_equal(state[name], whole[name], name)


@pytest.mark.speed
def test_beats_its_twin(rng):
    x, y = rng.normal(size=(64, 64)), rng.integers(0, 10, 64)
    arguments = training(
        fn.mlp(64, [32], 10), x, y, "cross_entropy", fn.Adam(), [1e-3, 1e-3], 32
    )
    assert speed_ratio("train_steps", [*arguments.values()]) > 100
