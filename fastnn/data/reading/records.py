"""Lists of dicts, JSON and JSON lines as a Table."""

import json
from dataclasses import replace

import numpy as np

from . import arrays
from .names import check_width
from .sampling import chosen_rows
from .text import blocks, encodings


def of_dicts(source, sample=None, seed=0, name="table", said=()):
    """A Table of a list of dicts, one a row; None: it is none.

    A name that a row does not have is a cell without a value.
    """
    if not isinstance(source, (list, tuple)) or not source:
        return None
    if not all(isinstance(row, dict) for row in source):
        return None
    names = list(dict.fromkeys(name for row in source for name in row))
    check_width(len(names))
    columns = [[row.get(name) for row in source] for name in names]
    return arrays.of_columns(names, columns, sample, seed, name, said)


def read(path, source, sample, seed, tell, lines):
    """A Table of a JSON file; lines: of JSON lines, of which those chosen are parsed.

    ValueError: it is not JSON, or holds no table.
    """
    encoding, errors, said = encodings.encoding_of(path)
    said = [said] if said else []
    parts = blocks.blocks(path, encoding, errors)
    if lines:
        return _of_lines(parts, source, sample, seed, tell, said)
    text = b"".join(parts).decode()
    if tell:
        tell(len(text))
    if not text.strip():
        raise ValueError("the file is empty")
    return _of_value(_parsed(text, None), source, sample, seed, said)


def _parsed(text, line):
    where = "" if line is None else f"line {line} "
    try:
        return json.loads(text, parse_constant=lambda word: None)
    except RecursionError:
        raise ValueError(f"{where or 'it '}is nested too deeply for a table") from None
    except ValueError as error:
        raise ValueError(f"{where or 'it '}is not JSON ({error})") from None


def _of_lines(parts, source, sample, seed, tell, said):
    lines = []
    for part in parts:
        lines += part.split(b"\n")[:-1] if part.endswith(b"\n") else part.split(b"\n")
        if tell:
            tell(2 * len(part))
    numbered = [(i, line) for i, line in enumerate(lines, 1) if line.strip()]
    if not numbered:
        raise ValueError("the file is empty")
    first = _parsed(numbered[0][1], numbered[0][0])
    width = len(first) if isinstance(first, dict) else 1
    chosen, sampled = chosen_rows(len(numbered), width, sample, seed)
    picked = numbered if chosen is None else [numbered[row] for row in chosen]
    rows = [_parsed(line, i) for i, line in picked]
    other = next((i for (i, _), row in zip(picked, rows, strict=True)
                  if not isinstance(row, dict)), None)  # fmt: skip
    if other is not None and len(rows) == 1:
        return _of_value(rows[0], source, sample, seed, said)
    if other is not None:
        raise ValueError(f"line {other} is no object with names, as a row needs")
    table = of_dicts(rows, np.inf, seed, source, [*said, *sampled])
    return replace(table, n_source_rows=len(numbered))


def _of_value(value, source, sample, seed, said):
    """A list of objects or of lists, or an object of columns."""
    if isinstance(value, dict):
        tables = [k for k, v in value.items() if isinstance(v, list) and v
                  and all(isinstance(row, dict) for row in v)]  # fmt: skip
        if len(tables) == 1:
            said = [*said, f"the rows are those of {tables[0]!r}"]
            value = value[tables[0]]
        elif value and all(isinstance(v, dict) for v in value.values()):
            rows = dict.fromkeys(row for column in value.values() for row in column)
            value = {k: [v.get(row) for row in rows] for k, v in value.items()}
    if isinstance(value, list) and all(isinstance(row, dict) for row in value):
        table = of_dicts(value, sample, seed, source, said)
        if table is not None:
            return table
    columns = value
    if isinstance(value, list) and value and all(isinstance(r, list) for r in value):
        return arrays.of_rows(value, sample, seed, source, said)
    if isinstance(columns, dict) and columns and all(
        isinstance(v, list) for v in columns.values()
    ):  # fmt: skip
        return arrays.of_columns(
            list(columns), list(columns.values()), sample, seed, source, said
        )
    raise ValueError(
        "there is no table in this JSON; expected a list of objects, one a row, or an "
        "object with a list for each column"
    )
