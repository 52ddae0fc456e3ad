"""inspect: the steps of a stage's findings, done before the next stage looks."""

from fastnn.data import Finding, inspect
from fastnn.data.detect import stages
from fastnn.data.steps import AsMissing, Drop
from fastnn.data.steps.cleaning import together


def test_columns_are_dropped_together_and_in_their_place():
    other = AsMissing("c", numbers=(1.0,))
    steps = [Drop(("a",)), Drop(("b", "x")), other, other, Drop(("d",))]
    assert list(together(steps)) == [Drop(("a", "b", "x")), other, other, Drop(("d",))]


def test_a_detector_sees_what_those_before_have_mended(monkeypatch):
    seen = []

    def drops(look):
        return [
            Finding("constant", (name,), "repair", {}, "why", steps=(Drop((name,)),))
            for name in ("a", "b")
        ]

    def looks(look):
        seen.append((look.table.names, [f.columns for f in look.found]))
        return ()

    monkeypatch.setattr(stages, "STAGES", ((drops, looks),))
    report = inspect({"a": [1], "b": [2], "c": [3]})
    assert seen == [(["c"], [("a",), ("b",)])]
    assert report.table.names == ["a", "b", "c"]
