# Compartments on a tree: Hines' elimination, and the steps of a branched neuron.
# Twin: fastnn/reference/neuro/tree.py
#
# The gates of all compartments with channels are one loop over vectors; the elimination
# is one chain of divisions for each branch. Numbered by levels, neighbours in memory
# are on different branches, so the CPU works on several divisions at once.

cdef enum:
    TREE_GATES_A_BLOCK = 64

cdef struct TreeCells:
    Py_ssize_t n, n_active, n_slots, n_places, n_recorded
    const int64_t* parent
    const double* axial
    const double* membrane  # rows: capacity, conductance, current
    const int64_t* active
    const double* channels  # rows: g_Na, g_K
    const int64_t* slots
    const double* synapses  # rows: E, magnesium, keep_rise, keep_decay
    const int64_t* places
    const int64_t* recorded
    double E_Na, E_K, phi
    double dt, h  # h: what is solved for, all of the step or half of it
    bint second_order
    double* gates  # rows: m, h, n
    double* synapse_state  # rows: rise, decay, V before
    double* V
    double* diagonal  # (n,), worked in
    double* rhs  # (n,), worked in


cdef void tree_eliminate(
    const int64_t* parent, const double* axial, double* diagonal, double* rhs,
    Py_ssize_t n,
) noexcept nogil:
    """rhs becomes the solution, diagonal[i] the part of V[parent[i]] in V[i]."""
    cdef Py_ssize_t i, p
    cdef double a, inverse
    for i in range(n - 1, 0, -1):
        p, a = parent[i], axial[i]
        inverse = 1.0 / diagonal[i]
        diagonal[i] = a * inverse
        rhs[i] *= inverse
        diagonal[p] -= a * diagonal[i]
        rhs[p] += a * rhs[i]
    rhs[0] /= diagonal[0]
    for i in range(1, n):
        rhs[i] += diagonal[i] * rhs[parent[i]]


cdef inline double tree_relaxed(double a, double b, double h, double x) noexcept nogil:
    """A gate with rates a, b after h."""
    cdef double s = a + b, x_inf = a / s, z = -h * s
    z = -700.0 if z < -700.0 else z
    return x_inf + (x - x_inf) * exp_(z, True)


cdef void tree_gates(const TreeCells* tree) noexcept nogil:
    """m, h, n after dt at constant V.

    A block is copied to arrays that no pointer can reach: else gcc would not vectorise.
    """
    cdef double[TREE_GATES_A_BLOCK] V, m, h, n
    cdef double v, a_m, b_m, a_h, b_h, a_n, b_n, dt = tree.dt * tree.phi
    cdef double* gates = tree.gates
    cdef Py_ssize_t n_active = tree.n_active, start = 0, width, j
    for j in range(TREE_GATES_A_BLOCK):  # what a last, shorter block leaves unused
        V[j], m[j], h[j], n[j] = -65.0, 0.0, 0.0, 0.0
    while start < n_active:
        width = min(TREE_GATES_A_BLOCK, n_active - start)
        for j in range(width):
            V[j] = tree.V[tree.active[start + j]]
        memcpy(m, gates + start, width * sizeof(double))
        memcpy(h, gates + n_active + start, width * sizeof(double))
        memcpy(n, gates + 2 * n_active + start, width * sizeof(double))
        for j in range(TREE_GATES_A_BLOCK):
            v = clamped[double](V[j], -1000.0, 1000.0)
            gate_rates(v, True, &a_m, &b_m, &a_h, &b_h, &a_n, &b_n)
            m[j] = tree_relaxed(a_m, b_m, dt, m[j])
            h[j] = tree_relaxed(a_h, b_h, dt, h[j])
            n[j] = tree_relaxed(a_n, b_n, dt, n[j])
        memcpy(gates + start, m, width * sizeof(double))
        memcpy(gates + n_active + start, h, width * sizeof(double))
        memcpy(gates + 2 * n_active + start, n, width * sizeof(double))
        start += width


cdef void add_tree_channels(const TreeCells* tree) noexcept nogil:
    """g_Na m^3 h and g_K n^4 of each compartment that has channels."""
    cdef Py_ssize_t j, i, n_active = tree.n_active
    cdef const double* m = tree.gates
    cdef const double* h = tree.gates + n_active
    cdef const double* n = tree.gates + 2 * n_active
    cdef double G_Na, G_K
    for j in range(n_active):
        i = tree.active[j]
        G_Na = tree.channels[j] * (m[j] * m[j]) * (m[j] * h[j])
        G_K = tree.channels[n_active + j] * (n[j] * n[j]) * (n[j] * n[j])
        tree.diagonal[i] += G_Na + G_K
        tree.rhs[i] += G_Na * tree.E_Na + G_K * tree.E_K


cdef void add_tree_synapses(const TreeCells* tree) noexcept nogil:
    """g (V - E) of each slot, g = (decay - rise) / (1 + [Mg] / 3.57 e^(-0.062 V)).

    The block of NMDA receptors is taken at V; of second order at V half a step on, as
    it goes on from the step before.
    """
    cdef Py_ssize_t s, i, n_slots = tree.n_slots
    cdef const double* E = tree.synapses
    cdef const double* magnesium = tree.synapses + n_slots
    cdef double* state = tree.synapse_state
    cdef double g, V
    for s in range(n_slots):
        i = tree.slots[s]
        g = state[n_slots + s] - state[s]
        if magnesium[s] > 0.0:
            V = tree.V[i]
            if tree.second_order:
                V += 0.5 * (V - state[2 * n_slots + s])
            state[2 * n_slots + s] = tree.V[i]
            V = clamped[double](V, -1000.0, 1000.0)
            g /= 1.0 + magnesium[s] / 3.57 * exp_(-0.062 * V, True)
        tree.diagonal[i] += g
        tree.rhs[i] += g * E[s]


cdef inline void fade_synapses(const TreeCells* tree) noexcept nogil:
    """The two exponentials of each slot, a step later."""
    cdef Py_ssize_t s
    for s in range(2 * tree.n_slots):
        tree.synapse_state[s] *= tree.synapses[2 * tree.n_slots + s]


cdef void solve_tree(const TreeCells* tree, const double* current) noexcept nogil:
    """rhs becomes V, h later, the gates kept."""
    cdef Py_ssize_t i, n = tree.n
    cdef const double* capacity = tree.membrane
    cdef const double* conductance = tree.membrane + n
    cdef const double* outward = tree.membrane + 2 * n
    cdef double per_h = 1.0 / tree.h
    for i in range(n):
        tree.diagonal[i] = capacity[i] * per_h + conductance[i]
        tree.rhs[i] = capacity[i] * per_h * tree.V[i] + outward[i]
    add_tree_channels(tree)
    add_tree_synapses(tree)
    for i in range(tree.n_places):
        tree.rhs[tree.places[i]] += current[i]
    tree_eliminate(tree.parent, tree.axial, tree.diagonal, tree.rhs, n)


cdef void tree_step(
    const TreeCells* tree, const double* current, bint jumps
) noexcept nogil:
    """V and the gates, dt later; jumps: in two implicit halves."""
    cdef Py_ssize_t i, n = tree.n
    cdef double x
    solve_tree(tree, current)
    if tree.second_order and not jumps:
        for i in range(n):
            x = tree.rhs[i]
            tree.V[i] = 2.0 * x - tree.V[i] if tree.membrane[i] > 0.0 else x
    else:
        memcpy(tree.V, tree.rhs, n * sizeof(double))
        if tree.second_order:
            solve_tree(tree, current)
            memcpy(tree.V, tree.rhs, n * sizeof(double))
    tree_gates(tree)


def hines_solve(ndarray parent, ndarray axial, ndarray diagonal, ndarray rhs):
    """Solve for the potentials of a tree: one sweep to its root, one back, O(n).

        diagonal[i] V[i] - axial[i] V[parent[i]]
            - sum over the children c of i of axial[c] V[c] = rhs[i]

    parent (n,) int64: read; node 0 is the root, parent[i] < i for all others. axial
    (n,): conductance between a node and its parent; axial[0] is not read. diagonal,
    rhs (n,): overwritten, rhs with V, diagonal with what the sweeps left. In nS, mV and
    pA, or any units that fit. Source: Hines, 1984, Int J Biomed Comput 15:69.
    """
    cdef const int64_t* p = <const int64_t*> data(parent)
    cdef const double* a = <const double*> data(axial)
    cdef double* d = <double*> data(diagonal)
    cdef double* r = <double*> data(rhs)
    cdef Py_ssize_t n = PyArray_SIZE(parent)
    with nogil:
        tree_eliminate(p, a, d, r, n)


def tree_steps(
    ndarray parent,
    ndarray axial,
    ndarray membrane,
    ndarray active,
    ndarray channels,
    ndarray gates,
    double E_Na,
    double E_K,
    double phi,
    ndarray slots,
    ndarray synapses,
    ndarray synapse_state,
    ndarray event_steps,
    ndarray event_slots,
    ndarray event_gains,
    ndarray places,
    ndarray current,
    ndarray jumps,
    ndarray recorded,
    ndarray V,
    Py_ssize_t first,
    double dt,
    bint second_order,
    ndarray out,
):
    """A branched neuron for n_steps steps of dt: out[k] = V[recorded] before step k.

        C_i dV_i/dt = sum over neighbours j of g_ij (V_j - V_i) + I_i - g_L (V_i - E_L)
            - g_Na m^3 h (V_i - E_Na) - g_K n^4 (V_i - E_K) - sum of g(t) B (V_i - E)
        dx/dt = phi (a_x (1 - x) - b_x x) for x = m, h, n (rates of Hodgkin, Huxley)
        g(t) = decay - rise, two exponentials;  B = 1 / (1 + [Mg] / 3.57 e^(-0.062 V))

    V and the gates take turns, half a step apart. second_order 0: V by the implicit
    Euler method; 1: by Crank and Nicolson's, V(t + dt) = 2 V(t + dt/2) - V(t); a node
    without capacity then has its V in the middle of a step. Steps that jump go in two
    implicit halves instead, after which nothing rings. The gates: exactly, V kept.

    parent (n,) int64, axial (n,): the tree, as for hines_solve, nS. membrane (3, n): C
    pF, the sum of g_L and of all g_ij nS, g_L E_L pA. active (n_active,) int64: the
    nodes with channels; channels (2, n_active): their g_Na, g_K nS; gates (3,
    n_active): m, h, n, updated. slots (n_slots,) int64: nodes of synapses; synapses
    (4, n_slots): E mV, [Mg] mM (0: no block), what rise and decay are multiplied by in
    a step; synapse_state (3, n_slots): rise, decay nS, V a step ago, updated.
    event_steps, event_slots (n_events,) int64, sorted by step: event_gains (2,
    n_events) nS is added to rise and decay in that step. places (n_places,) int64:
    nodes that get current (n_steps, n_places) pA; jumps (n_steps,) uint8. recorded
    (n_recorded,) int64. V (n,) mV: updated. first: number of the first step. dt ms.
    out (n_steps, n_recorded) mV: overwritten. Sources: Hines, 1984; Rannacher, 1984,
    Numer Math 43:309 (jumps).
    """
    cdef TreeCells tree
    cdef const int64_t* steps = <const int64_t*> data(event_steps)
    cdef const int64_t* where = <const int64_t*> data(event_slots)
    cdef const double* gains = <const double*> data(event_gains)
    cdef const double* I = <const double*> data(current)
    cdef const uint8_t* jump = <const uint8_t*> data(jumps)
    cdef double* row = <double*> data(out)
    cdef Py_ssize_t n_steps = PyArray_DIM(out, 0), n_events = PyArray_SIZE(event_steps)
    cdef Py_ssize_t event = 0, k, i
    tree.n = PyArray_SIZE(parent)
    tree.parent = <const int64_t*> data(parent)
    tree.axial = <const double*> data(axial)
    tree.membrane = <const double*> data(membrane)
    tree.n_active = PyArray_SIZE(active)
    tree.active = <const int64_t*> data(active)
    tree.channels = <const double*> data(channels)
    tree.gates = <double*> data(gates)
    tree.E_Na, tree.E_K, tree.phi = E_Na, E_K, phi
    tree.n_slots = PyArray_SIZE(slots)
    tree.slots = <const int64_t*> data(slots)
    tree.synapses = <const double*> data(synapses)
    tree.synapse_state = <double*> data(synapse_state)
    tree.n_places = PyArray_SIZE(places)
    tree.places = <const int64_t*> data(places)
    tree.n_recorded = PyArray_SIZE(recorded)
    tree.recorded = <const int64_t*> data(recorded)
    tree.V = <double*> data(V)
    tree.dt, tree.second_order = dt, second_order
    tree.h = 0.5 * dt if second_order else dt
    tree.diagonal = <double*> malloc(2 * tree.n * sizeof(double))
    if tree.diagonal == NULL:
        raise MemoryError
    tree.rhs = tree.diagonal + tree.n
    with nogil:
        for k in range(n_steps):
            for i in range(tree.n_recorded):
                row[i] = tree.V[tree.recorded[i]]
            row += tree.n_recorded
            fade_synapses(&tree)
            while event < n_events and steps[event] <= first + k:
                tree.synapse_state[where[event]] += gains[event]
                tree.synapse_state[tree.n_slots + where[event]] += (
                    gains[n_events + event]
                )
                event += 1
            tree_step(&tree, I, jump[k])
            I += tree.n_places
        free(tree.diagonal)
