"""The rows of fn.data in the matrix of bad input."""

import numpy as np
from arguments import (
    RNG,
    Argument,
    InFolder,
    Row,
    generator,
    name,
    not_numbers,
    number,
    path_to_write,
    whole,
)

import fastnn as fn

TABLE = {"size": RNG.normal(size=60), "place": ["hill", "dale", "dale"] * 20,
         "kind": ["ash", "birch"] * 30}  # fmt: skip
NO_TABLES = [(7, ["7", "int"]), (None, ["None"]), ({}, ["no columns"]),
             (np.zeros((2, 2, 2)), ["(2, 2, 2)", "3"])]  # fmt: skip
SPLITS = [("sorted", ["'sorted'"]), (None, ["None"]), (("group", "no"), ["'no'"]),
          (("rows", "kind"), ["'rows'"]), (3, ["3"])]  # fmt: skip


def recipe(folder):
    """A recipe, stored in the folder as well."""
    prepared = fn.data.prepare(TABLE, "kind", split="stratified")
    prepared.recipe.save(folder / "r.json")
    return prepared.recipe


def loaded(recipe, path):
    return fn.data.Recipe.load(path)


def from_dict(recipe, given):
    return fn.data.Recipe.from_dict({**recipe.to_dict(), **given})


def report(folder):
    return fn.data.inspect(TABLE, "kind")


N = len(fn.data.prepare(TABLE, "kind", split="stratified").feature_names)
X = np.ones((2, N))
ROWS = {
    "data.inspect": Row(
        fn.data.inspect, table=Argument(TABLE, NO_TABLES),
        target=Argument("kind", [("tree", ["'tree'"]), (3, ["3"])]),
        against=Argument(TABLE, [row for row in NO_TABLES if row[0] is not None]),
        progress=Argument(False, [(3, ["3"]), ("yes", ["'yes'"])]),
        task=name("classes", "values_", optional=True),
    ),
    "data.Report.of": Row(fn.data.Report.of, report, severity=name("note")),
    "data.Report.of_kind": Row(fn.data.Report.of_kind, report, kind=name("leak")),
    "data.Report.to_html": Row(
        fn.data.Report.to_html, report, path=path_to_write("r.html")
    ),
    "data.prepare": Row(
        fn.data.prepare, table=Argument(TABLE, NO_TABLES),
        target=Argument("kind", [("tree", ["'tree'"]), (3, ["3"]), (None, ["None"])]),
        test_fraction=number(0.2, 1, -1), seed=whole(0), rng=generator(),
        split=Argument("auto", SPLITS), dtype=name("float32", "float16"),
        task=name("classes", "values_"),
    ),
    "data.Recipe.transform": Row(
        fn.data.Recipe.transform, recipe,
        table=Argument(TABLE, [*NO_TABLES, ({"size": [1.0]}, ["'place'"])]),
    ),
    "data.Recipe.target_of": Row(
        fn.data.Recipe.target_of, recipe,
        table=Argument(TABLE, [*NO_TABLES, ({"size": [1.0]}, ["'size'"])]),
    ),
    "data.Recipe.inverse": Row(fn.data.Recipe.inverse, recipe, X=Argument(X, [
        *not_numbers(X), (X[0], ["1 dim"]), (X[:, 1:], [f"{N - 1} col"])])),
    "data.Recipe.save": Row(
        fn.data.Recipe.save, recipe, path=path_to_write("new.json")
    ),
    "data.Recipe.load": Row(
        loaded, recipe,
        path=Argument(InFolder("r.json"), [
            (InFolder(""), ["directory"]), (InFolder("missing"), ["missing"]),
            (InFolder("not.npz"), ["not.npz"]), (7, ["7"]), (None, ["None"]),
        ]),
    ),
    "data.Recipe.from_dict": Row(
        from_dict, recipe,
        given=Argument({}, [({"steps": 3}, ["3"]), ({"steps": [3]}, ["3"])],
                       ("steps", "step")),
    ),
}  # fmt: skip
