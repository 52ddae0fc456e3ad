"""Logic of McCulloch and Pitts (1943): a unit that fires when its weighted sum does.

    neuro.McCullochPitts.gate("AND").truth_table()
    neuro.find_units([0, 1, 1, 0])          # XOR: none
    print(neuro.contradiction([0, 1, 1, 0]))     # and why
    neuro.LogicNetwork.xor().truth_table()

The rows of all truth tables are in the order of counting: 00, 01, 10, 11.
"""

import itertools

import numpy as np

from ...ops import checks

__all__ = [
    "LogicNetwork",
    "McCullochPitts",
    "TruthTable",
    "contradiction",
    "find_units",
]

MOST_INPUTS = 12  # a truth table has 2^n rows
GRID = np.arange(-3.0, 3.5, 0.5)
AT_ONCE = 2**22  # weighted sums that are held at a time


def all_inputs(n):
    """Every row of n zeros and ones, in the order of counting: (2^n, n)."""
    if n > MOST_INPUTS:
        raise ValueError(
            f"truth_table: there are {n} inputs, whose table has 2^{n} rows; expected "
            f"at most {MOST_INPUTS}"
        )
    return np.array(list(itertools.product((0, 1), repeat=n)), dtype=np.int64)


class TruthTable:
    """What a unit answers to every input. inputs (2^n, n), outputs (2^n,): 0 or 1."""

    def __init__(self, inputs, outputs):
        self.inputs, self.outputs = inputs, outputs

    def __eq__(self, other):
        if isinstance(other, TruthTable):
            other = other.outputs
        return np.array_equal(self.outputs, other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self):
        n = self.inputs.shape[1]
        lines = [" ".join([*(f"x{i + 1}" for i in range(n)), "|", "y"])]
        for row, answer in zip(self.inputs, self.outputs, strict=True):
            lines.append(" ".join([*(f"{x:>2}" for x in row), "|", str(answer)]))
        return "\n".join(lines)


class _Logic:
    """What has n_inputs and answers rows of zeros and ones."""

    n_inputs: int

    def truth_table(self):
        """The answers to all 2^n_inputs inputs, as a TruthTable."""
        inputs = all_inputs(self.n_inputs)
        return TruthTable(inputs, self(inputs))

    def _rows(self, x):
        """x (..., n_inputs) of zeros and ones, checked."""
        where = type(self).__name__
        x = checks.floating(where, "x", x, dtype=np.float64)
        if x.ndim == 0 or x.shape[-1] != self.n_inputs:
            raise ValueError(
                f"{where}: x has shape {x.shape}; expected (..., {self.n_inputs}), one "
                "value for each weight"
            )
        if not np.isin(x, (0.0, 1.0)).all():
            bad = x[~np.isin(x, (0.0, 1.0))][0]
            raise ValueError(
                f"{where}: x has the value {bad:g}; expected 0 (silent) or 1 (a spike)"
            )
        return x


class McCullochPitts(_Logic):
    """The first artificial neuron: y = [sum_i w_i x_i >= theta].

    McCulloch, Pitts (1943): A logical calculus of the ideas immanent in nervous
    activity.

    weights (n_inputs,): any numbers, inhibition below 0. (In the paper excitation
    counts 1 each, and a single inhibitory spike vetoes: the weight -n_inputs here.)
    theta: the threshold that the sum must reach. Inputs and output are 0 or 1.

    >>> unit = McCullochPitts([1, 1], theta=2)
    >>> unit([[0, 1], [1, 1]]).tolist()
    [0, 1]
    """

    def __init__(self, weights, theta):
        where = "McCullochPitts"
        w = checks.floating(where, "weights", weights, ndim=1, dtype=np.float64)
        if not len(w) or not np.isfinite(w).all():
            raise ValueError(
                f"{where}: weights is {checks.describe(weights)}; expected at least "
                "one finite number"
            )
        self.weights, self.theta = w, checks.number(where, "theta", theta)
        self.n_inputs = len(w)

    @classmethod
    def gate(cls, name, n_inputs=2):
        """The unit "AND", "OR", "NAND", "NOR" or "majority" of n_inputs; or "NOT".

        majority: more than half of the inputs.
        """
        where = "McCullochPitts.gate"
        n = checks.whole(where, "n_inputs", n_inputs, low=1)
        ones = np.ones(n)
        gates = {
            "AND": (ones, n),
            "OR": (ones, 1),
            "NAND": (-ones, 1 - n),
            "NOR": (-ones, 0),
            "majority": (ones, n // 2 + 1),
            "NOT": (-np.ones(1), 0),
        }
        checks.choice(where, "name", name, tuple(gates))
        return cls(*gates[name])

    def __call__(self, x):
        """0 or 1 for each row of x (..., n_inputs): an integer array of shape (...)."""
        return (self._rows(x) @ self.weights >= self.theta).astype(np.int64)

    def __repr__(self):
        return f"McCullochPitts({self.weights.tolist()}, theta={self.theta:g})"


class LogicNetwork(_Logic):
    """Units in layers: each layer sees the answers of the one before.

    layers: lists of McCullochPitts; the last one has a single unit.
    """

    def __init__(self, layers):
        where = "LogicNetwork"
        self.layers = [list(layer) for layer in layers]
        if not self.layers or not all(self.layers):
            raise ValueError(
                f"{where}: layers has an empty one; expected units in each"
            )
        for layer in self.layers:
            for unit in layer:
                if not isinstance(unit, _Logic):
                    raise TypeError(
                        f"{where}: layers has {checks.describe(unit)}; expected "
                        "McCullochPitts units"
                    )
        self.n_inputs = self.layers[0][0].n_inputs
        sizes = [self.n_inputs, *map(len, self.layers)]
        for i, layer in enumerate(self.layers):
            for unit in layer:
                if unit.n_inputs != sizes[i]:
                    raise ValueError(
                        f"{where}: a unit of layer {i + 1} has {unit.n_inputs} "
                        f"weights, but {sizes[i]} values come in; give it one for each"
                    )
        if sizes[-1] != 1:
            raise ValueError(
                f"{where}: the last layer has {sizes[-1]} units; expected 1"
            )

    @classmethod
    def xor(cls):
        """x1 XOR x2 = (x1 OR x2) AND (x1 NAND x2)."""
        first = [McCullochPitts.gate("OR"), McCullochPitts.gate("NAND")]
        return cls([first, [McCullochPitts.gate("AND")]])

    def hidden(self, x):
        """What the layer before the last answers: (..., units)."""
        x = self._rows(x)
        for layer in self.layers[:-1]:
            x = np.stack([unit(x) for unit in layer], axis=-1)
        return x

    def __call__(self, x):
        """0 or 1 for each row of x (..., n_inputs): an integer array of shape (...)."""
        return self.layers[-1][0](self.hidden(x))

    def __repr__(self):
        return f"LogicNetwork({self.layers})"


def _table(where, outputs):
    """A truth table's outputs as booleans, and the number of its inputs."""
    y = checks.floating(
        where, "outputs", getattr(outputs, "outputs", outputs), 1, np.float64
    )
    n = max(len(y), 1).bit_length() - 1
    if n < 1 or len(y) != 2**n or not np.isin(y, (0.0, 1.0)).all():
        raise ValueError(
            f"{where}: outputs is {checks.describe(outputs)}; expected 0 or 1 for each "
            "of 2, 4, 8 ... inputs, in the order 00, 01, 10, 11"
        )
    return y > 0, n


def find_units(outputs, weights=GRID, thetas=None):
    """All McCulloch-Pitts units on a grid that have this truth table.

    outputs (2^n,): 0 or 1 for the inputs in the order of counting, or a TruthTable.
    weights: the values that each w_i may take. thetas: those of theta; None: midway
    between and beside all sums the weights can make, which is every case there is for
    these weights. Returns (n_found, n + 1): w_1 ... w_n, theta in each row.
    Raises ValueError for a table or a grid of another shape.

    >>> len(find_units([0, 1, 1, 0]))  # XOR
    0
    """
    where = "find_units"
    target, n = _table(where, outputs)
    grid = checks.floating(where, "weights", weights, 1, np.float64)
    if thetas is not None:
        thetas = checks.floating(where, "thetas", thetas, 1, np.float64)
    for name, values in (("weights", grid), ("thetas", thetas)):
        if values is not None and not (len(values) and np.isfinite(values).all()):
            raise ValueError(f"{where}: {name} needs at least one, all of them finite")
    if len(grid) ** n * 2**n > 100 * AT_ONCE:
        raise ValueError(
            f"{where}: {len(grid)} weights for {n} inputs make {len(grid)}^{n} units, "
            "too many to try; take fewer weights"
        )
    inputs = all_inputs(n)
    found = []
    combinations = itertools.product(grid.tolist(), repeat=n)
    while block := list(itertools.islice(combinations, AT_ONCE >> n)):
        w = np.array(block)
        found.append(_units_of(w, w @ inputs.T, target, thetas))
    return np.concatenate(found)


def _units_of(w, sums, target, thetas):
    """Rows (w, theta) with [sums >= theta] = target; sums (n_units, 2^n)."""
    # It fires where it should, and only there, for theta in (highest, lowest].
    lowest = np.where(target, sums, np.inf).min(axis=1)
    highest = np.where(target, -np.inf, sums).max(axis=1)
    if thetas is not None:
        i, j = np.nonzero((highest[:, None] < thetas) & (thetas <= lowest[:, None]))
        return np.column_stack([w[i], thetas[j]])
    some = highest < lowest
    w, lowest, highest = w[some], lowest[some], highest[some]
    with np.errstate(invalid="ignore"):
        between = (lowest + highest) / 2
    theta = np.where(np.isinf(lowest), highest + 1.0, between)
    return np.column_stack([w, np.where(np.isinf(highest), lowest, theta)])


def contradiction(outputs):
    """Why no single unit has this truth table, as text; None if one may have it.

    Each row of the table is an inequality: the sum reaches theta where it should fire,
    else it does not. If two rows that fire (or one of them twice) contain together the
    same inputs as two that don't, the inequalities of both pairs add up to
    S >= 2 theta and S < 2 theta. For up to 8 inputs there is such a pair of pairs if
    and only if no unit exists (Muroga, Toda, Takasu, 1961; Muroga, 1971).

    outputs (2^n,): as for `find_units`. Raises ValueError for other shapes, or more
    than 8 inputs.

    >>> print(contradiction([0, 1, 1, 0]))
    01 must fire:      w2       >=  theta
    10 must fire:      w1       >=  theta
    00 must not:       0        <   theta
    11 must not:       w1 + w2  <   theta
    The first two add up to w1 + w2 >= 2 theta, the others to w1 + w2 < 2 theta.
    """
    where = "contradiction"
    target, n = _table(where, outputs)
    if n > 8:
        raise ValueError(
            f"{where}: outputs has {n} inputs; expected at most 8, beyond which two "
            "pairs of rows no longer decide"
        )
    inputs = all_inputs(n)
    pairs = [{}, {}]  # of rows that are silent, that fire: {sum of the two: rows}
    for fires in (False, True):
        rows = np.flatnonzero(target == fires).tolist()
        for i, j in itertools.combinations_with_replacement(rows, 2):
            pairs[fires].setdefault(tuple((inputs[i] + inputs[j]).tolist()), (i, j))
    for total, firing in pairs[True].items():
        if total in pairs[False]:
            return _explained(inputs, firing, pairs[False][total], total)
    return None


def _explained(inputs, firing, silent, total):
    lines = []
    sums = [_in_words(inputs[i]) for i in (*firing, *silent)]
    width = max(map(len, sums))
    for k, (i, words) in enumerate(zip((*firing, *silent), sums, strict=True)):
        row = "".join(map(str, inputs[i]))
        must, sign = ("must fire: ", ">=") if k < 2 else ("must not:  ", "< ")
        lines.append(f"{row} {must}     {words:<{width}}  {sign}  theta")
    both = _in_words(total)
    lines.append(
        f"The first two add up to {both} >= 2 theta, the others to {both} < 2 theta."
    )
    return "\n".join(lines)


def _in_words(counts):
    """ "w1 + 2 w3" for (1, 0, 2)."""
    terms = [
        f"w{i + 1}" if c == 1 else f"{c} w{i + 1}" for i, c in enumerate(counts) if c
    ]
    return " + ".join(terms) or "0"
