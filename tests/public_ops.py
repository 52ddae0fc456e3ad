"""A valid call of every function of fn.ops, and the kind of each of its arguments.

    ROWS["ops.matmul"] = Row(fn.ops.matmul, a=array((2, 3)), b=array((3, 4)), ...)

The other rooms are in public_calls.py.
"""

import numpy as np
from arguments import (
    INF,
    Row,
    array,
    flag,
    in_place,
    labels,
    name,
    number,
    out,
    weights,
    whole,
)

import fastnn as fn

ROWS = {}
ELEMENTWISE = [
    "elu", "exp", "gelu", "gelu_tanh", "identity", "leaky_relu", "log", "relu", "selu",
    "sigmoid", "silu", "softmax", "softplus", "tanh",
]  # fmt: skip
FROM_Z = ("gelu", "gelu_tanh", "silu")
M = (3, 2)


def ops_row(function_name, **arguments):
    ROWS[f"ops.{function_name}"] = Row(getattr(fn.ops, function_name), **arguments)


for _name in ELEMENTWISE:
    ops_row(_name, x=array(M, any_shape=True), out=out(M))
    if _name not in ("exp", "log"):
        saved = "z" if _name in FROM_Z else "a"
        backward = {"grad_output": array(M), saved: array(M), "out": out(M)}
        ops_row(_name + "_backward", **backward)

for _name in ("dropout", "dropout_backward"):
    x = "x" if _name == "dropout" else "grad_output"
    arguments = {x: array(M, any_shape=True)}
    ops_row(
        _name, **arguments, rate=number(0.5, -0.1, 1.0, 2), seed=whole(0, 2**64),
        step=whole(0, 2**64), layer=whole(0, 2**32), out=out(M),
    )  # fmt: skip
ops_row(
    "philox", n=whole(4), seed=whole(0, 2**64), step=whole(0, 2**64),
    layer=whole(0, 2**32),
)  # fmt: skip


NOT_PROBABLE = (np.array([[0.5, 0.5]] * 2 + [[1.5, 0.5]]), ["1.5"])
ops_row(
    "cross_entropy", logits=array(M), y=labels(3, 2), sample_weight=weights(3)
)  # fmt: skip
ROWS["ops.cross_entropy, probabilities"] = Row(
    fn.ops.cross_entropy,
    logits=array(M),
    y=array(M, NOT_PROBABLE, (np.ones(M), ["sums to 2"]), good=np.full(M, 0.5)),
    sample_weight=weights(3),
)
ops_row(
    "binary_cross_entropy", logits=array(M), y=array(M, NOT_PROBABLE),
    sample_weight=weights(3),
)  # fmt: skip
for _name in ("mse", "mae", "huber"):
    ops_row(_name, prediction=array(M), y=array(M), sample_weight=weights(3))
ops_row("hinge", prediction=array((3, 3)), y=labels(3, 3), sample_weight=weights(3))
ROWS["ops.hinge, two classes"] = Row(
    fn.ops.hinge,
    prediction=array((3,)),
    y=array((3,), (np.array([0, 1, 2]), ["2"]), (np.array([-1, 0, 1]), ["-1", "0"]),
            good=np.array([0, 1, 0])),
    sample_weight=weights(3),
)  # fmt: skip

ops_row(
    "matmul", a=array(M), b=array((2, 4)), transpose_a=flag(False),
    transpose_b=flag(False), out=out((3, 4)),
)  # fmt: skip
ops_row(
    "dense", x=array(M), weights=array((2, 4)), bias=array((4,), optional=True),
    activation=name("relu", "softmax"), out=out((3, 4)),
)  # fmt: skip
ops_row(
    "column_sums", x=array(M, (np.ones(3), ["1 dim"]), any_shape=True), out=out((2,))
)

VECTOR = {"gamma": array((2,)), "beta": array((2,))}
MOMENTS = {"running_mean": array((2,)), "running_var": array((2,))}
EPS = number(1e-5, 0, -1e-5, INF)
ops_row(
    "batch_norm", x=array(M), **VECTOR, running_mean=in_place((2,)),
    running_var=in_place((2,)), momentum=number(0.1, -0.1, 1.5), eps=EPS,
    training=flag(True), out=out(M),
)  # fmt: skip
ops_row("batch_norm_inference", x=array(M), **VECTOR, **MOMENTS, eps=EPS, out=out(M))
ROWS["ops.batch_norm, not training"] = Row(
    lambda **given: fn.ops.batch_norm(training=False, **given),
    x=array(M), **VECTOR, **MOMENTS, momentum=number(0.1, -0.1, 1.5), eps=EPS,
    out=out(M),
)  # fmt: skip
GRADIENT = {"grad_output": array(M), "x": array(M), "gamma": array((2,))}
ops_row("batch_norm_backward", **GRADIENT, mean=array((2,)), inv_std=array((2,)))
ops_row("batch_norm_inference_backward", **GRADIENT, **MOMENTS, eps=EPS)
ops_row("layer_norm", x=array(M), **VECTOR, eps=EPS, out=out(M))
ops_row("layer_norm_backward", **GRADIENT, mean=array((3,)), inv_std=array((3,)))

RATES = {
    "learning_rate": number(0.1, -1, INF),
    "weight_decay": number(0.1, -1, INF),
    "grad_scale": number(1.0, -1, INF),
}
BETAS = {"beta1": number(0.9, -0.1, 1.0), "beta2": number(0.99, -0.1, 1.0), "eps": EPS}
PAIR = {"param": in_place(M), "grad": array(M)}
ops_row(
    "sgd_update", **PAIR, velocity=in_place(M), momentum=number(0.9, -1, INF),
    nesterov=flag(True), **RATES,
)  # fmt: skip
ops_row("adagrad_update", **PAIR, square_sum=in_place(M), eps=EPS, **RATES)
ops_row(
    "rmsprop_update", **PAIR, square_average=in_place(M), eps=EPS,
    alpha=number(0.9, -0.1, 1.1), **RATES,
)  # fmt: skip
for _name in ("adam_update", "adamw_update"):
    ops_row(
        _name, **PAIR, m=in_place(M), v=in_place(M), step=whole(1, 0, 2**63), **BETAS,
        **RATES,
    )  # fmt: skip
ops_row("sum_of_squares", x=array(M, any_shape=True))
