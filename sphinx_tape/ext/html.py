"""HTML and its relatives: a figure's body is written as one string, straight from the report.

Layer `ext`. Tables as docutils nodes would cost more than the whole rest of a build.
Read next: `bodies.py`, `assets.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes

from sphinx_tape.ext.anchors import prefix_of

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.builders import Builder
    from sphinx.writers.html5 import HTML5Translator

    from sphinx_tape.ext.content import FigureContent


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
    self.body.append(figure_body(content, self.builder))
    raise nodes.SkipNode


def depart_html(_self: HTML5Translator, _node: tape_html) -> None:
    """Do nothing: the node is skipped."""


def setup_html(app: Sphinx) -> None:
    """Register the node."""
    app.add_node(tape_html, html=(visit_html, depart_html))
