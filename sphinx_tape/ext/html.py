"""HTML and its relatives: a figure's body is written as one string, straight from the report.

Layer `ext`. Tables as docutils nodes would cost more than the whole rest of a build.
Read next: `render/html.py`, `assets.py`.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from docutils import nodes

from sphinx_tape.ext.mathml import to_mathml
from sphinx_tape.render.html import Place, failure_html, figure_html
from sphinx_tape.render.svg import drawing_html

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.builders.html import StandaloneHTMLBuilder
    from sphinx.writers.html5 import HTML5Translator

    from sphinx_tape.ext.content import FigureContent
    from sphinx_tape.ext.failures import Trouble
    from sphinx_tape.ext.figure import TapeFigure
    from sphinx_tape.report.model import TapeReport


class tape_html(nodes.General, nodes.Element):  # noqa: N801 -- docutils names nodes in lower case
    """The body of a figure in HTML; holds its content, which is loaded when it is visited."""


def prefix_of(figure: TapeFigure, builder: StandaloneHTMLBuilder) -> str:
    """Return what all ids of a figure begin with.

    The capital keeps them apart from every id that docutils makes. Where all pages become one, the page
    is part of the prefix.
    """
    page = (
        hashlib.sha256(figure.docname.encode()).hexdigest()[:6] + "-" if builder.name == "singlehtml" else ""
    )
    return f"T{page}{figure.number}"


def body_html(content: FigureContent, report: TapeReport, prefix: str) -> str:
    """Return a figure's body."""
    placed = content.load_drawing(report)
    alt = content.figure.alt
    drawing = drawing_html(placed.graph, placed.layout, prefix, description=alt) if placed else ""
    place = Place(prefix=prefix, convert=to_mathml, drawing=drawing, dot=content.dot(report))
    return figure_html(report, content.display, place)


def visit_html(self: HTML5Translator, node: tape_html) -> None:
    """Write a figure's body."""
    content: FigureContent = node["content"]
    report = content.load_report() if content.has_report else None
    if report is not None:
        self.body.append(body_html(content, report, prefix_of(content.figure, self.builder)))
    else:
        self.body += [_box_html(trouble) for trouble in content.troubles]
    raise nodes.SkipNode


def _box_html(trouble: Trouble) -> str:
    return failure_html(trouble.title(), trouble.shown_message(), trouble.details())


def depart_html(_self: HTML5Translator, _node: tape_html) -> None:
    """Do nothing: the node is skipped."""


def setup_html(app: Sphinx) -> None:
    """Register the node."""
    app.add_node(tape_html, html=(visit_html, depart_html))
