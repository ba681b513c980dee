"""The author's line that called into a framework while an adapter watched.

Layer `adapters`.
Read next: `sphinx_tape/tape/source.py`, the same for our own tape, where it has to be fast.
"""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx_tape.tape.node import Source

if TYPE_CHECKING:
    from types import FrameType


def author_line(*libraries: str) -> Source | None:
    """Find the innermost line of code that is neither ours nor a library's.

    Args:
        libraries: Packages between the author and us, by the names of their imported modules.

    Returns:
        The line, or None if there is none.
    """
    skipped = (*_folders(libraries), "<")
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 -- inspect.stack() costs a thousand times as much
    while frame is not None:
        file = frame.f_code.co_filename
        if not file.startswith(skipped):
            return Source(file, frame.f_lineno, frame.f_code.co_name)
        frame = frame.f_back
    return None


@cache
def _folders(libraries: tuple[str, ...]) -> tuple[str, ...]:
    """Return where our code and that of libraries lies; those are loaded by the time they call us."""
    return tuple(
        str(Path(str(sys.modules[name].__file__)).parent) + os.sep
        for name in ("sphinx_tape", *libraries)
        if getattr(sys.modules.get(name), "__file__", None)
    )
