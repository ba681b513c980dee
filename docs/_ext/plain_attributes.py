"""Keep one-line docstrings of attributes as they are written.

Napoleon takes what stands before a colon in such a line for a type ("Its cotangent; unit: ..."). Types are in
the annotations here, so its reading of attributes is undone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

KINDS = frozenset({"attribute", "data", "property"})

_written: dict[str, list[str]] = {}


def remember(_app: Sphinx, what: str, name: str, _obj: object, _options: object, lines: list[str]) -> None:
    """Note the lines before napoleon sees them."""
    if what in KINDS:
        _written[name] = list(lines)


def restore(_app: Sphinx, what: str, name: str, _obj: object, _options: object, lines: list[str]) -> None:
    """Put the lines back after napoleon has seen them."""
    if what in KINDS:
        lines[:] = _written.pop(name)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect around napoleon, which uses the default priority of 500."""
    app.connect("autodoc-process-docstring", remember, priority=400)
    app.connect("autodoc-process-docstring", restore, priority=600)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
