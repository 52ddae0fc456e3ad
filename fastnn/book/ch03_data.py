# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

__generated_with = "0.25.2"
app = marimo.App(app_title="3 Knowing your data", css_file="chapter.css")

with app.setup:
    import math
    import textwrap

    import marimo as mo
    import numpy as np

    import fastnn as fn
    from fastnn import book
    from fastnn.data import inspect, prepare


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    # 3 Knowing your data

    When you have read this chapter, you can

    - say what a table must be before a network can learn from it, and what each fault does to the sums inside a neuron;
    - take a table as it was published, with gaps, words and dates, to an array of numbers, and use the same recipe on new rows;
    - tell a table that is ready from one that can be repaired and from one that never will do;
    - find four ways in which a score lies, and measure by how much;
    - compute, before you train, the largest learning rate and the number of steps, and change both by scaling;
    - count the errors that no network can avoid.

    The tool is `fastnn.data`. It has two functions: `inspect` looks at a table and reports, `prepare` mends what can be mended.
    All that they do, you could do by hand; this chapter shows how, so that you can judge what they say.

    ## What a network needs of a table

    A neuron computes a weighted sum, $z = \sum_j x_j w_j + b$.
    From this one line follows what it needs:

    - **Every cell is a finite number.** The sum has a term for each cell of the row, and there is no term for "not known" or "female".
    - **A column means one thing, in one unit.** The weight $w_j$ multiplies all cells of column $j$, so it cannot treat grams and kilograms differently.
    - **A row is one sample**, of the kind on which the network will be used, and rows for testing tell nothing that a new row would not tell.
    - **One column is the target**, it is known for the rows to learn from, and the other columns have something to do with it.

    The first two are about the array, and can mostly be repaired.
    The last two are about where the table came from, and often cannot.

    ### One gap spoils a row

    In a computer a missing number is stored as NaN, "not a number".
    IEEE 754, the standard for arithmetic in computers, rules that a sum or a product with NaN in it is NaN (IEEE, 2019), even if the weight is 0.
    So one gap in a row spoils every neuron of the first layer.
    """)
    return


@app.cell
def _():
    rng = np.random.default_rng(0)
    gappy = rng.normal(size=(20_000, 17))  # rows are samples
    gappy[rng.random(gappy.shape) < 0.05] = np.nan  # each cell is lost with 5 %
    weights = rng.normal(size=(17, 32))
    weights[0] = 0  # all neurons ignore column 0, and still
    z = gappy @ weights
    return gappy, z


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    How many rows are left without a gap?
    Let each cell be missing with probability $q$, independently of the others.
    A row of $d$ cells is whole if the first is there, and the second, and so on, and the probabilities of independent events multiply:

    $$
    P(\text{row is whole}) = \underbrace{(1-q)(1-q)\cdots(1-q)}_{d \text{ cells}} = (1-q)^d
    $$

    With $q = 0.05$ and $d = 17$ that is 42 %. One cell in twenty is lost, and more than half of the rows.
    The measured share wanders around the predicted $P$, as any share of $n$ tosses does, with the deviation $\sqrt{P(1-P)/n}$.
    The table allows four of them, which chance exceeds once in 16,000 times.
    """)
    return


@app.cell
def test_share_of_whole_rows(gappy, z):
    whole = 0.95**17
    chance = 4 * np.sqrt(whole * (1 - whole) / len(gappy))
    no_nan = ~np.isnan(gappy).any(axis=1)
    book.beside(
        [
            ("rows without a gap", whole, no_nan.mean(), chance),
            (
                "rows for which all 32 neurons give a number",
                no_nan.mean(),
                (~np.isnan(z)).all(axis=1).mean(),
            ),
            (
                "rows for which at least one of them does",
                no_nan.mean(),
                (~np.isnan(z)).any(axis=1).mean(),
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    plt = book.pyplot()
    n_columns = mo.ui.slider(1, 60, value=17, label="columns", show_value=True)
    n_columns
    return n_columns, plt


@app.cell(hide_code=True)
def _(n_columns, plt):
    def draw_whole(d):
        lost = np.linspace(0, 0.2, 81)
        draw = np.random.default_rng(1)
        some = np.linspace(0.01, 0.19, 7)
        measured = [(draw.random((2000, d)) >= q).all(axis=1).mean() for q in some]
        picture, axes = plt.subplots(figsize=(6.5, 2.8))
        axes.plot(100 * lost, 100 * (1 - lost) ** d, label="predicted")
        axes.plot(
            100 * some, 100 * np.array(measured), "o", label="counted, 2,000 rows"
        )
        axes.set(
            xlabel="cells that are missing (%)",
            ylabel="rows without a gap (%)",
            ylim=(-3, 103),
            title=f"{d} columns",
        )
        axes.legend()
        return picture

    book.live(
        draw_whole,
        n_columns,
        name="columns",
        at=(5, 17, 50),
        alt="The share of rows without a gap falls as more cells are missing, for "
        "{value} columns; counted points lie on the predicted curve.",
        caption="Leaving out every row with a gap is dear when there are many columns.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### A word is not a number

    A column with the words Biscoe, Dream, Torgersen has to become numbers.
    The short way is a code: 0, 1, 2.
    But a weight multiplies the code, so the network is told that Dream lies exactly halfway between the other two.
    The right way is a column for each word, 1 where the row has it and 0 elsewhere.
    This is called **one-hot**, because one of the columns is "hot".

    What does a linear model make of one-hot columns? It finds the mean of each word.
    Let row $i$ have the word $g(i)$, so that its prediction is the weight of that word, $\hat y_i = w_{g(i)}$. The loss is

    $$
    L(w) = \frac1n \sum_{i=1}^n \left(w_{g(i)} - y_i\right)^2
    $$

    Only rows with the word $k$ contain $w_k$, so the derivative keeps these alone:

    $$
    \frac{\partial L}{\partial w_k} = \frac2n \sum_{i:\, g(i)=k} (w_k - y_i) = \frac2n \left(n_k w_k - \sum_{i:\, g(i)=k} y_i\right)
    $$

    where $n_k$ is how many rows have the word. It is zero for $w_k = \frac{1}{n_k} \sum_{i:\, g(i)=k} y_i = \bar y_k$, the mean of these rows.

    How good is that? $R^2$ is the share of the target's variance that a model explains: 1 is perfect, and 0 is what you get by always naming the mean.
    The errors that are left are the distances from the means of the words, so

    $$
    R^2_{\text{one-hot}} = 1 - \frac{\sum_i (y_i - \bar y_{g(i)})^2}{\sum_i (y_i - \bar y)^2}
    $$

    For a single column of codes, $R^2$ of the best straight line is the squared correlation between code and target.

    We try it on the penguins that go with us through this chapter: can the island tell a bird's mass?
    The network is a single neuron without activation, which is a linear model.
    Its `fit` changes the weights in many small steps, each of which makes the loss smaller; an **epoch** is one pass over the rows. How that works is the subject of chapters 4 to 6, and here we only use it.
    """)
    return


@app.cell
def _():
    raw = fn.datasets.load_penguins_raw()
    # raw.table: column name -> list of text
    weighed = [mass != "NA" for mass in raw.table["Body Mass (g)"]]
    island = np.array(raw.table["Island"])[weighed]
    mass = np.array(raw.table["Body Mass (g)"])[weighed].astype(float)

    words, codes = np.unique(island, return_inverse=True)
    one_hot = np.eye(3)[codes]  # row i is row codes[i] of the identity matrix
    y_mass = ((mass - mass.mean()) / mass.std())[:, None]

    def linear_r2(X):
        net = fn.Network([fn.Dense(X.shape[1], 1)], seed=0, dtype="float64")
        net.fit(
            X,
            y_mass,
            loss="mse",
            optimizer=fn.SGD(0.2),
            epochs=3000,
            batch_size=len(X),
        )
        return net.score(X, y_mass)

    return codes, linear_r2, mass, one_hot, raw, words


@app.cell
def test_what_codes_and_one_hot_columns_explain(codes, linear_r2, mass, one_hot):
    means = np.array([mass[codes == k].mean() for k in range(3)])
    explained = 1 - np.sum((mass - means[codes]) ** 2) / np.sum(
        (mass - mass.mean()) ** 2
    )
    straight = np.corrcoef(codes, mass)[0, 1] ** 2
    book.beside(
        [
            (
                "R² with codes 0, 1, 2",
                straight,
                linear_r2(codes[:, None].astype(float)),
            ),
            ("R² with one-hot columns", explained, linear_r2(one_hot)),
        ],
        rel=1e-6,
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Dream and Torgersen have birds of the same mass, Biscoe has heavier ones.
    No straight line through 0, 1, 2 can say that; three weights can.

    ## A messy table, from raw file to model-ready array

    Between 2007 and 2009 Kristen Gorman and her colleagues measured penguins of three species on islands near Palmer Station, Antarctica (Gorman, Williams and Fraser, 2014).
    Allison Horst and others made a table of it for teaching (Horst, Hill and Gorman, 2020).
    The file `penguins_raw.csv` comes with fastnn as it was published. These are its first lines:
    """)
    return


@app.cell
def _(raw):
    with open(raw.path) as _file:
        _lines = [_line.strip() for _line in _file.readlines()[:5]]
    mo.plain_text("\n".join(_lines))
    return


@app.cell
def _(raw):
    _rows = []
    for _name, _cells in raw.table.items():
        _first = ", ".join(list(dict.fromkeys(_cells))[:3])
        _first = textwrap.shorten(_first, 60, placeholder=" …")
        _rows.append([_name, len(set(_cells)), _cells.count("NA"), _first])
    book.table(["column", "different cells", "cells with NA", "the first few"], _rows)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    344 rows, 17 columns, and all of it is text, as in every CSV file.
    The question that we want to ask is in the column `Species`: which penguin is it?
    It is called the **target**; the other columns are the **features**.

    `inspect` looks for whatever a network would feel. What it says has four levels of severity:

    - a *note* is a fact, and the array is right without a change;
    - a *warning* asks a person to look;
    - a *repair* is needed, for without it there is no array, or a wrong one;
    - a *blocker* cannot be repaired.
    """)
    return


@app.cell
def _(raw):
    report = inspect(raw.path, target="Species")
    mo.plain_text(str(report))
    return (report,)


@app.cell
def test_what_is_certain_of_the_penguins(raw, report):
    assert report.verdict == "repairable"
    assert {"disguised_missing", "constant"} <= {f.kind for f in report.findings}
    birds_of = np.unique(raw.table["Species"], return_counts=True)[1]
    book.beside(
        [("accuracy of always naming the commonest species", birds_of.max() / 344,
          report.ceiling["baseline"])],
        abs=5e-7,
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    We go through what was found in this table, and ask of each finding what it would do to a network.

    ### Gaps that are words

    The authors wrote `NA`, not available, where a bird could not be measured.
    To a program it is a word, so a column with 342 numbers and two `NA` is a column of text.
    In other tables a gap is a number. Loggers and old databases like -999, and that is worse, because the arithmetic goes through.
    We replace the gaps of one column by -999 and see what comes of it.
    Let a share $p$ of the cells be the sentinel $s$ (a value that stands for none), and let the others have the mean $\mu$ and the variance $\sigma^2$.
    The mean of all cells is

    $$
    \mu' = (1-p)\,\mu + p\,s
    $$

    For the variance we take the mean of the squares, and subtract the square of the mean.
    The mean of the squares of the true cells is $\sigma^2 + \mu^2$, so

    $$
    \begin{aligned}
    \sigma'^2 &= (1-p)(\sigma^2 + \mu^2) + p\,s^2 - \left((1-p)\mu + p\,s\right)^2 \\
    &= (1-p)\,\sigma^2 + (1-p)\bigl(1-(1-p)\bigr)\mu^2 + p(1-p)\,s^2 - 2p(1-p)\,\mu s \\
    &= (1-p)\,\sigma^2 + p(1-p)\,(s-\mu)^2
    \end{aligned}
    $$

    In the second line the square was multiplied out and terms with the same factor were collected; in the third, $\mu^2 + s^2 - 2\mu s$ is the square of $s - \mu$.

    The recipe leaves the gap a gap, and fills it with the median of the others (the value in the middle, half of the cells are below it).
    If it filled with the mean instead, then $s = \mu$, and the last line says that the variance becomes $(1-p)\sigma^2$: filling makes a column a little narrower than it is.
    """)
    return


@app.cell
def _(raw):
    # a nitrogen isotope in the blood
    cells = np.array(raw.table["Delta 15 N (o/oo)"])
    gap = cells == "NA"
    true_values = cells[~gap].astype(float)
    with_sentinel = np.where(gap, "-999", cells).astype(float)
    with_mean = np.where(gap, true_values.mean(), with_sentinel)
    return gap, true_values, with_mean, with_sentinel


@app.cell
def test_what_a_sentinel_does(gap, true_values, with_mean, with_sentinel):
    p, s = gap.mean(), -999
    mu, var = true_values.mean(), true_values.var()
    new_var = (1 - p) * var + p * (1 - p) * (s - mu) ** 2
    standardised = (with_sentinel - with_sentinel.mean()) / with_sentinel.std()
    book.beside(
        [
            ("mean with -999 in the gaps", (1 - p) * mu + p * s, with_sentinel.mean()),
            ("deviation with -999", np.sqrt(new_var), with_sentinel.std()),
            (
                "deviation of the true values, standardised with -999",
                np.sqrt(var / new_var),
                standardised[~gap].std(),
            ),
            ("variance, filled with the mean", (1 - p) * var, with_mean.var()),
        ],
        rel=1e-9,
    )
    return


@app.cell(hide_code=True)
def _(gap, plt, true_values, with_sentinel):
    def draw_sentinel():
        picture, axes = plt.subplots(1, 2, figsize=(6.5, 2.6))
        spoilt = (with_sentinel - with_sentinel.mean()) / with_sentinel.std()
        good = (true_values - true_values.mean()) / true_values.std()
        bins = np.linspace(-5.5, 3, 52)
        axes[0].hist(good, bins=bins)
        axes[0].set(title="gaps left out", ylabel="birds")
        axes[1].hist([spoilt[~gap], spoilt[gap]], bins=bins, stacked=True)
        axes[1].set(title="gaps written -999")
        axes[1].annotate("14 gaps", (-4.9, 20), (-5.3, 90))
        axes[1].annotate("330 birds", (0.2, 280), (-2.7, 280))
        for one in axes:
            one.set_xlabel("standardised value")
        return picture

    book.figure(
        draw_sentinel(),
        alt="Left: the standardised isotope values of 330 birds spread over five units. "
        "Right: with -999 in the gaps, all 330 birds stand in one bar near 0.2, and the "
        "14 gaps in another near -4.9.",
        caption="The nitrogen isotope of the same birds. On the right a network sees "
        "two kinds of bird, measured and not measured.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    *Standardised* means: minus the mean, divided by the deviation. With -999 in the column, the deviation among the measured birds is 0.003 instead of 1: to a network they are nearly all the same bird.

    A gap may also tell something. The authors noted "not enough blood" for some birds, and a hospital measures what it worries about.
    So the recipe adds an **indicator**, a column that is 1 where the value was missing.
    With it, the filled-in value no longer matters to a linear model: for a row with a gap the sum contains $w \cdot \text{fill} + v \cdot 1$, where $v$ is the indicator's weight, and $v$ can be chosen so that this is any number.

    ### Columns with one value

    `Region` is Anvers in all rows, `Stage` is the same stage.
    Such a column tells nothing. Standardised, it would divide by its deviation, 0.
    As it is, with a constant $c$, it repeats the bias: the sum of row $i$ contains $c\,w + b$. When $b$ grows by a little, every $z_i$ grows by as much; when $w$ does, by $c$ times as much. So the loss $L$ changes $c$ times as fast:

    $$
    \frac{\partial L}{\partial w} = c \sum_i \frac{\partial L}{\partial z_i} = c\,\frac{\partial L}{\partial b}
    $$

    Both are pushed in the same direction at every step, and two parameters do the work of one.
    """)
    return


@app.cell
def test_a_constant_column_is_a_second_bias(one_hot):
    constant = 5.0
    inputs = np.column_stack([one_hot, np.full(len(one_hot), constant)])
    net_constant = fn.Network([fn.Dense(4, 2)], seed=0, dtype="float64")
    logits = net_constant.forward(inputs)
    net_constant.backward(logits)  # any gradient will do
    dense = net_constant.layers[0]
    book.beside(
        [
            (
                f"gradient of the constant's weight, neuron {j}",
                constant * dense.grad_bias[j],
                dense.grad_weights[3, j],
            )
            for j in range(2)
        ],
        rel=1e-9,
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### Yes and no, dates, names, sentences

    - `Clutch Completion` holds Yes and No, which become 1 and 0. Nothing is lost.
    - `Date Egg` is a date, written as text. Taken as a category, each day would be a word of its own, and 11 November no nearer to 12 November than to June. It becomes numbers: days since the first, year, and the month and the day of the week on a circle.
    - `Individual ID` names the bird: 190 names in 344 rows. One-hot columns for them would be more weights than there are rows to learn them from, and tell nothing about a new bird.
    - `Comments` are sentences of the authors. A few of them are common, and the rest share a column, "other".
    - `Body Mass` is measured in grams and varies by 800, an isotope by 0.5. That slows learning down; a later part of this chapter predicts by how much.

    Why a circle? As plain numbers, December (12) and January (1) lie eleven months apart.
    Put month $m$ at the angle $\alpha = 2\pi m / 12$ on a circle of radius 1, at the point $(\sin\alpha, \cos\alpha)$, and all neighbours are equally near.
    Two points whose angles differ by $\delta$ have the distance $2\sin(\delta/2)$: half of the chord is opposite to half of the angle.
    """)
    return


@app.cell
def test_december_is_next_to_january():
    month = np.arange(1, 13)
    circle = np.column_stack([np.sin(np.pi * month / 6), np.cos(np.pi * month / 6)])
    book.beside(
        [
            (
                "December to January",
                2 * np.sin(np.pi / 12),
                np.linalg.norm(circle[11] - circle[0]),
            ),
            (
                "June to July",
                2 * np.sin(np.pi / 12),
                np.linalg.norm(circle[5] - circle[6]),
            ),
            ("June to December", 2.0, np.linalg.norm(circle[5] - circle[11])),
        ],
        rel=1e-12,
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### A person decides what is asked

    All of these columns could go into a network. Should they?
    That depends on what it is for, and no program knows that.
    We want to name the species from the bird alone.
    So the names, dates, comments and the number of the nest stay out, and we keep what can be seen and measured on a bird.
    The isotopes need a laboratory: out as well.
    The warning about `Date Egg` says that a random split lets the network learn from later days than those of the test.
    That matters to a forecast, as a later part shows. We foretell nothing, so a random split will do.

    ### The recipe

    `prepare` parts the rows first, 80 % for training and 20 % for testing.
    *Stratified* means that each species has the same share in both parts.
    Then it looks at the training rows, and all that it learns (medians, words, means, deviations) it learns from them.
    What it learned is the **recipe**: a list of steps that can be read, changed, saved, and used on rows that nobody has seen yet.
    """)
    return


@app.cell
def _(raw):
    seen_on_a_bird = (
        "Species",
        "Culmen Length (mm)",  # the culmen is the upper ridge of the bill
        "Culmen Depth (mm)",
        "Flipper Length (mm)",
        "Body Mass (g)",
        "Sex",
    )
    birds = {name: raw.table[name] for name in seen_on_a_bird}
    ready = prepare(birds, target="Species", split="stratified", seed=0)
    mo.plain_text(str(ready.recipe))
    return birds, ready


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Read it from top to bottom: `NA` becomes a gap, text becomes numbers, then come the indicator, the one-hot columns, the medians, and at last every column of numbers gets mean 0 and deviation 1.
    One indicator stands for four columns, because the same birds lack all four measurements.

    What comes out are arrays:
    """)
    return


@app.cell
def _(ready):
    book.table(
        ["", ""],
        [
            ["`X_train`", f"{ready.X_train.shape}, {ready.X_train.dtype}"],
            ["`X_test`", str(ready.X_test.shape)],
            ["columns", ", ".join(ready.feature_names)],
            ["classes", ", ".join(map(str, ready.classes))],
        ],
    )
    return


@app.cell
def test_the_arrays_that_come_out(ready):
    assert np.isfinite(ready.X_train).all()
    assert np.isfinite(ready.X_test).all()
    measured = [name.endswith((" (mm)", " (g)")) for name in ready.feature_names]
    numbers, new = ready.X_train[:, measured], ready.X_test[:, measured]
    book.beside(
        [
            ("rows of both parts", 344, len(ready.X_train) + len(ready.X_test)),
            ("mean in the training rows", 0, np.abs(numbers.mean(axis=0)).max(), 1e-5),
            ("deviation in the training rows, smallest", 1, numbers.std(axis=0).min(), 1e-4),
            ("deviation in the training rows, largest", 1, numbers.std(axis=0).max(), 1e-4),
            (
                "mean in the test rows, furthest from 0",
                0,
                np.abs(new.mean(axis=0)).max(),
                4 / np.sqrt(len(new)),
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The training rows have mean 0 and deviation 1 but for rounding, since they were used to find them.
    The test rows do not quite, and must not: the mean of $m$ rows of deviation 1 wanders by about $1/\sqrt m$.
    """)
    return


@app.cell(hide_code=True)
def _(plt, ready):
    def draw_array():
        order = np.argsort(ready.y_train, kind="stable")
        picture, axes = plt.subplots(figsize=(6.5, 3.4))
        drawn = axes.imshow(
            ready.X_train[order].T,
            aspect="auto",
            cmap="RdBu_r",
            vmin=-2.5,
            vmax=2.5,
            interpolation="nearest",
        )
        borders = np.cumsum(np.bincount(ready.y_train))
        for border in borders[:-1]:
            axes.axvline(border - 0.5, color="black", linewidth=1)
        middles = borders - np.bincount(ready.y_train) / 2
        axes.set_xticks(middles, [name.split()[0] for name in ready.classes])
        axes.set_yticks(range(len(ready.feature_names)), ready.feature_names)
        axes.grid(False)
        axes.set_xlabel(f"{len(order)} training rows, by species")
        picture.colorbar(drawn, label="value in X_train")
        return picture

    book.figure(
        draw_array(),
        alt="X_train as colours, features down and birds across, sorted by species. "
        "Gentoo penguins are red in flipper and mass and blue in bill depth, "
        "Adelie penguins blue in bill length.",
        caption="What the network gets: every cell a number of about size 1. Here the "
        "columns of X_train run across the page as lines, and each bird is a thin "
        "column. Even by eye the species can be told apart.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### A network, and raw rows to test it

    A network learns from `X_train`. Between its inputs and its three outputs, one for each species, stands a **hidden layer** of 16 neurons.
    Then it is tested as it will be used: on lines of the raw file, `NA` and all, which go through the recipe.
    """)
    return


@app.cell
def _(birds, ready):
    net = fn.mlp(n_in=ready.X_train.shape[1], hidden=[16], n_out=3, seed=0)
    net.fit(ready.X_train, ready.y_train, epochs=50)

    raw_rows = {
        name: [cells[i] for i in ready.rows_test] for name, cells in birds.items()
    }
    X_new = ready.recipe.transform(raw_rows)  # text in, array out
    named = [ready.classes[k] for k in net.predict(X_new)]
    accuracy = np.mean(np.array(named) == np.array(raw_rows["Species"]))
    mo.plain_text(f"{accuracy:.1%} of {len(named)} raw rows are named rightly")
    return X_new, accuracy, named, net, raw_rows


@app.cell
def test_raw_rows_give_the_same_array(X_new, accuracy, net, ready, report):
    assert np.array_equal(X_new, ready.X_test)
    assert accuracy == net.score(ready.X_test, ready.y_test)
    assert accuracy > report.ceiling["baseline"] + 0.4
    strange = {  # a bird as it may come tomorrow: a gap, a new word, a column too many
        "Culmen Length (mm)": ["NA"],
        "Culmen Depth (mm)": ["17.2"],
        "Flipper Length (mm)": ["188"],
        "Body Mass (g)": ["3700"],
        "Sex": ["not looked at"],
        "Weather": ["snow"],
    }
    x_strange = ready.recipe.transform(strange)
    assert x_strange.shape == (1, ready.X_train.shape[1])
    assert np.isfinite(x_strange).all()
    book.table(
        ["column", "value"],
        list(zip(ready.feature_names, x_strange[0].tolist(), strict=True)),
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The bird of tomorrow lacks a bill length, which is filled in, so it becomes 0 or close to it. Its sex is a word that the recipe has never seen, and the weather is left aside.

    How far can such a score be trusted?
    Each test bird is a toss with the probability $a$ of success, so the share of $m$ tosses has the deviation $\sqrt{a(1-a)/m}$: for $a = 0.98$ and $m = 69$ it is 1.7 percentage points. A network that is one bird better is not a better network.
    """)
    return


@app.cell(hide_code=True)
def _(named, plt, raw_rows, ready):
    def draw_birds():
        picture, axes = plt.subplots(figsize=(6.5, 3.2))
        known = [length != "NA" for length in raw_rows["Culmen Length (mm)"]]
        length = np.array(raw_rows["Culmen Length (mm)"])[known].astype(float)
        depth = np.array(raw_rows["Culmen Depth (mm)"])[known].astype(float)
        true = np.array(raw_rows["Species"])[known]
        wrong = np.array(named)[known] != true
        for species, mark in zip(ready.classes, "os^", strict=True):
            of = true == species
            axes.plot(length[of], depth[of], mark, label=species.split()[0], alpha=0.8)
        axes.plot(
            length[wrong], depth[wrong], "o", markersize=14, fillstyle="none",
            color="black", label=f"named wrongly: {wrong.sum()}",
        )
        axes.set(xlabel="bill length (mm)", ylabel="bill depth (mm)")
        axes.legend(loc="lower left", fontsize=8)
        return picture

    book.figure(
        draw_birds(),
        alt="Test birds by bill length and depth: Adelie short and deep, Chinstrap "
        "long and deep, Gentoo long and shallow; the birds that were named wrongly "
        "are circled.",
        caption="The test birds by two of their measurements.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Three verdicts: ready, repairable, never

    - **ready**: an array made of the table as it is would be right.
    - **repairable**: there is a fault that a step of a recipe mends.
    - **never**: something is missing that no repair brings back. Look for another table, or another question.

    Here is a small table for each, made by a function that you can change.
    An orchard notes the rain, the sun and the soil of 400 trees. The crop is good where the sum of rain and sun is large.
    """)
    return


@app.cell
def _():
    def orchard(seed=0):
        rng = np.random.default_rng(seed)
        rain = rng.normal(600, 80, 400).round(1)  # mm a year
        sun = rng.normal(1500, 150, 400).round(1)  # hours a year
        good = (rain - 600) / 80 + (sun - 1500) / 150 > 0
        return {
            "rain": rain,
            "sun": sun,
            "soil": rng.choice(["clay", "loam", "sand"], 400),
            "crop": np.where(good, "good", "poor"),
        }

    as_it_is = inspect(orchard(), target="crop")
    mo.plain_text(f"{as_it_is.verdict}: {len(as_it_is.of('repair'))} repairs")
    return as_it_is, orchard


@app.cell
def _(orchard):
    def kept_by_hand():
        rng = np.random.default_rng(1)
        table = orchard()
        table["rain"][rng.random(400) < 0.05] = -999  # the gauge was broken
        table["sun"] = [f"{hours:,.1f} h" for hours in table["sun"]]  # "1,502.3 h"
        shouted = np.char.upper(table["soil"])  # two people, two ways of writing
        table["soil"] = np.where(rng.random(400) < 0.2, shouted, table["soil"])
        return table

    by_hand = inspect(kept_by_hand(), target="crop")
    mo.plain_text(
        f"{by_hand.verdict}: " + ", ".join(f.kind for f in by_hand.of("repair"))
    )
    return by_hand, kept_by_hand


@app.cell
def _(orchard):
    def crop_of_another_field():
        table = orchard()
        table["crop"] = np.random.default_rng(2).permutation(table["crop"])
        return table

    mixed_up = inspect(crop_of_another_field(), target="crop")
    mo.plain_text(textwrap.fill(f"{mixed_up.verdict}: {mixed_up.reasons[0]}", 64))
    return (mixed_up,)


@app.cell
def test_one_table_of_each_kind(as_it_is, by_hand, kept_by_hand, mixed_up, orchard):
    assert as_it_is.verdict == "ready"
    assert by_hand.verdict == "repairable"
    assert mixed_up.verdict == "never" and mixed_up.of_kind("no_signal")
    # The repair brings back what the careless hand had hidden, but for the gaps.
    mended = prepare(kept_by_hand(), target="crop", test_fraction=0, dtype="float64")
    column = mended.feature_names.index("sun")
    sun = orchard()["sun"][mended.rows_train]
    book.beside(
        [
            (
                f"sun of tree {i}, standardised",
                (sun[i] - sun.mean()) / sun.std(),
                mended.X_train[i, column],
            )
            for i in (0, 1, 2)
        ],
        rel=1e-5,
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    In the third table every column is clean: no gap, no odd word.
    The crop was written down in another order than the trees, and so the rest of the table says nothing of it.
    Only an attempt to learn shows that. `inspect` lets small models try (a linear one, nearest neighbours, a tree), and compares them with the same models on shuffled targets.

    ### Between ready and never

    Let now a share $\varrho$ of the crops be replaced by tosses of a coin.
    Half of the tosses happen to name the right crop, so a model that knows the true rule is right in

    $$
    (1 - \varrho) \cdot 1 + \varrho \cdot \tfrac12 = 1 - \frac{\varrho}{2}
    $$

    of the rows. No model can expect more on new rows. Move the slider, and see what the small models reach and from where on the verdict changes.
    """)
    return


@app.cell
def _(orchard):
    def with_coins(share, seed=3):
        rng = np.random.default_rng(seed)
        table = orchard()
        tossed = rng.random(400) < share
        coins = rng.choice(["good", "poor"], 400)
        table["crop"] = np.where(tossed, coins, table["crop"])
        return table

    return (with_coins,)


@app.cell
def test_what_coins_leave(orchard, with_coins):
    rule = orchard()["crop"]
    rows = []
    for share in (0.2, 0.6, 1.0):
        _right = np.mean(with_coins(share)["crop"] == rule)
        best = 1 - share / 2
        rows.append(
            (
                f"the true rule, with {share:.0%} coins",
                best,
                _right,
                4 * np.sqrt(best * (1 - best) / 400),
            )
        )
    book.beside(rows)
    return


@app.cell(hide_code=True)
def _():
    coins = mo.ui.slider(
        0, 100, step=10, value=40, label="coins among the crops (%)", show_value=True
    )
    coins
    return (coins,)


@app.cell(hide_code=True)
def _(coins, plt, with_coins):
    def draw_verdict(percent):
        report = inspect(with_coins(percent / 100), target="crop")
        low, high = report.ceiling["band"]
        picture, axes = plt.subplots(figsize=(6.5, 2.8))
        axes.plot([0, 100], [100, 50], label="best possible, predicted")
        axes.plot(
            [percent] * 2, [100 * low, 100 * high], "o-", linewidth=3,
            label="small models, from worst to best",
        )
        axes.axhline(
            100 * report.ceiling["baseline"], color="0.5", linestyle="--",
            label="always the commonest crop",
        )
        axes.set(
            xlabel="crops replaced by coins (%)",
            ylabel="right (%)",
            ylim=(40, 103),
            title=f"verdict: {report.verdict}",
        )
        axes.legend(loc="upper right", fontsize=8)
        return picture

    book.live(
        draw_verdict,
        coins,
        name="coins among the crops (%)",
        at=(0, 40, 100),
        alt="A line falls from 100 % right without coins to 50 % with nothing else; at "
        "{value} % coins, the accuracies of three small models are marked.",
        caption="The verdict changes where the small models can't be told from guessing.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    With some coins the table is still *ready*: nothing in it can be repaired, and something can be learned.
    The verdict does not promise a good network. What can be expected is a second number, `report.ceiling`, and you should read both.

    ## Leaks that fool you

    A **leak** is knowledge that the network has while it is tested, and will not have when it is used.
    It makes the score better, so nobody goes looking for it. Kaufman and others (2012) describe competitions that were won by leaks; Kapoor and Narayanan (2023) collected reports of leaks in 294 published papers, from 17 fields of science.

    We build four of them. Each time the same network is scored twice: as it fools you, and honestly.
    """)
    return


@app.cell
def _():
    def scored(X, y, is_test, hidden=(128,), epochs=100, seed=0):
        """Accuracy on the test rows of a network that learned from the others."""
        net = fn.mlp(n_in=X.shape[1], hidden=list(hidden), n_out=2, seed=seed)
        net.fit(X[~is_test], y[~is_test], optimizer=fn.Adam(3e-3), epochs=epochs)
        return net.score(X[is_test], y[is_test])

    def at_random(n_rows, n_test, seed=0):
        """A mask (n_rows,) with n_test rows for testing, drawn at random."""
        is_test = np.zeros(n_rows, bool)
        is_test[np.random.default_rng(seed).permutation(n_rows)[:n_test]] = True
        return is_test

    return at_random, scored


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### The target in disguise

    A hospital wants to know at admission who is ill. The table has four measurements, and the ward where the patient lay in the end.
    The ill were brought to ward C. Of course they were: *after* they had been found ill.

    What is the honest limit? We make the data, so it can be computed.
    Let healthy and ill be equally common. The measurements $x$ $(d,)$ are normal with deviation 1 and independent of each other, and the means of the two classes, $\mu_0$ and $\mu_1$, are $\delta = \lVert \mu_1 - \mu_0 \rVert$ apart.
    Which rule is right most often? It calls $x$ ill where the density of the ill is the larger one,

    $$
    \exp\left(-\tfrac12 \lVert x - \mu_1 \rVert^2\right) > \exp\left(-\tfrac12 \lVert x - \mu_0 \rVert^2\right)
    $$

    which is where $x$ is nearer to $\mu_1$ than to $\mu_0$. Only the position along the line through both means decides that, and the border lies in the middle, $\delta/2$ from either.
    Along this line $x$ is normal with deviation 1. So an ill patient is called healthy where chance moves $x$ by more than $\delta/2$ to the wrong side. With $\Phi$ for the probability that a standard normal number is below a value,

    $$
    P(\text{right}) = \Phi\left(\frac\delta2\right) = \frac12\left(1 + \operatorname{erf}\frac{\delta/2}{\sqrt2}\right)
    $$

    where erf is the error function of the `math` module.
    """)
    return


@app.cell
def _():
    def patients(n, seed, delta=1.5):
        rng = np.random.default_rng(seed)
        ill = rng.integers(0, 2, n)
        X = rng.normal(size=(n, 4))
        X[:, 0] += delta * ill  # the means are delta apart
        return X, ill

    def normal_cdf(x):
        return 0.5 * (1 + math.erf(x / math.sqrt(2)))

    X_ward, ill = patients(5000, seed=0)
    is_new = np.arange(5000) >= 1000  # 1,000 to learn from, 4,000 to be sure
    in_ward_c = ill[:, None].astype(float)  # known only afterwards

    small = {"hidden": (8,), "epochs": 20}
    return X_ward, ill, in_ward_c, is_new, normal_cdf, small


@app.cell
def test_the_target_in_disguise(
    X_ward, ill, in_ward_c, is_new, normal_cdf, scored, small
):
    limit = normal_cdf(1.5 / 2)
    ward_honest = scored(X_ward, ill, is_new, **small)
    ward_fooled = scored(np.hstack([X_ward, in_ward_c]), ill, is_new, **small)
    spread = 4 * np.sqrt(limit * (1 - limit) / 4000)
    book.beside(
        [
            ("with the ward", 1.0, ward_fooled, 0.005),
            ("without it", limit, ward_honest, spread),
        ]
    )
    return ward_fooled, ward_honest


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The second row allows four deviations of a share of 4,000, as above. (Learning from 1,000 rows costs another few tenths of a percent.)

    `inspect` sees such a column, because none of the others comes near to what it tells, and `prepare` leaves it out. It is the only finding here that needs a repair:
    """)
    return


@app.cell
def test_inspect_finds_the_ward(X_ward, ill):
    hospital = {
        name: X_ward[:600, j]
        for j, name in enumerate(["pressure", "sugar", "pulse", "iron"])
    }
    hospital["ward"] = np.where(ill[:600], "C", "A")
    hospital["state"] = np.where(ill[:600], "ill", "healthy")
    found = inspect(hospital, target="state")
    assert any("ward" in f.columns for f in found.of_kind("leak"))
    without = prepare(hospital, target="state")
    assert not any("ward" in name for name in without.feature_names)
    book.table(
        ["what is to be repaired", "column"],
        [[f.kind, ", ".join(f.columns)] for f in found.of("repair")],
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### Duplicates across the split

    Tables are joined, forms are sent twice, and so rows repeat.
    If one copy is for training and the other for testing, remembering is enough.
    To see this in its pure form, the labels are now tosses of a coin, so that **nothing** can be learned and the honest accuracy is 1/2.

    Let each of the rows occur $k$ times, $N$ rows in all, of which $m$ are drawn for testing. Look at one test row.
    It can be answered from memory unless all of its ${k - 1}$ other copies are test rows too.
    Of the ${N - 1}$ other rows, ${m - 1}$ are for testing, so the first copy is among them with probability $\frac{m-1}{N-1}$; given that, the second is with $\frac{m-2}{N-2}$, and so on:

    $$
    P(\text{no copy to learn from}) = \prod_{j=1}^{k-1} \frac{m-j}{N-j}
    $$

    In that case the network guesses, and half of the guesses are right:

    $$
    \text{accuracy} = 1 - \frac12 \prod_{j=1}^{k-1} \frac{m-j}{N-j}
    $$

    For $k = 1$ the product is empty, which counts as 1, and the accuracy is 1/2. For two copies and a fifth of the rows it is nearly $1 - \frac12 \cdot \frac15 = 0.9$.
    Copies in the test part are right or wrong together, so a test part of $m$ rows is worth as many independent tosses as $m/k$ rows; four deviations of these are allowed.
    """)
    return


@app.cell
def _():
    def memory_score(n_distinct, copies, n_test):
        alone = 1.0
        for j in range(1, copies):
            alone *= (n_test - j) / (n_distinct * copies - j)
        return 1 - alone / 2

    def coin_rows(n_distinct, copies, seed=0):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(n_distinct, 20))
        y = rng.integers(0, 2, n_distinct)
        return np.repeat(X, copies, axis=0), np.repeat(y, copies)

    return coin_rows, memory_score


@app.cell
def test_duplicates_across_the_split(at_random, coin_rows, memory_score, scored):
    copies_rows, by_copies = [], {}
    for k in (1, 2, 3):
        X_k, y_k = coin_rows(1000, k)
        n_test_k = len(y_k) // 5
        expected = memory_score(1000, k, n_test_k)
        by_copies[k] = scored(X_k, y_k, at_random(len(y_k), n_test_k))
        tosses = 4 * np.sqrt(expected * (1 - expected) * k / n_test_k)
        copies_rows.append((f"copies: {k}", expected, by_copies[k], tosses))
    book.beside(copies_rows)
    return (by_copies,)


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    About ninety percent with two copies, on tosses of a coin.
    The repair is to keep one row of each. `prepare` does that in the training part, and takes test rows out that repeat a training row.

    Move the share of test rows and watch the prediction for other numbers of copies.
    """)
    return


@app.cell(hide_code=True)
def _():
    test_share = mo.ui.slider(
        10, 90, step=10, value=20, label="rows for testing (%)", show_value=True
    )
    test_share
    return (test_share,)


@app.cell(hide_code=True)
def _(at_random, coin_rows, memory_score, plt, scored, test_share):
    def draw_copies(percent):
        copies = np.arange(1, 7)
        n_test = [200 * k * percent // 100 for k in copies]
        predicted = [
            100 * memory_score(200, k, m) for k, m in zip(copies, n_test, strict=True)
        ]
        measured = []
        for k in (1, 2, 4):
            X, y = coin_rows(200, k, seed=percent)
            is_test = at_random(len(y), len(y) * percent // 100, seed=percent)
            measured.append(100 * scored(X, y, is_test, epochs=60))
        picture, axes = plt.subplots(figsize=(6.5, 2.8))
        axes.plot(copies, predicted, "o-", label="predicted")
        axes.plot((1, 2, 4), measured, "s", markersize=8, label="a network")
        axes.axhline(50, color="0.5", linestyle="--", label="honest")
        axes.set(
            xlabel="copies of each row",
            ylabel="accuracy on coins (%)",
            ylim=(35, 103),
            title=f"{percent} % of the rows are for testing",
        )
        axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
        return picture

    book.live(
        draw_copies,
        test_share,
        name="rows for testing (%)",
        at=(20, 50, 80),
        alt="The accuracy on coin tosses against the number of copies of each row, "
        "{value} % of the rows for testing: it starts at 50 % and rises towards 100 %.",
        caption="The network remembers; it has learned nothing.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### Groups

    Rows need not be equal to give each other away.
    Take 200 patients who come five times each, and are measured each time. A patient's five rows are alike, as five photographs of a face are, and the label belongs to the patient.
    Again the label is a coin, so the honest score for *new patients* is 1/2.

    Split at random, nearly every test row has rows of the same patient in the training part, and the formula above applies with $k = 5$.
    Split by group, each patient is wholly in one part.

    How sure is the honest score? The five rows of a patient are right or wrong together, so 1,000 rows are 200 tosses: the deviation is $0.5/\sqrt{200} = 0.035$, that is 3.5 percentage points, and not $0.5/\sqrt{1000} = 0.016$.
    To have a score for all patients, we make five parts of 40 patients, and test on each of them a network that learned from the other four. This is called **cross-validation**.
    """)
    return


@app.cell
def _():
    def clinic(n_patients=200, visits=5, seed=0):
        rng = np.random.default_rng(seed)
        usual = rng.normal(size=(n_patients, 12))  # what is usual for this patient
        label = rng.integers(0, 2, n_patients)  # a coin for each patient
        patient = np.repeat(np.arange(n_patients), visits)
        X = usual[patient] + 0.2 * rng.normal(size=(len(patient), 12))
        return X, label[patient], patient

    X_clinic, y_clinic, patient = clinic()
    fold = np.random.default_rng(0).permutation(200) % 5  # the part of each patient
    return X_clinic, fold, patient, y_clinic


@app.cell
def test_groups_across_the_split(
    X_clinic, at_random, fold, memory_score, patient, scored, y_clinic
):
    group_fooled = scored(X_clinic, y_clinic, at_random(1000, 200))
    group_honest = np.mean(
        [scored(X_clinic, y_clinic, fold[patient] == f) for f in range(5)]
    )
    book.beside(
        [
            ("split at random", memory_score(200, 5, 200), group_fooled, 0.05),
            ("split by patient", 0.5, group_honest, 4 * 0.5 / np.sqrt(200)),
        ]
    )
    return group_fooled, group_honest


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The first row allows five percent, since the network is no perfect memory: it has never seen exactly this row.

    If the column with the patient's name is in the table, `inspect` can find that its rows are alike, and `prepare` splits by it. If it was deleted "to make the data anonymous", nobody can.
    """)
    return


@app.cell
def test_prepare_splits_by_the_patient(X_clinic, patient, y_clinic):
    visits = {f"m{j}": X_clinic[:, j] for j in range(5)}
    visits["patient"] = [f"P{i:03d}" for i in patient]
    visits["state"] = np.where(y_clinic, "ill", "healthy")
    by_patient = prepare(visits, target="state", split=("group", "patient"))
    shared = set(patient[by_patient.rows_train]) & set(patient[by_patient.rows_test])
    assert by_patient.split.kind == "group" and not shared
    mo.plain_text(f"{by_patient.split}; patients in both parts: {len(shared)}")
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### Time

    The level of a lake goes up and down by a random step every day. Such a series is called a **random walk**; prices are often close to one.
    A network is asked for the level on a day that it has not seen.
    If those days are drawn at random, it knows the day before and the day after, and that is easy.
    But a level is wanted for *tomorrow*.

    Both errors can be predicted. Let the steps be independent, with mean 0 and variance $\sigma^2$.
    Let the nearest known days be $a$ days before and $b$ days after. Between them the level changed by $S$ (the sum of $a$ steps) and then by $T$ (the sum of $b$ steps).
    A straight line between the two known days guesses a change of $\frac{a}{a+b}(S+T)$, so its error is

    $$
    S - \frac{a}{a+b}(S + T) = \frac{b\,S - a\,T}{a+b}
    $$

    Variances of independent sums add, $S$ has $a\sigma^2$ and $T$ has $b\sigma^2$, and a factor comes out squared:

    $$
    \frac{b^2 \cdot a\,\sigma^2 + a^2 \cdot b\,\sigma^2}{(a+b)^2} = \frac{ab\,(a+b)}{(a+b)^2}\,\sigma^2 = \frac{ab}{a+b}\,\sigma^2
    $$

    For the future, the best guess is the last known level, since the steps have mean 0. After $h$ days its error has the variance $h\sigma^2$, and over $H$ days the mean of that is

    $$
    \frac1H \sum_{h=1}^H h\,\sigma^2 = \frac{H+1}{2}\,\sigma^2
    $$

    We check it on 2,000 walks of 500 days, a fifth of the days for testing.
    """)
    return


@app.cell
def _():
    days = np.arange(500)
    walks = np.cumsum(np.random.default_rng(0).normal(size=(2000, 500)), axis=1)

    drawn_days = np.zeros(500, bool)  # not the first or the last, which lack a side
    drawn_days[1 + np.random.default_rng(1).permutation(498)[:100]] = True
    later_days = days >= 400
    return days, drawn_days, later_days, walks


@app.cell
def test_between_known_days_and_after_them(days, drawn_days, later_days, walks):
    known, asked = days[~drawn_days], days[drawn_days]
    after = np.searchsorted(known, asked)
    a, b = asked - known[after - 1], known[after] - asked
    between = [np.interp(asked, known, walk[~drawn_days]) for walk in walks]
    error_between = np.mean((np.array(between) - walks[:, drawn_days]) ** 2)
    error_after = np.mean((walks[:, [399]] - walks[:, later_days]) ** 2)
    book.beside(
        [
            ("mean squared error on days between", np.mean(a * b / (a + b)),
             error_between, 0.02),
            ("mean squared error on days to come", (100 + 1) / 2, error_after, 6),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    What is allowed is again about four deviations of a mean over 2,000 walks: a walk's error on the days to come is itself very uncertain (its deviation is 1.2 times its mean), while a hundred separate gaps average out.
    The error on the days to come is some eighty times as large. Now the network, on a single walk:
    """)
    return


@app.cell
def _(days, drawn_days, later_days):
    lake = np.cumsum(np.random.default_rng(3).normal(size=500))

    def network_on(is_test):
        """(R² on the test days, the level that the network says for all days)."""
        known = ~is_test
        X = ((days - days[known].mean()) / days[known].std())[:, None]
        middle, spread = lake[known].mean(), lake[known].std()
        y = ((lake - middle) / spread)[:, None]
        net = fn.mlp(n_in=1, hidden=[64, 64], n_out=1, activation="tanh", seed=0)
        net.fit(X[known], y[known], loss="mse", optimizer=fn.Adam(3e-3), epochs=400)
        levels = net.predict(X).ravel() * spread + middle
        return net.score(X[is_test], y[is_test]), levels

    time_fooled, says_fooled = network_on(drawn_days)
    time_honest, says_honest = network_on(later_days)
    mo.plain_text(
        f"R² on days drawn at random {time_fooled:.2f}, on the last days {time_honest:.2f}"
    )
    return lake, says_fooled, says_honest, time_fooled, time_honest


@app.cell
def test_time_fools_the_network(time_fooled, time_honest):
    assert time_fooled > 0.85
    assert time_honest < 0.3  # on most walks below 0: worse than naming the mean
    return


@app.cell(hide_code=True)
def _(
    days, drawn_days, lake, later_days, plt, says_fooled, says_honest,
    time_fooled, time_honest,
):
    def draw_lake():
        picture, axes = plt.subplots(1, 2, figsize=(6.5, 2.9), sharey=True)
        for one, is_test, says, r2, title in (
            (axes[0], drawn_days, says_fooled, time_fooled, "days drawn at random"),
            (axes[1], later_days, says_honest, time_honest, "the last days"),
        ):
            one.plot(days[~is_test], lake[~is_test], ".", markersize=2, color="0.6",
                     label="for training")
            one.plot(
                days[is_test], lake[is_test], ".", markersize=4, label="for testing"
            )
            one.plot(days, says, label="the network")
            one.set(xlabel="day", title=f"{title}: R² = {r2:.2f}")
        axes[0].set_ylabel("level (deviations of a step)")
        axes[1].legend(fontsize=8)
        return picture

    book.figure(
        draw_lake(),
        alt="Two panels with the level of a lake over 500 days. Left, test days are "
        "spread among the others and the network passes through all of them. Right, "
        "the last hundred days are for testing and the network misses them.",
        caption="The same network on the same lake. Only the days of the test differ.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    A negative $R^2$ means: worse than always naming the mean of the test days.
    `prepare(table, target, split=("time", "day"))` puts the last rows into the test part.

    ### Side by side
    """)
    return


@app.cell
def test_dishonest_beside_honest(
    by_copies, group_fooled, group_honest, time_fooled, time_honest,
    ward_fooled, ward_honest,
):
    both = {
        "target in disguise": (ward_fooled, ward_honest),
        "duplicates": (by_copies[2], by_copies[1]),
        "groups": (group_fooled, group_honest),
        "time (R²)": (time_fooled, time_honest),
    }
    assert all(fooled > honest + 0.15 for fooled, honest in both.values())
    book.table(
        ["leak", "as it fools you", "honest"],
        [
            [name, float(fooled), float(honest)]
            for name, (fooled, honest) in both.items()
        ],
    )
    return (both,)


@app.cell(hide_code=True)
def _(both, plt):
    def draw_both():
        picture, axes = plt.subplots(figsize=(6.5, 2.7))
        place = np.arange(len(both))
        fooled, honest = np.array(list(both.values()), float).T
        axes.barh(place - 0.2, fooled, 0.36, label="as it fools you")
        axes.barh(place + 0.2, np.maximum(honest, 0), 0.36, label="honest", hatch="//",
                  edgecolor="white")
        for at, value in enumerate(honest):
            axes.text(max(value, 0) + 0.01, at + 0.2, f"{value:.2f}", va="center")
        for at, value in enumerate(fooled):
            axes.text(value + 0.01, at - 0.2, f"{value:.2f}", va="center")
        axes.set_yticks(place, list(both))
        axes.invert_yaxis()
        axes.set(xlabel="score of the same network", xlim=(0, 1.12))
        axes.grid(axis="y", visible=False)
        axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
        return picture

    book.figure(
        draw_both(),
        alt="Two bars for each of four leaks: scores between 0.9 and 1 as they fool "
        "you; honest scores of 0.77 and 0.5, and below zero for time.",
        caption="Scores of the same network. A score below zero has no bar, only its number.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    A checklist that needs no program:

    1. For each column: *when* does somebody know this value? It must be before the prediction is wanted.
    2. Do rows repeat, or belong together by person, place, device or day? Then keep them together.
    3. Is the network for the future? Then test it on the latest rows.
    4. Was anything (a mean, a word list, a choice of columns) learned before the split? Ambroise and McLachlan (2002) show how choosing genes on all samples makes errors of the test vanish.
    5. Is the score much better than simple models reach? Look for a leak before you are glad.

    ## Why scaling matters

    We leave the scores, and ask how fast a network learns.
    For a linear model with the mean squared error everything can be computed: which learning rate is too large, and how many steps are needed. Chapter 4 does the same for logistic regression.

    ### The largest learning rate

    Let $X$ be $(n, d)$, with columns of mean 0, let $y$ $(n, 1)$ have mean 0 too (so that no bias is needed), and $w$ be $(d, 1)$. The loss and its gradient are

    $$
    L(w) = \frac1n \lVert Xw - y \rVert^2, \qquad \nabla L(w) = \frac2n X^\top (Xw - y)
    $$

    At the best weights $w^*$ the gradient is zero, that is $X^\top y = X^\top X w^*$. We put this in:

    $$
    \nabla L(w) = \frac2n X^\top X (w - w^*) = H\,(w - w^*), \qquad H = \frac2n X^\top X \quad (d, d)
    $$

    One step of gradient descent with the learning rate $\eta$ subtracts $\eta \nabla L$. So the distance from the best weights becomes

    $$
    w_{k+1} - w^* = w_k - w^* - \eta H (w_k - w^*) = (I - \eta H)(w_k - w^*)
    $$

    $H$ is symmetric, so it has $d$ perpendicular directions $v_1, \dots, v_d$ which it only stretches, $H v_i = \lambda_i v_i$. They are its eigenvectors, and the $\lambda_i$ its eigenvalues. They say how strongly the loss is curved in that direction.
    Let $c_i$ be the part of $w_0 - w^*$ along $v_i$. In each step it is multiplied by $1 - \eta\lambda_i$, so after $k$ steps it is

    $$
    (1 - \eta \lambda_i)^k\, c_i
    $$

    It dies out if $\lvert 1 - \eta\lambda_i \rvert < 1$, which means $0 < \eta < 2/\lambda_i$. All parts must die out, and the steepest direction is the strictest:

    $$
    \eta < \frac{2}{\lambda_{\max}}
    $$

    ### The number of steps

    How much of the loss is left after $k$ steps? $L$ is a square function with the minimum $L^*$ at $w^*$, so $L(w) - L^* = \frac12 (w - w^*)^\top H (w - w^*)$, and in the directions $v_i$ this is a sum:

    $$
    L(w_k) - L^* = \frac12 \sum_{i=1}^d \lambda_i\, c_i^2\, (1 - \eta\lambda_i)^{2k}
    $$

    With $\eta = 1/\lambda_{\max}$ the steepest part is gone after one step, and the flattest shrinks by the factor ${1 - \lambda_{\min}/\lambda_{\max}} = {1 - 1/\kappa}$ in each step, where

    $$
    \kappa = \frac{\lambda_{\max}}{\lambda_{\min}}
    $$

    is the **condition number** of $X^\top X$ (the factor $2/n$ cancels).
    To shrink its loss by a factor $\varepsilon$ it takes $k = \ln\varepsilon \,/\, \bigl(2 \ln(1 - 1/\kappa)\bigr)$ steps. For large $\kappa$, $\ln(1 - 1/\kappa) \approx -1/\kappa$, so $k \approx \frac\kappa2 \ln\frac1\varepsilon$:
    **the number of steps grows with the condition number** (Nocedal and Wright, 2006; LeCun and others, 1998).

    ### Penguins, before and after

    Can the length of a bill be told from its depth, the flipper (mm) and the mass (g)?
    The columns get mean 0, and then deviation 1 or not. That is the only difference.
    """)
    return


@app.cell
def _():
    penguins = fn.datasets.load_penguins()  # 342 birds, 4 measurements
    centred = penguins.X - penguins.X.mean(axis=0)
    y_bill = centred[:, :1]  # (342, 1)
    in_units = centred[:, 1:]  # (342, 3): mm, mm, g
    scaled = in_units / in_units.std(axis=0)

    def curvatures(X):
        """The eigenvalues of H = 2/n X^T X, the smallest first, and its directions."""
        return np.linalg.eigh(2 / len(X) * X.T @ X)

    book.table(
        ["columns", "smallest curvature", "largest", "condition number", "limit of the rate"],
        [
            [name, lam[0], lam[-1], lam[-1] / lam[0], 2 / lam[-1]]
            for name, lam in (
                ("mm, mm, g", curvatures(in_units)[0]),
                ("standardised", curvatures(scaled)[0]),
            )
        ],
    )
    return curvatures, in_units, penguins, scaled, y_bill


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    First the limit of the learning rate. We don't tell the search what to expect: it starts between $10^{-9}$ and 10, halves the interval on a logarithmic scale, and asks each time whether the loss still grows between step 300 and step 600.
    A network of one neuron without activation is our linear model, and a batch of all rows makes it plain gradient descent.
    """)
    return


@app.cell
def _(y_bill):
    import warnings

    def losses(X, learning_rate, steps):
        """The loss before each step of gradient descent, from weights of zero."""
        net = fn.Network([fn.Dense(X.shape[1], 1, init="zeros")], dtype="float64")
        with warnings.catch_warnings():  # that the loss became infinite is no news here
            warnings.simplefilter("ignore", RuntimeWarning)
            history = net.fit(
                X,
                y_bill,
                loss="mse",
                optimizer=fn.SGD(learning_rate),
                epochs=steps,
                batch_size=len(X),
                shuffle=False,
            )
        return np.array(history.loss)

    def largest_rate(X):
        low, high = 1e-9, 10.0
        while high / low > 1.001:
            middle = np.sqrt(low * high)
            loss = losses(X, middle, 600)  # training stops where the loss is infinite
            grows = len(loss) < 600 or loss[-1] > loss[300]
            low, high = (low, middle) if grows else (middle, high)
        return np.sqrt(low * high)

    return largest_rate, losses


@app.cell
def test_the_limit_of_the_learning_rate(curvatures, in_units, largest_rate, scaled):
    book.beside(
        [
            (name, 2 / curvatures(X)[0][-1], largest_rate(X))
            for name, X in (("mm, mm, g", in_units), ("standardised", scaled))
        ],
        rel=0.01,
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Now the steps. With $\eta = 1/\lambda_{\max}$, the formula tells how many it takes until only 1 % of the loss that can be removed is left.
    """)
    return


@app.cell
def _(curvatures, in_units, losses, scaled, y_bill):
    def excess(X, steps):
        """The predicted L(w_k) - L* for each k in steps, at the rate 1 / lambda_max."""
        lam, directions = curvatures(X)
        best = np.linalg.lstsq(X, y_bill, rcond=None)[0]
        c = directions.T @ (0 - best)  # we start from w = 0
        shrinking = (1 - lam / lam[-1]) ** (2 * np.asarray(steps)[:, None])
        return (shrinking * (0.5 * lam * c.ravel() ** 2)).sum(axis=1)

    def steps_predicted(X):
        left, most = excess(X, [0])[0], 1
        while excess(X, [most])[0] > 0.01 * left:
            most *= 2
        k = np.arange(most + 1)
        return int(np.argmax(excess(X, k) < 0.01 * left))

    def excess_measured(X, steps):
        """L(w_k) - L* before each step of a network that learns at this rate."""
        best = np.linalg.lstsq(X, y_bill, rcond=None)[0]
        least = np.mean((X @ best - y_bill) ** 2)
        return losses(X, 1 / curvatures(X)[0][-1], steps) - least

    run_scaled = excess_measured(scaled, 200)
    run_in_units = excess_measured(in_units, 300_000)
    return excess, run_in_units, run_scaled, steps_predicted


@app.cell
def test_the_number_of_steps(
    in_units, run_in_units, run_scaled, scaled, steps_predicted
):
    book.beside(
        [
            (name, steps_predicted(X), int(np.argmax(run < 0.01 * run[0])), 1)
            for name, X, run in (
                ("steps in mm, mm, g", in_units, run_in_units),
                ("steps, standardised", scaled, run_scaled),
            )
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The same birds, the same model, the same best loss: a quarter of a million steps, or 19.
    Nothing was learned by standardising. A unit was changed, grams to "deviations of mass", and the valley of the loss, which was long and narrow, became nearly round.
    """)
    return


@app.cell(hide_code=True)
def _(excess, in_units, plt, run_in_units, run_scaled, scaled):
    def draw_descents():
        picture, axes = plt.subplots(figsize=(6.5, 3))
        k = np.unique(np.geomspace(1, 300_000, 300).astype(int))
        for X, name, run, mark in (
            (scaled, "standardised", run_scaled, "o"),
            (in_units, "mm, mm, g", run_in_units, "s"),
        ):
            line = axes.plot(k, excess(X, k), label=f"{name}: predicted")[0]
            some = np.unique(np.geomspace(1, len(run) - 1, 16).astype(int))
            axes.plot(some, run[some], mark, color=line.get_color(), markersize=5,
                      label=f"{name}: measured")
        axes.axhline(0.01 * run_scaled[0], color="0.5", linestyle="--",
                     label="1 % of it left")
        axes.set(
            xscale="log",
            yscale="log",
            xlabel="step",
            ylabel="loss above the best (mm²)",
            ylim=(1e-4, 20),
        )
        axes.legend(fontsize=8, loc="lower right")
        return picture

    book.figure(
        draw_descents(),
        alt="The loss above the best one against the step, both on logarithmic scales. "
        "Standardised it is below one percent after 19 steps. In mm and g it stays "
        "near 3 for a thousand steps, and comes below one percent only at the right "
        "edge. Measured points lie on both predicted curves.",
        caption="Before the first step (left of the axis) both losses are a hundred "
        "times the dashed line. In the units of the file the first step takes away the "
        "part along the mass, and then the loss waits for the other columns.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### What standardising cannot change

    With deviation 1, two columns with the correlation $r$ have $\frac1n X^\top X = \begin{pmatrix} 1 & r \\ r & 1 \end{pmatrix}$.
    Its directions are $(1, 1)$ and $(1, -1)$: the first is stretched by $1 + r$, the second by $1 - r$, as you see by multiplying. Hence

    $$
    \kappa = \frac{1 + \lvert r \rvert}{1 - \lvert r \rvert}
    $$

    Without a correlation, columns of deviations $\sigma_1 > \sigma_2$ have $\kappa = (\sigma_1/\sigma_2)^2$: a factor of 1,000 in the units is a factor of a million in the steps.
    Standardising takes away the second and leaves the first.
    """)
    return


@app.cell
def test_correlation_is_what_is_left(penguins):
    pairs = []
    for first, second in ((0, 2), (2, 3), (0, 1)):
        two = penguins.X[:, [first, second]]
        two = (two - two.mean(axis=0)) / two.std(axis=0)
        r = abs(np.corrcoef(two.T)[0, 1])
        names = " and ".join(penguins.feature_names[j] for j in (first, second))
        pairs.append((names, (1 + r) / (1 - r), np.linalg.cond(two.T @ two)))
    book.beside(pairs, rel=1e-9)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Move the slider: the second feature is stretched, as if its unit were smaller. The ellipses are lines of equal loss, the path is gradient descent at $\eta = 1/\lambda_{\max}$.
    """)
    return


@app.cell(hide_code=True)
def _():
    stretch = mo.ui.slider(
        1, 10, step=0.5, value=5, label="stretch of feature 2", show_value=True
    )
    stretch
    return (stretch,)


@app.cell(hide_code=True)
def _(plt, stretch):
    def draw_valley(factor):
        rng = np.random.default_rng(0)
        X = rng.normal(size=(300, 2))
        X = (X - X.mean(axis=0)) / X.std(axis=0) * [1, factor]
        best = np.array([1.0, 1.0])
        H = 2 / len(X) * X.T @ X
        lam = np.linalg.eigvalsh(H)
        w, path = np.array([-1.0, 0.3]), []
        for _ in range(41):
            path.append(w)
            w = w - H @ (w - best) / lam[-1]
        path = np.array(path)
        grid = np.meshgrid(np.linspace(-1.5, 2, 120), np.linspace(0, 2, 120))
        away = np.stack(grid, axis=-1) - best
        loss = 0.5 * np.einsum("abi,ij,abj->ab", away, H, away)
        picture, axes = plt.subplots(figsize=(6.5, 3))
        levels = 0.5 * lam[0] * np.array([0.1, 0.5, 1, 2, 4, 8, 16, 32])
        axes.contour(*grid, loss, levels=levels, colors="0.7", linewidths=1)
        axes.plot(*path.T, "o-", markersize=4, linewidth=1, label="40 steps")
        axes.plot(*best, "*", markersize=14, label="best weights")
        near = 0.5 * (path - best) @ H @ (path - best).T
        left = np.diag(near) / near[0, 0]
        below = np.flatnonzero(left < 1e-3)
        steps = f"{below[0]} steps" if len(below) else "more than 40 steps"
        steps = "1 step" if steps == "1 steps" else steps
        axes.set(
            xlabel="weight of feature 1",
            ylabel="weight of feature 2",
            title=f"condition number {lam[-1] / lam[0]:.1f}: {steps} to 0.1 % of the loss",
        )
        axes.legend(loc="lower right", frameon=True, framealpha=1, edgecolor="white")
        return picture

    book.live(
        draw_valley,
        stretch,
        name="stretch of feature 2",
        at=(1, 3, 8),
        alt="Lines of equal loss over two weights and the path of gradient descent, "
        "feature 2 stretched {value} times: the more it is stretched, the longer the "
        "ellipses and the smaller the steps along them.",
        caption="A round bowl is walked straight to its ground; in a long valley the "
        "steps along the ground are small.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### A network that bends

    With a hidden layer the loss is no longer a square function, but the first layer still multiplies the columns.
    A mass of 4,200 times a weight of 0.5 gives $z = 2100$, where tanh is flat: its output is 1 for every bird, its derivative is 0, and nothing gets through to the weights.
    A network whose hidden neurons say the same of every bird has only its last bias to learn with. The best that it can do is what the bias can: name the commonest species.
    """)
    return


@app.cell
def test_a_network_on_raw_columns(penguins):
    X_std = (penguins.X - penguins.X.mean(axis=0)) / penguins.X.std(axis=0)
    scores, flat = {}, {}
    for columns, X_four in (("as they are", penguins.X), ("standardised", X_std)):
        four_train, four_test = fn.data.split(X_four, penguins.y, seed=0)
        bent = fn.mlp(n_in=4, hidden=[16], n_out=3, activation="tanh", seed=0)
        bent.fit(*four_train, optimizer=fn.SGD(0.01), epochs=100)
        bent.forward(four_test[0], training=False)
        flat[columns] = np.mean(np.abs(bent.layers[0].a) > 0.999)
        scores[columns] = bent.score(*four_test)
    commonest = np.bincount(four_test[1]).max() / len(four_test[1])
    assert scores["standardised"] > 0.9
    book.beside(
        [("accuracy on raw columns", commonest, scores["as they are"])], abs=1e-12
    )
    return flat, scores


@app.cell
def _(flat, scores):
    book.table(
        ["columns", "accuracy", "hidden outputs at the ends of tanh"],
        [[name, scores[name], f"{share:.0%}"] for name, share in flat.items()],
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## What learning cannot reach

    ### Contradicting labels

    Two rows are equal in all features, and their targets differ. Whatever the network says to this row, it is wrong for one of them.
    Let $n_{gc}$ be the number of rows in group $g$ (of equal rows) with the class $c$.
    A function of the features gives one answer to the whole group. At best it names the commonest class, and then $\max_c n_{gc}$ rows are right. So the share of wrong answers of any function at all is at least

    $$
    \text{floor} = 1 - \frac1n \sum_g \max_c n_{gc}
    $$

    It can be counted before anything is trained. The same holds for the cross-entropy, the loss that a classifier minimises: the mean of $-\ln$ of the probability that it gives to the right class.
    In group $g$, with $n_g$ rows, the network says the probabilities $p_1, p_2, \dots$ to all, which costs $-\sum_c n_{gc} \ln p_c$.
    The smallest value under the condition $\sum_c p_c = 1$ is found with a Lagrange multiplier, a price $\mu$ on every bit by which the sum exceeds 1. At the best $p_c$, no change pays any more: the derivative of $-\sum_c n_{gc} \ln p_c + \mu\left(\sum_c p_c - 1\right)$ by $p_c$ is

    $$
    -\frac{n_{gc}}{p_c} + \mu = 0 \quad\Rightarrow\quad p_c = \frac{n_{gc}}{\mu} = \frac{n_{gc}}{n_g}
    $$

    where the last step used that the $p_c$ add up to 1. So the best that a network can say is the shares, and the least loss is

    $$
    L_{\min} = -\frac1n \sum_g \sum_c n_{gc} \ln \frac{n_{gc}}{n_g}
    $$

    An example: 1,200 people answer three questions, each with one of four words, and either buy or don't. That makes at most $4^3 = 64$ different rows, so many people answer alike, and not all of them do the same.
    """)
    return


@app.cell
def _():
    def survey(n=1200, seed=0):
        rng = np.random.default_rng(seed)
        answers = rng.integers(0, 4, (n, 3))
        buys = (answers.sum(axis=1) - 4.5 + 1.5 * rng.normal(size=n) > 0).astype(int)
        return answers, buys

    survey_answers, buys = survey()
    group = survey_answers @ [16, 4, 1]  # a number for each of the 64 different rows
    counts = np.zeros((64, 2))
    np.add.at(counts, (group, buys), 1)  # counts[g, c] is n_gc

    error_floor = 1 - counts.max(axis=1).sum() / len(buys)
    share_of = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    logs = np.log(np.where(share_of > 0, share_of, 1))  # a class without rows costs 0
    loss_floor = -np.sum(counts * logs) / len(buys)
    return buys, error_floor, loss_floor, survey_answers


@app.cell
def _(buys, survey_answers):
    # one-hot: three questions, four words each
    X_survey = np.eye(4)[survey_answers].reshape(-1, 12)
    stubborn = fn.mlp(n_in=12, hidden=[64], n_out=2, activation="tanh", seed=0)
    stubborn.fit(X_survey, buys, optimizer=fn.Adam(1e-2), epochs=2000, batch_size=1200)
    on_training_rows = stubborn.evaluate(X_survey, buys)
    return (on_training_rows,)


@app.cell
def test_the_floor(buys, error_floor, loss_floor, on_training_rows, survey_answers):
    words_of = np.array(["never", "rarely", "often", "always"])
    asked_people = {f"question {j}": words_of[survey_answers[:, j]] for j in range(3)}
    asked_people["buys"] = np.where(buys, "yes", "no")
    ceiling = inspect(asked_people, target="buys").ceiling
    assert on_training_rows["loss"] > loss_floor - 1e-6
    assert 1 - on_training_rows["accuracy"] > error_floor - 1e-6
    book.beside(
        [
            ("error floor, counted; what inspect says", error_floor, ceiling["floor"], 1e-6),
            ("error floor; a large network on its training rows", error_floor,
             1 - on_training_rows["accuracy"], 4 / 1200),
            ("least cross-entropy; the same network", loss_floor,
             on_training_rows["loss"], 0.002),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The network has more weights than there are different rows, and 2,000 epochs to learn them by heart. It comes down to the floor, and stops. (Four people in 1,200 are allowed, for groups that are nearly tied.)
    It is the floor of *these* rows. On new rows the error is rather larger, since in small groups the commonest answer is partly chance.

    What helps is not a larger network but a fourth question.

    ### A target that has nothing to do with the features

    Let a share $\pi$ of the rows have class 1, independently of the features.
    The honest answers are few: always name the commonest class, and be right with $\max(\pi, 1-\pi)$; or say the shares, and pay the entropy $-\pi\ln\pi - (1-\pi)\ln(1-\pi)$ (the formula above, with all rows in one group).

    What does a network do that remembers its training rows? On new rows it says class 1 for some share $q$ of them. Since its answer is independent of the truth, probabilities multiply:

    $$
    P(\text{right}) = q\,\pi + (1-q)(1-\pi)
    $$

    With $q = \pi$ this is $\pi^2 + (1-\pi)^2$, which is **less** than $\max(\pi, 1-\pi)$ for every $\pi$ other than $\frac12$ between 0 and 1: a network that has learned noise is worse than one that always names the commonest class.
    """)
    return


@app.cell
def _():
    def independent(share=0.3, n=2500, seed=0):
        rng = np.random.default_rng(seed)
        return rng.normal(size=(n, 20)), (rng.random(n) < share).astype(int)

    X_noise, y_noise = independent()
    noise_train = X_noise[:500], y_noise[:500]
    noise_test = X_noise[500:], y_noise[500:]
    fooled_net = fn.mlp(n_in=20, hidden=[128], n_out=2, seed=0)
    noise_history = fooled_net.fit(
        *noise_train, optimizer=fn.Adam(3e-3), epochs=60, validation=noise_test
    )
    return fooled_net, noise_history, noise_test, noise_train


@app.cell
def test_an_independent_target(fooled_net, noise_test, noise_train):
    pi = noise_test[1].mean()
    q = fooled_net.predict(noise_test[0]).mean()
    right = q * pi + (1 - q) * (1 - pi)
    score = fooled_net.score(*noise_test)
    assert score < max(pi, 1 - pi) - 0.03
    # a network that sees nothing has only its bias, and that learns the shares
    blind = fn.Network([fn.Dense(1, 2)], seed=0)
    nothing = np.zeros((len(noise_train[1]), 1))
    blind.fit(
        nothing, noise_train[1], optimizer=fn.SGD(0.5), epochs=300, batch_size=500
    )
    part = noise_train[1].mean()
    entropy = -part * np.log(part) - (1 - part) * np.log(1 - part)
    book.beside(
        [
            ("accuracy on its training rows", 1.0, fooled_net.score(*noise_train), 0.02),
            ("accuracy on new rows", right, score, 4 * np.sqrt(right * (1 - right) / 2000)),
            ("loss of a network that sees nothing", entropy,
             blind.evaluate(nothing, noise_train[1])["loss"], 1e-4),
        ]
    )
    return


@app.cell(hide_code=True)
def _(noise_history, noise_test, plt):
    def draw_noise():
        picture, axes = plt.subplots(figsize=(6.5, 2.9))
        epochs = np.arange(1, len(noise_history.loss) + 1)
        share = noise_test[1].mean()
        entropy = -share * np.log(share) - (1 - share) * np.log(1 - share)
        axes.plot(epochs, noise_history.loss, label="training rows")
        axes.plot(epochs, noise_history.val_loss, "--", label="new rows")
        axes.axhline(
            entropy, color="0.5", linestyle=":", label="entropy: saying the shares"
        )
        axes.set(xlabel="epoch", ylabel="cross-entropy")
        axes.legend()
        return picture

    book.figure(
        draw_noise(),
        alt="Over 60 epochs the loss on the training rows falls towards zero, while on "
        "new rows it rises from about the entropy, 0.6, to more than twice that.",
        caption="Learning noise by heart: the loss falls on the rows that are known, and "
        "rises on all others.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### What is not in the table

    `inspect` sees the cells. It does not see that all patients came from one hospital, that the sensor was changed in May, that the poor crops were never written down.
    A table is a set of answers, and somebody decided who was asked. Ask who.

    Before you train, then, in this order: mend the cells; find names and repetitions; count contradictions; look for leaks; choose the split; scale. The order matters: repeated and contradicting rows can hide a leak.

    ## Exercises
    """)
    return


@app.cell(hide_code=True)
def _():
    exercise_1 = book.exercise("3.1")
    exercise_1
    return (exercise_1,)


@app.cell(hide_code=True)
def _(exercise_1):
    book.judged("3.1", exercise_1)
    return


@app.cell(hide_code=True)
def _():
    exercise_2 = book.exercise("3.2")
    exercise_2
    return (exercise_2,)


@app.cell(hide_code=True)
def _(exercise_2):
    book.judged("3.2", exercise_2)
    return


@app.cell(hide_code=True)
def _():
    exercise_3 = book.exercise("3.3")
    exercise_3
    return (exercise_3,)


@app.cell(hide_code=True)
def _(exercise_3):
    book.judged("3.3", exercise_3)
    return


@app.cell(hide_code=True)
def _():
    exercise_4 = book.exercise("3.4")
    exercise_4
    return (exercise_4,)


@app.cell(hide_code=True)
def _(exercise_4):
    book.judged("3.4", exercise_4)
    return


@app.cell(hide_code=True)
def _():
    exercise_5 = book.exercise("3.5")
    exercise_5
    return (exercise_5,)


@app.cell(hide_code=True)
def _(exercise_5):
    book.judged("3.5", exercise_5)
    return


@app.cell(hide_code=True)
def _():
    exercise_6 = book.exercise("3.6")
    exercise_6
    return (exercise_6,)


@app.cell(hide_code=True)
def _(exercise_6):
    book.judged("3.6", exercise_6)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Solutions
    """)
    return


@app.cell(hide_code=True)
def _():
    book.solutions(3)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Ten questions
    """)
    return


@app.cell(hide_code=True)
def _():
    quiz_answers = book.quiz(3)
    quiz_answers
    return (quiz_answers,)


@app.cell(hide_code=True)
def _(quiz_answers):
    book.marked(3, quiz_answers)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Sources

    - C. Ambroise and G. J. McLachlan, *Selection bias in gene extraction on the basis of microarray gene-expression data*, PNAS 99, 2002: choices made on all samples, before the split.
    - K. B. Gorman, T. D. Williams and W. R. Fraser, *Ecological sexual dimorphism and environmental variability within a community of Antarctic penguins (genus Pygoscelis)*, PLoS ONE 9(3), 2014: the penguins.
    - A. M. Horst, A. P. Hill and K. B. Gorman, *palmerpenguins*, 2020: their table, CC0.
    - IEEE, *Standard for Floating-Point Arithmetic*, IEEE 754-2019: what NaN is and does.
    - S. Kapoor and A. Narayanan, *Leakage and the reproducibility crisis in machine-learning-based science*, Patterns 4, 2023: leaks in published work.
    - S. Kaufman, S. Rosset, C. Perlich and O. Stitelman, *Leakage in data mining: formulation, detection, and avoidance*, ACM Transactions on Knowledge Discovery from Data 6, 2012: what a leak is; competitions won by them.
    - Y. LeCun, L. Bottou, G. B. Orr and K.-R. Müller, *Efficient BackProp*, in Neural Networks: Tricks of the Trade, Springer, 1998: scaling the inputs, and the eigenvalues behind it.
    - J. Nocedal and S. J. Wright, *Numerical Optimization*, 2nd edition, Springer, 2006: the rate of convergence of steepest descent.
    """)
    return


if __name__ == "__main__":
    app.run()
