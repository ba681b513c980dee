"""Where code comes from: the author's folders, installed libraries, the standard library, this package.

Layer `execution`, standard library only, worker side. Turns absolute paths into ones that read the same on
every machine.
Read next: `failure.py`, `loader.py`.
"""

from __future__ import annotations

import os
import re
import site
import sysconfig
from collections.abc import Sequence
from functools import cache
from pathlib import Path

PACKAGE = os.path.realpath(Path(__file__).parent.parent)

_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}")
_ROOTED = re.compile(
    r"""
    (?P<kept> \b(?:https?|ftp)://\S+ )                              # addresses of the web stay
    | (?<=['"]) /+ (?: [^/\n'"]+ /+ )+ (?= [^/\n'"]+ ['"] )         # between quotes, where blanks may be
    | (?<![\w/.~-]) /+ (?: [^/\s'"<>:,;()\[\]]+ /+ )+ (?= [^/\s'"] )
    | \b[A-Za-z]:\\+ (?: [^\\\s'"<>]+ \\+ )+                       # of Windows, also as `repr` writes it
    """,
    re.VERBOSE,
)
"""Rooted paths of two or more steps, up to their last one."""


@cache
def library_folders() -> tuple[str, ...]:
    """Return the folders that hold installed libraries."""
    folders = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), *site.getsitepackages()]
    folders.append(site.getusersitepackages())
    return _real(folders)


@cache
def standard_folders() -> tuple[str, ...]:
    """Return the folders that hold the standard library."""
    return _real([sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")])


def _real(folders: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(os.path.realpath(folder) for folder in folders))


def is_inside(path: str, folders: Sequence[str]) -> bool:
    """Whether a path lies in one of the folders."""
    return any(path == folder or path.startswith(folder + os.sep) for folder in folders)


def is_library(path: str) -> bool:
    """Whether a file belongs to an installed library."""
    return is_inside(path, library_folders())


def is_foreign(path: str) -> bool:
    """Whether a file is not the author's: a library, the standard library, or this package."""
    if path.startswith("<"):
        return True
    return is_inside(os.path.realpath(path), (*library_folders(), *standard_folders(), PACKAGE))


def display_path(path: str, roots: Sequence[str]) -> str:
    """Return a path as readers see it: relative to its import folder, never absolute."""
    if path.startswith("<"):
        return path
    real = os.path.realpath(path)
    for folder in (*roots, *library_folders(), *standard_folders()):
        if is_inside(real, (folder,)):
            return os.path.relpath(real, folder).replace(os.sep, "/")
    return os.path.basename(real)  # noqa: PTH119 -- text, not a file


def scrub(text: str, roots: Sequence[str]) -> str:
    """Take out of a text what differs from machine to machine and from run to run.

    Paths below an import folder become relative to it, the folders of other absolute paths are left out,
    memory addresses are masked, control characters are shown as escapes.
    """
    for root in sorted(roots, key=len, reverse=True):
        text = re.sub(rf"{re.escape(root)}(?![\w-])", ".", text.replace(root + os.sep, ""))
    text = _ROOTED.sub(lambda found: found["kept"] or ".../", text)
    text = _ADDRESS.sub("0x...", text)
    return clean(text)


def clean(text: str) -> str:
    """Show characters that no document can hold (controls, lone surrogates) as escapes."""
    if text.isprintable():
        return text
    return "".join(c if c in "\n\t" or _is_allowed(c) else ascii(c)[1:-1] for c in text.replace("\r\n", "\n"))


def _is_allowed(character: str) -> bool:
    code = ord(character)
    return (
        code >= 0xA0 and not 0xD800 <= code <= 0xDFFF and code not in {0xFFFE, 0xFFFF}
    ) or 0x20 <= code < 0x7F


def clip(text: str, length: int) -> str:
    """Return the beginning of a text."""
    return text if len(text) <= length else text[: length - 3] + "..."
