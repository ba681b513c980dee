"""HTML and its relatives: a figure's body is written as one string, straight from the report.

Layer `ext`. Tables as docutils nodes would cost more than the whole rest of a build.
Read next: `bodies.py`, `assets.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from docutils import nodes

from sphinx_tape.ext.anchors import prefix_of

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.builders import Builder
    from sphinx.writers.html5 import HTML5Translator

    from sphinx_tape.ext.content import FigureContent


_IMPLIED: Final = (
    ("</th><th", "<th"),
    ("</th><td", "<td"),
    ("</td><td", "<td"),
    ("</th></tr>", ""),
    ("</td></tr>", ""),
    (' xmlns="http://www.w3.org/2000/svg"', ""),
)
"""End tags of tables that follow from what comes next (HTML standard, "optional tags"), and what every `svg`
is known to be: every tenth byte of a page."""


class tape_html(nodes.General, nodes.Element):  # noqa: N801 -- docutils names nodes in lower case
    """The body of a figure in HTML; holds its content, which is loaded when it is visited."""


def figure_body(content: FigureContent, builder: Builder) -> str:
    """Return the HTML of a figure's body: the figure, or boxes that say why there is none."""
    if content.has_report:
        prefix = prefix_of(content.figure, builder)
        return content.page(prefix, lambda: _report_html(content, prefix))
    from sphinx_tape.ext.bodies import boxes_html  # noqa: PLC0415 -- a build that writes no figure needs no code that writes figures

    return boxes_html(content)


def _report_html(content: FigureContent, prefix: str) -> str:
    from sphinx_tape.ext.bodies import report_html  # noqa: PLC0415 -- a build that writes no figure needs no code that writes figures

    return report_html(content, prefix)


def visit_html(self: HTML5Translator, node: tape_html) -> None:
    """Write a figure's body."""
    content: FigureContent = node["content"]
    content.settle(content)
    body = figure_body(content, self.builder)
    # In XML, which EPUB is, nothing goes without saying.
    self.body.append(body if self.builder.out_suffix == ".xhtml" else without_implied(body))
    raise nodes.SkipNode


def without_implied(body: str) -> str:
    """Leave out what every parser of HTML adds by itself; no text of an author's can hold a tag."""
    for written, enough in _IMPLIED:
        body = body.replace(written, enough)
    return body


def depart_html(_self: HTML5Translator, _node: tape_html) -> None:
    """Do nothing: the node is skipped."""


def setup_html(app: Sphinx) -> None:
    """Register the node."""
    app.add_node(tape_html, html=(visit_html, depart_html))
