# Losses: the loss of a batch and its gradient with respect to the prediction.
# Twin: fastnn/reference/losses.py

include "_loss_rows.pxi"

# The names and their order are LOSSES in the twin.
cdef enum Loss:
    CROSS_ENTROPY, CROSS_ENTROPY_SOFT, BINARY_CROSS_ENTROPY, MSE, MAE, HUBER
    HINGE, HINGE_MULTICLASS


cdef double total_weight(const real_t* sample_weight, Py_ssize_t n) noexcept nogil:
    """Sum of the weights, in double and in row order; n where there are none (NULL)."""
    return <double> n if sample_weight == NULL else sum_in_order(sample_weight, n)


cdef void loss_rows(
    int kind, const real_t* prediction, const real_t* y, const int64_t* labels,
    const real_t* sample_weight, double total, double* row_loss, real_t* grad,
    Py_ssize_t start, Py_ssize_t stop, Py_ssize_t cols,
) noexcept nogil:
    """Each row's share of the loss and its gradient, for rows start .. stop - 1.

    Pointers are to row 0. `labels` serves the losses on class indices, `y` the others;
    the one not needed, sample_weight and grad may be NULL. total = total_weight(...).
    """
    if total * cols == 0.0:  # the mean over nothing is 0 by definition
        memset(row_loss + start, 0, (stop - start) * sizeof(double))
        if grad != NULL:
            memset(grad + start * cols, 0, (stop - start) * cols * sizeof(real_t))
    elif kind == CROSS_ENTROPY or kind == CROSS_ENTROPY_SOFT:
        cross_entropy_rows(kind, prediction, y, labels, sample_weight, total,
                           row_loss, grad, start, stop, cols)
    elif kind == HINGE_MULTICLASS:
        hinge_multiclass_rows(prediction, labels, sample_weight, total,
                              row_loss, grad, start, stop, cols)
    else:
        elementwise_rows(kind, prediction, y, sample_weight, total,
                         row_loss, grad, start, stop, cols)


cdef double batch_loss(
    int kind, const real_t* prediction, const void* y, const real_t* sample_weight,
    double* row_loss, real_t* grad, Py_ssize_t n, Py_ssize_t cols,
) noexcept nogil:
    cdef double total = total_weight(sample_weight, n)
    loss_rows(kind, prediction, <const real_t*> y, <const int64_t*> y, sample_weight,
              total, row_loss, grad, 0, n, cols)
    return sum_in_order(row_loss, n)


cdef double loss_of(
    int kind, ndarray prediction, ndarray y, ndarray sample_weight, ndarray row_loss,
    ndarray grad,
):
    cdef Py_ssize_t n = PyArray_DIM(prediction, 0), cols = PyArray_DIM(prediction, 1)
    cdef void* z = data(prediction)
    cdef void* target = data(y)
    cdef void* weight = data(sample_weight)
    cdef double* rows = <double*> data(row_loss)
    cdef void* slope = data(grad)
    cdef double loss
    if is_float32(prediction):
        with nogil:
            loss = batch_loss[float](kind, <const float*> z, target,
                                     <const float*> weight, rows, <float*> slope,
                                     n, cols)
    else:
        with nogil:
            loss = batch_loss[double](kind, <const double*> z, target,
                                      <const double*> weight, rows, <double*> slope,
                                      n, cols)
    return loss


def cross_entropy(
    ndarray logits not None, ndarray y not None, ndarray sample_weight,
    ndarray row_loss not None, ndarray grad,
):
    """Softmax and cross-entropy of class indices, and the gradient.

    loss = sum_i w_i * -log softmax(logits_i)[y_i] / W   (Bridle, 1990)
    grad[i, j] = w_i / W * (softmax(logits_i)[j] - [j = y_i])
    logits (n, k), y (n,) int64 in 0 .. k-1,
    sample_weight (n,) or None: read. W is the sum of the weights, n for None; where it
    is 0, loss and grad are 0. row_loss (n,) float64, each sample's share of the loss,
    and grad (n, k), not logits, or None: overwritten. Returns the sum of row_loss.
    Derivation: docs/derivations/losses.md
    """
    return loss_of(CROSS_ENTROPY, logits, y, sample_weight, row_loss, grad)


def cross_entropy_soft(
    ndarray logits not None, ndarray y not None, ndarray sample_weight,
    ndarray row_loss not None, ndarray grad,
):
    """Softmax and cross-entropy of class probabilities, and the gradient.

    loss = sum_i w_i * -sum_j y[i, j] log softmax(logits_i)[j] / W, with 0 log 0 = 0
    grad[i, j] = w_i / W * (softmax(logits_i)[j] * sum_j y[i, j] - y[i, j])
    logits, y (n, k), rows of y one-hot or soft (Szegedy et al., 2016),
    sample_weight (n,) or None: read. W is the sum of the weights, n for None; where it
    is 0, loss and grad are 0. row_loss (n,) float64, each sample's share of the loss,
    and grad (n, k), not logits, or None: overwritten. Returns the sum of row_loss.
    Derivation: docs/derivations/losses.md
    """
    return loss_of(CROSS_ENTROPY_SOFT, logits, y, sample_weight, row_loss, grad)


def binary_cross_entropy(
    ndarray logits not None, ndarray y not None, ndarray sample_weight,
    ndarray row_loss not None, ndarray grad,
):
    """Sigmoid and cross-entropy, element by element, and the gradient (Cox, 1958).

    loss = sum_i w_i * mean_j(max(z, 0) - z y + log(1 + exp(-|z|))) / W, z = logits
    grad[i, j] = w_i / (W k) * (sigmoid(z) - y)
    logits, y (n, k), y in [0, 1],
    sample_weight (n,) or None: read. W is the sum of the weights, n for None; where it
    is 0, loss and grad are 0. row_loss (n,) float64, each sample's share of the loss,
    and grad (n, k), not logits, or None: overwritten. Returns the sum of row_loss.
    Derivation: docs/derivations/losses.md
    """
    return loss_of(BINARY_CROSS_ENTROPY, logits, y, sample_weight, row_loss, grad)


def mse(
    ndarray prediction not None, ndarray y not None, ndarray sample_weight,
    ndarray row_loss not None, ndarray grad,
):
    """Mean squared error, without 1/2, and the gradient (Legendre, 1805).

    loss = sum_i w_i * mean_j((prediction - y)^2) / W
    grad[i, j] = w_i / (W k) * 2 (prediction - y)
    prediction, y (n, k),
    sample_weight (n,) or None: read. W is the sum of the weights, n for None; where it
    is 0, loss and grad are 0. row_loss (n,) float64, each sample's share of the loss,
    and grad (n, k), not prediction, or None: overwritten. Returns the sum of row_loss.
    Derivation: docs/derivations/losses.md
    """
    return loss_of(MSE, prediction, y, sample_weight, row_loss, grad)


def mae(
    ndarray prediction not None, ndarray y not None, ndarray sample_weight,
    ndarray row_loss not None, ndarray grad,
):
    """Mean absolute error and the gradient (Laplace, 1774).

    loss = sum_i w_i * mean_j(|prediction - y|) / W
    grad[i, j] = w_i / (W k) * sign(prediction - y), sign(0) = 0
    prediction, y (n, k),
    sample_weight (n,) or None: read. W is the sum of the weights, n for None; where it
    is 0, loss and grad are 0. row_loss (n,) float64, each sample's share of the loss,
    and grad (n, k), not prediction, or None: overwritten. Returns the sum of row_loss.
    Derivation: docs/derivations/losses.md
    """
    return loss_of(MAE, prediction, y, sample_weight, row_loss, grad)


def huber(
    ndarray prediction not None, ndarray y not None, ndarray sample_weight,
    ndarray row_loss not None, ndarray grad,
):
    """Huber loss with delta 1 and the gradient (Huber, 1964).

    loss = sum_i w_i * mean_j(d^2 / 2 if |d| <= 1 else |d| - 1/2) / W
    where d = prediction - y
    grad[i, j] = w_i / (W k) * (d cut to the range -1 .. 1)
    prediction, y (n, k),
    sample_weight (n,) or None: read. W is the sum of the weights, n for None; where it
    is 0, loss and grad are 0. row_loss (n,) float64, each sample's share of the loss,
    and grad (n, k), not prediction, or None: overwritten. Returns the sum of row_loss.
    Derivation: docs/derivations/losses.md
    """
    return loss_of(HUBER, prediction, y, sample_weight, row_loss, grad)


def hinge(
    ndarray prediction not None, ndarray y not None, ndarray sample_weight,
    ndarray row_loss not None, ndarray grad,
):
    """Hinge loss of the signs -1 and +1, and the gradient (Cortes and Vapnik, 1995).

    loss = sum_i w_i * mean_j(max(0, 1 - y * prediction)) / W
    grad[i, j] = w_i / (W k) * (-y if y * prediction < 1 else 0)
    prediction, y (n, k), y of -1 and +1,
    sample_weight (n,) or None: read. W is the sum of the weights, n for None; where it
    is 0, loss and grad are 0. row_loss (n,) float64, each sample's share of the loss,
    and grad (n, k), not prediction, or None: overwritten. Returns the sum of row_loss.
    Derivation: docs/derivations/losses.md
    """
    return loss_of(HINGE, prediction, y, sample_weight, row_loss, grad)


def hinge_multiclass(
    ndarray logits not None, ndarray y not None, ndarray sample_weight,
    ndarray row_loss not None, ndarray grad,
):
    """Multiclass hinge loss and the gradient (Crammer and Singer, 2001).

    loss = sum_i w_i * max(0, 1 + logits[i, r] - logits[i, y_i]) / W, where the rival r
    is the largest other class, the first of equals
    grad[i, r] = w_i / W = -grad[i, y_i] where that maximum is above 0; all else 0
    logits (n, k) with k >= 2, y (n,) int64 in 0 .. k-1,
    sample_weight (n,) or None: read. W is the sum of the weights, n for None; where it
    is 0, loss and grad are 0. row_loss (n,) float64, each sample's share of the loss,
    and grad (n, k), not logits, or None: overwritten. Returns the sum of row_loss.
    Derivation: docs/derivations/losses.md
    """
    return loss_of(HINGE_MULTICLASS, logits, y, sample_weight, row_loss, grad)


# --- Quick doors: _quick.pxi --------------------------------------------------------

cdef inline bint are_labels(object y, Py_ssize_t n, Py_ssize_t k):
    """Whether y is a plain int64 array of n class indices in 0 .. k-1."""
    cdef const int64_t* label
    cdef Py_ssize_t i
    cdef bint inside = True
    if not (
        PyArray_CheckExact(y) and PyArray_NDIM(y) == 1 and PyArray_DIM(y, 0) == n
        and PyArray_TYPE(y) == NPY_INT64 and PyArray_CHKFLAGS(y, NPY_ARRAY_CARRAY_RO)
        and PyArray_ISNOTSWAPPED(y)
    ):
        return False
    label = <const int64_t*> data(y)
    for i in range(n):
        inside &= 0 <= label[i] < k
    return inside


cdef inline bint none_is_below_0_or_infinite(const real_t* x, Py_ssize_t n) noexcept:
    cdef Py_ssize_t i
    cdef bint good = True
    for i in range(n):
        good &= <real_t> 0 <= x[i] < <real_t> INFINITY
    return good


cdef inline bint are_weights(object w, ndarray logits):
    """Whether w is None, or a plain array of one sample weight a row."""
    cdef Py_ssize_t n = PyArray_DIM(logits, 0)
    if w is None:
        return True
    if not (
        is_plain(w, 1) and PyArray_DIM(w, 0) == n
        and PyArray_TYPE(w) == PyArray_TYPE(logits)
    ):
        return False
    if is_float32(w):
        return none_is_below_0_or_infinite(<const float*> data(w), n)
    return none_is_below_0_or_infinite(<const double*> data(w), n)


def quick_cross_entropy(object logits, object y, object sample_weight=None):
    """ops.cross_entropy of class indices where nothing needs checking, else None."""
    cdef npy_intp n
    if not (quick and is_plain(logits, 2) and PyArray_DIM(logits, 1) > 0):
        return None
    n = PyArray_DIM(logits, 0)
    if not (
        are_labels(y, n, PyArray_DIM(logits, 1)) and are_weights(sample_weight, logits)
    ):
        return None
    grad = array_like(logits)
    row_loss = PyArray_EMPTY(1, &n, NPY_FLOAT64, 0)
    return loss_of(CROSS_ENTROPY, logits, y, sample_weight, row_loss, grad), grad
