"""Files that a builder reads, declared so that a change of theirs runs it again.

Layer `tape`. Standard library only. The worker that runs a builder reads `declared_files()` afterwards;
it is a process of its own for one module, so one list per process is enough.
Read next: `sphinx_tape/execution/worker.py`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from os import PathLike

_declared: dict[str, None] = {}
"""Absolute paths in the order of their declaration."""


def depends_on(path: str | PathLike[str]) -> Path:
    """Declare a data file.

    Args:
        path: The file; a relative path starts at the folder of the module that calls.

    Returns:
        The absolute path, to open.
    """
    folder = Path(sys._getframe(1).f_code.co_filename).parent  # noqa: SLF001 -- the caller's own file
    found = (folder / path).absolute()
    _declared[str(found)] = None
    return found


def declared_files() -> tuple[str, ...]:
    """List the absolute paths declared in this process, in order, each once."""
    return tuple(_declared)
