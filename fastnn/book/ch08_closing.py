# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

__generated_with = "0.25.2"
app = marimo.App(app_title="8 Closing words, and where to go next")

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
    - name what comes next, and what each of it adds to what you know.

    ## What you have seen

    The book began with a cell that fires when enough has come in, and ended with loops that a processor likes.
    Between them lies one idea: a number that says how wrong an answer is, and the chain rule that tells every weight what it has to do with it.

    Each chapter predicted something and measured it.
    Here is one number from each, computed anew.

    1. A leaky cell that is driven by a constant current fires at a rate that a formula gives (Lapicque, 1907).
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
            ("7: 1 + 2^-24 in float32, less 1", 0.0, float(steps[0] - 1)),
            ("7: 1 + 2^-23 in float32, less 1", 2.0**-23, float(steps[1] - 1)),
        ]
    )
    return


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
def _(history):
    plt = book.pyplot()

    def draw_curve():
        picture, axes = plt.subplots(figsize=(6.5, 2.6))
        axes.semilogy(range(1, len(history.loss) + 1), history.loss)
        axes.axhline(math.log(10), color="0.6", linewidth=1)
        axes.text(30, 1.7, "ln 10: a blind guess", ha="right", va="top")
        axes.set(xlabel="epoch", ylabel="loss")
        return picture

    book.figure(
        draw_curve(),
        alt="The loss falls over 30 epochs from about 2 to about 0.01, on a logarithmic axis.",
        caption="The last network of this book learns the digits.",
    )
    return (plt,)


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    PyTorch's `nn.Linear` computes $x W^\top + b$ with $W$ of shape $(m, d)$, a row for each neuron.
    Ours computes $x W + b$ with $W$ of shape $(d, m)$, a column for each neuron.
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

    The next cell does this if PyTorch is installed (`pip install torch`); otherwise it computes the same formula in NumPy.
    In both cases the answers must agree to rounding: sums of 64 products in float32.
    """)
    return


@app.cell
def test_pytorch_computes_the_same(net, test):
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
    X_new = test[0].astype("float32")
    logits = net(X_new)
    apart = np.abs((in_torch if there else in_numpy)(X_new) - logits).max()
    scale = float(np.abs(logits).max())
    book.beside(
        [
            (
                f"largest difference, {'PyTorch' if there else 'the same formula in NumPy'}",
                0.0,
                float(apart),
                # three layers, each with the bound gamma_64 of chapter 7
                3 * 64 * 2.0**-24 * 10 * scale,
            )
        ]
    )
    return X_new, logits, scale


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## A network carried to ONNX

    ONNX is a file format for networks: a list of operators with their constants, which other programs run.
    `net.to_onnx("digits.onnx")` writes it; that needs one more package, `pip install "fastnn[io]"`.
    The file knows nothing of training: Dropout is gone, and BatchNorm uses its running averages.
    """)
    return


@app.cell
def test_onnx_computes_the_same(X_new, logits, net, scale):
    if importlib.util.find_spec("onnx") is None:
        shown = mo.md(
            'ONNX is not installed here: `pip install "fastnn[io]"` brings it.'
        )
    else:
        from onnx.reference import ReferenceEvaluator

        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "digits.onnx"
            net.to_onnx(file)
            size = file.stat().st_size
            runner = ReferenceEvaluator(str(file))
        (outputs,) = runner.run(["outputs"], {"X": X_new})
        shown = book.beside(
            [
                (
                    "largest difference, ONNX",
                    0.0,
                    float(np.abs(outputs - logits).max()),
                    3 * 64 * 2.0**-24 * 10 * scale,
                ),
                (
                    "bytes of the file: those of its numbers, and up to 2,000 more",
                    net.flat_parameters.nbytes,
                    size,
                    2000,
                ),
            ]
        )
    shown
    return


@app.cell(hide_code=True)
def _(logits, plt, test):
    def draw_answers():
        picture, sides = plt.subplots(1, 6, figsize=(6.5, 1.6))
        for axes, row in zip(sides, range(6), strict=True):
            axes.imshow(test[0][row].reshape(8, 8), cmap="gray_r")
            axes.set_title(str(logits[row].argmax()))
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

    **Networks that know what a picture is.** A dense layer doesn't know which pixels are neighbours (chapter 2: it learns as well when they are scrambled). A *convolution* uses the same few weights at every place (LeCun and others, 1998). Exercise 8.5 is its core. Begin with chapter 9 of Goodfellow and others (2016).

    **Networks that remember.** A *recurrent* network feeds its activations back at the next step of a sequence; backpropagation through time is chapter 4's graph, unrolled, and its gradients vanish as in chapter 6. The long short-term memory is one way out (Hochreiter and Schmidhuber, 1997).

    **Attention.** Each element of a sequence asks the others which of them matter, by dot products and a softmax: exercise 8.6. It is what today's language models are built from (Vaswani and others, 2017). Karpathy's *Let's build GPT* goes there from where you stand.

    **Networks that say how sure they are.** A softmax is not a probability that one may rely on. Bayesian methods, ensembles and calibration are the subject of Murphy (2022, 2023).

    **Learning from reward.** Nobody says which move was right, only who won. Sutton and Barto (2018) is the book.

    **Back to the brain.** Neurons don't send gradients backward; how they learn is open (Lillicrap and others, 2020). Gerstner and others (2014) go on from chapter 1, with a free edition.

    **Faster still.** The staircase of chapter 7 goes on with other processors: the same ideas, tiles and reuse, on a graphics card.

    And read programs.
    The twins in `fastnn/reference/` are short; micrograd is shorter.
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
    - S. Hochreiter and J. Schmidhuber, *Long short-term memory*, Neural Computation 9, 1997.
    - Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, *Gradient-based learning applied to document recognition*, Proceedings of the IEEE 86, 1998: convolutions.
    - K. He, X. Zhang, S. Ren and J. Sun, *Delving deep into rectifiers*, ICCV, 2015: the factor of a relu layer.
    - A. Vaswani and others, *Attention is all you need*, NeurIPS, 2017.
    - W. Gerstner, W. M. Kistler, R. Naud and L. Paninski, *Neuronal Dynamics*, Cambridge University Press, 2014.
    - I. Goodfellow, Y. Bengio and A. Courville, *Deep Learning*, MIT Press, 2016.
    - R. S. Sutton and A. G. Barto, *Reinforcement Learning*, 2nd edition, MIT Press, 2018.
    - T. P. Lillicrap, A. Santoro, L. Marris, C. J. Akerman and G. Hinton, *Backpropagation and the brain*, Nature Reviews Neuroscience 21, 2020.
    - K. P. Murphy, *Probabilistic Machine Learning*, MIT Press, 2022 and 2023.
    - A. Zhang, Z. C. Lipton, M. Li and A. J. Smola, *Dive into Deep Learning*, Cambridge University Press, 2023.
    - ONNX, *Open Neural Network Exchange: operator schemas*, opset 17.
    """)
    return


if __name__ == "__main__":
    app.run()
