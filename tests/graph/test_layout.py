"""Where the boxes of a drawing stand."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastnn.graph.views.layout import _crossings, layered

BOX = (60.0, 40.0, 30.0)  # width, height, reach


def test_by_hand():
    """0 was computed from 1 and 2: they stand above it, side by side, it in between."""
    layout = layered([BOX] * 3, [(0, 1), (0, 2)], gap=20.0, layer_gap=50.0)
    assert layout.x == [70.0, 30.0, 110.0]
    extra = 0.12 * 40  # the edges go 40 to the side
    assert layout.bands == [(90 + extra, 130 + extra), (0, 40), (0, 40)]
    assert (layout.width, layout.height) == (140.0, 130 + extra)
    assert layout.routes == [[], []]


def test_one_node():
    layout = layered([BOX], [])
    assert layout == ([30.0], [(0.0, 40.0)], [], 60.0, 40.0)


def test_an_edge_over_several_layers_goes_through_points():
    """0 <- 1 <- 2 <- 3, and 0 <- 3 beside them."""
    layout = layered([BOX] * 4, [(0, 1), (0, 3), (1, 2), (2, 3)])
    route = layout.routes[1]
    assert [y for _, *y in route] == [list(layout.bands[2]), list(layout.bands[1])]
    assert all(
        abs(x - layout.x[node]) >= 30
        for (x, *_), node in zip(route, [2, 1], strict=True)
    )
    assert route[0][0] == route[1][0]  # straight


def test_a_chain_is_a_straight_line():
    layout = layered([BOX] * 30, [(i, i + 1) for i in range(29)])
    assert len(set(layout.x)) == 1


def test_crossings_are_counted_and_removed():
    above = [[3, 4], [3, 4], [3], [], []]
    assert _crossings([[0, 1, 2], [3, 4]], above) == 3
    # two chains whose ends are given the other way round
    layout = layered([BOX] * 5, [(0, 1), (0, 2), (1, 4), (2, 3)])
    assert (layout.x[1] < layout.x[2]) == (layout.x[4] < layout.x[3])


@st.composite
def graphs(draw):
    """Sizes and edges of a graph in which 0 is the result of all."""
    n = draw(st.integers(1, 40))
    size = st.tuples(st.integers(20, 200), st.integers(20, 90), st.integers(0, 120))
    sizes = [tuple(map(float, draw(size))) for _ in range(n)]
    edges = [(draw(st.integers(0, i - 1)), i) for i in range(1, n)]
    for i, j in draw(st.lists(st.tuples(*[st.integers(0, n - 1)] * 2), max_size=40)):
        if i < j:
            edges.append((i, j))  # some of them twice, as in x * x
    return sizes, edges


@given(graphs())
def test_boxes_do_not_overlap(graph):
    sizes, edges = graph
    layout = layered(sizes, edges)
    boxes = [
        (x - w / 2, top, x + w / 2, bottom)
        for x, (top, bottom), (w, _, _) in zip(
            layout.x, layout.bands, sizes, strict=True
        )
    ]
    for i, (left, top, right, bottom) in enumerate(boxes):
        assert left >= -1e-6 and right <= layout.width + 1e-6
        assert top >= 0 and bottom <= layout.height
        assert bottom - top >= sizes[i][1] - 1e-6
        for left2, top2, right2, bottom2 in boxes[:i]:
            apart = right <= left2 + 1e-6 or right2 <= left + 1e-6
            assert apart or bottom <= top2 or bottom2 <= top
    for result, x in edges:
        assert layout.bands[x][1] < layout.bands[result][0]  # inputs above


@given(graphs())
def test_edges_pass_beside_the_boxes(graph):
    sizes, edges = graph
    layout = layered(sizes, edges)
    for route in layout.routes:
        for x, top, _ in route:
            for node, (other, _) in enumerate(layout.bands):
                if other == top:
                    assert abs(x - layout.x[node]) > sizes[node][0] / 2


@given(graphs())
def test_the_same_graph_gives_the_same_layout(graph):
    assert layered(*graph) == layered(*graph)


@pytest.mark.speed
def test_300_nodes_take_a_moment():
    choose = random.Random(0)
    edges = [(choose.randrange(max(0, i - 9), i), i) for i in range(1, 300)]
    edges += [(choose.randrange(0, i), i) for i in range(1, 300)]
    start = time.perf_counter()
    layered([BOX] * 300, edges)
    assert time.perf_counter() - start < 10  # some tenths of a second
