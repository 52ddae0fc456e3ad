"""The API reference: one page for each room, made from its docstrings."""

import inspect
import re
from importlib import import_module

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
        if "." not in module:
            text += _names()
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    pages = "\n".join(names)
    (folder / "index.md").write_text(
        f"# Reference\n\n```{{toctree}}\n{pages}\n```\n", encoding="utf-8"
    )


def _names():
    """What `import fastnn as fn` gives: own functions, and links to the rooms'."""
    top = import_module("fastnn")
    rooms = [module for module, _ in ROOMS if "." in module]
    own, rows = [], []
    for name in top.__all__:
        value = getattr(top, name)
        if inspect.ismodule(value):
            room = value.__name__
            link = f"[{room}]({room.replace('.', '_')}.md)" if room in rooms else room
            rows.append(f"| `fn.{name}` | {link} | {_first_line(value)} |")
            continue
        homes = [r for r in rooms if getattr(import_module(r), name, None) is value]
        if homes:
            link = f"{{py:obj}}`{homes[0]}.{name}`"
            rows.append(f"| `fn.{name}` | {link} | {_first_line(value)} |")
        else:
            kind = "class" if inspect.isclass(value) else "function"
            own.append(f".. auto{kind}:: fastnn.{name}\n")
    table = "\n".join(
        ["| name | described at | what it is |", "| --- | --- | --- |", *rows]
    )
    functions = "\n".join(own)
    return f"\n```{{eval-rst}}\n{functions}```\n\n## All names\n\n{table}\n"


def _first_line(value):
    return re.sub(r"([\\*|_$])", r"\\\1", inspect.getdoc(value).splitlines()[0])


def _is_set(rows):
    """Are they columns, or one equation below the other?"""
    columns = any(re.search(r"[^\s.] {2,}\S|\S {3,}\S", row) for row in rows)
    equations = sum(bool(re.match(r"[\w\[\], ]+ [-+*/]?= ", row)) for row in rows)
    return columns or equations > 1


def as_written(app, what, name, obj, options, lines):
    """A docstring's paragraphs as prose; what is set by hand keeps its lines.

    Formulas, shapes and programs are set with blanks, which reST would take for markup.
    """
    written = []
    for paragraph in "\n".join(lines).split("\n\n"):
        rows = paragraph.splitlines()
        if any(row.startswith((" ", ">>>")) for row in rows) or _is_set(rows):
            written += [".. code-block:: text", "", *("   " + row for row in rows)]
        else:
            parts = re.split(r"`([^`\n]+)`", paragraph)
            parts[::2] = [re.sub(r"([\\*`|_])", r"\\\1", part) for part in parts[::2]]
            parts[1::2] = [f"\\ ``{part}``\\ " for part in parts[1::2]]
            written += "".join(parts).splitlines()
        written.append("")
    lines[:] = written
