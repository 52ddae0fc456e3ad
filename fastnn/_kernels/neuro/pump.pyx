# Neurons whose ion gradients move, and the pump that restores them.
# Twin: fastnn/reference/neuro/pump.py

cdef extern from *:
    double e_to "__builtin_exp" (double x) nogil  # of a constant: done by the compiler


cdef struct BarretoCressman:  # the array `parameters`, in this order
    double c_m, g_na, g_na_leak, g_k, g_k_leak, g_cl_leak, e_cl, phi
    double rho, gamma, beta, glia, epsilon, k_bath, electrogenic


cdef struct PumpedHodgkinHuxley:  # the array `parameters`, in this order
    double c_m, g_na, g_k, g_l, e_k, e_l, phi
    double na_o, i_max, k_m, form, p_rest, j_leak, electrogenic, per_charge


ctypedef void (*slopes_t)(
    const double* y, double current, double activity, const void* p, double* dy
) noexcept nogil


cdef inline double pump_opening(double x, double e, double b) noexcept nogil:
    """a / (a + b), a = over_one_minus_exp(x, e), in one division: x / (x + b (1 - e))."""
    cdef double series = 1.0 + x * (0.5 + x * (1.0 / 12 - x * x * (1.0 / 720)))
    cdef bint small = fabs(x) < 1e-2
    return (series if small else x) / (series + b if small else x + b * (1.0 - e))


cdef inline void barreto_cressman_slopes(
    const double* y, double current, double activity, const void* parameters,
    double* dy,
) noexcept nogil:
    """dy = (V, h, n, K_o, Na_i)' per ms."""
    cdef const BarretoCressman* p = <const BarretoCressman*> parameters
    cdef double v = y[0], h = y[1], n = y[2], k_o = y[3], na_i = y[4]
    cdef double[4] e
    cdef double[2] logs
    cdef double na_o = 144 - p.beta * (na_i - 18), k_i = 140 + (18 - na_i)
    # Everything waits for m, so its two exponentials are computed at once, and all else
    # beside them in one register. The rates of h and n need no more than these: e^-V/20
    # is (e^-V/80)^4. Beyond 7000 mV the results mean nothing, and neither does V.
    cdef double e10 = exp_[double](v * (-1.0 / 10), True)
    cdef double e18 = exp_[double](v * (-1.0 / 18), True), e20, e80
    cdef Py_ssize_t i
    e[0], e[1] = v * (-1.0 / 80), (25 - na_i) * (1.0 / 3)
    e[2], e[3] = 5.5 - k_o, (18 - k_o) * 0.4
    for i in range(4):
        e[i] = exp_[double](e[i], True)
    logs[0], logs[1] = na_o / na_i, k_o / k_i
    for i in range(2):
        logs[i] = log_[double](logs[i], False)
    e80 = e[0]
    e20 = e80 * e80 * e80 * e80
    cdef double b_m = 4 * e_to(-55.0 / 18) * e18
    cdef double m = pump_opening((v + 30) * 0.1, e_to(-3) * e10, b_m), n2 = n * n
    cdef double a_h = 0.07 * e_to(-2.2) * e20
    cdef double b_h = 1 / (1 + e_to(-1.4) * e10)
    cdef double a_n = 0.1 * over_one_minus_exp((v + 34) * 0.1, e_to(-3.4) * e10)
    cdef double b_n = 0.125 * e_to(-0.55) * e80
    cdef double i_na = (p.g_na * m * m * m * h + p.g_na_leak) * (v - 26.64 * logs[0])
    cdef double i_k = (p.g_k * n2 * n2 + p.g_k_leak) * (v - 26.64 * logs[1])
    cdef double i_cl = p.g_cl_leak * (v - p.e_cl)
    cdef double pump = activity * p.rho / ((1 + e[1]) * (1 + e[2]))
    cdef double glia = p.glia / (1 + e[3])
    cdef double diffusion = p.epsilon * (k_o - p.k_bath)
    cdef double i_pump = pump * (p.electrogenic / p.gamma)
    dy[0] = (current - i_k - i_cl - i_pump - i_na) * (1 / p.c_m)
    dy[1] = p.phi * (a_h * (1 - h) - b_h * h)
    dy[2] = p.phi * (a_n * (1 - n) - b_n * n)
    dy[3] = 1e-3 * (p.beta * (p.gamma * i_k - 2 * pump) - glia - diffusion)
    dy[4] = 1e-3 * (-p.gamma * i_na - 3 * pump)


cdef inline double pump_sites(double x, double form) noexcept nogil:
    """The part of the pump's sites that sodium moves; x = K_m / Na_i."""
    if form == 0:
        return 1 / (1 + x * x * x)
    if form == 1:
        return 1 / (1 + x * sqrt(x))
    return 1 / ((1 + x) * (1 + x) * (1 + x))


cdef inline void pumped_slopes(
    const double* y, double current, double activity, const void* parameters,
    double* dy,
) noexcept nogil:
    """dy = (V, m, h, n, Na_i)' per ms."""
    cdef const PumpedHodgkinHuxley* p = <const PumpedHodgkinHuxley*> parameters
    cdef double v = y[0], m = y[1], h = y[2], n = y[3], na_i = y[4], n2 = n * n
    cdef double a_m, b_m, a_h, b_h, a_n, b_n
    cdef double e_na = 24.08 * log_[double](p.na_o / na_i, False)
    cdef double i_na = p.g_na * m * m * m * h * (v - e_na)
    cdef double i_k = p.g_k * n2 * n2 * (v - p.e_k)
    cdef double i_l = p.g_l * (v - p.e_l)
    cdef double i_pump = activity * p.i_max * pump_sites(p.k_m / na_i, p.form)
    cdef double net = p.electrogenic * (i_pump - p.p_rest)
    gate_rates(v, True, &a_m, &b_m, &a_h, &b_h, &a_n, &b_n)
    dy[0] = (current - i_k - i_l - net - i_na) * (1 / p.c_m)
    dy[1] = p.phi * (a_m * (1 - m) - b_m * m)
    dy[2] = p.phi * (a_h * (1 - h) - b_h * h)
    dy[3] = p.phi * (a_n * (1 - n) - b_n * n)
    dy[4] = -p.per_charge * (i_na + 3 * i_pump + p.j_leak)


cdef inline void pump_runge_kutta(
    slopes_t slopes, double* y, double current, double activity, const void* p,
    double dt,
) noexcept nogil:
    """One step of the classical method of fourth order for five variables (Kutta)."""
    cdef double[5] k1, k2, k3, k4, at
    cdef Py_ssize_t i
    slopes(y, current, activity, p, k1)
    for i in range(5):
        at[i] = y[i] + 0.5 * dt * k1[i]
    slopes(at, current, activity, p, k2)
    for i in range(5):
        at[i] = y[i] + 0.5 * dt * k2[i]
    slopes(at, current, activity, p, k3)
    for i in range(5):
        at[i] = y[i] + dt * k3[i]
    slopes(at, current, activity, p, k4)
    for i in range(5):
        y[i] += dt / 6 * (k1[i] + 2 * (k2[i] + k3[i]) + k4[i])


cdef inline void pump_run(
    slopes_t slopes, ndarray state, ndarray stimulus, ndarray activity,
    ndarray parameters, ndarray V, ndarray states, double dt, Py_ssize_t every,
    Py_ssize_t start, Py_ssize_t stop,
):
    cdef double* y = <double*> data(state)
    cdef const double* current = <const double*> data(stimulus)
    cdef const double* factor = <const double*> data(activity)
    cdef double* out = <double*> data(V)
    cdef double* rows = <double*> data(states)
    cdef const void* p = data(parameters)
    cdef Py_ssize_t k, i, due = (start + every - 1) // every * every
    cdef Py_ssize_t of_current = 1 if PyArray_DIM(stimulus, 0) > 1 else 0
    cdef Py_ssize_t of_factor = 1 if PyArray_DIM(activity, 0) > 1 else 0
    with nogil:
        for k in range(start, stop):
            out[k] = y[0]
            if k == due:
                due += every
                for i in range(4):
                    rows[k // every * 4 + i] = y[1 + i]
            pump_runge_kutta(
                slopes, y, current[k * of_current], factor[k * of_factor], p, dt
            )


def barreto_cressman(
    ndarray state not None,
    ndarray stimulus not None,
    ndarray activity not None,
    ndarray parameters not None,
    ndarray V not None,
    ndarray states not None,
    double dt,
    Py_ssize_t every,
    Py_ssize_t start,
    Py_ssize_t stop,
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
    pump_run(
        barreto_cressman_slopes, state, stimulus, activity, parameters, V, states, dt,
        every, start, stop,
    )


def pumped_hodgkin_huxley(
    ndarray state not None,
    ndarray stimulus not None,
    ndarray activity not None,
    ndarray parameters not None,
    ndarray V not None,
    ndarray states not None,
    double dt,
    Py_ssize_t every,
    Py_ssize_t start,
    Py_ssize_t stop,
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
    pump_run(
        pumped_slopes, state, stimulus, activity, parameters, V, states, dt, every,
        start, stop,
    )
