"""NumPy arrays, lists of rows, dicts of columns; and any array as a Column."""

import datetime
import decimal
import json
import numbers

import numpy as np

from ..table import Column, Table
from .cells import WHOLE, factorized
from .names import check_width, unique
from .sampling import chosen_rows

NUMBERS = (numbers.Real, np.bool_, decimal.Decimal)
DATES = (datetime.datetime, datetime.date, np.datetime64)
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def of_arrays(source, sample=None, seed=0):
    """A dict of columns, an array or a list of rows; None: it is none of them."""
    if isinstance(source, (list, tuple)):
        return of_rows(source, sample, seed)
    if isinstance(source, np.ndarray):
        if source.dtype.names:
            source = {name: source[name] for name in source.dtype.names}
        elif source.ndim in (1, 2):
            source = source if source.ndim == 2 else source[:, None]
            check_width(source.shape[1])
            source = {f"x{j}": source[:, j] for j in range(source.shape[1])}
        else:
            raise ValueError(
                f"the array has {source.ndim} axes; a table has two, rows and columns"
            )
    if not isinstance(source, dict):
        return None
    return of_columns(list(source), list(source.values()), sample, seed)


def of_columns(names, columns, sample, seed, source="table", said=()):
    """A Table of arrays or lists of one length."""
    said = list(said)
    check_width(len(names))
    for name, values in zip(names, columns, strict=True):
        if not hasattr(values, "__len__") or isinstance(values, (str, bytes, dict)):
            raise ValueError(
                f"column {str(name)!r} is {values!r:.60}; expected one value a row, as "
                "a list or an array"
            )
        if len(values) != len(columns[0]):
            raise ValueError(
                f"column {str(name)!r} has {len(values):,} rows, but {str(names[0])!r} "
                f"has {len(columns[0]):,}; all columns need the same number of rows"
            )
    names, said_of_names = unique(names)
    n = len(columns[0]) if columns else 0
    rows, sampled = chosen_rows(n, len(names), sample, seed)
    out = {}
    for name, values in zip(names, columns, strict=True):
        out[name] = column(name, as_array(values, rows), said)
    n_rows = n if rows is None else len(rows)
    return Table(out, n_rows, source, tuple([*said, *said_of_names, *sampled]), n)


def as_array(values, rows=None):
    """(n,) of anything with one value a row; a mask becomes None."""
    if isinstance(values, np.ma.MaskedArray):
        mask, values = np.ma.getmaskarray(values), values.data
        values = values.astype(object)
        values[mask] = None
    if not isinstance(values, np.ndarray):
        values = list(values)
        kinds = set(map(type, values))
        if kinds <= {int, float} and not _large(values):
            values = np.array(values, np.float64 if float in kinds else np.int64)
        else:
            array = np.empty(len(values), object)
            for place, value in enumerate(values):
                array[place] = value
            values = array
    if values.ndim > 1:
        cells = np.empty(len(values), object)
        for place, value in enumerate(values.tolist()):
            cells[place] = value
        values = cells
    return values if rows is None else values[rows]


def _large(values):
    return any(isinstance(v, int) and abs(v) > 2**62 for v in values)


def of_rows(rows, sample, seed, source="table", said=()):
    """A Table of lists of one length; a flat list is one column."""
    if not all(isinstance(row, (list, tuple, np.ndarray)) for row in rows):
        rows = [[row] for row in rows]
    widths = {len(row) for row in rows}
    if len(widths) > 1:
        raise ValueError(
            f"the rows have from {min(widths)} to {max(widths)} values; all need the "
            "same number"
        )
    check_width(max(widths, default=0))
    columns = list(zip(*rows, strict=True))
    names = [f"x{j}" for j in range(len(columns))]
    return of_columns(names, columns, sample, seed, source, said)


# --- Columns -------------------------------------------------------------------------


def column(name, values, said):
    """A Column of an array (n,); what had to be decided is added to `said`."""
    kind = values.dtype.kind
    if kind in "iu":
        return of_whole(name, values)
    if kind == "f":
        return of_floats(name, values.astype(np.float64), said)
    if kind == "b":
        return Column(name, "boolean", values.astype(np.float64))
    if kind == "M":
        return Column(name, "date", values.astype("datetime64[us]"))
    if kind == "m":
        said.append(f"column {name!r} holds durations, taken in seconds")
        seconds = values / np.timedelta64(1, "s")
        return of_floats(name, seconds, said)
    if kind == "U" and not _is_unicode(values):
        raise ValueError(f"column {name!r} holds characters that do not exist")
    if kind == "c":
        raise ValueError(
            f"column {name!r} holds complex numbers; give real and imaginary part as "
            "two columns"
        )
    return of_cells(name, values.tolist(), said)


def _is_unicode(values):
    """Whether text of an array, which may come from a file, can be text of Python."""
    codes = np.ascontiguousarray(values).view(f"{values.dtype.str[0]}u4")
    return codes.max(initial=0) <= 0x10FFFF


def of_floats(name, values, said, whole=False):
    infinite = np.isinf(values)
    n = int(np.count_nonzero(infinite))
    if n:
        said.append(
            f"column {name!r} has {n:,} infinite value{'s' * (n > 1)}, taken as missing"
        )
        values = np.where(infinite, np.nan, values)
    return Column(name, "number", values, whole=whole)


def of_whole(name, values):
    """Whole numbers; as text where float64 would confuse them."""
    if len(values) and max(abs(int(values.min())), abs(int(values.max()))) > WHOLE:
        codes, words = factorized(values.tolist())
        return Column(name, "text", codes, tuple(map(str, words)))
    return Column(name, "number", values.astype(np.float64), whole=True)


def of_cells(name, cells, said):
    """A Column of Python values of any types."""
    kinds = set(map(type, cells))
    if kinds <= {str, type(None)} and str in kinds:
        return of_text(name, cells)
    cells = [None if is_missing(cell) else cell for cell in cells]
    kinds = set(map(type, cells)) - {type(None)}
    if not kinds:
        return Column(name, "number", np.full(len(cells), np.nan))
    if all(issubclass(kind, (bool, np.bool_)) for kind in kinds):
        return Column(name, "boolean", _floats(cells))
    if all(issubclass(kind, NUMBERS) for kind in kinds):
        return _of_numbers(name, cells, kinds, said)
    if all(issubclass(kind, DATES) for kind in kinds):
        dates = [np.datetime64("NaT", "us") if c is None else _date(c) for c in cells]
        return Column(name, "date", np.array(dates, "datetime64[us]"))
    if not all(issubclass(kind, str) for kind in kinds):
        shown = " and ".join(sorted(kind.__name__ for kind in kinds)[:4])
        said.append(f"column {name!r} holds values of type {shown}, taken as text")
    return of_text(name, [None if cell is None else as_text(cell) for cell in cells])


def of_text(name, cells):
    codes, words = factorized(cells)
    if None in words:
        none = words.index(None)
        place = np.arange(len(words), dtype=np.int32) - (np.arange(len(words)) > none)
        place[none] = -1
        codes = place.astype(np.int32)[codes]
        del words[none]
    return Column(name, "text", codes, tuple(words))


def _of_numbers(name, cells, kinds, said):
    whole = all(issubclass(kind, (numbers.Integral, np.bool_)) for kind in kinds)
    if whole and any(abs(int(cell)) > WHOLE for cell in cells if cell is not None):
        return of_text(name, [None if c is None else str(int(c)) for c in cells])
    return of_floats(name, _floats(cells), said, whole)


def _floats(cells):
    def number(cell):
        try:
            return np.nan if cell is None else float(cell)
        except (OverflowError, ValueError):  # a fraction or whole number too large
            return np.inf if cell > 0 else -np.inf

    return np.array([number(cell) for cell in cells], np.float64)


def _date(value):
    if isinstance(value, datetime.datetime) and value.tzinfo is not None:
        value = (value - EPOCH) / datetime.timedelta(microseconds=1)
        return np.datetime64(round(value), "us")
    return np.datetime64(value, "us")


def is_missing(value):
    """None, NaN, NaT, pandas.NA and the like."""
    if value is None or isinstance(value, (str, bytes, list, tuple, dict, np.ndarray)):
        return value is None
    try:
        return bool(value != value)
    except Exception:  # what an object of the caller's may raise
        # pandas.NA and a signalling NaN say that they are neither; others are values
        return type(value).__name__ in ("NAType", "Decimal")


def as_text(value):
    """A value as a person would write it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace").rstrip("\0")
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (float, np.floating)):
        return str(int(value)) if value == round(value) < 1e15 else repr(float(value))
    try:
        if isinstance(value, (dict, list, tuple)):
            return json.dumps(value, ensure_ascii=False, default=str)
        return str(value)
    except Exception:
        return f"<{type(value).__name__}>"
