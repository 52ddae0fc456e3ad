# The training loop: many steps in one call without the GIL, so that a step on a small
# network costs its arithmetic and no more. Each layer's passes: program.pyx.
# Twin: fastnn/reference/training.py

cdef enum OptimizerKind:
    SGD, ADAGRAD, RMSPROP, ADAM, ADAMW

cdef Py_ssize_t BLOCK = 4096  # sums of squares are always cut here


cdef struct Plan:  # the array `plan`
    int64_t batch_size, loss, optimizer, n_decayed, seed, step, draws
    int64_t x, y, weight, grad, grad_input  # offsets in the workspace


cdef struct Scalars:  # the array `scalars`
    double weight_decay, clip_norm  # clip_norm 0: none
    double[3] of_optimizer


cdef struct Run:  # one call of train_steps; the untyped pointers are to real_t
    Memory memory
    const Plan* plan
    const Scalars* scalars
    void* slots
    Py_ssize_t n_parameters, n_slots
    const void* x
    const void* y
    const int64_t* labels
    const void* sample_weight
    const int64_t* order
    Py_ssize_t n_rows
    const double* learning_rates
    double* totals
    int64_t* labels_of_batch
    double* row_loss
    double* block_sums
    double grad_scale  # of this step, set by thread 0
    void** scratch  # one for each thread


cdef void gather(
    Run* run, real_t* workspace, Py_ssize_t first, Py_ssize_t rows,
    int thread, Team* team,
) noexcept nogil:
    """Copy the rows order[first:first + rows] of x, y, labels and weights together."""
    cdef Py_ssize_t n_in = run.memory.layers[0].n_in
    cdef Py_ssize_t n_out = run.memory.layers[run.memory.n_layers - 1].n_out
    cdef const real_t* x = <const real_t*> run.x
    cdef const real_t* y = <const real_t*> run.y
    cdef const real_t* weight = <const real_t*> run.sample_weight
    cdef Py_ssize_t i, row, start = 0, stop = 0
    share(rows, 1, thread, team.n_threads, &start, &stop)
    for i in range(start, stop):
        row = run.order[first + i]
        memcpy(
            workspace + run.plan.x + i * n_in, x + row * n_in, n_in * sizeof(real_t)
        )
        if y != NULL:
            memcpy(
                workspace + run.plan.y + i * n_out, y + row * n_out,
                n_out * sizeof(real_t),
            )
        if run.labels != NULL:
            run.labels_of_batch[i] = run.labels[row]
        if weight != NULL:
            workspace[run.plan.weight + i] = weight[row]
    barrier(team)


cdef inline Py_ssize_t argmax(const real_t* x, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t j, best = 0
    for j in range(1, n):
        if x[j] > x[best]:
            best = j
    return best


cdef double count_correct(
    int64_t loss, const real_t* prediction, const real_t* y, const int64_t* labels,
    Py_ssize_t rows, Py_ssize_t cols,
) noexcept nogil:
    """Samples predicted right; for element-wise losses, elements right / cols."""
    cdef Py_ssize_t i, right = 0
    if loss == CROSS_ENTROPY or loss == HINGE_MULTICLASS:
        for i in range(rows):
            right += argmax(prediction + i * cols, cols) == labels[i]
        return <double> right
    if loss == CROSS_ENTROPY_SOFT:
        for i in range(rows):
            right += argmax(prediction + i * cols, cols) == argmax(y + i * cols, cols)
        return <double> right
    if loss == BINARY_CROSS_ENTROPY or loss == HINGE:
        for i in range(rows * cols):
            right += (prediction[i] > 0) == (y[i] > <real_t> 0.5)
        return <double> right / <double> cols
    return 0.0


cdef void step_loss(
    Run* run, const real_t* prediction, real_t* grad, Py_ssize_t rows, int thread,
    Team* team,
) noexcept nogil:
    """The gradient of the loss, and by thread 0 the totals of loss and accuracy."""
    cdef real_t* workspace = <real_t*> run.memory.workspace
    cdef const real_t* y = NULL if run.y == NULL else workspace + run.plan.y
    cdef const real_t* weight = (
        NULL if run.sample_weight == NULL else workspace + run.plan.weight
    )
    cdef Py_ssize_t cols = run.memory.layers[run.memory.n_layers - 1].n_out
    cdef Py_ssize_t i, start = 0, stop = 0
    cdef double total = total_weight(weight, rows), loss = 0.0
    share(rows, 1, thread, team.n_threads, &start, &stop)
    loss_rows(
        run.plan.loss, prediction, y, run.labels_of_batch, weight, total,
        run.row_loss, grad, start, stop, cols,
    )
    barrier(team)
    if thread == 0:
        for i in range(rows):
            loss += run.row_loss[i]
        run.totals[0] += loss * total
        run.totals[1] += total
        run.totals[2] += count_correct(
            run.plan.loss, prediction, y, run.labels_of_batch, rows, cols
        )
        run.totals[3] += rows


cdef inline Py_ssize_t n_weights(const Layer* layer) noexcept nogil:
    """Elements of weights (of gamma, for a normalisation)."""
    if layer.weights < 0:
        return 0
    return layer.n_in * layer.n_out if layer.kind == DENSE_LAYER else layer.n_out


cdef Py_ssize_t square_blocks(
    Run* run, const real_t* gradients, Py_ssize_t n, Py_ssize_t first,
    int thread, int n_threads,
) noexcept nogil:
    """Sums of squares of one gradient, block by block, to block_sums[first:]."""
    cdef Py_ssize_t n_blocks = (n + BLOCK - 1) // BLOCK, b
    for b in range(n_blocks):
        if (first + b) % n_threads == thread:
            run.block_sums[first + b] = block_sum_of_squares(
                gradients + b * BLOCK, min(BLOCK, n - b * BLOCK)
            )
    return first + n_blocks


cdef double add_blocks(Run* run, Py_ssize_t n, Py_ssize_t* first) noexcept nogil:
    """Add one gradient's blocks in order: the same bits for any team."""
    cdef Py_ssize_t b, n_blocks = (n + BLOCK - 1) // BLOCK
    cdef double total = 0.0
    for b in range(first[0], first[0] + n_blocks):
        total += run.block_sums[b]
    first[0] += n_blocks
    return total


cdef void step_norms(
    Run* run, const real_t* gradients, int thread, Team* team
) noexcept nogil:
    """Totals of each layer's gradient norm, and the scale that clipping asks for."""
    cdef Py_ssize_t l, first = 0
    cdef const Layer* layer
    cdef bint clip = run.scalars.clip_norm > 0.0
    cdef double squares, all_squares = 0.0, scale
    for l in range(run.memory.n_layers):
        layer = &run.memory.layers[l]
        first = square_blocks(
            run, gradients + layer.weights, n_weights(layer), first,
            thread, team.n_threads,
        )
        if clip and layer.bias >= 0:
            first = square_blocks(
                run, gradients + layer.bias, layer.n_out, first, thread, team.n_threads
            )
    barrier(team)
    if thread == 0:
        first = 0
        for l in range(run.memory.n_layers):
            layer = &run.memory.layers[l]
            squares = add_blocks(run, n_weights(layer), &first)
            run.totals[4 + l] += sqrt(squares)
            all_squares += squares
            if clip and layer.bias >= 0:
                all_squares += add_blocks(run, layer.n_out, &first)
        if clip:
            scale = run.scalars.clip_norm / (sqrt(all_squares) + 1e-6)
            run.grad_scale = 1.0 if scale > 1.0 else scale
    barrier(team)


cdef void update(
    Run* run, real_t* parameters, Py_ssize_t start, Py_ssize_t n, double weight_decay,
    int64_t step, double learning_rate,
) noexcept nogil:
    """One optimizer step on the parameters start .. start + n - 1."""
    cdef real_t* param = parameters + start
    cdef const real_t* grad = <const real_t*> run.memory.gradients + start
    cdef real_t* first = NULL if run.n_slots < 1 else <real_t*> run.slots + start
    cdef real_t* second = (
        NULL if run.n_slots < 2 else <real_t*> run.slots + run.n_parameters + start
    )
    cdef const double* s = run.scalars.of_optimizer
    cdef double scale = run.grad_scale
    cdef double decay = weight_decay, rate = learning_rate
    cdef int64_t kind = run.plan.optimizer
    if kind == SGD:
        sgd_step(param, grad, first, n, rate, s[0], s[1] != 0, decay, scale)
    elif kind == ADAGRAD:
        adagrad_step(param, grad, first, n, rate, s[0], decay, scale)
    elif kind == RMSPROP:
        rmsprop_step(param, grad, first, n, rate, s[0], s[1], decay, scale)
    else:
        adam_step(
            param, grad, first, second, n, step, rate, s[0], s[1], s[2],
            decay, scale, kind == ADAMW,
        )


cdef void step_update(
    Run* run, real_t* parameters, int64_t step, double learning_rate,
    int thread, Team* team,
) noexcept nogil:
    """Update all parameters; the first n_decayed of them feel the weight decay."""
    cdef Py_ssize_t decayed = run.plan.n_decayed, start = 0, stop = 0
    share(decayed, 16, thread, team.n_threads, &start, &stop)
    update(
        run, parameters, start, stop - start, run.scalars.weight_decay, step,
        learning_rate,
    )
    share(run.n_parameters - decayed, 16, thread, team.n_threads, &start, &stop)
    update(run, parameters, decayed + start, stop - start, 0.0, step, learning_rate)
    barrier(team)


cdef void one_step(
    Run* run, real_t* workspace, Py_ssize_t s, int thread, Team* team
) noexcept nogil:
    """Step number s of this call: gather, forward, loss, backward, update."""
    cdef const Plan* plan = run.plan
    cdef const Layer* layers = run.memory.layers
    cdef Py_ssize_t first = s * plan.batch_size, l
    cdef Py_ssize_t rows = min(plan.batch_size, run.n_rows - first)
    cdef uint64_t draw = plan.draws + s
    cdef const real_t* x = workspace + plan.x
    cdef real_t* grad = workspace + plan.grad
    cdef real_t* grad_input = workspace + plan.grad_input
    cdef real_t* swap
    cdef Py_ssize_t lowest = 0  # the lowest layer with parameters
    while lowest < run.memory.n_layers and layers[lowest].weights < 0:
        lowest += 1

    gather(run, workspace, first, rows, thread, team)
    for l in range(run.memory.n_layers):
        x = forward_layer(
            &run.memory, l, x, workspace + layers[l].saved, workspace + layers[l].output,
            rows, True, plan.seed, draw, thread, team, <real_t*> run.scratch[thread],
        )
    step_loss(run, x, grad, rows, thread, team)
    for l in range(run.memory.n_layers - 1, lowest - 1, -1):
        x = workspace + (plan.x if l == 0 else layers[l - 1].output)
        if backward_layer(
            &run.memory, l, x, grad, NULL if l == lowest else grad_input, rows,
            plan.seed, draw, thread, team, <real_t*> run.scratch[thread],
        ):
            swap = grad
            grad = grad_input
            grad_input = swap
    step_norms(run, <real_t*> run.memory.gradients, thread, team)
    step_update(
        run, <real_t*> run.memory.parameters, plan.step + s + 1, run.learning_rates[s],
        thread, team,
    )


cdef void train_float(void* arguments, int thread, Team* team) noexcept nogil:
    cdef Run* run = <Run*> arguments
    cdef Py_ssize_t s, batch = run.plan.batch_size
    for s in range((run.n_rows + batch - 1) // batch):
        one_step[float](run, <float*> run.memory.workspace, s, thread, team)


cdef void train_double(void* arguments, int thread, Team* team) noexcept nogil:
    cdef Run* run = <Run*> arguments
    cdef Py_ssize_t s, batch = run.plan.batch_size
    for s in range((run.n_rows + batch - 1) // batch):
        one_step[double](run, <double*> run.memory.workspace, s, thread, team)


def train_steps(
    ndarray layers not None, ndarray constants not None, ndarray parameters not None,
    ndarray gradients not None, ndarray statistics not None, ndarray slots not None,
    ndarray workspace not None, ndarray x not None, ndarray y, ndarray labels,
    ndarray sample_weight, ndarray order not None, ndarray learning_rates not None,
    ndarray plan not None, ndarray scalars not None, ndarray totals not None,
):
    """Train for len(learning_rates) steps of mini-batch gradient descent.

    A step takes the next batch_size rows of `order`, runs them through the layers,
    takes the loss and its gradient, sends it back and updates every parameter.

    layers, constants: the program (see infer). parameters, gradients, statistics:
    flat; slots (n_slots, n_parameters): the optimizer's; workspace: flat. All of
    these are overwritten. x (n, n_in), y (n, n_out) or None, labels (n,) int64 or
    None, sample_weight (n,) or None, order (n_rows,) int64: read.
    learning_rates (n_steps,) float64: one for each step.
    plan int64: batch_size, loss, optimizer, n_decayed (weight decay is for the first
    so many parameters), seed, step (steps taken before), draws (of dropout), and the
    workspace offsets of x, y, weight, grad, grad_input.
    scalars float64: weight_decay, clip_norm (0: none), and three of the optimizer.
    totals float64: added to: loss times weight, weight, samples predicted right,
    samples, and for each layer the sum of ||dL/dweights|| over the steps.
    """
    cdef Run run
    cdef int n_threads, t
    cdef Py_ssize_t batch, n_blocks, scratch_each
    cdef void* small
    cdef void* scratch
    cdef team_work work = train_float if is_float32(parameters) else train_double
    run.memory.layers = <const Layer*> data(layers)
    run.memory.constants = <const double*> data(constants)
    run.memory.n_layers = PyArray_DIM(layers, 0)
    run.memory.parameters = data(parameters)
    run.memory.statistics = data(statistics)
    run.memory.gradients, run.memory.workspace = data(gradients), data(workspace)
    run.slots = data(slots)
    run.n_parameters, run.n_slots = PyArray_SIZE(parameters), PyArray_DIM(slots, 0)
    run.plan = <const Plan*> data(plan)
    run.scalars = <const Scalars*> data(scalars)
    run.x, run.y, run.sample_weight = data(x), data(y), data(sample_weight)
    run.labels = <const int64_t*> data(labels)
    run.order = <const int64_t*> data(order)
    run.n_rows = PyArray_SIZE(order)
    run.learning_rates = <const double*> data(learning_rates)
    run.totals = <double*> data(totals)
    run.grad_scale = 1.0

    batch = run.plan.batch_size
    # 6 operations a parameter and row; about 4 barriers a layer. Threads pay when there
    # is enough work from one barrier to the next, since they wait for the slowest.
    n_threads = threads_for(
        6.0 * batch * run.n_parameters / (4 * run.memory.n_layers + 5)
    )
    n_blocks = run.n_parameters // BLOCK + 2 * run.memory.n_layers
    scratch_each = sizeof(double) * scratch_elements(
        run.memory.layers, run.memory.n_layers, batch
    )
    small = malloc((2 * batch + n_blocks) * sizeof(double) + n_threads * sizeof(void*))
    scratch = aligned_alloc(64, n_threads * scratch_each)
    if small == NULL or scratch == NULL:
        free(small)
        free(scratch)
        raise MemoryError
    run.labels_of_batch = <int64_t*> small
    run.row_loss = <double*> small + batch
    run.block_sums = <double*> small + 2 * batch
    run.scratch = <void**> (run.block_sums + n_blocks)
    for t in range(n_threads):
        run.scratch[t] = <char*> scratch + t * scratch_each
    with nogil:
        run_team(work, &run, n_threads)
    free(small)
    free(scratch)
