"""The rows of an explanation as a table, of text and of Markdown with LaTeX."""

import numpy as np

from . import walk, words
from .names import latex_number

WIDTH = 100  # characters of a line
NODE, INPUT, FORMULA, NUMBER = 24, 10, 22, 22  # the widest that columns may be
GAP = "  "


def text(root, rows, names, more):
    """The table for a terminal. more: the last line, or ""."""
    if walk.is_constant(root):
        return _heading(root, names)
    heads = ["node", "input", "local derivative", "", "gradient", "product"]
    if not hasattr(root, "local_grads"):
        heads = ["node", "input", "the input gets", "gradient g", "product"]
    table = [[[head] for head in heads]]
    last = None
    for row in rows:
        if hasattr(row, "terms"):
            table.append(_sum_cells(row, names, len(heads)))
        else:
            table.append(_path_cells(row, names, row.node is not last))
            last = row.node
    lines = [_heading(root, names), "", *_aligned(table)]
    return "\n".join([*lines, more] if more else lines)


def _heading(root, names):
    what = words.shortened(names.definition(root), WIDTH - 50)
    if walk.is_constant(root):
        return f"{what} is a constant: no gradient starts from it."
    value = words.in_line(walk.numbers(root))
    return f"Backward from {what}, which is {value}; its gradient is 1"


def _path_cells(row, names, is_first):
    """The cells of a row, each a list of lines."""
    node = names.definition(row.node) if is_first else ""
    cells = [
        [words.shortened(node, NODE)], [words.shortened(names.text(row.input), INPUT)],
        _wrapped(row.formula, FORMULA),
    ]  # fmt: skip
    if row.local is not None:
        cells.append([f"{row.local:.4g}"])
    return [*cells, _number(row.above), _number(row.product)]


def _sum_cells(row, names, n_columns):
    """Several paths meet: 3 + 4 = 7; of arrays how many, and their sum."""
    name = words.shortened(names.text(row.node), NODE - 8)
    cells = [[f"{name}: {len(row.terms)} paths"], *([""] for _ in range(n_columns - 2))]
    if np.ndim(row.total):
        return [*cells, _number(row.total)]
    terms = [f"{float(term):.4g}" for term in row.terms[:4]]
    terms += ["…"] if len(row.terms) > 4 else []
    total = " + ".join(f"({t})" if t.startswith("-") else t for t in terms)
    lines = _wrapped(f"{total} = {float(row.total):.4g}", NUMBER)
    return [*cells, lines]


def _number(x):
    """A number, a small array in rows, else its shape and its norm."""
    if np.ndim(x) == 0:
        return [f"{float(x):.4g}"]
    if words.is_small(x):
        cells = words.grid(x, 3)
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = [
            f"[{' '.join(c.rjust(w) for c, w in zip(row, widths, strict=True))}]"
            for row in cells
        ]
        if len(lines[0]) <= NUMBER:
            return lines
    return [words.shortened(words.shape_of(x), NUMBER), f"norm {words.norm(x)}"]


def _wrapped(text, width):
    """A text in lines of at most `width`, broken where there are spaces."""
    lines = [""]
    for word in text.split(" "):
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return [words.shortened(line, width) for line in lines]


def _aligned(table):
    """The lines of a table, numbers point below point."""
    columns = []
    for k, column in enumerate(zip(*table, strict=True)):
        head, cells = column[0][0], [line for cell in column[1:] for line in cell]
        if k > 2:
            cells = words.by_point(cells)
        width = max(map(len, [head, *cells]))
        columns.append([[head.ljust(width)]])
        cells = iter(cells)
        for cell in column[1:]:
            columns[-1].append([next(cells).ljust(width) for _ in cell])
    lines = []
    for row in zip(*columns, strict=True):
        height = max(map(len, row))
        filled = [cell + [" " * len(cell[0])] * (height - len(cell)) for cell in row]
        lines += [GAP.join(parts).rstrip() for parts in zip(*filled, strict=True)]
    return lines


# --- Markdown -------------------------------------------------------------------------


def markdown(root, rows, names, more):
    """The table for notebooks, with LaTeX in it. more: the last line, or ""."""
    if walk.is_constant(root):
        return f"${names.latex(root)}$ is a constant: no gradient starts from it."
    of_values = hasattr(root, "local_grads")
    heads = ["node", "input", "local derivative", "gradient", "product"]
    if not of_values:
        heads[2:4] = ["the input gets", "gradient $g$"]
    lines = [f"| {' | '.join(heads)} |", "|:--|:--|:--|--:|--:|"]
    last = None
    for row in rows:
        name = names.latex(row.node)
        if hasattr(row, "terms"):
            total = f"${_latex(row.total)}$"
            if words.is_small(row.total):  # the norms of large ones do not add up
                terms = " + ".join(_latex(term, inner=True) for term in row.terms)
                total = f"${terms} = {_latex(row.total)}$"
            cells = [f"${name}$", f"*{len(row.terms)} paths*", "", "", total]
        else:
            x, formula = names.latex(row.input), row.latex
            if of_values:
                partial = rf"\frac{{\partial {name}}}{{\partial {x}}}"
                formula = rf"\displaystyle {partial} = {formula}"
                if latex_number(f"{row.local:.4g}") != row.latex:
                    formula += f" = {_latex(row.local)}"
            node = (
                f"${names.latex_definition(row.node)}$" if row.node is not last else ""
            )
            cells = [node, f"${x}$", f"${formula}$"]
            cells += [f"${_latex(row.above)}$", f"${_latex(row.product)}$"]
            last = row.node
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", more] if more else lines)


def _latex(x, inner=False):
    """A number, a small matrix, or the shape and norm; inner: as a term of a sum."""
    if np.ndim(x) == 0:
        number = latex_number(f"{float(x):.4g}")
        return f"({number})" if inner and number.startswith("-") else number
    if words.is_small(x):
        rows = [" & ".join(map(latex_number, row)) for row in words.grid(x, 3)]
        return r"\begin{bmatrix}" + r" \\ ".join(rows) + r"\end{bmatrix}"
    length = latex_number(words.norm(x))
    return rf"\text{{{words.shape_of(x)}, norm }} {length}"
