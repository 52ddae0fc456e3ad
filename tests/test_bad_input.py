"""Every public function given every kind of bad input, one argument at a time.

The answer is a sentence that names the argument and says what came; nothing is
half-trained, half-written or left changed. The table is in public_ops.py,
public_graph.py and public_calls.py.
"""

import copy
import inspect
import os
import re
import warnings

import numpy as np
import pytest
from arguments import InFolder
from public_calls import ROWS

import fastnn as fn

# They have a matrix of their own.
ELSEWHERE = {"LogisticRegression", "MLPClassifier", "MLPRegressor"}
# What the library makes and users read.
RESULTS = {"data.Finding", "data.Prepared", "data.Recipe", "data.Report", "History",
           "Layer", "TensorLayer", "datasets.Dataset", "datasets.ImageDataset",
           "datasets.RawTable", "schedules.Schedule"}  # fmt: skip
OF_LAYERS = {"forward", "backward", "compute"}  # nobody else calls them
# Called by fit, save and load with what they have checked: a subclass speaks there.
PROTOCOL = {
    "at", "attach", "build", "check", "from_config", "judge", "on_end", "on_epoch",
    "on_start", "restore", "set_seed", "update",
}  # fmt: skip
ROOMS = {"": fn, "ops.": fn.ops, "datasets.": fn.datasets, "data.": fn.data,
         "init.": fn.init, "schedules.": fn.schedules, "graph.": fn.graph}  # fmt: skip


def public_names():
    """ "ops.matmul", "Network.fit", ...: all that takes an argument."""
    for prefix, room in ROOMS.items():
        for name in set(room.__all__) - ELSEWHERE:
            value = getattr(room, name)
            if callable(value) and inspect.signature(value).parameters:
                yield prefix + name
            if inspect.isclass(value):
                yield from (f"{prefix}{name}.{method}" for method in methods(value))


def methods(cls):
    """The public methods that it defines itself and that take an argument."""
    for name, method in vars(cls).items():
        method = getattr(method, "__func__", method)  # of a classmethod
        of_layer = issubclass(cls, fn.Layer) and name in OF_LAYERS
        public = not (name.startswith("_") or name in PROTOCOL or of_layer)
        if not is_function(method) or not (public or called(cls, name)):
            continue
        if len(inspect.signature(method).parameters) > 1:
            yield name


def is_function(method):
    """In Python or, in a compiled class, of Cython's own kind."""
    of_cython = type(method).__name__ == "cython_function_or_method"
    return inspect.isfunction(method) or of_cython


def called(cls, name):
    return name == "__call__" and cls in (fn.Network, fn.schedules.Schedule)


def test_every_public_name_has_a_row():
    known = {name.split(",")[0] for name in ROWS} | RESULTS
    assert sorted(set(public_names()) - known) == []


@pytest.mark.parametrize("name", ROWS)
def test_every_argument_is_in_the_row(name):
    function = fn
    for part in name.split(",")[0].split("."):
        function = getattr(function, part)
    parameters = inspect.signature(function).parameters.values()
    taken = {p.name for p in parameters if p.kind is not p.VAR_KEYWORD}
    if "not training" in name:
        taken.remove("training")
    assert taken - {"self"} <= set(ROWS[name].arguments)


# --- The matrix -----------------------------------------------------------------------


class Call:
    """One call of a row, and everything that it could have changed."""

    def __init__(self, row, folder):
        self.folder = folder
        (folder / "not.npz").write_text("no archive")
        self.row = row
        self.prepared = row.prepare(folder) if row.prepare else None
        good = {name: a.good for name, a in row.arguments.items()}
        self.arguments = {name: self.fresh(value) for name, value in good.items()}

    def fresh(self, value):
        """A copy of a value, so that no call sees what another one did."""
        if isinstance(value, InFolder):
            return str(self.folder / value.name)
        if isinstance(value, (np.ndarray, list, dict, tuple, np.random.Generator)):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                again = copy.deepcopy(value)
            if isinstance(again, np.ndarray):
                if not value.flags.c_contiguous:
                    again = np.repeat(again, 2, axis=-1)[..., ::2]
                again.flags.writeable = value.flags.writeable
            return again
        return value

    def run(self, **other):
        first = () if self.row.prepare is None else (self.prepared,)
        return self.row.function(*first, **{**self.arguments, **other})

    def state(self):
        """Arrays, files, generators and the network, as bytes and text."""
        files = {path.name: path.read_bytes() for path in self.folder.glob("**/*.*")}
        parts = [files, fn.get_num_threads(), fn.backend.path()]
        for name, value in self.arguments.items():
            if isinstance(value, np.ndarray):
                parts.append((name, value.tobytes()))
            if isinstance(value, np.random.Generator):
                parts.append(str(value.bit_generator.state))
        thing = self.prepared
        if isinstance(thing, fn.Network):
            parts += [x.tobytes() for x in thing.get_state().values()]
            parts += [thing.draws, thing.loss]
            parts += [thing.history.to_dict()]
        elif isinstance(thing, fn.History):
            parts.append(thing.to_dict())
        return parts


@pytest.fixture(autouse=True)
def settings():
    threads = fn.get_num_threads()
    with fn.use(fn.backend.path()):
        yield
    fn.set_num_threads(threads)
    fn.backend._chosen.clear()
    fn.backend._count_the_last()


@pytest.mark.filterwarnings("ignore:fit. the loss became")
@pytest.mark.parametrize("name", ROWS)
def test_the_valid_call_is_valid(name, tmp_path):
    Call(ROWS[name], tmp_path).run()


MATRIX = [(name, argument) for name, row in ROWS.items() for argument in row.arguments]


@pytest.mark.parametrize("name, argument", MATRIX)
def test_bad_input(name, argument, tmp_path):
    problems = []
    call = Call(ROWS[name], tmp_path)
    before = call.state()
    kind = ROWS[name].arguments[argument]
    names = (argument, *kind.named)
    if "out" in ROWS[name].arguments:
        names += ("out has shape",)  # which fits the valid arguments
    for bad, words in kind.bad:
        came = call.fresh(bad)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", np.exceptions.ComplexWarning)
                call.run(**{argument: came})
        except (TypeError, ValueError, OSError, MemoryError) as error:
            wrong = wrong_with(error, names, words, came)
        except Exception as error:
            wrong = f"raises {type(error).__name__}: {error}"
        else:
            wrong = "is accepted"
        if call.state() != before:
            wrong = f"{wrong or ''} and something has changed"
            call = Call(ROWS[name], tmp_path)
            before = call.state()
        if wrong:
            problems.append(f"{argument}={bad!r} {wrong}")
    assert not problems, "\n".join([f"{name}:", *problems])


def wrong_with(error, names, words, came):
    """What is wrong with this answer, or None."""
    message = str(error)
    if not re.match(r"\w+: ", message) and not isinstance(error, OSError):
        return f"is not ours: {message}"
    if isinstance(came, str) and os.path.dirname(came) in message and "/" in came:
        return None  # a file's name is its argument's
    if not any(re.search(rf"(?<!\w){re.escape(name)}", message) for name in names):
        return f"does not name it: {message}"
    if not any(word in message for word in (*words, "out has shape")):
        return f"does not say what came ({' / '.join(words)}): {message}"
    if "\n" in message or len(message) > 400:
        return f"is no sentence: {message}"
    if error.__context__ is not None and not error.__suppress_context__:
        return f"comes with a second traceback: {message}"
    return None


def test_layers_of_a_refused_network_can_be_used_again():
    first, middle, norm = fn.Dense(2, 3), fn.Activation("relu"), fn.LayerNorm()
    with pytest.raises(ValueError, match="takes 4 columns"):
        fn.Network([first, middle, norm, fn.Dense(4, 1)])
    assert fn.Network([fn.Dense(2, 4), middle, norm, fn.Dense(4, 1)]).n_out == 1
    assert not first.attached
