"""Lines, numbers and formulas as HTML.

Layer `render`. The smallest pieces; everything that came from a builder is escaped here. The output is also
well-formed XML, because EPUB readers insist on it.
Read next: `html_arrays.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sphinx_tape.render.escape import html

if TYPE_CHECKING:
    from sphinx_tape.render.content import Inline, Line
    from sphinx_tape.render.formulas import Formula
    from sphinx_tape.report.model import GradientState

Converter = Callable[[str], str]
"""TeX for math mode -> a `math` element; injected, because converters belong to docutils."""

_INDENTATION: Final = re.compile(r"\n\s*")
_DOCUTILS_WAYS: Final = (
    # An entity that XHTML does not know (docutils 0.22).
    ("&ApplyFunction;", "\u2061"),
    # A line over a word is one low dash, which no browser stretches; the style sheet draws it by this class.
    ('<mover accent="false">', '<mover class="tape-bar">'),
    ('<mo accent="true">_</mo>', "<mo>\u203e</mo>"),
)
_WIDE: Final = 40
"""Characters from which on a line of a listing may need to scroll on a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Where a figure stands: what its ids begin with, what may be linked to, how math is written."""

    prefix: str
    """Unique on the page; escaped already."""
    convert: Converter
    linked: frozenset[int] = frozenset()
    """Nodes that have a row to link to."""
    drawn: bool = False
    """Whether the nodes are drawn, so that rows can link back."""
    listed: str = ""
    """The file whose lines the source listing shows."""
    precision: int = 4
    _math: dict[str, str] = field(default_factory=dict)
    """Formulas of this figure, which repeat often."""

    def math(self, formula: Formula) -> str:
        """Write a formula as MathML, without the indentation that docutils adds."""
        made = self._math.get(formula.tex)
        if made is None:
            made = _INDENTATION.sub("", self.convert(formula.tex))
            for old, new in _DOCUTILS_WAYS:
                made = made.replace(old, new)
            self._math[formula.tex] = made
        return made


def line_html(line: Line, page: Page) -> str:
    """Write a line."""
    return "".join([_inline(part, page) for part in line])


def cell_html(line: Line, page: Page) -> str:
    """Write a line into a cell of a table, where all figures are of one width already."""
    return "".join([_number(part) if part.role == "number" else _inline(part, page) for part in line])


def _number(part: Inline) -> str:
    text = html(part.text)
    return f'<span class="tape-{part.mark}">{text}</span>' if part.mark else text


def listing_html(lines: list[str], name: str) -> str:
    """Write escaped lines as a block of their own."""
    # The parser drops a line break right after the tag, which would be the first empty line.
    text = "\n".join(["", *lines] if lines[:1] == [""] else lines)
    return f'<pre class="{name}" dir="ltr"{focus_html(lines)}>{text}</pre>'


def focus_html(lines: list[str]) -> str:
    """Let a listing be reached by keyboard if it is so wide that it may scroll on a phone."""
    return ' tabindex="0"' if max(map(len, lines), default=0) > _WIDE else ""


def state_class(state: GradientState) -> str:
    """Return the class that colours what tells a state."""
    return f"tape-state-{state.replace('_', '-')}"


def state_html(part: Inline) -> str:
    """Write a state: its letter as a badge, and its word."""
    letter, _space, word = html(part.text).partition(" ")
    return f"<b>{letter}</b> {word}"


def _inline(part: Inline, page: Page) -> str:
    if part.formula is not None:
        math = page.math(part.formula)
        # The script speaks numbers; of a fraction's math it would read digits side by side.
        said = f'<span class="tape-number" data-text="{html(part.text)}">{math}</span>'
        return said if part.role == "number" else math
    text = html(part.text)
    if part.role == "number":
        text = f'<span class="tape-number{f" tape-{part.mark}" if part.mark else ""}">{text}</span>'
    elif part.role == "state" and part.state:
        text = f'<span class="{state_class(part.state)}">{state_html(part)}</span>'
    elif part.role in {"code", "strong"} and text:
        text = f"<{part.role}>{text}</{part.role}>"
    if part.node is not None and part.node in page.linked:
        return f'<a href="#{page.prefix}-row-{part.node}">{text}</a>'
    return text
