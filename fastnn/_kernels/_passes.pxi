# The passes of one layer, forward and backward, on this thread's part: for program.pyx
# and training.pyx.

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
    Series* series,
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
        IDENTITY if apart else <int> layer.activation, scratch, series,
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
        dense_forward(
            layer, x, weights, bias, z, out, batch, team, scratch,
            NULL if memory.series == NULL else &memory.series[index],
        )
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

cdef void bias_gradient(
    const real_t* grad_z, Py_ssize_t row, real_t* out, Py_ssize_t rows, Py_ssize_t cols
) noexcept nogil:
    """out[j] = sum over i of grad_z[i, j], in the order of i (column_sums).

    Columns too few for a register take one nevertheless, which reads on into the next
    row; only the last rows have to be copied. 32 x 10 take a fifth of the time.
    """
    cdef Py_ssize_t lanes = VECTOR_BYTES // <Py_ssize_t> sizeof(real_t)
    cdef Py_ssize_t i, inside = ((rows - 1) * row + cols - lanes) // row + 1
    cdef real_t whole[VECTOR_FLOATS]
    cdef Vector acc
    if not (1 < cols < lanes and rows * row >= lanes + row):
        column_sums_(grad_z, row, out, rows, cols)
        return
    load(&acc, <const real_t*> zeros)
    for i in range(inside):
        add_bias(&acc, &grad_z[i * row])
    memset(whole, 0, sizeof(whole))
    for i in range(inside, rows):
        memcpy(whole, &grad_z[i * row], cols * sizeof(real_t))
        add_bias(&acc, whole)
    store(whole, &acc)
    memcpy(out, whole, cols * sizeof(real_t))


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
    if grad_bias != NULL:  # first: the product overlaps with its last sums
        share(n_out, 16, batch.thread, batch.n_threads, &start, &stop)
        bias_gradient(
            grad_z + start, n_out, grad_bias + start, batch.rows, stop - start
        )
    share(n_in, 6, batch.thread, batch.n_threads, &start, &stop)
    gemm(
        x + start, 1, n_in, grad_z, n_out, 1, grad_weights + start * n_out, n_out,
        stop - start, n_out, batch.rows, <const real_t*> NULL, IDENTITY, scratch,
        NULL,
    )
    if grad_input != NULL and n_out == 1:
        outer_product(
            grad_z + part.top, weights + part.left,
            grad_input + part.top * n_in + part.left, n_in,
            part.bottom - part.top, part.right - part.left,
        )
    elif grad_input != NULL:
        gemm(
            grad_z + part.top * n_out, n_out, 1, weights + part.left * n_out, 1, n_out,
            grad_input + part.top * n_in + part.left, n_in,
            part.bottom - part.top, part.right - part.left, n_out,
            <const real_t*> NULL, IDENTITY, scratch, NULL,
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
