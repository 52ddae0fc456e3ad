"""Files as a Table."""

from .frames import of_frame


def read(path):
    import pandas

    return of_frame(pandas.read_csv(path))
