# Batch and layer normalisation, forward and backward: the kernels.
# Twin: fastnn/reference/normalization.py
#
# The loops stand in _batch_norm.pxi and _layer_norm.pxi. Everything between reading an
# element and storing a result is double precision, in the order of the twin: both
# round once, to the same number.

from libc.math cimport sqrt

include "_batch_norm.pxi"
include "_layer_norm.pxi"

ctypedef void* address  # of the first element of an array of either precision


def batch_norm_forward(
    ndarray x not None, ndarray gamma not None, ndarray beta not None,
    ndarray running_mean not None, ndarray running_var not None, double momentum,
    double eps, ndarray mean not None, ndarray inv_std not None, ndarray out not None,
):
    """Batch normalisation in training (Ioffe and Szegedy, 2015), column by column:

    out = gamma * (x - mean) * inv_std + beta,   inv_std = 1 / sqrt(var + eps),
    mean = x[0] + sum(x - x[0]) / n,   var = sum((x - mean)^2) / n over the n rows.
    running = (1 - momentum) * running + momentum * batch, for the mean and for the
    variance, the latter with n - 1 (1 if n is 1) in place of n; momentum 0 leaves
    both alone, and so does an empty batch, whose mean and var count as 0.
    x (n, d), gamma, beta (d,): read. running_mean, running_var (d,): updated.
    mean, inv_std (d,), out (n, d): overwritten; out may be x.
    Derivation: docs/derivations/normalization.md
    """
    cdef Py_ssize_t n = PyArray_DIM(x, 0), d = PyArray_DIM(x, 1)
    cdef address px = data(x), pgamma = data(gamma), pbeta = data(beta)
    cdef address prmean = data(running_mean), prvar = data(running_var)
    cdef address pmean = data(mean), ps = data(inv_std), pout = data(out)
    if is_float32(x):
        with nogil:
            batch_norm_forward_columns[float](
                <float*> px, <float*> pgamma, <float*> pbeta, <float*> prmean,
                <float*> prvar, momentum, eps, <float*> pmean, <float*> ps,
                <float*> pout, n, d, 0, d
            )
    else:
        with nogil:
            batch_norm_forward_columns[double](
                <double*> px, <double*> pgamma, <double*> pbeta, <double*> prmean,
                <double*> prvar, momentum, eps, <double*> pmean, <double*> ps,
                <double*> pout, n, d, 0, d
            )


def batch_norm_inference(
    ndarray x not None, ndarray gamma not None, ndarray beta not None,
    ndarray running_mean not None, ndarray running_var not None, double eps,
    ndarray out not None,
):
    """Batch normalisation after training, with the running moments; rows are apart:

    out = gamma * (x - running_mean) / sqrt(running_var + eps) + beta
    x (n, d), gamma, beta, running_mean, running_var (d,): read.
    out (n, d): overwritten; it may be x. (Ioffe and Szegedy, 2015)
    """
    cdef Py_ssize_t n = PyArray_DIM(x, 0), d = PyArray_DIM(x, 1)
    cdef address px = data(x), pgamma = data(gamma), pbeta = data(beta)
    cdef address pmean = data(running_mean), pvar = data(running_var), pout = data(out)
    if is_float32(x):
        with nogil:
            batch_norm_inference_rows[float](
                <float*> px, <float*> pgamma, <float*> pbeta, <float*> pmean,
                <float*> pvar, eps, <float*> pout, 0, n, d
            )
    else:
        with nogil:
            batch_norm_inference_rows[double](
                <double*> px, <double*> pgamma, <double*> pbeta, <double*> pmean,
                <double*> pvar, eps, <double*> pout, 0, n, d
            )


def batch_norm_backward(
    ndarray grad_output not None, ndarray x not None, ndarray gamma not None,
    ndarray mean not None, ndarray inv_std not None, ndarray grad_gamma not None,
    ndarray grad_beta not None, ndarray grad_input not None,
):
    """Gradient of batch_norm_forward, with xhat = (x - mean) * inv_std, over n rows:

    grad_beta = sum(g),   grad_gamma = sum(g * xhat),   g = grad_output,
    grad_input = gamma * inv_std * (g - grad_beta / n - xhat * grad_gamma / n)
    grad_output, x (n, d), gamma, mean, inv_std (d,): read. grad_gamma, grad_beta (d,)
    and grad_input (n, d): overwritten; grad_input may be grad_output.
    Derivation: docs/derivations/normalization.md
    """
    cdef Py_ssize_t n = PyArray_DIM(x, 0), d = PyArray_DIM(x, 1)
    cdef address pg = data(grad_output), px = data(x), pgamma = data(gamma)
    cdef address pmean = data(mean), ps = data(inv_std), pggamma = data(grad_gamma)
    cdef address pgbeta = data(grad_beta), pgin = data(grad_input)
    if is_float32(x):
        with nogil:
            batch_norm_backward_columns[float](
                <float*> pg, <float*> px, <float*> pgamma, <float*> pmean, <float*> ps,
                <float*> pggamma, <float*> pgbeta, <float*> pgin, n, d, 0, d
            )
    else:
        with nogil:
            batch_norm_backward_columns[double](
                <double*> pg, <double*> px, <double*> pgamma, <double*> pmean,
                <double*> ps, <double*> pggamma, <double*> pgbeta, <double*> pgin, n, d,
                0, d
            )


def batch_norm_inference_backward(
    ndarray grad_output not None, ndarray x not None, ndarray gamma not None,
    ndarray running_mean not None, ndarray running_var not None, double eps,
    ndarray grad_gamma not None, ndarray grad_beta not None,
    ndarray grad_input not None,
):
    """Gradient of batch_norm_inference; the running moments are constants:

    inv_std = 1 / sqrt(running_var + eps),   xhat = (x - running_mean) * inv_std,
    grad_beta = sum(g),   grad_gamma = sum(g * xhat),   g = grad_output,
    grad_input = gamma * inv_std * g
    grad_output, x (n, d), gamma, running_mean, running_var (d,): read. grad_gamma,
    grad_beta (d,), grad_input (n, d): overwritten; grad_input may be grad_output.
    Derivation: docs/derivations/normalization.md
    """
    cdef Py_ssize_t n = PyArray_DIM(x, 0), d = PyArray_DIM(x, 1)
    cdef address pg = data(grad_output), px = data(x), pgamma = data(gamma)
    cdef address pmean = data(running_mean), pvar = data(running_var)
    cdef address pggamma = data(grad_gamma), pgbeta = data(grad_beta)
    cdef address pgin = data(grad_input)
    if is_float32(x):
        with nogil:
            batch_norm_inference_backward_columns[float](
                <float*> pg, <float*> px, <float*> pgamma, <float*> pmean,
                <float*> pvar, eps, <float*> pggamma, <float*> pgbeta, <float*> pgin, n,
                d, 0, d
            )
    else:
        with nogil:
            batch_norm_inference_backward_columns[double](
                <double*> pg, <double*> px, <double*> pgamma, <double*> pmean,
                <double*> pvar, eps, <double*> pggamma, <double*> pgbeta,
                <double*> pgin, n, d, 0, d
            )


def layer_norm_forward(
    ndarray x not None, ndarray gamma not None, ndarray beta not None, double eps,
    ndarray mean not None, ndarray inv_std not None, ndarray out not None,
):
    """Layer normalisation (Ba, Kiros and Hinton, 2016), each row by itself:

    out = (x - mean) * inv_std * gamma + beta,   inv_std = 1 / sqrt(var + eps),
    mean = x[0] + sum(x - x[0]) / d,   var = sum((x - mean)^2) / d over the d columns.
    x (n, d), gamma, beta (d,): read. mean, inv_std (n,), out (n, d): overwritten;
    out may be x. Derivation: docs/derivations/normalization.md
    """
    cdef Py_ssize_t n = PyArray_DIM(x, 0), d = PyArray_DIM(x, 1)
    cdef address px = data(x), pgamma = data(gamma), pbeta = data(beta)
    cdef address pmean = data(mean), ps = data(inv_std), pout = data(out)
    if is_float32(x):
        with nogil:
            layer_norm_forward_rows[float](
                <float*> px, <float*> pgamma, <float*> pbeta, eps, <float*> pmean,
                <float*> ps, <float*> pout, 0, n, d
            )
    else:
        with nogil:
            layer_norm_forward_rows[double](
                <double*> px, <double*> pgamma, <double*> pbeta, eps, <double*> pmean,
                <double*> ps, <double*> pout, 0, n, d
            )


def layer_norm_backward(
    ndarray grad_output not None, ndarray x not None, ndarray gamma not None,
    ndarray mean not None, ndarray inv_std not None, ndarray grad_gamma not None,
    ndarray grad_beta not None, ndarray grad_input not None,
):
    """Gradient of layer_norm_forward, with xhat = (x - mean) * inv_std, h = g * gamma:

    grad_beta = sum(g),   grad_gamma = sum(g * xhat) over the rows,   g = grad_output,
    grad_input = inv_std * (h - mean of h - xhat * mean of h * xhat), means over a row
    grad_output, x (n, d), gamma (d,), mean, inv_std (n,): read. grad_gamma,
    grad_beta (d,), grad_input (n, d): overwritten; grad_input may be grad_output.
    Derivation: docs/derivations/normalization.md
    """
    cdef Py_ssize_t n = PyArray_DIM(x, 0), d = PyArray_DIM(x, 1)
    cdef address pg = data(grad_output), px = data(x), pgamma = data(gamma)
    cdef address pmean = data(mean), ps = data(inv_std), pggamma = data(grad_gamma)
    cdef address pgbeta = data(grad_beta), pgin = data(grad_input)
    if is_float32(x):
        with nogil:
            layer_norm_backward_columns[float](
                <float*> pg, <float*> px, <float*> pmean, <float*> ps, <float*> pggamma,
                <float*> pgbeta, n, d, 0, d
            )
            layer_norm_backward_rows[float](
                <float*> pg, <float*> px, <float*> pgamma, <float*> pmean, <float*> ps,
                <float*> pgin, 0, n, d
            )
    else:
        with nogil:
            layer_norm_backward_columns[double](
                <double*> pg, <double*> px, <double*> pmean, <double*> ps,
                <double*> pggamma, <double*> pgbeta, n, d, 0, d
            )
            layer_norm_backward_rows[double](
                <double*> pg, <double*> px, <double*> pgamma, <double*> pmean,
                <double*> ps, <double*> pgin, 0, n, d
            )
