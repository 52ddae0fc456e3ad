"""What the cable equation says without a computer (Rall, 1959; 1977).

    lambda = sqrt(d R_m / (4 R_i)),  tau = R_m C_m,  R_m = 1 / g_L

Each takes a number or an array for any of its arguments, and raises ValueError for a
length, diameter or resistance that is not above 0, or right in another unit.
"""

import numpy as np

from ...ops import checks
from ..parameters import Parameter

USUAL = {
    "diameter_um": Parameter("diameter_um", 2.0, "um", "diameter"),
    "R_m": Parameter("R_m", 20.0, "kOhm cm2", "resistance of the membrane"),
    "R_i": Parameter("R_i", 100.0, "Ohm cm", "resistance of the inside"),
    "C_m": Parameter("C_m", 1.0, "uF/cm2", "capacitance"),
}


def _above_zero(where, **values):
    """The values as arrays of float64; infinite ones stand for what is not there."""
    arrays = [checks.floating(where, n, v, dtype=np.float64) for n, v in values.items()]
    for name, array in zip(values, arrays, strict=True):
        if not (array > 0.0).all():
            raise ValueError(
                f"{where}: {name} is {checks.describe(values[name])}; expected numbers "
                "above 0"
            )
        if name in USUAL:
            USUAL[name].judge_any(where, name, array)
    return arrays


def length_constant(diameter_um, R_m, R_i):
    """lambda = sqrt(d R_m / (4 R_i)) in um.

    diameter_um: um, R_m: kOhm cm2, R_i: Ohm cm. 1000 um for 2, 20, 100.
    """
    diameter_um, R_m, R_i = _above_zero(
        "length_constant", diameter_um=diameter_um, R_m=R_m, R_i=R_i
    )
    return 1e4 * np.sqrt(diameter_um * 1e-4 * R_m * 1e3 / (4.0 * R_i))


def time_constant(R_m, C_m):
    """tau = R_m C_m in ms. R_m: kOhm cm2, C_m: uF/cm2. 20 ms for 20, 1."""
    R_m, C_m = _above_zero("time_constant", R_m=R_m, C_m=C_m)
    return R_m * C_m


def semi_infinite_resistance(diameter_um, R_m, R_i):
    """R_inf = 2 sqrt(R_m R_i) / (pi d^1.5) in MOhm: of a cable without another end.

    diameter_um: um, R_m: kOhm cm2, R_i: Ohm cm. 318.3 MOhm for 2, 20, 100.
    """
    diameter_um, R_m, R_i = _above_zero(
        "semi_infinite_resistance", diameter_um=diameter_um, R_m=R_m, R_i=R_i
    )
    d_cm = diameter_um * 1e-4
    return 2e-6 * np.sqrt(R_m * 1e3 * R_i) / (np.pi * d_cm**1.5)


def sealed_end(x_um, length_um, length_constant_um):
    """V(x) / V(0) = cosh((L - x) / lambda) / cosh(L / lambda), all in um.

    The steady state of a cable with a sealed end at L and current, or a clamp, at 0.
    0.6481 at the end of one as long as lambda. Raises ValueError unless 0 <= x <= L.
    """
    where = "sealed_end"
    x = checks.floating(where, "x_um", x_um, dtype=np.float64)
    length, reach = _above_zero(
        where, length_um=length_um, length_constant_um=length_constant_um
    )
    if not ((x >= 0.0) & (x <= length)).all():
        raise ValueError(
            f"{where}: x_um is {checks.describe(x_um)}; expected numbers from 0 to "
            f"length_um, {checks.describe(length_um)}"
        )
    far, end = np.exp(-2.0 * (length - x) / reach), np.exp(-2.0 * length / reach)
    return np.exp(-x / reach) * (1.0 + far) / (1.0 + end)


def sealed_end_resistance(length_um, diameter_um, R_m, R_i):
    """R_inf coth(L / lambda) in MOhm: what a current at the open end meets.

    length_um, diameter_um: um, R_m: kOhm cm2, R_i: Ohm cm. 418.0 for 1000, 2, 20, 100.
    """
    (length,) = _above_zero("sealed_end_resistance", length_um=length_um)
    lengths = length / length_constant(diameter_um, R_m, R_i)
    return semi_infinite_resistance(diameter_um, R_m, R_i) / np.tanh(lengths)
