"""Training steps: forward, loss, backward and update, the same batches for everybody.

All begin with the same parameters and visit the rows in order, so that they do the
same arithmetic. A check after a few steps comes before the timed run. fastnn is
`net.fit`, divided by its steps: what a user pays for a long training.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

import fastnn as fn

from . import pages, quiet
from .task import OURS, Task, Way, measure, once

NAME, TITLE = "training", "Training"
CHECKED_STEPS = 5  # after more of them, rounding leads each library its own way


@dataclass(frozen=True)
class Workload:
    """A network, an optimizer and a batch; `steps` of a timed run."""

    name: str
    widths: tuple
    activation: str
    batch: int
    optimizer: object
    steps: int
    goal: float | None = None
    dtype: str = "float32"

    def network(self):
        n_in, *hidden, n_out = self.widths
        return fn.mlp(n_in, hidden, n_out, activation=self.activation, seed=0,
                      dtype=self.dtype)  # fmt: skip

    def data(self, steps):
        """X (steps * batch, n_in) and y, the same first rows for any number of steps.

        y depends on X, so that there is something to learn."""
        rng = np.random.default_rng(0)
        n = steps * self.batch
        X = rng.standard_normal((n, self.widths[0]), dtype=np.float32)
        n_classes = max(2, self.widths[-1])
        scores = X[:, : 2 * n_classes] @ np.random.default_rng(1).standard_normal(
            (min(2 * n_classes, X.shape[1]), n_classes), dtype=np.float32
        )
        return X, scores.argmax(axis=1)

    @property
    def loss(self):
        return "cross_entropy" if self.widths[-1] > 1 else "binary_cross_entropy"


SGD, ADAM = fn.SGD(0.01), fn.Adam(1e-3)
FIVE_256, FIVE_1024 = (784, *[256] * 5, 10), (784, *[1024] * 5, 10)
WORKLOADS = [
    Workload("30-1 logistic, batch 32, SGD", (30, 1), "relu", 32, SGD, 4000, 0.35),
    Workload("2-16-16-1 tanh, batch 32, SGD", (2, 16, 16, 1), "tanh", 32, SGD, 4000,
             0.4),
    Workload("64-32-10 relu, batch 32, Adam", (64, 32, 10), "relu", 32, ADAM, 2000,
             0.4),
    Workload("784-128-10 relu, batch 64, Adam", (784, 128, 10), "relu", 64, ADAM, 200,
             0.7),
    Workload("784-5×256-10 relu, batch 128, Adam", FIVE_256, "relu", 128, ADAM, 30,
             0.7),
    Workload("784-5×1024-10 relu, batch 256, Adam", FIVE_1024, "relu", 256, ADAM, 8,
             0.8),
]  # fmt: skip


# --- The contestants -----------------------------------------------------------------


def ours(work, steps):
    net = work.network()
    X, y = work.data(steps)
    start = net.flat_parameters.copy()

    def begin():
        net.flat_parameters[...] = start

    run = partial(
        net.fit, X, y, loss=work.loss, optimizer=work.optimizer, epochs=1,
        batch_size=work.batch, shuffle=False,
    )  # fmt: skip
    return Way(run, lambda: net.flat_parameters, begin, steps)


def by_numpy(work, steps, dtype=np.float32):
    from fastnn.cli.by_hand import NumPyTraining

    training = NumPyTraining(
        work.network(), *work.data(steps), work.batch, work.optimizer, dtype
    )
    return Way(training.epoch, lambda: training.flat, training.begin, steps)


def by_torch(work, steps):
    """Eager, with a fused optimizer and without nn.Module's bookkeeping."""
    torch = quiet.import_torch()
    functional = torch.nn.functional
    X, y = work.data(steps)
    batches = torch.from_numpy(X).split(work.batch)
    y = torch.from_numpy(y if work.widths[-1] > 1 else y[:, None].astype(np.float32))
    targets = y.split(work.batch)
    start = [torch.from_numpy(x) for pair in pairs(work.network()) for x in pair]
    parameters = [torch.nn.Parameter(x.clone()) for x in start]
    layers = list(zip(parameters[::2], parameters[1::2], strict=True))
    activate = torch.tanh if work.activation == "tanh" else torch.relu_
    if work.widths[-1] > 1:
        loss_of = functional.cross_entropy
    else:
        loss_of = functional.binary_cross_entropy_with_logits
    optimizer = None

    def begin():
        nonlocal optimizer
        adam = isinstance(work.optimizer, fn.Adam)
        make = torch.optim.Adam if adam else torch.optim.SGD
        optimizer = make(parameters, lr=work.optimizer.learning_rate, fused=True)
        with torch.no_grad():
            for parameter, value in zip(parameters, start, strict=True):
                parameter.copy_(value)

    def run():
        for x, target in zip(batches, targets, strict=True):
            optimizer.zero_grad()  # set_to_none: the gradients are not added to
            for weights, bias in layers[:-1]:
                x = activate(torch.addmm(bias, x, weights))
            weights, bias = layers[-1]
            loss_of(torch.addmm(bias, x, weights), target).backward()
            optimizer.step()

    return Way(run, lambda: flat(work, [p.detach().numpy() for p in parameters]),
               begin, steps)  # fmt: skip


def by_jax(work, steps):
    """The whole loop compiled into one call by lax.scan."""
    jax = quiet.import_jax()
    import jax.numpy as jnp

    X, y = work.data(steps)
    batches = jnp.array(X.reshape(steps, work.batch, -1))
    classes = work.widths[-1] > 1
    targets = jnp.array(y.reshape(steps, work.batch), jnp.int32 if classes else None)
    start = [(jnp.array(w), jnp.array(b)) for w, b in pairs(work.network())]
    activate = jnp.tanh if work.activation == "tanh" else jax.nn.relu
    settings = work.optimizer

    def loss_of(layers, x, target):
        for weights, bias in layers[:-1]:
            x = activate(x @ weights + bias)
        weights, bias = layers[-1]
        z = x @ weights + bias
        if classes:  # one_hot: quicker here than an index
            right = (z * jax.nn.one_hot(target, z.shape[1])).sum(axis=1)
            return (jax.nn.logsumexp(z, axis=1) - right).mean()
        return (jax.nn.softplus(z[:, 0]) - target * z[:, 0]).mean()

    def sgd(layers, slots, grads, t):
        rate = settings.learning_rate
        return jax.tree.map(lambda p, g: p - rate * g, layers, grads), slots

    def adam(layers, slots, grads, t):
        b1, b2, eps = settings.beta1, settings.beta2, settings.eps
        rate = settings.learning_rate / (1 - b1**t)
        unbias = jax.lax.rsqrt(1 - b2**t)
        m, v = slots
        m = jax.tree.map(lambda m, g: b1 * m + (1 - b1) * g, m, grads)
        v = jax.tree.map(lambda v, g: b2 * v + (1 - b2) * g * g, v, grads)
        layers = jax.tree.map(
            lambda p, m, v: p - rate * m / (jnp.sqrt(v) * unbias + eps), layers, m, v
        )
        return layers, (m, v)

    update = adam if isinstance(settings, fn.Adam) else sgd
    zeros = jax.tree.map(jnp.zeros_like, start)
    no_slots = (zeros, zeros) if update is adam else ()

    @jax.jit
    def train(layers, slots, batches, targets):
        def step(carry, batch):
            layers, slots, t = carry
            loss, grads = jax.value_and_grad(loss_of)(layers, *batch)
            layers, slots = update(layers, slots, grads, t)
            return (layers, slots, t + 1), loss

        first = (layers, slots, jnp.float32(1))
        (layers, _, _), losses = jax.lax.scan(step, first, (batches, targets))
        return layers, losses.mean()

    end = None

    def run():
        nonlocal end
        end = jax.block_until_ready(train(start, no_slots, batches, targets))

    def result():
        return flat(work, [np.asarray(x) for pair in end[0] for x in pair])

    return Way(run, result, lambda: None, steps)


def by_sklearn(work, steps):
    """One partial_fit over all rows: its own loop over the batches, in order.

    Its Adam divides by sqrt(v) + epsilon before the bias of v is corrected; the
    epsilon below makes the first steps those of the paper.
    """
    from sklearn.neural_network import MLPClassifier

    X, y = work.data(steps)
    adam = isinstance(work.optimizer, fn.Adam)
    model = MLPClassifier(
        work.widths[1:-1], activation=work.activation, alpha=0.0, momentum=0.0,
        solver="adam" if adam else "sgd", nesterovs_momentum=False, shuffle=False,
        learning_rate_init=work.optimizer.learning_rate, batch_size=work.batch,
        random_state=0, epsilon=1e-8 * (1 - 0.999) ** 0.5,
    )  # fmt: skip
    model.partial_fit(X[: work.batch], y[: work.batch],
                      classes=range(max(2, work.widths[-1])))  # fmt: skip
    start = pairs(work.network())

    def begin():
        model.coefs_ = [weights.copy() for weights, _ in start]
        model.intercepts_ = [bias.copy() for _, bias in start]
        vars(model).pop("_optimizer", None)  # a new one, which has seen nothing

    def result():
        both = zip(model.coefs_, model.intercepts_, strict=True)
        return flat(work, [x for pair in both for x in pair])

    return Way(partial(model.partial_fit, X, y), result, begin, steps)


def by_twin(work, steps):
    way = ours(work, steps)

    def run():
        with fn.use("reference"):
            way.run.func(*way.run.args, **way.run.keywords)

    return Way(run, way.result, way.begin, steps)


def pairs(net):
    return [(layer.weights.copy(), layer.bias.copy()) for layer in net.layers]


def flat(work, arrays):
    """Weights and biases in layer order as one block in the order of fastnn's."""
    parts = [*arrays[::2], *arrays[1::2]]  # all weights, then all biases
    return np.concatenate([np.ravel(x) for x in parts])


CONTESTANTS = {
    OURS: ours, "NumPy": by_numpy, "torch": by_torch, "jax": by_jax,
    "sklearn": by_sklearn,
}  # fmt: skip
SLOW = {"torch": 400, "sklearn": 400, "NumPy": 1000, "reference": 20}  # steps at most


def task(work, contestants=CONTESTANTS, steps=None, checked=CHECKED_STEPS):
    steps = work.steps if steps is None else steps
    checked = min(steps, checked)
    start = work.network().flat_parameters.copy()
    judge = None

    def agree(result):
        """Close to float64, against the way that the parameters have gone.

        Rounding is 1e-7 of a gradient. Where a z is 0 but for rounding, relu may let
        it through in one library and not in the next, and where a gradient is 0 but
        for rounding, Adam, which divides by its size, may step the other way: that
        moves few parameters, but far. So most must agree closely, and all together
        on the direction.
        """
        nonlocal judge
        if judge is None:
            way = by_numpy(work, checked, np.float64)
            way.run()
            judge = way.result().copy()
        gone, error = np.abs(judge - start), np.abs(result - judge)
        far = np.linalg.norm(error) / np.linalg.norm(gone)
        typical = np.median(error) / np.median(gone[gone > 0])
        assert far <= 0.1 and typical <= 0.01, f" It is {far:.1e}, {typical:.1e} off."

    def makers(n):
        return {name: partial(make, work, min(n, SLOW.get(name, n)))
                for name, make in contestants.items()}  # fmt: skip

    return Task(work.name, makers(steps), agree, work.goal, makers(checked))


def tasks(workloads=tuple(WORKLOADS)):
    for work in workloads:
        yield task(work)


# --- Measuring -----------------------------------------------------------------------


def run(quick=False):
    records = []
    for work in WORKLOADS[:4] if quick else WORKLOADS:
        record = measure(task(work), 0.4 if quick else 2.5, (5, 51))
        record["labels"] = {"fixed": fixed_cost(work, 5 if quick else 9)}
        records.append(record)
    return records


def fixed_cost(work, rounds):
    """(seconds of a fit of one step, of each step that a longer one adds)."""
    short = Task("", {OURS: partial(ours, work, 1)}, None)
    longer = Task("", {OURS: partial(ours, work, work.steps)}, None)
    ways = short.way(OURS), longer.way(OURS)
    times = [[], []]
    for _ in range(rounds):
        for way, into in zip(ways, times, strict=True):
            into.append(once(way, 1))
    one, many = (pages.quartiles(x)[1] for x in times)
    return one, (many - one) / max(work.steps - 1, 1)


def blocks(records):
    text = pages.side_by_side(records, "one step")
    rows = [
        [r["name"], pages.time_cell(r, OURS),
         *map(pages.microseconds, reversed(r["labels"]["fixed"]))]
        for r in records
    ]  # fmt: skip
    head = ["one step", "`fit` / steps", "each further step", "a `fit` of one step"]
    return {NAME: text, "fixed-cost": pages.table(head, rows)}
