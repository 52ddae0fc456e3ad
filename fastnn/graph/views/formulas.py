r"""The derivative of each operation, as a formula for people: one table, op by op.

FACTORS holds the operations that work element by element. Their gradient is a product,
dL/dx = g · factor, and the factor is the local derivative: a number for Values. OTHERS
holds those that mix elements: there is the whole formula of dL/dx, in which g = dL/da
is the gradient from above (the vector-Jacobian product).

Each entry is a pair (text, LaTeX) per input. In both stand {x} and {y} for the inputs,
{a} for the result, {n} for how many elements go into one.
"""

import math
import re

import numpy as np

from . import walk

# Read r"\c{a}" as: LaTeX braces are doubled, because these are templates.
FACTORS = {
    "+": [("1", "1"), ("1", "1")],
    "-": [("1", "1"), ("-1", "-1")],
    "*": [("{y}", "{y}"), ("{x}", "{x}")],
    "/": [
        ("1 / {y}", r"\frac{{1}}{{{y}}}"),
        ("-{a} / {y}", r"-\frac{{{a}}}{{{y}}}"),
    ],
    "**": [
        ("{y} {x}^({y} - 1)", "{y}\\,{{{x}}}^{{{y}-1}}"),
        ("{a} ln {x}", r"{a}\,\ln {x}"),
    ],
    "neg": [("-1", "-1")],
    "abs": [("sign({x})", r"\operatorname{{sign}}({x})")],
    "exp": [("{a}", "{a}")],
    "expm1": [("{a} + 1", "{a}+1")],
    "log": [("1 / {x}", r"\frac{{1}}{{{x}}}")],
    "log1p": [("1 / (1 + {x})", r"\frac{{1}}{{1+{x}}}")],
    "sqrt": [("1 / (2 {a})", r"\frac{{1}}{{2\,{a}}}")],
    "sign": [("0", "0")],
    "sin": [("cos {x}", r"\cos {x}")],
    "cos": [("-sin {x}", r"-\sin {x}")],
    "tanh": [("1 - {a}²", "1-{{{a}}}^2")],
    "sigmoid": [("{a} (1 - {a})", r"{a}\,(1-{a})")],
    "relu": [("[{x} > 0]", r"[{x} \gt 0]")],
    "leaky_relu": [
        ("1 if {x} > 0 else 0.01",
         r"\{{1 \text{{ if }} {x} \gt 0, \text{{ else }} 0.01\}}")
    ],
    "elu": [
        ("1 if {x} > 0 else {a} + 1",
         r"\{{1 \text{{ if }} {x} \gt 0, \text{{ else }} {a}+1\}}")
    ],
    "selu": [
        ("1.0507 if {x} > 0 else {a} + 1.7581",
         r"\{{1.0507 \text{{ if }} {x} \gt 0, \text{{ else }} {a}+1.7581\}}")
    ],
    "gelu": [("Φ({x}) + {x} φ({x})", r"\Phi({x})+{x}\,\varphi({x})")],
    "silu": [
        ("σ({x}) (1 + {x} (1 - σ({x})))",
         r"\sigma({x})\,\bigl(1+{x}\,(1-\sigma({x}))\bigr)")
    ],
    "softplus": [("σ({x})", r"\sigma({x})")],
    "normal_cdf": [("φ({x})", r"\varphi({x})")],
    "maximum": [
        ("[{x} > {y}], ½ if equal", r"[{x} \gt {y}],\ \tfrac12 \text{{ if equal}}"),
        ("[{y} > {x}], ½ if equal", r"[{y} \gt {x}],\ \tfrac12 \text{{ if equal}}"),
    ],
    "minimum": [
        ("[{x} < {y}], ½ if equal", r"[{x} \lt {y}],\ \tfrac12 \text{{ if equal}}"),
        ("[{y} < {x}], ½ if equal", r"[{y} \lt {x}],\ \tfrac12 \text{{ if equal}}"),
    ],
    "where": [
        ("[condition]", r"[\text{{condition}}]"),
        ("[not condition]", r"[\text{{not condition}}]"),
    ],
    "clip": [("[inside the bounds]", r"[\text{{inside the bounds}}]")],
}  # fmt: skip

_OVER_N = r"\tfrac{{1}}{{{n}}}"
OTHERS = {
    "sum": [("g, repeated", r"g \text{{, repeated}}")],
    "mean": [("g / {n}, repeated", rf"{_OVER_N}\,g \text{{{{, repeated}}}}")],
    "max": [("g where {x} = {a}, shared evenly",
             r"g \text{{ where }} {x}={a} \text{{, shared evenly}}")],
    "min": [("g where {x} = {a}, shared evenly",
             r"g \text{{ where }} {x}={a} \text{{, shared evenly}}")],
    "prod": [("g · {a} / {x}", r"g \cdot \frac{{{a}}}{{{x}}}")],
    "var": [("g · 2 ({x} - mean {x}) / {m}",
             r"g \cdot \tfrac{{2}}{{{m}}}\,({x}-\overline{{{x}}})")],
    "std": [("g · ({x} - mean {x}) / ({m} {a})",
             r"g \cdot \frac{{{x}-\overline{{{x}}}}}{{{m}\,{a}}}")],
    "norm": [("g · {x} / {a}", r"g \cdot \frac{{{x}}}{{{a}}}")],
    "logsumexp": [("g · exp({x} - {a})", r"g \cdot e^{{{x}-{a}}}")],
    "softmax": [("{a} · (g - sum of g · {a})",
                 r"{a} \cdot \bigl(g-\textstyle\sum g\,{a}\bigr)")],
    "log_softmax": [("g - exp({a}) · sum of g", r"g-e^{{{a}}}\,\textstyle\sum g")],
    "gelu_tanh": [
        ("g · (1 + t + {x} (1 - t²) u) / 2, t = tanh(√(2/π) ({x} + 0.0447 {x}³)), "
         "u = √(2/π) (1 + 0.134 {x}²)",
         r"\tfrac12\,g\,\bigl(1+t+{x}\,(1-t^2)\,u\bigr),\ "
         r"t=\tanh\bigl(\sqrt{{2/\pi}}\,({x}+0.0447\,{{{x}}}^3)\bigr),\ "
         r"u=\sqrt{{2/\pi}}\,(1+0.134\,{{{x}}}^2)")
    ],
    "reshape": [("g, reshaped", r"g \text{{, reshaped}}")],
    "transpose": [("gᵀ", r"g^\top")],
    "[]": [("g at its index, else 0", r"g \text{{ at its index, else }} 0")],
    "scatter": [("g[index]", r"g[\text{{index}}]")],
    "concatenate": [("its part of g", r"\text{{its part of }} g")],
    "stack": [("its part of g", r"\text{{its part of }} g")],
    "broadcast_to": [("g", "g")],
    "alias": [("g", "g")],
    "float32": [("g", "g")],
    "float64": [("g", "g")],
    "outer": [("g @ {y}", "g\\,{y}"), ("gᵀ @ {x}", "g^\\top {x}")],
    "einsum": [("einsum of g and the other inputs",
                r"\text{{einsum of }} g \text{{ and the other inputs}}")],
}  # fmt: skip

# Losses: means over n, which is the sum of the weights where there are weights w.
LOSSES = {
    "cross_entropy": ("g · {w}(softmax({x}) - y) / {rows}",
                      r"\tfrac{{1}}{{{rows}}}\,{w}g\,(\operatorname{{softmax}}({x})-y)"),
    "binary_cross_entropy": ("g · {w}(σ({x}) - y) / {n}",
                             rf"{_OVER_N}\,{{w}}g\,(\sigma({{x}})-y)"),
    "mse": ("g · {w}2 ({x} - y) / {n}", r"\tfrac{{2}}{{{n}}}\,{w}g\,({x}-y)"),
    "mae": ("g · {w}sign({x} - y) / {n}",
            rf"{_OVER_N}\,{{w}}g\,\operatorname{{{{sign}}}}({{x}}-y)"),
    "huber": ("g · {w}clip({x} - y, -1, 1) / {n}",
              rf"{_OVER_N}\,{{w}}g\,\operatorname{{{{clip}}}}({{x}}-y,-1,1)"),
    "hinge": ("-g · {w}s [s {x} < 1] / {n}, s = ±1",
              rf"-{_OVER_N}\,{{w}}g\,s\,[s\,{{x}} \lt 1],\ s=\pm 1"),
    "hinge of classes": (
        "g · {w}(rival - class, as 0 and 1) / {rows} where the margin counts",
        r"\tfrac{{1}}{{{rows}}}\,{w}g\,(\text{{rival}}-\text{{class}})"
        r"\text{{ where the margin counts}}"),
}  # fmt: skip

# x @ y by how many axes x and y have, 1 (a vector) or 2 (a matrix, or a stack of them)
PRODUCTS = {
    (2, 2): [("g @ {y}ᵀ", "g\\,{{{y}}}^\\top"), ("{x}ᵀ @ g", "{{{x}}}^\\top g")],
    (2, 1): [("outer(g, {y})", "g\\,{{{y}}}^\\top"), ("{x}ᵀ @ g", "{{{x}}}^\\top g")],
    (1, 2): [("{y} @ g", "{y}\\,g"), ("outer({x}, g)", "{x}\\,g^\\top")],
    (1, 1): [("g · {y}", r"g\,{y}"), ("g · {x}", r"g\,{x}")],
}

UNKNOWN = ("∂{a}/∂{x}", r"\frac{{\partial {a}}}{{\partial {x}}}")


def local(node, i, name, latex_name):
    """The local derivative of a Value by its input i, as (text, LaTeX).

    name, latex_name: functions from a node to what it is called.
    """
    factors = _factors(node.op)
    factor, own = (factors[i], None) if factors else (UNKNOWN, i)
    return _filled(factor, node, own, name, latex_name)


def pulled_back(node, i, name, latex_name):
    """What a Tensor's gradient g gives to its input i, as (text, LaTeX)."""
    base = node.op.partition("(")[0]
    factors = _factors(node.op)
    own = None
    if node.op == "@":
        x, y = [min(len(_shape(x)), 2) for x in node.inputs]
        formula = PRODUCTS.get((x, y), [UNKNOWN] * 2)[i]
    elif factors:
        formula = _times_g(*factors[min(i, len(factors) - 1)])
    elif base in LOSSES:
        formula = LOSSES[_kind_of_loss(node)]
    elif base in OTHERS:
        formulas = OTHERS[base]
        formula = formulas[min(i, len(formulas) - 1)]
        own = i if len(formulas) == 1 else None
    else:
        formula, own = _times_g(*UNKNOWN), i
    filled = _filled(formula, node, own, name, latex_name, **_counts(node))
    return _summed(*filled, node, node.inputs[i])


def is_elementwise(op):
    """Whether each element of the result is made of one element of each input."""
    others = ("gelu_tanh", "alias", "float32", "float64")  # with formulas of their own
    return _factors(op) is not None or op in others


def _factors(op):
    """The entries of an operation that works element by element, else None."""
    if power := re.fullmatch(r"\*\*(.+)", op):
        return [_power(float(power[1]))]
    return FACTORS.get(op.partition("(")[0])


def _power(n):
    """n x^(n - 1), for a number n, as short as one writes it."""
    if n in (0.0, 1.0):
        return f"{n:g}", f"{n:g}"
    front = {-1.0: "-"}.get(n, f"{n:g} ")
    latex_front = {-1.0: "-"}.get(n, rf"{n:g}\,")
    if n == 2.0:
        return front + "{x}", latex_front + "{x}"
    return f"{front}{{x}}^{n - 1:g}", f"{latex_front}{{{{{{x}}}}}}^{{{{{n - 1:g}}}}}"


def _counts(node):
    """How many elements go into one, for the formulas that divide by it."""
    x = _shape(node.inputs[0])
    n = math.prod(x) // max(math.prod(_shape(node)), 1)
    settings = getattr(node, "settings", ())
    if node.op in LOSSES and settings[-1] is not None:
        columns = x[1] if len(x) == 2 else 1
        n = "Σw" if columns == 1 else f"({columns} Σw)"
        return {"n": n, "rows": "Σw", "w": "w "}
    ddof = settings[-1] if node.op.startswith(("var", "std")) and settings else 0
    rows = x[0] if x else 1
    return {"n": n, "m": n - ddof, "rows": rows, "w": ""}


def _kind_of_loss(node):
    """The hinge has two formulas: for one score a sample, and for one a class."""
    x, y = _shape(node.inputs[0]), np.shape(node.settings[0])
    of_classes = node.op == "hinge" and len(x) == 2 and x[1] > 1 and len(y) == 1
    return "hinge of classes" if of_classes else node.op


def _times_g(text, latex):
    """g · factor, as short as one writes it."""
    if text in ("1", "-1", "0"):
        return {"1": ("g", "g"), "-1": ("-g", "-g"), "0": ("0", "0")}[text]
    if text.startswith("-"):
        return f"-g · {text[1:]}", rf"-g \cdot {latex[1:]}"
    if _is_sum(text):
        text, latex = f"({text})", rf"\bigl({latex}\bigr)"
    return f"g · {text}", rf"g \cdot {latex}"


def _is_sum(text):
    """Whether it is a sum, or has several parts, outside of all parentheses."""
    inner = None
    while inner != text:
        inner, text = text, re.sub(r"\([^()]*\)|\[[^\[\]]*\]", "", text)
    return any(sign in text for sign in (" + ", " - ", ", ", " if "))


def _filled(formula, node, own, name, latex_name, **counts):
    """A formula with the names in it. own: the input that x stands for, if given."""
    inputs = [node.inputs[own]] * 2 if own is not None else [*node.inputs, *node.inputs]
    filled = []
    for template, call in zip(formula, (name, latex_name), strict=True):
        names = {"x": call(inputs[0]), "y": call(inputs[1]), "a": call(node)}
        filled.append(template.format(**names, **counts))
    return tuple(filled)


def _summed(text, latex, node, x):
    """The formula for an input that was broadcast: a sum over what was repeated."""
    shape, whole = _shape(x), _shape(node)
    if node.op == "@" and _is_shared(shape, node):
        return f"sum of ({text}) over the stack", rf"\textstyle\sum {latex}"
    if not _factors(node.op) and node.op != "broadcast_to":
        return text, latex
    new = len(whole) - len(shape)
    axes = [
        i for i, n in enumerate(whole) if i < new or (shape[i - new] == 1 and n != 1)
    ]
    if not axes:
        return text, latex
    if " " in text:
        text, latex = f"({text})", rf"\bigl({latex}\bigr)"
    if len(axes) == len(whole):
        return f"sum of {text}", rf"\textstyle\sum {latex}"
    over = ", ".join(map(str, axes))
    axis = "axis" if len(axes) == 1 else "axes"
    return (
        f"sum of {text} over {axis} {over}",
        rf"\textstyle\sum_{{\text{{{axis} {over}}}}} {latex}",
    )


def _is_shared(shape, node):
    """Whether all products of a stack have the same matrix or vector for operand."""
    stacks = [_shape(x)[:-2] for x in node.inputs]
    return shape[:-2] != np.broadcast_shapes(*stacks)


def _shape(node):
    return np.shape(walk.numbers(node))
