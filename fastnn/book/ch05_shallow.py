# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

__generated_with = "0.25.2"
app = marimo.App(app_title="5 Shallow networks")

with app.setup:
    import itertools
    import math

    import marimo as mo
    import numpy as np

    import fastnn as fn
    from fastnn import book


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    # 5 Shallow networks

    When you have read this chapter, you can

    - prove that one neuron cannot compute XOR, and build two hidden neurons that let it;
    - say what a hidden neuron is: a line that folds the plane;
    - build a network by hand that follows any curve, and say in advance how far off it is;
    - derive the gradients of both layers in matrix form, and check them;
    - predict what happens when all weights start equal, at zero, or far too large.

    A network is *shallow* if it has one hidden layer: neurons between the inputs and the outputs, which nobody outside sees.
    Chapter 4 had none.
    One is enough to learn any shape, and this chapter shows what that means and what it doesn't.
    """)
    return


@app.cell(hide_code=True)
def _():
    plt = book.pyplot()
    BLUE, RED = "#0072B2", "#D55E00"
    return BLUE, RED, plt


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## What one neuron cannot do: XOR

    The exclusive or, XOR, of two inputs that are 0 or 1 is 1 if exactly one of them is 1.
    A neuron computes $z = w_1 x_1 + w_2 x_2 + b$ and says yes if $z > 0$.
    For XOR it must satisfy four conditions, one for each row of the table:

    | $x_1$ | $x_2$ | XOR | condition |
    | --- | --- | --- | --- |
    | 0 | 0 | no | $b \le 0$ |
    | 1 | 0 | yes | $w_1 + b > 0$ |
    | 0 | 1 | yes | $w_2 + b > 0$ |
    | 1 | 1 | no | $w_1 + w_2 + b \le 0$ |

    Add the two in the middle: $w_1 + w_2 + 2b > 0$.
    Subtract $b$ on both sides: $w_1 + w_2 + b > -b$.
    By the first condition $-b \ge 0$, so $w_1 + w_2 + b > 0$, which the last condition forbids.
    No weights satisfy all four (Minsky and Papert, 1969).

    So at most three of the four rows can be right.
    And there is a second prediction.
    The mean cross-entropy of one neuron is a convex function of its weights (chapter 4), and at $w = 0$, $b = 0$ its gradient is zero, since each pull has an equal and opposite one.
    A point with zero gradient is the minimum of a convex function, so training ends there, at a loss of $\ln 2$.
    """)
    return


@app.cell
def test_one_neuron_stops_at_three_of_four():
    X_xor = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    y_xor = np.array([0, 1, 1, 0])

    grid = np.linspace(-2, 2, 41)
    w1, w2, b = np.meshgrid(grid, grid, grid)
    z = X_xor @ np.stack([w1.ravel(), w2.ravel()]) + b.ravel()  # (4, 68921)
    most_right = ((z > 0) == (y_xor[:, None] == 1)).sum(axis=0).max()

    one_neuron = fn.Network([fn.Dense(2, 2)], seed=0, dtype="float64")
    one_neuron.fit(X_xor, y_xor, optimizer=fn.SGD(0.5), epochs=2000, batch_size=4)
    book.beside(
        [
            ("rows right, best of 68,921 neurons", 3, most_right),
            (
                "loss after training",
                math.log(2),
                one_neuron.evaluate(X_xor, y_xor)["loss"],
            ),
        ],
        rel=1e-6,
    )
    return X_xor, one_neuron, y_xor


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### Two hidden neurons

    Let two neurons look first, with the activation $\mathrm{relu}(z) = \max(z, 0)$:

    $$
    h_1 = \mathrm{relu}(x_1 + x_2), \qquad h_2 = \mathrm{relu}(x_1 + x_2 - 1), \qquad \text{output} = h_1 - 2 h_2
    $$

    The first counts the ones: 0, 1 or 2.
    The second is 0 unless both are there, and then 1.
    So the outputs are 0, 1, 1 and $2 - 2 = 0$: exactly XOR, with weights that we chose.
    """)
    return


@app.cell
def test_two_hidden_neurons_can(X_xor, y_xor):
    by_hand = fn.Network([fn.Dense(2, 2, activation="relu"), fn.Dense(2, 1)], seed=0)
    by_hand.layers[0].weights[...] = [
        [1, 1],
        [1, 1],
    ]  # column j: the weights of neuron j
    by_hand.layers[0].bias[...] = [0, -1]
    by_hand.layers[1].weights[...] = [[1], [-2]]
    by_hand.layers[1].bias[...] = 0

    answers = by_hand(X_xor).ravel()
    book.beside(
        [
            (f"output for {x[0]:.0f}, {x[1]:.0f}", int(wanted), float(answer))
            for x, wanted, answer in zip(X_xor, y_xor, answers, strict=True)
        ]
    )
    return (by_hand,)


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    What has the hidden layer done?
    It moved the four points to where one line can part them.
    The points (1, 0) and (0, 1) fell onto each other, and (1, 1) was bent away.
    """)
    return


@app.cell(hide_code=True)
def _(BLUE, RED, X_xor, by_hand, plt, y_xor):
    def draw_folded():
        by_hand.forward(X_xor, training=False)
        folded = by_hand.layers[0].a
        picture, sides = plt.subplots(1, 2, figsize=(6.5, 3))
        for axes, points, names in (
            (sides[0], X_xor, ("$x_1$", "$x_2$")),
            (sides[1], folded, ("$h_1$", "$h_2$")),
        ):
            for label, colour, mark in ((0, BLUE, "o"), (1, RED, "s")):
                chosen = points[y_xor == label]
                axes.plot(
                    *chosen.T, mark, color=colour, markersize=9, label=f"XOR = {label}"
                )
            axes.set(xlabel=names[0], ylabel=names[1])
        line = np.linspace(0, 2.2, 2)
        sides[1].plot(line, line / 2 - 0.25, color="0.5", linestyle="--")
        sides[0].set_title("inputs")
        sides[1].set_title("after the hidden layer")
        sides[0].legend(loc="center")
        return picture

    book.figure(
        draw_folded(),
        alt="Left, the four inputs at the corners of a square, opposite corners alike. "
        "Right, the same points after the hidden layer: three places, which a dashed line "
        "parts into the two classes.",
        caption="No line parts the classes on the left; after the hidden layer one does.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Training finds such weights by itself, though not these, and not from every start: a relu that is zero for all rows has no gradient and stays as it is.
    Eight hidden neurons with tanh have room to spare.
    """)
    return


@app.cell
def test_training_finds_xor(X_xor, one_neuron, y_xor):
    learned = fn.mlp(n_in=2, hidden=[8], n_out=2, activation="tanh", seed=0)
    learned.fit(X_xor, y_xor, optimizer=fn.Adam(0.05), epochs=300, batch_size=4)
    assert learned.score(X_xor, y_xor) == 1.0
    assert learned.evaluate(X_xor, y_xor)["loss"] < 0.05
    book.table(
        ["network", "loss on XOR"],
        [
            ["one neuron", one_neuron.evaluate(X_xor, y_xor)["loss"]],
            ["eight hidden neurons", learned.evaluate(X_xor, y_xor)["loss"]],
        ],
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## One hidden layer

    For $n$ samples with $d$ features, $h$ hidden neurons and $m$ outputs:

    $$
    \begin{aligned}
    Z^{(1)} &= X W^{(1)} + b^{(1)} & & (n, h) \\
    A^{(1)} &= f(Z^{(1)}) & & (n, h) \\
    Z^{(2)} &= A^{(1)} W^{(2)} + b^{(2)} & & (n, m)
    \end{aligned}
    $$

    $W^{(1)}$ is $(d, h)$ and $W^{(2)}$ is $(h, m)$, so there are $(d + 1) h + (h + 1) m$ numbers to learn.

    The activation $f$ is not decoration.
    Without it, put the first line into the last:

    $$
    Z^{(2)} = (X W^{(1)} + b^{(1)}) W^{(2)} + b^{(2)} = X \underbrace{W^{(1)} W^{(2)}}_{(d, m)} + \underbrace{b^{(1)} W^{(2)} + b^{(2)}}_{(m,)}
    $$

    Two linear layers are one linear layer, however wide the first one is.
    A bend between them is what makes the second one worth having.
    """)
    return


@app.cell
def test_parameters_and_the_collapse():
    shapes = fn.mlp(n_in=2, hidden=[16], n_out=3, seed=0)
    linear = fn.Network([fn.Dense(5, 40), fn.Dense(40, 3)], seed=1, dtype="float64")
    first, second = linear.layers
    collapsed = first.weights @ second.weights  # (5, 3)
    offset = first.bias @ second.weights + second.bias
    some = np.random.default_rng(0).normal(size=(100, 5))
    book.beside(
        [
            (
                "parameters of 2-16-3",
                (2 + 1) * 16 + (16 + 1) * 3,
                len(shapes.flat_parameters),
            ),
            (
                "two linear layers less one, largest difference",
                0.0,
                float(np.abs(linear(some) - (some @ collapsed + offset)).max()),
                1e-12,  # rounding: sums of 45 terms of size 1 in float64
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### What a hidden neuron is

    The pre-activation of one hidden neuron, $z = w \cdot x + b$, is zero on a line (in more dimensions, on a plane).
    On one side of it a relu is silent, on the other it rises, the steeper the longer $w$.
    So a hidden neuron is a *fold* along a line at the distance $|b| / \lVert w \rVert$ from the origin.

    To see the distance: the point of the line that is nearest to the origin is a multiple $t w$ of $w$.
    From $w \cdot (t w) + b = 0$ follows $t = -b / \lVert w \rVert^2$, and the length of $t w$ is $|b| / \lVert w \rVert$.
    """)
    return


@app.cell(hide_code=True)
def _():
    fold_bias = mo.ui.slider(
        -1.5, 1.5, step=0.5, value=-1.0, label="bias of the neuron"
    )
    fold_bias
    return (fold_bias,)


@app.cell(hide_code=True)
def _(RED, fold_bias, plt):
    def draw_fold(bias):
        weights = np.array([1.0, 0.5])
        across = np.linspace(-2, 2, 201)
        x1, x2 = np.meshgrid(across, across)
        a = np.maximum(weights[0] * x1 + weights[1] * x2 + bias, 0)
        picture, axes = plt.subplots(figsize=(4.6, 3.4))
        shown = axes.contourf(x1, x2, a, levels=np.linspace(0, 4.6, 24), cmap="Blues")
        axes.plot(across, -(bias + weights[0] * across) / weights[1], color=RED)
        nearest = -bias * weights / (weights @ weights)
        axes.plot([0, nearest[0]], [0, nearest[1]], color="0.3", linestyle=":")
        axes.plot(0, 0, "+", color="0.3")
        axes.set(xlim=(-2, 2), ylim=(-2, 2), xlabel="$x_1$", ylabel="$x_2$")
        axes.set_title(f"distance {np.linalg.norm(nearest):.2f}")
        axes.grid(False)
        picture.colorbar(shown, label="activation", ticks=range(5))
        return picture

    book.live(
        draw_fold,
        fold_bias,
        name="bias of the neuron",
        at=(-1.5, 0.0, 1.0),
        alt="The activation of one relu neuron over the plane with the bias {value}: zero on "
        "one side of a line, rising on the other; a dotted line leads from the origin to it.",
        caption="One hidden neuron folds the plane along a line.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Universal approximation, piece by piece

    What can folds build?
    Take one input $x$.
    Hidden neuron $i$ bends the output at $x_i = -b_i / w_i$, and between two bends everything is a straight line.
    A network with $h$ relu neurons is therefore a broken line with at most $h$ kinks, and exactly $h$ if no two kinks coincide and none has an outgoing weight of 0.
    """)
    return


@app.cell
def test_kinks_are_counted():
    rows = []
    for width in (1, 5, 20):
        _net = fn.mlp(n_in=1, hidden=[width], n_out=1, seed=width, dtype="float64")
        rng = np.random.default_rng(width)
        layer = _net.layers[0]
        layer.weights[...] = rng.choice([-1.0, 1.0], (1, width))
        layer.bias[...] = rng.uniform(
            -0.95, 0.95, width
        )  # so all kinks lie in -1 ... 1
        x = np.linspace(-1, 1, 20001)[:, None]
        slope = np.diff(_net(x).ravel()) / np.diff(x.ravel())
        bends = np.abs(np.diff(slope)) > 1e-6
        # a kink that lies between two points bends at both: count runs of bends
        kinks = int(np.sum(bends[1:] & ~bends[:-1]) + bends[0])
        rows.append((f"kinks of {width} relu neurons", width, kinks))
    book.beside(rows)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### A broken line that follows a curve

    Now choose the kinks.
    Put points $x_0 < x_1 < \dots < x_h$ on the axis, a distance $\Delta$ apart, and let the network go through $(x_i, f(x_i))$.
    Between $x_{i-1}$ and $x_i$ the slope must be $s_i = (f(x_i) - f(x_{i-1})) / \Delta$.
    A neuron $\mathrm{relu}(x - x_i)$ with the outgoing weight $v$ adds $v$ to the slope from $x_i$ on, so

    $$
    g(x) = f(x_0) + s_1\, \mathrm{relu}(x - x_0) + \sum_{i=1}^{h-1} (s_{i+1} - s_i)\, \mathrm{relu}(x - x_i)
    $$

    goes through all points: $h$ hidden neurons for $h$ pieces, and no training at all.

    **How far off is it?** Between two of the points let $e(x) = f(x) - g(x)$.
    It is zero at both ends, and $e'' = f''$ there, since $g$ is straight.
    Let $|f''| \le M$, and let $e$ be largest at $c$, where $e'(c) = 0$.
    The nearer end of the piece, call it $q$, is at most $\Delta / 2$ away.
    Taylor's theorem around $c$ gives $0 = e(q) = e(c) + \tfrac12 e''(\xi) (q - c)^2$ with some $\xi$ between them, so

    $$
    |e(c)| = \tfrac12 |f''(\xi)| (q - c)^2 \le \tfrac12 M \left( \tfrac{\Delta}{2} \right)^2 = \frac{M \Delta^2}{8}
    $$

    Twice as many neurons: a quarter of the error.
    """)
    return


@app.function
def follow(f, pieces, low, high):
    """A network with one hidden relu neuron for each piece, by the formula."""
    points = np.linspace(low, high, pieces + 1)
    slopes = np.diff(f(points)) / np.diff(points)
    net = fn.Network(
        [fn.Dense(1, pieces, activation="relu"), fn.Dense(pieces, 1)],
        seed=0,
        dtype="float64",
    )
    net.layers[0].weights[...] = 1.0
    net.layers[0].bias[...] = -points[:-1]
    net.layers[1].weights[...] = np.diff(slopes, prepend=0.0)[:, None]
    net.layers[1].bias[...] = f(points[0])
    return net


@app.cell
def test_the_error_is_as_predicted():
    dense_x = np.linspace(0, 2 * np.pi, 20001)
    errors = {}
    for pieces in (4, 8, 16, 32, 64, 128):
        g = follow(np.sin, pieces, 0, 2 * np.pi)(dense_x[:, None]).ravel()
        errors[pieces] = float(np.abs(np.sin(dense_x) - g).max())
        assert errors[pieces] <= (2 * np.pi / pieces) ** 2 / 8 + 1e-12  # |sin''| <= 1
    exponent = np.log(errors[128] / errors[32]) / np.log(128 / 32)
    book.beside(
        [
            (
                f"largest error with {pieces} neurons",
                (2 * np.pi / pieces) ** 2 / 8,
                errors[pieces],
                # the bound is reached where |sin''| = 1; near it sin'' has changed by
                # at most half the square of half a piece
                (2 * np.pi / pieces) ** 2 / 8 * (np.pi / pieces) ** 2,
            )
            for pieces in (8, 32, 128)
        ]
        + [("exponent of the width", -2.0, float(exponent), 0.01)]
    )
    return (dense_x,)


@app.cell(hide_code=True)
def _():
    pieces_slider = mo.ui.slider(2, 24, value=6, label="hidden neurons")
    pieces_slider
    return (pieces_slider,)


@app.cell(hide_code=True)
def _(BLUE, RED, dense_x, pieces_slider, plt):
    def draw_follow(pieces):
        net = follow(np.sin, pieces, 0, 2 * np.pi)
        points = np.linspace(0, 2 * np.pi, pieces + 1)
        picture, axes = plt.subplots(figsize=(6.5, 2.8))
        axes.plot(dense_x, np.sin(dense_x), color="0.6", linewidth=4, label="sine")
        axes.plot(dense_x, net(dense_x[:, None]), color=BLUE, label="network")
        axes.plot(points, np.sin(points), "o", color=RED, markersize=4)
        axes.set(xlabel="x", ylabel="output", ylim=(-1.25, 1.25))
        axes.legend(loc="upper right")
        return picture

    book.live(
        draw_follow,
        pieces_slider,
        name="hidden neurons",
        at=(3, 6, 20),
        alt="The sine and a broken line of {value} pieces through points on it.",
        caption="A curve bent out of straight pieces, one hidden neuron for each.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### With sigmoids: bumps

    With $\sigma(z) = 1 / (1 + e^{-z})$ the building block is a bump.
    $\sigma(k (x - a))$ is a step at $a$, the steeper the larger $k$, and the difference of two steps,
    $\sigma(k (x - a)) - \sigma(k (x - b))$, is a block between $a$ and $b$.
    Any curve can be filled with blocks, as in a bar chart.
    At the edges a step is exactly 1/2, whatever $k$; in the middle of a block of the width $w = b - a$ it is $2 \sigma(k w / 2) - 1$, by $\sigma(-z) = 1 - \sigma(z)$.
    """)
    return


@app.cell
def test_a_bump_of_two_sigmoids():
    k, left, right = 20.0, 0.3, 0.8
    bump = fn.Network(
        [fn.Dense(1, 2, activation="sigmoid"), fn.Dense(2, 1)], dtype="float64"
    )
    bump.layers[0].weights[...] = k
    bump.layers[0].bias[...] = [-k * left, -k * right]
    bump.layers[1].weights[...] = [[1.0], [-1.0]]
    bump.layers[1].bias[...] = 0.0
    at = bump(np.array([[left], [(left + right) / 2]])).ravel()
    half = 1 / (1 + math.exp(-k * (right - left) / 2))
    book.beside(
        [
            ("in the middle of the block", 2 * half - 1, float(at[1]), 1e-12),
            # at the edge the other step is not quite 0: sigma(-k w)
            ("at its edge", 0.5, float(at[0]), math.exp(-k * (right - left))),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### What the theorem says, and what it doesn't

    Cybenko (1989) proved for sigmoids, and Hornik (1991) for other bounded activations, that one hidden layer can come as near as one likes to any continuous function on a bounded region, if it is wide enough.
    Leshno and others (1993) found the condition on the activation: any will do that is not a polynomial.

    It does **not** say

    - *how wide*: in many dimensions the number of blocks grows like $1/\varepsilon^d$ for an error of $\varepsilon$; for some functions it is far less (Barron, 1993);
    - *that training finds the weights*: it says that they exist;
    - *anything outside the region*: there, a relu network goes on as a straight line for ever.

    The last point can be predicted exactly.
    Far to the right every neuron with $w_i > 0$ is active and the others are silent, so the slope is $\sum_{i:\, w_i > 0} w_i v_i$.
    """)
    return


@app.cell
def test_outside_it_is_a_straight_line(dense_x):
    wave = fn.mlp(
        n_in=1, hidden=[64], n_out=1, activation="relu", seed=1, dtype="float64"
    )
    x_train = np.random.default_rng(3).uniform(0, 2 * np.pi, (400, 1))
    wave.fit(x_train, np.sin(x_train), loss="mse", optimizer=fn.Adam(0.01), epochs=400)
    inside = float(np.abs(wave(dense_x[:, None]).ravel() - np.sin(dense_x)).max())
    assert inside < 0.3

    w, v = wave.layers[0].weights.ravel(), wave.layers[1].weights.ravel()
    far = wave(np.array([[1e4], [1e4 + 1]])).ravel()
    book.beside(
        [
            (
                "slope far to the right",
                float(w[w > 0] @ v[w > 0]),
                float(far[1] - far[0]),
            )
        ],
        abs=1e-7,  # the difference of two numbers of size 1e4 in float64
    )
    return (wave,)


@app.cell(hide_code=True)
def _(BLUE, plt, wave):
    def draw_outside():
        x = np.linspace(-4, 12, 800)
        picture, axes = plt.subplots(figsize=(6.5, 2.8))
        axes.axvspan(0, 2 * np.pi, color="0.93", label="where it was trained")
        axes.plot(x, np.sin(x), color="0.6", linewidth=3, label="sine")
        axes.plot(x, wave(x[:, None]), color=BLUE, label="network")
        axes.set(xlabel="x", ylabel="output", ylim=(-3, 3))
        axes.legend(loc="upper center", ncols=3)
        return picture

    book.figure(
        draw_outside(),
        alt="Within the grey region the network follows the sine; outside of it the network "
        "goes on as a straight line while the sine turns.",
        caption="A trained network knows nothing beyond its data.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## The gradients of both layers

    Let the loss be the mean cross-entropy of $n$ samples, with one-hot labels $Y$ of shape $(n, m)$ and probabilities $P = \mathrm{softmax}(Z^{(2)})$.
    We go backward through the three lines of the forward pass.

    **The output.** For one sample $L = -\sum_c y_c \ln p_c$ with $p_c = e^{z_c} / \sum_k e^{z_k}$, so $\ln p_c = z_c - \ln \sum_k e^{z_k}$ and

    $$
    \frac{\partial L}{\partial z_j} = -\sum_c y_c \left( [c = j] - p_j \right) = -y_j + p_j \sum_c y_c = p_j - y_j
    $$

    since the labels add up to 1. For the mean over $n$ samples:

    $$
    G^{(2)} = \frac{\partial L}{\partial Z^{(2)}} = \frac{P - Y}{n} \qquad (n, m)
    $$

    **The second layer.** $z^{(2)}_{ij} = \sum_k a_{ik} w_{kj} + b_j$. The weight $w_{kj}$ touches column $j$ of every row $i$, with the factor $a_{ik}$; its paths add up:

    $$
    \frac{\partial L}{\partial w_{kj}} = \sum_i a_{ik}\, g_{ij}
    \quad\Rightarrow\quad
    \frac{\partial L}{\partial W^{(2)}} = A^{(1)\top} G^{(2)} \qquad (h, m)
    $$

    The bias touches every row with the factor 1:

    $$
    \frac{\partial L}{\partial b^{(2)}} = \sum_i G^{(2)}_{i\cdot} \qquad (m,)
    $$

    **Back through the layer.** $a_{ik}$ touches all columns $j$ of row $i$, with the factor $w_{kj}$:

    $$
    \frac{\partial L}{\partial a_{ik}} = \sum_j g_{ij} w_{kj}
    \quad\Rightarrow\quad
    \frac{\partial L}{\partial A^{(1)}} = G^{(2)} W^{(2)\top} \quad (n, h)
    $$

    **Through the activation**, element by element, and once more as above:

    $$
    \begin{aligned}
    G^{(1)} &= \frac{\partial L}{\partial A^{(1)}} \odot f'(Z^{(1)}) & & (n, h) \\
    \frac{\partial L}{\partial W^{(1)}} &= X^\top G^{(1)} & & (d, h) \\
    \frac{\partial L}{\partial b^{(1)}} &= \sum_i G^{(1)}_{i\cdot} & & (h,)
    \end{aligned}
    $$

    Each gradient has the shape of what it belongs to, and there is only one way to multiply the matrices so that the shapes fit.
    A network with more layers repeats the last two steps.
    """)
    return


@app.function
def gradients(X, Y, W1, b1, W2, b2):
    """The loss and the four gradients of a tanh network, line by line as above."""
    A1 = np.tanh(X @ W1 + b1)
    Z2 = A1 @ W2 + b2
    P = np.exp(Z2 - Z2.max(axis=1, keepdims=True))
    P /= P.sum(axis=1, keepdims=True)
    loss = -np.mean(np.log(P[Y == 1]))
    G2 = (P - Y) / len(X)
    G1 = (G2 @ W2.T) * (1 - A1**2)  # tanh' = 1 - tanh^2
    return loss, X.T @ G1, G1.sum(axis=0), A1.T @ G2, G2.sum(axis=0)


@app.cell
def test_by_hand_by_kernel_by_differences():
    X_moons, y_moons = fn.datasets.moons(n_samples=200, noise=0.1, seed=0)
    X_moons = X_moons.astype(float)
    two = fn.mlp(
        n_in=2, hidden=[5], n_out=2, activation="tanh", seed=1, dtype="float64"
    )
    lower, upper = two.layers
    Y_moons = np.eye(2)[y_moons]
    loss_by_hand, dW1, db1, dW2, db2 = gradients(
        X_moons, Y_moons, lower.weights, lower.bias, upper.weights, upper.bias
    )
    logits = two.forward(X_moons, training=False)
    loss_by_kernel, grad_logits = fn.ops.cross_entropy(logits, y_moons)
    two.backward(grad_logits)

    def shifted(step):
        W1 = lower.weights.copy()
        W1[1, 3] += step
        return gradients(X_moons, Y_moons, W1, lower.bias, upper.weights, upper.bias)[0]

    difference = (shifted(1e-5) - shifted(-1e-5)) / 2e-5
    pairs = (dW1, lower.grad_weights), (db1, lower.grad_bias)
    pairs += (dW2, upper.grad_weights), (db2, upper.grad_bias)
    apart = max(float(np.abs(mine - theirs).max()) for mine, theirs in pairs)
    book.beside(
        [
            ("loss, by hand and by kernel", loss_by_hand, loss_by_kernel, 1e-13),
            ("largest difference of a gradient", 0.0, apart, 1e-13),
            ("one weight, by hand and by differences", dW1[1, 3], difference, 1e-9),
        ]
    )
    return X_moons, y_moons


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The tolerances are those of rounding: sums of 200 terms in float64 agree to about 200 times $10^{-16}$, and a central difference with the step $10^{-5}$ to about $10^{-10}$ (chapter 4).

    ## Width, activation, initialisation

    Three choices are made before training: how many hidden neurons, which activation, and where the weights start.
    Two half-moons show what each does.

    ### Width
    """)
    return


@app.cell(hide_code=True)
def _():
    width_slider = mo.ui.slider(1, 32, value=4, label="hidden neurons")
    width_slider
    return (width_slider,)


@app.cell(hide_code=True)
def _(BLUE, RED, X_moons, plt, width_slider, y_moons):
    def draw_boundary(axes, net, X, y):
        low, high = X.min(axis=0) - 0.4, X.max(axis=0) + 0.4
        x1, x2 = np.meshgrid(*(np.linspace(low[i], high[i], 120) for i in range(2)))
        p = net.predict_proba(np.stack([x1.ravel(), x2.ravel()], axis=1))[:, 1]
        shade = p.reshape(x1.shape)
        axes.contourf(
            x1, x2, shade, levels=np.linspace(0, 1, 11), cmap="RdBu_r", alpha=0.5
        )
        axes.contour(x1, x2, shade, levels=[0.5], colors="0.2", linewidths=1.2)
        axes.plot(*X[y == 0].T, "o", color=BLUE, markersize=3)
        axes.plot(*X[y == 1].T, "s", color=RED, markersize=3)
        axes.set(xlabel="$x_1$", ylabel="$x_2$")
        axes.grid(False)

    def draw_width(width):
        net = fn.mlp(n_in=2, hidden=[width], n_out=2, activation="tanh", seed=0)
        net.fit(X_moons, y_moons, optimizer=fn.Adam(0.05), epochs=120)
        picture, axes = plt.subplots(figsize=(4.6, 3.2))
        draw_boundary(axes, net, X_moons, y_moons)
        axes.set_title(f"{width} hidden, {net.score(X_moons, y_moons):.1%} right")
        return picture

    book.live(
        draw_width,
        width_slider,
        name="hidden neurons",
        at=(1, 3, 16),
        alt="The decision of a network with {value} hidden neurons on two half-moons of points.",
        caption="One hidden neuron is one line; a few bend it around the moons.",
    )
    return (draw_boundary,)


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### Activation

    The same width and the same start; only the bend differs.
    A relu folds sharply, tanh and sigmoid softly, and with the identity there is no bend at all, so the network is one line, as computed above.
    """)
    return


@app.cell
def test_activations_compared(X_moons, y_moons):
    scores = {}
    for name in ("identity", "sigmoid", "tanh", "relu"):
        _net = fn.mlp(n_in=2, hidden=[16], n_out=2, activation=name, seed=0)
        _net.fit(X_moons, y_moons, optimizer=fn.Adam(0.05), epochs=200)
        scores[name] = _net.score(X_moons, y_moons)
    line = fn.LogisticRegression(C=1e4, solver="newton").fit(X_moons, y_moons)
    assert scores["identity"] < 0.93 < min(scores["tanh"], scores["relu"])
    book.beside(
        [
            (
                "identity: no better than one line",
                line.score(X_moons, y_moons),
                scores["identity"],
                0.03,  # the same model; the optimizer has not quite ended
            )
        ]
    )
    return (scores,)


@app.cell(hide_code=True)
def _(scores):
    book.table(
        ["activation", "right"],
        [[name, f"{score:.1%}"] for name, score in scores.items()],
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### Where the weights start

    **All equal.** If all hidden neurons have the same weights, they compute the same, get the same gradient, and stay the same for ever: sixteen neurons do the work of one.
    The prediction is exact, bit for bit.
    Random weights are there to break this symmetry.

    **All zero.** With relu, $A^{(1)} = \mathrm{relu}(0) = 0$, so $\partial L / \partial W^{(2)} = 0$; and $W^{(2)} = 0$ makes $\partial L / \partial A^{(1)} = 0$.
    Only the last bias can move, and it can learn no more than how frequent the classes are: half and half here, so the loss stays at $\ln 2$.
    """)
    return


@app.cell
def test_equal_and_zero_starts(X_moons, y_moons):
    def trained_from(fill):
        net = fn.mlp(
            n_in=2, hidden=[16], n_out=2, activation="relu", seed=0, dtype="float64"
        )
        for layer in net.layers:
            layer.weights[...] = fill
            layer.bias[...] = fill
        net.layers[1].weights[:, 1] = -fill  # the two outputs differ, the neurons don't
        net.fit(X_moons, y_moons, optimizer=fn.SGD(0.1), epochs=30, batch_size=200)
        return net

    equal, zero = trained_from(0.3), trained_from(0.0)
    columns = equal.layers[0].weights
    book.beside(
        [
            (
                "equal start: largest difference between neurons",
                0.0,
                float(np.abs(columns - columns[:, :1]).max()),
            ),
            (
                "zero start: largest weight",
                0.0,
                float(np.abs(zero.layers[0].weights).max()),
            ),
            (
                "zero start: loss",
                math.log(2),
                zero.evaluate(X_moons, y_moons)["loss"],
                1e-9,
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    **Too large.** Let the inputs have mean 0 and variance 1 and the weights the standard deviation $s$.
    Then $z = \sum_{i=1}^d x_i w_i$ has the variance $d s^2$ and is nearly normal for many inputs.
    A tanh is *saturated*, say, where $|z| > 2$: its slope there is below $1 - \tanh^2 2 = 0.07$, and hardly any gradient passes.
    The share of saturated neurons is predicted by the normal distribution:

    $$
    P(|z| > 2) = \mathrm{erfc}\!\left( \frac{2}{s \sqrt{2 d}} \right)
    $$
    """)
    return


@app.cell
def test_saturation_is_predicted():
    d = 100
    inputs = np.random.default_rng(5).normal(size=(400, d))
    spread_rows = []
    for s in (0.1, 0.3, 1.0):
        _net = fn.Network(
            [fn.Dense(d, 500, activation="tanh")], seed=0, dtype="float64"
        )
        _net.layers[0].weights[...] = np.random.default_rng(6).normal(0, s, (d, 500))
        _net.forward(inputs, training=False)
        share = float(np.mean(np.abs(_net.layers[0].z) > 2))
        spread_rows.append(
            (f"saturated with s = {s:g}", math.erfc(2 / (s * math.sqrt(2 * d))), share)
        )
    # 400 rows are independent, and the 500 neurons of a row nearly so: 0.02 is many errors
    book.beside(spread_rows, abs=0.02)
    return d, inputs


@app.cell(hide_code=True)
def _():
    spread_slider = mo.ui.slider(
        steps=[0.05, 0.1, 0.2, 0.5, 1.0, 2.0],
        value=0.2,
        label="standard deviation of weights",
    )
    spread_slider
    return (spread_slider,)


@app.cell(hide_code=True)
def _(BLUE, RED, d, inputs, plt, spread_slider):
    def draw_spread(s):
        z = inputs @ np.random.default_rng(6).normal(0, s, (d, 500))
        picture, sides = plt.subplots(1, 2, figsize=(6.5, 2.7))
        sides[0].hist(z.ravel(), bins=60, range=(-10, 10), density=True, color=BLUE)
        sides[0].axvspan(-2, 2, color="0.92", zorder=0)
        sides[0].set(xlabel="z", ylabel="density", title="before the activation")
        sides[1].hist(
            np.tanh(z).ravel(), bins=60, range=(-1, 1), density=True, color=RED
        )
        sides[1].set(xlabel="tanh(z)", title="after it")
        return picture

    book.live(
        draw_spread,
        spread_slider,
        name="standard deviation of weights",
        at=(0.05, 0.2, 1.0),
        alt="Histograms of z and of tanh(z) for weights of the standard deviation {value}; "
        "the wider z, the more of tanh(z) lies at -1 and 1.",
        caption="100 inputs, 500 neurons. Grey: where tanh still has a slope.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The remedy is in the formula: choose $s = 1 / \sqrt d$, and $z$ has the variance 1, whatever $d$ is.
    That is what initialisations do by default; chapter 6 derives them for many layers.

    ## A decision boundary as it forms

    At first the network knows nothing, and its boundary is an accident of the start.
    Then the boundary turns into place as a straight line, since that lowers the loss fastest, and only later bends around the tips of the moons.
    Move the slider to watch it.
    """)
    return


@app.cell
def _(X_moons, y_moons):
    watched = fn.mlp(n_in=2, hidden=[12], n_out=2, activation="tanh", seed=2)
    EPOCHS = (0, 1, 2, 4, 8, 16, 32, 64, 128)
    snapshots = {0: watched.flat_parameters.copy()}
    curve = []
    for begin, end in itertools.pairwise(EPOCHS):
        history = watched.fit(
            X_moons, y_moons, optimizer=fn.Adam(0.02), epochs=end - begin, batch_size=50
        )
        curve += list(history.loss)
        snapshots[end] = watched.flat_parameters.copy()
    return EPOCHS, curve, snapshots, watched


@app.cell(hide_code=True)
def _(EPOCHS):
    epoch_slider = mo.ui.slider(steps=list(EPOCHS), value=4, label="epoch")
    epoch_slider
    return (epoch_slider,)


@app.cell(hide_code=True)
def _(X_moons, draw_boundary, epoch_slider, plt, snapshots, y_moons):
    def draw_epoch(epoch):
        net = fn.mlp(n_in=2, hidden=[12], n_out=2, activation="tanh", seed=2)
        net.flat_parameters[...] = snapshots[epoch]
        picture, axes = plt.subplots(figsize=(4.6, 3.2))
        draw_boundary(axes, net, X_moons, y_moons)
        axes.set_title(f"epoch {epoch}, {net.score(X_moons, y_moons):.1%} right")
        return picture

    book.live(
        draw_epoch,
        epoch_slider,
        name="epoch",
        at=(0, 4, 16, 128),
        alt="The decision boundary between two half-moons of points after {value} epochs.",
        caption="A boundary forms: first a line, then its bends.",
    )
    return


@app.cell(hide_code=True)
def _(curve, plt):
    def draw_curve():
        picture, axes = plt.subplots(figsize=(6.5, 2.6))
        axes.plot(range(1, len(curve) + 1), curve)
        axes.axhline(math.log(2), color="0.6", linewidth=1)
        axes.text(len(curve), math.log(2) + 0.01, "ln 2: a blind guess", ha="right")
        axes.set(xlabel="epoch", ylabel="loss")
        return picture

    book.figure(
        draw_curve(),
        alt="The loss falls quickly from about 0.7 to 0.3 within 15 epochs, lies on a slope, "
        "and then falls again while the boundary bends.",
        caption="The loss of the same run.",
    )
    return


@app.cell
def test_the_boundary_has_formed(EPOCHS, X_moons, curve, watched, y_moons):
    assert len(curve) == EPOCHS[-1]
    assert curve[-1] < 0.25 * curve[0]
    assert watched.score(X_moons, y_moons) > 0.95
    book.table(
        ["epoch", "right"],
        [
            [epoch, f"{score:.1%}"]
            for epoch, score in (
                (EPOCHS[0], 0.5),
                (EPOCHS[-1], watched.score(X_moons, y_moons)),
            )
        ][1:],
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Exercises
    """)
    return


@app.cell(hide_code=True)
def _():
    exercise_1 = book.exercise("5.1")
    exercise_1
    return (exercise_1,)


@app.cell(hide_code=True)
def _(exercise_1):
    book.judged("5.1", exercise_1)
    return


@app.cell(hide_code=True)
def _():
    exercise_2 = book.exercise("5.2")
    exercise_2
    return (exercise_2,)


@app.cell(hide_code=True)
def _(exercise_2):
    book.judged("5.2", exercise_2)
    return


@app.cell(hide_code=True)
def _():
    exercise_3 = book.exercise("5.3")
    exercise_3
    return (exercise_3,)


@app.cell(hide_code=True)
def _(exercise_3):
    book.judged("5.3", exercise_3)
    return


@app.cell(hide_code=True)
def _():
    exercise_4 = book.exercise("5.4")
    exercise_4
    return (exercise_4,)


@app.cell(hide_code=True)
def _(exercise_4):
    book.judged("5.4", exercise_4)
    return


@app.cell(hide_code=True)
def _():
    exercise_5 = book.exercise("5.5")
    exercise_5
    return (exercise_5,)


@app.cell(hide_code=True)
def _(exercise_5):
    book.judged("5.5", exercise_5)
    return


@app.cell(hide_code=True)
def _():
    exercise_6 = book.exercise("5.6")
    exercise_6
    return (exercise_6,)


@app.cell(hide_code=True)
def _(exercise_6):
    book.judged("5.6", exercise_6)
    return


@app.cell(hide_code=True)
def _():
    exercise_7 = book.exercise("5.7")
    exercise_7
    return (exercise_7,)


@app.cell(hide_code=True)
def _(exercise_7):
    book.judged("5.7", exercise_7)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Solutions
    """)
    return


@app.cell(hide_code=True)
def _():
    book.solutions(5)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Ten questions
    """)
    return


@app.cell(hide_code=True)
def _():
    quiz_answers = book.quiz(5)
    quiz_answers
    return (quiz_answers,)


@app.cell(hide_code=True)
def _(quiz_answers):
    book.marked(5, quiz_answers)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Sources

    - M. Minsky and S. Papert, *Perceptrons*, MIT Press, 1969: what one layer of threshold units cannot compute.
    - D. E. Rumelhart, G. E. Hinton and R. J. Williams, *Learning representations by back-propagating errors*, Nature 323, 1986: hidden neurons that learn.
    - G. Cybenko, *Approximation by superpositions of a sigmoidal function*, Mathematics of Control, Signals and Systems 2, 1989: universal approximation with sigmoids.
    - K. Hornik, *Approximation capabilities of multilayer feedforward networks*, Neural Networks 4, 1991: with other activations.
    - M. Leshno, V. Ya. Lin, A. Pinkus and S. Schocken, *Multilayer feedforward networks with a nonpolynomial activation function can approximate any function*, Neural Networks 6, 1993: with any that is not a polynomial.
    - A. R. Barron, *Universal approximation bounds for superpositions of a sigmoidal function*, IEEE Transactions on Information Theory 39, 1993: how wide, for smooth functions.
    - C. de Boor, *A Practical Guide to Splines*, Springer, 1978: the error of broken lines.
    - C. M. Bishop, *Pattern Recognition and Machine Learning*, Springer, 2006: the gradients of two layers.
    """)
    return


if __name__ == "__main__":
    app.run()
