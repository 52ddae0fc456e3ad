"""Chapter 1: neurons, from the dendrite to the terminal."""

import numpy as np

from ... import neuro
from ..checking import Exercise, Mistake
from . import Question

# --- 1.1 ------------------------------------------------------------------------------


def arrives(x_um, length_um, diameter_um, R_m, R_i):
    reach = neuro.length_constant(diameter_um, R_m, R_i)
    return neuro.sealed_end(x_um, length_um, reach)


def _as_if_endless(x_um, length_um, diameter_um, R_m, R_i):
    return np.exp(-x_um / neuro.length_constant(diameter_um, R_m, R_i))


def _without_the_root(x_um, length_um, diameter_um, R_m, R_i):
    reach = 1e4 * diameter_um * 1e-4 * R_m * 1e3 / (4 * R_i)
    return np.cosh((length_um - x_um) / reach) / np.cosh(length_um / reach)


def _ohms_for_kiloohms(x_um, length_um, diameter_um, R_m, R_i):
    reach = 1e4 * np.sqrt(diameter_um * 1e-4 * R_m / (4 * R_i))
    return np.cosh((length_um - x_um) / reach) / np.cosh(length_um / reach)


# --- 1.2 ------------------------------------------------------------------------------


def nernst(c_out, c_in, z, temperature_c):
    RT_F = 8.314462 * (273.15 + temperature_c) / 96485.33 * 1000
    return RT_F / z * np.log(c_out / c_in)


# --- 1.3 ------------------------------------------------------------------------------


def together(g_L, g_e, g_i, E_L, E_e, E_i):
    return (g_L * E_L + g_e * E_e + g_i * E_i) / (g_L + g_e + g_i)


def _a_plain_sum(g_L, g_e, g_i, E_L, E_e, E_i):
    lifted = g_e * (E_e - E_L) / (g_L + g_e)
    return E_L + lifted + g_i * (E_i - E_L) / (g_L + g_i)


# --- 1.4 ------------------------------------------------------------------------------


def pump_for(I_p):
    cycles = I_p / 96485 * 1e6  # uA/cm2 over C/mol, in pmol/(cm2 s)
    return 3 * cycles, 2 * cycles, cycles


def _charge_for_sodium(I_p):
    sodium = I_p / 96485 * 1e6
    return sodium, 2 * sodium / 3, sodium / 3


def _the_pump_reversed(I_p):
    cycles = I_p / 96485 * 1e6
    return 2 * cycles, 3 * cycles, cycles


def _an_atp_for_each_ion(I_p):
    cycles = I_p / 96485 * 1e6
    return 3 * cycles, 2 * cycles, 5 * cycles


# --- 1.5 ------------------------------------------------------------------------------


def spikes_of_two(gap_ms):
    pulses = neuro.pulse(10, start_ms=5, width_ms=1)
    pulses = pulses + neuro.pulse(10, start_ms=5 + gap_ms, width_ms=1)
    sim = neuro.HodgkinHuxley().run(60, dt_ms=0.025, stimulus=pulses)
    return len(sim.spike_times)


def _gap_from_the_end(gap_ms):
    pulses = neuro.pulse(10, start_ms=5, width_ms=1)
    pulses = pulses + neuro.pulse(10, start_ms=6 + gap_ms, width_ms=1)
    return len(neuro.HodgkinHuxley().run(60, 0.025, pulses).spike_times)


def _samples_above_zero(gap_ms):
    pulses = neuro.pulse(10, start_ms=5, width_ms=1)
    pulses = pulses + neuro.pulse(10, start_ms=5 + gap_ms, width_ms=1)
    sim = neuro.HodgkinHuxley().run(60, 0.025, pulses)
    return int((sim.V > 0).sum())


def _one_spike_for_each_pulse(gap_ms):
    return 2


# --- 1.6 ------------------------------------------------------------------------------


def travel_ms(length_m, diameter_um, myelinated):
    speed = 6.2 * diameter_um if myelinated else 0.86 * np.sqrt(diameter_um)
    return 1000 * length_m / speed


def _root_for_both(length_m, diameter_um, myelinated):
    speed = (6.2 if myelinated else 0.86) * np.sqrt(diameter_um)
    return 1000 * length_m / speed


def _line_for_both(length_m, diameter_um, myelinated):
    speed = (6.2 if myelinated else 0.86) * diameter_um
    return 1000 * length_m / speed


# --- 1.7 ------------------------------------------------------------------------------


def pair_ratio(gap_ms, U, tau_d, tau_f):
    synapse = neuro.TsodyksMarkram(U=U, tau_d=tau_d, tau_f=tau_f)
    first, second = synapse.release([10.0, 10.0 + gap_ms])
    return second / first


def _without_facilitation(gap_ms, U, tau_d, tau_f):
    return 1 - U * np.exp(-gap_ms / tau_d)


def _without_depression(gap_ms, U, tau_d, tau_f):
    return 1 + (1 - U) * np.exp(-gap_ms / tau_f)


def _upside_down(gap_ms, U, tau_d, tau_f):
    return 1 / pair_ratio(gap_ms, U, tau_d, tau_f)


EXERCISES = (
    Exercise(
        number="1.1",
        title="How much arrives",
        task=r"""
A dendrite of `length_um` and `diameter_um` (µm) has a membrane of `R_m`
($\mathrm{k\Omega\,cm^2}$) and an inside of `R_i` ($\Omega\,\mathrm{cm}$). Its far end
is sealed, and the near end, $x = 0$, is held at some potential. Return the part of it
that arrives at `x_um`. The library's `neuro.length_constant(diameter_um, R_m, R_i)`
gives $\lambda$ in µm.
""",
        start="""
import numpy as np
from fastnn import neuro


def arrives(x_um, length_um, diameter_um, R_m, R_i):
    return ...
""",
        solution=arrives,
        cases=lambda: [
            (1000.0, 1000.0, 2.0, 20.0, 100.0),
            (150.0, 400.0, 0.8, 12.0, 150.0),
            (200.0, 2000.0, 5.0, 30.0, 70.0),
        ],
        mistakes=(
            Mistake(
                _as_if_endless,
                "exp(-x / lambda) is right for an endless cable; a sealed end holds "
                "the voltage up: use the two cosh.",
            ),
            Mistake(
                _without_the_root,
                "The length constant has a square root: "
                "lambda = sqrt(d R_m / (4 R_i)).",
            ),
            Mistake(
                _ohms_for_kiloohms,
                "R_m comes in kOhm cm2 and R_i in Ohm cm: bring both to Ohm, or let "
                "neuro.length_constant do it.",
            ),
        ),
        hint="cosh((L - x) / lambda) / cosh(L / lambda), with all lengths in µm.",
    ),
    Exercise(
        number="1.2",
        title="The potential of an ion",
        task=r"""
Write the Nernst potential in **mV** of an ion with the concentrations `c_out` and
`c_in`, the charge number `z` ($+1$ for potassium, $-1$ for chloride, $+2$ for
calcium), at `temperature_c` degrees Celsius. Use $R = 8.314462$ J/(mol K), $F =
96485.33$ C/mol, and $0\,^\circ\mathrm{C} = 273.15$ K.
""",
        start="""
import numpy as np


def nernst(c_out, c_in, z, temperature_c):
    return ...
""",
        solution=nernst,
        cases=lambda: [
            (4.0, 140.0, 1, 37.0),
            (120.0, 7.0, -1, 37.0),
            (2.0, 0.0001, 2, 20.0),
        ],
        mistakes=(
            Mistake(
                lambda c_out, c_in, z, temperature_c: nernst(
                    c_in, c_out, z, temperature_c
                ),
                "Outside over inside: potassium, of which there is more inside, has a "
                "negative potential.",
            ),
            Mistake(
                lambda c_out, c_in, z, temperature_c: nernst(
                    c_out, c_in, 1, temperature_c
                ),
                "The charge number z is missing: chloride has -1, calcium +2.",
            ),
            Mistake(
                lambda c_out, c_in, z, temperature_c: nernst(
                    c_out, c_in, z, temperature_c - 273.15
                ),
                "T is the absolute temperature: add 273.15 to degrees Celsius.",
            ),
            Mistake(
                lambda c_out, c_in, z, temperature_c: (
                    nernst(c_out, c_in, z, temperature_c) / 1000
                ),
                "That is in volts; the exercise asks for millivolts.",
            ),
        ),
        hint="1000 R T / (z F) ln(c_out / c_in), with T in kelvin.",
    ),
    Exercise(
        number="1.3",
        title="Excitation and a shunt",
        task=r"""
A cell has a leak `g_L` with the reversal potential `E_L`, and two synapses that stay
open, `g_e` with `E_e` and `g_i` with `E_i` (nS and mV). Return the potential at which
it settles, in mV.
""",
        start="""
def together(g_L, g_e, g_i, E_L, E_e, E_i):
    return ...
""",
        solution=together,
        cases=lambda: [
            (10.0, 2.0, 0.0, -65.0, 0.0, -70.0),
            (10.0, 2.0, 8.0, -65.0, 0.0, -65.0),
            (5.0, 4.0, 3.0, -70.0, 0.0, -80.0),
        ],
        mistakes=(
            Mistake(
                _a_plain_sum,
                "You added what each synapse does alone; open together they share one "
                "denominator, g_L + g_e + g_i.",
            ),
            Mistake(
                lambda g_L, g_e, g_i, E_L, E_e, E_i: (
                    (g_L * E_L + g_e * E_e - g_i * E_i) / (g_L + g_e + g_i)
                ),
                "Inhibition needs no minus: that it inhibits is said by its reversal "
                "potential E_i.",
            ),
            Mistake(
                lambda g_L, g_e, g_i, E_L, E_e, E_i: (
                    (g_L * E_L + g_e * E_e + g_i * E_i) / g_L
                ),
                "Divide by the sum of all conductances, not by the leak alone.",
            ),
        ),
        hint="The currents add up to 0: a mean of the three E, weighted by the g.",
    ),
    Exercise(
        number="1.4",
        title="Counting the pump's ions",
        task=r"""
The sodium-potassium pumps of a membrane make a net outward current of `I_p` µA/cm².
Return a tuple of three numbers, all in pmol/(cm² s): the sodium that they carry out,
the potassium that they carry in, and the ATP that they split. One µA is $10^{-6}$
C/s, Faraday's constant is $F = 96485$ C/mol, and one pmol is $10^{-12}$ mol.
""",
        start="""
def pump_for(I_p):
    return ..., ..., ...
""",
        solution=pump_for,
        cases=lambda: [(1.0,), (6.77,), (0.25,)],
        mistakes=(
            Mistake(
                _charge_for_sodium,
                "I_p is the net charge: one for each cycle, which carries three sodium "
                "ions. The sodium alone is 3 I_p.",
            ),
            Mistake(
                _the_pump_reversed,
                "Three sodium ions go out and two potassium ions come in, not the "
                "other way round.",
            ),
            Mistake(
                _an_atp_for_each_ion,
                "One ATP pays for a whole cycle, not for each ion.",
            ),
        ),
        hint="I_p / F are the cycles in mol; multiply by 1e-6 for µA and by 1e12 for "
        "pmol.",
        rtol=1e-4,
    ),
    Exercise(
        number="1.5",
        title="The refractory membrane",
        task=r"""
Run `neuro.HodgkinHuxley()` for 60 ms with `dt_ms=0.025` and two pulses of 10 µA/cm²
that last 1 ms each. The first begins at 5 ms, the second begins `gap_ms` after the
*beginning* of the first. Return how many spikes there are, as a whole number.
""",
        start="""
from fastnn import neuro


def spikes_of_two(gap_ms):
    return ...
""",
        solution=spikes_of_two,
        cases=lambda: [(5.0,), (13.5,), (14.5,), (25.0,)],
        mistakes=(
            Mistake(
                _gap_from_the_end,
                "The gap is counted from the beginning of the first pulse, so the "
                "second begins at 5 + gap_ms.",
            ),
            Mistake(
                _samples_above_zero,
                "A spike is many samples long: count sim.spike_times, not samples.",
            ),
            Mistake(
                _one_spike_for_each_pulse,
                "A membrane that has just fired is refractory: the second pulse need "
                "not make a spike. Run it.",
            ),
        ),
        hint="Stimuli add up: neuro.pulse(...) + neuro.pulse(...); then "
        "len(sim.spike_times).",
    ),
    Exercise(
        number="1.6",
        title="How long it takes",
        task=r"""
Return how many **milliseconds** a spike needs for `length_m` metres. A fibre of
`diameter_um` µm conducts at 6.2 m/s for each µm if `myelinated` is true. A bare axon
of 1 µm conducts at 0.86 m/s, and its speed grows with the diameter as the chapter
derives.
""",
        start="""
import numpy as np


def travel_ms(length_m, diameter_um, myelinated):
    return ...
""",
        solution=travel_ms,
        cases=lambda: [(2.0, 0.2, False), (2.0, 20.0, True), (0.05, 4.0, False)],
        mistakes=(
            Mistake(
                _root_for_both,
                "With myelin the speed grows as the diameter itself; the root is for "
                "the bare axon.",
            ),
            Mistake(
                _line_for_both,
                "Without myelin the speed grows as the square root of the diameter.",
            ),
            Mistake(
                lambda length_m, diameter_um, myelinated: (
                    travel_ms(length_m, diameter_um, myelinated) / 1000
                ),
                "That is in seconds; the exercise asks for milliseconds.",
            ),
        ),
        hint="Time is length over speed; m over m/s are seconds.",
    ),
    Exercise(
        number="1.7",
        title="Paired pulses",
        task=r"""
A terminal follows Tsodyks and Markram's model with `U`, `tau_d` and `tau_f` (ms). Two
spikes come `gap_ms` apart, after a long rest. Return the paired-pulse ratio, the
release of the second over that of the first. `neuro.TsodyksMarkram(U=..., tau_d=...,
tau_f=...).release(times)` gives the releases; or use the formula.
""",
        start="""
import numpy as np
from fastnn import neuro


def pair_ratio(gap_ms, U, tau_d, tau_f):
    return ...
""",
        solution=pair_ratio,
        cases=lambda: [
            (50.0, 0.45, 750.0, 50.0),
            (50.0, 0.15, 50.0, 750.0),
            (10.0, 0.6, 200.0, 20.0),
        ],
        mistakes=(
            Mistake(
                _without_facilitation,
                "Only x is there: u has not gone back to 0 either, and lifts the "
                "second release.",
            ),
            Mistake(
                _without_depression,
                "Only u is there: the first spike has used up the part U of x, which "
                "recovers with tau_d.",
            ),
            Mistake(_upside_down, "The second release over the first, not vice versa."),
        ),
        hint="(1 + (1 - U) e^(-gap / tau_f)) (1 - U e^(-gap / tau_d)).",
    ),
)

QUIZ = (
    Question(
        text="A dendrite becomes four times as thick, and nothing else changes. Its "
        "length constant becomes",
        options=("four times as long", "half as long", "twice as long", "no longer"),
        right=2,
        why="lambda = sqrt(d R_m / (4 R_i)) grows as the root of the diameter.",
    ),
    Question(
        text="An inhibitory synapse has its reversal potential exactly at rest. Open "
        "alone, it",
        options=(
            "does not move the potential, but weakens excitation",
            "makes the inside more negative",
            "does nothing in any case",
        ),
        right=0,
        why="No current flows at rest, but its conductance stands in the denominator "
        "of the weighted mean: it shunts.",
    ),
    Question(
        text="In one cycle the sodium-potassium pump moves",
        options=(
            "two sodium ions out and three potassium ions in",
            "three sodium ions in and two potassium ions out",
            "as many sodium ions out as potassium ions in",
            "three sodium ions out and two potassium ions in",
        ),
        right=3,
        why="One positive charge more goes out than in: an outward current, which does "
        "not depolarise.",
    ),
    Question(
        text="The pump of a neuron is stopped. What happens within the next ten "
        "milliseconds?",
        options=(
            "The resting potential falls to 0.",
            "Hardly anything: it can still fire spikes of the same height.",
            "No more spikes are possible.",
        ),
        right=1,
        why="Spikes are made by channels that spend the gradients; these run down over "
        "many seconds.",
    ),
    Question(
        text="Why does a slow ramp to 10 µA/cm² not fire Hodgkin and Huxley's patch, "
        "though a step to 3 does?",
        options=(
            "The ramp never passes -55 mV.",
            "The pump carries the current away.",
            "The gates h and n have time to follow and take the sodium away.",
        ),
        right=2,
        why="Threshold depends on the stimulus: fast changes leave only m the time to "
        "act.",
    ),
    Question(
        text="A leaky integrate-and-fire neuron has the rheobase 0.15 nA. Under a "
        "steady 0.15 nA it fires",
        options=("never", "once", "at 17 Hz"),
        right=0,
        why="V only approaches the threshold and does not reach it in finite time: the "
        "rheobase is exclusive.",
    ),
    Question(
        text="A bare axon and a myelinated fibre both become four times as thick. "
        "Their speeds become",
        options=(
            "four times and four times as high",
            "twice and four times as high",
            "four times and twice as high",
            "twice and twice as high",
        ),
        right=1,
        why="Without myelin speed grows as the root of the diameter, with myelin as "
        "the diameter itself.",
    ),
    Question(
        text="Where does a spike usually begin?",
        options=(
            "in the dendrites",
            "in the soma",
            "in the axon's initial segment, behind the hillock",
            "in the terminals",
        ),
        right=2,
        why="There the sodium channels are densest; from there it runs forward, and "
        "back into the soma.",
    ),
    Question(
        text="A depressing synapse gets spikes at 100 Hz for a second. What does its "
        "mean release per second tell the next cell?",
        options=(
            "nearly the same as at 50 Hz",
            "twice as much as at 50 Hz",
            "the number of spikes so far",
        ),
        right=0,
        why="It saturates at 1/tau_d, whatever the rate; what gets through is a change "
        "of the rate.",
    ),
    Question(
        text="Two cells that inhibit each other fire in turns. Adaptation is taken "
        "away. Now",
        options=(
            "both fire together",
            "both fall silent",
            "they take turns faster",
            "one of them fires on, and the other is silent",
        ),
        right=3,
        why="It was the fatigue of the active cell that let the other one in; without "
        "it the pair is a switch.",
    ),
)
