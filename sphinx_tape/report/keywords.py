"""Keyword arguments of a primitive -> text that reads the same in every run.

Layer `report`.
Read next: `build.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Value

LONGEST = 120
"""Characters kept of one argument."""


def keyword_texts(keywords: Mapping[str, Any] | None) -> tuple[tuple[str, str], ...]:
    """Return names and texts, in recorded order; a text argument is shown without quotes."""
    if not keywords:
        return ()
    return tuple(
        (name, _clipped(value if isinstance(value, str) else _text(value)))
        for name, value in keywords.items()
    )


def _text(value: Value) -> str:
    """Return an argument as text; nothing whose text may hold an address is asked for it."""
    if isinstance(value, np.ndarray):
        return f"array of shape {value.shape}"
    if isinstance(value, list | tuple):
        inner = ", ".join(map(_text, value))
        return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' * (len(value) == 1)})"
    if isinstance(value, slice):
        return _slice(value)
    if isinstance(value, np.generic):
        return str(value)
    if isinstance(value, bool | int | float | complex | str | None):
        return repr(value)
    return "..." if value is Ellipsis else type(value).__name__


def _slice(value: slice) -> str:
    start, stop, step = (
        "" if part is None else _text(part) for part in (value.start, value.stop, value.step)
    )
    return f"{start}:{stop}" + (f":{step}" if step else "")


def _clipped(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."
