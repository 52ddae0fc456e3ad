"""How a network learned."""

import math

import numpy as np

from ..ops import checks
from . import style


def history(history, ax=None):
    """Draw a training: loss, accuracy or R2, and the norms of the gradients.

    history: a History, as `net.fit` returns it. ax: axes to draw the loss into; None
    makes a figure with a panel for each quantity that there is. Returns the figure.
    A circle marks the best epoch on the validation part.
    """
    if not history.epochs:
        raise ValueError("plot: the history has no epochs yet; call net.fit first")
    if ax is not None and not hasattr(ax, "plot"):
        raise TypeError(
            f"plot: ax is {checks.describe(ax)}; expected matplotlib axes, or None"
        )
    with style.context() as plt:
        if ax is not None:
            _curves(ax, history, "loss", "val_loss", "loss")
            return ax.figure
        panels = [lambda ax: _curves(ax, history, "loss", "val_loss", "loss")]
        if history.accuracy or history.val_accuracy:
            panels.append(
                lambda ax: _curves(ax, history, "accuracy", "val_accuracy", "accuracy")
            )
        if history.val_r2:
            panels.append(lambda ax: _curves(ax, history, None, "val_r2", "R²"))
        if any(history.grad_norms):
            panels.append(lambda ax: _gradients(ax, history))
        figure, axes = plt.subplots(
            1, len(panels), figsize=(4.2 * len(panels), 3.4), squeeze=False
        )
        for panel, axis in zip(panels, axes[0], strict=True):
            panel(axis)
        return figure


def _curves(ax, history, name, validation_name, title):
    """Training and validation, and the best epoch of the validation."""
    training = getattr(history, name) if name else []
    validation = getattr(history, validation_name)
    for values, label, colour in (
        (training, "training", style.BLUE),
        (validation, "validation", style.RED),
    ):
        if values:
            ax.plot(_epochs(values), values, color=colour, label=label, **_dots(values))
    if any(v == v for v in validation):
        best = history.best(validation_name)
        ax.plot(
            best + 1,
            validation[best],
            "o",
            color=style.RED,
            markerfacecolor="white",
            markeredgewidth=1.6,
            label=f"best: {validation[best]:.3g}, epoch {best + 1}",
            zorder=3,
        )
    _frame(ax, title, history.epochs)
    ax.legend()


def _gradients(ax, history):
    """One line per Dense layer, from dark (first) to light (last), on a log scale."""
    norms = np.array(history.grad_norms, dtype=float)
    n_layers = norms.shape[1]
    norms[~(norms > 0)] = math.nan  # a logarithm has no place for zero
    names = [f"hidden {i + 1}" for i in range(n_layers - 1)] + ["output"]
    colours = style.sequential(n_layers)
    for values, name, colour in zip(norms.T, names, colours, strict=True):
        ax.plot(
            _epochs(values),
            values,
            color=colour,
            label=name,
            **_dots(values),
        )
    ax.set_yscale("log")
    _frame(ax, "gradient norm of each layer", history.epochs)
    # outside: in a healthy network the lines lie close together, all over the panel
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize="small")


def _frame(ax, title, epochs):
    ax.set_title(title)
    ax.set_xlabel("epoch")
    ax.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
    if epochs < 5:
        ax.set_xlim(0.5, epochs + 0.5)


def _epochs(values):
    return range(1, len(values) + 1)


def _dots(values):
    """A line of one epoch would be invisible."""
    return {"marker": "o", "markersize": 4} if len(values) == 1 else {}


def confusion(matrix, labels=None, ax=None):
    """Draw a confusion matrix: row i, column j counts samples of class i called j.

    matrix: (n, n) counts; labels: n names, None for 0, 1, 2 ... Colours show the share
    of the row, so rare classes are as visible as frequent ones. Returns the figure.
    """
    matrix = np.asarray(matrix)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.size:
        raise ValueError(
            f"confusion: matrix has shape {matrix.shape}; expected (n, n), one row and "
            "one column per class"
        )
    if matrix.dtype.kind not in "iuf" or not np.all(matrix >= 0):
        raise ValueError("confusion: matrix must hold counts, numbers of at least 0")
    n = len(matrix)
    labels = [str(label) for label in (range(n) if labels is None else labels)]
    if len(labels) != n:
        raise ValueError(
            f"confusion: there are {len(labels)} labels for {n} classes; "
            "give one for each row of matrix"
        )
    totals = matrix.sum(axis=1, keepdims=True)
    share = np.divide(matrix, totals, out=np.zeros((n, n)), where=totals > 0)
    with style.context() as plt:
        if ax is None:
            side = 2.2 + 0.45 * n
            _, ax = plt.subplots(figsize=(side + 0.6, side))
        ax.imshow(share, cmap="Blues", vmin=0, vmax=1)
        ax.grid(False)
        if n <= 20:
            for i, j in np.ndindex(n, n):
                if matrix[i, j]:
                    colour = "white" if share[i, j] > 0.55 else style.INK
                    ax.text(j, i, f"{matrix[i, j]:g}", ha="center", va="center",
                            color=colour, fontsize=9)  # fmt: skip
        slanted = max(map(len, labels)) > 3
        ax.set_xticks(range(n), labels, rotation=40 if slanted else 0,
                      ha="right" if slanted else "center")  # fmt: skip
        ax.set_yticks(range(n), labels)
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
        ax.set_xlabel("predicted")
        ax.set_ylabel("true")
        right = np.trace(matrix) / max(matrix.sum(), 1)
        ax.set_title(f"{right:.1%} of {matrix.sum():g} right")
        return ax.figure
