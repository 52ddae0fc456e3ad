"""Networks laid out as the arguments of `infer` and `train_steps`."""

import numpy as np

from fastnn.network import losses, program
from fastnn.network.training.optimizers import as_optimizer
from fastnn.network.training.run import Data
from fastnn.reference.training import PLAN_FIELDS


def inference(net, x, chunk=64):
    """The arguments of infer; the one before the last is its output, full of NaN."""
    layers, constants = program.layer_rows(net)
    x = np.array(x, net.dtype, order="C")
    out = np.full((len(x), net.n_out), np.nan, net.dtype)
    parameters, statistics = net.flat_parameters.copy(), net.flat_statistics.copy()
    return layers, constants, parameters, statistics, x, out, chunk


def training(
    net, x, y, loss, optimizer, rates, batch_size, weight=None, order=None, slots=None,
    step=0, start=0, shuffle=0, check=0, n_epochs=1,
):  # fmt: skip
    """The arguments of train_steps, with copies of all that it overwrites, by name."""
    optimizer = as_optimizer(optimizer)
    target = losses.targets("training", "y", y, loss, net.n_out, net.dtype)
    x = np.ascontiguousarray(x, net.dtype)
    data = Data(x, target, None if weight is None else weight.astype(net.dtype))
    n = net.flat_parameters.size
    if slots is None:
        slots = np.zeros((optimizer.n_slots, n), net.dtype)
    laid_out = program.Program(net, batch_size, target.kernel, optimizer, slots)
    plan = laid_out.plan | {"step": step, "draws": step, "start": start}
    plan |= {"shuffle": shuffle, "check": check}
    if order is None:
        order = np.arange(len(x))
    return {
        "layers": laid_out.layers,
        "constants": laid_out.constants,
        "parameters": net.flat_parameters.copy(),
        "gradients": np.full(n, np.nan, net.dtype),
        "statistics": net.flat_statistics.copy(),
        "slots": slots.copy(),
        "workspace": np.full_like(laid_out.workspace, np.nan),
        "x": data.x,
        "y": target.y,
        "labels": target.labels,
        "sample_weight": data.sample_weight,
        "order": np.asarray(order, np.int64),
        "learning_rates": np.asarray(rates, np.float64),
        "plan": np.array([plan[name] for name in PLAN_FIELDS], np.int64),
        "scalars": laid_out.scalars,
        "totals": np.zeros((n_epochs, 4 + len(net.layers))),
    }
