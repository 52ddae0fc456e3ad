# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

__generated_with = "0.25.2"
app = marimo.App(
    app_title="8 Closing words, and where to go next",
    css_file="chapter.css",
)

with app.setup:
    import importlib.util
    import math
    import tempfile
    from pathlib import Path

    import marimo as mo
    import numpy as np

    import fastnn as fn
    from fastnn import book, neuro


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    # 8 Closing words, and where to go next

    When you have read this chapter, you can

    - go the whole line of this book once more, with one number for each chapter;
    - carry a trained network to PyTorch, and say why its weights must be transposed;
    - write it as an ONNX file, which runs in browsers, telephones and other languages;
    - say how far two programs that compute the same network may differ, and how many bits a weight needs;
    - name what comes next, and what each of it adds to what you know.

    ## What you have seen

    The book began with a cell that fires when enough has come in, and ended with loops that a processor likes.
    Between them lies one idea: a number that says how wrong an answer is, and the chain rule that tells every weight what it has to do with it.

    Each chapter predicted something and measured it.
    Here is one number from each, computed anew.

    1. A leaky cell, which goes back to Lapicque (1907), fires under a constant current at a rate that a formula gives.
    2. One threshold unit with two inputs computes 14 of the 16 tables; XOR and its opposite are missing (Minsky and Papert, 1969).
    3. Gradient descent on a squared error becomes unstable at the learning rate $2 / \lambda_{\max}$.
    4. A logistic regression that knows nothing pays $\ln 2$ for each answer.
    5. A broken line with twice as many pieces is four times as near to a smooth curve.
    6. Behind relu layers with He's weights, the mean of the squares of $z$ stays what it was: its factor is 1.
    7. Half of the largest relative rounding step of float32 is $2^{-24}$.
    """)
    return


@app.cell
def test_one_number_from_each_chapter():
    lif = neuro.LIF(tau_m=20.0, R_m=10.0)
    drive = 2.0
    fired = np.diff(
        lif.run(T_ms=3000, dt_ms=0.05, stimulus=neuro.step(drive)).spike_times
    )

    found = set()
    for w1 in range(-2, 3):
        for w2 in range(-2, 3):
            for threshold in np.arange(-2.5, 3):
                table = tuple(
                    w1 * a + w2 * b > threshold for a in (0, 1) for b in (0, 1)
                )
                found.add(table)

    rng = np.random.default_rng(8)
    A = rng.normal(size=(200, 4)) * [1, 2, 3, 4]
    H = 2 * A.T @ A / 200  # the Hessian of the mean squared error
    limit = 2 / np.linalg.eigvalsh(H)[-1]

    def grows(rate):
        w = np.ones(4)
        for _ in range(2000):
            w = w - rate * H @ w
            if np.abs(w).max() > 1e6:
                return True
        return False

    low, high = 0.5 * limit, 2 * limit
    for _ in range(20):
        middle = (low + high) / 2
        low, high = (low, middle) if grows(middle) else (middle, high)

    blind = fn.LogisticRegression(learning_rate=0.1, epochs=1).fit(
        A, rng.integers(0, 2, 200)
    )

    def off(pieces):
        x = np.linspace(0, np.pi, 20001)
        knots = np.linspace(0, np.pi, pieces + 1)
        return np.abs(np.sin(x) - np.interp(x, knots, np.sin(knots))).max()

    he = fn.mlp(256, [256] * 5, 256, activation="relu", seed=0)
    he.forward(rng.normal(size=(256, 256)), training=False)
    squares = [float((layer.z**2).mean()) for layer in he.layers[:5]]
    growth = (squares[4] / squares[0]) ** (1 / 4)
    steps = (np.float32(1) + np.float32(2.0**-24), np.float32(1) + np.float32(2.0**-23))

    book.beside(
        [
            ("1: ms between spikes", 1000 / lif.rate_hz(drive), fired.mean(), 0.06),
            ("2: tables of one unit", 14, len(found)),
            ("3: largest stable learning rate", limit, low, 0.01 * limit),
            ("4: loss before learning", math.log(2), blind.history_.loss[0], 0.01),
            ("5: error, 20 pieces by 40", 4.0, off(20) / off(40), 0.02),
            ("6: factor of a layer", 1.0, growth, 0.1),
            ("7: 1 + 2⁻²⁴ in float32, less 1", 0.0, float(steps[0] - 1)),
            ("7: 1 + 2⁻²³ in float32, less 1", 2.0**-23, float(steps[1] - 1)),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    plt = book.pyplot()

    def draw_the_line():
        picture, grid = plt.subplots(2, 4, figsize=(6.5, 3.5))
        cell, unit, hill, log, broken, deep, rounded_, read = grid.flat

        spikes = neuro.LIF(tau_m=20.0, R_m=10.0).run(
            T_ms=60, dt_ms=0.05, stimulus=neuro.step(2.0)
        )
        cell.plot(spikes.t, np.ravel(spikes.V))
        cell.set(title="1 a cell fires", xlabel="ms", ylabel="mV")

        unit.plot([0, 1], [0, 1], "o", [0, 1], [1, 0], "s")
        unit.plot([-0.3, 1.3], [0.8, -0.8], "--", color="0.5")
        unit.set(title="2 XOR", xlabel="$x_1$", ylabel="$x_2$")
        unit.set(xlim=(-0.4, 1.4), ylim=(-0.4, 1.4))

        w = 1.9 * (-0.7) ** np.arange(8)  # learning rate 1.7 / lambda
        x = np.linspace(-2, 2, 99)
        hill.plot(x, x**2, color="0.6")
        hill.plot(w, w**2, ".-")
        hill.set(title="3 steps downhill", xlabel="w", ylabel="loss")

        chance = np.linspace(0.02, 1, 99)
        log.plot(chance, -np.log(chance))
        log.plot(0.5, math.log(2), "o")
        log.set(title="4 a loss", xlabel="probability", ylabel="$-\\ln p$")

        x = np.linspace(0, np.pi, 99)
        knots = np.linspace(0, np.pi, 5)
        broken.plot(x, np.sin(x), color="0.6")
        broken.plot(knots, np.sin(knots), ".-")
        broken.set(title="5 pieces", xlabel="x", ylabel="y")

        X = np.random.default_rng(0).normal(size=(64, 128))
        for share, style in ((1.0, "o-"), (0.5, "s--")):
            net = fn.mlp(128, [128] * 5, 2, activation="relu", seed=0)
            for layer in net.layers:
                layer.weights[...] *= share**0.5
            net.forward(X, training=False)
            squares = [float((layer.z**2).mean()) for layer in net.layers[:5]]
            deep.semilogy(range(1, 6), squares, style, markersize=4)
        deep.set(title="6 He, half of He", xlabel="layer", ylabel="mean $z^2$")

        x = np.linspace(1, 1.004, 400)
        rounded_.plot(x, x, color="0.6")
        rounded_.plot(x, x.astype("float16"))
        rounded_.set(title="7 rounding", xlabel="x", ylabel="float16(x)")
        rounded_.set(xticks=[1, 1.004], yticks=[1, 1.004])

        read.imshow(fn.datasets.load_digits().X[0].reshape(8, 8), cmap="gray_r")
        read.set(title="8 what is this?", xticks=[], yticks=[])
        read.grid(visible=False)
        for axes in grid.flat:
            axes.title.set_size(9)
            axes.tick_params(labelsize=7)
            axes.xaxis.label.set_size(8)
            axes.yaxis.label.set_size(8)
        return picture

    book.figure(
        draw_the_line(),
        alt="Eight small pictures, one for each chapter: the voltage of a cell that fires again and again; the four points of XOR, which no line parts; steps from side to side down a parabola; the loss minus log p with a dot at one half; four straight pieces along an arch of the sine; the mean square of z, level over five layers with He's weights and falling with half of their variance; a staircase beside a straight line; a handwritten zero.",
        caption="The whole line on one page. The numbers are those of the chapters.",
    )
    return (plt,)


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## A network carried to PyTorch

    Networks outlive the program that trained them.
    What has to be carried is small: the shapes, the activations and the parameters.

    We train one on the digits.
    """)
    return


@app.cell
def _():
    digits = fn.datasets.load_digits()
    train, test = fn.data.split(digits.X / 16, digits.y, test_fraction=0.2, seed=0)
    net = fn.mlp(n_in=64, hidden=[64, 32], n_out=10, activation="relu", seed=0)
    history = net.fit(*train, optimizer=fn.Adam(3e-3), epochs=30)
    score = net.score(*test)
    assert score > 0.95
    book.table(
        ["", ""],
        [
            ["accuracy on digits that it has not seen", f"{score:.1%}"],
            ["numbers to carry", len(net.flat_parameters)],
            ["bytes", net.flat_parameters.nbytes],
        ],
    )
    return history, net, test


@app.cell(hide_code=True)
def _(history, plt):
    def draw_curve():
        picture, axes = plt.subplots(figsize=(6.5, 2.6))
        axes.semilogy(range(1, len(history.loss) + 1), history.loss)
        axes.axhline(math.log(10), color="0.6", linewidth=1)
        axes.text(30, 1.7, "ln 10: a blind guess", ha="right", va="top")
        axes.set(xlabel="epoch", ylabel="loss")
        return picture

    book.figure(
        draw_curve(),
        alt="The loss falls over 30 epochs from above 1 to below 0.01, on a logarithmic axis.",
        caption="The network that is to be carried learns the digits.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    PyTorch is a library for networks with its own names and its own order of the weights.
    Its dense layer, `nn.Linear`, keeps a matrix $V$ of shape $(m, d)$, a row for each neuron, and computes $x V^\top + b$.
    Ours keeps $W$ of shape $(d, m)$, a column for each neuron, and computes $x W + b$.
    Both are the same if $V^\top = W$, that is, if $V = W^\top$.
    So every weight matrix is transposed on the way:

    ```python
    import torch

    layers = []
    for dense in net.layers:
        linear = torch.nn.Linear(dense.n_in, dense.n_out)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(dense.weights.T))
            linear.bias.copy_(torch.from_numpy(dense.bias))
        layers += [linear, torch.nn.ReLU()]
    carried = torch.nn.Sequential(*layers[:-1])  # no activation behind the logits
    ```

    ### How far apart may they be?

    Both programs compute the same formula, but they add in different orders, and each addition rounds.
    Chapter 7 bounds what that does to one sum; here is what it does to a network.

    Let $x$ be what an exact computation feeds into a layer, of shape $(1, d)$, and $\hat x$ what a program feeds in, at most $\delta$ away: $|\hat x - x| \le \delta$, element by element.
    Absolute values of vectors and matrices are taken element by element, too.
    The layer computes $\hat z$ from $\hat x$. We put the exact layer of $\hat x$ in between:

    $$
    |\hat z - z| \le |\hat z - (\hat x W + b)| + |(\hat x - x) W|
    $$

    The first part is rounding. An output is a sum of $d$ products and a bias, so each of its terms is rounded at most $d + 1$ times (one product, and up to $d$ additions), and chapter 7's bound with $\gamma_{d+1}$ holds. The second part is what came in, passed on by the weights:

    $$
    \begin{gathered}
    \delta' = \gamma_{d+1} \left( (|x| + \delta) |W| + |b| \right) + \delta |W|, \\
    \gamma_k = \frac{k u}{1 - k u}, \quad u = 2^{-24}
    \end{gathered}
    $$

    Here $|\hat x| \le |x| + \delta$ was used. relu lets no difference grow: $|\max(p, 0) - \max(q, 0)| \le |p - q|$. So $\delta'$ is the $\delta$ of the next layer, and the first layer starts with $\delta = 0$.
    Each program stays within $\delta'$ of the exact answer, so two programs are at most $2 \delta'$ apart.
    """)
    return


@app.cell
def _(net, test):
    X_new = test[0].astype("float32")
    logits = net(X_new)

    def allowed_error(net, X):
        """For each output, how far rounding in float32 can take it: the same shape."""
        x, delta = X.astype("float64"), np.zeros(X.shape)
        for dense in net.layers:
            W, b = dense.weights.astype("float64"), dense.bias.astype("float64")
            k = dense.n_in + 1
            gamma = k * 2.0**-24 / (1 - k * 2.0**-24)
            rounding = gamma * ((np.abs(x) + delta) @ np.abs(W) + np.abs(b))
            delta = rounding + delta @ np.abs(W)
            x = x @ W + b
            x = np.maximum(x, 0) if dense.activation == "relu" else x
        return delta

    allowed = 2 * allowed_error(net, X_new)
    return X_new, allowed, logits


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The next cell carries the network to PyTorch if that is installed (`pip install torch`); otherwise it computes the same formula in NumPy, whose order of addition is another one, too.
    It asserts the bound for each of the ten outputs of each digit.
    """)
    return


@app.cell
def test_pytorch_computes_the_same(X_new, allowed, logits, net):
    def in_numpy(X):
        for dense in net.layers:
            weight = dense.weights.T.copy()  # as nn.Linear keeps it: (m, d)
            X = X @ weight.T + dense.bias
            X = np.maximum(X, 0) if dense.activation == "relu" else X
        return X

    def in_torch(X):
        import torch

        layers = []
        for dense in net.layers:
            linear = torch.nn.Linear(dense.n_in, dense.n_out)
            with torch.no_grad():
                linear.weight.copy_(torch.from_numpy(dense.weights.T.copy()))
                linear.bias.copy_(torch.from_numpy(dense.bias.copy()))
            layers += [linear, torch.nn.ReLU()]
        with torch.no_grad():
            return torch.nn.Sequential(*layers[:-1])(torch.from_numpy(X)).numpy()

    there = importlib.util.find_spec("torch") is not None
    outputs = (in_torch if there else in_numpy)(X_new)
    apart = np.abs(outputs - logits)
    who = "PyTorch" if there else "the same formula in NumPy"
    book.beside(
        [
            (
                f"{who}: largest share of the allowed difference",
                0.0,
                float((apart / allowed).max()),
                1.0,
            ),
            (
                f"{who}: largest difference of a logit",
                0.0,
                float(apart.max()),
                float(allowed.max()),
            ),
            (
                "digits that are read otherwise",
                0,
                int((outputs.argmax(1) != logits.argmax(1)).sum()),
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### How many bits must be carried?

    A float32 number has 32 bits. A telephone would rather carry 8.
    **Quantising** a layer means that each weight is moved to the nearest of $2^B$ evenly spaced levels between $-r$ and $r$, where $r$ is the largest weight of the layer, and only the number of its level is kept: $B$ bits.
    Two levels are a step

    $$
    \Delta = \frac{2 r}{2^B - 1}
    $$

    apart, so a weight moves by at most $\Delta / 2$. If all errors $e$ within that are equally likely, their mean square is

    $$
    \begin{aligned}
    \frac{1}{\Delta} \int_{-\Delta/2}^{\Delta/2} e^2 \, de
    &= \frac{1}{\Delta} \left[ \frac{e^3}{3} \right]_{-\Delta/2}^{\Delta/2} && \text{the antiderivative of } e^2 \\
    &= \frac{1}{\Delta} \cdot \frac{2}{3} \cdot \frac{\Delta^3}{8} && \text{both ends} \\
    &= \frac{\Delta^2}{12} && \text{(Bennett, 1948)}
    \end{aligned}
    $$

    The root of it, $\Delta / \sqrt{12}$, is what we expect to measure over all weights of a layer.
    A bit more halves $\Delta$, and with it the error.
    """)
    return


@app.cell
def _(net):
    def step_of(weights, bits):
        return 2 * float(np.abs(weights).max()) / (2**bits - 1)

    def quantised(net, bits):
        """A copy of the network whose weights lie on 2^bits levels a layer."""
        copy = fn.mlp(n_in=64, hidden=[64, 32], n_out=10, activation="relu", seed=0)
        copy.set_state(net.get_state())
        for dense in copy.layers:
            step, r = step_of(dense.weights, bits), np.abs(dense.weights).max()
            dense.weights[...] = np.round((dense.weights + r) / step) * step - r
        return copy

    return quantised, step_of


@app.cell
def test_error_of_a_quantised_weight(net, quantised, step_of):
    _rows = []
    for _bits in (6, 8):
        for _one, _other in zip(net.layers, quantised(net, _bits).layers, strict=True):
            _error = (_other.weights - _one.weights).astype("float64")
            _predicted = step_of(_one.weights, _bits) / math.sqrt(12)
            _measured = float(np.sqrt((_error**2).mean()))
            # the root mean square of N such errors wanders by 0.45 / sqrt(N) of itself
            _rel = 4 * 0.45 / math.sqrt(_error.size)
            _shape = f"{_one.n_in} x {_one.n_out}"
            _rows.append(
                (f"{_bits} bits, {_shape}", _predicted, _measured, _rel * _predicted)
            )
    book.beside(_rows)
    return


@app.cell
def _(net, quantised, test):
    scores = {bits: quantised(net, bits).score(*test) for bits in range(1, 9)}
    # with a level for every 255th of the range, hardly an answer changes
    assert abs(scores[8] - net.score(*test)) < 0.02
    assert scores[1] < scores[8] - 0.2
    book.table(["bits", *scores], [["accuracy", *scores.values()]])
    return (scores,)


@app.cell(hide_code=True)
def _():
    bits_slider = mo.ui.slider(
        1, 8, step=1, value=4, label="bits of a weight", show_value=True
    )
    bits_slider
    return (bits_slider,)


@app.cell(hide_code=True)
def _(bits_slider, net, plt, quantised, scores):
    def draw_bits(bits):
        picture, (left, right) = plt.subplots(1, 2, figsize=(6.5, 2.8))
        one, other = net.layers[1].weights, quantised(net, bits).layers[1].weights
        left.plot(one.ravel(), other.ravel(), ".", markersize=3)
        left.plot([one.min(), one.max()], [one.min(), one.max()], "--", color="0.5")
        left.set(xlabel="weight of the second layer", ylabel="what is carried")
        right.plot(list(scores), list(scores.values()), ".-")
        right.plot(bits, scores[bits], "s", markersize=9, fillstyle="none", color="k")
        right.set(xlabel="bits of a weight", ylabel="accuracy, test", ylim=(0, 1.03))
        return picture

    book.live(
        draw_bits,
        bits_slider,
        name="bits of a weight",
        at=(2, 4, 8),
        alt="Left, the carried weight over the trained one: a staircase whose steps become finer with each bit; here {value} bits. Right, the accuracy rises with the bits and is level from about four of them on.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## A network carried to ONNX

    ONNX is a file format for networks: a list of operators with their constants, which other programs run.
    `net.to_onnx("digits.onnx")` writes it; that needs one more package, `pip install "fastnn[io]"`.
    The file knows nothing of training: Dropout is gone, and BatchNorm uses its running averages.
    A dense layer becomes two operators, a product of matrices and a sum, and its activation a third one.
    The same bound as for PyTorch holds, for the same reason.
    """)
    return


@app.cell
def _():
    has_onnx = importlib.util.find_spec("onnx") is not None

    def through_onnx(net, X):
        """What the network's ONNX file answers, its operators, and its bytes."""
        import onnx
        from onnx.reference import ReferenceEvaluator

        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "net.onnx"
            net.to_onnx(file)
            model, size = onnx.load(str(file)), file.stat().st_size
        (outputs,) = ReferenceEvaluator(model).run(["outputs"], {"X": X})
        return outputs, [node.op_type for node in model.graph.node], size

    return has_onnx, through_onnx


@app.cell
def test_onnx_computes_the_same(X_new, allowed, has_onnx, logits, net, through_onnx):
    if has_onnx:
        _outputs, _operators, _size = through_onnx(net, X_new)
        shown = book.beside(
            [
                (
                    "largest share of the allowed difference",
                    0.0,
                    float((np.abs(_outputs - logits) / allowed).max()),
                    1.0,
                ),
                ("products of matrices", len(net.layers), _operators.count("MatMul")),
                ("relus", 2, _operators.count("Relu")),
                (
                    "bytes of the file: those of its numbers, and up to 2,000 more",
                    net.flat_parameters.nbytes,
                    _size,
                    2000,
                ),
            ]
        )
    else:
        shown = mo.md(
            'ONNX is not installed here: `pip install "fastnn[io]"` brings it.'
        )
    shown
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    A network with a BatchNorm and a Dropout shows what is left of them.
    We train it for a moment, so that the running averages are no longer 0 and 1.
    """)
    return


@app.cell
def test_what_onnx_keeps_of_training(X_new, has_onnx, test, through_onnx):
    richer = fn.Network(
        [
            fn.Dense(64, 32),
            fn.BatchNorm(),
            fn.Activation("relu"),
            fn.Dropout(0.2),
            fn.Dense(32, 10),
        ],
        seed=0,
    )
    richer.fit(*test, epochs=3)
    if has_onnx:
        _outputs, _operators, _ = through_onnx(richer, X_new)
        ours = richer(X_new)
        left = book.beside(
            [
                ("Dropout operators in the file", 0, _operators.count("Dropout")),
                ("normalisations", 1, _operators.count("BatchNormalization")),
                (
                    "largest difference of a logit",
                    0.0,
                    float(np.abs(_outputs - ours).max()),
                    # far above rounding, far below what the batch's mean would change
                    1e-4 * float(np.abs(ours).max()),
                ),
            ]
        )
    else:
        left = mo.md('This cell needs ONNX: `pip install "fastnn[io]"`.')
    left
    return


@app.cell(hide_code=True)
def _(logits, plt, test):
    def draw_answers():
        picture, sides = plt.subplots(1, 6, figsize=(6.5, 1.6))
        for axes, row in zip(sides, range(6), strict=True):
            axes.imshow(test[0][row].reshape(8, 8), cmap="gray_r")
            axes.set_title(str(logits[row].argmax()), loc="center")
            axes.axis("off")
        return picture

    book.figure(
        draw_answers(),
        alt="Six handwritten digits, each with the answer of the carried network above it.",
        caption="What the carried network reads.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Where to go next

    Seven roads lead on from here. For four of them the first step is short enough to take it on this page.

    ### Networks that know what a picture is

    A dense layer doesn't know which pixels are neighbours (chapter 2: a network on scrambled images gives the same answers).
    A **convolution** looks at a small window, with the same few weights, the **kernel**, at every place (LeCun and others, 1998). With an image $x$ and a kernel $k$ of shape $(3, 3)$,

    $$
    z_{ij} = \sum_{a=0}^{2} \sum_{b=0}^{2} x_{i+a,\, j+b} \; k_{ab}
    $$

    What does the sharing buy? Let $x'$ be the image moved one column to the right, $x'_{ij} = x_{i,\,j-1}$. Then

    $$
    z'_{ij} = \sum_{a, b} x'_{i+a,\, j+b} \, k_{ab} = \sum_{a, b} x_{i+a,\, j-1+b} \, k_{ab} = z_{i,\,j-1}
    $$

    The answer moves with the image: what was learned at one place holds at all of them. A dense layer from $8 \times 8$ pixels to $6 \times 6$ numbers has $64 \cdot 36 = 2304$ weights; the convolution has nine.
    """)
    return


@app.cell
def _():
    def convolve(image, kernel):
        """(h, w) and (k, k) give (h - k + 1, w - k + 1)."""
        windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
        return (windows * kernel).sum(axis=(2, 3))

    edges = np.array([[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 0.0, -1.0]])
    return convolve, edges


@app.cell
def test_the_answer_moves_with_the_image(convolve, edges):
    image = fn.datasets.load_digits().X[0].reshape(8, 8).astype("float64")
    moved = np.zeros((8, 8))
    moved[:, 1:] = image[:, :-1]
    at_home, next_door = convolve(image, edges), convolve(moved, edges)
    dense = fn.Network([fn.Dense(64, 36, bias=False)], seed=0)
    book.beside(
        [
            # whole numbers below 2^53 are added exactly
            (
                "z' and the moved z: largest difference",
                0,
                np.abs(next_door[:, 1:] - at_home[:, :-1]).max(),
            ),
            ("weights of the dense layer", 64 * 36, len(dense.flat_parameters)),
            ("weights of the convolution", 3 * 3, edges.size),
        ]
    )
    return


@app.cell(hide_code=True)
def _(convolve, edges, plt):
    def draw_convolution():
        image = fn.datasets.load_digits().X[0].reshape(8, 8).astype("float64")
        moved = np.zeros((8, 8))
        moved[:, 1:] = image[:, :-1]
        picture, sides = plt.subplots(1, 4, figsize=(6.5, 1.9))
        for axes, values, title in zip(
            sides,
            (image, convolve(image, edges), moved, convolve(moved, edges)),
            ("image", "its edges", "moved", "edges moved"),
            strict=True,
        ):
            plain = values.min() >= 0
            most = np.abs(values).max()
            axes.imshow(
                values,
                cmap="gray_r" if plain else "PuOr",
                vmin=0 if plain else -most,
                vmax=most,
            )
            axes.set_title(title)
            axes.axis("off")
        return picture

    book.figure(
        draw_convolution(),
        alt="A handwritten zero; the answer of the kernel, of one sign along the left edges of its strokes and of the other along the right ones; the zero moved one pixel to the right; the same answer, moved as well.",
        caption="A kernel that answers to vertical edges, purple where it gets brighter to the right and orange where it gets darker.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The kernel above was chosen by hand; a convolutional network learns its kernels by the gradients that you know. Exercise 8.5 is the same in one dimension. Begin with chapter 9 of Goodfellow and others (2016).

    ### Networks that remember

    A **recurrent** network feeds its activations back in: the state $h_t$ of shape $(1, m)$ is computed from $h_{t-1}$ by the same matrix $R$ at every step of a sequence. Backpropagation through time is the graph of chapter 4, unrolled: a layer for each step.
    Take the simplest, $h_t = h_{t-1} R$, and let $g_t = \partial L / \partial h_t$. The chain rule gives

    $$
    \begin{aligned}
    g_{t-1} &= g_t R^\top && \text{as for each dense layer} \\
    g_0 &= g_T \left( R^\top \right)^T && \text{after } T \text{ steps (the exponent counts steps)}
    \end{aligned}
    $$

    Let $R = s\,Q$ where $Q$ only turns a vector and leaves its length ($Q Q^\top = I$). Then each step multiplies the length of the gradient by $s$:

    $$
    \lVert g_0 \rVert = s^T \lVert g_T \rVert
    $$

    It vanishes or explodes as in chapter 6, but here a single matrix decides, and a sequence has hundreds of steps. With $h_t = \tanh(h_{t-1} R)$ each step also multiplies by $1 - h_t^2 \le 1$, so $s^T$ is an upper bound.
    """)
    return


@app.cell
def _():
    def gradient_lengths(s, steps, tanh=False, m=32):
        """Lengths of the gradients from g_T back to g_0: (steps + 1,)."""
        rng = np.random.default_rng(0)
        Q, _ = np.linalg.qr(rng.normal(size=(m, m)))  # turns, and keeps lengths
        R, h, states = s * Q, rng.normal(size=m), []
        for _ in range(steps):
            h = np.tanh(h @ R) if tanh else h @ R
            states.append(h)
        g = rng.normal(size=m)
        g = g / np.linalg.norm(g)
        lengths = [1.0]
        for h in reversed(states):
            g = (g * (1 - h**2) if tanh else g) @ R.T
            lengths.append(float(np.linalg.norm(g)))
        return np.array(lengths)

    return (gradient_lengths,)


@app.cell
def test_gradients_through_time(gradient_lengths):
    _rows = [
        (f"s = {_s}: length after 50 steps", _s**50, gradient_lengths(_s, 50)[-1])
        for _s in (0.8, 0.9, 1.0, 1.1, 1.2)
    ]
    for _s in (0.8, 1.0, 1.2):
        _bound = _s ** np.arange(51)
        assert np.all(gradient_lengths(_s, 50, tanh=True) <= _bound * (1 + 1e-9))
    # some thousand roundings of float64
    book.beside(_rows, rel=1e-10)
    return


@app.cell(hide_code=True)
def _():
    recurrent = mo.ui.slider(
        0.7, 1.3, step=0.05, value=0.9, label="s, the factor of a step", show_value=True
    )
    recurrent
    return (recurrent,)


@app.cell(hide_code=True)
def _(gradient_lengths, plt, recurrent):
    def draw_recurrent(s):
        picture, axes = plt.subplots(figsize=(6.5, 2.8))
        steps = np.arange(51)
        axes.semilogy(steps, s**steps, color="0.5", label="predicted")
        axes.semilogy(steps, gradient_lengths(s, 50), ".", label="linear, measured")
        axes.semilogy(
            steps, gradient_lengths(s, 50, tanh=True), "--", label="tanh, measured"
        )
        axes.set(xlabel="steps back in time", ylabel="length of the gradient")
        axes.set_ylim(1e-9, 1e7)
        axes.legend(loc="upper left", ncols=3)
        return picture

    book.live(
        draw_recurrent,
        recurrent,
        name="s",
        at=(0.8, 1.0, 1.2),
        alt="The length of the gradient over 50 steps back, on a logarithmic axis, for s = {value}: dots on a straight line that falls for s below 1, is level at 1 and rises above it; with tanh it lies below the line.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The long short-term memory keeps a second state that is added to instead of multiplied, so that its factor can stay at 1 (Hochreiter and Schmidhuber, 1997). Go on with chapter 10 of Goodfellow and others (2016).

    ### Attention

    Each element of a sequence asks the others which of them matter: it compares its **query** $q$ with their **keys** $k$ by dot products, and a softmax makes weights of these scores. It is what today's language models are built from (Vaswani and others, 2017).
    They divide the scores by $\sqrt d$. Why? Let $q$ and $k$ have $d$ independent entries with mean 0 and variance 1. Then

    $$
    \begin{aligned}
    \mathrm{E}[q \cdot k] &= \sum_i \mathrm{E}[q_i] \, \mathrm{E}[k_i] = 0 && \text{independent, means 0} \\
    \mathrm{Var}[q \cdot k] &= \sum_i \mathrm{Var}[q_i k_i] && \text{independent terms: variances add} \\
    &= \sum_i \mathrm{E}[q_i^2] \, \mathrm{E}[k_i^2] = d && \text{each factor is 1}
    \end{aligned}
    $$

    So scores grow like $\sqrt d$, the softmax gives nearly all weight to one element, and its gradient, which contains the factor $p (1 - p)$, is nearly 0: little is learned. Dividing by $\sqrt d$ brings the standard deviation back to 1.
    """)
    return


@app.cell
def test_scores_grow_with_the_root_of_d():
    _rng = np.random.default_rng(0)
    _rows = []
    for d in (4, 64, 256):
        _q, _k = _rng.normal(size=(2, 4000, d))
        _scores = (_q * _k).sum(axis=1)
        _rows.append((f"d = {d}: spread of q k", math.sqrt(d), float(_scores.std())))
        _scaled = float((_scores / math.sqrt(d)).std())
        _rows.append((f"d = {d}: divided by the root of d", 1.0, _scaled))
    # 4,000 scores give their standard deviation to about 1.5 %: four times that
    book.beside(_rows, rel=0.06)
    return


@app.cell(hide_code=True)
def _():
    query_size = mo.ui.slider(
        steps=[1, 4, 16, 64, 256],
        value=64,
        label="d, the size of a query",
        show_value=True,
    )
    query_size
    return (query_size,)


@app.cell(hide_code=True)
def _(plt, query_size):
    def draw_attention(d):
        rng = np.random.default_rng(4)
        q, keys = rng.normal(size=d), rng.normal(size=(8, d))
        picture, sides = plt.subplots(1, 2, figsize=(6.5, 2.6), sharey=True)
        for axes, divisor, title in zip(
            sides, (1, math.sqrt(d)), ("not divided", "divided by √d"), strict=True
        ):
            scores = keys @ q / divisor
            weights = np.exp(scores - scores.max())
            axes.bar(range(1, 9), weights / weights.sum())
            axes.set(xlabel="element", title=title, ylim=(0, 1))
        sides[0].set_ylabel("weight")
        return picture

    book.live(
        draw_attention,
        query_size,
        name="d",
        at=(4, 64, 256),
        alt="Bars of the weights that one element gives to eight others, d = {value}. Without dividing, the larger d is, the more of the weight lies on few elements; divided by the root of d it is shared among them for each d.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Exercise 8.6 is attention whole. Karpathy's lecture *Let's build GPT* (2023) goes from where you stand to a language model.

    ### Networks that say how sure they are

    A softmax is not a probability that one may rely on: networks are often too sure (Guo and others, 2017).
    One remedy is an **ensemble**: $M$ networks that differ in their seeds, whose answers $f_1, \dots, f_M$ are averaged to $\bar f$. For a target $y$, put $\bar f$ in between:

    $$
    \begin{aligned}
    \frac{1}{M} \sum_m (f_m - y)^2
    &= \frac{1}{M} \sum_m \left( (f_m - \bar f) + (\bar f - y) \right)^2 \\
    &= \frac{1}{M} \sum_m (f_m - \bar f)^2 + \frac{2 (\bar f - y)}{M} \sum_m (f_m - \bar f) + (\bar f - y)^2 \\
    &= \underbrace{\frac{1}{M} \sum_m (f_m - \bar f)^2}_{\text{spread}} + (\bar f - y)^2 \qquad \text{as } \textstyle\sum_m (f_m - \bar f) = 0
    \end{aligned}
    $$

    So the average is never worse than its members are on average, and it is better by exactly their spread (Krogh and Vedelsby, 1995). And the spread needs no target: where it is wide, the networks had nothing to go by.
    """)
    return


@app.cell
def _():
    _rng = np.random.default_rng(1)
    x_seen = _rng.uniform(-2, 2, size=(80, 1))
    y_seen = np.sin(2 * x_seen[:, 0]) + 0.2 * _rng.normal(size=80)
    x_asked = np.linspace(-5, 5, 201)[:, None]

    members = []
    for _seed in range(8):
        _member = fn.mlp(1, [32, 32], 1, activation="tanh", dtype="float64", seed=_seed)
        _member.fit(
            x_seen,
            y_seen,
            loss="mse",
            optimizer=fn.Adam(fn.schedules.cosine(1e-2, 80)),  # so that it settles
            epochs=80,
            batch_size=16,
        )
        members.append(_member)
    answers_seen = np.stack([_member(x_seen)[:, 0] for _member in members])  # (8, 80)
    answers_asked = np.stack(
        [_member(x_asked)[:, 0] for _member in members]
    )  # (8, 201)
    return answers_asked, answers_seen, x_asked, x_seen, y_seen


@app.cell
def test_an_average_gains_the_spread(answers_asked, answers_seen, x_asked, y_seen):
    average = answers_seen.mean(axis=0)
    each = ((answers_seen - y_seen) ** 2).mean()
    spread = ((answers_seen - average) ** 2).mean()
    far = np.abs(x_asked[:, 0]) > 3
    near = np.abs(x_asked[:, 0]) < 2
    wide = answers_asked.std(axis=0)
    assert wide[far].mean() > 5 * wide[near].mean()
    book.beside(
        [
            (
                "squared error of the average",
                float(each - spread),
                float(((average - y_seen) ** 2).mean()),
            )
        ],
        rel=1e-9,
    )
    return


@app.cell(hide_code=True)
def _(answers_asked, plt, x_asked, x_seen, y_seen):
    def draw_ensemble():
        picture, axes = plt.subplots(figsize=(6.5, 3))
        middle, wide = answers_asked.mean(axis=0), answers_asked.std(axis=0)
        x = x_asked[:, 0]
        axes.fill_between(
            x, middle - 2 * wide, middle + 2 * wide, alpha=0.25, label="± 2 spreads"
        )
        lines = axes.plot(x, answers_asked.T, color="0.6", linewidth=0.7)
        lines[0].set_label("eight networks")
        axes.plot(x, middle, label="their average")
        axes.plot(
            x_seen[:, 0], y_seen, "k.", markersize=4, label="what they learned from"
        )
        axes.set(xlabel="x", ylabel="y")
        axes.legend(loc="upper center", ncols=4, fontsize=8)
        axes.set_ylim(-4.2, 5)
        return picture

    book.figure(
        draw_ensemble(),
        alt="Eight curves that lie on one another between -2 and 2, where the data are, and fan out on both sides of them; a band around their average is narrow inside and wide outside.",
        caption="Where there were data the networks agree; where there were none they don't.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Bayesian methods, calibration and models that invent data are the subject of Murphy (2022, 2023).

    ### And further

    **Learning from reward.** Nobody says which move was right, only who won. Sutton and Barto (2018) is the book, and its first part needs no networks.

    **Back to the brain.** That neurons send gradients backward is not known; how they learn is open (Lillicrap and others, 2020). Gerstner and others (2014) go on from chapter 1, with a free edition.

    **Faster still.** The staircase of chapter 7 goes on with other processors: the same ideas, tiles and reuse, on a graphics card. Hennessy and Patterson (2017) explain both kinds.

    **Courses.** Nielsen (2015) tells chapters 4 to 6 at another pace, Zhang and others (2023) cover most of this list with programs, and the lectures *Neural Networks: Zero to Hero* (Karpathy, 2022) write everything before your eyes.

    And read programs.
    The twins in `fastnn/reference/` are short; micrograd (Karpathy, 2020) is shorter.
    """)
    return


@app.cell(hide_code=True)
def _():
    book.table(
        ["what comes next", "what it adds", "begin with"],
        [
            [
                "convolutions",
                "weights shared over places",
                "Goodfellow et al., 2016, ch. 9",
            ],
            ["recurrent networks", "a state", "Goodfellow et al., 2016, ch. 10"],
            [
                "attention",
                "who listens to whom is computed",
                "Zhang et al., 2023, ch. 11",
            ],
            ["probabilistic models", "how sure an answer is", "Murphy, 2022"],
            [
                "reinforcement learning",
                "reward instead of answers",
                "Sutton, Barto, 2018",
            ],
            ["neuroscience", "time, spikes, dendrites", "Gerstner et al., 2014"],
            [
                "graphics cards",
                "thousands of sums at once",
                "Hennessy, Patterson, 2017",
            ],
        ],
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
    exercise_1 = book.exercise("8.1")
    exercise_1
    return (exercise_1,)


@app.cell(hide_code=True)
def _(exercise_1):
    book.judged("8.1", exercise_1)
    return


@app.cell(hide_code=True)
def _():
    exercise_2 = book.exercise("8.2")
    exercise_2
    return (exercise_2,)


@app.cell(hide_code=True)
def _(exercise_2):
    book.judged("8.2", exercise_2)
    return


@app.cell(hide_code=True)
def _():
    exercise_3 = book.exercise("8.3")
    exercise_3
    return (exercise_3,)


@app.cell(hide_code=True)
def _(exercise_3):
    book.judged("8.3", exercise_3)
    return


@app.cell(hide_code=True)
def _():
    exercise_4 = book.exercise("8.4")
    exercise_4
    return (exercise_4,)


@app.cell(hide_code=True)
def _(exercise_4):
    book.judged("8.4", exercise_4)
    return


@app.cell(hide_code=True)
def _():
    exercise_5 = book.exercise("8.5")
    exercise_5
    return (exercise_5,)


@app.cell(hide_code=True)
def _(exercise_5):
    book.judged("8.5", exercise_5)
    return


@app.cell(hide_code=True)
def _():
    exercise_6 = book.exercise("8.6")
    exercise_6
    return (exercise_6,)


@app.cell(hide_code=True)
def _(exercise_6):
    book.judged("8.6", exercise_6)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Solutions
    """)
    return


@app.cell(hide_code=True)
def _():
    book.solutions(8)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Ten questions
    """)
    return


@app.cell(hide_code=True)
def _():
    quiz_answers = book.quiz(8)
    quiz_answers
    return (quiz_answers,)


@app.cell(hide_code=True)
def _(quiz_answers):
    book.marked(8, quiz_answers)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Sources

    - L. Lapicque, *Recherches quantitatives sur l'excitation électrique des nerfs*, Journal de Physiologie et de Pathologie Générale 9, 1907: the leaky cell.
    - M. Minsky and S. Papert, *Perceptrons*, MIT Press, 1969: what one unit cannot do.
    - W. R. Bennett, *Spectra of quantized signals*, Bell System Technical Journal 27, 1948: the error of a step.
    - A. Krogh and J. Vedelsby, *Neural network ensembles, cross validation, and active learning*, NIPS 7, 1995: what an average gains.
    - S. Hochreiter and J. Schmidhuber, *Long short-term memory*, Neural Computation 9, 1997: a state whose gradient doesn't vanish.
    - Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, *Gradient-based learning applied to document recognition*, Proceedings of the IEEE 86, 1998: convolutions.
    - K. He, X. Zhang, S. Ren and J. Sun, *Delving deep into rectifiers*, ICCV, 2015: the factor of a relu layer.
    - A. Vaswani and others, *Attention is all you need*, NeurIPS, 2017: scores divided by the root of d.
    - C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, *On calibration of modern neural networks*, ICML, 2017: networks that are too sure.
    - N. J. Higham, *Accuracy and Stability of Numerical Algorithms*, 2nd edition, SIAM, 2002: the bound of a sum.
    - J. L. Hennessy and D. A. Patterson, *Computer Architecture*, 6th edition, Morgan Kaufmann, 2017: processors and graphics cards.
    - M. Nielsen, *Neural Networks and Deep Learning*, Determination Press, 2015: to read beside chapters 4 to 6.
    - A. Karpathy, *micrograd*, 2020, *Neural Networks: Zero to Hero*, 2022, and *Let's build GPT*, 2023: programs and lectures.
    - W. Gerstner, W. M. Kistler, R. Naud and L. Paninski, *Neuronal Dynamics*, Cambridge University Press, 2014: neuroscience after chapter 1.
    - I. Goodfellow, Y. Bengio and A. Courville, *Deep Learning*, MIT Press, 2016: convolutions and recurrent networks.
    - R. S. Sutton and A. G. Barto, *Reinforcement Learning*, 2nd edition, MIT Press, 2018: learning from reward.
    - T. P. Lillicrap, A. Santoro, L. Marris, C. J. Akerman and G. Hinton, *Backpropagation and the brain*, Nature Reviews Neuroscience 21, 2020: how the brain might learn.
    - K. P. Murphy, *Probabilistic Machine Learning*, MIT Press, 2022 and 2023: probabilistic models.
    - A. Zhang, Z. C. Lipton, M. Li and A. J. Smola, *Dive into Deep Learning*, Cambridge University Press, 2023: attention, and most of this list.
    - ONNX, *Open Neural Network Exchange: operator schemas*, opset 17, 2022: what a file may contain.
    """)
    return


if __name__ == "__main__":
    app.run()
