# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

__generated_with = "0.25.2"
app = marimo.App(app_title="0 How to read this book", css_file="chapter.css")

with app.setup:
    import marimo as mo
    import numpy as np

    import fastnn as fn
    from fastnn import book


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    # 0 How to read this book

    When you have read this chapter, you can

    - say what a page of this book shows, and which of it you can move, change or check;
    - read the shapes of `X`, `weights`, `bias`, `z` and `a` off a formula, and the formula off the shapes;
    - run a network of five hidden layers, and look at any number inside it;
    - hand in an exercise and read what the checker says.

    ## What this book is

    This book goes one way, from a nerve cell to a deep network.
    It begins where the idea came from, in neuroscience (chapter 1), and passes to what engineers made of it (chapter 2).
    Then it looks at the data, before any network is trained on them (chapter 3).
    Logistic regression is the smallest network there is, and it is enough to derive backpropagation (chapter 4).
    A hidden layer makes it a network that can learn any shape (chapter 5), five of them make it deep, with troubles of its own (chapter 6).
    Chapter 7 shows how the loops behind it become fast, and chapter 8 where you can go from here.

    You need school mathematics up to the derivative, and enough Python to read a `for` loop.
    Matrices are explained where they first appear.
    Nothing is downloaded: all data come with the library or from a seed.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Three editions of one text

    - **Live**: `fastnn learn` opens the table of contents in your browser, `fastnn learn 4` a chapter. Sliders move, the editors of the exercises run your code, and the table of contents remembers what you solved.
    - **Jupyter**: `fastnn learn 4 --copy mine.ipynb` writes a chapter as a notebook with the same cells; each printed chapter offers itself as one, too.
    - **Printed**: the same chapters as pages that need no Python. Where the live edition has a slider, they show a few of its positions.

    The code that you see is the code that ran.
    It uses what you would use: `import fastnn as fn`, NumPy, and matplotlib for pictures.
    A name that starts with `book.` belongs to the page and not to the subject: it shows a picture, a table or an exercise.
    """)
    return


@app.cell
def _():
    X, y = fn.datasets.spirals(n_samples=600, n_classes=3, seed=0)
    train, test = fn.data.split(X, y, test_fraction=0.2, seed=0)
    net = fn.mlp(n_in=2, hidden=[32] * 5, n_out=3, activation="tanh", seed=0)
    history = net.fit(
        *train,
        loss="cross_entropy",
        optimizer=fn.Adam(3e-3),
        epochs=60,
        progress=False,
    )
    mo.plain_text(str(net))
    return history, net, test


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    This is where the book arrives: three spirals, five hidden layers, and less than a second of training.
    On the way you will build each part of it by hand.
    The **loss** says how wrong the network still is, and an **epoch** is one pass over all the samples that it learns from.
    """)
    return


@app.cell(hide_code=True)
def _(history):
    plt = book.pyplot()

    def draw_loss(history):
        picture, axes = plt.subplots(figsize=(6.5, 2.8))
        axes.plot(range(1, len(history.loss) + 1), history.loss)
        axes.set(xlabel="epoch", ylabel="loss")
        return picture

    book.figure(
        draw_loss(history),
        alt="The loss falls from about 1 to nearly 0 over 60 epochs.",
        caption="The loss of the network while it learns the three spirals.",
    )
    return (plt,)


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Predicted beside measured

    A textbook claims; a program can check.
    Wherever this book predicts a number, the next cell measures it, and the page shows both.
    The cell stops with an error if they are further apart than claimed, so a page that you can read is a page whose claims hold.

    The first one: before it has seen anything, a network with three outputs near zero gives each class the probability 1/3, so the mean cross-entropy is $-\ln \frac13 = \ln 3$.
    """)
    return


@app.cell
def test_a_blind_guess_costs_log_3(test):
    blind = fn.Network([fn.Dense(2, 3, init="zeros")], seed=0)
    book.beside(
        [("loss of a blind guess", np.log(3), blind.evaluate(*test)["loss"])], rel=1e-6
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Exercises and quizzes

    Each chapter ends with exercises and ten questions.
    An answer to an exercise is a function.
    In the live edition you write it into the editor and press the button.
    Ctrl-Enter presses it, too; Tab makes room for a line of code, and Esc, Esc, Tab leaves the editor for the button.
    Anywhere else, type

    ```python
    from fastnn.book import check

    check("4.2", my_function)
    ```

    The checker calls your function with cases that you don't see, compares what it returns with what the library says, and tells you where they part.
    If it recognises a typical mistake, it gives you a hint.
    The solutions are folded at the end of the page: a look at them costs you what you would have learned.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Notation

    **Rows are samples.** A table of data has one row for each sample and one column for each feature, as in a spreadsheet. A layer with $d$ inputs and $m$ neurons is

    $$
    Z = X W + b, \qquad A = f(Z)
    $$

    | symbol | in the code | shape | meaning |
    | --- | --- | --- | --- |
    | $n$ | `n_samples` | | samples, in the data or in a batch |
    | $X$ | `X`, in a layer `x` | $(n, d)$ | what comes in |
    | $W$ | `weights` | $(d, m)$ | column $j$ holds the weights of neuron $j$ |
    | $b$ | `bias` | $(m,)$ | added to every row |
    | $Z$ | `z` | $(n, m)$ | before the activation |
    | $A$ | `a` | $(n, m)$ | after it: what the next layer gets |
    | $f$ | `activation` | | the activation, element by element |
    | $y$ | `y` | $(n,)$ | targets: classes 0, 1, 2 ..., or values |
    | $L$ | `loss` | a number | the mean loss of the samples |
    | $\partial L / \partial W$ | `grad_weights` | as $W$ | how the loss moves when a weight grows |
    | $\eta$ | `learning_rate` | a number | size of a step |

    Layers are counted from 0 in the code, `net.layers[0]`, and from 1 in formulas, $W^{(1)}$.
    A gradient has the shape of what it belongs to.
    Many books write $z = W x + b$ for one sample as a column; their $W$ is our $W^\top$.

    All of it can be read by name after a forward and a backward pass:
    """)
    return


@app.cell
def test_shapes_are_as_in_the_table(net, test):
    inputs, _ = test
    logits = net.forward(inputs, training=False)
    net.backward(np.ones_like(logits) / len(logits))
    first = net.layers[0]
    assert first.z.shape == (len(inputs), 32)
    assert first.grad_weights.shape == first.weights.shape == (2, 32)
    book.table(
        ["array", "shape"],
        [
            ["`inputs`", str(inputs.shape)],
            ["`net.layers[0].weights`", str(first.weights.shape)],
            ["`net.layers[0].z`", str(first.z.shape)],
            ["`net.layers[0].grad_weights`", str(first.grad_weights.shape)],
            ["`logits`", str(logits.shape)],
        ],
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Where a hand should move something, there is a slider: how many epochs does the loss need to fall below a limit?
    """)
    return


@app.cell(hide_code=True)
def _():
    limit = mo.ui.slider(
        0.1, 1.0, step=0.1, value=0.5, label="limit of the loss", show_value=True
    )
    limit
    return (limit,)


@app.cell(hide_code=True)
def _(history, limit, plt):
    def draw_limit(value):
        epoch = int(np.argmax(np.array(history.loss) < value)) + 1
        picture, axes = plt.subplots(figsize=(6.5, 2.8))
        axes.plot(range(1, len(history.loss) + 1), history.loss)
        axes.axhline(value, color="gray", linewidth=1)
        axes.plot([epoch], [history.loss[epoch - 1]], "o")
        axes.set(
            xlabel="epoch", ylabel="loss", title=f"below {value:g} in epoch {epoch}"
        )
        return picture

    book.live(
        draw_limit,
        limit,
        name="limit of the loss",
        at=(0.8, 0.4, 0.1),
        alt="The loss over the epochs, and the first epoch in which it is below {value}.",
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
    exercise_1 = book.exercise("0.1")
    exercise_1
    return (exercise_1,)


@app.cell(hide_code=True)
def _(exercise_1):
    book.judged("0.1", exercise_1)
    return


@app.cell(hide_code=True)
def _():
    exercise_2 = book.exercise("0.2")
    exercise_2
    return (exercise_2,)


@app.cell(hide_code=True)
def _(exercise_2):
    book.judged("0.2", exercise_2)
    return


@app.cell(hide_code=True)
def _():
    exercise_3 = book.exercise("0.3")
    exercise_3
    return (exercise_3,)


@app.cell(hide_code=True)
def _(exercise_3):
    book.judged("0.3", exercise_3)
    return


@app.cell(hide_code=True)
def _():
    exercise_4 = book.exercise("0.4")
    exercise_4
    return (exercise_4,)


@app.cell(hide_code=True)
def _(exercise_4):
    book.judged("0.4", exercise_4)
    return


@app.cell(hide_code=True)
def _():
    exercise_5 = book.exercise("0.5")
    exercise_5
    return (exercise_5,)


@app.cell(hide_code=True)
def _(exercise_5):
    book.judged("0.5", exercise_5)
    return


@app.cell(hide_code=True)
def _():
    exercise_6 = book.exercise("0.6")
    exercise_6
    return (exercise_6,)


@app.cell(hide_code=True)
def _(exercise_6):
    book.judged("0.6", exercise_6)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Solutions
    """)
    return


@app.cell(hide_code=True)
def _():
    book.solutions(0)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Ten questions
    """)
    return


@app.cell(hide_code=True)
def _():
    answers = book.quiz(0)
    answers
    return (answers,)


@app.cell(hide_code=True)
def _(answers):
    book.marked(0, answers)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Sources

    - D. E. Knuth, *Literate Programming*, The Computer Journal 27, 1984: a program as a text for people.
    - N. J. Higham, *Accuracy and Stability of Numerical Algorithms*, 2nd edition, SIAM, 2002: what "equal" can mean for numbers in a computer.
    """)
    return


if __name__ == "__main__":
    app.run()
