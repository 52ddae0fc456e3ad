# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

__generated_with = "0.25.2"
app = marimo.App(
    app_title="4 Logistic regression, computational graphs, backpropagation",
    css_file="chapter.css",
)

with app.setup:
    import marimo as mo
    import numpy as np

    import fastnn as fn
    from fastnn import book
    from fastnn.graph import Tensor, Value, grad, gradcheck, hessian, leaves


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    # 4 Logistic regression, computational graphs, backpropagation

    When you have read this chapter, you can

    - say why a network that answers yes or no is trained with the loss it is trained with, and derive that loss from a probability;
    - derive the gradient of the loss on paper, for one sample and for a batch, and check each shape;
    - draw the computation as a graph, and walk through it backward, node by node, with a pencil;
    - say why one backward pass is enough for a million parameters;
    - find a mistake in a gradient that somebody has programmed;
    - predict the learning rate at which training breaks, before you train.

    Logistic regression is one neuron: a weighted sum, and a curve that turns it into a probability.
    Everything that a deep network does while it learns is here already, and small enough to be done by hand.
    """)
    return


@app.cell(hide_code=True)
def _():
    plt = book.pyplot()
    return (plt,)


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## From a likelihood to a loss

    A physician takes cells out of a tumour with a thin needle and measures their nuclei in a picture.
    For 569 tumours it is known what they turned out to be (Street, Wolberg and Mangasarian, 1993).
    We begin with two of the thirty measurements: the mean *radius* of the nuclei and their *texture* (how much the grey values vary).
    The target $y$ is 1 for a malignant tumour and 0 for a benign one.

    Each measurement is moved and stretched so that its mean is 0 and its standard deviation 1 (chapter 3).
    The last part of this chapter measures what that is good for.
    """)
    return


@app.cell
def _():
    tumours = fn.datasets.load_breast_cancer()
    y = 1.0 - tumours.y  # (569,): 1 malignant, 0 benign
    raw = tumours.X[:, :2]  # (569, 2): radius, texture
    X = (raw - raw.mean(axis=0)) / raw.std(axis=0)  # (n, d)
    n_samples = len(X)
    book.table(
        ["", "radius", "texture", "y"],
        [[f"tumour {i}", *X[i], int(y[i])] for i in (0, 1, 19, 20)],
    )
    return X, n_samples, raw, tumours, y


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### A probability that is computed from a sum

    We want a number between 0 and 1: the probability $p$ that this tumour is malignant.
    A weighted sum of the measurements, $z = x_1 w_1 + x_2 w_2 + b$, is easy to compute and easy to understand, but it can be any number.
    So something must connect a number without limits with a number between 0 and 1.

    Take the *odds*, $p / (1 - p)$: three to one, say, for $p = 0.75$. They lie between 0 and infinity.
    Their logarithm, the *log odds*, lies between minus and plus infinity, and treats yes and no alike: to exchange them only changes its sign.
    Logistic regression sets the log odds equal to the sum (Cox, 1958):

    $$
    \ln \frac{p}{1 - p} = z = x \cdot w + b
    $$

    Here $x$ and $w$ have the shape $(d,)$, with $d = 2$ measurements; $x \cdot w = \sum_k x_k w_k$, and $b$, $z$ and $p$ are numbers.
    Solve it for $p$, line by line:

    $$
    \begin{aligned}
    \frac{p}{1 - p} &= e^{z} && \text{the exponential undoes the logarithm} \\
    p &= e^{z} - p\, e^{z} && \text{times } 1 - p \\
    p\,(1 + e^{z}) &= e^{z} && \text{all } p \text{ to the left} \\
    p &= \frac{e^{z}}{1 + e^{z}} = \frac{1}{1 + e^{-z}} = \sigma(z) && \text{divided by } 1 + e^{z}, \text{ then both parts by } e^{z}
    \end{aligned}
    $$

    The function $\sigma$ is called the *sigmoid*, or logistic function (Verhulst, 1838).
    It was not chosen because it looks like the answer of a nerve cell: it is what a sum of evidence is when it is read as a probability.
    In a layer the result of the activation is called $a$; here we write $p$, since it is read as a probability.

    Two properties are used again and again. No and yes are mirror images:

    $$
    1 - \sigma(z) = \frac{1 + e^{-z} - 1}{1 + e^{-z}} = \frac{e^{-z}}{1 + e^{-z}} = \frac{1}{e^{z} + 1} = \sigma(-z)
    $$

    and the slope can be had from the value. The *derivative* of a function, its slope, says by how much the result moves for each unit that the input moves, as long as the move is small. By the rule for $1/u$ with $u = 1 + e^{-z}$:

    $$
    \sigma'(z) = -\frac{1}{u^2}\, \frac{du}{dz} = \frac{e^{-z}}{(1 + e^{-z})^2} = \frac{1}{1 + e^{-z}} \cdot \frac{e^{-z}}{1 + e^{-z}} = \sigma(z)\,\bigl(1 - \sigma(z)\bigr)
    $$

    ### How probable is what was seen

    One sample with the label $y$ is like the toss of a coin that shows 1 with probability $p$.
    This is the *Bernoulli distribution*, and both of its cases fit into one line:

    $$
    P(y \mid x) = p^{\,y}\, (1 - p)^{1 - y} =
    \begin{cases} p & \text{if } y = 1 \\ 1 - p & \text{if } y = 0 \end{cases}
    $$

    **This is why the labels are 0 and 1.** They work as switches in the exponent: one factor is taken, the other becomes $(\dots)^0 = 1$. There is a second reason: the mean of labels 0 and 1 is the share of ones, so what the model predicts can be compared with what was seen, by plain averages.
    Labels 1 and 2 would switch nothing off. Labels $-1$ and $+1$, which some books use, need another line, $P(y \mid x) = \sigma(y z)$; the loss is the same in the end, and the cell below checks it.

    The tumours are of different patients, and what one turns out to be says nothing about another whose measurements we know: given $x$, the labels are *independent*.
    Then the probability of seeing all these labels is the product

    $$
    \text{likelihood}(w, b) = \prod_{i=1}^{n} p_i^{\,y_i}\, (1 - p_i)^{1 - y_i}
    $$

    Read as a function of the unknowns $w$ and $b$, it is called the *likelihood*.
    To learn means here: find the $w$ and $b$ that make what was seen as probable as possible (Fisher, 1922).

    ### Why the logarithm

    A product of many probabilities is small beyond what a computer can write down.
    The smallest positive number in double precision is $2^{-1074}$. If every label has the probability 1/2, the product of 1074 of them is that number, and the product of 1075 is rounded to 0.
    """)
    return


@app.cell
def test_a_likelihood_underflows():
    likelihood, n_labels = 1.0, 0
    while likelihood > 0:
        likelihood *= 0.5
        n_labels += 1
    book.beside([("labels until their likelihood is 0", 1075, n_labels)])
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The logarithm repairs this, and more. It grows with its argument, so both are largest at the same place. It turns the product into a sum, and sums are easy to differentiate. Line by line, each with its reason:

    $$
    \begin{aligned}
    \ln \text{likelihood} &= \sum_{i=1}^{n} \bigl( y_i \ln p_i + (1 - y_i) \ln (1 - p_i) \bigr) && \ln u^{y} v = y \ln u + \ln v \\
    -\ln \text{likelihood} &= \sum_{i=1}^{n} \ell_i && \text{small is good, as for any loss} \\
    \ell_i &= -y_i \ln p_i - (1 - y_i) \ln (1 - p_i) && \text{the part of one sample} \\
    L &= \frac{1}{n} \sum_{i=1}^{n} \ell_i && \text{does not grow with } n
    \end{aligned}
    $$

    $L$ is the *loss*. It has several names, which all mean this: log loss, binary cross-entropy, negative log-likelihood.
    For one sample it is the logarithm of the probability that the model gave to what really happened, with a minus: 0 if the model was sure and right, large if it was sure and wrong.

    ### The loss from the sum itself

    A program should not compute $p$ first. For $z = 40$, $p$ is rounded to exactly 1, and $\ln(1 - p)$ is minus infinity. Put $\sigma$ in and simplify:

    $$
    \begin{aligned}
    \ln p &= \ln \frac{e^z}{1 + e^z} = z - \ln(1 + e^z) \\
    \ln (1 - p) &= \ln \frac{1}{1 + e^z} = -\ln(1 + e^z) \\
    \ell &= -y\,\bigl(z - \ln(1 + e^z)\bigr) + (1 - y) \ln(1 + e^z) \\
         &= \ln(1 + e^z) - y z && \text{the terms } y \ln(1 + e^z) \text{ cancel}
    \end{aligned}
    $$

    One trap is left: $e^{z}$ overflows for $z > 709$. For positive $z$ take $e^z$ out of the bracket, $\ln(1 + e^z) = z + \ln(1 + e^{-z})$; for negative $z$ leave it. Both cases in one line:

    $$
    \ell = \max(z, 0) - y z + \ln\bigl(1 + e^{-|z|}\bigr)
    $$

    The exponent is never positive, so nothing can overflow. This is what `fn.ops.binary_cross_entropy` computes. It takes $z$, the *logits* (another word for log odds), and not $p$.

    We can predict some of its values without a computer: $\ell = \ln 2$ at $z = 0$; for a confident error, $y = 0$ at a large $z$, it is $z$; for a confident hit it is $e^{-|z|}$, since $\ln(1 + u) \approx u$ for a small $u$.
    """)
    return


@app.cell
def test_the_loss_at_places_where_it_is_known():
    def loss_at(z, y):
        return fn.ops.binary_cross_entropy([z], [y])[0]

    with np.errstate(over="ignore"):
        assert np.isinf(np.log(1 + np.exp(800.0)))  # the formula, taken literally
    book.beside(
        [
            ("nothing known: z = 0", np.log(2), loss_at(0.0, 1)),
            ("sure and wrong: z = 800, y = 0", 800.0, loss_at(800.0, 0)),
            ("sure and wrong: z = -800, y = 1", 800.0, loss_at(-800.0, 1)),
            ("sure and right: z = 30, y = 1", np.exp(-30.0), loss_at(30.0, 1)),
        ],
        rel=1e-12,
    )
    return


@app.cell
def test_labels_of_minus_and_plus_one_give_the_same_loss(X, y):
    logits = X @ np.array([1.0, -0.5]) + 0.2
    signs = 2 * y - 1  # 0, 1 -> -1, +1
    by_signs = np.mean(np.log1p(np.exp(-signs * logits)))
    book.beside(
        [("mean loss", by_signs, fn.ops.binary_cross_entropy(logits, y)[0])],
        rel=1e-12,  # two orders of the same sum: only rounding parts them
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### What must be beaten

    The simplest model knows nothing but the bias: it gives every tumour the same probability $p$. Let $s$ be the share of ones. Then $L = -s \ln p - (1 - s) \ln(1 - p)$, and it is smallest where its slope is 0:

    $$
    \frac{dL}{dp} = -\frac{s}{p} + \frac{1 - s}{1 - p} = 0
    \quad\Longrightarrow\quad s\,(1 - p) = (1 - s)\, p
    \quad\Longrightarrow\quad p = s
    $$

    The best constant guess is the share itself, and its loss $-s \ln s - (1 - s) \ln (1 - s)$ is called the *entropy* of the labels (Shannon, 1948).
    A model whose loss is higher has learned nothing.
    We let the library find the bias, with features that are all 0, and see whether it arrives at $b = \ln \frac{s}{1 - s}$.
    """)
    return


@app.cell
def test_the_best_constant_guess_is_the_share(n_samples, y):
    blind = fn.LogisticRegression(solver="newton").fit(np.zeros((n_samples, 1)), y)
    share = y.mean()
    book.beside(
        [
            ("bias", np.log(share / (1 - share)), blind.intercept_[0]),
            (
                "loss",
                -share * np.log(share) - (1 - share) * np.log(1 - share),
                blind.history_.loss[-1],
            ),
        ],
        rel=1e-7,  # Newton's method stops when a step is below 1e-8
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Now with one measurement, the radius. Move the weight and look at both pictures.
    On the left you see the probability that the model gives to each radius, on the right the loss of all 569 tumours.
    A small weight never decides; a large one is sure, also where it is wrong; a negative one has it the wrong way round.
    """)
    return


@app.cell(hide_code=True)
def _():
    weight_slider = mo.ui.slider(
        -2.0, 10.0, step=0.5, value=1.0, label="weight of the radius", show_value=True
    )
    weight_slider
    return (weight_slider,)


@app.cell(hide_code=True)
def _(X, plt, weight_slider, y):
    by_radius = fn.LogisticRegression(solver="newton", C=1e6).fit(X[:, :1], y)

    def draw_weight(weight):
        bias = by_radius.intercept_[0]
        _x, _w = np.linspace(-2.5, 4.5, 200), np.linspace(-2.5, 10.5, 80)
        losses = [fn.ops.binary_cross_entropy(X[:, 0] * w + bias, y)[0] for w in _w]
        here = fn.ops.binary_cross_entropy(X[:, 0] * weight + bias, y)[0]
        picture, (left, right) = plt.subplots(1, 2, figsize=(6.8, 3))
        jitter = np.random.default_rng(0).uniform(-0.04, 0.04, len(y))
        for label, name, marker in ((1, "malignant", "^"), (0, "benign", "o")):
            of = y == label
            left.plot(
                X[of, 0], (y + jitter)[of], marker, ms=3, alpha=0.5, label=name,
                color=("C0", "C1")[label],
            )
        left.plot(_x, fn.ops.sigmoid(_x * weight + bias), color="0.2")
        left.set(
            xlabel="radius (standard deviations)", ylabel="label, and probability p"
        )
        left.legend(loc="center right", fontsize=8)
        right.plot(_w, losses, color="0.2")
        right.plot([weight], [here], "o", color="C1", ms=8)
        right.set(
            xlabel="weight of the radius", ylabel="loss", title=f"loss {here:.3f}"
        )
        return picture

    book.live(
        draw_weight,
        weight_slider,
        name="weight of the radius",
        at=(-1.0, 1.0, 3.5),
        alt="Left: tumours at 0 and 1 over their radius, with the curve of the predicted "
        "probability for the weight {value}. Right: the loss over the weight, a "
        "bowl-shaped curve with its lowest point near 3.6, and a dot at {value}.",
        caption="The bias is kept at its best value.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## From a loss to a gradient

    To make the loss smaller we must know which way to turn $w$ and $b$.
    The *partial derivative* $\partial L / \partial w_1$ says by how much $L$ moves for each unit that $w_1$ grows, if all others stand still.
    All partial derivatives together, in an array of the shape of $w$, are the *gradient*. It points uphill; we go the other way.

    ### One sample

    The loss depends on $w$ only through $z$, so we need two things: how $\ell$ moves with $z$, and how $z$ moves with $w$. The product of both is the answer: that is the *chain rule*. First the long way, through $p$:

    $$
    \begin{aligned}
    \frac{\partial \ell}{\partial p} &= -\frac{y}{p} + \frac{1 - y}{1 - p} && \text{derivative of } \ln u \text{ is } 1/u \\
    &= \frac{-y (1 - p) + (1 - y)\, p}{p\,(1 - p)} = \frac{p - y}{p\,(1 - p)} && \text{one denominator; } yp \text{ cancels} \\
    \frac{\partial p}{\partial z} &= p\,(1 - p) && \text{the slope of } \sigma \text{, from above} \\
    \frac{\partial \ell}{\partial z} &= \frac{p - y}{p\,(1 - p)} \cdot p\,(1 - p) = p - y && \text{chain rule}
    \end{aligned}
    $$

    What a result: **the gradient is the error**, prediction minus truth. The factor $p(1 - p)$, which is tiny where the sigmoid is flat, cancels against the same factor of the logarithm. Loss and activation belong together.

    Then from $z = \sum_k x_k w_k + b$:

    $$
    \begin{aligned}
    \frac{\partial z}{\partial w_k} &= x_k, & \frac{\partial z}{\partial b} &= 1 && \text{all other terms stand still} \\
    \frac{\partial \ell}{\partial w_k} &= (p - y)\, x_k, & \frac{\partial \ell}{\partial b} &= p - y && \text{chain rule} \\
    \underset{(d,)}{\nabla_{\!w}\, \ell} &= \underset{(1)}{(p - y)}\; \underset{(d,)}{x} &&&& \text{all } k \text{ at once}
    \end{aligned}
    $$

    **By hand.** Take $x = (2, -1)$, $w = (0.5, 1)$, $b = 0.25$ and $y = 1$. Then $z = 1 - 1 + 0.25 = 0.25$, $p = 1 / (1 + e^{-0.25}) = 0.5622$ and $\ell = -\ln 0.5622 = 0.5759$. The error is $p - y = -0.4378$, so the slopes are $-0.4378 \cdot 2 = -0.8756$ and $-0.4378 \cdot (-1) = 0.4378$ for the weights, and $-0.4378$ for the bias. A larger first weight would lower the loss.

    ### A batch, in matrix form

    Now $n$ samples: $X$ has the shape $(n, d)$, a row for each sample, and $y$, $z$, $p$ have $(n,)$.
    The matrix product $Xw$ is the array of the weighted sums of all rows, $(Xw)_i = \sum_k x_{ik} w_k$, so $z = X w + b$.
    The loss is the mean. Each sample's part has the slope that we know, and the slope of a sum is the sum of the slopes:

    $$
    \begin{aligned}
    \frac{\partial L}{\partial z_i} &= \frac{1}{n} (p_i - y_i) && z_i \text{ is in the loss of sample } i \text{ alone} \\
    \frac{\partial L}{\partial w_k} &= \sum_{i=1}^{n} \frac{\partial L}{\partial z_i}\, \frac{\partial z_i}{\partial w_k} = \frac{1}{n} \sum_{i=1}^{n} x_{ik}\, (p_i - y_i) && w_k \text{ is in every } z_i \\
    \frac{\partial L}{\partial b} &= \frac{1}{n} \sum_{i=1}^{n} (p_i - y_i)
    \end{aligned}
    $$

    The middle line runs down a *column* of $X$. To write it as a matrix product, columns must become rows: this is the transposed matrix $X^\top$, of shape $(d, n)$.

    $$
    \underset{(d,)}{\nabla_{\!w}\, L} = \frac{1}{n}\; \underset{(d, n)}{X^\top}\; \underset{(n,)}{(p - y)}
    $$

    The shapes leave no choice: of something with $(n, d)$ and something with $(n,)$, only $X^\top (p - y)$ has the shape of $w$. Here it is as a program, line for line:
    """)
    return


@app.cell
def _():
    def loss_and_gradient(weights, bias, X, y):
        z = X @ weights + bias  # (n,)
        p = 1 / (1 + np.exp(-z))  # (n,)
        losses = np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z)))
        grad_z = (p - y) / len(y)  # (n,)
        return losses.mean(), X.T @ grad_z, grad_z.sum()  # (), (d,), ()

    return (loss_and_gradient,)


@app.cell
def test_the_numbers_of_the_pencil(loss_and_gradient):
    one_loss, one_slope, one_bias = loss_and_gradient(
        np.array([0.5, 1.0]), 0.25, np.array([[2.0, -1.0]]), np.array([1.0])
    )
    book.beside(
        [
            ("loss", 0.5759, one_loss),
            ("slope by the first weight", -0.8756, one_slope[0]),
            ("slope by the second weight", 0.4378, one_slope[1]),
            ("slope by the bias", -0.4378, one_bias),
        ],
        abs=1e-4,  # the pencil kept four digits
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### What holds at the minimum

    At the lowest point the gradient is 0. Read the two formulas again with this in mind:

    $$
    \sum_i p_i = \sum_i y_i, \qquad \sum_i x_{ik}\, p_i = \sum_i x_{ik}\, y_i
    $$

    So a logistic regression that has learned is right *on average*: its mean probability is the share of malignant tumours, and the radii, weighted with the predicted probabilities, add up to what they add up to with the true labels. Nothing was said about the minimum but that the slope is 0, and yet we can predict these numbers without training. (`C=1e8` says: practically no penalty. What a penalty is comes below.)
    """)
    return


@app.cell
def test_a_trained_model_is_right_on_average(X, n_samples, y):
    trained = fn.LogisticRegression(solver="newton", C=1e8).fit(X, y)
    probability = trained.predict_proba(X)[:, 1]
    book.beside(
        [
            ("mean probability", y.mean(), probability.mean()),
            ("radius, weighted", X[:, 0] @ y / n_samples, X[:, 0] @ probability / n_samples),
            ("texture, weighted", X[:, 1] @ y / n_samples, X[:, 1] @ probability / n_samples),
        ],
        abs=1e-8,  # what is left of the penalty, w / (C n), is below 1e-10
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### Why there is only one valley

    Going downhill ends in a valley. Is it the deepest one? For this loss: yes, always. To see it we need the second derivatives, which say how the slope itself changes.

    Put $w$ and $b$ into one array $\theta = (w_1, \dots, w_d, b)$, and a column of ones to the right of $X$: $\tilde X$ of shape $(n, d + 1)$, so that $z = \tilde X \theta$ (the 1 is multiplied with $b$). Then the gradient is $\frac1n \tilde X^\top (p - y)$, and only $p$ in it depends on $\theta$:

    $$
    \begin{aligned}
    \frac{\partial p_i}{\partial \theta_k} &= p_i (1 - p_i)\, \tilde x_{ik} = s_i\, \tilde x_{ik} && \text{chain rule; } s_i \text{ is a short name} \\
    \frac{\partial^2 L}{\partial \theta_j\, \partial \theta_k} &= \frac1n \sum_{i=1}^{n} \tilde x_{ij}\, s_i\, \tilde x_{ik} && \text{derivative of } \tfrac1n \textstyle\sum_i \tilde x_{ij} (p_i - y_i) \\
    \underset{(d+1,\, d+1)}{H} &= \frac1n\; \underset{(d+1,\, n)}{\tilde X^\top}\; \underset{(n, n)}{S}\; \underset{(n,\, d+1)}{\tilde X} && S \text{ has the } s_i \text{ on its diagonal, else } 0
    \end{aligned}
    $$

    $H$ is called the *Hessian* (Bishop, 2006). Along a direction $v$ of shape $(d + 1,)$ the loss bends by

    $$
    v^\top H v = \frac1n \sum_{i=1}^{n} s_i\, (\tilde x_i \cdot v)^2 \;\ge\; 0
    $$

    because $s_i = p_i (1 - p_i)$ is positive and a square is not negative. Such a matrix is called *positive semidefinite*, and a function that bends upward or not at all along every direction is *convex*. In a convex function, a straight line between two points of the graph is never below the graph. So there can be no second valley with a ridge between: from the higher one, the straight line to the lower one would go down at once, and the function, below that line, too.

    The library can differentiate twice: `fn.graph.hessian` takes the function alone. We write the loss with `Tensor`s, arrays that remember how they were computed (more of them soon), and compare with our formula, at a place that has nothing special.
    """)
    return


@app.cell
def test_the_hessian_is_x_s_x(X, n_samples, y):
    with_ones = np.column_stack([X, np.ones(n_samples)])  # (n, d + 1)
    somewhere = np.array([1.0, -0.5, 0.2])

    def loss_of(theta):
        return fn.graph.binary_cross_entropy(with_ones @ theta, y)

    _p = fn.ops.sigmoid(with_ones @ somewhere)
    _s = _p * (1 - _p)  # (n,): each row of X times its s is S X
    formula = with_ones.T @ (with_ones * _s[:, None]) / n_samples
    by_graph = hessian(loss_of)(somewhere)
    assert np.linalg.eigvalsh(by_graph).min() > 0  # it bends upward everywhere
    book.beside(
        [
            (f"H[{j}, {k}]", formula[j, k], by_graph[j, k])
            for j in range(3)
            for k in range(j, 3)
        ],
        rel=1e-9,
        abs=1e-12,
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### A valley without a bottom

    "Bends upward or not at all" leaves one case: a slope that goes down forever. It happens when a straight line separates the classes completely. Then every weight can be made larger, each $p_i$ comes nearer to its label, and the loss nearer to 0, without end.

    The smallest example has two samples, $x = -1$ of class 0 and $x = 1$ of class 1, and no bias. The loss is $\ln(1 + e^{-w})$, its slope $-1 / (1 + e^{w})$. Small steps of size $\eta$ follow the curve $\frac{dw}{dt} = \frac{1}{1 + e^{w}}$ in the time $t = \eta\, k$ after $k$ steps. Bring all $w$ to one side and integrate from $w = 0$:

    $$
    (1 + e^{w})\, dw = dt \quad\Longrightarrow\quad w + e^{w} - 1 = \eta\, k
    $$

    So $w$ grows like the logarithm of the number of steps: ever more slowly, but without limit (Soudry et al., 2018). A network of one neuron must land on this curve.
    """)
    return


@app.cell
def test_separated_classes_let_the_weight_grow_forever():
    _net = fn.Network([fn.Dense(1, 1, bias=False, init="zeros")], dtype="float64")
    pair, pair_y = np.array([[-1.0], [1.0]]), np.array([[0.0], [1.0]])
    _rate, _steps, _rows = 0.1, 0, []
    for _more in (100, 900, 9000):
        _net.fit(
            pair, pair_y, loss="binary_cross_entropy", optimizer=fn.SGD(_rate),
            epochs=_more,
        )
        _steps += _more
        _w = _net.layers[0].weights[0, 0]
        _rows.append(
            (
                f"w + exp(w) - 1 after {_steps} steps",
                _rate * _steps,
                _w + np.exp(_w) - 1,
            )
        )
    book.beside(_rows, rel=0.01)  # steps are not infinitely small
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The remedy is a *penalty*: add $\frac{\lambda}{2} \lVert w \rVert^2$ to the loss, which costs more the longer $w$ is. Its gradient is $\lambda w$, and its Hessian $\lambda$ on the diagonal, so the valley has a bottom again. `fn.LogisticRegression` always has one, with $\lambda = 1 / (C n)$; its argument $C$ is 1 if you say nothing. The bias has no penalty.

    ### Why not squared error

    Squares are simpler, and they serve well where a value is predicted. Why not $q = (p - y)^2$ here? Take $y = 1$ and follow the chain rule:

    $$
    \begin{aligned}
    \frac{dq}{dp} &= 2 (p - 1) \\
    \frac{dq}{dz} &= 2 (p - 1) \cdot p\,(1 - p) = -2\, p\, (1 - p)^2 && \text{now nothing cancels} \\
    \frac{d^2 q}{dz^2} &= -2 \bigl[ (1 - p)^2 - 2 p (1 - p) \bigr] \cdot p (1 - p) && \text{product rule, chain rule} \\
    &= -2\, p\, (1 - p)^2\, (1 - 3p)
    \end{aligned}
    $$

    Three things can be read off.

    1. **The gradient vanishes where the model is most wrong.** For $z \to -\infty$, $p \approx e^{z}$, and the slope is $-2 e^{z}$: at $z = -10$ less than a ten-thousandth. The log loss has the slope $p - 1 \approx -1$ there.
    2. The slope is steepest where the second derivative is 0, at $p = \frac13$, and never more than $2 \cdot \frac13 \cdot \frac49 = \frac{8}{27}$.
    3. For $p < \frac13$ the second derivative is negative: the loss is not convex, and valleys can be separated by ridges and plains.
    """)
    return


@app.cell
def test_squared_error_has_no_slope_where_it_is_wrong():
    line = np.linspace(-12, 12, 24001)
    nodes = Tensor(line, "z")
    squared_error = (nodes.sigmoid() - 1) ** 2
    squared_error.sum().backward()  # each element has a slope of its own
    slopes = nodes.grad
    steepest = np.argmax(np.abs(slopes))
    _, log_slope = fn.ops.binary_cross_entropy([-10.0], [1])
    book.beside(
        [
            ("squared error: slope at z = -10", -2 * np.exp(-10.0), slopes[2000]),
            ("log loss: slope at z = -10", -1.0, log_slope[0]),
            ("squared error: steepest slope", -8 / 27, slopes[steepest]),
            ("squared error: p there", 1 / 3, fn.ops.sigmoid(line)[steepest]),
        ],
        rel=1e-3,  # p = exp(z) is nearly true, and the line has points, 0.001 apart
    )
    return


@app.cell(hide_code=True)
def _(X, plt, y):
    def draw_losses():
        _z = np.linspace(-8, 8, 300)
        p = fn.ops.sigmoid(_z)
        picture, axes = plt.subplots(1, 3, figsize=(7.4, 2.9))
        axes[0].plot(_z, np.log1p(np.exp(-_z)), label="log loss")
        axes[0].plot(_z, (p - 1) ** 2, "--", label="squared error")
        axes[0].set(xlabel="z", ylabel="loss of one sample, y = 1")
        axes[0].legend(fontsize=8)
        axes[1].plot(_z, p - 1)
        axes[1].plot(_z, -2 * p * (1 - p) ** 2, "--")
        axes[1].set(xlabel="z", ylabel="slope of that loss")
        weights = np.linspace(-25, 25, 201)
        _zs = X[:, :1] * weights - 0.7  # (n, 201): all samples for each weight
        log_losses = np.maximum(_zs, 0) - y[:, None] * _zs + np.log1p(np.exp(-abs(_zs)))
        axes[2].plot(weights, log_losses.mean(axis=0))
        squares = (fn.ops.sigmoid(_zs) - y[:, None]) ** 2
        axes[2].plot(weights, 10 * squares.mean(axis=0), "--")
        axes[2].set(xlabel="weight of the radius", ylabel="loss of all tumours")
        axes[2].text(3, 2.3, "squared\nerror × 10", fontsize=8, color="C1")
        return picture

    book.figure(
        draw_losses(),
        alt="Three pictures. Left: the log loss of one sample rises steadily to the "
        "left, where z is wrong; the squared error flattens out at 1. Middle: the "
        "slope of the log loss approaches -1 on the left, that of the squared error "
        "approaches 0. Right: over the weight of the radius, the log loss of all "
        "tumours is a bowl; the squared error has a plateau on the left.",
        caption="Log loss and squared error: one sample, its slope, and all tumours. "
        "On the plateau of the squared error, gradient descent hardly moves.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    How much does the plateau cost? We can predict it. One sample with $y = 1$ begins at $z = -8$, and only the bias learns, so $z$ itself is what moves. How many steps of size $\eta = 0.1$ until $z = 0$, where yes and no are equally likely? As above, small steps follow $\frac{dz}{dt} = -\frac{d\,\text{loss}}{dz}$; bring $z$ to one side and integrate from $-8$ to 0, with $p = e^z / (1 + e^z)$ and $1 - p = 1 / (1 + e^z)$:

    $$
    \begin{aligned}
    \text{log loss:}\quad t &= \int \frac{dz}{1 - p} = \int (1 + e^z)\, dz = \Bigl[ z + e^z \Bigr]_{-8}^{0} \\
    \text{squared error:}\quad t &= \int \frac{dz}{2 p (1 - p)^2} = \int \frac{(1 + e^z)^3}{2 e^z}\, dz = \frac12 \Bigl[ -e^{-z} + 3z + 3 e^{z} + \tfrac12 e^{2z} \Bigr]_{-8}^{0}
    \end{aligned}
    $$

    The number of steps is $t / \eta$. The term $e^{8} = 2981$ in the second line is the price.
    """)
    return


@app.cell
def test_steps_to_come_back_from_a_confident_error():
    def steps_back(slope, z=-8.0, rate=0.1):
        n_steps = 0
        while z < 0:
            z -= rate * slope(1 / (1 + np.exp(-z)))
            n_steps += 1
        return n_steps

    def area_log(z):
        return z + np.exp(z)

    def area_squares(z):
        return (-np.exp(-z) + 3 * z + 3 * np.exp(z) + np.exp(2 * z) / 2) / 2

    book.beside(
        [
            (
                "steps, log loss",
                (area_log(0) - area_log(-8)) / 0.1,
                steps_back(lambda p: p - 1),
            ),
            (
                "steps, squared error",
                (area_squares(0) - area_squares(-8)) / 0.1,
                steps_back(lambda p: -2 * p * (1 - p) ** 2),
            ),
        ],
        rel=0.02,  # whole steps, and not infinitely small ones
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## The computational graph

    We derived this gradient with a pencil. For five layers that would be a page of algebra, and for each change of the network another one. So let the program remember what it computes, and differentiate that.

    A `Value` is a number that remembers. Each operation makes a new `Value` that knows its number (`data`), what it was computed from (`inputs`), and how fast it moves with each of these (`local_grads`). The last is easy: it takes a table with one line for each operation, $+$, $\cdot$, $\exp$ and so on, and no knowledge of the rest. Here is the neuron of the pencil:
    """)
    return


@app.cell
def _():
    w1, w2, b = Value(0.5, "w1"), Value(1.0, "w2"), Value(0.25, "b")
    x1, x2 = Value(2.0, "x1"), Value(-1.0, "x2")
    z = w1 * x1 + w2 * x2 + b
    z.name = "z"
    p = z.sigmoid()
    p.name = "p"
    loss = -p.log()  # y is 1
    loss.name = "loss"
    loss.backward()
    return b, loss, p, w1, w2


@app.cell(hide_code=True)
def _(loss):
    book.svg(
        loss.draw(),
        alt="The graph of one neuron: w1 times x1 and w2 times x2 are added, then b is "
        "added, then come sigmoid, log and minus. Values are written in the boxes, "
        "gradients below them, and orange arrows lead back from the loss to each leaf.",
        caption="Values flow forward (blue), gradients backward (orange).",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    This is a *computational graph*. Its *nodes* are numbers, its *edges* lead from a number to what is computed from it. Nodes that were computed from nothing are the *leaves*: the weights, the bias, the inputs. No edge leads in a circle, because a number can be computed only from numbers that are there already.

    ### One path: multiply

    Follow the path from $w_1$ to the loss: $w_1 \to w_1 x_1 \to \dots \to z \to p \to \ln p \to \ell$. If $w_1$ grows by a tiny $\delta$, then $w_1 x_1$ grows by $x_1 \delta$, the sum by the same, $p$ by $p(1-p)\, x_1 \delta$, and so on: each edge multiplies by its local derivative. So the derivative along a path is the product of its edges:

    $$
    \frac{\partial \ell}{\partial w_1} = \underbrace{(-1)}_{-\ln p} \cdot \underbrace{\frac1p}_{\ln} \cdot \underbrace{p (1 - p)}_{\sigma} \cdot \underbrace{1 \cdot 1}_{+,\,+} \cdot \underbrace{x_1}_{\cdot} = -(1 - p)\, x_1 = (p - y)\, x_1
    $$

    `loss.explain()` shows the same as a table, with the formula and the number of each local derivative. Read it from the top: the gradient in a row was the product in a row above.
    """)
    return


@app.cell(hide_code=True)
def _(loss):
    mo.md(loss.explain()._repr_markdown_())
    return


@app.cell
def test_the_graph_has_the_numbers_of_the_pencil(b, loss, p, w1, w2):
    book.beside(
        [
            ("loss", -np.log(p.data), loss.data),
            ("slope by w1: (p - y) x1", (p.data - 1) * 2, w1.grad),
            ("slope by w2: (p - y) x2", (p.data - 1) * -1, w2.grad),
            ("slope by b: p - y", p.data - 1, b.grad),
        ],
        rel=1e-14,  # the same few multiplications
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### Several paths: add

    A number may be used more than once. The loss that we simplified, $\ell = \ln(1 + e^z) - y z$, uses $z$ twice. If $z$ grows by $\delta$, both uses move the loss, and for tiny moves the two effects add up. So **the gradient of a node is the sum over all paths** from it to the result:

    $$
    \frac{d \ell}{d z} = \underbrace{\frac{1}{1 + e^z} \cdot e^z}_{\text{path through } \ln,\, +,\, \exp} + \underbrace{(-y)}_{\text{path through } y z} = \sigma(z) - y
    $$

    The error, prediction minus truth, is the sum of two paths: one brings the prediction, the other the truth.
    """)
    return


@app.cell
def _():
    z_twice, label = Value(0.25, "z"), Value(1.0, "y")
    loss_twice = (1 + z_twice.exp()).log() - label * z_twice
    loss_twice.name = "loss"
    loss_twice.backward()
    explained = loss_twice.explain()
    return explained, label, loss_twice, z_twice


@app.cell(hide_code=True)
def _(explained):
    mo.md(explained._repr_markdown_())
    return


@app.cell(hide_code=True)
def _(loss_twice):
    book.svg(
        loss_twice.draw(),
        alt="The graph of the simplified loss. From z two edges go up: one to exp, plus "
        "1 and log, the other to the product with y. Both come together in the loss.",
        caption="z is used twice, so two orange arrows come back to it; they are added.",
    )
    return


@app.cell
def test_two_paths_bring_prediction_and_truth(explained, label, z_twice):
    (two_paths,) = [row for row in explained.rows if hasattr(row, "terms")]
    by_y, by_exp = two_paths.terms
    book.beside(
        [
            ("path through exp", fn.ops.sigmoid([z_twice.data])[0], by_exp),
            ("path through y z", -label.data, by_y),
            ("both", fn.ops.sigmoid([z_twice.data])[0] - label.data, z_twice.grad),
        ],
        rel=1e-14,
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### A graph of arrays

    A node for every number is good for looking at. For a table of data the same idea works with whole arrays: a `Tensor` is an array that remembers, and one node stands for the scores of all samples. Where an array of $n$ numbers is computed from one of $m$, the local derivative is a matrix with $n \cdot m$ entries, the *Jacobian*. It is never written down; each operation knows how to multiply it with the gradient that arrives. For the product $Xw$ that multiplication is $X^\top g$: the formula that we derived for the batch, found again as the rule of one node.
    """)
    return


@app.cell
def _(X, y):
    four = Tensor(X[18:22], "X", constant=True)
    scores = four @ Tensor([0.5, 1.0], "w") + Tensor(0.25, "b")
    scores.name = "z"
    batch_loss = fn.graph.binary_cross_entropy(scores, y[18:22])
    batch_loss.name = "loss"
    batch_loss.backward()
    return (batch_loss,)


@app.cell(hide_code=True)
def _(batch_loss):
    book.svg(
        batch_loss.draw(),
        alt="The graph of a batch of four samples: X times w, plus b, then the loss. "
        "Each box shows an array with its shape, and below it the gradient.",
        caption="Four tumours at once: each node is an array, each gradient has its shape.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Backpropagation, one node at a time

    The sum over all paths is the right answer, and a bad way to compute it. Let $a$ be added to itself, the result to itself, and so on: each step doubles the number of paths, and 60 steps give $2^{60}$ of them, more than a computer can follow in a year. But there are only 61 nodes and 120 edges.

    The way out is to finish each node before going on. Let $\bar v$ be a short name for $\partial \ell / \partial v$, the gradient of node $v$. All paths from $v$ go through one of the nodes $u$ that use $v$; group them by this first edge, and take it out of the bracket:

    $$
    \bar v = \sum_{u \text{ uses } v} \bar u \cdot \frac{\partial u}{\partial v}
    $$

    So start at the result, whose derivative by itself is 1, and go backward through the nodes, each only after all nodes that use it. Each node hands to each input its own gradient times the local derivative. Each edge is walked once. This is *backpropagation*, or reverse accumulation (Linnainmaa, 1970; for networks: Werbos, 1982; Rumelhart, Hinton and Williams, 1986). The whole algorithm:
    """)
    return


@app.cell
def _():
    def in_order(result):
        """All nodes below a result, inputs before what is computed from them."""
        order, seen = [], set()

        def visit(node):
            if node not in seen:
                seen.add(node)
                for x in node.inputs:
                    visit(x)
                order.append(node)

        visit(result)
        return order

    def backward(result):
        """The gradient of every node, and how many multiplications it took."""
        order = in_order(result)
        grads, products = dict.fromkeys(order, 0.0), 0
        grads[result] = 1.0
        for node in reversed(order):
            for x, local in zip(node.inputs, node.local_grads, strict=True):
                grads[x] += grads[node] * local
                products += 1
        return grads, products

    return backward, in_order


@app.cell
def test_each_edge_is_walked_once(backward):
    first = Value(1.0, "a")
    doubled = first
    for _ in range(60):
        doubled = doubled + doubled
    _grads, _products = backward(doubled)
    doubled.backward()  # the library's
    book.beside(
        [
            ("paths: the derivative by a", 2**60, int(_grads[first])),
            ("the same, by the library", 2**60, int(first.grad)),
            ("edges: multiplications", 2 * 60, _products),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The library walks a graph for you with `steps()`: first forward, then backward. Move the slider to the right and watch a neuron with one weight, $\ell = -\ln \sigma(w x + b)$. Cover the next step with your hand and predict it: which node is next, and what does it hand on?
    """)
    return


@app.cell
def _():
    small_w, small_x, small_b = Value(1.5, "w"), Value(-2.0, "x"), Value(1.0, "b")
    small_p = (small_w * small_x + small_b).sigmoid()
    small_p.name = "p"
    small_loss = -small_p.log()
    small_loss.name = "loss"
    story = list(small_loss.steps())  # 8 nodes: 8 steps forward, 8 backward
    return small_b, small_loss, small_p, small_w, small_x, story


@app.cell(hide_code=True)
def _(story):
    step_slider = mo.ui.slider(1, len(story), value=8, label="step", show_value=True)
    step_slider
    return (step_slider,)


@app.cell(hide_code=True)
def _(step_slider, story):
    book.live(
        lambda number: story[number - 1],
        step_slider,
        name="step",
        at=(8, 11, 16),
        alt="The graph of a neuron with one weight at step {value} of 16. Up to step 8 "
        "values appear from the leaves to the loss; from step 9 on gradients appear, "
        "from the loss back to the leaves. The node whose turn it is has a thick edge.",
    )
    return


@app.cell(hide_code=True)
def _(story):
    mo.accordion(
        {"All steps in words": mo.md("\n".join(f"- {step}" for step in story))}
    ) if not book.printed() else mo.md("\n".join(f"- {step}" for step in story[8:]))
    return


@app.cell
def test_what_arrives_at_the_leaves(small_b, small_loss, small_p, small_w, small_x):
    small_loss.backward()
    error = small_p.data - 1  # p - y, and y is 1
    book.beside(
        [
            ("to w: (p - y) x", error * small_x.data, small_w.grad),
            ("to x: (p - y) w", error * small_w.data, small_x.grad),
            ("to b: p - y", error, small_b.grad),
        ],
        rel=1e-14,
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### Why backward and not forward

    The chain rule can be worked from either end. *Forward mode* begins at one leaf, gives it the derivative 1, and carries it up: how does each node move if this leaf moves? One pass answers for one leaf, and for all nodes. *Reverse mode* begins at the result: one pass answers for one result, and for all leaves.
    A network has one loss and very many weights. So reverse mode it is.

    Let us count, for one sample with $d$ features, $\ell = \ln(1 + e^z) - y z$ and $z = b + \sum_k w_k x_k$:

    | operation | how many | edges of each | edges |
    | --- | ---: | ---: | ---: |
    | $w_k \cdot x_k$ | $d$ | 2 | $2 d$ |
    | $+$ in $z$ | $d$ | 2 | $2 d$ |
    | $\exp$, $\ln$ | 2 | 1 | 2 |
    | $1 + e^z$, $\;y \cdot z$, $\;-$ | 3 | 2 | 6 |
    | together | $2 d + 5$ | | $4 d + 8$ |

    - **Reverse mode** multiplies once for each edge: $4d + 8$, for all derivatives.
    - **Forward mode** does the same for each of the $d + 1$ parameters: $(d + 1)(4d + 8)$.
    - **Differences** (the next part but one) compute the function twice for each parameter: $2 (d + 1)(2d + 5)$ operations.

    The first is proportional to $d$, the others to $d^2$. In general a gradient by reverse mode costs a small multiple of the function itself, at most about four times, *whatever the number of inputs* (Griewank and Walther, 2008; Baur and Strassen, 1983). The price is memory: all values of the forward pass must be kept until the backward pass has used them.
    """)
    return


@app.cell
def _(in_order):
    def forward(result, leaf):
        """How every node moves with one leaf, and how many multiplications it took."""
        moves, products = {}, 0
        for node in in_order(result):
            moves[node] = 1.0 if node is leaf else 0.0
            for x, local in zip(node.inputs, node.local_grads, strict=True):
                moves[node] += local * moves[x]
                products += 1
        return moves, products

    def neuron(d, seed=0):
        """The loss of one sample with d features as a graph, and its parameters."""
        rng = np.random.default_rng(seed)
        parameters = [Value(rng.normal() / d) for _ in range(d + 1)]  # w and b
        z = parameters[d]
        for w in parameters[:d]:
            z = z + w * Value(rng.normal())
        return (1 + z.exp()).log() - Value(1.0) * z, parameters

    return forward, neuron


@app.cell
def test_operations_counted(backward, forward, in_order, neuron):
    counts = {}
    for _d in (2, 30, 100):
        _result, _parameters = neuron(_d)
        _grads, _reverse = backward(_result)
        _tries = [forward(_result, leaf) for leaf in _parameters]
        _operations = sum(1 for node in in_order(_result) if node.inputs)
        # both modes, and the library, find the same derivatives
        _result.backward()
        for leaf, (_moves, _) in zip(_parameters, _tries, strict=True):
            assert np.isclose(_moves[_result], _grads[leaf], rtol=1e-12)
            assert np.isclose(leaf.grad, _grads[leaf], rtol=1e-12)
        counts[_d] = (
            _reverse,
            sum(products for _, products in _tries),
            2 * len(_parameters) * _operations,
        )
    _rows = []
    for _d, (_reverse, _forward, _differences) in counts.items():
        _rows += [
            (f"d = {_d}: reverse mode", 4 * _d + 8, _reverse),
            (f"d = {_d}: forward mode", (_d + 1) * (4 * _d + 8), _forward),
            (f"d = {_d}: differences", 2 * (_d + 1) * (2 * _d + 5), _differences),
        ]
    book.beside(_rows)  # counts: no tolerance
    return (counts,)


@app.cell(hide_code=True)
def _(counts, plt):
    def draw_cost():
        _d = np.geomspace(1, 1000, 100)
        picture, axes = plt.subplots(figsize=(6.5, 3))
        lines = (
            ("reverse mode", 4 * _d + 8, "-", "o"),
            ("forward mode", (_d + 1) * (4 * _d + 8), "--", "s"),
            ("differences", 2 * (_d + 1) * (2 * _d + 5), ":", "x"),
        )
        for k, (name, cost, line, marker) in enumerate(lines):
            axes.loglog(_d, cost, line, color=f"C{k}", label=name)
            seen = [counts[d][k] for d in counts]
            axes.loglog(list(counts), seen, marker, color=f"C{k}", ms=7)
        axes.set(xlabel="features d", ylabel="operations")
        axes.legend()
        return picture

    book.figure(
        draw_cost(),
        alt="Operations over the number of features, both on logarithmic scales. Reverse "
        "mode rises with slope 1 to about 4,000 at 1,000 features; forward mode and "
        "differences rise together with slope 2 to about 4 million.",
        caption="What the gradient of one neuron costs: predicted (lines) and counted "
        "(marks). Forward mode and differences cost nearly the same.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## By hand, by graph, by kernel

    We now have several ways to the same four numbers: the loss of the 569 tumours, its slopes by the two weights, and its slope by the bias. The first, `loss_and_gradient`, is our derivation in NumPy. Here are the others.
    """)
    return


@app.cell
def _():
    def by_numbers(weights, bias, X, y):
        """A graph with a Value for each number."""
        w, b, total = [Value(v) for v in weights], Value(bias), Value(0.0)
        for row, label in zip(X, y, strict=True):
            z = b
            for w_k, x_k in zip(w, row, strict=True):
                z = z + w_k * x_k
            total = total + (1 + z.exp()).log() - label * z
        loss = total / len(y)
        loss.backward()
        return loss.data, np.array([v.grad for v in w]), b.grad

    def by_arrays(weights, bias, X, y):
        """A graph with a Tensor for each array."""
        w, b = Tensor(weights), Tensor(bias)
        loss = fn.graph.binary_cross_entropy(X @ w + b, y)
        loss.backward()
        return loss.item(), w.grad, float(b.grad)

    def by_kernels(weights, bias, X, y):
        """The compiled loops, one by one."""
        z = fn.ops.dense(X, weights[:, None], np.array([bias]))  # (n, 1)
        loss, grad_z = fn.ops.binary_cross_entropy(z, y[:, None])
        grad_weights = fn.ops.matmul(X, grad_z, transpose_a=True)  # (d, 1)
        return loss, grad_weights[:, 0], fn.ops.column_sums(grad_z)[0]

    def by_network(weights, bias, X, y, dtype="float64"):
        """A network of one layer with one neuron."""
        net = fn.Network([fn.Dense(X.shape[1], 1)], dtype=dtype)
        layer = net.layers[0]
        layer.weights[:, 0], layer.bias[0] = weights, bias
        z = net.forward(X.astype(dtype))
        loss, grad_z = fn.ops.binary_cross_entropy(z, y[:, None].astype(dtype))
        net.backward(grad_z)
        return loss, layer.grad_weights[:, 0].copy(), layer.grad_bias[0]

    def by_graph_of_network(weights, bias, X, y):
        """The graph that the network gives of itself."""
        net = fn.Network([fn.Dense(X.shape[1], 1)], dtype="float64")
        net.layers[0].weights[:, 0], net.layers[0].bias[0] = weights, bias
        loss = net.graph(X, y[:, None], loss="binary_cross_entropy")
        loss.backward()
        found = leaves(loss)
        return loss.item(), found["0.weights"].grad[:, 0], found["0.bias"].grad[0]

    def by_twins(weights, bias, X, y):
        """The same loops as the kernels, in plain Python."""
        with fn.use("reference"):
            return by_kernels(weights, bias, X, y)

    roads = {
        "graph of numbers": by_numbers,
        "graph of arrays": by_arrays,
        "kernels": by_kernels,
        "plain Python": by_twins,
        "network": by_network,
        "graph of the network": by_graph_of_network,
    }
    return by_network, roads


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    They cannot agree in every digit, because a computer rounds after each operation, and they add in different orders. But the difference can be bounded before it is measured. One rounding changes a number by at most the share $u$, where $u = 2^{-53}$ in double precision (float64) and $2^{-24}$ in single precision (float32). A sum of $m$ products, in any order, is off by at most $\gamma_m = \frac{m u}{1 - m u}$ times the sum of the absolute values (Higham, 2002). So step by step:

    $$
    \begin{aligned}
    |\delta z_i| &\le \gamma_{d+2} \Bigl( \textstyle\sum_k |x_{ik} w_k| + |b| \Bigr) && d \text{ products, a bias, rounded inputs} \\
    |\delta p_i| &\le \tfrac14 |\delta z_i| + 4u && \sigma' \le \tfrac14 \text{; then exp, } +, \text{ division} \\
    |\delta\, \partial L / \partial w_k| &\le \tfrac1n \textstyle\sum_i |x_{ik}| \bigl( |\delta p_i| + \gamma_{n+2}\, |p_i - y_i| \bigr) && n \text{ products}
    \end{aligned}
    $$

    and for the loss, whose slope by $z$ is at most 1, $\frac1n \sum_i \bigl(|\delta z_i| + \gamma_{n+6}\,(2 |z_i| + 1)\bigr)$. Two computations differ by at most twice that.
    """)
    return


@app.cell
def _():
    def rounding_bound(weights, bias, X, y, u=2.0**-53):
        """How far two computations can be apart: of the loss, and of (w, b)'s slopes."""
        n, d = X.shape

        def gamma(m):
            return m * u / (1 - m * u)

        z = X @ weights + bias
        off_z = gamma(d + 2) * (np.abs(X) @ np.abs(weights) + abs(bias))
        off_p = off_z / 4 + 4 * u
        error = off_p + gamma(n + 2) * np.abs(fn.ops.sigmoid(z) - y)
        with_ones = np.column_stack([np.abs(X), np.ones(n)])
        off_loss = np.mean(off_z + gamma(n + 6) * (2 * np.abs(z) + 1))
        return 2 * off_loss, 2 * with_ones.T @ error / n

    return (rounding_bound,)


@app.cell
def test_all_roads_lead_to_the_same_numbers(
    X, by_network, loss_and_gradient, roads, rounding_bound, y
):
    place = (np.array([1.0, -0.5]), 0.2, X, y)
    hand_loss, hand_w, hand_b = loss_and_gradient(*place)
    _off_loss, _off = rounding_bound(*place)
    _rows = []
    for _name, _road in roads.items():
        _loss, _w, _b = _road(*place)
        assert abs(_w[1] - hand_w[1]) <= _off[1]
        assert abs(_b - hand_b) <= _off[2]
        _rows += [
            (f"{_name}: loss", hand_loss, _loss, _off_loss),
            (f"{_name}: slope by the radius", hand_w[0], _w[0], _off[0]),
        ]
    _off_loss, _off = rounding_bound(*place, u=2.0**-24)
    _loss, _w, _b = by_network(*place, dtype="float32")
    _rows += [
        ("network in float32: loss", hand_loss, float(_loss), _off_loss),
        ("network in float32: slope by the radius", hand_w[0], float(_w[0]), _off[0]),
    ]
    book.beside(_rows)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The first column is our pencil, the second what each road found. In double precision they part near the sixteenth digit, if at all, and stay far within the bound; in single precision near the seventh.

    ### The same training

    *Gradient descent* repeats one line: $w \leftarrow w - \eta\, \nabla_{\!w} L$, and the same for $b$. The number $\eta$ is the *learning rate*. We do it 200 times, by hand, with a network, and with the estimator, all with the penalty $\lambda = 1 / n$ (that is $C = 1$) and from zero.

    Small differences do not grow here. One step of descent on a convex loss brings two different starting points closer together, or leaves their distance as it is, if $\eta$ is not larger than 2 over the largest curvature (the next part but one says why). So after 200 steps the roads are apart by at most 200 times what one step can add: $\eta$ times the bound of the gradient, and the rounding of $w$ itself.
    """)
    return


@app.cell
def test_the_same_training(X, loss_and_gradient, n_samples, rounding_bound, y):
    _rate, _n_steps = 4.0, 200

    _w, _b = np.zeros(2), 0.0
    for _ in range(_n_steps):
        _, _grad_w, _grad_b = loss_and_gradient(_w, _b, X, y)
        _w, _b = _w - _rate * (_grad_w + _w / n_samples), _b - _rate * _grad_b

    _net = fn.Network([fn.Dense(2, 1, init="zeros")], dtype="float64")
    _net.fit(
        X,
        y[:, None],
        loss="binary_cross_entropy",
        optimizer=fn.SGD(_rate, weight_decay=1 / n_samples),
        epochs=_n_steps,
        batch_size=n_samples,
        shuffle=False,
    )
    _layer = _net.layers[0]

    _model = fn.LogisticRegression(learning_rate=_rate, epochs=_n_steps).fit(X, y)

    _, _off = rounding_bound(_w, _b, X, y)
    _allowed = _n_steps * (_rate * _off.max() + 4 * 2.0**-53 * np.abs(_w).max())
    book.beside(
        [
            ("network: weight of the radius", _w[0], _layer.weights[0, 0]),
            ("network: weight of the texture", _w[1], _layer.weights[1, 0]),
            ("network: bias", _b, _layer.bias[0]),
            ("estimator: weight of the radius", _w[0], _model.coef_[0, 0]),
            ("estimator: weight of the texture", _w[1], _model.coef_[0, 1]),
            ("estimator: bias", _b, _model.intercept_[0]),
        ],
        abs=_allowed,
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Checking a gradient

    A wrong gradient rarely stops a program. The loss still falls, only more slowly, and nobody knows what it could have been. So a gradient that somebody wrote is compared with one that needs no derivation: the *central difference*

    $$
    f'(t) \approx \frac{f(t + h) - f(t - h)}{2h}
    $$

    How small should the step $h$ be? Not as small as possible. There are two errors, and they pull in opposite directions.

    **The curve is not straight.** Write both values as Taylor series around $t$ and subtract:

    $$
    \begin{aligned}
    f(t \pm h) &= f(t) \pm h f'(t) + \tfrac{h^2}{2} f''(t) \pm \tfrac{h^3}{6} f'''(t) + \dots \\
    \frac{f(t + h) - f(t - h)}{2h} &= f'(t) + \tfrac{h^2}{6} f'''(t) + \dots && f \text{ and } f'' \text{ cancel}
    \end{aligned}
    $$

    This error falls with $h^2$. (The one-sided difference $(f(t + h) - f(t)) / h$ keeps the term $\frac{h}{2} f''$, which falls only with $h$. This is why one takes the central one.)

    **Numbers are rounded.** Each value of $f$ is off by about $u |f|$, and dividing by $2h$ makes that an error of about $u |f| / h$, which grows when $h$ shrinks.

    Their sum is smallest where its slope by $h$ is 0:

    $$
    E(h) = \frac{h^2}{6} |f'''| + \frac{u |f|}{h}, \qquad
    E'(h) = \frac{h}{3} |f'''| - \frac{u |f|}{h^2} = 0
    \;\Longrightarrow\; h^* = \left( \frac{3 u |f|}{|f'''|} \right)^{1/3}
    $$

    Since $u |f|$ is nearly the worst that rounding can do, most errors will lie somewhat below this curve where rounding rules. With $f$ and $f'''$ of the size 1 the best step is about $u^{1/3}$: five millionths in float64. On a plot with logarithmic scales, $E$ is a V: the left arm falls with slope $-1$, the right one rises with slope 2.

    We follow the loss along a line through the weights, $t \mapsto L(t v)$. All the derivatives in the prediction come from the graph: `grad` of a function is a function, so it can be applied three times.
    """)
    return


@app.cell
def _(X, n_samples, y):
    along = np.column_stack([X, np.ones(n_samples)]) @ [1.0, -2.0, 0.5]  # z = t along

    def curve(t):
        z = t * along
        return np.mean(np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z))))

    def curve_as_graph(t):
        return fn.graph.binary_cross_entropy(t * along, y)

    slope = grad(curve_as_graph)
    second = grad(slope)
    third = grad(second)

    def central(f, t, h):
        return (f(t + h) - f(t - h)) / (2 * h)

    return central, curve, second, slope, third


@app.cell
def test_the_error_that_comes_from_the_curve(central, curve, second, slope, third):
    _t = 0.3
    _true = slope(_t)
    one_sided = (curve(_t + 1e-3) - curve(_t)) / 1e-3
    book.beside(
        [
            ("central, h = 0.01", 0.01**2 / 6 * third(_t), central(curve, _t, 0.01) - _true),
            ("central, h = 0.001", 0.001**2 / 6 * third(_t), central(curve, _t, 0.001) - _true),
            ("one-sided, h = 0.001", 0.001 / 2 * second(_t), one_sided - _true),
        ],
        rel=0.01,  # the next term of the series is some hundredths of a percent
    )
    return


@app.cell
def test_the_v(central, curve, slope, third):
    # the error at 40 places, so that a lucky rounding at one of them does not count
    places = np.linspace(0.2, 0.6, 40)
    steps = 10.0 ** np.arange(-12, 0.1, 0.25)
    true_slopes = [slope(t) for t in places]
    errors = [
        np.median(
            [abs(central(curve, t, h) - s) for t, s in zip(places, true_slopes, strict=True)]
        )
        for h in steps
    ]
    size = np.median([curve(t) for t in places])
    bend = np.median([abs(third(t)) for t in places])
    predicted_errors = steps**2 / 6 * bend + 2.0**-53 * size / steps
    best_step = (3 * 2.0**-53 * size / bend) ** (1 / 3)

    def arm(low, high):
        of = (steps > low) & (steps < high)
        return np.polyfit(np.log10(steps[of]), np.log10(np.array(errors)[of]), 1)[0]

    book.beside(
        [
            ("slope of the left arm", -1.0, arm(3e-12, 3e-8), 0.1),
            ("slope of the right arm", 2.0, arm(3e-4, 3e-2), 0.05),
            (
                "log10 of the best step",
                np.log10(best_step),
                np.log10(steps[np.argmin(errors)]),
                0.75,  # the bottom of the V is broad: rounding is partly luck
            ),
        ]
    )
    return errors, predicted_errors, steps


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Move the step and see both errors: on the left the curve and the line through the two points, on the right the V.
    """)
    return


@app.cell(hide_code=True)
def _():
    step_size = mo.ui.slider(
        -12.0, 0.0, step=0.5, value=-1.0, label="log10 of the step h", show_value=True
    )
    step_size
    return (step_size,)


@app.cell(hide_code=True)
def _(central, curve, errors, plt, predicted_errors, slope, step_size, steps):
    def draw_v(exponent):
        t, h = 0.3, 10.0**exponent
        found = central(curve, t, h)
        picture, (left, right) = plt.subplots(1, 2, figsize=(6.8, 3))
        _t = np.linspace(-1.0, 1.6, 200)
        left.plot(_t, [curve(value) for value in _t], color="0.3")
        middle = (curve(t + h) + curve(t - h)) / 2
        left.plot(_t, middle + found * (_t - t), "--", color="C1")
        left.plot([t - h, t + h], [curve(t - h), curve(t + h)], "o", color="C1")
        left.set(
            xlabel="t", ylabel="loss", ylim=(0.2, 2.2),
            title=f"slope {found:.6f}\ntrue {slope(t):.6f}",
        )
        right.loglog(steps, errors, ".", label="measured")
        right.loglog(steps, predicted_errors, color="0.5", lw=1, label="predicted")
        off = max(abs(found - slope(t)), 1e-13)
        right.loglog([h], [off], "o", color="C1", ms=8)
        right.set(xlabel="step h", ylabel="error of the slope")
        right.legend(fontsize=8)
        return picture

    book.live(
        draw_v,
        step_size,
        name="log10 of the step h",
        at=(0.0, -5.0, -11.0),
        alt="Left: the loss along a line, and the straight line through two of its points "
        "that are 2 h apart, for h = 10 to the power {value}. Right: the error over h "
        "on logarithmic scales, a V with its lowest point near h = 0.00001.",
        caption="Left of the V's bottom rounding rules, right of it the curve.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### Finding a mistake

    Now we use it. One number says how far two gradients are apart, whatever their size:

    $$
    \text{relative error} = \frac{\lVert g - g_h \rVert}{\lVert g \rVert + \lVert g_h \rVert}
    $$

    It is 0 if they are equal and 1 if they point in opposite directions. Three versions of our gradient are checked: the right one, one in which $1/n$ was forgotten, one with $y - p$ instead of $p - y$. For the last two we know the error beforehand: a gradient that is $n$ times too long has $(n - 1) / (n + 1)$, a turned one 1.
    """)
    return


@app.cell
def test_mistakes_are_found(X, loss_and_gradient, n_samples, y):
    def numeric_gradient(f, theta, h=6e-6):
        slopes = np.empty_like(theta)
        for k in range(len(theta)):
            step = np.zeros_like(theta)
            step[k] = h
            slopes[k] = (f(theta + step) - f(theta - step)) / (2 * h)
        return slopes

    def relative_error(one, other):
        return np.linalg.norm(one - other) / (
            np.linalg.norm(one) + np.linalg.norm(other)
        )

    here = np.array([1.0, -0.5, 0.2])  # w1, w2, b
    numeric = numeric_gradient(lambda t: loss_and_gradient(t[:2], t[2], X, y)[0], here)
    _, _grad_w, _grad_b = loss_and_gradient(here[:2], here[2], X, y)
    right = np.append(_grad_w, _grad_b)

    assert gradcheck(  # the library's, for functions of Tensors
        lambda t: fn.graph.binary_cross_entropy(X @ t[:2] + t[2], y), here, show=False
    )
    too_long = (n_samples - 1) / (n_samples + 1)
    book.beside(
        [
            ("right", 0.0, relative_error(right, numeric), 1e-8),
            (
                "1/n forgotten",
                too_long,
                relative_error(n_samples * right, numeric),
                1e-6,
            ),
            ("y - p", 1.0, relative_error(-right, numeric), 1e-6),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    `fn.graph.gradcheck(f, x)` does this for any function of Tensors, prints each derivative beside its difference, and returns whether all agree.

    Four things to know before you trust such a check:

    - Check in float64. In float32, $u$ is $2^{29}$ times larger; by the formulas above the best step is $2^{29/3}$, about 800 times longer, and the smallest error $2^{58/3}$, some 660,000 times larger. A real mistake can hide in it.
    - Check at a place that has nothing special. At $w = 0$ many mistakes cancel.
    - At a kink, such as relu's at 0, both sides have different slopes, and the two answers differ although nothing is wrong.
    - The check says that the gradient belongs to the function. Whether it is the function you wanted, it cannot say.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## The learning rate and the condition number

    The gradient says where to go, not how far. With a small learning rate $\eta$ training takes forever; with a large one it breaks. Between lies a limit that can be computed beforehand.

    ### A bowl

    Near its minimum every smooth loss is nearly quadratic, so we study that first: $L(\theta) = \frac12 \theta^\top H\, \theta$ with a fixed Hessian $H$ and the minimum at 0. Its gradient is $H \theta$, so a step of gradient descent is

    $$
    \theta_{\text{new}} = \theta - \eta H \theta = (I - \eta H)\, \theta
    $$

    A symmetric matrix has directions that it only stretches, $H q_j = \lambda_j q_j$: the *eigenvectors* $q_j$, at right angles to each other, and the *eigenvalues* $\lambda_j$, here the curvatures along them. Write $\theta = \sum_j c_j q_j$. A step then treats each direction by itself:

    $$
    c_j \;\leftarrow\; (1 - \eta \lambda_j)\, c_j
    $$

    All coordinates must shrink: $|1 - \eta \lambda_j| < 1$ for each $j$, which means $0 < \eta < 2 / \lambda_j$. The largest curvature decides:

    $$
    \eta < \frac{2}{\lambda_{\max}}
    $$

    How fast does it go? The slowest direction decides, $\max_j |1 - \eta \lambda_j|$. With a small $\eta$ that is the flattest direction, $1 - \eta \lambda_{\min}$; with a large one the steepest, $\eta \lambda_{\max} - 1$. The best $\eta$ makes both equal:

    $$
    \begin{aligned}
    1 - \eta \lambda_{\min} &= \eta \lambda_{\max} - 1 \quad\Longrightarrow\quad \eta = \frac{2}{\lambda_{\min} + \lambda_{\max}} \\
    \text{factor of each step} &= 1 - \frac{2 \lambda_{\min}}{\lambda_{\min} + \lambda_{\max}} = \frac{\lambda_{\max} - \lambda_{\min}}{\lambda_{\max} + \lambda_{\min}} = \frac{\kappa - 1}{\kappa + 1}, \qquad \kappa = \frac{\lambda_{\max}}{\lambda_{\min}}
    \end{aligned}
    $$

    $\kappa$ is the *condition number* (Nesterov, 2004). A round bowl has $\kappa = 1$ and is done in one step. In a long valley, $\kappa = 1000$ say, each step leaves 99.8 % of the distance.

    Move the learning rate in a bowl with the curvatures 1 and 10. The limit is $2/10 = 0.2$, the best rate $2/11 = 0.18$.
    """)
    return


@app.cell(hide_code=True)
def _():
    bowl_rate = mo.ui.slider(
        0.01, 0.21, step=0.01, value=0.05, label="learning rate", show_value=True
    )
    bowl_rate
    return (bowl_rate,)


@app.cell(hide_code=True)
def _(bowl_rate, plt):
    def draw_bowl(rate):
        path = [np.array([9.0, 1.6])]
        for _ in range(30):
            path.append(path[-1] * (1 - rate * np.array([1.0, 10.0])))
        path = np.array(path)
        _u, _v = np.meshgrid(np.linspace(-3, 10, 120), np.linspace(-4, 4, 120))
        picture, (left, right) = plt.subplots(
            1, 2, figsize=(6.8, 3), width_ratios=(1.6, 1)
        )
        left.contour(
            _u, _v, _u**2 / 2 + 5 * _v**2, levels=[1, 5, 15, 30, 50, 80],
            colors="0.75", linewidths=0.8,
        )
        left.plot(path[:, 0], path[:, 1], "o-", ms=3.5, lw=1.2, color="C0")
        left.plot([0], [0], "+", color="C1", ms=12, mew=2)
        left.set(
            xlabel="along curvature 1", ylabel="along curvature 10",
            xlim=(-3, 10), ylim=(-4, 4),
        )
        right.semilogy(np.linalg.norm(path, axis=1), "o", ms=3)
        factor = max(abs(1 - rate), abs(1 - 10 * rate))
        right.set(
            xlabel="step", ylabel="distance from the minimum", ylim=(1e-3, 50),
            title=f"factor {factor:.2f} per step",
        )
        return picture

    book.live(
        draw_bowl,
        bowl_rate,
        name="learning rate",
        at=(0.03, 0.18, 0.21),
        alt="Left: contours of a long valley and the path of 30 steps with the learning "
        "rate {value}: smooth and slow for small rates, a zigzag that arrives for 0.18, "
        "a zigzag that grows for 0.21. Right: the distance from the minimum over the "
        "steps.",
    )
    return


@app.cell
def _():
    def descend(gradient, start, rate, n_steps):
        """The path of gradient descent, (n_steps + 1, d)."""
        path = [np.array(start, dtype=float)]
        for _ in range(n_steps):
            path.append(path[-1] - rate * gradient(path[-1]))
        return np.array(path)

    def stability_limit(gradient, minimum, high, n_steps=400):
        """The rate above which descent leaves the minimum, found by trying."""

        def goes_away(rate):
            theta = start = minimum + 1e-6  # a little beside it, in all coordinates
            for _ in range(n_steps):
                theta = theta - rate * gradient(theta)
                if np.linalg.norm(theta - minimum) > 1e-3:
                    return True
            return np.linalg.norm(theta - minimum) > np.linalg.norm(start - minimum)

        low = 0.0
        for _ in range(14):  # halve the interval
            rate = (low + high) / 2
            low, high = (low, rate) if goes_away(rate) else (rate, high)
        return (low + high) / 2

    return descend, stability_limit


@app.cell
def test_a_bowl(descend, stability_limit):
    curvatures = np.array([1.0, 10.0])
    kappa = 10.0

    def shrinks(rate):
        _distance = np.linalg.norm(
            descend(lambda t: curvatures * t, [9.0, 1.6], rate, 100), axis=1
        )
        return _distance[-1] / _distance[-2]

    limit = stability_limit(lambda t: curvatures * t, np.zeros(2), high=1.0)
    book.beside(
        [
            ("largest stable rate", 2 / 10, limit),
            (
                "factor at the best rate, 2/11",
                (kappa - 1) / (kappa + 1),
                shrinks(2 / 11),
            ),
            ("factor at 1/10", 1 - 1 / kappa, shrinks(1 / 10)),
        ],
        rel=1e-3,  # the limit is searched in 14 halvings
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### The loss of the tumours

    The loss of logistic regression is no bowl of one curvature, since $S$ changes with the weights. Two things can still be said, one about the end of training and one about all of it.

    **Near the minimum** the Hessian there, $H^* = \frac1n \tilde X^\top S^* \tilde X$, plays the role of $H$: the limit is $2 / \lambda_{\max}(H^*)$, and the factor per step $\max_j |1 - \eta \lambda_j|$.

    **Everywhere** $s_i = p_i (1 - p_i) \le \frac14$, so no curvature can be larger than $\frac14 \lambda_{\max}(\frac1n \tilde X^\top \tilde X)$. Call this number $\Lambda$. With $\eta < 2 / \Lambda$ the loss falls in every step, wherever you start (Nesterov, 2004).

    We use the radius alone, so that there are two parameters, $w$ and $b$, and a picture. And we do everything twice: with the radius as it was measured, around 14, and with the scaled one. Both models can say exactly the same, since the scale only changes what $w$ and $b$ mean. The valleys are different.
    """)
    return


@app.cell
def _(X, raw, y):
    def valley(X, y, decay=0.0):
        """Gradient, minimum, curvatures there, and the largest one anywhere."""
        n, d = X.shape
        with_ones = np.column_stack([X, np.ones(n)])
        penalty = np.append(np.full(d, decay), 0.0)  # none for the bias

        def gradient(theta):
            p = fn.ops.sigmoid(with_ones @ theta)
            return with_ones.T @ (p - y) / n + penalty * theta

        C = 1 / (n * decay) if decay else 1e9
        model = fn.LogisticRegression(solver="newton", C=C).fit(X, y)
        theta = np.append(model.coef_[0], model.intercept_)
        for _ in range(3):  # the last digits, and what is left of the penalty
            p = fn.ops.sigmoid(with_ones @ theta)
            hessian = with_ones.T @ (with_ones * (p * (1 - p))[:, None]) / n
            hessian += np.diag(penalty)
            theta = theta - np.linalg.solve(hessian, gradient(theta))
        largest = np.linalg.eigvalsh(with_ones.T @ with_ones / n)[-1] / 4 + decay
        return gradient, theta, np.linalg.eigvalsh(hessian), largest

    scaled_valley = valley(X[:, :1], y)
    raw_valley = valley(raw[:, :1], y)
    book.table(
        [
            "radius",
            "smallest curvature",
            "largest",
            "condition number",
            "limit of the rate",
        ],
        [
            [_name, _of[0], _of[-1], _of[-1] / _of[0], 2 / _of[-1]]
            for _name, _of in (("scaled", scaled_valley[2]), ("raw", raw_valley[2]))
        ],
    )
    return raw_valley, scaled_valley, valley


@app.cell
def test_the_limit_of_stability(raw_valley, scaled_valley, stability_limit):
    _rows = []
    for _name, (_gradient, _minimum, _curvatures, _) in (
        ("scaled", scaled_valley),
        ("raw", raw_valley),
    ):
        _limit = 2 / _curvatures[-1]
        _found = stability_limit(_gradient, _minimum, high=2 * _limit)
        _rows.append((f"largest stable rate, {_name} radius", _limit, _found))
    book.beside(_rows, rel=0.01)  # 1 % above it, 400 steps grow a thousandfold
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    A raw radius, and the limit is two hundred times lower. But what costs time is the condition number. From the factor $\rho$ of a step follows how many steps bring one more decimal digit: $\rho^{k} = \frac1{10}$, so $k = \ln 10 / (-\ln \rho)$, and for a large $\kappa$ that is about $1.15\, \kappa$. With the best rate for each:
    """)
    return


@app.cell
def test_steps_for_one_more_digit(raw_valley, scaled_valley):
    def steps_for_a_digit(gradient, minimum, rate):
        theta, n_steps = minimum + 1e-5, 0
        goal = np.linalg.norm(theta - minimum) / 10
        while np.linalg.norm(theta - minimum) > goal:
            theta = theta - rate * gradient(theta)
            n_steps += 1
        return n_steps

    _rows = []
    for _name, (_gradient, _minimum, _curvatures, _) in (
        ("scaled", scaled_valley),
        ("raw", raw_valley),
    ):
        _kappa = _curvatures[-1] / _curvatures[0]
        _expected = np.log(10) / -np.log((_kappa - 1) / (_kappa + 1))
        _rate = 2 / (_curvatures[0] + _curvatures[-1])
        _found = steps_for_a_digit(_gradient, _minimum, _rate)
        _rows.append(
            (f"steps, {_name} radius", _expected, _found, 1 + 0.01 * _expected)
        )
    book.beside(_rows)  # whole steps: one more or less, and 1 %
    return


@app.cell
def test_the_factor_of_each_step(descend, scaled_valley):
    _gradient, _minimum, _curvatures, _ = scaled_valley
    rates = np.linspace(1, 24, 24)
    predicted_factors = [np.abs(1 - rate * _curvatures).max() for rate in rates]
    factors = []
    for _rate in rates:
        _path = descend(_gradient, _minimum + 1e-5, _rate, 120) - _minimum
        _distance = np.linalg.norm(_path, axis=1)
        # while it is near enough for H to hold, and far enough to have digits left
        _left = (_distance < 1e-9) | (_distance > 1e-3)
        _last = int(np.argmax(_left)) or 120
        factors.append((_distance[_last] / _distance[_last - 10]) ** 0.1)
    book.beside(
        [
            (f"factor at rate {rates[k]:.0f}", predicted_factors[k], factors[k])
            for k in (1, 7, 15, 18, 21, 23)
        ],
        rel=0.01,  # near the best rate two directions are still mixed
    )
    return factors, rates


@app.cell(hide_code=True)
def _(factors, plt, rates, scaled_valley):
    def draw_factors():
        _rates = np.linspace(0, 25, 300)
        lowest, highest = scaled_valley[2]
        picture, axes = plt.subplots(figsize=(6.5, 3))
        axes.plot(
            _rates, np.maximum(abs(1 - _rates * lowest), abs(1 - _rates * highest)),
            label="predicted",
        )
        axes.plot(rates, factors, "o", ms=4, label="measured")
        axes.axvline(2 / highest, color="0.5", lw=1, ls="--")
        axes.text(2 / highest + 0.2, 0.72, "limit", color="0.35", fontsize=9)
        axes.axhline(1, color="0.5", lw=1)
        axes.set(xlabel="learning rate", ylabel="factor of each step", ylim=(0.6, 1.3))
        axes.legend(loc="upper center")
        return picture

    book.figure(
        draw_factors(),
        alt="The factor by which the distance shrinks in each step, over the learning "
        "rate: a V that falls slowly from 1 to 0.69 at a rate near 19 and then rises "
        "steeply; it is 1 at the dashed limit near 22. The measured dots lie on it.",
        caption="The best learning rate is close to the one at which training breaks.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Now the path itself, over the contours of the loss of the scaled radius, from $w = 0$, $b = 0$. Below the limit it settles in the minimum. Above it the loss does not grow to infinity, because the gradient of a logistic loss cannot be larger than the mean of $|\tilde x_i|$; it jumps to and fro instead and never comes to rest.
    """)
    return


@app.cell(hide_code=True)
def _():
    rate_slider = mo.ui.slider(
        1.0, 30.0, step=1.0, value=4.0, label="learning rate", show_value=True
    )
    rate_slider
    return (rate_slider,)


@app.cell(hide_code=True)
def _(X, descend, plt, rate_slider, scaled_valley, y):
    _w, _b = np.meshgrid(np.linspace(-1, 11, 80), np.linspace(-6, 5, 80))
    _z = X[:, 0] * _w[..., None] + _b[..., None]  # (80, 80, n)
    surface = (np.maximum(_z, 0) - y * _z + np.log1p(np.exp(-np.abs(_z)))).mean(axis=-1)
    grid = _w, _b

    def draw_path(rate):
        gradient, minimum, curvatures, _ = scaled_valley
        path = descend(gradient, [0.0, 0.0], rate, 60)
        logits = path[:, :1] * X[:, 0] + path[:, 1:]  # (61, n)
        losses = np.maximum(logits, 0) - y * logits + np.log1p(np.exp(-abs(logits)))
        picture, (left, right) = plt.subplots(
            1, 2, figsize=(6.8, 3), width_ratios=(1.4, 1)
        )
        left.contour(
            *grid, surface, levels=[0.3, 0.35, 0.45, 0.6, 0.8, 1.1, 1.5],
            colors="0.75", linewidths=0.8,
        )
        left.plot(path[:, 0], path[:, 1], "o-", ms=3, lw=1, color="C0")
        left.plot(*minimum, "+", color="C1", ms=12, mew=2)
        left.set(
            xlabel="weight of the radius", ylabel="bias", xlim=(-1, 11), ylim=(-6, 5)
        )
        right.plot(losses.mean(axis=1))
        stable = "below" if rate < 2 / curvatures[-1] else "above"
        right.set(
            xlabel="step", ylabel="loss", ylim=(0.2, 1.2),
            title=f"{stable} the limit {2 / curvatures[-1]:.1f}",
        )
        return picture

    book.live(
        draw_path,
        rate_slider,
        name="learning rate",
        at=(2.0, 19.0, 28.0),
        alt="Left: contours of the loss over weight and bias, and the path of 60 steps "
        "with the learning rate {value}, from 0 to the minimum at weight 3.6 and bias "
        "-0.7, or around it. Right: the loss over the steps.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### Real data: all thirty measurements

    At the end the whole table: thirty measurements, some of which say nearly the same (radius, perimeter, area). A fifth of the tumours is put aside and not looked at until the model is done; means and deviations are those of the training part alone, since the other part is not known yet (chapter 3).

    With thirty measurements the penalty matters: they separate the training tumours completely, so without it the weights would grow and grow, as in the smallest example above. We take $C = 1$, that is $\lambda = 1/n$, which adds $\lambda$ to the curvatures along the weights.
    """)
    return


@app.cell
def _(tumours, valley):
    train, test = fn.data.split(tumours.X, 1 - tumours.y, test_fraction=0.2, seed=0)
    mean, deviation = train[0].mean(axis=0), train[0].std(axis=0)
    X_train, X_test = ((part[0] - mean) / deviation for part in (train, test))
    y_train, y_test = train[1], test[1]
    whole_valley = valley(X_train, y_train, decay=1 / len(y_train))
    book.table(
        ["", "thirty measurements"],
        [
            ["smallest curvature at the minimum", whole_valley[2][0]],
            ["largest curvature at the minimum", whole_valley[2][-1]],
            ["condition number", whole_valley[2][-1] / whole_valley[2][0]],
            ["limit of the rate near the minimum", 2 / whole_valley[2][-1]],
            [
                "rate that is safe everywhere, 1 / largest curvature",
                1 / whole_valley[3],
            ],
        ],
    )
    return X_test, X_train, whole_valley, y_test, y_train


@app.cell
def test_thirty_measurements(X_train, descend, stability_limit, whole_valley, y_train):
    _gradient, _minimum, _curvatures, _largest = whole_valley
    _limit = 2 / _curvatures[-1]
    _rate = 2 / (_curvatures[0] + _curvatures[-1])
    _kappa = _curvatures[-1] / _curvatures[0]
    _path = descend(_gradient, _minimum + 1e-6, _rate, 300) - _minimum
    _distance = np.linalg.norm(_path, axis=1)

    # safe everywhere: the estimator's loss falls in every epoch
    careful = fn.LogisticRegression(learning_rate=1 / _largest, epochs=300)
    careful.fit(X_train, y_train)
    _theta = np.append(careful.coef_[0], careful.intercept_)
    assert np.all(np.diff(careful.history_.loss) < 0)
    book.beside(
        [
            (
                "largest stable rate",
                _limit,
                stability_limit(_gradient, _minimum, high=2 * _limit),
                0.01 * _limit,
            ),
            (
                "factor of a step at the best rate",
                (_kappa - 1) / (_kappa + 1),
                (_distance[-1] / _distance[-101]) ** 0.01,
                1e-3,
            ),
            ("first loss: nothing known", np.log(2), careful.history_.loss[0], 1e-12),
        ]
    )
    return (careful,)


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Look at the two rates in the table. Near the minimum a rate of 10 would be stable; at the start, where all $p_i$ are 1/2 and every $s_i$ is as large as it can be, it is not. This is one reason why learning rates are often small at first (chapter 6). `fn.LogisticRegression` notices when the loss rises above its beginning, says so, and trains again in safe steps.

    Now the part that was put aside. A model is worth something if it beats the simple one, so "always benign" stands in the first row.
    """)
    return


@app.cell
def _(X_test, X_train, careful, y_test, y_train):
    few = fn.LogisticRegression(solver="newton").fit(X_train[:, :2], y_train)
    loose = fn.LogisticRegression(solver="newton", C=1e4, epochs=300)
    loose.fit(X_train, y_train)  # nearly no penalty

    assert loose.score(X_train, y_train) == 1.0  # completely separated
    assert np.abs(loose.coef_).max() > 10 * np.abs(careful.coef_).max()
    assert careful.score(X_test, y_test) > loose.score(X_test, y_test)
    assert careful.score(X_test, y_test) > few.score(X_test[:, :2], y_test)
    book.table(
        ["model", "right in training", "right in the test", "largest weight"],
        [
            ["always benign", 1 - y_train.mean(), 1 - y_test.mean(), "-"],
            *[
                [
                    name,
                    model.score(columns(X_train), y_train),
                    model.score(columns(X_test), y_test),
                    np.abs(model.coef_).max(),
                ]
                for name, model, columns in (
                    ("radius and texture", few, lambda X: X[:, :2]),
                    ("all thirty, C = 1", careful, lambda X: X),
                    ("all thirty, C = 10,000", loose, lambda X: X),
                )
            ],
        ],
    )
    return


@app.cell(hide_code=True)
def _(careful, plt, tumours, y_train):
    def draw_whole():
        picture, (left, right) = plt.subplots(
            1, 2, figsize=(7.2, 3), width_ratios=(1, 1.1)
        )
        losses = careful.history_.loss
        left.plot(range(1, len(losses) + 1), losses)
        share = y_train.mean()
        entropy = -share * np.log(share) - (1 - share) * np.log(1 - share)
        left.axhline(entropy, color="0.5", lw=1, ls="--")
        left.text(60, entropy + 0.012, "best constant guess", fontsize=8, color="0.35")
        left.set(xlabel="epoch", ylabel="loss in training", ylim=(0, 0.75))
        weights = careful.coef_[0]
        most = np.argsort(np.abs(weights))[-8:]
        right.barh([tumours.feature_names[k] for k in most], weights[most])
        right.set(xlabel="weight (scaled measurements)")
        right.grid(visible=False, axis="y")
        return picture

    book.figure(
        draw_whole(),
        alt="Left: the loss falls from 0.69 within a few epochs below the line of the "
        "best constant guess, 0.66, and to about 0.07 after 300. Right: the eight "
        "largest weights, all of them positive, among them the radius error and the "
        "worst texture.",
        caption="Training on thirty measurements, and the eight largest weights. 'Worst' is the mean of the three largest nuclei, 'error' the standard error of the mean.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The last row is a warning: with almost no penalty every training tumour is named rightly, the weights are far larger, and the tumours that were put aside are named worse. (They are 114; with others put aside the two may tie.) A loss near 0 in training is not the goal.

    ### What you carry on

    A probability gave the loss, the loss gave the gradient, the graph gave it again without a pencil, and curvature told which steps are safe. Nothing of this needs the model to be one neuron, except convexity. In chapter 5 a hidden layer is put before this neuron: the valley gets company, and the backward pass gets one more station.
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
    exercise_1 = book.exercise("4.1")
    exercise_1
    return (exercise_1,)


@app.cell(hide_code=True)
def _(exercise_1):
    book.judged("4.1", exercise_1)
    return


@app.cell(hide_code=True)
def _():
    exercise_2 = book.exercise("4.2")
    exercise_2
    return (exercise_2,)


@app.cell(hide_code=True)
def _(exercise_2):
    book.judged("4.2", exercise_2)
    return


@app.cell(hide_code=True)
def _():
    exercise_3 = book.exercise("4.3")
    exercise_3
    return (exercise_3,)


@app.cell(hide_code=True)
def _(exercise_3):
    book.judged("4.3", exercise_3)
    return


@app.cell(hide_code=True)
def _():
    exercise_4 = book.exercise("4.4")
    exercise_4
    return (exercise_4,)


@app.cell(hide_code=True)
def _(exercise_4):
    book.judged("4.4", exercise_4)
    return


@app.cell(hide_code=True)
def _():
    exercise_5 = book.exercise("4.5")
    exercise_5
    return (exercise_5,)


@app.cell(hide_code=True)
def _(exercise_5):
    book.judged("4.5", exercise_5)
    return


@app.cell(hide_code=True)
def _():
    exercise_6 = book.exercise("4.6")
    exercise_6
    return (exercise_6,)


@app.cell(hide_code=True)
def _(exercise_6):
    book.judged("4.6", exercise_6)
    return


@app.cell(hide_code=True)
def _():
    exercise_7 = book.exercise("4.7")
    exercise_7
    return (exercise_7,)


@app.cell(hide_code=True)
def _(exercise_7):
    book.judged("4.7", exercise_7)
    return


@app.cell(hide_code=True)
def _():
    exercise_8 = book.exercise("4.8")
    exercise_8
    return (exercise_8,)


@app.cell(hide_code=True)
def _(exercise_8):
    book.judged("4.8", exercise_8)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Solutions
    """)
    return


@app.cell(hide_code=True)
def _():
    book.solutions(4)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Ten questions
    """)
    return


@app.cell(hide_code=True)
def _():
    answers = book.quiz(4)
    answers
    return (answers,)


@app.cell(hide_code=True)
def _(answers):
    book.marked(4, answers)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Sources

    - P. F. Verhulst, *Notice sur la loi que la population suit dans son accroissement*, Correspondance mathématique et physique 10, 1838: the logistic function.
    - R. A. Fisher, *On the mathematical foundations of theoretical statistics*, Philosophical Transactions of the Royal Society A 222, 1922: maximum likelihood.
    - C. E. Shannon, *A mathematical theory of communication*, Bell System Technical Journal 27, 1948: entropy.
    - D. R. Cox, *The regression analysis of binary sequences*, Journal of the Royal Statistical Society B 20, 1958: logistic regression.
    - S. Linnainmaa, *The representation of the cumulative rounding error of an algorithm as a Taylor expansion of the local rounding errors* (in Finnish), master's thesis, University of Helsinki, 1970: reverse accumulation.
    - P. J. Werbos, *Applications of advances in nonlinear sensitivity analysis*, System Modeling and Optimization, Springer, 1982: reverse accumulation for networks.
    - W. Baur and V. Strassen, *The complexity of partial derivatives*, Theoretical Computer Science 22, 1983: all partial derivatives at a small multiple of the function's cost.
    - D. E. Rumelhart, G. E. Hinton and R. J. Williams, *Learning representations by back-propagating errors*, Nature 323, 1986: backpropagation.
    - W. N. Street, W. H. Wolberg and O. L. Mangasarian, *Nuclear feature extraction for breast tumor diagnosis*, Proceedings of SPIE 1905, 1993: the tumours and their measurements.
    - N. J. Higham, *Accuracy and Stability of Numerical Algorithms*, 2nd edition, SIAM, 2002: bounds of rounding.
    - Y. Nesterov, *Introductory Lectures on Convex Optimization*, Kluwer, 2004: convexity, safe steps, the rate of gradient descent and the condition number.
    - C. M. Bishop, *Pattern Recognition and Machine Learning*, Springer, 2006, chapter 4: the model, its gradient and its Hessian.
    - A. Griewank and A. Walther, *Evaluating Derivatives*, 2nd edition, SIAM, 2008: forward and reverse mode and what they cost.
    - D. Soudry, E. Hoffer, M. S. Nacson, S. Gunasekar and N. Srebro, *The implicit bias of gradient descent on separable data*, Journal of Machine Learning Research 19, 2018: weights that grow like a logarithm.
    """)
    return


if __name__ == "__main__":
    app.run()
