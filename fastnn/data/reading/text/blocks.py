"""A text file as blocks of UTF-8 that end where a line ends, in whatever alphabet.

Nothing is held but one block, so a file may be larger than the memory.
"""

import codecs
import gzip
import io
import zlib

BLOCK = 1 << 23  # bytes read at a time
LONGEST = 1 << 26  # bytes of one row; more is no table


def opened(path):
    """The file's bytes as a stream; what is packed by gzip is unpacked."""
    file = open(path, "rb")  # noqa: SIM115  (the caller closes it)
    packed = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    return Unpacked(file) if packed else file


class Unpacked(gzip.GzipFile):
    """gzip whose errors are ValueErrors of one sentence."""

    def __init__(self, file):
        super().__init__(fileobj=file, mode="rb")
        self.below = file

    def read(self, size=-1):
        try:
            return super().read(size)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise ValueError(
                f"the gzip file is damaged ({error}); pack it again"
            ) from None

    def close(self):
        super().close()
        self.below.close()


def blocks(path, encoding, errors="strict"):
    """UTF-8 in parts of some megabytes, each ending behind a line's end.

    "\\r\\n" and "\\r" become "\\n". ValueError: there are zeros in it, which no text
    has, or a line never ends.
    """
    decode = codecs.getincrementaldecoder(encoding)(errors)
    ends = io.IncrementalNewlineDecoder(None, translate=True)
    rest = b""
    with opened(path) as file:
        while True:
            read = file.read(BLOCK)
            text = ends.decode(decode.decode(read, not read), not read)
            part = rest + text.encode("utf-8", "replace")
            if b"\0" in part:
                raise ValueError(
                    "there are zero bytes in it, so it is not a text file; a table is "
                    "CSV, TSV, Parquet, JSON or Excel here"
                )
            if not read:
                if part:
                    yield part
                return
            cut = part.rfind(b"\n") + 1
            rest = part[cut:]
            if len(rest) > LONGEST:
                raise ValueError(
                    f"a line is longer than {LONGEST >> 20} MB, so it is not a table"
                )
            if cut:
                yield part[:cut]
