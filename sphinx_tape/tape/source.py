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

_known: dict[int, tuple[CodeType, dict[int, Source] | None]] = {}
"""By the id of a code object: the code (kept, so that its id stays its own) and the lines met in it, by
the offset of the instruction, which is cheaper to read than the line number; None for our own code."""


def author_line(depth: int) -> Source | None:
    """Find the innermost line of code that is not the package's own.

    Args:
        depth: How many callers up to begin; frames above it are known to be ours.

    Returns:
        The line, or None if every caller is ours.
    """
    frame: FrameType | None = sys._getframe(depth)  # noqa: SLF001 -- inspect.stack() costs a thousand times as much
    while frame is not None:
        code = frame.f_code
        known = _known.get(id(code))
        if known is None:
            ours = code.co_filename.startswith(_PACKAGE)
            known = _known[id(code)] = (code, None if ours else {})
        lines = known[1]
        if lines is not None:
            offset = frame.f_lasti
            source = lines.get(offset)
            if source is None:
                source = lines[offset] = Source(code.co_filename, frame.f_lineno, code.co_name)
            return source
        frame = frame.f_back
    return None
