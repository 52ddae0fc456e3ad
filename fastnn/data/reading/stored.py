"""Files that hold a table with types: Excel, .npy."""

import warnings
import zipfile
from dataclasses import replace

import numpy as np

from . import arrays
from .first_row import is_data

HEAD = 200  # rows that tell whether the first of them holds names

# --- Excel ---------------------------------------------------------------------------


def is_excel(path):
    """Whether a zip archive is a workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any(
                name in ("xl/workbook.xml", "xl/workbook.bin", "content.xml")
                for name in archive.namelist()
            )
    except (zipfile.BadZipFile, OSError, ValueError):
        return False


def excel(path, source, sample, seed, tell):
    """A Table of the first sheet that holds something; formulas are not computed."""
    try:
        name, others, rows = _sheet(path)
    except ImportError:
        raise
    except Exception as error:
        # the libraries raise what their XML and zip readers raise
        raise ValueError(f"this workbook cannot be read ({error})") from None
    said = [f"sheet {name!r} of {1 + others}"] if others else []
    rows = [list(map(_cell, row)) for row in rows]
    filled = [i for i, row in enumerate(rows) if any(c is not None for c in row)]
    if not filled:
        raise ValueError("there is nothing in any sheet of this workbook")
    width = max(
        max((j + 1 for j, c in enumerate(rows[i]) if c is not None)) for i in filled
    )
    rows = [[*rows[i], *[None] * width][:width] for i in filled]
    while len(rows) > 1 and width > 2 and sum(c is not None for c in rows[0]) == 1:
        (title,) = (arrays.as_text(cell) for cell in rows.pop(0) if cell is not None)
        said.append(f"the line {title!r:.80} above the header left out")
    names = list(map(_word, rows[0]))
    if is_data(names, [list(map(_word, row)) for row in rows[1:HEAD]]):
        said.append("the first line has values where names are expected: it is read "
                    "as a row, and the columns are called column 1, ...")  # fmt: skip
        names = [f"column {j + 1}" for j in range(width)]
    else:
        del rows[0]
    if not rows:
        raise ValueError("there are no rows below the header")
    tell(2 * tell.total)
    columns = list(zip(*rows, strict=True))
    return arrays.of_columns(names, columns, sample, seed, source, said)


def _word(cell):
    return "" if cell is None else arrays.as_text(cell)


def _cell(value):
    """Excel keeps 1 as 1.0, and an empty cell as an empty text."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return None if isinstance(value, str) and not value.strip() else value


def _sheet(path):
    """(name, how many other sheets there are, rows of Python values)."""
    try:
        from python_calamine import CalamineWorkbook
    except ImportError:
        return _by_openpyxl(path)
    book = CalamineWorkbook.from_path(path)
    for name in book.sheet_names:
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=True)
        if rows:
            return name, len(book.sheet_names) - 1, rows
    return "", 0, []


def _by_openpyxl(path):
    try:
        import openpyxl
    except ImportError:
        raise ImportError(
            f"{path}: Excel is read by python-calamine or openpyxl, and neither is "
            'installed; pip install "fastnn[excel]"'
        ) from None
    if not zipfile.is_zipfile(path) or path.lower().endswith((".ods", ".xlsb")):
        raise ImportError(
            f"{path}: openpyxl reads .xlsx only; for other workbooks "
            'pip install "fastnn[excel]"'
        )
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        for sheet in book.worksheets:
            rows = [list(row) for row in sheet.iter_rows(values_only=True)]
            if any(cell is not None for row in rows for cell in row):
                return sheet.title, len(book.worksheets) - 1, rows
    finally:
        book.close()
    return "", 0, []


# --- NumPy ---------------------------------------------------------------------------


def npy(path, source, sample, seed, tell):
    """A Table of an array in a file; objects, which could run code, are refused."""
    try:
        with warnings.catch_warnings(action="ignore"):  # of files of Python 2
            array = np.load(path, mmap_mode="r", allow_pickle=False)
    except Exception as error:  # Python's own parser reads the header
        if "pickle" in str(error) or "object" in str(error).lower():
            raise ValueError(
                "the array holds Python objects, and reading them could run code; "
                "save it as CSV"
            ) from None
        raise ValueError(f"this is not a whole .npy file ({error})") from None
    tell(2 * tell.total)
    if array.ndim == 0:
        raise ValueError("the array holds one value; a table has rows and columns")
    table = arrays.of_arrays(np.asarray(array), sample, seed)
    return replace(table, source=source)
