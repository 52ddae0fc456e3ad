"""Pictures with words for who cannot see them; claims that stop the page if wrong."""

import pytest

mo = pytest.importorskip("marimo")

from fastnn import book  # noqa: E402
from fastnn.book import asking  # noqa: E402
from fastnn.graph import Value  # noqa: E402


def test_beside_worked_by_hand():
    shown = book.beside([("pi", 3.14, 3.14159)], rel=1e-3)
    assert "| pi | 3.14 | 3.142 |" in shown._repr_markdown_()


def test_beside_stops_where_a_claim_is_wrong():
    with pytest.raises(AssertionError, match=r"at most 0\.00314 was claimed"):
        book.beside([("pi", 3.14, 3.15)], rel=1e-3)
    with pytest.raises(AssertionError):
        book.beside([("nothing", 1.0, float("nan"))], abs=10.0)


def test_a_row_may_say_itself_what_it_allows():
    rows = [("a", 1.0, 1.4, 0.5), ("b", 1.0, 1.0)]
    assert "| a | 1 | 1.4 | 0.4 | 0.5 |" in book.beside(rows)._repr_markdown_()
    with pytest.raises(AssertionError, match="b: predicted 1"):
        book.beside([rows[0], ("b", 1.0, 1.4)])


def test_numbers_are_flush_right_and_words_flush_left():
    rows = [["relu", 64, 3e-08, "2 of 20", "yes"], ["", 8, float("nan"), "-", "no"]]
    text = book.table(["", "width", "loss", "solved", "low"], rows)._repr_markdown_()
    assert "| :--- | ---: | ---: | ---: | :--- |" in text
    assert "| 3e-08 |" in text
    steps = book.table(["", "mV"], [["1. at rest", -65.0], ["2. after it", 40.0]])
    assert "| :--- | ---: |" in steps._repr_markdown_()


def test_a_table_without_rows_has_its_header():
    assert "| a | b |" in book.table(["a", "b"], [])._repr_markdown_()


def test_a_picture_has_words():
    plt = book.pyplot()
    picture, axes = plt.subplots()
    axes.plot([1, 2])
    html = book.figure(picture, alt="a <line>", caption="rising").text
    assert 'alt="a &lt;line&gt;"' in html and "rising" in html
    assert not plt.get_fignums()
    with pytest.raises(ValueError, match="alt is empty"):
        book.figure(plt.figure(), alt=" ")


def test_a_graph_has_a_ground_of_its_own():
    # white corners would stand out on a dark page
    graph = (Value(1.0) + 1.0).draw()
    assert 'class="paper"' in graph._repr_svg_()
    assert "background:none" in book.svg(graph, alt="a sum").text
    picture = book.pyplot().figure()
    assert "background:#fff" in book.figure(picture, alt="nothing").text


def test_another_chapter_may_close_all_figures_while_one_is_drawn():
    plt = book.pyplot()

    def drawn(meanwhile):
        picture, axes = plt.subplots()
        line = axes.plot([1, 2])[0]
        draw, draws = line.draw, []

        def drawing(renderer):  # first for the layout, then for the picture
            draws.append(renderer)
            if len(draws) == 2:
                meanwhile()
            draw(renderer)

        line.draw = drawing
        text = book.figure(picture, alt="a line").text
        assert len(draws) >= 2
        return text

    assert drawn(lambda: plt.close("all")) == drawn(lambda: None)


def test_printed_there_is_a_picture_for_each_position():
    plt = book.pyplot()
    slider = mo.ui.slider(1, 9)
    html = book.live(
        lambda value: plt.subplots()[0], slider, "width", at=(1, 5, 9), alt="{value}"
    ).text
    assert html.count("<img") == 3
    assert "width: 5" in html and 'alt="9"' in html


def test_printed_each_option_of_a_question_has_its_line():
    lines = book.quiz(0)._repr_markdown_().splitlines()
    options = [line for line in lines if line.startswith("- **")]
    assert options[:3] == ["- **a** (8, 4)", "- **b** (4, 8)", "- **c** (100, 8)"]


def _half(x):
    return x / 2


def quarter(x):
    return _half(_half(x))


def test_a_solution_is_shown_with_what_it_calls():
    shown = asking._source(quarter)
    assert shown.index("def _half(x):") < shown.index("def quarter(x):")
    assert "def forward(" in book.solutions(5)._repr_markdown_()
