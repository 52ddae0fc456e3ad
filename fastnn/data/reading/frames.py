"""Dataframes, dicts and arrays as a Table."""

import numpy as np

from ..table import Column, Table, text_column


def of_arrays(source):
    """A dict of columns, a 2-D or a structured array; None: it is none of them."""
    if isinstance(source, np.ndarray):
        if source.dtype.names:
            source = {name: source[name] for name in source.dtype.names}
        elif source.ndim == 2:
            source = {f"x{j}": source[:, j] for j in range(source.shape[1])}
    if not isinstance(source, dict):
        return None
    columns = {str(name): column(str(name), values) for name, values in source.items()}
    return Table(columns, len(next(iter(columns.values()))) if columns else 0)


def column(name, values):
    """A Column of an array or a list."""
    values = np.asarray(values)
    if values.dtype.kind in "iuf":
        whole = values.dtype.kind in "iu"
        return Column(name, "number", values.astype(np.float64), whole=whole)
    if values.dtype.kind == "b":
        return Column(name, "boolean", values.astype(np.float64))
    if values.dtype.kind == "M":
        return Column(name, "date", values.astype("datetime64[us]"))
    cells = [None if v is None or v != v else v for v in values.tolist()]
    there = [v for v in cells if v is not None]
    if there and all(isinstance(v, (int, float)) for v in there):
        numbers = np.array([np.nan if v is None else v for v in cells], np.float64)
        whole = all(isinstance(v, int) for v in there)
        boolean = all(isinstance(v, bool) for v in there)
        return Column(name, "boolean" if boolean else "number", numbers, whole=whole)
    return text_column(name, [None if v is None else str(v) for v in cells])


def of_frame(source):
    """pandas, polars and pyarrow, through narwhals."""
    import narwhals as nw

    frame = nw.from_native(source, eager_only=True)
    columns = {c.name: column(c.name, c.to_numpy()) for c in frame.iter_columns()}
    return Table(columns, len(frame))
