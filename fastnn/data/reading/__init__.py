"""Any table in: files, dataframes, dicts and arrays become a Table.

as_table(source)
"""

from ..table import Table
from .frames import of_arrays, of_frame

__all__ = ["as_table"]


def as_table(source):
    """A Table of whatever holds one; see `inspect`."""
    import os

    if isinstance(source, Table):
        return source
    if isinstance(source, (str, os.PathLike)):
        from .files import read

        return read(source)
    arrays = of_arrays(source)
    return of_frame(source) if arrays is None else arrays
