"""Brian2's Ways: CUBA and COBA as programs in C++ that it writes and compiles once.

The programs stay in build/brian2. Brian2 may want another NumPy than ours, so it is
also looked for in an environment of its own, .venv/brian2 (make peers). As a program
of that environment, this file writes one network: KIND FOLDER.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

if __name__ != "__main__":
    from . import pages
    from .task import Way

EQUATIONS = {
    "CUBA": """
        dv/dt = (ge + gi - (v + 49*mV)) / (20*ms) : volt (unless refractory)
        dge/dt = -ge / (5*ms) : volt
        dgi/dt = -gi / (10*ms) : volt
    """,
    "COBA": """
        dv/dt = (ge*(0*mV - v) + gi*(-80*mV - v) - (v + 60*mV)) / (20*ms)
            : volt (unless refractory)
        dge/dt = -ge / (5*ms) : 1
        dgi/dt = -gi / (10*ms) : 1
    """,
}
METHOD = {"CUBA": "exact", "COBA": "exponential_euler"}
START = {
    "CUBA": {"v": "-60*mV + rand()*10*mV"},
    "COBA": {
        "v": "-65*mV + randn()*5*mV",
        "ge": "clip(4 + 1.5*randn(), 0, inf)",
        "gi": "clip(20 + 12*randn(), 0, inf)",
    },
}
WEIGHTS = {"CUBA": ("ge += 1.62*mV", "gi -= 9*mV"), "COBA": ("ge += 0.6", "gi += 6.7")}
FIND = "import importlib.util as u, sys; sys.exit(u.find_spec('brian2') is None)"
# The program says when the network stands, waits for a line, and says when it is done.
BEFORE = 'std::cout << "built" << std::endl; std::cin.get();'
AFTER = 'std::cout << "done" << std::endl;'


def write(kind, folder):
    """The program of a network of 4000 cells, 1 s at 0.1 ms, spikes recorded."""
    import brian2 as b

    if hasattr(os, "sched_setaffinity"):  # compiling is not timed: on all cores
        os.sched_setaffinity(0, range(os.cpu_count()))
    b.set_device("cpp_standalone", build_on_run=False)
    b.device.insert_code("before_network_run", BEFORE)
    b.device.insert_code("after_network_run", AFTER)
    b.defaultclock.dt = 0.1 * b.ms
    b.seed(0)  # each run is the same: with some seeds COBA soon falls silent
    cells = b.NeuronGroup(
        4000, EQUATIONS[kind], threshold="v > -50*mV", reset="v = -60*mV",
        refractory=5 * b.ms, method=METHOD[kind],
    )  # fmt: skip
    for name, value in START[kind].items():
        setattr(cells, name, value)
    excite, inhibit = (b.Synapses(cells, cells, on_pre=w) for w in WEIGHTS[kind])
    excite.connect("i < 3200 and i != j", p=0.02)
    inhibit.connect("i >= 3200 and i != j", p=0.02)
    monitor = b.SpikeMonitor(cells)
    network = b.Network(cells, excite, inhibit, monitor)
    network.run(1 * b.second)
    b.device.build(directory=folder, compile=True, run=False)


def python():
    """A Python that has Brian2, or ImportError."""
    own = Path(sys.prefix, "brian2", "bin", "python")
    for path in (str(own), sys.executable):
        try:
            if not subprocess.run([path, "-P", "-c", FIND]).returncode:
                return path
        except OSError:
            continue
    raise ImportError("Brian2 is not installed; get it with: make peers")


def version():
    ask = "from importlib.metadata import version; print(version('brian2'))"
    try:
        call = [python(), "-P", "-c", ask]
    except ImportError:
        return "-"
    return subprocess.run(call, capture_output=True, text=True).stdout.strip() or "-"


def program(kind):
    """The folder of the compiled program; written where it is not there yet."""
    text = Path(__file__).read_bytes()
    name = f"{kind}-{hashlib.sha256(text).hexdigest()[:12]}"
    folder = pages.ROOT / "build" / "brian2" / name
    if not (folder / "compiled").exists():
        call = [python(), "-P", __file__, kind, str(folder)]
        made = subprocess.run(call, capture_output=True, text=True)
        if made.returncode:
            raise RuntimeError(f"Brian2 could not write {kind}:\n{made.stderr[-2000:]}")
        (folder / "compiled").touch()
    return folder


class Program:
    """A program of Brian2, started and ended by hand."""

    def __init__(self, kind):
        self.folder, self.child = program(kind), None

    def start(self):
        """Start it; comes back when the network is built."""
        self.end()
        self.child = subprocess.Popen(
            ["./main"], cwd=self.folder, text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self.wait_for("built")

    def wait_for(self, word):
        for line in self.child.stdout:
            if line.strip() == word:
                return
        raise RuntimeError(f"Brian2's program ended before it said {word!r}")

    def simulate(self):
        self.child.stdin.write("\n")
        self.child.stdin.flush()
        self.wait_for("done")

    def end(self):
        """A program that waits for its line simulates, writes its results and ends.

        It does so, too, where this process ends and the line can never come.
        """
        if self.child is not None:
            self.child.communicate("\n")
            self.child = None

    def spikes(self):
        """(times in ms, cells)"""
        self.end()
        results = self.folder / "results"

        def array(name, dtype):
            (file,) = results.glob(f"_dynamic_array_spikemonitor_{name}_*")
            return np.fromfile(file, dtype)

        return array("t", np.float64) * 1e3, array("i", np.int32)


def running(kind):
    """A second of the network, which is built before."""
    it = Program(kind)
    way = Way(it.simulate, it.spikes, it.start)
    way.keep = it
    return way


def building(kind):
    """From the start of the program to a network that stands."""
    it = Program(kind)
    return Way(it.start, lambda: None, it.end)


if __name__ == "__main__":
    write(*sys.argv[1:])
