"""Steps as JSON and back. What is read is not trusted: the annotations of a step say
what each of its fields may hold, and its `check()`, if it has one, says the rest."""

import math
import types
import typing
from dataclasses import MISSING, fields
from functools import cache

SCALARS = (str, int, float, bool, type(None))


def to_dict(step):
    """A step in JSON's types: {"step": its class, field: value, ...}."""
    values = {field.name: plain(getattr(step, field.name)) for field in fields(step)}
    return {"step": type(step).__name__, **values}


def plain(value):
    """Tuples as lists, NumPy's numbers as Python's."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(v) for v in value]
    return value.item() if hasattr(value, "item") else value


def of_dict(given, where):
    """The step that a dict holds; ValueError: it holds none, and why."""
    known = classes()
    if not isinstance(given, dict):
        raise ValueError(f"{where} is {shown(given)}; expected a step, a JSON object")
    name = given.get("step")
    if not isinstance(name, str) or name not in known:
        raise ValueError(
            f"{where}: its field 'step' is {shown(name)}; it can be one of "
            f"{', '.join(sorted(known))}"
        )
    cls, hints = known[name], hints_of(known[name])
    where = f"{where} ({name})"
    needed = {f.name for f in fields(cls)
              if f.default is MISSING and f.default_factory is MISSING}  # fmt: skip
    names = set(given) - {"step"}
    if needed - names:
        raise ValueError(f"{where}: the field {min(needed - names)!r} is missing")
    if names - set(hints):
        raise ValueError(
            f"{where}: there is no field {min(names - set(hints))!r}; the fields are "
            f"{', '.join(hints)}"
        )
    values = {n: value_of(hints[n], given[n], f"{where}: {n}") for n in sorted(names)}
    step = cls(**values)
    try:
        if hasattr(step, "check"):
            step.check()
        try_out(step)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None
    return step


def try_out(step):
    """Do the step to columns without rows, so that what it cannot do shows now."""
    from .. import table

    for kind in table.KINDS:
        empty = table.empty_column(getattr(step, "column", "x"), kind)
        step.apply(table.Table({empty.name: empty}, 0))


def classes():
    """{name: class} of every step that a recipe can have."""
    from .. import steps

    return {name: getattr(steps, name) for name in steps.__all__}


@cache
def hints_of(cls):
    hints = typing.get_type_hints(cls)
    return {field.name: hints[field.name] for field in fields(cls)}


def value_of(hint, value, where):
    """`value` as the annotation `hint` wants it, or a ValueError."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        if isinstance(value, str) and value in inner:
            return value
        raise wrong(where, value, f"one of {', '.join(map(repr, inner))}")
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in inner:
            return None
        first, *others = [h for h in inner if h is not type(None)]
        lists = [h for h in others if typing.get_origin(h) is tuple]
        return value_of(lists[0] if lists and type(value) is list else first, value,
                        where)  # fmt: skip
    if tuple in (hint, origin):
        if not isinstance(value, list):
            raise wrong(where, value, "a list")
        if inner and inner[-1] is not ... and len(value) != len(inner):
            raise wrong(where, value, f"a list of {len(inner)}")
        of = inner[0] if inner else object
        return tuple(value_of(of, v, f"{where}[{i}]") for i, v in enumerate(value))
    if dict in (hint, origin):
        if not isinstance(value, dict):
            raise wrong(where, value, "an object")
        of = inner[1] if inner else object
        return {k: value_of(of, v, f"{where}[{k!r}]") for k, v in value.items()}
    return scalar(hint, value, where)


def scalar(hint, value, where):
    if hint is object and isinstance(value, SCALARS):
        hint = type(value)
    if hint is float and is_number(value):
        return float(value)
    if hint is int and is_number(value) and value == int(value):
        return int(value)
    if hint in (str, bool, type(None)) and type(value) is hint:
        return value
    raise wrong(where, value, {str: "a text", float: "a finite number",
                               int: "a whole number", bool: "true or false"}.get(
                                   hint, "a text or a number"))  # fmt: skip


def is_number(value):
    try:
        return type(value) in (int, float) and math.isfinite(value)
    except OverflowError:  # an int beyond the largest float
        return False


def wrong(where, value, expected):
    return ValueError(f"{where} is {shown(value)}; expected {expected}")


def shown(value):
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
