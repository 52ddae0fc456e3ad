"""The gates of Hodgkin and Huxley as functions of V: where they go, and how fast.

    dx/dt = phi (a_x (1 - x) - b_x x) = (x_inf - x) / tau_x,   phi = 3^((T - 6.3) / 10)

V in mV with rest near -65, rates in 1/ms. Source: Hodgkin, Huxley, 1952, J Physiol 117.
"""

import warnings

import numpy as np

from .. import running

GATES = ("m", "h", "n")
FASTEST_GATE = 9.0  # a_m + b_m at the top of a spike, 1/ms at 6.3 degrees


def over_one_minus_exp(u):
    """u / (1 - e^-u); 1 where that is 0 / 0."""
    u = np.asarray(u, float)
    u = np.where(u == 0.0, 1e-300, u)
    with np.errstate(over="ignore"):
        return -u / np.expm1(-u)


def slope_of_over_one_minus_exp(u):
    """d/du of u / (1 - e^-u) = f (1 + (1 - f) / u); near 0: 1/2 + u/6 - u^3/180."""
    u = np.asarray(u, float)
    near = np.abs(u) < 0.01
    f = over_one_minus_exp(u)
    slope = f * (1.0 + (1.0 - f) / np.where(near, 1.0, u))
    return np.where(near, 0.5 + u / 6 - u**3 / 180, slope)


def rates(V):
    """{"m": (a_m, b_m), "h": ..., "n": ...} in 1/ms at 6.3 degrees."""
    V = np.asarray(V, float)
    return {
        "m": (over_one_minus_exp((V + 40) / 10), 4.0 * np.exp(-(V + 65) / 18)),
        "h": (0.07 * np.exp(-(V + 65) / 20), 1.0 / (1.0 + np.exp(-(V + 35) / 10))),
        "n": (
            0.1 * over_one_minus_exp((V + 55) / 10),
            0.125 * np.exp(-(V + 65) / 80),
        ),
    }


def slopes_of_rates(V):
    """{"m": (da_m/dV, db_m/dV), ...} in 1/(ms mV)."""
    V = np.asarray(V, float)
    all_rates = rates(V)
    b_h = all_rates["h"][1]
    return {
        "m": (slope_of_over_one_minus_exp((V + 40) / 10) / 10, all_rates["m"][1] / -18),
        "h": (all_rates["h"][0] / -20, b_h * (1.0 - b_h) / 10),
        "n": (
            0.1 * slope_of_over_one_minus_exp((V + 55) / 10) / 10,
            all_rates["n"][1] / -80,
        ),
    }


def steady_states(V):
    """(m_inf, h_inf, n_inf): where the gates go at constant V; x_inf = a / (a + b)."""
    return tuple(a / (a + b) for a, b in rates(V).values())


def time_constants(V, temperature_c=6.3):
    """(tau_m, tau_h, tau_n) in ms; tau_x = 1 / (phi (a_x + b_x))."""
    phi = speed(temperature_c)
    return tuple(1.0 / (phi * (a + b)) for a, b in rates(V).values())


def speed(temperature_c):
    """phi = 3^((T - 6.3) / 10): how much faster the gates are than at 6.3 degrees."""
    return 3.0 ** ((np.asarray(temperature_c, float) - 6.3) / 10.0)


def warn_of_long_steps(where, dt, temperature_c):
    """RuntimeWarning where a step is longer than the gate m takes in a spike."""
    fastest = FASTEST_GATE * np.max(speed(temperature_c))
    if dt * fastest > 1.0:
        warnings.warn(
            f"{where}: dt_ms is {dt:g} ms, but at {np.max(temperature_c):g} degrees "
            f"the gate m takes {1.0 / fastest:.2g} ms at the top of a spike: spikes "
            "come late and small; take a shorter step than that",
            RuntimeWarning,
            stacklevel=running.level_of_user(),
        )
