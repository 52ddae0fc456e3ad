# The training loop: whole epochs in one call without the GIL, so that a step on a small
# network costs its arithmetic and no more. Each layer's passes: _passes.pxi.
# Twin: fastnn/reference/training.py

from libc.math cimport isfinite

include "_batch.pxi"

cdef enum OptimizerKind:
    SGD, ADAGRAD, RMSPROP, ADAM, ADAMW

cdef enum:
    NARROW_LAYER = 8192  # parameters
    BLOCK = 4096  # elements: sums of squares are always cut here
    AHEAD = 4096  # bytes of the next batch that are asked for during a step
    PIECE = 512  # and updated so many at a time; a multiple of SUM_LANES


cdef struct Plan:  # the array `plan`
    int64_t batch_size, loss, optimizer, n_decayed, seed, step, draws, start, shuffle
    int64_t check
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
    int64_t* order
    Py_ssize_t n_rows, n_steps
    bint by_rows  # how threads share a step: Batch
    const double* learning_rates
    double* totals
    int64_t* gathered_labels
    double* row_loss
    double* block_sums
    int64_t* correct  # one for each thread
    void** scratch  # likewise
    int refused  # the step whose samples are not all finite; -1: none


cdef struct TrainStep:  # one step, as a thread sees it
    Batch batch
    const int64_t* order  # of its rows, and of those after them
    Py_ssize_t n_ordered
    const void* x  # its samples, rows of real_t; the next two as well, or NULL
    const void* y
    const void* weight
    const int64_t* labels  # or NULL
    uint64_t draw
    int check  # its number if its samples are to be checked, else -1
    double learning_rate, grad_scale
    AdamRates adam
    double* totals  # of its epoch


# --- The samples and the loss --------------------------------------------------------

cdef void take_batch(
    Run* run, real_t* workspace, TrainStep* step, Team* team
) noexcept nogil:
    """Say where x, y, labels and weights of the batch are: in place where its rows
    follow each other, as they do without a shuffle, else copied together.

    In place, a batch of 32 x 64 floats costs 0.5 us less.
    """
    cdef Py_ssize_t n_in = run.memory.layers[0].n_in
    cdef Py_ssize_t n_out = run.memory.layers[run.memory.n_layers - 1].n_out
    cdef const real_t* x = <const real_t*> run.x
    cdef const real_t* y = <const real_t*> run.y
    cdef const real_t* weight = <const real_t*> run.sample_weight
    cdef Py_ssize_t first = step.order[0]
    if follow_each_other(step.order, step.batch.rows):
        step.x = x + first * n_in
        step.y = NULL if y == NULL else y + first * n_out
        step.weight = NULL if weight == NULL else weight + first
        step.labels = NULL if run.labels == NULL else run.labels + first
        return
    step.x = workspace + run.plan.x
    step.y = NULL if y == NULL else workspace + run.plan.y
    step.weight = NULL if weight == NULL else workspace + run.plan.weight
    step.labels = NULL if run.labels == NULL else run.gathered_labels
    gather_batch(run, workspace, step, team)


cdef bint are_finite(
    Run* run, const real_t* x, const TrainStep* step, Team* team
) noexcept nogil:
    """Whether all samples x of a step are finite, and all threads know it.

    They are in the cache now or soon: with 30 columns a pass over X before the first
    step, which reads it from memory once more, takes as long as a fifth of an epoch.
    """
    cdef Py_ssize_t n_in = run.memory.layers[0].n_in, start = step.batch.start
    if not all_finite(x + start * n_in, (step.batch.stop - start) * n_in):
        atomic_set(&run.refused, step.check)
    barrier(team)
    return atomic_get(&run.refused) != step.check  # a faster thread may have refused the next


cdef inline void prefetch_next(
    Run* run, const real_t* x, const Batch* batch, int part
) noexcept nogil:
    """Ask for the next rows after a batch that lies in place: for part 0 .. 3 of them.

    The CPU sees them coming only within a page. It keeps some twenty requests at a time
    and waits when there are more, so they are spread over the step: with 32 x 30 floats
    from the L3 cache, a step takes 18 % less than if all were asked for at once.
    """
    cdef Py_ssize_t n_in = run.memory.layers[0].n_in
    cdef Py_ssize_t size = batch.rows * n_in * <Py_ssize_t> sizeof(real_t), at
    cdef const char* rest = <const char*> (x + batch.rows * n_in)
    size = min(size, <Py_ssize_t> AHEAD)
    for at in range(size * part // 4, size * (part + 1) // 4, 64):
        prefetch_to_read(&rest[at])


cdef void gather_batch(
    Run* run, real_t* workspace, const TrainStep* step, Team* team
) noexcept nogil:
    """This thread's rows of x, y, labels and weights, copied together."""
    cdef Py_ssize_t start = step.batch.start, stop = step.batch.stop, i
    cdef const real_t* weight = <const real_t*> run.sample_weight
    gather(
        <const real_t*> run.x, step.order, workspace + run.plan.x,
        run.memory.layers[0].n_in, start, stop, step.n_ordered,
    )
    if run.y != NULL:
        gather(
            <const real_t*> run.y, step.order, workspace + run.plan.y,
            run.memory.layers[run.memory.n_layers - 1].n_out, start, stop,
            step.n_ordered,
        )
    if run.labels != NULL:
        for i in range(start, stop):
            run.gathered_labels[i] = run.labels[step.order[i]]
    if weight != NULL:
        for i in range(start, stop):
            workspace[run.plan.weight + i] = weight[step.order[i]]
        barrier(team)  # the loss divides by the sum of all
    meet(&step.batch, team)


cdef void step_loss(
    Run* run, const real_t* prediction, real_t* grad, const TrainStep* step, Team* team
) noexcept nogil:
    """The gradient of the loss, the losses and the hits of this thread's rows."""
    cdef const real_t* y = <const real_t*> step.y
    cdef const real_t* weight = <const real_t*> step.weight
    cdef Py_ssize_t cols = run.memory.layers[run.memory.n_layers - 1].n_out
    cdef Py_ssize_t start = step.batch.start, stop = step.batch.stop
    loss_rows(
        run.plan.loss, prediction, y, step.labels, weight,
        total_weight(weight, step.batch.rows), run.row_loss, grad, start, stop, cols,
    )
    run.correct[step.batch.thread] = count_correct(
        run.plan.loss, prediction + start * cols,
        NULL if y == NULL else y + start * cols,
        NULL if step.labels == NULL else step.labels + start, stop - start, cols,
    )
    meet(&step.batch, team)


cdef void add_losses(
    Run* run, const real_t* weight, const TrainStep* step, int n_threads
) noexcept nogil:
    """Add the whole batch to the totals of loss, weight, hits and samples."""
    cdef double total = total_weight(weight, step.batch.rows)
    cdef double loss = sum_in_order(run.row_loss, step.batch.rows)
    cdef Py_ssize_t cols = run.memory.layers[run.memory.n_layers - 1].n_out, i
    cdef int64_t correct = 0
    for i in range(n_threads):
        correct += run.correct[i]
    if run.plan.loss != BINARY_CROSS_ENTROPY and run.plan.loss != HINGE:
        cols = 1
    step.totals[0] += loss * total
    step.totals[1] += total
    step.totals[2] += <double> correct / <double> cols
    step.totals[3] += step.batch.rows


include "_update.pxi"


# --- The loop ------------------------------------------------------------------------

cdef bint one_step(
    Run* run, real_t* workspace, TrainStep* step, Team* team, real_t* scratch
) noexcept nogil:
    """The samples, forward, loss, backward, update; False if the samples are refused."""
    cdef const Plan* plan = run.plan
    cdef const Layer* layers = run.memory.layers
    cdef const Batch* batch = &step.batch
    cdef const real_t* x
    cdef real_t* grad = workspace + plan.grad
    cdef real_t* grad_input = workspace + plan.grad_input
    cdef real_t* swap
    cdef Py_ssize_t l, lowest = 0  # the lowest layer with parameters
    while lowest < run.memory.n_layers and layers[lowest].weights < 0:
        lowest += 1

    take_batch(run, workspace, step, team)
    x = <const real_t*> step.x
    if step.check >= 0 and not are_finite(run, x, step, team):
        return False
    if step.x != workspace + plan.x:
        prefetch_next(run, <const real_t*> step.x, batch, 0)
    for l in range(run.memory.n_layers):
        x = forward_layer(
            &run.memory, l, x, workspace + layers[l].saved, workspace + layers[l].output,
            batch, True, plan.seed, step.draw, team, scratch,
        )
    if step.x != workspace + plan.x:
        prefetch_next(run, <const real_t*> step.x, batch, 1)
    step_loss(run, x, grad, step, team)
    if step.x != workspace + plan.x:
        prefetch_next(run, <const real_t*> step.x, batch, 2)
    for l in range(run.memory.n_layers - 1, lowest - 1, -1):
        if l == 0:
            x = <const real_t*> step.x
        else:
            x = workspace + layers[l - 1].output
        if backward_layer(
            &run.memory, l, x, grad, NULL if l == lowest else grad_input, batch,
            plan.seed, step.draw, team, scratch,
        ):
            swap = grad
            grad = grad_input
            grad_input = swap
    if step.x != workspace + plan.x:
        prefetch_next(run, <const real_t*> step.x, batch, 3)
    step_update(run, <real_t*> run.memory.parameters, step, team)
    return True


cdef void train(
    Run* run, real_t* workspace, int thread, Team* team
) noexcept nogil:
    """All steps of a call, from one epoch into the next."""
    cdef const Plan* plan = run.plan
    cdef const double* s = run.scalars.of_optimizer
    cdef Py_ssize_t first = plan.start * plan.batch_size, i
    cdef bint check = plan.check
    cdef TrainStep step
    step.totals = run.totals
    for i in range(run.n_steps):
        step.draw = plan.draws + i
        if first == 0 and plan.shuffle:
            if thread == 0:
                shuffle_rows(run.order, run.n_rows, plan.seed, step.draw)
            barrier(team)
        step.batch = batch_of(
            min(plan.batch_size, run.n_rows - first), run.by_rows, thread,
            team.n_threads,
        )
        step.order, step.n_ordered = run.order + first, run.n_rows - first
        step.learning_rate, step.grad_scale = run.learning_rates[i], 1.0
        if plan.optimizer == ADAM or plan.optimizer == ADAMW:
            step.adam = adam_rates(plan.step + i + 1, step.learning_rate, s[0], s[1], s[2])
        step.check = <int> i if check else -1
        if not one_step(run, workspace, &step, team, <real_t*> run.scratch[thread]):
            return
        first += plan.batch_size
        if first >= run.n_rows:
            if not isfinite(step.totals[0]):
                return
            step.totals += 4 + run.memory.n_layers
            first, check = 0, False  # all samples have been seen


cdef void train_float(void* arguments, int thread, Team* team) noexcept nogil:
    cdef Run* run = <Run*> arguments
    train[float](run, <float*> run.memory.workspace, thread, team)


cdef void train_double(void* arguments, int thread, Team* team) noexcept nogil:
    cdef Run* run = <Run*> arguments
    train[double](run, <double*> run.memory.workspace, thread, team)


def shuffle(ndarray order not None, uint64_t seed, uint64_t step):
    """0 .. n - 1 in random order (Fisher and Yates, 1938; Durstenfeld, 1964).

    For i = 0 .. n - 2, order[i] changes places with order[i + floor(w (n - i) / 2^32)],
    w = word i of philox(seed, step, layer 2^32 - 1): all orders are equally likely, to
    a fraction of n / 2^32. order (n,) int64, n below 2^32: overwritten.
    """
    cdef int64_t* rows = <int64_t*> data(order)
    cdef Py_ssize_t n = PyArray_SIZE(order)
    with nogil:
        shuffle_rows(rows, n, seed, step)


def train_steps(
    ndarray layers not None, ndarray constants not None, ndarray parameters not None,
    ndarray gradients not None, ndarray statistics not None, ndarray slots not None,
    ndarray workspace not None, ndarray x not None, ndarray y, ndarray labels,
    ndarray sample_weight, ndarray order not None, ndarray learning_rates not None,
    ndarray plan not None, ndarray scalars not None, ndarray totals not None,
):
    """Train for len(learning_rates) steps of mini-batch gradient descent.

    A step takes the next batch_size rows of `order`, runs them through the layers,
    takes the loss and its gradient, sends it back and updates every parameter. At the
    end of `order` the next epoch begins with its first row, in a new order if the plan
    says shuffle; but after an epoch whose loss is not finite there is no next one.

    layers, constants: the program (see infer). parameters, gradients, statistics:
    flat; slots (n_slots, n_parameters): the optimizer's; workspace: flat. All of
    these are overwritten. x (n, n_in), y (n, n_out) or None, labels (n,) int64 or
    None, sample_weight (n,) or None: read. order (n_rows,) int64: read, and overwritten
    by shuffle(order, seed, draws + the number of the step in this call).
    learning_rates (n_steps,) float64: one for each step.
    plan int64: batch_size, loss, optimizer, n_decayed (weight decay is for the first
    so many parameters), seed, step (steps taken before), draws (training passes made
    before), start (the step of its epoch to begin with), shuffle and check (0 or 1),
    and the workspace offsets of x, y, weight, grad, grad_input.
    scalars float64: weight_decay, clip_norm (0: none), and three of the optimizer.
    totals (n_epochs, 4 + n_layers) float64, a row for each epoch begun: added to: loss
    times weight, weight, samples predicted right, samples, and for each layer the sum
    of ||dL/dweights|| over the steps.
    Returns whether all samples were finite, which is looked at if the plan says check,
    up to the end of the first epoch: the step that would take others is not taken, nor
    any after it.
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
    run.memory.series = NULL
    run.slots = data(slots)
    run.n_parameters, run.n_slots = PyArray_SIZE(parameters), PyArray_DIM(slots, 0)
    run.plan = <const Plan*> data(plan)
    run.scalars = <const Scalars*> data(scalars)
    run.x, run.y, run.sample_weight = data(x), data(y), data(sample_weight)
    run.labels = <const int64_t*> data(labels)
    run.order = <int64_t*> data(order)
    run.n_rows, run.n_steps = PyArray_SIZE(order), PyArray_SIZE(learning_rates)
    run.learning_rates = <const double*> data(learning_rates)
    run.totals, run.refused = <double*> data(totals), -1

    batch = run.plan.batch_size
    # 6 operations a parameter and row; about a barrier a layer. Threads pay when there
    # is enough work from one barrier to the next, since they wait for the slowest.
    n_threads = threads_for(6.0 * batch * run.n_parameters / (run.memory.n_layers + 2))
    # four tiles of rows each, and weights that every thread packs within 5 us or so
    run.by_rows = n_threads == 1 or (
        batch >= 24 * n_threads
        and run.n_parameters <= NARROW_LAYER * run.memory.n_layers
    )
    n_blocks = run.n_parameters // BLOCK + 2 * run.memory.n_layers
    scratch_each = sizeof(double) * scratch_elements(
        run.memory.layers, run.memory.n_layers, batch, True
    )
    small = malloc((2 * batch + n_blocks + 2 * n_threads) * sizeof(double))
    scratch = scratch_memory(n_threads * scratch_each)
    if small == NULL or scratch == NULL:
        free(small)
        free_scratch(scratch)
        raise MemoryError
    run.gathered_labels = <int64_t*> small
    run.row_loss = <double*> small + batch
    run.block_sums = <double*> small + 2 * batch
    run.correct = <int64_t*> run.block_sums + n_blocks
    run.scratch = <void**> (run.correct + n_threads)
    for t in range(n_threads):
        run.scratch[t] = <char*> scratch + t * scratch_each
    with nogil:
        run_team(work, &run, n_threads)
    free(small)
    free_scratch(scratch)
    return run.refused < 0
