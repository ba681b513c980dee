"""The body of a figure as HTML: drawing, tables, steps, listings.

Layer `render`. Reads `content.Section`s; the drawing comes in as a string, math through a converter. All
of it can be read without a script, and is well-formed XML.
Read next: `text.py` (the same as plain text).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sphinx_tape.render.clipping import choose_nodes
from sphinx_tape.render.content import (
    ArrayBlock,
    Badge,
    Block,
    FailureBox,
    ForwardSteps,
    Listing,
    Paragraph,
    ReverseSteps,
    Section,
    Table,
)
from sphinx_tape.render.escape import html
from sphinx_tape.render.html_arrays import array_block_html, table_html
from sphinx_tape.render.html_badges import badge_details_html, badge_html
from sphinx_tape.render.html_lines import Converter, Page, focus_html, line_html, listing_html
from sphinx_tape.render.html_steps import forward_html, reverse_html
from sphinx_tape.render.messages import _
from sphinx_tape.render.sections import sections

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sphinx_tape.render.options import DisplayOptions
    from sphinx_tape.report.model import TapeReport


class Place(NamedTuple):
    """What a figure gets from its surroundings."""

    prefix: str
    """Begins every id; unique on the page."""
    convert: Converter
    """TeX to MathML."""
    drawing: str = ""
    """The graph and its legend, from `svg.drawing_html`."""
    dot: str = ""
    """The graph as DOT text."""


def figure_html(report: TapeReport, options: DisplayOptions, place: Place) -> str:
    """Write the body of a figure.

    Args:
        report: The executed tape.
        options: What is shown and how.
        place: Ids, drawing and the converter for math.

    Returns:
        One `div`; caption and target are the caller's.
    """
    parts = sections(report, options, place.dot)
    name, drawing = html(place.prefix), place.drawing
    anchors = _anchors({section.part for section in parts})
    linked = frozenset(choose_nodes(report, options).listed) if anchors else frozenset()
    page = Page(
        prefix=name,
        convert=place.convert,
        linked=linked,
        drawn="graph" in options.show and bool(report.nodes) and bool(drawing),
        listed=report.builder_source.file if report.builder_source else "",
        precision=options.precision,
    )
    if not anchors:
        # Without a table there is no row to go to; a link to itself still gives the node its focus.
        drawing = drawing.replace(f'href="#{name}-row-', f'href="#{name}-n')
    written = [_section_html(section, page, drawing, anchors) for section in parts]
    body = "\n".join(_beside(parts, written))
    strings = f' data-strings="{html(stepper_strings())}"' if "steps" in options.show else ""
    return f'<div class="tape tape-{options.view}" data-tape="{name}"{strings}>\n{body}\n</div>'


def failure_html(title: str, message: str, traceback: Sequence[str] = ()) -> str:
    """Write a visible box in place of something that failed."""
    return f'<div class="tape">{_box(FailureBox(title, message, tuple(traceback)))}</div>'


def stepper_strings() -> str:
    """Give the words that the stepper's script puts into the page, in the order in which it reads them."""
    words = (
        _("Steps of the figure"),
        _("First step"),
        _("Previous step"),
        _("Play"),
        _("Pause"),
        _("Next step"),
        _("Last step"),
        _("Step"),
        _("Speed"),
        _("Forward {step} of {steps}"),
        _("Reverse {step} of {steps}"),
        _("Steps so far"),
        _("All steps are shown"),
    )
    return "|".join(word.replace("|", "/") for word in words)


def _anchors(parts: set[str]) -> str:
    """Choose the part whose rows links to nodes lead to; empty if there is none."""
    return next((part for part in ("nodes", "gradients") if part in parts), "")


def _beside(parts: Sequence[Section], written: list[str]) -> Iterator[str]:
    """Put drawing and open source into one frame where they are neighbours, so that they can share a line."""
    at = 0
    while at < len(parts):
        pair = parts[at : at + 2]
        if {section.part for section in pair} == {"graph", "source"} and all(s.open for s in pair):
            yield f'<div class="tape-beside">{written[at]}{written[at + 1]}</div>'
            at += 2
        else:
            yield written[at]
            at += 1


def _section_html(section: Section, page: Page, drawing: str, anchors: str) -> str:
    inside = (
        drawing if section.part == "graph" else _blocks_html(section, page, anchored=section.part == anchors)
    )
    name = f"tape-part tape-part-{section.part}"
    if not section.folds:
        return f'<div class="{name}">{inside}</div>'
    opened = ' open="open"' if section.open else ""
    first = section.blocks[0] if section.blocks else None
    title = badge_html(first, page) if isinstance(first, Badge) else html(section.title)
    return f'<details class="{name}"{opened}><summary>{title}</summary>{inside}</details>'


def _blocks_html(section: Section, page: Page, *, anchored: bool) -> str:
    """Write the blocks of a part: prose and tables, then all steps in one frame, then all arrays."""
    steps: list[str] = []
    arrays: list[str] = []
    others: list[str] = []
    for block in section.blocks:
        kind = {ForwardSteps: steps, ReverseSteps: steps, ArrayBlock: arrays}.get(type(block), others)
        kind.append(_block_html(block, page, anchored=anchored))
    ledger = f'<div class="tape-ledger">{"".join(steps)}</div>' if steps else ""
    cards = f'<div class="tape-arrays">{"".join(arrays)}</div>' if arrays else ""
    return "".join(others) + ledger + cards


def _block_html(block: Block, page: Page, *, anchored: bool) -> str:
    match block:
        case Badge():
            made = badge_details_html(block, page)
        case Table():
            made = table_html(block, page, anchored=anchored)
        case ForwardSteps():
            made = forward_html(block, page)
        case ReverseSteps():
            made = reverse_html(block, page)
        case Listing():
            made = _listing(block, page)
        case FailureBox():
            made = _box(block)
        case Paragraph():
            name = "" if block.kind == "plain" else f' class="tape-{block.kind}"'
            made = f"<p{name}>{line_html(block.line, page)}</p>"
        case _:
            made = array_block_html(block, page)
    return made


def _listing(block: Listing, page: Page) -> str:
    lines = block.text.split("\n")
    if block.language == "dot":
        return listing_html([html(line) for line in lines], "tape-listing")
    items = "".join(
        f'<li data-line="{number}"><code>{html(line) or " "}</code></li>'
        for number, line in enumerate(lines, start=block.first_line)
    )
    file = f'<p class="tape-note">{html(block.file)}</p>' if block.file else ""
    attributes = f'id="{page.prefix}-source" start="{block.first_line}"{focus_html(lines)}'
    return f'{file}<ol class="tape-source" dir="ltr" {attributes}>{items}</ol>'


def _box(box: FailureBox) -> str:
    title = f'<p class="tape-failure-title">{html(box.title)}</p>'
    message = f"<p>{html(box.message)}</p>"
    if not box.details:
        return f'<div class="tape-failure">{title}{message}</div>'
    lines = listing_html([html(line) for line in box.details], "tape-listing")
    folded = f"<details><summary>{html(_('Traceback'))}</summary>{lines}</details>"
    return f'<div class="tape-failure">{title}{message}{folded}</div>'
