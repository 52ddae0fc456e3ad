"""Computational graphs: forward and backward, number by number and on arrays.

The scalar network is micrograd's own example: once as the class that a library has for
it, once as sums that are written out and run on every library's numbers. The layer is
written as each library's users write it. Gradients by all leaves.
"""

import itertools
import random
from dataclasses import dataclass
from functools import partial

import numpy as np

from fastnn import graph

from . import chain, pages, quiet
from .task import OURS, Task, Way, measure, median, ratios

NAME, TITLE = "graph", "Computational graphs"
COLUMNS = ("by hand", "micrograd", "MyGrad", "torch", "jax")
WIDTHS = (2, 16, 16, 1)
SAMPLE = (0.5, -0.3)


# --- One sample, number by number -----------------------------------------------------


@dataclass
class Unit:
    """z = sum(weights * x) + bias, and relu of it where `bent`; x: a list."""

    weights: list
    bias: object
    bent: bool

    def __call__(self, x):
        z = sum((w * v for w, v in zip(self.weights, x, strict=True)), self.bias)
        return z.relu() if self.bent else z


@dataclass
class Scalars:
    """A network of single numbers: a list of units for each layer."""

    layers: list

    def __call__(self, x):
        for layer in self.layers:
            x = [unit(x) for unit in layer]
        return x[0]

    def parameters(self):
        units = itertools.chain(*self.layers)
        return [p for unit in units for p in (*unit.weights, unit.bias)]


def network(number, widths=WIDTHS, seed=0):
    """The network, of numbers that number(float) makes; relu but in the last layer."""
    rng = random.Random(seed)

    def unit(n_in, bent):
        weights = [number(rng.uniform(-1.0, 1.0)) for _ in range(n_in)]
        return Unit(weights, number(0.0), bent)

    pairs = list(itertools.pairwise(widths))
    return Scalars([
        [unit(n_in, i < len(pairs) - 1) for _ in range(n_out)]
        for i, (n_in, n_out) in enumerate(pairs)
    ])  # fmt: skip


def one_sample(number):
    """A Way: the output of one sample, then its derivative by every parameter.

    Gradients add up from run to run, as they do in all of these libraries.
    """
    net, x = network(number), [number(v) for v in SAMPLE]

    def run():
        net(x).backward()

    def result():
        fresh = network(number)
        out = fresh([number(v) for v in SAMPLE])
        out.backward()
        return [float(v) for v in (out.data, *(p.grad for p in fresh.parameters()))]

    return Way(run, result)


def by_micrograd():
    from micrograd.engine import Value

    return one_sample(Value)


def by_torch_scalars():
    torch = quiet.import_torch()
    return one_sample(partial(torch.tensor, dtype=torch.float64, requires_grad=True))


def plain_numbers(widths=WIDTHS):
    """The output and all gradients, with arrays by hand."""
    net = network(float, widths)
    weights = [np.array([unit.weights for unit in layer]).T for layer in net.layers]
    a = [np.array(SAMPLE)]  # the biases are 0
    for w in weights:
        a.append(a[-1] @ w if w is weights[-1] else np.maximum(a[-1] @ w, 0.0))
    grad, grads = np.ones(1), []
    for w, x in zip(reversed(weights), reversed(a[:-1]), strict=True):
        per_unit = [[*(x * g), g] for g in grad]
        grads = [*itertools.chain(*per_unit), *grads]
        grad = (w @ grad) * (x > 0)
    return [a[-1].item(), *grads]


def own_class(net, units, value_of):
    """A Way for a library's own class; units(net): (weights, bias) in order."""
    parameters = [p for weights, bias in units(net) for p in (*weights, bias)]
    unlike = [p.data for p in parameters]
    for p, number in zip(parameters, network(float).parameters(), strict=True):
        p.data = number
    assert unlike != [p.data for p in parameters]

    def run():
        net(list(SAMPLE)).backward()

    def result():
        for p in parameters:
            p.grad = 0.0
        out = net(list(SAMPLE))
        out.backward()
        return [float(v) for v in (value_of(out), *(p.grad for p in parameters))]

    return Way(run, result)


def our_class():
    n_in, *hidden, n_out = WIDTHS
    net = graph.MLP(n_in, hidden, n_out, activation="relu")

    def units(net):
        return [(unit.weights, unit.bias) for layer in net.layers for unit in layer]

    return own_class(net, units, lambda out: out.data)


def class_of_micrograd():
    from micrograd.nn import MLP

    def units(net):
        return [(unit.w, unit.b) for layer in net.layers for unit in layer.neurons]

    return own_class(MLP(WIDTHS[0], list(WIDTHS[1:])), units, lambda out: out.data)


CLASSES = {OURS: our_class, "micrograd": class_of_micrograd}
SCALARS = {
    OURS: lambda: one_sample(graph.Value),
    "micrograd": by_micrograd,
    "torch": by_torch_scalars,
}


def scalar_task(contestants, written, **labels):
    exact = plain_numbers()

    def agree(result):
        # sums of 16 terms in another order, three layers deep, in float64
        np.testing.assert_allclose(result, exact, rtol=1e-13, atol=1e-13)

    name = f"{'-'.join(map(str, WIDTHS))} relu, one sample, {written}"
    return Task(name, dict(contestants), agree, labels={"seconds": 70e-6, **labels})


def scalar_tasks():
    yield scalar_task(CLASSES, "the library's MLP", other="micrograd", times=50)
    yield scalar_task(SCALARS, "written as sums")


# --- A layer, on arrays ---------------------------------------------------------------


def leaves(n, dtype):
    """x, weights (n, n), bias (n,) and y; x @ weights + bias is about as large as 1."""
    rng = np.random.default_rng(0)
    shapes = ((n, n), (n, n), (n,), (n, n))
    x, w, b, y = (rng.normal(size=shape) for shape in shapes)
    return [v.astype(dtype) for v in (x, w / np.sqrt(n), b, y)]


def by_hand(x, w, b, y):
    """[loss, its gradients by x, w, b and y]; NumPy, no graph."""
    a = np.tanh(x @ w + b)
    difference = a - y
    loss = (difference * difference).mean()
    grad_a = difference * x.dtype.type(2 / difference.size)
    grad_z = grad_a * (1 - a * a)
    return [loss, grad_z @ w.T, x.T @ grad_z, grad_z.sum(axis=0), -grad_a]


def on_tensors(tensors, tanh, to_numpy=np.asarray):
    """A Way for a library whose leaves hold their gradients."""
    x, w, b, y = tensors
    loss = None

    def run():
        nonlocal loss
        for leaf in tensors:
            leaf.grad = None
        loss = ((tanh(x @ w + b) - y) ** 2).mean()
        loss.backward()

    return Way(run, lambda: [to_numpy(v) for v in (loss, *(t.grad for t in tensors))])


def ours(arrays):
    return on_tensors([graph.Tensor(v) for v in arrays], graph.tanh)


def by_numpy(arrays):
    return Way(partial(by_hand, *arrays), lambda: by_hand(*arrays))


def by_torch(arrays, threads=1):
    torch = quiet.import_torch()
    torch.set_num_threads(threads)
    tensors = [torch.tensor(v, requires_grad=True) for v in arrays]
    return on_tensors(tensors, torch.tanh, lambda v: v.detach().numpy())


def by_mygrad(arrays):
    import mygrad

    mygrad.turn_memory_guarding_off()  # its advice for speed
    x, w, b, y = (mygrad.tensor(v) for v in arrays)
    loss = None

    def run():  # a leaf that is used again forgets its gradient
        nonlocal loss
        loss = ((mygrad.tanh(x @ w + b) - y) ** 2).mean()
        loss.backward()

    return Way(run, lambda: [loss.data, *(t.grad for t in (x, w, b, y))])


def by_jax(arrays):
    jax = quiet.import_jax()
    jax.config.update("jax_enable_x64", True)  # float32 stays float32

    def loss(x, w, b, y):
        return ((jax.numpy.tanh(x @ w + b) - y) ** 2).mean()

    call = jax.jit(jax.value_and_grad(loss, argnums=(0, 1, 2, 3)))
    given = [jax.device_put(v) for v in arrays]

    def result():
        value, grads = call(*given)
        return [np.asarray(v) for v in (value, *grads)]

    return Way(lambda: jax.block_until_ready(call(*given)), result)


CONTESTANTS = {
    OURS: ours, "by hand": by_numpy, "MyGrad": by_mygrad, "torch": by_torch,
    "jax": by_jax,
}  # fmt: skip


def layer(n, dtype, goal=None, contestants=CONTESTANTS, seconds=None):
    """The Task; seconds: a goal for the time itself."""
    arrays = leaves(n, dtype)
    exact = by_hand(*(v.astype(np.float64) for v in arrays))

    def agree(result):
        # products summed over n, forward and backward: each rounds by n eps at most,
        # relative to a sum of sizes that is a few times the largest element
        for found, right in zip(result, exact, strict=True):
            bound = 4 * n * np.finfo(dtype).eps * np.abs(right).max()
            np.testing.assert_allclose(found, right, rtol=0, atol=bound)

    ways = {name: partial(make, arrays) for name, make in contestants.items()}
    return Task(f"a layer and its loss, {n} × {n}, {dtype}", ways, agree, goal,
                labels={"seconds": seconds}, yardsticks=("by hand",))  # fmt: skip


def tasks():
    yield from scalar_tasks()
    for dtype in ("float32", "float64"):
        yield layer(8, dtype, seconds=12e-6)
    for dtype in ("float32", "float64"):
        yield layer(256, dtype, goal=1.0)


def run(quick=False):
    seconds = 0.2 if quick else 2.0
    records = [measure(task, seconds, collector=True) for task in tasks()]
    return [*records, *chain.records(quick)]


def blocks(records):
    timed = [record for record in records if "times" in record]
    held = [record for record in records if "times" not in record]
    table = pages.side_by_side(timed, "forward and backward", COLUMNS)
    lines = [line for record in timed for line in goals(record)]
    return {NAME: table + "\n\n" + "\n".join(lines), **chain.blocks(held)}


def goals(record):
    """Goals that are no ratio to the best: for the time itself, and to one library."""
    name, labels = record["name"], record["labels"]
    if limit := labels.get("seconds"):
        mark = "✓" if median(record, OURS) <= limit else "✗"
        time, most = pages.time_cell(record, OURS), pages.microseconds(limit)
        yield f"- {name}: {time}, goal ≤ {most} {mark}"
    other = labels.get("other")
    if other in record["times"]:
        faster = [1 / x for x in ratios(record, other)]
        mark = "✓" if pages.quartiles(faster)[1] >= labels["times"] else "✗"
        yield (f"- {name}: {pages.ratio_cell(faster)} times as fast as {other}, "
               f"goal ≥ {labels['times']} {mark}")  # fmt: skip
