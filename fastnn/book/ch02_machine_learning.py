# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

__generated_with = "0.25.2"
app = marimo.App(
    app_title="2 Neural networks within machine learning",
    css_file="chapter.css",
)

with app.setup:
    import itertools
    import math
    import warnings

    import marimo as mo
    import numpy as np

    import fastnn as fn
    from fastnn import book, neuro
    from fastnn.graph import Value


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    # 2 Neural networks within machine learning

    When you have read this chapter, you can

    - tell the history of neural networks in steps, and run each step;
    - say what one threshold unit can compute, and count it;
    - say what the artificial neuron kept of the biological one, and what it lost;
    - compare a model with a simple baseline on data that it has not seen, and say how sure the comparison is;
    - name a kind of task where a network wins, and one where it does not, and why.

    **Machine learning** is the part of computing in which a program is not written but fitted: it has adjustable numbers, and examples decide what they are.
    A neural network is one such program among many.
    This chapter shows where it came from, and then puts it to work on real data, each time beside something simpler.

    ## From McCulloch and Pitts to today

    ### 1943: a neuron that is a sentence

    Chapter 1 left us with a cell that adds up what it receives and fires when the sum reaches a threshold.
    McCulloch and Pitts (1943), a neurophysiologist and a logician, kept that and little else.
    Their neuron has inputs that are 0 (silent) or 1 (a spike), and as it is written today its answer is

    $$
    y = \Big[ \sum_{j=1}^{d} w_j x_j \ge \theta \Big]
    $$

    where the bracket is 1 if what stands in it is true, and 0 if not.
    $w_j$ is the **weight** of input $j$: how much it counts, below 0 if it inhibits.
    $\theta$ is the **threshold**.
    (In their paper the excitatory contacts count alike, and a single active inhibitory one keeps the neuron silent.)
    So a neuron is a sentence of logic that is true or false, and a net of neurons is a longer sentence.
    """)
    return


@app.cell
def _():
    def gates_in_one_table():
        names = ("AND", "OR", "NAND", "NOR")
        answers = [neuro.McCullochPitts.gate(name).truth_table() for name in names]
        return book.table(
            ["inputs", *names],
            [
                [f"{a} {b}", *(int(answer.outputs[row]) for answer in answers)]
                for row, (a, b) in enumerate(answers[0].inputs)
            ],
        )

    gates_in_one_table()
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    With two inputs there are four rows in such a table, and each row is 0 or 1, so there are $2^4 = 16$ tables.
    How many of them can one unit have?
    Take exclusive or, XOR: 1 if exactly one input is 1.
    Each row demands something of the weights:
    """)
    return


@app.cell
def _():
    mo.plain_text(neuro.contradiction([0, 1, 1, 0]))
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    No weights satisfy all four.
    The opposite table (1 where XOR is 0) fails for the same reason, with the inequalities turned around.
    The other fourteen can be written down by hand, so the prediction for two inputs is $16 - 2 = 14$.
    With one input all 4 tables are possible, and with three inputs 104 of 256 (Muroga, 1971).
    The library searches: it tries every weight from $-3$ to 3 in whole steps, with every threshold that makes a difference.
    """)
    return


@app.cell
def test_what_one_unit_can_compute():
    def possible_tables(n_inputs):
        weights = np.arange(-3.0, 4.0)
        tables = itertools.product((0, 1), repeat=2**n_inputs)
        return sum(len(neuro.find_units(table, weights)) > 0 for table in tables)

    book.beside(
        [
            (f"tables of {n} input{'s' * (n > 1)} that one unit has", predicted, found)
            for n, predicted, found in (
                (1, 4, possible_tables(1)),
                (2, 14, possible_tables(2)),
                (3, 104, possible_tables(3)),
            )
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### 1958: a unit that learns

    Nobody told the weights of 1943 what to be; a person had to choose them.
    Rosenblatt (1958) let the unit choose them by its errors and called it the **perceptron**.
    A machine of 1960, the Mark I, did it with 400 photocells and weights that motors turned (Hay, Lynch and Smith, 1960).

    Write the answers as $y_i = -1$ or $+1$ and append a 1 to each sample $x_i$, so that the threshold is one more weight.
    The unit is right about sample $i$ if $y_i\, (w \cdot x_i) > 0$.
    Here $w \cdot x$ is the **dot product**, $\sum_j w_j x_j.$
    Rosenblatt's rule: go through the samples; wherever the unit is wrong,

    $$
    w \leftarrow w + y_i x_i .
    $$

    Why should that end?
    Each correction may spoil what was right before.
    Novikoff (1962) answered in six lines.
    Assume that *some* $u$ of length 1 is right about all samples, by a margin: $y_i\, (u \cdot x_i) \ge \gamma > 0$.
    Let $R$ be the length of the longest $x_i$, start at $w = 0$, and look at $w$ after $k$ corrections.

    $$
    \begin{aligned}
    u \cdot (w + y_i x_i) &= u \cdot w + y_i (u \cdot x_i) \ge u \cdot w + \gamma
      && \text{each correction adds at least } \gamma \\
    u \cdot w &\ge k \gamma && \text{so after } k \text{ of them} \\
    \lVert w + y_i x_i \rVert^2 &= \lVert w \rVert^2 + 2 y_i (w \cdot x_i) + \lVert x_i \rVert^2
      && \text{the square of a sum, and } y_i^2 = 1 \\
    &\le \lVert w \rVert^2 + R^2 && \text{it was wrong: the middle is} \le 0 \\
    \lVert w \rVert^2 &\le k R^2 && \text{so after } k \text{ of them} \\
    k \gamma \le u \cdot w &\le \lVert w \rVert \le \sqrt k\, R && \text{as } \lVert u \rVert = 1 \text{; now square}
    \end{aligned}
    $$

    $$
    k \le \left( \frac{R}{\gamma} \right)^2
    $$

    The number of features does not occur, nor the number of samples: only how wide the gap is, by the size of the data.
    """)
    return


@app.cell
def test_the_perceptron_stays_below_its_bound():
    def bounded(name, X, y):
        X = X - X.mean(axis=0)
        model = neuro.Perceptron().fit(X, y)
        bound = neuro.novikoff_bound(X, y)
        assert model.converged_ and model.n_updates_ <= bound
        return [name, len(y), X.shape[1], model.n_updates_, bound]

    def two_of(dataset, one, other, n_features=None):
        chosen = np.isin(dataset.y, (one, other))
        return dataset.X[chosen, :n_features], dataset.y[chosen]

    numerals, flowers = fn.datasets.load_digits(), fn.datasets.load_iris()
    book.table(
        ["two classes", "samples", "features", "corrections", "at most"],
        [
            bounded("two clouds", *fn.datasets.blobs(spread=0.5, seed=0)),
            bounded("iris setosa or another", flowers.X, flowers.y == 0),
            bounded("a zero or a one", *two_of(numerals, 0, 1)),
            bounded("a three or an eight", *two_of(numerals, 3, 8)),
        ],
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The bound is for the worst order of the worst samples, and these data stay far below it.
    Move the gap between two classes, and watch both numbers.
    """)
    return


@app.cell(hide_code=True)
def _():
    gap = mo.ui.slider(
        0.05,
        1.5,
        step=0.05,
        value=0.5,
        label="gap between the classes",
        show_value=True,
    )
    gap
    return (gap,)


@app.cell(hide_code=True)
def _(gap):
    plt = book.pyplot()

    def draw_perceptron(width):
        rng = np.random.default_rng(3)
        y = np.arange(80) % 2
        X = rng.uniform([0, -1.5], [1.5, 1.5], size=(80, 2))
        X[:, 0] = (X[:, 0] + width / 2) * np.where(y == 1, 1, -1)
        X = X @ np.array(
            [[0.8, 0.6], [-0.6, 0.8]]
        )  # turned, so that the line is not upright
        model = neuro.Perceptron(epochs=20_000).fit(X, y)
        bound = neuro.novikoff_bound(X, y)
        picture, axes = plt.subplots(figsize=(6.5, 3.2))
        for label, marker in ((0, "o"), (1, "^")):
            axes.plot(*X[y == label].T, marker, label=f"class {label}", alpha=0.8)
        height = np.linspace(-2.6, 2.6, 2)
        (w1, w2), bias = model.coef_[0], model.intercept_[0]
        axes.plot(-(w2 * height + bias) / w1, height, color="0.2", label="learned line")
        axes.set(
            xlabel="feature 1",
            ylabel="feature 2",
            xlim=(-4, 4),
            ylim=(-2.6, 2.6),
            title=f"gap {width:g}: {model.n_updates_} corrections, at most {bound:,.0f}",
        )
        axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
        return picture

    book.live(
        draw_perceptron,
        gap,
        name="gap between the classes",
        at=(0.1, 0.5, 1.5),
        alt="Two clouds of points with a gap of {value} between them and the line that the perceptron learned; the title says how many corrections it took and the bound.",
    )
    return (plt,)


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### 1965: how much can one unit remember?

    Suppose that the labels are drawn by coin toss, so that there is nothing to learn.
    In how many of the $2^n$ cases can a unit with $d$ weights fit all $n$ samples?
    Call the number $C(n, d)$.
    Cover (1965) found it by adding one sample at a time.

    A labelling of the first $n$ samples that can be fitted stays possible with *one* label of the new sample, at least.
    It stays possible with *both* if some separating plane can be moved onto the new sample: tilted a little to either side, it gives either label.
    Planes through the new sample have one degree of freedom less, so they fit $C(n, d - 1)$ labellings of the others.
    Therefore

    $$
    C(n + 1, d) = C(n, d) + C(n, d - 1), \qquad C(1, d) = 2, \qquad C(n, 0) = 0 .
    $$

    This is Pascal's rule for binomials, and the solution is

    $$
    C(n, d) = 2 \sum_{k=0}^{d-1} \binom{n-1}{k} .
    $$

    It asks that the samples are in general position: in a plane, where $d = 3$ with the bias, no three on a line.
    For the four corners of a square it gives $2\,(1 + 3 + 3) = 14$, the 14 from above.
    The cell puts $n$ samples on a circle, tries every labelling, and counts for how many the perceptron comes to rest.
    """)
    return


@app.cell
def test_labellings_are_as_many_as_cover_says():
    def fitted(n):
        angle = 2 * np.pi * np.arange(n) / n
        X = np.column_stack([np.cos(angle), np.sin(angle)])
        count = 2  # all 0 and all 1: the bias does it alone
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns where no line was found
            for y in itertools.product((0, 1), repeat=n):
                if 0 < sum(y) < n:
                    count += neuro.Perceptron(epochs=300).fit(X, y).converged_
        return count

    def cover(n, d):
        return 2 * sum(math.comb(n - 1, k) for k in range(d))

    book.beside(
        [
            (f"labellings of {n} points, of {2**n}", cover(n, 3), fitted(n))
            for n in (4, 5, 6, 7, 8)
        ]
    )
    return (cover,)


@app.cell(hide_code=True)
def _(cover, plt):
    def draw_capacity():
        picture, axes = plt.subplots(figsize=(6.5, 3))
        for d, style in ((3, "-"), (20, "--"), (200, ":")):
            n = np.arange(1, 4 * d + 1)
            share = [cover(int(count), d) / 2 ** int(count) for count in n]
            axes.plot(n / d, share, style, label=f"{d} weights")
        axes.axvline(2, color="0.6", linewidth=1)
        axes.set(
            xlabel="samples for each weight",
            ylabel="labellings that can be fitted",
            yticks=[0, 0.5, 1],
            yticklabels=["none", "half", "all"],
        )
        axes.legend()
        return picture

    book.figure(
        draw_capacity(),
        alt="Three curves that fall from all labellings to none; all cross one half at two samples for each weight, the steeper the more weights.",
        caption="Up to two samples for each weight, a unit fits most labellings, whether or not there is a rule behind them.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Keep this picture in mind whenever somebody shows you a perfect score on the training data.
    With fewer than two samples for each weight, it is what you would expect of noise.
    This is why all scores in this chapter are of samples that were **held out**: kept aside, and shown to the model only after it was trained.

    ### 1969: what one layer cannot do

    Minsky and Papert (1969) asked what perceptrons can compute in principle.
    XOR is the smallest thing they cannot; parity (is the number of ones odd?) and connectedness of a drawing are larger ones.
    Two layers *can* do XOR, which was known: (x1 or x2) and not both.
    The first layer moves the four inputs to places where one line is enough.
    """)
    return


@app.cell
def _():
    two_layers = neuro.LogicNetwork.xor()
    mo.plain_text(str(two_layers.truth_table()))
    return (two_layers,)


@app.cell(hide_code=True)
def _(plt, two_layers):
    def draw_xor():
        X = two_layers.truth_table().inputs
        y = two_layers(X)
        picture, (left, right) = plt.subplots(1, 2, figsize=(6.5, 3))
        for axes, places in ((left, X), (right, two_layers.hidden(X))):
            for label, marker, words in ((0, "o", "XOR is 0"), (1, "^", "XOR is 1")):
                axes.plot(*places[y == label].T, marker, markersize=11, label=words)
            axes.set(xlim=(-0.4, 1.5), ylim=(-0.4, 1.5), xticks=[0, 1], yticks=[0, 1])
        left.set(xlabel="x1", ylabel="x2", title="inputs: no line will do")
        right.set(xlabel="x1 or x2", ylabel="not both", title="hidden layer: one line")
        right.plot([0.1, 1.5], [1.4, 0.0], color="0.2")
        right.annotate(
            "0 1 and 1 0\nmeet here", (1, 1), (1.0, 1.15), ha="center", fontsize=9
        )
        left.legend(loc="center", fontsize=9)
        return picture

    book.figure(
        draw_xor(),
        alt="Left, four corners of a square, opposite corners with the same mark. Right, three places; the two inputs with XOR 1 have moved to the same corner, and a line cuts it off.",
        caption="A hidden layer does not draw a better line. It moves the samples to where a line is enough.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    What was missing was a rule for the weights of the *hidden* layer, the one between inputs and outputs.
    Rosenblatt's rule needs to know what a unit should have answered, and nobody says that of a hidden unit.
    Nor does calculus help: the answer of a threshold unit is a step, its slope is 0 everywhere but at the step, and a slope of 0 does not say where to go.

    ### The winters

    Newspapers of 1958 had promised machines that walk, talk and know of themselves; what came was a line between two clouds.
    It is often said that the book of 1969 ended the field.
    Olazaran (1996), who studied the people and the papers, found that many had turned to other work before it appeared.
    Lighthill (1973) reported to the British Science Research Council that artificial intelligence had not delivered, and funding was cut there.
    A second winter followed in the 1990s, when support vector machines (Cortes and Vapnik, 1995) did as well with a theory that was easier to trust.
    Some went on all the time: Fukushima (1980), for example, built the layers from which convolutional networks came.

    ### 1970 to 1986: backpropagation

    The missing rule is the chain rule of calculus.
    Replace the step by a smooth curve, for example the **sigmoid** $\sigma(z) = 1/(1 + e^{-z})$.
    Then a small change of any weight, in any layer, makes a small change of the result, and the chain rule multiplies the slopes along the way.
    Linnainmaa (1970) described the order that makes this cheap, from the result backward, for any calculation; Werbos (1974, 1982) brought it to networks; Rumelhart, Hinton and Williams (1986) showed that the hidden units learn useful features by it, and that made it known.
    All derivatives together cost a few times the calculation itself, no matter how many there are (Baur and Strassen, 1983).
    Chapter 4 derives it line by line; here is that it works.

    A chain of $L$ sigmoids, each fed by the one before, $a_0 = x$, $a_l = \sigma(a_{l-1})$, has by the chain rule and $\sigma' = \sigma (1 - \sigma)$ the derivative

    $$
    \frac{\partial a_L}{\partial x} = \prod_{l=1}^{L} a_l\, (1 - a_l) .
    $$
    """)
    return


@app.cell
def test_the_chain_rule_through_many_sigmoids():
    def chain(n_layers, start=0.5):
        x = Value(start, "x")
        a, slopes = x, []
        for _ in range(n_layers):
            a = a.sigmoid()
            slopes.append(a.data * (1 - a.data))
        a.backward()
        assert x.grad <= 0.25**n_layers
        return math.prod(slopes), x.grad

    # products of up to 20 rounded factors: off by some 20 times 1e-16 of themselves
    book.beside(
        [
            (f"slope through {n} sigmoid{'s' * (n > 1)}", *chain(n))
            for n in (1, 2, 5, 10, 20)
        ],
        rel=1e-13,
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The same numbers show a trouble.
    $a(1 - a)$ is at most $\frac14$, so after 10 layers less than a millionth of the slope can be left ($4^{-10}$), and early layers hardly learn.
    Hochreiter (1991) described it; it is called the **vanishing gradient**, and chapter 6 repairs it.

    Two layers with smooth units learn XOR from its four rows, if they begin well: the first weights are drawn at random.
    The more hidden units, the fewer starts end in a dead end.
    No start can work without a hidden layer, nor with a single hidden unit, which is one line followed by one threshold:
    """)
    return


@app.cell
def test_hidden_units_learn_xor():
    def starts_that_learn_xor(n_hidden, n_starts=20):
        X, y = fn.datasets.xor(n_samples=4, noise=0.0)
        hidden = [n_hidden] if n_hidden else []
        learned = 0
        for seed in range(n_starts):
            net = fn.mlp(2, hidden, 2, activation="tanh", seed=seed)
            net.fit(X, y, optimizer=fn.Adam(0.05), epochs=200)
            learned += net.score(X, y) == 1.0
        return learned

    learned_by = {n: starts_that_learn_xor(n) for n in (0, 1, 2, 4, 8)}
    assert learned_by[0] == learned_by[1] == 0 < learned_by[2] < 20
    assert learned_by[8] >= 18
    book.table(
        ["hidden units", "starts of 20 that learn XOR"], list(learned_by.items())
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### 1989: weights that are shared

    LeCun and others (1989) read digits on envelopes for the post of the United States.
    Their idea: a feature that is useful in one place of an image (an edge, an end of a stroke) is useful in all places.
    So each unit of a layer looks at a small window, and all units of one **map** use the *same* weights.
    This is a **convolution**.

    It saves weights on a grand scale, and one can count it from the paper's drawing.
    A unit that looks at $5 \times 5$ inputs has 25 weights and 1 bias.

    - The first layer has 12 maps of $8 \times 8 = 64$ units. Connections: $12 \cdot 64 \cdot 26$. The 25 weights are shared within a map, the biases are not: $12 \cdot 25 + 12 \cdot 64$ parameters.
    - The second has 12 maps of $4 \times 4 = 16$ units, each of which looks into 8 maps: ${12 \cdot 16 \cdot (8 \cdot 25 + 1)}$ connections, and $12 \cdot 8 \cdot 25 + 12 \cdot 16$ parameters.
    - Then 30 units that see all 192, and 10 that see the 30, nothing shared: $30 \cdot 193 + 10 \cdot 31$.

    "Measured" is what the paper states.
    """)
    return


@app.cell
def test_the_network_of_1989_has_as_many_weights_as_its_paper_says():
    _dense = 30 * (192 + 1) + 10 * (30 + 1)
    connections = 12 * 64 * (25 + 1) + 12 * 16 * (8 * 25 + 1) + _dense
    _parameters = (12 * 25 + 12 * 64) + (12 * 8 * 25 + 12 * 16) + _dense
    book.beside(
        [
            ("connections", connections, 64_660),
            ("adjustable parameters", _parameters, 9_760),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    A convolution is no new kind of arithmetic.
    It is a `Dense` layer, most of whose weights are 0 and the rest of which repeat.
    Here is one, with a filter of $3 \times 3$ that is large where ink ends on the right side of a stroke.
    """)
    return


@app.cell
def _():
    digits = fn.datasets.load_digits()
    edge = np.array([[1.0, 0.0, -1.0]] * 3)

    def convolved(images, filter):
        """Each window of 3 x 3, times the filter, summed: (n, 8, 8) to (n, 6, 6)."""
        look = np.lib.stride_tricks.sliding_window_view(images, (3, 3), axis=(1, 2))
        return np.sum(look * filter, axis=(3, 4))

    def as_dense(filter):
        """The same as one Dense layer, with weights (64, 36)."""
        net = fn.Network([fn.Dense(64, 36, bias=False)], dtype="float64")
        weights = np.zeros((8, 8, 6, 6))
        for row, column in itertools.product(range(6), repeat=2):
            weights[row : row + 3, column : column + 3, row, column] = filter
        net.layers[0].weights[...] = weights.reshape(64, 36)
        return net

    maps = convolved(digits.images, edge)
    return as_dense, convolved, digits, edge, maps


@app.cell
def test_a_convolution_is_a_dense_layer_with_shared_weights(
    as_dense, convolved, digits, edge, maps
):
    _net = as_dense(edge)
    by_layer = _net(digits.X).reshape(-1, 6, 6)
    np.testing.assert_array_equal(by_layer, maps)  # whole numbers: no rounding
    shifted = np.roll(digits.images, 1, axis=2)  # all images one pixel to the right
    np.testing.assert_array_equal(convolved(shifted, edge)[:, :, 1:], maps[:, :, :-1])
    used = np.count_nonzero(_net.layers[0].weights)
    book.beside(
        [
            ("weights that are not 0: 36 windows of 6", 36 * 6, used),
            ("largest answer, all digits", maps.max(), by_layer.max()),
        ]
    )
    return


@app.cell(hide_code=True)
def _(digits, edge, maps, plt):
    def draw_convolution():
        picture, axes = plt.subplots(1, 3, figsize=(6.5, 2.4), width_ratios=[8, 4, 6])
        for one, image, scale, title in (
            (axes[0], digits.images[4], "gray_r", "a four"),
            (axes[1], edge, "RdBu", "the filter"),
            (axes[2], maps[4], "RdBu", "the map"),
        ):
            most = np.abs(image).max()
            one.imshow(
                image, cmap=scale, vmin=0 if scale == "gray_r" else -most, vmax=most
            )
            one.set(xticks=[], yticks=[], title=title)
            one.grid(False)
        return picture

    book.figure(
        draw_convolution(),
        alt="The image of a four, a filter of three by three with a positive left and a negative right column, and the map, positive where strokes end on the right and negative where they begin.",
        caption="A filter slides over an image: blue where ink lies to the left of paper, red where paper lies to the left of ink.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The test above also shifted all images by one pixel, and the maps shifted with them, exactly.
    This is what the shared weights buy: what is learned in one place is known everywhere.

    ### 2012: size

    For twenty years such networks were too slow for photographs.
    Krizhevsky, Sutskever and Hinton (2012) trained one on 1.2 million photographs in 1,000 classes, on two graphics cards, for five to six days.
    The right class was missing from its five best guesses for 15.3 % of the test images; the next best entry, without a network, missed 26.2 %.
    Three things had changed since 1989: labelled photographs in millions, processors for games, and the **relu**, $\max(0, z)$, whose slope is 1 wherever it is not 0, so that it does not shrink the gradient as a sigmoid does.

    The paper speaks of 60 million parameters and 650,000 neurons.
    Count them from its table:
    """)
    return


@app.cell
def test_the_network_of_2012_is_as_large_as_its_paper_says():
    # maps, side of a map, side of a filter, maps that a unit looks into
    convolutions = [
        (96, 55, 11, 3),
        (256, 27, 5, 48),
        (384, 13, 3, 256),
        (384, 13, 3, 192),
        (256, 13, 3, 192),
    ]
    _dense = [(6 * 6 * 256, 4096), (4096, 4096), (4096, 1000)]
    _parameters = sum(m * (f * f * inputs + 1) for m, _, f, inputs in convolutions)
    _parameters += sum((n_in + 1) * n_out for n_in, n_out in _dense)
    neurons = sum(m * side**2 for m, side, _, _ in convolutions)
    neurons += sum(n_out for _, n_out in _dense)
    # the paper gives round numbers: 60 million to one digit, and 650,000, 1.4 % less
    # than the sum over its layers
    book.beside(
        [
            ("parameters", _parameters, 60_000_000, 5_000_000),
            ("neurons", neurons, 650_000, 10_000),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### 2017: attention

    A sentence is not an image: which words belong together depends on the words.
    Vaswani and others (2017) built the **transformer** on one operation, **attention**, that asks it anew for each sentence.
    Each of $n$ words brings three vectors of $d$ numbers, all computed from the word by learned weights: a query $q$ (what am I looking for?), a key $k$ (what am I?) and a value $v$ (what do I say?).
    As matrices with a row for each word, $Q$, $K$ and $V$, all $(n, d)$,

    $$
    A = \operatorname{softmax}\!\left( \frac{Q K^\top}{\sqrt d} \right) V .
    $$

    $Q K^\top$ is $(n, n)$: how well each query fits each key.
    The **softmax** makes a row of it into shares that sum to 1, $e^{s_j} / \sum_k e^{s_k}$, and the product with $V$ is the mean of the values with these shares.

    Why $\sqrt d$?
    Let the entries of $q$ and $k$ be independent with mean 0 and variance 1.
    Then

    $$
    \begin{aligned}
    \operatorname{E}[q \cdot k] &= \sum_{j=1}^{d} \operatorname{E}[q_j]\, \operatorname{E}[k_j] = 0
      && \text{independent, mean 0} \\
    \operatorname{Var}[q \cdot k] &= \sum_{j=1}^{d} \operatorname{E}[q_j^2]\, \operatorname{E}[k_j^2] = d
      && \text{variances of independent terms add}
    \end{aligned}
    $$

    so the scores would grow as $\sqrt d$, and a softmax of large scores puts nearly everything on one word and has nearly no slope.
    """)
    return


@app.cell
def _():
    def attention(Q, K, V):
        scores = Q @ K.T / np.sqrt(Q.shape[1])
        share = np.exp(scores - scores.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        return share @ V

    return (attention,)


@app.cell
def test_scores_grow_as_the_root_of_d(attention):
    _rng = np.random.default_rng(0)

    def _spread(d):
        q, k = _rng.normal(size=(2, 20_000, d))
        return np.sum(q * k, axis=1).std()

    words = _rng.normal(size=(7, 16))
    _order = _rng.permutation(7)
    by_attention = attention(words, words, words)
    # attention sees a set: other order in, the same order out
    np.testing.assert_allclose(
        attention(words[_order], words[_order], words[_order]), by_attention[_order]
    )
    # the deviation of 20,000 draws is off by about 1 / sqrt(40,000), 0.5 %; five times that
    book.beside(
        [
            (f"spread of q . k for d = {d}", np.sqrt(d), _spread(d))
            for d in (4, 64, 256)
        ],
        rel=0.025,
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The test says one more thing: attention does not know the order of the words, so their places must be written into their vectors.

    A transformer is a stack of such blocks.
    One block has four matrices of $d^2$ weights for attention and a network with one hidden layer of $4d$ units, $8 d^2$ weights: $12 d^2$ in all.
    Brown and others (2020) trained GPT-3 with 96 blocks of $d = 12{,}288$, and a vector for each of 50,257 pieces of words and 2,048 places.
    """)
    return


@app.cell
def test_a_large_language_model_counted():
    d = 12_288
    _parameters = 96 * 12 * d**2 + (50_257 + 2_048) * d
    # published in whole billions: half of one
    book.beside([("parameters of GPT-3", _parameters, 175_000_000_000, 500_000_000)])
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### Today

    The steps since 2017 are larger more often than they are new.
    Networks of this kind write text and programs, and makers often do not say how large they are; the picture shows those that do.
    The rule by which they learn is still the one of 1986, and a unit is still the weighted sum of 1943, with a smoother threshold.
    """)
    return


@app.cell(hide_code=True)
def _(plt):
    def draw_sizes():
        known = [
            (1989, 9_760, "zip codes"),
            (1998, 60_000, "LeNet-5"),
            (2012, 60_965_224, "AlexNet"),
            (2017, 213e6, "Transformer (big)"),
            (2019, 1.5e9, "GPT-2"),
            (2020, 175e9, "GPT-3"),
            (2024, 405e9, "Llama 3.1"),
        ]
        picture, axes = plt.subplots(figsize=(6.5, 3.2))
        axes.semilogy([k[0] for k in known], [k[1] for k in known], "o")
        for year, size, name in known:
            early = year < 2000
            axes.annotate(
                name,
                (year, size),
                (8 if early else -8, 3 if early else 9 * (year > 2020)),
                textcoords="offset points",
                ha="left" if early else "right",
                va="center",
                fontsize=9,
            )
        axes.axhline(4_810, color="0.5", linestyle="--", linewidth=1)
        axes.text(
            2025,
            1.5 * 4_810,
            "this chapter's network for digits",
            ha="right",
            fontsize=9,
        )
        axes.set(
            xlabel="year", ylabel="parameters", xlim=(1986, 2026), ylim=(1e3, 3e12)
        )
        return picture

    book.figure(
        draw_sizes(),
        alt="Parameters of seven published networks on a logarithmic scale: ten thousand in 1989, sixty million in 2012, hundreds of billions since 2020.",
        caption="Published sizes of networks: seven powers of ten in 35 years.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## The bridge: what is lost and what is kept

    The first unit was modelled on a cell, and it is fair to ask how much of the cell is in it.
    Chapter 1 simulated cells; here they stand beside their artificial relatives.

    ### The activation function is a firing rate

    Take the leaky integrate-and-fire neuron of chapter 1: the potential leaks toward rest, the input drives it up, and at $V_{th}$ it fires and starts again from $V_r$.
    A constant input would bring it to $\mu$, measured in mV, if there were no threshold.
    Then

    $$
    \begin{aligned}
    \tau \frac{dV}{dt} &= \mu - V && \text{the leak pulls } V \text{ toward } \mu \\
    V(t) &= \mu - (\mu - V_r)\, e^{-t/\tau} && \text{the solution that begins at } V_r \\
    V_{th} &= \mu - (\mu - V_r)\, e^{-T/\tau} && \text{it reaches the threshold at time } T \\
    T &= \tau \ln \frac{\mu - V_r}{\mu - V_{th}} && \text{solved for } T \text{, if } \mu > V_{th}
    \end{aligned}
    $$

    After a spike it rests for $t_{ref}$, so it fires at the rate $f = 1 / (t_{ref} + T)$, and not at all for $\mu \le V_{th}$.
    The cell simulates ten seconds and counts spikes.
    Here $\tau$ = 20 ms, $t_{ref}$ = 2 ms, $V_{th}$ = -50 mV, $V_r$ = -65 mV, and a current of 1 nA lifts $\mu$ by 100 mV.
    """)
    return


@app.cell
def test_the_rate_of_a_neuron_is_its_formula():
    def _predicted(mu, tau=20.0, t_ref=2.0, V_th=-50.0, V_r=-65.0):
        return 1000 / (t_ref + tau * np.log((mu - V_r) / (mu - V_th)))

    def simulated(mu, seconds=10):
        sim = neuro.LIF().run(T_ms=1000 * seconds, stimulus=(mu + 65) / 100)
        return len(sim.spike_times) / seconds

    # a count of spikes in 10 s is off by one spike at most: 0.1 Hz
    book.beside(
        [
            (f"rate at {mu} mV, Hz", _predicted(mu), simulated(mu))
            for mu in (-49, -45, -35, 0)
        ],
        abs=0.1,
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Real inputs are noisy, and noise rounds the corner: now and then it carries the potential over the threshold when the mean would not (Siegert, 1951, has the formula).
    The result looks like two activation functions that networks use: the **relu**, $\max(0, z)$, and its rounded form, the **softplus**, ${\ln(1 + e^z)}$.
    A fit always finds some curve; how far it is off is what counts.
    Move the noise.
    """)
    return


@app.cell(hide_code=True)
def _():
    sigma = mo.ui.slider(
        0.5, 10.0, step=0.5, value=4.0, label="noise, mV", show_value=True
    )
    sigma
    return (sigma,)


@app.cell(hide_code=True)
def _(plt, sigma):
    def draw_rates(noise):
        mu = np.linspace(-65, -35, 121)
        rates = neuro.siegert(mu, noise)
        picture, axes = plt.subplots(figsize=(6.5, 3.2))
        axes.plot(mu, rates, color="0.75", linewidth=7, label="neuron")
        for kind, style in (("softplus", "-"), ("relu", "--")):
            fit = neuro.fit_activation(mu, rates, kind=kind)
            axes.plot(mu, fit(mu), style, label=f"{kind}, off by {fit.rms:.2f} Hz")
        axes.set(
            xlabel="where the input would bring the potential, mV",
            ylabel="firing rate, Hz",
            title=f"noise of {noise:g} mV",
        )
        axes.legend()
        return picture

    book.live(
        draw_rates,
        sigma,
        name="noise, mV",
        at=(0.5, 4.0, 10.0),
        alt="The firing rate of a neuron over its input with noise of {value} mV, and the best relu and softplus beside it.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    With little noise the neuron is closer to neither: it leaves zero steeply and then bends.
    With more noise the softplus follows it to a fraction of 1 Hz.
    So an activation is best read as a *rate*: how often a cell fires, and not whether it fires now.

    ### The whole table

    Each row of this table is a program, run when the table is printed.
    Above the gap, a neuron and a network give the same number.
    Below it, a number with a property of the neuron and without it.
    The second table takes the neuron's number as the prediction for the network.
    """)
    return


@app.cell
def _():
    bridge = neuro.lost_and_kept()
    mo.plain_text(str(bridge))
    return (bridge,)


@app.cell
def test_what_is_kept_gives_the_same_number(bridge):
    # the second row compares a neuron with a fitted softplus;
    # the others are exact, up to the bisection that looks for a threshold
    pairs = {name: row.run() for name, row in bridge.kept.items()}
    book.beside(
        [
            (f"{name}: neuron, network", *pair, 0.1 if name == "threshold" else 1e-6)
            for name, pair in pairs.items()
            if pair[1] is not None
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    **Kept**: a weighted sum, a threshold, weights that can be excitatory or inhibitory, learning as a change of weights, and that wiring decides what is computed.

    **Lost**: time (the artificial unit answers at once and forgets), the pause after a spike, fatigue, branches of a dendrite that decide for themselves, the memory that the sodium-potassium pump holds for seconds, the rule that a cell either excites or inhibits, and synapses that change within milliseconds.

    One thing was *added*: backpropagation sends errors backward through the same weights.
    No cell is known to do that, and whether the brain approximates it is an open question (Lillicrap and others, 2020).
    An artificial network is thus no model of a brain.
    It is a family of functions, named after what suggested it.

    ## Where networks succeeded

    | year | task | what the paper reports |
    | --- | --- | --- |
    | 1989 | digits of zip codes | 5.0 % of 2,007 test digits wrong (LeCun and others, 1989) |
    | 2012 | speech | deep networks beat the mixture models that four groups had used for years (Hinton and others, 2012) |
    | 2012 | photographs, 1,000 classes | 15.3 % missed with five guesses, next best 26.2 % (Krizhevsky and others, 2012) |
    | 2015 | the same photographs | 3.57 % by several networks together, up to 152 layers deep (He and others, 2016) |
    | 2016 | the game of Go | a professional player beaten five to nil (Silver and others, 2016) |
    | 2017 | translation | the best score from English to German, with attention alone (Vaswani and others, 2017) |
    | 2020 | text | tasks learned from a few examples in the question (Brown and others, 2020) |
    | 2021 | shape of proteins | median error of the backbone 0.96 Å, next best 2.8 Å (Jumper and others, 2021) |
    | 2023 | weather, ten days | better than the leading physical model for 90 % of 1,380 quantities (Lam and others, 2023) |

    These tasks have much in common.
    Their inputs are many numbers of one kind (pixels, samples of sound, letters, points of a grid) of which none says much alone.
    Examples exist by the million, or a game or simulator makes them.
    And something is known about the structure, which is built into the network: windows for images, attention for text.

    ### Structure is the point

    A plain `Dense` layer knows nothing of structure, and that can be shown exactly.
    Put the 64 pixels of every digit in one other order, $X' = X P$, where $P$ is a matrix with a single 1 in each row and column.
    Put the rows of the first weights in the same order, $W' = P^\top W$.
    Because $P P^\top = I$ (an order undone is no change),

    $$
    X' W' = X P P^\top W = X W .
    $$

    For each network on the images there is one on the scrambled images that gives the same answers.
    To a `Dense` layer, an image is a bag of pixels.
    """)
    return


@app.cell
def test_dense_layers_do_not_know_what_an_image_is(digits):
    _order = np.random.default_rng(0).permutation(64)
    _net = fn.mlp(64, [64], 10, seed=0, dtype="float64")
    _net.fit(digits.X / 16, digits.y, optimizer=fn.Adam(3e-3), epochs=5)
    scrambled = fn.mlp(64, [64], 10, dtype="float64")
    scrambled.set_state(_net.get_state())
    scrambled.layers[0].weights[...] = _net.layers[0].weights[_order]
    _one = _net.evaluate(digits.X / 16, digits.y)
    _other = scrambled.evaluate(digits.X[:, _order] / 16, digits.y)
    # the same sums in another order: rounding of 64 terms, in float64
    book.beside(
        [
            ("loss on images, on scrambled images", _one["loss"], _other["loss"]),
            ("accuracy", _one["accuracy"], _other["accuracy"]),
        ],
        rel=1e-12,
    )
    return


@app.cell(hide_code=True)
def _(digits, plt):
    def draw_scrambled():
        order = np.random.default_rng(0).permutation(64)
        picture, axes = plt.subplots(2, 6, figsize=(6.5, 2.5))
        for column in range(6):
            for row, pixels in enumerate((digits.X[column], digits.X[column][order])):
                one = axes[row, column]
                one.imshow(pixels.reshape(8, 8), cmap="gray_r")
                one.set(xticks=[], yticks=[])
                one.grid(False)
        axes[0, 0].set_ylabel("you")
        axes[1, 0].set_ylabel("a Dense layer")
        return picture

    book.figure(
        draw_scrambled(),
        alt="Six digits, and below them the same six with their pixels in another order, in which no digit can be seen.",
        caption="Above: the digits 0 to 5. Below: the same pixels in another order, as hard to read for a Dense layer as the images above.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Where they are going

    Forecasts of this field have been wrong in both directions, so this section names open problems.
    Two sides of the last one can be run on a laptop.

    - **More of the same.** The loss of language models falls as a power of size, data and computing (Kaplan and others, 2020; Hoffmann and others, 2022). How long that lasts, nobody knows.
    - **Less energy.** Training GPT-3 took an estimated 1,287 MWh (Patterson and others, 2021). A brain runs on about 20 W: it would take 7,300 years to use as much. Chips that send spikes as neurons do are one answer that is being tried.
    - **Science.** Proteins and weather in the table above are signs of it.
    - **Trust.** Where does a network fail, and does it know?

    ### It does not know where its knowledge ends

    A network with relus is a patchwork of straight pieces.
    There are finitely many, so far out there is only one, and the network goes on straight for ever, whatever the truth does (Xu and others, 2021).
    On that piece it is the product of its layers with the units that are switched on, which predicts the slope:

    $$
    \frac{dy}{dx} = W^{(1)} D\, W^{(2)}, \qquad D = \text{diagonal, 1 for units with } z > 0 \text{, else 0}
    $$

    with $W^{(1)}$ of shape $(1, m)$, $D$ $(m, m)$ and $W^{(2)}$ $(m, 1)$.
    """)
    return


@app.cell
def _():
    inside = np.random.default_rng(0).uniform(-np.pi, np.pi, size=(400, 1))
    sine = fn.mlp(1, [64], 1, seed=0, dtype="float64")
    sine.fit(inside, np.sin(inside), loss="mse", optimizer=fn.Adam(0.01), epochs=200)
    return (sine,)


@app.cell
def test_outside_of_its_data_a_relu_network_is_a_line(sine):
    first, last = sine.layers

    def slope_from_weights(x):
        sine.forward([[x]])
        on = first.z[0] > 0
        return float(first.weights[0, on] @ last.weights[on, 0])

    def slope_seen(x, step=100.0):
        a, b = sine.predict([[x], [x + step]])
        return (b - a) / step

    # exact up to rounding as long as no unit switches; far out none does
    book.beside(
        [
            ("slope far to the right", slope_from_weights(1e3), slope_seen(1e3)),
            ("slope far to the left", slope_from_weights(-2e3), slope_seen(-2e3)),
        ],
        rel=1e-9,
    )
    return


@app.cell(hide_code=True)
def _(plt, sine):
    def draw_outside():
        x = np.linspace(-9, 9, 400)
        picture, axes = plt.subplots(figsize=(6.5, 2.8))
        axes.axvspan(-np.pi, np.pi, color="0.92", label="where the data were")
        axes.plot(x, np.sin(x), color="0.5", linestyle="--", label="truth")
        axes.plot(x, sine.predict(x[:, None]), label="network")
        axes.set(xlabel="x", ylabel="y", ylim=(-4, 4))
        axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
        return picture

    book.figure(
        draw_outside(),
        alt="Inside the grey band the network lies on the sine; outside it leaves it and goes on as a straight line on either side.",
        caption="A network that learned a sine between -3.14 and 3.14, asked beyond.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### Small changes, chosen with bad intent

    Change each pixel by at most $\varepsilon$, too little to see, but each in the direction that hurts most (Szegedy and others, 2014).
    How much can the answer move?
    For a linear unit $z = x \cdot w + b$ the worst change is $\varepsilon$ times the sign of each weight, and it moves $z$ by

    $$
    \sum_{j=1}^{d} \varepsilon\, \operatorname{sign}(w_j)\, w_j = \varepsilon \sum_{j=1}^{d} |w_j| .
    $$

    The sum grows with the number of pixels: many small pushes in one direction.
    Random changes of the same size mostly cancel: they move $z$ by about $\varepsilon \sqrt{\sum w_j^2}$ (Goodfellow, Shlens and Szegedy, 2015).
    The cell takes a logistic regression that tells threes from eights: one unit, 64 weights.
    """)
    return


@app.cell
def test_how_far_a_chosen_change_moves_a_linear_unit(digits):
    pair = np.isin(digits.y, (3, 8))
    _X, _y = digits.X[pair] / 16, digits.y[pair]
    unit = fn.LogisticRegression(solver="newton").fit(_X, _y)
    _w, epsilon = unit.coef_[0], 0.1
    _before = unit.decision_function(_X)
    chosen = unit.decision_function(_X + epsilon * np.sign(_w)) - _before
    _rng = np.random.default_rng(0)
    signs = _rng.choice([-1.0, 1.0], size=(20_000, 64))
    random = epsilon * signs @ _w
    # 20,000 draws know their deviation to 0.5 %; five times that
    book.beside(
        [
            (
                "moved by a chosen change",
                epsilon * np.abs(_w).sum(),
                chosen.mean(),
                1e-9,
            ),
            (
                "deviation under random changes",
                epsilon * np.sqrt(np.sum(_w**2)),
                random.std(),
                0.025 * epsilon * np.sqrt(np.sum(_w**2)),
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Networks are no safer.
    The gradient of the loss with respect to the *input* takes the place of the weights, and `input_gradient` gives it.
    """)
    return


@app.cell
def _(digits):
    shown, kept_back = fn.data.split(digits.X / 16, digits.y, test_fraction=0.3, seed=0)
    reader = fn.mlp(64, [64], 10, seed=0)
    reader.fit(*shown, optimizer=fn.Adam(3e-3), epochs=30)
    push = np.sign(reader.input_gradient(*kept_back))
    _rng = np.random.default_rng(0)
    steps = np.linspace(0, 0.3, 13)
    under_attack = [reader.score(kept_back[0] + e * push, kept_back[1]) for e in steps]
    under_noise = [
        reader.score(kept_back[0] + e * _rng.permuted(push, axis=1), kept_back[1])
        for e in steps
    ]
    # at 0.15 the chosen change ruins most answers, the shuffled one hardly any
    assert under_attack[6] < 0.5 < 0.8 < under_noise[6]
    return steps, under_attack, under_noise


@app.cell(hide_code=True)
def _(plt, steps, under_attack, under_noise):
    def draw_attack():
        picture, axes = plt.subplots(figsize=(6.5, 2.8))
        axes.plot(steps, under_noise, "o-", label="the same changes, pixels shuffled")
        axes.plot(steps, under_attack, "^-", label="chosen by the gradient")
        axes.set(
            xlabel="change of each pixel (paper 0, ink 1)",
            ylabel="right, of held-out digits",
            ylim=(0, 1.02),
        )
        axes.legend()
        return picture

    book.figure(
        draw_attack(),
        alt="With growing change of the pixels the accuracy under shuffled changes stays high, while under chosen changes it falls to nearly nothing.",
        caption="Changes of equal size, with and without intent.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Digits

    The first of six applications.
    All six follow one protocol, which is worth more than any single result.

    1. **A baseline first.** The simplest thing that could work, and a linear model. A network that does not beat them is not needed.
    2. **Held-out samples only.** The rows are cut into $k$ parts, the **folds**. Each fold is tested once, by models trained on the others. This is **cross-validation**.
    3. **Nothing leaks.** Means and deviations for scaling come from the training rows alone.
    4. **The difference, fold by fold.** Some folds are harder than others, for every model. So we take the difference on each fold, its mean $\bar\delta$, and its **standard error** $s_\delta / \sqrt k$, where $s_\delta$ is the standard deviation of the $k$ differences. A mean of less than two standard errors is no evidence. Folds share training rows, so even this is a little too sure (Dietterich, 1998).

    The protocol as code:
    """)
    return


@app.cell
def _():
    def folds(n_rows, k, seed=None):
        """k parts of the rows: at random, or (no seed) in blocks as they stand."""
        rows = np.arange(n_rows)
        if seed is not None:
            rows = np.random.default_rng(seed).permutation(n_rows)
        return np.array_split(rows, k)

    def standardized(train, test):
        """Both minus the mean of train, divided by its deviation."""
        mean, scale = train.mean(axis=0), train.std(axis=0)
        return (train - mean) / scale, (test - mean) / scale

    def cross_validated(models, X, y, parts, scale=standardized):
        """Scores (folds, models): each model sees all rows but those of the fold."""
        scores = []
        for rows in parts:
            others = np.setdiff1d(np.arange(len(y)), rows)
            train, test = scale(X[others], X[rows])
            scores.append(
                [model(train, y[others], test, y[rows]) for model in models.values()]
            )
        return np.array(scores)

    def compared(models, scores):
        """Mean and spread of each model, and what the last one is better by."""
        rows = []
        for name, column in zip(models, scores.T, strict=True):
            delta = scores[:, -1] - column
            error = delta.std(ddof=1) / np.sqrt(len(delta))
            ahead = (
                "-"
                if column is scores.T[-1] or not delta.any()
                else f"{round(delta.mean(), 4) + 0.0:+.4f} ± {error:.4f}"
            )
            rows.append(
                [name, f"{column.mean():.4f}", f"{column.std(ddof=1):.4f}", ahead]
            )
        return book.table(
            ["model", "mean", "spread over folds", "the network is ahead by"], rows
        )

    return compared, cross_validated, folds, standardized


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The task: 1,797 images of $8 \times 8$ pixels, written by 13 people (Alpaydin and Kaynak, 1998).
    Which digit is it?

    The simplest baseline is the **nearest centroid**: average all images of each digit, and answer with the digit whose average $c_j$ is nearest.
    That is a network without hidden layers, with no training at all:

    $$
    \begin{aligned}
    \lVert x - c_j \rVert^2 &= \lVert x \rVert^2 - 2\, x \cdot c_j + \lVert c_j \rVert^2 && \text{the square of a difference} \\
    \arg\min_j \lVert x - c_j \rVert^2 &= \arg\min_j \big( -2\, x \cdot c_j + \lVert c_j \rVert^2 \big) && \lVert x \rVert^2 \text{ is the same for all } j \\
    &= \arg\max_j \big( x \cdot c_j - \tfrac12 \lVert c_j \rVert^2 \big) && \text{divided by } -2
    \end{aligned}
    $$

    $\arg\min_j$ means: the $j$ for which it is smallest.
    The last line is a `Dense` layer: column $j$ of $W$, $(64, 10)$, is $c_j$, and $b_j = -\frac12 \lVert c_j \rVert^2$.
    """)
    return


@app.cell
def _():
    def nearest_centroid(X, y, X_test, y_test):
        centres = np.stack([X[y == label].mean(axis=0) for label in np.unique(y)])
        layer = fn.Network([fn.Dense(*centres.T.shape)], dtype="float64")
        layer.layers[0].weights[...] = centres.T
        layer.layers[0].bias[...] = -0.5 * np.sum(centres**2, axis=1)
        return layer.score(X_test, y_test)

    def logistic_regression(X, y, X_test, y_test):
        return fn.LogisticRegression(solver="newton").fit(X, y).score(X_test, y_test)

    return logistic_regression, nearest_centroid


@app.cell
def test_the_nearest_centroid_is_a_layer(digits, nearest_centroid):
    _X, _y = digits.X / 16, digits.y
    centres = np.stack([_X[_y == label].mean(axis=0) for label in range(10)])
    distance = np.linalg.norm(_X[:, None] - centres, axis=2)
    by_distance = np.mean(distance.argmin(axis=1) == _y)
    book.beside(
        [
            (
                "right, by distance and by layer",
                by_distance,
                nearest_centroid(_X, _y, _X, _y),
            )
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The second baseline is logistic regression, the same layer with trained weights (chapter 4).
    The network has one hidden layer of 64 relus between, 4,810 parameters in all.
    It is trained twice in each fold, from two starts, and the mean counts.
    """)
    return


@app.cell
def _(compared, cross_validated, digits, folds, logistic_regression, nearest_centroid):
    def digit_network(X, y, X_test, y_test):
        scores = []
        for seed in range(2):
            net = fn.mlp(64, [64], 10, activation="relu", seed=seed)
            net.fit(X, y, optimizer=fn.Adam(3e-3), epochs=30)
            scores.append(net.score(X_test, y_test))
        return np.mean(scores)

    digit_models = {
        "nearest centroid": nearest_centroid,
        "logistic regression": logistic_regression,
        "network": digit_network,
    }

    def sixteenths(train, test):
        return train / 16, test / 16  # all pixels have one scale already

    digit_scores = cross_validated(
        digit_models, digits.X, digits.y, folds(len(digits.y), 10, seed=0), sixteenths
    )
    compared(digit_models, digit_scores)
    return digit_models, digit_scores, sixteenths


@app.cell
def test_the_network_reads_digits_better(digit_scores):
    _ahead = digit_scores[:, [2]] - digit_scores[:, :2]
    _error = _ahead.std(axis=0, ddof=1) / np.sqrt(len(_ahead))
    assert (_ahead.mean(axis=0) > 2 * _error).all()
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The network wins by about a percent over logistic regression, and by about eight over the centroids.
    Is it 98 % for you, too?
    No: 13 people wrote all digits, and folds at random put everybody's hand on both sides.
    The file does not say who wrote what, but neighbouring rows tend to come from one person.
    So cut it into ten blocks as it stands, and most of what is tested was written by somebody new:
    """)
    return


@app.cell
def _(compared, cross_validated, digit_models, digits, folds, sixteenths):
    block_scores = cross_validated(
        digit_models, digits.X, digits.y, folds(len(digits.y), 10), sixteenths
    )
    compared(digit_models, block_scores)
    return (block_scores,)


@app.cell
def test_new_hands_are_harder(block_scores, digit_scores):
    assert (block_scores.mean(axis=0) < digit_scores.mean(axis=0) - 0.005).all()
    assert block_scores[:, 2].mean() > block_scores[:, 1].mean()
    wrong_at_random, wrong_in_blocks = (
        1 - scores[:, 2].mean() for scores in (digit_scores, block_scores)
    )
    assert 1.5 < wrong_in_blocks / wrong_at_random < 2.7  # about double
    return


@app.cell(hide_code=True)
def _(block_scores, digit_scores, plt):
    def draw_digit_scores():
        picture, panels = plt.subplots(1, 2, figsize=(6.5, 2.8), sharey=True)
        both = (("folds at random", digit_scores), ("blocks of the file", block_scores))
        for axes, (title, scores) in zip(panels, both, strict=True):
            axes.plot([0, 1, 2], scores.T, color="0.8", linewidth=1)
            axes.plot([0, 1, 2], scores.mean(axis=0), "o", markersize=8)
            axes.set(
                xticks=[0, 1, 2],
                xticklabels=["nearest\ncentroid", "logistic\nregression", "network"],
                xlim=(-0.4, 2.4),
                title=title,
            )
        panels[0].set_ylabel("right, of held-out digits")
        return picture

    book.figure(
        draw_digit_scores(),
        alt="Two panels, ten grey lines each from centroid over logistic regression to network; they rise in both, but lie lower and wider apart for blocks of the file.",
        caption="A grey line is a fold, a dot the mean. The ranking is the same on the right, the level is not.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    All three lose, and the errors of the network about double.
    The comparison holds; the percentage was an answer to another question.

    ### How exact is a percentage?

    Of $n$ test samples each is right with probability $p$, and independent of the others.
    A single one, counted as 1 or 0, has the variance $p (1 - p)^2 + (1 - p) p^2 = p (1 - p)$.
    The variance of the mean of $n$ is $n$ times smaller, so the accuracy has the standard error $\sqrt{p (1 - p) / n}$.
    The cell draws test sets of several sizes from digits that a network has not seen.
    """)
    return


@app.cell
def test_the_spread_of_an_accuracy(digits):
    _train, _test = fn.data.split(digits.X / 16, digits.y, test_fraction=0.5, seed=0)
    _net = fn.mlp(64, [16], 10, seed=0)
    _net.fit(*_train, optimizer=fn.Adam(3e-3), epochs=10)
    right = _net.predict(_test[0]) == _test[1]
    _p, _rng = right.mean(), np.random.default_rng(0)

    def _spread(n, n_draws=5_000):
        return _rng.choice(right, size=(n_draws, n)).mean(axis=1).std()

    # 5,000 draws know their own deviation to 1 / sqrt(10,000); five times that
    book.beside(
        [
            (
                f"standard error with {n} test samples",
                np.sqrt(_p * (1 - _p) / n),
                _spread(n),
            )
            for n in (50, 200, 800)
        ],
        rel=0.05,
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    So 97 % of 200 samples is 97 %, give or take 1.2.
    Ninety-seven beside ninety-eight on 200 samples says nothing.

    ## Tumour diagnosis

    A needle takes cells from a lump in the breast, and a program measures their nuclei in the image: 30 numbers for each of 569 tumours, 212 of which were malignant (Street, Wolberg and Mangasarian, 1993).
    Malignant or benign?

    The baseline is what a doctor could do with a ruler: **one threshold on one feature**, the best one on the training rows.
    """)
    return


@app.cell
def _():
    def one_threshold(X, y, X_test, y_test):
        best = (0.0, None)
        for feature in range(X.shape[1]):
            values = np.unique(X[:, feature])
            cuts = (values[1:] + values[:-1]) / 2
            # class 1 is benign, and benign nuclei are small: below the cut
            right = np.mean((X[:, [feature]] < cuts) == y[:, None], axis=0)
            if right.max() > best[0]:
                best = right.max(), (feature, cuts[right.argmax()])
        feature, cut = best[1]
        return np.mean((X_test[:, feature] < cut) == y_test)

    def tumour_network(X, y, X_test, y_test):
        net = fn.mlp(X.shape[1], [16], 2, activation="tanh", seed=0)
        net.fit(X, y, optimizer=fn.Adam(3e-3, weight_decay=0.01), epochs=40)
        return net.score(X_test, y_test)

    return one_threshold, tumour_network


@app.cell
def _(
    compared,
    cross_validated,
    folds,
    logistic_regression,
    one_threshold,
    tumour_network,
):
    tumours = fn.datasets.load_breast_cancer()
    tumour_models = {
        "one threshold": one_threshold,
        "logistic regression": logistic_regression,
        "network": tumour_network,
    }
    tumour_scores = cross_validated(
        tumour_models, tumours.X, tumours.y, folds(569, 10, seed=0)
    )
    compared(tumour_models, tumour_scores)
    return tumour_scores, tumours


@app.cell
def test_the_network_beats_a_threshold_and_ties_with_a_line(tumour_scores):
    _ahead = tumour_scores[:, [2]] - tumour_scores[:, :2]
    _error = _ahead.std(axis=0, ddof=1) / np.sqrt(len(_ahead))
    assert _ahead[:, 0].mean() > 2 * _error[0]
    assert abs(_ahead[:, 1].mean()) < 0.01  # 6 tumours of 569
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The network beats the threshold by far, and does not differ from logistic regression.
    Thirty features, and the border between the classes is nearly flat: there is nothing for a hidden layer to find.
    Between two models that do as well, take the one that can be explained.

    ### Two kinds of error

    A missed tumour and a false alarm are not the same.
    Let $p$ be the probability that a tumour is malignant, as the model says, $c_m$ the cost of a miss and $c_a$ that of an alarm.
    Calling it benign costs $p\, c_m$ on average, calling it malignant $(1 - p)\, c_a$.
    Malignant is the cheaper call if

    $$
    (1 - p)\, c_a < p\, c_m \quad\Longleftrightarrow\quad p > \frac{c_a}{c_a + c_m} .
    $$

    With equal costs the threshold is $\frac12$; if a miss is 19 times as bad it is 0.05.
    Move it.
    """)
    return


@app.cell
def _(folds, standardized, tumours):
    def held_out_probabilities():
        """P(malignant) of each tumour, by a network that was trained without it."""
        p = np.empty(len(tumours.y))
        for rows in folds(len(p), 10, seed=0):
            others = np.setdiff1d(np.arange(len(p)), rows)
            train, test = standardized(tumours.X[others], tumours.X[rows])
            net = fn.mlp(30, [16], 2, activation="tanh", seed=0)
            net.fit(
                train,
                tumours.y[others],
                optimizer=fn.Adam(3e-3, weight_decay=0.01),
                epochs=40,
            )
            p[rows] = net.predict_proba(test)[:, 0]  # class 0 is malignant
        return p

    p_malignant = held_out_probabilities()
    malignant = tumours.y == 0
    return malignant, p_malignant


@app.cell(hide_code=True)
def _():
    alarm_at = mo.ui.slider(
        0.02,
        0.98,
        step=0.02,
        value=0.5,
        label="alarm from a probability of",
        show_value=True,
    )
    alarm_at
    return (alarm_at,)


@app.cell(hide_code=True)
def _(alarm_at, malignant, p_malignant, plt):
    def draw_alarm(threshold):
        missed = int(np.sum(malignant & (p_malignant <= threshold)))
        alarms = int(np.sum(~malignant & (p_malignant > threshold)))
        bins = np.linspace(0, 1, 26)
        picture, axes = plt.subplots(figsize=(6.5, 2.8))
        for group, name, hatch in (
            (~malignant, "benign", ""),
            (malignant, "malignant", "//"),
        ):
            axes.hist(
                p_malignant[group],
                bins,
                label=name,
                hatch=hatch,
                alpha=0.6,
                edgecolor="white",
            )
        axes.axvline(threshold, color="0.2")
        axes.set(
            xlabel="probability of a malignant tumour, held out",
            ylabel="tumours",
            yscale="log",
            ylim=(0.5, None),  # so that a single tumour is a bar
            title=f"alarm above {threshold:g}: {missed} of 212 missed, {alarms} false alarms of 357",
        )
        axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
        return picture

    book.live(
        draw_alarm,
        alarm_at,
        name="alarm from a probability of",
        at=(0.06, 0.5, 0.9),
        alt="How many benign and malignant tumours got each probability; a line marks the alarm threshold at {value}, and the title counts misses and false alarms.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### What an alarm means elsewhere

    In this table 37 % of the tumours are malignant, because it comes from a clinic for people with a lump.
    Suppose the same test were given where 1 % are sick.
    It finds the share $s$ (the **sensitivity**) of the sick, and clears the share $c$ (the **specificity**) of the healthy; $\pi$ are sick.
    Bayes' rule counts who is behind the alarms:

    $$
    P(\text{sick} \mid \text{alarm}) = \frac{s\, \pi}{s\, \pi + (1 - c)(1 - \pi)}
    $$

    The cell draws a population from the held-out tumours with that share of sick, and looks behind each alarm.
    """)
    return


@app.cell
def test_what_an_alarm_means_where_few_are_sick(malignant, p_malignant):
    alarm = p_malignant > 0.5
    _s, c = alarm[malignant].mean(), 1 - alarm[~malignant].mean()
    _rng = np.random.default_rng(0)

    def _row(share, n=400_000):
        predicted = _s * share / (_s * share + (1 - c) * (1 - share))
        sick = _rng.random(n) < share
        sounded = np.where(
            sick, _rng.choice(alarm[malignant], n), _rng.choice(alarm[~malignant], n)
        )
        error = np.sqrt(predicted * (1 - predicted) / sounded.sum())
        return (
            f"sick behind an alarm, {share:.0%} sick",
            predicted,
            sick[sounded].mean(),
            4 * error,
        )

    _rows = [_row(0.37), _row(0.1), _row(0.01)]
    assert _rows[2][2] < 0.5  # at 1 %, more than half of the alarms are false
    book.beside(_rows)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The same network, with the same two shares, and at 1 % more than half of the alarms are false.
    A score belongs to a model *and* a population.

    ## Penguin species

    Adelie, Chinstrap or Gentoo?
    342 penguins of the Palmer Archipelago, each with the length and depth of the bill, the length of the flipper and the mass (Gorman, Williams and Fraser, 2014).

    Before any training one can say what *no* knowledge of a bird is worth.
    Who always answers with the shares of the species, $p_j$, has the mean cross-entropy

    $$
    -\frac1n \sum_{i=1}^{n} \ln p_{y_i} = -\sum_{j} p_j \ln p_j ,
    $$

    because class $j$ occurs in $n p_j$ of the terms.
    This is the **entropy** of the shares.
    A network whose weights are 0 and whose biases are $\ln p_j$ gives these probabilities to every bird.
    """)
    return


@app.cell
def test_what_no_knowledge_costs():
    _birds = fn.datasets.load_penguins()
    _p = np.bincount(_birds.y) / len(_birds.y)
    blind = fn.Network([fn.Dense(4, 3, init="zeros")], dtype="float64")
    blind.layers[0].bias[...] = np.log(_p)
    scores = blind.evaluate(_birds.X, _birds.y)
    book.beside(
        [
            ("loss", -np.sum(_p * np.log(_p)), scores["loss"]),
            ("accuracy: the most frequent species", _p.max(), scores["accuracy"]),
        ],
        rel=1e-12,
    )
    return


@app.cell
def _(compared, cross_validated, folds, logistic_regression, nearest_centroid):
    def penguin_network(X, y, X_test, y_test):
        net = fn.mlp(X.shape[1], [16], 3, activation="tanh", seed=0)
        net.fit(X, y, optimizer=fn.Adam(3e-3), epochs=60)
        return net.score(X_test, y_test)

    penguins = fn.datasets.load_penguins()
    penguin_models = {
        "nearest centroid": nearest_centroid,
        "logistic regression": logistic_regression,
        "network": penguin_network,
    }
    three_times = [rows for seed in range(3) for rows in folds(342, 10, seed)]
    penguin_scores = cross_validated(
        penguin_models, penguins.X, penguins.y, three_times
    )
    compared(penguin_models, penguin_scores)
    return penguin_scores, penguins


@app.cell
def test_the_network_knows_penguins(penguin_scores):
    _ahead = penguin_scores[:, [2]] - penguin_scores[:, :2]
    _error = _ahead.std(axis=0, ddof=1) / np.sqrt(len(_ahead))
    assert _ahead[:, 0].mean() > 2 * _error[0]  # better than centroids
    assert abs(_ahead[:, 1].mean()) < 0.01  # as good as logistic regression: 3 birds
    assert _ahead[:, 1].mean() < 2 * np.sqrt(3) * _error[1]  # ten folds, three times
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The network errs on about four birds of 342, logistic regression on about five.
    That is more than two of the standard errors in the table, but these are too small: the thirty folds are the same birds three times, not thirty lots of new ones.
    With ten folds a standard error is about $\sqrt 3$ times as large, and one bird is no evidence.
    The centroid errs on about ten, for a reason that a picture of two features shows.
    It cuts halfway between the means, straight across; it does not know that the clouds are long and lie at a slant.
    """)
    return


@app.cell(hide_code=True)
def _(penguins, plt):
    def draw_penguins():
        X, y = penguins.X[:, :2], penguins.y  # length and depth of the bill
        mean, scale = X.mean(axis=0), X.std(axis=0)
        Z = (X - mean) / scale
        net = fn.mlp(2, [16], 3, activation="tanh", seed=0)
        net.fit(Z, y, optimizer=fn.Adam(3e-3), epochs=150)
        centres = np.stack([Z[y == label].mean(axis=0) for label in range(3)])
        axis = np.linspace(-2.6, 3.2, 240)
        grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
        nearest = np.linalg.norm(grid[:, None] - centres, axis=2).argmin(axis=1)
        picture, panels = plt.subplots(1, 2, figsize=(6.5, 3.1), sharey=True)
        edges = axis * scale[0] + mean[0], axis * scale[1] + mean[1]
        both = (("nearest centroid", nearest), ("network", net.predict(grid)))
        for axes, (title, answer) in zip(panels, both, strict=True):
            answer = answer.reshape(240, 240)
            axes.contourf(
                *edges,
                answer,
                levels=[-0.5, 0.5, 1.5, 2.5],
                colors=["C0", "C1", "C2"],
                alpha=0.18,
            )
            for label, marker in enumerate("o^s"):
                axes.plot(
                    *X[y == label].T,
                    marker,
                    color=f"C{label}",
                    markersize=3.5,
                    label=penguins.target_names[label],
                )
            axes.set(xlabel="length of the bill, mm", title=title)
            axes.grid(False)
        panels[0].set_ylabel("depth of the bill, mm")
        panels[0].legend(  # in one row, below all birds
            fontsize=8,
            loc="lower center",
            ncols=3,
            columnspacing=0.8,
            handletextpad=0.1,
            borderaxespad=0.1,
        )
        return picture

    book.figure(
        draw_penguins(),
        alt="Three clouds of penguins by length and depth of the bill. On the left straight borders halfway between the means cut through the clouds' ends; on the right the network's borders run between the clouds.",
        caption="Two of the four features, and where each model draws its borders.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## A regression: diabetes

    Not a class but a value: how far did the diabetes of 442 patients go within a year, on a scale from 25 to 346?
    Known are ten numbers from its beginning: age, sex, body mass index, blood pressure and six values of blood serum (Efron, Hastie, Johnstone and Tibshirani, 2004).
    To predict a value is called **regression**.
    We measure by the root of the mean squared error, **RMSE**, in the units of the target, and by

    $$
    R^2 = 1 - \frac{\sum_i (y_i - \hat y_i)^2}{\sum_i (y_i - \bar y)^2} ,
    $$

    the share of the variance that the predictions $\hat y_i$ explain.
    Who always says the mean $\bar y$ gets 0.

    The linear baseline is **least squares**: weights that make $\lVert X w - y \rVert^2$ as small as can be.
    With one feature it can be done by hand.
    Let $x$ and $y$ be centred (their means taken away).

    $$
    \begin{aligned}
    \frac{d}{dw} \sum_i (w x_i - y_i)^2 &= 2 \sum_i (w x_i - y_i)\, x_i = 0 && \text{no slope at the minimum} \\
    w &= \frac{\sum_i x_i y_i}{\sum_i x_i^2} && \text{solved for } w \\
    R^2 &= 1 - \frac{\sum_i (y_i - w x_i)^2}{\sum_i y_i^2}
         = \frac{\left(\sum_i x_i y_i\right)^2}{\sum_i x_i^2 \sum_i y_i^2} = r^2 && w \text{ put in}
    \end{aligned}
    $$

    $r$ is the **correlation** of $x$ and $y$.
    A network without hidden layers is least squares as well, if gradient descent has the patience.
    The test trains one: first on body mass index alone, then on all ten features.
    """)
    return


@app.cell
def test_a_network_without_hidden_layer_is_least_squares():
    _patients = fn.datasets.load_diabetes()
    _X = (_patients.X - _patients.X.mean(axis=0)) / _patients.X.std(axis=0)
    _y = (_patients.y - _patients.y.mean()) / _patients.y.std()

    def _trained(columns):
        net = fn.Network([fn.Dense(columns.shape[1], 1)], seed=0, dtype="float64")
        descent = fn.SGD(0.1, momentum=0.95)
        net.fit(
            columns,
            _y[:, None],
            loss="mse",
            optimizer=descent,
            epochs=5_000,
            batch_size=442,
        )
        return net.evaluate(columns, _y[:, None])["r2"]

    bmi = _X[:, 2]
    _w = np.linalg.lstsq(_X, _y)[0]
    book.beside(
        [
            (
                "R2 of the body mass index: r squared",
                np.corrcoef(bmi, _y)[0, 1] ** 2,
                _trained(_X[:, [2]]),
            ),
            (
                "R2 of ten features: least squares",
                1 - np.mean((_X @ _w - _y) ** 2),
                _trained(_X),
            ),
        ],
        rel=1e-6,
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    These two were measured on the rows that they were fitted to; now held out.
    The network has 16 hidden units, and **weight decay**: each step pulls the weights a little toward 0, so that it is as smooth as the data allow (chapter 6).
    Its targets are scaled as the features are.
    RMSE is better when it is smaller, so the scores below are negative errors.
    """)
    return


@app.cell
def _(compared, cross_validated, folds):
    def negative_rmse(predicted, y):
        return -np.sqrt(np.mean((predicted - y) ** 2))

    def mean_only(X, y, X_test, y_test):
        return negative_rmse(y.mean(), y_test)

    def least_squares(X, y, X_test, y_test):
        w = np.linalg.lstsq(np.column_stack([X, np.ones(len(X))]), y)[0]
        return negative_rmse(X_test @ w[:-1] + w[-1], y_test)

    def value_network(
        X, y, X_test, y_test, hidden=(16,), weight_decay=0.1, epochs=60, seed=0
    ):
        net = fn.mlp(X.shape[1], hidden, 1, activation="tanh", seed=seed)
        target = (y - y.mean()) / y.std()
        descent = fn.Adam(3e-3, weight_decay=weight_decay)
        net.fit(X, target[:, None], loss="mse", optimizer=descent, epochs=epochs)
        return negative_rmse(net.predict(X_test) * y.std() + y.mean(), y_test)

    patients = fn.datasets.load_diabetes()
    diabetes_models = {
        "the mean": mean_only,
        "least squares": least_squares,
        "network": value_network,
    }
    diabetes_scores = cross_validated(
        diabetes_models,
        patients.X,
        patients.y,
        [rows for seed in range(3) for rows in folds(442, 10, seed)],
    )
    compared(diabetes_models, diabetes_scores)
    return (
        diabetes_scores,
        least_squares,
        mean_only,
        negative_rmse,
        patients,
        value_network,
    )


@app.cell
def test_the_network_beats_the_mean_and_ties_with_least_squares(diabetes_scores):
    by_mean, by_line, by_network = -diabetes_scores.mean(axis=0)
    assert by_network < 0.8 * by_mean
    assert abs(by_network / by_line - 1) < 0.02
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    An error of 77 became one of 55, so about half of the variance is explained.
    All of that was found by least squares too.
    Nobody can tell from these ten numbers where the other half comes from: other causes, chance, errors of measurement.
    A network cannot find what is not in the table.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## A sequence turned into windows

    A network of this chapter wants rows of equal length, and a series is one long row.
    So cut it: row $i$ holds $w$ values in order, and its target is the value after them.

    $$
    X_i = (s_i, s_{i+1}, \ldots, s_{i+w-1}), \qquad y_i = s_{i+w}
    $$

    A series of $n$ values gives $n - w$ rows of $w$ columns.
    Two traps: no target may lie inside its own window, and the test must be *later* than the training, because forecasts are made of the future.

    Two baselines.
    **Persistence** says that the next value will be as the last one.
    **Linear autoregression** is least squares on the windows; Yule (1927) invented it for the spots of the sun.
    """)
    return


@app.cell
def _():
    def windows(series, width):
        X = np.lib.stride_tricks.sliding_window_view(series, width)[:-1]
        return X, series[width:]

    mo.plain_text(str(windows(np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), 3)))
    return (windows,)


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### A real one: the sea off Peru

    The mean temperature of the sea's surface between 0 and 10 degrees south, off Peru, for each month from 1950 to 2010.
    It swings with the seasons, and every few years El Niño warms it for months.

    How wrong is persistence?
    Let $\sigma^2$ be the variance of the series and $\rho$ the correlation between neighbouring months.

    $$
    \begin{aligned}
    \operatorname{E}[(s_{t+1} - s_t)^2]
      &= \operatorname{Var}[s_{t+1}] + \operatorname{Var}[s_t] - 2 \operatorname{Cov}[s_{t+1}, s_t] && \text{the mean cancels} \\
      &= 2 \sigma^2 (1 - \rho) && \text{as } \operatorname{Cov} = \rho\, \sigma^2
    \end{aligned}
    $$
    """)
    return


@app.cell
def test_the_error_of_persistence():
    sea = fn.datasets.load_el_nino().y
    rho = np.corrcoef(sea[1:], sea[:-1])[0, 1]
    _predicted = np.sqrt(2 * sea.var() * (1 - rho))
    measured = np.sqrt(np.mean(np.diff(sea) ** 2))
    # the two ends of the series count once instead of twice: 1 part in 732
    book.beside([("RMSE of persistence, degrees", _predicted, measured)], rel=1 / 732)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    For the test, stand at the end of five different years, train on everything before, and forecast each month of the twelve years that follow, from the twelve months before it.
    """)
    return


@app.cell
def _(compared, least_squares, negative_rmse, value_network, windows):
    def _persistence(X, y, X_test, y_test):
        return negative_rmse(X_test[:, -1], y_test)

    def sea_network(X, y, X_test, y_test):
        mean, scale = X.mean(), X.std()  # one for all columns: they are one quantity
        scores = [
            value_network(
                (X - mean) / scale,
                y,
                (X_test - mean) / scale,
                y_test,
                weight_decay=0.01,
                epochs=200,
                seed=seed,
            )
            for seed in range(3)
        ]
        return np.mean(scores)

    sea_models = {
        "persistence": _persistence,
        "linear autoregression": least_squares,
        "network": sea_network,
    }
    by_month, next_month = windows(fn.datasets.load_el_nino().y, 12)
    sea_scores = np.array(
        [
            [
                model(
                    by_month[:end],
                    next_month[:end],
                    by_month[end : end + 144],
                    next_month[end : end + 144],
                )
                for model in sea_models.values()
            ]
            for end in (288, 360, 432, 504, 576)
        ]
    )
    compared(sea_models, sea_scores)
    return (sea_scores,)


@app.cell
def test_the_network_halves_the_error_of_persistence(sea_scores):
    _persistence, _line, _network = -sea_scores.mean(axis=0)
    assert _network < 0.5 * _persistence
    assert abs(_network / _line - 1) < 0.15
    _by_years = sea_scores[:, 2] / sea_scores[:, 1]  # 24, 30, 36, 42, 48 years
    assert _by_years[0] > 1.15 and np.abs(_by_years[2:] - 1).max() < 0.15
    return


@app.cell(hide_code=True)
def _(plt, sea_scores):
    def draw_sea():
        sea = fn.datasets.load_el_nino()
        year = sea.X[:, 0] + (sea.X[:, 1] - 0.5) / 12
        picture, (left, right) = plt.subplots(
            1, 2, figsize=(6.5, 2.8), width_ratios=[2, 1]
        )
        late = year > 1980
        left.plot(year[late], sea.y[late], linewidth=1)
        for when in (1983.3, 1998.2):
            left.annotate("El Niño", (when, 29.6), ha="center", fontsize=9)
        left.set(xlabel="year", ylabel="sea surface, °C", ylim=(18, 31.2))
        marks = zip(
            sea_scores.T, ("persistence", "linear", "network"), "so^", strict=True
        )
        for scores, name, marker in marks:
            right.plot([24, 30, 36, 42, 48], -scores, marker + "-", label=name)
        right.set(xlabel="years of training", ylabel="RMSE, °C", ylim=(0, 1.3))
        right.set_xticks([24, 36, 48])
        right.legend(fontsize=8, loc=(0.1, 0.52))
        return picture

    book.figure(
        draw_sea(),
        alt="Left, the sea's temperature since 1980 swings by six degrees a year, with warm spells in 1983 and 1998. Right, the forecast errors: persistence above one degree, the linear model and the network near one half, the network worse with few years and about equal with many.",
        caption="The series since 1980, and the errors of three forecasts by the years that they were trained on.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The network more than halves the error of persistence, and does not beat the linear model: with 24 years of training it is clearly worse, from 36 years on about equal.
    Seasons are sums of sines, and a sum of sines obeys a linear rule exactly.
    What is left over is small and noisy, and a network needs many examples to see any bend in it.

    ### Where the rule is bent

    Now a series of which every value follows from the one before, without noise, but by a bent rule: the logistic map (May, 1976), a model of a population that grows and starves in turn,

    $$
    s_{t+1} = 4\, s_t (1 - s_t) .
    $$

    Everything about it can be worked out.
    Put $s = \sin^2 \phi$; then $s_{t+1} = 4 \sin^2\! \phi \cos^2\! \phi = \sin^2 2\phi$, so each step doubles an angle, and in the long run $\phi$ is uniform.
    The means of powers of a squared sine are known: $\operatorname{E}[s] = \frac12$, $\operatorname{E}[s^2] = \frac38$, $\operatorname{E}[s^3] = \frac{5}{16}$.

    $$
    \begin{aligned}
    \operatorname{Var}[s] &= \tfrac38 - \tfrac14 = \tfrac18 \\
    \operatorname{Cov}[s_{t+1}, s_t] &= \operatorname{E}[4 s (1 - s) s] - \tfrac14 = 4 \left( \tfrac38 - \tfrac{5}{16} \right) - \tfrac14 = 0
    \end{aligned}
    $$

    A correlation of 0: the best line is flat, and its RMSE is the standard deviation, $\sqrt{1/8}$.
    Persistence has, by the formula above with $\rho = 0$, $\sqrt{2/8} = \frac12$.
    The future is certain, and a linear model sees nothing of it.
    """)
    return


@app.cell
def _(windows):
    def logistic_map(n, start=0.3):
        series = [start]
        for _ in range(n - 1):
            series.append(4 * series[-1] * (1 - series[-1]))
        return np.array(series)

    chaos = logistic_map(20_000)
    one_before, one_after = windows(chaos, 1)
    oracle = fn.mlp(1, [32], 1, activation="tanh", seed=0)
    oracle.fit(
        one_before[:1000],
        one_after[:1000, None],
        loss="mse",
        optimizer=fn.Adam(fn.schedules.cosine(0.02, 300)),
        epochs=300,
    )
    return chaos, oracle


@app.cell
def test_a_line_sees_nothing_of_the_logistic_map(
    chaos, least_squares, negative_rmse, oracle, windows
):
    _X, _y = windows(chaos, 1)
    _train, _test = (_X[:1000], _y[:1000]), (_X[1000:], _y[1000:])
    _line = -least_squares(*_train, *_test)
    _network = -negative_rmse(oracle.predict(_test[0]), _test[1])
    assert _network < _line / 20
    # 19,000 values, each new in effect: 1 / sqrt(19,000) = 0.7 %; four times that
    book.beside(
        [
            (
                "RMSE of persistence",
                0.5,
                np.sqrt(np.mean((_test[1] - _test[0].ravel()) ** 2)),
            ),
            ("RMSE of the linear model", np.sqrt(1 / 8), _line),
        ],
        rel=0.03,
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Here the network wins by more than twentyfold.
    But not for long.
    Each step doubles the angle, so on average it doubles an error of it as well.
    A small error of $s$ is multiplied by the slope of the map, $f'(s) = 4 - 8 s$, in each step.
    Typical is the **geometric mean** of these factors, $e$ to the mean of their logarithms, because factors multiply; it is 2.
    Their root mean square is larger, for it is ruled by the largest of them:

    $$
    \operatorname{E}[f'(s)^2] = 64 \operatorname{E}\!\left[ \left( s - \tfrac12 \right)^2 \right] = 64 \cdot \tfrac18 = 8, \qquad \sqrt 8 \approx 2.83 .
    $$

    So who forecasts $h$ steps by feeding each forecast back in begins with the typical error $e_1$ of one step, and has about $2^{h-1} e_1$ after $h$, until it is as large as without any knowledge.
    Who always says $\frac12$ has the typical error $\frac14$: the geometric mean of $\lvert s - \frac12 \rvert = \frac12 \lvert \cos 2 \phi \rvert$, since that of a cosine is $\frac12$.
    """)
    return


@app.cell
def test_an_error_doubles_with_each_step():
    _rng = np.random.default_rng(0)
    _s = np.sin(_rng.uniform(0, np.pi / 2, 20_000)) ** 2
    _other = _s + 1e-6
    _before = np.abs(_other - _s)
    _after = np.abs(4 * _other * (1 - _other) - 4 * _s * (1 - _s))
    _factor = _after / _before
    # 20,000 draws: the mean of the logarithm is off by 0.6 %, the root by 0.3 %
    book.beside(
        [
            (
                "factor in one step, geometric mean",
                2.0,
                np.exp(np.mean(np.log(_factor))),
            ),
            (
                "factor in one step, root mean square",
                np.sqrt(8),
                np.sqrt(np.mean(_factor**2)),
            ),
            (
                "typical error of saying 1/2",
                0.25,
                np.exp(np.mean(np.log(np.abs(_s - 0.5)))),
            ),
        ],
        rel=0.03,
    )
    return


@app.cell(hide_code=True)
def _(chaos, oracle, plt):
    def draw_horizon():
        def typical(error):
            return np.exp(np.mean(np.log(np.abs(error) + 1e-12)))

        starts = chaos[2000:12_000]
        guess, errors = starts, []
        for h in range(1, 15):
            guess = oracle.predict(guess[:, None])
            errors.append(typical(guess - chaos[2000 + h : 12_000 + h]))
        h = np.arange(1, 15)
        doubled = np.minimum(errors[0] * 2.0 ** (h - 1), 0.25)
        picture, axes = plt.subplots(figsize=(6.5, 2.9))
        axes.semilogy(h, errors, "^-", label="network, fed with itself")
        axes.semilogy(h, doubled, "--", color="0.3", label="first error, doubled")
        axes.axhline(0.25, color="C1", label="always 1/2")
        axes.set(xlabel="steps ahead", ylabel="typical error")
        axes.legend()
        return picture

    book.figure(
        draw_horizon(),
        alt="The typical forecast error of the network rises along the dashed line that doubles with each step, and levels off at about one quarter, the error of always saying one half.",
        caption="The horizon of a forecast: a typical error doubles with each step, and a better network buys a few steps more.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Ten times less error buys little more than three steps ($2^{3.3} = 10$).
    This is why weather is forecast for days and not for months, by networks or without.

    ## An autoencoder that compresses digits

    So far each sample had an answer that somebody wrote down.
    An **autoencoder** needs none: it is trained to give back its own input, through a layer in the middle that is too narrow to let everything pass.
    What passes is a **code**: 64 pixels become $k$ numbers, and 64 pixels again.

    The baseline is **principal component analysis**, PCA (Pearson, 1901): the best linear compression, and computed without any training.
    Take the mean away, and write the matrix $X$, $(n, 64)$, as $X = U S V^\top$, the **singular value decomposition**.
    The rows of $V^\top$ are directions, at right angles to each other; the singular values $s_1 \ge s_2 \ge \ldots$ in the diagonal of $S$ say how much of $X$ lies along each.
    Keep the first $k$.
    Because the columns of $U$ and of $V$ have length 1 and are at right angles, what is lost adds up as squares do:

    $$
    \lVert X - X_k \rVert^2 = \Big\lVert \sum_{j > k} s_j\, u_j v_j^\top \Big\rVert^2 = \sum_{j > k} s_j^2
    $$

    No other linear compression loses less (Eckart and Young, 1936).
    So a *linear* autoencoder, two `Dense` layers without activation, is bound by it, and its best weights reach it (Baldi and Hornik, 1989).
    Divided by the $64 n$ entries, it is the loss that training should end at.
    """)
    return


@app.cell
def _(digits):
    (train_images, _), (test_images, test_labels) = fn.data.split(
        digits.X / 16, digits.y, test_fraction=0.3, seed=0
    )
    mean_image = train_images.mean(axis=0)
    train_images, test_images = train_images - mean_image, test_images - mean_image
    _, singular, directions = np.linalg.svd(train_images, full_matrices=False)

    def by_pca(images, k):
        """Compressed to k numbers and back."""
        return images @ directions[:k].T @ directions[:k]

    return by_pca, mean_image, singular, test_images, test_labels, train_images


@app.cell
def test_a_linear_autoencoder_ends_where_pca_does(by_pca, singular, train_images):
    def _trained(k):
        net = fn.Network([fn.Dense(64, k), fn.Dense(k, 64)], seed=0)
        descent = fn.Adam(fn.schedules.cosine(0.01, 80))
        net.fit(train_images, train_images, loss="mse", optimizer=descent, epochs=80)
        return net.evaluate(train_images, train_images)["loss"]

    _rows = []
    for k in (2, 8):
        bound = np.sum(singular[k:] ** 2) / train_images.size
        by_svd = np.mean((by_pca(train_images, k) - train_images) ** 2)
        loss = _trained(k)
        assert loss > bound * (1 - 1e-5)  # float32 adds rounding, nothing more
        _rows.append((f"PCA, {k} components", bound, by_svd, 1e-12))
        # descent stops a little above its minimum: one percent
        _rows.append((f"linear autoencoder, {k} units", bound, loss, 0.01 * bound))
    book.beside(_rows)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Now let it bend: a layer of 128 relus before the code, and one after it (Hinton and Salakhutdinov, 2006, made this work with many layers).
    Judged by held-out digits, with two starts each.
    """)
    return


@app.cell
def _(by_pca, test_images, train_images):
    def autoencoder(k, seed=0):
        layers = [
            fn.Dense(64, 128, "relu"),
            fn.Dense(128, k),  # the code
            fn.Dense(k, 128, "relu"),
            fn.Dense(128, 64),
        ]
        net = fn.Network(layers, seed=seed)
        descent = fn.Adam(fn.schedules.cosine(4e-3, 40))
        net.fit(train_images, train_images, loss="mse", optimizer=descent, epochs=40)
        return net

    autoencoders = {
        k: [autoencoder(k, seed) for seed in range(2)] for k in (2, 4, 8, 16)
    }
    compression = []
    for width, nets in autoencoders.items():
        _linear = np.mean((by_pca(test_images, width) - test_images) ** 2)
        bent = [net.evaluate(test_images, test_images)["loss"] for net in nets]
        compression.append([width, _linear, *bent, np.mean(bent) / _linear])
    book.table(
        [
            "numbers in the code",
            "PCA",
            "network, start 1",
            "start 2",
            "share of PCA's error",
        ],
        compression,
    )
    return autoencoders, compression


@app.cell
def test_a_bent_code_loses_less(compression):
    for _, _linear, _one, _other, _ in compression:
        assert max(_one, _other) < 0.85 * _linear
    return


@app.cell(hide_code=True)
def _():
    component = mo.ui.slider(
        0, 30, step=1, value=6, label="number of a held-out digit", show_value=True
    )
    component
    return (component,)


@app.cell(hide_code=True)
def _(autoencoders, by_pca, component, mean_image, plt, test_images):
    def draw_compressed(which):
        image = test_images[[which]]
        back = {"original": image}
        for width in (2, 8):
            back[f"PCA, {width}"] = by_pca(image, width)
            back[f"network, {width}"] = autoencoders[width][0].predict(image)
        picture, panels = plt.subplots(1, 5, figsize=(6.5, 1.7))
        for axes, (name, values) in zip(panels, back.items(), strict=True):
            axes.imshow(
                (values[0] + mean_image).reshape(8, 8), cmap="gray_r", vmin=0, vmax=1
            )
            axes.set(xticks=[], yticks=[])
            axes.set_title(name, fontsize=9)
            axes.grid(False)
        return picture

    book.live(
        draw_compressed,
        component,
        name="number of a held-out digit",
        at=(3, 6, 12),
        alt="Held-out digit {value}: the original, and what comes back from 2 and from 8 numbers, by PCA and by the network.",
    )
    return


@app.cell(hide_code=True)
def _(autoencoders, plt, singular, test_images, test_labels, train_images):
    def draw_codes():
        directions = np.linalg.svd(train_images, full_matrices=False)[2]
        net = autoencoders[2][0]
        net.forward(test_images)
        picture, panels = plt.subplots(1, 2, figsize=(6.5, 3.4))
        both = (("PCA", test_images @ directions[:2].T), ("network", net.layers[1].a))
        for axes, (title, codes) in zip(panels, both, strict=True):
            for (x, y), label in zip(codes[:260], test_labels, strict=False):
                axes.text(
                    x,
                    y,
                    str(label),
                    color=plt.get_cmap("tab10")(label),
                    fontsize=7,
                    ha="center",
                    va="center",
                )
            low, high = codes[:260].min(axis=0), codes[:260].max(axis=0)
            margin = 0.04 * (high - low)  # or the outermost digits are cut in half
            low, high = low - margin, high + margin
            axes.set(
                xlim=(low[0], high[0]),
                ylim=(low[1], high[1]),
                xlabel="first number of the code",
                title=title,
            )
        panels[0].set_ylabel("second number")
        return picture

    book.figure(
        draw_codes(),
        alt="Each held-out digit at the place of its code of two numbers, written as its label. For PCA the labels overlap widely; for the network most digits lie in groups of their own.",
        caption="Codes of two numbers. Neither method has seen a label, but the network's code parts the digits better, as the next table counts.",
    )
    return


@app.cell
def test_the_bent_code_parts_the_digits_better(
    autoencoders, test_images, test_labels, train_images
):
    def neighbours_agree(codes):
        """The share of digits whose nearest other code has the same label."""
        distance = np.linalg.norm(codes[:, None] - codes, axis=2)
        np.fill_diagonal(distance, np.inf)
        return np.mean(test_labels[distance.argmin(axis=1)] == test_labels)

    _directions = np.linalg.svd(train_images, full_matrices=False)[2]
    _net = autoencoders[2][0]
    _net.forward(test_images)
    agree = {
        "PCA": neighbours_agree(test_images @ _directions[:2].T),
        "network": neighbours_agree(_net.layers[1].a),
    }
    assert agree["network"] > agree["PCA"] + 0.03
    book.table(
        ["code of two numbers", "nearest digit has the same label"], list(agree.items())
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The network wins at every width.
    It also has twenty to ninety times as many parameters, takes much longer, and must be trained again for another $k$, while PCA has all $k$ at once and always gives the same answer.
    Whether a third less error is worth that depends on what the code is for.

    ## Where the network does not win

    On tumours, patients and the sea, the network was no better than a line.
    Now a case where it is clearly *worse*: the same patients, but few of them.
    Two baselines: least squares, and **ridge regression** (Hoerl and Kennard, 1970), least squares with a penalty on large weights,

    $$
    w = (X^\top X + \lambda I)^{-1} X^\top y,
    $$

    with $\lambda = 10$ throughout.
    Two networks: one with two layers of 32 relus, as one might take without thinking, and the careful one from above with weight decay.
    Each is trained on $n$ patients and tested on 142 others, with 20 draws of both.
    """)
    return


@app.cell
def _(least_squares, mean_only, negative_rmse, patients, standardized, value_network):
    def _ridge(X, y, X_test, y_test, penalty=10.0):
        w = np.linalg.solve(
            X.T @ X + penalty * np.eye(X.shape[1]), X.T @ (y - y.mean())
        )
        return negative_rmse(X_test @ w + y.mean(), y_test)

    def careless_network(X, y, X_test, y_test):
        return value_network(
            X, y, X_test, y_test, (32, 32), weight_decay=0.0, epochs=100
        )

    few_models = {
        "the mean": mean_only,
        "least squares": least_squares,
        "ridge": _ridge,
        "careless network": careless_network,
        "careful network": value_network,
    }
    few_sizes = (20, 40, 80, 160, 300)

    def errors_with(n, n_draws=20):
        errors = []
        for seed in range(n_draws):
            rows = np.random.default_rng(seed).permutation(len(patients.y))
            train, test = rows[:n], rows[300:]
            X, X_test = standardized(patients.X[train], patients.X[test])
            y, y_test = patients.y[train], patients.y[test]
            errors.append(
                [-model(X, y, X_test, y_test) for model in few_models.values()]
            )
        return np.array(errors)

    few_errors = np.array([errors_with(n) for n in few_sizes])  # (sizes, draws, models)
    book.table(
        ["patients", *few_models],
        [
            [n, *row]
            for n, row in zip(few_sizes, few_errors.mean(axis=1).round(1), strict=True)
        ],
    )
    return careless_network, few_errors, few_models, few_sizes


@app.cell
def test_with_few_patients_a_simple_model_wins(few_errors):
    _, _, _ridge, careless, careful = few_errors.transpose(2, 0, 1)
    behind = careless - _ridge  # (sizes, draws)
    _error = behind.std(axis=1, ddof=1) / np.sqrt(behind.shape[1])
    assert (behind.mean(axis=1) > 2 * _error).all()  # at every size
    assert (
        careful.mean(axis=1) > 0.97 * _ridge.mean(axis=1)
    ).all()  # care: a tie at best
    return


@app.cell(hide_code=True)
def _(few_errors, few_models, few_sizes, plt):
    def draw_few():
        picture, axes = plt.subplots(figsize=(6.5, 3.2))
        styles = ("k:", "C1s--", "C2o-", "C0^-", "C0v--")
        for name, errors, style in zip(
            few_models, few_errors.transpose(2, 0, 1), styles, strict=True
        ):
            axes.plot(few_sizes, errors.mean(axis=1), style, label=name)
        axes.set(
            xlabel="patients in training",
            ylabel="RMSE on other patients",
            xscale="log",
            xticks=few_sizes,
            xticklabels=few_sizes,
            ylim=(50, 100),
        )
        axes.minorticks_off()
        axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
        return picture

    book.figure(
        draw_few(),
        alt="Errors over the number of patients. Ridge is lowest or as low as any at every size; the careful network follows it closely; least squares begins high and joins them; the careless network stays near the error of the mean.",
        caption="Error on new patients, mean of 20 draws.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The careless network is not much better than the mean, with any number of patients.
    It is not broken: the next cell asks it about the very patients that it was trained on.
    """)
    return


@app.cell
def test_the_careless_network_knows_its_own_patients(
    careless_network, patients, standardized
):
    _rows = np.random.default_rng(0).permutation(len(patients.y))[:80]
    _X, _ = standardized(patients.X[_rows], patients.X[_rows])
    _y = patients.y[_rows]
    own = -careless_network(_X, _y, _X, _y)
    assert own < 0.35 * _y.std()
    book.table(
        ["80 patients", "RMSE"],
        [["careless network, on its own rows", own], ["the mean", _y.std()]],
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    It has learned the noise: what it knows of its own patients does not carry over to others.

    ### Why: flexibility costs error

    Where truth is a line plus noise, the price can be computed.
    Let $y = X w + \epsilon$, with $n$ rows of $d$ independent normal features of variance 1 and noise of variance $\sigma^2$.

    $$
    \begin{aligned}
    \hat w &= (X^\top X)^{-1} X^\top y && \text{least squares} \\
    &= w + (X^\top X)^{-1} X^\top \epsilon && y \text{ put in} \\
    \operatorname{E}\big[ (\hat w - w)(\hat w - w)^\top \mid X \big] &= \sigma^2 (X^\top X)^{-1} && \text{as } \operatorname{E}[\epsilon \epsilon^\top] = \sigma^2 I \\
    \operatorname{E}\big[ (x \cdot \hat w - x \cdot w)^2 \big] &= \operatorname{E} \lVert \hat w - w \rVert^2 && \text{a new } x \text{ with } \operatorname{E}[x x^\top] = I \\
    &= \sigma^2 \operatorname{E} \operatorname{tr} (X^\top X)^{-1} && \text{the sum of the diagonal} \\
    &= \sigma^2\, \frac{d}{n - d - 1} && \text{normal features (Anderson, 2003)}
    \end{aligned}
    $$

    The **trace**, tr, is the sum of a diagonal.
    With the noise of the new sample itself, the mean squared error is

    $$
    \operatorname{E}[\text{error}^2] = \sigma^2 \left( 1 + \frac{d}{n - d - 1} \right) .
    $$

    The 1 is what nobody can avoid.
    The fraction is the price of $d$ weights that must be estimated: with $d = 10$ and $n = 20$ it is $\frac{10}{9}$, more than the noise itself.
    No such formula holds for a network, but the cell measures its price on the same data: 32 relus, trained until it fits its rows.
    """)
    return


@app.cell
def test_the_price_of_weights():
    def one_draw(n, seed, d=10):
        rng = np.random.default_rng(seed)
        w = rng.normal(size=d) / np.sqrt(d)
        X, X_new = rng.normal(size=(n, d)), rng.normal(size=(500, d))
        y, y_new = X @ w + rng.normal(size=n), X_new @ w + rng.normal(size=500)
        return X, y, X_new, y_new

    def line_error(X, y, X_new, y_new):
        return np.mean((X_new @ np.linalg.lstsq(X, y)[0] - y_new) ** 2)

    def network_error(X, y, X_new, y_new):
        net = fn.mlp(10, [32], 1, seed=0)
        net.fit(X, y[:, None], loss="mse", optimizer=fn.Adam(0.01), epochs=200)
        return np.mean((net.predict(X_new) - y_new) ** 2)

    _rows, prices = [], []
    for n in (20, 40, 160):
        errors = np.array([line_error(*one_draw(n, seed)) for seed in range(1000)])
        _network = np.mean([network_error(*one_draw(n, seed)) for seed in range(10)])
        assert _network > 1.2 * errors.mean()
        prices.append([n, 1.0, errors.mean(), _network])
        allowed = 4 * errors.std() / np.sqrt(len(errors))  # four standard errors
        _rows.append(
            (f"least squares, n = {n}", 1 + 10 / (n - 11), errors.mean(), allowed)
        )
    book.beside(_rows)
    return (prices,)


@app.cell(hide_code=True)
def _(prices):
    book.table(
        ["samples", "noise alone", "least squares", "network of 32 relus"], prices
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    So this is when to expect *no* gain from a network:

    - few rows, much noise: what could be found beyond a line is smaller than the price of looking for it;
    - features that somebody has already made meaningful (a body mass index, the radius of a nucleus), so that the answer is close to a weighted sum of them;
    - no structure such as neighbouring pixels that a network could be built for.

    This is not special to our tables.
    In 71 studies of clinical prediction, machine learning was no better than logistic regression wherever the comparison was fair (Christodoulou and others, 2019), and on tables of middling size ensembles of trees did better than networks (Grinsztajn, Oyallon and Varoquaux, 2022).

    | application | baseline | a linear model | network |
    | --- | --- | --- | --- |
    | digits | beaten | beaten, by a percent | wins |
    | tumours | beaten | as good | no gain |
    | penguins | beaten | as good | no gain |
    | diabetes | beaten | as good; better with few patients | no gain |
    | the sea off Peru | beaten | as good; better with few years | no gain |
    | logistic map | beaten | beaten twentyfold | wins |
    | compression | (PCA is the linear model) | beaten | wins |

    Begin with the baseline.
    If it is good enough, you are done; if not, you know what the network has to beat.
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
    exercise_1 = book.exercise("2.1")
    exercise_1
    return (exercise_1,)


@app.cell(hide_code=True)
def _(exercise_1):
    book.judged("2.1", exercise_1)
    return


@app.cell(hide_code=True)
def _():
    exercise_2 = book.exercise("2.2")
    exercise_2
    return (exercise_2,)


@app.cell(hide_code=True)
def _(exercise_2):
    book.judged("2.2", exercise_2)
    return


@app.cell(hide_code=True)
def _():
    exercise_3 = book.exercise("2.3")
    exercise_3
    return (exercise_3,)


@app.cell(hide_code=True)
def _(exercise_3):
    book.judged("2.3", exercise_3)
    return


@app.cell(hide_code=True)
def _():
    exercise_4 = book.exercise("2.4")
    exercise_4
    return (exercise_4,)


@app.cell(hide_code=True)
def _(exercise_4):
    book.judged("2.4", exercise_4)
    return


@app.cell(hide_code=True)
def _():
    exercise_5 = book.exercise("2.5")
    exercise_5
    return (exercise_5,)


@app.cell(hide_code=True)
def _(exercise_5):
    book.judged("2.5", exercise_5)
    return


@app.cell(hide_code=True)
def _():
    exercise_6 = book.exercise("2.6")
    exercise_6
    return (exercise_6,)


@app.cell(hide_code=True)
def _(exercise_6):
    book.judged("2.6", exercise_6)
    return


@app.cell(hide_code=True)
def _():
    exercise_7 = book.exercise("2.7")
    exercise_7
    return (exercise_7,)


@app.cell(hide_code=True)
def _(exercise_7):
    book.judged("2.7", exercise_7)
    return


@app.cell(hide_code=True)
def _():
    exercise_8 = book.exercise("2.8")
    exercise_8
    return (exercise_8,)


@app.cell(hide_code=True)
def _(exercise_8):
    book.judged("2.8", exercise_8)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Solutions
    """)
    return


@app.cell(hide_code=True)
def _():
    book.solutions(2)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Ten questions
    """)
    return


@app.cell(hide_code=True)
def _():
    answers = book.quiz(2)
    answers
    return (answers,)


@app.cell(hide_code=True)
def _(answers):
    book.marked(2, answers)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Sources

    **History**

    - W. S. McCulloch, W. Pitts, *A logical calculus of the ideas immanent in nervous activity*, Bulletin of Mathematical Biophysics 5, 1943: the threshold unit.
    - F. Rosenblatt, *The perceptron: a probabilistic model for information storage and organization in the brain*, Psychological Review 65, 1958: the unit that learns.
    - J. C. Hay, B. E. Lynch, D. R. Smith, *Mark I Perceptron Operators' Manual*, Cornell Aeronautical Laboratory, 1960: the machine.
    - A. B. J. Novikoff, *On convergence proofs on perceptrons*, Symposium on the Mathematical Theory of Automata, 1962: the bound.
    - T. M. Cover, *Geometrical and statistical properties of systems of linear inequalities*, IEEE Transactions on Electronic Computers 14, 1965: the number of labellings.
    - M. Minsky, S. Papert, *Perceptrons*, MIT Press, 1969: what one layer cannot do.
    - S. Muroga, *Threshold Logic and Its Applications*, Wiley, 1971: 104 of 256.
    - J. Lighthill, *Artificial intelligence: a general survey*, Science Research Council, 1973: the report.
    - M. Olazaran, *A sociological study of the official history of the perceptrons controversy*, Social Studies of Science 26, 1996: what really happened around 1969.
    - S. Linnainmaa, master's thesis, University of Helsinki, 1970; P. Werbos, *Beyond Regression*, PhD thesis, Harvard, 1974, and *Applications of advances in nonlinear sensitivity analysis*, System Modeling and Optimization, Springer, 1982; D. E. Rumelhart, G. E. Hinton, R. J. Williams, *Learning representations by back-propagating errors*, Nature 323, 1986: backpropagation.
    - W. Baur, V. Strassen, *The complexity of partial derivatives*, Theoretical Computer Science 22, 1983: all derivatives for a few times the price.
    - K. Fukushima, *Neocognitron*, Biological Cybernetics 36, 1980: layers of local features.
    - Y. LeCun and others, *Backpropagation applied to handwritten zip code recognition*, Neural Computation 1, 1989; *Gradient-based learning applied to document recognition*, Proceedings of the IEEE 86, 1998: convolutional networks, LeNet-5.
    - S. Hochreiter, diploma thesis, TU München, 1991: vanishing gradients.
    - C. Cortes, V. Vapnik, *Support-vector networks*, Machine Learning 20, 1995.
    - A. Krizhevsky, I. Sutskever, G. E. Hinton, *ImageNet classification with deep convolutional neural networks*, NIPS 2012.
    - A. Vaswani and others, *Attention is all you need*, NIPS 2017: attention, the size of the Transformer.
    - A. Radford and others, *Language models are unsupervised multitask learners*, 2019; T. Brown and others, *Language models are few-shot learners*, NeurIPS 2020; A. Grattafiori and others, *The Llama 3 herd of models*, 2024: sizes of language models.

    **The bridge, successes, open problems**

    - A. J. F. Siegert, *On the first passage time probability problem*, Physical Review 81, 1951: the rate under noise.
    - T. P. Lillicrap and others, *Backpropagation and the brain*, Nature Reviews Neuroscience 21, 2020.
    - G. Hinton and others, *Deep neural networks for acoustic modeling in speech recognition*, IEEE Signal Processing Magazine 29, 2012; K. He and others, *Deep residual learning for image recognition*, CVPR 2016; D. Silver and others, *Mastering the game of Go*, Nature 529, 2016; J. Jumper and others, *Highly accurate protein structure prediction with AlphaFold*, Nature 596, 2021; R. Lam and others, *Learning skillful medium-range global weather forecasting*, Science 382, 2023: the table of successes.
    - J. Kaplan and others, *Scaling laws for neural language models*, 2020; J. Hoffmann and others, *Training compute-optimal large language models*, 2022: loss and size.
    - D. Patterson and others, *Carbon emissions and large neural network training*, 2021: energy.
    - K. Xu and others, *How neural networks extrapolate*, ICLR 2021: straight lines outside.
    - C. Szegedy and others, *Intriguing properties of neural networks*, ICLR 2014; I. Goodfellow, J. Shlens, C. Szegedy, *Explaining and harnessing adversarial examples*, ICLR 2015: chosen changes.

    **Data and methods**

    - E. Alpaydin, C. Kaynak, *Optical recognition of handwritten digits*, UCI, 1998; W. N. Street, W. H. Wolberg, O. L. Mangasarian, *Nuclear feature extraction for breast tumor diagnosis*, 1993; K. B. Gorman, T. D. Williams, W. R. Fraser, *Ecological sexual dimorphism*, PLoS ONE 9, 2014; B. Efron, T. Hastie, I. Johnstone, R. Tibshirani, *Least angle regression*, Annals of Statistics 32, 2004; T. M. Smith and others, *Improvements to NOAA's historical merged land-ocean surface temperature analysis*, Journal of Climate 21, 2008: the five tables.
    - T. G. Dietterich, *Approximate statistical tests for comparing supervised classification learning algorithms*, Neural Computation 10, 1998: what cross-validation can say.
    - G. U. Yule, *On a method of investigating periodicities in disturbed series*, Philosophical Transactions A 226, 1927: autoregression.
    - R. M. May, *Simple mathematical models with very complicated dynamics*, Nature 261, 1976: the logistic map.
    - K. Pearson, *On lines and planes of closest fit*, Philosophical Magazine 2, 1901; C. Eckart, G. Young, *The approximation of one matrix by another of lower rank*, Psychometrika 1, 1936; P. Baldi, K. Hornik, *Neural networks and principal component analysis*, Neural Networks 2, 1989; G. E. Hinton, R. R. Salakhutdinov, *Reducing the dimensionality of data with neural networks*, Science 313, 2006: compression.
    - A. E. Hoerl, R. W. Kennard, *Ridge regression*, Technometrics 12, 1970; T. W. Anderson, *An Introduction to Multivariate Statistical Analysis*, 3rd edition, Wiley, 2003: the penalty, and the mean of the inverse of a Wishart matrix.
    - E. Christodoulou and others, *A systematic review shows no performance benefit of machine learning over logistic regression for clinical prediction models*, Journal of Clinical Epidemiology 110, 2019; L. Grinsztajn, E. Oyallon, G. Varoquaux, *Why do tree-based models still outperform deep learning on typical tabular data?*, NeurIPS 2022: where networks do not win.
    """)
    return


if __name__ == "__main__":
    app.run()
