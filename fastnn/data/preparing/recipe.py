"""Recipe: the steps from a table as it comes to the array a network takes."""

import json
import warnings
from dataclasses import dataclass, field

import numpy as np

from ...ops import checks
from ...output import Text, check_target, path_name, replacing
from .. import reading
from ..steps import OF_ROWS, Columns, stored, wording
from ..steps.columns import as_kind
from ..table import Column, Table, empty_column
from .target import Target, mended

FORMAT = "fastnn recipe"
VERSION = 1
MOST_BYTES = 64 * 2**20
CHUNK = 2**14  # rows at a time: what is between table and array stays small


@dataclass
class Recipe:
    """What `prepare` learned from the training rows, as a list to read and to edit.

    steps: a list of the dataclasses of fastnn/data/steps; `print(recipe)` shows it.
    A step can be changed, taken out or put in; what is left as text or as a date in
    the end is refused by `transform`. target: name, task and classes. dtype: of the
    arrays.

    New rows, row by row alone:
    - a column that the recipe needs and the table has not: ValueError;
    - a column that the recipe does not know: left aside;
    - a column of another kind: each cell is read as the kind it had in training; if
      none can be, ValueError; those that cannot are missing, and a warning says so;
    - a missing or infinite number: filled with the training rows' median; flags with
      the commonest, and the indicator of that column, if there is one, is 1;
    - a word that is no level: the level "other", if there is one; else 0 throughout;
    - no rows: an array of shape (0, n_features).
    Steps that leave out rows were for the training rows: here they do nothing.
    """

    steps: list = field(default_factory=list)
    target: Target | None = None
    dtype: str = "float32"

    # --- Use -------------------------------------------------------------------------

    @property
    def columns(self):
        """The names of the table's columns that the recipe knows."""
        return list(self._kinds)

    @property
    def feature_names(self):
        """The names of the array's columns."""
        return self._run(self._empty(self._kinds)).names

    def transform(self, table):
        """(n_rows, n_features) C-contiguous: the array of new rows.

        table: as in `prepare`; it need not have the target. ValueError: it lacks a
        column, a column cannot be read, or the recipe leaves text or dates.
        """
        table = self._readable(every_row("transform", table))
        names = self.feature_names
        X = np.empty((table.n_rows, len(names)), self.dtype)
        most = np.finfo(self.dtype).max
        for start in range(0, table.n_rows, CHUNK):
            rows = np.arange(start, min(start + CHUNK, table.n_rows))
            done = self._run(some_rows(table, rows))
            block = np.empty((len(names), len(rows)), self.dtype)
            for j, name in enumerate(names):
                np.clip(done[name].values, -most, most, out=block[j], casting="unsafe")
            X[start : start + len(rows)] = block.T
        return X

    def target_of(self, table):
        """(n_rows,) the target of a table's rows: int64 numbers of classes, -1 where
        there is none or an unknown one; or float64 values, NaN where there is none."""
        if self.target is None:
            raise ValueError("target_of: table: this recipe has no target")
        table = every_row("target_of", table)
        if self.target.name not in table:
            raise ValueError(
                f"target_of: table has no column {self.target.name!r}; the columns are "
                f"{', '.join(map(repr, table.names[:8]))}"
            )
        return self.target.encode(mended(self.target, table, self.steps))

    def inverse(self, X):
        """A dict of columns, as far as they can be had back from X (n, n_features).

        Numbers are float64, words and booleans objects (None where a value had been
        missing), dates datetime64. Columns that were left out or hashed do not return.
        """
        X = checks.floating("inverse", "X", X, ndim=2)
        names = self.feature_names
        if X.shape[1] != len(names):
            raise ValueError(
                f"inverse: X has {X.shape[1]} columns; this recipe makes {len(names)}"
            )
        columns = {
            name: Column(name, "number", X[:, j].astype(np.float64))
            for j, name in enumerate(names)
        }
        table = Table(columns, len(X))
        for step in reversed(self.steps):
            table = step.undo(table) if hasattr(step, "undo") else table
        return {column.name: shown(column) for column in table}

    # --- Files -----------------------------------------------------------------------

    def to_dict(self):
        """All of it in JSON's types."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "dtype": self.dtype,
            "target": None if self.target is None else self.target.to_dict(),
            "steps": [stored.to_dict(step) for step in self.steps],
        }

    @classmethod
    def from_dict(cls, given):
        """The recipe that `to_dict` gave. Nothing is trusted: ValueError says what is
        wrong and where."""
        where = "Recipe"
        if not isinstance(given, dict) or given.get("format") != FORMAT:
            raise ValueError(f"{where}: this is no recipe; make one with prepare")
        if given.get("version") != VERSION:
            raise ValueError(
                f"{where}: version {stored.shown(given.get('version'))} is not known "
                f"here, only {VERSION}; a newer fastnn wrote it"
            )
        dtype, steps = given.get("dtype"), given.get("steps")
        if dtype not in ("float32", "float64"):
            raise stored.wrong(f"{where}: dtype", dtype, "'float32' or 'float64'")
        if not isinstance(steps, list):
            raise stored.wrong(f"{where}: steps", steps, "a list")
        target = given.get("target")
        target = None if target is None else Target.from_dict(target, where)
        steps = [stored.of_dict(s, f"{where}: step {i}") for i, s in enumerate(steps)]
        return cls(steps, target, dtype)

    def save(self, path):
        """Write it as JSON; the file is there whole, or not at all."""
        target = check_target("save", path, example="recipe.json")
        text = json.dumps(self.to_dict(), indent=1, ensure_ascii=False, allow_nan=False)
        with replacing(target) as file:
            file.write(text.encode("utf-8", "surrogatepass") + b"\n")

    @classmethod
    def load(cls, path):
        """The recipe in a file that `save` wrote, a person perhaps edited.

        Raises OSError: it cannot be read; ValueError: it holds no recipe, and why.
        """
        path = path_name("load", path, example="recipe.json")
        with open(path, "rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise ValueError(f"load: {path!r} is too large for a recipe")
        try:
            given = json.loads(content.decode("utf-8", "surrogatepass"))
        except (ValueError, RecursionError) as error:
            reason = " ".join(str(error).split())[:120]
            raise ValueError(f"load: {path!r} is not JSON ({reason})") from None
        return cls.from_dict(given)

    def __str__(self):
        return Text(wording.to_text(self.steps))

    # --- Inside ----------------------------------------------------------------------

    @property
    def _kinds(self):
        """{column: kind} that the recipe starts from."""
        first = [step for step in self.steps if isinstance(step, Columns)][:1]
        return first[0].kinds if first else {}

    @staticmethod
    def _empty(kinds):
        return Table({n: empty_column(n, kind) for n, kind in kinds.items()}, 0)

    def _run(self, table):
        """The table after all steps; only numbers may be left."""
        for step in self.steps:
            if not isinstance(step, OF_ROWS):
                table = step.apply(table)
        left = [c for c in table if c.kind in ("text", "date")]
        if left:
            raise ValueError(
                f"Recipe: steps: column {left[0].name!r} is still {left[0].kind} after "
                "all of them, and a network takes numbers; add OneHot, Hashed or "
                "DateParts for it, or Drop"
            )
        return table

    def _readable(self, table):
        """The columns that are needed, each as its kind; ValueError for lost ones."""
        kinds = self._kinds
        absent = [name for name in kinds if name not in table and self._needs(name)]
        if absent:
            some = ", ".join(map(repr, absent[:6])) + (" ..." if absent[6:] else "")
            have = ", ".join(map(repr, table.names[:8])) or "none"
            raise ValueError(
                f"transform: table: the recipe needs the column"
                f"{'s'[: len(absent) > 1]} {some}, and {table.source} has only {have}; "
                "add what is not known as a column without values"
            )
        for name, kind in kinds.items():
            if name in table and table[name].kind != kind and self._needs(name):
                table = table.with_columns(read_as(table[name], kind))
        return table

    def _needs(self, name):
        """Whether a column comes to the end in any form."""
        return bool(self._run(self._empty({name: self._kinds[name]})).names)


def every_row(where, table):
    """A Table of all rows, if there are any; never a sample."""
    return reading.door(where, table, sample=np.inf, empty=True)


def some_rows(table, rows):
    """The Table of some rows; of very many words, those that these rows hold."""
    some = table.rows(rows)
    many = (c for c in some if c.kind == "text" and len(c.words) > len(rows) // 16)
    return some.with_columns(*(own_words(column) for column in many))


def own_words(column):
    """A column of text with the words that its rows hold, in the order of the rows."""
    held, first = np.unique(column.values, return_index=True)
    held, first = held[held >= 0], first[held >= 0]
    held = held[np.argsort(first)]
    place = np.full(len(column.words) + 1, -1, np.int32)
    place[held] = np.arange(len(held))
    words = tuple(column.words[i] for i in held)
    return Column(column.name, "text", place[column.values], words)


def read_as(column, kind):
    """The column as another kind; a warning where some cells are none."""
    read = as_kind(column, kind)
    lost = read.missing & ~column.missing
    n = int(np.count_nonzero(lost))
    if n == 0:
        return read
    row = int(np.flatnonzero(lost)[0])
    what = f"transform: table: column {column.name!r} holds {kind}s"
    if n == len(column) - column.n_missing:
        raise ValueError(
            f"{what}, as the training rows had it, but no cell can be read as one "
            f"(row {row + 1} has {column.text(row)!r}); is it another column?"
        )
    warnings.warn(
        f"{what}; {n} cell{'s'[: n > 1]} (such as {column.text(row)!r} in row "
        f"{row + 1}) cannot be read as one and count as missing",
        stacklevel=4,
    )
    return read


def shown(column):
    """(n,) a column for people."""
    if column.kind == "number":
        return column.values
    if column.kind == "date":
        return column.values.astype("datetime64[s]")
    out = np.empty(len(column), object)
    words = column.words if column.kind == "text" else (False, True)
    for i in np.flatnonzero(~column.missing):
        out[i] = words[int(column.values[i])]
    return out
