"""A whole process: start Python, import, build 64-32-10, 5 epochs of digits, exit.

NumPy's program is the same training by hand, with nothing imported but NumPy. Both read
the same .npy files, and both print how many digits they know at the end.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import fastnn as fn

from . import pages
from .task import OURS, Task, Way, measure

NAME, TITLE = "process", "A whole process"
GOAL = 0.9

OUR_PROGRAM = """
import numpy as np
import fastnn as fn
X, y = np.load("X.npy"), np.load("y.npy")
net = fn.mlp(64, [32], 10, seed=0)
net.fit(X, y, epochs=5, batch_size=32, optimizer=fn.Adam(1e-3))
print(np.mean(net.predict(X) == y))
"""

NUMPY_PROGRAM = """
import math
import numpy as np
X, y = np.load("X.npy"), np.load("y.npy")
rng = np.random.default_rng(0)
shapes = [(64, 32), (32, 10), (32,), (10,)]
ends = np.cumsum([math.prod(shape) for shape in shapes])
p, g, m, v, s, t = np.zeros((6, ends[-1]), np.float32)
def views(block):
    return [b.reshape(shape) for b, shape in zip(np.split(block, ends[:-1]), shapes)]
w1, w2, b1, b2 = views(p)
gw1, gw2, gb1, gb2 = views(g)
w1[:] = rng.uniform(-1, 1, w1.shape) * math.sqrt(6 / 64)
w2[:] = rng.uniform(-1, 1, w2.shape) * math.sqrt(6 / 42)
step, batch = 0, 32
for epoch in range(5):
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch):
        rows = order[start : start + batch]
        x, target = X[rows], y[rows]
        n = np.arange(len(rows))
        a = np.dot(x, w1)
        a += b1
        np.maximum(a, 0, out=a)
        z = np.dot(a, w2)
        z += b2
        z -= z.max(axis=1, keepdims=True)
        np.exp(z, out=z)
        z /= z.sum(axis=1, keepdims=True)
        z[n, target] -= 1
        z /= len(rows)
        np.dot(a.T, z, out=gw2)
        z.sum(axis=0, out=gb2)
        d = np.dot(z, w2.T)
        d *= a > 0
        np.dot(x.T, d, out=gw1)
        d.sum(axis=0, out=gb1)
        step += 1
        m *= 0.9
        np.multiply(g, 0.1, out=s)
        m += s
        v *= 0.999
        np.multiply(g, g, out=s)
        s *= 0.001
        v += s
        np.sqrt(v, out=s)
        s *= 1 / math.sqrt(1 - 0.999**step)
        s += 1e-8
        np.divide(m, s, out=t)
        t *= 0.001 / (1 - 0.9**step)
        p -= t
a = np.maximum(np.dot(X, w1) + b1, 0)
print(np.mean((np.dot(a, w2) + b2).argmax(axis=1) == y))
"""


def tasks():
    folder = tempfile.TemporaryDirectory()
    digits = fn.datasets.load_digits()
    np.save(Path(folder.name, "X.npy"), (digits.X / 16).astype(np.float32))
    np.save(Path(folder.name, "y.npy"), digits.y)
    path = os.pathsep.join([str(Path(fn.__file__).parents[1]),
                            os.environ.get("PYTHONPATH", "")])  # fmt: skip

    def program(code):
        printed = None

        def run():
            nonlocal printed
            printed = subprocess.run(
                [sys.executable, "-P", "-c", code], check=True, capture_output=True,
                cwd=folder.name, env={**os.environ, "PYTHONPATH": path},
            ).stdout  # fmt: skip

        return Way(run, lambda: float(printed))

    def agree(result):
        assert result > 0.8, f" It knows {result:.0%} of the digits."

    ways = {OURS: lambda: program(OUR_PROGRAM), "NumPy": lambda: program(NUMPY_PROGRAM)}
    task = Task("digits, 5 epochs", ways, agree, GOAL)
    task.folder = folder  # lives as long as the task
    yield task


def run(quick=False):
    (task,) = tasks()
    return [measure(task, 1.0 if quick else 6.0, (5, 31))]


def blocks(records):
    return {NAME: pages.side_by_side(records, "one process", ("NumPy",))}
