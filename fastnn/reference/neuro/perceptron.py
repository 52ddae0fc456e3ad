"""A threshold unit that learns from its errors."""

__all__ = ["perceptron_epoch"]


def perceptron_epoch(signed, order, w, errors):
    """One pass of Rosenblatt's rule (1958) over samples x with classes y = -1 or +1.

    A sample is wrong where y (w . x) <= 0; then w <- w + y x, before the next one.

    signed (n, d): y x of each sample. order (n,) int64: the row that is the first, the
    second ... in this pass. w (d,): updated. errors (1,) int64: how many were wrong,
    overwritten. All but order and errors float64, C-contiguous.
    """
    errors[0] = 0
    for i in order:
        weighted_sum = 0.0
        for k in range(len(w)):
            weighted_sum += w[k] * signed[i, k]
        if weighted_sum <= 0.0:
            for k in range(len(w)):
                w[k] += signed[i, k]
            errors[0] += 1
