"""Numbers as people write them: signs, separators, currencies, units.

parts_of("-$1,250.50")              (-1, "1,250.50", "", "$")
float_of("1.250,50", decimal=",")   1250.5
number_of("3.5 kg", units={"kg": 1.0, "g": 0.001})   3.5
"""

import re
import unicodedata

from .units import CURRENCY_OF

MINUS = str.maketrans(dict.fromkeys("−–‒﹣－", "-"))

NUMBER = re.compile(
    r"(?P<bracket>\()?\s*(?P<sign>[+-]?)\s*"
    r"(?P<before>(?:[^\d\s.,()+\-'’]{1,6}\.?)?)\s*(?P<sign_inside>[+-]?)\s*"
    r"(?P<digits>[.,]?\d(?:[\d.,'’\s_]*\d)?[.,]?)(?P<power>[eE][+-]?\d{1,3})?"
    r"\s*(?P<after>(?:[^\d\s.,:;/()+\-'’][^(),:;]{0,20})?)(?P<sign_behind>-?)"
    r"\s*(?(bracket)\))"
)

ABOUT = frozenset(
    [
        "c.",
        "ca.",
        "ca",
        "circa",
        "approx.",
        "approx",
        "about",
        "etwa",
        "rund",
        "env.",
        "około",
        "~",
        "≈",
    ]
)  # c12 and ca12 are names; "ca 12" and "ca. 12" are numbers
PLAIN = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)  # the quick way for most words


def tidy(word):
    """Without blanks around it or the mark of text ('12, as spreadsheets write it),
    with one kind of minus, digit and blank."""
    if not word.isascii():
        word = unicodedata.normalize("NFKC", word).translate(MINUS)
    return word.strip().removeprefix("'")


def parts_of(word):
    """(sign, digits with their separators, power of ten, unit) of a number, or None.

    "(12 %)" -> (-1, "12", "", "%"): brackets are a minus, as bookkeepers write it.
    In front of it only a currency or "about" may stand: A1 is no number.
    A unit on both sides has a blank between: "$1.2M" -> (1, "1.2", "", "$ M").
    """
    word = tidy(word)
    found = NUMBER.fullmatch(word)
    if found is None:
        return None
    before = found["before"].strip()
    apart = before[-1:] in ".~≈" or word[found.end("before")].isspace()
    if before.casefold() in ABOUT and apart:
        before = ""
    before = before.rstrip(".")
    if before and before.casefold() not in CURRENCY_OF:
        return None
    signs = found["sign"] + found["sign_inside"] + found["sign_behind"]
    if len(signs) > 1:
        return None
    minus = found["bracket"] or signs == "-"
    sides = (before, found["after"].strip().rstrip("."))
    unit = " ".join(side for side in sides if side)
    return -1 if minus else 1, found["digits"], found["power"] or "", unit


def float_of(digits, decimal="."):
    """The float of digits with their separators, or None.

    decimal: the mark between ones and tenths.
        "."   1,234.5         ","   1.234,5
        ".,"  also a comma, where it cannot part thousands: 1,5 is 1.5, 1,234 is 1234
        ",."  also a point, where it cannot: 1.5 is 1.5, 1.234 is 1234
        "either"  one point or comma alone is always the mark: 1,234 is 1.234
    What else stands between digits in threes (or as in 12,34,567) is left out.
    """
    if digits.isdigit():
        return float(digits)
    mark = _mark(digits, decimal)
    whole, _, rest = digits.rpartition(mark) if mark else (digits, "", "")
    if mark and mark in whole:
        return None
    groups = re.split(r"[.,'’\s_]", whole)
    if rest and not rest.isdigit():
        return None
    if len(groups) > 1:
        middle = {len(group) for group in groups[1:-1]}
        if len(groups[-1]) != 3 or not 1 <= len(groups[0]) <= 3:
            return None
        if middle not in (set(), {3}, {2}):
            return None
    return float(f"{''.join(groups) or '0'}.{rest or '0'}")


def _mark(digits, decimal):
    """The decimal mark in these digits: ".", "," or None."""
    points, commas = digits.count("."), digits.count(",")
    if decimal in (".", ","):
        return decimal if decimal in digits else None
    if points and commas:
        last = "." if digits.rfind(".") > digits.rfind(",") else ","
        return last
    if points + commas != 1:
        return None
    mark = "." if points else ","
    if decimal == "either" or mark == decimal[0]:
        return mark
    whole, _, rest = digits.partition(mark)
    thousands = len(rest) == 3 and 1 <= len(whole) <= 3 and whole != "0"
    return None if thousands else mark


def number_of(word, decimal=".", units=None):
    """The float that a word is, or None.

    units: {unit: factor} or {unit: [factor, offset]}, value = number * factor + offset;
    None: any unit, as 1. A unit is looked up as written, then in lower case.
    """
    if decimal != "," and decimal != ",." and PLAIN.fullmatch(word):
        factor = 1.0 if units is None else units.get("")
        if isinstance(factor, (int, float)):
            return float(word) * factor
    parts = parts_of(word)
    if parts is None:
        return None
    sign, digits, power, unit = parts
    factor = 1.0
    if units is not None:
        factor = units.get(unit, units.get(unit.casefold()))
    number = float_of(digits, decimal)
    if factor is None or number is None:
        return None
    number = float(f"{sign * number!r}{power}") if power else sign * number
    if isinstance(factor, (int, float)):
        return number * factor
    return number * factor[0] + factor[1]
