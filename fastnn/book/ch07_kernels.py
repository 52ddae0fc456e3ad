# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

__generated_with = "0.25.2"
app = marimo.App(app_title="7 How it gets fast", css_file="chapter.css")

with app.setup:
    import math
    import time
    from collections import OrderedDict
    from contextlib import contextmanager

    import marimo as mo
    import numpy as np

    import fastnn as fn
    from fastnn import book


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    # 7 How it gets fast

    When you have read this chapter, you can

    - say why the same product of matrices takes one program more than a thousand times as long as another;
    - count what a program moves through memory, and predict from that how fast it can be at best;
    - say from which size on a product is worth a call, and why a batch of rows is cheaper than its rows one by one;
    - compute an exponential with a few multiplications and additions, and bound its error before you measure it;
    - split work among threads so that not one bit of the result changes;
    - predict how far a sum is off because numbers are rounded, and rewrite a formula that loses its digits.

    Nothing in this chapter changes what a network computes. It is about the time that takes, and about the last digits.
    The measured times belong to the machine on which this page ran. Therefore no time is asserted narrowly: where a time is predicted, the page says by what factor the measurement may differ.
    All else, counts, bits and errors, is asserted as strictly as everywhere in this book.
    """)
    return


@app.cell(hide_code=True)
def _():
    plt = book.pyplot()
    return (plt,)


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## The staircase

    A network spends its time multiplying matrices. The forward pass of a layer is $Z = X W + b$, its backward pass has two more products, $X^\top\, \partial L / \partial Z$ and $\partial L / \partial Z\; W^\top$ (chapter 4). Everything else touches each number once.

    In this chapter the two factors are called $a$, of shape $(m, k)$, and $b$, of shape $(k, n)$; so $m$ and $n$ are the rows and the columns of the result, whatever they mean in a network:

    $$
    \text{out}_{ij} = \sum_{p=1}^{k} a_{ip}\, b_{pj}, \qquad \text{out of shape } (m, n) .
    $$

    There are $mn$ results, and each takes $k$ multiplications and $k$ additions: $2mnk$ **operations** in all.
    Speed is measured in operations per second. One GFLOP/s is $10^9$ of them, from *floating-point operation*: floating point is the way in which a computer keeps numbers with a fraction (the last part of this chapter).

    This is the formula as a program, twice. The second one only swaps the two inner loops:
    """)
    return


@app.cell
def _():
    def by_definition(a, b):
        out = [[0.0] * len(b[0]) for _ in a]
        for i in range(len(a)):
            for j in range(len(b[0])):
                for p in range(len(b)):
                    out[i][j] = out[i][j] + a[i][p] * b[p][j]
        return out

    def along_rows(a, b):
        out = [[0.0] * len(b[0]) for _ in a]
        for i in range(len(a)):
            for p in range(len(b)):
                for j in range(len(b[0])):
                    out[i][j] = out[i][j] + a[i][p] * b[p][j]
        return out

    return along_rows, by_definition


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Is the count right? Give both programs numbers that count what is done with them:
    """)
    return


@app.cell
def test_a_product_takes_2mnk_operations(along_rows, by_definition):
    class Counted(float):
        done = 0

        def __mul__(self, other):
            Counted.done += 1
            return Counted(float(self) * float(other))

        def __radd__(self, other):
            Counted.done += 1
            return Counted(float(self) + float(other))

        __add__ = __radd__

    _m, _n, _k = 4, 5, 6
    _a = [[Counted(i + p) for p in range(_k)] for i in range(_m)]
    _b = [[Counted(p - j) for j in range(_n)] for p in range(_k)]
    _rows = []
    for _name, _product in (("i j p", by_definition), ("i p j", along_rows)):
        Counted.done = 0
        _product(_a, _b)
        _rows.append(
            (f"operations in the order {_name}", 2 * _m * _n * _k, Counted.done)
        )
    book.beside(_rows)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### A stopwatch

    A computer does other things beside your program, and each of them makes it slower, never faster. So the smallest of many times is the one that says most about the program. A single call can be shorter than what a clock resolves; then several calls are timed as one. And the clock `time.thread_time` stands still while the program waits for its turn because another one is running.
    """)
    return


@app.cell
def _():
    def seconds(call, budget=0.04, clock=time.thread_time):
        """The shortest time of a call: of those that fit into the budget, or of five."""
        call()  # the first call may have to fetch and to prepare
        start = time.perf_counter()
        call()
        calls = max(1, int(5e-4 / max(time.perf_counter() - start, 1e-7)))
        times, end = [], time.perf_counter() + budget
        while len(times) < 5 or time.perf_counter() < end:
            start = clock()
            for _ in range(calls):
                call()
            times.append((clock() - start) / calls)
        return min(times)

    @contextmanager
    def on_threads(n):
        """Let the kernels use n threads inside a `with` block."""
        before = fn.get_num_threads()
        fn.set_num_threads(n)
        try:
            yield
        finally:
            fn.set_num_threads(before)

    def within(rows):
        """Times, predicted beside measured: (what, predicted, measured, factor)."""
        for what, predicted, measured, factor in rows:
            assert predicted / factor <= measured <= predicted * factor, (
                f"{what}: predicted {predicted:.3g}, measured {measured:.3g}"
            )
        return book.table(
            ["", "predicted", "measured", "ratio", "allowed"],
            [[*row[:3], row[2] / row[1], f"1/{row[3]} to {row[3]}"] for row in rows],
        )

    return on_threads, seconds, within


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    `within` is the sister of `book.beside` for times: it asserts that predicted and measured differ by a factor of at most so much, in either direction. The factors are wide, since a page must also hold on a machine that is busy.

    ### The same product, six programs

    Now two matrices of shape $(64, 64)$, in float64 (numbers of 64 bits, 8 bytes). The six programs:

    1. the loops i j p of above, in plain Python;
    2. the loops i p j;
    3. `fn.use("reference")`: every kernel of the library has a **twin**, the same computation in plain Python, which you can read and step through. A **kernel** is a small program in a compiled language that does one such task. Inside a `with fn.use("reference"):` block the twins are called;
    4. NumPy with one loop: for each $p$, all products $a_{ip}\, b_{pj}$ are added at once;
    5. `fn.ops.matmul`, the kernel, on one **thread**: nothing runs beside it (a later part is about threads);
    6. NumPy's `@`, which calls a library for such products, most often one named OpenBLAS.
    """)
    return


@app.cell
def _(along_rows, by_definition, on_threads, seconds):
    def one_loop(a, b):
        out = np.zeros((len(a), b.shape[1]))
        for p in range(len(b)):
            out += a[:, p, None] * b[p]  # (m, 1) times (n,): (m, n)
        return out

    def by_twin(a, b):
        with fn.use("reference"):
            return fn.ops.matmul(a, b)

    def in_lists(product):
        return lambda a, b: np.array(product(a.tolist(), b.tolist()))

    programs = {
        "plain Python, i j p": in_lists(by_definition),
        "plain Python, i p j": in_lists(along_rows),
        "plain Python, the twin": by_twin,
        "NumPy, one loop": one_loop,
        "fastnn, matmul": fn.ops.matmul,
        "NumPy, @": np.matmul,
    }
    size = 64
    left, right = np.random.default_rng(0).normal(size=(2, size, size))
    with on_threads(1):
        taken = {
            name: seconds(lambda p=product: p(left, right))
            for name, product in programs.items()
        }
    assert taken["fastnn, matmul"] * 10 < taken["plain Python, i j p"]
    gflops = {name: 2 * size**3 / t / 1e9 for name, t in taken.items()}
    book.table(
        ["program", "milliseconds", "GFLOP/s", "times as fast"],
        [
            [name, 1e3 * t, gflops[name], taken["plain Python, i j p"] / t]
            for name, t in taken.items()
        ],
    )
    return gflops, left, programs, right, size


@app.cell(hide_code=True)
def _(gflops, plt):
    def draw_programs():
        picture, axes = plt.subplots(figsize=(6.5, 2.8))
        names = list(gflops)[::-1]
        values = [gflops[name] for name in names]
        axes.barh(names, values)
        axes.set_xscale("log")
        axes.set(xlabel="GFLOP/s (each line is ten times the one before)")
        axes.set_xlim(min(values) / 3, max(values) * 8)
        for i, value in enumerate(values):
            axes.text(value * 1.15, i, f"{value:.3g}", va="center")
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.grid(axis="y", visible=False)
        return picture

    book.figure(
        draw_programs(),
        alt="Six bars on a logarithmic axis: the three programs in plain Python do some "
        "hundredths of a GFLOP/s, NumPy with one loop some tens of times as much, the "
        "kernel about a thousand times as much.",
        caption="The same product in six programs, as measured on this machine.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Python is slow here because each `*` and `+` is looked up while the program runs: which type has this object, where is its multiplication, where can the result be put? That takes some tens of nanoseconds, in which the processor could have done hundreds of multiplications.
    A **compiler** is a program that translates another one into the processor's own instructions. It settles these questions once, before the program runs. What it cannot settle is where the numbers are when they are wanted, and that is the subject of the next pages.

    Fast is worthless if it is wrong. The sum over $p$ runs in the same order in the first three programs, so all their roundings are the same, and so must be their results, bit for bit. The other programs may round once where Python rounds twice, or add in another order. The last part of this chapter derives how much that can change: one rounding changes a number by at most the share $u = 2^{-53}$ of it, and two such sums are at most $2 \gamma_k \sum_p |a_{ip}||b_{pj}|$ apart, where $\gamma_k = k u / (1 - k u)$.
    The table shows by how much the results of each program differ from those of the first:
    """)
    return


@app.cell
def test_the_programs_agree(left, programs, right, size):
    _first = programs["plain Python, i j p"](left, right)
    _gamma = size * 2.0**-53 / (1 - size * 2.0**-53)
    _bound = 2 * _gamma * (np.abs(left) @ np.abs(right))
    _apart = {name: np.abs(p(left, right) - _first) for name, p in programs.items()}
    for _name, _off in _apart.items():
        assert np.all(_off <= _bound), _name
    book.beside(
        [
            (f"{name}: largest difference", 0.0, _apart[name].max())
            for name in ("plain Python, i p j", "plain Python, the twin")
        ]
        + [
            (f"{name}: largest difference", 0.0, _apart[name].max(), _bound.max())
            for name in ("NumPy, one loop", "fastnn, matmul", "NumPy, @")
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### Where the numbers are

    A processor computes with numbers that lie in its **registers**, some dozens of places right beside the arithmetic. All others must be fetched. Memory is large and far away; between the two lie **caches**, small memories that keep what was used lately. The nearest, L1, holds some thousand numbers and L3 some million; each is several times slower than the one before.

    Memory comes in **lines** of 64 bytes: eight numbers of float64 that lie side by side. Who asks for one number gets its line. If the cache is full, another line must leave; a good rule is to drop the one that was not used for the longest time (*least recently used*).

    The rows of a matrix lie one after the other in memory. So neighbours in a row share a line, and neighbours in a column do not. This is why the order of the loops matters. Watch only $b$, of shape $(n, n)$, in three walks:

    - **i j p** walks down a column of $b$. Each step is in another line, and when the walk comes back for the next column, its line is still there only if the cache holds $n$ lines. If it holds fewer, every one of the $n^3$ accesses fetches a line: $n^3$ fetches.
    - **i p j** walks along the rows. A line is used eight times in a row. If $b$ does not fit as a whole, it is fetched anew for each $i$: $n \cdot n^2 / 8 = n^3 / 8$ fetches.
    - **in blocks**: cut $b$ into blocks of $8 \times 8$ numbers, eight lines each, and use a block for all $i$ before you go on. Each line is fetched once: $n^2 / 8$ fetches, if the cache holds eight lines.

    A cache is simple enough to be simulated. Here is one, and the three walks:
    """)
    return


@app.cell
def _():
    def fetches(lines, capacity):
        """How many of these accesses find their line not in the cache."""
        cache, n_fetches = OrderedDict(), 0
        for line in lines:
            if line in cache:
                cache.move_to_end(line)  # used last
                continue
            n_fetches += 1
            cache[line] = True
            if len(cache) > capacity:
                cache.popitem(last=False)  # unused for the longest time
        return n_fetches

    def walk(order, n, block=8):
        """The line of b[p, j], for all accesses to b in this order."""
        each = range(n)
        if order == "i j p":
            return ((p * n + j) // 8 for i in each for j in each for p in each)
        if order == "i p j":
            return ((p * n + j) // 8 for i in each for p in each for j in each)
        starts = range(0, n, block)
        return (
            ((p0 + p) * n + j0 + j) // 8
            for p0 in starts
            for j0 in starts
            for i in each
            for p in range(block)
            for j in range(block)
        )

    orders = ("i j p", "i p j", "in blocks")
    capacities = (4, 8, 16, 24, 32, 64, 128)
    n_cache = 32
    fetched = {
        order: [fetches(walk(order, n_cache), lines) for lines in capacities]
        for order in orders
    }
    return capacities, fetched, fetches, n_cache, orders, walk


@app.cell
def test_fetches_of_three_walks(fetches, n_cache, walk):
    _n = n_cache
    book.beside(
        [
            ("i j p, 16 lines", _n**3, fetches(walk("i j p", _n), 16)),
            (
                "i j p, 32 lines: a column fits",
                _n**3 // 8,
                fetches(walk("i j p", _n), 32),
            ),
            ("i p j, 16 lines", _n**3 // 8, fetches(walk("i p j", _n), 16)),
            ("i p j, 128 lines: b fits", _n**2 // 8, fetches(walk("i p j", _n), 128)),
            ("in blocks, 16 lines", _n**2 // 8, fetches(walk("in blocks", _n), 16)),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Make the cache larger and smaller. At which sizes does a walk get cheap, and why there?
    """)
    return


@app.cell(hide_code=True)
def _(capacities):
    cache_lines = mo.ui.slider(
        steps=list(capacities), value=16, label="lines in the cache", show_value=True
    )
    cache_lines
    return (cache_lines,)


@app.cell(hide_code=True)
def _(cache_lines, capacities, fetched, n_cache, orders, plt):
    def draw_cache(lines):
        picture, axes = plt.subplots(figsize=(6.5, 3.0))
        for order, marker in zip(orders, "os^", strict=True):
            axes.loglog(capacities, fetched[order], marker=marker, label=order)
        axes.axvline(lines, color="0.5", linewidth=1)
        at = capacities.index(lines)
        counts = ", ".join(f"{o}: {fetched[o][at]:,}" for o in orders)
        axes.set_xticks(capacities, [str(c) for c in capacities])
        axes.minorticks_off()
        axes.set(
            xlabel=f"lines in the cache (b has {n_cache**2 // 8})",
            ylabel="lines fetched",
            title=f"{lines} lines:  {counts}",
        )
        axes.legend()
        return picture

    book.live(
        draw_cache,
        cache_lines,
        name="lines in the cache",
        at=(4, 16, 64),
        alt="Lines fetched against the size of the cache, for three orders of the loops; "
        "a vertical line marks {value} lines. i j p falls from 32,768 to 4,096 where a "
        "column fits, i p j falls to 128 where all of b fits, blocks need 128 from 8 "
        "lines on.",
        caption="A simulated cache: b has 32 x 32 numbers, a line holds eight of them.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### Eight steps

    The library's source has a file in which the product is written eight times, `bench/matmul_steps.pyx`, each time with one idea more. It is Cython: Python with types, translated to C and compiled. Here are the ideas with the lines that carry them; `make staircase` in the source folder builds and times them all.

    **1. `naive`: the definition, i j p.** Three loops, as above, but compiled. It walks down the columns of $b$.

    ```python
    for p in range(k):
        total += a[i, p] * b[p, j]
    out[i, j] = total
    ```

    **2. `loop_order`: i p j.** Along the rows. Neighbouring sums do not wait for each other now. So the compiler can use **vector instructions**, which do the same operation with several numbers at once: 2, 4 or 8 numbers of float64, and twice as many of float32, which has half as many bits. In step 1 it may not: one sum, added in another order, is rounded differently, and a compiler must not change results.

    ```python
    x = a[i, p]
    for j in range(n):
        out[i, j] += x * b[p, j]
    ```

    **3. `four_rows`: out comes and goes once for four rows of b.** Step 2 loads and stores a number of `out` for each multiplication. With four rows of $b$ in one go it does so for every four.

    ```python
    total = out[j] + a[p] * b0[j] + a[p + 1] * b1[j]
    out[j] = total + a[p + 2] * b2[j] + a[p + 3] * b3[j]
    ```

    **4. `blocked`: a block of b stays in the cache.** The third walk of above, with blocks of $32 \times 512$ numbers.

    **5. `register_tile`: a tile of out stays in registers.** The same idea one storey higher. A tile of $r$ rows and $c$ columns of `out` is kept in registers while $p$ runs. For each $p$ it loads $r$ numbers of $a$ and $c$ of $b$, and does $2rc$ operations with them.

    ```python
    for p in range(k):
        for j in range(16):
            c0[j] += a[p] * b[p * row_b + j]
            c1[j] += a[row_a + p] * b[p * row_b + j]
            c2[j] += a[2 * row_a + p] * b[p * row_b + j]
    ```

    What do steps 2, 3 and 5 save? Count the numbers that are loaded and stored, for $n \times n$ matrices:

    $$
    \begin{aligned}
    \text{step 2:} \quad & n^2 + 3 n^3 && \text{each } a_{ip} \text{ once; for each } (i, p, j) \text{ load } b \text{ and out, store out} \\
    \text{step 3:} \quad & n^2 + n^3 + 2 \cdot \tfrac{n^3}{4} && \text{out is loaded and stored once for four } p \\
    \text{step 5:} \quad & \frac{n^2}{rc} \bigl( n\, (r + c) + rc \bigr) && \tfrac{n^2}{rc} \text{ tiles: } r + c \text{ loads for each } p, \; rc \text{ stores at the end}
    \end{aligned}
    $$
    """)
    return


@app.cell
def test_what_is_moved():
    class Memory:
        """A matrix that counts how often a number is loaded or stored."""

        moved = 0

        def __init__(self, array):
            self.array = array

        def __getitem__(self, place):
            Memory.moved += 1
            return self.array[place]

        def __setitem__(self, place, value):
            Memory.moved += 1
            self.array[place] = value

    def loop_order(a, b, out, n):
        for i in range(n):
            for p in range(n):
                x = a[i, p]  # stays in a register
                for j in range(n):
                    out[i, j] = out[i, j] + x * b[p, j]

    def four_rows(a, b, out, n):
        for i in range(n):
            for p in range(0, n, 4):
                x = [a[i, p + q] for q in range(4)]
                for j in range(n):
                    total = out[i, j]
                    for q in range(4):
                        total += x[q] * b[p + q, j]
                    out[i, j] = total

    def register_tile(a, b, out, n, r, c):
        for i in range(0, n, r):
            for j in range(0, n, c):
                tile = np.zeros((r, c))  # stands for r c registers
                for p in range(n):
                    x = np.array([a[i + s, p] for s in range(r)])
                    y = np.array([b[p, j + t] for t in range(c)])
                    tile += x[:, None] * y
                for s in range(r):
                    for t in range(c):
                        out[i + s, j + t] = tile[s, t]

    _n, _rows = 24, []
    _a, _b = np.random.default_rng(0).normal(size=(2, _n, _n))
    for _name, _program, _shape, _predicted in (
        ("step 2", loop_order, (), _n**2 + 3 * _n**3),
        ("step 3", four_rows, (), _n**2 + _n**3 + 2 * _n**3 // 4),
        ("step 5, tile 3 x 8", register_tile, (3, 8), 24 * (_n * 11 + 24)),
        ("step 5, tile 6 x 8", register_tile, (6, 8), 12 * (_n * 14 + 48)),
    ):
        _out, Memory.moved = np.zeros((_n, _n)), 0
        _program(Memory(_a), Memory(_b), Memory(_out), _n, *_shape)
        assert np.allclose(_out, _a @ _b)
        _rows.append((f"{_name}: numbers moved, n = {_n}", _predicted, Memory.moved))
    book.beside(_rows)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    For large $n$, a tile does $2rc / (r + c)$ operations for each number that it loads: 5 for $3 \times 16$, but only 2/3 in step 2. The larger the tile the better, until the registers are full.

    **6. `vectors`: vectors, fused multiply-add.** The tile is written in the processor's own instructions: six rows, two vectors wide, twelve vectors of sums. A **fused multiply-add** computes $s + xy$ in one instruction, and rounds once instead of twice. Why twelve sums? On the processor of the figure below a multiply-add takes four cycles (a cycle is one tick of the clock, of which there are some three billion in a second), and two can be started in each cycle. So at least eight must be under way at any time, and none may wait for the result of another.

    ```python
    acc[2 * i] = FMA(x, left, acc[2 * i])
    acc[2 * i + 1] = FMA(x, right, acc[2 * i + 1])
    ```

    **7. `packed`: copies in the order of use.** Before a block is used, it is copied so that the tile reads one number after the other. The copy takes of the order of $n^2$ steps, the product $n^3$: for large $n$ it pays. Which block is kept in which cache was worked out by Goto and van de Geijn (2008); the drawing that most people know is that of Van Zee and van de Geijn (2015).

    **8. `threads`: the other core.** A processor has several **cores**, each of which runs a program of its own. Give half of the rows of `out` to another core. No sum is split, so no bit changes.

    These are the speeds on one core of an AMD EPYC (Zen 3; step 8: two cores), as `make staircase` measured them for $n = 720$. They are numbers of that machine, quoted from the library's documentation, and were not measured on this page:
    """)
    return


@app.cell(hide_code=True)
def _(plt):
    quoted = {  # GFLOP/s, float64, n = 720: docs/staircase.md
        "1 naive": 1.98,
        "2 loop_order": 12.4,
        "3 four_rows": 13.6,
        "4 blocked": 17.1,
        "5 register_tile": 18.2,
        "6 vectors": 26.1,
        "7 packed": 40.9,
        "8 threads": 45.2,
    }

    def draw_quoted():
        picture, axes = plt.subplots(figsize=(6.5, 3.2))
        names, values = list(quoted)[::-1], list(quoted.values())[::-1]
        axes.barh(names, values)
        axes.axvline(51.2, color="0.4", linestyle="--")
        axes.text(50.6, 7.35, "peak of one core, 51", ha="right", va="center")
        for i, value in enumerate(values):
            axes.text(value + 0.5, i - 0.05, f"{value:.3g}", va="center")
        axes.set(xlabel="GFLOP/s, float64", xlim=(0, 56), ylim=(-0.6, 7.8))
        axes.grid(axis="y", visible=False)
        return picture

    book.figure(
        draw_quoted(),
        alt="Eight bars that grow from 2 GFLOP/s for step 1 over 12 for step 2 and 26 for "
        "step 6 to 41 for step 7 and 45 for step 8; a dashed line marks the peak of one "
        "core at 51.",
        caption="The staircase on one machine: a product of 720 x 720 matrices.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The large steps are the second (lines and vectors), the sixth (vectors in registers) and the seventh (packing). Blocking alone buys little there, since that machine's L3 cache is large and fast. Step 8 brings only a tenth at this size, because its threads are started anew for each product; the library keeps its threads waiting instead.

    `fn.ops.matmul` is step 7 with more care at the edges. It is compiled several times, for processors with different vector instructions: these are its **CPU variants**. `baseline` runs on every 64-bit processor of its kind, with two float64 numbers in a vector; `avx2` has four, `avx512` eight. When fastnn is imported, it asks the processor and takes the best. `fn.show_config()` says which:
    """)
    return


@app.cell
def _():
    with mo.capture_stdout() as said:
        fn.show_config()
    mo.plain_text(said.getvalue())
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    To compare them, start Python with the environment variable `FASTNN_CPU=baseline`. Other variants round in other places (a fused multiply-add rounds once), so their results may differ in the last digit; on one variant they are the same bits every time.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## The roofline

    How fast can a program be at best? Two things limit it. The arithmetic does at most $P$ operations per second, the **peak**. The memory delivers at most $B$ bytes per second, its **bandwidth**. A program that does $F$ operations and moves $Q$ bytes takes a time $t$, and

    $$
    \begin{aligned}
    t &\ge \frac{F}{P} && \text{the arithmetic cannot be faster} \\
    t &\ge \frac{Q}{B} && \text{nor can the memory} \\
    \frac{F}{t} &\le \min\Bigl( P, \; \frac{F}{Q}\, B \Bigr) && F \text{ divided by both lines: the smaller speed counts}
    \end{aligned}
    $$

    So one property of the program decides, the **arithmetic intensity** $I = F / Q$: operations for each byte that is moved. Drawn against $I$, the limit rises with slope $B$ and then runs level at $P$. It looks like a roof, and the picture is called a **roofline** (Williams, Waterman and Patterson, 2009). The bend is at $I = P / B$. Left of it a program waits for memory, right of it for arithmetic.

    A product moves at least its three matrices, each once. With $s$ bytes for a number (4 in float32, 8 in float64):

    $$
    I = \frac{2 m n k}{s\, (m k + k n + m n)}
    $$

    For square matrices this is $2n / 3s$, and grows with $n$. A layer is another case: $m$ samples, and weights of shape $(d, d)$ with $d$ far larger than $m$. Then $kn = d^2$ outweighs the other two terms:

    $$
    I = \frac{2 m d^2}{s\, (2 m d + d^2)} = \frac{2m}{s} \cdot \frac{1}{1 + 2m / d} \approx \frac{2m}{s} .
    $$

    The intensity of a layer is set by the number of rows. With one sample in float32 it is half an operation for each byte: the weights are fetched, each is used for one multiplication and one addition, and that was it.

    To check this we need $P$ and $B$ of this machine, for one thread. For $B$ we read 64 MB, more than most caches hold, in the three simplest ways that we have, and take the fastest. For $P$ we take the fastest product of a middling size: the true peak of the processor is a little higher, but no program in Python reaches it.
    """)
    return


@app.cell
def _(on_threads, seconds):
    n_in = n_out = 4096
    rng = np.random.default_rng(0)
    heavy = rng.random((n_in, n_out), dtype=np.float32) - np.float32(0.5)  # 64 MB
    heavy_copy = np.empty_like(heavy)

    def peak(dtype):
        """Operations per second of the fastest of three products."""
        speeds = []
        for n in (128, 256, 384):
            a = rng.normal(size=(n, n)).astype(dtype)
            out = np.empty_like(a)
            took = seconds(lambda a=a, out=out: fn.ops.matmul(a, a, out=out), 0.1)
            speeds.append(2 * n**3 / took)
        return max(speeds)

    with on_threads(1):
        P, P_64 = peak(np.float32), peak(np.float64)
        B = max(
            heavy.nbytes / seconds(lambda: fn.ops.sum_of_squares(heavy), 0.1),
            heavy.nbytes / seconds(heavy.max, 0.1),
            2 * heavy.nbytes / seconds(lambda: np.copyto(heavy_copy, heavy), 0.1),
        )
    book.table(
        ["one thread", "measured"],
        [
            ["peak P, float32", f"{P / 1e9:.3g} GFLOP/s"],
            ["peak P, float64", f"{P_64 / 1e9:.3g} GFLOP/s"],
            ["bandwidth B", f"{B / 1e9:.3g} GB/s"],
            ["bend P / B, float32", f"{P / B:.3g} operations for a byte"],
        ],
    )
    return B, P, P_64, heavy, n_in, n_out, rng


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    A vector register holds twice as many numbers of float32 as of float64. So the first prediction is that the peaks stand 2 to 1.

    Then the layer: $m$ rows times weights of shape $(4096, 4096)$, which do not fit into most caches. The roof predicts how fast each $m$ can be. A real program stays below, and how far depends on the machine; the cell asserts that none is more than twice as fast as its roof (the roof is measured too, and not exactly), and that the best of them reaches at least a tenth of it.
    """)
    return


@app.cell
def _(B, P, heavy, n_in, n_out, on_threads, rng, seconds):
    batch_rows = (1, 2, 4, 8, 16, 32, 64)
    batch_time = {}
    with on_threads(1):
        for _m in batch_rows:
            _x = rng.random((_m, n_in), dtype=np.float32)
            _out = np.empty((_m, n_out), np.float32)
            batch_time[_m] = seconds(
                lambda x=_x, out=_out: fn.ops.matmul(x, heavy, out=out), 0.08
            )

    def intensity(m, n, k, itemsize):
        return 2 * m * n * k / (itemsize * (m * k + k * n + m * n))

    def roof(m):
        return min(P, B * intensity(m, n_out, n_in, 4))

    batch_speed = {m: 2 * m * n_in * n_out / t for m, t in batch_time.items()}
    _shares = [speed / roof(m) for m, speed in batch_speed.items()]
    assert 0.1 < max(_shares) < 2
    book.table(
        ["rows m", "intensity", "roof, GFLOP/s", "measured, GFLOP/s", "of the roof"],
        [
            [m, intensity(m, n_out, n_in, 4), roof(m) / 1e9, v / 1e9, v / roof(m)]
            for m, v in batch_speed.items()
        ],
    )
    return batch_rows, batch_speed, batch_time, intensity, roof


@app.cell
def test_the_roof(B, P, P_64, batch_time, within):
    within(
        [
            ("peak of float32 : peak of float64", 2.0, P / P_64, 2.5),
            (
                "time of one row : time to read the weights",
                1.0,
                batch_time[1] * B / (4 * 4096**2),
                6,
            ),
            (
                "time of 64 rows : time of one row",
                32 * B / P,
                batch_time[64] / batch_time[1],
                6,
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The third line compares the two ends of the roof. One row waits for memory and takes $4 d^2 / B$ seconds. With 64 rows the arithmetic decides (if the bend lies left of $I = 32$), and takes $2 \cdot 64\, d^2 / P$. The ratio is $32\, B / P$. It would be 64 if each row cost the same.

    Move the number of rows. The left picture shows where the layer stands under its roof, the right one where its time goes.
    """)
    return


@app.cell(hide_code=True)
def _(batch_rows):
    rows_slider = mo.ui.slider(
        steps=list(batch_rows), value=1, label="rows m", show_value=True
    )
    rows_slider
    return (rows_slider,)


@app.cell(hide_code=True)
def _(
    B,
    P,
    batch_rows,
    batch_speed,
    batch_time,
    heavy,
    intensity,
    n_in,
    n_out,
    plt,
    rows_slider,
):
    def draw_roof(m):
        picture, (left, right) = plt.subplots(
            1, 2, figsize=(6.5, 3.0), width_ratios=(3, 2), layout="constrained"
        )
        x = np.geomspace(0.2, 60, 200)
        left.loglog(x, np.minimum(P, B * x) / 1e9, color="0.3", label="roof")
        places = [intensity(r, n_out, n_in, 4) for r in batch_rows]
        left.loglog(
            places, [batch_speed[r] / 1e9 for r in batch_rows], "o", label="measured"
        )
        left.loglog(
            [intensity(m, n_out, n_in, 4)],
            [batch_speed[m] / 1e9],
            "s",
            markersize=11,
            fillstyle="none",
            markeredgewidth=2,
            color="black",
            label=f"m = {m}",
        )
        left.set(
            xlabel="intensity (operations for a byte)", ylabel="GFLOP/s", title="speed"
        )
        for axis in (left.xaxis, left.yaxis):
            axis.set_major_formatter(lambda value, _: f"{value:g}")
        left.legend(loc="lower right")
        bars = {
            "predicted:\nmemory": heavy.nbytes / B,
            "predicted:\narithmetic": 2 * m * n_in * n_out / P,
            "measured": batch_time[m],
        }
        right.barh(list(bars)[::-1], [1e3 * t for t in bars.values()][::-1])
        right.set(xlabel="milliseconds", title=f"time of {m} row{'s' * (m > 1)}")
        right.grid(axis="y", visible=False)
        return picture

    book.live(
        draw_roof,
        rows_slider,
        name="rows m",
        at=(1, 8, 64),
        alt="Left: the roofline, a rising line that turns level, with the measured speeds "
        "of seven batches near or below it, the one of {value} rows marked. Right: bars "
        "with the time to read the weights, the time to compute, and the measured time.",
        caption="A layer of 4,096 x 4,096 weights in float32, one thread.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The points lie deepest below the roof near its bend. The roof assumes that fetching and computing go on at the same time, all the time; a real program does a part of one after the other. And for few rows the kernel reads the weights where they lie, since a copy (step 7) would be read only once or twice; so it jumps from row to row, which is not the order in which memory is fastest.

    While the layer waits for memory, more rows cost little. This is one reason why networks are trained in batches, and why a large language model that answers a single reader uses a small share of what its processor can do (Pope et al., 2023).

    And what is never far right under the roof? Everything that touches each number once. To apply relu in float32 reads 4 bytes and writes 4, for one operation: $I = 1/8$. To gain anything there, the work must be done while the number is near for another reason. So the library's dense layer adds the bias and applies the activation while the tile is still in registers.

    ## Small products and large ones

    The roof says nothing about a product of $8 \times 8$. Before the first multiplication, Python looks up the function, the arguments are checked (are they matrices, do they fit?), and an array for the result is made. Call that time $t_0$. The simplest model of a call with square matrices is

    $$
    t(n) = t_0 + \frac{2 n^3}{P} .
    $$

    The speed is $2n^3 / t(n)$. At which size is it half of $P$? Where the work takes as long as the call:

    $$
    \begin{aligned}
    \frac{2n^3}{t_0 + 2n^3 / P} &= \frac{P}{2} && \text{half of the peak} \\
    2 n^3 &= \frac{P\, t_0}{2} + n^3 && \text{times the denominator} \\
    n_{1/2} &= \sqrt[3]{P\, t_0 / 2} && n^3 \text{ to the left, then the cube root}
    \end{aligned}
    $$

    The number $n_{1/2}$ was introduced by Hockney and Jesshope (1981) to describe vector computers. Two measurements, $t_0$ from a product of $1 \times 1$ and $P$ from above, predict all sizes between:
    """)
    return


@app.cell
def _(on_threads, rng, seconds):
    sides = (1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 256, 512)
    side_time = {}
    with on_threads(1):
        for _name, _product in (("fastnn", fn.ops.matmul), ("NumPy", np.matmul)):
            side_time[_name] = []
            for _n in sides if _name == "fastnn" else sides[:10]:  # NumPy: up to 64
                _a = rng.normal(size=(_n, _n)).astype(np.float32)
                _out = np.empty_like(_a)
                side_time[_name].append(
                    seconds(lambda p=_product, a=_a, out=_out: p(a, a, out=out), 0.03)
                )
    return side_time, sides


@app.cell
def test_the_cost_of_a_call(P, side_time, sides, within):
    _t = dict(zip(sides, side_time["fastnn"], strict=True))
    _half = next(n for n in sides if 2 * n**3 / _t[n] >= P / 2)
    within(
        [
            (f"{n} x {n}, microseconds", 1e6 * (_t[1] + 2 * n**3 / P), 1e6 * _t[n], 4)
            for n in (4, 8, 16, 32, 64)
        ]
        + [
            ("size at half of the peak", (P * _t[1] / 2) ** (1 / 3), float(_half), 4),
            ("time of n = 512 : time of n = 128", 4.0**3, _t[512] / _t[128], 4),
        ]
    )
    return


@app.cell(hide_code=True)
def _(P, plt, side_time, sides):
    def draw_sides():
        picture, axes = plt.subplots(figsize=(6.5, 3.2))
        n = np.geomspace(1, 512, 200)
        model = 2 * n**3 / (side_time["fastnn"][0] + 2 * n**3 / P) / 1e9
        axes.loglog(n, model, color="0.4", label="predicted for fastnn", zorder=1)
        for (name, times), marker in zip(side_time.items(), "os", strict=True):
            speed = [2 * s**3 / t / 1e9 for s, t in zip(sides, times, strict=False)]
            axes.loglog(sides[: len(speed)], speed, marker, label=f"{name}, measured")
        axes.set_xticks([1, 4, 16, 64, 256], ["1", "4", "16", "64", "256"])
        axes.set(xlabel="n, for a product of n x n matrices", ylabel="GFLOP/s")
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.legend()
        return picture

    book.figure(
        draw_sides(),
        alt="Speed against size on logarithmic axes. Up to 16 or so the points rise along a "
        "straight line, then they bend and become level. The curve of the model runs "
        "through the points of fastnn; those of NumPy lie lower for small sizes.",
        caption="float32, one thread. Above 64 NumPy takes several threads, which a page "
        "cannot forbid once NumPy is loaded, so its points end there.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    For small matrices the speed of the arithmetic does not matter at all: the points rise with slope 3, since the time is $t_0$ whatever is computed. That gives the remedy: **put more into one call**. One call with a thousand rows instead of a thousand calls with one row; `net.fit`, which runs a whole epoch inside one call; a layer with bias and activation as one kernel, `fn.ops.dense`, instead of three.

    For large matrices the model assumes that the speed stays $P$. It does, if the blocks stay in their caches; then four times the size takes 64 times as long (the last line of the table). A program that loses the caches takes longer.
    """)
    return


@app.cell
def test_one_call_is_cheaper_than_many(on_threads, rng, seconds):
    _net = fn.mlp(n_in=8, hidden=[16], n_out=3, seed=0)
    _X = rng.normal(size=(200, 8)).astype(np.float32)
    with on_threads(1):
        _whole = seconds(lambda: _net.predict(_X))
        _single = seconds(lambda: [_net.predict(_X[i : i + 1]) for i in range(200)])
    assert _single > 3 * _whole
    book.table(
        ["200 predictions", "microseconds"],
        [["one call", 1e6 * _whole], ["a call for each row", 1e6 * _single]],
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    What happens to a task that has no $n^3$? The next picture applies relu, $\max(x, 0)$, to ever more numbers, and shows how many bytes are read and written per second. A short array pays for the call. A middling one lies in a cache. A long one comes from memory.
    """)
    return


@app.cell(hide_code=True)
def _(on_threads, plt, rng, seconds):
    lengths = [int(n) for n in np.geomspace(100, 2**24, 15)]
    with on_threads(1):
        relu_rate = []
        for _n in lengths:
            _x = rng.random(_n, dtype=np.float32)
            _out = np.empty_like(_x)
            relu_rate.append(
                8 * _n / seconds(lambda x=_x, o=_out: fn.ops.relu(x, out=o), 0.02) / 1e9
            )

    def draw_relu():
        picture, axes = plt.subplots(figsize=(6.5, 2.9))
        axes.loglog([8 * n / 1024 for n in lengths], relu_rate, "o-")
        axes.set_yticks(
            [y for y in (1, 2, 5, 10, 20, 50, 100, 200) if y < max(relu_rate)]
        )
        axes.minorticks_off()
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(lambda value, _: f"{value:,.9g}")
        axes.set(xlabel="kilobytes that are read and written", ylabel="GB per second")
        return picture

    book.figure(
        draw_relu(),
        alt="Bytes per second against the size of the array: low for short arrays, highest "
        "at some ten to some hundred kilobytes, and lower again for arrays of many "
        "megabytes.",
        caption="fn.ops.relu in float32, one thread.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Activations

    Relu is one instruction. Sigmoid, tanh, softmax and gelu need an exponential, for which common processors have no vector instruction: it must be put together from additions and multiplications. A power series alone does not do it: $e^{x} = 1 + x + x^2/2 + \dots$ needs dozens of terms for $x = 20$, and for $x = -20$ its terms grow to forty million while the result is $2 \cdot 10^{-9}$.

    The way out is a **reduced argument**. Write $x$ as a whole multiple of $\ln 2$ and a small rest:

    $$
    \begin{aligned}
    x &= n \ln 2 + r, \quad n = \text{round}(x / \ln 2) && \text{so that } |r| \le \tfrac12 \ln 2 = 0.347 \\
    e^x &= e^{n \ln 2}\, e^r = 2^n\, e^r && \text{a sum in the exponent is a product}
    \end{aligned}
    $$

    A factor of $2^n$ costs nothing: a computer keeps a number as a fraction and a power of two, and adds $n$ to the latter. What is left is $e^r$ for a small $r$, and there a short polynomial is enough. With the **Taylor polynomial** of degree $D$, Lagrange's form of the remainder gives, for some $\xi$ between 0 and $r$,

    $$
    \begin{aligned}
    e^r - \sum_{i=0}^{D} \frac{r^i}{i!} &= \frac{r^{D+1}}{(D+1)!}\, e^{\xi} && \text{Lagrange} \\
    \Bigl| \text{relative error} \Bigr| &= \frac{|r|^{D+1}}{(D+1)!}\, e^{\xi - r} && \text{divided by } e^r \\
    &\le \sqrt2\, \frac{(\frac12 \ln 2)^{D+1}}{(D+1)!} && \xi - r \le |r| \le \tfrac12 \ln 2, \text{ and } e^{\frac12 \ln 2} = \sqrt2
    \end{aligned}
    $$

    The bound is nearly reached at $r = -\frac12 \ln 2$. With the next term of the series, $e^\xi$ is about $1 + r / (D + 2)$, so the largest error should be the bound times $1 - \frac12 \ln 2 / (D + 2)$.
    """)
    return


@app.cell
def _():
    def exp_by_polynomial(x, degree):
        n = np.rint(x / np.log(2))
        r = x - n * np.log(2)  # |r| <= ln 2 / 2
        p = np.full_like(r, 1 / math.factorial(degree))
        for i in range(degree - 1, -1, -1):  # Horner: one * and one + for each degree
            p = p * r + 1 / math.factorial(i)
        return np.ldexp(p, n.astype(int))  # p 2^n

    def exp_bound(degree):
        half = np.log(2) / 2
        return np.sqrt(2) * half ** (degree + 1) / math.factorial(degree + 1)

    exp_x = np.linspace(-20, 20, 40_001)
    return exp_bound, exp_by_polynomial, exp_x


@app.cell
def test_error_of_the_polynomial(exp_bound, exp_by_polynomial, exp_x):
    _rows = []
    for _degree in (2, 3, 4, 6, 8):
        _error = np.abs(exp_by_polynomial(exp_x, _degree) / np.exp(exp_x) - 1).max()
        assert _error <= exp_bound(_degree)
        _predicted = exp_bound(_degree) * (1 - np.log(2) / 2 / (_degree + 2))
        _rows.append((f"degree {_degree}: largest relative error", _predicted, _error))
    book.beside(_rows, rel=0.02)  # the terms after the next, and the grid of x
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Each degree gains about a digit, then more than one. Move it up until nothing is gained any more: there the rounding of float64 is larger than what the polynomial leaves out.
    """)
    return


@app.cell(hide_code=True)
def _():
    degree = mo.ui.slider(
        1, 14, value=4, label="degree of the polynomial", show_value=True
    )
    degree
    return (degree,)


@app.cell(hide_code=True)
def _(degree, exp_bound, exp_by_polynomial, plt):
    def draw_degree(value):
        picture, axes = plt.subplots(figsize=(6.5, 3.0))
        x = np.linspace(-2, 2, 1200)
        error = np.abs(exp_by_polynomial(x, value) / np.exp(x) - 1)
        axes.semilogy(x, np.maximum(error, 1e-17), label="measured")
        axes.axhline(exp_bound(value), linestyle="--", color="0.3", label="bound")
        axes.axhline(2.0**-24, color="0.6", linewidth=1)
        axes.axhline(2.0**-53, color="0.6", linewidth=1)
        axes.text(2.05, 2.0**-24, "float32", va="center")
        axes.text(2.05, 2.0**-53, "float64", va="center")
        axes.set(
            xlabel="x", ylabel="relative error", ylim=(1e-18, 100), xlim=(-2, 2),
            title=f"degree {value}: the polynomial errs by at most {exp_bound(value):.2g}",
        )
        axes.legend(loc="upper right", ncols=2)
        return picture

    book.live(
        draw_degree,
        degree,
        name="degree",
        at=(2, 6, 13),
        alt="Relative error of the exponential with a polynomial of degree {value} between "
        "-2 and 2: arches between multiples of ln 2, all below the dashed bound, unless "
        "rounding is larger than the bound.",
        caption="Grey lines: one rounding of float32 and of float64.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### The reduction has an error of its own

    In float32, take $x = 80$; then $n = 115$. The product $n \ln 2$ is near 80, where neighbouring numbers of float32 are $2^{-17}$ apart, so rounding it makes an error of up to $2^{-18}$. Also $\ln 2$ itself is rounded, and that error is multiplied by $n$. Both go into $r$, and an absolute error of $r$ is a relative error of $e^r$. Predicted:

    $$
    2^{-18} + 115\, \bigl| \ln 2 - \text{fl}(\ln 2) \bigr| = 4.03 \cdot 10^{-6},
    $$

    where $\text{fl}$ means rounded to float32. That is 34 times the distance from 1 to the next number, $2^{-23}$. The remedy is to take $\ln 2$ in two parts (Cody and Waite, 1980). The first, $355/512$, has so few digits that $n \cdot 355/512$ is exact, and so is its difference from $x$. The second is the small rest, and its rounding is small too. What remains is little more than the rounding of $r$ itself, at most $2^{-26}$, since $|r|$ is below one half.
    """)
    return


@app.cell
def test_reduction_in_one_part_and_in_two():
    _ln2 = np.float32(np.log(2))
    _high, _low = np.float32(355 / 512), np.float32(np.log(2) - 355 / 512)
    _x = np.random.default_rng(0).uniform(60, 80, 100_000).astype(np.float32)
    _n = np.rint(_x / _ln2)
    _exact = _x.astype(float) - _n.astype(float) * np.log(2)
    book.beside(
        [
            (
                "one part: largest error of r",
                2.0**-18 + 115 * abs(np.log(2) - float(_ln2)),
                np.abs(_x - _n * _ln2 - _exact).max(),
                2.0**-20,  # the worst case need not be among the samples
            ),
            (
                "two parts: largest error of r",
                2.0**-26,
                np.abs((_x - _n * _high) - _n * _low - _exact).max(),
                2.0**-27,  # n low is rounded as well
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The library's kernels do all this with vectors, and with polynomials whose coefficients are fitted to the interval, which saves a degree or two. Their promise is in units of the last place, **ulp**: the distance from the true result to the next number of the format. A perfectly rounded result is off by half an ulp at most; the kernels stay below 2 in float32. How near do they come, and what do they cost?
    """)
    return


@app.cell
def test_the_kernels_keep_their_promise(on_threads, seconds):
    _x = np.random.default_rng(0).uniform(-8, 8, 100_000).astype(np.float32)
    _wide = _x.astype(np.float64)
    _truth = {
        "relu": np.maximum(_wide, 0),
        "exp": np.exp(_wide),
        "tanh": np.tanh(_wide),
        "sigmoid": 1 / (1 + np.exp(-_wide)),
    }
    _by_numpy = {
        "relu": lambda x: np.maximum(x, np.float32(0)),
        "exp": np.exp,
        "tanh": np.tanh,
        "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    }
    _rows = []
    for _name, _exact in _truth.items():
        _kernel, _other = getattr(fn.ops, _name), _by_numpy[_name]
        _ulp = np.spacing(np.abs(_exact).astype(np.float32))
        _off = np.max(np.abs(_kernel(_x) - _exact) / _ulp)
        assert _off < 2, (_name, _off)
        with on_threads(1):
            _ours = seconds(lambda f=_kernel: f(_x))
            _theirs = seconds(lambda f=_other: f(_x))
        _rows.append([_name, _off, 1e9 * _ours / len(_x), 1e9 * _theirs / len(_x)])
    book.table(
        ["float32", "largest error, ulp", "ns per number", "ns per number, NumPy"],
        _rows,
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The polynomial and what surrounds it are some twenty instructions for each number; but each instruction works on a whole vector of numbers, so an exponential costs only a few times as much as relu. NumPy's sigmoid takes four passes over the array (minus, exp, plus, divide), each of which reads and writes it; a kernel takes one.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Threads

    A **thread** is a part of a program that runs at the same time as its other parts, if the machine has a second core for it. Threads share the memory. There are two ways to split a product among them: by the results, or by the sum.

    - **By the results**: each thread computes some rows of `out`, each sum from beginning to end. The additions are the same ones in the same order, whoever does them. So no bit can differ.
    - **By the sum**: each thread adds up a part of the $p$, and the parts are added at the end. That is another order, and rounding makes another result.

    The library never splits a sum. So the same seed gives the same network, whether you train on one core or on eight, and a row of a prediction does not depend on the rows around it. All three statements are asserted here:
    """)
    return


@app.cell
def test_threads_change_no_bit(on_threads, rng):
    _x = rng.normal(size=(400, 784)).astype(np.float32)  # (n, d)
    _weights = rng.normal(size=(784, 300)).astype(np.float32)  # (d, m)

    def product(n):
        with on_threads(n):
            return fn.ops.matmul(_x, _weights)

    def trained(n):
        X, y = fn.datasets.spirals(n_samples=600, n_classes=3, seed=0)
        net = fn.mlp(n_in=2, hidden=[128] * 3, n_out=3, seed=0)
        with on_threads(n):
            net.fit(X, y, epochs=3, batch_size=200, progress=False)
        return np.array(net.flat_parameters)

    _one, _trained_on_one = product(1), trained(1)
    _halves = fn.ops.matmul(_x[:, :392], _weights[:392]) + fn.ops.matmul(
        _x[:, 392:], _weights[392:]
    )
    assert np.sum(_halves != _one) > 0.1 * _one.size  # a split sum: other bits
    book.beside(
        [
            (f"results that differ with {n} threads", 0, np.sum(product(n) != _one))
            for n in (2, 3, 4)
        ]
        + [
            (
                "parameters that differ after training on 2 threads",
                0,
                np.sum(trained(2) != _trained_on_one),
            ),
            (
                "results that differ if row 7 is computed alone",
                0,
                np.sum(fn.ops.matmul(_x[7:8], _weights) != _one[7:8]),
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    How much faster are $q$ threads? Let $s$ be the share of the work that cannot be split, and take one thread's time as 1. Then $q$ threads need $s + (1 - s) / q$, and the speed-up is

    $$
    S(q) = \frac{1}{s + (1 - s) / q} \; \le \; \frac1s ,
    $$

    which is Amdahl's law (1967). A tenth that cannot be split limits the speed-up to 10, with any number of cores. Move the share:
    """)
    return


@app.cell(hide_code=True)
def _():
    share = mo.ui.slider(
        0.0,
        0.5,
        step=0.05,
        value=0.1,
        label="share s that is not split",
        show_value=True,
    )
    share
    return (share,)


@app.cell(hide_code=True)
def _(plt, share):
    def draw_amdahl(s):
        picture, axes = plt.subplots(figsize=(6.5, 2.8))
        q = np.arange(1, 33)
        axes.plot(q, q, linestyle=":", color="0.4", label="nothing serial: S = q")
        axes.plot(q, 1 / (s + (1 - s) / q), "o-", markersize=3, label=f"s = {s:.2f}")
        if s > 0:
            axes.axhline(1 / s, color="0.6", linewidth=1, label=f"1 / s = {1 / s:.3g}")
        axes.set(xlabel="threads q", ylabel="speed-up S", ylim=(0, 32))
        axes.legend(loc="upper left")
        return picture

    book.live(
        draw_amdahl,
        share,
        name="share s",
        at=(0.05, 0.1, 0.25),
        alt="Speed-up against the number of threads for a serial share of {value}: the "
        "curve leaves the diagonal and flattens towards the line 1 / s.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    A thread must also be woken, which takes some microseconds. So the kernels leave small work to one thread: a product of less than four million operations, $n = 126$ for square matrices, is not split at all. Just above that limit a second thread may cost more than it saves, above all on a busy machine. This machine, two threads against one:
    """)
    return


@app.cell
def _(on_threads, rng, seconds):
    gains = []
    for _n in (64, 128, 256, 512):
        _a = rng.normal(size=(_n, _n)).astype(np.float32)
        _out = np.empty_like(_a)
        _took = {1: math.inf, 2: math.inf}
        for _threads in (1, 2) * 3:  # in turns: who disturbs one disturbs both
            with on_threads(_threads):
                _time = seconds(
                    lambda a=_a, o=_out: fn.ops.matmul(a, a, out=o),
                    clock=time.perf_counter,  # the clock on the wall
                )
            _took[_threads] = min(_took[_threads], _time)
        gains.append(
            [f"{_n} x {_n}", 1e6 * _took[1], 1e6 * _took[2], _took[1] / _took[2]]
        )
    book.table(
        ["product", "1 thread, µs", "2 threads, µs", "speed-up"],
        gains,
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    The speed-up is shown and not asserted: on a machine with one core, or with other work to do, it is 1 or less. And where a task waits for memory, a second core may bring little, since both share the memory.

    ## Numerical error

    A **floating-point number** has a fixed number of binary digits, 24 in float32 and 53 in float64, and a power of two that says where the point is. Between 1 and 2 neighbouring numbers are $\varepsilon = 2^{-23}$ apart in float32 and $2^{-52}$ in float64, between 2 and 4 twice as far, and so on. The result of every operation is rounded to the nearest number. So (IEEE 754; Goldberg, 1991)

    $$
    \text{fl}(x \circ y) = (x \circ y)(1 + \delta), \qquad |\delta| \le u = \varepsilon / 2 ,
    $$

    where $\circ$ stands for one of $+$, $-$, $\times$ and $\div$, as long as the result is neither too large nor too small for the format. The number $u$ is called the **unit roundoff**. (NumPy's `np.finfo(dtype).eps` is $\varepsilon$. Some books call $u$ the machine epsilon, so look before you compare.)

    First consequence: from $2^{24}$ on, the neighbours of a float32 are 2 apart. Add ones to a float32, and the sum must stop at $2^{24} = 16{,}777{,}216$, however many follow.
    """)
    return


@app.cell
def test_ones_that_are_lost():
    ones = np.ones((2**24 + 5000, 1), np.float32)
    book.beside(
        [
            (
                "sum of 2²⁴ + 5000 ones, float32",
                2**24,
                int(fn.ops.column_sums(ones)[0]),
            ),
            (
                "distance from 2²⁴ to the next",
                2.0,
                float(np.spacing(np.float32(2**24))),
            ),
            ("distance from 1 to the next", 2.0**-23, float(np.spacing(np.float32(1)))),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    `fn.ops.column_sums` adds one number after the other, in the precision of the array. That makes it the right tool for this chapter. (`np.sum` adds in another order, as we shall see.)

    ### How far off is a sum?

    Let $\hat s_p$ be the computed sum of the first $p$ of $k$ numbers. The first addition, $0 + x_1$, is exact; each of the others rounds once:

    $$
    \begin{aligned}
    \hat s_p &= (\hat s_{p-1} + x_p)(1 + \delta_p) && \text{one addition, one rounding} \\
    \hat s_k &= \sum_{p=1}^{k} x_p \prod_{q = \max(p, 2)}^{k} (1 + \delta_q) && x_p \text{ takes part in all additions from its own on} \\
    |\hat s_k - s_k| &\le \sum_{p=1}^{k} |x_p| \, \Bigl| \prod_q (1 + \delta_q) - 1 \Bigr| && \text{the triangle inequality}
    \end{aligned}
    $$

    A product of $j$ such factors differs from 1 by at most $(1 + u)^j - 1$. Now

    $$
    \begin{aligned}
    (1 + u)(1 - u) &\le 1 && \text{so } 1 + u \le 1 / (1 - u) \\
    (1 - u)^j &\ge 1 - j u && \text{Bernoulli's inequality} \\
    (1 + u)^j - 1 &\le \frac{1}{1 - j u} - 1 = \frac{j u}{1 - j u} = \gamma_j && \text{both together, if } j u < 1
    \end{aligned}
    $$

    There are at most $k - 1$ factors, so

    $$
    |\hat s_k - s_k| \le \gamma_{k-1} \sum_p |x_p| .
    $$

    For a sum of products, $\sum_p a_p b_p$, each product is rounded too, and $\gamma_k$ takes the place of $\gamma_{k-1}$ (Higham, 2002, section 3.1). This is the bound that the staircase was checked with.

    The bound assumes that all roundings go the same way. They do not. If they fall up and down like coins, each is as good as random in an interval as wide as the distance $\Delta_p$ between neighbours of $\hat s_p$. Such a number has the mean square $\frac{1}{\Delta_p} \int_{-\Delta_p / 2}^{\Delta_p / 2} x^2\, dx = \Delta_p^2 / 12$, and mean squares of independent numbers add:

    $$
    \text{typical error} = \sqrt{ \sum_{p=2}^{k} \Delta_p^2 / 12 } .
    $$

    It grows as $\sqrt k$ relative to the sum, not as $k$ (Higham and Mary, 2019). For $x_p$ drawn evenly from 0 to 1, $\hat s_p$ is about $p / 2$, and all can be computed before the first sum is added:
    """)
    return


@app.cell
def _():
    def gamma(k, u):
        return k * u / (1 - k * u)

    def typical_error(k, dtype):
        """Of a sum of k numbers drawn evenly from 0 to 1, added one by one."""
        partial = (np.arange(2, k + 1) / 2).astype(dtype)
        return float(np.sqrt(np.sum(np.spacing(partial).astype(float) ** 2) / 12))

    sum_lengths, n_sums = (10, 100, 1000, 10_000, 100_000), 24
    sum_errors = {"float32": [], "float64": [], "np.sum, float32": []}
    sum_values = []
    for _k in sum_lengths:
        _x = np.random.default_rng(_k).random((_k, n_sums), dtype=np.float32)
        _wide = _x.astype(np.float64) ** 3  # products, with more digits than float32
        _true = np.array([math.fsum(c) for c in _x.T.tolist()])  # fsum rounds once
        _true_wide = np.array([math.fsum(c) for c in _wide.T.tolist()])
        _turned = np.ascontiguousarray(_x.T)
        sum_values.append((_true, _true_wide))  # no term is negative: sums of |x| too
        sum_errors["float32"].append(fn.ops.column_sums(_x) - _true)
        sum_errors["float64"].append(fn.ops.column_sums(_wide) - _true_wide)
        sum_errors["np.sum, float32"].append(_turned.sum(axis=1) - _true)
    return gamma, sum_errors, sum_lengths, sum_values, typical_error


@app.cell
def test_errors_of_sums(gamma, sum_errors, sum_lengths, sum_values, typical_error):
    _rows = []
    for _k, _value, _e32, _e64 in zip(
        sum_lengths,
        sum_values,
        sum_errors["float32"],
        sum_errors["float64"],
        strict=True,
    ):
        _slack = 2.0**-53  # fsum itself rounds once, to float64
        assert np.all(np.abs(_e32) <= (gamma(_k - 1, 2.0**-24) + _slack) * _value[0])
        assert np.all(np.abs(_e64) <= (gamma(_k - 1, 2.0**-53) + _slack) * _value[1])
        if _k >= 100:
            _rms = float(np.sqrt(np.mean(_e32**2)))
            _name = f"typical error of {_k:,} numbers, float32"
            _rows.append((_name, typical_error(_k, np.float32), _rms))
    book.beside(_rows, rel=0.5)  # 24 sums: the root mean square wanders by 15 %
    return


@app.cell(hide_code=True)
def _(gamma, plt, sum_errors, sum_lengths, sum_values, typical_error):
    def draw_sums():
        picture, axes = plt.subplots(figsize=(6.5, 3.8))
        k = np.array(sum_lengths)
        mean = np.array([v[0].mean() for v in sum_values])
        mean_wide = np.array([v[1].mean() for v in sum_values])

        def largest(name, mean):
            errors = np.array([np.abs(e).max() for e in sum_errors[name]])
            return np.maximum(errors / mean, 1e-17)

        bound, typical = (
            gamma(k - 1, 2.0**-24),
            [typical_error(j, np.float32) for j in k],
        )
        axes.loglog(k, bound, "k--", label="bound, float32")
        axes.loglog(k, typical / mean, "k:", label="typical, float32")
        axes.loglog(k, largest("float32", mean), "o-", label="one by one, float32")
        axes.loglog(k, largest("np.sum, float32", mean), "^-", label="np.sum, float32")
        axes.loglog(
            k, gamma(k - 1, 2.0**-53), "--", color="0.5", label="bound, float64"
        )
        axes.loglog(k, largest("float64", mean_wide), "s-", label="one by one, float64")
        axes.set(
            xlabel="numbers in the sum", ylabel="largest relative error of 24 sums"
        )
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
        return picture

    book.figure(
        draw_sums(),
        alt="Relative error against the number of summands on logarithmic axes. In float32 "
        "the bound rises with slope 1; the measured errors follow the typical error with "
        "slope one half, at the end hundreds of times lower. np.sum stays level. float64: the "
        "same picture lies nine powers of ten lower.",
        caption="The bound holds always, the typical error is what one meets.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ### The order of the additions

    `np.sum` adds along the rows in another way: it halves a long row again and again, down to short pieces, and adds up the halves (**pairwise summation**). If the halving goes on to the end, a number takes part in $\log_2 k$ additions instead of $k$, and $\gamma_{\log_2 k}$ takes the place of $\gamma_{k-1}$: 17 roundings instead of a hundred thousand. In the figure its line stays level.

    Even one by one, the order counts. Take $\sum_i 1 / i^2$ for $i = 1, \dots, 10^6$ in float32, the large terms first; the sum is near $\pi^2 / 6 = 1.645$. From the first term on, the sum lies between 1 and 2, where all numbers are multiples of $\varepsilon = 2^{-23}$. A multiple of $\varepsilon$ plus $x$, rounded, is the same as the multiple plus the rounded $x$. So each term is rounded to a multiple of $\varepsilon$, and terms below $\varepsilon / 2 = 2^{-24}$, which are those after $i = 4096$, are rounded to nothing. (At $i = 4096$ the term is $\varepsilon / 2$ exactly: a tie, which may go either way.) The sum stops, and the error can be written down:

    $$
    s - \hat s = \sum_{i \ge 2} \Bigl( x_i - \varepsilon\, \text{round}(x_i / \varepsilon) \Bigr), \qquad x_i = 1 / i^2 .
    $$
    """)
    return


@app.cell
def test_large_terms_first_and_last():
    _x = (1.0 / np.arange(1, 10**6 + 1) ** 2).astype(np.float32)[:, None]  # (10^6, 1)
    _true = math.fsum(_x[:, 0].tolist())
    _eps, _wide = 2.0**-23, _x[1:, 0].astype(float)
    _partial = np.cumsum(_x[:, 0], dtype=np.float32)
    _forward = _true - float(fn.ops.column_sums(_x)[0])
    _backward = _true - float(fn.ops.column_sums(_x[::-1].copy())[0])
    _last_that_counts = int(np.flatnonzero(np.diff(_partial))[-1]) + 2
    assert abs(_backward) < abs(_forward) / 100
    book.beside(
        [
            ("the last term that changes the sum", 4096, _last_that_counts, 1),
            (
                "error, large terms first",
                float(np.sum(_wide - _eps * np.rint(_wide / _eps))),
                _forward,
                1.01 * _eps,  # the tie at i = 4096
            ),
            ("error, small terms first", 0.0, _backward, _eps),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    Small terms first, the sum is right to the last digit, for free. If the terms come in no order, a second variable can carry what each addition lost: that is Kahan's sum (1965), exercise 7.5. The library does the simplest thing that helps: losses and norms are added in float64, whatever the precision of the network.

    ### Catastrophic cancellation

    A subtraction of two nearly equal numbers is exact, or nearly so. The damage was done before: their leading digits cancel, and what is left are the digits in which they were wrong. If $\hat a = a (1 + \delta_a)$ and $\hat b = b (1 + \delta_b)$ with $|\delta| \le u$,

    $$
    \frac{|(\hat a - \hat b) - (a - b)|}{|a - b|} = \frac{|a \delta_a - b \delta_b|}{|a - b|} \le u\, \frac{|a| + |b|}{|a - b|} .
    $$

    The fraction on the right can be as large as you like. An example is $1 - \cos x$ for small $x$. The 1 is exact. Just below 1, neighbouring numbers are $u = 2^{-53}$ apart, so $\cos x$ has an error of up to $u / 2$. And $1 - \cos x \approx x^2 / 2$. So the relative error is up to $u / x^2$: at $x = 10^{-6}$ four digits are left of sixteen, at $x = 10^{-8}$ none.

    Below which $x$ is the result exactly 0? Where $x^2 / 2$ is less than half the distance to the neighbour, $\cos x$ is rounded to 1: $x^2 / 2 < 2^{-54}$, that is $x < 2^{-26.5}$.

    There is a formula without the subtraction: $\cos x = 1 - 2 \sin^2(x/2)$, so $1 - \cos x = 2 \sin^2(x / 2)$.
    """)
    return


@app.cell
def test_cancellation():
    def largest_where(true, low, high):
        """The place between low and high where `true` ends, by halving."""
        for _ in range(100):
            middle = (low + high) / 2
            low, high = (middle, high) if true(middle) else (low, middle)
        return low

    _x = np.geomspace(1e-7, 1e-2, 2001)
    _good = 2 * np.sin(_x / 2) ** 2
    _error = np.abs((1 - np.cos(_x)) / _good - 1)
    _bound = 2.0**-53 / _x**2
    assert np.all(_error <= 1.5 * _bound)  # a cosine may be off by more than u / 2
    assert np.all(np.abs(_good / (_x**2 / 2 * (1 - _x**2 / 12)) - 1) < 1e-9)
    book.beside(
        [
            (
                "1 - cos x is 0 below this x",
                2.0**-26.5,
                largest_where(lambda x: 1 - np.cos(x) == 0, 1e-12, 1e-3),
                1e-9,
            ),
            ("largest error times x², predicted u", 2.0**-53, np.max(_error * _x**2),
             2.0**-53),
        ]
    )
    return


@app.cell(hide_code=True)
def _(plt):
    def draw_cancellation():
        picture, axes = plt.subplots(figsize=(6.5, 3.2))
        x = np.geomspace(1e-9, 1, 1500)
        good = 2 * np.sin(x / 2) ** 2
        error = np.abs((1 - np.cos(x)) / good - 1)
        axes.loglog(
            x[error > 0], error[error > 0], ".", markersize=3, label="1 - cos x"
        )
        axes.loglog(x, 2.0**-53 / x**2, "k--", label="bound u / x²")
        axes.set(xlabel="x", ylabel="relative error", ylim=(3e-18, 30))
        axes.legend()
        return picture

    book.figure(
        draw_cancellation(),
        alt="Relative error of 1 - cos x against x on logarithmic axes: a cloud of points "
        "that lies under the dashed bound and rises with slope minus 2 as x falls, up to "
        "an error of 1, where it stays.",
        caption="Left of 1e-8 nothing is left: the result is 0, the relative error 1.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    In networks, cancellation waits in $\ln(1 - p)$ for $p$ near 1, in the variance as $\overline{x^2} - \bar x^2$ (take the mean away first), in $\tanh' = 1 - a^2$, which the library computes as $(1 - a)(1 + a)$, and in the quotient of differences that checks a gradient (chapter 4).

    ### Log-sum-exp

    The cross-entropy of a sample with logits $z_1, \dots, z_m$ and class $y$ is $\ln \sum_j e^{z_j} - z_y$ (chapter 4). In float32, $e^{z}$ becomes infinite where it passes the largest number, at $z = \ln(3.4 \cdot 10^{38}) = 88.7$. An untrained network with badly scaled data gets there easily. But the result, some hundred, is a harmless number. Take out the largest logit, $t = \max_j z_j$:

    $$
    \begin{aligned}
    \ln \sum_j e^{z_j} &= \ln \sum_j e^{t}\, e^{z_j - t} && e^{z_j} = e^{t}\, e^{z_j - t} \\
    &= \ln \Bigl( e^{t} \sum_j e^{z_j - t} \Bigr) && e^t \text{ does not depend on } j \\
    &= t + \ln \sum_j e^{z_j - t} && \text{the logarithm of a product}
    \end{aligned}
    $$

    Now every exponent is at most 0, so nothing overflows, and the largest is 0, so the sum is at least 1 and the logarithm is safe. Mathematically nothing has changed.
    """)
    return


@app.cell
def test_log_sum_exp():
    def last_finite(dtype):
        low, high = 0.0, 1000.0
        for _ in range(60):
            middle = (low + high) / 2
            finite = np.isfinite(fn.ops.exp(np.array([middle], dtype))[0])
            low, high = (middle, high) if finite else (low, middle)
        return low

    def naive(z):
        with np.errstate(over="ignore", divide="ignore"):
            return np.log(np.exp(z).sum(axis=1))

    _z = np.array([[1000.0, 999.0], [-1000.0, -1000.0]], np.float32)  # (n, m)
    assert naive(_z)[0] == np.inf and naive(_z)[1] == -np.inf
    _losses = [fn.ops.cross_entropy(row[None], [1])[0] for row in _z]
    book.beside(
        [
            ("largest z with a finite exp, float32", math.log(np.finfo(np.float32).max),
             last_finite(np.float32), 2.0**-17),
            ("largest z with a finite exp, float64", math.log(np.finfo(float).max),
             last_finite(np.float64), 2.0**-43),
            ("loss of the logits 1000, 999, class 1", 1 + math.log(1 + math.exp(-1)),
             _losses[0], 1e-6),
            ("loss of the logits -1000, -1000, class 1", math.log(2), _losses[1], 1e-6),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    This is why the losses of this library take logits, and not probabilities: with the sum inside the loss, it can be computed without overflow, and without the logarithm of a probability that was rounded to 0.
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
    exercise_1 = book.exercise("7.1")
    exercise_1
    return (exercise_1,)


@app.cell(hide_code=True)
def _(exercise_1):
    book.judged("7.1", exercise_1)
    return


@app.cell(hide_code=True)
def _():
    exercise_2 = book.exercise("7.2")
    exercise_2
    return (exercise_2,)


@app.cell(hide_code=True)
def _(exercise_2):
    book.judged("7.2", exercise_2)
    return


@app.cell(hide_code=True)
def _():
    exercise_3 = book.exercise("7.3")
    exercise_3
    return (exercise_3,)


@app.cell(hide_code=True)
def _(exercise_3):
    book.judged("7.3", exercise_3)
    return


@app.cell(hide_code=True)
def _():
    exercise_4 = book.exercise("7.4")
    exercise_4
    return (exercise_4,)


@app.cell(hide_code=True)
def _(exercise_4):
    book.judged("7.4", exercise_4)
    return


@app.cell(hide_code=True)
def _():
    exercise_5 = book.exercise("7.5")
    exercise_5
    return (exercise_5,)


@app.cell(hide_code=True)
def _(exercise_5):
    book.judged("7.5", exercise_5)
    return


@app.cell(hide_code=True)
def _():
    exercise_6 = book.exercise("7.6")
    exercise_6
    return (exercise_6,)


@app.cell(hide_code=True)
def _(exercise_6):
    book.judged("7.6", exercise_6)
    return


@app.cell(hide_code=True)
def _():
    exercise_7 = book.exercise("7.7")
    exercise_7
    return (exercise_7,)


@app.cell(hide_code=True)
def _(exercise_7):
    book.judged("7.7", exercise_7)
    return


@app.cell(hide_code=True)
def _():
    exercise_8 = book.exercise("7.8")
    exercise_8
    return (exercise_8,)


@app.cell(hide_code=True)
def _(exercise_8):
    book.judged("7.8", exercise_8)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Solutions
    """)
    return


@app.cell(hide_code=True)
def _():
    book.solutions(7)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Ten questions
    """)
    return


@app.cell(hide_code=True)
def _():
    answers = book.quiz(7)
    answers
    return (answers,)


@app.cell(hide_code=True)
def _(answers):
    book.marked(7, answers)
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Sources

    - W. Kahan, *Further remarks on reducing truncation errors*, Communications of the ACM 8, 1965: the sum that carries what was lost.
    - G. M. Amdahl, *Validity of the single processor approach to achieving large scale computing capabilities*, AFIPS Conference Proceedings 30, 1967: the limit of the speed-up.
    - W. J. Cody and W. Waite, *Software Manual for the Elementary Functions*, Prentice-Hall, 1980: the reduction in two parts.
    - R. W. Hockney and C. R. Jesshope, *Parallel Computers*, Adam Hilger, 1981: the size at half of the peak.
    - D. Goldberg, *What every computer scientist should know about floating-point arithmetic*, ACM Computing Surveys 23, 1991: the model of rounding.
    - N. J. Higham, *Accuracy and Stability of Numerical Algorithms*, 2nd edition, SIAM, 2002: the bound of sums and of products, pairwise summation, cancellation.
    - K. Goto and R. A. van de Geijn, *Anatomy of high-performance matrix multiplication*, ACM Transactions on Mathematical Software 34, 2008: packing, and which block belongs in which cache.
    - S. Williams, A. Waterman and D. Patterson, *Roofline: an insightful visual performance model for multicore architectures*, Communications of the ACM 52, 2009: the roofline.
    - F. G. Van Zee and R. A. van de Geijn, *BLIS: a framework for rapidly instantiating BLAS functionality*, ACM Transactions on Mathematical Software 41, 2015: the loops around the tile.
    - N. J. Higham and T. Mary, *A new approach to probabilistic rounding error analysis*, SIAM Journal on Scientific Computing 41, 2019: errors that grow as the square root.
    - R. Pope et al., *Efficiently scaling transformer inference*, Proceedings of Machine Learning and Systems 5, 2023: large models that wait for memory.
    """)
    return


if __name__ == "__main__":
    app.run()
