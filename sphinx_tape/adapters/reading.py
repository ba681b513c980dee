"""What an adapter makes of a foreign graph.

Layer `adapters`.
Read next: `read.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sphinx_tape.tape import Tape


class Reading(NamedTuple):
    """A tape, where it came from, and which node the reverse pass starts from."""

    tape: Tape
    output: int | str | None
    """Id or name; None: the builder names none."""
    framework: str = "sphinx_tape"
