"""Lines of a figure as docutils text.

Layer `ext`. Reads `render.content` lines; `rich` output has math, bold and literals, for LaTeX; the other
output is plain words, because text builders write markup out as signs.
Read next: `tables.py`, `plain.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes

if TYPE_CHECKING:
    from sphinx_tape.render.content import Inline, Line
    from sphinx_tape.render.formulas import Formula


def line_nodes(line: Line, *, rich: bool) -> list[nodes.Node]:
    """Return a line as inline nodes."""
    return [_inline_node(part, rich=rich) for part in line]


def formula_node(formula: Formula, *, rich: bool) -> nodes.Node:
    """Return a formula: set as math, or its plain twin."""
    return nodes.math(formula.tex, formula.tex) if rich else nodes.Text(formula.text)


def paragraph(line: Line, *, rich: bool) -> nodes.paragraph:
    """Return a line as a paragraph."""
    return nodes.paragraph("", "", *line_nodes(line, rich=rich))


def heading(text: str) -> nodes.paragraph:
    """Return a small heading; a rubric or a titled table would be numbered or listed by some builders."""
    return nodes.paragraph("", "", nodes.strong("", text))


def _inline_node(part: Inline, *, rich: bool) -> nodes.Node:
    if part.formula is not None:
        return formula_node(part.formula, rich=rich)
    if rich and part.role == "code":
        return nodes.literal(part.text, part.text)
    if rich and part.role == "strong":
        return nodes.strong("", part.text)
    return nodes.Text(part.text)
