"""What is said of a figure whose process could not say it itself.

Layer `execution`, in the server.
Read next: `forking.py`, `fresh.py`.
"""

from __future__ import annotations

import signal
from collections.abc import Sequence

from sphinx_tape.execution.failure import from_dump
from sphinx_tape.execution.request import Failure


def timed_out(subject: str, seconds: float, dump: str, roots: Sequence[str]) -> Failure:
    """Describe a figure that was stopped."""
    rest = f" must finish within {seconds:g} s (was still running@); make it faster or raise `tape_timeout`"
    return from_dump(dump, "timeout", roots, subject, rest)


def crashed(subject: str, code: int | None, dump: str, roots: Sequence[str]) -> Failure:
    """Describe a process that ended without an answer.

    Args:
        subject: Whose process it was.
        code: Exit status; negative: the signal that killed it; None: unknown.
        dump: What `faulthandler` wrote.
        roots: Import folders, absolute.
    """
    rest = f" must return (its process {_end(code)}@); see the captured output"
    return from_dump(dump, "crash", roots, subject, rest)


def flooded(subject: str, megabytes: int) -> Failure:
    """Describe a figure that printed without end."""
    message = f"{subject} must print at most {megabytes} MB (got more); print less"
    return Failure(kind="builder", message=message)


def _end(code: int | None) -> str:
    if code is None:
        return "vanished"
    if code >= 0:
        return f"ended itself with status {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"was killed by {name}" + (", as happens when memory runs out" if -code == 9 else "")
