# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

__generated_with = "0.25.2"
app = marimo.App(app_title="5 Shallow networks", css_file="chapter.css")

with app.setup:
    import itertools
    import math

    import marimo as mo
    import numpy as np

    import fastnn as fn
    from fastnn import book
    from fastnn.plot import style


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    # 5 Shallow networks

    When you have read this chapter, you can

    - prove that one neuron cannot compute XOR, and write down a hidden layer of two neurons that does;
    - say what a hidden neuron is: a half-plane, or a fold;
    - set the weights of a relu network by hand so that it follows a given curve, and predict its error;
    - say what the universal approximation theorem promises, and four things that it does not;
    - derive the gradients of both layers in matrix form, with all shapes, and check them in three ways;
    - predict what equal, zero and too large initial weights do;
    - read a picture of a decision boundary, and say which neuron made which piece of it.

    ## What one neuron cannot do: XOR

    Chapter 4 ended with a single neuron: it adds up its inputs, each with a weight, and says yes if the sum is large enough.
    Its border between yes and no is a straight line.
    Is that enough?

    The smallest question that shows the limit has two inputs, each 0 or 1, and asks: **is exactly one of them 1?**
    This is *exclusive or*, in short XOR.

    | $x_1$ | $x_2$ | XOR |
    | ---: | ---: | ---: |
    | 0 | 0 | 0 |
    | 0 | 1 | 1 |
    | 1 | 0 | 1 |
    | 1 | 1 | 0 |

    ### A proof in four lines

    A neuron says yes if $w_1 x_1 + w_2 x_2 + b > 0$, and no otherwise. (This covers sigmoid as well: $p > \frac12$ is the same as $z > 0$.)
    Each row of the table asks something of the three numbers $w_1$, $w_2$ and $b$:

    $$
    \begin{aligned}
    b &\le 0 && \text{(1) row } 0, 0 \text{ must be no} \\
    w_2 + b &> 0 && \text{(2) row } 0, 1 \text{ must be yes} \\
    w_1 + b &> 0 && \text{(3) row } 1, 0 \text{ must be yes} \\
    w_1 + w_2 + b &\le 0 && \text{(4) row } 1, 1 \text{ must be no}
    \end{aligned}
    $$

    Add (2) and (3), and add (1) and (4):

    $$
    w_1 + w_2 + 2b > 0 \qquad \text{and} \qquad w_1 + w_2 + 2b \le 0 .
    $$

    The left sides are the same number. It cannot be above 0 and not above 0, so no such $w_1, w_2, b$ exist.
    Nothing was said about how the neuron learns: no training can find what does not exist.
    Minsky and Papert (1969) proved far more of this kind.

    Three of the four rows are the most that can be had. Turn the line and see.
    """)
    return


@app.cell
def _():
    corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])  # (4, 2)
    exclusive = np.array([0, 1, 1, 0])  # (4,)
    return corners, exclusive


@app.cell(hide_code=True)
def _():
    direction = mo.ui.slider(
        0, 355, step=5, value=45, label="direction of yes, degrees", show_value=True
    )
    direction
    return (direction,)


@app.cell(hide_code=True)
def _(corners, direction, exclusive):
    plt = book.pyplot()

    def best_line(degrees):
        """The bias that gets most corners right for this direction, and how many."""
        w = np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])
        projected = np.sort(corners @ w)
        between = [projected[0] - 0.3, *(projected[1:] + projected[:-1]) / 2]
        right = [np.sum((corners @ w > t) == exclusive) for t in between]
        best = int(np.argmax(right))
        return w, -between[best], right[best]

    def draw_line(degrees):
        w, b, right = best_line(degrees)
        side = np.linspace(-0.5, 1.5, 200)
        gx, gy = np.meshgrid(side, side)
        picture, ax = plt.subplots(figsize=(3.6, 2.7))
        ax.contourf(gx, gy, gx * w[0] + gy * w[1] + b, [0, 9], colors=[style.SKY],
                    alpha=0.35)
        ax.contour(gx, gy, gx * w[0] + gy * w[1] + b, [0], colors=[style.INK])
        for label, mark, ink in ((0, "s", style.RED), (1, "o", style.BLUE)):
            ax.plot(*corners[exclusive == label].T, mark, color=ink, markersize=11,
                    label=("no", "yes")[label])
        ax.set(xlabel="input 1", ylabel="input 2", aspect="equal",
               title=f"{right} of 4 right", xlim=(-0.5, 1.5), ylim=(-0.5, 1.5))
        ax.grid(False)
        ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
        return picture

    book.live(
        draw_line,
        direction,
        name="direction of yes, degrees",
        at=(0, 45, 130),
        alt="The four corners of XOR and a straight border whose yes side lies in the "
        "direction of {value} degrees. At least one corner is on the wrong side.",
        caption="The shaded side says yes. The line stands where it gets most corners "
        "right in this direction.",
    )
    return best_line, plt


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### How many tables one neuron can do

    Two inputs of 0 or 1 have four rows, so there are $2^4 = 16$ tables of yes and no. How many of them can a neuron do?
    Cover (1965) counted the ways to part $N$ points in $d$ dimensions by a flat border, if no $d + 1$ of them lie on one flat border:

    $$
    C(N, d) = 2 \sum_{k=0}^{d} \binom{N - 1}{k}, \qquad C(4, 2) = 2\,(1 + 3 + 3) = 14 .
    $$

    Here $\binom{N-1}{k}$ is the number of ways to choose $k$ of $N - 1$ things. In the plane, $d = 2$, the condition says that no three points lie on one line, which is true of the corners of a square. So one neuron can do all but two of the tables. The two are XOR and its opposite.
    We count by trying all small whole weights.

    What does a neuron learn when it is asked for what it cannot do? Here we can predict everything.
    Turn the square by half a turn, so that each 0 becomes 1 and each 1 becomes 0. The XOR of the two inputs stays the same, but in $z$ each $w_k x_k$ becomes $w_k - w_k x_k$. So if $w$ were the best weights, $-w$ with the bias $b + w_1 + w_2$ would be as good. The loss is convex, as chapter 4 showed, so half-way between them is at least as good: $w = 0$.
    With $w = 0$ only the bias is left, and the best probability is the share of yes, $\frac12$: the loss is $\ln 2$.
    """)
    return


@app.cell
def test_one_neuron_and_the_sixteen_tables(best_line, corners, exclusive):
    weights = np.array(list(itertools.product([-2, -1, 0, 1, 2], repeat=2)))  # (25, 2)
    biases = np.arange(-4.5, 5)  # (10,)
    answers_of_all = (corners @ weights.T)[:, :, None] + biases > 0  # (4, 25, 10)
    tables = np.unique(answers_of_all.reshape(4, -1), axis=1)  # a column for each table

    neuron = fn.mlp(2, [], 1, seed=3, dtype="float64")
    neuron.fit(
        corners, exclusive, loss="binary_cross_entropy", optimizer=fn.SGD(0.5),
        epochs=2000, batch_size=4,
    )
    best_loss = neuron.evaluate(corners, exclusive)["loss"]
    book.beside(
        [
            ("tables that one neuron can do", 14, tables.shape[1]),
            ("corners right, at best", 3, max(best_line(a)[2] for a in range(360))),
            ("loss after training", np.log(2), best_loss),
            ("largest weight after training", 0.0, abs(neuron.layers[0].weights).max()),
        ],
        abs=1e-9,  # 2000 steps, each shrinks what is left of the weights by a tenth
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## One hidden layer

    The way out: let some neurons look at the inputs first, and let a last neuron look at *them*.
    Neurons whose outputs are not the answer, but are used inside, are **hidden**; together they are a **hidden layer**.
    A network with one hidden layer is called **shallow**.

    ### XOR with two hidden neurons

    We use the activation **relu**, $\max(z, 0)$: a number above 0 passes unchanged, a number below 0 becomes 0.
    Let $s = x_1 + x_2$ count the ones. XOR must be 0, 1, 0 for $s = 0, 1, 2$: it goes up by 1, then down by 1.
    The first hidden neuron makes the way up, the second one bends it down:

    $$
    h_1 = \max(x_1 + x_2,\, 0), \qquad h_2 = \max(x_1 + x_2 - 1,\, 0), \qquad \hat y = h_1 - 2\, h_2 .
    $$

    | $x_1$ | $x_2$ | $h_1$ | $h_2$ | $h_1 - 2 h_2$ |
    | ---: | ---: | ---: | ---: | ---: |
    | 0 | 0 | 0 | 0 | 0 |
    | 0 | 1 | 1 | 0 | 1 |
    | 1 | 0 | 1 | 0 | 1 |
    | 1 | 1 | 2 | 1 | 0 |

    These weights are well known (Goodfellow, Bengio and Courville, 2016). As the sums are of small whole numbers, the result is exact.
    The function below makes a network whose numbers are given; this chapter uses it often.
    """)
    return


@app.function
def network_of(weights_1, bias_1, weights_2, bias_2, activation="relu"):
    """A network with one hidden layer and these numbers, in double precision."""
    (d, m), k = np.shape(weights_1), np.shape(weights_2)[1]
    net = fn.Network([fn.Dense(d, m, activation), fn.Dense(m, k)], dtype="float64")
    hidden, output = net.layers
    hidden.weights, hidden.bias = weights_1, bias_1  # (d, m), (m,)
    output.weights, output.bias = weights_2, bias_2  # (m, k), (k,)
    return net


@app.cell
def test_two_hidden_neurons_do_xor(corners, exclusive):
    by_hand = network_of([[1, 1], [1, 1]], [0, -1], [[1], [-2]], [0])
    outputs = by_hand(corners)[:, 0]
    book.beside(
        [
            (f"{int(x1)} xor {int(x2)}", float(target), float(output))
            for (x1, x2), target, output in zip(
                corners, exclusive, outputs, strict=True
            )
        ]
    )  # nothing is allowed: the numbers are exact
    return (by_hand,)


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    What happened? Look at the right picture: it shows the same four corners, but each at the place $(h_1, h_2)$ that the hidden layer gives it.
    The two corners that must be yes have been put on one point, and now a straight line is enough.
    **A hidden layer moves the data to where the last neuron can part them.**
    """)
    return


@app.cell(hide_code=True)
def _(by_hand, corners, exclusive, plt):
    def draw_folded():
        by_hand.forward(corners)
        hidden = by_hand.layers[0].a
        picture, (left, right) = plt.subplots(1, 2, figsize=(6.8, 3.1))
        side = np.linspace(-0.5, 1.6, 150)
        plane = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
        values = by_hand(plane).reshape(150, 150)
        left.contourf(side, side, values, [0.5, 9], colors=[style.SKY], alpha=0.35)
        for place, ax in ((corners, left), (hidden, right)):
            for label, mark, ink in ((0, "s", style.RED), (1, "o", style.BLUE)):
                of = exclusive == label
                ax.plot(*place[of].T, mark, color=ink, markersize=10)
            ax.grid(False)
        for shift, name in ((0, "fold 1"), (1, "fold 2")):
            left.plot([-0.5, shift + 0.5], [shift + 0.5, -0.5], "--", color=style.INK,
                      lw=1)
            left.annotate(name, (-0.45, shift + 0.45), (4, 3), fontsize=9.5,
                          textcoords="offset points")
        x = np.linspace(-0.3, 2.4, 50)
        right.fill_between(x, -0.5, (x - 0.5) / 2, color=style.SKY, alpha=0.35, lw=0)
        right.plot(x, (x - 0.5) / 2, color=style.INK)
        right.annotate("two corners\non one point", (1, 0), (0.25, 0.75), fontsize=9.5,
                       arrowprops={"arrowstyle": "->", "color": style.INK})
        left.set(xlabel="input 1", ylabel="input 2", title="what comes in",
                 xlim=(-0.5, 1.6), ylim=(-0.5, 1.6))
        right.set(xlabel="hidden neuron 1", ylabel="hidden neuron 2",
                  title="after the hidden layer", xlim=(-0.3, 2.4), ylim=(-0.5, 1.3))
        return picture

    book.figure(
        draw_folded(),
        alt="Left: the four corners, with a diagonal band of yes between two dashed "
        "folds. Right: after the hidden layer the two yes corners lie on one point, "
        "below a straight line; the two no corners lie above it.",
        caption="Blue circles must be yes, red squares no; the shaded side says yes, "
        "which here means an output above 0.5.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### What a hidden neuron is

    Take one hidden neuron with the weights $w$ of shape $(d,)$ and the bias $b$, so $z = x \cdot w + b$.

    - With a **step** (1 if $z > 0$, else 0) it is a **half-plane**: it says on which side of the line $z = 0$ the point lies. Sigmoid and tanh are such steps with a soft edge.
    - With **relu** it is a **fold**: a sheet of paper that lies flat on one side of the line, and rises evenly on the other.

    Two facts about the line and the slope, each in two steps.

    *How far is the line from the origin?* The nearest point of the line lies in the direction of $w$, so write it as $x = t\, w$. It must have $z = 0$: $t\, w \cdot w + b = 0$, so $t = -b / \lVert w \rVert^2$. Its distance is $|t|\, \lVert w \rVert = |b| / \lVert w \rVert$, where $\lVert w \rVert = \sqrt{w \cdot w}$ is the length of $w$.

    *How steep is the open side?* There $a = x \cdot w + b$, so $\partial a / \partial x_k = w_k$: the gradient is $w$ itself, and its length is $\lVert w \rVert$. On the closed side it is 0.

    So the direction of $w$ turns the line, $b$ shifts it, and the length of $w$ makes it steep.
    (With three inputs the line becomes a plane. With more there is no picture, but the two derivations stay as they are.)

    With more hidden neurons, the lines cut the plane into regions. In each of them every neuron is either open or closed, so a relu network is one flat piece there.
    How many regions can there be? The line number $j$ meets the $j - 1$ lines before it in at most $j - 1$ points, which divide it into at most $j$ parts, and each part cuts one region in two. So line $j$ adds at most $j$ regions. We begin with one region, and

    $$
    R(m) = 1 + 1 + 2 + \dots + m = 1 + \frac{m\,(m + 1)}{2}
    $$

    (Steiner, 1826). To reach it, no two lines may be parallel and no three may meet in a point. Lines that touch one circle at different places have both properties, unless two of them are on opposite sides.
    """)
    return


@app.cell(hide_code=True)
def _(plt):
    def draw_neuron():
        w, b = np.array([0.6, 0.8]), -1.0
        picture, axes = plt.subplots(1, 2, figsize=(6.8, 3), sharey=True)
        side = np.linspace(-1.5, 2.5, 160)
        plane = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
        for ax, kind, scale, top in zip(
            axes, ("sigmoid", "relu"), (6, 1), (1, 3), strict=True
        ):
            neuron = network_of(w[:, None] * scale, [b * scale], [[1]], [0], kind)
            heights = neuron(plane).reshape(160, 160)
            shown = ax.contourf(
                side, side, heights, np.linspace(0, top, 13), cmap="Blues"
            )
            picture.colorbar(
                shown, ax=ax, label="output a", ticks=np.linspace(0, top, 5)
            )
            ax.axline(w, slope=-w[0] / w[1], color=style.INK, linestyle="--", lw=1.2)
            ax.annotate("", w, (0, 0), arrowprops={"arrowstyle": "->", "lw": 1.6,
                                                   "color": style.RED})
            ax.plot(0, 0, "o", color=style.RED, markersize=4)
            ax.text(
                -1.4, -0.4, "arrow: |b| / length of w", fontsize=9.5, color=style.RED
            )
            ax.text(-1.4, 1.3, "z = 0", fontsize=9.5)
            ax.set(title=kind, xlabel="input 1", aspect="equal", xticks=(-1, 0, 1, 2),
                   xlim=(-1.5, 2.5), ylim=(-1.5, 2.5))
            ax.grid(False)
        axes[0].set_ylabel("input 2")
        return picture

    book.figure(
        draw_neuron(),
        alt="Two pictures of the plane with a dashed line z = 0 and an arrow from the "
        "origin to its nearest point. With sigmoid the output is 0 on one side and 1 on "
        "the other, with a soft edge at the line. With relu it is 0 on one side and "
        "rises evenly on the other.",
        caption="One hidden neuron: a half-plane with a soft edge (sigmoid, with weights "
        "six times as long), and a fold (relu).",
    )
    return


@app.cell
def test_a_hidden_neuron_is_a_fold():
    fold = network_of([[3.0], [4.0]], [-10.0], [[1.0]], [0.0])  # w has the length 5
    on_the_line = np.array([[3.0, 4.0]]) * 10 / 25  # t w, with t = -b / (w . w)
    fold.forward(np.vstack([on_the_line, [[5.0, 5.0]], [[-1.0, 0.0]]]))
    at_line, _, _ = fold.layers[0].z[:, 0]
    slope_open, slope_closed = np.linalg.norm(
        fold.backward(np.ones((3, 1)))[1:], axis=1
    )
    book.beside(
        [
            ("z at the nearest point", 0.0, at_line),
            ("its distance from the origin", 10 / 5, np.linalg.norm(on_the_line)),
            ("slope on the open side", 5.0, slope_open),
            ("slope on the closed side", 0.0, slope_closed),
        ],
        abs=1e-12,
    )
    return


@app.cell
def test_regions_of_the_plane():
    def regions(m):
        """How many patterns of open and closed neurons a fine grid of points shows."""
        angle = np.pi * np.arange(m) / m
        touching = network_of(
            [np.cos(angle), np.sin(angle)], -np.ones(m), np.ones((m, 1)), [0.0]
        )  # m lines at the distance 1 from the origin
        side = np.linspace(-7, 7, 701)
        touching.forward(np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2))
        open_ = touching.layers[0].z > 0  # (701 * 701, m)
        return len(np.unique(open_ @ 2 ** np.arange(m)))

    book.beside(
        [
            (f"regions, width {m}", 1 + m * (m + 1) // 2, regions(m))
            for m in (1, 2, 3, 5, 8)
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### In matrix form

    Now all samples and all neurons at once. $X$ has $n$ rows (samples) and $d$ columns (features); the hidden layer has $m$ neurons, the output layer $k$:

    $$
    \begin{aligned}
    \underset{(n, m)}{Z^{(1)}} &= \underset{(n, d)}{X}\; \underset{(d, m)}{W^{(1)}} + \underset{(m,)}{b^{(1)}} && \text{each neuron's sum, for each sample} \\
    \underset{(n, m)}{A^{(1)}} &= f\bigl(Z^{(1)}\bigr) && \text{the activation, element by element} \\
    \underset{(n, k)}{\hat Y} &= \underset{(n, m)}{A^{(1)}}\; \underset{(m, k)}{W^{(2)}} + \underset{(k,)}{b^{(2)}} && \text{the output layer}
    \end{aligned}
    $$

    Column $j$ of $W^{(1)}$ holds the weights of hidden neuron $j$, row $j$ of $W^{(2)}$ says what the outputs make of it.
    There are $(d + 1)\, m + (m + 1)\, k$ numbers to learn. The number $m$ is called the **width**.

    ### Why the activation is needed

    Leave $f$ out, and put the first line into the third:

    $$
    \begin{aligned}
    \hat Y &= \bigl(X W^{(1)} + b^{(1)}\bigr) W^{(2)} + b^{(2)} \\
    &= X \underbrace{W^{(1)} W^{(2)}}_{(d, k)} + \underbrace{b^{(1)} W^{(2)} + b^{(2)}}_{(k,)} && \text{the bracket opened}
    \end{aligned}
    $$

    This is one layer, with the weights $W^{(1)} W^{(2)}$. Two layers without an activation can do what one layer can, and no more. The bend is what makes the difference.
    """)
    return


@app.cell
def test_without_activation_two_layers_are_one():
    _rng = np.random.default_rng(5)
    _w1, _b1 = _rng.normal(size=(3, 40)), _rng.normal(size=40)
    _w2, _b2 = _rng.normal(size=(40, 2)), _rng.normal(size=2)
    _inputs = _rng.normal(size=(2, 3))
    two_layers = network_of(_w1, _b1, _w2, _b2, activation=None)
    one_layer = fn.ops.dense(_inputs, _w1 @ _w2, _b1 @ _w2 + _b2)
    book.beside(
        [
            (f"sample {i}, output {k}", one_layer[i, k], two_layers(_inputs)[i, k])
            for i in range(2)
            for k in range(2)
        ],
        abs=1e-11,  # sums of 40 products in two orders
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### XOR learned

    We know that two hidden neurons are enough. Does training find them? Twenty networks for each width and activation, each from other random weights, 2,000 steps of the optimizer Adam (chapter 6 says what it does). The table shows how many of the twenty got all four corners right.
    """)
    return


@app.cell
def _(corners, exclusive):
    def learn_xor(width, activation, seed):
        one = fn.mlp(2, [width], 1, activation, seed=seed, dtype="float64")
        one.fit(
            corners, exclusive, loss="binary_cross_entropy", optimizer=fn.Adam(0.05),
            epochs=2000, batch_size=4,
        )
        return one

    xor_losses = {
        (width, activation): np.array(
            [
                learn_xor(width, activation, seed).evaluate(corners, exclusive)["loss"]
                for seed in range(20)
            ]
        )
        for width in (2, 4, 8)
        for activation in ("relu", "tanh", "sigmoid")
    }
    solved = {key: int(np.sum(losses < 0.1)) for key, losses in xor_losses.items()}
    assert solved[2, "relu"] < 15 <= solved[8, "relu"]
    book.table(
        ["hidden neurons", "relu", "tanh", "sigmoid"],
        [
            [width, *(f"{solved[width, a]} of 20" for a in ("relu", "tanh", "sigmoid"))]
            for width in (2, 4, 8)
        ],
    )
    return (xor_losses,)


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    With two neurons many fail, with eight few. **That weights exist does not mean that training finds them**, and more neurons than needed make it easier to find some.

    Where do those that fail end up? This can be predicted. They have put some of the corners on one point, or so far to one side that relu makes them all 0, and the output cannot tell them apart. For a group of $g$ corners of which a share $s$ must be yes, the best common probability is $s$, and it costs the entropy $H(s) = -s \ln s - (1 - s) \ln (1 - s)$ for each corner (chapter 4). All others can be made to cost nearly nothing. The mean over four corners is $\frac{g}{4} H(s)$:

    - two together, one of each kind: $\frac{2}{4} H(\frac12) = \frac12 \ln 2 = 0.3466$;
    - three together, two of one kind: $\frac34 H(\frac13) = 0.4774$;
    - all four together: $H(\frac12) = \ln 2 = 0.6931$.

    Two pairs, each of both kinds, cost as much as all four. So there are three places to get stuck, and every failed network must be at one of them.
    """)
    return


@app.cell
def test_where_failed_networks_are_stuck(xor_losses):
    def entropy(s):
        return -s * np.log(s) - (1 - s) * np.log(1 - s)

    places = np.array([entropy(1 / 2) / 2, 3 / 4 * entropy(1 / 3), entropy(1 / 2)])
    stuck = np.concatenate(list(xor_losses.values()))
    stuck = stuck[stuck > 0.1]
    nearest = np.abs(stuck[:, None] - places).argmin(axis=1)
    book.beside(
        [
            (f"{name}: farthest of {np.sum(nearest == i)}", places[i],
             max(stuck[nearest == i], key=lambda loss: abs(loss - places[i])))
            for i, name in enumerate(("two together", "three together", "all together"))
            if np.any(nearest == i)
        ],
        abs=0.005,  # the corners that are told apart still cost a little
    )
    return


@app.cell(hide_code=True)
def _(plt, xor_losses):
    def draw_stuck():
        picture, axes = plt.subplots(1, 3, figsize=(6.8, 2.7), sharey=True)
        for ax, activation in zip(axes, ("relu", "tanh", "sigmoid"), strict=True):
            for level in (0.3466, 0.4774, 0.6931):
                ax.axhline(level, color="0.55", linewidth=1, linestyle="--")
            for place, width in enumerate((2, 4, 8)):
                losses = np.sort(xor_losses[width, activation])
                ax.plot(place + np.linspace(-0.32, 0.32, 20), losses, "o",
                        color=style.BLUE, markersize=3)
            ax.set(title=activation, xlabel="hidden neurons", xticks=(0, 1, 2),
                   xticklabels=("2", "4", "8"))
        axes[0].set_ylabel("loss after training")
        return picture

    book.figure(
        draw_stuck(),
        alt="Three panels, for relu, tanh and sigmoid. Each dot is the final loss of one "
        "network with 2, 4 or 8 hidden neurons. All dots lie at 0 or on one of three "
        "dashed lines; with 8 neurons nearly all are at 0.",
        caption="A dot for each of twenty networks; dashed: the three predicted losses "
        "of networks that cannot tell some corners apart.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Universal approximation, piece by piece

    Four corners are few. Can one hidden layer follow *any* curve? Yes, and with one input we can see it piece by piece.

    ### A relu network is made of straight pieces

    With one input $x$ and one output, the network is

    $$
    F(x) = b^{(2)} + \sum_{j=1}^{m} v_j \max(w_j x + b_j,\, 0)
    $$

    where $v_j$ is a short name for the output weight of hidden neuron $j$. Each term is straight on both sides of the place where $w_j x + b_j = 0$, and bends there. Such a bend is called a **kink**.

    *Where?* At $x_j = -b_j / w_j$.

    *By how much does the slope change?* If $w_j > 0$, the slope is 0 on the left and $v_j w_j$ on the right: a change of $v_j w_j$. If $w_j < 0$, it is $v_j w_j$ on the left and 0 on the right: a change of $-v_j w_j$. Both cases are $v_j |w_j|$.

    A sum of straight pieces is straight wherever no term bends. So **$F$ consists of straight pieces with at most $m$ kinks**, one for each hidden neuron. There are fewer if some share a place or have a weight of 0.

    And far out, where nothing bends any more? To the right of all kinks the neurons with $w_j > 0$ are open and the others closed, so $F$ goes on forever with the slope $\sum_{w_j > 0} v_j w_j$.

    We count kinks as a stranger would, from values alone: take $F$ at many points, compute the slope between neighbours, and look where it changes.
    """)
    return


@app.function
def kinks_of(curve, left, right, n_points=20_001):
    """The places where a curve of straight pieces bends, and the changes of slope.

    curve: a function of an array (n, 1). Kinks nearer than two grid steps are one.
    """
    x = np.linspace(left, right, n_points)
    slopes = np.diff(curve(x[:, None])[:, 0]) / (x[1] - x[0])
    bends = np.diff(slopes)  # at x[1], ..., x[-2]
    at = np.flatnonzero(np.abs(bends) > 1e-6)
    if not len(at):
        return np.array([]), np.array([])
    groups = np.split(at, np.flatnonzero(np.diff(at) > 1) + 1)
    changes = np.array([bends[g].sum() for g in groups])
    # a kink between two grid points shows at both, in the ratio of its distances
    places = np.array([bends[g] @ x[g + 1] / bends[g].sum() for g in groups])
    return places, changes


@app.cell
def test_kinks_are_where_the_weights_say():
    _rng = np.random.default_rng(2)
    _w, _v = _rng.normal(size=12), _rng.normal(size=12)
    _b = -_w * _rng.uniform(-1, 1, 12)  # so that all kinks lie between -1 and 1
    folded = network_of(_w[None], _b, _v[:, None], [0.3])
    predicted_places = np.sort(-_b / _w)
    predicted_changes = (_v * np.abs(_w))[np.argsort(-_b / _w)]
    _places, _changes = kinks_of(folded, -1.5, 1.5)
    far_slope = (folded([[9.0]]) - folded([[8.0]])).item()
    book.beside(
        [
            ("kinks", 12, len(_places)),
            ("place of the first", predicted_places[0], _places[0]),
            ("place of the last", predicted_places[-1], _places[-1]),
            ("change of slope at the first", predicted_changes[0], _changes[0]),
            ("change of slope at the last", predicted_changes[-1], _changes[-1]),
            ("slope far to the right", _v[_w > 0] @ _w[_w > 0], far_slope),
        ],
        abs=1e-7,  # rounding of F, about 1e-16, divided by the grid step twice
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    One consequence for training: the biases of a new network are 0, so all its kinks begin at $x = 0$, on one point. They must travel to where they are needed.

    ### Interpolation: a curve by hand-set weights

    Turn it around. A curve $f$ is given on the interval from $x_0$ to $x_m$, with $m + 1$ evenly spaced **knots** $x_0, x_1, \dots, x_m$, a distance $h$ apart. We want the network that goes through all points $(x_j, f(x_j))$ and is straight between them.

    Let hidden neuron $j$ open at the knot $x_j$: $w_j = 1$ and $b_j = -x_j$, for $j = 0, \dots, m - 1$. The slope needed between $x_j$ and $x_{j+1}$ is

    $$
    s_j = \frac{f(x_{j+1}) - f(x_j)}{h} .
    $$

    At $x_0$ all neurons are closed, so $b^{(2)} = f(x_0)$. Between $x_0$ and $x_1$ only neuron 0 is open, so $v_0 = s_0$. At every further knot the slope must change from $s_{j-1}$ to $s_j$, and we know that neuron $j$ changes it by $v_j$:

    $$
    v_0 = s_0, \qquad v_j = s_j - s_{j-1} \quad (j = 1, \dots, m - 1) .
    $$

    That is all. There is no training, and a width of $m$ gives $m$ straight pieces.
    """)
    return


@app.function
def interpolating(f, left, right, width):
    """The relu network that goes through f at width + 1 evenly spaced knots."""
    knots = np.linspace(left, right, width + 1)
    slopes = np.diff(f(knots)) / np.diff(knots)
    changes = np.diff(slopes, prepend=0.0)  # the first slope, then the changes
    return network_of(np.ones((1, width)), -knots[:-1], changes[:, None], [f(knots[0])])


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### How large is the error?

    Look at one piece, from $a$ to $a + h$. Let $e(x) = f(x) - F(x)$ be the error; it is 0 at both ends. Fix one point $x$ between them and build a helper, with a letter $t$ for the variable:

    $$
    g(t) = e(t) - e(x)\, \frac{(t - a)(t - a - h)}{(x - a)(x - a - h)} .
    $$

    1. $g$ is 0 at three places: at $t = a$ and $t = a + h$, because both terms are 0 there, and at $t = x$, because the fraction is 1 there.
    2. Between two places where a smooth function is 0 its slope is 0 somewhere (Rolle's theorem). So $g'$ is 0 at two places at least, and for the same reason $g''$ at one, call it $\xi$.
    3. Compute $g''$. $F$ is straight, so $e'' = f''$; and $(t - a)(t - a - h) = t^2 - \dots$ has the second derivative 2:

    $$
    0 = g''(\xi) = f''(\xi) - \frac{2\, e(x)}{(x - a)(x - a - h)}
    \quad\Longrightarrow\quad
    e(x) = \tfrac12 f''(\xi)\, (x - a)(x - a - h) .
    $$

    4. The product $(x - a)(a + h - x)$ is largest in the middle, where it is $\frac{h}{2} \cdot \frac{h}{2} = \frac{h^2}{4}$. Therefore

    $$
    |f(x) - F(x)| \;\le\; \frac{h^2}{8} \max |f''| .
    $$

    (This is the classical bound for straight interpolation; de Boor, 1978.) With $h = (x_m - x_0) / m$, twice as many neurons make the error four times smaller. On paper with logarithmic axes that is a straight line of slope $-2$.

    For $f(x) = x^2$, $f'' = 2$ everywhere, and the bound is reached: the error is exactly $h^2 / 4$. For $f(x) = \sin 2 \pi x$ on $[0, 1]$, $\max |f''| = 4 \pi^2$; the bound holds, and it is nearly reached when the pieces are short, because $f''$ hardly changes within the one at the top of the wave.
    """)
    return


@app.cell
def test_the_error_of_interpolation():
    def wave(x):
        return np.sin(2 * np.pi * x)

    def largest_error(f, width):
        x = np.linspace(0, 1, 16 * width + 1)  # it has the middle of each piece
        return np.abs(f(x) - interpolating(f, 0, 1, width)(x[:, None])[:, 0]).max()

    widths = 2 ** np.arange(2, 10)  # 4 to 512
    errors = np.array([largest_error(wave, m) for m in widths])
    bounds = (1 / widths) ** 2 / 8 * 4 * np.pi**2
    assert np.all(errors <= bounds)
    slope, _ = np.polyfit(np.log(widths[3:]), np.log(errors[3:]), 1)
    book.beside(
        [
            ("square, width 10: largest error", 0.1**2 / 4, largest_error(np.square, 10)),
            ("square, width 50: largest error", 0.02**2 / 4, largest_error(np.square, 50)),
            ("wave, width 32: error, near its bound", bounds[3], errors[3], 0.01 * bounds[3]),
            ("wave, width 512: error, near its bound", bounds[-1], errors[-1], 0.01 * bounds[-1]),
            ("wave: slope of log error over log width", -2.0, slope, 0.01),
        ],
        abs=1e-12,  # the wave's curvature falls by 0.5 % over half a piece of width 32
    )
    return bounds, errors, largest_error, wave, widths


@app.cell(hide_code=True)
def _():
    pieces = mo.ui.slider(
        2, 24, step=1, value=6, label="hidden neurons", show_value=True
    )
    pieces
    return (pieces,)


@app.cell(hide_code=True)
def _(pieces, plt, wave):
    def draw_pieces(width):
        net = interpolating(wave, 0, 1, width)
        x = np.linspace(0, 1, 801)
        output = net(x[:, None])[:, 0]
        knots = np.linspace(0, 1, width + 1)
        picture, (top, low) = plt.subplots(
            2, 1, figsize=(6.5, 3.8), sharex=True, height_ratios=(2, 1)
        )
        for v, start in zip(net.layers[1].weights[:, 0], knots[:-1], strict=True):
            top.plot(x, v * np.maximum(x - start, 0), color="0.8", linewidth=0.8)
        top.plot(
            x, wave(x), color=style.BLUE, label="the curve", linewidth=3, alpha=0.5
        )
        top.plot(x, output, color=style.RED, label="the network", linewidth=1.4)
        top.plot(knots, wave(knots), "o", color=style.RED, markersize=4)
        top.set(ylim=(-1.5, 1.5), ylabel="output", title=f"{width} hidden neurons")
        top.legend(loc="lower left")  # no grey line comes there
        low.plot(x, wave(x) - output, color=style.INK, linewidth=1.2)
        bound = 4 * np.pi**2 / 8 / width**2
        for sign in (-1, 1):
            low.axhline(sign * bound, color=style.ORANGE, linestyle="--", linewidth=1.2)
        low.set(xlabel="input x", ylabel="error", ylim=(-1.2 * bound, 1.2 * bound))
        return picture

    book.live(
        draw_pieces,
        pieces,
        name="hidden neurons",
        at=(3, 6, 16),
        alt="Above: a sine wave and a network of {value} straight pieces through points "
        "of it. Below: the error, in arcs that stay between two dashed lines.",
        caption="Grey: what the single hidden neurons contribute, which adds up to the "
        "red line. Dashed: the bound of the error. The lower scale changes with it.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### A bump from two sigmoids

    The theorems of 1989 were about sigmoids, not relu. Their building block is the **bump**: one step up at $\alpha$, one step down at $\beta$, both of steepness $k$:

    $$
    B(x) = \sigma\bigl(k (x - \alpha)\bigr) - \sigma\bigl(k (x - \beta)\bigr) .
    $$

    Two things about it can be predicted.

    *Its height.* By symmetry it is largest in the middle, where $x - \alpha = \frac{\beta - \alpha}{2}$ and $x - \beta = -\frac{\beta - \alpha}{2}$. With $u = k\, \frac{\beta - \alpha}{2}$ and $\sigma(-u) = 1 - \sigma(u)$,

    $$
    B_{\max} = \sigma(u) - \sigma(-u) = 2 \sigma(u) - 1 = \frac{1 - e^{-u}}{1 + e^{-u}} = \tanh \frac{u}{2} = \tanh \frac{k (\beta - \alpha)}{4} .
    $$

    *Its area.* Shifting a step to the right by $\beta - \alpha$ takes away a strip of this width and of height 1. So the area is $\beta - \alpha$, for **every** steepness: a flat bump is wide, a steep one is a box.
    """)
    return


@app.cell
def test_height_and_area_of_a_bump():
    bump_rows = []
    for k in (2.0, 10.0, 50.0):
        bump = network_of([[k, k]], [-0.2 * k, -0.8 * k], [[1], [-1]], [0], "sigmoid")
        _x = np.linspace(-20, 21, 41_001)
        _y = bump(_x[:, None])[:, 0]
        area = np.sum((_y[1:] + _y[:-1]) / 2) * (_x[1] - _x[0])
        bump_rows += [
            (f"steepness {k:g}: height", math.tanh(k * 0.6 / 4), _y.max()),
            (f"steepness {k:g}: area", 0.6, area),
        ]
    book.beside(bump_rows, rel=1e-6)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Bumps side by side, each as high as the curve in its middle, follow any continuous curve. How well? A box of width $h$ is right in its middle, and at its edges, $h / 2$ away, the curve has moved on by at most $\frac{h}{2} \max |f'|$. So the error of boxes falls like $1/m$ only, where straight pieces have $1/m^2$. The slope on logarithmic axes is $-1$.

    Neighbours share a step, since one goes down where the next goes up. The output bias gives the height of the first box, so $m$ boxes need $m - 1$ sigmoids, one for each inner edge.

    For the wave, $\max |f'| = 2 \pi$, so the prediction is $\frac{h}{2}\, 2 \pi = \pi / m$.
    """)
    return


@app.function
def boxes(f, left, right, n_boxes, steepness):
    """Sigmoids that step from the height of each box to that of the next one."""
    edges = np.linspace(left, right, n_boxes + 1)
    heights = f((edges[1:] + edges[:-1]) / 2)
    steps = np.diff(heights)  # at the inner edges
    return network_of(
        np.full((1, n_boxes - 1), steepness),
        -steepness * edges[1:-1],
        steps[:, None],
        [heights[0]],
        "sigmoid",
    )


@app.cell
def test_the_error_of_boxes(wave):
    counts = np.array([16, 32, 64, 128, 256])
    box_errors = []
    for _m in counts:
        _x = (np.arange(64 * _m) + 0.5) / (64 * _m)  # the edges are not among them
        _net = boxes(wave, 0, 1, _m, steepness=1e4 * _m)
        box_errors.append(np.abs(wave(_x) - _net(_x[:, None])[:, 0]).max())
    box_slope, _ = np.polyfit(np.log(counts), np.log(box_errors), 1)
    book.beside(
        [
            *(
                (f"{_m} boxes: largest error", np.pi / _m, error)
                for _m, error in zip(counts, box_errors, strict=True)
            ),
            ("slope of log error over log boxes", -1.0, box_slope),
        ],
        rel=0.03,  # the points come to within 1/64 of a box to its edge
    )
    return box_errors, counts


@app.cell(hide_code=True)
def _(bounds, box_errors, counts, errors, plt, widths):
    def draw_rates():
        picture, ax = plt.subplots(figsize=(6.5, 3))
        ax.loglog(widths, bounds, "--", color=style.BLUE, linewidth=1)
        ax.loglog(widths, errors, "o", color=style.BLUE, label="straight pieces (relu)")
        ax.loglog(counts, np.pi / counts, "--", color=style.RED, linewidth=1)
        ax.loglog(
            counts, box_errors, "s", color=style.RED, label="boxes (steep sigmoids)"
        )
        ax.text(120, 0.045, "slope $-1$", color=style.RED)
        ax.text(36, 0.0004, "slope $-2$", color=style.BLUE)
        ax.set(xlabel="pieces", ylabel="largest error", xticks=widths,
               xticklabels=[str(m) for m in widths])
        ax.minorticks_off()
        ax.legend(loc="lower left")
        return picture

    book.figure(
        draw_rates(),
        alt="On logarithmic axes the error of straight pieces falls along a dashed line "
        "of slope -2, the error of boxes along a dashed line of slope -1.",
        caption="One wave of a sine, followed by hand-set networks. Lines are predicted, "
        "marks are measured.",
    )
    return


@app.cell(hide_code=True)
def _():
    steepness = mo.ui.slider(
        steps=[10, 20, 50, 100, 200, 500, 2000],
        value=50,
        label="steepness",
        show_value=True,
    )
    n_bumps = mo.ui.slider(3, 30, step=1, value=10, label="boxes", show_value=True)
    mo.hstack([steepness, n_bumps], justify="start", wrap=True)
    return n_bumps, steepness


@app.cell(hide_code=True)
def _(n_bumps, plt, steepness, wave):
    def draw_boxes(k):
        count = n_bumps.value
        net = boxes(wave, 0, 1, count, k)
        x = np.linspace(0, 1, 1001)
        output = net(x[:, None])[:, 0]
        error = np.abs(wave(x) - output).mean()
        picture, ax = plt.subplots(figsize=(6.5, 2.9))
        ax.plot(x, wave(x), color=style.BLUE, linewidth=3, alpha=0.5, label="the curve")
        ax.plot(x, output, color=style.RED, linewidth=1.4, label="the network")
        ax.set(xlabel="input x", ylabel="output", ylim=(-1.3, 1.3),
               title=f"{count} boxes, steepness {k:g}: mean error {error:.2f}")
        ax.legend(loc="upper right")
        return picture

    book.live(
        draw_boxes,
        steepness,
        name="steepness",
        at=(10, 50, 2000),
        alt="A sine wave, and a network of sigmoids of steepness {value} that follows "
        "it: too flat for a small steepness, in stairs for a large one.",
        caption="Soft steps of the right steepness follow a smooth curve better than "
        "sharp ones.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### Two inputs: a tower

    With two inputs a step is a half-plane, and two of them make a ridge without end, not a bump. Take many half-planes around a circle of radius 1: neuron $j$ says yes where $x \cdot u_j \le 1$, with the directions $u_j$ spread evenly. The output is the share of neurons that say yes.

    Inside the circle all say yes: the height is 1. A point at the distance $r > 1$ is refused by the directions for which $r \cos \varphi > 1$, where $\varphi$ is the angle between $u_j$ and the point: $|\varphi| < \arccos (1 / r)$. That is the share $\arccos(1/r) / \pi$ of all directions, so

    $$
    \text{height at distance } r = 1 - \frac{\arccos (1 / r)}{\pi} ,
    $$

    which falls to $\frac12$ far out. It is a round tower with a long skirt. More towers, placed so that the skirts cancel, can follow any surface; but one sees that it takes many more neurons than on a line.
    """)
    return


@app.function
def tower(n_neurons, steepness=200.0):
    """The share of half-planes x . u <= 1, of directions u around a circle, that hold x."""
    angle = 2 * np.pi * np.arange(n_neurons) / n_neurons
    return network_of(
        -steepness * np.array([np.cos(angle), np.sin(angle)]),
        np.full(n_neurons, steepness),
        np.full((n_neurons, 1), 1 / n_neurons),
        [0.0],
        "sigmoid",
    )


@app.cell
def test_the_height_of_the_tower():
    round_tower = tower(720)
    book.beside(
        [
            (
                f"height at the distance {r:g}",
                1 - math.acos(min(1, 1 / r)) / math.pi if r > 1 else 1.0,
                round_tower([[r * 0.6, r * 0.8]]).item(),
            )
            for r in (0.1, 0.5, 1.5, 2.0, 10.0)
        ],
        abs=2 / 720 + 1e-3,  # one neuron more or less on each side, and soft edges
    )
    return


@app.cell(hide_code=True)
def _(plt):
    def draw_towers():
        picture, axes = plt.subplots(1, 3, figsize=(6.8, 2.6), sharey=True)
        side = np.linspace(-3, 3, 150)
        plane = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
        for ax, m in zip(axes, (4, 12, 48), strict=True):
            heights = tower(m)(plane).reshape(150, 150)
            shown = ax.imshow(
                heights, extent=(-3, 3, -3, 3), origin="lower", vmin=0.4, vmax=1,
                cmap="viridis",
            )
            ax.set(title=f"{m} half-planes", xlabel="input 1")
            ax.grid(False)
        axes[0].set_ylabel("input 2")
        picture.colorbar(shown, ax=axes, label="output", shrink=0.85)
        return picture

    book.figure(
        draw_towers(),
        alt="Seen from above: with 4 half-planes a bright square with four darker arms, "
        "with 12 a star, with 48 nearly a round tower with a skirt that fades outward.",
        caption="One hidden layer of steep sigmoids makes a tower in the plane.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### What the theorem says

    Cybenko (1989): let $\sigma$ be continuous, with the limit 0 on the far left and 1 on the far right. Then for every continuous function $f$ on the cube $[0, 1]^d$ and every allowed error $\varepsilon > 0$ there are a width $m$ and numbers $w_j$, $b_j$, $v_j$ such that

    $$
    \Bigl| f(x) - \sum_{j=1}^{m} v_j\, \sigma(x \cdot w_j + b_j) \Bigr| < \varepsilon \qquad \text{for all } x \text{ in the cube.}
    $$

    Hornik, Stinchcombe and White (1989) proved it in the same year for every step-like activation, and Hornik (1991) for every activation that is continuous, bounded and not constant. So it is not the shape of the sigmoid that matters, but the layer.

    Relu is not bounded. Leshno, Lin, Pinkus and Schocken (1993) found the exact condition (for activations that are bounded on every interval and continuous nearly everywhere): **it works if and only if the activation is not a polynomial.**

    Why do polynomials fail? Take $f(z) = z^2$ and one input: $(w x + b)^2 = w^2 x^2 + 2 w b x + b^2$. Whatever the weights, each neuron is a combination of the three functions $1$, $x$ and $x^2$, and so is every sum of them. A million neurons can draw parabolas, and nothing else. In general, with $d$ inputs and a polynomial of degree $q$, all neurons together lie in a space of $\binom{d + q}{q}$ dimensions: so many products of at most $q$ of the inputs there are.

    The number of independent directions in the columns of a matrix, of which none is a sum of multiples of the others, is its **rank**, and NumPy can measure it. We give a hidden layer 40 random neurons and 500 random samples, and compute the rank of $A^{(1)}$, $(500, 40)$.
    """)
    return


@app.cell
def test_polynomials_do_not_get_richer_with_width():
    def rank(d, activation):
        rng = np.random.default_rng(0)
        x, w = rng.uniform(-1, 1, (500, d)), rng.normal(size=(d, 40))
        b = -np.sum(w * rng.uniform(-0.8, 0.8, (d, 40)), axis=0)  # all cross the data
        return np.linalg.matrix_rank(activation(x @ w + b), tol=1e-7)

    book.beside(
        [
            ("1 input, z squared", math.comb(3, 2), rank(1, lambda z: z**2)),
            ("1 input, z cubed", math.comb(4, 3), rank(1, lambda z: z**3)),
            ("2 inputs, z squared", math.comb(4, 2), rank(2, lambda z: z**2)),
            ("3 inputs, z cubed", math.comb(6, 3), rank(3, lambda z: z**3)),
            ("2 inputs, relu: all 40", 40, rank(2, fn.ops.relu)),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### What it does not say: how many

    The theorem has no formula for $m$. Our interpolation needs $1/h$ knots on a line; on a grid in $d$ dimensions it is $(1/h)^d$, so ten knots a side and 100 inputs make $10^{100}$. No computer will ever hold them.

    Barron (1993) showed that networks can do better. He took functions on a ball of radius $r$ whose Fourier transform $\hat f$ has a finite

    $$
    C = \int \lVert \omega \rVert \, |\hat f(\omega)| \, d\omega .
    $$

    (Roughly, these are functions without too much fine detail. If you have never met a Fourier transform, read on without it.) For each of them there is a network of $m$ sigmoids whose mean squared error is at most $(2 r C)^2 / m$. The number of inputs is not in the exponent, while for sums of $m$ *fixed* functions it is: there, the worst case cannot fall faster than about $(1/m)^{2/d}$. (It may hide in $C$, which for some functions grows quickly with $d$.)

    The idea behind it is a lottery. Let $E$ stand for the mean over all draws, and $\operatorname{Var}$ for the variance, the mean squared distance from that mean. Suppose that $f$ is a *mean* of neurons, $f(x) = E_\theta\, g(x; \theta)$, over some random choice of their weights $\theta$. Draw $m$ of them and take the average. Its mean is $f(x)$, so its mean squared error is its variance, and the variance of an average of $m$ independent numbers is

    $$
    E\Bigl( f(x) - \frac1m \sum_{j=1}^{m} g(x; \theta_j) \Bigr)^2 = \frac{1}{m} \operatorname{Var}_\theta\, g(x; \theta) .
    $$

    Some draw must be at least as good as the mean of all draws, so there is a network with an error this small. And $d$ is nowhere in it. An example where all is known: for $\omega$ with independent standard normal entries, $E \cos(\omega \cdot x) = e^{-\lVert x \rVert^2 / 2}$. (Rahimi and Recht, 2007, made a method of such random neurons.) With $\cos^2 = \frac12 (1 + \cos 2 \omega \cdot x)$,

    $$
    \operatorname{Var} \cos(\omega \cdot x) = \tfrac12 \bigl(1 + e^{-2 \lVert x \rVert^2}\bigr) - e^{-\lVert x \rVert^2} = \tfrac12 \bigl(1 - e^{-\lVert x \rVert^2}\bigr)^2 .
    $$

    At $\lVert x \rVert = 1$ the mean squared error must be $\frac12 (1 - e^{-1})^2 / m = 0.1998 / m$, with one input as with a hundred.
    """)
    return


@app.cell
def test_a_mean_of_random_neurons():
    def squared_error(d, m, n_draws=4000):
        rng = np.random.default_rng(d + m)
        x = np.full(d, 1 / np.sqrt(d))  # of length 1
        n_blocks = n_draws // 400
        errors = [
            np.cos(rng.normal(size=(400, m, d)) @ x).mean(axis=1) - np.exp(-0.5)
            for _ in range(n_blocks)
        ]
        return np.mean(np.square(errors))

    book.beside(
        [
            (
                f"width {m}, inputs {d}: mean squared error",
                (1 - np.exp(-1)) ** 2 / 2 / m,
                squared_error(d, m),
            )
            for d, m in ((1, 10), (100, 10), (1, 40), (100, 40))
        ],
        rel=0.1,  # 4000 draws: a mean of squares scatters by sqrt(2 / 4000) = 2.2 %
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### What it does not say: that one layer is the cheapest

    The *tent* is $T(x) = 2 \max(x, 0) - 4 \max(x - \frac12, 0)$: on $[0, 1]$ it goes up from 0 to 1 and down again, with one kink, by two relu neurons. Now put the tent into the tent. Each half of the first tent runs once through all of $[0, 1]$, so the second tent is drawn twice: 2 teeth, 3 kinks. Each further layer doubles the teeth: after $k$ layers there are $2^{k-1}$ teeth and $2^k - 1$ kinks, by $2k$ neurons. One hidden layer needs a neuron for each kink. With $k = 20$ that is 40 neurons against a million. Telgarsky (2016) made a theorem of this; it is a reason for chapter 6.
    """)
    return


@app.function
def tents(depth):
    """The tent put into itself: `depth` hidden layers of two relu neurons each."""
    hidden = [fn.Dense(1 if i == 0 else 2, 2, "relu") for i in range(depth)]
    net = fn.Network([*hidden, fn.Dense(2, 1)], dtype="float64")
    for i, layer in enumerate(net.layers):
        tent = [[1.0]] if i == 0 else [[2.0], [-4.0]]  # x, or T from two neurons
        last = i == depth
        layer.weights = tent if last else np.hstack([tent, tent])
        layer.bias = [0.0] if last else [0.0, -0.5]
    return net


@app.cell
def test_kinks_double_with_each_layer():
    book.beside(
        [
            (
                f"depth {depth}, neurons {2 * depth}: kinks",
                2**depth - 1,
                len(kinks_of(tents(depth), 0, 1)[0]),
            )
            for depth in (1, 2, 3, 5, 8)
        ]
    )
    return


@app.cell(hide_code=True)
def _(plt):
    def draw_tents():
        picture, axes = plt.subplots(1, 3, figsize=(6.8, 2.1), sharey=True)
        x = np.linspace(0, 1, 1025)
        for ax, depth in zip(axes, (1, 2, 4), strict=True):
            ax.plot(x, tents(depth)(x[:, None])[:, 0], linewidth=1.4)
            ax.set(title=f"depth {depth}, {2 * depth} neurons", xlabel="input x")
        axes[0].set_ylabel("output")
        return picture

    book.figure(
        draw_tents(),
        alt="Zigzags between 0 and 1: one tooth at depth 1, two at depth 2, eight at "
        "depth 4.",
        caption="The tent, put into itself once and three times.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### What it does not say: that training finds the weights

    We let networks learn the wave from 401 points, with kinks spread over the interval to begin with, and compare them with the hand-set ones of the same width. The error is the largest on those points, the learned one the median of three seeds.
    """)
    return


@app.cell
def _(largest_error, wave):
    wave_x = np.linspace(0, 1, 401)[:, None]

    def learn_wave(width, seed, epochs=600):
        one = fn.mlp(1, [width], 1, activation="relu", seed=seed)
        first = one.layers[0]
        places = np.random.default_rng(seed).uniform(0, 1, width)
        first.bias = -first.weights[0] * places  # a kink at each of the places
        for rate, part in ((0.01, epochs), (0.001, epochs // 3)):
            one.fit(
                wave_x, wave(wave_x), loss="mse", optimizer=fn.Adam(rate), epochs=part,
                batch_size=50,
            )
        return one

    def learned_error(width):
        nets = [learn_wave(width, seed) for seed in range(3)]
        return np.median([np.abs(net(wave_x) - wave(wave_x)).max() for net in nets])

    compared = [
        (m, largest_error(wave, m), learned_error(m)) for m in (4, 8, 16, 32, 64)
    ]
    assert compared[-1][2] > compared[-1][1]  # learned is worse than set by hand
    book.table(
        ["hidden neurons", "set by hand", "learned"], [list(r) for r in compared]
    )
    return (learn_wave,)


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The more neurons, the more the learned networks lag behind: weights of this quality exist, we have them in our hands, but these few hundred passes over the data don't reach them.

    ### What it does not say: anything about elsewhere

    The theorem speaks of a cube. Outside of it, and between the samples, it promises nothing. A relu network goes on straight after its last kink, as derived above. So a wave that was learned on $[0, 1]$ does not go on as a wave.
    """)
    return


@app.cell
def test_beyond_the_last_kink(learn_wave):
    learned = learn_wave(32, seed=0)
    _w, _b = learned.layers[0].weights[0], learned.layers[0].bias
    _v = learned.layers[1].weights[:, 0]
    beyond = float(np.max((-_b / _w)[np.abs(_v * _w) > 1e-6])) + 1
    _ends = learned([[beyond], [beyond + 50.0]])[:, 0]
    slope_out = float(_v[_w > 0] @ _w[_w > 0])
    book.beside(
        [("slope beyond the last kink", slope_out, (_ends[1] - _ends[0]) / 50)],
        rel=1e-4,  # float32
    )
    return (learned,)


@app.cell(hide_code=True)
def _(learned, plt, wave):
    def draw_outside():
        x = np.linspace(-0.7, 1.7, 600)
        picture, ax = plt.subplots(figsize=(6.5, 2.9))
        ax.axvspan(0, 1, color=style.SKY, alpha=0.2, linewidth=0)
        ax.plot(x, wave(x), color=style.BLUE, linewidth=3, alpha=0.5, label="the wave")
        ax.plot(x, learned(x[:, None])[:, 0], color=style.RED, label="the network")
        ax.text(0.5, -2.6, "here it learned", ha="center")
        ax.set(xlabel="input x", ylabel="output", ylim=(-3, 3))
        ax.legend(loc="upper left")
        return picture

    book.figure(
        draw_outside(),
        alt="Between 0 and 1 the network lies on the wave; to both sides the wave "
        "turns back, but the network goes on as a straight line.",
        caption="A network of 32 relu neurons knows nothing outside of what it has seen.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## The gradients of both layers

    Now the network shall find its weights itself. We need the derivative of the loss by all four: $W^{(1)}$, $b^{(1)}$, $W^{(2)}$, $b^{(2)}$.
    A gradient has the shape of what it belongs to. We write $G$ for gradients, $G_{\hat Y} = \partial L / \partial \hat Y$ and so on.

    The loss may be any; we take the mean squared error over all $nk$ elements:

    $$
    L = \frac{1}{nk} \sum_{i=1}^{n} \sum_{c=1}^{k} (\hat y_{ic} - y_{ic})^2
    \qquad\Longrightarrow\qquad
    \underset{(n, k)}{G_{\hat Y}} = \frac{2}{nk} \bigl(\hat Y - Y\bigr) .
    $$

    Only this line depends on the loss. (For classes with cross-entropy it is $(\hat P - Y) / n$, as in chapter 4.)

    ### The output layer

    One element of the output is $\hat y_{ic} = \sum_j a_{ij} v_{jc} + b^{(2)}_c$, with $v_{jc}$ for the elements of $W^{(2)}$ and $a_{ij}$ for those of $A^{(1)}$.

    **Step 1: $W^{(2)}$.** The weight $v_{jc}$ is used in $\hat y_{1c}, \dots, \hat y_{nc}$, once for each sample, each time multiplied by $a_{ij}$. The chain rule adds over all uses:

    $$
    \frac{\partial L}{\partial v_{jc}} = \sum_{i=1}^{n} a_{ij}\, \frac{\partial L}{\partial \hat y_{ic}}
    \qquad\Longrightarrow\qquad
    \underset{(m, k)}{G_{W^{(2)}}} = \underset{(m, n)}{A^{(1)\top}}\; \underset{(n, k)}{G_{\hat Y}} .
    $$

    (The sum runs down a column of $A^{(1)}$; the transpose makes it a row, as a matrix product needs it.)

    **Step 2: $b^{(2)}$.** It is used once for each sample, multiplied by 1:

    $$
    \frac{\partial L}{\partial b^{(2)}_c} = \sum_{i=1}^{n} \frac{\partial L}{\partial \hat y_{ic}}
    \qquad\Longrightarrow\qquad
    \underset{(k,)}{G_{b^{(2)}}} = \text{column sums of } G_{\hat Y} .
    $$

    ### Down to the hidden layer

    **Step 3: $A^{(1)}$.** The hidden output $a_{ij}$ is used by every output $c$ of the same sample, each time multiplied by $v_{jc}$:

    $$
    \frac{\partial L}{\partial a_{ij}} = \sum_{c=1}^{k} \frac{\partial L}{\partial \hat y_{ic}}\, v_{jc}
    \qquad\Longrightarrow\qquad
    \underset{(n, m)}{G_{A^{(1)}}} = \underset{(n, k)}{G_{\hat Y}}\; \underset{(k, m)}{W^{(2)\top}} .
    $$

    This is the new station that a hidden layer brings: each hidden neuron gets blame from every output, in proportion to the weight between them.

    **Step 4: $Z^{(1)}$.** $a_{ij} = f(z_{ij})$ depends on $z_{ij}$ alone. The sign $\odot$ multiplies element by element:

    $$
    \frac{\partial L}{\partial z_{ij}} = \frac{\partial L}{\partial a_{ij}}\, f'(z_{ij})
    \qquad\Longrightarrow\qquad
    \underset{(n, m)}{G_{Z^{(1)}}} = G_{A^{(1)}} \odot f'\bigl(Z^{(1)}\bigr) .
    $$

    For relu, $f'$ is 1 where $z > 0$ and 0 where $z < 0$. At $z = 0$ there is no derivative, and the library takes 0. For tanh, $f' = 1 - a^2$; for sigmoid, $a (1 - a)$.

    ### The hidden layer

    **Steps 5 and 6: $W^{(1)}$ and $b^{(1)}$.** $z_{ij} = \sum_l x_{il} w_{lj} + b^{(1)}_j$ has the form of the output layer, with $X$ in the place of $A^{(1)}$. So steps 1 and 2 can be copied:

    $$
    \underset{(d, m)}{G_{W^{(1)}}} = \underset{(d, n)}{X^\top}\; \underset{(n, m)}{G_{Z^{(1)}}} ,
    \qquad
    \underset{(m,)}{G_{b^{(1)}}} = \text{column sums of } G_{Z^{(1)}} .
    $$

    That is all: six lines, from the end to the beginning (Rumelhart, Hinton and Williams, 1986). As a program, a line for a line:
    """)
    return


@app.function
def both_gradients(X, Y, W1, b1, W2, b2):
    """The loss and its gradients by W1, b1, W2, b2: tanh, mean squared error."""
    A1 = np.tanh(X @ W1 + b1)  # (n, m)
    outputs = A1 @ W2 + b2  # (n, k)
    loss = np.mean((outputs - Y) ** 2)

    grad_outputs = 2 * (outputs - Y) / Y.size  # (n, k)
    grad_W2 = A1.T @ grad_outputs  # (m, n) @ (n, k) = (m, k)
    grad_b2 = grad_outputs.sum(axis=0)  # (k,)
    grad_A1 = grad_outputs @ W2.T  # (n, k) @ (k, m) = (n, m)
    grad_Z1 = grad_A1 * (1 - A1**2)  # (n, m)
    grad_W1 = X.T @ grad_Z1  # (d, n) @ (n, m) = (d, m)
    grad_b1 = grad_Z1.sum(axis=0)  # (m,)
    return loss, [grad_W1, grad_b1, grad_W2, grad_b2]


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### With a pencil

    Take the XOR network and spoil one weight: $-1$ instead of $-2$. Then $\hat y = h_1 - h_2$ is 0, 1, 1, 1 for the four corners, and only the last is wrong, by 1. All numbers are small enough for paper. The loss first, and its gradient by the four outputs:

    $$
    L = \tfrac14 (0^2 + 0^2 + 0^2 + 1^2) = 0.25, \qquad G_{\hat Y} = \tfrac24 (0, 0, 0, 1)^\top = (0, 0, 0, 0.5)^\top
    $$

    The output layer. Only the last row of $A^{(1)}$, which is $(2, 1)$, meets something that is not 0:

    $$
    G_{W^{(2)}} = A^{(1)\top} G_{\hat Y} = 0.5 \cdot (2, 1)^\top = (1, 0.5)^\top, \qquad G_{b^{(2)}} = 0.5
    $$

    Down to the hidden layer. All rows of $G_{A^{(1)}}$ are 0 but the last, which is $0.5\, W^{(2)\top} = 0.5 \cdot (1, -1) = (0.5, -0.5)$. In that row both neurons are open, so $G_{Z^{(1)}}$ is the same. The last row of $X$ is $(1, 1)$, and therefore

    $$
    G_{W^{(1)}} = X^\top G_{Z^{(1)}} = \begin{pmatrix} 0.5 & -0.5 \\ 0.5 & -0.5 \end{pmatrix}, \qquad G_{b^{(1)}} = (0.5, -0.5)
    $$

    The second element of $G_{W^{(2)}}$ is $+0.5$: the weight is too large and must go down, towards $-2$. Now the library, going forward and backward layer by layer:
    """)
    return


@app.cell
def test_the_pencil_and_the_kernels(corners, exclusive):
    spoiled = network_of([[1, 1], [1, 1]], [0, -1], [[1], [-1]], [0])
    _outputs = spoiled.forward(corners)
    pencil_loss, grad_outputs = fn.ops.mse(_outputs, exclusive[:, None].astype(float))
    spoiled.backward(grad_outputs)
    hidden_layer, output_layer = spoiled.layers
    book.beside(
        [
            ("loss", 0.25, pencil_loss),
            ("output layer, weight 0", 1.0, output_layer.grad_weights[0, 0]),
            ("output layer, weight 1", 0.5, output_layer.grad_weights[1, 0]),
            ("output layer, bias", 0.5, output_layer.grad_bias[0]),
            ("hidden layer, weights[1, 0]", 0.5, hidden_layer.grad_weights[1, 0]),
            ("hidden layer, weights[1, 1]", -0.5, hidden_layer.grad_weights[1, 1]),
            ("hidden layer, bias[1]", -0.5, hidden_layer.grad_bias[1]),
        ]
    )  # exact again
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### Against the kernels, and against the definition

    Small whole numbers can hide mistakes: on paper, a 1 in the wrong place is still a 1. So now random numbers, four inputs, five hidden neurons, three outputs, so that no two sizes are equal and a transposed matrix cannot fit by chance.

    Two judges. First the library's `net.backward`, for all elements of all four gradients. Then the definition of the derivative: move one element by $t$ to both sides and look at the loss, $\bigl(L(\theta + t) - L(\theta - t)\bigr) / 2t$. Chapter 4 showed how near it comes: the error of the formula is of the order $t^2$, that of rounding about $10^{-16} / t$; with $t = 10^{-5}$ both are around $10^{-10}$.
    """)
    return


@app.cell
def _():
    draws = np.random.default_rng(8)
    batch, targets = draws.normal(size=(6, 4)), draws.normal(size=(6, 3))
    numbers = [draws.normal(size=shape) for shape in ((4, 5), (5,), (5, 3), (3,))]
    return batch, numbers, targets


@app.cell
def test_the_derivation_and_the_kernels(batch, numbers, targets):
    _, derived = both_gradients(batch, targets, *numbers)
    compiled = network_of(*numbers, activation="tanh")
    _, _grad = fn.ops.mse(compiled.forward(batch), targets)
    compiled.backward(_grad)
    first, second = compiled.layers
    kernels = [
        first.grad_weights,
        first.grad_bias,
        second.grad_weights,
        second.grad_bias,
    ]
    names = ("W1", "b1", "W2", "b2")
    rows = []
    for _name, one, other in zip(names, derived, kernels, strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-11, atol=1e-14)
        rows.append((f"gradient of {_name}, length of all {one.size} together",
                     np.linalg.norm(one), np.linalg.norm(other)))
    book.beside(rows, rel=1e-12)
    return derived, names


@app.cell
def test_the_derivation_and_the_definition(batch, derived, names, numbers, targets):
    def slope_of(which, at, t=1e-5):
        losses = []
        for sign in (1, -1):
            moved = [array.copy() for array in numbers]
            moved[which][at] += sign * t
            losses.append(both_gradients(batch, targets, *moved)[0])
        return (losses[0] - losses[1]) / (2 * t)

    definition_rows = []
    for which, (_name, grad) in enumerate(zip(names, derived, strict=True)):
        by_definition = {at: slope_of(which, at) for at in np.ndindex(grad.shape)}
        worst = max(by_definition, key=lambda at: abs(by_definition[at] - grad[at]))
        definition_rows.append(
            (
                f"{_name}{list(worst)}, the worst of {grad.size}",
                grad[worst],
                by_definition[worst],
            )
        )
    book.beside(definition_rows, abs=1e-8)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### A law that relu networks keep

    Here is a check that needs no second computation. Multiply all weights into one hidden relu neuron, and its bias, by $\lambda > 0$: its output is multiplied by $\lambda$, since $\max(\lambda z, 0) = \lambda \max(z, 0)$. Divide its weights to the outputs by $\lambda$: nothing has changed in the whole network. So the loss, as a function of $\lambda$, is constant, and its derivative is 0. At $\lambda = 1$ the chain rule says what this derivative is:

    $$
    0 = \frac{dL}{d\lambda} = \sum_{l} \frac{\partial L}{\partial w_{lj}}\, w_{lj} + \frac{\partial L}{\partial b_j}\, b_j - \sum_{c} \frac{\partial L}{\partial v_{jc}}\, v_{jc}
    $$

    because $\lambda w$ has the derivative $w$ by $\lambda$, and $v / \lambda$ has $-v / \lambda^2$, which is $-v$ at $\lambda = 1$. With the sums written as dot products, for each hidden neuron $j$:

    $$
    \underbrace{w_j \cdot G_{w_j} + b_j\, G_{b_j}}_{\text{what comes in}} = \underbrace{v_j \cdot G_{v_j}}_{\text{what goes out}}
    $$

    It holds for every loss, all data and all weights.

    Small steps of gradient descent with the learning rate $\eta$ change $w_j$ by $-\eta\, G_{w_j}$, so $\lVert w_j \rVert^2$ changes by $-2 \eta\, w_j \cdot G_{w_j}$, plus something of the order $\eta^2$. The same with $b_j$ and $v_j$. By the law, the changes of $\lVert w_j \rVert^2 + b_j^2$ and of $\lVert v_j \rVert^2$ are the same. Therefore **their difference stays what it was at the start**, however long we train (Du, Hu and Lee, 2018). The initialisation is never forgotten.

    How much may the terms with $\eta^2$ add up to? In one step at most $\eta^2 \lVert G \rVert^2$, where $\lVert G \rVert$ is the length of the whole gradient. In the same step the loss falls by about $\eta \lVert G \rVert^2$. So over the whole training the difference moves by at most about $\eta$ times what the loss has fallen; for safety we allow twice that.
    """)
    return


@app.cell
def test_what_comes_in_goes_out():
    _X, _y = fn.datasets.moons(200, noise=0.2, seed=0)
    balanced = fn.mlp(2, [4], 1, seed=1, dtype="float64")
    into, out_of = balanced.layers

    def difference():
        size_in = (into.weights**2).sum(axis=0) + into.bias**2
        return size_in - (out_of.weights**2).sum(axis=1)  # (4,)

    at_start, size_before = difference(), (out_of.weights**2).sum(axis=1)
    loss_before = balanced.evaluate(_X, _y, loss="binary_cross_entropy")["loss"]
    balanced.fit(
        _X, _y, loss="binary_cross_entropy", optimizer=fn.SGD(0.01), epochs=2000,
        batch_size=200,
    )
    moved = np.abs((out_of.weights**2).sum(axis=1) - size_before).max()
    assert moved > 1  # the sizes themselves do change
    allowed = 2 * 0.01 * (loss_before - balanced.evaluate(_X, _y)["loss"])
    balanced.input_gradient(_X, _y)  # fills all gradients
    comes_in = (into.weights * into.grad_weights).sum(
        axis=0
    ) + into.bias * into.grad_bias
    goes_out = (out_of.weights * out_of.grad_weights).sum(axis=1)
    book.beside(
        [
            *(
                (f"neuron {j}: out, and in", goes_out[j], comes_in[j], 1e-12)
                for j in range(4)
            ),
            *(
                (
                    f"neuron {j}: in minus out, at the start and at the end",
                    at_start[j],
                    difference()[j],
                    allowed,
                )
                for j in range(4)
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Width, activation, initialisation

    Three choices are made before training begins. From here on the data are two moons, half circles that reach into each other, 300 points to learn from and 2,000 others to test on. No straight line parts them.
    """)
    return


@app.cell
def _():
    X, y = fn.datasets.moons(300, noise=0.2, seed=0)
    test = fn.datasets.moons(2000, noise=0.2, seed=1)

    def learn_moons(net, epochs=150):
        net.fit(
            X, y, loss="binary_cross_entropy", optimizer=fn.Adam(0.02), epochs=epochs
        )
        return net

    return X, learn_moons, test, y


@app.cell(hide_code=True)
def _(X, plt, y):
    moons_side = np.linspace(-2, 3, 90), np.linspace(-1.6, 2.1, 70)
    moons_plane = np.stack(np.meshgrid(*moons_side), axis=-1).reshape(-1, 2)

    def draw_border(net, ax, folds=True):
        """Probability of class 1 in shades, the border, and the hidden neurons' lines."""
        p = net.predict_proba(moons_plane)[:, 1].reshape(70, 90)
        ax.contourf(*moons_side, p, np.linspace(0, 1, 11), cmap="RdBu", vmin=-0.6,
                    vmax=1.6)
        if np.ptp(p) > 0:
            ax.contour(*moons_side, p, [0.5], colors=[style.INK], linewidths=2.2)
        first = net.layers[0]
        for w, b in zip(first.weights.T, first.bias, strict=True):
            if folds and w @ w > 0:  # the line z = 0: its nearest point, and along it
                foot = -b * w / (w @ w)
                ax.axline(foot, foot + [-w[1], w[0]] / np.sqrt(w @ w), color="0.35",
                          linewidth=0.8, linestyle="--")
        for label, mark, ink in ((0, "s", style.RED), (1, "o", style.BLUE)):
            ax.plot(*X[y == label].T, mark, color=ink, markersize=3.2,
                    markeredgecolor="white", markeredgewidth=0.3)
        ax.set(xlabel="feature 0", ylabel="feature 1", xlim=(-2, 3), ylim=(-1.6, 2.1))
        ax.grid(False)

    def draw_learned(net, history, test_part, title):
        picture, (left, right) = plt.subplots(
            1, 2, figsize=(6.8, 3), width_ratios=(1.4, 1)
        )
        draw_border(net, left, folds=len(net.layers[0].bias) <= 16)
        left.set_title(f"{title}: {net.score(*test_part):.1%} of test points right")
        right.plot(range(1, len(history.loss) + 1), history.loss)
        right.set(xlabel="epoch", ylabel="loss", ylim=(0, 0.8))
        return picture

    return draw_border, draw_learned


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### Width

    Move the width. Each position trains a new network. Squares are class 0, circles class 1, and the shade is the probability of class 1, from red (0) to blue (1). Dashed are the lines $z_j = 0$ of the hidden neurons (left out above 16), thick is the border where the probability is $\frac12$.
    """)
    return


@app.cell(hide_code=True)
def _():
    width = mo.ui.slider(
        steps=[1, 2, 3, 4, 6, 8, 16, 64, 256], value=4, label="width", show_value=True
    )
    width
    return (width,)


@app.cell(hide_code=True)
def _(draw_learned, learn_moons, test, width):
    def draw_width(m):
        net = learn_moons(fn.mlp(2, [m], 1, activation="tanh", seed=3))
        return draw_learned(net, net.history, test, f"width {m}")

    book.live(
        draw_width,
        width,
        name="width",
        at=(1, 4, 64),
        alt="Left: two moons and the border that a network of {value} hidden tanh "
        "neurons has learned. Right: its loss over the epochs.",
        caption="One neuron cuts once. With more, the border can bend around both moons.",
    )
    return


@app.cell
def _(learn_moons, test, X, y):
    def mean_scores(m):
        nets = [learn_moons(fn.mlp(2, [m], 1, "tanh", seed=s)) for s in range(3)]
        return [np.mean([n.score(*part) for n in nets]) for part in ((X, y), test)]

    by_width = {m: mean_scores(m) for m in (1, 2, 4, 8, 32, 128)}
    assert by_width[1][1] < 0.92 and by_width[2][1] < by_width[8][1]
    assert min(by_width[8][1], by_width[32][1], by_width[128][1]) > 0.95
    book.table(
        ["width", "numbers to learn", "right, training", "right, test"],
        [[m, 4 * m + 1, *scores] for m, scores in by_width.items()],
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    One neuron cannot bend the border at all, and two seldom learn to bend it enough. With four some seeds succeed and others stay at the straight cut, as with XOR. Beyond about eight, more neurons bring nothing here, and do little harm within 150 epochs, though with 128 there are more numbers to learn than samples.

    ### Activation

    The activation decides what the pieces look like: straight edges with relu, soft ones with tanh and sigmoid, none at all with the identity, which is a single line as derived above.
    Two in the list are new: *leaky relu* lets one hundredth of a negative number through (Maas, Hannun and Ng, 2013), and *softplus*, $\ln (1 + e^z)$, is a relu whose corner is rounded (Dugas and others, 2001).
    """)
    return


@app.cell(hide_code=True)
def _():
    activation = mo.ui.dropdown(
        ["relu", "leaky_relu", "tanh", "sigmoid", "softplus", "identity"],
        value="relu",
        label="activation",
    )
    activation
    return (activation,)


@app.cell(hide_code=True)
def _(activation, draw_learned, learn_moons, test):
    def draw_activation(name):
        net = learn_moons(fn.mlp(2, [8], 1, activation=name, seed=1))
        return draw_learned(net, net.history, test, f"8 {name} neurons")

    book.live(
        draw_activation,
        activation,
        name="activation",
        at=("relu", "tanh", "identity"),
        alt="Left: two moons and the border of eight hidden neurons with the activation "
        "{value}. Right: the loss over the epochs.",
        caption="Eight hidden neurons, the same data, the same seed.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### Equal weights stay equal

    Why do weights begin at random? Suppose that two hidden neurons begin with the same weights, the same bias and the same weights to the outputs. Then

    1. their outputs are equal for each sample, so their two columns of $A^{(1)}$ are equal;
    2. by step 1 of the derivation, equal columns of $A^{(1)}$ give equal rows of $G_{W^{(2)}}$;
    3. by step 3, equal rows of $W^{(2)}$ give equal columns of $G_{A^{(1)}}$, by step 4 of $G_{Z^{(1)}}$, by step 5 of $G_{W^{(1)}}$;
    4. all weights that were equal are changed by the same amount, and are equal after the step.

    So they stay twins forever. A hidden layer of eight equal neurons is one neuron, counted eight times, and its $A^{(1)}$ has rank 1. This is called *symmetry*, and random weights break it.

    ### All zero

    With tanh or relu, zero weights are worse than equal ones. $A^{(1)} = 0$, so $G_{W^{(2)}} = A^{(1)\top} G_{\hat Y} = 0$. $W^{(2)} = 0$, so $G_{A^{(1)}} = G_{\hat Y} W^{(2)\top} = 0$, and everything below is 0 too. Only $b^{(2)}$ learns. The network becomes the best constant guess, whose loss is the entropy $H(s)$ of the share $s$ of ones (chapter 4). For data with 150 of class 0 and 50 of class 1 that is $H(\frac14) = 0.5623$.
    """)
    return


@app.cell
def test_twins_stay_twins_and_zeros_stay_zero(X, learn_moons, y):
    def start(init):
        return fn.Network(
            [fn.Dense(2, 8, "tanh", init=init), fn.Dense(8, 1, init=init)],
            dtype="float64",
        )

    equal = learn_moons(start(lambda shape, rng: np.full(shape, 0.5)))
    random = learn_moons(start("xavier_uniform"))
    for _net in (equal, random):
        _net.forward(X)
    apart = max(np.ptp(equal.layers[0].weights, axis=1).max(),
                np.ptp(equal.layers[1].weights))

    some = np.concatenate([np.flatnonzero(y == 0)[:150], np.flatnonzero(y == 1)[:50]])
    zero = start("zeros")
    zero.fit(X[some], y[some], loss="binary_cross_entropy", optimizer=fn.SGD(0.5),
             epochs=500, batch_size=200)
    largest = max(np.abs(layer.weights).max() for layer in zero.layers)
    guess = -0.25 * np.log(0.25) - 0.75 * np.log(0.75)
    book.beside(
        [
            ("equal: how far the twins are apart", 0.0, apart, 1e-9),
            ("equal: rank of the hidden layer", 1, np.linalg.matrix_rank(equal.layers[0].a, tol=1e-6)),
            ("random: rank of the hidden layer", 8, np.linalg.matrix_rank(random.layers[0].a, tol=1e-6)),
            ("zero: largest weight after 500 steps", 0.0, largest),
            ("zero: loss", guess, zero.evaluate(X[some], y[some])["loss"], 1e-9),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### Too large

    Large weights push tanh to its flat ends. With weights drawn from a normal distribution of standard deviation $s$, and a sample $x$ of length 1, $z = x \cdot w$ is normal too, with the standard deviation $s \lVert x \rVert = s$. When is the slope $1 - a^2$ nearly gone, say $|a| > 0.99$? If $|z| > 2.647$, for $\tanh 2.647 = 0.99$. The probability of that for a normal number is

    $$
    P\bigl(|z| > 2.647\bigr) = \operatorname{erfc}\Bigl( \frac{2.647}{s \sqrt 2} \Bigr) ,
    $$

    where erfc is the function in which tables of the normal distribution are written; Python has it as `math.erfc`. We count among 20,000 neurons.

    The formula contains the remedy. With $d$ inputs of size 1, $\lVert x \rVert = \sqrt d$, and $z$ has the standard deviation $s \sqrt d$. So weights of standard deviation $s = 1 / \sqrt d$ keep $z$ at about 1, with two inputs as with a hundred, and fewer than one neuron in a hundred is saturated.
    """)
    return


@app.cell
def test_how_many_neurons_are_saturated():
    def saturated(x, s):
        layer = fn.Network(
            [fn.Dense(x.shape[1], 20_000, "tanh", init=lambda shape, r: r.normal(0, s, shape))],
            seed=1,
        ).layers[0]
        layer.forward(x)
        return np.mean(np.abs(layer.a) > 0.99)

    def predicted(spread):
        return math.erfc(math.atanh(0.99) / (spread * math.sqrt(2)))

    unit = np.array([[0.6, 0.8]], dtype=np.float32)  # of length 1
    shares = [
        (f"standard deviation {s:g}", predicted(s), saturated(unit, s))
        for s in (1.0, 3.0, 10.0, 100.0)
    ] + [
        (f"{d} inputs of size 1, remedy", predicted(1.0),
         saturated(np.ones((1, d), dtype=np.float32), 1 / math.sqrt(d)))
        for d in (2, 100)
    ]
    # four standard errors of a share p among 20,000: 4 sqrt(p (1 - p) / 20000)
    book.beside(
        [(*row, 4 * math.sqrt(row[1] * (1 - row[1]) / 20_000)) for row in shares]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Move the size of the initial weights, as a multiple of what the library would take (for tanh, the rule of Glorot and Bengio, 2010; chapter 6 derives it). With 0 nothing is learned. With 0.01 this network finds the straight cut, and stays on this plateau for all 150 epochs: its neurons are so small and so alike that they act as one for a long time (from other random weights it may get away sooner). With 100 nearly all neurons are saturated: their lines can hardly move, and the border is made of what chance has laid down.
    """)
    return


@app.cell(hide_code=True)
def _():
    start_size = mo.ui.slider(
        steps=[0, 0.01, 0.1, 0.3, 1, 3, 10, 30, 100],
        value=1,
        label="size of the initial weights",
        show_value=True,
    )
    start_size
    return (start_size,)


@app.cell(hide_code=True)
def _(draw_learned, learn_moons, start_size, test):
    def draw_size(factor):
        net = fn.mlp(2, [16], 1, activation="tanh", seed=2)
        for layer in net.layers:
            layer.weights *= factor if layer is net.layers[0] else min(factor, 1)
        learn_moons(net)
        return draw_learned(net, net.history, test, f"weights times {factor:g}")

    book.live(
        draw_size,
        start_size,
        name="size of the initial weights",
        at=(0.01, 1, 100),
        alt="Left: two moons and the border of sixteen tanh neurons whose initial "
        "weights were multiplied by {value}. Right: the loss over the epochs.",
        caption="Factors below 1 hold for both layers, factors above 1 for the hidden "
        "layer alone.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## A decision boundary as it forms

    Last, we watch. Eight tanh neurons learn the moons, and after some of the epochs we keep all weights. `callbacks` takes functions that `fit` calls after each epoch.
    """)
    return


@app.cell
def _(X, y):
    watched = fn.mlp(2, [8], 1, activation="tanh", seed=4)
    epochs_kept = [0, 1, 2, 4, 7, 10, 15, 20, 30, 50, 80, 120]
    kept = {0: watched.get_state()}

    def keep(training):
        if training.epoch in epochs_kept:
            kept[training.epoch] = training.network.get_state()

    watched_history = watched.fit(
        X, y, loss="binary_cross_entropy", optimizer=fn.Adam(0.01), epochs=120,
        callbacks=[keep],
    )
    return epochs_kept, kept, watched, watched_history


@app.cell(hide_code=True)
def _(draw_border, kept, plt, test, watched):
    def draw_film():
        picture, axes = plt.subplots(2, 3, figsize=(7, 4.4), sharex=True, sharey=True)
        for ax, epoch in zip(axes.flat, (0, 2, 10, 20, 50, 120), strict=True):
            watched.set_state(kept[epoch])
            draw_border(watched, ax)
            ax.set_title(f"epoch {epoch}: {watched.score(*test):.0%}")
            ax.label_outer()
        return picture

    book.figure(
        draw_film(),
        alt="Six pictures of the moons, from epoch 0 to 120. The border begins as a line "
        "through the origin, turns, becomes a slope between the moons, and then bends "
        "into an S around their tips. The dashed lines of the hidden neurons move from "
        "the origin outward.",
        caption="The border (thick) and the lines of the eight hidden neurons (dashed). "
        "The percentage says how many test points are on the right side.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The same, at your own pace. Follow one dashed line from epoch to epoch.
    """)
    return


@app.cell(hide_code=True)
def _(epochs_kept):
    moment = mo.ui.slider(steps=epochs_kept, value=20, label="epoch", show_value=True)
    moment
    return (moment,)


@app.cell(hide_code=True)
def _(draw_border, kept, moment, plt, watched, watched_history):
    def draw_moment(epoch):
        watched.set_state(kept[epoch])
        picture, (left, right) = plt.subplots(
            1, 2, figsize=(6.8, 3.1), width_ratios=(1.4, 1)
        )
        draw_border(watched, left)
        left.set_title(f"epoch {epoch}")
        right.plot(range(1, 121), watched_history.loss)
        right.axvline(epoch, color=style.RED, linewidth=1.2)
        right.set(xlabel="epoch", ylabel="loss")
        return picture

    book.live(
        draw_moment,
        moment,
        name="epoch",
        at=(0, 10, 120),
        alt="Left: the moons with the network's border after epoch {value}. Right: the "
        "loss over the epochs with a mark at this one.",
        caption="The upright line marks the epoch.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### What can be predicted of it

    **Before the first step.** All biases are 0. Then each hidden line goes through the origin. Since $\tanh(-z) = -\tanh(z)$, the output obeys $F(-x) = -F(x)$: it is 0 at the origin, and the probability there is exactly $\frac12$. So the first border goes through the origin, and is its own mirror image. With relu, $\max(cz, 0) = c \max(z, 0)$ gives $F(cx) = c\, F(x)$ for $c > 0$: the first border is made of rays from the origin.
    """)
    return


@app.cell
def test_the_border_before_the_first_step(kept, watched):
    watched.set_state(kept[0])
    somewhere = np.array([[0.7, -0.4]])
    rays = fn.mlp(2, [8], 1, activation="relu", seed=4)
    book.beside(
        [
            ("tanh: output at the origin", 0.0, watched([[0.0, 0.0]]).item()),
            ("tanh: F(-x), from F(x)", -watched(somewhere).item(), watched(-somewhere).item()),
            ("relu: F(3x), from F(x)", 3 * rays(somewhere).item(), rays(3 * somewhere).item()),
        ],
        abs=1e-5,  # float32
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    **After training, with relu.** Walk through the plane along a straight line from a point $p$ to a point $q$, $x(t) = p + t\,(q - p)$. Along it, $z_j$ is a straight function of $t$, so it can change its sign once at most: at

    $$
    z_j(p) + t\, \bigl(z_j(q) - z_j(p)\bigr) = 0 \quad\Longrightarrow\quad t_j = \frac{z_j(p)}{z_j(p) - z_j(q)} .
    $$

    So the output along the walk has one kink for each hidden neuron that is open at one end and closed at the other. And the border itself is made of straight pieces, which meet only on dashed lines: **it can bend only where it crosses the line of a hidden neuron.**
    """)
    return


@app.cell
def test_kinks_along_a_walk(learn_moons):
    bent = learn_moons(fn.mlp(2, [16], 1, "relu", seed=2, dtype="float64"))
    p, q = np.array([-1.5, -1.0]), np.array([2.5, 1.5])
    bent.forward(np.stack([p, q]))
    z_p, z_q = bent.layers[0].z
    crossing = z_p * z_q < 0
    times = np.sort(z_p[crossing] / (z_p - z_q)[crossing])
    seen, _ = kinks_of(lambda t: bent(p + t * (q - p)), 0, 1)
    book.beside(
        [
            ("kinks along the walk, of 16 neurons", len(times), len(seen)),
            ("t of the first kink", times[0], seen[0], 1e-6),
            ("t of the last kink", times[-1], seen[-1], 1e-6),
        ]
    )
    return (bent,)


@app.cell(hide_code=True)
def _(bent, draw_border, plt):
    def draw_walk():
        p, q = np.array([-1.5, -1.0]), np.array([2.5, 1.5])
        t = np.linspace(0, 1, 1500)
        picture, (left, right) = plt.subplots(
            1, 2, figsize=(6.8, 3.1), width_ratios=(1.3, 1)
        )
        draw_border(bent, left)
        left.annotate("", q, p, arrowprops={"arrowstyle": "->", "lw": 1.8,
                                            "color": style.GREEN})
        left.set_title("16 relu neurons")
        right.plot(t, bent(p + t[:, None] * (q - p))[:, 0], color=style.GREEN)
        places, _ = kinks_of(lambda s: bent(p + s * (q - p)), 0, 1)
        right.plot(places, bent(p + places[:, None] * (q - p))[:, 0], "o",
                   color=style.INK, markersize=4)
        right.axhline(0, color="0.6", linewidth=1)
        right.set(xlabel="t, from 0 to 1 along the walk", ylabel="output (logit)")
        return picture

    book.figure(
        draw_walk(),
        alt="Left: the moons, a border of straight pieces that bends at dashed lines, "
        "and an arrow across the plane. Right: the output along the arrow, straight "
        "pieces with a dot at each kink.",
        caption="A walk across the plane crosses the lines of hidden neurons; the output "
        "along it bends at each of them and nowhere else.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    This is what a shallow network is: hidden neurons lay down lines, and the output chooses how much to bend at each. One layer is enough for any continuous function, if it may be wide enough. That it need not be the cheapest way, the tents have shown. Chapter 6 puts five layers in a row.
    """)
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
    exercise_8 = book.exercise("5.8")
    exercise_8
    return (exercise_8,)


@app.cell(hide_code=True)
def _(exercise_8):
    book.judged("5.8", exercise_8)
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
    answers = book.quiz(5)
    answers
    return (answers,)


@app.cell(hide_code=True)
def _(answers):
    book.marked(5, answers)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Sources

    - J. Steiner, *Einige Gesetze über die Theilung der Ebene und des Raumes*, Journal für die reine und angewandte Mathematik 1, 1826: into how many regions lines cut the plane.
    - T. M. Cover, *Geometrical and statistical properties of systems of linear inequalities with applications in pattern recognition*, IEEE Transactions on Electronic Computers 14, 1965: how many tables one neuron can do.
    - M. Minsky and S. Papert, *Perceptrons*, MIT Press, 1969: what one layer cannot compute.
    - C. de Boor, *A Practical Guide to Splines*, Springer, 1978: the error of straight interpolation.
    - D. E. Rumelhart, G. E. Hinton and R. J. Williams, *Learning representations by back-propagating errors*, Nature 323, 1986: backpropagation through hidden layers.
    - G. Cybenko, *Approximation by superpositions of a sigmoidal function*, Mathematics of Control, Signals and Systems 2, 1989: universal approximation.
    - K. Hornik, M. Stinchcombe and H. White, *Multilayer feedforward networks are universal approximators*, Neural Networks 2, 1989: the same for every step-like activation.
    - K. Hornik, *Approximation capabilities of multilayer feedforward networks*, Neural Networks 4, 1991: the same for continuous, bounded, non-constant activations.
    - M. Leshno, V. Ya. Lin, A. Pinkus and S. Schocken, *Multilayer feedforward networks with a nonpolynomial activation function can approximate any function*, Neural Networks 6, 1993: if and only if not a polynomial.
    - A. R. Barron, *Universal approximation bounds for superpositions of a sigmoidal function*, IEEE Transactions on Information Theory 39, 1993: an error of 1/m, whatever the number of inputs.
    - A. Rahimi and B. Recht, *Random features for large-scale kernel machines*, Advances in Neural Information Processing Systems 20, 2007: cosines of random projections.
    - C. Dugas, Y. Bengio, F. Bélisle, C. Nadeau and R. Garcia, *Incorporating second-order functional knowledge for better option pricing*, Advances in Neural Information Processing Systems 13, 2001: softplus.
    - A. L. Maas, A. Y. Hannun and A. Y. Ng, *Rectifier nonlinearities improve neural network acoustic models*, ICML workshop on deep learning for audio, speech and language processing, 2013: leaky relu.
    - X. Glorot and Y. Bengio, *Understanding the difficulty of training deep feedforward neural networks*, AISTATS, 2010: the size of initial weights.
    - I. Goodfellow, Y. Bengio and A. Courville, *Deep Learning*, MIT Press, 2016, section 6.1: XOR by two relu neurons.
    - M. Telgarsky, *Benefits of depth in neural networks*, Conference on Learning Theory, 2016: tents in tents.
    - S. S. Du, W. Hu and J. D. Lee, *Algorithmic regularization in learning deep homogeneous models: layers are automatically balanced*, Advances in Neural Information Processing Systems 31, 2018: what comes in and goes out stays in balance.
    """)
    return


if __name__ == "__main__":
    app.run()
