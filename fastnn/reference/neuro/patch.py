"""The patch of membrane of Hodgkin and Huxley (1952), in four schemes.

    C_m dV/dt = I - g_Na m^3 h (V - E_Na) - g_K n^4 (V - E_K) - g_L (V - E_L)
    dx/dt = phi (a_x (1 - x) - b_x x)        for each gate x of m, h and n

V in mV (rest near -65), t in ms, I in uA/cm2, g in mS/cm2, C_m in uF/cm2. Each unit is
a patch of its own; `hh_exponential_euler` is the scheme to read first.
"""

import math

from ._rates import gate_rates, relaxed

__all__ = ["hh_crank_nicolson", "hh_euler", "hh_exponential_euler", "hh_rk4"]


def conductance_and_current(gates, p, current):
    """(G, J): with open gates as they are, C_m dV/dt = J - G V."""
    m, h, n = gates
    _, g_Na, g_K, g_L, E_Na, E_K, E_L, _ = p
    G_Na, G_K = g_Na * m * m * m * h, g_K * (n * n) * (n * n)
    return G_Na + G_K + g_L, current + G_Na * E_Na + G_K * E_K + g_L * E_L


def slopes(y, p, current):
    """(dV/dt, dm/dt, dh/dt, dn/dt) of y = (V, m, h, n)."""
    V, *gates = y
    G, J = conductance_and_current(gates, p, current)
    rates = gate_rates(V)
    moves = [
        p[7] * (a * (1.0 - x) - b * x) for x, (a, b) in zip(gates, rates, strict=True)
    ]
    return [(J - G * V) / p[0], *moves]


def along(y, step, slope):
    return [value + step * s for value, s in zip(y, slope, strict=True)]


def exponential_euler_step(y, p, current, dt):
    V, *gates = y
    gates = relaxed(gates, V, p[7], dt / 2.0)
    G, J = conductance_and_current(gates, p, current)
    z = -dt * G / p[0]
    mean_decay = math.expm1(z) / z if z < -1e-5 else 1.0 + z / 2.0 + z * z / 6.0
    V = V + dt * (J - G * V) / p[0] * mean_decay
    return [V, *relaxed(gates, V, p[7], dt / 2.0)]


def crank_nicolson_step(y, p, current, dt):
    V, *gates = y
    gates = relaxed(gates, V, p[7], dt / 2.0)
    G, J = conductance_and_current(gates, p, current)
    V = V + dt * (J - G * V) / (p[0] + dt / 2.0 * G)
    return [V, *relaxed(gates, V, p[7], dt / 2.0)]


def rk4_step(y, p, current, dt):
    k1 = slopes(y, p, current)
    k2 = slopes(along(y, dt / 2.0, k1), p, current)
    k3 = slopes(along(y, dt / 2.0, k2), p, current)
    k4 = slopes(along(y, dt, k3), p, current)
    mean = [
        (a + 2.0 * (b + c) + d) / 6.0 for a, b, c, d in zip(k1, k2, k3, k4, strict=True)
    ]
    return along(y, dt, mean)


def euler_step(y, p, current, dt):
    return along(y, dt, slopes(y, p, current))


def advance(step, state, parameters, current, dt, V_out, gates_out):
    """`step` for each unit, one time after another; the state before it is recorded."""
    n_steps, n_units = V_out.shape
    shared = current.shape[1] == 1
    for u in range(n_units):
        y = [state[i, u] for i in range(4)]
        p = [parameters[i, u] for i in range(8)]
        for k in range(n_steps):
            V_out[k, u] = y[0]
            if gates_out.shape[0]:
                for i in range(3):
                    gates_out[k, i, u] = y[1 + i]
            y = step(y, p, current[k, 0 if shared else u], dt)
        for i in range(4):
            state[i, u] = y[i]


def hh_exponential_euler(state, parameters, current, dt, V_out, gates_out):
    """Steps of Hodgkin and Huxley's patch by exponential Euler; second order in dt.

    In each step the gates go half of it at constant V, V goes all of it with constant
    gates, and the gates go the other half (Strang, 1968). Each of the three is exact:
        x <- x_inf + (x - x_inf) e^(-dt phi (a + b) / 2)      (Rush and Larsen, 1978)
        V <- V_inf + (V - V_inf) e^(-dt G / C_m)
    with G = g_Na m^3 h + g_K n^4 + g_L and G V_inf = I + g_Na m^3 h E_Na + ...

    state (4, n): V in mV, m, h, n; overwritten. parameters (8, n): C_m, g_Na, g_K, g_L,
    E_Na, E_K, E_L, phi = 3^((T - 6.3) / 10). current (steps, n), or (steps, 1) for all:
    uA/cm2. dt: ms. V_out (steps, n): V where each step begins, overwritten.
    gates_out (steps, 3, n): m, h, n there; (0, 3, n) for none.
    Source: Hodgkin, Huxley, 1952, J Physiol 117, 500.
    """
    step = exponential_euler_step
    advance(step, state, parameters, current, dt, V_out, gates_out)


def hh_crank_nicolson(state, parameters, current, dt, V_out, gates_out):
    """Steps of Hodgkin and Huxley's patch by Crank and Nicolson; second order in dt.

    As hh_exponential_euler, gates at half steps (Hines, 1984), but V by
        C_m (V' - V) / dt = I - sum over the currents of g (V' + V) / 2 - g E.
    Arguments as there.
    """
    advance(crank_nicolson_step, state, parameters, current, dt, V_out, gates_out)


def hh_rk4(state, parameters, current, dt, V_out, gates_out):
    """Steps of Hodgkin and Huxley's patch by Runge and Kutta's scheme of fourth order.

    y' = y + dt (k1 + 2 k2 + 2 k3 + k4) / 6 for y = (V, m, h, n), the current constant
    in a step. Explicit: unstable where dt is longer than the fastest time constant.
    Arguments as of hh_exponential_euler.
    """
    advance(rk4_step, state, parameters, current, dt, V_out, gates_out)


def hh_euler(state, parameters, current, dt, V_out, gates_out):
    """Steps of Hodgkin and Huxley's patch by Euler's scheme; first order in dt.

    y' = y + dt dy/dt for y = (V, m, h, n). Explicit, as hh_rk4, and less exact.
    Arguments as of hh_exponential_euler.
    """
    advance(euler_step, state, parameters, current, dt, V_out, gates_out)
