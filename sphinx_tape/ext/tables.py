"""Tables of a figure as docutils tables.

Layer `ext`. Reads `render.content.Table`, makes a table whose columns are as wide as their content.
Read next: `plain.py`.
"""

from __future__ import annotations

from docutils import nodes

from sphinx_tape.ext.inlines import heading, line_nodes, longest_part, paragraph, raw_latex
from sphinx_tape.render.content import Table, plain

WIDEST = 40
"""Characters of a column; longer cells are broken over lines."""
NARROWEST = 2
PAGE = 81
"""Characters of program text at 11 points across a printed page, the space between columns included."""
BETWEEN = 3
"""Characters that the space between two printed columns takes."""

# LaTeX counts every `longtable`, and names its number where it is continued. Ours have no number, and must
# not take one from the tables of the document; the anchor has to be unique all the same.
_UNNUMBERED = (
    r"\begingroup\def\tablename{}\def\thetable{}\def\theHtable{tape.\the\inputlineno}"
    r"\def\sphinxtablecontinued#1{\textsf{\def\textendash{}#1}}"
)
_UNNUMBERED_END = r"\addtocounter{table}{-1}\endgroup"


def table_nodes(table: Table, *, rich: bool) -> list[nodes.Node]:
    """Return title, table and notes. The title stands outside, so that `numfig` does not count the table."""
    made: list[nodes.Node] = heading(table.title, rich=rich) if table.title else []
    if table.rows:
        printed = _table(table, rich=rich)
        made += [raw_latex(_UNNUMBERED), printed, raw_latex(_UNNUMBERED_END)] if rich else [printed]
    return [*made, *(paragraph(note, rich=rich) for note in table.notes)]


def _table(table: Table, *, rich: bool) -> nodes.table:
    """Return the table. `longtable` lets LaTeX break it over pages."""
    widths = print_widths(table) if rich else [min(width, WIDEST) for width in longest_texts(table)]
    group = nodes.tgroup("", cols=len(widths))
    group += [nodes.colspec("", colwidth=width) for width in widths]
    head = nodes.row("", *(_entry([nodes.Text(column.title)]) for column in table.columns))
    group += nodes.thead("", head)
    rows = [nodes.row("", *(_entry(line_nodes(cell, rich=rich)) for cell in row.cells)) for row in table.rows]
    group += nodes.tbody("", *rows)
    return nodes.table("", group, classes=["tape-table", "longtable", "colwidths-given"])


def flat_nodes(made: list[nodes.Node]) -> list[nodes.Node]:
    """Return nodes with tables written as aligned lines: text, man and LaTeX know no table in a table."""
    return [_aligned(node) if isinstance(node, nodes.table) else node for node in made]


def _aligned(table: nodes.table) -> nodes.literal_block:
    rows = [[entry.astext() for entry in row.findall(nodes.entry)] for row in table.findall(nodes.row)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    text = "\n".join(lines)
    return nodes.literal_block(text, text, language="none")


def longest_texts(table: Table) -> list[int]:
    """Return the length of the longest text of every column."""
    longest = [max(len(column.title), NARROWEST) for column in table.columns]
    for row in table.rows:
        longest = [max(width, len(plain(cell))) for width, cell in zip(longest, row.cells, strict=True)]
    return longest


def print_widths(table: Table) -> list[int]:
    """Share a printed line among columns, in characters.

    Each gets what cannot be broken; then cells come before titles, and short needs before long ones.
    """
    widths = [NARROWEST + BETWEEN] * len(table.columns)
    titles = [column.title for column in table.columns]
    texts = [[plain(row.cells[at]) for row in table.rows] for at in range(len(titles))]
    cells = [[*column, *title.split()] for column, title in zip(texts, titles, strict=True)]
    needs = (
        [max(map(longest_part, column)) for column in cells],
        [max(map(len, column)) for column in cells],
        [len(title) for title in titles],
    )
    for need in needs:
        widths = _grown(widths, [width + BETWEEN for width in need])
    return widths


def _grown(widths: list[int], wanted: list[int]) -> list[int]:
    """Widen columns towards what they want; if the line is too short for all, they share what is left."""
    grown, spare = list(widths), PAGE - sum(widths)
    order = sorted(range(len(widths)), key=lambda at: wanted[at] - widths[at])
    for done, at in enumerate(order):
        more = max(0, min(wanted[at] - widths[at], spare // (len(order) - done)))
        grown[at] += more
        spare -= more
    return grown


def _entry(children: list[nodes.Node]) -> nodes.entry:
    return nodes.entry("", nodes.paragraph("", "", *children))
