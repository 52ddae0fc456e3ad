"""Who splits a block of text into cells: pandas, else polars, else the csv module.

Each takes a block of equal rows without a header, and gives for each column asked for
its numbers, (n,) float64, or (codes, words). A column that is asked for as numbers and
holds something else comes as words.
"""

import csv
import io

import numpy as np

from ..cells import WHOLE, factorized
from .rows import large_cells


def reader():
    """The best one that is installed."""
    for module, read in (("pandas", with_pandas), ("polars", with_polars)):
        try:
            __import__(module)
        except ImportError:
            continue
        return read
    return with_csv


def with_pandas(block, layout, places, numbers):
    """places: numbers of the columns to give; numbers: those that hold numbers."""
    import pandas

    exact = {"float_precision": "round_trip"} if pandas.__version__ < "3" else {}
    frame = pandas.read_csv(
        io.BytesIO(block), sep=layout.separator, header=None,
        names=range(layout.width), usecols=places, index_col=False,
        dtype={place: object for place in places if place not in numbers},
        na_values=[""], keep_default_na=False, low_memory=False,
        quoting=csv.QUOTE_MINIMAL if layout.quoted else csv.QUOTE_NONE, **exact,
    )  # fmt: skip

    def words(place):
        codes, words = pandas.factorize(frame[place].astype(object))
        return codes, words.tolist()

    def again():
        as_text = with_pandas(block, layout, places, ())
        return dict(zip(places, as_text, strict=True))

    return _checked(
        places, numbers, words, lambda p: frame[p].to_numpy(), again, layout
    )


def with_polars(block, layout, places, numbers):
    import polars

    names = [f"c{place}" for place in range(layout.width)]
    frame = polars.read_csv(
        block, separator=layout.separator, has_header=False,
        schema=dict.fromkeys(names, polars.String), columns=list(places),
        quote_char='"' if layout.quoted else None,
    )  # fmt: skip

    def words(place):
        return factorized_polars(frame[names[place]])

    def values(place):
        text = frame[names[place]].str.strip_chars()
        text = polars.select(polars.when(text != "").then(text)).to_series()
        try:
            return text.cast(polars.Float64).to_numpy()
        except polars.exceptions.PolarsError:
            return text.to_numpy()

    def again():
        return {place: words(place) for place in places}

    return _checked(places, numbers, words, values, again, layout)


def factorized_polars(text):
    """(codes, words) of a Series of text; -1 where there is none."""
    import polars

    present = text.is_not_null().to_numpy()
    ids = text.drop_nulls().cast(polars.Categorical).to_physical().to_numpy()
    _, first, inverse = np.unique(ids, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order))
    codes = np.full(len(text), -1, np.int32)
    codes[present] = rank[inverse]
    return codes, text.drop_nulls().gather(first[order]).to_list()


def with_csv(block, layout, places, numbers):
    quoting = csv.QUOTE_MINIMAL if layout.quoted else csv.QUOTE_NONE
    text = io.StringIO(block.decode("utf-8", "replace"))
    with large_cells():
        rows = list(csv.reader(text, delimiter=layout.separator, quoting=quoting))
    columns = dict(enumerate(zip(*rows, strict=True)))

    def values(place):
        cells = columns[place]
        try:
            return np.array([float(cell) if cell.strip() else np.nan for cell in cells])
        except ValueError:
            return np.array(cells, object)

    def words(place):
        return factorized(columns[place])

    def again():
        return {place: words(place) for place in places}

    return _checked(places, numbers, words, values, again, layout)


def _checked(places, numbers, words, values, again, layout):
    """The columns; where one of numbers cannot be so, its words."""
    out, as_text = [], None
    for place in places:
        if place not in numbers:
            out.append(words(place))
            continue
        array = values(place)
        if array.dtype.kind in "iuf":
            array = array.astype(np.float64)
            most = np.nanmax(np.abs(array), initial=0.0)
            if most < (WHOLE if layout.is_whole(place) else np.inf):
                out.append(array)
                continue
        as_text = again() if as_text is None else as_text
        out.append(as_text[place])
    return out
