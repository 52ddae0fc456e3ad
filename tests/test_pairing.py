"""No twin, no kernel: both sides have the same names, parameters and docstrings."""

import ast
import importlib
import inspect
import re
from pathlib import Path

import pytest

from fastnn import backend, ops, reference

REPOSITORY = Path(__file__).resolve().parents[1]
SOURCES = REPOSITORY / "fastnn"
needs_sources = pytest.mark.skipif(
    not (SOURCES / "_kernels").is_dir(), reason="the sources are not beside the tests"
)

# Public names of a variant module that compute nothing, and so have no twin. Nor have
# the quick doors, quick_matmul for ops.matmul: what they call are kernels.
NOT_KERNELS = {"set_threads", "SlowDoors", "Door"}
QUICK = "quick_"

# Programs and whole epochs are run by the networks; all else has a door in ops.
ROOM_THAT_CALLS = {"program": "network", "training": "network"}
ROOM_THAT_CALLS |= {"value": "graph", "tensor": "graph", "neuro": "neuro"}
VARIANTS = {f"variants/{name}" for name in backend.VARIANTS}

# What a twin may import: what computes is `math` alone. A class meets its user without
# a door in between, so it tells numbers from other things and warns by itself.
# The package's __init__ looks up its own files by name.
TWIN_IMPORTS = {"math"}
IMPORTS = dict.fromkeys(reference.FILES, TWIN_IMPORTS)
CLASS_IMPORTS = TWIN_IMPORTS | {"numbers", "warnings"}
IMPORTS |= dict.fromkeys(reference.CLASS_FILES, CLASS_IMPORTS)
IMPORTS["__init__"] = {"importlib"}


def topics():
    """{"matmul": ["matmul", ...], ...}: the kernels that each file promises."""
    names = (*reference.FILES, *reference.CLASS_FILES)
    dotted = {f: f.replace("/", ".") for f in names}
    files = {f: importlib.import_module(f"fastnn.reference.{dotted[f]}") for f in names}
    return {topic: file.__all__ for topic, file in files.items()}


TOPICS = topics()
WITH_KERNELS = [topic for topic, names in TOPICS.items() if names]


@pytest.fixture(params=backend.VARIANTS)
def variant(request):
    """Each variant module that is built and that this CPU can run."""
    if request.param not in backend._runnable_variants():
        pytest.skip(f"{request.param} is not built, or this CPU cannot run it")
    return importlib.import_module(f"fastnn._kernels.variants.{request.param}")


def public_functions(module):
    return {
        name: value
        for name, value in vars(module).items()
        if not name.startswith(("_", QUICK))
        and callable(value)
        and name not in NOT_KERNELS
    }


def test_no_name_is_in_two_files():
    names = [name for names in TOPICS.values() for name in names]
    assert sorted(names) == sorted({**reference.functions(), **reference.classes()})


def test_same_names(variant):
    assert sorted(public_functions(variant)) == sorted(reference.functions())


def test_each_quick_door_is_one_of_a_public_function(variant):
    named = {name.removeprefix(QUICK) for name in vars(variant) if QUICK in name}
    assert named
    of_ops = {*ops.__all__, "elementwise", "elementwise_backward"}
    assert named <= of_ops | {"infer", "finite", "labels"}  # of a network


BEHIND_DOORS = [
    name for name in ops.__all__ if type(getattr(ops, name)).__name__ == "Door"
]


@pytest.mark.parametrize("name", BEHIND_DOORS)
def test_a_quick_door_takes_the_arguments_of_its_function(variant, name):
    """In the same order, with the same defaults: a Door hands on what it gets."""
    quick = inspect.signature(getattr(variant, QUICK + name))
    assert quick == inspect.signature(getattr(ops, name))


@pytest.mark.parametrize("name", sorted(reference.functions()))
def test_same_parameters_and_docstring(variant, name):
    kernel, twin = getattr(variant, name), reference.functions()[name]
    assert list(inspect.signature(kernel).parameters) == list(
        inspect.signature(twin).parameters
    )
    assert twin.__doc__
    assert inspect.cleandoc(kernel.__doc__) == inspect.cleandoc(twin.__doc__)


# --- Classes --------------------------------------------------------------------------

MEMBERS = [
    (name, member)
    for name, twin in reference.classes().items()
    for member in sorted(vars(twin))
    if not member.startswith("_")
]


def compiled(name):
    """The compiled class `name`, if it was built."""
    module = reference.classes()[name].__module__.rpartition(".")[2]
    return getattr(pytest.importorskip(f"fastnn._kernels.{module}"), name)


def special_methods(cls):
    """The operators and other special methods that a class adds to those of object."""
    return {
        name
        for name, value in vars(cls).items()
        if re.fullmatch("__[a-z]+__", name)
        and callable(value)
        and value is not getattr(object, name, None)
    }


@pytest.mark.parametrize("file", reference.CLASS_FILES)
def test_same_classes(file):
    module = pytest.importorskip(f"fastnn._kernels.{file}")
    found = [
        name
        for name, value in vars(module).items()
        if inspect.isclass(value) and value.__module__ == module.__name__
    ]
    assert sorted(found) == sorted(TOPICS[file])


@pytest.mark.parametrize("name", reference.classes())
def test_same_class_docstring_and_parameters(name):
    kernel, twin = compiled(name), reference.classes()[name]
    assert inspect.signature(kernel) == inspect.signature(twin)
    assert twin.__doc__
    assert inspect.cleandoc(kernel.__doc__) == inspect.cleandoc(twin.__doc__)


@pytest.mark.parametrize("name", reference.classes())
def test_same_members(name):
    kernel, twin = compiled(name), reference.classes()[name]
    public = [member for member in vars(kernel) if not member.startswith("_")]
    expected = [entry for entry in MEMBERS if entry[0] == name]
    assert [(name, member) for member in sorted(public)] == expected
    # A C type that compares inherits neither == nor hash(), it is made by __new__, and
    # x[i] = y and del x[i] are one slot of it.
    of_c = {"__eq__", "__ne__", "__hash__", "__new__", "__delitem__"}
    assert special_methods(kernel) - of_c == special_methods(twin)


@pytest.mark.parametrize("name, member", MEMBERS)
def test_same_member_parameters_and_docstring(name, member):
    kernel, twin = compiled(name), reference.classes()[name]
    of_kernel, of_twin = getattr(kernel, member), getattr(twin, member)
    assert callable(of_kernel) == callable(of_twin)
    if callable(of_twin):
        assert inspect.signature(of_kernel) == inspect.signature(of_twin)
    assert inspect.getdoc(of_twin)
    assert inspect.getdoc(of_kernel) == inspect.getdoc(of_twin)


# --- The files ------------------------------------------------------------------------


@needs_sources
def test_each_file_has_its_twin():
    kernels = topics_in(SOURCES / "_kernels", "pyx") - VARIANTS
    assert kernels == topics_in(SOURCES / "reference", "py") == set(TOPICS)


def topics_in(folder, suffix):
    """{"matmul", "neuro/patch", ...}: its files, without what begins with _."""
    files = [path.relative_to(folder) for path in folder.glob(f"**/[!_]*.{suffix}")]
    return {file.with_suffix("").as_posix() for file in files}


@needs_sources
@pytest.mark.parametrize("topic", TOPICS)
def test_kernels_stand_in_the_file_of_their_twins(topic):
    source = (SOURCES / "_kernels" / f"{topic}.pyx").read_text()
    pattern = r"^(?:def (?=\w+\()|cdef class )(\w+)"
    names = re.findall(pattern, source, flags=re.MULTILINE)
    defined = {name for name in names if not name.startswith(QUICK)}
    assert defined - NOT_KERNELS == set(TOPICS[topic])


@needs_sources
@pytest.mark.parametrize("topic", WITH_KERNELS)
@pytest.mark.parametrize("place", ["tests/kernels/test_{}.py", "bench/bench_{}.py"])
def test_each_topic_has_its_tests_and_its_bench(topic, place):
    assert (REPOSITORY / place.format(topic.replace("/", "_"))).is_file()


def words_of(path):
    """The strings and names in a Python file, but for those of its `__all__`."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else []
        if any(isinstance(t, ast.Name) and t.id == "__all__" for t in targets):
            node.value = ast.Constant(None)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.Attribute):
            yield node.attr


@needs_sources
@pytest.mark.parametrize("topic", WITH_KERNELS)
def test_each_kernel_is_called(topic):
    room = SOURCES / ROOM_THAT_CALLS.get(topic.split("/")[0], "ops")
    words = {word for path in room.glob("**/*.py") for word in words_of(path)}
    assert sorted(set(TOPICS[topic]) - words) == []


@needs_sources
@pytest.mark.parametrize("topic", IMPORTS)
def test_twins_import_nothing_but_math(topic):
    tree = ast.parse((SOURCES / "reference" / f"{topic}.py").read_text())
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            # one dot: another twin; two dots would leave the room
            imported.add(node.module if node.level == 0 else "." * node.level)
    assert imported <= IMPORTS[topic] | {"."}


@needs_sources
@pytest.mark.parametrize("suffix", ["pyx", "pxi"])
def test_kernels_import_nothing_of_fastnn(suffix):
    files = list((SOURCES / "_kernels").glob(f"**/*.{suffix}"))
    assert files
    for path in files:
        ours = re.findall(
            r"^\s*(?:from|import|cimport)\s+(?:fastnn|\.).*",
            path.read_text(),
            re.MULTILINE,
        )
        assert ours == [], path.name
