"""What nodes are called in formulas: their names; else v1, v2, ... in order."""

import re

from . import walk, words

# What stands for itself neither in LaTeX nor in a table of Markdown.
SPECIAL = {
    "\\": r"\backslash ", "{": r"\{", "}": r"\}", "_": r"\_", "&": r"\&", "%": r"\%",
    "#": r"\#", "$": r"\$", "^": r"\wedge ", "~": r"\sim ", "|": r"\vert ",
    "<": r"\lt ", ">": r"\gt ", "*": r"\ast ", "`": r"\prime ", '"': r"\prime\prime ",
    "'": r"\prime ", "[": r"\lbrack ", "]": r"\rbrack ",
}  # fmt: skip
INFIX = {"+": "+", "-": "-", "*": r" \cdot ", "/": "/", "@": r"\,", "**": "^"}
LONGEST = 14  # characters of a name in a formula


class Names:
    """The names of the nodes below a root, and how they are written in LaTeX.

    Nodes without a name are v1, v2, ... (Griewank and Walther, 2008), in the order of
    the forward pass; plain numbers of the program are called what they are: 2.5.
    """

    def __init__(self, order):
        taken = {node.name for node in order if node.name}
        free = (f"v{i}" for i in range(1, len(order) + len(taken) + 1))
        free = (name for name in free if name not in taken)
        self._names = {}
        for node in order:
            if node.name:
                self._names[node] = words.shortened(words.printable(node.name), LONGEST)
            elif walk.is_number(node) and not getattr(node, "shape", ()):
                self._names[node] = f"{float(walk.numbers(node)):.4g}"
            else:
                self._names[node] = next(free)

    def text(self, node):
        """The name in a formula; a negative number in parentheses."""
        name = self._names[node]
        return f"({name})" if name.startswith("-") and not node.name else name

    def latex(self, node):
        """The name in a formula of LaTeX."""
        name = self._names[node]
        if walk.is_number(node) and not name.startswith("v"):
            number = latex_number(name)
            return f"({number})" if name.startswith("-") else number
        return latex_name(name)

    def definition(self, node):
        """A node and how it was computed, v1 = w * x; of a leaf its name."""
        name = self._names[node]
        return f"{name} = {self.expression(node)}" if node.inputs else name

    def expression(self, node):
        """How a node was computed, from the names of its inputs."""
        inputs = [self.text(x) for x in node.inputs[:4]]
        if len(node.inputs) > 4:
            inputs.append("…")
        op = node.op
        if op in ("+", "-", "*", "/", "@", "**") and len(inputs) == 2:
            return f"{inputs[0]} {op} {inputs[1]}"
        if op.startswith("**"):
            return f"{inputs[0]}{op}"
        if op == "neg":
            return f"-{inputs[0]}"
        if op == "[]":
            return f"{inputs[0]}[…]"
        base, parenthesis, rest = op.partition("(")
        rest = f", {rest[:-1]}" if parenthesis else ""
        return f"{base}({', '.join(inputs)}{rest})"

    def latex_definition(self, node):
        """The definition in LaTeX."""
        name, op = self.latex(node), node.op
        if not node.inputs:
            return name
        inputs = [self.latex(x) for x in node.inputs[:4]]
        inputs += [r"\dots"] if len(node.inputs) > 4 else []
        if op in INFIX and len(inputs) == 2:
            return f"{name} = {inputs[0]}{INFIX[op]}{inputs[1]}"
        if op.startswith("**") and len(inputs) == 1:
            return f"{name} = {{{inputs[0]}}}^{{{latex_number(op[2:])}}}"
        if op == "neg":
            return f"{name} = -{inputs[0]}"
        base = op.partition("(")[0] if op != "[]" else "index"
        base = base.replace("_", r"\_")
        return rf"{name} = \operatorname{{{base}}}({', '.join(inputs)})"


def latex_name(name):
    """A name in LaTeX: one letter with its index as mathematics, else upright."""
    if index := re.fullmatch(r"([A-Za-z])_?(\d+)?", name):
        return index[1] if index[2] is None else f"{index[1]}_{{{index[2]}}}"
    parts = re.findall(r"[\w\s.,;:()+=/@?-]+|.", name.replace("_", "\0"))
    out = ""
    for part in parts:
        part = part.replace("\0", "_")
        out += SPECIAL.get(part) or rf"\text{{{part}}}"
    return f"{{{out}}}"


def latex_number(text):
    """A number as LaTeX: 1.5e-07 as a power of ten."""
    text = text.replace("inf", r"\infty").replace("nan", r"\mathrm{NaN}")
    mantissa, e, exponent = text.partition("e")
    return rf"{mantissa}\cdot 10^{{{int(exponent)}}}" if e else text
