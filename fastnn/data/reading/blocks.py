"""A text file as blocks of UTF-8 that end where a line ends, in whatever alphabet.

    how, said = encoding_of(path)
    for block in blocks(path, how): ...     bytes; line ends are "\\n", no BOM

Nothing is held but one block, so a file may be larger than the memory.
"""

import codecs
import gzip
import io
import zlib

BLOCK = 1 << 23  # bytes read at a time
LONGEST = 1 << 26  # bytes of one row; more is no table
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8 with a byte order mark"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),  # before UTF-16, whose mark it begins by
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
OTHERS = {  # what text is tried as when it is not UTF-8, the likeliest first
    "cp1252": "Windows-1252 (Western European, Latin-1)",
    "cp1250": "Windows-1250 (Central European)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "koi8-r": "KOI8-R (Cyrillic)",
    "cp1253": "Windows-1253 (Greek)",
    "cp932": "Shift JIS (Japanese)",
    "euc_jp": "EUC-JP (Japanese)",
    "gb18030": "GB 18030 (Chinese)",
    "big5": "Big5 (Chinese)",
    "euc_kr": "EUC-KR (Korean)",
    "mac_roman": "Mac Roman",
    "cp850": "code page 850 (DOS)",
}


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


def encoding_of(path):
    """(what Python calls it, how bad bytes are read, a sentence or None).

    Looks at the whole file once where it is not plain UTF-8 from the start.
    """
    with opened(path) as file:
        head = file.read(4)
        for mark, name, spoken in BOMS:
            if head.startswith(mark):
                said = None if name == "utf-8-sig" else f"the text is {spoken}"
                return name, "replace", said
        head += file.read(BLOCK)
        name = _without_a_mark(head)
        if name:
            return name, "replace", f"the text is {name.upper()} without a mark"
        bad, good, sample = _broken(head, file)
    if not bad:
        return "utf-8", "strict", None
    if good > bad:  # letters of several bytes: UTF-8, but for some of them
        s = "" if bad == 1 else "s"
        return "utf-8", "replace", (
            f"the text is UTF-8 but for {bad:,} byte{s}, read as \N{REPLACEMENT CHARACTER}"
        )  # fmt: skip
    name = max(OTHERS, key=lambda name: _plausible(sample, name))
    return name, "replace", f"the text is not UTF-8; read as {OTHERS[name]}, a guess"


def _without_a_mark(head):
    """UTF-16 of mostly Latin text has a zero in every other byte."""
    pairs = len(head) // 2
    if pairs < 2:
        return None
    zeros = head[0 : 2 * pairs : 2].count(0), head[1 : 2 * pairs : 2].count(0)
    if max(zeros) < 0.4 * pairs or min(zeros) > 0.02 * pairs:
        return None
    name = "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
    try:
        head[: 2 * pairs - 2].decode(name)
    except UnicodeDecodeError:
        return None
    return name


def _broken(head, file):
    """(bytes that are not UTF-8, letters of several bytes, the lines around both)."""
    bad = good = 0
    sample, rest = [], b""
    while head:
        text = rest + head
        cut = text.rfind(b"\n") + 1 or (0 if len(text) < LONGEST else len(text))
        text, rest = text[:cut], text[cut:]
        head = file.read(BLOCK)
        if not head:
            text, rest = text + rest, b""
        if text.isascii():
            continue
        decoded = text.decode("utf-8", "surrogateescape")
        letters = sum(map(decoded.count, _beyond_ascii(decoded)))
        wrong = sum(decoded.count(chr(c)) for c in range(0xDC80, 0xDD00))
        bad, good = bad + wrong, good + letters - wrong
        if wrong and sum(map(len, sample)) < 100_000:
            lines = (line for line in text.split(b"\n") if not line.isascii())
            sample += [line[:1000] for line, _ in zip(lines, range(200), strict=False)]
    return bad, good, b"\n".join(sample)


def _beyond_ascii(text):
    return {c for c in set(text) if c > "\x7f"}


def _plausible(sample, name):
    """How much the sample looks like words in this encoding, the higher the better.

    Letters beside letters of their own script count for it; signs in words, capitals
    after small letters, and characters that the encoding does not have, against it.
    """
    text = sample.decode(name, "replace")
    scripts = [_script(c) for c in text]
    score = n = 0
    for before, now, last, c in zip(
        ["", *scripts], scripts, ["", *text], text, strict=False
    ):
        if c < "\x80":
            continue
        n += 1
        if now == "":
            score -= 3 if c == "\ufffd" or c < "\xa0" else 1
        elif before in ("", now) or {before, now} <= {"latin", "accented", "other"}:
            strange = now == "other" or (c.isupper() and last.islower())
            score += -1 if strange else 1
        else:
            score -= 2
    return score / max(n, 1) - 0.02 * list(OTHERS).index(name)


def _script(c):
    """A name for the letters that stand together in words; "" for what is no letter."""
    if not c.isalpha():
        return ""
    if c < "\x80":
        return "latin"
    if c in "äöüßéèêëàâáãåæøçñíìîïóòôõúùûœÄÖÜÉÅØąćęłńśźżščřžěůýťďňőűĄŁŚŻŠČŘŽ":
        return "accented"
    for first, last, name in (
        ("\u0370", "\u03ff", "greek"), ("\u0410", "\u0451", "cyrillic"),
        ("\u3040", "\u30ff", "cjk"), ("\u4e00", "\u9fff", "cjk"),
        ("\uac00", "\ud7a3", "hangul"),
    ):  # fmt: skip
        if first <= c <= last:
            return name
    return "other"


def blocks(path, encoding, errors="strict"):
    """UTF-8 in parts of some megabytes, each ending behind a line's end.

    "\\r\\n" and "\\r" become "\\n". ValueError: zeros in it, which no text has, or a line
    that never ends.
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
