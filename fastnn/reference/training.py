"""The training loop over a program of layers, one mini-batch after the other."""

import math

from . import dropout, losses, optimizers
from .program import backward_layer, flat, forward_layer, matrix, read_layers, vector

__all__ = ["shuffle", "train_steps"]

PLAN_FIELDS = (
    "batch_size",
    "loss",  # its index in losses.LOSSES
    "optimizer",  # its index in OPTIMIZERS
    "n_decayed",
    "seed",
    "step",
    "draws",
    "start",
    "shuffle",
    "check",
    "x",  # this and the rest: offsets in the workspace
    "y",
    "weight",
    "grad",
    "grad_input",
)
OPTIMIZERS = ("sgd", "adagrad", "rmsprop", "adam", "adamw")
SHUFFLE = 2**32 - 1  # where dropout has the number of its layer


class Plan:
    """The array `plan`, with names."""

    def __init__(self, values):
        for name, value in zip(PLAN_FIELDS, values, strict=True):
            setattr(self, name, value)
        self.loss = losses.LOSSES[self.loss]
        self.optimizer = OPTIMIZERS[self.optimizer]


def shuffle(order, seed, step):
    """0 .. n - 1 in random order (Fisher and Yates, 1938; Durstenfeld, 1964).

    For i = 0 .. n - 2, order[i] changes places with order[i + floor(w (n - i) / 2^32)],
    w = word i of philox(seed, step, layer 2^32 - 1): all orders are equally likely, to
    a fraction of n / 2^32. order (n,) int64, n below 2^32: overwritten.
    """
    n = len(order)
    words = [0] * n
    dropout.philox(seed, step, SHUFFLE, words)
    for i in range(n):
        order[i] = i
    for i in range(n - 1):
        j = i + (words[i] * (n - i) >> 32)
        order[i], order[j] = order[j], order[i]


def gather(source, rows, destination):
    """Copy some rows of a matrix together."""
    for i, row in enumerate(rows):
        for j in range(source.shape[1]):
            destination[i, j] = source[row, j]


def are_finite(x, rows):
    """Whether all numbers in these rows of a matrix are."""
    return all(math.isfinite(x[i, j]) for i in rows for j in range(x.shape[1]))


def argmax(x, i):
    """The column of the largest element of row i, the first of equals."""
    return max(range(x.shape[1]), key=lambda j: x[i, j])


def is_right(x, i, label):
    """Whether x[i, label] is the largest, the first of equals; a NaN is never right."""
    before = all(x[i, j] < x[i, label] for j in range(label))
    return before and all(x[i, j] <= x[i, label] for j in range(label, x.shape[1]))


def count_correct(loss, prediction, y, labels):
    """Samples predicted right; for element-wise losses, elements right / columns."""
    rows, cols = prediction.shape
    if loss in ("cross_entropy", "hinge_multiclass"):
        return sum(is_right(prediction, i, labels[i]) for i in range(rows))
    if loss == "cross_entropy_soft":
        return sum(is_right(prediction, i, argmax(y, i)) for i in range(rows))
    if loss in ("binary_cross_entropy", "hinge"):
        elements = [(i, j) for i in range(rows) for j in range(cols)]
        return sum((prediction[e] > 0) == (y[e] > 0.5) for e in elements) / cols
    return 0.0


def step_loss(plan, prediction, y, labels, weight, grad, totals):
    """The gradient of the loss; loss and accuracy are added to totals."""
    rows = prediction.shape[0]
    function = getattr(losses, plan.loss)
    target = labels if plan.loss in ("cross_entropy", "hinge_multiclass") else y
    loss = function(prediction, target, weight, [0.0] * rows, grad)
    total = rows if weight is None else sum(weight.tolist())
    totals[0] += loss * total
    totals[1] += total
    totals[2] += count_correct(plan.loss, prediction, y, labels)
    totals[3] += rows


def step_norms(program, gradients, clip_norm, totals):
    """Each layer's gradient norm is added to totals; returns clipping's scale."""
    all_squares = 0.0
    for layer in program:
        weights = vector(gradients, layer.weights, layer.n_weights)
        squares = optimizers.sum_of_squares(weights) if len(weights) else 0.0
        totals[4 + layer.index] += math.sqrt(squares)
        all_squares += squares
        if layer.bias >= 0:
            bias = vector(gradients, layer.bias, layer.n_out)
            all_squares += optimizers.sum_of_squares(bias)
    if clip_norm == 0.0:
        return 1.0
    return min(1.0, clip_norm / (math.sqrt(all_squares) + 1e-6))


def step_update(plan, parameters, gradients, slots, scalars, step, rate, grad_scale):
    """Update all parameters; the first n_decayed of them feel the weight decay."""
    weight_decay, _, *constants = scalars
    parts = ((0, plan.n_decayed, weight_decay), (plan.n_decayed, len(parameters), 0.0))
    for start, stop, decay in parts:
        param, grad = parameters[start:stop], gradients[start:stop]
        state = [flat(slots)[i * len(parameters) :] for i in range(slots.shape[0])]
        state = [slot[start:stop] for slot in state]
        if plan.optimizer == "sgd":
            velocity = state[0] if state else None
            momentum, nesterov, _ = constants
            optimizers.sgd_update(
                param, grad, velocity, rate, momentum, nesterov != 0, decay, grad_scale
            )
        elif plan.optimizer == "adagrad":
            optimizers.adagrad_update(
                param, grad, *state, rate, constants[0], decay, grad_scale
            )
        elif plan.optimizer == "rmsprop":
            optimizers.rmsprop_update(
                param, grad, *state, rate, *constants[:2], decay, grad_scale
            )
        else:
            update = getattr(optimizers, plan.optimizer + "_update")
            update(param, grad, *state, step, rate, *constants, decay, grad_scale)


def train_steps(
    layers, constants, parameters, gradients, statistics, slots, workspace,
    x, y, labels, sample_weight, order, learning_rates, plan, scalars, totals,
):  # fmt: skip
    """Train for len(learning_rates) steps of mini-batch gradient descent.

    A step takes the next batch_size rows of `order`, runs them through the layers,
    takes the loss and its gradient, sends it back and updates every parameter. At the
    end of `order` the next epoch begins with its first row, in a new order if the plan
    says shuffle; but after an epoch whose loss is not finite there is no next one.

    layers, constants: the program (see infer). parameters, gradients, statistics:
    flat; slots (n_slots, n_parameters): the optimizer's; workspace: flat. All of
    these are overwritten. x (n, n_in), y (n, n_out) or None, labels (n,) int64 or
    None, sample_weight (n,) or None: read. order (n_rows,) int64: read, and overwritten
    by shuffle(order, seed, draws + the number of the step in this call).
    learning_rates (n_steps,) float64: one for each step.
    plan int64: batch_size, loss, optimizer, n_decayed (weight decay is for the first
    so many parameters), seed, step (steps taken before), draws (training passes made
    before), start (the step of its epoch to begin with), shuffle and check (0 or 1),
    and the workspace offsets of x, y, weight, grad, grad_input.
    scalars float64: weight_decay, clip_norm (0: none), and three of the optimizer.
    totals (n_epochs, 4 + n_layers) float64, a row for each epoch begun: added to: loss
    times weight, weight, samples predicted right, samples, and for each layer the sum
    of ||dL/dweights|| over the steps.
    Returns whether all samples were finite, which is looked at if the plan says check,
    up to the end of the first epoch: the step that would take others is not taken, nor
    any after it.
    """
    program = read_layers(layers, constants)
    plan = Plan(plan.tolist())
    scalars = scalars.tolist()
    first, width = plan.start * plan.batch_size, totals.shape[1]
    rest = flat(totals)  # the row of the running epoch, and those after it
    for s, rate in enumerate(learning_rates.tolist()):
        if first == 0 and plan.shuffle:
            shuffle(order, plan.seed, plan.draws + s)
        batch = order[first : first + plan.batch_size].tolist()
        if plan.check and not are_finite(x, batch):
            return False
        one_step(
            program, plan, scalars, parameters, gradients, statistics, slots, workspace,
            x, y, labels, sample_weight, batch, s, rate, rest,
        )  # fmt: skip
        first += plan.batch_size
        if first >= len(order):
            if not math.isfinite(rest[0]):
                break
            rest, first, plan.check = rest[width:], 0, False
    return True


def one_step(
    program, plan, scalars, parameters, gradients, statistics, slots, workspace,
    x, y, labels, sample_weight, batch, s, rate, totals,
):  # fmt: skip
    """Gather the rows `batch`, then forward, loss, backward and update."""
    rows, n_out = len(batch), program[-1].n_out
    draw = (plan.seed, plan.draws + s)
    lowest = next(layer.index for layer in program if layer.weights >= 0)

    inputs = [matrix(workspace, plan.x, rows, program[0].n_in)]
    gather(x, batch, inputs[0])
    y_batch = weight = None
    if y is not None:
        y_batch = matrix(workspace, plan.y, rows, n_out)
        gather(y, batch, y_batch)
    if sample_weight is not None:
        weight = vector(workspace, plan.weight, rows)
        for i, row in enumerate(batch):
            weight[i] = sample_weight[row]

    for layer in program:
        saved = memoryview(workspace)[layer.saved :]
        out = matrix(workspace, layer.output, rows, layer.n_out)
        inputs.append(
            forward_layer(layer, inputs[-1], saved, out, parameters, statistics, draw)
        )

    grad = matrix(workspace, plan.grad, rows, n_out)
    labels_of_batch = None if labels is None else [labels[row] for row in batch]
    step_loss(plan, inputs[-1], y_batch, labels_of_batch, weight, grad, totals)

    here, other = plan.grad, plan.grad_input
    for layer in reversed(program[lowest:]):
        saved = memoryview(workspace)[layer.saved :]
        wanted = layer.index > lowest and layer.kind not in (
            "activation",
            "dropout",
        )
        grad_input = matrix(workspace, other, rows, layer.n_in) if wanted else None
        grad = backward_layer(
            layer, inputs[layer.index], inputs[layer.index + 1], saved,
            grad, grad_input, parameters, gradients, draw,
        )  # fmt: skip
        if wanted:
            here, other = other, here

    grad_scale = step_norms(program, gradients, scalars[1], totals)
    step_update(
        plan, parameters, gradients, slots, scalars, plan.step + s + 1, rate,
        grad_scale,
    )  # fmt: skip
