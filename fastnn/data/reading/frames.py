"""pandas, polars and pyarrow, through narwhals, as a Table."""

import numpy as np

from ..table import Column, Table
from . import arrays
from .names import unique
from .sampling import chosen_rows
from .text.readers import factorized_polars

WHOLE_KINDS = {f"{sign}Int{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64)}


def of_frame(source, sample=None, seed=0, name="table"):
    """A Table of a dataframe, or of one column of one.

    ValueError: it is none that narwhals knows.
    """
    try:
        import narwhals as nw
    except ImportError:
        raise ImportError(
            f"a {type(source).__name__} is read by narwhals, which is not installed; "
            'pip install "fastnn[data]"'
        ) from None
    said = _said_of_index(source)
    names = _names(source)
    if names is not None:
        source = _renamed(source, unique(names)[0])
    if type(source).__name__ == "RecordBatch":
        import pyarrow

        source = pyarrow.table(source)
    try:
        frame = nw.from_native(source, allow_series=True)
    except TypeError:
        way_out = "; call its toarray() first" if hasattr(source, "toarray") else ""
        raise ValueError(
            f"an object of type {type(source).__name__} is no table{way_out}; expected "
            "a path, a pandas, polars or pyarrow table, a dict of columns, a list of "
            "rows or of dicts, or a NumPy array"
        ) from None
    if isinstance(frame, nw.Series):
        frame = frame.to_frame()
    if isinstance(frame, nw.LazyFrame):
        frame = frame.collect()
    final, said_of_names = unique(frame.columns if names is None else names)
    n = len(frame)
    rows, sampled = chosen_rows(n, len(final), sample, seed)
    columns = {}
    for name_of, own_name in zip(final, frame.columns, strict=True):
        series = frame.get_column(own_name)
        series = series if rows is None else series[rows.tolist()]
        columns[name_of] = _column(nw, name_of, series, said)
    n_rows = n if rows is None else len(rows)
    said += [*said_of_names, *sampled]
    return Table(columns, n_rows, name, tuple(said), n)


def _said_of_index(source):
    """A sentence, if pandas has columns aside that somebody named."""
    names = [name for name in getattr(getattr(source, "index", None), "names", ())
             if name is not None]  # fmt: skip
    if not names:
        return []
    shown = ", ".join(repr(str(name)) for name in names)
    return [f"the index ({shown}) is left aside; reset_index() makes columns of it"]


def _names(source):
    """The names of a pandas or pyarrow table, which may be twice there or no text."""
    if hasattr(source, "rename_columns"):
        return list(source.column_names)
    if not hasattr(source, "set_axis") or not hasattr(source, "columns"):
        return None
    return [
        ", ".join(map(str, name)) if isinstance(name, tuple) else str(name)
        for name in source.columns
    ]


def _renamed(source, names):
    if hasattr(source, "rename_columns"):
        return source.rename_columns(names)
    return source.set_axis(names, axis=1)


def _column(nw, name, series, said):
    kind = str(series.dtype).split("(")[0]
    if kind == "Boolean":
        cells = series.cast(nw.Float64).to_numpy().astype(np.float64)
        return Column(name, "boolean", cells)
    if kind in WHOLE_KINDS:
        if series.null_count() == 0:
            return arrays.of_whole(name, np.asarray(series.to_numpy()))
        return _whole_with_gaps(name, series)
    if kind in ("Float32", "Float64"):
        values = series.cast(nw.Float64).to_numpy().astype(np.float64)
        return arrays.of_floats(name, values, said)
    if kind in ("Datetime", "Date"):
        return Column(name, "date", _dates(series, kind))
    if kind in ("String", "Categorical", "Enum"):
        return _text(nw, name, series, said)
    if kind == "Duration":
        values = series.to_numpy().astype("timedelta64[us]")
        return arrays.column(name, values, said)
    return arrays.of_cells(name, series.to_list(), said)


def _whole_with_gaps(name, series):
    there = (~series.is_null()).to_numpy().astype(bool)
    values = series.drop_nulls().to_numpy()
    column = arrays.of_whole(name, np.asarray(values).astype(np.int64))
    none = -1 if column.kind == "text" else np.nan
    out = np.full(len(there), none, column.values.dtype)
    out[there] = column.values
    return Column(name, column.kind, out, column.words, column.whole)


def _dates(series, kind):
    if kind == "Datetime" and series.dtype.time_zone is not None:
        series = series.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    return series.to_numpy().astype("datetime64[us]")


def _text(nw, name, series, said):
    """Words and codes, as the library itself finds them where it can."""
    if series.null_count() == len(series):
        return arrays.of_cells(name, [None] * len(series), said)
    if series.implementation.is_pandas():
        import pandas

        codes, words = pandas.factorize(series.to_native().astype(object))
        words = tuple(words)
        if series.dtype != nw.String:  # categories of any type
            words = tuple(map(arrays.as_text, words))
        if all(type(word) is str for word in words):
            return Column(name, "text", codes.astype(np.int32), words)
        return arrays.of_cells(name, series.to_list(), said)
    series = series if series.dtype == nw.String else series.cast(nw.String)
    if series.implementation.is_polars():
        codes, words = factorized_polars(series.to_native())
        return Column(name, "text", codes, tuple(words))
    return arrays.of_cells(name, series.to_list(), said)
