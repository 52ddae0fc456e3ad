"""The API reference: one page for each room, made from its docstrings."""

ROOMS = (
    ("fastnn", "the names of `import fastnn as fn`"),
    ("fastnn.ops", "the kernels as functions on arrays"),
    ("fastnn.network", "layers, losses, optimizers, networks"),
    ("fastnn.graph", "computational graphs"),
    ("fastnn.neuro", "biological neurons"),
    ("fastnn.data", "knowing your data"),
    ("fastnn.datasets", "data that come with the library"),
    ("fastnn.estimators", "in scikit-learn's manners"),
    ("fastnn.plot", "pictures"),
    ("fastnn.book", "what chapters are made of"),
)


def write(folder):
    """A page for each room, and their index, into the folder."""
    folder.mkdir(exist_ok=True)
    names = []
    for module, what in ROOMS:
        name = module.replace(".", "_")
        names.append(name)
        members = "   :members:\n   :imported-members:\n" if "." in module else ""
        text = (
            f"# {module}\n\n{what[0].upper()}{what[1:]}.\n\n"
            f"```{{eval-rst}}\n.. automodule:: {module}\n{members}```\n"
        )
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    pages = "\n".join(names)
    (folder / "index.md").write_text(
        f"# Reference\n\n```{{toctree}}\n{pages}\n```\n", encoding="utf-8"
    )


def as_written(app, what, name, obj, options, lines):
    """A docstring's paragraphs as prose, what is indented with its lines as they are.

    Formulas, shapes and programs are set with blanks, which reST would take for markup.
    """
    written = []
    for paragraph in "\n".join(lines).split("\n\n"):
        rows = paragraph.splitlines()
        if any(row.startswith((" ", ">>>")) for row in rows):
            written += [".. code-block:: text", "", *("   " + row for row in rows)]
        else:
            text = paragraph
            for mark in "\\*`|_":
                text = text.replace(mark, f"\\{mark}")
            written += text.splitlines()
        written.append("")
    lines[:] = written
