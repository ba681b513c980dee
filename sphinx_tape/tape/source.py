"""The author's line that recorded an operation.

Layer `tape`. Reads the interpreter's frames, makes `Source` records.
Read next: `tape.py`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import CodeType, FrameType

from sphinx_tape.tape.node import Source

_PACKAGE = str(Path(__file__).parent.parent) + os.sep
"""Frames whose file lies here are ours, not the author's."""

_lines: dict[int, dict[int, Source] | None] = {}
"""By the id of a code object: the lines met in it, by the offset of the instruction, which is cheaper to
read than the line number; None for our own code."""

_kept: list[CodeType] = []
"""The code objects met: as long as they are here, nothing else gets their ids."""


def author_line(depth: int) -> Source | None:
    """Find the innermost line of code that is not the package's own.

    Args:
        depth: How many callers up to begin; frames above it are known to be ours.

    Returns:
        The line, or None if every caller is ours.
    """
    frame: FrameType | None
    try:
        frame = sys._getframe(depth)  # noqa: SLF001 -- inspect.stack() costs a thousand times as much
    except ValueError:  # a thread that begins with one of our functions has no such caller
        return None
    while frame is not None:
        code = frame.f_code
        try:
            lines = _lines[id(code)]
        except KeyError:
            lines = _meet(code)
        if lines is not None:
            offset = frame.f_lasti
            source = lines.get(offset)
            if source is None:
                source = lines[offset] = Source(code.co_filename, frame.f_lineno, code.co_name)
            return source
        frame = frame.f_back
    return None


def _meet(code: CodeType) -> dict[int, Source] | None:
    """Enter a code object that is met for the first time."""
    _kept.append(code)
    lines: dict[int, Source] | None = None if code.co_filename.startswith(_PACKAGE) else {}
    _lines[id(code)] = lines
    return lines
