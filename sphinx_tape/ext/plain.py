"""A figure as ordinary docutils nodes: for text, man, texinfo, XML and whatever else is built, and for LaTeX.

Layer `ext`. Reads the sections of `render.sections`, makes paragraphs, tables, lists and literal blocks;
no table or figure inside another, which text and man cannot print.
Read next: `tables.py`, `steps.py`, `inlines.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes

from sphinx_tape.ext.inlines import heading, kept_with_next, literal, message, paragraph
from sphinx_tape.ext.steps import step_nodes
from sphinx_tape.ext.tables import flat_nodes, table_nodes
from sphinx_tape.render.content import (
    ArrayBlock,
    Badge,
    Block,
    FailureBox,
    ForwardSteps,
    Listing,
    ReverseSteps,
    Section,
    Table,
)
from sphinx_tape.render.dottext import to_dot
from sphinx_tape.render.graph import draw
from sphinx_tape.render.preview import badges, counted_marks, grid_lines, grids, hidden, statistics
from sphinx_tape.render.sections import sections

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx_tape.ext.content import FigureContent
    from sphinx_tape.report.model import TapeReport


INSTEAD_OF_GRAPH = frozenset({"nodes", "gradients", "steps"})
"""Parts that say in words what a drawing shows; one of them stands in for it where nothing is drawn."""


def figure_nodes(
    content: FigureContent, report: TapeReport, *, rich: bool, flat: bool = False
) -> list[nodes.Node]:
    """Return what a figure says besides the drawing.

    DOT text is noise where nothing folds; only an author who names it in `show` gets it.

    Args:
        content: The figure.
        report: Its report.
        rich: Whether math, bold and literals are set as such (LaTeX) or as plain words.
        flat: Whether tables must not be tables, because the figure stands in one.
    """
    display = content.display
    if "show" not in dict(content.figure.display):
        display = display._replace(show=tuple(part for part in display.show if part != "dot"))
    if not rich and "graph" in display.show and not set(display.show) & INSTEAD_OF_GRAPH:
        display = display._replace(show=(*display.show, "nodes"))
    dot = to_dot(draw(report, display)) if "dot" in display.show else ""
    if flat:
        return flat_nodes(section_nodes(sections(report, display, dot), rich=False))
    return section_nodes(sections(report, display, dot), rich=rich)


def section_nodes(made_of: Iterable[Section], *, rich: bool) -> list[nodes.Node]:
    """Return sections as docutils nodes.

    Args:
        made_of: What the figure says; the drawing itself is not among it.
        rich: Whether math, bold and literals are set as such (LaTeX) or as plain words.
    """
    made: list[nodes.Node] = []
    for section in made_of:
        body = [node for block in section.blocks for node in _block_nodes(block, rich=rich)]
        if body and _needs_heading(section):
            made += heading(section.title, rich=rich)
        made += body
    return made


def _needs_heading(section: Section) -> bool:
    """Tell whether a section does not begin with a block that has a title of its own."""
    titled = Badge | Table | ForwardSteps | ReverseSteps | FailureBox
    return bool(section.title) and not isinstance(section.blocks[0], titled)


def _block_nodes(block: Block, *, rich: bool) -> list[nodes.Node]:
    """Return one block."""
    match block:
        case Badge():
            lines = (block.line, *block.faults, *block.notes)
            made: list[nodes.Node] = [paragraph(line, rich=rich) for line in lines]
        case Table():
            made = table_nodes(block, rich=rich)
        case ForwardSteps() | ReverseSteps():
            made = step_nodes(block, rich=rich)
        case ArrayBlock():
            made = _array_nodes(block, rich=rich)
        case Listing():
            # DOT is not highlighted: not every Pygments knows it.
            language = "none" if block.language == "dot" else block.language
            made = [literal(block.text, language, rich=rich)]
        case FailureBox():
            made = [_failure_node(block, rich=rich)]
        case _:
            made = [paragraph(block.line, rich=rich)]
    return made


def _array_nodes(block: ArrayBlock, *, rich: bool) -> list[nodes.Node]:
    """Return an array: what it is, its elements, what is hidden, statistics."""
    array, precision = block.array, block.precision
    title = paragraph(block.title, rich=rich)
    title += nodes.Text(" (" + ", ".join(badges(array)) + ")")
    made = kept_with_next(title, rich=rich)
    lines: list[str] = []
    for grid in grids(array, precision):
        lines += [grid.title] if grid.title else []
        lines += grid_lines(grid)
    if lines:
        made.append(literal("\n".join(lines), rich=rich))
    facts = [f"{name} {value}" for name, value in statistics(array, precision)]
    facts += [words for _, words in counted_marks(array)]
    remarks = [", ".join(facts), *hidden(array)]
    return [*made, *(nodes.paragraph("", remark) for remark in remarks if remark)]


def _failure_node(block: FailureBox, *, rich: bool) -> nodes.admonition:
    """Return the box of a part that failed."""
    box = nodes.admonition("", nodes.title("", block.title), classes=["tape-failure"])
    box += message(block.message, rich=rich)
    if block.details:
        box += literal("\n".join(block.details), rich=rich)
    return box
