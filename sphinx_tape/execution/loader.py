"""Imports in the worker: the author's folders first, their files compiled from what they hold now.

Layer `execution`, worker side. Python trusts a cached compilation by time (in seconds) and size, so two
quick edits would run old code; here the author's files are compiled from source, and the content that was
compiled is remembered as what the result depends on.
Read next: `resolve.py`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.machinery import (
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    SourceFileLoader,
)
from pathlib import Path
from types import CodeType

import numpy as np

from sphinx_tape.execution.definitions import only_defines
from sphinx_tape.execution.fingerprint import (
    MISSING,
    Dependencies,
    content_hash,
    installed_version,
    relative_path,
)
from sphinx_tape.execution.places import PACKAGE, is_inside, is_library, library_folders, standard_folders

_compiled: dict[str, str] = {}
"""Files of the author's -> hash of the content that was compiled."""

_defining: set[str] = set()
"""Those whose import can change nothing but their own names."""


class _ContentLoader(SourceFileLoader):
    """Compiles what the file holds, and remembers it."""

    def get_code(self, fullname: str) -> CodeType | None:
        path = self.get_filename(fullname)
        content = self.get_data(path)
        _compiled[path] = content_hash(content)
        code: CodeType = self.source_to_code(content, path)
        if only_defines(code):
            _defining.add(path)
        return code


def _hook(path: str) -> FileFinder:
    """Serve the author's folders; leave libraries to Python's own, faster way."""
    real = str(Path(path or ".").resolve())
    if is_inside(real, (*library_folders(), *standard_folders(), PACKAGE)) or not Path(real).is_dir():
        message = "not a folder of the author's"
        raise ImportError(message, path=path)
    return FileFinder(real, (ExtensionFileLoader, EXTENSION_SUFFIXES), (_ContentLoader, SOURCE_SUFFIXES))


def install(roots: Sequence[str]) -> None:
    """Put the import folders first on the module search path, and work in the first of them."""
    # Asked before imports are ours: Python 3.13 imports a module to answer, and our hook would ask again.
    library_folders()
    standard_folders()
    os.chdir(roots[0])
    # The folder of the command that started the worker is nobody's import folder.
    sys.path[:] = [*roots, *(path for path in sys.path if path and path not in roots)]
    sys.path_hooks.insert(0, _hook)
    sys.path_importer_cache.clear()


def dependencies(before: Iterable[str], declared: Iterable[str], source_dir: str) -> Dependencies:
    """Return what the modules loaded since `before` make a result depend on.

    Args:
        before: Names of the modules that were loaded before the author's.
        declared: Files that the builder said it reads.
        source_dir: What paths are made relative to.
    """
    files: dict[str, str] = {}
    packages = {"numpy"}
    for name in sys.modules.keys() - set(before):
        file = _origin(name)
        if not Path(file).is_absolute():
            continue
        if is_library(file):
            packages.add(name.partition(".")[0])
        elif not is_inside(file, (*standard_folders(), PACKAGE)):
            files[relative_path(file, source_dir)] = _compiled.get(file) or _file_hash(file)
    for path in declared:
        files[relative_path(path, source_dir)] = _file_hash(path)
    return Dependencies(files, _versions(packages))


def only_definitions(before: Iterable[str]) -> bool:
    """Whether the modules loaded since `before` can have changed nothing but their own names.

    Python's own modules and ours are taken to be as well-behaved as their authors say.
    """
    files = [_origin(name) for name in sys.modules.keys() - set(before)]
    return all(
        file in _defining or file in {"built-in", "frozen"} or is_inside(file, (*standard_folders(), PACKAGE))
        for file in files
    )


def _origin(name: str) -> str:
    """Return the file of a loaded module, or how else it came; empty if that is not known."""
    origin = getattr(getattr(sys.modules[name], "__spec__", None), "origin", None)
    return origin if type(origin) is str else ""


def _versions(packages: set[str]) -> dict[str, str]:
    found = {name: _version(name) for name in packages}
    unknown = [name for name, version in found.items() if not version]
    versions = {name: version for name, version in found.items() if version}
    if unknown:
        from importlib.metadata import packages_distributions  # noqa: PLC0415 -- most builders need only NumPy

        homes = packages_distributions()
        for name in unknown:
            versions.update((home, installed_version(home)) for home in homes.get(name, ()))
    return versions


@cache
def _version(name: str) -> str:
    """Return a version; libraries do not change below a process that has loaded them."""
    # NumPy's own word is the same, and what reads the installation takes a tenth of NumPy's time to load.
    return np.__version__ if name == "numpy" else installed_version(name)


def _file_hash(path: str) -> str:
    try:
        return content_hash(Path(path).read_bytes())
    except OSError:
        return MISSING
