"""Replaces the placeholders when the output format is known.

Layer `ext`. Asks for a figure's content, makes the nodes of one format: HTML and LaTeX get nodes of their
own, every other format gets ordinary docutils nodes.
Read next: `html.py`, `latex.py`, `plain.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from sphinx_tape.ext.failures import Trouble, note_box, trouble_box
from sphinx_tape.ext.faults import fault_of_ours
from sphinx_tape.ext.figure import TapeFigure, tape_figure
from sphinx_tape.ext.html import tape_html
from sphinx_tape.ext.latex import tape_picture, tape_standing
from sphinx_tape.ext.messages import Subtype, warn

if TYPE_CHECKING:
    from sphinx.application import Sphinx

    from sphinx_tape.ext.content import FigureContent

CONTENT_EVENT = "tape-content"
"""Emitted for every figure that is about to be written. The session answers with a `FigureContent`.

An event, because a transform has no public way to the application or the builder (Sphinx 9 deprecates
the last ones), and the environment must hold nothing that cannot be pickled.
"""


class TapeTransform(SphinxPostTransform):
    """What the formats have in common."""

    # Before references are resolved (10), so that nothing in our nodes is left behind.
    default_priority = 5

    def run(self, **_kwargs: object) -> None:
        """Replace every placeholder; builders that show no figures keep them, and may read their texts."""
        for node in list(self.document.findall(tape_figure)):
            content = self.content(node.figure)
            if content is not None:
                self.write(node, content)

    def content(self, figure: TapeFigure) -> FigureContent | None:
        """Return what a figure shows; None if this builder shows no figures."""
        answer: FigureContent | None = self.env.events.emit_firstresult(CONTENT_EVENT, figure)
        return answer

    def write(self, node: tape_figure, content: FigureContent) -> None:
        """Replace one placeholder."""
        raise NotImplementedError


class HtmlTransform(TapeTransform):
    """HTML and its relatives: one node that a visitor writes as a whole."""

    formats = ("html",)

    def write(self, node: tape_figure, content: FigureContent) -> None:
        """Put in a node that holds the content; it is loaded in the process that writes the page."""
        node.replace_self(note_box(content.note) if content.note else tape_html("", content=content))


class LatexTransform(TapeTransform):
    """LaTeX: the drawing stands with its caption, tables and boxes follow, for they may break over pages."""

    formats = ("latex",)

    def write(self, node: tape_figure, content: FigureContent) -> None:
        """Replace one placeholder and put the tables behind its figure."""
        shell = node.parent
        report = content.load_report() if content.has_report else None
        placed = content.load_drawing(report) if report else None
        from sphinx_tape.ext.spelling import make_spellable  # noqa: PLC0415 -- a build that writes no figure needs no code that writes figures

        following = body_nodes(content, node, rich=True)
        make_spellable(following, self.config.latex_engine)
        place = shell.parent.index(shell) + 1
        shell.parent[place:place] = following
        if following and shell.get("align") in {"left", "right"}:
            # Text can flow around a figure, tables cannot: LaTeX would carry the figure to the end of them.
            del shell["align"]
        if following or is_in(nodes.footnote, shell):
            standing = tape_standing()
            shell.parent[place - 1] = standing
            standing += shell
        if placed is not None:
            node.replace_self(tape_picture("", placed=placed, width=content.figure.width))
        else:
            shell.remove(node)


class PlainTransform(TapeTransform):
    """Every other format, known or not: tables, lists and paragraphs of docutils."""

    # After the two above, which leave no placeholder.
    default_priority = 6

    def write(self, node: tape_figure, content: FigureContent) -> None:
        """Put in docutils nodes."""
        node.replace_self(body_nodes(content, node, rich=False))


def body_nodes(content: FigureContent, place: nodes.Node, *, rich: bool) -> list[nodes.Node]:
    """Return everything but the drawing, or the boxes that say why there is nothing.

    Args:
        content: The figure.
        place: Where it will stand.
        rich: Whether there is more than plain text.
    """
    if content.note:
        return [note_box(content.note)]
    report = content.load_report() if content.has_report else None
    if report is None:
        return [trouble_box(trouble, rich=rich) for trouble in content.troubles]
    from sphinx_tape.ext.plain import figure_nodes  # noqa: PLC0415 -- a build that writes no figure needs no code that writes figures

    try:
        # What went wrong with the reverse pass is one of the report's own sections.
        made = figure_nodes(content, report, rich=rich, flat=is_in(nodes.entry, place))
    except Exception as error:  # noqa: BLE001 -- a fault of ours must cost this figure, not the build
        made, message = [], fault_of_ours("figure", error)
        content.complaints.append(message)
        warn(Subtype.LAYOUT, message, (content.figure.docname, content.figure.line))
    boxes = [trouble_box(Trouble(Subtype.LAYOUT, each), rich=rich) for each in content.complaints]
    return [*boxes, *made]


def is_in(kind: type[nodes.Node], node: nodes.Node | None) -> bool:
    """Tell whether a node stands in another of some kind."""
    while node is not None and not isinstance(node, kind):
        node = node.parent
    return node is not None


def setup_transforms(app: Sphinx) -> None:
    """Register the event and the transforms."""
    app.add_event(CONTENT_EVENT)
    for transform in (HtmlTransform, LatexTransform, PlainTransform):
        app.add_post_transform(transform)
