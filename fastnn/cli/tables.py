"""Tables in CSV files: a header with the columns' names, then one row per sample.

    table = read("penguins.csv")
    table.names                  ["island", "body_mass_g", ...]
    table["body_mass_g"]         a Column
    table.numbers([...])         (n_rows, n_columns) float64, complete, or a Failure

pandas splits the file into cells where it is installed, else polars, else the standard
library's csv. What the cells are is decided here, so it is the same with all three.
"""

import csv
import io
import re
from dataclasses import dataclass

import numpy as np

from .terminal import Failure

MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None")
BOOLEANS = {"true": 1.0, "false": 0.0}
WITH_COMMA = re.compile(r"[+-]?(\d+,\d*|,\d+)([eE][+-]?\d+)?")
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")  # or a decimal comma: 1,250


@dataclass(frozen=True)
class Column:
    """One column: `kind` is "numbers", "booleans" or "text".

    values: float64 (NaN where there is none; booleans as 0 and 1), or an object array
    of str and None.
    """

    name: str
    kind: str
    values: np.ndarray

    @property
    def missing(self):
        """A mask of the rows without a value."""
        if self.kind == "text":
            return np.array([value is None for value in self.values], dtype=bool)
        return np.isnan(self.values)

    def words(self):
        """The values as text: the names that classes have."""
        if self.kind == "text":
            return [str(value) for value in self.values]
        if self.kind == "booleans":
            return ["True" if value else "False" for value in self.values]
        return [_number(value) for value in self.values]


@dataclass(frozen=True)
class Table:
    """Columns by name, in the order of the file."""

    path: str
    columns: dict[str, Column]
    n_rows: int
    separator: str = ","

    @property
    def names(self):
        return list(self.columns)

    def __getitem__(self, name):
        return self.columns[name]

    def numbers(self, names):
        """These columns as one array of finite float64."""
        self.check_decimal_commas(names)
        for name in names:
            _check_numbers(self.path, self[name])
        if not names:
            return np.empty((self.n_rows, 0))
        return np.column_stack([self[name].values for name in names])

    def check_decimal_commas(self, names):
        """Refuse those of these columns whose numbers are written as 0,546."""
        examples = {name: self._with_comma(self[name]) for name in names}
        found = [name for name in names if examples[name] is not None]
        if not found:
            return
        example = examples[found[0]]
        shown = ", ".join(map(repr, found[:8])) + (", ..." if len(found) > 8 else "")
        raise Failure(
            f"{self.path}: the numbers in {shown} have decimal commas, such as "
            f"{example!r}; save the table with decimal points, "
            f"{example.replace(',', '.')}"
        )

    def _with_comma(self, column):
        """A number with a decimal comma, if the column is of numbers but for these.

        Between commas, "1,250" is rather a thousand and more.
        """
        if column.kind != "text":
            return None
        cells = [cell for cell in column.values if cell is not None]
        if any(_as_number(c) is None and not WITH_COMMA.fullmatch(c) for c in cells):
            return None
        surely = [
            cell
            for cell in cells
            if "," in cell and (self.separator != "," or not THOUSANDS.fullmatch(cell))
        ]
        return surely[0] if surely else None


def _check_numbers(path, column):
    if column.kind == "text":
        row = int(np.flatnonzero(~column.missing)[0])
        raise Failure(
            f"{path}: column {column.name!r} holds text ({column.values[row]!r} in row "
            f"{row + 1}), and a network takes numbers; write it as numbers, one 0/1 "
            f"column for each value, or leave it out"
        )
    check_complete(path, column)
    infinite = np.flatnonzero(np.isinf(column.values))
    if len(infinite):
        raise Failure(
            f"{path}: column {column.name!r} is infinite in row {infinite[0] + 1}; "
            "correct that row or remove it"
        )


def check_complete(path, column):
    """Refuse a column with empty cells, naming the first row."""
    rows = np.flatnonzero(column.missing)
    if len(rows):
        more = f" and in {len(rows) - 1} more" if len(rows) > 1 else ""
        raise Failure(
            f"{path}: column {column.name!r} has no value in row {rows[0] + 1}{more}; "
            "fill or remove those rows, or, unless it is the target, leave it out"
        )


# --- Reading -------------------------------------------------------------------------


def read(path):
    """The table in a CSV file; the separator (, ; or tab) is that of its header."""
    with open(path, "rb") as file:
        content = file.read()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Failure(f"{path}: this is not text in UTF-8; save it as UTF-8") from None
    if "\0" in text:
        raise Failure(f"{path}: this is not a text file; a table is CSV here")
    if not text.strip():
        raise Failure(f"{path}: the file is empty")
    table = text.lstrip("\r\n")
    above = text[: len(text) - len(table)].count("\n")
    first = table.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    try:
        names, raw = _raw_columns(path, table, separator, above)
    except (csv.Error, ValueError) as error:
        raise Failure(f"{path}: this is not a CSV table ({error})") from None
    _check_names(path, names)
    columns = {n: _column(n, cells) for n, cells in zip(names, raw, strict=True)}
    n_rows = len(raw[0])
    if not n_rows:
        raise Failure(f"{path}: there are no rows below the header")
    return Table(str(path), columns, n_rows, separator)


def _check_names(path, names):
    numbers = [name for name in names if _as_number(name) is not None]
    if 2 * len(numbers) > len(names) and not _are_counted(numbers, names):
        shown = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
        raise Failure(
            f"{path}: the first line ({shown}) has numbers where names are expected; "
            "add a line with the columns' names above it, a header"
        )
    for place, name in enumerate(names):
        if not name:
            raise Failure(f"{path}: column {place + 1} has no name in the header")
        if name in names[:place]:
            raise Failure(f"{path}: two columns are called {name!r}; rename one")


def _are_counted(numbers, names):
    """Whether the columns are called 0, 1, 2, ..., as pandas does, beside a word."""
    return len(numbers) < len(names) and numbers == list(map(str, range(len(numbers))))


def _raw_columns(path, text, separator, above):
    """The header's names, and for each column the list of its cells, as text.

    above: how many empty lines the file has above the header.
    """
    rows = _rows(text, separator)
    names = [name.strip() for name in next(rows)[1]]
    if len(set(names)) < len(names):
        return names, [[]] * len(names)  # refused for its names; don't rename them
    _check_widths(path, rows, len(names), above)
    for reader in (_with_pandas, _with_polars, _with_csv):
        try:
            return names, reader(text, separator, names)
        except ImportError:
            continue
    raise AssertionError("the standard library's csv is always there")


def _rows(text, separator):
    """(number of its first line, cells, source) of each row; empty lines are none."""
    source = []

    def lines():
        for line in io.StringIO(text):
            source.append(line)
            yield line

    end = 0
    reader = csv.reader(lines(), delimiter=separator, skipinitialspace=True)
    for row in reader:
        start, end = end + 1, reader.line_num
        if len(row) > 1 or source[-1].strip():
            yield start, row, "".join(source)
        source.clear()


def _check_widths(path, rows, width, above):
    """Refuse rows that are shorter or longer than the header.

    pandas and polars fill short rows with gaps, and a comma forgotten in the middle
    of a row would move its values into other columns.
    """
    for line, row, _ in rows:
        if len(row) != width:
            cells = "1 cell" if len(row) == 1 else f"{len(row)} cells"
            raise Failure(
                f"{path}: line {above + line} has {cells}, the header has {width}; "
                "correct that line, an empty cell needs its separator too"
            )


def _with_pandas(text, separator, names):
    import pandas

    frame = pandas.read_csv(
        io.StringIO(text), sep=separator, header=0, names=names, dtype=str,
        index_col=False, skipinitialspace=True, keep_default_na=False,
    )  # fmt: skip
    return [frame[name].to_list() for name in names]


def _with_polars(text, separator, names):
    import polars

    # polars takes an empty line for a row of gaps
    text = "".join(source for _, _, source in _rows(text, separator))
    try:
        frame = polars.read_csv(
            text.encode(), separator=separator, new_columns=names, infer_schema=False
        )
    except polars.exceptions.PolarsError as error:
        raise ValueError(" ".join(str(error).split())[:200]) from None
    return [frame[name].to_list() for name in names]


def _with_csv(text, separator, names):
    rows = [row for _, row, _ in _rows(text, separator)][1:]
    return [[row[i] for row in rows] for i in range(len(names))]


def _column(name, cells):
    """A Column of cells that are text, whichever reader they come from."""
    cells = [_text(cell) for cell in cells]
    present = [cell for cell in cells if cell is not None]
    if present and all(cell.lower() in BOOLEANS for cell in present):
        read, kind = lambda cell: BOOLEANS[cell.lower()], "booleans"
    elif all(_as_number(cell) is not None for cell in present):
        read, kind = float, "numbers"
    else:
        return Column(name, "text", np.array(cells, dtype=object))
    values = [np.nan if cell is None else read(cell) for cell in cells]
    return Column(name, kind, np.array(values, dtype=np.float64))


def _text(cell):
    """A cell as text, or None where there is no value."""
    if cell is None or (isinstance(cell, float) and cell != cell):
        return None
    text = str(cell).strip()
    return None if text in MISSING else text


def _as_number(text):
    try:
        return None if "_" in text else float(text)
    except ValueError:
        return None


def _number(value):
    """12.0 -> "12", 0.5 -> "0.5"."""
    return str(int(value)) if value == int(value) else repr(float(value))


# --- Writing -------------------------------------------------------------------------


def write(file, names, rows):
    """A header and rows as CSV."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)
