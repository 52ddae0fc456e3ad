"""What a training holds in memory: counted, and as the system sees it."""

import itertools
import subprocess
import sys
from pathlib import Path

import fastnn as fn

from . import pages

NAME, TITLE = "memory", "Memory of training"
ROWS = 20_000
CASES = [  # widths, batch, optimizer, its arrays beside each parameter
    ((784, 128, 10), 64, "fn.SGD()", 0),
    ((784, 128, 10), 64, "fn.Adam()", 2),
    ((784, *[256] * 5, 10), 128, "fn.Adam()", 2),
    ((784, *[1024] * 5, 10), 256, "fn.Adam()", 2),
]

PROGRAM = """
import sys, tracemalloc
import numpy as np
import fastnn as fn

def now(field):
    with open("/proc/self/status") as file:
        (line,) = [x for x in file if x.startswith(field)]
    return int(line.split()[1]) * 1024

fn.set_num_threads(1)
n, widths, batch, counted = {n}, {widths}, {batch}, sys.argv[1] == "counted"
X = np.random.default_rng(0).random((n, widths[0]), dtype=np.float32)
y = np.arange(n) % widths[-1]
warm = fn.mlp(8, [8], 2)
warm.fit(X[:64, :8], y[:64] % 2, epochs=1)  # imports what a first fit imports
net = fn.mlp(widths[0], widths[1:-1], widths[-1])
net.flat_gradients[:] = 0  # memory that is promised becomes memory that is there
if counted:
    tracemalloc.start()
    net.fit(X, y, epochs=1, batch_size=batch, optimizer={optimizer}, shuffle={shuffle})
    print(tracemalloc.get_traced_memory()[1])
else:
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")  # the peak begins anew
    before = now("VmRSS")
    net.fit(X, y, epochs=1, batch_size=batch, optimizer={optimizer}, shuffle={shuffle})
    print(now("VmHWM") - before)
"""


def measured(how, widths, batch, optimizer, n=ROWS, shuffle=True):
    """Bytes that `fit` needed at its peak, in a process of its own.

    "counted": all that Python and NumPy allocated; "resident": the growth of the
    process as Linux sees it, the kernels' own scratch included."""
    values = {"widths": list(widths), "batch": batch, "optimizer": optimizer, "n": n,
              "shuffle": shuffle}  # fmt: skip
    code = PROGRAM.format(**values)
    root = str(Path(fn.__file__).parents[1])
    code = f"import sys; sys.path.insert(0, {root!r})\n" + code
    child = subprocess.run([sys.executable, "-P", "-c", code, how], check=True,
                           capture_output=True, text=True)  # fmt: skip
    return int(child.stdout)


def parameters(widths):
    return sum(a * b + b for a, b in itertools.pairwise(widths))


def expected(widths, batch, slots, n=ROWS):
    """What `fit` allocates, in bytes: optimizer slots beside every parameter; for one
    batch the inputs, every layer's output, two gradients of the widest and the targets;
    the order of the rows. The parameters and their gradients are there before."""
    of_batch = widths[0] + sum(widths[1:]) + 2 * max(widths) + widths[-1] + 1
    return 4 * slots * parameters(widths) + 4 * batch * of_batch + 8 * n


def run(quick=False):
    records = []
    for widths, batch, optimizer, slots in CASES[:2] if quick else CASES:
        records.append({
            "name": f"{shape(widths)}, batch {batch}, {optimizer[3:-2]}",
            "parameters": 4 * parameters(widths),
            "X": 4 * ROWS * widths[0],
            "expected": expected(widths, batch, slots),
            "counted": measured("counted", widths, batch, optimizer),
            "resident": resident(widths, batch, optimizer),
        })  # fmt: skip
    return records


def resident(widths, batch, optimizer):
    if not Path("/proc/self/clear_refs").exists():
        return None
    return measured("resident", widths, batch, optimizer)


def shape(widths):
    hidden = widths[1:-1]
    same = len(hidden) > 1 and len(set(hidden)) == 1
    middle = [f"{len(hidden)}×{hidden[0]}"] if same else hidden
    return "-".join(map(str, (widths[0], *middle, widths[-1])))


def blocks(records):
    head = ["MB", "parameters", "X", "`fit` should need", "it allocates",
            "the process grows by"]  # fmt: skip
    rows = [
        [r["name"], *("-" if r[key] is None else f"{r[key] / 1e6:.2f}" for key in
                      ("parameters", "X", "expected", "counted", "resident"))]
        for r in records
    ]  # fmt: skip
    return {NAME: pages.table(head, rows)}
