# A program: the network laid out as a flat array of structs and one block of buffers.
# Twin: fastnn/reference/program.py
#
# Every thread of a team runs the same program, in one of two ways. Narrow layers and
# many rows: each thread takes its rows of the batch through all layers, and waits for
# the others only where it needs their rows too, in the sums over the batch. Wide
# layers: each thread takes its columns of a layer, since packing the weights once more
# for each thread would cost more than a barrier after each layer. It is never a sum
# that is split, so the bits depend neither on the way nor on the number of threads.

cdef enum LayerKind:
    DENSE_LAYER, ACTIVATION_LAYER, DROPOUT_LAYER, BATCH_NORM_LAYER, LAYER_NORM_LAYER


cdef struct Layer:  # one row of the array `layers`
    int64_t kind, activation, n_in, n_out
    int64_t weights, bias  # offsets in parameters and gradients; -1: none
    int64_t statistics  # offset of the running mean; the variance follows
    int64_t saved, output  # offsets in the workspace: z or statistics of the batch, a


cdef struct Memory:  # what every layer sees; the untyped pointers are to real_t
    const Layer* layers
    const double* constants  # (n_layers, 2): rate | eps, momentum
    Py_ssize_t n_layers
    void* parameters
    void* statistics
    void* gradients  # this and the next: only in training
    void* workspace
    Series* series  # one thread's, for each layer; or NULL


cdef struct Batch:  # a thread's part of the samples
    Py_ssize_t rows, start, stop  # its rows: start .. stop - 1 of all of them
    bint by_rows  # whether it keeps to them
    int thread, n_threads


cdef struct Part:  # of a matrix: what one thread computes
    Py_ssize_t top, bottom, left, right


cdef inline Batch batch_of(
    Py_ssize_t rows, bint by_rows, int thread, int n_threads
) noexcept nogil:
    cdef Batch batch
    batch.rows, batch.start, batch.stop = rows, 0, 0
    batch.thread, batch.n_threads = thread, n_threads
    batch.by_rows = by_rows
    share(rows, 1, thread, n_threads, &batch.start, &batch.stop)
    return batch


cdef inline Part part_of(const Batch* batch, Py_ssize_t cols) noexcept nogil:
    """This thread's rows; or its columns, where each thread gets full registers."""
    cdef Part part
    part.top, part.bottom, part.left, part.right = batch.start, batch.stop, 0, cols
    if not batch.by_rows and cols >= 32 * batch.n_threads:
        part.top, part.bottom = 0, batch.rows
        share(cols, 16, batch.thread, batch.n_threads, &part.left, &part.right)
    return part


cdef inline void elements(
    const Batch* batch, Py_ssize_t cols, Py_ssize_t* start, Py_ssize_t* stop
) noexcept nogil:
    """This thread's elements of a matrix (rows, cols), for layers that have no part."""
    if batch.by_rows:
        start[0], stop[0] = batch.start * cols, batch.stop * cols
    else:
        share(batch.rows * cols, 16, batch.thread, batch.n_threads, start, stop)


cdef inline void meet(const Batch* batch, Team* team) noexcept nogil:
    """A barrier where threads do not keep to their rows."""
    if not batch.by_rows:
        barrier(team)


include "_passes.pxi"


# --- Inference ---------------------------------------------------------------------

cdef struct Inference:  # one call of infer
    Memory memory
    const void* x
    void* out
    Py_ssize_t n_rows, chunk, width
    void* workspace
    void* scratch
    Py_ssize_t workspace_each, scratch_each  # elements of real_t for each thread
    Series* series  # for each thread and layer; or NULL: too few rows for one
    int infinite  # whether a thread found NaN or infinities in x


cdef bint all_finite(const real_t* x, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i, whole = n & -IN_A_ROW
    cdef bint finite = True
    cdef real_t largest
    if real_t is float:
        largest = 3.4028234663852886e38
    else:
        largest = 1.7976931348623157e308
    for i in range(whole, n):
        finite &= x[i] - x[i] == 0
    return finite and all_within(x, largest, whole)


cdef bint finite_numbers(const void* x, Py_ssize_t n, bint single) noexcept nogil:
    if single:
        return all_finite(<const float*> x, n)
    return all_finite(<const double*> x, n)


def is_finite(ndarray x not None):
    """Whether all numbers in x are finite: no NaN, no infinity.

    x (n,): read.
    """
    cdef Py_ssize_t n = PyArray_SIZE(x)
    cdef void* p = data(x)
    cdef bint finite, single = is_float32(x)
    with nogil:
        finite = finite_numbers(p, n, single)
    return finite


cdef void infer_rows(
    Inference* call, int thread, Team* team, const real_t* x, real_t* out
) noexcept nogil:
    """This thread's rows, `chunk` at a time; no thread waits for another."""
    cdef Memory memory = call.memory
    cdef Py_ssize_t last = memory.n_layers - 1, chunk = call.chunk
    cdef Py_ssize_t n_in = memory.layers[0].n_in, n_out = memory.layers[last].n_out
    cdef real_t* ping = <real_t*> call.workspace + thread * call.workspace_each
    cdef real_t* pong = ping + chunk * call.width
    cdef real_t* saved = pong + chunk * call.width
    cdef real_t* scratch = <real_t*> call.scratch + thread * call.scratch_each
    cdef Py_ssize_t first, rows, l, start = 0, stop = 0
    cdef const real_t* a
    cdef real_t* result
    cdef Team alone
    cdef Batch batch
    alone.n_threads = 1
    if call.series != NULL:
        memory.series = call.series + thread * memory.n_layers
    share(call.n_rows, 1, thread, team.n_threads, &start, &stop)
    first = start
    while first < stop:
        rows = min(chunk, stop - first)
        a = x + first * n_in
        batch = batch_of(rows, True, 0, 1)
        if not all_finite(a, rows * n_in):  # brings them into the cache as well
            atomic_set(&call.infinite, 1)
        if memory.series != NULL:
            memory.series[0].later = rows * n_in if first + rows < stop else 0
        for l in range(memory.n_layers):
            result = pong if a == ping else ping
            if l == last:
                result = out + first * n_out
            a = forward_layer(
                &memory, l, a, saved, result, &batch, False, 0, 0, &alone, scratch
            )
        if a != out + first * n_out:
            memcpy(out + first * n_out, a, rows * n_out * sizeof(real_t))
        first += rows


cdef void infer_float(void* call, int thread, Team* team) noexcept nogil:
    cdef Inference* c = <Inference*> call
    infer_rows[float](c, thread, team, <const float*> c.x, <float*> c.out)


cdef void infer_double(void* call, int thread, Team* team) noexcept nogil:
    cdef Inference* c = <Inference*> call
    infer_rows[double](c, thread, team, <const double*> c.x, <double*> c.out)


cdef Py_ssize_t scratch_elements(
    const Layer* layers, Py_ssize_t n_layers, Py_ssize_t rows, bint training
) noexcept nogil:
    """Scratch that the largest of the products of any layer needs."""
    cdef Py_ssize_t l, n_in, n_out, most = 0
    for l in range(n_layers):
        if layers[l].kind == DENSE_LAYER:
            n_in, n_out = layers[l].n_in, layers[l].n_out
            most = max(most, gemm_workspace(rows, n_out, n_in))
            if training:
                most = max(most, gemm_workspace(n_in, n_out, rows))
                most = max(most, gemm_workspace(rows, n_in, n_out))
    return (most // 16 + 1) * 16  # whole cache lines


cdef Py_ssize_t panels_elements(
    const Layer* layers, Py_ssize_t n_layers
) noexcept nogil:
    """What the packed weights of all layers take."""
    cdef Py_ssize_t l, total = 0
    for l in range(n_layers):
        if layers[l].kind == DENSE_LAYER:
            total += packed_elements(layers[l].n_out, layers[l].n_in)
    return total


cdef void lay_out_series(
    Inference* call, char* panels, int n_threads, Py_ssize_t size
) noexcept nogil:
    """A place for each thread's packed weights of each layer, one after the other."""
    cdef Py_ssize_t n_layers = call.memory.n_layers, i
    cdef const Layer* layer
    for i in range(n_threads * n_layers):
        layer = &call.memory.layers[i % n_layers]
        call.series[i].panels, call.series[i].fresh = panels, True
        call.series[i].later = 0
        if layer.kind == DENSE_LAYER:
            panels += packed_elements(layer.n_out, layer.n_in) * size


cdef bint infer_arrays(
    ndarray layers, ndarray constants, ndarray parameters, ndarray statistics,
    ndarray x, ndarray out, Py_ssize_t chunk,
) except -1:
    cdef Inference call
    cdef Py_ssize_t l, size = 4 if is_float32(x) else 8
    cdef Py_ssize_t panels_each = 0, n_series = 0
    cdef int n_threads
    cdef void* memory
    cdef char* panels
    call.memory.layers = <const Layer*> data(layers)
    call.memory.constants = <const double*> data(constants)
    call.memory.n_layers = PyArray_DIM(layers, 0)
    call.memory.parameters = data(parameters)
    call.memory.statistics = data(statistics)
    call.x, call.out = data(x), data(out)
    call.n_rows = PyArray_DIM(x, 0)
    # each thread gets four tiles of rows at least
    n_threads = threads_for(2.0 * call.n_rows * PyArray_SIZE(parameters))
    n_threads = <int> max(1, min(n_threads, call.n_rows // 24))
    chunk = max(1, min(chunk, (call.n_rows + n_threads - 1) // n_threads))
    call.chunk = chunk
    call.width = 1
    for l in range(call.memory.n_layers):
        call.width = max(call.width, call.memory.layers[l].n_out)
    # two buffers of activations and a mean and deviation for each row
    call.workspace_each = round_up(2 * chunk * (call.width + 1), 16)
    call.scratch_each = scratch_elements(
        call.memory.layers, call.memory.n_layers, chunk, False
    )
    if call.n_rows > chunk * n_threads:
        panels_each = panels_elements(call.memory.layers, call.memory.n_layers)
        n_series = n_threads * call.memory.n_layers
    memory = scratch_memory(
        n_threads * (call.workspace_each + call.scratch_each + panels_each) * size
        + round_up(n_series * sizeof(Series), 64),
    )
    if memory == NULL:
        raise MemoryError
    call.workspace = memory
    call.scratch = <char*> memory + n_threads * call.workspace_each * size
    call.memory.series = call.series = NULL
    if n_series > 0:
        panels = <char*> call.scratch + n_threads * call.scratch_each * size
        call.series = <Series*> (panels + n_threads * panels_each * size)
        lay_out_series(&call, panels, n_threads, size)
    call.infinite = 0
    cdef team_work work = infer_float if is_float32(x) else infer_double
    if 2.0 * call.n_rows * PyArray_SIZE(parameters) < FLOPS_UNDER_GIL:
        run_team(work, &call, n_threads)
    else:
        with nogil:
            run_team(work, &call, n_threads)
    free_scratch(memory)
    return not call.infinite


def infer(
    ndarray layers not None, ndarray constants not None, ndarray parameters not None,
    ndarray statistics not None, ndarray x not None, ndarray out not None,
    Py_ssize_t chunk,
):
    """Run a network on the rows of x: out = the last layer's output, n rows at a time.

    layers (n_layers, 9) int64, constants (n_layers, 2) float64: the program, a row a
    layer: kind, activation, n_in, n_out, weights, bias, statistics, saved, output;
    rate | eps, momentum. parameters, statistics: flat, read. x (n_rows, n_in): read.
    out (n_rows, n_out): overwritten. chunk: rows that go through all layers together.
    Dropout is off; batch normalisation uses its running statistics. A row's result
    does not depend on the other rows. Returns whether all numbers in x are finite.
    """
    return infer_arrays(layers, constants, parameters, statistics, x, out, chunk)


def quick_infer(
    ndarray layers not None, ndarray constants not None, ndarray parameters not None,
    ndarray statistics not None, object x, Py_ssize_t n_in, Py_ssize_t n_out,
    Py_ssize_t chunk,
):
    """A network's outputs, where x is plain, finite and not for long, else None.

    One sample through 64-32-10 takes 1.0 us by this door, 2.9 with checks in Python.
    """
    cdef npy_intp[2] shape
    if not (
        quick and is_plain(x, 2) and PyArray_DIM(x, 1) == n_in
        and PyArray_TYPE(x) == PyArray_TYPE(parameters) and PyArray_DIM(x, 0) > 0
        and <double> PyArray_DIM(x, 0) * PyArray_SIZE(parameters) < 1e9
    ):
        return None
    shape[0], shape[1] = PyArray_DIM(x, 0), n_out
    out = PyArray_EMPTY(2, shape, PyArray_TYPE(x), 0)
    finite = infer_arrays(layers, constants, parameters, statistics, x, out, chunk)
    return out if finite else None


# --- Quick checks of what fit and predict are given ---------------------------------

def quick_finite(object x):
    """Whether x is a plain array of finite numbers: True, or None for "look yourself".

    The check of a batch of 32 x 64 takes 0.2 us by this door, 7 in NumPy.
    """
    if not (quick and is_plain_of_any_shape(x)):
        return None
    if PyArray_SIZE(x) < FLOPS_UNDER_GIL:
        finite = finite_numbers(data(x), PyArray_SIZE(x), is_float32(x))
    else:
        finite = is_finite(x)
    return True if finite else None


def quick_labels(object y, Py_ssize_t k):
    """y, where it is a plain int64 array (n,) of class indices 0 .. k-1, else None."""
    if (
        quick and PyArray_CheckExact(y) and PyArray_NDIM(y) == 1
        and are_labels(y, PyArray_DIM(y, 0), k)
    ):
        return y
    return None
