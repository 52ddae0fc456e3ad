"""What many cells did: who fired when, and what that says about them together."""

import numpy as np

from ...ops import checks
from ..simulation import Simulation
from ..time_steps import check_times

MIN_INTERVALS = 5  # of fewer, a coefficient of variation says little, and too little


class Activity(Simulation):
    """A Simulation of many cells.

    spikes: (times, cells), two arrays with an entry a spike, in the order of time;
    spike_times: the same as a list of arrays, one a cell. V (n_steps, r) and the other
    traces are those of the cells `recorded`, an array of r indices.
    synaptic_events: how many times a spike reached a cell. start_ms and stop_ms of the
    methods leave out what was before and after; stop_ms=None is the end.
    """

    def __init__(self, run, n_cells, spikes, recorded, synaptic_events):
        super().__init__(spike_times=None, **run)
        self.n_cells = n_cells
        self.spikes, self.recorded = spikes, recorded
        self.synaptic_events = synaptic_events

    @property
    def spike_times(self):
        if self._spike_times is None:
            times, cells = self.spikes
            order = np.argsort(cells, kind="stable")
            ends = np.cumsum(np.bincount(cells, minlength=self.n_cells))
            self._spike_times = np.split(times[order], ends[:-1])
        return self._spike_times

    @spike_times.setter
    def spike_times(self, value):
        self._spike_times = value

    @property
    def n_units(self):
        return self.n_cells

    @property
    def duration_ms(self):
        return len(self.t) * self.dt_ms

    @property
    def counts(self):
        """Spikes of each cell: (n_cells,)."""
        return np.bincount(self.spikes[1], minlength=self.n_cells)

    @property
    def rate_hz(self):
        """Spikes per second of each cell over the whole run: (n_cells,)."""
        return self.rates()

    @property
    def events_per_s(self):
        """Synaptic events per second of simulated time."""
        return self.synaptic_events / (self.duration_ms / 1000.0)

    def _between(self, where, start_ms, stop_ms):
        """(times, cells, length in ms) of the spikes in a part of the run."""
        where = f"{type(self.model).__name__}, {where}"
        end = self.duration_ms
        start = checks.number(where, "start_ms", start_ms, low=0, below=end)
        stop = end
        if stop_ms is not None:
            stop = checks.number(where, "stop_ms", stop_ms, above=start, high=end)
        check_times(where, "the part from start_ms to stop_ms", start, stop, end)
        times, cells = self.spikes
        first, last = np.searchsorted(times, [start, stop], side="right")
        return times[first:last], cells[first:last], stop - start

    def rates(self, start_ms=0.0, stop_ms=None):
        """Spikes per second of each cell: (n_cells,)."""
        _, cells, length = self._between("rates", start_ms, stop_ms)
        return np.bincount(cells, minlength=self.n_cells) * 1000.0 / length

    def silent_fraction(self, start_ms=0.0, stop_ms=None):
        """The part of the cells that did not fire."""
        return float((self.rates(start_ms, stop_ms) == 0).mean())

    def intervals(self, start_ms=0.0, stop_ms=None):
        """Times between a cell's spikes in ms, and whose they are: two arrays."""
        times, cells, _ = self._between("intervals", start_ms, stop_ms)
        order = np.argsort(cells, kind="stable")
        times, cells = times[order], cells[order]
        same = cells[1:] == cells[:-1]
        return np.diff(times)[same], cells[1:][same]

    def cv_isi(self, start_ms=0.0, stop_ms=None, min_intervals=MIN_INTERVALS):
        """Coefficient of variation of each cell's intervals: (n_cells,).

        Standard deviation / mean: 0 for a clock, 1 for chance (a Poisson process),
        above 1 for bursts. NaN for cells with fewer than min_intervals.
        """
        fewest = checks.whole("cv_isi", "min_intervals", min_intervals, low=1)
        values, cells = self.intervals(start_ms, stop_ms)
        n = self.n_cells
        count = np.bincount(cells, minlength=n)
        enough = count >= fewest
        divisor = np.where(enough, count, 1)
        mean = np.bincount(cells, values, n) / divisor
        spread = np.bincount(cells, (values - mean[cells]) ** 2, n) / divisor
        cv = np.full(n, np.nan)
        cv[enough] = np.sqrt(spread[enough]) / mean[enough]
        return cv

    def binned(self, bin_ms=25.0, cells=None):
        """Spikes in bins of time: (n_bins, n_cells); a last part of a bin is left out.

        cells: indices of some; None: all.
        """
        width, n_bins = self._bins("binned", bin_ms)
        times, who = self.spikes
        # A spike at t is found at the end of a step: it belongs to the time before t.
        bins = np.ceil(times / width - 1e-9).astype(np.int64) - 1
        inside = bins < n_bins
        flat = bins[inside] * self.n_cells + who[inside]
        counts = np.bincount(flat, minlength=n_bins * self.n_cells)
        counts = counts.reshape(n_bins, self.n_cells)
        return counts if cells is None else counts[:, cells]

    def _bins(self, where, bin_ms):
        """(bin_ms, how many bins the run has), checked."""
        width = checks.number(where, "bin_ms", bin_ms, low=self.dt_ms)
        n_bins = int(self.duration_ms / width + 1e-9)
        if n_bins < 1:
            raise ValueError(
                f"{where}: bin_ms is {width:g}, longer than the run, "
                f"{self.duration_ms:g} ms"
            )
        return width, n_bins

    def correlation(self, bin_ms=25.0):
        """Pearson's correlation of the binned spikes of each pair: (n_cells, n_cells).

        NaN where a cell has the same count in all bins.
        """
        counts = self.binned(bin_ms).astype(float)
        apart = counts - counts.mean(axis=0)
        products = apart.T @ apart
        size = np.sqrt(np.diag(products))
        size[size == 0] = np.nan
        return products / np.outer(size, size)

    def population_rate(self, bin_ms=5.0):
        """(times of the middles of the bins in ms, mean rate of all cells in Hz)."""
        width, n_bins = self._bins("population_rate", bin_ms)
        edges = np.arange(n_bins + 1) * width
        count, _ = np.histogram(self.spikes[0] - self.dt_ms / 2, edges)
        return edges[:-1] + width / 2, count * 1000.0 / (width * self.n_cells)

    def __repr__(self):
        return (
            f"<Activity of {self.model!r}: {self.duration_ms:g} ms at "
            f"{self.dt_ms:g} ms, {self.n_cells} cells, {len(self.spikes[0])} spikes, "
            f"{self.rates().mean():.3g} Hz>"
        )
