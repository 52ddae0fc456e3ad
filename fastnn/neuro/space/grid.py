"""Sections as compartments: what is connected to what, and in which order.

A compartment's V is that of its middle. Between compartments, where sections begin and
end, are points without membrane; they make the error fall as dx^2 up to the ends.
"""

from itertools import pairwise
from numbers import Real

import numpy as np

from ...ops import checks
from .result import View
from .section import Section

# 1 uF/cm2 = 0.01 pF/um2, 1 mS/cm2 = 0.01 nS/um2
PER_UM2 = 0.01


class Grid:
    """The nodes of a tree of sections, and the arrays that kernels want.

    n_nodes: compartments and points. node (n_compartments,): the number of each
    compartment, in the order of the sections. section (n_compartments,): index of its
    section; x: where on it, 0 to 1; distance_um: from the beginning of the first
    section; area_um2: of its membrane. parent, axial, membrane: see tree_steps. active
    (n_active,): nodes with channels; channels (2, n_active). points {node: (columns,
    shares, resistance)}: V = V[columns] @ shares + resistance * current (nA).
    """

    def __init__(self, where, sections):
        self.sections = sections
        self.index = {}
        self._edges = []  # (a, b, conductance in nS)
        self._points, self._first, self._begin, self._end = [], [], [], []
        compartments = []  # their temporary numbers
        n = 1  # number 0: the point at which the first section begins
        self._points.append(0)
        begin_um, distances = [], []
        for i, section in enumerate(sections):
            base, base_um = self._base(where, section, i, begin_um)
            self.index[section.name] = i
            self._begin.append(base)
            begin_um.append(base_um)
            first, count, dx = n, section.n_compartments, section.dx_um
            self._first.append(len(compartments))
            compartments += range(first, first + count)
            n = first + count + 1
            self._points.append(n - 1)
            self._end.append(n - 1)
            # 1 um / (Ohm cm) = 1e5 nS
            g = 1e5 * 0.25 * np.pi * section.diameter_um**2 / (section.R_i * dx)
            chain = [base, *range(first, n)]
            self._edges += [
                (a, b, g if 0 < j < count else 2.0 * g)  # half a compartment
                for j, (a, b) in enumerate(pairwise(chain))
            ]
            distances.append(base_um + (np.arange(count) + 0.5) * dx)
        self.n_nodes = n
        self.distance_um = np.concatenate(distances)
        self._begin_um = begin_um
        self._number(compartments)
        self._measure()

    def _base(self, where, section, i, begin_um):
        """(number, distance) of the node at which a section begins."""
        if section.name in self.index:
            raise ValueError(
                f"{where}: two sections are called {section.name}; give each a name of "
                "its own, by which places on it are found"
            )
        if i == 0:
            if section.parent is not None:
                raise ValueError(
                    f"{where}: the first section, {section.name}, has the parent "
                    f"{section.parent}; list the parent first, and without one"
                )
            return 0, 0.0
        if section.parent not in self.index:
            known = ", ".join(self.index)
            came = section.parent or "none"
            raise ValueError(
                f"{where}: the parent of section {section.name} is {came}; expected "
                f"one of the sections listed before it: {known}"
            )
        p = self.index[section.parent]
        parent = self.sections[p]
        base_um = begin_um[p] + section.at * parent.length_um
        if section.at == 0.0:
            return self._begin[p], base_um
        if section.at == 1.0:
            return self._end[p], base_um
        # the compartment that holds the place; +1 + p: the points of those before
        column = self._first[p] + self._column(parent, section.at)
        return column + 1 + p, base_um

    @staticmethod
    def _column(section, x):
        return min(int(x * section.n_compartments), section.n_compartments - 1)

    def _number(self, compartments):
        """Number the nodes by levels from the middle of the tree.

        Then a parent comes before its children, as elimination wants it, neighbours in
        memory are independent, and the chain of divisions is as short as can be.
        """
        neighbours = [[] for _ in range(self.n_nodes)]
        for a, b, g in self._edges:
            neighbours[a].append((b, g))
            neighbours[b].append((a, g))
        one_end = walk(neighbours, 0)[0][-1]
        order, came_from, _ = walk(neighbours, one_end)
        path = [order[-1]]
        while came_from[path[-1]] >= 0:
            path.append(came_from[path[-1]])
        order, came_from, conductance = walk(neighbours, path[len(path) // 2])
        new = np.empty(self.n_nodes, np.int64)
        new[order] = np.arange(self.n_nodes)
        self.parent = np.array(
            [-1] + [new[came_from[i]] for i in order[1:]], dtype=np.int64
        )
        self.axial = np.array([conductance[i] for i in order])
        self.node = new[compartments]
        self._column_of = {n: c for c, n in enumerate(self.node.tolist())}
        self._begin, self._end = new[self._begin], new[self._end]
        column = dict(zip(compartments, range(len(compartments)), strict=True))
        self.points = {}
        for i in self._points:
            total = sum(g for _, g in neighbours[i])
            columns = np.array([column[j] for j, _ in neighbours[i]])
            shares = np.array([g / total for _, g in neighbours[i]])
            self.points[int(new[i])] = columns, shares, 1e3 / total
        del self._edges, self._points

    def _measure(self):
        """The membrane of each node, from the densities of its section."""
        counts = [s.n_compartments for s in self.sections]
        self.section = np.repeat(np.arange(len(counts)), counts)
        self.x = np.concatenate([(np.arange(c) + 0.5) / c for c in counts])

        def each(f):
            return np.repeat([f(s) for s in self.sections], counts)

        self.area_um2 = each(lambda s: np.pi * s.diameter_um * s.dx_um)
        scale = PER_UM2 * self.area_um2
        self.membrane = np.zeros((3, self.n_nodes))
        capacity, conductance, current = self.membrane
        capacity[self.node] = scale * each(lambda s: s.C_m)
        conductance[self.node] = scale * each(lambda s: s.g_L)
        current[self.node] = scale * each(lambda s: s.g_L * s.E_L)
        inner = np.arange(1, self.n_nodes)
        np.add.at(conductance, inner, self.axial[1:])
        np.add.at(conductance, self.parent[1:], self.axial[1:])
        has = each(lambda s: s.active).astype(bool)
        channels = np.stack([each(lambda s: s.g_Na), each(lambda s: s.g_K)]) * scale
        order = np.argsort(self.node[has])
        self.active = np.ascontiguousarray(self.node[has][order])
        self.channels = np.ascontiguousarray(channels[:, has][:, order])

    @property
    def n_compartments(self):
        return len(self.node)

    def place(self, where, name, place):
        """(section index, x) of "soma", its middle, or of ("soma", 0.9)."""
        if isinstance(place, (str, Section)):
            place = (place, 0.5)
        if not isinstance(place, (tuple, list)) or len(place) != 2:
            raise TypeError(
                f"{where}: {name} is {checks.describe(place)}; expected the name of a "
                'section, or a pair of it and a number from 0 to 1: ("soma", 0.5)'
            )
        section, x = place
        section = getattr(section, "name", section)
        if section not in self.index:
            raise ValueError(
                f"{where}: {name} is on section {checks.describe(section)}; the "
                f"sections are {', '.join(self.index)}"
            )
        return self.index[section], checks.number(where, f"{name} x", x, 0.0, 1.0)

    def column(self, section, x):
        """The compartment, counted from the first section's first, that holds x."""
        return self._first[section] + self._column(self.sections[section], x)

    def node_at(self, section, x):
        """The node at x: a compartment's, or the point at an end."""
        if x == 0.0:
            return int(self._begin[section])
        if x == 1.0:
            return int(self._end[section])
        return int(self.node[self.column(section, x)])

    def column_of(self, node):
        """The compartment that a node is."""
        return self._column_of[node]

    def distance(self, section, x):
        """Path from the beginning of the first section, um."""
        return self._begin_um[section] + x * self.sections[section].length_um

    def views(self, where, record):
        """The compartments that must be recorded to show V at these places."""
        if record is None:
            return View(np.arange(self.n_compartments))
        places = [self.place(where, "record", place) for place in as_list(record)]
        columns = set()
        for place in places:
            node = self.node_at(*place)
            of_point = self.points.get(node)
            columns |= set(
                of_point[0].tolist() if of_point else [self._column_of[node]]
            )
        return View(np.array(sorted(columns), np.int64), places)


def as_list(places):
    """Places as a list, also a single one."""
    pair = isinstance(places, tuple) and places and isinstance(places[-1], Real)
    return places if isinstance(places, (list, tuple)) and not pair else [places]


def walk(neighbours, start):
    """Breadth first: (order, the node each came from, the conductance between)."""
    came_from, conductance = [-2] * len(neighbours), [0.0] * len(neighbours)
    came_from[start] = -1
    order = [start]
    for i in order:
        for j, g in neighbours[i]:
            if came_from[j] == -2:
                came_from[j], conductance[j] = i, g
                order.append(j)
    return order, came_from, conductance
