"""The patch of membrane of Hodgkin and Huxley (1952)."""

import copy
import functools

import numpy as np

from ... import backend
from ...ops import checks
from ..model import Model
from ..parameters import Parameter
from ..running import concluded, in_parts
from ..simulation import Simulation
from ..spikes import spikes_of_units
from ..stimuli import currents
from . import plane, rates
from . import units as of_units

METHODS = {
    "exponential_euler": "hh_exponential_euler",
    "crank_nicolson": "hh_crank_nicolson",
    "rk4": "hh_rk4",
    "euler": "hh_euler",
}

# What dt times the fastest rate may be: where Euler's scheme, and that of Runge and
# Kutta, turn a decay into growth. The others are stable for any dt.
STABLE = {"euler": 2.0, "rk4": 2.78}


class HodgkinHuxley(Model):
    """A patch of the squid's axon: the equations of Hodgkin and Huxley (1952).

        C_m dV/dt = I - g_Na m^3 h (V - E_Na) - g_K n^4 (V - E_K) - g_L (V - E_L)
        dx/dt = phi (a_x (1 - x) - b_x x),  x = m, h, n,  phi = 3^((T - 6.3) / 10)
        a_m = 0.1 (V + 40) / (1 - e^-((V + 40) / 10))    b_m = 4 e^-((V + 65) / 18)
        a_h = 0.07 e^-((V + 65) / 20)           b_h = 1 / (1 + e^-((V + 35) / 10))
        a_n = 0.01 (V + 55) / (1 - e^-((V + 55) / 10))   b_n = 0.125 e^-((V + 65) / 80)

    V is shifted so that the cell rests at -65 mV. Under a steady 10 uA/cm2 it fires at
    about 68 Hz, its first spike up to about +40 mV. Each parameter may be an array with
    one value for each unit. Source: J Physiol 117, 500.
    """

    PARAMETERS = (
        Parameter("C_m", 1.0, "uF/cm2", "capacitance", above=0, per_unit=True),
        Parameter("g_Na", 120.0, "mS/cm2", "sodium channels", low=0, per_unit=True),
        Parameter("g_K", 36.0, "mS/cm2", "potassium channels", low=0, per_unit=True),
        Parameter("g_L", 0.3, "mS/cm2", "leak", low=0, per_unit=True),
        Parameter("E_Na", 50.0, "mV", "sodium reversal", per_unit=True),
        Parameter("E_K", -77.0, "mV", "potassium reversal", per_unit=True),
        Parameter("E_L", -54.387, "mV", "leak reversal", per_unit=True),
        Parameter("temperature_c", 6.3, "degC", "temperature", per_unit=True),
    )

    CURRENT = "uA/cm2"
    PLANE = ("n", (-80.0, 55.0))  # the variable beside V, and the V that it shows

    def run(
        self,
        T_ms,
        dt_ms=0.025,
        stimulus=0.0,
        *,
        method="exponential_euler",
        units=None,
        start=None,
        progress=True,
    ):
        """Simulate T_ms in steps of dt_ms.

        stimulus: uA/cm2, for all units, or one for each (a list of stimuli, or an array
        (steps, units)). method: "exponential_euler" and "crank_nicolson" (both of
        second order: the gates are half a step ahead of V), "rk4" (fourth order, up to
        the jumps of the stimulus), "euler" (first order). units: how many patches;
        None: as many as the parameters, the start or the stimulus have. start: None for
        rest; V in mV, with the gates in their steady state there; or a dict with V and
        any of m, h, n, as the `final` of another simulation.

        Returns a Simulation with V in mV, the gates m, h, n and the currents I_Na, I_K,
        I_L in uA/cm2 (outward positive). A spike is a local maximum of V that rises
        10 mV, for the peaks shrink below 0 mV under strong currents.
        RuntimeWarning: dt_ms longer than the fastest gate takes. ValueError: too long
        to be stable. FloatingPointError: V not finite.
        """
        where = "HodgkinHuxley.run"
        checks.choice(where, "method", method, METHODS)
        n_steps, dt = self._steps(T_ms, dt_ms, *self._longest(method))
        rates.warn_of_long_steps(where, dt, self.temperature_c)
        units = of_units.count(where, self, units, start, stimulus)
        checks.memory_for(where, {"T_ms / dt_ms": n_steps, "units": units})
        current = currents(where, stimulus, n_steps, dt, units, shared=True)
        begin = self._begin(where, start, units)
        self._check_current(where, current, dt, self._open(begin), self.C_m)
        state, V = begin.copy(), np.empty((n_steps, units))
        no_gates = np.empty((0, 3, units))
        constants, step = self._constants(units), backend.function(METHODS[method])

        before = [0, begin]

        def advance(first, last):
            before[:] = first, state.copy()
            now = current[first:last]
            step(state, constants, now, dt, V[first:last], no_gates)

        done = in_parts(where, n_steps, advance, progress)
        state = before[1] if done == before[0] else state  # Ctrl-C within a part
        run = V[:done], state, begin, constants, current[:done], dt
        return concluded(where, self._conclude, method, *run)

    def _conclude(self, method, V, state, begin, constants, current, dt):
        """The Simulation of the steps of which V (steps, units) was computed."""
        done, units = V.shape
        self._check_potential(V, done, dt)
        t = np.arange(done) * dt
        again = begin, constants, current, dt
        traces = _Traces(V, lambda: _gates_of_run(method, *again), constants)
        one = units == 1
        return Simulation(
            copy.copy(self), dt, t, V[:, 0] if one else V, spikes_of_units(t, V),
            traces.named(), current[:, 0] if current.shape[1] == 1 else current,
            {k: float(x[0]) if one else x for k, x in zip("Vmhn", state, strict=True)},
        )  # fmt: skip

    def _longest(self, method):
        """(the longest stable step in ms, why), for Model._steps."""
        phi = rates.speed(np.max(self.temperature_c))
        if method not in STABLE:
            return 1.0, f"for spikes last 1 ms ({method})"
        # at the top of a spike about a third of all channels is open
        open_ = (self.g_Na + self.g_K + self.g_L) / self.C_m / 3.0
        fastest = max(np.max(open_), rates.FASTEST_GATE * phi)
        return STABLE[method] / fastest, f"by the scheme {method!r}"

    def _constants(self, units):
        """(8, units): what the kernels want to know."""
        constants = of_units.constants(self, units)
        constants[-1] = rates.speed(constants[-1])
        return constants

    def _begin(self, where, start, n_units):
        """(4, units): V, m, h, n at the start."""
        start = of_units.part_of_start(where, start, ("V", *rates.GATES))
        V = start.get("V")
        V = self.resting_potential() if V is None else V
        values = [of_units.within(where, "V in start (in mV)", V, -500.0, 500.0)]
        for name, steady in zip(
            rates.GATES, rates.steady_states(values[0]), strict=True
        ):
            gate = start.get(name, steady)
            values.append(of_units.within(where, f"{name} in start", gate, 0.0, 1.0))
        return np.array([np.broadcast_to(x, n_units) for x in values], float)

    def _open(self, state):
        """The conductance of all open channels in a state (4, units), mS/cm2."""
        _, m, h, n = state
        return self.g_Na * m**3 * h + self.g_K * n**4 + self.g_L

    # --- what can be known without a simulation -------------------------------------

    def steady_current(self, V):
        """The current in uA/cm2 that holds V (mV): what all channels let out there."""
        m, h, n = rates.steady_states(V)
        V = np.asarray(V, float)
        return (
            self.g_Na * m**3 * h * (V - self.E_Na)
            + self.g_K * n**4 * (V - self.E_K)
            + self.g_L * (V - self.E_L)
        )

    def resting_potential(self, current=0.0):
        """V in mV where nothing changes under a constant current in uA/cm2.

        Between potentials at which the net current surely flows in, and surely out,
        the lowest change of sign is enclosed on a grid; from there secants lead to it.
        One value for each unit if parameters differ.
        """
        reversals = self.E_Na, self.E_K, self.E_L
        reach = 1.0 + np.abs(current) / np.maximum(self.g_L, 1e-3)
        low = functools.reduce(np.minimum, reversals) - reach
        high = functools.reduce(np.maximum, reversals) + reach
        own = [getattr(self, p.name) for p in self.PARAMETERS]
        shape = np.broadcast_shapes(*map(np.shape, own), np.shape(current))
        V = np.broadcast_to(self._enclosed(low, high, current, len(shape)), shape)
        return V.copy() if shape else float(V)

    def _enclosed(self, low, high, current, ndim):
        # 128 intervals, not to pass over a change of sign; a 32th of one is like a line
        low, high = self._narrowed(128, low, high, current, ndim)
        low, high = self._narrowed(32, low, high, current, ndim)
        V, last = high, low
        out, before = self.steady_current(np.stack([high, low])) - current
        for _ in range(12):
            flat = out == before
            step = out * (V - last) / np.where(flat, 1.0, out - before)
            last, before = V, out
            V = np.clip(V - np.where(flat, 0.0, step), low, high)
            if np.all(np.abs(V - last) <= 1e-12 * (1.0 + np.abs(V))):
                return V  # the error is about the square of that
            out = self.steady_current(V) - current
        for _ in range(9):  # it was no line: 2^(7 + 10 * 5) intervals
            low, high = self._narrowed(32, low, high, current, ndim)
        return high

    def _narrowed(self, n, low, high, current, ndim):
        """The n-th part of an interval in which the net current first flows out."""
        parts = np.linspace(0.0, 1.0, n + 1).reshape(-1, *[1] * ndim)
        V = low + (high - low) * parts
        first = np.argmax(self.steady_current(V) >= current, axis=0)
        width = (high - low) / n
        low = low + np.maximum(first - 1, 0) * width
        return low, low + width

    def jacobian(self, V):
        """(4, 4): how (dV/dt, dm/dt, dh/dt, dn/dt) change with (V, m, h, n), in 1/ms,
        at the fixed point with potential V (mV). For a model of one unit."""
        for p in self.PARAMETERS:
            if np.ndim(getattr(self, p.name)):
                raise ValueError(
                    f"HodgkinHuxley.jacobian: {p.name} has a value for each unit; make "
                    "a model with one number for each parameter"
                )
        m, h, n = rates.steady_states(V)
        phi = rates.speed(self.temperature_c)
        result = np.zeros((4, 4))
        conductance = self.g_Na * m**3 * h + self.g_K * n**4 + self.g_L
        of_V = (
            conductance,
            3 * self.g_Na * m**2 * h * (V - self.E_Na),
            self.g_Na * m**3 * (V - self.E_Na),
            4 * self.g_K * n**3 * (V - self.E_K),
        )
        result[0] = -np.array(of_V) / self.C_m
        rows = zip(
            (m, h, n), rates.rates(V).values(), rates.slopes_of_rates(V).values(),
            strict=True,
        )  # fmt: skip
        for i, (x, (a, b), (slope_a, slope_b)) in enumerate(rows, start=1):
            result[i, 0] = phi * (slope_a * (1.0 - x) - slope_b * x)
            result[i, i] = -phi * (a + b)
        return result

    def hopf_currents(self, low=0.0, high=200.0):
        """Constant currents in uA/cm2 at which rest gains or loses its stability.

        There a pair of the jacobian's eigenvalues crosses the imaginary axis (Hopf's
        bifurcation). Looked for between the currents low and high.
        """

        def growth(V):
            return np.linalg.eigvals(self.jacobian(V)).real.max()

        grid = np.linspace(*map(self.resting_potential, (low, high)), 201)
        signs = [growth(V) > 0 for V in grid]
        found = []
        for left, right, a, b in zip(grid, grid[1:], signs, signs[1:], strict=False):
            if a == b:
                continue
            for _ in range(60):
                middle = (left + right) / 2.0
                if (growth(middle) > 0) == a:
                    left = middle
                else:
                    right = middle
            found.append(float(self.steady_current(right)))
        return found

    # --- the plane of V and n: plane.py ---------------------------------------------

    def nullclines(self, V, current=0.0, h_plus_n=None):
        """(n where dV/dt = 0, n_inf(V)), for V in mV, with m = m_inf and h = s - n.

        h_plus_n: s; None: what it is at the fixed point under this current in uA/cm2,
        where the nullclines then cross, as those of all four equations would. nan: no
        such n. For a model of one unit.
        """
        return plane.nullclines(self, V, current, h_plus_n)

    def flow(self, V, n, current=0.0, h_plus_n=None):
        """(dV/dt in mV/ms, dn/dt in 1/ms) in that plane; arguments as of nullclines."""
        return plane.flow(self, V, n, current, h_plus_n)

    def phase_plane(self, current=0.0, sim=None, **options):
        """Draw the plane of V and n, as a matplotlib figure.

        Nullclines and flow with m = m_inf(V) and h = s - n under a steady current in
        uA/cm2, and V and n of `sim`, a run of all four equations, if given: it keeps
        near the plane's flow, not to it. options: ax, V_range in mV.
        """
        from ...plot.neuro import cells

        return cells.phase_plane(self, current, sim, **options)

    def _plot(self, sim, **options):
        from ...plot.neuro import cells

        return cells.spike(sim, **options)


def _gates_of_run(method, begin, constants, current, dt):
    """(steps, 3, units): a run once more, now with its gates kept.

    It gives the same bits, so nobody pays for gates that nobody looks at.
    """
    n_steps, units = len(current), begin.shape[1]
    V, gates = np.empty((n_steps, units)), np.empty((n_steps, 3, units))
    step = backend.function(METHODS[method])
    step(begin.copy(), constants, current, dt, V, gates)
    return gates


class _Traces:
    """Gates and currents by name, computed when they are asked for."""

    def __init__(self, V, gates, constants):
        self.V, self._gates, self.constants = V, gates, constants

    def named(self):
        traces = {name: lambda i=i: self.gate(i) for i, name in enumerate(rates.GATES)}
        currents_ = {"I_Na": self.sodium, "I_K": self.potassium, "I_L": self.leak}
        return traces | currents_

    def open_gates(self, i):
        """(steps, units) of gate i."""
        if callable(self._gates):
            self._gates = self._gates()
        return self._gates[:, i]

    def shaped(self, trace):
        return trace[:, 0] if self.V.shape[1] == 1 else trace

    def gate(self, i):
        return self.shaped(self.open_gates(i))

    def sodium(self):
        g_Na, E_Na = self.constants[1], self.constants[4]
        m, h = self.open_gates(0), self.open_gates(1)
        return self.shaped(g_Na * m**3 * h * (self.V - E_Na))

    def potassium(self):
        g_K, E_K = self.constants[2], self.constants[5]
        return self.shaped(g_K * self.open_gates(2) ** 4 * (self.V - E_K))

    def leak(self):
        return self.shaped(self.constants[3] * (self.V - self.constants[6]))
