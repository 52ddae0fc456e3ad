"""Typing errors: rare words one slip away from a common one.

The slips are those of Damerau (1964): a letter too many, too few, another, or two
exchanged. Words are found by their deletions (Garbe's symmetric deletes, 2012): two
words one slip apart have a common form after leaving out at most one letter of each.
"""

import re

ROMAN = re.compile(r"[ivxlc]+")
OPPOSITES = ("un", "in", "im", "ir", "il", "non", "a", "an", "de", "dis", "anti", "ab",
             "nicht", "on", "niet", "ne", "не", "re", "pre", "fe")  # fmt: skip


def near_pairs(count):
    """[(wrong, right), ...] of words whose distance and counts say a typing error.

    count: {word in lower case: rows}. The rarer of the two is wrong, if the other is
    so much commoner as their slip is unlikely: `_needed`.
    """
    words = [w for w in count if len(w) >= 4 and not any(c.isdigit() for c in w)]
    forms = {}
    for word in words:
        for form in _deletions(word):
            forms.setdefault(form, []).append(word)
    right_of, sure, alike = {}, set(), set()
    for near in forms.values():
        if not 1 < len(near) <= 200:
            continue
        near = sorted(set(near), key=lambda w: -count[w])
        for k, wrong in enumerate(near):
            for right in near[:k]:
                needed, kind = _needed(wrong, right)
                if needed is None:
                    continue
                # A few rows more or fewer are chance.
                if count[right] < needed * (1 + 8 / count[right]) * count[wrong]:
                    alike.add((wrong, right))
                    continue
                best = right_of.get(wrong)
                if best is None or count[best] < count[right]:
                    right_of[wrong] = right
                    if kind in ("exchanged", "doubled"):
                        sure.add(wrong)
                break
    # Names one letter apart, both of them common: here a letter tells names apart.
    names = [(a, b) for a, b in alike if a not in right_of and b not in right_of]
    if len(names) >= max(1, len(right_of) - len(sure)):
        right_of = {wrong: right_of[wrong] for wrong in sure}
    pairs = []
    for wrong, right in right_of.items():
        while right in right_of:
            right = right_of[right]
        pairs.append((wrong, right))
    return pairs


def _deletions(word):
    """The word, all forms without one letter and, of long words, without two."""
    once = {word[:i] + word[i + 1 :] for i in range(len(word))}
    out = once | {word}
    if 8 <= len(word) <= 24:
        for form in once:
            out |= {form[:i] + form[i + 1 :] for i in range(len(form))}
    return out


def _needed(wrong, right):
    """(how many times commoner `right` must be for `wrong` to be its typing error, or
    None where no count would say so; the kind of slip)."""
    slips, where, kind = slip(wrong, right)
    shortest = min(len(wrong), len(right))
    if slips == 0 or slips > 2 or (slips == 2 and shortest < 8):
        return None, kind
    longer, shorter = sorted((wrong, right), key=len, reverse=True)
    if longer.endswith(shorter) and longer.removesuffix(shorter) in OPPOSITES:
        return None, kind
    if slips == 2:
        return 15.0, kind
    if kind in ("exchanged", "doubled"):
        return (2.0 if shortest >= 5 else 4.0), kind
    if shortest == 4 or (shortest == 5 and kind == "another") or where == "first":
        return 12.0, kind
    if where == "last":
        return 6.0, kind
    return (4.0 if kind == "another" else 3.0), kind


def are_codes(a, b):
    """Whether two spellings differ only in what numbers a series: Class I and Class II,
    Group A and Group B, typeA and typeB."""
    if (
        a[:-1] == b[:-1]
        and a[-1:].isupper()
        and b[-1:].isupper()
        and a[-2:-1].islower()
    ):
        return True
    x, y = re.findall(r"\w+", a), re.findall(r"\w+", b)
    if len(x) != len(y):
        return False
    parts = [(p, q) for p, q in zip(x, y, strict=True) if p != q]
    return bool(parts) and all(
        max(len(p), len(q)) <= 2 or (_roman(p) and _roman(q)) for p, q in parts
    )


def _roman(word):
    return ROMAN.fullmatch(word.lower()) is not None


def slip(a, b):
    """(slips, where, kind) between two words.

    slips: 1, or 2 for more (not counted further than that: 3). where: "first", "last"
    or "inside". kind: "exchanged", "doubled", "more", "another".
    """
    if a == b:
        return 0, "", ""
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    end = 0
    while end < min(len(a), len(b)) - start and a[-1 - end] == b[-1 - end]:
        end += 1
    x, y = a[start : len(a) - end], b[start : len(b) - end]
    where = "first" if start == 0 else "last" if end == 0 else "inside"
    if len(x) == len(y) == 2 and x == y[::-1]:
        return 1, where, "exchanged"
    if len(x) + len(y) == 1:
        letter = x or y
        around = a if x else b
        twice = around[start - 1 : start] == letter
        return 1, where, "doubled" if twice else "more"
    if len(x) == len(y) == 1:
        return 1, where, "another"
    return (2 if _distance(x, y) <= 2 else 3), where, "several"


def _distance(a, b):
    """The number of slips between two short words (Levenshtein, 1966)."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        above, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (x != y))
    return row[-1]
