"""fastnn beside NumPy, torch, jax, scikit-learn ...: measure, print, write the pages.

    python bench/compare.py                      everything: about twelve minutes
    python bench/compare.py matmul training      these topics
    python bench/compare.py --quick training     less work, noisier figures
    python bench/compare.py --write              into docs/ and README.md as well

Contestants that are not installed are shown as "-". Every topic is measured in a
process of its own, on one core (`threads` and `graph_threads`: on two).
"""

import argparse
import datetime
import importlib
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from versus import neuro_by_brian, pages, quiet  # noqa: E402

TOPICS = ("matmul", "elementwise", "losses", "optimizers", "training", "predict",
          "threads", "process", "growth", "memory", "graph",
          "graph_threads", "neuro")  # fmt: skip
PEERS = ("numpy", "torch", "jax", "sklearn")  # of every page
OF_GRAPHS = ("micrograd", "mygrad")
PICTURES = pages.ROOT / "docs" / "images"
PAGES = (pages.ROOT / "docs" / "benchmarks.md", pages.ROOT / "README.md")


def main(words=None):
    arguments = parse(words)
    if arguments.measure:
        measure_here(*arguments.topics, Path(arguments.measure), arguments.quick)
        return 0
    about = machine()
    print("\n".join(f"{name}: {value}" for name, value in about.items()), flush=True)
    contents, found = {"machine": machine_table(about)}, {}
    for name in arguments.topics or TOPICS:
        topic = importlib.import_module(f"versus.{name}")
        print(f"\n## {topic.TITLE}\n", flush=True)
        records = measured(name, getattr(topic, "THREADS", 1), arguments.quick)
        found[name] = records
        tables = topic.blocks(records)
        print(*tables.values(), sep="\n\n", flush=True)
        contents |= tables
        contents[f"{name}-date"] = measured_on()
        if arguments.write and hasattr(topic, "picture"):
            try:
                topic.picture(records, PICTURES)
            except ImportError as error:
                print(f"no picture: {error}", file=sys.stderr)
    if arguments.write:
        contents |= readme(found, about)
        for page in PAGES:
            pages.fill(page, contents)
            print(f"\nwrote {page.relative_to(pages.ROOT)}")
    return 0


def readme(found, about):
    """The README's block: where its rows and everybody in them were measured."""
    if not {"training", "predict"} <= set(found) or "-" in map(about.get, PEERS):
        print("\nREADME.md stays: it shows training and predict, beside all the others")
        return {}
    peers = {**about, "scikit-learn": about["sklearn"], "NumPy": about["numpy"]}
    names = [
        f"{name} {peers[name]}" for name in ("NumPy", "torch", "jax", "scikit-learn")
    ]
    line = (
        f"One thread of an {about['CPU']}, {about['kernels']} kernels, float32, "
        f"{today()}; {', '.join(names)}. Medians, quartiles in brackets."
    )
    return {"readme": line + "\n\n" + pages.brief(found["training"] + found["predict"])}


def parse(words):
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n")[0], epilog=f"topics: {', '.join(TOPICS)}"
    )
    add = parser.add_argument
    add("topics", nargs="*", metavar="topic", help="what to measure; by default all")
    add("--quick", action="store_true", help="less work, noisier figures")
    add("--write", action="store_true", help="fill docs/benchmarks.md and README.md")
    add("--measure", metavar="FILE", help=argparse.SUPPRESS)
    arguments = parser.parse_args(words)
    if unknown := [name for name in arguments.topics if name not in TOPICS]:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(TOPICS)}")
    return arguments


def measured(topic, threads, quick):
    """The records of a topic, from a process with so many threads."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "records.json")
        command = [sys.executable, __file__, topic, "--measure", str(file)]
        command += ["--quick"] if quick else []
        child = subprocess.run(command, env=quiet.environment(threads))
        if child.returncode:
            raise SystemExit(f"{topic}: measuring ended with {child.returncode}")
        return json.loads(file.read_text())


def measure_here(name, file, quick):
    topic = importlib.import_module(f"versus.{name}")
    quiet.keep_to(getattr(topic, "THREADS", 1))
    file.write_text(json.dumps(topic.run(quick)))


# --- The machine ---------------------------------------------------------------------


def machine():
    """What the figures depend on: {"CPU": "...", ...}."""
    import fastnn

    about = {
        "date": today(),
        "CPU": f"{cpu()}, {os.cpu_count()} cores",
        "system": f"{platform.system()} {platform.machine()}",
        "compiler": compiler(),
        "kernels": fastnn.backend.config()["CPU variant"],
        "Python": platform.python_version(),
        "fastnn": fastnn.__version__,
    }
    for name in PEERS + OF_GRAPHS:
        about[name] = version(name)
    about["NEURON"], about["Brian2"] = version("neuron"), neuro_by_brian.version()
    about["NumPy's BLAS"] = blas()
    return about


def today():
    return datetime.date.today().isoformat()


def measured_on():
    return f"Measured on {today()}."


def cpu():
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        name = next(x for x in lines if x.startswith("model name"))
        name = name.split(":")[1].strip()
    except (OSError, StopIteration):
        name = platform.processor() or platform.machine()
    return name


def compiler():
    try:
        out = subprocess.run(["cc", "--version"], capture_output=True, text=True)
    except OSError:
        return "-"
    return out.stdout.split("\n")[0] or "-"


def version(name):
    from importlib import metadata

    try:
        return metadata.version("scikit-learn" if name == "sklearn" else name)
    except metadata.PackageNotFoundError:
        return "-"


def blas():
    import numpy as np

    of = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return f"{of.get('name', '-')} {of.get('version', '')}".strip()


def machine_table(about):
    names = {"numpy": "NumPy", "sklearn": "scikit-learn", "mygrad": "MyGrad"}
    rows = [[names.get(name, name), value] for name, value in about.items()]
    return pages.table(["", ""], rows).replace("---:", "---")


if __name__ == "__main__":
    sys.exit(main())
