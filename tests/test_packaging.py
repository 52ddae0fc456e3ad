"""What is installed, what importing it does, and what the built files hold."""

import importlib.metadata
import os
import shutil
import statistics
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import fastnn as fn

ROOT = Path(__file__).parents[1]
DIST = os.environ.get("FASTNN_DIST")  # a folder with an sdist and wheels, if built
HAS_KERNELS = fn.backend._kernels is not None


def python(code, **environment):
    """Run a line of Python in a fresh process that sees the fastnn tested here."""
    # Where fastnn was found by this process, so that the child finds the same one.
    home = str(Path(fn.__file__).parents[1])
    env = {**os.environ, "PYTHONSAFEPATH": "1", "PYTHONPATH": home, **environment}
    return subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True
    )


def output(code, **environment):
    result = python(code, **environment)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


@pytest.mark.skipif("FASTNN_INSTALLED" not in os.environ, reason="only in `make test`")
def test_the_installed_package_is_tested():
    assert ROOT not in Path(fn.__file__).relative_to(sys.prefix).parents
    assert "site-packages" in fn.__file__
    assert HAS_KERNELS or os.environ.get("FASTNN_PURE")


def test_version_equals_the_metadata():
    try:
        version = importlib.metadata.version("fastnn")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("fastnn is not installed but found on PYTHONPATH")
    assert version == fn.__version__


def test_an_uncompiled_source_folder_says_that_it_is_slow(tmp_path):
    """A clone shadows the installed fastnn for a `python` that is started in it."""
    here = Path(fn.__file__).parent
    skip = shutil.ignore_patterns("*.so", "*.pyd", "__pycache__", "tables")
    shutil.copytree(here, tmp_path / "fastnn", ignore=skip)
    code = "import fastnn as fn; print(fn.backend.path()); fn.show_config()"

    (tmp_path / "setup.py").touch()
    clone = python(code, PYTHONPATH=str(tmp_path), FASTNN_CPU="", FASTNN_PURE="")
    assert clone.stdout.startswith("reference")
    assert f"source folder {tmp_path}" in clone.stdout
    assert "RuntimeWarning" in clone.stderr and "python -P" in clone.stderr

    (tmp_path / "setup.py").unlink()  # installed, and without kernels on purpose
    pure = python(code, PYTHONPATH=str(tmp_path), FASTNN_CPU="", FASTNN_PURE="")
    assert "FASTNN_PURE=1" in pure.stdout and pure.stderr == ""


def test_every_public_name_exists():
    assert [name for name in fn.__all__ if not hasattr(fn, name)] == []
    assert "__version__" not in fn.__all__


def test_import_leaves_optional_packages_alone():
    loaded = output("import fastnn, sys; print(*sys.modules)").split()
    assert "numpy" in loaded
    optional = {
        "sklearn",
        "scipy",
        "matplotlib",
        "pandas",
        "polars",
        "narwhals",
        "rich",
    }
    assert optional & set(loaded) == set()


@pytest.mark.speed
def test_import_takes_less_than_a_tenth_of_a_second_beyond_numpy(tmp_path):
    # The first run writes the bytecode, as pip does when it installs.
    bytecode = {"PYTHONPYCACHEPREFIX": str(tmp_path), "PYTHONDONTWRITEBYTECODE": ""}
    code = (
        "import time, numpy; start = time.perf_counter(); import fastnn; "
        "print(time.perf_counter() - start)"
    )
    seconds = [float(output(code, **bytecode)) for _ in range(7)]
    assert statistics.median(seconds[1:]) < 0.1, seconds


def test_import_leaves_subnormals_alone():
    # A library built with -ffast-math makes the processor flush them to 0.
    code = "import fastnn, numpy as np; print((np.full(8, 1e-310) / 2).min() > 0)"
    assert output(code) == "True"
    assert output("import fastnn; print(5e-324 + 0.0 > 0.0)") == "True"


@pytest.mark.skipif(not HAS_KERNELS, reason="this fastnn has no kernels")
def test_cpu_variant_can_be_chosen():
    code = "import fastnn as fn; print(fn.ops.relu([1.0, -1.0]), fn.backend._variant)"
    assert output(code, FASTNN_CPU="baseline") == "[1. 0.] baseline"


def test_unknown_cpu_variant_is_explained():
    result = python("import fastnn", FASTNN_CPU="nonsense")
    assert result.returncode == 1
    last = result.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError")
    for word in ("FASTNN_CPU", "'nonsense'", "avx512", "avx2", "baseline"):
        assert word in last


def test_only_the_kernels_depend_on_a_compiler():
    """Without compiled modules fastnn still works, on the twins."""
    code = (
        "import sys; sys.modules['fastnn._kernels._cpu'] = None; import fastnn as fn; "
        "print(fn.ops.relu([1.0, -1.0]), fn.backend.path())"
    )
    assert output(code, FASTNN_CPU="") == "[1. 0.] reference"


# The built files: those of FASTNN_DIST, else built here, which takes a while.
built_files = pytest.mark.usefixtures("dist") if DIST else pytest.mark.slow


def build(kind, folder, **environment):
    code = f"from setuptools import build_meta as b; print(b.build_{kind}({folder!r}))"
    subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
    )


@pytest.fixture(scope="session")
def dist(tmp_path_factory):
    if DIST:
        return ROOT / DIST
    pytest.importorskip("Cython", reason="what the build requires is not installed")
    folder = tmp_path_factory.mktemp("dist")
    build("sdist", str(folder))
    build("wheel", str(folder))
    return folder


@pytest.fixture(scope="session")
def in_sdist(dist):
    (sdist,) = dist.glob("*.tar.gz")
    with tarfile.open(sdist) as tar:
        return {name.partition("/")[2] for name in tar.getnames()}


@pytest.fixture(scope="session")
def wheel(dist):
    (wheel,) = dist.glob("*.whl")
    return wheel


@built_files
def test_sdist_holds_what_is_needed_to_build_test_and_read(in_sdist):
    for name in (
        *("LICENSE", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "Makefile"),
        *("setup.py", "pyproject.toml", "tests/contract.py", "tests/smoke.py"),
        *("fastnn/py.typed", "fastnn/_kernels/simd.h", "fastnn/_kernels/_all.pxi"),
        *("fastnn/_kernels/activations.pyx", "fastnn/_kernels/variants/avx2.pyx"),
    ):
        assert name in in_sdist
    rooms = {name.partition("/")[0] for name in in_sdist}
    assert {room for room in ("bench", "docs") if (ROOT / room).is_dir()} <= rooms


@built_files
def test_sdist_holds_nothing_that_was_generated(in_sdist):
    endings = (".c", ".so", ".pyd", ".pyc")
    assert [name for name in in_sdist if name.endswith(endings)] == []
    assert [name for name in in_sdist if "__pycache__" in name] == []


@built_files
def test_wheel_holds_kernels_tables_and_types(wheel):
    with zipfile.ZipFile(wheel) as file:
        names = file.namelist()
    assert {"fastnn/__init__.py", "fastnn/py.typed"} <= set(names)
    assert "fastnn/_kernels/activations.pyx" in names  # to be read beside its twin
    assert any("licenses/LICENSE" in name for name in names)
    pages = [n for n in names if n.endswith(".html")]
    assert pages == ["fastnn/book/contents.html"]  # none of Cython's beside kernels
    assert [n for n in names if n.endswith((".c", ".pyc"))] == []
    assert [n for n in names if not n.startswith(("fastnn/", "fastnn-"))] == []
    tables = [path for path in ROOT.glob("fastnn/datasets/tables/*") if path.is_file()]
    assert {f"fastnn/datasets/tables/{path.name}" for path in tables} <= set(names)
    styles = [path for ext in ("css", "js") for path in ROOT.glob(f"fastnn/**/*.{ext}")]
    assert {path.relative_to(ROOT).as_posix() for path in styles} <= set(names)
    if "none-any" not in wheel.name:
        kernels = [n for n in names if n.startswith("fastnn/_kernels/variants/")]
        assert any("baseline" in name for name in kernels)
        assert [name for name in kernels if name.endswith(".pyx")] == []


@built_files
def test_wheel_is_small(wheel):
    assert wheel.stat().st_size < 5_000_000


@built_files
def test_wheel_metadata(wheel):
    with zipfile.ZipFile(wheel) as file:
        (name,) = [n for n in file.namelist() if n.endswith("METADATA")]
        metadata = file.read(name).decode()
    assert f"Version: {fn.__version__}\n" in metadata
    assert "Requires-Python: >=3.11" in metadata
    assert "License-Expression: BSD-3-Clause" in metadata
    needed = [line for line in metadata.splitlines() if "Requires-Dist" in line]
    assert [line for line in needed if "extra ==" not in line] == [
        "Requires-Dist: numpy>=2"
    ]
