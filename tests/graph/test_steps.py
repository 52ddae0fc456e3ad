"""Both passes, node by node."""

from xml.etree import ElementTree

import numpy as np
import pytest

import fastnn as fn

STEPS = """\
1. forward: w is given: -1.
2. forward: x is given: 2.
3. forward: v1 = w * x is computed: -2.
4. forward: The number 0.5 is given.
5. forward: v2 = v1 + 0.5 is computed: -1.5.
6. forward: v3 = sigmoid(v2) is computed: 0.1824.
7. backward: v3 has the gradient 1; it gives 0.1491 to v2.
8. backward: v2 has the gradient 0.1491; it gives 0.1491 to v1 and 0.1491 to 0.5.
9. backward: 0.5 has the gradient 0.1491.
10. backward: v1 has the gradient 0.1491; it gives 0.2983 to w and -0.1491 to x.
11. backward: x has the gradient -0.1491.
12. backward: w has the gradient 0.2983."""


def neuron(Value):
    return (Value(-1.0, "w") * Value(2.0, "x") + 0.5).sigmoid()


def states(step):
    """Of each node in the picture: whether it is ahead, now or done."""
    root = ElementTree.fromstring(step._repr_svg_())
    classes = [element.get("class", "").split() for element in root.iter()]
    nodes = [found for found in classes if "node" in found]
    legend = 4  # parameter, constant, operation, result
    return [found[2] if found[2:] else "done" for found in nodes[:-legend]]


def test_by_hand(Value):
    assert "\n".join(map(repr, neuron(Value).steps())) == STEPS


def test_what_a_step_holds(Value):
    a = neuron(Value)
    steps = list(a.steps())
    first, last = steps[0], steps[9]
    assert (first.phase, first.value, first.grad) == ("forward", -1.0, None)
    assert first.contributions == ()
    assert last.phase == "backward" and last.node.op == "*"
    assert last.grad == pytest.approx(0.14914645)
    assert last.contributions == (2.0 * last.grad, -1.0 * last.grad)


def test_inputs_come_before_results_and_gradients_are_whole(Value):
    x = Value(3.0, "x")
    a = x * x + x.tanh() * x
    a.backward()
    seen = set()
    for step in a.steps():
        if step.phase == "forward":
            assert all(i in seen for i in step.node.inputs)
            seen.add(step.node)
        else:
            assert step.grad == step.node.grad
    assert "the sum of 4 paths" in step.text


def test_no_gradient_is_changed(Value):
    a = neuron(Value)
    for step in a.steps():
        assert step.node.grad == 0.0


def test_pictures_grow(Value):
    steps = list(neuron(Value).steps())
    assert states(steps[0]).count("ahead") == 5 and states(steps[0]).count("now") == 1
    assert states(steps[3]).count("ahead") == 2
    for step in steps[6:]:
        assert states(step).count("ahead") == 0 and states(step).count("now") == 1
    flows = [step._repr_svg_().count('class="flow') for step in steps]
    assert flows == [0] * 6 + [1, 3, 3, 5, 5, 5]
    sizes = {step._repr_svg_().partition(" viewBox")[0] for step in steps}
    assert len({size.partition("width=")[2] for size in sizes}) == 1  # nothing jumps


def test_a_step_can_be_drawn_later(Value):
    a = neuron(Value)
    steps = list(a.steps())
    assert [s._repr_svg_() for s in steps] == [s._repr_svg_() for s in a.steps()]


def test_the_text_shows_what_is_there(Value):
    steps = list(neuron(Value).steps())
    lines = steps[2].draw().splitlines()
    assert lines[1:4] == ["sigmoid", "└─ +", "   ├─ * ◀    -2"]
    assert "0.2983" not in steps[-2].draw() and "0.2983" in steps[-1].draw()


def test_arrays():
    x = fn.graph.Tensor(np.arange(6.0).reshape(3, 2), "x", constant=True)
    w = fn.graph.Tensor(np.ones((2, 1)), "w")
    steps = list((x @ w).sum().steps())
    assert [step.node.op for step in steps] == ["", "", "@", "sum", "sum", "@", ""]
    assert steps[5].contributions[0] is None
    assert np.array_equal(steps[5].contributions[1], [[6.0], [9.0]])
    for step in steps:
        ElementTree.fromstring(step._repr_svg_())


def test_it_is_lazy(Value):
    a = Value(0.5, "start")
    for _ in range(100_000):
        a = a.tanh()
    steps = a.steps(max_nodes=5)
    assert next(steps).text == "start is given: 0.5."
    assert next(steps).draw().count("tanh") == 5


@pytest.mark.parametrize("bad", [0, -1, 1.5, "many", None])
def test_bad_input(bad, Value):
    for method in ("steps", "to_dot"):
        with pytest.raises((TypeError, ValueError), match=rf"^{method}: max_nodes is"):
            getattr(Value(1.0), method)(bad)
