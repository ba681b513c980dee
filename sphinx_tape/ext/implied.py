"""What goes without saying in HTML, and is left out where it does.

Layer `ext`, but free of Sphinx: the processes that draw do it. In XML, which EPUB is, nothing goes without
saying.
Read next: `drawable.py`.
"""

from __future__ import annotations

from typing import Final

_IMPLIED: Final = (
    ("</th><th", "<th"),
    ("</th><td", "<td"),
    ("</td><td", "<td"),
    ("</th></tr>", ""),
    ("</td></tr>", ""),
    (' xmlns="http://www.w3.org/2000/svg"', ""),
)
"""End tags of tables that follow from what comes next (HTML standard, "optional tags"), and what every `svg`
is known to be: every tenth byte of a page."""


def without_implied(body: str) -> str:
    """Leave out what every parser of HTML adds by itself; no text of an author's can hold a tag."""
    for written, enough in _IMPLIED:
        body = body.replace(written, enough)
    return body
