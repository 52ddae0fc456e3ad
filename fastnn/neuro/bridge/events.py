"""An integrate-and-fire neuron with one decaying current, exact from event to event.

    tau_m du/dt = drive - u + x,    dx/dt = -x / tau_x,    u = V - E_L,

all in mV. An input adds to x; u = theta is a spike, which sets u to `reset` for t_ref
and adds `after_spike` to x. Synapses are x > 0, adaptation and pumps x < 0.

Between events the solution is u = base + p exp(-t / tau_m) + q exp(-t / tau_x), which
has one extremum at most. So nothing is stepped, and no crossing is missed.
"""

import itertools
import math
from typing import NamedTuple

import numpy as np


class Cell(NamedTuple):
    """The constants of the neuron: ms, and mV above E_L."""

    tau_m: float
    tau_x: float
    theta: float
    reset: float
    t_ref: float
    after_spike: float = 0.0


class Event(NamedTuple):
    """At `time`, x grows by `jump`, and the drive is `drive` from there on."""

    time: float
    jump: float = 0.0
    drive: float | None = None


class Piece(NamedTuple):
    """u and x from start to stop: u = base + p exp(-t / tau_m) + q exp(-t / tau_x)."""

    start: float
    stop: float
    base: float
    p: float
    q: float
    x: float  # at start


class Course:
    """What the neuron does from time 0, at rest, as far as its events are given.

    t: the time it has come to. spikes: their times; pieces: u and x in between.
    """

    def __init__(self, cell):
        self.cell, self.spikes, self.pieces = cell, [], []
        self.t = self.u = self.x = self.drive = 0.0
        self.free = 0.0  # when the refractory period ends

    def go_on(self, event, T):
        """To the event, and through it; not beyond T."""
        stop = min(event.time, T)
        while self.t < stop:
            self._go_on(stop)
        self.x += event.jump
        self.drive = self.drive if event.drive is None else event.drive

    def _go_on(self, stop):
        """One piece: to a spike, to the end of the refractory period, or to `stop`."""
        cell, t, wait = self.cell, self.t, None
        if t < self.free:
            end = min(self.free, stop)
            piece = Piece(t, end, cell.reset, 0.0, 0.0, self.x)
        else:
            q = self.x * cell.tau_x / (cell.tau_x - cell.tau_m)
            piece = Piece(t, stop, self.drive, self.u - self.drive - q, q, self.x)
            wait = first_crossing(cell, piece)
            end = stop if wait is None else t + wait
            piece = piece._replace(stop=end)
        self.pieces.append(piece)
        self.u = potential(cell, piece, end - t)
        self.x *= math.exp((t - end) / cell.tau_x)
        if wait is not None:
            self.spikes.append(end)
            self.u, self.free = cell.reset, end + cell.t_ref
            self.x += cell.after_spike
        self.t = end


def solve(cell, events, T):
    """(spike times, pieces) from time 0, at rest, to T. events: sorted by time."""
    course = Course(cell)
    for event in [*events, Event(T)]:
        course.go_on(event, T)
    return np.array(course.spikes), course.pieces


def potential(cell, piece, lag):
    """u at `lag` ms after the piece's start."""
    fast = piece.p * math.exp(-lag / cell.tau_m)
    return piece.base + fast + piece.q * math.exp(-lag / cell.tau_x)


def extremum(cell, p, q):
    """Where p exp(-t / tau_m) + q exp(-t / tau_x) has its extremum: (...,), or nan."""
    # p / tau_m exp(-t / tau_m) = -q / tau_x exp(-t / tau_x)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.divide(-q * cell.tau_m, p * cell.tau_x)
        rate = 1.0 / cell.tau_x - 1.0 / cell.tau_m
        return np.log(np.where(ratio > 0, ratio, np.nan)) / rate


def first_crossing(cell, piece):
    """ms from the piece's start until u reaches theta from below; None if it does not.

    The piece is cut at its extremum; in each half u is monotone, and is bisected.
    """
    length = piece.stop - piece.start
    turn = float(extremum(cell, piece.p, piece.q))
    ends = [0.0, turn, length] if 0.0 < turn < length else [0.0, length]
    for low, high in itertools.pairwise(ends):
        if potential(cell, piece, high) < cell.theta:
            continue
        for _ in range(200):
            middle = 0.5 * (low + high)
            if middle in (low, high):
                break
            if potential(cell, piece, middle) < cell.theta:
                low = middle
            else:
                high = middle
        return high
    return None


def sample(cell, pieces, t):
    """u and x at the times t (n,), which are sorted: two arrays (n,)."""
    numbers = itertools.chain.from_iterable(pieces)
    start, _, base, p, q, x = np.fromiter(numbers, float).reshape(-1, 6).T
    at = np.searchsorted(start, t, side="right") - 1  # the piece that each t lies in
    lag = t - start[at]
    slow = np.exp(-lag / cell.tau_x)
    u = base[at] + p[at] * np.exp(-lag / cell.tau_m) + q[at] * slow
    return u, x[at] * slow
