"""The demo's report: one HTML page that needs nothing beside itself.

page(...) gives its text. Style in report.css, curves in charts.py; tables are HTML, so
they can be read aloud, and every picture says in words what it shows.
"""

import base64
import io
import platform
from html import escape
from importlib.resources import files

import matplotlib.image
import numpy as np

from ... import __version__, backend
from . import charts

MOST_MISREAD = 24  # as pictures; more would be a wall


def page(outcomes, twins, test, seed):
    """The page as text.

    outcomes: of the three networks, the deep one last; twins: the comparison of the
    paths; test: (X, y), the digits held out.
    """
    X, y = test
    readings = [outcome.net.predict(X) for outcome in outcomes]
    deep = outcomes[-1]
    sections = [
        results(outcomes, y, readings),
        learning(outcomes),
        confusion(y, readings[-1]),
        misread(outcomes, X, y, readings),
        gradients(deep),
        twin(twins),
    ]
    right = int((readings[-1] == y).sum())
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>fastnn: three networks read handwritten digits</title>
<style>
{files(__package__).joinpath("report.css").read_text(encoding="utf-8")}</style>
</head>
<body>
<header>
<p class="kicker">fastnn demo, seed {seed}</p>
<h1>Three networks read handwritten digits</h1>
<p class="lead">Real digits, drawn by hand and scanned to 8 × 8 pixels.
Of the {len(y)} that the networks did not see while learning, the one with five hidden
layers reads {right} rightly.</p>
</header>
<main>
{"".join(sections)}</main>
<footer><p>{machine(seed)}</p></footer>
</body>
</html>
"""


def section(title, text, content):
    """One part of the page: what it is about, what to see, and the thing itself."""
    paragraph = f"<p>{text}</p>\n" if text else ""
    return f"<section>\n<h2>{title}</h2>\n{paragraph}{content}\n</section>\n"


# --- The parts -----------------------------------------------------------------------


def results(outcomes, y, readings):
    """The headline: a table with a row for each network."""
    best = max(outcome.test_accuracy for outcome in outcomes)
    rows = ""
    for outcome, reading in zip(outcomes, readings, strict=True):
        mark = ' class="best"' if outcome.test_accuracy == best else ""
        rows += f"""<tr>
<th scope="row">{escape(outcome.recipe.name)}
<small>{escape(outcome.recipe.shape)}</small></th>
<td class="wide">{outcome.net.flat_parameters.size:,}</td>
<td>{outcome.train_accuracy:.1%}</td>
<td{mark}>{outcome.test_accuracy:.1%}</td>
<td>{int((reading != y).sum())}</td>
<td class="wide">{outcome.seconds:.2f} s</td>
</tr>
"""
    table = f"""<div class="card scroll"><table class="results">
<thead><tr><th scope="col">network</th><th scope="col" class="wide">parameters</th>
<th scope="col">training</th><th scope="col">test</th>
<th scope="col">misread</th><th scope="col" class="wide">time</th></tr></thead>
<tbody>
{rows}</tbody></table></div>"""
    text = (
        "<strong>Training</strong> is the share of the digits it learned from that it "
        "reads rightly, <strong>test</strong> that of the digits held out. "
        "Only the second says what a network can do."
    )
    return section("How well they read", text, table)


def learning(outcomes):
    """Loss curves, one chart for each network, on one scale."""
    both = [(o.history.loss, o.history.val_loss) for o in outcomes]
    values = np.concatenate([np.concatenate(pair) for pair in both])
    values = values[values > 0]
    limits = (values.min() / 1.3, values.max() * 1.3)
    figures = ""
    for index, (outcome, (loss, held_out)) in enumerate(
        zip(outcomes, both, strict=True)
    ):
        name = outcome.recipe.name
        alt = (
            f"Loss of {name} over {len(loss)} epochs: training from {loss[0]:.2f} to "
            f"{loss[-1]:.3f}, held out from {held_out[0]:.2f} to {held_out[-1]:.3f}"
        )
        chart = charts.lines(
            f"loss{index}", [(loss, 1, False), (held_out, 2, True)], alt, limits
        )
        caption = f"<figcaption>{escape(name[:1].upper() + name[1:])}</figcaption>"
        figures += f'<figure class="card">{caption}{chart}</figure>\n'
    key = (
        '<ul class="key"><li><i style="--c: var(--line-1)"></i>digits it learns from'
        '</li><li><i class="dashed" style="--c: var(--line-2)"></i>digits held out'
        "</li></ul>"
    )
    text = (
        "The loss (mean cross-entropy) in every epoch, on one scale that shrinks by "
        "tens. Where the dashed line levels off above the other, a network goes on "
        "learning its own digits by heart. Dropout makes learning harder than being "
        "judged: with it, the dashed line may lie below."
    )
    return section("How they learned", text, f'{key}<div class="three">{figures}</div>')


def confusion(y, reading):
    """Which digit was read as which, by the deep network."""
    counts = np.zeros((10, 10), dtype=int)
    np.add.at(counts, (y, reading), 1)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    head = "".join(f'<th scope="col">{digit}</th>' for digit in range(10))
    rows = ""
    for digit in range(10):
        cells = ""
        for other in range(10):
            n = counts[digit, other]
            if not n:
                cells += '<td class="none">·</td>'
            elif digit == other:
                depth = 0.08 + 0.3 * share[digit, other] ** 4
                cells += f'<td class="right" style="--share: {depth:.2f}">{n}</td>'
            else:
                cells += f'<td class="wrong">{n}</td>'
        rows += f'<tr><th scope="row">{digit}</th>{cells}</tr>\n'
    table = f"""<div class="card"><p class="axis">row: the digit it is; column: what it
was read as</p><table class="confusion">
<thead><tr><td></td>{head}</tr></thead>
<tbody>
{rows}</tbody></table></div>"""
    wrong = counts.copy()
    np.fill_diagonal(wrong, 0)
    words = (
        f"Each of the {len(y)} digits held out is counted once, as read by the network "
        "with five hidden layers: on the diagonal if it read it rightly, beside it if "
        "not."
    )
    mistakes = "".join(
        f"<li>{digit} read as {other}, {times(wrong[digit, other])}</li>"
        for digit, other in sorted(np.argwhere(wrong), key=lambda at: -wrong[tuple(at)])
    )
    content = (
        f'<div class="two"><div><p>{words}</p>\n<ul class="mistakes">{mistakes}</ul>'
        f"</div>{table}</div>"
    )
    return section("What it mistakes for what", "", content)


def percent(probability):
    """A probability in words; rounded, a softmax close to 1 would claim to be 1."""
    return "more than 99%" if probability > 0.99 else f"{probability:.0%}"


def misread(outcomes, X, y, readings):
    """The digits that the deep network misread, as pictures."""
    deep = outcomes[-1].net
    rows = np.flatnonzero(readings[-1] != y)
    if not len(rows):
        return section("The digits it misread", "None, with this seed.", "")
    sure = deep.predict_proba(X[rows]).max(axis=1)
    figures = ""
    for row, probability in list(zip(rows, sure, strict=True))[:MOST_MISREAD]:
        truth, said = int(y[row]), int(readings[-1][row])
        others = "".join(
            f"<small>{escape(o.recipe.name)}: {int(reading[row])}</small>"
            for o, reading in zip(outcomes[:-1], readings[:-1], strict=True)
        )
        figures += f"""<figure class="card">
<img src="{picture(X[row])}" width="8" height="8"
 alt="A handwritten {truth} that was read as {said}">
<figcaption>Read as <strong>{said}</strong>, is <strong>{truth}</strong>
<small>sure to {percent(probability)}</small>
{others}</figcaption></figure>
"""
    more = len(rows) - MOST_MISREAD
    words = (
        "All that the network with five hidden layers got wrong, how sure it was, and "
        "what the other two read. Would you have known?"
    )
    if more > 0:
        words = words.replace("All", f"The first {MOST_MISREAD} of {len(rows)}", 1)
    return section(
        "The digits it misread", words, f'<div class="digits">{figures}</div>'
    )


def gradients(deep):
    """The norm of each layer's gradient over the epochs."""
    norms = np.array(deep.history.grad_norms)
    names = [f"hidden {i + 1}" for i in range(norms.shape[1] - 1)] + ["output"]
    first, last = norms[-1, 0], norms[-1, -1]
    alt = "Gradient norms in the first and the last epoch: " + "; ".join(
        f"{name} {column[0]:.3g} and {column[-1]:.3g}"
        for name, column in zip(names, norms.T, strict=True)
    )
    curves = [(column, 3 + i, False) for i, column in enumerate(norms.T)]
    chart = charts.lines("gradients", curves, alt, size=(4.4, 2.9))
    key = "".join(
        f'<li><i style="--c: var(--line-{3 + i})"></i>{name}</li>'
        for i, name in enumerate(names)
    )
    words = (
        "How strongly each layer is told to change: the norm of its weights' gradient, "
        "the mean over the steps of an epoch. If gradients vanished on their way back "
        "through the layers, the first line would lie far below the last. "
        f"In the last epoch the first hidden layer has {first:.3g} and the output "
        f"{last:.3g}: {signal(first / last)}."
    )
    content = (
        f'<div class="two"><div><p>{words}</p><ul class="key">{key}</ul></div>'
        '<figure class="card"><figcaption>Norm of the gradient</figcaption>'
        f"{chart}</figure></div>"
    )
    return section("Do gradients reach the first layer?", "", content)


def signal(ratio):
    """What the ratio of the first layer's gradient to the last one's means."""
    if ratio >= 0.1:
        return "the signal arrives"
    return f"a part in {1 / ratio:,.0f} arrives" if ratio > 0 else "nothing arrives"


def twin(twins):
    """One training on both paths."""
    words = (
        f"A small network ({twins.shape}, float64) learned {twins.n_samples} digits "
        f"for {twins.epochs} epochs, once in plain Python that one can step through "
        "with a debugger, once on the compiled kernels. They are written in pairs, "
        "formula by formula, so both end with the same weights, but for rounding."
    )
    facts = (
        ("plain Python", f"{twins.python_seconds:.2f} s"),
        ("kernels", f"{1000 * twins.kernel_seconds:.2f} ms"),
        ("times faster", f"{twins.ratio:,.0f}"),
        ("largest difference of weights", f"{twins.difference:.1e}"),
    )
    cells = "".join(
        f'<div class="card"><dt>{name}</dt><dd>{value}</dd></div>'
        for name, value in facts
    )
    return section("The same training twice", words, f'<dl class="facts">{cells}</dl>')


# --- Small things --------------------------------------------------------------------


def picture(pixels):
    """64 pixels from 0 to 1 as the address of a PNG, dark ink on white."""
    file = io.BytesIO()
    image = 1 - np.clip(np.asarray(pixels, dtype=float).reshape(8, 8), 0, 1)
    matplotlib.image.imsave(file, image, cmap="gray", vmin=0, vmax=1, format="png",
                            metadata={"Software": None})  # fmt: skip
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def times(n):
    return "once" if n == 1 else "twice" if n == 2 else f"{n} times"


def machine(seed):
    """Where and with what the numbers were made."""
    config = backend.config()
    parts = (
        f"fastnn {__version__}",
        f"{config['CPU variant']} kernels",
        f"{config['threads']} threads",
        config["machine"],
        f"Python {platform.python_version()}",
        f"NumPy {np.__version__}",
        f"fastnn demo --seed {seed}",
        "data: Optical Recognition of Handwritten Digits (Alpaydin, Kaynak, 1998, UCI)",
    )
    return " · ".join(escape(str(part)) for part in parts)
