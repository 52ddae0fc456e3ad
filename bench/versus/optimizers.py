"""One step of an optimizer over a block of parameters, float32.

Everyone's arrays begin at a cache line, as those of `fit`, torch and jax do. NumPy's
begin anywhere in a line, and registers of 64 bytes straddle two: a row of its own.
"""

import itertools
import math
from functools import partial

import numpy as np

from fastnn.network.program import aligned

from . import pages, quiet
from .task import OURS, Task, Way, measure

NAME, TITLE = "optimizers", "A step of an optimizer"
SIZES = (1000, 100_000, 1_000_000)
GOALS = {("Adam", 1_000_000): 1.0}
INTO_A_LINE = 16, 32, 48, 0  # bytes: where NumPy's arrays may begin
RATE, BETA1, BETA2, EPS = 1e-3, 0.9, 0.999, 1e-8
PART = 16_384  # NumPy takes so many parameters through all its passes together


def tasks(names=("Adam", "SGD with momentum"), sizes=SIZES):
    for name in names:
        for size in sizes:
            yield step_of(name, size)
        yield step_of(name, sizes[-1], INTO_A_LINE)


class Arrays:
    """Copies, each at the next of these places in a cache line."""

    def __init__(self, places):
        self.places = itertools.cycle(places)

    def copy(self, x):
        first = next(self.places) // x.itemsize
        block = aligned(first + x.size, x.dtype)
        block[first:] = x
        return block[first:]


def step_of(name, size, places=(0,)):
    arrays = Arrays(places)
    make = partial(adam if name == "Adam" else momentum, arrays)
    rng = np.random.default_rng(0)
    start, grad = map(arrays.copy, rng.standard_normal((2, size)).astype(np.float32))
    exact = make(start.astype(np.float64), grad.astype(np.float64))["NumPy"]()
    exact.run()
    expected = exact.result()

    def agree(result):
        # the step is rate * 1, the rest rounding of parameters of size 1
        np.testing.assert_allclose(result, expected, rtol=2e-6, atol=1e-8)

    text = f"{name}, {size:,}" + (", NumPy's arrays" if len(places) > 1 else "")
    return Task(text, make(start, grad), agree, GOALS.get((name, size)))


def parts_of(*arrays):
    """The arrays in parts that stay in cache."""
    for start in range(0, len(arrays[0]), PART):
        yield [x[start : start + PART] for x in arrays]


def adam(arrays, start, grad):
    def ours():
        import fastnn as fn

        param, m, v = map(arrays.copy, (start, 0 * start, 0 * start))
        step = 0

        def run():
            nonlocal step
            step += 1
            fn.ops.adam_update(param, grad, m, v, step, RATE, BETA1, BETA2, EPS)

        return Way(run, lambda: param)

    def by_numpy():
        param, m, v = map(arrays.copy, (start, 0 * start, 0 * start))
        t1, t2 = np.empty((2, min(PART, len(start))), start.dtype)
        everything = [(*part, t1[: len(part[0])], t2[: len(part[0])])
                      for part in parts_of(param, grad, m, v)]  # fmt: skip
        step = 0

        def run():
            nonlocal step
            step += 1
            rate = RATE / (1 - BETA1**step)
            unbias = 1 / math.sqrt(1 - BETA2**step)
            for p, g, m, v, t1, t2 in everything:
                m *= BETA1
                np.multiply(g, 1 - BETA1, t1)
                m += t1
                v *= BETA2
                np.multiply(g, g, t1)
                t1 *= 1 - BETA2
                v += t1
                np.sqrt(v, t1)
                t1 *= unbias
                t1 += EPS
                np.divide(m, t1, t2)
                t2 *= rate
                p -= t2

        return Way(run, lambda: param)

    def by_torch():
        torch = quiet.import_torch()

        make = partial(torch.optim.Adam, lr=RATE, eps=EPS, fused=True)
        return torch_step(start, grad, make)

    def by_jax():
        import jax.numpy as jnp

        def step(state, g):
            param, m, v, t = state
            m = BETA1 * m + (1 - BETA1) * g
            v = BETA2 * v + (1 - BETA2) * g * g
            rate = RATE / (1 - BETA1**t)
            size = jnp.sqrt(v / (1 - BETA2**t)) + EPS
            return param - rate * m / size, m, v, t + 1

        return jax_step(step, start, grad, 2)

    ways = {OURS: ours, "NumPy": by_numpy, "torch": by_torch, "jax": by_jax}
    if len(start) >= 1_000_000:
        ways["torch.compile"] = partial(compiled_adam, start, grad)
    return ways


def momentum(arrays, start, grad):
    def ours():
        import fastnn as fn

        param, velocity = map(arrays.copy, (start, 0 * start))
        run = partial(fn.ops.sgd_update, param, grad, velocity, RATE, 0.9)
        return Way(run, lambda: param)

    def by_numpy():
        param, velocity = map(arrays.copy, (start, 0 * start))
        scratch = np.empty(min(PART, len(start)), start.dtype)
        everything = list(parts_of(param, grad, velocity))

        def run():
            for p, g, v in everything:
                v *= 0.9
                v += g
                p -= np.multiply(v, RATE, scratch[: len(v)])

        return Way(run, lambda: param)

    def by_torch():
        torch = quiet.import_torch()

        make = partial(torch.optim.SGD, lr=RATE, momentum=0.9, fused=True)
        return torch_step(start, grad, make)

    def by_jax():
        def step(state, g):
            param, velocity, t = state
            velocity = 0.9 * velocity + g
            return param - RATE * velocity, velocity, t

        return jax_step(step, start, grad, 1)

    return {OURS: ours, "NumPy": by_numpy, "torch": by_torch, "jax": by_jax}


def torch_step(start, grad, make):
    torch = quiet.import_torch()
    param = torch.nn.Parameter(torch.from_numpy(start).clone())
    param.grad = torch.from_numpy(grad)
    return Way(make([param]).step, lambda: param.detach().numpy())


def compiled_adam(start, grad):
    """torch.compile of the formula: faster here than of torch.optim's step."""
    torch = quiet.import_torch()
    param, g = torch.from_numpy(start).clone(), torch.from_numpy(grad)
    m, v = torch.zeros_like(param), torch.zeros_like(param)
    rate, unbias = torch.tensor(RATE), torch.tensor(1.0)
    step = 0

    @torch.compile
    def update(param, g, m, v, rate, unbias):
        m.mul_(BETA1).add_(g, alpha=1 - BETA1)
        v.mul_(BETA2).addcmul_(g, g, value=1 - BETA2)
        param.sub_(rate * m / (v.sqrt() * unbias + EPS))

    try:
        update(*(torch.zeros_like(x) for x in (param, g, m, v)), rate, unbias)
    except Exception as error:  # without a C++ compiler it cannot
        raise ImportError(f"torch.compile: {error}") from None

    def run():
        nonlocal step
        step += 1
        rate.fill_(RATE / (1 - BETA1**step))
        unbias.fill_(1 / math.sqrt(1 - BETA2**step))
        update(param, g, m, v, rate, unbias)

    return Way(run, param.numpy)


def jax_step(step, start, grad, n_slots):
    jax = quiet.import_jax()
    import jax.numpy as jnp

    compiled = jax.jit(step, donate_argnums=0)  # donated: the state is overwritten
    given = jax.device_put(grad)
    slots = [jnp.zeros(len(start), jnp.float32) for _ in range(n_slots)]
    state = (jnp.array(start), *slots, jnp.float32(1))

    def run():
        nonlocal state
        state = compiled(state, given)
        state[0].block_until_ready()

    return Way(run, lambda: np.asarray(state[0]))


def run(quick=False):
    return [measure(task, 0.1 if quick else 0.5) for task in tasks()]


def blocks(records):
    columns = ("NumPy", "torch", "torch.compile", "jax")
    return {NAME: pages.side_by_side(records, "parameters", columns)}
