"""Tables of a figure as docutils tables.

Layer `ext`. Reads `render.content.Table`, makes a table whose columns are as wide as their content.
Read next: `plain.py`.
"""

from __future__ import annotations

from docutils import nodes

from sphinx_tape.ext.inlines import heading, line_nodes, paragraph
from sphinx_tape.render.content import Table, plain

WIDEST = 40
"""Characters of a column; longer cells are broken over lines."""
NARROWEST = 2


def table_nodes(table: Table, *, rich: bool) -> list[nodes.Node]:
    """Return title, table and notes. The title stands outside, so that `numfig` does not count the table."""
    made: list[nodes.Node] = [heading(table.title)] if table.title else []
    if table.rows:
        made.append(_table(table, rich=rich))
    return [*made, *(paragraph(note, rich=rich) for note in table.notes)]


def _table(table: Table, *, rich: bool) -> nodes.table:
    """Return the table. `longtable` lets LaTeX break it over pages."""
    widths = column_widths(table)
    group = nodes.tgroup("", cols=len(widths))
    group += [nodes.colspec("", colwidth=width) for width in widths]
    head = nodes.row("", *(_entry([nodes.Text(column.title)]) for column in table.columns))
    group += nodes.thead("", head)
    rows = [nodes.row("", *(_entry(line_nodes(cell, rich=rich)) for cell in row.cells)) for row in table.rows]
    group += nodes.tbody("", *rows)
    return nodes.table("", group, classes=["tape-table", "longtable", "colwidths-given"])


def column_widths(table: Table) -> list[int]:
    """Return the width of every column in characters: its longest text, within limits."""
    longest = [len(column.title) for column in table.columns]
    for row in table.rows:
        longest = [max(width, len(plain(cell))) for width, cell in zip(longest, row.cells, strict=True)]
    return [min(max(width, NARROWEST), WIDEST) for width in longest]


def _entry(children: list[nodes.Node]) -> nodes.entry:
    return nodes.entry("", nodes.paragraph("", "", *children))
