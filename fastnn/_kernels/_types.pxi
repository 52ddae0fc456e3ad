# What every kernel file uses: the two precisions, and arrays as bare pointers.
#
# Arguments are `ndarray` objects, not memoryviews: a memoryview argument costs
# 200-300 ns each, as much as the whole product of two 8x8 matrices.

cimport cython
from cpython.ref cimport PyObject
from libc.math cimport INFINITY, NAN, sqrt
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset
from numpy cimport (
    NPY_FLOAT32,
    NPY_INT64,
    PyArray_DATA,
    PyArray_DIM,
    PyArray_SIZE,
    PyArray_TYPE,
    import_array,
    ndarray,
)

cdef extern from "memory.h" nogil:
    void* scratch_memory(size_t n_bytes)
    void free_scratch(void* memory)

import_array()

ctypedef fused real_t:
    float
    double


cdef inline bint is_float32(ndarray x) noexcept:
    return PyArray_TYPE(x) == NPY_FLOAT32


cdef inline void* data(ndarray x) noexcept:
    """First element of a C-contiguous array; NULL for None."""
    return NULL if x is None else PyArray_DATA(x)
