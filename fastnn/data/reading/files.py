"""A path as a Table: what the file is, and who reads it."""

import difflib
import errno
import os
import stat

from . import parquet, records, stored
from .text import blocks, delimited

REFUSED = {  # by how the file begins, or by its name
    b"\x80\x02": "a pickle, which could run code when it is read",
    b"\x80\x03": "a pickle, which could run code when it is read",
    b"\x80\x04": "a pickle, which could run code when it is read",
    b"\x80\x05": "a pickle, which could run code when it is read",
    b"%PDF": "a PDF document",
    b"SQLite format 3": "an SQLite database",
    b"\x89HDF": "an HDF5 file",
    b"ARROW1": "an Arrow file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"\x7fELF": "a program",
    b"{\\rtf": "a text document",
    b"<?xml": "XML",
    b"<!DOCTYPE": "a web page",
    b"<html": "a web page",
    b"version https://git-lfs": "a pointer of Git LFS, not the file itself",
    ".pkl": "a pickle, which could run code when it is read",
    ".pickle": "a pickle, which could run code when it is read",
    ".joblib": "a pickle, which could run code when it is read",
    ".npz": "several arrays in one file, not a table",
    ".feather": "an Arrow file",
    ".arrow": "an Arrow file",
    ".h5": "an HDF5 file",
    ".rds": "a file of R",
    ".rda": "a file of R",
    ".sav": "a file of SPSS",
    ".dta": "a file of Stata",
    ".sas7bdat": "a file of SAS",
}
EXCEL = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")
OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
INSTEAD = "save the table as CSV or Parquet"


def read(path, sample=None, seed=0, progress=None):
    """A Table of a file. ValueError, OSError, ImportError: why not, in a sentence."""
    path = os.fsdecode(path)
    size = _checked_size(path)
    source = os.path.basename(path)
    tell = Told(progress, 2 * size, f"reading {source}")
    try:
        table = _reader(path)(path, source, sample, seed, tell)
    except MemoryError:
        raise ValueError(f"{path}: there is not enough memory for this table") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path}: the text changes its alphabet midway") from None
    except ValueError as error:
        raise ValueError(f"{path}: {' '.join(str(error).split())[:400]}") from None
    tell(tell.total)
    return table


class Told:
    """Adds up how many bytes are done and tells the share, if anybody listens."""

    def __init__(self, progress, total, what):
        self.progress, self.total, self.what = progress, max(total, 1), what
        self.done = 0

    def __call__(self, n):
        self.done += n
        if self.progress:
            self.progress(min(self.done / self.total, 1.0), self.what)


def _checked_size(path):
    """The size of a file that can be read. OSError: there is none."""
    try:
        about = os.stat(path)
    except FileNotFoundError:
        folder = os.path.dirname(path) or "."
        there = os.listdir(folder) if os.path.isdir(folder) else []
        near = difflib.get_close_matches(os.path.basename(path), there, 1)
        hint = f"; is {near[0]!r} meant?" if near else ""
        url = "; fastnn does not read from the network" if "://" in path else ""
        message = f"there is no such file{hint or url}"
        raise FileNotFoundError(errno.ENOENT, message, path) from None
    except ValueError as error:  # a zero in the name
        raise ValueError(f"{path!r} is not the name of a file ({error})") from None
    if stat.S_ISDIR(about.st_mode):
        message = "this is a folder; name one file in it"
        raise IsADirectoryError(errno.EISDIR, message, path)
    if not stat.S_ISREG(about.st_mode):
        message = "this is not a regular file; write what it gives into one first"
        raise OSError(errno.EINVAL, message, path)
    return about.st_size


def _reader(path):
    """read(path, source, sample, seed, tell) for what the file holds."""
    with open(path, "rb") as file:
        outer = file.read(16)
    with blocks.opened(path) as file:
        head = file.read(512)
    if not head:
        raise ValueError("the file is empty")
    name = path.lower().removesuffix(".gz")
    ending = os.path.splitext(name)[1]
    for sign, what in REFUSED.items():
        if head.startswith(sign) if isinstance(sign, bytes) else ending == sign:
            raise ValueError(f"this is {what}; {INSTEAD}")
    packed = outer.startswith(b"\x1f\x8b")
    for sign, kind, reader in (
        (b"PAR1", "Parquet", parquet.read),
        (b"\x93NUMPY", "NumPy", stored.npy),
        (b"PK\x03\x04", "Excel", stored.excel),
        (OLD_EXCEL, "Excel", stored.excel),
    ):
        if not head.startswith(sign):
            continue
        if packed:
            raise ValueError(f"this is {kind} packed by gzip; unpack it first")
        if kind == "Excel" and ending not in EXCEL and not stored.is_excel(path):
            raise ValueError("this is a zip archive; unpack it and name one file in it")
        return reader
    if ending in (".parquet", ".pq", ".npy", *EXCEL):
        raise ValueError(f"the name ends with {ending!r}, but this is no such file")
    first = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if ending in (".jsonl", ".ndjson"):
        return _json(lines=True)
    if ending == ".json" or (
        first in b"[{" and first and ending not in (".csv", ".tsv")
    ):
        return _json(lines=first == b"{" and _has_lines(path))
    return delimited.read


def _json(lines):
    return lambda *arguments: records.read(*arguments, lines=lines)


def _has_lines(path):
    """Whether a JSON file is rather one object a line."""
    with blocks.opened(path) as file:
        first = file.readline(1 << 24).strip()
        second = file.readline(1 << 24).strip()
    return first.endswith(b"}") and second.startswith(b"{")
