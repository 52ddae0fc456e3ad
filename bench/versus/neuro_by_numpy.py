"""Neurons in NumPy, by hand: the equations and the order of work of the kernels.

Everything that can be done for all units, cells or compartments at a time is: that is
how one writes it without a compiler. A single unit costs as much as a hundred.
"""

import numpy as np

from fastnn import neuro
from fastnn.neuro.cells import rates

# --- Hodgkin and Huxley's patch ------------------------------------------------------


def patch_steps(state, p, current, dt, V_out, _=None):
    """hh_exponential_euler in NumPy, the gates together as rows of one array."""
    C_m, g_Na, g_K, g_L, E_Na, E_K, E_L, phi = p
    V, gates = state[0], state[1:]
    step = -0.5 * dt * phi
    a, total = np.empty_like(gates), np.empty_like(gates)
    leak = g_L * E_L

    def rates_at(V):
        q = np.exp((V + 65.0) / -80.0)
        q4 = (q * q) ** 2
        q8 = q4 * q4
        u, v = (V + 40.0) / 10.0, (V + 55.0) / 10.0
        a[0] = u / (1.0 - q8 * np.exp(2.5))
        a[1] = 0.07 * q4
        a[2] = 0.1 * v / (1.0 - q8 * np.exp(1.0))
        np.add(a[0], 4.0 * np.exp((V + 65.0) / -18.0), out=total[0])
        np.add(a[1], 1.0 / (1.0 + q8 * np.exp(3.0)), out=total[1])
        np.add(a[2], 0.125 * q, out=total[2])
        return a / total, np.exp(step * total)

    goal, keep = rates_at(V)
    for k in range(len(V_out)):
        V_out[k] = V
        gates = goal + (gates - goal) * keep
        m, h, n = gates
        G_Na, G_K = g_Na * m * m * m * h, g_K * (n * n) ** 2
        G = G_Na + G_K + g_L
        goal_V = (current[k] + G_Na * E_Na + G_K * E_K + leak) / G
        V = goal_V + (V - goal_V) * np.exp(-dt / C_m * G)
        goal, keep = rates_at(V)
        gates = goal + (gates - goal) * keep
    state[0], state[1:] = V, gates


# --- A branched neuron ---------------------------------------------------------------


def as_slice(index):
    """Indices as a slice where they follow each other: a view instead of a copy."""
    if (np.diff(index) == 1).all():
        return slice(int(index[0]), int(index[-1]) + 1)
    return index


def relaxed(gates, V, h):
    """m, h, n after h ms, times phi, at constant V: each goes to x_inf with its tau."""
    a, b = np.array(list(rates.rates(V).values())).swapaxes(0, 1)
    goal = a / (a + b)
    return goal + (gates - goal) * np.exp(-h * (a + b))


class TreeWithNumpy:
    """Implicit Euler; elimination goes from the tips to the root, a level at a time.

    A level is all nodes as far from the root; its nodes don't touch each other, so one
    expression eliminates them. Where a node has two children the second one is a step
    of its own: in an expression an index may come only once on the left.
    """

    def __init__(self, model):
        self.model = model
        self.grid = grid = model.grid
        depth = np.zeros(grid.n_nodes, int)
        sibling = np.zeros(grid.n_nodes, int)
        seen = np.zeros(grid.n_nodes, int)
        for i in range(1, grid.n_nodes):  # a parent comes before its children
            p = grid.parent[i]
            depth[i], sibling[i] = depth[p] + 1, seen[p]
            seen[p] += 1
        self.order = order = np.lexsort((np.arange(grid.n_nodes), sibling, depth))
        self.number = number = np.empty(grid.n_nodes, int)
        number[order] = np.arange(grid.n_nodes)
        parent = number[grid.parent[order][1:]]
        self.axial = grid.axial[order]
        groups = np.unique(np.stack((depth[order], sibling[order]))[:, 1:], axis=1)
        self.levels = []
        for d, s in groups.T:
            nodes = np.flatnonzero((depth[order] == d) & (sibling[order] == s))
            self.levels.append((as_slice(nodes), as_slice(parent[nodes - 1])))
        self.membrane = grid.membrane[:, order]
        self.active = as_slice(number[grid.active])
        if not isinstance(self.active, slice):
            by_number = np.argsort(self.active)
            self.active = as_slice(self.active[by_number])
            self.channels = grid.channels[:, by_number]
        else:
            self.channels = grid.channels

    def solve(self, diagonal, right):
        """Overwrites both; the solution is in `right`."""
        for nodes, parents in reversed(self.levels):
            axial = self.axial[nodes]
            factor = axial / diagonal[nodes]
            diagonal[parents] -= factor * axial
            right[parents] += factor * right[nodes]
        right[0] /= diagonal[0]
        for nodes, parents in self.levels:
            right[nodes] += self.axial[nodes] * right[parents]
            right[nodes] /= diagonal[nodes]

    def run(self, T_ms, dt, currents, V_init=-65.0, record=None):
        """V (n_steps, places) of `record`, or of all compartments in their order.

        currents: {(section, x): nA for each step}.
        """
        model, grid = self.model, self.grid
        places = [grid.node_at(grid.index[name], x) for name, x in currents]
        sent = 1e3 * np.stack(list(currents.values()), axis=1)
        capacity, conductance, inward = self.membrane
        V = np.full(grid.n_nodes, V_init)
        gates = np.array(rates.steady_states(V[self.active]))
        into, kept = self.number[places], self.number[grid.node]
        if record is not None:
            kept = self.number[[grid.node_at(grid.index[s], x) for s, x in record]]
        out = np.empty((round(T_ms / dt), len(kept)))
        for k in range(len(out)):
            out[k] = V[kept]
            m, h, n = gates
            G_Na = self.channels[0] * (m * m * m * h)
            G_K = self.channels[1] * (n * n) ** 2
            total = capacity / dt + conductance
            V *= capacity / dt
            V += inward
            total[self.active] += G_Na + G_K
            V[self.active] += G_Na * model.E_Na + G_K * model.E_K
            V[into] += sent[k]
            self.solve(total, V)
            gates = relaxed(gates, V[self.active], model.phi * dt)
        return out


# --- Networks ------------------------------------------------------------------------


class NetworkWithNumpy:
    """CUBA and COBA: a step of all cells at once, in place.

    A spike is added to its targets by their indices: one call a spike, which is faster
    than one for all spikes of a step as long as few cells fire.
    """

    def __init__(self, net, dt=0.1):
        self.net, self.dt = net, dt
        self.state = net._first_state("bench", None, None, None)
        self.free_from = np.zeros(net.n, np.int32)
        self.old = np.empty(net.n)
        self.constants = net._kernel(dt)[1]
        is_cuba = isinstance(net, neuro.CUBA)
        self.move = self.move_cuba if is_cuba else self.move_coba

    def move_cuba(self, v, g_e, g_i):
        keep, keep_e, keep_i, gain_e, gain_i = self.constants
        v -= self.net.E_L
        v *= keep
        v += g_e * gain_e
        v += g_i * gain_i
        v += self.net.E_L
        g_e *= keep_e
        g_i *= keep_i

    def move_coba(self, v, g_e, g_i):
        dt_tau, keep_e, keep_i, mean_e, mean_i, E_e, E_i = self.constants
        e, h = g_e * mean_e, g_i * mean_i
        total = 1.0 + e + h
        target = (self.net.E_L + e * E_e + h * E_i) / total
        v -= target
        v *= np.exp(-dt_tau * total)
        v += target
        g_e *= keep_e
        g_i *= keep_i

    def run(self, T_ms):
        """(times in ms, cells) of all spikes."""
        net, (v, g_e, g_i) = self.net, self.state
        refractory, fired = round(net.t_ref / self.dt), []
        for step in range(round(T_ms / self.dt)):
            self.old[:] = v
            self.move(v, g_e, g_i)
            np.copyto(v, self.old, where=self.free_from > step)
            spikes = np.flatnonzero(v > net.V_th)
            v[spikes] = net.V_reset
            self.free_from[spikes] = step + 1 + refractory
            for cell in spikes.tolist():
                targets = net.indices[net.indptr[cell] : net.indptr[cell + 1]]
                if cell < net.n_excitatory:
                    g_e[targets] += net.w_e
                else:
                    g_i[targets] += net.w_i
            fired.append(spikes)
        steps = np.repeat(np.arange(1, len(fired) + 1), [len(f) for f in fired])
        return steps * self.dt, np.concatenate(fired)


def connections(n, p, seed=0):
    """Each ordered pair of different cells with probability p: (indptr, indices)."""
    rng = np.random.default_rng(seed)
    rows = [np.flatnonzero(rng.random(n - 1) < p) for _ in range(n)]
    indptr = np.cumsum([0, *(len(row) for row in rows)])
    indices = np.concatenate(rows).astype(np.int32)
    source = np.repeat(np.arange(n), np.diff(indptr))
    return indptr.astype(np.int32), indices + (indices >= source)
