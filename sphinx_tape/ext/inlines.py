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
LONGEST_PART = 24
"""Characters without a good place for a break after which any place will do."""

# A heading at the foot of a page, its table on the next: LaTeX sees two paragraphs. In a footnote or a box
# there is no page to break.
_KEEP_WITH_NEXT = r"\ifinner\else\needspace{6\baselineskip}\fi"

_TOO_LONG = re.compile(r"\S{60}(?=\S)")
"""What must be broken in program text, which is wide: `verbatimforcewraps` needs a newer Sphinx than 7.4."""
_WORDS = re.compile(r"\s+|\S+")
# Not inside a number, nor between a sign and what it belongs to.
_BREAKS = re.compile(r"(?<=[(\[,=_/])(?=.)|(?<=\.)(?=\D)|(?<=[^eE(\[,])(?=[-+])")


def line_nodes(line: Line, *, rich: bool) -> list[nodes.Node]:
    """Return a line as inline nodes."""
    return [_inline_node(part, rich=rich) for part in line]


def formula_node(formula: Formula, *, rich: bool) -> nodes.Node:
    """Return a formula: set as math, or its plain twin."""
    return nodes.math(formula.tex, formula.tex) if rich else nodes.Text(formula.text)


def paragraph(line: Line, *, rich: bool) -> nodes.paragraph:
    """Return a line as a paragraph."""
    return nodes.paragraph("", "", *line_nodes(line, rich=rich))


def heading(text: str, *, rich: bool) -> list[nodes.Node]:
    """Return a small heading; a rubric or a titled table would be numbered or listed by some builders."""
    return kept_with_next(nodes.paragraph("", "", nodes.strong("", text)), rich=rich)


def kept_with_next(title: nodes.paragraph, *, rich: bool) -> list[nodes.Node]:
    """Return a title that print does not part from what it is the title of."""
    return [raw_latex(_KEEP_WITH_NEXT), title] if rich else [title]


def message(text: str, *, rich: bool) -> nodes.paragraph:
    """Return a message as a paragraph; what it quotes may hold words of any length."""
    return nodes.paragraph("", "", *(_breakable(text) if rich else [nodes.Text(text)]))


def literal(text: str, language: str = "none", *, rich: bool) -> nodes.literal_block:
    """Return program text; LaTeX breaks its lines, but not words, which must not stick out of the page."""
    if rich:
        text = _TOO_LONG.sub("\\g<0>\n", text)
    return nodes.literal_block(text, text, language=language)


def raw_latex(code: str) -> nodes.raw:
    """Return code for LaTeX; other formats drop it."""
    return nodes.raw("", code, format="latex")


def _inline_node(part: Inline, *, rich: bool) -> nodes.Node:
    if part.formula is not None:
        return formula_node(part.formula, rich=rich)
    if not rich:
        return nodes.Text(part.text)
    kind = {"code": nodes.literal, "strong": nodes.strong}.get(part.role, nodes.inline)
    return kind(part.text, "", *_breakable(part.text))


def longest_part(text: str) -> int:
    """Return how many characters of a text cannot be broken in print."""
    words = [_parts(word) if len(word) > LONGEST_WORD else [word] for word in text.split()]
    return max((len(part) for parts in words for part in parts), default=0)


def _breakable(text: str) -> list[nodes.Node]:
    """Return a text for LaTeX that may be broken inside words which are too long for a column."""
    pieces: list[nodes.Node] = []
    for word in _WORDS.findall(text):
        parts = _parts(word) if len(word) > LONGEST_WORD else [word]
        for number, part in enumerate(parts):
            pieces += [raw_latex(r"\allowbreak{}")] if number else []
            pieces.append(nodes.Text(part))
    return pieces


def _parts(word: str) -> list[str]:
    """Split a long word where it may be broken."""
    return [
        part[start : start + LONGEST_PART]
        for part in _BREAKS.split(word)
        for start in range(0, len(part), LONGEST_PART)
    ]
