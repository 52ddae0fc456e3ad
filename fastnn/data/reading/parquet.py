"""Parquet as a Table, column by column, by pyarrow or polars."""

import contextlib
import os
import re
import sys
from dataclasses import replace

import numpy as np

from ..table import Table
from . import frames
from .names import unique
from .sampling import chosen_rows

SAFE_ARROW = (14, 0, 1)  # before it, a file could name code to run (CVE-2023-47248)


def read(path, source, sample, seed, tell):
    """A Table of a Parquet file. ImportError: nobody is there to read it."""
    names, n, column = _opened(path)
    if not names:
        raise ValueError("there are no columns in this Parquet file")
    rows, sampled = chosen_rows(n, len(names), sample, seed)
    n_rows = n if rows is None else len(rows)
    final, said = unique(names)
    columns, said_of = {}, []
    for place, name in enumerate(final):
        table = frames.of_frame(column(names[place], rows), np.inf)
        same = list(table.columns.values())  # several, where a name is there twice
        found = same[names[:place].count(names[place])]
        if len(found) != n_rows:
            raise ValueError(
                f"column {name!r} has {len(found):,} rows of {n_rows:,}; it is damaged"
            )
        columns[name] = replace(found, name=name)
        said_of += [text.replace(repr(found.name), repr(name)) for text in table.read]
        tell(tell.total / len(names))
    return Table(columns, n_rows, source, (*said, *said_of, *sampled), n)


def _opened(path):
    """(names, rows, a function (name, rows or None) -> a frame of that column)."""
    there = "neither is installed"
    try:
        import pyarrow

        if tuple(map(int, re.findall(r"\d+", pyarrow.__version__)[:3])) >= SAFE_ARROW:
            return _by_pyarrow(path)
        there = f"pyarrow {pyarrow.__version__} can be made to run code by a file"
    except ImportError:
        pass
    try:
        import polars  # noqa: F401
    except ImportError:
        raise ImportError(
            f"{path}: Parquet is read by polars or pyarrow, but {there}; "
            'pip install "fastnn[parquet]"'
        ) from None
    return _by_polars(path)


def _by_pyarrow(path):
    import pyarrow
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(path)
        names, n = list(file.schema_arrow.names), file.metadata.num_rows
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise ValueError(f"this is not a whole Parquet file ({error})") from None

    def column(name, rows):
        try:
            table = file.read(columns=[name])
            return table if rows is None else table.take(rows)
        except (pyarrow.ArrowException, OSError, ValueError, IndexError) as error:
            raise ValueError(f"column {name!r} is damaged ({error})") from None

    return names, n, column


def _by_polars(path):
    import polars

    damaged = (
        polars.exceptions.PolarsError, polars.exceptions.PanicException, OSError,
        ValueError,
    )  # fmt: skip
    try:
        with _quiet():
            names = list(polars.read_parquet_schema(path))
            n = int(polars.scan_parquet(path).select(polars.len()).collect().item())
    except damaged as error:
        raise ValueError(f"this is not a whole Parquet file ({error})") from None

    def column(name, rows):
        try:
            with _quiet():
                frame = polars.read_parquet(path, columns=[name])
            return frame if rows is None else frame[rows]
        except damaged as error:
            raise ValueError(f"column {name!r} is damaged ({error})") from None

    return names, n, column


@contextlib.contextmanager
def _quiet():
    """Nothing on the process's stderr: polars tells there of what it raises as well."""
    try:
        sys.stderr.flush()
        kept = os.dup(2)
    except (OSError, ValueError, AttributeError):  # there is no stderr
        yield
        return
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        os.close(nowhere)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
