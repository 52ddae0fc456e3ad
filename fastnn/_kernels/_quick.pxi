# Quick doors: what a function of fastnn/ops/ asks before it checks anything itself.
#
#     quick_matmul(a, b, ...)   the result, where every argument is plainly fit for the
#                               kernel as it is; else None, and the door in ops/ goes on
#                               with its checks, its conversions and its sentences
#
# On small arrays the checks cost more than the work: ops.matmul of two 8x8 matrices
# takes twenty times as long with all of them in Python as through its quick door.
# A Door stands in the place of the public function, so that not even a frame of Python
# comes before the quick door: that would be 50 ns more, a third of that product.
#
# A quick door never looks at what `fn.use` chose: while any choice but the kernels may
# be in force anywhere in the process, an object of SlowDoors lives, and all are shut.

from numpy cimport (
    NPY_ARRAY_C_CONTIGUOUS,
    NPY_ARRAY_CARRAY_RO,
    NPY_ARRAY_F_CONTIGUOUS,
    NPY_FLOAT64,
    PyArray_CheckExact,
    PyArray_CHKFLAGS,
    PyArray_DIMS,
    PyArray_EMPTY,
    PyArray_ISNOTSWAPPED,
    PyArray_ISWRITEABLE,
    PyArray_ITEMSIZE,
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


cdef extern from "Python.h":
    ctypedef PyObject* (*vectorcallfunc)(
        PyObject* called, PyObject* const* arguments, size_t n, PyObject* keywords
    ) noexcept
    ctypedef struct PyTypeObject:
        Py_ssize_t tp_vectorcall_offset
        unsigned long tp_flags
    object PyMethod_New(object function, object instance)
    vectorcallfunc PyVectorcall_Function(PyObject* called) noexcept
    unsigned long Py_TPFLAGS_HAVE_VECTORCALL
    void PyType_Modified(PyTypeObject* kind)
    PyObject* PyObject_Vectorcall(
        PyObject* called, PyObject* const* arguments, size_t n, PyObject* keywords
    ) noexcept
    bint PyErr_ExceptionMatches(PyObject* kind) noexcept
    void PyErr_Clear() noexcept
    PyObject* PyExc_TypeError
    PyObject* Py_None
    void Py_DECREF(PyObject* x) noexcept


cdef class Door:
    """A public function and its quick door, which takes the same arguments.

    What the quick door does not answer goes to the function; arguments that don't fit
    either, to the function's own error. functools.update_wrapper(door, function) gives
    it the name, the docstring and the signature.
    """

    cdef vectorcallfunc vectorcall, enter_quick
    cdef object quick
    cdef object function
    cdef dict __dict__
    cdef object __weakref__

    def __cinit__(self, quick, function):
        self.vectorcall = go_through
        self.enter_quick = PyVectorcall_Function(<PyObject*> quick)
        self.quick = quick
        self.function = function

    def __call__(self, *arguments, **keywords):
        return self.function(*arguments, **keywords)

    def __get__(self, instance, owner):  # as functions do
        return self if instance is None else PyMethod_New(self, instance)

    def __reduce__(self):
        return self.__qualname__  # pickled as functions are: by name

    def __repr__(self):
        return repr(self.function)


cdef PyObject* go_through(
    PyObject* self, PyObject* const* arguments, size_t n, PyObject* keywords
) noexcept:
    cdef Door door = <Door> self
    cdef PyObject* found = door.enter_quick(
        <PyObject*> door.quick, arguments, n, keywords
    )
    if found == Py_None:
        Py_DECREF(found)
    elif found == NULL and PyErr_ExceptionMatches(PyExc_TypeError):
        PyErr_Clear()  # arguments too few, too many or unknown: the function says it
    else:
        return found
    return PyObject_Vectorcall(<PyObject*> door.function, arguments, n, keywords)


cdef void call_doors_by_vector():
    """Let Python call doors with bare arguments instead of a tuple (PEP 590)."""
    cdef Door door = Door(None, None)
    cdef PyTypeObject* kind = <PyTypeObject*> Door
    kind.tp_vectorcall_offset = <char*> &door.vectorcall - <char*> <PyObject*> door
    kind.tp_flags |= Py_TPFLAGS_HAVE_VECTORCALL
    PyType_Modified(kind)


call_doors_by_vector()


cdef inline bint is_plain(object x, int ndim):
    """Whether kernels can read x as it is: floats, in order, in `ndim` dimensions."""
    return (
        PyArray_CheckExact(x)
        and PyArray_NDIM(x) == ndim
        and (PyArray_TYPE(x) == NPY_FLOAT32 or PyArray_TYPE(x) == NPY_FLOAT64)
        and PyArray_CHKFLAGS(x, NPY_ARRAY_CARRAY_RO)
        and PyArray_ISNOTSWAPPED(x)
    )


cdef inline const char* end_of(ndarray x):
    """The first byte after x, which is C-contiguous."""
    cdef npy_intp size = PyArray_ITEMSIZE(x)
    cdef int i
    for i in range(PyArray_NDIM(x)):
        size *= PyArray_DIM(x, i)  # PyArray_NBYTES calls a function of NumPy's for it
    return <const char*> PyArray_DATA(x) + size


cdef inline bint are_apart(ndarray x, ndarray y):
    """Whether x and y, both C-contiguous, share no byte."""
    return (
        end_of(x) <= <const char*> PyArray_DATA(y)
        or end_of(y) <= <const char*> PyArray_DATA(x)
    )


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
