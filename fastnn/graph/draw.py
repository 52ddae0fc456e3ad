"""A graph as a tree of text: each node above the nodes it was computed from.

             value     grad
sigmoid       0.1824    1
└─ +         -1.5       0.1491
   ├─ *      -2         0.1491
   │  ├─ w   -1         0.2983
   │  └─ x    2        -0.1491
   └─ b       0.5       0.1491
"""

from ..ops import checks


def draw(root, max_nodes=50):
    """The graph below `root` as text, from the result down to the leaves.

    root: a node, with `data`, `grad`, `name`, `op` and `inputs`. The max_nodes nodes
    nearest to it are drawn; `…` stands for inputs that are not. A node that is used
    twice is drawn once, with a number in brackets, and `↑` refers to it.
    """
    max_nodes = checks.whole("draw", "max_nodes", max_nodes, low=1)
    uses = _uses(root)
    drawn = set(list(uses)[:max_nodes])
    rows, seen, numbers = [], set(), {}
    stack = [(root, "", "")]  # a node, and what stands left of it and of its inputs
    while stack:
        node, left, below = stack.pop()
        title = left + (node.name or node.op or "leaf")
        if uses[node] > 1:
            title += f" [{numbers.setdefault(node, len(numbers) + 1)}]"
        if node in seen:
            rows.append((title + " ↑", "", ""))
            continue
        seen.add(node)
        title += f" = {node.op}" if node.name and node.op else ""
        inputs = [x for x in node.inputs if x in drawn]
        title += " …" if len(inputs) < len(node.inputs) else ""
        rows.append((title, f"{node.data:.4g}", f"{node.grad:.4g}"))
        for i, x in reversed(list(enumerate(inputs))):
            branch = ("└─ ", "   ") if i == len(inputs) - 1 else ("├─ ", "│  ")
            stack.append((x, below + branch[0], below + branch[1]))
    lines = _columns(rows)
    if rest := len(uses) - len(drawn):
        plural = "nodes" if rest > 1 else "node"
        more = f"draw(max_nodes={2 * max_nodes}) shows more of them"
        lines.append(f"… {rest:,} {plural} more; {more}")
    return "\n".join(lines)


def _uses(root):
    """How often each node is used, those nearest to the root first."""
    uses, level = {root: 0}, [root]
    while level:
        further = []
        for node in level:
            for x in node.inputs:
                if x not in uses:
                    uses[x] = 0
                    further.append(x)
                uses[x] += 1
        level = further
    return uses


def _columns(rows):
    """Titles, values and gradients below one another, the numbers point below point."""
    titles, values, grads = zip(*rows, strict=True)
    columns = [
        _left(["", *titles]), _left(["value", *_by_point(values)]),
        _left(["grad", *_by_point(grads)]),
    ]  # fmt: skip
    return ["   ".join(row).rstrip() for row in zip(*columns, strict=True)]


def _left(texts):
    width = max(map(len, texts))
    return [text.ljust(width) for text in texts]


def _by_point(numbers):
    """Numbers as text, shifted so that their points stand below one another."""
    before = [len(number.partition("e")[0].partition(".")[0]) for number in numbers]
    return [
        " " * (max(before) - n) + number
        for n, number in zip(before, numbers, strict=True)
    ]
