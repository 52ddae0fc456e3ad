"""The plane of V and n, to which Hodgkin and Huxley's four variables come down.

m is so quick that it is where V sends it, m_inf(V); and h falls as n rises, so that
their sum hardly changes (FitzHugh, 1961, Biophys J 1, 445; Krinskii, Kokoz, 1973):

    C_m dV/dt = I - g_Na m_inf(V)^3 (s - n) (V - E_Na) - g_K n^4 (V - E_K)
                - g_L (V - E_L)
    dn/dt = phi (a_n (1 - n) - b_n n),   h = s - n

With s = h_inf + n_inf at the fixed point of all four equations, it is the fixed point
of these two as well.
"""

import numpy as np

from . import rates

BISECTIONS = 54  # of an interval 1 long: to the last bit


def sum_at_rest(model, current=0.0):
    """s: h + n where all four variables stay, under a steady current in uA/cm2."""
    _, h, n = rates.steady_states(model.resting_potential(current))
    return float(h + n)


def flow(model, V, n, current=0.0, s=None):
    """(dV/dt in mV/ms, dn/dt in 1/ms), each of the common shape of V and n."""
    s = sum_at_rest(model, current) if s is None else s
    V, n = np.asarray(V, float), np.asarray(n, float)
    m, _, _ = rates.steady_states(V)
    inward = model.g_Na * m**3 * (s - n) * (V - model.E_Na)
    outward = model.g_K * n**4 * (V - model.E_K) + model.g_L * (V - model.E_L)
    a, b = rates.rates(V)["n"]
    phi = rates.speed(model.temperature_c)
    return (current - inward - outward) / model.C_m, phi * (a * (1.0 - n) - b * n)


def nullclines(model, V, current=0.0, s=None):
    """(n where dV/dt = 0, n_inf where dn/dt = 0), for V in mV.

    Between E_K and E_Na, dV/dt falls as n rises, from 0 to s at most, where h is 0: so
    there is one such n, or none (nan).
    """
    s = sum_at_rest(model, current) if s is None else s
    V = np.asarray(V, float)
    low, high = np.zeros(V.shape), np.full(V.shape, min(s, 1.0))
    rise, fall = (flow(model, V, n, current, s)[0] for n in (low, high))
    there = (V > model.E_K) & (model.E_Na > V) & (rise >= 0) & (fall <= 0)
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        rises = flow(model, V, middle, current, s)[0] > 0
        low, high = np.where(rises, middle, low), np.where(rises, high, middle)
    return np.where(there, 0.5 * (low + high), np.nan), rates.steady_states(V)[2]
