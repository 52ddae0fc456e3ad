# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

__generated_with = "0.25.2"
app = marimo.App(app_title="6 Deep networks", css_file="chapter.css")

with app.setup:
    import warnings

    import marimo as mo
    import numpy as np

    import fastnn as fn
    from fastnn import book


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    # 6 Deep networks

    When you have read this chapter, you can

    - write the backward pass of five hidden layers in matrix form, and check it against the library;
    - predict how large the signals and the gradients of every layer are before training starts, and choose the initial weights accordingly;
    - see that a network is broken, say why, and repair it: by initialisation, by normalisation, by clipping;
    - say what dropout, weight decay, early stopping, the batch size and the learning rate's schedule do, with a number that you can check;
    - predict the first step of five optimizers, and race them fairly;
    - read four typical learning curves, and find out what each layer of a network knows.

    ## Five hidden layers

    Chapter 5 had one hidden layer. Here the output of a hidden layer goes into a second one, then a third, up to the fifth.
    A network with several hidden layers is called **deep**.
    Layers 1 to 5 are hidden, layer 6 gives the outputs.
    With $A^{(0)} = X$, the data, layer $l$ computes

    $$
    \underset{(n, d_l)}{Z^{(l)}} = \underset{(n, d_{l-1})}{A^{(l-1)}} \; \underset{(d_{l-1}, d_l)}{W^{(l)}} + \underset{(d_l,)}{b^{(l)}},
    \qquad A^{(l)} = f\big(Z^{(l)}\big), \qquad l = 1, \dots, 6 .
    $$

    Here $d_l$ is the **width** of layer $l$: how many neurons it has.
    In layer 6, $f$ is the identity: its outputs are **logits**, the numbers that softmax turns into probabilities (chapter 4).

    Why more than one hidden layer, if one is enough to approximate any continuous function (chapter 5)?
    Because "enough" says nothing about how many neurons that takes, nor whether training finds their weights.
    There are functions that a deep network computes with few neurons, and a shallow one only with exponentially many (Telgarsky, 2016).
    Whether depth helps on a given table of data, only a trial can tell.

    The first data set of this chapter is three spirals, 450 points to learn from and 150 to test on.
    """)
    return


@app.cell
def _():
    X, y = fn.datasets.spirals(n_samples=600, n_classes=3, seed=0)
    spirals_train, spirals_test = fn.data.split(X, y, test_fraction=0.25, seed=0)

    net = fn.mlp(n_in=2, hidden=[32] * 5, n_out=3, activation="tanh", seed=0)
    net.fit(*spirals_train, optimizer=fn.Adam(3e-3), epochs=80, validation=spirals_test)
    mo.plain_text(str(net))
    return X, net, spirals_test, spirals_train, y


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The library counts layers from 0, so its number 5 is layer 6 of the formulas.
    How many numbers does the network learn? Layer $l$ has $d_{l-1} d_l$ weights and $d_l$ biases, which makes $(d_{l-1} + 1)\, d_l$:
    """)
    return


@app.cell
def test_the_number_of_parameters(net):
    def count(widths):
        return sum((widths[i] + 1) * widths[i + 1] for i in range(len(widths) - 1))

    book.beside(
        [
            (
                "five hidden layers of 32",
                count([2, *[32] * 5, 3]),
                len(net.flat_parameters),
            ),
            (
                "one hidden layer of 736",
                count([2, 736, 3]),
                len(fn.mlp(2, [736], 3).flat_parameters),
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    One hidden layer of 736 neurons has exactly as many parameters as five of 32.
    That makes a fair comparison: the same number of parameters, the same data, the same optimizer, the same 80 passes over the data (**epochs**). Three seeds each; the table has the mean of the three.
    """)
    return


@app.cell
def _(spirals_test, spirals_train):
    def trained(hidden, seed):
        one = fn.mlp(2, hidden, 3, activation="tanh", seed=seed)
        one.fit(*spirals_train, optimizer=fn.Adam(3e-3), epochs=80)
        return one

    stacks = {
        "no hidden layer": [],
        "one of 32": [32],
        "one of 736": [736],
        "two of 32": [32] * 2,
        "five of 32": [32] * 5,
    }
    family = {
        name: [trained(h, seed) for seed in range(3)] for name, h in stacks.items()
    }
    accuracy = {
        name: np.mean([one.score(*spirals_test) for one in nets])
        for name, nets in family.items()
    }
    assert accuracy["no hidden layer"] < 0.6
    assert accuracy["five of 32"] > 0.9
    assert accuracy["five of 32"] > accuracy["one of 736"] + 0.1
    book.table(
        ["hidden layers", "parameters", "mean test accuracy"],
        [
            [name, len(nets[0].flat_parameters), accuracy[name]]
            for name, nets in family.items()
        ],
    )
    return (family,)


@app.cell(hide_code=True)
def _(X, family, y):
    plt = book.pyplot()
    from fastnn.plot import style

    marks, inks = ("o", "^", "s"), (style.BLUE, style.RED, style.GREEN)

    def draw_borders(family):
        picture, axes = plt.subplots(1, 3, figsize=(6.5, 2.6), sharex=True, sharey=True)
        side = np.linspace(-1.25, 1.25, 90)
        plane = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
        for ax, name in zip(
            axes, ("no hidden layer", "one of 32", "five of 32"), strict=True
        ):
            regions = family[name][0].predict(plane).reshape(90, 90)
            ax.contourf(
                side,
                side,
                regions,
                levels=[-0.5, 0.5, 1.5, 2.5],
                colors=inks,
                alpha=0.25,
            )
            for k in range(3):
                ax.plot(*X[y == k][::3].T, marks[k], color=inks[k], markersize=2.5)
            ax.set(title=name, xlabel="feature 0", aspect="equal")
            ax.grid(False)
        axes[0].set_ylabel("feature 1")
        return picture

    book.figure(
        draw_borders(family),
        alt="Three pictures of the plane with three spiral arms. Without a hidden layer "
        "the plane is cut into three sectors, with one hidden layer into slightly bent "
        "ones; with five the regions follow the arms.",
        caption="What the networks answer at each point of the plane after 80 epochs.",
    )
    return inks, marks, plt, style


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    On the spirals depth wins clearly within these 80 epochs. A wide layer may get there too, with more epochs or another learning rate; the table doesn't say that it cannot.

    The second data set is 1,797 handwritten digits, pictures of 8 by 8 pixels, so 64 features, each brought to the range from -1 to 1.
    """)
    return


@app.cell
def _():
    digits = fn.datasets.load_digits()
    digits_train, digits_test = fn.data.split(
        digits.X / 8 - 1, digits.y, test_fraction=0.3, seed=0
    )
    digits_net = fn.mlp(64, [64] * 5, 10, activation="relu", seed=0)
    digits_net.fit(
        *digits_train, optimizer=fn.Adam(1e-3), epochs=20, validation=digits_test
    )
    linear = fn.mlp(64, [], 10, seed=0)
    linear.fit(*digits_train, optimizer=fn.Adam(3e-3), epochs=60)
    assert digits_net.score(*digits_test) > 0.94
    assert linear.score(*digits_test) > digits_net.score(*digits_test) - 0.03
    assert digits_net.history.loss[-1] < 0.01  # nearly 0, at a constant rate
    book.table(
        ["digits", "accuracy on the test part"],
        [
            ["five hidden layers", digits_net.score(*digits_test)],
            ["no hidden layer", linear.score(*digits_test)],
        ],
    )
    return digits_net, digits_test, digits_train


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    On the digits the linear model is nearly as good: 64 pixels are almost enough to part the ten classes by flat borders.
    The last part of this chapter comes back to that.

    ### The backward pass through five layers

    To learn, the network needs $\partial L / \partial W^{(l)}$ and $\partial L / \partial b^{(l)}$ for every layer.
    Chapter 5 derived them for two layers. For any number of layers it is enough to derive them for one, and to repeat that.

    Write $G_A^{(l)} = \partial L / \partial A^{(l)}$ and $G_Z^{(l)} = \partial L / \partial Z^{(l)}$. Both have the shape $(n, d_l)$.
    Suppose that $G_A^{(l)}$ is known.

    **1. Through the activation.** Entry $a_{ij}$ depends on $z_{ij}$ alone, so the chain rule has a single term:

    $$
    \frac{\partial L}{\partial z_{ij}} = \frac{\partial L}{\partial a_{ij}} \, f'(z_{ij})
    \qquad\Longrightarrow\qquad G_Z^{(l)} = G_A^{(l)} \odot f'\big(Z^{(l)}\big) ,
    $$

    where $\odot$ multiplies entry by entry.

    **2. To the weights.** $z_{ij} = \sum_k a^{(l-1)}_{ik} w_{kj} + b_j$. The weight $w_{kj}$ is used once for every sample $i$, each time multiplied by $a^{(l-1)}_{ik}$. The chain rule adds over all uses:

    $$
    \frac{\partial L}{\partial w_{kj}} = \sum_{i=1}^{n} a^{(l-1)}_{ik} \, \frac{\partial L}{\partial z_{ij}}
    \qquad\Longrightarrow\qquad \underset{(d_{l-1}, d_l)}{G_W^{(l)}} = \underset{(d_{l-1}, n)}{A^{(l-1)\top}} \; \underset{(n, d_l)}{G_Z^{(l)}} .
    $$

    **3. To the bias.** $b_j$ is used once for every sample, multiplied by 1:

    $$
    \frac{\partial L}{\partial b_j} = \sum_{i=1}^{n} \frac{\partial L}{\partial z_{ij}}
    \qquad\Longrightarrow\qquad G_b^{(l)} = \text{the column sums of } G_Z^{(l)} .
    $$

    **4. To the layer below.** $a^{(l-1)}_{ik}$ is used once for every neuron $j$ of layer $l$, multiplied by $w_{kj}$:

    $$
    \frac{\partial L}{\partial a^{(l-1)}_{ik}} = \sum_{j=1}^{d_l} \frac{\partial L}{\partial z_{ij}} \, w_{kj}
    \qquad\Longrightarrow\qquad \underset{(n, d_{l-1})}{G_A^{(l-1)}} = \underset{(n, d_l)}{G_Z^{(l)}} \; \underset{(d_l, d_{l-1})}{W^{(l)\top}} .
    $$

    Step 4 gives what step 1 of the next lower layer needs, so we walk down from layer 6 to layer 1.
    The walk starts with softmax and cross-entropy, for which chapter 4 found $G_A^{(6)} = (P - Y) / n$: predicted probabilities minus the true ones, divided by the number of samples.
    This is backpropagation (Linnainmaa, 1970; Rumelhart, Hinton and Williams, 1986).

    In code it is a loop of four lines. `layer.x` is $A^{(l-1)}$, and for tanh $f'(z) = 1 - a^2$.
    """)
    return


@app.function
def backward_by_hand(net, X, labels):
    """[(G_W, G_b) of layer 1, ..., of layer 6]: tanh, and a linear last layer."""
    logits = net.forward(X)
    _, grad_a = fn.ops.cross_entropy(logits, labels)  # (P - Y) / n
    gradients = []
    for layer in reversed(net.layers):
        slope = 1 - layer.a**2 if layer.activation == "tanh" else 1.0
        grad_z = grad_a * slope
        gradients.append((layer.x.T @ grad_z, grad_z.sum(axis=0)))
        grad_a = grad_z @ layer.weights.T
    return gradients[::-1]


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Two judges: the library's own backward pass, and the definition of a derivative.
    For the second, one weight of every layer is moved by $h = 10^{-5}$ up and down, and the loss is compared: $\big(L(w + h) - L(w - h)\big) / 2h$ must be the gradient, up to an error of the order $h^2$.
    The network has double precision here, because a difference of two nearly equal losses loses digits.
    """)
    return


@app.cell
def test_the_backward_pass_by_hand(spirals_train):
    _net = fn.mlp(2, [32] * 5, 3, activation="tanh", seed=1, dtype="float64")
    _mine = backward_by_hand(_net, *spirals_train)
    _net.input_gradient(*spirals_train, loss="cross_entropy")  # fills grad_weights
    _rows = []
    for _l, (_layer, (_grad, _)) in enumerate(zip(_net.layers, _mine, strict=True), 1):
        np.testing.assert_allclose(_layer.grad_weights, _grad, rtol=1e-9, atol=1e-12)
        _at = np.unravel_index(np.abs(_grad).argmax(), _grad.shape)
        _loss = []
        for _h in (1e-5, -2e-5, 1e-5):  # up, down, back
            _layer.weights[_at] += _h
            _loss.append(_net.evaluate(*spirals_train, loss="cross_entropy")["loss"])
        _slope = (_loss[0] - _loss[1]) / 2e-5
        _rows.append((f"layer {_l}, weight {tuple(map(int, _at))}", _grad[_at], _slope))
    book.beside(_rows, rel=1e-5, abs=1e-9)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Predicted is the derivation, measured is the quotient of differences.
    That the library agrees in every entry is asserted in the same cell.

    ## Vanishing and exploding gradients

    Put steps 1 and 4 together, from layer 6 down to layer 1, and leave out the shapes:

    $$
    G_Z^{(1)} = \Big(\cdots\Big(\big(G_Z^{(6)} W^{(6)\top} \odot f'(Z^{(5)})\big) W^{(5)\top} \odot f'(Z^{(4)})\Big) \cdots W^{(2)\top}\Big) \odot f'(Z^{(1)}) .
    $$

    The gradient of the first layer has been multiplied by five matrices and by five slopes.
    If each factor shrinks it a little, little of it arrives: the gradient **vanishes**. If each makes it grow, it **explodes**.
    Hochreiter described both in 1991; Bengio, Simard and Frasconi (1994) showed that the trouble grows exponentially with the number of factors.
    Five layers are enough to meet it, and few enough to compute it.

    ### How large are the signals? A derivation

    We ask how large $z$ is in each layer before training, and measure "large" by the **mean square** $q_l = E\big[(z^{(l)}_{ij})^2\big]$, averaged over the random weights. (For numbers of mean 0 it is the variance.)
    The assumptions: the weights of layer $l$ are drawn independently with mean 0 and variance $\sigma_w^2$; the biases are 0; all layers have $d$ inputs.

    One pre-activation is $z_j = \sum_{k=1}^{d} a_k w_{kj}$. Square it and take the mean:

    $$
    E[z_j^2] = \sum_{k=1}^{d} \sum_{k'=1}^{d} E[a_k a_{k'}] \, E[w_{kj} w_{k'j}] .
    $$

    - The $a$ come from the layers below, so they are independent of these $w$: the mean of the product is the product of the means, which was used already.
    - For $k \ne k'$ the weights are independent with mean 0, so $E[w_{kj} w_{k'j}] = 0$.
    - For $k = k'$ it is $\sigma_w^2$. What remains is a single sum:

    $$
    q_l = E[z_j^2] = d \, \sigma_w^2 \, E\big[(a^{(l-1)})^2\big] .
    $$

    Now $E[a^2]$. As a sum of many independent terms, $z$ is nearly normal (the central limit theorem), with mean 0 and variance $q$. So with a standard normal number $g$

    $$
    E[a^2] = E\big[f(\sqrt{q}\, g)^2\big] .
    $$

    - **relu** keeps the positive half and squares it: by symmetry $E[a^2] = q / 2$, exactly.
    - **tanh** near 0 is nearly the identity, so for small $q$, $E[a^2] \approx q$; for large $q$ it saturates (it flattens out) and $E[a^2]$ stays below 1.
    - **sigmoid** is $\frac12$ at 0, so for small $q$, $E[a^2] \approx \frac14$, however weak the signal.

    For anything in between, the mean over a normal number is an integral. A sum over 800 evenly spaced points, each weighted by the height of the bell curve there, gives it to many digits.
    Together, from layer to layer:

    $$
    q_{l} = d \, \sigma_w^2 \, E\big[f(\sqrt{q_{l-1}}\, g)^2\big] .
    $$

    ### How large are the gradients?

    Step 4 above is a sum as well, $g_{A,k} = \sum_{j} g_{Z,j} w_{kj}$, now over the $m$ neurons of layer $l$. The same three arguments give

    $$
    E\big[(g_A^{(l-1)})^2\big] = m \, \sigma_w^2 \, E\big[(g_Z^{(l)})^2\big] ,
    $$

    and step 1 multiplies by a slope, $E[g_Z^2] = E[g_A^2] \, E[f'(z)^2]$, if gradient and slope are independent. So

    $$
    E\big[(g_Z^{(l-1)})^2\big] = \underbrace{m \, \sigma_w^2 \, E\big[f'(\sqrt{q_{l-1}}\, g)^2\big]}_{\text{factor of one layer}} \; E\big[(g_Z^{(l)})^2\big] .
    $$

    Here is a gap: the weights that carry the gradient down are those that carried the signal up, so the two are not quite independent.
    Glorot and Bengio (2010) and He et al. (2015) assume it all the same. We do too, and look how far it holds.

    The factor of relu is $m \sigma_w^2 / 2$, because its slope is 1 for half of the neurons.
    The slope of sigmoid is $a(1 - a) \le \frac14$, so its factor is at most $m \sigma_w^2 / 16$.
    """)
    return


@app.cell
def _():
    WIDTH = 256
    points = np.linspace(-8, 8, 800)  # of a standard normal number
    point_weights = np.exp(-(points**2) / 2)
    point_weights /= point_weights.sum()

    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    # the activation and its slope
    FUNCTIONS = {
        "sigmoid": (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z))),
        "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
        "relu": (lambda z: np.maximum(z, 0), lambda z: 1.0 * (z > 0)),
    }

    def normal_mean(function, q):
        """E[function(z)] for a normal z of mean 0 and variance q."""
        return float(point_weights @ function(np.sqrt(q) * points))

    def predicted_sizes(activation, std, width=WIDTH, layers=5):
        """q of z, and the mean square of grad_z relative to the last hidden layer's."""
        f, slope = FUNCTIONS[activation]
        q = [width * std**2]  # of layer 1: the inputs have the mean square 1
        for _ in range(layers - 1):
            q.append(width * std**2 * normal_mean(lambda z: f(z) ** 2, q[-1]))
        g = [1.0]  # of layer 5, then downwards
        for below in q[-2::-1]:
            g.append(
                g[-1] * width * std**2 * normal_mean(lambda z: slope(z) ** 2, below)
            )
        return np.array(q), np.array(g[::-1])

    return (
        FUNCTIONS,
        WIDTH,
        normal_mean,
        point_weights,
        points,
        predicted_sizes,
        sigmoid,
    )


@app.cell
def _(FUNCTIONS, WIDTH, predicted_sizes):
    def fresh(activation, std, seed, width=WIDTH):
        """Five hidden layers with weights N(0, std), after one pass up and down."""
        rng = np.random.default_rng(seed)
        layers = [
            fn.Dense(
                width, width, activation, init=lambda shape, r: r.normal(0, std, shape)
            )
            for _ in range(5)
        ]
        one = fn.Network([*layers, fn.Dense(width, 10)], seed=seed)
        one.forward(rng.normal(size=(200, width)))
        one.backward(rng.normal(size=(200, 10)))
        return one

    def measured_sizes(activation, std, seeds=4):
        nets = [fresh(activation, std, seed) for seed in range(seeds)]
        q = np.mean([[np.mean(x.z**2) for x in one.layers[:5]] for one in nets], axis=0)
        g = np.mean(
            [[np.mean(x.grad_z**2) for x in one.layers[:5]] for one in nets], axis=0
        )
        return q, g / g[-1]

    SCALES = {"small": 0.1, "1/d": 1.0, "2/d": 2.0, "large": 16.0}
    sizes = {
        (activation, name): (
            predicted_sizes(activation, np.sqrt(c / WIDTH)),
            measured_sizes(activation, np.sqrt(c / WIDTH)),
        )
        for activation in FUNCTIONS
        for name, c in SCALES.items()
    }
    return SCALES, fresh, sizes


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Twelve broken and less broken networks, 256 neurons in each layer, weights of variance $\sigma_w^2 = c / d$ with $c = 0.1$ (small), 1, 2 and 16 (large).
    Each was built with four seeds and shown 200 random samples; from the top came a random gradient.
    The lines are the derivation, the marks were read off `layer.z` and `layer.grad_z`.
    """)
    return


@app.cell(hide_code=True)
def _(FUNCTIONS, SCALES, plt, sizes, style):
    def draw_sizes(sizes):
        picture, axes = plt.subplots(
            2, 3, figsize=(6.5, 4.4), sharex=True, sharey="row"
        )
        looks = zip(
            SCALES,
            ("v", "o", "s", "^"),
            (style.BLUE, style.GREEN, style.ORANGE, style.RED),
            strict=True,
        )
        layer = np.arange(1, 6)
        for name, mark, ink in looks:
            for column, activation in enumerate(FUNCTIONS):
                predicted, measured = sizes[activation, name]
                for row in range(2):
                    ax = axes[row, column]
                    ax.semilogy(layer, predicted[row], color=ink, linewidth=1.2)
                    ax.semilogy(
                        layer,
                        measured[row],
                        mark,
                        color=ink,
                        markersize=4.5,
                        label=name,
                    )
        for column, activation in enumerate(FUNCTIONS):
            axes[0, column].set_title(activation)
            axes[1, column].set_xlabel("layer")
            axes[1, column].set_xticks(layer)
        axes[0, 0].set_ylabel("mean square of z")
        axes[1, 0].set_ylabel("mean square of grad_z,\nlayer 5 = 1")
        handles, _ = axes[0, 0].get_legend_handles_labels()
        picture.legend(
            handles,
            ["0.1/d (small)", "1/d", "2/d", "16/d (large)"],
            title="variance of the weights",
            loc="outside lower center",
            ncols=4,
        )
        return picture

    book.figure(
        draw_sizes(sizes),
        alt="Six charts on logarithmic scales, above the signals and below the gradients "
        "of layers 1 to 5, for sigmoid, tanh and relu. The measured marks lie on the "
        "predicted lines. Only relu with variance 2/d is level in both rows; tanh with "
        "1/d falls slowly; sigmoid's gradients fall by factors of 10 and more a layer.",
        caption="Predicted (lines) and measured (marks) sizes of signals and gradients.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Now the figures: the signal in layer 5 and the gradient in layer 1, where errors have piled up.
    How near can they be? Each layer's mean square is an average over 256 neurons whose squares scatter by more than their own size, so each layer adds some 5 to 10 % of chance, and the four seeds halve it.
    For gradients the scatter is larger where tanh saturates, because few neurons carry the gradient. So 15 % are allowed for the signals, 25 % for the gradients.
    """)
    return


@app.cell
def test_size_of_the_signals_in_layer_5(sizes):
    book.beside(
        [
            (f"{activation}, {name}: mean square of z, layer 5", p[0][-1], m[0][-1])
            for (activation, name), (p, m) in sizes.items()
        ],
        rel=0.15,
    )
    return


@app.cell
def test_size_of_the_gradients_in_layer_1(sizes):
    book.beside(
        [
            (f"{activation}, {name}: grad_z of layer 1 to layer 5", p[1][0], m[1][0])
            for (activation, name), (p, m) in sizes.items()
        ],
        rel=0.25,
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### Why sigmoid looks healthy and is not

    The signals of sigmoid in the picture hardly change from layer to layer. That is deceptive: most of $z$ is the same for all samples, because every input of a neuron is near $\frac12$.
    What the network can use is the difference between samples. So split the mean square: $q = c + s$, where $c$ (here no longer the scale of the weights) is the part common to all samples, the square of a neuron's mean, and $s$ the variance between samples.
    Write a neuron's pre-activation as $z = \sqrt{c}\, u + \sqrt{s}\, v$, where $u$ is drawn once for a neuron and $v$ for each sample, both standard normal. Then

    $$
    s_l = d \, \sigma_w^2 \, E_u\Big[\operatorname{Var}_v f\big(\sqrt{c_{l-1}}\, u + \sqrt{s_{l-1}}\, v\big)\Big],
    \qquad
    c_l = d \, \sigma_w^2 \, E_u\Big[\big(E_v f(\cdot)\big)^2\Big],
    $$

    because differences between samples in $z^{(l)}$ come from differences in $a^{(l-1)}$ only, and the law of total variance says that both parts add up to $q_l$.
    For small $s$, $f$ is a straight line of slope $f'$ over the range of $v$, so $s_l \approx d \sigma_w^2 \, E[f'^2] \, s_{l-1}$: the same factor as that of the gradients.
    For sigmoid with $\sigma_w^2 = 1/d$ it is below $\frac{1}{16}$.
    """)
    return


@app.cell
def test_the_signal_between_samples(
    WIDTH,
    fresh,
    point_weights,
    points,
    sigmoid,
):
    _c, _s, _predicted = 0.0, 1.0, [1.0]  # the inputs differ from sample to sample
    for _ in range(4):
        # rows: u, one for each neuron; columns: v, one for each sample
        _a = sigmoid(np.sqrt(_c) * points[:, None] + np.sqrt(_s) * points)
        _mean = _a @ point_weights
        _c = point_weights @ _mean**2
        _s = point_weights @ (_a**2 @ point_weights - _mean**2)
        _predicted.append(_s)
    _nets = [fresh("sigmoid", np.sqrt(1 / WIDTH), seed) for seed in range(4)]
    _measured = np.mean(
        [[x.z.var(axis=0).mean() for x in one.layers[:5]] for one in _nets], axis=0
    )
    book.beside(
        [
            (f"sigmoid, 1/d: variance of z between samples, layer {i}", p, m)
            for i, (p, m) in enumerate(zip(_predicted, _measured, strict=True), 1)
        ],
        rel=0.15,
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    In the fifth layer the variance between samples is less than a hundred-thousandth of what it was. To layer 6 all samples look the same.

    ### The same seen as histograms

    `layer.a` and `layer.grad_weights` can be read after a pass. Three tanh networks: in the first, the activations shrink towards 0; in the last, they are pressed against -1 and 1, where the slope is nearly 0.
    """)
    return


@app.cell(hide_code=True)
def _(SCALES, WIDTH, fresh, plt, style):
    def draw_histograms():
        picture, axes = plt.subplots(3, 5, figsize=(6.5, 3.9), sharex=True)
        bins = np.linspace(-1, 1, 41)
        for row, name in enumerate(("small", "1/d", "large")):
            one = fresh("tanh", np.sqrt(SCALES[name] / WIDTH), 0)
            for column, layer in enumerate(one.layers[:5]):
                ax = axes[row, column]
                ax.hist(layer.a.ravel(), bins, histtype="stepfilled", color=style.BLUE)
                ax.set_yticks([])
                ax.grid(False)
                if row == 0:
                    ax.set_title(f"layer {column + 1}")
            axes[row, 0].set_ylabel(name)
        picture.supxlabel("activation a", fontsize=10)
        return picture

    book.figure(
        draw_histograms(),
        alt="Three rows of five histograms of tanh activations. With small weights they "
        "narrow to a spike at 0, with variance 1/d they stay spread out, with large "
        "weights they pile up at -1 and 1.",
        caption="Activations of tanh by layer: small weights, variance 1/d, large weights. "
        "Each histogram has a vertical scale of its own.",
    )
    return


@app.cell(hide_code=True)
def _(SCALES, WIDTH, fresh, plt, style):
    def draw_gradients():
        picture, axes = plt.subplots(1, 3, figsize=(6.5, 2.7), sharey=True)
        for ax, name in zip(axes, ("small", "1/d", "large"), strict=True):
            one = fresh("tanh", np.sqrt(SCALES[name] / WIDTH), 0)
            for i, (layer, ink) in enumerate(
                zip(one.layers[:5], style.sequential(5), strict=True), 1
            ):
                size = np.log10(np.abs(layer.grad_weights.ravel()) + 1e-12)
                ax.hist(
                    size,
                    60,
                    histtype="step",
                    color=ink,
                    density=True,
                    linewidth=1.4,
                    label=str(i),
                )
            ax.set(title=name, xlabel="log10 |gradient|", xlim=(-4, 2.5))
            ax.set_yticks([])
        axes[0].set_ylabel("share of weights")
        handles, names = axes[0].get_legend_handles_labels()
        picture.legend(handles, names, title="layer", loc="outside right center")
        return picture

    book.figure(
        draw_gradients(),
        alt="Histograms of the logarithm of the size of the weights' gradients, a line "
        "for each layer. With small weights all layers lie on one another, far to the left; "
        "with variance 1/d they lie on one another around 0; with large weights layer 1 is "
        "to the right of layer 5.",
        caption="Gradients of the weights in the same three tanh networks.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    With small weights all five layers have equally small gradients, although `grad_z` falls by a factor of ten from layer to layer. Why?
    $G_W^{(l)} = A^{(l-1)\top} G_Z^{(l)}$ is a sum over $n$ samples, $g_{W,kj} = \sum_i a_{ik}\, g_{Z,ij}$. If the gradients of different samples are independent with mean 0, the mixed terms of the square fall out as before:

    $$
    E[g_W^2] = n \, E\big[(a^{(l-1)})^2\big] \, E\big[(g_Z^{(l)})^2\big] .
    $$

    On the way up $a$ shrinks, on the way down $g_Z$ does, and the product stays the same. Glorot and Bengio (2010) noticed it: look at the gradients of the weights alone, and this network seems in order.
    """)
    return


@app.cell
def test_gradients_of_the_weights(
    SCALES,
    WIDTH,
    fresh,
    normal_mean,
    predicted_sizes,
):
    def ratio(name):
        """Mean square of grad_weights, layer 1 to layer 5: predicted and measured."""
        std = np.sqrt(SCALES[name] / WIDTH)
        q, g = predicted_sizes("tanh", std)
        below = normal_mean(lambda z: np.tanh(z) ** 2, q[3])  # what layer 5 gets
        nets = [fresh("tanh", std, seed).layers for seed in range(4)]
        first, fifth = (
            np.mean([np.mean(x[i].grad_weights ** 2) for x in nets]) for i in (0, 4)
        )
        return g[0] / below, first / fifth  # layer 1 gets inputs of mean square 1

    book.beside(
        [
            (f"tanh, {name}: grad_weights of layer 1 to layer 5", *ratio(name))
            for name in ("small", "1/d", "large")
        ],
        rel=0.25,
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Move the scale yourself: $c$ in $\sigma_w^2 = c / d$, for tanh. Where do the signals neither die nor saturate, and the gradients neither vanish nor explode?
    """)
    return


@app.cell(hide_code=True)
def _():
    scale = mo.ui.slider(
        0.25,
        8.0,
        step=0.25,
        value=1.0,
        label="scale c of the initial weights",
        show_value=True,
    )
    scale
    return (scale,)


@app.cell(hide_code=True)
def _(WIDTH, fresh, plt, predicted_sizes, scale, style):
    def draw_scale(c):
        one = fresh("tanh", np.sqrt(c / WIDTH), 0)
        hidden, layer = one.layers[:5], np.arange(1, 6)
        predicted = predicted_sizes("tanh", np.sqrt(c / WIDTH))
        top = np.mean(hidden[-1].grad_z ** 2)
        measured = (
            [np.mean(x.z**2) for x in hidden],
            [np.mean(x.grad_z**2) / top for x in hidden],
        )
        picture, axes = plt.subplots(1, 3, figsize=(6.5, 2.6))
        for ax, title, p, m in zip(
            axes,
            ("mean square of z", "mean square of grad_z"),
            predicted,
            measured,
            strict=False,
        ):
            ax.semilogy(layer, p, color=style.BLUE, linewidth=1.2, label="predicted")
            ax.semilogy(
                layer, m, "o", color=style.RED, markersize=4.5, label="measured"
            )
            ax.set(xlabel="layer", title=title, xticks=layer)
        axes[0].set_ylim(1e-4, 1e2)
        axes[1].set_ylim(1e-4, 1e4)
        axes[0].legend(fontsize=9)
        axes[2].hist(
            hidden[-1].a.ravel(),
            np.linspace(-1, 1, 41),
            histtype="stepfilled",
            color=style.BLUE,
        )
        # no title: it would run into its neighbour
        axes[2].set(xlabel="a of layer 5", yticks=[])
        return picture

    book.live(
        draw_scale,
        scale,
        name="scale c of the initial weights",
        at=(0.25, 1.0, 8.0),
        alt="Scale {value}: predicted and measured sizes of z and of grad_z for layers 1 to "
        "5 of a tanh network, and the histogram of the activations of layer 5.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### Broken in training

    What happens to a network that starts like this? Five hidden layers of relu with 64 neurons each learn the digits, by plain gradient descent.
    With weights of standard deviation 0.01 the logits are nearly 0, whatever the picture, and no gradient arrives below. All that the network can do is to guess, and the best guess of ten equally frequent classes costs $\ln 10$ (chapter 0).
    With weights of variance $16 / d$ the mean square of the signal grows eightfold in each layer.
    """)
    return


@app.cell
def _(digits_test, digits_train):
    def five(activation, init=None, norm=None, n_in=64, width=64, n_out=10, seed=0):
        """Five hidden layers; norm: fn.BatchNorm or fn.LayerNorm before each activation."""
        layers = []
        for d in [n_in, *[width] * 4]:
            if norm is None:
                layers.append(fn.Dense(d, width, activation, init=init))
            else:
                layers.append(fn.Dense(d, width, init=init))
                layers += [norm(), fn.Activation(activation)]
        return fn.Network([*layers, fn.Dense(width, n_out)], seed=seed)

    def large(shape, rng):
        """Weights of variance 16 / n_in."""
        return rng.normal(0, 4 / np.sqrt(shape[0]), shape)

    def fit_digits(one, learning_rate=0.05, epochs=15, **more):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a loss of NaN is what we want to see
            return one.fit(
                *digits_train,
                optimizer=fn.SGD(learning_rate, **more),
                epochs=epochs,
                validation=digits_test,
            )

    broken = {
        "normal, 0.01": fit_digits(five("relu", init="normal")),
        "large": fit_digits(five("relu", init=large)),
        "He": fit_digits(five("relu", init="he_normal")),
    }
    book.table(
        ["first weights", "epochs", "training loss at the end", "stopped"],
        [[name, x.epochs, x.loss[-1], x.stopped or "-"] for name, x in broken.items()],
    )
    return broken, fit_digits, five, large


@app.cell
def test_a_network_that_gets_no_gradient_guesses(broken):
    book.beside(
        [("loss after 15 epochs", np.log(10), broken["normal, 0.01"].loss[-1])],
        rel=0.01,
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The network of large weights ends in its first epoch: the loss became NaN, "not a number".
    `history.grad_norms` has the size of every layer's weight gradient, epoch by epoch. It is the first thing to look at when a network doesn't learn.
    Here is the first epoch of three networks that do not break at once:
    """)
    return


@app.cell(hide_code=True)
def _(broken, fit_digits, five, plt, style):
    def draw_norms(histories):
        picture, ax = plt.subplots(figsize=(6.5, 2.8))
        looks = zip(
            ("v", "D", "s"), (style.BLUE, style.PURPLE, style.ORANGE), strict=True
        )
        for (name, one), (mark, ink) in zip(histories.items(), looks, strict=True):
            ax.semilogy(
                range(1, 7), one.grad_norms[0], marker=mark, color=ink, label=name
            )
        ax.set(xlabel="layer (6: the outputs)", ylabel="norm of the gradient")
        ax.legend(loc="center left", bbox_to_anchor=(0.0, 0.32))
        return picture

    first_epochs = {
        "relu, normal 0.01": broken["normal, 0.01"],
        "sigmoid, Xavier": fit_digits(five("sigmoid", "xavier_normal")),
        "relu, He": broken["He"],
    }
    book.figure(
        draw_norms(first_epochs),
        alt="Gradient norms of six layers on a logarithmic scale. Relu with He weights is "
        "level at about 1; sigmoid falls from about 0.7 in layer 6 to about 0.001 in layer 1; "
        "relu with small weights lies at a few millionths in layers 1 to 4.",
        caption="history.grad_norms[0]: norms of the weights' gradients in the first epoch.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### A first repair: clipping

    An exploding gradient can be cut to a length. With `clip_norm=C` the library multiplies the whole gradient by $\min(1, C / \lVert g \rVert)$ (Pascanu, Mikolov and Bengio, 2013).
    Its direction stays, its length is at most $C$, so one step of gradient descent moves the parameters by at most $\eta\, C$.
    """)
    return


@app.cell
def test_a_clipped_step_has_a_known_length(digits_train, five, large):
    _net = five("relu", init=large)
    _start = _net.flat_parameters.copy()
    _net.input_gradient(*digits_train, loss="cross_entropy")
    _free = np.linalg.norm(_net.flat_gradients.astype(float))
    assert _free > 100  # far longer than the clip
    _net.fit(
        *digits_train, optimizer=fn.SGD(0.05, clip_norm=1.0), epochs=1, batch_size=2000
    )
    _length = np.linalg.norm(_net.flat_parameters - _start)
    book.beside(
        [
            (
                f"0.05 times the clipped gradient (it had the length {_free:.0f})",
                0.05,
                _length,
            )
        ],
        rel=0.01,
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Clipping keeps a training alive. It doesn't mend the cause: the layers still differ in scale. The next two parts do.

    ## Xavier and He

    The derivation says what to ask of the weights. With $d$ inputs and $m$ neurons, and an activation that is nearly the identity around 0, as tanh is:

    - the signal keeps its size if $d\, \sigma_w^2 = 1$;
    - the gradient keeps its size if $m\, \sigma_w^2 = 1$.

    Both hold at once only if $d = m$. Glorot and Bengio (2010) took the compromise

    $$
    \sigma_w^2 = \frac{2}{d + m} \qquad \text{(Xavier, after Xavier Glorot's first name)} .
    $$

    Relu loses half of the mean square on the way up, and half on the way down. He et al. (2015) make up for it:

    $$
    \sigma_w^2 = \frac{2}{d} \qquad \text{(He)} .
    $$

    Each comes in two kinds: normal numbers $N(0, \sigma_w)$, or uniform ones between $-r$ and $r$. A uniform number has the variance

    $$
    \frac{1}{2r} \int_{-r}^{r} w^2 \, dw = \frac{1}{2r} \cdot \frac{2 r^3}{3} = \frac{r^2}{3},
    $$

    so $r = \sqrt{3}\, \sigma_w$: for Xavier $r = \sqrt{6 / (d + m)}$, for He $r = \sqrt{6 / d}$.
    """)
    return


@app.cell
def test_variance_of_initial_weights():
    _d, _m = 400, 200
    _expected = {
        "xavier_normal": 2 / (_d + _m),
        "xavier_uniform": 2 / (_d + _m),
        "he_normal": 2 / _d,
        "he_uniform": 2 / _d,
    }
    # 80,000 numbers: the variance scatters by sqrt(2 / 80,000) = 0.5 % of itself
    book.beside(
        [
            (
                f"{name}, 400 inputs, 200 neurons",
                variance,
                getattr(fn.init, name)((_d, _m), np.random.default_rng(0)).var(),
            )
            for name, variance in _expected.items()
        ],
        rel=0.02,
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    What if relu gets Xavier's weights? With $d = m$, every layer halves the mean square, so from layer 1 to layer 5 it falls to $(1/2)^4 = 1/16$. With He's weights it stays.
    """)
    return


@app.cell
def test_relu_with_xavier_and_with_he(WIDTH, five):
    def kept(init):
        """Mean square of z in layer 5, relative to layer 1, over four seeds."""
        ratios = []
        for seed in range(4):
            one = five("relu", init, n_in=WIDTH, width=WIDTH, seed=seed)
            one.forward(np.random.default_rng(seed).normal(size=(300, WIDTH)))
            ratios.append(np.mean(one.layers[4].z ** 2) / np.mean(one.layers[0].z ** 2))
        return np.mean(ratios)

    book.beside(
        [
            ("relu, Xavier: layer 5 to layer 1", 1 / 16, kept("xavier_normal")),
            ("relu, He: layer 5 to layer 1", 1.0, kept("he_normal")),
        ],
        rel=0.15,
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    For five layers a factor of 16 does no harm; for fifty it would be $2^{49}$.
    If you name no `init`, `fn.Dense` takes the uniform kind of the rule that suits its activation.

    Why random numbers at all, and not 0? If all weights are 0, all neurons of a layer are the same and get the same gradient, and here not even that: each gradient of a weight has a factor that is 0.
    """)
    return


@app.cell
def test_zeros_never_learn(digits_train, five):
    _net = five("tanh", init="zeros")
    _net.layers[-1].weights[:] = 0
    _net.input_gradient(*digits_train, loss="cross_entropy")
    assert all(np.all(layer.grad_weights == 0) for layer in _net.layers)
    assert np.any(_net.layers[-1].grad_bias != 0)  # the only thing that can move
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    And in training? The same 15 epochs as before:
    """)
    return


@app.cell
def _(FUNCTIONS, fit_digits, five, large):
    STARTS = {
        "normal, 0.01": "normal",
        "Xavier": "xavier_normal",
        "He": "he_normal",
        "large": large,
    }
    started = {
        (activation, name): fit_digits(five(activation, init))
        for activation in ("sigmoid", "tanh", "relu")
        for name, init in STARTS.items()
    }
    for pair in (("tanh", "Xavier"), ("relu", "He")):
        assert started[pair].val_accuracy[-1] > 0.93
    for _activation in FUNCTIONS:
        assert started[_activation, "normal, 0.01"].val_accuracy[-1] < 0.3
    assert all(
        started["sigmoid", name].val_accuracy[-1] < 0.3 for name in ("Xavier", "He")
    )
    assert 0.3 < started["sigmoid", "large"].val_accuracy[-1] < 0.8

    book.table(
        ["accuracy on the test part", *STARTS],
        [
            [
                activation,
                *(started[activation, name].val_accuracy[-1] for name in STARTS),
            ]
            for activation in FUNCTIONS
        ],
    )
    return STARTS, started


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Read it beside the picture of signals and gradients: what learns is what was level there.
    Sigmoid learns next to nothing in five layers with any of the first three starts. Large weights help it a part of the way, because they bring it into the range where samples differ.
    One of ten classes is always right, so 0.1 is what a guess scores.

    ## Normalisation

    A good start says nothing about what happens later, when the weights have moved.
    **Normalisation** puts the right size into the network itself: a layer that subtracts a mean and divides by a standard deviation, in every pass.

    **Batch normalisation** (Ioffe and Szegedy, 2015) takes both over the $n$ samples of a batch, for each column $j$ (each neuron):

    $$
    \mu_j = \frac1n \sum_i x_{ij}, \qquad \sigma_j^2 = \frac1n \sum_i (x_{ij} - \mu_j)^2, \qquad
    \hat x_{ij} = \frac{x_{ij} - \mu_j}{\sqrt{\sigma_j^2 + \varepsilon}}, \qquad y_{ij} = \gamma_j \hat x_{ij} + \beta_j .
    $$

    **Layer normalisation** (Ba, Kiros and Hinton, 2016) takes them over the $d$ neurons, for each row $i$ (each sample):

    $$
    \mu_i = \frac1d \sum_j x_{ij}, \qquad \sigma_i^2 = \frac1d \sum_j (x_{ij} - \mu_i)^2, \qquad
    \hat x_{ij} = \frac{x_{ij} - \mu_i}{\sqrt{\sigma_i^2 + \varepsilon}}, \qquad y_{ij} = \gamma_j \hat x_{ij} + \beta_j .
    $$

    $\gamma$ (at first 1) and $\beta$ (at first 0) are learned: the network may take back what the normalisation did. $\varepsilon = 10^{-5}$ keeps the root above 0.

    What comes out has the mean $\beta_j$, because $\sum_i \hat x_{ij} = 0$. Its variance is

    $$
    \gamma_j^2 \cdot \frac1n \sum_i \hat x_{ij}^2 = \gamma_j^2 \, \frac{\sigma_j^2}{\sigma_j^2 + \varepsilon},
    $$

    which is $\gamma_j^2$ as long as $\sigma_j^2$ is far above $\varepsilon$, and visibly less if it isn't.
    """)
    return


@app.cell
def test_mean_and_variance_after_normalisation():
    _rng = np.random.default_rng(0)
    _x = _rng.normal(5.0, 3.0, size=(200, 8))
    _x[:, 1] = _rng.normal(0.0, 0.003, size=200)  # a column with a tiny spread
    _batch = fn.Network([fn.BatchNorm(8)], dtype="float64")
    _batch.layers[0].gamma[:] = 2.0
    _batch.layers[0].beta[:] = 0.5
    _out = _batch.forward(_x, training=True)
    _rows_out = fn.Network([fn.LayerNorm(8)], dtype="float64").forward(_x)
    _tiny, _row = _x[:, 1].var(), _x[0].var()
    book.beside(
        [
            ("batch norm, column 0: mean", 0.5, _out[:, 0].mean()),
            (
                "batch norm, column 0: variance",
                4.0 * _x[:, 0].var() / (_x[:, 0].var() + 1e-5),
                _out[:, 0].var(),
            ),
            (
                "batch norm, column 1: variance",
                4.0 * _tiny / (_tiny + 1e-5),
                _out[:, 1].var(),
            ),
            ("layer norm, row 0: mean", 0.0, _rows_out[0].mean()),
            ("layer norm, row 0: variance", _row / (_row + 1e-5), _rows_out[0].var()),
        ],
        rel=1e-9,
        abs=1e-9,
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    **After training** there may be a single sample and no batch. Batch normalisation then uses running averages that it kept while training, $\text{running} \leftarrow 0.9\, \text{running} + 0.1\, \text{batch}$.
    They start at 0 and 1. With the same batch $k$ times, the running mean is $\mu (1 - 0.9^k)$, so a network that was trained for a few steps only predicts badly, whatever its weights.
    """)
    return


@app.cell
def test_running_mean():
    _x = np.random.default_rng(1).normal(3.0, 1.0, size=(100, 4))
    _net = fn.Network([fn.BatchNorm(4)], dtype="float64")
    _rows = []
    for _k in range(1, 31):
        _net.forward(_x, training=True)
        if _k in (1, 5, 30):
            _expected = _x[:, 0].mean() * (1 - 0.9**_k)
            _rows.append(
                (
                    f"running mean, batches so far: {_k}",
                    _expected,
                    _net.layers[0].running_mean[0],
                )
            )
    book.beside(_rows, rel=1e-9)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### The backward pass of batch normalisation

    Look at one column and drop $j$. Let $r = 1 / \sqrt{\sigma^2 + \varepsilon}$ and $g_i = \partial L / \partial y_i$, each of shape $(n,)$ for a batch of $n$. For the parameters, from $y_i = \gamma \hat x_i + \beta$:

    $$
    \frac{\partial L}{\partial \beta} = \sum_i g_i, \qquad \frac{\partial L}{\partial \gamma} = \sum_i g_i \hat x_i .
    $$

    An input $x_k$ acts in three places: in its own numerator, in $\mu$ and in $r$. One after the other:

    $$
    \frac{\partial \mu}{\partial x_k} = \frac1n, \qquad
    \frac{\partial \sigma^2}{\partial x_k} = \frac2n (x_k - \mu), \qquad
    \frac{\partial r}{\partial x_k} = -\frac12 r^3 \cdot \frac2n (x_k - \mu) = -\frac{r^2}{n}\, \hat x_k .
    $$

    In the second, $x_k$ acts through $\mu$ too, but that part is $-\frac2n \sum_i (x_i - \mu) \cdot \frac1n = 0$. The third is the chain rule on $(\sigma^2 + \varepsilon)^{-1/2}$, with $(x_k - \mu)\, r = \hat x_k$.
    The product rule on $\hat x_i = (x_i - \mu)\, r$, where $\delta_{ik}$ is 1 if $i = k$ and else 0, gives

    $$
    \frac{\partial \hat x_i}{\partial x_k} = r \Big(\delta_{ik} - \frac1n\Big) - (x_i - \mu) \frac{r^2}{n} \hat x_k
    = r \Big(\delta_{ik} - \frac1n - \frac1n \hat x_i \hat x_k\Big) ,
    $$

    and the chain rule, summed over all rows $i$ that $x_k$ acts on,

    $$
    \frac{\partial L}{\partial x_k} = \sum_i g_i\, \gamma\, \frac{\partial \hat x_i}{\partial x_k}
    = \gamma\, r \Big( g_k - \frac1n \sum_i g_i - \hat x_k\, \frac1n \sum_i g_i \hat x_i \Big) .
    $$

    From $g$, its mean is taken away and its part along $\hat x$: to shift or to stretch a column changes nothing behind the normalisation, so no gradient points there.

    One consequence can be measured. Multiply the weights before a batch normalisation by 10: $z$ grows tenfold, so does $\sigma$, and $\hat x$ stays. The loss is the same, while $r$, and with it the gradient of these weights, is a tenth.
    So the scale of the initial weights no longer matters for the signals, while large weights learn in small steps, and small weights in large ones.
    """)
    return


@app.cell
def test_batch_norm_does_not_see_the_scale_of_weights(digits_train):
    def loss_and_gradient(factor):
        one = fn.Network(
            [
                fn.Dense(64, 32, init="he_normal"),
                fn.BatchNorm(eps=1e-12),
                fn.Activation("tanh"),
                fn.Dense(32, 10),
            ],
            seed=0,
            dtype="float64",
        )
        one.layers[0].weights *= factor
        logits = one.forward(digits_train[0], training=True)
        loss, grad = fn.ops.cross_entropy(logits, digits_train[1])
        one.backward(grad)
        return loss, np.linalg.norm(one.layers[0].grad_weights)

    _loss, _norm = loss_and_gradient(1.0)
    _loss_10, _norm_10 = loss_and_gradient(10.0)
    book.beside(
        [
            ("loss with weights times 10", _loss, _loss_10),
            ("gradient with weights times 10", _norm / 10, _norm_10),
        ],
        rel=1e-6,
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### The broken networks, repaired

    Small weights and large ones, at the same learning rate as before: as they were, with batch normalisation, and with layer normalisation, before each activation.
    """)
    return


@app.cell
def _(FUNCTIONS, STARTS, fit_digits, five, started):
    NORMS = {"as it was": None, "batch norm": fn.BatchNorm, "layer norm": fn.LayerNorm}
    repaired = {
        (activation, name, kind): started[activation, name]
        if norm is None
        else fit_digits(five(activation, STARTS[name], norm))
        for activation in FUNCTIONS
        for name in ("normal, 0.01", "large")
        for kind, norm in NORMS.items()
    }
    assert all(
        course.val_accuracy[-1] > 0.8
        for (_, _, kind), course in repaired.items()
        if kind == "batch norm"
    )
    by_layer_norm = {
        (activation, name): course.val_accuracy[-1]
        for (activation, name, kind), course in repaired.items()
        if kind == "layer norm"
    }
    worst_three = sorted(by_layer_norm, key=by_layer_norm.get)[:3]
    assert set(worst_three) == {
        ("sigmoid", "normal, 0.01"),
        ("sigmoid", "large"),
        ("relu", "normal, 0.01"),
    }
    book.table(
        ["accuracy on the test part", *NORMS],
        [
            [
                f"{activation}, {name}",
                *(repaired[activation, name, kind].val_accuracy[-1] for kind in NORMS),
            ]
            for activation in FUNCTIONS
            for name in ("normal, 0.01", "large")
        ],
    )
    return (repaired,)


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Batch normalisation repairs each of the six, also the one that had become NaN. Layer normalisation does not repair sigmoid, and relu with tiny weights at best in part (how far depends on the seed). Why not? There are two reasons, and both can be measured.

    **Sigmoid: all rows have become nearly the same.** Layer normalisation works inside a row. It brings every row to the right size, and leaves the rows nearly equal. Batch normalisation works between rows: it takes away what they have in common and stretches what differs. The table has the part of the mean square of $a$ that differs from row to row, in the first and in the fifth layer.

    **Relu with tiny weights: the steps are too large.** These weights are 18 times smaller than He's, so by the rule above their gradients are 18 times larger, and relative to the weights a step is more than 300 times as large. A tenth of the learning rate repairs it.
    """)
    return


@app.cell
def _(digits_train, five):
    def difference_between_rows(norm):
        """Variance of a between samples over its mean square, in layers 1 and 5."""
        one = five("sigmoid", "normal", norm)
        one.forward(digits_train[0], training=True)
        hidden = [x.a for x in one.layers if isinstance(x, fn.Activation)]
        return [
            float(a.var(axis=0).mean() / np.mean(a**2)) for a in (hidden[0], hidden[4])
        ]

    between = {
        name: difference_between_rows(norm)
        for name, norm in (("batch norm", fn.BatchNorm), ("layer norm", fn.LayerNorm))
    }
    assert between["batch norm"][1] > 0.1 and between["layer norm"][1] < 0.001
    book.table(
        ["sigmoid, tiny weights: what differs between rows", "layer 1", "layer 5"],
        [[name, *shares] for name, shares in between.items()],
    )
    return


@app.cell
def _(fit_digits, five, repaired):
    gentle = fit_digits(five("relu", "normal", fn.LayerNorm), learning_rate=0.005)
    assert gentle.val_accuracy[-1] > 0.9
    book.table(
        ["relu, tiny weights, layer norm", "accuracy on the test part"],
        [
            [
                "learning rate 0.05",
                repaired["relu", "normal, 0.01", "layer norm"].val_accuracy[-1],
            ],
            ["learning rate 0.005", gentle.val_accuracy[-1]],
        ],
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Where layer normalisation is used, in transformers for example, residual connections (each layer adds to what came in) help to keep the rows apart.

    Batch normalisation has a price. The result for one sample depends on its batch, so it suits neither small batches nor batches unlike the data that come later. Why it works so well is still argued about: its authors spoke of a changing distribution of inputs; Santurkar et al. (2018) found that explanation wanting and a smoother loss instead.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Dropout and L2

    A network with many parameters can learn its training data by heart, errors included. That is **overfitting**: the loss on the training part falls, the loss on other data rises.
    What is done against it is called **regularisation**. Two kinds of it follow.

    To see overfitting clearly, take few digits, 300, and make a fifth of their labels random, as if they had been typed in carelessly. The test part keeps its true labels.
    """)
    return


@app.cell
def _(digits_test, digits_train):
    _rng = np.random.default_rng(0)
    few_X, few_y = digits_train[0][:300], digits_train[1][:300].copy()
    _wrong = _rng.random(300) < 0.2
    few_y[_wrong] = _rng.integers(0, 10, _wrong.sum())

    def fit_few(rate=0.0, epochs=40, weight_decay=0.0, callbacks=()):
        one = fn.mlp(64, [64] * 5, 10, seed=0, dropout=rate)
        course = one.fit(
            few_X,
            few_y,
            optimizer=fn.AdamW(2e-3, weight_decay=weight_decay),
            epochs=epochs,
            validation=digits_test,
            callbacks=callbacks,
        )
        return one, course

    return few_X, few_y, fit_few


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### Dropout

    While training, each activation is set to 0 with probability $p$, the **rate**; the others are divided by $1 - p$. (Srivastava et al., 2014, scale after training instead, which is the same in the mean.) No neuron can rely on another one being there.
    With $m$ the random factor, 0 with probability $p$ and $\frac{1}{1 - p}$ otherwise:

    $$
    E[m\, a] = p \cdot 0 + (1 - p) \cdot \frac{a}{1 - p} = a ,
    $$

    so the mean that the next layer sees is the same with dropout and without. After training dropout is switched off, and nothing else needs to change. Not so the mean square:

    $$
    E[(m\, a)^2] = (1 - p) \cdot \frac{a^2}{(1 - p)^2} = \frac{a^2}{1 - p},
    \qquad
    \operatorname{Var}[m\, a] = \frac{a^2}{1 - p} - a^2 = a^2\, \frac{p}{1 - p} .
    $$

    And mean squares are what passes from layer to layer. With relu and He's weights, $q_l = q_{l-1} / (1 - p)$: dropout makes signals grow while training, and in five layers its noise piles up.
    """)
    return


@app.cell
def test_mean_and_variance_of_dropout():
    _a, _p, _n = 2.0, 0.3, 200_000
    _dropped = fn.ops.dropout(np.full(_n, _a), _p, seed=0)
    _variance = _a**2 * _p / (1 - _p)
    _width, _rate = 256, 0.3
    _net = fn.mlp(_width, [_width] * 5, 10, dropout=_rate, seed=0)
    _x = np.random.default_rng(0).normal(size=(300, _width))
    _size = {}
    for _training in (False, True):
        _net.forward(_x, training=_training)
        # layer 5 is number 8: a Dropout follows each of the four Dense layers below
        _size[_training] = np.mean(_net.layers[8].z ** 2)
    book.beside(
        [
            # the mean of n numbers scatters by sqrt(variance / n); four times that
            ("mean after dropout", _a, _dropped.mean(), 4 * np.sqrt(_variance / _n)),
            ("variance after dropout", _variance, _dropped.var(), 0.02 * _variance),
            (
                "mean square of z in layer 5, with to without",
                (1 / (1 - _rate)) ** 4,
                _size[True] / _size[False],
                0.15 * (1 / (1 - _rate)) ** 4,
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    What dropout does to the **gap**, the validation loss minus the training loss. Both are measured with dropout switched off, after 40 epochs on the 300 digits:
    """)
    return


@app.cell
def _(digits_test, few_X, few_y, fit_few):
    gaps = {}
    for rate in (0.0, 0.1, 0.2, 0.3):
        _net, _ = fit_few(rate)
        gaps[rate] = (
            _net.evaluate(few_X, few_y)["loss"],
            _net.evaluate(*digits_test)["loss"],
            _net.score(*digits_test),
        )
    assert gaps[0.0][1] - gaps[0.0][0] > gaps[0.3][1] - gaps[0.3][0] + 0.2
    book.table(
        ["rate", "training loss", "validation loss", "gap", "validation accuracy"],
        [[f"{r:g}", a, b, b - a, c] for r, (a, b, c) in gaps.items()],
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The rate moves the network along a line from learning by heart to not learning at all. Where is the best place?
    """)
    return


@app.cell(hide_code=True)
def _():
    dropout_rate = mo.ui.slider(
        0.0, 0.6, step=0.05, value=0.1, label="dropout rate", show_value=True
    )
    dropout_rate
    return (dropout_rate,)


@app.cell(hide_code=True)
def _(dropout_rate, fit_few, plt):
    def draw_dropout(value):
        _, course = fit_few(value)
        picture, ax = plt.subplots(figsize=(6.5, 2.8))
        epoch = range(1, course.epochs + 1)
        ax.plot(epoch, course.loss, label="training, dropout on")
        ax.plot(epoch, course.val_loss, "--", label="validation")
        ax.axhline(np.log(10), color="0.5", linewidth=1, linestyle=":", label="a guess")
        # from 0.04, learned by heart, to 17, the first epoch with six tenths missing
        ax.set(xlabel="epoch", ylabel="loss", yscale="log", ylim=(0.02, 30))
        ax.set_yticks((0.1, 1, 10), ("0.1", "1", "10"))
        ax.set_title(
            f"dropout rate {value:g}: validation accuracy {course.val_accuracy[-1]:.3f}"
        )
        picture.legend(loc="outside lower center", ncols=3)
        return picture

    book.live(
        draw_dropout,
        dropout_rate,
        name="dropout rate",
        at=(0.0, 0.2, 0.5),
        alt="Training and validation loss over 40 epochs with a dropout rate of {value}, "
        "on a logarithmic scale, beside the loss of a guess.",
        caption="The scale is logarithmic. Dotted: a guess among ten digits, which costs "
        "ln 10 = 2.3.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Note that with dropout the training loss may lie above the validation loss: it was measured with neurons missing.

    ### L2, or weight decay

    The second kind adds a price for large weights to the loss, $\frac{\lambda}{2} \sum w^2$, half of the squared **L2 norm**. Its gradient is $\lambda w$, so a step of gradient descent is

    $$
    w \leftarrow w - \eta \Big( \frac{\partial L}{\partial w} + \lambda w \Big) = (1 - \eta \lambda)\, w - \eta\, \frac{\partial L}{\partial w} .
    $$

    Without any other gradient a weight shrinks by the factor $1 - \eta \lambda$ in each step, hence **weight decay** (`weight_decay` of every optimizer is $\lambda$).

    For a linear model the minimum is known in closed form. Let $X$ have the shape $(n, d)$, $y$ and $w$ one column, and take the library's loss, the mean square without a factor $\frac12$:

    $$
    F(w) = \frac1n \lVert X w - y \rVert^2 + \frac{\lambda}{2} \lVert w \rVert^2 .
    $$

    At the minimum the gradient is 0:

    $$
    \frac2n X^\top (X w - y) + \lambda w = 0
    \quad\Longleftrightarrow\quad
    \Big( X^\top X + \frac{\lambda n}{2} I \Big) w = X^\top y .
    $$

    This is **ridge regression** (Hoerl and Kennard, 1970). What does it do to the weights? Take the singular value decomposition $X = U S V^\top$, where $U$ and $V$ have orthonormal columns and $S$ is diagonal with $s_i \ge 0$. Then $X^\top X = V S^2 V^\top$, and along direction $v_i$ (column $i$ of $V$) the equation is one of numbers:

    $$
    \Big( s_i^2 + \frac{\lambda n}{2} \Big)\, v_i^\top w = s_i\, u_i^\top y
    \quad\Longrightarrow\quad
    v_i^\top w = \underbrace{\frac{s_i^2}{s_i^2 + \lambda n / 2}}_{\text{shrinkage}} \cdot \underbrace{\frac{u_i^\top y}{s_i}}_{\text{without decay}} .
    $$

    Directions in which the data are wide ($s_i$ large) are hardly touched; directions in which they say little are taken back towards 0.
    """)
    return


@app.cell
def _():
    _rng = np.random.default_rng(2)
    wide_X = _rng.normal(size=(200, 5)) * [3.0, 1.5, 1.0, 0.5, 0.2]
    wide_y = wide_X @ [[1.0], [-1.0], [1.0], [-1.0], [1.0]] + _rng.normal(size=(200, 1))
    U, s, Vt = np.linalg.svd(wide_X, full_matrices=False)

    def fit_linear(weight_decay=0.0, epochs=4000, learning_rate=0.03):
        """A linear model without bias from 0, by gradient descent on all 200 rows."""
        one = fn.Network([fn.Dense(5, 1, bias=False, init="zeros")], dtype="float64")
        one.fit(
            wide_X,
            wide_y,
            loss="mse",
            optimizer=fn.SGD(learning_rate, weight_decay=weight_decay),
            epochs=epochs,
            batch_size=200,
        )
        return one.layers[0].weights

    return U, Vt, fit_linear, s, wide_X, wide_y


@app.cell
def test_shrinkage_by_weight_decay(U, Vt, fit_linear, s, wide_y):
    _decay = 0.5
    _free = (U.T @ wide_y)[:, 0] / s  # the weights without decay, along each v
    _found = (Vt @ fit_linear(weight_decay=_decay))[:, 0]
    book.beside(
        [
            (
                f"shrinkage where s² / n = {s[i] ** 2 / 200:.3f}",
                s[i] ** 2 / (s[i] ** 2 + _decay * 200 / 2),
                _found[i] / _free[i],
            )
            for i in range(5)
        ],
        rel=1e-5,
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    And without a gradient, the decay alone. Here Adam does something odd: it divides by the size of the gradient, and if $\lambda w$ is the gradient, that is gone. All weights shrink by $\eta$ in the first step, the small ones as fast as the large ones.
    AdamW (Loshchilov and Hutter, 2019) takes the decay out of the gradient, and shrinks by the factor $1 - \eta\lambda$ again:
    """)
    return


@app.cell
def test_decay_alone():
    def decayed(optimizer, steps):
        """The weight 2.0 after some steps on data that give no gradient."""
        one = fn.Network([fn.Dense(1, 1, bias=False)], dtype="float64")
        one.layers[0].weights = [[2.0]]
        zeros = np.zeros((8, 1))
        one.fit(
            zeros, zeros, loss="mse", optimizer=optimizer, epochs=steps, batch_size=8
        )
        return one.layers[0].weights[0, 0]

    book.beside(
        [
            (
                "SGD, 100 steps",
                2 * (1 - 0.1 * 0.05) ** 100,
                decayed(fn.SGD(0.1, weight_decay=0.05), 100),
            ),
            ("Adam, 1 step", 2 - 0.1, decayed(fn.Adam(0.1, weight_decay=0.05), 1)),
            (
                "AdamW, 1 step",
                2 * (1 - 0.1 * 0.05),
                decayed(fn.AdamW(0.1, weight_decay=0.05), 1),
            ),
        ],
        rel=1e-6,
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    On the 300 digits, with AdamW:
    """)
    return


@app.cell
def _(digits_test, few_X, few_y, fit_few):
    decays = {}
    for decay in (0.0, 0.3, 1.0, 3.0):
        _net, _ = fit_few(weight_decay=decay)
        _weights = np.concatenate([layer.weights.ravel() for layer in _net.layers])
        decays[decay] = (
            float(np.sqrt(np.mean(_weights**2))),
            _net.evaluate(few_X, few_y)["loss"],
            _net.evaluate(*digits_test)["loss"],
        )
    assert decays[3.0][0] < decays[0.0][0]  # the weights did shrink
    book.table(
        [
            "weight decay",
            "root mean square of the weights",
            "training loss",
            "validation loss",
        ],
        [[f"{d:g}", *values] for d, values in decays.items()],
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Optimizers raced

    The gradient says which way is down. An **optimizer** says how to step. With $g$ the gradient and $\eta$ the learning rate, all operations entry by entry, all averages beginning at 0:

    | name | source | the step |
    | --- | --- | --- |
    | SGD | Robbins and Monro, 1951 | $w \leftarrow w - \eta g$ |
    | momentum | Polyak, 1964 | $v \leftarrow \mu v + g$, then $w \leftarrow w - \eta v$ |
    | Nesterov | Nesterov, 1983; Sutskever et al., 2013 | $v \leftarrow \mu v + g$, then $w \leftarrow w - \eta (g + \mu v)$ |
    | RMSProp | Tieleman and Hinton, 2012 | $s \leftarrow \alpha s + (1 - \alpha) g^2$, then $w \leftarrow w - \eta g / (\sqrt{s} + \varepsilon)$ |
    | Adam | Kingma and Ba, 2015 | $m \leftarrow \beta_1 m + (1 - \beta_1) g$, $s \leftarrow \beta_2 s + (1 - \beta_2) g^2$, then $w \leftarrow w - \eta \hat m / (\sqrt{\hat s} + \varepsilon)$ |

    Adam's hats are corrections. After $t$ steps the factors in $m$ add up to $(1 - \beta_1)(1 + \beta_1 + \dots + \beta_1^{t-1}) = 1 - \beta_1^t$ and not to 1, so the average is too small by this factor; $\hat m = m / (1 - \beta_1^t)$ divides it out, and $\hat s = s / (1 - \beta_2^t)$ likewise.

    **The first step** can be predicted for each, with the usual $\mu = 0.9$ and the library's $\alpha = 0.99$:

    - SGD: $-\eta g$. Momentum: $v = g$, so $-\eta g$ as well.
    - Nesterov: $v = g$, so $-\eta (1 + \mu) g$.
    - RMSProp: $s = 0.01 g^2$, so $-\eta g / (0.1 \lvert g \rvert) = -10\, \eta \operatorname{sign}(g)$.
    - Adam: $\hat m = g$ and $\hat s = g^2$, so $-\eta\, g / \lvert g \rvert = -\eta \operatorname{sign}(g)$.

    The last two move every weight by the same amount, whatever the size of its gradient. If all $P$ parameters have a gradient, such a step has the length $\eta \sqrt{P}$, or $10\, \eta \sqrt{P}$.
    """)
    return


@app.cell
def test_first_steps_of_five_optimizers(spirals_train):
    def first_step(optimizer):
        """The gradient at the start, and how the parameters moved in one step."""
        one = fn.mlp(2, [32] * 5, 3, activation="tanh", seed=0, dtype="float64")
        one.input_gradient(*spirals_train, loss="cross_entropy")
        start, g = one.flat_parameters.copy(), one.flat_gradients.copy()
        one.fit(*spirals_train, optimizer=optimizer, epochs=1, batch_size=450)
        return g, one.flat_parameters - start

    _rows = []
    for _name, _optimizer, _formula in (
        ("SGD", fn.SGD(0.01), lambda g: -0.01 * g),
        ("momentum", fn.SGD(0.01, momentum=0.9), lambda g: -0.01 * g),
        ("Nesterov", fn.SGD(0.01, momentum=0.9, nesterov=True), lambda g: -0.019 * g),
        ("RMSProp", fn.RMSProp(0.01), lambda g: -0.1 * np.sign(g)),
        ("Adam", fn.Adam(0.01), lambda g: -0.01 * np.sign(g)),
    ):
        _g, _step = first_step(_optimizer)
        _sure = np.abs(_g) > 1e-5  # far above epsilon, 1e-8
        np.testing.assert_allclose(_step[_sure], _formula(_g[_sure]), rtol=0.02)
        _rows.append(
            (
                f"{_name}: length of the first step",
                np.linalg.norm(_formula(_g)),
                np.linalg.norm(_step),
            )
        )
    book.beside(_rows, rel=0.01)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    **On a steady slope**, a constant $g$, the velocity of momentum is a geometric sum:

    $$
    v_t = g\, (1 + \mu + \dots + \mu^{t-1}) = g\, \frac{1 - \mu^t}{1 - \mu} \;\longrightarrow\; \frac{g}{1 - \mu} ,
    $$

    tenfold for $\mu = 0.9$. So momentum of 0.9 needs a learning rate about a tenth of that of plain SGD.
    Adam goes on with steps of $\eta$, and RMSProp's shrink from $10\, \eta$ to $\eta / \sqrt{1 - \alpha^t}$.
    """)
    return


@app.cell
def test_steps_on_a_steady_slope():
    def steps(update, slots, **settings):
        """Sizes of 200 steps where the gradient is 0.5 all the time."""
        w, state, sizes = np.zeros(1), [np.zeros(1) for _ in range(slots)], []
        for t in range(1, 201):
            before = w.copy()
            if update is fn.ops.adam_update:
                settings["step"] = t
            update(w, np.array([0.5]), *state, learning_rate=0.01, **settings)
            sizes.append(float(before[0] - w[0]))
        return sizes

    _momentum = steps(fn.ops.sgd_update, 1, momentum=0.9)
    _rmsprop = steps(fn.ops.rmsprop_update, 1, alpha=0.99)
    _adam = steps(fn.ops.adam_update, 2)
    book.beside(
        [
            ("momentum, step 1", 0.01 * 0.5, _momentum[0]),
            ("momentum, step 5", 0.01 * 0.5 * (1 - 0.9**5) / 0.1, _momentum[4]),
            ("momentum, step 200", 0.01 * 0.5 / 0.1, _momentum[199]),
            ("RMSProp, step 200", 0.01 / np.sqrt(1 - 0.99**200), _rmsprop[199]),
            ("Adam, step 200", 0.01, _adam[199]),
        ],
        rel=1e-5,
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    A valley shows their characters: $L = \frac12 (x^2 + 20 y^2)$, steep across, flat along. All start at the same point, and each makes 40 steps.
    """)
    return


@app.cell(hide_code=True)
def _(plt, style):
    def path(update, slots, steps=40, **settings):
        w, state, places = (
            np.array([-4.0, 1.5]),
            [np.zeros(2) for _ in range(slots)],
            [],
        )
        for t in range(1, steps + 1):
            places.append(w.copy())
            if update is fn.ops.adam_update:
                settings["step"] = t
            update(w, w * [1.0, 20.0], *state, **settings)
        return np.array([*places, w])

    def draw_valley():
        paths = {
            "SGD, 0.09": path(fn.ops.sgd_update, 0, learning_rate=0.09),
            "momentum, 0.02": path(
                fn.ops.sgd_update, 1, learning_rate=0.02, momentum=0.9
            ),
            "Nesterov, 0.02": path(
                fn.ops.sgd_update, 1, learning_rate=0.02, momentum=0.9, nesterov=True
            ),
            "RMSProp, 0.1": path(fn.ops.rmsprop_update, 1, learning_rate=0.1),
            "Adam, 0.3": path(fn.ops.adam_update, 2, learning_rate=0.3),
        }
        picture, axes = plt.subplots(2, 3, figsize=(6.5, 3.6), sharex=True, sharey=True)
        x, height = np.meshgrid(np.linspace(-4.5, 3, 80), np.linspace(-2, 2, 60))
        for ax, (name, places) in zip(axes.ravel(), paths.items(), strict=False):
            ax.contour(
                x,
                height,
                (x**2 + 20 * height**2) / 2,
                levels=[0.25, 1, 3, 8, 16, 30],
                colors="0.8",
                linewidths=0.8,
            )
            ax.plot(*places.T, "o-", markersize=2, linewidth=0.9, color=style.BLUE)
            ax.plot(*places[0], "s", color=style.INK, markersize=5)
            ax.plot(0, 0, "*", color=style.RED, markersize=9)
            ax.set_title(name)
            ax.grid(False)
        axes[1, 2].axis("off")
        axes[1, 2].plot([], [], "s", color=style.INK, label="start")
        axes[1, 2].plot([], [], "*", color=style.RED, markersize=9, label="minimum")
        axes[1, 2].legend(loc="center")
        for ax in axes[1]:
            ax.set_xlabel("x")
        for ax in axes[:, 0]:
            ax.set_ylabel("y")
        return picture

    book.figure(
        draw_valley(),
        alt="Five paths in a long valley. SGD zigzags across it, momentum swings through in "
        "wide arcs, Nesterov swings less, RMSProp and Adam go in a bend, both coordinates at "
        "the same speed at first.",
        caption="Forty steps of five optimizers; the number is the learning rate.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### The race

    A race in which each optimizer runs with one learning rate is a race of learning rates. Choi et al. (2019) showed that the ranking turns with the tuning.
    So each gets four learning rates, two seeds each, on the spirals, five hidden layers of 32, 40 epochs; all start from the same weights.
    """)
    return


@app.cell
def _(spirals_train):
    RACE = {
        "SGD": (lambda r: fn.SGD(r), (0.03, 0.1, 0.3, 1.0)),
        "momentum": (lambda r: fn.SGD(r, momentum=0.9), (0.003, 0.01, 0.03, 0.1)),
        "Nesterov": (
            lambda r: fn.SGD(r, momentum=0.9, nesterov=True),
            (0.003, 0.01, 0.03, 0.1),
        ),
        "RMSProp": (lambda r: fn.RMSProp(r), (0.0003, 0.001, 0.003, 0.01)),
        "Adam": (lambda r: fn.Adam(r), (0.001, 0.003, 0.01, 0.03)),
    }

    def race(make, learning_rate):
        """The loss over the epochs, mean of two seeds."""
        courses = []
        for seed in (0, 1):
            one = fn.mlp(2, [32] * 5, 3, activation="tanh", seed=seed)
            courses.append(
                one.fit(*spirals_train, optimizer=make(learning_rate), epochs=40).loss
            )
        return np.mean(courses, axis=0)

    raced = {
        name: {rate: race(make, rate) for rate in rates}
        for name, (make, rates) in RACE.items()
    }
    book.table(
        ["loss after 40 epochs", "smallest rate", "second", "third", "largest rate"],
        [
            [
                name,
                *(f"{course[-1]:.3f} ({rate:g})" for rate, course in courses.items()),
            ]
            for name, courses in raced.items()
        ],
    )
    return (raced,)


@app.cell(hide_code=True)
def _(plt, raced):
    def draw_race(raced):
        picture, ax = plt.subplots(figsize=(6.5, 3))
        dashes = ("-", "--", "-.", ":", (0, (6, 1, 1, 1, 1, 1)))
        for (name, courses), dash in zip(raced.items(), dashes, strict=True):
            rate = min(courses, key=lambda r: courses[r][-1])
            ax.semilogy(
                range(1, 41), courses[rate], linestyle=dash, label=f"{name}, {rate:g}"
            )
        ax.set(xlabel="epoch", ylabel="loss")
        ax.legend()
        return picture

    ends = [[course[-1] for course in courses.values()] for courses in raced.values()]
    bests = [min(row) for row in ends[1:]]  # all but plain SGD
    assert all(max(row) - min(row) > max(bests) - min(bests) for row in ends)
    book.figure(
        draw_race(raced),
        alt="The loss of five optimizers over 40 epochs, each with its best of four learning "
        "rates. All fall, on different roads.",
        caption="Each optimizer with the best of its four learning rates; mean of two seeds.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Two things to take along. The learning rate matters more than the choice among the last four optimizers: along each row of the table the losses differ by more than the best of these four differ from one another. (Plain SGD is less sure: in 40 epochs some starts arrive, and others do not.)
    And no rate can be carried over from one optimizer to another. Plain SGD needs a large one, because its step is the rate times a small gradient; momentum a smaller one, because its steps pile up; RMSProp and Adam a small one, because the size of the gradient is divided out.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Learning rate schedules

    Why should the learning rate change during training? Because each step follows the gradient of a small batch, which is the true gradient plus noise. Near the minimum the noise is all that is left, and it keeps the weights trembling. How much?

    Take one weight with the loss $\frac{a}{2} w^2$, so the gradient $a w$, and a noise $\xi$ of mean 0 and standard deviation $\tau$ in every step:

    $$
    w' = w - \eta\, (a w + \xi) = (1 - \eta a)\, w - \eta\, \xi .
    $$

    $w$ and $\xi$ are independent, so variances add: $V' = (1 - \eta a)^2 V + \eta^2 \tau^2$. When the trembling has settled, $V' = V$:

    $$
    V = \frac{\eta^2 \tau^2}{1 - (1 - \eta a)^2} = \frac{\eta^2 \tau^2}{2 \eta a - \eta^2 a^2} = \frac{\eta\, \tau^2}{a\, (2 - \eta a)} .
    $$

    For small $\eta a$ this is proportional to the learning rate. Large steps to arrive, small ones to settle: that is a **schedule**.
    """)
    return


@app.cell
def test_noise_floor():
    def floor(learning_rate, a=1.0, tau=0.5, steps=300):
        """Variance of 20,000 independent weights after many noisy steps."""
        rng = np.random.default_rng(0)
        w = np.zeros(20_000)
        for _ in range(steps):
            gradient = a * w + tau * rng.normal(size=w.size)
            fn.ops.sgd_update(w, gradient, learning_rate=learning_rate)
        return w.var()

    # the variance of 20,000 numbers scatters by sqrt(2 / 20,000) = 1 % of itself
    book.beside(
        [
            (
                f"variance of w, learning rate {rate}",
                rate * 0.5**2 / (2 - rate),
                floor(rate),
            )
            for rate in (0.4, 0.2, 0.1, 0.05)
        ],
        rel=0.05,
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The usual schedules, with $\eta_0$ the first rate, $e$ the epoch (from 0, it may be a fraction) and $T$ the number of epochs:

    - **step**: $\eta_0 \, \kappa^{\lfloor e / k \rfloor}$, times $\kappa$ every $k$ epochs ($\lfloor \cdot \rfloor$ rounds down);
    - **exponential**: $\eta_0 \, \kappa^{e}$;
    - **cosine** (Loshchilov and Hutter, 2017): $\eta_0 \, (1 + \cos(\pi e / T)) / 2$;
    - **warm-up** (Goyal et al., 2017): a straight line up during the first epochs, here from 0, then one of the others. It helps where full steps would spoil the beginning, when the network still changes quickly.

    What did the optimizer really use? For plain gradient descent it can be found out: a step has the length of the rate times the length of the gradient. So divide how far the weights moved by `history.grad_norms`.
    """)
    return


@app.cell
def _(wide_X, wide_y):
    def rates_used(schedule, epochs=20):
        """The learning rate of each epoch, from how far the weights moved."""
        one = fn.Network([fn.Dense(5, 1, bias=False)], seed=0, dtype="float64")
        places = [one.flat_parameters.copy()]
        course = one.fit(
            wide_X,
            wide_y,
            loss="mse",
            optimizer=fn.SGD(schedule),
            epochs=epochs,
            batch_size=200,  # all rows: one step in an epoch
            callbacks=[lambda training: places.append(one.flat_parameters.copy())],
        )
        moved = np.linalg.norm(np.diff(places, axis=0), axis=1)
        return moved / np.ravel(course.grad_norms)

    e = np.arange(20)
    schedules = {
        "step": (fn.schedules.step(0.04, every=5, factor=0.5), 0.04 * 0.5 ** (e // 5)),
        "exponential": (fn.schedules.exponential(0.04, factor=0.9), 0.04 * 0.9**e),
        "cosine": (
            fn.schedules.cosine(0.04, epochs=20),
            0.04 * (1 + np.cos(np.pi * e / 20)) / 2,
        ),
        "warm-up, cosine": (
            fn.schedules.warmup(fn.schedules.cosine(0.04, epochs=15), epochs=5),
            np.where(
                e < 5, 0.04 * e / 5, 0.04 * (1 + np.cos(np.pi * (e - 5) / 15)) / 2
            ),
        ),
    }
    used = {name: rates_used(schedule) for name, (schedule, _) in schedules.items()}
    return e, schedules, used


@app.cell
def test_rates_that_the_optimizer_used(schedules, used):
    for _name, (_, _formula) in schedules.items():
        np.testing.assert_allclose(used[_name], _formula, rtol=1e-6, atol=1e-12)
    book.beside(
        [
            (f"{name}, epoch {epoch}", formula[epoch], used[name][epoch])
            for name, (_, formula) in schedules.items()
            for epoch in (3, 12)
        ],
        rel=1e-6,
    )
    return


@app.cell(hide_code=True)
def _(e, plt, schedules, style, used):
    def draw_schedules():
        picture, axes = plt.subplots(1, 4, figsize=(6.5, 2.6), sharey=True)
        for ax, (name, (_, formula)) in zip(axes, schedules.items(), strict=True):
            ax.plot(e, formula, color=style.BLUE, label="predicted")
            ax.plot(e, used[name], ".", color=style.RED, markersize=6, label="used")
            ax.set(title=name, xlabel="epoch", xticks=(0, 10, 20))
        axes[0].set_ylabel("learning rate")
        handles, names = axes[0].get_legend_handles_labels()
        picture.legend(handles, names, loc="outside lower center", ncols=2)
        return picture

    book.figure(
        draw_schedules(),
        alt="Four learning rates over 20 epochs: stairs, an exponential decay, half a cosine, "
        "and a straight rise followed by half a cosine. The rates used lie on the lines.",
        caption="Predicted rates, and the rates found from how far the weights moved.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Now the trembling itself. A linear model learns 200 noisy rows in batches of 8, once with a constant rate and once with a cosine that ends at 0. The picture shows how far the loss of all rows is above its minimum, which least squares give.
    """)
    return


@app.cell(hide_code=True)
def _(plt, wide_X, wide_y):
    def above_minimum(rate, epochs=150):
        """The loss of all rows after each epoch, minus the smallest there is."""
        least = np.linalg.lstsq(wide_X, wide_y)[0]
        bottom = np.mean((wide_X @ least - wide_y) ** 2)
        one = fn.Network([fn.Dense(5, 1, bias=False, init="zeros")], dtype="float64")
        course = one.fit(
            wide_X,
            wide_y,
            loss="mse",
            optimizer=fn.SGD(rate),
            epochs=epochs,
            batch_size=8,
            validation=(wide_X, wide_y),
        )
        return np.array(course.val_loss) - bottom

    def draw_floor():
        constant = above_minimum(0.03)
        falling = above_minimum(fn.schedules.cosine(0.03, epochs=150))
        assert falling[-1] < 0.2 * np.mean(constant[-50:])
        picture, ax = plt.subplots(figsize=(6.5, 2.7))
        ax.semilogy(range(1, 151), constant, linewidth=1.2, label="constant 0.03")
        ax.semilogy(
            range(1, 151), falling, "--", linewidth=1.2, label="cosine from 0.03 to 0"
        )
        ax.set(xlabel="epoch", ylabel="loss above its minimum")
        ax.legend()
        return picture

    book.figure(
        draw_floor(),
        alt="Loss above its minimum over 150 epochs, logarithmic. With a constant rate it goes "
        "up and down on one level; with the cosine it comes off that level and falls far below "
        "it by the end.",
        caption="A constant rate trembles, a cosine schedule settles.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    There is an exception. A network that can fit every one of its samples exactly has no noise at its minimum, because there each sample's own gradient is 0; such a network may reach its minimum with a constant rate (Ma, Bassily and Belkin, 2018).
    Our five layers on the digits are such a network: they come to a training loss near 0 without any schedule.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Batch size

    The gradient of a batch is a mean over a few of the samples, so it errs by chance. How much? Let $g_i$ be the gradient of sample $i$ alone, a vector with an entry for each parameter, $\bar g$ the mean of all $N$, and

    $$
    v = \frac1N \sum_{i=1}^{N} \lVert g_i - \bar g \rVert^2
    $$

    the variance of a single sample's gradient, all entries added. Draw a batch of $B$ samples and take the mean of their $g_i$. If the samples were drawn independently, the variances would add and the mean divide them by $B^2$: $B v / B^2 = v / B$.
    A batch has no sample twice, so the draws are not quite independent: if one deviation is drawn, the others are a little less likely to have its sign. For two different samples $i \ne k$, because all deviations add up to 0,

    $$
    E\big[(g_i - \bar g) \cdot (g_k - \bar g)\big] = - \frac{v}{N - 1} .
    $$

    With $B$ squares and $B (B - 1)$ such pairs,

    $$
    E \lVert g_B - \bar g \rVert^2 = \frac{1}{B^2} \Big( B v - B (B - 1) \frac{v}{N - 1} \Big) = \frac{v}{B} \cdot \frac{N - B}{N - 1} .
    $$

    For $B = N$ it is 0, as it must be: the batch is everything. As long as $B$ is far below $N$, it is $v / B$.
    """)
    return


@app.cell
def _(spirals_train):
    sample_X, sample_y = spirals_train[0][:256], spirals_train[1][:256]
    judge = fn.mlp(2, [32] * 5, 3, activation="tanh", seed=3, dtype="float64")
    judge.fit(*spirals_train, optimizer=fn.Adam(1e-3), epochs=10)

    def gradient_of(rows):
        """The gradient of the loss of these rows, all parameters in one vector."""
        judge.input_gradient(sample_X[rows], sample_y[rows])
        return judge.flat_gradients.copy()

    single = np.array([gradient_of([i]) for i in range(256)])  # (256, 4419)
    whole = single.mean(axis=0)
    v = np.mean(np.sum((single - whole) ** 2, axis=1))
    np.testing.assert_allclose(whole, gradient_of(range(256)), atol=1e-12)

    _rng = np.random.default_rng(0)
    BATCHES = (4, 16, 64, 128)
    scatter = {
        B: np.mean(
            [
                np.sum((gradient_of(_rng.choice(256, B, replace=False)) - whole) ** 2)
                for _ in range(400)
            ]
        )
        for B in BATCHES
    }
    return BATCHES, scatter, v


@app.cell
def test_variance_of_a_batch_gradient(BATCHES, scatter, v):
    book.beside(
        [
            (
                f"variance of the gradient, batch of {B}",
                v / B * (256 - B) / 255,
                scatter[B],
            )
            for B in BATCHES
        ],
        rel=0.15,
    )
    return


@app.cell(hide_code=True)
def _(BATCHES, plt, scatter, style, v):
    def draw_scatter():
        picture, ax = plt.subplots(figsize=(6.5, 2.8))
        B = np.geomspace(2, 240, 100)
        ax.loglog(B, v / B, "--", color="0.6", linewidth=1.2, label="v / B")
        ax.loglog(
            B,
            v / B * (256 - B) / 255,
            color=style.BLUE,
            label="predicted, no sample twice",
        )
        ax.loglog(
            BATCHES,
            scatter.values(),
            "o",
            color=style.RED,
            label="measured, 400 batches each",
        )
        ax.set(
            xlabel="batch size B",
            ylabel="variance of the gradient",
            xticks=BATCHES,
            xticklabels=BATCHES,
        )
        ax.minorticks_off()
        ax.legend()
        return picture

    book.figure(
        draw_scatter(),
        alt="The variance of the gradient falls on a straight line of slope -1 on logarithmic "
        "scales, and below it when the batch is near the whole of 256 samples. Four measured "
        "points lie on the predicted curve.",
        caption="Variance of a batch's gradient, of a network of five hidden layers on spirals.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The standard deviation falls as $1 / \sqrt{B}$ only: a batch four times as large costs four times as much, and its error is half. In the same number of epochs a large batch makes fewer steps.
    Goyal et al. (2017) therefore let the learning rate grow with the batch, which keeps the way per epoch about the same. That works as long as the rate stays below the limit of stability (chapter 4).
    Ten epochs on the digits, plain gradient descent:
    """)
    return


@app.cell
def _(digits_test, digits_train, five):
    batches = []
    for size in (4, 16, 64, 256):
        _row = [size, int(np.ceil(len(digits_train[1]) / size)) * 10]
        for rate_of_batch in (0.02, 0.02 * size / 16):
            _net = five("relu", "he_normal")
            _net.fit(
                *digits_train,
                optimizer=fn.SGD(rate_of_batch),
                epochs=10,
                batch_size=size,
            )
            _row.append(_net.score(*digits_test))
        batches.append(_row)
    assert batches[3][3] > batches[3][2]
    book.table(
        [
            "batch size",
            "steps in ten epochs",
            "test accuracy, rate 0.02",
            "rate 0.02 B / 16",
        ],
        batches,
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Early stopping

    The network of the 300 digits with false labels gets better on other data at first, and worse later, when it begins to learn the false labels. So stop at the best place: **early stopping** (Prechelt, 1998).
    Watch the validation loss, wait for a few epochs (the **patience**) whether it still gets better, then go back to the best parameters.

    Two predictions: the training ends `patience` epochs after its best epoch, and afterwards the network has the validation loss of that epoch.
    """)
    return


@app.cell
def _(fit_few):
    stopper = fn.EarlyStopping(monitor="val_loss", patience=8)
    stopped_net, stopped_history = fit_few(epochs=40, callbacks=[stopper])
    _, long_history = fit_few(epochs=40)
    mo.plain_text(stopped_history.stopped)
    return long_history, stopped_history, stopped_net, stopper


@app.cell
def test_early_stopping(digits_test, stopped_history, stopped_net, stopper):
    assert stopped_history.stopped
    book.beside(
        [
            ("epochs done", stopper.best_epoch + 8, stopped_history.epochs),
            (
                "validation loss afterwards",
                min(stopped_history.val_loss),
                stopped_net.evaluate(*digits_test)["loss"],
            ),
        ],
        rel=1e-9,
    )
    return


@app.cell(hide_code=True)
def _(long_history, plt, stopped_history, stopper, style):
    def draw_stop():
        picture, ax = plt.subplots(figsize=(6.5, 2.8))
        epoch = range(1, long_history.epochs + 1)
        ax.plot(epoch, long_history.loss, label="training")
        ax.plot(epoch, long_history.val_loss, "--", label="validation")
        ax.axvline(
            stopper.best_epoch,
            color=style.GREEN,
            linewidth=1.4,
            label=f"best epoch: {stopper.best_epoch}",
        )
        ax.axvline(
            stopped_history.epochs,
            color="0.5",
            linestyle=":",
            linewidth=1.4,
            label=f"stopped: {stopped_history.epochs}",
        )
        ax.set(xlabel="epoch", ylabel="loss")
        ax.legend()
        return picture

    assert long_history.val_loss[-1] > 1.2 * min(long_history.val_loss)
    book.figure(
        draw_stop(),
        alt="The training loss falls towards 0 over 40 epochs. The validation loss falls, "
        "turns, and rises. A line marks the best epoch, another one where early stopping "
        "ends.",
        caption="The curves go on without early stopping. With it, training ends at the "
        "dotted line, and the parameters of the green line are kept.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    A warning: the parameters were chosen by these validation data, so their loss there is a little too good. For an honest last number keep a third part of the data, as chapter 3 says.

    ### Early stopping and L2 are relatives

    For the linear model the way of gradient descent can be written down. With $H = \frac2n X^\top X = V \Lambda V^\top$ and $w^*$ the minimum, the gradient at $w$ is $H (w - w^*)$. One step is

    $$
    w_{t+1} - w^* = w_t - w^* - \eta H (w_t - w^*) = (I - \eta H)(w_t - w^*) ,
    $$

    so along direction $v_i$ with the eigenvalue $\lambda_i = 2 s_i^2 / n$, starting from $w_0 = 0$,

    $$
    v_i^\top w_t = \big(1 - (1 - \eta \lambda_i)^t\big)\; v_i^\top w^* .
    $$

    Compare the shrinkage of weight decay, in the same symbols $\lambda_i / (\lambda_i + \lambda)$. Both leave large $\lambda_i$ alone and hold small ones near 0. For small $\lambda_i$ they are $\eta t \lambda_i$ and $\lambda_i / \lambda$: $t$ steps act like a decay of about $1 / (\eta t)$ (Bishop, 1995; Goodfellow et al., 2016, section 7.8).
    """)
    return


@app.cell
def test_shrinkage_by_early_stopping(U, Vt, fit_linear, s, wide_y):
    _rate, _t = 0.03, 40
    _free = (U.T @ wide_y)[:, 0] / s
    _found = (Vt @ fit_linear(epochs=_t, learning_rate=_rate))[:, 0]
    book.beside(
        [
            (
                f"reached after 40 steps, eigenvalue {2 * s[i] ** 2 / 200:.3f}",
                1 - (1 - _rate * 2 * s[i] ** 2 / 200) ** _t,
                _found[i] / _free[i],
            )
            for i in range(5)
        ],
        rel=1e-9,
    )
    return


@app.cell(hide_code=True)
def _(plt, s, style):
    def draw_relatives(rate=0.03, t=40):
        picture, ax = plt.subplots(figsize=(6.5, 2.7))
        size = np.geomspace(0.01, 20, 200)
        ax.semilogx(size, 1 - (1 - rate * size) ** t, label="stopped after 40 steps")
        ax.semilogx(
            size,
            size / (size + 1 / (rate * t)),
            "--",
            label=r"weight decay of $1 / (0.03 \cdot 40)$",
        )
        own = 2 * s**2 / 200
        ax.plot(
            own,
            1 - (1 - rate * own) ** t,
            "o",
            color=style.INK,
            markersize=5,
            label="the five directions of the data",
        )
        ax.set(xlabel="eigenvalue", ylabel="share of the free weight")
        ax.legend()
        return picture

    book.figure(
        draw_relatives(),
        alt="Two similar S-shaped curves over the eigenvalue on a logarithmic scale, from 0 to "
        "1. Early stopping rises more steeply than weight decay.",
        caption="What early stopping and weight decay leave of a weight.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Reading learning curves

    A learning curve is the loss over the epochs, on the training part and on the validation part. Four shapes come back again and again. Look at two things: how low is the training loss, and how far above it is the validation loss?
    """)
    return


@app.cell
def _(long_history, spirals_test, spirals_train):
    def learned(hidden, rate, epochs=40):
        one = fn.mlp(2, hidden, 3, activation="tanh", seed=0)
        return one.fit(
            *spirals_train,
            optimizer=fn.Adam(rate),
            epochs=epochs,
            validation=spirals_test,
        )

    curves = {
        "healthy": learned([32] * 5, 3e-3),
        "underfitting": learned([4], 1e-2),
        "overfitting": long_history,
        "rate too large": learned([32] * 5, 0.3),
    }
    return curves, learned


@app.cell(hide_code=True)
def _(curves, plt):
    def draw_curves(curves):
        picture, axes = plt.subplots(2, 2, figsize=(6.5, 4.2))
        for ax, (name, course) in zip(axes.ravel(), curves.items(), strict=True):
            epoch = range(1, course.epochs + 1)
            ax.plot(epoch, course.loss, label="training")
            ax.plot(epoch, course.val_loss, "--", label="validation")
            ax.set_title(name)
            ax.set_ylim(bottom=0)
        for ax in axes[1]:
            ax.set_xlabel("epoch")
        for ax in axes[:, 0]:
            ax.set_ylabel("loss")
        axes[0, 0].legend()
        return picture

    book.figure(
        draw_curves(curves),
        alt="Four pairs of curves. Healthy: both fall to nearly 0, close together. "
        "Underfitting: both stay at about 0.9. Overfitting: training falls to 0, validation "
        "turns and rises. Rate too large: both jump about above 1.",
        caption="Four typical learning curves: solid is training, dashed validation.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    | curve | what is seen | what it means | what to try |
    | --- | --- | --- | --- |
    | healthy | both fall and stay close | the network learns what is common to both parts | stop when validation is flat |
    | underfitting | both end high, close together | the network is too small, or cut too short | more neurons or layers, more epochs, less regularisation |
    | overfitting | training low, validation turns and rises | it learns samples by heart | more data, dropout, weight decay, early stopping |
    | rate too large | the training loss itself jumps and does not come down | steps overshoot | a smaller rate, warm-up, clipping |

    There is a fifth that looks like underfitting: a rate that is too small. Both curves fall slowly and are still falling at the end. And a flat line at $\ln k$ for $k$ classes is the sign of a network that gets no gradient.
    The signs of the four, as conditions that hold for the curves above:
    """)
    return


@app.cell
def test_each_curve_has_its_sign(curves):
    def signs(course):
        jumps = np.diff(course.loss)
        return {
            "training low": course.loss[-1] < 0.2,
            "gap": course.val_loss[-1] - course.loss[-1] > 0.3,
            "rises from its best": course.val_loss[-1] > 1.2 * min(course.val_loss),
            "training loss jumps": np.sum(jumps > 0.05) >= 3,
        }

    _signs = {name: signs(course) for name, course in curves.items()}
    assert _signs["healthy"]["training low"] and not _signs["healthy"]["gap"]
    assert not any(_signs["underfitting"].values())
    assert all(list(_signs["overfitting"].values())[:3])
    assert _signs["rate too large"]["training loss jumps"]
    assert not _signs["rate too large"]["training low"]
    book.table(
        ["curve", *_signs["healthy"]],
        [[name, *found.values()] for name, found in _signs.items()],
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Now move the learning rate of Adam, for five hidden layers on the spirals. Which of the shapes do you see at which rate?
    """)
    return


@app.cell(hide_code=True)
def _():
    RATES = [1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3]
    adam_rate = mo.ui.slider(
        steps=RATES, value=3e-3, label="learning rate", show_value=True
    )
    adam_rate
    return (adam_rate,)


@app.cell(hide_code=True)
def _(adam_rate, learned, plt):
    def draw_rate(value):
        course = learned([32] * 5, value)
        picture, ax = plt.subplots(figsize=(6.5, 2.7))
        epoch = range(1, course.epochs + 1)
        ax.plot(epoch, course.loss, label="training")
        ax.plot(epoch, course.val_loss, "--", label="validation")
        ax.axhline(np.log(3), color="0.6", linewidth=1, label="a guess, ln 3")
        ax.set(xlabel="epoch", ylabel="loss", ylim=(0, 4))
        ax.set_title(
            f"learning rate {value:g}: validation accuracy {course.val_accuracy[-1]:.3f}"
        )
        picture.legend(loc="outside lower center", ncols=3)
        return picture

    book.live(
        draw_rate,
        adam_rate,
        name="learning rate",
        at=(1e-4, 3e-3, 0.1),
        alt="Training and validation loss over 40 epochs with the learning rate {value}.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## What each of the five layers represents

    We have looked at how a deep network learns. What has it learned? Three ways to look, at the network of the first part, which parts the spirals.

    All three need the activations of each layer:
    """)
    return


@app.function
def activations(one, X):
    """[X, a of layer 1, ..., a of layer 5], float64."""
    one.forward(X)
    hidden = [
        x.a for x in one.layers if getattr(x, "activation", "identity") != "identity"
    ]
    return [np.asarray(a, dtype=float) for a in (X, *hidden)]


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    **1. As a picture.** With two features, a neuron's activation can be drawn at every point of the plane.
    """)
    return


@app.cell(hide_code=True)
def _(net, plt, spirals_train):
    def draw_neurons(one):
        picture, axes = plt.subplots(2, 5, figsize=(6.5, 2.9), sharex=True, sharey=True)
        side = np.linspace(-1.25, 1.25, 80)
        plane = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
        labels = spirals_train[1]
        for column, a in enumerate(activations(one, spirals_train[0])[1:]):
            # the neurons whose means of the three classes are furthest apart
            means = np.array([a[labels == k].mean(axis=0) for k in range(3)])
            telling = np.argsort(means.var(axis=0))[::-1]
            maps = activations(one, plane)[column + 1]
            for row in range(2):
                ax = axes[row, column]
                values = maps[:, telling[row]].reshape(80, 80)
                shown = ax.pcolormesh(
                    side, side, values, cmap="cividis", vmin=-1, vmax=1, rasterized=True
                )
                ax.contour(side, side, values, levels=[0], colors="white", linewidths=1)
                ax.set(aspect="equal", xticks=[], yticks=[])
            axes[0, column].set_title(f"layer {column + 1}")
        picture.colorbar(shown, ax=axes, label="activation", ticks=(-1, 0, 1))
        return picture

    book.figure(
        draw_neurons(net),
        alt="Two neurons of each layer as maps of the plane. In layer 1 the border between -1 "
        "and 1 is a straight line, from layer to layer it bends more, and in layer 5 it "
        "winds around the middle of the spirals.",
        caption="The two neurons of each layer that tell the classes apart best, over the plane "
        "of both features; white: activation 0.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    In layer 1 the border is a straight line, as the formula says: $a = 0$ where $w_1 x_1 + w_2 x_2 + b = 0$. Each further layer bends what it gets.

    **2. By a linear probe.** Take the activations of layer $k$ as the features of a logistic regression, and see how well that classifies (Alain and Bengio, 2016). It measures how far the classes can be parted by flat borders at that place of the network.
    A control belongs to it: the same probe on the same network before training.
    """)
    return


@app.cell
def _(digits_net, digits_test, digits_train, net, spirals_test, spirals_train):
    def probe(one, train, test):
        """Test accuracy of a logistic regression on the input and on each layer."""
        scores = []
        for a_train, a_test in zip(
            activations(one, train[0]), activations(one, test[0]), strict=True
        ):
            mean, deviation = a_train.mean(axis=0), a_train.std(axis=0) + 1e-9
            reader = fn.LogisticRegression(solver="newton")
            reader.fit((a_train - mean) / deviation, train[1])
            scores.append(reader.score((a_test - mean) / deviation, test[1]))
        return scores

    part = digits_train[0][:600], digits_train[1][:600]
    probes = {
        ("spirals", "trained"): probe(net, spirals_train, spirals_test),
        ("spirals", "untrained"): probe(
            fn.mlp(2, [32] * 5, 3, activation="tanh", seed=0),
            spirals_train,
            spirals_test,
        ),
        ("digits", "trained"): probe(digits_net, part, digits_test),
        ("digits", "untrained"): probe(
            fn.mlp(64, [64] * 5, 10, seed=0), part, digits_test
        ),
    }
    assert (
        probes["spirals", "trained"][0] < 0.6 and probes["spirals", "trained"][5] > 0.95
    )
    book.table(
        ["probe's accuracy on", "input", *(f"layer {i}" for i in range(1, 6))],
        [[f"{data}, {state}", *scores] for (data, state), scores in probes.items()],
    )
    return (probes,)


@app.cell(hide_code=True)
def _(plt, probes):
    def draw_probes(probes):
        picture, axes = plt.subplots(1, 2, figsize=(6.5, 2.8), sharey=True)
        for ax, data in zip(axes, ("spirals", "digits"), strict=True):
            for state, look in (("trained", "o-"), ("untrained", "s--")):
                ax.plot(range(6), probes[data, state], look, markersize=5, label=state)
            ax.set(
                title=data,
                xlabel="layer",
                xticks=range(6),
                xticklabels=["input", *range(1, 6)],
                ylim=(0.3, 1.03),
            )
        axes[0].set_ylabel("accuracy of the probe")
        axes[0].legend(loc="lower right")
        return picture

    book.figure(
        draw_probes(probes),
        alt="Accuracy of a logistic regression on the input and on layers 1 to 5. On the "
        "spirals it rises from 0.43 to 1 in the trained network. On the digits it is above "
        "0.9 from the input on; in the untrained network it falls from layer to layer.",
        caption="Linear probes, layer by layer.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    On the spirals the trained network does its work step by step; random layers help too, up to a point, because they throw the plane into 32 dimensions.
    On the digits, the input itself can be parted by flat borders nearly as well as any layer. That is why the linear model was so good in the first part. Untrained layers lose information, trained ones keep what matters.

    A probe can be held to a prediction. On layer 5 the network's own output layer is a logistic regression too, so it is one of the candidates among which the probe's training picks the best.
    The probe minimises $\sum_i \text{loss}_i + \frac12 \lVert W \rVert^2$ over all weights and biases, so at its minimum this can't be larger than at the network's own $W^{(6)}$, $b^{(6)}$.
    """)
    return


@app.cell
def test_a_probe_is_no_worse_than_the_networks_own_last_layer(
    net,
    spirals_train,
):
    _a = activations(net, spirals_train[0])[5]
    _last = net.layers[-1]

    def objective(W, b):
        loss, _ = fn.ops.cross_entropy(_a @ W + b, spirals_train[1])
        return loss * len(_a) + 0.5 * np.sum(W**2)

    _reader = fn.LogisticRegression(solver="newton").fit(_a, spirals_train[1])
    _own = objective(_last.weights.astype(float), _last.bias.astype(float))
    _best = objective(_reader.coef_.T, _reader.intercept_)
    assert _best <= _own
    book.table(
        ["sum of losses and half the squared weights", "value"],
        [["bound: the network's own last layer", _own], ["probe on layer 5", _best]],
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    **3. By principal components.** Thirty-two dimensions can't be drawn, but the two directions in which the samples differ most can: **principal component analysis** (Pearson, 1901; Hotelling, 1933). Subtract the mean of each column and take the singular value decomposition $A - \bar A = U S V^\top$; the first two columns of $U S$ are the coordinates, and $s_1^2 + s_2^2$ as a share of $\sum_i s_i^2$ is how much of the variance they show.

    One share can be predicted: $Z^{(1)} = X W^{(1)} + b^{(1)}$ comes from two features, so it lies in a plane within its 32 dimensions, and two components show all of it. After tanh a little is missing already (in the picture below it is rounded away), and from layer to layer more.
    """)
    return


@app.function
def principal(a):
    """Two coordinates for each row, and the share of the variance they show."""
    left, size, _ = np.linalg.svd(a - a.mean(axis=0), full_matrices=False)
    return left[:, :2] * size[:2], np.sum(size[:2] ** 2) / np.sum(size**2)


@app.cell
def test_a_linear_map_keeps_the_dimension(net, spirals_train):
    net.forward(spirals_train[0])
    _z = np.asarray(net.layers[0].z, dtype=float)
    _share_a = principal(np.asarray(net.layers[0].a, dtype=float))[1]
    assert _share_a < 1 - 1e-5
    book.beside(
        [("share of two components, z of layer 1", 1.0, principal(_z)[1])], rel=1e-6
    )
    return


@app.cell(hide_code=True)
def _(inks, marks, net, plt, spirals_train):
    def draw_layers(one):
        picture, axes = plt.subplots(2, 3, figsize=(6.5, 4.3))
        labels = spirals_train[1]
        for i, (ax, a) in enumerate(
            zip(axes.ravel(), activations(one, spirals_train[0]), strict=True)
        ):
            places, share = principal(a)
            for k in range(3):
                ax.plot(*places[labels == k].T, marks[k], color=inks[k], markersize=2.5)
            ax.set(
                title=f"{f'layer {i}' if i else 'input'}: {share:.0%}",
                xticks=[],
                yticks=[],
            )
        for ax in axes[1]:
            ax.set_xlabel("component 1")
        for ax in axes[:, 0]:
            ax.set_ylabel("component 2")
        return picture

    book.figure(
        draw_layers(net),
        alt="Six scatter plots. In the input three arms wind around each other, and up to layer "
        "3 they still do; in layer 4 they loosen, and in layer 5 the classes lie apart.",
        caption="Spirals: two principal components of each layer, and the share of the variance "
        "that they show.",
    )
    return


@app.cell(hide_code=True)
def _(digits_net, digits_test, plt):
    def draw_digits(one):
        picture, axes = plt.subplots(1, 3, figsize=(6.5, 2.7))
        rows, labels = digits_test[0][:250], digits_test[1][:250]
        layers = activations(one, rows)
        scale = plt.get_cmap("tab10")
        for ax, i in zip(axes, (0, 3, 5), strict=True):
            places, share = principal(layers[i])
            for k in range(10):
                ax.plot(
                    *places[labels == k].T,
                    ls="",
                    marker=f"${k}$",
                    color=scale(k),
                    markersize=6,
                    markeredgewidth=0.2,
                )
            edge = np.abs(places).max() * 1.05
            ax.set(xlim=(-edge, edge), ylim=(-edge, edge), xticks=[], yticks=[])
            ax.set(
                title=f"{f'layer {i}' if i else 'input'}: {share:.0%}",
                xlabel="component 1",
            )
            ax.grid(False)
        axes[0].set_ylabel("component 2")
        return picture

    book.figure(
        draw_digits(digits_net),
        alt="The digits 0 to 9 as numerals at their places in two principal components. In the "
        "input most overlap in the middle, in layers 3 and 5 they gather in groups, of which "
        "several still overlap in these two components.",
        caption="Digits the network has not seen: input, layer 3, layer 5.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    That is what the five layers do: each makes a new table out of the old one, with the same rows and new columns, until a flat border is enough.
    A picture of two components shows a part of the truth only: points that lie on one another there may be far apart in the other thirty dimensions.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Exercises

    Eight functions. Each can be written in a few lines with what is above.
    """)
    return


@app.cell(hide_code=True)
def _():
    exercise_1 = book.exercise("6.1")
    exercise_1
    return (exercise_1,)


@app.cell(hide_code=True)
def _(exercise_1):
    book.judged("6.1", exercise_1)
    return


@app.cell(hide_code=True)
def _():
    exercise_2 = book.exercise("6.2")
    exercise_2
    return (exercise_2,)


@app.cell(hide_code=True)
def _(exercise_2):
    book.judged("6.2", exercise_2)
    return


@app.cell(hide_code=True)
def _():
    exercise_3 = book.exercise("6.3")
    exercise_3
    return (exercise_3,)


@app.cell(hide_code=True)
def _(exercise_3):
    book.judged("6.3", exercise_3)
    return


@app.cell(hide_code=True)
def _():
    exercise_4 = book.exercise("6.4")
    exercise_4
    return (exercise_4,)


@app.cell(hide_code=True)
def _(exercise_4):
    book.judged("6.4", exercise_4)
    return


@app.cell(hide_code=True)
def _():
    exercise_5 = book.exercise("6.5")
    exercise_5
    return (exercise_5,)


@app.cell(hide_code=True)
def _(exercise_5):
    book.judged("6.5", exercise_5)
    return


@app.cell(hide_code=True)
def _():
    exercise_6 = book.exercise("6.6")
    exercise_6
    return (exercise_6,)


@app.cell(hide_code=True)
def _(exercise_6):
    book.judged("6.6", exercise_6)
    return


@app.cell(hide_code=True)
def _():
    exercise_7 = book.exercise("6.7")
    exercise_7
    return (exercise_7,)


@app.cell(hide_code=True)
def _(exercise_7):
    book.judged("6.7", exercise_7)
    return


@app.cell(hide_code=True)
def _():
    exercise_8 = book.exercise("6.8")
    exercise_8
    return (exercise_8,)


@app.cell(hide_code=True)
def _(exercise_8):
    book.judged("6.8", exercise_8)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Solutions
    """)
    return


@app.cell(hide_code=True)
def _():
    book.solutions(6)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Ten questions
    """)
    return


@app.cell(hide_code=True)
def _():
    answers = book.quiz(6)
    answers
    return (answers,)


@app.cell(hide_code=True)
def _(answers):
    book.marked(6, answers)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Sources

    - G. Alain and Y. Bengio, *Understanding Intermediate Layers Using Linear Classifier Probes*, arXiv 1610.01644, 2016: linear probes.
    - J. L. Ba, J. R. Kiros and G. E. Hinton, *Layer Normalization*, arXiv 1607.06450, 2016.
    - Y. Bengio, P. Simard and P. Frasconi, *Learning Long-Term Dependencies with Gradient Descent Is Difficult*, IEEE Transactions on Neural Networks 5, 1994: vanishing gradients.
    - C. M. Bishop, *Neural Networks for Pattern Recognition*, Oxford University Press, 1995: early stopping beside weight decay.
    - D. Choi et al., *On Empirical Comparisons of Optimizers for Deep Learning*, arXiv 1910.05446, 2019: the ranking depends on the tuning.
    - X. Glorot and Y. Bengio, *Understanding the Difficulty of Training Deep Feedforward Neural Networks*, AISTATS, 2010: variances by layer, Xavier's rule.
    - I. Goodfellow, Y. Bengio and A. Courville, *Deep Learning*, MIT Press, 2016: section 7.8, early stopping as regularisation.
    - P. Goyal et al., *Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour*, arXiv 1706.02677, 2017: rates that grow with the batch, warm-up.
    - K. He, X. Zhang, S. Ren and J. Sun, *Delving Deep into Rectifiers*, ICCV, 2015: weights for relu.
    - S. Hochreiter, *Untersuchungen zu dynamischen neuronalen Netzen*, diploma thesis, TU München, 1991: vanishing and exploding gradients.
    - A. E. Hoerl and R. W. Kennard, *Ridge Regression*, Technometrics 12, 1970.
    - H. Hotelling, *Analysis of a Complex of Statistical Variables into Principal Components*, Journal of Educational Psychology 24, 1933.
    - S. Ioffe and C. Szegedy, *Batch Normalization*, ICML, 2015.
    - D. P. Kingma and J. Ba, *Adam: A Method for Stochastic Optimization*, ICLR, 2015.
    - S. Linnainmaa, master's thesis, University of Helsinki, 1970: the reverse mode of differentiation.
    - I. Loshchilov and F. Hutter, *SGDR: Stochastic Gradient Descent with Warm Restarts*, ICLR, 2017: the cosine schedule.
    - I. Loshchilov and F. Hutter, *Decoupled Weight Decay Regularization*, ICLR, 2019: AdamW.
    - S. Ma, R. Bassily and M. Belkin, *The Power of Interpolation*, ICML, 2018: no noise where every sample is fitted.
    - Y. Nesterov, *A Method of Solving a Convex Programming Problem with Convergence Rate O(1/k²)*, Soviet Mathematics Doklady 27, 1983.
    - R. Pascanu, T. Mikolov and Y. Bengio, *On the Difficulty of Training Recurrent Neural Networks*, ICML, 2013: clipping.
    - K. Pearson, *On Lines and Planes of Closest Fit to Systems of Points in Space*, Philosophical Magazine 2, 1901.
    - B. T. Polyak, *Some Methods of Speeding up the Convergence of Iteration Methods*, USSR Computational Mathematics and Mathematical Physics 4, 1964: momentum.
    - L. Prechelt, *Early Stopping - But When?*, in *Neural Networks: Tricks of the Trade*, Springer, 1998.
    - H. Robbins and S. Monro, *A Stochastic Approximation Method*, Annals of Mathematical Statistics 22, 1951.
    - D. E. Rumelhart, G. E. Hinton and R. J. Williams, *Learning Representations by Back-Propagating Errors*, Nature 323, 1986.
    - S. Santurkar, D. Tsipras, A. Ilyas and A. Madry, *How Does Batch Normalization Help Optimization?*, NeurIPS, 2018.
    - N. Srivastava et al., *Dropout: A Simple Way to Prevent Neural Networks from Overfitting*, Journal of Machine Learning Research 15, 2014.
    - I. Sutskever, J. Martens, G. Dahl and G. Hinton, *On the Importance of Initialization and Momentum in Deep Learning*, ICML, 2013.
    - M. Telgarsky, *Benefits of Depth in Neural Networks*, COLT, 2016: functions that need depth.
    - T. Tieleman and G. Hinton, *Lecture 6.5: RMSProp*, Coursera, 2012.
    """)
    return


if __name__ == "__main__":
    app.run()
