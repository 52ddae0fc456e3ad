"""The staircase: build bench/matmul_steps.pyx, check every step, time them in turns.

    python bench/staircase.py            prints the table (make staircase)
    python bench/staircase.py --write    puts it and the picture into docs/ as well

Speed never appears without its error: a line holds size, GFLOP/s, the share of the
measured peak of fused multiply-adds, and the difference from plain Python.
"""

import argparse
import functools
import importlib.util
import os
import shutil
import sys
from functools import partial
from pathlib import Path

HERE = Path(__file__).resolve().parent
if str(HERE) not in sys.path:  # `python -P` leaves it out
    sys.path.insert(0, str(HERE))
SOURCE = HERE / "matmul_steps.pyx"
BUILT = HERE.parent / "build" / "staircase"
FLAGS = ["-O3", "-march=native", "-ffp-contract=off", "-fno-trapping-math",
         "-fno-math-errno", "-g0"]  # fmt: skip
DIRECTIVES = {"language_level": 3, "boundscheck": False, "wraparound": False,
              "initializedcheck": False, "cdivision": True}  # fmt: skip

STEPS = {  # name: the idea in a few words
    "naive": "the definition, i j p",
    "loop_order": "i p j: along the rows",
    "four_rows": "out comes and goes once for four rows of b",
    "blocked": "a block of b stays in cache",
    "register_tile": "a tile of out stays in registers",
    "vectors": "vectors, fused multiply-add",
    "packed": "copies in the order of use",
    "threads": "two threads, rows split",
}
FUSED = ("vectors", "packed", "threads")  # may round once where the twin rounds twice
SIZES = (96, 240, 720, 1024, 2048)
SHOWN = 720  # the size in the picture
LARGEST_FOR_NAIVE = 1024  # a minute, at the next size
CHECKED = 61  # a prime: every step meets its edges
PICTURE = "staircase.png"


# --- Building ------------------------------------------------------------------------


@functools.cache
def steps():
    """The compiled module; built into build/staircase/ when the source has changed.

    ImportError: there is no Cython or no C compiler that can build it.
    """
    found = built()
    if not found or found[0].stat().st_mtime < SOURCE.stat().st_mtime:
        build()
        found = built()
    spec = importlib.util.spec_from_file_location("matmul_steps", found[0])
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def built():
    return sorted(BUILT.glob(f"matmul_steps.{sys.implementation.cache_tag}*.so"))


def build():
    from setuptools import Distribution, Extension  # before Cython, which asks for it

    try:
        from Cython.Build import cythonize
    except ImportError:
        raise ImportError("the staircase needs Cython: pip install cython") from None
    BUILT.mkdir(parents=True, exist_ok=True)
    copy = shutil.copy(SOURCE, BUILT)  # the C file comes to lie beside it
    extension = Extension("matmul_steps", [copy], extra_compile_args=FLAGS)
    in_c = cythonize([extension], quiet=True, compiler_directives=DIRECTIVES)
    command = Distribution({"ext_modules": in_c}).get_command_obj("build_ext")
    command.build_lib, command.build_temp = str(BUILT), str(BUILT)
    command.ensure_finalized()
    try:
        command.run()
    except Exception as error:
        raise ImportError(f"the staircase cannot be compiled: {error}") from None


# --- Checking ------------------------------------------------------------------------


def call(name):
    """A step as a function of a, b and out; in plain Python's place the twin."""
    return getattr(steps(), name)


def operands(m, n, k):
    import numpy as np

    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((m, k)), rng.standard_normal((k, n))
    return a, b, np.full((m, n), np.nan)


def by_twin(a, b, out):
    from fastnn import backend

    backend.twin("matmul")(a, b, out, False, False, None, 0)
    return out


def difference(name, m=CHECKED, n=CHECKED, k=CHECKED):
    """The largest difference of a step from the twin, in units of the bound for sums.

    Raises AssertionError where it is too large: for the steps without fused
    multiply-add it must be 0, the same additions in the same order; for the others at
    most 1, k eps |a||b| (Higham, 2002, 3.1, for each of the two sums).
    """
    import numpy as np

    a, b, out = operands(m, n, k)
    call(name)(a, b, out)
    error = np.abs(out - by_twin(a, b, np.empty_like(out)))
    bound = k * np.finfo(float).eps * (np.abs(a) @ np.abs(b))
    limit = 1 if name in FUSED else 0
    assert np.all(error <= limit * bound), f"{name}: wrong at {m} x {n} x {k}"
    return float(error.max())


# --- Timing --------------------------------------------------------------------------


def tasks(sizes=SIZES):
    import numpy as np
    from versus.task import Task, Way

    for n in sizes:
        a, b, out = operands(n, n, n)
        expected = a @ b
        bound = n * np.finfo(float).eps * (np.abs(a) @ np.abs(b))

        def agree(result, expected=expected, bound=bound):
            assert np.all(np.abs(result - expected) <= bound)

        def way(function, a=a, b=b, out=out):
            return Way(partial(function, a, b, out), lambda: out)

        def peak(n=n):
            run = partial(steps().fma_peak, 200_000, False)
            return Way(run, lambda: None, None, run() / n**3)

        ways = {name: partial(way, call(name)) for name in STEPS
                if name != "naive" or n <= LARGEST_FOR_NAIVE}  # fmt: skip
        ways |= {"NumPy": partial(way, np.matmul), "peak": peak}
        yield Task(str(n), ways, agree, labels={"size": n}, yardsticks=("peak",))


def run(quick=False):
    from versus.task import measure

    differences = {name: difference(name) for name in STEPS}
    sizes = SIZES[:3] if quick else SIZES
    records = [measure(task, 0.5, (2, 21)) for task in tasks(sizes)]
    for record in records:
        record["labels"]["differences"] = differences
    return records


def table(records):
    from versus import pages
    from versus.task import median

    names = [r["name"] for r in records]
    head = ["step", "idea", *(f"n = {name}" for name in names), "of the peak",
            "from plain Python"]  # fmt: skip
    rows = []
    for name, idea in {**STEPS, "NumPy": "OpenBLAS, one thread", "peak": ""}.items():
        speeds = [f"{gflops(r, name):.3g}" if r["times"].get(name) else "-"
                  for r in records]  # fmt: skip
        last = shown(records)
        share = f"{median(last, 'peak') / median(last, name):.0%}"
        error = records[0]["labels"]["differences"].get(name)
        rows.append([f"`{name}`" if name in STEPS else name, idea, *speeds, share,
                     "-" if error is None else f"{error:.1g}"])  # fmt: skip
    return pages.table(head, rows).replace("---:", "---", 1)  # the ideas are words


def gflops(record, name):
    from versus.task import median

    return 2 * record["labels"]["size"] ** 3 / median(record, name) / 1e9


def shown(records):
    return next((r for r in records if r["labels"]["size"] == SHOWN), records[-1])


def picture(records, folder):
    from fastnn.plot import style

    record = shown(records)
    names = [*STEPS, "NumPy"]
    speeds = [gflops(record, name) for name in names]
    peak = gflops(record, "peak")
    with style.context() as plt:
        figure, ax = plt.subplots(figsize=(8, 4))
        colours = [style.BLUE] * len(STEPS) + [style.ORANGE]
        bars = ax.bar(range(len(names)), speeds, color=colours, width=0.72)
        ax.bar_label(bars, [f"{speed:.2g}" for speed in speeds], padding=2)
        top = max(peak, *speeds) * 1.12
        ax.axhline(peak, color=style.INK, lw=1, ls="--")
        words = "one core's peak of fused multiply-adds"
        ax.annotate(words, (-0.4, peak), (0, 5), textcoords="offset points",
                    va="bottom")  # fmt: skip
        ax.set_xticks(range(len(names)), [n.replace("_", "\n") for n in names])
        ax.set_ylabel("GFLOP/s, float64")
        ax.set_title(f"one idea a step: a product of {record['name']} × "
                     f"{record['name']} matrices")  # fmt: skip
        ax.set_ylim(0, top)
        ax.grid(False, axis="x")
        figure.savefig(folder / PICTURE, metadata={"Software": None})
        plt.close(figure)


def main(words=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--write", action="store_true", help="fill docs/staircase.md")
    parser.add_argument("--quick", action="store_true", help="fewer sizes")
    arguments = parser.parse_args(words)
    from versus import pages, quiet

    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":  # read when NumPy is loaded
        os.execve(sys.executable, [sys.executable, *sys.argv], quiet.environment(1))
    records = run(arguments.quick)
    text = table(records)
    print(text)
    if arguments.write:
        from compare import cpu, today

        text += f"\n\nGFLOP/s on one core of: {cpu()}; {today()}."
        pages.fill(pages.ROOT / "docs" / "staircase.md", {"staircase": text})
        try:
            picture(records, pages.ROOT / "docs" / "images")
        except ImportError as error:
            print(f"no picture: {error}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
