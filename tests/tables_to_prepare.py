"""Tables to prepare, and what a recipe looks like as JSON."""

import datetime
import json

import numpy as np


def as_json(recipe):
    return json.dumps(recipe.to_dict(), sort_keys=True)


def table_of(rng, n):
    """A dict of columns: numbers with gaps, words, flags, dates; the target price."""
    size = rng.normal(100, 20, n)
    place = rng.choice(["hill", "dale", "shore"], n)
    day = datetime.date(2020, 3, 1)
    days = [day + datetime.timedelta(int(d)) for d in rng.integers(0, 900, n)]
    price = 3 * size + 50 * (place == "shore") + rng.normal(size=n)
    rooms = np.where(rng.random(n) < 0.1, np.nan, rng.integers(1, 7, n))
    return {
        "size": size,
        "rooms": rooms,
        "place": [str(p) if rng.random() > 0.05 else None for p in place],
        "garden": rng.random(n) < 0.5,
        "built": np.array(days, "datetime64[D]"),
        "street": [f"street {i}" for i in rng.integers(0, 80, n)],
        "price": price,
    }


def rows_of(table, rows):
    """Some rows of a dict of columns."""
    return {name: [cells[i] for i in rows] for name, cells in table.items()}
