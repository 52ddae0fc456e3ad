"""Graphs as pictures, and as the source of one."""

import pickle
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fastnn as fn
from fastnn.graph import views

SVG = "{http://www.w3.org/2000/svg}"


def neuron(Value):
    w, x, b = Value(-1.0, "w"), Value(2.0, "x"), Value(0.5, "b")
    a = (w * x + b).sigmoid()
    a.name = "a"
    return a


def tree(drawing):
    return ElementTree.fromstring(drawing._repr_svg_())


def texts(drawing, kind):
    """The texts of a class, in the order in which they are drawn."""
    found = [e for e in tree(drawing).iter(f"{SVG}text") if kind in e.get("class", "")]
    return ["".join(e.itertext()) for e in found]


def test_by_hand(Value):
    a = neuron(Value)
    a.backward()
    drawing = a.draw()
    root = tree(drawing)
    groups = [e for e in root.iter(f"{SVG}g") if e.find(f"{SVG}title") is not None]
    assert [e.find(f"{SVG}title").text for e in groups] == [
        "a = sigmoid: 0.1824, gradient 1", "+: -1.5, gradient 0.1491",
        "*: -2, gradient 0.1491", "b: 0.5, gradient 0.1491",
        "w: -1, gradient 0.2983", "x: 2, gradient -0.1491",
    ]  # fmt: skip
    kinds = [e.get("class").split()[1] for e in groups]
    assert kinds == ["result", "operation", "operation"] + ["parameter"] * 3
    assert texts(drawing, "value") == ["0.1824", "−1.5", "−2", "0.5", "−1", "2"]
    assert texts(drawing, "grad")[0] == "1"
    assert texts(drawing, "flow") == ["0.149"] * 3 + ["0.298", "−0.149"]
    assert "values, forward" in texts(drawing, "legend")
    assert "gradients, backward" in texts(drawing, "legend")


def test_texts_to_be_read_out(Value):
    root = tree(neuron(Value).draw())
    assert root.get("role") == "img" and root.get("aria-label") == "Computational graph"
    assert root.find(f"{SVG}title").text == "Computational graph"
    description = root.find(f"{SVG}desc").text
    assert description.startswith("w: value -1, gradient 0; x: value 2, gradient 0; *:")
    assert description.endswith(
        "a = sigmoid: value 0.1824, gradient 0, computed from +."
    )


def test_before_the_backward_pass_nothing_flows_back(Value):
    drawing = neuron(Value).draw()
    assert texts(drawing, "flow") == []
    assert "gradients, backward" not in texts(drawing, "legend")
    assert 'class="backward"' not in drawing._repr_svg_()


def test_light_and_dark_and_any_width(Value):
    text = neuron(Value).draw()._repr_svg_()
    assert "prefers-color-scheme:dark" in text
    root = tree(neuron(Value).draw())
    width, height = float(root.get("width")), float(root.get("height"))
    assert root.get("viewBox") == f"0 0 {width:.0f} {height:.0f}"
    assert "max-width:100%" in root.get("style") and width <= 400


@pytest.mark.parametrize("name", ["<w & 'x'>", '"', "]]>", "a\nb", "\x00", "\ud800"])
def test_names_are_escaped(name, Value):
    drawing = (Value(1.0, name) * Value(2.0, "x")).draw()
    assert "\n" not in name or len(drawing.splitlines()) == 4
    shown = texts(drawing, "")
    expected = {"a\nb": r"a\nb", "\x00": r"\x00", "\ud800": r"\ud800"}.get(name, name)
    assert expected in shown
    drawing.encode()  # no half of a character that no file could hold


@given(st.text(max_size=40))
def test_any_name(name):
    node = fn.graph.Value(1.0, name).tanh()
    tree(node.draw())
    node.to_dot().encode()
    str(node.explain()), node.explain()._repr_markdown_()


def test_a_node_used_twice_is_one_box_with_several_edges(Value):
    x = Value(3.0, "x")
    text = (x * x + x).draw()._repr_svg_()
    assert text.count('class="node parameter ') == 1
    assert text.count('<path class="forward" d="M') == 4 + 1  # and in the legend


def test_numbers_of_the_program_look_like_constants(Value):
    text = (Value(1.0, "x") * 2.5).draw()._repr_svg_()
    assert text.count('class="node constant ') == 1
    assert "2.5</tspan>" in text


def test_order_does_not_cross_edges(Value):
    """The operands of a difference arrive from left to right as they were written."""
    for left, right in (("a", "b"), ("b", "a")):
        root = tree((Value(1.0, left) - Value(2.0, right)).draw())
        names = [
            e for e in root.iter(f"{SVG}text") if e.find(f"{SVG}tspan") is not None
        ]
        x = {"".join(e.itertext()): float(e.get("x")) for e in names}
        assert x[left] < x[right]


def test_small_arrays_as_numbers_and_large_ones_in_short():
    small = fn.graph.Tensor([[1.5, -2.0], [0.25, 4.0]], "A")
    large = fn.graph.Tensor(np.arange(20.0).reshape(2, 10), "B")
    loss = (small @ large).sum()
    loss.backward()
    drawing = loss.draw()
    cells = texts(drawing, "value cell")
    assert cells == ["1.5", "−2", "0.25", "4"]
    assert "mean 9.5" in texts(drawing, "value") and "0 … 19" in texts(drawing, "value")
    assert texts(drawing, "grad cell") == ["45", "145", "45", "145"]
    # dloss/dB: in row k the sum of column k of A, 1.75 and 2, ten times each
    assert f"norm {np.sqrt(10 * (1.75**2 + 2.0**2)):.4g}" in texts(drawing, "grad")
    assert "(2, 10)" in drawing._repr_svg_()


def test_nothing_flows_to_constants():
    x = fn.graph.Tensor([1.0, 2.0], "x", constant=True)
    w = fn.graph.Tensor([3.0, 4.0], "w")
    loss = (w * x).sum()
    loss.backward()
    text = loss.draw()._repr_svg_()
    assert text.count('<path class="backward" d="M') == 2 + 1
    assert "None" not in text and "None" not in loss.draw()


def test_of_a_leaf_that_was_changed_no_gradient_is_made_up():
    x = fn.graph.Tensor([3.0], "x")
    y = x * x
    y.backward()
    assert texts(y.draw(), "flow") == ["3", "3"]
    x.data[0] = 2.0
    assert texts(y.draw(), "flow") == ["", ""]


def test_on_the_reference_path_arrays_look_the_same():
    if fn.backend._kernels is None:
        pytest.skip("this fastnn has no kernels")
    drawn = []
    for path in fn.backend.PATHS:
        with fn.use(path):
            w = fn.graph.Tensor([[0.5], [2.0]], "w")
            loss = ((np.ones((3, 2)) @ w) ** 2).mean()
            loss.backward()
            table, steps = loss.explain(), list(loss.steps())
            svg = loss.draw()._repr_svg_() + steps[-1]._repr_svg_()
            drawn.append((svg, loss.draw(), str(table), table._repr_markdown_()))
            drawn[-1] += (str(steps), loss.to_dot())
    assert drawn[0] == drawn[1]


def test_empty_arrays_and_many_axes():
    for shape in ((0,), (2, 0), (1, 1, 1), (2, 3, 4), ()):
        node = fn.graph.Tensor(np.ones(shape), "x") * 2.0
        assert str(shape) in node.draw()._repr_svg_() or shape == ()
        assert len(node.draw().splitlines()) == 4


def test_a_drawing_stays_as_it_was(Value):
    a = neuron(Value)
    drawing = a.draw()
    before = drawing._repr_svg_()
    a.backward()
    assert drawing._repr_svg_() == before != a.draw()._repr_svg_()
    copy = pickle.loads(pickle.dumps(drawing))
    assert copy == drawing and copy._repr_svg_() == before


def test_large_graphs_are_cut(Value):
    a = Value(0.0, "start")
    for i in range(1000):
        a = a + Value(i)
    text = a.draw(max_nodes=20)._repr_svg_()
    assert text.count("<title>") == 1 + 20
    assert "1,981 nodes more; draw(max_nodes=40) shows more of them" in text
    assert "1,981 nodes more" in a.to_dot(max_nodes=20)


def test_a_chain_of_100_000_nodes(Value):
    a = Value(0.5, "start")
    for _ in range(100_000):
        a = a.tanh()
    assert "99,951 nodes more" in a.draw()._repr_svg_()


# --- Graphviz and files ---------------------------------------------------------------


def test_dot_by_hand(Value):
    x = Value(3.0, 'a "\\" b')
    y = x**2
    y.backward()
    lines = y.to_dot().splitlines()
    assert lines[0].startswith("digraph") and lines[-1] == "}"
    assert 'label="**2\\nvalue 9\\ngrad 1"' in lines[3]
    assert r'label="a \"\\\" b\nvalue 3\ngrad 6"' in lines[4]
    assert lines[5] == "  n1 -> n0;"
    assert lines[6].startswith('  n0 -> n1 [label="6"')


def test_the_text_is_what_a_prompt_shows(Value):
    drawing = neuron(Value).draw()
    assert isinstance(drawing, str) and repr(drawing) == str(drawing)


@pytest.mark.parametrize("ending", ["svg", "dot", "gv", "txt", "SVG"])
def test_save(ending, Value, tmp_path):
    path = tmp_path / f"graph.{ending}"
    path.write_text("what was there")
    drawing = neuron(Value).draw()
    drawing.save(path)
    start = {"svg": "<svg", "txt": " ", "dot": "digraph", "gv": "digraph"}
    assert path.read_text("utf-8").startswith(start[ending.lower()])
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_save_refuses(Value, tmp_path):
    drawing = neuron(Value).draw()
    with pytest.raises(
        ValueError, match=r"^save: path ends in '.png'; expected '.svg'"
    ):
        drawing.save(tmp_path / "graph.png")
    with pytest.raises(TypeError, match=r"^save: path is 3; .*'graph.svg'"):
        drawing.save(3)
    with pytest.raises(FileNotFoundError, match=r"^save: there is no folder"):
        drawing.save(tmp_path / "none" / "graph.svg")


def test_every_class_of_the_drawing_has_a_style(Value):
    a = neuron(Value)
    a.backward()
    used = set(" ".join(re.findall(r'class="([^"]+)"', a.draw()._repr_svg_())).split())
    plain = {"fastnn-graph", "node", "edge", "operation", "value"}
    styled = set(re.findall(r"\.([a-z]+)", views.svg.STYLE))
    assert used - plain <= styled
