"""The rows of an explanation as a table, of text and of Markdown with LaTeX."""

from typing import NamedTuple

import numpy as np

from . import derivatives, walk, words
from .names import latex_number

WIDTH = 80  # characters of a line
GAP = "  "
OF_JACOBIANS = "J: a row for each element of the node; g @ J is the product"


class Widths(NamedTuple):
    """The widest that columns may be."""

    node: int
    input: int
    formula: int
    number: int


ROOMY, NARROW = Widths(24, 10, 22, 22), Widths(16, 6, 14, 11)


def text(root, rows, names, more):
    """The table for a terminal. more: the last line, or ""."""
    if walk.is_constant(root):
        return _heading(root, names)
    heads = ["node", "input", "local derivative", "", "gradient", "product"]
    if not hasattr(root, "local_grads"):
        heads[2:5] = ["the input gets", "derivative", "gradient g"]
    for widths in (ROOMY, NARROW):
        table = [[[head] for head in heads]]
        last = None
        for row in rows:
            if hasattr(row, "terms"):
                table.append(_sum_cells(row, names, widths))
            else:
                table.append(_path_cells(row, names, row.node is not last, widths))
                last = row.node
        lines = _aligned(table)
        if max(map(len, lines)) <= WIDTH:
            break
    notes = ["", OF_JACOBIANS] if _has_jacobian(rows) else []
    notes += [more] if more else []
    return "\n".join([_heading(root, names), "", *lines, *notes])


def _has_jacobian(rows):
    return any(getattr(row, "is_jacobian", False) for row in rows)


def _heading(root, names):
    what = words.shortened(names.definition(root), WIDTH - 50)
    if walk.is_constant(root):
        return f"{what} is a constant: no gradient starts from it."
    value = words.in_line(walk.numbers(root))
    return f"Backward from {what}, which is {value}; its gradient is 1"


def _path_cells(row, names, is_first, widths):
    """The cells of a row, each a list of lines."""
    node = names.definition(row.node) if is_first else ""
    return [
        _wrapped(node, widths.node),
        [words.shortened(names.text(row.input), widths.input)],
        _wrapped(row.formula, widths.formula),
        _derivative(row, widths.number),
        _number(row.above, widths.number),
        _number(row.product, widths.number),
    ]


def _sum_cells(row, names, widths):
    """Several paths meet: 3 + 4 = 7; of arrays how many, and their sum."""
    name = words.shortened(names.text(row.node), widths.node - 8)
    cells = [[f"{name}: {len(row.terms)} paths"], [""], [""], [""], [""]]
    if np.ndim(row.total):
        return [*cells, _number(row.total, widths.number)]
    terms = [f"{float(term):.4g}" for term in row.terms[:4]]
    terms += ["…"] if len(row.terms) > 4 else []
    total = " + ".join(f"({t})" if t.startswith("-") else t for t in terms)
    lines = _wrapped(f"{total} = {float(row.total):.4g}", widths.number)
    return [*cells, lines]


def _number(x, width, in_words=None):
    """A number, a small array in rows, else its shape and its norm, or other words."""
    if np.ndim(x) == 0:
        return [f"{float(x):.4g}"]
    if words.is_small(x):
        lines = _in_rows(x)
        if len(lines[0]) <= width:
            return lines
    text = in_words(x) if in_words else f"norm {words.norm(x, 3)}"
    return [words.shortened(words.shape_of(x), width), *_wrapped(text, width)]


def _in_rows(x):
    cells = words.grid(x, 3)
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        f"[{' '.join(c.rjust(w) for c, w in zip(row, widths, strict=True))}]"
        for row in cells
    ]


def _derivative(row, width):
    """What g is multiplied with: an array, or a Jacobian J, written out if small."""
    if not row.is_jacobian:
        return _number(row.local, width, _in_words)
    if row.local is not None and words.is_small(row.local):
        first, *rest = _in_rows(row.local)
        if len(first) + 2 <= width:
            return [f"J {first}", *(f"  {line}" for line in rest)]
    rows, columns = _jacobian_shape(row)
    lines = _wrapped(f"J {rows}×{columns}", width)
    return lines + ([] if row.local is None else _wrapped(_in_words(row.local), width))


def _jacobian_shape(row):
    i = next(i for i, x in enumerate(row.node.inputs) if x is row.input)
    return derivatives.shape_of_jacobian(row.node, i)


def _in_words(slopes):
    """Where all that is not 0 is one number, how often that is there; else the norm.

    So it is where elements move, where they are added up, and where some are chosen.
    """
    there = slopes[slopes != 0.0]
    if there.size and (there == there[0]).all():
        count = "all" if there.size == slopes.size else f"{there.size} are"
        return f"{count} {there[0]:.3g}"
    return f"norm {words.norm(slopes, 3)}"


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
        heads[2:4] = ["the input gets", "derivative", "gradient $g$"]
    sides = [":--"] * 3 + ["--:"] * (len(heads) - 3)
    lines = [f"| {' | '.join(heads)} |", f"|{'|'.join(sides)}|"]
    last = None
    for row in rows:
        name = names.latex(row.node)
        if hasattr(row, "terms"):
            total = f"${_latex(row.total)}$"
            if words.is_small(row.total):  # the norms of large ones do not add up
                terms = " + ".join(_latex(term, inner=True) for term in row.terms)
                total = f"${terms} = {_latex(row.total)}$"
            blank = [""] * (len(heads) - 3)
            cells = [f"${name}$", f"*{len(row.terms)} paths*", *blank, total]
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
            cells += [] if of_values else [f"${_latex_derivative(row)}$"]
            cells += [f"${_latex(row.above)}$", f"${_latex(row.product)}$"]
            last = row.node
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", OF_JACOBIANS] if _has_jacobian(rows) else []
    return "\n".join([*lines, "", more] if more else lines)


def _latex(x, inner=False):
    """A number, a small matrix, or the shape and norm; inner: as a term of a sum."""
    if np.ndim(x) == 0:
        number = latex_number(f"{float(x):.4g}")
        return f"({number})" if inner and number.startswith("-") else number
    if words.is_small(x):
        rows = [" & ".join(map(latex_number, row)) for row in words.grid(x, 3)]
        return r"\begin{bmatrix}" + r" \\ ".join(rows) + r"\end{bmatrix}"
    return _in_short(words.shape_of(x), f"norm {words.norm(x)}")


def _in_short(shape, text):
    """The shape of an array, and what is in it: "norm 1e-05", "12 are 1"."""
    what, number = text.rsplit(" ", 1)
    return rf"\text{{{shape}, {what} }} {latex_number(number)}"


def _latex_derivative(row):
    """An array, or J = a matrix; of a large one its shape and what is in it."""
    if not row.is_jacobian:
        if words.is_small(row.local):
            return _latex(row.local)
        return _in_short(words.shape_of(row.local), _in_words(row.local))
    if row.local is not None and words.is_small(row.local):
        return f"J = {_latex(row.local)}"
    rows, columns = _jacobian_shape(row)
    shape = f"J {rows}×{columns}"
    if row.local is None:
        return rf"\text{{{shape}}}"
    return _in_short(shape, _in_words(row.local))
