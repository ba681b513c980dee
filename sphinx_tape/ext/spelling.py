r"""Characters that the LaTeX engine of a project cannot set, spelt so that it can.

Layer `ext`. Names and messages come from code and may hold anything; with pdfTeX one letter outside its fonts
ends the compilation of the whole document. Greek letters and signs become math, the rest its code
(`U+4E2D`). XeTeX and LuaTeX need none of this.
Read next: `picture.py`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from docutils import nodes
from docutils.utils.math.unichar2tex import uni2tex_table
from sphinx.util import texescape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LIMITED_ENGINES = frozenset({"pdflatex", "latex"})

# What LaTeX's UTF-8 input (utf8enc.dfu, T1 and TS1) sets by itself, and what Sphinx replaces.
_DASHES_AND_QUOTES = "\u2010\u2013\u2014\u2018\u2019\u201a\u201c\u201d\u201e\u2039\u203a"
_MARKS = "\u2020\u2021\u2022\u2026\u2030\u20ac\u2122"
_SET = _DASHES_AND_QUOTES + _MARKS + "".join(sign for sign, _ in texescape.unicode_tex_replacements)
_UNSET = re.compile(f"[^\\t\\n\\x20-\\x7e\\xa0-\\u017f{re.escape(_SET)}]")
# Signs beyond the Greek letters whose TeX commands every document of Sphinx knows.
_SIGNS = frozenset(
    "\u2202\u2207\u2211\u220f\u221a\u2264\u2265\u2260\u2248\u2208\u2190\u2191\u2193\u22a4\u2299\u22c5\u27e8\u27e9\u211d"
)


def spell(text: str, engine: str, escape: Callable[[str], str]) -> str:
    """Return a text as LaTeX code.

    Args:
        text: Any text.
        engine: The setting `latex_engine`.
        escape: Escapes what LaTeX would take for markup.
    """
    if engine not in LIMITED_ENGINES:
        return escape(text)
    return "".join(_code(piece) or escape(_plain(piece)) for piece in _pieces(text))


def make_spellable(made: Iterable[nodes.Node], engine: str) -> None:
    """Replace, in finished nodes, what the engine cannot set."""
    if engine not in LIMITED_ENGINES:
        return
    for node in made:
        for text in [found for found in node.findall(nodes.Text) if _UNSET.search(found)]:
            _respell(text)


def _respell(text: nodes.Text) -> None:
    """Replace one text; in math and in verbatim text only other plain text can stand for it."""
    parent = text.parent
    if isinstance(parent, nodes.math):
        parent.replace(text, nodes.Text(_UNSET.sub(lambda found: _in_math(found[0]), text)))
    elif isinstance(parent, nodes.literal_block | nodes.raw):
        parent.replace(text, nodes.Text(_UNSET.sub(lambda found: _plain(found[0]), text)))
        parent.rawsource = parent.astext()
    else:
        parent.replace(text, [_node(piece) for piece in _pieces(text)])


def _node(piece: str) -> nodes.Node:
    code = _code(piece)
    return nodes.raw("", code, format="latex") if code else nodes.Text(_plain(piece))


def _pieces(text: str) -> list[str]:
    """Return a text cut around every character that cannot be set."""
    return [piece for piece in re.split(f"({_UNSET.pattern})", text) if piece]


def _code(piece: str) -> str:
    """Return the math that stands for a character; empty if there is none, or no need."""
    return rf"\ensuremath{{{_command(piece)}}}" if _command(piece) else ""


def _command(piece: str) -> str:
    """Return the TeX command of a Greek letter or a common sign; empty for anything else."""
    known = len(piece) == 1 and (piece in _SIGNS or "\u0370" <= piece <= "\u03ff")
    return str(uni2tex_table.get(ord(piece), "")).strip() if known else ""


def _in_math(character: str) -> str:
    return _code(character) or rf"\text{{{_plain(character)}}}"


def _plain(piece: str) -> str:
    return f"U+{ord(piece):04X}" if _UNSET.fullmatch(piece) else piece
