"""Where the nodes of a drawing stand: in layers, inputs above what uses them.

The four steps of Sugiyama, Tagawa and Toda (1981):

1. layers: a node stands one layer above the highest of its users (longest path)
2. dummies: an edge over several layers becomes a chain of points, one in each layer
3. order: crossings become few by sweeps that sort each layer by the mean place of its
   neighbours, the best order met is kept
4. coordinates: each point moves towards its neighbours as far as the order and the
   widths allow; of all such places those with the least sum of squares are taken, and
   at last long edges are straightened where there is room for it
"""

import math
from itertools import pairwise
from typing import NamedTuple

SWEEPS = 24  # of small graphs; large ones get fewer
WORK = 60_000  # points times sweeps
DUMMY_WIDTH = 14.0


class Layout(NamedTuple):
    """x: the middle of each node. bands: (top, bottom) of the layer it stands in.

    routes: for each edge, in the order given, where it passes through the layers
    between its nodes, from the input to the result: (x, top, bottom).
    width, height: of the whole.
    """

    x: list
    bands: list
    routes: list
    width: float
    height: float


def layered(sizes, edges, gap=22.0, layer_gap=66.0):
    """Places for nodes of `sizes`, a list of (width, height, reach).

    edges: (result, input) pairs of numbers, of a graph without cycles; node 0 is the
    result of all. reach: how far to either side of its middle a node needs room, where
    that is more than half of its width. Boxes never overlap; the same graph gives the
    same layout.
    """
    layer = _layers(len(sizes), edges)
    points, chains = list(layer), []
    for result, x in edges:  # step 2
        chain = range(len(points), len(points) + layer[x] - layer[result] - 1)
        points += [layer[result] + 1 + k for k in range(len(chain))]
        chains.append([result, *chain, x])
    below = [[] for _ in points]  # users, and their dummies
    above = [[] for _ in points]  # inputs
    for chain in chains:
        for low, high in pairwise(chain):
            above[low].append(high)
            below[high].append(low)
    rows = _ordered(points, above, below)
    half = [max(w / 2, reach) for w, _, reach in sizes]
    half += [DUMMY_WIDTH / 2] * (len(points) - len(sizes))
    x = _coordinates(rows, above, below, half, gap, len(sizes))
    _straighten([chain[1:-1] for chain in chains], rows, x, half, gap, len(sizes))
    left = min(a - h for a, h in zip(x, half, strict=True))
    right = max(a + h for a, h in zip(x, half, strict=True))
    x = [a - left for a in x]
    bands, height = _bands(rows, above, x, sizes, layer_gap)
    routes = [
        [(x[p], *bands[points[p]]) for p in reversed(chain[1:-1])] for chain in chains
    ]
    n = len(sizes)
    return Layout(x[:n], [bands[k] for k in layer], routes, right - left, height)


def _layers(n, edges):
    """How far each node is from node 0 along the longest path."""
    inputs, waiting = [[] for _ in range(n)], [0] * n
    for result, x in edges:
        inputs[result].append(x)
        waiting[x] += 1
    layer, ready = [0] * n, [0]
    while ready:
        node = ready.pop()
        for x in inputs[node]:
            layer[x] = max(layer[x], layer[node] + 1)
            waiting[x] -= 1
            if waiting[x] == 0:
                ready.append(x)
    return layer


# --- Order ----------------------------------------------------------------------------


def _ordered(points, above, below):
    """The points of each layer from left to right, with few crossings."""
    rows = _first_order(points, above)
    best, fewest = [list(row) for row in rows], _crossings(rows, above)
    place = [0.0] * len(points)
    for row in rows:
        _number(row, place)
    for sweep in range(min(SWEEPS, max(2, WORK // len(points)))):
        if not fewest:
            break
        upward = sweep % 2 == 0
        neighbours = below if upward else above
        for row in rows if upward else reversed(rows):
            means = {p: _mean(p, neighbours[p], place) for p in row}
            row.sort(key=means.__getitem__)  # stable: equals stay as they are
            _number(row, place)
        crossings = _crossings(rows, above)
        if crossings < fewest:
            best, fewest = [list(row) for row in rows], crossings
    return best


def _first_order(points, above):
    """Layers filled in the order in which a walk from the result meets the points."""
    rows = [[] for _ in range(max(points) + 1)]
    seen, stack = {0}, [0]
    while stack:
        p = stack.pop()
        rows[points[p]].append(p)
        for q in reversed(above[p]):
            if q not in seen:
                seen.add(q)
                stack.append(q)
    return rows


def _number(row, place):
    for i, p in enumerate(row):
        place[p] = i - (len(row) - 1) / 2


def _mean(p, neighbours, place):
    if not neighbours:
        return place[p]
    return sum(place[q] for q in neighbours) / len(neighbours)


def _crossings(rows, above):
    """How many pairs of edges cross; with a Fenwick tree (Barth et al., 2004)."""
    total = 0
    for row, upper in pairwise(rows):
        rank = {p: i for i, p in enumerate(upper)}
        tree, met = [0] * (len(upper) + 1), 0
        for p in row:
            ends = sorted(rank[q] for q in above[p])
            for end in ends:  # edges met before that end further to the right
                i, left = end + 1, 0
                while i:
                    left += tree[i]
                    i -= i & -i
                total += met - left
            for end in ends:
                i = end + 1
                while i < len(tree):
                    tree[i] += 1
                    i += i & -i
                met += 1
    return total


# --- Coordinates ----------------------------------------------------------------------


def _coordinates(rows, above, below, half, gap, n_nodes):
    """The middle of each point: near to its neighbours, in order, without overlap."""
    x = [0.0] * len(half)
    for row in rows:
        for p, place in zip(row, _distances(row, half, gap, n_nodes), strict=True):
            x[p] = place
    sweeps = min(SWEEPS, max(4, WORK // len(half)))
    for sweep in range(sweeps):
        # first users decide, then inputs, at last both
        if sweep < sweeps // 2:
            neighbours = (below, above)[sweep % 2 : sweep % 2 + 1]
        else:
            neighbours = (below, above)
        for row in rows if sweep % 2 == 0 else reversed(rows):
            _place(row, x, neighbours, half, gap, n_nodes)
    return x


def _place(row, x, neighbours, half, gap, n_nodes):
    """Move the points of a layer to the best places that keep order and distances.

    Without the distances between them each point wants to be at the weighted mean of
    its neighbours; what is left is a monotone regression, solved by pooling adjacent
    violators (Ayer et al., 1955). Chains of dummies weigh more, so that they are
    straight.
    """
    wanted, weights = [], []
    for p in row:
        total = weight = 0.0
        for side in neighbours:
            for q in side[p]:
                w = (1.0, 3.0, 9.0)[(p >= n_nodes) + (q >= n_nodes)]
                total += w * x[q]
                weight += w
        wanted.append(total / weight if weight else x[p])
        weights.append(weight or 0.01)
    offsets = _distances(row, half, gap, n_nodes)
    blocks = []  # [sum of weight * place, sum of weight, how many points]
    for want, weight, offset in zip(wanted, weights, offsets, strict=True):
        blocks.append([weight * (want - offset), weight, 1])
        while len(blocks) > 1 and (
            blocks[-2][0] * blocks[-1][1] > blocks[-1][0] * blocks[-2][1]
        ):
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last, strict=True)]
    places = [total / weight for total, weight, n in blocks for _ in range(n)]
    for p, place, offset in zip(row, places, offsets, strict=True):
        x[p] = place + offset


def _straighten(chains, rows, x, half, gap, n_nodes):
    """Give the dummies of an edge one place, or as few as there is room for."""
    left, right = {}, {}
    for row in rows:
        for p, q in pairwise(row):
            right[p], left[q] = q, p
    for _ in range(3):  # where one chain has moved, there is room for another
        for chain in chains:
            run, low, high = [], -math.inf, math.inf
            for p in chain:
                start, end = -math.inf, math.inf
                if p in left:
                    start = x[left[p]] + _distance(left[p], p, half, gap, n_nodes)
                if p in right:
                    end = x[right[p]] - _distance(p, right[p], half, gap, n_nodes)
                if max(low, start) > min(high, end):
                    _move(run, low, high, x)
                    run, low, high = [], -math.inf, math.inf
                run.append(p)
                low, high = max(low, start), min(high, end)
            _move(run, low, high, x)


def _move(run, low, high, x):
    """All points of a run to their mean place, if that is between low and high."""
    if len(run) > 1:
        place = min(max(sum(x[p] for p in run) / len(run), low), high)
        for p in run:
            x[p] = place


def _distance(p, q, half, gap, n_nodes):
    """How far apart two neighbours in a layer must at least be."""
    return half[p] + half[q] + (gap if p < n_nodes and q < n_nodes else gap / 2)


def _distances(row, half, gap, n_nodes):
    """How far from the first point of a layer each point must at least be."""
    offsets = [0.0]
    for p, q in pairwise(row):
        offsets.append(offsets[-1] + _distance(p, q, half, gap, n_nodes))
    return offsets


def _bands(rows, above, x, sizes, layer_gap):
    """(top, bottom) of each layer, the last one on top, and the height of all.

    Where edges run far to the side, the layers stand further apart.
    """
    bands, top = [(0.0, 0.0)] * len(rows), 0.0
    for k in reversed(range(len(rows))):
        height = max((sizes[p][1] for p in rows[k] if p < len(sizes)), default=0.0)
        if k + 1 < len(rows):
            furthest = max(abs(x[p] - x[q]) for p in rows[k] for q in above[p])
            top += layer_gap + min(60.0, 0.12 * furthest)
        bands[k] = (top, top + height)
        top += height
    return bands, top
