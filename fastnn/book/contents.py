"""What is in the book: its chapters, and the parts that each of them has.

A part is a heading of its chapter, word by word; tests/book reads both.
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Chapter:
    """One chapter: its number, file, title, what it is about, and its parts."""

    number: int
    module: str
    title: str
    summary: str
    parts: tuple

    @property
    def path(self):
        """The marimo notebook, a Python file beside this one."""
        return Path(__file__).parent / f"{self.module}.py"

    @property
    def name(self):
        """The file's first word, ch04, by which addresses name the chapter."""
        return self.module.partition("_")[0]


CHAPTERS = (
    Chapter(
        0,
        "ch00_reading",
        "How to read this book",
        "What you need, how the three editions work, and the notation of all pages.",
        (
            "What this book is",
            "Three editions of one text",
            "Predicted beside measured",
            "Exercises and quizzes",
            "Notation",
        ),
    ),
    Chapter(
        1,
        "ch01_neuroscience",
        "Neural networks within neuroscience",
        "The neuron's four regions, its pump, its threshold, its axon and its "
        "terminals, each statement shown by a simulation.",
        (
            "Neurons and glia",
            "Dendrites and spines",
            "Excitation and inhibition",
            "From one dendrite to hundreds of thousands of synapses",
            "The soma",
            "The sodium-potassium pump, and what it really does",
            "Threshold and action potential",
            "The pump as a computing element",
            "The axon: length and diameter",
            "The hillock",
            "Myelin and the nodes of Ranvier",
            "Terminals and transmitter",
            "Same cells, different wiring",
            "What is corrected from popular accounts",
        ),
    ),
    Chapter(
        2,
        "ch02_machine_learning",
        "Neural networks within machine learning",
        "From McCulloch and Pitts to today, and six applications on real data, each "
        "beside the simple baseline that it must beat.",
        (
            "From McCulloch and Pitts to today",
            "The bridge: what is lost and what is kept",
            "Where networks succeeded",
            "Where they are going",
            "Digits",
            "Tumour diagnosis",
            "Penguin species",
            "A regression: diabetes",
            "A sequence turned into windows",
            "An autoencoder that compresses digits",
            "Where the network does not win",
        ),
    ),
    Chapter(
        3,
        "ch03_data",
        "Knowing your data",
        "A messy table becomes a clean array, or cannot; leaks that fool you; why "
        "scales matter, measured.",
        (
            "What a network needs of a table",
            "A messy table, from raw file to model-ready array",
            "Three verdicts: ready, repairable, never",
            "Leaks that fool you",
            "Why scaling matters",
            "What learning cannot reach",
        ),
    ),
    Chapter(
        4,
        "ch04_logistic_regression",
        "Logistic regression, computational graphs, backpropagation",
        "From a likelihood to a loss to a gradient, by hand, by graph and by kernel: "
        "three times the same numbers.",
        (
            "From a likelihood to a loss",
            "From a loss to a gradient",
            "The computational graph",
            "Backpropagation, one node at a time",
            "By hand, by graph, by kernel",
            "Checking a gradient",
            "The learning rate and the condition number",
        ),
    ),
    Chapter(
        5,
        "ch05_shallow",
        "Shallow networks",
        "Why one hidden layer is enough, and why it often is not: XOR, universal "
        "approximation piece by piece, both layers' gradients.",
        (
            "What one neuron cannot do: XOR",
            "One hidden layer",
            "Universal approximation, piece by piece",
            "The gradients of both layers",
            "Width, activation, initialisation",
            "A decision boundary as it forms",
        ),
    ),
    Chapter(
        6,
        "ch06_deep",
        "Deep networks",
        "Five hidden layers, built, trained, broken and repaired.",
        (
            "Five hidden layers",
            "Vanishing and exploding gradients",
            "Xavier and He",
            "Normalisation",
            "Dropout and L2",
            "Optimizers raced",
            "Learning rate schedules",
            "Batch size",
            "Early stopping",
            "Reading learning curves",
            "What each of the five layers represents",
        ),
    ),
    Chapter(
        7,
        "ch07_kernels",
        "How it gets fast",
        "The staircase from a Python loop to the kernel, the roofline, threads, and "
        "what rounding does.",
        (
            "The staircase",
            "The roofline",
            "Small products and large ones",
            "Activations",
            "Threads",
            "Numerical error",
        ),
    ),
    Chapter(
        8,
        "ch08_closing",
        "Closing words, and where to go next",
        "The trained network carried to PyTorch and to ONNX, and what lies beyond "
        "this book.",
        (
            "What you have seen",
            "A network carried to PyTorch",
            "A network carried to ONNX",
            "Where to go next",
        ),
    ),
)


def chapter(number):
    """The chapter with this number, given as 4, "4" or "ch04".

    Raises ValueError for what is none.
    """
    text = str(number).strip().lower().removeprefix("ch").removesuffix(".py")
    text = text.partition("_")[0]
    if not text.isdecimal() or int(text) >= len(CHAPTERS):
        raise ValueError(
            f"there is no chapter {number!r}; they are numbered 0 to "
            f"{len(CHAPTERS) - 1}"
        )
    return CHAPTERS[int(text)]
