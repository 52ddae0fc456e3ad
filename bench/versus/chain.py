"""What a node of a scalar graph holds in memory: a long chain, in a process of its own.

The growth of the process as Linux sees it, divided by the nodes: after forward, at most
during backward, and once the chain is dropped, without help of the garbage collector.
"""

import json
import subprocess
import sys
from pathlib import Path

import fastnn as fn

from . import pages

NAME = "graph-memory"
GOAL = 120  # bytes for a node, all told
LIBRARIES = {  # how a number of it comes to be, and the nodes of its chain
    "fastnn": ("from fastnn.graph import Value as number", 1_000_000),
    "micrograd": ("from micrograd.engine import Value as number", 100_000),
    "torch": (
        "import torch\n"
        "torch.set_num_threads(1)\n"
        "def number(x): return torch.tensor(x, requires_grad=True)",
        100_000,
    ),
}

PROGRAM = """
import gc, json, time

def now(field):
    with open("/proc/self/status") as file:
        (line,) = [x for x in file if x.startswith(field)]
    return int(line.split()[1]) * 1024

{number}

def chain(n):
    x = a = number(1.0)
    for _ in range(n):
        a = a + x
    return a

chain(100).backward()  # what a first call imports and sets up
gc.disable()
before, start = now("VmRSS"), time.perf_counter()
a = chain({n})
found = {{"forward": now("VmRSS") - before, "seconds": [time.perf_counter() - start]}}
with open("/proc/self/clear_refs", "w") as file:
    file.write("5")  # the peak begins anew
start = time.perf_counter()
try:
    a.backward()
    found["seconds"].append(time.perf_counter() - start)
    found["backward"] = now("VmHWM") - before
except RecursionError:
    found["backward"] = None
del a
found["dropped"] = now("VmRSS") - before
print(json.dumps(found))
"""


def measured(library):
    """Bytes for a node: {"forward": ..., "backward": None if it failed, "dropped"}.

    Also "seconds": of the whole forward and backward pass, and "nodes". None where the
    library is not installed.
    """
    number, n = LIBRARIES[library]
    root = str(Path(fn.__file__).parents[1])
    code = f"import sys; sys.path.insert(0, {root!r})\n"
    code += PROGRAM.format(number=number, n=n)
    child = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True,
                           text=True)  # fmt: skip
    if child.returncode and "ModuleNotFoundError" in child.stderr:
        return None
    child.check_returncode()
    found = json.loads(child.stdout)
    for key in ("forward", "backward", "dropped"):
        found[key] = None if found[key] is None else found[key] / n
    return found | {"nodes": n}


def records(quick=False):
    if not Path("/proc/self/clear_refs").exists():
        return []
    found = {name: measured(name) for name in list(LIBRARIES)[: 1 if quick else None]}
    return [{"name": name, **of} for name, of in found.items() if of is not None]


def blocks(records):
    head = ["bytes for a node", "nodes", "after forward", "at most during backward",
            "once dropped", "forward", "backward", "goal"]  # fmt: skip
    return {NAME: pages.table(head, [row(record) for record in records])}


def row(record):
    name = record["name"]
    failed = record["backward"] is None
    cells = [name, f"{record['nodes']:,}", f"{record['forward']:.0f}"]
    cells.append("RecursionError" if failed else f"{record['backward']:.0f}")
    cells.append(f"{record['dropped']:.0f}")
    cells += map(pages.microseconds, record["seconds"])
    cells += ["-"] * failed
    met = not failed and max(record["forward"], record["backward"]) <= GOAL
    goal = f"≤ {GOAL} {'✓' if met else '✗'}" if name == "fastnn" else "-"
    return [*cells, goal]
