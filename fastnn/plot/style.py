"""The look of all pictures: calm, and readable without seeing every colour."""

import contextlib

# Okabe and Ito (2008): eight colours that colour-blind people can tell apart
BLUE = "#0072B2"
ORANGE = "#E69F00"
GREEN = "#009E73"
RED = "#D55E00"
PURPLE = "#CC79A7"
SKY = "#56B4E9"
INK = "#333333"
COLOURS = (BLUE, RED, GREEN, ORANGE, PURPLE, SKY)

_SETTINGS = {
    "figure.dpi": 110,
    "figure.facecolor": "white",
    "figure.constrained_layout.use": True,
    "savefig.dpi": 160,
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.facecolor": "white",
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E6E6E6",
    "grid.linewidth": 0.6,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "round",
}


def pyplot():
    """matplotlib.pyplot, or an ImportError that says how to get it."""
    try:
        import matplotlib.pyplot
    except ImportError as error:
        raise ImportError(
            "pictures need matplotlib, which is not installed; get it with: "
            'pip install "fastnn[plot]"'
        ) from error
    return matplotlib.pyplot


@contextlib.contextmanager
def context():
    """Draw in fastnn's style inside the block; matplotlib's settings come back after.

    Gives pyplot: `with style.context() as plt: figure, ax = plt.subplots()`.
    """
    plt = pyplot()
    from cycler import cycler

    with plt.rc_context({**_SETTINGS, "axes.prop_cycle": cycler(color=COLOURS)}):
        yield plt


def apply():
    """Draw in fastnn's style from now on, in a notebook of one's own."""
    from cycler import cycler

    colours = cycler(color=COLOURS)
    pyplot().rcParams.update({**_SETTINGS, "axes.prop_cycle": colours})


def sequential(n):
    """n colours from dark to light along one scale, for things that have an order."""
    scale = pyplot().get_cmap("viridis")
    return [scale(0.8 * i / max(n - 1, 1)) for i in range(n)]
