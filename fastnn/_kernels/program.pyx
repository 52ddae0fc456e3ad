# A program: the network laid out as a flat array of structs and one block of buffers.
# Twin: fastnn/reference/program.py
#
# Every thread of a team runs the same program, in one of two ways. Narrow layers and
# many rows: each thread takes its rows of the batch through all layers, and waits for
# the others only where it needs their rows too, in the sums over the batch. Wide
# layers: each thread takes its columns of a layer, since packing the weights once more
# for each thread would cost more than a barrier after each layer. It is never a sum
# that is split, so the bits depend neither on the way nor on the number of threads.

cdef extern from "<stdlib.h>" nogil:
    void* aligned_alloc(size_t alignment, size_t size)

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


# --- Forward -----------------------------------------------------------------------

cdef inline bint is_rowwise(int64_t activation) noexcept nogil:
    return activation == SOFTMAX


cdef void activate(
    int activation, const real_t* z, real_t* a, Py_ssize_t cols, const Batch* batch
) noexcept nogil:
    """This thread's part of a = activation(z), both (rows, cols)."""
    cdef Part part = part_of(batch, cols)
    cdef Py_ssize_t i, first
    if is_rowwise(activation):
        first = batch.start * cols
        softmax_rows(z + first, a + first, batch.stop - batch.start, cols)
    elif part.right - part.left == cols:
        first = part.top * cols
        activation_forward(
            activation, z + first, a + first, (part.bottom - part.top) * cols
        )
    else:
        for i in range(part.top, part.bottom):
            first = i * cols + part.left
            activation_forward(activation, z + first, a + first, part.right - part.left)


cdef void dense_forward(
    const Layer* layer, const real_t* x, const real_t* weights, const real_t* bias,
    real_t* z, real_t* a, const Batch* batch, Team* team, real_t* scratch,
) noexcept nogil:
    """a = activation(x @ weights + bias); z is kept apart if backward needs it."""
    cdef Py_ssize_t n_in = layer.n_in, n_out = layer.n_out
    cdef Part part = part_of(batch, n_out)
    cdef bint apart = z != a or is_rowwise(layer.activation)
    gemm(
        x + part.top * n_in, n_in, 1, weights + part.left, n_out, 1,
        z + part.top * n_out + part.left, n_out,
        part.bottom - part.top, part.right - part.left, n_in,
        NULL if bias == NULL else bias + part.left,
        IDENTITY if apart else <int> layer.activation, scratch,
    )
    if apart:
        if is_rowwise(layer.activation):
            meet(batch, team)
        activate(layer.activation, z, a, n_out, batch)


cdef const real_t* forward_layer(
    Memory* memory, Py_ssize_t index, const real_t* x, real_t* saved, real_t* out,
    const Batch* batch, bint training, uint64_t seed, uint64_t draw,
    Team* team, real_t* scratch,
) noexcept nogil:
    """Run one layer on x; returns where its output is (x itself if unchanged)."""
    cdef const Layer* layer = &memory.layers[index]
    cdef const double* constants = &memory.constants[2 * index]
    cdef real_t* parameters = <real_t*> memory.parameters
    cdef real_t* statistics = <real_t*> memory.statistics + layer.statistics
    cdef const real_t* weights = parameters + layer.weights
    cdef const real_t* bias = NULL if layer.bias < 0 else parameters + layer.bias
    cdef Py_ssize_t cols = layer.n_out, start = batch.start, stop = batch.stop
    cdef real_t* z = saved if needs_z(layer.activation) and training else out
    if layer.kind == DENSE_LAYER:
        dense_forward(layer, x, weights, bias, z, out, batch, team, scratch)
    elif layer.kind == ACTIVATION_LAYER:
        activate(layer.activation, x, out, cols, batch)
    elif layer.kind == DROPOUT_LAYER:
        if not training:
            return x
        elements(batch, cols, &start, &stop)
        dropout_part(x, out, start, stop, constants[0], seed, draw, index)
    elif layer.kind == BATCH_NORM_LAYER and training:
        barrier(team)  # its means are of all rows
        share(cols, 16, batch.thread, batch.n_threads, &start, &stop)
        batch_norm_forward_columns(
            x, weights, bias, statistics, statistics + cols, constants[1], constants[0],
            saved, saved + cols, out, batch.rows, cols, start, stop,
        )
        barrier(team)
        return out
    elif layer.kind == BATCH_NORM_LAYER:
        batch_norm_inference_rows(
            x, weights, bias, statistics, statistics + cols, constants[0],
            out, start, stop, cols,
        )
    elif layer.kind == LAYER_NORM_LAYER:
        layer_norm_forward_rows(
            x, weights, bias, constants[0], saved, saved + batch.rows, out,
            start, stop, cols,
        )
    meet(batch, team)
    return out


# --- Backward ----------------------------------------------------------------------

cdef void dense_backward(
    const Layer* layer, const real_t* x, const real_t* weights, const real_t* grad_z,
    real_t* grad_weights, real_t* grad_bias, real_t* grad_input,
    const Batch* batch, real_t* scratch,
) noexcept nogil:
    """grad_weights = x^T grad_z, grad_bias = sum over rows, grad_input = grad_z W^T.

    A thread computes the rows of grad_weights that it will use for the update.
    """
    cdef Py_ssize_t n_in = layer.n_in, n_out = layer.n_out, start = 0, stop = 0
    cdef Part part = part_of(batch, n_in)
    share(n_in, 6, batch.thread, batch.n_threads, &start, &stop)
    gemm(
        x + start, 1, n_in, grad_z, n_out, 1, grad_weights + start * n_out, n_out,
        stop - start, n_out, batch.rows, <const real_t*> NULL, IDENTITY, scratch,
    )
    if grad_bias != NULL:
        share(n_out, 16, batch.thread, batch.n_threads, &start, &stop)
        column_sums_(
            grad_z + start, n_out, grad_bias + start, batch.rows, stop - start
        )
    if grad_input != NULL:
        gemm(
            grad_z + part.top * n_out, n_out, 1, weights + part.left * n_out, 1, n_out,
            grad_input + part.top * n_in + part.left, n_in,
            part.bottom - part.top, part.right - part.left, n_out,
            <const real_t*> NULL, IDENTITY, scratch,
        )


cdef void activation_gradient(
    int activation, const real_t* saved, real_t* grad, Py_ssize_t cols,
    const Batch* batch, Team* team,
) noexcept nogil:
    """This thread's part of grad = grad * activation'(z), in place."""
    cdef Part part = part_of(batch, cols)
    cdef Py_ssize_t i, first
    if activation == IDENTITY:
        return
    if is_rowwise(activation):
        meet(batch, team)  # rows may be whole only now
        first = batch.start * cols
        softmax_backward_rows(
            grad + first, saved + first, grad + first, batch.stop - batch.start, cols
        )
    elif part.right - part.left == cols:
        first = part.top * cols
        activation_backward(
            activation, grad + first, saved + first, grad + first,
            (part.bottom - part.top) * cols,
        )
    else:
        for i in range(part.top, part.bottom):
            first = i * cols + part.left
            activation_backward(
                activation, grad + first, saved + first, grad + first,
                part.right - part.left,
            )


cdef bint backward_layer(
    Memory* memory, Py_ssize_t index, const real_t* x, real_t* grad, real_t* grad_input,
    const Batch* batch, uint64_t seed, uint64_t draw, Team* team, real_t* scratch,
) noexcept nogil:
    """From grad, of the layer's output, its parameters' gradients and grad_input.

    grad_input NULL: not wanted. Returns whether grad_input holds the result; if not,
    grad itself does. After a dense layer a thread goes on with its part of grad_input
    while others still read grad; by the next barrier they have done so.
    """
    cdef const Layer* layer = &memory.layers[index]
    cdef real_t* workspace = <real_t*> memory.workspace
    cdef const real_t* weights = <real_t*> memory.parameters + layer.weights
    cdef real_t* grad_weights = <real_t*> memory.gradients + layer.weights
    cdef real_t* grad_bias = <real_t*> memory.gradients + layer.bias
    cdef real_t* saved = workspace + layer.saved
    cdef Py_ssize_t cols = layer.n_out, start = 0, stop = 0
    cdef bint wants_z = needs_z(layer.activation)
    if layer.kind == DENSE_LAYER:
        activation_gradient(
            layer.activation, saved if wants_z else workspace + layer.output,
            grad, cols, batch, team,
        )
        barrier(team)
        dense_backward(
            layer, x, weights, grad, grad_weights, NULL if layer.bias < 0 else grad_bias,
            grad_input, batch, scratch,
        )
        return True
    meet(batch, team)
    if layer.kind == ACTIVATION_LAYER:
        activation_gradient(
            layer.activation, x if wants_z else workspace + layer.output,
            grad, cols, batch, team,
        )
        meet(batch, team)
        return False
    elif layer.kind == DROPOUT_LAYER:
        elements(batch, cols, &start, &stop)
        dropout_part(
            grad, grad, start, stop, memory.constants[2 * index], seed, draw, index
        )
        meet(batch, team)
        return False
    barrier(team)  # the sums are over all rows
    share(cols, 16, batch.thread, batch.n_threads, &start, &stop)
    if layer.kind == BATCH_NORM_LAYER:
        batch_norm_backward_columns(
            grad, x, weights, saved, saved + cols, grad_weights, grad_bias,
            grad_input, batch.rows, cols, start, stop,
        )
        barrier(team)
        return True
    layer_norm_backward_columns(
        grad, x, saved, saved + batch.rows, grad_weights, grad_bias,
        batch.rows, cols, start, stop,
    )
    if grad_input != NULL:
        layer_norm_backward_rows(
            grad, x, weights, saved, saved + batch.rows, grad_input,
            batch.start, batch.stop, cols,
        )
    meet(batch, team)
    return True


# --- Inference ---------------------------------------------------------------------

cdef struct Inference:  # one call of infer
    Memory memory
    const void* x
    void* out
    Py_ssize_t n_rows, chunk, width
    void* workspace
    Py_ssize_t workspace_each, scratch_each  # elements of real_t for each thread
    void* scratch
    int infinite  # whether a thread found NaN or infinities in x


cdef bint all_finite(const real_t* x, Py_ssize_t n) noexcept nogil:
    cdef int bad = 0
    cdef Py_ssize_t i
    for i in range(n):
        bad |= x[i] - x[i] != 0
    return bad == 0


cdef void infer_rows(
    Inference* call, int thread, Team* team, const real_t* x, real_t* out
) noexcept nogil:
    """This thread's rows, `chunk` at a time; no thread waits for another."""
    cdef Memory* memory = &call.memory
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
    share(call.n_rows, 1, thread, team.n_threads, &start, &stop)
    first = start
    while first < stop:
        rows = min(chunk, stop - first)
        a = x + first * n_in
        batch = batch_of(rows, True, 0, 1)
        if not all_finite(a, rows * n_in):  # brings them into the cache as well
            atomic_set(&call.infinite, 1)
        for l in range(memory.n_layers):
            result = pong if a == ping else ping
            if l == last:
                result = out + first * n_out
            a = forward_layer(
                memory, l, a, saved, result, &batch, False, 0, 0, &alone, scratch
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


cdef bint infer_arrays(
    ndarray layers, ndarray constants, ndarray parameters, ndarray statistics,
    ndarray x, ndarray out, Py_ssize_t chunk,
) except -1:
    cdef Inference call
    cdef Py_ssize_t l, size = 4 if is_float32(x) else 8
    cdef int n_threads
    cdef void* memory
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
    memory = aligned_alloc(
        64, n_threads * (call.workspace_each + call.scratch_each) * size
    )
    if memory == NULL:
        raise MemoryError
    call.workspace = memory
    call.scratch = <char*> memory + n_threads * call.workspace_each * size
    call.infinite = 0
    cdef team_work work = infer_float if is_float32(x) else infer_double
    if 2.0 * call.n_rows * PyArray_SIZE(parameters) < FLOPS_UNDER_GIL:
        run_team(work, &call, n_threads)
    else:
        with nogil:
            run_team(work, &call, n_threads)
    free(memory)
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
