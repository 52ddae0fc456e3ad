"""Any table in: files, dataframes, dicts and arrays become a Table.

as_table(source)

files.py      a path: what it is, and who reads it
text/         CSV, TSV                       cells.py     words as Columns
records.py    JSON, lists of dicts           stored.py    Excel, .npy
parquet.py    Parquet
frames.py     pandas, polars, pyarrow        arrays.py    NumPy, lists, dicts of columns
names.py      names of columns               first_row.py whether there are names
sampling.py   which rows of a large table
"""

import os
from dataclasses import replace

from ..table import Table
from . import arrays, frames, records, sampling

__all__ = ["as_table"]


def as_table(source, sample=None, seed=0, progress=None, empty=False):
    """A Table of whatever holds one.

    source: a path (CSV, TSV, Parquet, JSON, JSON lines, Excel, .npy; packed by gzip
        too), a pandas, polars or pyarrow table, a list of dicts, a dict of columns, a
        NumPy array (2-D or structured), a list of rows, or a Table.
    sample: the most rows to take, chosen at random with `seed`; by default as many as
        make 100 million cells. `Table.n_source_rows` says how many there were.
    empty: whether a table in memory may have no rows.
    progress: a function of (share done, from 0 to 1; what is done, a few words).

    Text files: an empty or blank cell is no value. A column whose other cells all are
    plain numbers (12, -1.5e3) is of numbers, one of true and false is of booleans;
    all else is text as it stands. What had to be decided is told in `Table.read`.

    ValueError, OSError: there is no table in it, in one sentence. ImportError: a
    package that is needed is missing. Nothing in a file is ever executed.
    """
    sample = sampling.check_sample(sample)
    if isinstance(source, Table):
        return source
    if isinstance(source, (str, os.PathLike)):
        from .files import read

        table = read(source, sample, seed, progress)
    else:
        table = (
            records.of_dicts(source, sample, seed)
            or arrays.of_arrays(source, sample, seed)
            or frames.of_frame(source, sample, seed)
        )
    if not table.columns:
        raise ValueError(f"{table.source}: there are no columns in it")
    if not table.n_rows and not empty:
        raise ValueError(f"{table.source}: there are no rows in it")
    return _writable(table)


def _writable(table):
    """The same with text that can be written: without halves of characters.

    JSON and arrays can hold the half of a pair, which no file in UTF-8 can.
    """
    columns = {}
    for column in table:
        name = _whole_characters(column.name)
        words = column.words
        if _has_halves("".join(words)):
            words = tuple(map(_whole_characters, words))
        if name is not column.name or words is not column.words:
            column = replace(column, name=name, words=words)
        columns[name] = column
    return replace(table, columns=columns)


def _has_halves(text):
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _whole_characters(text):
    if not _has_halves(text):
        return text
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def door(where, table, argument="table", **settings):
    """as_table for a public function `where`, whose errors name it and its argument.

    What is wrong with a file is told by the file's name.
    """
    try:
        return as_table(table, **settings)
    except ValueError as error:
        if isinstance(table, (str, os.PathLike)):
            raise
        raise ValueError(f"{where}: {argument}: {error}") from None
