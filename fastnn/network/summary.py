"""A network as a table: one line a layer."""

from ..output import Text


def of_network(network):
    """Each layer's shape, activation and number of parameters; all of them below."""
    rows = [("", "layer", "output", "activation", "parameters")]
    for index, layer in enumerate(network.layers):
        size = sum(getattr(layer, name).size for name in layer.parameter_names)
        rows.append(
            (
                str(index),
                type(layer).__name__,
                f"(n, {layer.n_out})",
                getattr(layer, "activation", "") or "",
                f"{size:,}",
            )
        )
    widths = [max(len(row[c]) for row in rows) for c in range(5)]
    lines = [
        "  ".join(
            [cell.ljust(w) for cell, w in zip(row[:4], widths[:4], strict=True)]
            + [row[4].rjust(widths[4])]
        )
        for row in rows
    ]
    total = network.flat_parameters.size
    lines.append(f"{total:,} parameters, {network.dtype}, {network.n_in} inputs")
    return Text("\n".join(line.rstrip() for line in lines))
