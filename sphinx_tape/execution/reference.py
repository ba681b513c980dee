"""Builder references: what `package.module:function` may be, before anything is imported.

Layer `execution`, standard library only: the Sphinx process checks every reference while it reads.
Reads a string, makes a `Reference`; raises `ReferenceFault`.
Read next: `resolve.py` (importing the module), `arguments.py`.
"""

from __future__ import annotations

import keyword
import sys
import unicodedata
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from sphinx_tape.errors import ReferenceFault

LONGEST = 500
"""Characters of a reference; longer ones are no names that a person wrote."""


class Reference(NamedTuple):
    """A module and the name of a function in it."""

    module: str
    function: str

    def __str__(self) -> str:
        return f"{self.module}:{self.function}"


def parse_reference(text: str) -> Reference:
    """Split and check a reference.

    Identifiers are normalised as Python does when it reads source (NFKC), so that a reference names the
    function it looks like.

    Raises:
        ReferenceFault: not `package.module:function`, a name that is not public, or a module of the
            standard library.
    """
    plain = unicodedata.normalize("NFKC", text.strip()) if len(text) <= LONGEST else ""
    module, colon, function = plain.partition(":")
    segments = module.split(".")
    if not colon or not all(map(_is_name, [*segments, function])):
        message = (
            f"builder reference must be `package.module:function` (got {_shown(text)}); "
            "write the dotted name of a module beside the notes, a colon and the name of a function in it"
        )
        raise ReferenceFault(message)
    if function.startswith("_") or any(_is_dunder(segment) for segment in segments):
        message = f"builder reference must name a public function (got {_shown(text)}); rename the function"
        raise ReferenceFault(message)
    if segments[0] in sys.stdlib_module_names:
        message = (
            f"module {segments[0]!r} must not be of the standard library (got {_shown(text)}); "
            "give the builder's module a name of its own"
        )
        raise ReferenceFault(message)
    return Reference(module, function)


def check_allowed(reference: Reference, patterns: Sequence[str]) -> None:
    """Check that the project allows the module to be run.

    Args:
        reference: What is to be run.
        patterns: Patterns of allowed module names; `a.*` also allows `a` itself; empty allows any.

    Raises:
        ReferenceFault: No pattern fits.
    """
    if not patterns or any(_fits(reference.module, pattern) for pattern in patterns):
        return
    message = (
        f"module {reference.module!r} must fit a pattern of `tape_builder_modules` "
        f"(got {', '.join(patterns)}); add a pattern in conf.py"
    )
    raise ReferenceFault(message)


def _fits(module: str, pattern: str) -> bool:
    return fnmatchcase(module, pattern) or (pattern.endswith(".*") and module == pattern[:-2])


def _is_name(segment: str) -> bool:
    return segment.isidentifier() and not keyword.iskeyword(segment)


def _is_dunder(segment: str) -> bool:
    return segment.startswith("__")


def _shown(text: str) -> str:
    clipped = text if len(text) <= 80 else text[:77] + "..."
    return ascii(clipped) if not clipped.isprintable() else repr(clipped)
