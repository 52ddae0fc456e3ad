"""In which alphabet a text file is written.

A mark at its beginning says it, or it is UTF-8, which other text hardly ever is by
accident. Else it is guessed: in the right alphabet, letters are those of one language.
"""

import codecs
from itertools import pairwise

from .blocks import BLOCK, LONGEST, opened

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),  # before UTF-16, whose mark it begins by
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
WESTERN = (
    "äöüß", "éèêëàâçîïôùûœæ", "áéíóúñü¿¡", "ãõáéíóúâêôàç", "åæøäöé", "àèéìòù", "ëéïöü",
    "þðáéíóúýæö",
)  # fmt: skip
CENTRAL = (
    "áčďéěíňóřšťúůýž", "ľĺŕôäáčďéíňóšťúýž", "ąćęłńóśźż", "áéíóöőúüű", "ăâîşţ", "čćđšž",
)  # fmt: skip
PUNCTUATION = "–—‘’“”„…€°§£´·«»²³µ½¼±×™©®\N{NO-BREAK SPACE}"
CYRILLIC = ("абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґў",)
GREEK = ("αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ",)
OTHERS = {  # name: (what it is called, alphabets or common lead bytes), likeliest first
    "cp1252": ("Windows-1252 (Western European, Latin-1)", WESTERN),
    "cp1250": ("Windows-1250 (Central European)", CENTRAL),
    "cp1251": ("Windows-1251 (Cyrillic)", CYRILLIC),
    "koi8-r": ("KOI8-R (Cyrillic)", CYRILLIC),
    "cp1253": ("Windows-1253 (Greek)", GREEK),
    "cp932": ("Shift JIS (Japanese)", ((0x82, 0x83), (0x88, 0x97))),
    "euc_jp": ("EUC-JP (Japanese)", ((0xA4, 0xA5), (0xB0, 0xCF))),
    "euc_kr": ("EUC-KR (Korean)", ((0xB0, 0xC8),)),
    "gb18030": ("GB 18030 (Chinese)", ((0xB0, 0xD7),)),
    "big5": ("Big5 (Chinese)", ((0xA4, 0xC6),)),
    "cp866": ("code page 866 (Cyrillic, DOS)", CYRILLIC),
    "mac_roman": ("Mac Roman", WESTERN),
    "cp850": ("code page 850 (Western European, DOS)", WESTERN),
}


def encoding_of(path):
    """(what Python calls it, how bad bytes are read, a sentence or None).

    Goes through the whole file once, but for one with a mark.
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
    if good > bad:  # letters of several bytes: it is UTF-8, but for some of them
        some = "1 byte" if bad == 1 else f"{bad:,} bytes"
        return "utf-8", "replace", f"the text is UTF-8 but for {some}, read as \ufffd"
    name = max(OTHERS, key=lambda name: _plausible(sample, name))
    said = f"the text is not UTF-8; read as {OTHERS[name][0]}, a guess"
    return name, "replace", said


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
    """(bytes that are not UTF-8, letters of several bytes, lines to guess from)."""
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
        beyond = sum(decoded.count(c) for c in set(decoded) if c > "\x7f")
        wrong = sum(decoded.count(chr(c)) for c in range(0xDC80, 0xDD00))
        bad, good = bad + wrong, good + beyond - wrong
        if wrong and sum(map(len, sample)) < 20_000:
            lines = (line for line in text.split(b"\n") if not line.isascii())
            sample += [line[:1000] for line, _ in zip(lines, range(200), strict=False)]
    return bad, good, b"\n".join(sample)


def _plausible(sample, name):
    """How much the sample looks like words in this encoding, the higher the better.

    The share of its characters beyond ASCII that are of one alphabet, or common in
    Chinese, Japanese and Korean by their lead byte; replaced ones count against it.
    """
    text = sample.decode(name, "replace")
    beyond = [c for c in text if c > "\x7f"]
    score = -2.0 * beyond.count("\ufffd") - 1.0 * sum(c < "\xa0" for c in beyond)
    alphabets = OTHERS[name][1]
    if isinstance(alphabets[0], str):
        letters = [c.lower() for c in beyond if c not in PUNCTUATION]
        of_one = max(sum(c in alphabet for c in letters) for alphabet in alphabets)
        of_all = sum(c in "".join(alphabets) for c in letters)
        score += max(of_one, 0.85 * of_all) + 0.8 * (len(beyond) - len(letters))
        for a, b in pairwise(text):
            if a > "\x7f" or b > "\x7f":  # koi8-r turns small letters large
                score -= a.islower() and b.isupper()
                score -= _of_two_scripts(a, b)
    else:
        leads = [c.encode(name)[0] for c in beyond if c != "\ufffd"]
        score += sum(any(a <= lead <= b for a, b in alphabets) for lead in leads)
        kana = any("\u3041" <= c <= "\u30ff" for c in beyond)
        score -= 0.3 * len(beyond) * (name == "euc_jp" and not kana)
    return score / max(len(beyond), 1) - 0.02 * list(OTHERS).index(name)


def _of_two_scripts(a, b):
    """A Cyrillic or Greek letter beside a Latin one."""
    if not (a.isalpha() and b.isalpha()):
        return False
    return (a < "\u0370") != (b < "\u0370")
