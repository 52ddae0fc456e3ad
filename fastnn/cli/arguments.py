"""What argparse turns the text of an argument into.

An ArgumentTypeError is told as it is.
"""

from argparse import ArgumentTypeError


def names(text):
    return [name.strip() for name in text.split(",") if name.strip()]


def rule(text):
    kind, _, column = text.partition(":")
    if column and kind in ("group", "time"):
        return kind, column
    if text in ("auto", "random", "stratified"):
        return text
    meant = "auto, random, stratified, group:COL or time:COL"
    raise ArgumentTypeError(f"{text!r} is not {meant}")


def expect(meant, convert, fits, text):
    """convert(text) if it can be converted and fits; else the sentence to tell."""
    try:
        value = convert(text)
        if fits(value):
            return value
    except ValueError:
        pass
    raise ArgumentTypeError(f"{text!r} is not {meant}")


def widths(text):
    def convert(text):
        return [int(width) for width in text.split(",")]

    def fits(values):
        return values == [0] or min(values) >= 1

    meant = "whole numbers of at least 1 with commas, such as 64,32, or 0 for none"
    values = expect(meant, convert, fits, text)
    return [] if values == [0] else values


def whole(text):
    meant = "a whole number from 0 to 2**63 - 1"
    return expect(meant, int, lambda value: 0 <= value < 2**63, text)


def positive(text):
    meant = "a whole number of at least 1"
    return expect(meant, int, lambda value: value >= 1, text)


def fraction(text):
    meant = "a number from 0 to below 1"
    return expect(meant, float, lambda value: 0 <= value < 1, text)


def rate(text):
    meant = "a finite number above 0"
    return expect(meant, float, lambda value: 0 < value < float("inf"), text)
