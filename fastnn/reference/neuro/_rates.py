"""The rates of Hodgkin and Huxley's gates, for all twins that have such channels.

    dx/dt = phi (a_x (1 - x) - b_x x)        for each gate x of m, h and n

V in mV (rest near -65), rates in 1/ms. Source: Hodgkin, Huxley, 1952, J Physiol 117.
"""

import math


def exp(x):
    """e^x, infinite where math.exp would raise."""
    return math.exp(x) if x < 709.0 else x * math.inf


def over_one_minus_exp(u):
    """u / (1 - e^-u); near u = 0, where that is 0 / 0, its series."""
    if u * u > 1e-4:
        return -u / math.expm1(-u) if u > -709.0 else 0.0
    return 1.0 + u / 2.0 + u * u / 12.0 - u**4 / 720.0


def gate_rates(V):
    """((a_m, b_m), (a_h, b_h), (a_n, b_n)) in 1/ms at 6.3 degrees, for V in mV."""
    return (
        (over_one_minus_exp((V + 40.0) / 10.0), 4.0 * exp(-(V + 65.0) / 18.0)),
        (0.07 * exp(-(V + 65.0) / 20.0), 1.0 / (1.0 + exp(-(V + 35.0) / 10.0))),
        (
            0.1 * over_one_minus_exp((V + 55.0) / 10.0),
            0.125 * exp(-(V + 65.0) / 80.0),
        ),
    )


def relaxed(gates, V, phi, h):
    """The gates after h ms at constant V, exactly (Rush and Larsen, 1978).

    x_inf + (x - x_inf) e^(-h / tau), x_inf = a / (a + b), tau = 1 / (phi (a + b))
    """
    result = []
    for x, (a, b) in zip(gates, gate_rates(V), strict=True):
        x_inf = a / (a + b)
        result.append(x_inf + (x - x_inf) * exp(-h * phi * (a + b)))
    return result
