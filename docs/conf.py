import sys
from pathlib import Path

from sphinx_tape import __version__

HERE = Path(__file__).parent
# The renderer of formulas and the folded answers are those of the example course.
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent / "example_project" / "_ext")]

project = "sphinx-tape"
author = "The sphinx-tape authors"
copyright = "The sphinx-tape authors"
version = release = __version__
language = "en"

extensions = [
    "sphinx_tape",
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "native_math",
    "answers",
    "declared_tables",
    "plain_attributes",
]
myst_enable_extensions = ["dollarmath", "colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "snippets"]
numfig = True
default_role = "code"  # docstrings write `name` for code
nitpicky = True
# No inventories are fetched, so only names of our own can be resolved.
nitpick_ignore_regex = [("py:.*", r"(?!sphinx_tape\.).*")]

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
# Names that say more than what they stand for.
autodoc_type_aliases = {
    name: name for name in ("Operand", "Value", "Axis", "Indices", "ArrayLike", "DTypeLike")
}
napoleon_google_docstring = True
napoleon_numpy_docstring = False

tape_path = ["snippets", "snippets/own_framework", "../example_project"]

html_theme = "furo"
html_title = f"sphinx-tape {release}"
html_static_path = ["_static"]
html_css_files = ["docs.css"]

# Signs of badges that pdfLaTeX does not know by itself.
latex_elements = {
    "preamble": r"""
\DeclareUnicodeCharacter{2717}{\ensuremath{\times}}
\DeclareUnicodeCharacter{2227}{\ensuremath{\wedge}}
"""
}
