"""Arrays and tables as HTML.

Layer `render`. Reads `content.ArrayBlock`, `content.Amount` and `content.Table`.
Read next: `html_steps.py`.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from sphinx_tape.render.content import plain
from sphinx_tape.render.escape import html
from sphinx_tape.render.heatmap import heatmap
from sphinx_tape.render.html_lines import cell_html, line_html, listing_html, state_class, state_html
from sphinx_tape.render.preview import (
    badges,
    counted_marks,
    fits_a_line,
    grid_lines,
    grids,
    hidden,
    statistics,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sphinx_tape.render.content import Amount, ArrayBlock, Line, Table, TableRow
    from sphinx_tape.render.html_lines import Page
    from sphinx_tape.render.preview import Grid
    from sphinx_tape.report.model import ArrayPreview, GradientState


_BARE: Final = {"text", "code"}
"""Roles whose cells need no element in a column of code."""


def amount_html(amount: Amount, page: Page) -> str:
    """Write a value: its line, and folded behind it the array if the line does not say all."""
    line = line_html(amount.line, page)
    if amount.array is None or fits_a_line(amount.array):
        return line
    inside = array_html(amount.array, page.precision)
    return f'<details class="tape-fold"><summary>{line}</summary>{inside}</details>'


def array_block_html(block: ArrayBlock, page: Page) -> str:
    """Write an array under its title."""
    marks = "".join(f'<span class="tape-fact">{html(badge)}</span> ' for badge in badges(block.array))
    title = f'<p class="tape-array-title">{line_html(block.title, page)} {marks}</p>'
    name = f"{page.prefix}-{block.what}-{block.node}"
    return f'<div class="tape-array" id="{name}">{title}{array_html(block.array, block.precision)}</div>'


def array_html(array: ArrayPreview, precision: int) -> str:
    """Write elements, picture, statistics and what is hidden."""
    listings = "".join(_grid_html(grid) for grid in grids(array, precision))
    facts = [f"{html(name)} <b>{html(text)}</b>" for name, text in statistics(array, precision)]
    facts += [f'<b class="tape-{mark}">{html(words)}</b>' for mark, words in counted_marks(array)]
    facts += [html(words) for words in hidden(array)]
    told = f'<p class="tape-facts">{" · ".join(facts)}</p>' if facts else ""
    return f'<div class="tape-elements">{listings}{heatmap(array, precision)}</div>{told}'


def table_html(table: Table, page: Page, *, anchored: bool) -> str:
    """Write a table in a frame that scrolls.

    Args:
        table: The table.
        page: Where it stands.
        anchored: Whether its rows are the ones that links to nodes lead to.

    Returns:
        HTML; the notes stand below the frame.
    """
    # By the standard's own rule a `th` stands for its row or its column, where all of either are `th`.
    head = "".join(f"<th>{html(column.title)}</th>" for column in table.columns)
    common = _common_state(table)
    code = tuple(column.code for column in table.columns)
    rows = "".join([_row_html(row, page, common, code, anchored=anchored) for row in table.rows])
    notes = "".join(f'<p class="tape-note">{line_html(note, page)}</p>' for note in table.notes)
    # What holds for a column is said once a table, not once a cell: pages hold hundreds of rows.
    ends = " tape-ends" if table.columns[-1].align == "right" else ""
    ends += " tape-ops" if code[1:2] == (True,) else ""
    return (
        f'<div class="tape-scroll"><table class="tape-table{ends}"><caption>{html(table.title)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody{_state_attribute(common)}>{rows}</tbody></table></div>{notes}"
    )


def _grid_html(grid: Grid) -> str:
    title = [html(grid.title)] if grid.title else []
    # Every number holds its width in characters, so that marks can be wrapped without moving a column.
    lines = [_marked(line, grid, row) for row, line in enumerate(grid_lines(grid))]
    return listing_html([*title, *lines], "tape-grid")


def _marked(line: str, grid: Grid, row: int) -> str:
    marks = grid.marks[row] if row < len(grid.marks) else ()
    if not any(marks):
        return html(line)
    pieces, at = [], 0
    for text, mark in zip(grid.rows[row], marks, strict=True):
        start = line.index(text, at)
        shown = f'<b class="tape-{mark}">{html(text)}</b>' if mark else html(text)
        pieces.append(html(line[at:start]) + shown)
        at = start + len(text)
    return "".join(pieces) + html(line[at:])


def _common_state(table: Table) -> GradientState | None:
    """Return the state that most rows have: it is said once for all, to the style sheet too."""
    states = [row.state for row in table.rows if row.state]
    return Counter(states).most_common(1)[0][0] if states else None


def _state_attribute(state: GradientState | None) -> str:
    return f' class="{state_class(state)}"' if state else ""


def _row_html(
    row: TableRow, page: Page, common: GradientState | None, code: Sequence[bool], *, anchored: bool
) -> str:
    name = f' id="{page.prefix}-row-{row.node}"' if anchored and row.node is not None else ""
    cells = [
        _cell(cell, page, common, code=is_code) for cell, is_code in zip(row.cells[1:], code[1:], strict=True)
    ]
    return f"<tr{name}><th>{_first(row, page)}</th>{''.join(cells)}</tr>"


def _cell(cell: Line, page: Page, common: GradientState | None, *, code: bool) -> str:
    """Write a cell; one that tells a state is coloured as a whole."""
    if len(cell) == 1:
        (part,) = cell
        if part.role == "state":
            state = part.state if part.state != common else None
            return f"<td{_state_attribute(state)}>{state_html(part)}</td>"
        if part.node is None and part.formula is None and part.role in (_BARE if code else {"text"}):
            return f"<td>{html(part.text)}</td>"
    return f"<td>{cell_html(cell, page)}</td>"


def _first(row: TableRow, page: Page) -> str:
    """Write the head of a row: it links back to the node in the drawing, if there is one."""
    text = html(plain(row.cells[0]))
    return text if row.node is None or not page.drawn else f'<a href="#{page.prefix}-n{row.node}">{text}</a>'
