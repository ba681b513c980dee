"""What is said when our own code breaks.

Layer `ext`, but free of Sphinx: the processes that draw say it, too.
Read next: `failures.py`.
"""

from __future__ import annotations

from sphinx_tape.render.messages import _


def fault_of_ours(what: str, error: Exception) -> str:
    """Return what is said when our own code breaks."""
    message = _("{what} must be possible to make (got {error}); please report it")
    return message.format(what=what, error=f"{type(error).__name__}: {error}")
