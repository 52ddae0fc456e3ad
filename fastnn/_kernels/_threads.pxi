# The team of threads: a few workers that sleep until a call needs them.
#
#     run_team(work, arguments, n)   work(arguments, thread, team) on n threads
#     barrier(team)                  all of them arrive before any leaves
#     share(n, grain, ...)           this thread's part of n items
#
# Work is split over outputs, never over a sum, so results are the same bits for any
# number of threads; that is why a call may always fall back to one.
# No OpenMP: a child process forked after its first use would hang in it.

cdef extern from "threads.h" nogil:
    int atomic_get(const int* x)
    void atomic_set(int* x, int value)
    int atomic_count(int* x)
    void relax()

cdef extern from "<signal.h>" nogil:
    ctypedef struct sigset_t:
        pass
    int SIG_SETMASK
    int sigfillset(sigset_t* signals)
    int pthread_sigmask(int how, const sigset_t* signals, sigset_t* before)

cdef extern from "<pthread.h>" nogil:
    ctypedef struct pthread_t:
        pass
    ctypedef struct pthread_mutex_t:
        pass
    ctypedef struct pthread_cond_t:
        pass
    int pthread_create(
        pthread_t* thread, void* attributes, void* (*start)(void*) noexcept nogil,
        void* argument,
    )
    int pthread_join(pthread_t thread, void** result)
    int pthread_mutex_init(pthread_mutex_t* mutex, void* attributes)
    int pthread_mutex_lock(pthread_mutex_t* mutex)
    int pthread_mutex_trylock(pthread_mutex_t* mutex)
    int pthread_mutex_unlock(pthread_mutex_t* mutex)
    int pthread_cond_init(pthread_cond_t* cond, void* attributes)
    int pthread_cond_wait(pthread_cond_t* cond, pthread_mutex_t* mutex)
    int pthread_cond_broadcast(pthread_cond_t* cond)
    int pthread_atfork(void* prepare, void* parent, void (*child)() noexcept nogil)

cdef enum:
    MAX_WORKERS = 255
    SPINS = 2000  # tens of microseconds of waiting awake, then sleep

# Below this many operations, waking a thread costs more than it saves.
cdef double FLOPS_FOR_THREADS = 4e6


# --- Bell: a number that threads wait on ------------------------------------------

cdef struct Bell:
    int rings
    pthread_mutex_t mutex
    pthread_cond_t cond


cdef void make_bell(Bell* bell) noexcept nogil:
    bell.rings = 0
    pthread_mutex_init(&bell.mutex, NULL)
    pthread_cond_init(&bell.cond, NULL)


cdef void ring(Bell* bell) noexcept nogil:
    pthread_mutex_lock(&bell.mutex)
    ring_locked(bell)
    pthread_mutex_unlock(&bell.mutex)


cdef void ring_locked(Bell* bell) noexcept nogil:
    atomic_set(&bell.rings, bell.rings + 1)
    pthread_cond_broadcast(&bell.cond)


cdef void wait_for_ring(Bell* bell, int heard) noexcept nogil:
    """Return once bell.rings is no longer `heard`."""
    cdef int spin
    for spin in range(SPINS):
        if atomic_get(&bell.rings) != heard:
            return
        relax()
    pthread_mutex_lock(&bell.mutex)
    while bell.rings == heard:
        pthread_cond_wait(&bell.cond, &bell.mutex)
    pthread_mutex_unlock(&bell.mutex)


# --- Team: the threads of one call --------------------------------------------------

cdef struct Team:
    int n_threads
    int arrived  # at the barrier
    Bell bell  # rings when the last one arrives

ctypedef void (*team_work)(void* arguments, int thread, Team* team) noexcept nogil


cdef void barrier(Team* team) noexcept nogil:
    """Wait until every thread of the team is here."""
    cdef int heard
    if team.n_threads == 1:
        return
    heard = atomic_get(&team.bell.rings)
    if atomic_count(&team.arrived) == team.n_threads:
        team.arrived = 0  # nobody counts again before the bell
        ring(&team.bell)
    else:
        wait_for_ring(&team.bell, heard)


cdef inline void share(
    Py_ssize_t n, Py_ssize_t grain, int thread, int n_threads,
    Py_ssize_t* start, Py_ssize_t* stop,
) noexcept nogil:
    """This thread's items of n, start <= i < stop, in multiples of grain."""
    cdef Py_ssize_t grains = (n + grain - 1) // grain
    start[0] = min(n, thread * grains // n_threads * grain)
    stop[0] = min(n, (thread + 1) * grains // n_threads * grain)


# --- Pool: the workers of this module ----------------------------------------------

cdef struct Worker:
    pthread_t thread
    int index  # its `thread` in a team; the caller is 0
    int heard  # rings of pool.jobs it has answered

cdef struct Pool:
    pthread_mutex_t busy  # held by the caller that the workers work for
    int n_workers
    Bell jobs  # its mutex guards the three below
    team_work work  # NULL: workers from n_threads on go home
    void* arguments
    int n_threads
    Team team
    Worker workers[MAX_WORKERS]

cdef Pool pool
cdef int num_threads = 1


cdef void* worker_life(void* me) noexcept nogil:
    cdef Worker* worker = <Worker*> me
    cdef team_work work
    cdef void* arguments
    cdef int n_threads
    while True:
        wait_for_ring(&pool.jobs, worker.heard)
        pthread_mutex_lock(&pool.jobs.mutex)
        worker.heard = pool.jobs.rings
        work = pool.work
        arguments = pool.arguments
        n_threads = pool.n_threads
        pthread_mutex_unlock(&pool.jobs.mutex)
        if worker.index >= n_threads:
            if work == NULL:
                return NULL
        elif work != NULL:
            work(arguments, worker.index, &pool.team)
            barrier(&pool.team)


cdef void call_workers(team_work work, void* arguments, int n_threads) noexcept nogil:
    pthread_mutex_lock(&pool.jobs.mutex)
    pool.work = work
    pool.arguments = arguments
    pool.n_threads = n_threads
    ring_locked(&pool.jobs)  # together: nobody may see a new job with an old ring
    pthread_mutex_unlock(&pool.jobs.mutex)


cdef void hire(int n_workers) noexcept nogil:
    """Make the pool at least n_workers strong, or as strong as the system allows."""
    cdef sigset_t every, before
    cdef Worker* worker
    if pool.n_workers >= n_workers:
        return
    sigfillset(&every)  # signals are for the threads of Python
    pthread_sigmask(SIG_SETMASK, &every, &before)
    while pool.n_workers < min(n_workers, MAX_WORKERS):
        worker = &pool.workers[pool.n_workers]
        worker.index = pool.n_workers + 1
        worker.heard = pool.jobs.rings
        if pthread_create(&worker.thread, NULL, worker_life, worker) != 0:
            break
        pool.n_workers += 1
    pthread_sigmask(SIG_SETMASK, &before, NULL)


cdef void dismiss(int n_workers) noexcept nogil:
    """Let all but n_workers go home."""
    if pool.n_workers <= n_workers:
        return
    call_workers(NULL, NULL, n_workers + 1)
    while pool.n_workers > n_workers:
        pool.n_workers -= 1
        pthread_join(pool.workers[pool.n_workers].thread, NULL)


cdef void run_team(team_work work, void* arguments, int n_threads) noexcept nogil:
    """Run work(arguments, thread, team) for thread = 0 .. team.n_threads - 1.

    The caller is thread 0; returns when all are done. Where the workers serve another
    caller, or can't be made, team.n_threads is 1 (or what could be had).
    """
    cdef Team alone
    if n_threads > 1 and pthread_mutex_trylock(&pool.busy) == 0:
        hire(n_threads - 1)
        n_threads = min(n_threads, pool.n_workers + 1)
        if n_threads > 1:
            pool.team.n_threads = n_threads
            call_workers(work, arguments, n_threads)
            work(arguments, 0, &pool.team)
            barrier(&pool.team)
            dismiss(max(num_threads, 1) - 1)  # set_threads may have come meanwhile
            pthread_mutex_unlock(&pool.busy)
            return
        pthread_mutex_unlock(&pool.busy)
    alone.n_threads = 1
    work(arguments, 0, &alone)


cdef int threads_for(double flops) noexcept nogil:
    """How many threads a call of so many operations deserves."""
    return 1 if flops < FLOPS_FOR_THREADS else num_threads


def set_threads(int n):
    """Let kernels of this module use up to n threads."""
    global num_threads
    num_threads = n
    with nogil:
        if pthread_mutex_trylock(&pool.busy) == 0:  # else run_team does it at its end
            dismiss(max(n, 1) - 1)
            pthread_mutex_unlock(&pool.busy)


cdef void reset_pool() noexcept nogil:
    """An empty pool: at import, and in a forked child, which has no workers."""
    pool.n_workers = 0
    pthread_mutex_init(&pool.busy, NULL)
    make_bell(&pool.jobs)
    make_bell(&pool.team.bell)
    pool.team.arrived = 0


reset_pool()
pthread_atfork(NULL, NULL, reset_pool)
