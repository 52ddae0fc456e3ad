"""Defects of relations: leaks, groups, sums of columns, drift, no signal."""

import numpy as np

from .base import significant
from .rows import draft_add


def leak(draft, share):
    """The target in other words, with a little noise, or known only afterwards."""
    rng, y, n = draft.rng, draft.y, draft.n
    noise = 10 ** rng.uniform(-3, -1.3)  # of the target's spread, up to 5 %
    way = str(rng.choice(["disguise", "noisy", "afterwards"]))
    if draft.task == "values":
        spread = np.std(y)
        clean = np.asarray(y, np.float64)
        if way == "disguise":
            values = significant(clean * 3.7 + 11 * spread, 6)
        elif way == "noisy":
            values = significant(clean + noise * spread * rng.standard_normal(n), 6)
        else:
            values = significant(np.tanh((clean - clean.mean()) / spread) * 50, 6)
    else:
        names, codes = np.unique([str(v) for v in y], return_inverse=True)
        if way == "disguise":
            marks = [f"{c}{i}" for i, c in enumerate(["ok-", "zz-", "q-", "mm-"])]
            values = np.array(marks, object)[codes]
        elif way == "noisy":
            values = np.round(codes * 10 + rng.normal(0, 20 * noise + 0.4, n), 3)
        else:  # a date of closing, which rows of one class alone have
            values = (np.datetime64("2020-01-01") + rng.integers(0, 900, n)).astype(
                "datetime64[s]"
            )
            values[codes != rng.integers(len(names))] = np.datetime64("NaT")
    name = draft_add(draft, "number", values)
    draft.note("leak", [name], way=way)


def split_leak(draft, share):
    """Rows of one patient with one outcome, or rows in time whose target drifts."""
    rng, n = draft.rng, draft.n
    if rng.random() < 0.3 and draft.task == "values":
        days = np.sort(rng.integers(0, 1500, n))
        when = (np.datetime64("2016-01-01") + days).astype("datetime64[s]")
        walk = np.cumsum(rng.standard_normal(n))
        walk = (walk - walk.mean()) / walk.std()
        draft.columns[draft.target] = significant(
            draft.y + 3 * np.std(draft.y) * walk, 5
        )
        draft.note("split_leak", [draft_add(draft, "date", when)], way="time")
        return
    n_groups = int(max(25, n / rng.uniform(6, 14)))
    group = np.concatenate(
        [np.arange(n_groups), rng.integers(0, n_groups, n - n_groups)]
    )
    rng.shuffle(group)
    of_group = rng.permutation(n)[:n_groups]  # the row that each group repeats
    for name, values in draft.columns.items():
        repeated = values[of_group][group]
        if draft.roles[name] == "date":
            repeated = values  # a patient comes on days of their own
        elif draft.roles[name] == "age":
            repeated = repeated + rng.integers(0, 4, n)
        elif draft.roles[name] == "number":
            wobble = 0.15 * np.nanstd(values) * rng.standard_normal(n)
            repeated = significant(repeated + wobble, 6)
        elif draft.roles[name] in ("money", "percent"):
            repeated = repeated * np.exp(0.05 * rng.standard_normal(n))
            highest = 100 if draft.roles[name] == "percent" else np.inf
            repeated = np.round(np.minimum(repeated, highest), 2)
        elif name == draft.target and values.dtype.kind == "f":
            wobble = 0.05 * np.std(values) * rng.standard_normal(n)
            repeated = significant(repeated + wobble, 5)
        draft.columns[name] = repeated
    marks = [f"P{i:04d}" for i in rng.permutation(9000)[:n_groups]]
    values = np.array(marks, object)[group] if rng.random() < 0.6 else 1000 + group
    name = draft_add(draft, "group", values)
    draft.note("split_leak", [name], way="group", groups=n_groups)


def collinear(draft, share):
    """A sum of two or three others, exactly or nearly."""
    rng = draft.rng
    parts = [draft.take("number") for _ in range(int(rng.integers(2, 4)))]
    arrays = [np.asarray(draft.columns[p], np.float64) for p in parts]
    unit = np.std(arrays[0])
    total = sum(rng.uniform(0.5, 2) * a / np.std(a) for a in arrays) * unit
    noise = rng.choice([0.0, 1e-3, 1e-2]) * unit * rng.standard_normal(draft.n)
    name = draft_add(draft, "number", significant(total + noise, 7))
    draft.note("collinear", [name, *parts])


def can_drift(draft):
    """Names of features that nothing was planted into."""
    return [
        name
        for name, role in draft.roles.items()
        if role in ("number", "money", "category")
        and name not in draft.touched
        and name != draft.target
    ]


def drift(draft, share):
    """A column of the rows to use: shifted, stretched, or with other categories."""
    rng = draft.rng
    name = str(rng.choice([k for k in can_drift(draft) if k in draft.against]))
    draft.touched.add(name)
    new = draft.against[name]
    if draft.roles[name] == "category":
        words, codes = np.unique([str(v) for v in new], return_inverse=True)
        if rng.random() < 0.5:
            new = np.where(rng.random(len(new)) < 0.6, words[0], new).astype(object)
            way = "other shares"
        else:
            new = np.where(codes == 0, "another one", new).astype(object)
            way = "a new level"
    elif rng.random() < 0.7:
        new, way = new + rng.uniform(0.6, 2) * np.std(new), "shifted"
    else:
        middle = np.mean(new)
        new, way = middle + (new - middle) * rng.uniform(3, 5), "stretched"
    draft.against[name] = new
    draft.note("drift", [name], way=way)


def no_signal(draft, share):
    draft.columns[draft.target] = draft.rng.permutation(draft.y)
    draft.note("no_signal", [draft.target])


PLANTERS = (leak, split_leak, collinear, drift, no_signal)
