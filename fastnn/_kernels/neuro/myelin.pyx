# An axon of nodes and internodes.
# Twin: fastnn/reference/neuro/myelin.py

cdef struct MyelinatedAxon:  # one call of myelinated_axon
    double* v
    double* m
    double* h
    double* solved  # half a step on
    double* pivot
    double* fixed  # diagonal without sodium: 2 C / dt + leak + axial to both sides
    double* at_nodes  # V
    const int64_t* nodes
    const int64_t* places  # compartments that get current
    const double* axial
    const double* capacitance
    const double* leak
    const double* sodium
    double e_na, e_l, dt
    Py_ssize_t n, n_nodes, n_places


cdef inline void myelin_gates(
    const double* v, double* m, double* h, Py_ssize_t n, double dt
) noexcept nogil:
    """m and h of every node a step on, V held; below -260 mV a_m would turn negative."""
    cdef double V, a_m, b_m, a_h, b_h, sum_m, sum_h, end_m, end_h
    cdef Py_ssize_t i
    for i in range(n):
        V = clamped[double](v[i], -260.0, 1000.0)
        a_m = (97 + 0.363 * V) / (1 + exp_[double]((31 - V) / 5.3, False))
        b_m = a_m * exp_[double]((23.8 - V) / 4.17, False)
        b_h = 15.6 / (1 + exp_[double]((24 - V) / 10, False))
        a_h = b_h * exp_[double]((5.5 - V) / 5, False)
        sum_m, sum_h = a_m + b_m, a_h + b_h
        end_m, end_h = a_m / sum_m, a_h / sum_h
        m[i] = end_m + (m[i] - end_m) * exp_[double](-dt * sum_m, False)
        h[i] = end_h + (h[i] - end_h) * exp_[double](-dt * sum_h, False)


cdef inline void myelin_solve(
    double* diagonal, const double* beside, double* right, Py_ssize_t n
) noexcept nogil:
    """x of diagonal[i] x[i] - beside[i-1] x[i-1] - beside[i] x[i+1] = right[i].

    Gauss' elimination; right becomes x, diagonal the inverse of the pivots. What goes
    from row to row stays in registers: the rows wait for each other.
    """
    cdef double pivot = diagonal[0], x = right[0], factor
    cdef Py_ssize_t i
    for i in range(n - 1):
        diagonal[i] = 1 / pivot
        factor = beside[i] * diagonal[i]
        pivot = diagonal[i + 1] - factor * beside[i]
        x = right[i + 1] + factor * x
        right[i + 1] = x
    x /= pivot
    right[n - 1] = x
    for i in range(n - 2, -1, -1):
        x = (right[i] + beside[i] * x) * diagonal[i]
        right[i] = x


cdef void myelin_step(MyelinatedAxon* a, const double* current) noexcept nogil:
    cdef Py_ssize_t i, j
    cdef double g, per_half = 2 / a.dt
    for j in range(a.n_nodes):
        a.at_nodes[j] = a.v[a.nodes[j]]
    myelin_gates(a.at_nodes, a.m, a.h, a.n_nodes, a.dt)
    # half a step backwards in time is a chain of equations, each with its neighbours:
    # -axial V[i-1] + (fixed + sodium) V[i] - axial V[i+1] = right[i]
    for i in range(a.n):
        a.pivot[i] = a.fixed[i]
        a.solved[i] = per_half * a.capacitance[i] * a.v[i] + a.leak[i] * a.e_l
    for j in range(a.n_nodes):
        i = a.nodes[j]
        g = a.sodium[j] * a.m[j] * a.m[j] * a.h[j]
        a.pivot[i] += g
        a.solved[i] += g * a.e_na
    for j in range(a.n_places):
        a.solved[a.places[j]] += current[j]
    myelin_solve(a.pivot, a.axial, a.solved, a.n)
    for i in range(a.n):
        a.v[i] = 2 * a.solved[i] - a.v[i]


def myelinated_axon(
    ndarray v not None,
    ndarray m not None,
    ndarray h not None,
    ndarray nodes not None,
    ndarray axial not None,
    ndarray capacitance not None,
    ndarray leak not None,
    ndarray sodium not None,
    ndarray places not None,
    ndarray stimulus not None,
    ndarray V not None,
    ndarray scratch not None,
    double E_Na,
    double E_L,
    double dt,
    Py_ssize_t start,
    Py_ssize_t stop,
):
    """Nodes of Ranvier along an axon: the steps start .. stop - 1.

    capacitance[i] V[i]' = axial[i-1] (V[i-1] - V[i]) + axial[i] (V[i+1] - V[i])
        - leak[i] (V[i] - E_L) - sodium[j] m[j]^2 h[j] (V[i] - E_Na) + I[i]
    for each compartment i, of which nodes[j] has sodium channels.
    q' = a_q (1 - q) - b_q q for q = m, h (Chiu and others, 1979; Sweeney, 1987):
    a_m = (97 + 0.363 V) / (1 + e^((31 - V) / 5.3)), b_m = a_m / e^((V - 23.8) / 4.17)
    b_h = 15.6 / (1 + e^((24 - V) / 10)), a_h = b_h / e^((V - 5.5) / 5); outside of
    -260 ... 1000 mV as at these, for a_m would turn negative.
    Gates half a step ahead, exactly for the V they see (Rush and Larsen, 1978); V by
    Crank and Nicolson's rule, as half a step of implicit Euler doubled (Hines, 1984).

    V in mV relative to rest, t in ms; nA, uS and nF. v (n,), m, h (n_nodes,): moved on.
    nodes (n_nodes,) int64, rising: the compartments that are nodes. axial (n - 1,),
    capacitance, leak (n,), sodium (n_nodes,): read. places (n_places,) int64: the
    compartments that get current. stimulus (n_steps, n_places): I there. V (n_steps,
    n_nodes): V[k] are the nodes at k dt. scratch (3 n + n_nodes,): overwritten. All but
    nodes and places float64, C-contiguous.
    """
    cdef MyelinatedAxon a
    cdef const double* current = <const double*> data(stimulus)
    cdef double* out = <double*> data(V)
    cdef Py_ssize_t k, j
    a.n, a.n_nodes, a.dt = PyArray_DIM(v, 0), PyArray_DIM(nodes, 0), dt
    a.e_na, a.e_l = E_Na, E_L
    a.places, a.n_places = <const int64_t*> data(places), PyArray_DIM(places, 0)
    a.v, a.m, a.h = <double*> data(v), <double*> data(m), <double*> data(h)
    a.nodes, a.axial = <const int64_t*> data(nodes), <const double*> data(axial)
    a.capacitance, a.leak = <const double*> data(capacitance), <double*> data(leak)
    a.sodium, a.solved = <const double*> data(sodium), <double*> data(scratch)
    a.pivot, a.fixed = a.solved + a.n, a.solved + 2 * a.n
    a.at_nodes = a.solved + 3 * a.n
    with nogil:
        for j in range(a.n):
            a.fixed[j] = 2 / dt * a.capacitance[j] + a.leak[j]
        for j in range(a.n - 1):
            a.fixed[j] += a.axial[j]
            a.fixed[j + 1] += a.axial[j]
        for k in range(start, stop):
            for j in range(a.n_nodes):
                out[k * a.n_nodes + j] = a.v[a.nodes[j]]
            myelin_step(&a, current + k * a.n_places)
