# Quick doors: what a function of fastnn/ops/ asks before it checks anything itself.
#
#     quick_matmul(a, b, ...)   the result, where every argument is plainly fit for the
#                               kernel as it is; else None, and the door in ops/ goes on
#                               with its checks, its conversions and its sentences
#
# On small arrays the checks cost more than the work: ops.matmul of two 8x8 matrices
# took 1,450 ns with all of them in Python, and takes 350 ns through its quick door
# (NumPy's: 1,290), of which 100 make the result and 130 are Python's call.
#
# A quick door never looks at what `fn.use` chose: while any choice but the kernels may
# be in force anywhere in the process, an object of SlowDoors lives, and all are shut.

from numpy cimport (
    NPY_ARRAY_CARRAY_RO,
    NPY_FLOAT64,
    PyArray_CheckExact,
    PyArray_CHKFLAGS,
    PyArray_DIMS,
    PyArray_EMPTY,
    PyArray_ISNOTSWAPPED,
    PyArray_ISWRITEABLE,
    PyArray_NBYTES,
    PyArray_NDIM,
    npy_intp,
)

cdef enum:
    # Below so many operations, a microsecond or two, quick doors keep the GIL: giving
    # it back and taking it again is work as well, and no other thread waits long.
    FLOPS_UNDER_GIL = 100000

cdef Py_ssize_t n_slow_doors = 0
cdef bint quick = True


cdef class SlowDoors:
    """While an object of this class lives, every quick door returns None."""

    def __cinit__(self):
        global n_slow_doors, quick
        n_slow_doors += 1
        quick = False

    def __dealloc__(self):
        global n_slow_doors, quick
        n_slow_doors -= 1
        quick = n_slow_doors == 0


cdef inline bint is_plain(object x, int ndim):
    """Whether kernels can read x as it is: floats, in order, in `ndim` dimensions."""
    return (
        PyArray_CheckExact(x)
        and PyArray_NDIM(x) == ndim
        and (PyArray_TYPE(x) == NPY_FLOAT32 or PyArray_TYPE(x) == NPY_FLOAT64)
        and PyArray_CHKFLAGS(x, NPY_ARRAY_CARRAY_RO)
        and PyArray_ISNOTSWAPPED(x)
    )


cdef inline bint are_apart(ndarray x, ndarray y):
    """Whether x and y, both C-contiguous, share no byte."""
    cdef const char* px = <const char*> PyArray_DATA(x)
    cdef const char* py = <const char*> PyArray_DATA(y)
    return px + PyArray_NBYTES(x) <= py or py + PyArray_NBYTES(y) <= px


cdef inline bint can_hold(object out, int ndim, npy_intp* shape, int dtype):
    """Whether `out` is a plain array of this shape and dtype that may be written."""
    cdef int i
    if not is_plain(out, ndim) or PyArray_TYPE(out) != dtype:
        return False
    for i in range(ndim):
        if PyArray_DIM(out, i) != shape[i]:
            return False
    return PyArray_ISWRITEABLE(out)


cdef inline bint is_plain_of_any_shape(object x):
    return PyArray_CheckExact(x) and is_plain(x, PyArray_NDIM(x))


cdef inline bint same_shape_and_type(ndarray x, ndarray y):
    cdef int i, ndim = PyArray_NDIM(x)
    if PyArray_NDIM(y) != ndim or PyArray_TYPE(x) != PyArray_TYPE(y):
        return False
    for i in range(ndim):
        if PyArray_DIM(x, i) != PyArray_DIM(y, i):
            return False
    return True


cdef inline object array_like(ndarray x):
    return PyArray_EMPTY(PyArray_NDIM(x), PyArray_DIMS(x), PyArray_TYPE(x), 0)


cdef inline bint can_hold_what_is_made_of(object out, ndarray x):
    """Whether `out` can be written while x is read: it may be x, not a part of it."""
    return can_hold(out, PyArray_NDIM(x), PyArray_DIMS(x), PyArray_TYPE(x)) and (
        data(out) == data(x) or are_apart(out, x)
    )
