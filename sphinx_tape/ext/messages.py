"""Warnings of this extension: one type, a closed set of subtypes, always with a place.

Layer `ext`. Everything that goes wrong in a build is said through `warn`.
Read next: `config.py`, `failures.py`.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from sphinx.util import logging

if TYPE_CHECKING:
    from docutils.nodes import Node

WARNING_TYPE = "tape"

_logger = logging.getLogger(__name__)


class Subtype(Enum):
    """What a warning is about. `suppress_warnings` takes `tape` or `tape.<value>`."""

    ARGUMENTS = "arguments"
    """The `arguments` option does not hold literals, or they do not fit the builder."""
    BACKWARD = "backward"
    """The reverse pass stopped; what it reached is shown."""
    BUILDER = "builder"
    """The builder, or the module it lives in, raised."""
    CHECK = "check"
    """A gradient disagrees with differences; the node to blame is named, and the badge says so."""
    CONFIG = "config"
    """A `tape_*` setting has a value that is not allowed; its default is used."""
    CRASH = "crash"
    """The process in which the builder ran died."""
    EXECUTION = "execution"
    """The run failed for a reason outside the builder."""
    LAYOUT = "layout"
    """A drawing could not be placed or written; the tables are shown without it."""
    MEMORY = "memory"
    """The builder asked for more than `tape_memory_limit`."""
    OPTION = "option"
    """A directive option is unknown or has a value that is not allowed."""
    OUTPUT = "output"
    """The output or the seed does not fit the tape."""
    REFERENCE = "reference"
    """The builder reference cannot be resolved, or may not be."""
    RESULT = "result"
    """The builder returned something that is no tape, or a tape over the report limit."""
    TIMEOUT = "timeout"
    """The builder ran longer than the time limit."""


def subtype_of(kind: str) -> Subtype:
    """Return the subtype for a failure kind; kinds that are not documented count as `execution`."""
    return Subtype(kind) if kind in {member.value for member in Subtype} else Subtype.EXECUTION


def warn(
    subtype: Subtype,
    message: str,
    location: str | tuple[str | None, int | None] | Node | None = None,
) -> None:
    """Emit one warning of type `tape`.

    Args:
        subtype: What it is about.
        message: The full text; it is not formatted again, so percent signs are safe.
        location: A node, (docname, line) or "path:line".
    """
    _logger.warning("%s", message, type=WARNING_TYPE, subtype=subtype.value, location=location)
