# Transmitter that is used up and recovers.
# Twin: fastnn/reference/neuro/release.py

def tsodyks_markram(
    ndarray times not None,
    ndarray starts not None,
    double U,
    double tau_d,
    double tau_f,
    ndarray u not None,
    ndarray x not None,
    ndarray release not None,
):
    """What each spike releases (Tsodyks and Markram, 1997; with Pawelzik, 1998).

    Between spikes u' = -u / tau_f and x' = (1 - x) / tau_d, from u = 0 and x = 1; at a
    spike u <- u + U (1 - u), then r = u x, then x <- x - r.
    Train i has the spikes starts[i] .. starts[i + 1] - 1, and begins at rest.
    times (n,): ms, rising within a train. starts (n_trains + 1,) int64. U: 0 to 1.
    tau_d, tau_f: ms. u, x, release (n,): overwritten with u after its step, x before
    the release, and r. All but starts float64, C-contiguous.
    """
    cdef const double* t = <const double*> data(times)
    cdef const int64_t* first = <const int64_t*> data(starts)
    cdef double* pu = <double*> data(u)
    cdef double* px = <double*> data(x)
    cdef double* pr = <double*> data(release)
    cdef Py_ssize_t i, k, n_trains = PyArray_DIM(starts, 0) - 1
    cdef double facilitated, gone, dt
    with nogil:
        for i in range(n_trains):
            facilitated, gone = 0.0, 0.0
            for k in range(first[i], first[i + 1]):
                dt = t[k] - t[k - 1] if k > first[i] else 0.0
                facilitated *= exp_[double](-dt / tau_f, False)
                gone *= exp_[double](-dt / tau_d, False)
                facilitated += U * (1.0 - facilitated)
                pu[k], px[k] = facilitated, 1.0 - gone
                pr[k] = facilitated * px[k]
                gone += pr[k]


def tsodyks_markram_vesicles(
    ndarray times not None,
    ndarray starts not None,
    double U,
    double tau_d,
    double tau_f,
    ndarray uniforms not None,
    ndarray empty not None,
    ndarray u not None,
    ndarray x not None,
    ndarray release not None,
):
    """The same with single vesicles: each of N sites releases one, or none, at random.

    A full site releases with probability u; an empty one is filled again after dt with
    probability p = 1 - e^(-dt / tau_d). One uniform number w per site and spike decides
    both: a full site releases if w < u; an empty one is filled if w < p, and releases
    at once if w < p u. So the releases are binomial, and their mean, as a part of N, is
    that of tsodyks_markram.
    times, starts, U, tau_d, tau_f, u: as there. uniforms (n, N): from 0 to below 1.
    empty (N,) uint8: overwritten. x, release (n,): overwritten with the parts of the
    sites that are full before the release, and that release.
    """
    cdef const double* t = <const double*> data(times)
    cdef const int64_t* first = <const int64_t*> data(starts)
    cdef const double* w = <const double*> data(uniforms)
    cdef const double* drawn
    cdef uint8_t* hollow = <uint8_t*> data(empty)
    cdef double* pu = <double*> data(u)
    cdef double* px = <double*> data(x)
    cdef double* pr = <double*> data(release)
    cdef Py_ssize_t i, k, s, n_trains = PyArray_DIM(starts, 0) - 1
    cdef Py_ssize_t n_sites = PyArray_DIM(empty, 0), n_full, n_released
    cdef double facilitated, dt, filled, bound
    cdef bint full, released
    with nogil:
        for i in range(n_trains):
            facilitated = 0.0
            memset(hollow, 0, n_sites)
            for k in range(first[i], first[i + 1]):
                dt = t[k] - t[k - 1] if k > first[i] else 0.0
                facilitated *= exp_[double](-dt / tau_f, False)
                facilitated += U * (1.0 - facilitated)
                filled = 1.0 - exp_[double](-dt / tau_d, False)
                drawn, n_full, n_released = w + k * n_sites, 0, 0
                for s in range(n_sites):
                    bound = filled if hollow[s] else 1.0
                    full = drawn[s] < bound
                    released = drawn[s] < bound * facilitated
                    hollow[s] = not full or released
                    n_full += full
                    n_released += released
                pu[k] = facilitated
                px[k] = <double> n_full / n_sites
                pr[k] = <double> n_released / n_sites
