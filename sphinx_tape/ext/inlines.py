"""Lines of a figure as docutils text.

Layer `ext`. Reads `render.content` lines; `rich` output has math, bold and literals, for LaTeX; the other
output is plain words, because text builders write markup out as signs.
Read next: `tables.py`, `plain.py`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from docutils import nodes

if TYPE_CHECKING:
    from sphinx_tape.render.content import Inline, Line
    from sphinx_tape.render.formulas import Formula


LONGEST_WORD = 12
"""Characters of a word that LaTeX is not allowed to break."""

_WORDS = re.compile(r"\s+|\S+")
_BREAKS = re.compile(r"(?<=[(\[,=_./])(?=.)|(?<=.)(?=[-+])")


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
    if not rich:
        return nodes.Text(part.text)
    kind = {"code": nodes.literal, "strong": nodes.strong}.get(part.role, nodes.inline)
    return kind(part.text, "", *_breakable(part.text))


def _breakable(text: str) -> list[nodes.Node]:
    """Return a text for LaTeX that may be broken inside words which are too long for a column."""
    pieces: list[nodes.Node] = []
    for word in _WORDS.findall(text):
        parts = _BREAKS.split(word) if len(word) > LONGEST_WORD else [word]
        for number, part in enumerate(parts):
            pieces += [nodes.raw("", r"\allowbreak{}", format="latex")] if number else []
            pieces.append(nodes.Text(part))
    return pieces
