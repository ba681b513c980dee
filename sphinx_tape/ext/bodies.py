"""The body of a figure in HTML.

Layer `ext`, but free of Sphinx: the processes that draw load it, too. Puts drawing, tables and formulas
together; loaded only when a figure is written.
Read next: `render/html.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_tape.ext.faults import fault_of_ours
from sphinx_tape.ext.mathml import to_mathml
from sphinx_tape.render.dottext import to_dot
from sphinx_tape.render.graph import draw
from sphinx_tape.render.html import Place, failure_html, figure_html
from sphinx_tape.render.messages import _
from sphinx_tape.render.svg import drawing_html

if TYPE_CHECKING:
    from sphinx_tape.ext.content import FigureContent
    from sphinx_tape.ext.drawable import Drawable


def boxes_html(content: FigureContent) -> str:
    """Return the boxes that say why there is no figure."""
    return "\n".join(
        failure_html(trouble.title(), trouble.shown_message(), trouble.details())
        for trouble in content.troubles
    )


def report_html(content: Drawable, prefix: str) -> str:
    """Return a figure.

    Args:
        content: The figure.
        prefix: What all its ids begin with.
    """
    try:
        return _report_html(content, prefix)
    except Exception as error:  # noqa: BLE001 -- a fault of ours must cost this figure, not the build
        content.complaints.append(fault_of_ours("figure", error))
        return _complaints_html(content)


def _report_html(content: Drawable, prefix: str) -> str:
    report = content.load_report()
    if report is None:
        return failure_html(_("This figure could not be made"), _("Its result has vanished from the store."))
    placed = content.load_drawing(report)
    drawing = drawing_html(placed.graph, placed.layout, prefix, description=content.alt) if placed else ""
    dot = to_dot(draw(report, content.display)) if "dot" in content.display.show else ""
    place = Place(prefix=prefix, convert=to_mathml, drawing=drawing, dot=dot)
    return _complaints_html(content) + figure_html(report, content.display, place)


def _complaints_html(content: Drawable) -> str:
    """Return boxes for what went wrong on the way."""
    title = _("A part of this figure could not be made")
    return "".join(failure_html(title, complaint) + "\n" for complaint in content.complaints)
