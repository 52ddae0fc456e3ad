"""A picture of a graph in the language of Graphviz, which draws large graphs well."""

from . import tree

SHAPES = {
    "parameter": 'style="rounded,filled", fillcolor="#e8f5ec", color="#37875a"',
    "constant": 'style="dashed,filled", fillcolor="#f4f5f7", color="#98a3af"',
    "operation": 'style="rounded"',
    "result": 'style="rounded,filled,bold", fillcolor="#e6effa", color="#1f5fa8"',
}


def dot(picture):
    """The source of a picture: nodes with their texts, edges both ways."""
    lines = [
        "digraph graph_of_values {", "  node [shape=box, fontname=Helvetica];",
        '  edge [color="#2f6db5", fontname=Helvetica, fontsize=10];',
    ]  # fmt: skip
    for i, item in enumerate(picture.items):
        texts = [item.title(), *_texts("value", item.data)]
        texts += [f"shape {item.shape}"] if item.shape else []
        texts += _texts("grad", item.grad)
        texts += ["…"] if item.hidden else []
        lines.append(f"  n{i} [label={_quoted(texts)}, {SHAPES[item.kind]}];")
    for i, item in enumerate(picture.items):
        for x, flow in zip(item.inputs, item.flows, strict=True):
            lines.append(f"  n{x} -> n{i};")
            if flow is not None:
                lines.append(
                    f"  n{i} -> n{x} [label={_quoted([flow])}, constraint=false, "
                    'color="#c4530d", fontcolor="#b3480a"];'
                )
    if picture.missing:
        lines.append(f"  label={_quoted([tree.more_nodes(picture)])};")
    return "\n".join([*lines, "}"])


def _texts(what, shown):
    if shown.notes:
        return [f"{what} {note}" for note in shown.notes]
    return [f"{what} {shown.line}"] if shown.line else []


def _quoted(lines):
    """Lines as one string of the language, each on a line of its own."""
    safe = [line.replace("\\", "\\\\").replace('"', '\\"') for line in lines]
    return '"' + "\\n".join(safe) + '"'
