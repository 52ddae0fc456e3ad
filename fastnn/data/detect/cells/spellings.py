"""Words that are one category: encoding (mojibake) and category_variants."""

import re
import unicodedata

import numpy as np

from ...finding import Finding
from ...steps import MendEncoding, MergeWords
from ...steps.mojibake import CODECS, mended
from ..look import first_rows, shown
from .near import are_codes, near_pairs

MOST_WORDS = 5_000
BAD = "\ufffd"


def encoding(look):
    """Text that was written in one alphabet and read in another."""
    for column in look.table:
        if column.kind != "text":
            continue
        odd = [
            i
            for i, w in enumerate(column.words)
            if not w.isascii() and column.counts[i]
        ]
        if not odd:
            continue
        codec, spoilt = _codec(column, odd)
        lost = [i for i in odd if BAD in column.words[i]]
        guessed = _guesses(column, lost)
        if not spoilt and not lost:
            continue
        mask = np.zeros(len(column.words) + 1, bool)
        mask[spoilt + lost] = True
        rows = mask[column.values]
        n = int(rows.sum())
        words = [column.words[i] for i in (spoilt + lost)]
        steps = (MendEncoding(column.name, codec),) if spoilt else ()
        if guessed:
            steps = (*steps, MergeWords(column.name, guessed))
        told = [f"{w} is {mended(w, codec) or guessed.get(w, '?')}" for w in words]
        yield Finding(
            "encoding",
            (column.name,),
            "repair" if steps else "warning",
            {
                "n": n,
                "share": n / len(column),
                "examples": shown(words),
                "meant": shown(told),
                "codec": codec if spoilt else None,
                "n_lost": len(lost) - len(guessed),
                "rows": first_rows(rows),
            },
            "One word spoilt in some rows is two categories, and what is learned of "
            "one is lost to the other.",
            f"Read as UTF-8 what was read as {codec}."
            if spoilt
            else f"Put back what the other rows tell: {', '.join(told[:3])}."
            if guessed
            else "Export the table again as UTF-8: the letters are lost here.",
            steps,
        )


def _codec(column, odd):
    """(codec, places of the words that it spoilt): the one that mends most."""
    best, most = "cp1252", []
    for codec in CODECS:
        spoilt = [i for i in odd if mended(column.words[i], codec) is not None]
        common = codec in ("cp1252", "latin-1")
        if not common and (len(spoilt) < 3 and column.counts[spoilt].sum() < 5):
            continue  # one rare word that could be read so by chance
        if len(spoilt) > len(most):
            best, most = codec, spoilt
        if len(most) == len(odd):
            break
    return best, most


def _guesses(column, lost):
    """{word with lost letters: the only word of the column that it can be}."""
    out = {}
    whole = [w for w in column.words if BAD not in w]
    for i in lost[:200]:
        word = column.words[i]
        pattern = re.compile(re.escape(word).replace(BAD, ".{1,2}").replace("�", "."))
        fits = [w for w in whole if not w.isascii() and pattern.fullmatch(w)]
        if len(fits) == 1:
            out[word] = fits[0]
    return out


def category_variants(look):
    """One category in several spellings."""
    for column in look.table:
        if column.kind != "text":
            continue
        held = np.flatnonzero(column.counts)
        if not 2 <= len(held) <= MOST_WORDS:
            continue
        counts = column.counts
        lengths = [len(column.words[i]) for i in held]
        if len(held) > 0.5 * counts.sum() or np.mean(lengths) > 60:
            continue
        spellings, how = _spellings(column, held)
        if not spellings:
            continue
        mask = np.array([w in spellings for w in column.words] + [False])
        rows = mask[column.values]
        n = int(rows.sum())
        pairs = [f"{a!r} for {b!r}" for a, b in spellings.items()]
        yield Finding(
            "category_variants",
            (column.name,),
            "repair",
            {
                "n": n,
                "share": n / len(column),
                "examples": shown(pairs),
                "spellings": dict(list(spellings.items())[:50]),
                "differ_by": sorted(how),
                "rows": first_rows(rows),
            },
            "Each spelling becomes a category of its own, with too few rows to learn "
            "what the category has in common.",
            f"Merge {len(spellings)} spelling{'s' if len(spellings) > 1 else ''} into "
            "the commonest of each.",
            (MergeWords(column.name, spellings),),
        )


def _spellings(column, held):
    """({spelling: the word it stands for}, what they differ by)."""
    groups, how, out = {}, set(), {}
    for i in held:
        groups.setdefault(_key(column.words[i]), []).append(i)
    count = {}
    for key, members in groups.items():
        members.sort(key=lambda i: -column.counts[i])
        count[key] = int(column.counts[members].sum())
        best = column.words[members[0]]
        if len(members) > 1:
            for i in members[1:]:
                out[column.words[i]] = best
                how.add(_difference(column.words[i], best))
    stands = {k: column.words[m[0]] for k, m in groups.items()}
    for wrong, right in near_pairs(count):
        if are_codes(stands[wrong], stands[right]):
            continue
        how.add("typing errors")
        for i in groups[wrong]:
            out[column.words[i]] = stands[right]
    return {a: b for a, b in out.items() if a != b}, how


def _key(word):
    """What stays of a word without case, accents, blanks and punctuation.

    Signs that tell codes apart stay: A+ and A-, C and C++, 1.5 and 15.
    """
    plain = unicodedata.normalize(
        "NFKD", unicodedata.normalize("NFKC", word).casefold()
    )
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    plain = " ".join(plain.split()).translate(ALIKE)
    if sum(c.isalpha() for c in plain) < 3:
        return plain.strip()
    if any(c.isdigit() for c in plain):
        return re.sub(r"(?<![\d])[\s_\-./'’]+|[\s_\-./'’]+(?![\d])", "", plain)
    plain = re.sub(r"[\s_\-./'’‘`´\",;:!?()]+", "", plain)
    return plain or word


ALIKE = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "&": "and"})


def _difference(word, best):
    if word.strip().casefold() == best.strip().casefold():
        return "blanks" if word.strip() == best.strip() else "case"
    bare = [unicodedata.normalize("NFKD", w).casefold() for w in (word, best)]
    bare = ["".join(c for c in w if not unicodedata.combining(c)) for w in bare]
    if bare[0].split() == bare[1].split():
        return "accents" if not (word.isascii() and best.isascii()) else "blanks"
    return "punctuation"
