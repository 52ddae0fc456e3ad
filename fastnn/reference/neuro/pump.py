"""Neurons whose ion gradients move, and the pump that restores them."""

import math

from ._rates import gate_rates, over_one_minus_exp

__all__ = ["barreto_cressman", "pumped_hodgkin_huxley"]


def barreto_cressman_slopes(y, current, activity, parameters):
    """(V, h, n, K_o, Na_i)' per ms."""
    V, h, n, K_o, Na_i = y
    C, g_Na, g_Na_leak, g_K, g_K_leak, g_Cl_leak, E_Cl, phi, *ions = parameters
    rho, gamma, beta, glia, epsilon, k_bath, electrogenic = ions
    # gates
    a_m = over_one_minus_exp(0.1 * (V + 30))
    b_m = 4 * math.exp(-(V + 55) / 18)
    a_h = 0.07 * math.exp(-(V + 44) / 20)
    b_h = 1 / (1 + math.exp(-0.1 * (V + 14)))
    a_n = 0.1 * over_one_minus_exp(0.1 * (V + 34))
    b_n = 0.125 * math.exp(-(V + 44) / 80)
    m = a_m / (a_m + b_m)
    # Nernst potentials of the moving gradients; what leaves the cell, the space around
    # it gains, `beta` times as much for it is smaller, and for each Na in, a K goes out
    Na_o = 144 - beta * (Na_i - 18)
    K_i = 140 + (18 - Na_i)
    E_Na = 26.64 * math.log(Na_o / Na_i)
    E_K = 26.64 * math.log(K_o / K_i)
    # currents
    I_Na = (g_Na * m**3 * h + g_Na_leak) * (V - E_Na)
    I_K = (g_K * n**4 + g_K_leak) * (V - E_K)
    I_Cl = g_Cl_leak * (V - E_Cl)
    # what moves ions: pump, glia, diffusion to the bath, in mM/s
    P = activity * rho
    P = P / (1 + math.exp((25 - Na_i) / 3)) / (1 + math.exp(5.5 - K_o))
    G = glia / (1 + math.exp((18 - K_o) / 2.5))
    D = epsilon * (K_o - k_bath)
    return (
        (current - I_Na - I_K - I_Cl - electrogenic * P / gamma) / C,
        phi * (a_h * (1 - h) - b_h * h),
        phi * (a_n * (1 - n) - b_n * n),
        1e-3 * (beta * (gamma * I_K - 2 * P) - G - D),
        1e-3 * (-gamma * I_Na - 3 * P),
    )


def sites(x, form):
    """The part of the pump's sites that sodium moves; x = K_m / Na_i."""
    if form == 0:
        return 1 / (1 + x**3)
    if form == 1:
        return 1 / (1 + x**1.5)
    return 1 / (1 + x) ** 3


def pumped_slopes(y, current, activity, parameters):
    """(V, m, h, n, Na_i)' per ms."""
    V, m, h, n, Na_i = y
    C, g_Na, g_K, g_L, E_K, E_L, phi, *pump = parameters
    Na_o, I_max, K_m, form, p_rest, j_leak, electrogenic, per_charge = pump
    (a_m, b_m), (a_h, b_h), (a_n, b_n) = gate_rates(V)
    I_Na = g_Na * m**3 * h * (V - 24.08 * math.log(Na_o / Na_i))
    I_K = g_K * n**4 * (V - E_K)
    I_L = g_L * (V - E_L)
    I_p = activity * I_max * sites(K_m / Na_i, form)
    return (
        (current - I_Na - I_K - I_L - electrogenic * (I_p - p_rest)) / C,
        phi * (a_m * (1 - m) - b_m * m),
        phi * (a_h * (1 - h) - b_h * h),
        phi * (a_n * (1 - n) - b_n * n),
        -per_charge * (I_Na + 3 * I_p + j_leak),
    )


def moved(y, h, slopes):
    """y + h slopes"""
    return [value + h * slope for value, slope in zip(y, slopes, strict=True)]


def runge_kutta(slopes, y, current, activity, parameters, dt):
    """y one step on, by the classical method of fourth order (Kutta, 1901)."""
    k1 = slopes(y, current, activity, parameters)
    k2 = slopes(moved(y, dt / 2, k1), current, activity, parameters)
    k3 = slopes(moved(y, dt / 2, k2), current, activity, parameters)
    k4 = slopes(moved(y, dt, k3), current, activity, parameters)
    means = [
        (a + 2 * (b + c) + d) / 6 for a, b, c, d in zip(k1, k2, k3, k4, strict=True)
    ]
    return moved(y, dt, means)


def run(
    slopes, state, stimulus, activity, parameters, V, states, dt, every, start, stop
):
    """The steps start .. stop - 1 of either model."""
    y = [float(value) for value in state]
    parameters = [float(value) for value in parameters]
    for k in range(start, stop):
        V[k] = y[0]
        if k % every == 0:
            for i in range(4):
                states[k // every, i] = y[1 + i]
        current = float(stimulus[k if len(stimulus) > 1 else 0])
        factor = float(activity[k if len(activity) > 1 else 0])
        y = runge_kutta(slopes, y, current, factor, parameters, dt)
    for i in range(5):
        state[i] = y[i]


def barreto_cressman(
    state, stimulus, activity, parameters, V, states, dt, every, start, stop
):
    """A neuron whose potassium and sodium move: the steps start .. stop - 1.

    C V' = I - I_Na - I_K - I_Cl - electrogenic P / gamma
    I_Na = (g_Na m^3 h + g_Na_leak)(V - E_Na), m = a_m / (a_m + b_m)
    I_K = (g_K n^4 + g_K_leak)(V - E_K), I_Cl = g_Cl_leak (V - E_Cl)
    q' = phi (a_q (1 - q) - b_q q) for q = h, n
    K_o' = (beta (gamma I_K - 2 P) - G - D) / 1000
    Na_i' = (-gamma I_Na - 3 P) / 1000
    P = activity rho / ((1 + e^((25 - Na_i) / 3)) (1 + e^(5.5 - K_o))), the pump
    G = glia / (1 + e^((18 - K_o) / 2.5)), D = epsilon (K_o - k_bath)
    E_Na = 26.64 log(Na_o / Na_i), Na_o = 144 - beta (Na_i - 18)
    E_K = 26.64 log(K_o / K_i), K_i = 140 + (18 - Na_i)
    (Barreto and Cressman, 2011), by the method of Runge and Kutta of fourth order.

    V in mV, t in ms, currents in uA/cm2, concentrations in mM, P, G, D in mM/s.
    state (5,): V, h, n, K_o, Na_i, moved on. stimulus, activity (n_steps,), or (1,)
    for all steps: I and the pump's factor. parameters (15,): C, g_Na, g_Na_leak, g_K,
    g_K_leak, g_Cl_leak, E_Cl, phi, rho, gamma, beta, glia, epsilon, k_bath,
    electrogenic (0 or 1). V (n_steps,): V[k] is V at k dt. states (rows, 4): h, n, K_o,
    Na_i at every `every`-th step. All float64, C-contiguous.
    """
    run(
        barreto_cressman_slopes, state, stimulus, activity, parameters, V, states, dt,
        every, start, stop,
    )  # fmt: skip


def pumped_hodgkin_huxley(
    state, stimulus, activity, parameters, V, states, dt, every, start, stop
):
    """Hodgkin and Huxley's patch with sodium that builds up, and a pump.

    C V' = I - I_Na - I_K - I_L - electrogenic (I_p - p_rest)
    I_Na = g_Na m^3 h (V - E_Na), E_Na = 24.08 log(Na_o / Na_i)
    I_K = g_K n^4 (V - E_K), I_L = g_L (V - E_L)
    q' = phi (a_q (1 - q) - b_q q) for q = m, h, n (Hodgkin and Huxley, 1952)
    I_p = activity I_max f(K_m / Na_i), the net current of 3 Na out and 2 K in, with
    f(x) = 1 / (1 + x^3), 1 / (1 + x^1.5) or 1 / (1 + x)^3 for form 0, 1 or 2
    Na_i' = -per_charge (I_Na + 3 I_p + j_leak), by Runge and Kutta's fourth order.

    V in mV, t in ms, currents in uA/cm2, Na in mM, per_charge in mM/ms per uA/cm2.
    state (5,): V, m, h, n, Na_i, moved on. stimulus, activity (n_steps,), or (1,) for
    all steps: I and the pump's factor. parameters (15,): C, g_Na, g_K, g_L, E_K, E_L,
    phi, Na_o, I_max, K_m, form, p_rest, j_leak, electrogenic (0 or 1), per_charge.
    V (n_steps,): V[k] is V at k dt. states (rows, 4): m, h, n, Na_i at every `every`-th
    step. All float64, C-contiguous.
    """
    run(
        pumped_slopes, state, stimulus, activity, parameters, V, states, dt, every,
        start, stop,
    )  # fmt: skip
