"""gradcheck: a derivative beside what the differences of the function say."""

import numpy as np

from ..ops import checks
from .arrays import numbers
from .transformations import _Call, _function


def gradcheck(f, *x, step=None, rtol=1e-6, atol=1e-8, max_rows=20, show=True):
    """Compare the gradient of f by each x with central differences, and print both.

        analytic: what the graph says
        numeric:  (f(x + h) - f(x - h)) / 2h, one element after the other

    f returns a Tensor; of several elements, the sum of all, each with a weight of its
    own, is differentiated. The computation is done in float64. step: h, by default
    6e-6 (1 + |x|), where the two errors of the difference, of rounding and of the
    curve, are about equal. A row parts where |analytic - numeric| > atol + rtol
    (|analytic| + |numeric|) / 2. The rows that part come first, and at most max_rows
    are printed; show=False prints nothing.

    Returns True where no row parts. At a kink, such as relu's at 0, the two differ.
    """
    _function("gradcheck", f)
    if not x:
        raise TypeError("gradcheck: no x came; expected f and the point to check it at")
    step = None if step is None else checks.number("gradcheck", "step", step, above=0)
    rtol = checks.number("gradcheck", "rtol", rtol, low=0)
    atol = checks.number("gradcheck", "atol", atol, low=0)
    max_rows = checks.whole("gradcheck", "max_rows", max_rows, low=1)
    show = checks.flag("gradcheck", "show", show)
    point = [_point(i, value) for i, value in enumerate(x)]
    call = _Call("gradcheck", f, point, tuple(range(len(point))))
    # Unequal weights: errors of two elements of f cannot cancel each other.
    weight = 1.0 + 0.5 * np.sin(np.arange(call.result.size, dtype=float))
    weight = weight.reshape(call.result.shape)
    analytic = call.gradients(weight)

    tensor = type(call.inputs[0])

    def value(*arguments):
        return float(np.sum(np.asarray(f(*map(tensor, arguments))) * weight))

    rows = []
    for k, values in enumerate(point):
        name = getattr(x[k], "name", "") or f"x{k}"
        for at in np.ndindex(values.shape):
            numeric = _difference(value, point, k, at, step)
            rows.append((f"{name}{list(at) if at else ''}", analytic[k][at], numeric))
    parted = [not _close(a, n, rtol, atol) for _, a, n in rows]
    if show:
        print(_table(rows, parted, max_rows))
    return not any(parted)


def _point(i, value):
    if hasattr(value, "computed"):
        value = value.data
    return np.array(numbers("gradcheck", f"x{i}", value), dtype=np.float64)


def _difference(value, point, k, at, step):
    moved = [np.array(x) for x in point]
    x = point[k][at]
    h = 6e-6 * (1.0 + abs(x)) if step is None else step
    moved[k][at] = x + h
    above, right = value(*moved), moved[k][at]
    moved[k][at] = x - h
    below, left = value(*moved), moved[k][at]
    return (above - below) / (right - left)  # as far as it moved, after rounding


def _close(a, n, rtol, atol):
    if np.isnan(a) or np.isnan(n) or np.isinf(a) or np.isinf(n):
        return bool(a == n)
    return bool(abs(a - n) <= atol + rtol * (abs(a) + abs(n)) / 2)


def _table(rows, parted, max_rows):
    order = sorted(range(len(rows)), key=lambda i: not parted[i])  # stable
    lines = [("", "analytic", "numeric", "difference", "")]
    for i in order[:max_rows]:
        name, a, n = rows[i]
        word = "<- they part" if parted[i] else ""
        lines.append((name, f"{a:.9g}", f"{n:.9g}", f"{a - n:.1e}", word))
    widths = [max(len(line[c]) for line in lines) for c in range(4)]
    text = [
        "  ".join(
            [line[0].ljust(widths[0])]
            + [line[c].rjust(widths[c]) for c in (1, 2, 3)]
            + [line[4]]
        ).rstrip()
        for line in lines
    ]
    if len(rows) > max_rows:
        text.append(f"... {len(rows) - max_rows} rows more")
    bad = sum(parted)
    text.append(
        f"{len(rows)} derivatives agree"
        if not bad
        else f"{bad} of {len(rows)} derivatives differ from the differences of f"
    )
    return "\n".join(text)
