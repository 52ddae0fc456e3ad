"""Hodgkin and Huxley's equations written out afresh, as a judge of fastnn's own."""

import numpy as np

C_M, G_NA, G_K, G_L = 1.0, 120.0, 36.0, 0.3  # uF/cm2, mS/cm2
E_NA, E_K, E_L = 50.0, -77.0, -54.387  # mV


def rates(V):
    """((a_m, b_m), (a_h, b_h), (a_n, b_n)) in 1/ms; not at -40 and -55 mV."""
    u, w = (V + 40) / 10, (V + 55) / 10
    return (
        (u / (1 - np.exp(-u)), 4 * np.exp(-(V + 65) / 18)),
        (0.07 * np.exp(-(V + 65) / 20), 1 / (1 + np.exp(-(V + 35) / 10))),
        (0.1 * w / (1 - np.exp(-w)), 0.125 * np.exp(-(V + 65) / 80)),
    )


def steady(V):
    """(m, h, n) where they stay at V."""
    return [a / (a + b) for a, b in rates(V)]


def slopes(y, current=0.0, temperature_c=6.3):
    """d/dt of y = (V, m, h, n), numbers or arrays, under a current in uA/cm2."""
    V, m, h, n = y
    sodium, potassium = G_NA * m**3 * h * (V - E_NA), G_K * n**4 * (V - E_K)
    phi = 3 ** ((temperature_c - 6.3) / 10)
    gates = [
        phi * (a * (1 - x) - b * x)
        for (a, b), x in zip(rates(V), (m, h, n), strict=True)
    ]
    ionic = sodium + potassium + G_L * (V - E_L)
    return np.array([(current - ionic) / C_M, *gates])
