# The update of all parameters after a batch, for training.pyx: norms, clipping, and the
# optimizer's step, a block at a time while the block's gradient is in the cache.

cdef inline Py_ssize_t n_weights(const Layer* layer) noexcept nogil:
    """Elements of weights (of gamma, for a normalisation)."""
    if layer.weights < 0:
        return 0
    return layer.n_in * layer.n_out if layer.kind == DENSE_LAYER else layer.n_out


cdef void update(
    Run* run, real_t* parameters, Py_ssize_t start, Py_ssize_t n, double decay,
    const TrainStep* step,
) noexcept nogil:
    """One optimizer step on the parameters start .. start + n - 1."""
    cdef real_t* param = parameters + start
    cdef const real_t* grad = <const real_t*> run.memory.gradients + start
    cdef real_t* first = NULL if run.n_slots < 1 else <real_t*> run.slots + start
    cdef real_t* second = (
        NULL if run.n_slots < 2 else <real_t*> run.slots + run.n_parameters + start
    )
    cdef const double* s = run.scalars.of_optimizer
    cdef double scale = step.grad_scale, rate = step.learning_rate
    cdef int64_t kind = run.plan.optimizer
    if kind == SGD:
        sgd_step(param, grad, first, n, rate, s[0], s[1] != 0, decay, scale)
    elif kind == ADAGRAD:
        adagrad_step(param, grad, first, n, rate, s[0], decay, scale)
    elif kind == RMSPROP:
        rmsprop_step(param, grad, first, n, rate, s[0], s[1], decay, scale)
    else:
        adam_step(
            param, grad, first, second, n, step.adam, rate, s[0], s[1],
            decay, scale, kind == ADAMW,
        )


cdef Py_ssize_t blocks(
    Run* run, real_t* parameters, Py_ssize_t place, Py_ssize_t n, Py_ssize_t first,
    bint measure, const TrainStep* step, int thread, int n_threads,
) noexcept nogil:
    """Go through the n parameters from `place` on, a block at a time, in pieces.

    The CPU squares a piece while the roots and divisions of the one before still run:
    then the norm costs nothing beside Adam.

    measure: the gradient's sum of squares goes to block_sums[first:]. step: update them,
    while the block's gradient is in the cache; or NULL. Returns the next `first`.
    """
    cdef const real_t* gradients = <const real_t*> run.memory.gradients + place
    cdef Py_ssize_t n_blocks = (n + BLOCK - 1) // BLOCK, b, at, end, size
    cdef Py_ssize_t start = 0, stop = 0
    cdef double[SUM_LANES] squares
    share(n_blocks, 1, thread, n_threads, &start, &stop)
    for b in range(start, stop):
        memset(squares, 0, sizeof(squares))
        at, end = b * BLOCK, min(n, (b + 1) * BLOCK)
        while at < end:
            size = min(<Py_ssize_t> PIECE, end - at)
            if measure:
                add_squares(squares, gradients + at, size)
            if step != NULL:
                update(
                    run, parameters, place + at, size, run.scalars.weight_decay, step
                )
            at += size
        if measure:
            run.block_sums[first + b] = sum_of_lanes(squares)
    return first + n_blocks


cdef double add_blocks(Run* run, Py_ssize_t n, Py_ssize_t* first) noexcept nogil:
    """Add one gradient's blocks in order: the same bits for any team."""
    cdef Py_ssize_t b, n_blocks = (n + BLOCK - 1) // BLOCK
    cdef double total = 0.0
    for b in range(first[0], first[0] + n_blocks):
        total += run.block_sums[b]
    first[0] += n_blocks
    return total


cdef double add_norms(Run* run, double* totals, bint biases) noexcept nogil:
    """Add each layer's gradient norm to the totals (unless NULL).

    biases: whether block_sums has theirs as well. Returns the sum of all squares.
    """
    cdef Py_ssize_t l, first = 0
    cdef const Layer* layer
    cdef double squares, all_squares = 0.0
    for l in range(run.memory.n_layers):
        layer = &run.memory.layers[l]
        squares = add_blocks(run, n_weights(layer), &first)
        if totals != NULL:
            totals[4 + l] += sqrt(squares)
        all_squares += squares
        if biases and layer.bias >= 0:
            all_squares += add_blocks(run, layer.n_out, &first)
    return all_squares


cdef double clip_scale(
    Run* run, real_t* parameters, int thread, Team* team
) noexcept nogil:
    """What every gradient is multiplied by, so that their norm is at most clip_norm."""
    cdef Py_ssize_t l, first = 0
    cdef const Layer* layer
    cdef double scale
    for l in range(run.memory.n_layers):
        layer = &run.memory.layers[l]
        first = blocks(
            run, parameters, layer.weights, n_weights(layer), first, True,
            NULL, thread, team.n_threads,
        )
        if layer.bias >= 0:
            first = blocks(
                run, parameters, layer.bias, layer.n_out, first, True,
                NULL, thread, team.n_threads,
            )
    barrier(team)
    scale = run.scalars.clip_norm / (
        sqrt(add_norms(run, <double*> NULL, True)) + 1e-6
    )
    return 1.0 if scale > 1.0 else scale


cdef void step_update(
    Run* run, real_t* parameters, TrainStep* step, Team* team
) noexcept nogil:
    """Update all parameters; the first n_decayed of them feel the weight decay."""
    cdef const Layer* layer
    cdef bint clip = run.scalars.clip_norm > 0.0
    cdef int thread = step.batch.thread
    cdef Py_ssize_t decayed = run.plan.n_decayed, l, first = 0, start = 0, stop = 0
    barrier(team)  # the gradients are complete
    if thread == 0:
        add_losses(run, <const real_t*> step.weight, step, team.n_threads)
    if clip:
        step.grad_scale = clip_scale(run, parameters, thread, team)
    for l in range(run.memory.n_layers):
        layer = &run.memory.layers[l]
        if layer.kind == DENSE_LAYER:
            first = blocks(
                run, parameters, layer.weights, n_weights(layer), first, not clip,
                step, thread, team.n_threads,
            )
        elif not clip:
            first = blocks(
                run, parameters, layer.weights, n_weights(layer), first, True,
                NULL, thread, team.n_threads,
            )
    share(run.n_parameters - decayed, 16, thread, team.n_threads, &start, &stop)
    update(run, parameters, decayed + start, stop - start, 0.0, step)
    barrier(team)
    if thread == 0:
        add_norms(run, step.totals, clip)
