"""Archives on disk: named arrays and a JSON header in one .npz file.

    write_archive("m.npz", "network", {"layers": [...]}, {"weights": w, "bias": b})
    header, arrays = read_archive("m.npz", "network")

The file is a zip of .npy entries, uncompressed: `numpy.load("m.npz")["weights"]` reads
it without fastnn, and numpy.load("m.npz")["header"] shows what it is.

Writing is atomic: under its name there is always a whole file, the old or the new one,
whatever happens in between. (A process that is killed while it writes leaves its half
of a file behind, `.fastnn-....tmp`: delete it when nobody writes into that folder.)
Reading trusts nothing: no pickles, no compression (so an
entry cannot be larger than the file it stands in), shapes checked against the bytes
that are there before anything is allocated.
"""

import math
import os

import numpy as np
from numpy.lib import format as npy

from ..ops import checks
from ..output import check_target, path_name, replacing

FORMAT = "fastnn"
VERSION = 1
_RESERVED = ("format", "kind", "version", "arrays")
_USE = {
    "network": "read it with fn.load",
    "checkpoint": "continue it with net.fit(..., resume=...)",
}


def write_archive(path, kind, header, arrays):
    """Write `arrays` and `header` to `path`, which keeps exactly the name given.

    path: a name or path; kind: "network" or "checkpoint"; header: a dict that JSON can
    hold; arrays: a dict of names and arrays of numbers. The same content gives the same
    bytes. Raises ValueError or TypeError for what cannot be stored, OSError when the
    disk refuses; then a file that was there before is still there, unharmed.
    """
    where = "save"
    checks.choice(where, "kind", kind, _USE)
    target = check_target(where, path)
    taken = [name for name in _RESERVED if name in header]
    if taken:
        raise ValueError(f"{where}: the header's name {taken[0]!r} is the format's own")
    entries = {}
    for name, values in arrays.items():
        if not isinstance(name, str) or name in ("", "header") or "\0" in name:
            raise ValueError(f"{where}: {name!r} cannot be the name of an array")
        entries[name] = _numbers(where, name, values)
    import json  # here: `import fastnn` should not wait for it

    # zip has no checksum over its table of contents, so the header repeats it
    own = {"format": FORMAT, "kind": kind, "version": VERSION, "arrays": list(entries)}
    entries = {"header": np.array(json.dumps({**own, **header})), **entries}
    with replacing(target) as file:
        _write_zip(file, entries)


def read_archive(path, kind):
    """Read what `write_archive` wrote: (header, arrays).

    Raises FileNotFoundError when there is no such file, and ValueError, in a sentence,
    when it is damaged, foreign, of another kind, or from a newer fastnn. Nothing in a
    file is ever executed, and no more memory is used than the file is long.
    """
    where = "fit" if kind == "checkpoint" else "load"
    checks.choice(where, "kind", kind, _USE)
    name = path_name(where, path, "resume" if kind == "checkpoint" else "path")
    if not os.path.exists(name):
        raise FileNotFoundError(
            f"{where}: there is no file {name!r}; check the name and the folder "
            f"(this is {os.getcwd()!r})"
        )
    if not os.path.isfile(name):
        raise ValueError(
            f"{where}: {name!r} is not a file; give the name of one that net.save or "
            "fn.Checkpoint wrote"
        )
    import json

    with open(name, "rb") as file:
        try:
            entries = _read_zip(file)
            header = json.loads(str(entries.pop("header")))
            if not isinstance(header, dict) or header.pop("format") != FORMAT:
                raise ValueError("its header is not that of a fastnn file")
            found, version = header.pop("kind"), header.pop("version")
            if not isinstance(found, str) or type(version) is not int or version < 1:
                raise ValueError("its header is not that of a fastnn file")
            if version <= VERSION and header.pop("arrays") != list(entries):
                raise ValueError("its table of contents is wrong")
        # zipfile and NumPy answer a damaged file with a dozen kinds of exception
        except Exception as error:
            raise ValueError(
                f"{where}: {name!r} is damaged or not a file that fastnn wrote "
                f"({_one_line(error)}); save it again, or take an older copy"
            ) from error
    if version > VERSION:
        raise ValueError(
            f"{where}: {name!r} was written by a newer fastnn (format {version}, this "
            f"one reads up to {VERSION}); update fastnn to read it"
        )
    if found != kind:
        use = _USE.get(found, "this fastnn cannot read it")
        raise ValueError(
            f"{where}: {name!r} holds a {_one_line(found)}, not a {kind}; {use}"
        )
    return header, entries


# Writing


def _write_zip(file, entries):
    import zipfile  # here: `import fastnn` should not wait for it

    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, values in entries.items():
            info = zipfile.ZipInfo(f"{name}.npy")  # with a fixed date: same bytes
            with archive.open(info, "w", force_zip64=True) as entry:
                npy.write_array(entry, values, version=(1, 0), allow_pickle=False)


def _numbers(where, name, values):
    values = checks.array(where, name, values)
    if values.dtype.kind not in "biuf" or values.dtype.itemsize > 8:
        raise TypeError(
            f"{where}: the array {name!r} has dtype {values.dtype}; only real numbers "
            "of up to 8 bytes can be stored"
        )
    return values


# Reading


def _read_zip(file):
    """The arrays of an uncompressed zip; any exception means that it is damaged."""
    length = os.fstat(file.fileno()).st_size
    if file.read(4) != b"PK\3\4":
        raise ValueError("it does not begin like a .npz file")
    file.seek(0)
    import zipfile  # here: `import fastnn` should not wait for it

    with zipfile.ZipFile(file) as archive:
        infos = archive.infolist()
        names = [info.filename for info in infos]
        if len(set(names)) < len(names) or not all(n.endswith(".npy") for n in names):
            raise ValueError("its table of contents is wrong")
        for info in infos:
            if info.compress_type != zipfile.ZIP_STORED:
                raise ValueError("its entries are compressed")
            if info.file_size != info.compress_size:
                raise ValueError("its table of contents is wrong")
        if sum(info.file_size for info in infos) > length:
            raise ValueError("its entries are larger than the file")
        return {
            info.filename.removesuffix(".npy"): _read_entry(archive, info)
            for info in infos
        }


def _read_entry(archive, info):
    """One array, once its declared shape fits the bytes that are there."""
    with archive.open(info) as entry:
        if npy.read_magic(entry) != (1, 0):
            raise ValueError("an array has an unknown format")
        shape, _, dtype = npy.read_array_header_1_0(entry)
        is_header = info.filename == "header.npy"
        if is_header and (dtype.kind != "U" or shape != ()):
            raise ValueError("its header is not text")
        if not is_header and (dtype.kind not in "biuf" or dtype.itemsize > 8):
            raise ValueError(f"an array holds {dtype}, not numbers")
        bytes_there = info.file_size - entry.tell()
        if any(n < 0 for n in shape):
            raise ValueError("an array has a negative size")
        if math.prod(shape) * dtype.itemsize != bytes_there:
            raise ValueError("an array is longer or shorter than it declares")
    with archive.open(info) as entry:
        values = npy.read_array(entry, allow_pickle=False)
        if entry.read(1):  # at its end, zipfile has compared the checksum
            raise ValueError("an array is longer than it declares")
    native = values.dtype.newbyteorder("=")
    return np.asarray(values, dtype=native, order="C")


def _one_line(value):
    text = " ".join(str(value).split()) or type(value).__name__
    return text if len(text) <= 100 else text[:97] + "..."
