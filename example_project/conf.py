import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "The Reverse Pass"
author = "The sphinx-tape authors"
copyright = "The sphinx-tape authors"
version = release = "1"
language = "en"

extensions = [
    "sphinx_tape",  # the three tape directives
    "myst_parser",  # chapters in Markdown beside those in reStructuredText
    "native_math",  # from _ext: formulas as MathML
    "answers",  # from _ext: folded answers to the exercises
]
myst_enable_extensions = ["dollarmath", "colon_fence"]
exclude_patterns = ["_build", "data", "README.md"]
numfig = True
nitpicky = True

html_theme = "alabaster"
html_title = "The Reverse Pass"
html_theme_options = {
    "description": "A short course on reverse-mode differentiation, every figure computed while it is built.",
    "fixed_sidebar": True,
    "page_width": "1060px",
    "sidebar_width": "230px",
}
html_static_path = ["_static"]
html_css_files = ["course.css"]
html_show_sphinx = False

latex_documents = [("index", "reverse-pass.tex", "The Reverse Pass", author, "manual")]
latex_elements = {
    "papersize": "a4paper",
    "pointsize": "11pt",
    "extraclassoptions": "openany,oneside",
    "figure_align": "H",  # a drawing stays above its tables
}
man_pages = [("index", "reverse-pass", "The Reverse Pass", [author], 7)]
texinfo_documents = [
    ("index", "reverse-pass", "The Reverse Pass", author, "reverse-pass", "A short course.", "Mathematics")
]
epub_show_urls = "no"
