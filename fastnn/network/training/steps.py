"""How steps are taken: by the program of kernels, or layer by layer. The same bits.

    by_program(training, rates, totals)     a step for each learning rate
    by_layers(training, rates, totals)      likewise, but a single one

totals (n_epochs, 4 + n_layers), a row for each epoch that the steps reach: they add to
it what the kernel train_steps says. So it shows which steps were taken, even when
Ctrl-C comes in between.
"""

import math

import numpy as np

from ... import backend
from .. import losses, program
from .optimizers import grad_scale_for


def by_program(training, rates, totals):
    """Steps in the kernels, from one epoch into the next.

    An epoch whose loss is not finite is the last one that they reach. The samples of
    the first one are checked as they come, if that is still to be done.
    """
    net = training.network
    if training.program is None or training.program.of is not net.laid_out.state:
        training.program = program.Program(  # anew when a callback changed a layer
            net, training.batch_size, training.data.target.kernel, training.optimizer,
            training.slots,
        )  # fmt: skip
    try:
        finite = training.program.run(
            training.data, training.order, rates, totals, step=training.step,
            draws=net.draws, start=training.done, shuffle=int(training.shuffle),
            check=int(training.before is not None),
        )  # fmt: skip
    finally:
        net.draws += sum(in_each(totals, training.batch_size, training.done).tolist())
    if not finite:
        training.refuse()


def in_each(totals, batch_size, done):
    """The number of steps in each epoch, apart from the `done` ones of the first.

    Only an epoch's last step may be a smaller batch.
    """
    n_steps = np.ceil(totals[:, 3] / batch_size).astype(np.int64)
    n_steps[0] -= done
    return n_steps


def by_layers(training, rates, totals):
    """One step through the layers' own forward and backward."""
    [rate] = rates
    net, order, done = training.network, training.order, training.done
    if done == 0 and training.shuffle:
        backend.function("shuffle")(order, net.seed, net.draws)
    rows = order[done * training.batch_size :][: training.batch_size]
    totals[0] += step_by_layers(training, rows, rate)


def step_by_layers(training, rows, rate):
    """Forward, loss, backward and update for one batch; returns its totals."""
    net, data = training.network, training.data
    weight = None if data.sample_weight is None else data.sample_weight[rows]
    target = data.target.rows(rows)
    draws, statistics = net.draws, net.flat_statistics.copy()
    try:
        outputs = net.forward(data.x[rows], training=True)
        loss, grad = target.value_and_gradient(outputs, weight)
        net.backward(grad)
    except BaseException:  # this step is not taken: all is as the last one left it
        net.draws, net.flat_statistics[:] = draws, statistics
        raise
    squares = squared_norms(net)
    update(training, rate, sum(squares.values()))

    total = len(rows) if weight is None else float(weight.sum(dtype=np.float64))
    right = 0.0
    if training.loss in losses.CLASSIFICATION:
        right = losses.accuracy(target, outputs, training.loss) * len(rows)
    norms = [0.0] * len(net.layers)
    for index, layer in enumerate(net.layers):
        if layer.parameter_names:
            norms[index] = math.sqrt(squares[index, layer.parameter_names[0]])
    return [loss * total, total, right, len(rows), *norms]


def squared_norms(network):
    """{(layer index, name of the parameter): ||gradient||^2}."""
    square = backend.function("sum_of_squares")
    return {
        (index, name): square(getattr(layer, "grad_" + name).reshape(-1))
        for index, layer in enumerate(network.layers)
        for name in layer.parameter_names
    }


def update(training, rate, squares):
    """One optimizer step: the decayed parameters, then the others."""
    net, optimizer = training.network, training.optimizer
    scale = grad_scale_for(math.sqrt(squares), optimizer.clip_norm)
    whole = slice(None)
    decayed, others = slice(net.n_decayed), slice(net.n_decayed, None)
    for part, decay in ((decayed, optimizer.weight_decay), (others, 0.0)):
        slots = training.slots[whole, part]
        optimizer.update(
            net.flat_parameters[part], net.flat_gradients[part], slots,
            training.step + 1, rate, decay, scale,
        )  # fmt: skip
