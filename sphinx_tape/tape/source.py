"""The author's line that recorded an operation.

Layer `tape`. Reads the interpreter's frames, makes `Source` records.
Read next: `tape.py`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import CodeType

from sphinx_tape.tape.node import Source

_PACKAGE = str(Path(__file__).parent.parent) + os.sep
"""Frames whose file lies here are ours, not the author's."""

_known: dict[int, tuple[CodeType, dict[int, Source]]] = {}
"""One `Source` per line, by the id of its code object; the code is kept so that its id stays its own."""


def author_line(depth: int) -> Source | None:
    """Find the innermost line of code that is not the package's own.

    Args:
        depth: How many callers up to begin; frames above it are known to be ours.

    Returns:
        The line, or None if every caller is ours.
    """
    frame = sys._getframe(depth)  # noqa: SLF001 -- inspect.stack() costs a thousand times as much
    code = frame.f_code
    while code.co_filename.startswith(_PACKAGE):
        if frame.f_back is None:
            return None
        frame = frame.f_back
        code = frame.f_code
    line = frame.f_lineno
    known = _known.get(id(code))
    if known is not None:
        source = known[1].get(line)
        if source is not None:
            return source
    return _remember(code, line)


def _remember(code: CodeType, line: int) -> Source:
    """Make the record of a line that is met for the first time."""
    source = Source(code.co_filename, line, code.co_name)
    _known.setdefault(id(code), (code, {}))[1][line] = source
    return source
