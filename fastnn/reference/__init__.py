"""The twins: every kernel again, in plain Python, made to be read.

    matmul         the three matrix products of a network
    activations    sigmoid, tanh, relu ... forward and backward, exp and log
    dropout        the counter-based random generator and the mask drawn from it
    normalization  batch and layer normalisation
    losses         each loss together with its gradient
    optimizers     one step of each optimizer
    program        a network as rows of numbers, run on many samples
    training       whole epochs of training over a program of layers
    value          Value, a number that remembers how it was computed
    tensor         Node, an array that does; what fastnn.graph.Tensor is made of
    neuro          biological neurons, a file for each kind of them

Each function and each class has the name, the parameters and the docstring of its
kernel in fastnn/_kernels/. Arrays arrive as memoryviews (or NumPy arrays): `x[i, j]`
reads an element as a Python float, and writing into `out` rounds to the array's
precision.
Only `math` is imported (and `numbers` and `warnings`, which compute nothing), so every
step can be followed in a debugger:

    with fn.use("reference"):
        breakpoint()
        net.fit(X, y, epochs=1)

    (Pdb) b fn.reference.training.train_steps      the loop over the batches
    (Pdb) c
    (Pdb) p x.tolist()                             a memoryview, as lists of numbers
"""

from importlib import import_module

FILES = (
    "matmul",
    "activations",
    "dropout",
    "normalization",
    "losses",
    "optimizers",
    "program",
    "training",
    "neuro/patch",
    "neuro/reduced",
    "neuro/tree",
    "neuro/pump",
    "neuro/myelin",
    "neuro/release",
    "neuro/circuit",
    "neuro/network",
    "neuro/perceptron",
)
CLASS_FILES = ("value", "tensor")


def functions():
    """All twins that are functions by name: {"matmul": <function>, ...}."""
    return _public(FILES)


def classes():
    """All twins that are classes by name: {"Value": <class>}."""
    return _public(CLASS_FILES)


def _public(files):
    names = [file.replace("/", ".") for file in files]
    modules = [import_module(f"{__name__}.{name}") for name in names]
    return {name: getattr(file, name) for file in modules for name in file.__all__}
