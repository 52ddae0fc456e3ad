"""Dates in text: which formats, and which number is the day."""

from collections import Counter

import numpy as np

from ...finding import Finding
from ...steps import ToDate
from ...steps.date_words import readings
from ..look import first_rows, shown

MOST_WORDS = 5_000


def mixed_dates(look):
    """Dates written in several ways, or text that is a date."""
    for column in look.table:
        if column.kind == "number":
            yield from _compact(column)
        elif column.kind == "text" and len(column.words) >= 2:
            yield from _of_text(column)


def _of_text(column):
    held = np.flatnonzero(column.counts)
    if len(held) > MOST_WORDS:
        held = held[np.linspace(0, len(held) - 1, MOST_WORDS).astype(np.int64)]
    probe = held[:: max(1, len(held) // 40)]
    if sum(bool(readings(column.words[i])) for i in probe) < 0.6 * len(probe):
        return
    ways = {i: readings(column.words[i]) for i in held}
    rows, total = column.counts, column.counts[held].sum()
    read = [i for i in held if ways[i]]
    if rows[read].sum() < 0.9 * total or len(read) < 2:
        return
    formats, unsure = _formats({i: ways[i] for i in read}, rows)
    chosen = {i: next(f for f in formats if f in ways[i]) for i in read}
    counts = Counter()
    for i in read:
        counts[chosen[i]] += int(rows[i])
    formats = tuple(sorted(formats, key=lambda f: -counts[f]))
    formats = tuple(f for f in formats if counts[f]) or formats
    common = formats[0]
    several = len(formats) > 1
    odd = [chosen.get(i) != common for i in range(len(column.words))]
    if not several:
        odd = [True] * len(column.words)
    where = np.array([*odd, False])[column.values]
    lost = int(total - rows[read].sum())
    evidence = {
        "n": int(where.sum()),
        "share": float(where.mean()),
        "examples": shown(_an_example_of_each(column, chosen, formats)),
        "formats": {f: counts[f] for f in formats},
        "ambiguous": unsure["n"],
        "rows": first_rows(where),
    }
    if unsure["n"]:
        evidence["day_first"], evidence["decided_by"] = unsure["first"], unsure["by"]
    if lost:
        evidence["n_not_read"] = lost
    if len(held) < np.count_nonzero(column.counts):
        evidence["sampled_words"] = len(held)
    open_question = unsure["by"] in ("custom", "majority") and unsure["n"]
    yield Finding(
        "mixed_dates",
        (column.name,),
        "repair" if several or (open_question and unsure["by"] == "custom") else "note",
        evidence,
        "As text each date is a category of its own"
        + (", and one day has several spellings" if several else "")
        + ": a network sees neither order nor season.",
        f"Read as {', then '.join(formats)}"
        + (
            "; where day and month could be exchanged, "
            f"the {'day' if unsure['first'] else 'month'} is taken to come first"
            if open_question
            else ""
        )
        + ", then as numbers that follow the calendar.",
        (ToDate(column.name, formats),),
    )


def _an_example_of_each(column, chosen, formats):
    seen = {}
    for i, pattern in chosen.items():
        seen.setdefault(pattern, column.words[i])
    return [seen[f] for f in formats if f in seen]


def _day_first(pattern):
    return pattern.startswith("%d") or pattern.startswith("%Y-%d")


def _formats(ways, rows):
    """(formats in order of rank, how ambiguous ones were decided).

    Words that only one format reads vote for it; a word that two read (3/5/2020) goes
    to the one with more votes. Without any votes: the day is what differs more, then
    dates of the other formats tell, then custom: the day first.
    """
    votes, doubtful = Counter(), {}
    for i, way in ways.items():
        if len(way) == 1:
            votes[next(iter(way))] += int(rows[i])
        elif len(set(way.values())) == 1:
            votes[next(iter(way))] += int(rows[i])  # 5/5/2020
        else:
            doubtful.setdefault(tuple(way), []).append(i)
    ranked = [f for f, _ in votes.most_common()]
    unsure = {"n": 0, "first": True, "by": "days above 12"}
    for pair, words in doubtful.items():
        n = int(rows[words].sum())
        # A 5/5/2020 votes for both; only days above 12 tell.
        tell = [sum(rows[i] for i, w in ways.items() if list(w) == [f]) for f in pair]
        if all(tell):
            best = pair[int(tell[1] > tell[0])]
            unsure = {"n": n, "first": _day_first(best), "by": "majority"}
        elif any(tell):
            best = pair[int(tell[1] > tell[0])]
        else:
            best, by = _without_votes(pair, words, ways, votes)
            unsure = {"n": n, "first": _day_first(best), "by": by}
        ranked = [best, *[f for f in ranked if f != best]]
        if all(tell):
            other = pair[1 - pair.index(best)]
            ranked = [*[f for f in ranked if f != other], other]
    return ranked, unsure


def _without_votes(pair, words, ways, votes):
    """The likelier of two formats for words that both read, and why."""
    clear = [d for w in ways.values() if len(w) == 1 for d in w.values()]
    if clear:
        low, high = min(clear), max(clear)
        inside = [sum(low <= ways[i][f] <= high for i in words) for f in pair]
        if inside[0] != inside[1]:
            return pair[int(inside[1] > inside[0])], "range of the other dates"
    days = [len({ways[i][f].day for i in words}) for f in pair]
    if min(days) == 1 < max(days):
        return pair[int(days[1] < days[0])], "one day of each month"
    told = {next(iter(w)) for w in ways.values() if len(w) == 1}
    for other in sorted(told, key=lambda f: -votes[f]):
        if other[1] in "dm" and "b" not in other:
            own = [f for f in pair if _day_first(f) == _day_first(other)]
            return own[0], "the other dates' order"
    return pair[0], "custom"


def _compact(column):
    """Numbers such as 20200305 that are days."""
    values = column.sample
    if len(values) < 10 or values[0] < 17000101 or values[-1] > 21001231:
        return
    if np.any(values != np.floor(values)):
        return
    month, day = values // 100 % 100, values % 100
    valid = (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    if valid.mean() < 0.99 or len(np.unique(values)) < 5 or np.ptp(values) < 31:
        return
    if (len(np.unique(month)) < 2) or len(np.unique(day)) < 2:
        return
    rows = ~column.missing
    yield Finding(
        "mixed_dates",
        (column.name,),
        "note",
        {
            "n": int(rows.sum()),
            "share": float(rows.mean()),
            "examples": [str(int(v)) for v in column.present[:5]],
            "formats": {"%Y%m%d": int(rows.sum())},
            "rows": first_rows(rows),
        },
        "As numbers the last day of a month and the first of the next are 70 apart.",
        "Read as %Y%m%d, then as numbers that follow the calendar.",
        (ToDate(column.name, ("%Y%m%d",)),),
    )
