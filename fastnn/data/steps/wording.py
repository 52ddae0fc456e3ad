"""Steps in words: one line each, for a person who reads a recipe."""

from dataclasses import fields

MOST = 6  # names or words in a line


def of(step):
    """What a step does, in a line."""
    known = WORDS.get(type(step).__name__)
    if known is not None:
        return known(step)
    parts = (f"{f.name} {shown(getattr(step, f.name))}" for f in fields(step))
    return f"{type(step).__name__}: {', '.join(parts)}"


def shown(value):
    """Values with commas, not too many of them."""
    if isinstance(value, dict):
        value = [f"{k} -> {number(v)}" for k, v in value.items()]
    if not isinstance(value, (tuple, list)):
        return number(value)
    some = ", ".join(number(v) for v in value[:MOST])
    return some + (f" and {len(value) - MOST} more" if len(value) > MOST else "")


def number(value):
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def columns(step):
    kinds = [f"{name} ({kind})" for name, kind in step.kinds.items()]
    return f"take {shown(kinds)}"


def as_missing(step):
    return f"{step.column}: no value is {shown((*step.words, *step.numbers))}"


def within(step):
    ends = [f"below {number(step.low)}"] * (step.low is not None)
    ends += [f"above {number(step.high)}"] * (step.high is not None)
    return f"{step.column}: no value is what lies {' or '.join(ends)}"


def rescale(step):
    ends = [f"above {number(step.above)}"] * (step.above is not None)
    ends += [f"below {number(step.below)}"] * (step.below is not None)
    return f"{step.column}: times {number(step.factor)} what is {' and '.join(ends)}"


def date_parts(step):
    return f"{step.column}: {shown(step.parts)}, days since {step.since}"


def numbers(step):
    if set(step.units) == {""}:  # bare numbers only: there is no unit to name
        return f"{step.column}: read as numbers"
    return f"{step.column}: read as numbers, units {shown(step.units)}"


def one_hot(step):
    extra = ["other"] * step.other + ["missing"] * step.missing
    return f"{step.column}: a 0/1 column each for {shown((*step.levels, *extra))}"


def indicators(step):
    return "; ".join(f"{n}: 1 without {shown(c)}" for n, c in step.of.items())


WORDS = {
    "Columns": columns,
    "AsMissing": as_missing,
    "Within": within,
    "MissingDates": lambda s: f"{s.column}: no date is {shown(s.days)}",
    "DatesWithin": lambda s: f"{s.column}: dates from {s.first} to {s.last} are true",
    "MergeWords": lambda s: f"{s.column}: one spelling, {shown(s.spellings)}",
    "ToBoolean": lambda s: f"{s.column}: 1 is {shown(s.true)}; 0 is {shown(s.false)}",
    "ToText": lambda s: f"{s.column}: its numbers are names",
    "ToNumber": numbers,
    "Rescale": rescale,
    "MendEncoding": lambda s: f"{s.column}: UTF-8 that was read as {s.codec}",
    "ToDate": lambda s: f"{s.column}: read as dates, {shown(s.formats)}",
    "Drop": lambda s: f"leave out {shown(s.columns)}",
    "DropWithout": lambda s: f"training rows without {s.column} are left out",
    "DropRepeats": lambda s: "training rows that repeat one above are left out",
    "DropNearRepeats": lambda s: "training rows nearly equal to one above are left out",
    "DropConflicts": lambda s: f"equal training rows with another {s.target} go",
    "Indicator": indicators,
    "Fill": lambda s: f"fill {shown(s.values)}",
    "OneHot": one_hot,
    "Ordinal": lambda s: f"{s.column}: in order, {shown(s.levels)}",
    "Hashed": lambda s: f"{s.column}: hashed into {s.buckets} columns",
    "DateParts": date_parts,
    "SignedLog": lambda s: f"sign(x) log(1 + |x| / unit): {shown(s.units)}",
    "Scale": lambda s: f"(x - mean) / deviation: {shown(tuple(s.moments))}",
}


def to_text(steps):
    """The steps with their numbers, a line each."""
    width = max((len(type(step).__name__) for step in steps), default=0)
    lines = (
        f"{i:3} {type(step).__name__:<{width}}  {of(step)}"
        for i, step in enumerate(steps)
    )
    return "\n".join(lines)
