"""CSV and its kin as a Table."""

import numpy as np

from ...table import Column, Table
from ..cells import Words
from ..sampling import chosen_rows
from . import blocks, encodings, readers
from .survey import blocks_of, survey


def read(path, source, sample, seed, tell):
    """A Table of a text file.

    tell(bytes): called while the file is gone through, about twice.
    """
    encoding, errors, said = encodings.encoding_of(path)

    def parts():
        return blocks.blocks(path, encoding, errors)

    form = survey(parts, tell)
    said = ([said] if said else []) + form.said
    if not form.n_rows:
        raise ValueError("there are no rows below the header")
    rows, sampled = chosen_rows(form.n_rows, form.width, sample, seed)
    chosen = None
    if rows is not None:
        chosen = np.zeros(form.n_rows, bool)
        chosen[rows] = True
    columns = _columns(parts, form, chosen, tell)
    n_rows = form.n_rows if rows is None else len(rows)
    for name in form.unnamed:  # lines that end with a separator make such columns
        if columns[name].n_missing == n_rows:
            del columns[name]
            said.append(f"{name!r} has neither a name nor a value and is left out")
    said += sampled
    return Table(columns, n_rows, source, tuple(said), form.n_rows)


def _columns(parts, form, chosen, tell):
    """{name: Column}. What looks like numbers and is none is read again, as words."""
    read = readers.reader()
    places = list(range(form.width))
    numbers = {place for place in places if form.is_number(place)}
    out = {}
    while places:
        gathered = {place: [] if place in numbers else Words() for place in places}
        failed = set()
        for block in blocks_of(parts, form, chosen):
            wanted = [place for place in places if place not in failed]
            if not wanted:
                break
            found = read(block, form, wanted, numbers)
            for place, cells in zip(wanted, found, strict=True):
                if place not in numbers:
                    gathered[place].add(*cells)
                elif isinstance(cells, tuple):
                    failed.add(place)
                else:
                    gathered[place].append(cells)
            if tell:
                tell(len(block))
        for place in sorted(set(places) - failed):
            name, cells = form.names[place], gathered.pop(place)
            if place not in numbers:
                out[place] = cells.column(name)
                continue
            out[place] = Column(
                name, "number", np.concatenate(cells), whole=form.is_whole(place)
            )
        places, numbers = sorted(failed), set()
    return {form.names[place]: out[place] for place in range(form.width)}
