"""A graph as a tree of text: each node above the nodes it was computed from.

             value     grad
sigmoid       0.1824    1
└─ +         -1.5       0.1491
   ├─ *      -2         0.1491
   │  ├─ w   -1         0.2983
   │  └─ x    2        -0.1491
   └─ b       0.5       0.1491
"""

from . import words


def tree(picture):
    """The items of a picture as text, from the result down to the leaves.

    An item that is used twice is written once, with a number in brackets, and `↑`
    refers to it; `…` stands for inputs that are not in the picture, `◀` for the item
    whose turn it is in an animation.
    """
    items = picture.items
    used = [0] * len(items)
    for item in items:
        for x in item.inputs:
            used[x] += 1
    rows, seen, numbers = [], set(), {}
    stack = [(0, "", "")]  # an item, and what stands left of it and of its inputs
    while stack:
        i, left, below = stack.pop()
        item = items[i]
        title = left + (item.name or item.op or "leaf")
        if used[i] > 1:
            title += f" [{numbers.setdefault(i, len(numbers) + 1)}]"
        if i in seen:
            rows.append((title + " ↑", "", ""))
            continue
        seen.add(i)
        title += f" = {item.op}" if item.name and item.op else ""
        title += " …" if item.hidden else ""
        title += " ◀" if item.state == "now" else ""
        rows.append((title, item.data.line, item.grad.line))
        for k, x in reversed(list(enumerate(item.inputs))):
            last = k == len(item.inputs) - 1
            branch = ("└─ ", "   ") if last else ("├─ ", "│  ")
            stack.append((x, below + branch[0], below + branch[1]))
    lines = _columns(rows)
    if picture.missing:
        lines.append(more_nodes(picture))
    return "\n".join(lines)


def more_nodes(picture):
    """The line that says what is missing."""
    plural = "nodes" if picture.missing > 1 else "node"
    more = f"draw(max_nodes={2 * len(picture.items)}) shows more of them"
    return f"… {picture.missing:,} {plural} more; {more}"


def _columns(rows):
    """Titles, values and gradients below one another, the numbers point below point."""
    titles, values, grads = zip(*rows, strict=True)
    columns = [
        _left(["", *titles]), _left(["value", *words.by_point(values)]),
        _left(["grad", *words.by_point(grads)]),
    ]  # fmt: skip
    return ["   ".join(row).rstrip() for row in zip(*columns, strict=True)]


def _left(texts):
    width = max(map(len, texts))
    return [text.ljust(width) for text in texts]
