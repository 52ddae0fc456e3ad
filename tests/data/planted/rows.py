"""Defects of columns, rows and targets: each function plants one kind into a Draft."""

import numpy as np

from . import words
from .base import of_levels, significant


def constant(draft, share):
    rng = draft.rng
    value = [0.0, 7, "EUR", True][rng.integers(4)]
    values = np.full(draft.n, value, object if isinstance(value, str) else None)
    draft.note("constant", [draft_add(draft, "category", values)])


def draft_add(draft, role, values):
    name = draft.add(role, values)
    draft.touched.add(name)
    return name


def near_constant(draft, share):
    """All but a few rows: 3 of them, or 0.3 to 0.8 percent."""
    rng = draft.rng
    k = max(3, round(rng.uniform(0.003, 0.008) * draft.n))
    rows = rng.choice(draft.n, k, replace=False)
    if rng.random() < 0.5:
        values = np.full(draft.n, "standard", object)
        values[rows] = "special"
    else:
        values = np.zeros(draft.n)
        values[rows] = rng.choice([1.0, 2.0], k)
    name = draft_add(draft, "category", values)
    draft.note("near_constant", [name], others=k)


def duplicate_column(draft, share):
    """A copy, or a category written in other words."""
    rng = draft.rng
    recoded = rng.random() < 0.3
    source = draft.take("category") if recoded else draft.take(
        "number", "money", "category", "count", "percent"
    )  # fmt: skip
    values = draft.columns[source].copy()
    if recoded:
        levels = list(dict.fromkeys(values.tolist()))
        letters = {w: f"{i + 1:02d}/{chr(75 + i)}" for i, w in enumerate(levels)}
        values = np.array([letters[v] for v in values], object)
    name = draft_add(draft, "category", values)
    draft.note("duplicate_column", [source, name], recoded=recoded)


def identifier(draft, share):
    rng, n = draft.rng, draft.n
    way = str(rng.choice(["running", "shuffled", "code", "hexadecimal"]))
    start = int(rng.choice([0, 1, 1000, 500000]))
    values = {
        "running": lambda: np.arange(start, start + n),
        "shuffled": lambda: rng.permutation(3 * n)[:n] + 10 * n,
        "code": lambda: [f"C-{i:07d}" for i in rng.permutation(9 * n)[:n]],
        "hexadecimal": lambda: [rng.bytes(8).hex() for _ in range(n)],
    }[way]()
    if isinstance(values, list):
        values = np.array(values, object)
    draft.note("identifier", [draft_add(draft, "id", values)], way=way)


def free_text(draft, share):
    rng = draft.rng
    values = [words.phrase(rng, draft.language) for _ in range(draft.n)]
    draft.note("free_text", [draft_add(draft, "text", np.array(values, object))])


def high_cardinality(draft, share):
    """Levels with 3 to 12 rows each, at least 60 of them."""
    rng, n = draft.rng, draft.n
    n_levels = max(60, int(n / rng.uniform(5, 10)))
    levels = np.array(words.invented(rng, n_levels), object)
    values = levels[rng.integers(0, n_levels, n)]
    name = draft_add(draft, "category", values)
    draft.note("high_cardinality", [name], levels=n_levels)


def rare_levels(draft, share):
    """A category with 5 to 16 levels of 1 to 3 rows."""
    rng, n = draft.rng, draft.n
    values = of_levels(rng, n, ["Berlin", "Madrid", "Lisboa", "Oslo"])[0]
    wanted = max(5, int(np.ceil(0.01 * n)))
    levels = (
        words.RARE if wanted < 30 else words.RARE + words.invented(rng, wanted // 2)
    )
    rows = rng.permutation(n)[:wanted]
    values[rows] = [levels[i // 3 if wanted > 12 else i] for i in range(wanted)]
    name = draft_add(draft, "category", values)
    draft.note("rare_levels", [name], n=wanted, levels=len(set(values[rows])))


def insert(draft, rows, change):
    """Copies of some rows, changed by change(name, values (k,)), among the others."""
    order = draft.rng.permutation(draft.n + len(rows))
    for name, values in draft.columns.items():
        copies = change(name, values[rows].copy())
        draft.columns[name] = np.concatenate([values, copies])[order]
    draft.n += len(rows)
    draft.used = np.concatenate([used(draft), np.ones(len(rows), bool)])[order]


def used(draft):
    """(n,) bool: rows that were copied, or are copies."""
    if getattr(draft, "used", None) is None or len(draft.used) != draft.n:
        draft.used = np.zeros(draft.n, bool)
    return draft.used


def unused_rows(draft, share, least=5):
    rows = draft.rng.permutation(np.flatnonzero(~used(draft)))
    rows = rows[: max(least, round(share * draft.n))]
    draft.used[rows] = True
    return rows


def renamed(draft, name, values):
    """Copies that are not exact have a number or a name of their own."""
    if draft.roles[name] != "id":
        return values
    if values.dtype == object:
        return np.array([f"{v}9" for v in values], object)
    taken = draft.columns[name]
    free = np.setdiff1d(np.arange(taken.min(), taken.max()), taken)
    if len(free) >= len(values):  # drawn as the others were
        return draft.rng.choice(free, len(values), replace=False)
    return taken.max() + 1 + np.arange(len(values))


def duplicate_rows(draft, share):
    rows = unused_rows(draft, share)
    insert(draft, rows, lambda name, values: values)
    draft.note("duplicate_rows", [], n=len(rows))


def near_duplicate_rows(draft, share):
    """Copies with one or two numbers changed in the last places."""
    rng = draft.rng
    names = [k for k, role in draft.roles.items()
             if role == "number" and draft.columns[k].dtype.kind == "f"
             and k != draft.target]  # fmt: skip
    if not names:
        names = [draft.fresh("number")]
    chosen = rng.choice(names, min(len(names), int(rng.integers(1, 3))), replace=False)
    rows, size = unused_rows(draft, share), 10 ** rng.uniform(-5, -3)

    def change(name, values):
        if name in chosen:  # not the deviation, which is that of outliers
            low, high = np.nanquantile(draft.columns[name], [0.25, 0.75])
            spread = high - low
            return values + rng.choice([-1, 1], len(values)) * size * spread
        return renamed(draft, name, values)

    insert(draft, rows, change)
    draft.note(
        "near_duplicate_rows", [], n=len(rows), changed=list(map(str, chosen)),
        size=f"{size:.1e}",
    )  # fmt: skip


def conflicting_labels(draft, share):
    """Copies of rows with another class, or with a value far from theirs."""
    rng, target = draft.rng, draft.target
    y = draft.y
    rows = unused_rows(draft, share)
    there = np.array([v is not None and v == v for v in y[rows].tolist()])
    rows = rows[there]
    classes = np.unique([v for v in y.tolist() if v is not None]) if (
        draft.task == "classes"
    ) else None  # fmt: skip

    def change(name, values):
        if name != target:
            return renamed(draft, name, values)
        if classes is None:
            spread = np.nanstd(y)
            return significant_like(values + spread * rng.choice([-2, 2], len(values)))
        other = [rng.choice([c for c in classes if c != v]) for v in values]
        return np.array(other, values.dtype)

    insert(draft, rows, change)
    draft.note("conflicting_labels", [target], n=len(rows))


def significant_like(values):
    return significant(values, 5) if len(values) > 1 and np.std(values) > 0 else values


def target_missing(draft, share):
    from .cells import blank

    rows = draft.rows(share)
    blank(draft, draft.target, rows)
    draft.note("target_missing", [draft.target], n=len(rows))


def target_type(draft, share):
    """Values written as text or as ranges; classes written as decimal numbers."""
    rng, y = draft.rng, draft.y
    if draft.task == "values":
        if rng.random() < 0.5:
            text = [f"{v:,.2f}" for v in y]
            if not any("," in word for word in text):  # a file would hold plain numbers
                text = [word.replace(".", ",") for word in text]
            draft.columns[draft.target] = np.array(text, object)
            way = "values as text"
        else:
            edges = np.quantile(y, np.linspace(0, 1, 7))
            place = np.clip(np.searchsorted(edges, y, side="right") - 1, 0, 5)
            text = [f"{edges[i]:.4g} to {edges[i + 1]:.4g}" for i in place]
            draft.columns[draft.target], way = np.array(text, object), "ranges"
    else:
        codes = np.unique([str(v) for v in y], return_inverse=True)[1]
        numbers = rng.permutation([10.0, 20.0, 30.0, 40.0])
        draft.columns[draft.target], way = numbers[codes], "classes as numbers"
    draft.note("target_type", [draft.target], way=way)


def imbalance(draft, share):
    """One class with 1 to 5 percent of the rows, and at least 16."""
    rng = draft.rng
    classes = np.array([str(v) for v in draft.y])
    rare = str(rng.choice(np.unique(classes)))
    rows = np.flatnonzero(classes == rare)
    others = draft.n - len(rows)
    k = max(16, round(rng.uniform(0.01, 0.05) * others))
    keep = np.concatenate([rng.choice(rows, min(k, len(rows)), replace=False),
                           np.flatnonzero(classes != rare)])  # fmt: skip
    only(draft, np.sort(keep))
    draft.note("imbalance", [draft.target], rare=k, of=draft.n)


def only(draft, rows):
    draft.columns = {name: v[rows] for name, v in draft.columns.items()}
    draft.n = len(rows)


def too_few_per_class(draft, share):
    """Classes with 1 to 3 rows, five rows or more together."""
    rng = draft.rng
    y = draft.y
    y = y.astype(object) if y.dtype == object else y.copy()
    rows = rng.choice(draft.n, max(5, int(np.ceil(0.01 * min(draft.n, 1200)))), False)
    for i, row in enumerate(rows):
        y[row] = f"rare {i // 2}" if y.dtype == object else 90 + i // 2
    draft.columns[draft.target] = y
    draft.note("too_few_per_class", [draft.target], n=len(rows))


def too_few_rows(draft, share):
    """10 to 25 rows, and at least as many columns."""
    rng = draft.rng
    while len(draft.columns) < 16:
        draft.fresh("number")
    only(draft, rng.permutation(draft.n)[: int(rng.integers(10, 26))])
    draft.note("too_few_rows", [], shape=(draft.n, len(draft.columns)))


PLANTERS = (
    constant, near_constant, duplicate_column, identifier, free_text, high_cardinality,
    rare_levels, duplicate_rows, near_duplicate_rows, conflicting_labels,
    target_missing, target_type, imbalance, too_few_per_class, too_few_rows,
)  # fmt: skip
