"""Which packages a figure needs and the builders' interpreter does not have.

Layer `ext`, standard library only: packages are looked for, never imported.
Read next: `run.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec


def missing_packages(names: Iterable[str], folders: Sequence[str]) -> tuple[str, ...]:
    """Return those of some top-level packages that a builder could not import.

    Args:
        names: What a figure requires.
        folders: Where builders are imported from besides the interpreter's own folders.
    """
    return tuple(name for name in names if not _is_there(name, folders))


def _is_there(name: str, folders: Sequence[str]) -> bool:
    return _is_package(PathFinder.find_spec(name, folders)) or _is_package(_installed(name))


def _installed(name: str) -> ModuleSpec | None:
    try:
        return find_spec(name)
    except ValueError:  # a module that was loaded without a specification
        return None


def _is_package(spec: ModuleSpec | None) -> bool:
    # A folder of pages that happens to bear the name would be found too, as a package without a file.
    return spec is not None and spec.origin is not None
