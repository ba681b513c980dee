"""The badge of checked gradients as HTML: a sign with a sentence, and what is folded behind it.

Layer `render`. Its colours are those of the gradient states.
Read next: `html.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sphinx_tape.render.escape import html
from sphinx_tape.render.html_arrays import table_html
from sphinx_tape.render.html_lines import line_html

if TYPE_CHECKING:
    from sphinx_tape.render.content import Badge
    from sphinx_tape.render.html_lines import Page
    from sphinx_tape.report.model import CheckVerdict

_STATES: Final[dict[CheckVerdict, str]] = {
    "right": "gradient",
    "kink": "zero",
    "unresolved": "zero",
    "unchecked": "not-asked",
    "wrong": "failed",
}


def badge_html(badge: Badge, page: Page) -> str:
    """Write the sign and the sentence."""
    name = f"tape-state-{_STATES[badge.verdict]}"
    sign = f'<b aria-hidden="true">{html(badge.sign)}</b>'
    return f'<span class="{name}">{sign} {line_html(badge.line, page)}</span>'


def badge_details_html(badge: Badge, page: Page) -> str:
    """Write who is to blame and every number."""
    faults = "".join(f'<p class="tape-failed">{line_html(line, page)}</p>' for line in badge.faults)
    notes = "".join(f'<p class="tape-note">{line_html(line, page)}</p>' for line in badge.notes)
    return faults + notes + (table_html(badge.table, page, anchored=False) if badge.table else "")
