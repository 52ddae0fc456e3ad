"""What the cable equation says without a computer (Rall, 1959; 1977).

    lambda = sqrt(d R_m / (4 R_i)),  tau = R_m C_m,  R_m = 1 / g_L

Each takes a number or an array for any of its arguments.
"""

import numpy as np


def length_constant(diameter_um, R_m, R_i):
    """lambda = sqrt(d R_m / (4 R_i)) in um.

    diameter_um: um, R_m: kOhm cm2, R_i: Ohm cm. 1000 um for 2, 20, 100.
    """
    return 1e4 * np.sqrt(diameter_um * 1e-4 * R_m * 1e3 / (4.0 * R_i))


def time_constant(R_m, C_m):
    """tau = R_m C_m in ms. R_m: kOhm cm2, C_m: uF/cm2. 20 ms for 20, 1."""
    return R_m * C_m


def semi_infinite_resistance(diameter_um, R_m, R_i):
    """R_inf = 2 sqrt(R_m R_i) / (pi d^1.5) in MOhm: of a cable without another end.

    diameter_um: um, R_m: kOhm cm2, R_i: Ohm cm. 318.3 MOhm for 2, 20, 100.
    """
    d_cm = diameter_um * 1e-4
    return 2e-6 * np.sqrt(R_m * 1e3 * R_i) / (np.pi * d_cm**1.5)


def sealed_end(x_um, length_um, length_constant_um):
    """V(x) / V(0) = cosh((L - x) / lambda) / cosh(L / lambda), all in um.

    The steady state of a cable with a sealed end at L and current, or a clamp, at 0.
    0.6481 at the end of one as long as lambda.
    """
    far = np.exp(-2.0 * (length_um - x_um) / length_constant_um)
    end = np.exp(-2.0 * np.asarray(length_um) / length_constant_um)
    return np.exp(-np.asarray(x_um) / length_constant_um) * (1.0 + far) / (1.0 + end)


def sealed_end_resistance(length_um, diameter_um, R_m, R_i):
    """R_inf coth(L / lambda) in MOhm: what a current at the open end meets.

    length_um, diameter_um: um, R_m: kOhm cm2, R_i: Ohm cm. 418.0 for 1000, 2, 20, 100.
    """
    lengths = length_um / length_constant(diameter_um, R_m, R_i)
    return semi_infinite_resistance(diameter_um, R_m, R_i) / np.tanh(lengths)
