"""What a result depends on, by content: files and library versions.

Layer `execution`, standard library only: the worker records with it, the Sphinx process compares.
Paths are kept relative to the project's source folder, so that a store survives a checkout elsewhere;
times are never compared, because a fresh checkout has new ones.
Read next: `store.py`.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

Json = Any
"""What JSON can hold."""

MISSING = "missing"
"""Stands for the content of a file that is not there: its appearance is a change, too."""


class Dependencies(NamedTuple):
    """Everything outside of the request that decides a result."""

    files: Mapping[str, str]
    """Path relative to the source folder (forward slashes) -> SHA-256 of the content."""
    versions: Mapping[str, str]
    """Installed distribution -> its version."""

    def to_json(self) -> dict[str, dict[str, str]]:
        """Return the dependencies as JSON data in a fixed order."""
        return {"files": dict(sorted(self.files.items())), "versions": dict(sorted(self.versions.items()))}

    @classmethod
    def from_json(cls, data: Json) -> Dependencies:
        """Read the dependencies back.

        Raises:
            ValueError: The data is something else.
        """
        files, versions = data["files"], data["versions"]
        for table in (files, versions):
            if not all(type(key) is str and type(value) is str for key, value in table.items()):
                message = "dependencies must map text to text"
                raise ValueError(message)
        return cls(files, versions)


def relative_path(path: str | os.PathLike[str], source_dir: str | os.PathLike[str]) -> str:
    """Return a path relative to the source folder, with forward slashes; absolute on another drive."""
    try:
        return os.path.relpath(path, source_dir).replace(os.sep, "/")
    except ValueError:
        return os.fspath(path)


def content_hash(content: bytes) -> str:
    """Return the hash by which contents are compared."""
    return hashlib.sha256(content).hexdigest()


class Fingerprints:
    """Contents as they are during one build; each file is hashed once, each version looked up once."""

    def __init__(self, source_dir: str | os.PathLike[str]) -> None:
        self._source_dir = source_dir
        self._files: dict[tuple[str, int, int], str] = {}
        self._versions: dict[str, str] = {}

    def file(self, path: str) -> str:
        """Return the hash of a file; path relative to the source folder, or absolute."""
        absolute = os.path.join(self._source_dir, path)  # noqa: PTH118 -- hot: thousands per build
        try:
            status = os.stat(absolute)  # noqa: PTH116 -- hot: thousands per build
            if not stat.S_ISREG(status.st_mode):
                return MISSING
            key = (absolute, status.st_mtime_ns, status.st_size)
            if key not in self._files:
                with open(absolute, "rb") as handle:  # noqa: PTH123 -- hot: thousands per build
                    self._files[key] = content_hash(handle.read())
            return self._files[key]
        except (OSError, ValueError):
            return MISSING

    def version(self, distribution: str) -> str:
        """Return the version of an installed distribution, empty if it is not installed."""
        if distribution not in self._versions:
            self._versions[distribution] = installed_version(distribution)
        return self._versions[distribution]

    def unchanged(self, dependencies: Dependencies) -> bool:
        """Whether everything is as it was recorded."""
        return all(self.file(path) == was for path, was in dependencies.files.items()) and all(
            self.version(name) == was for name, was in dependencies.versions.items()
        )


@cache
def code_fingerprint() -> str:
    """Return a hash of our own code that makes reports: what other code has made is not used again.

    The version number would do for whoever installs releases, but not for those who write them.
    """
    package = Path(__file__).parent.parent
    folders = ("tape", "adapters", "report", "execution")
    files = sorted(path for folder in folders for path in (package / folder).glob("*.py"))
    return content_hash(b"\0".join(path.read_bytes() for path in files))


ADAPTERS = "sphinx_tape.adapters"
"""Stands among the distributions for all adapters that are installed: a new one may read a result anew."""


def _adapters_version() -> str:
    """Return which adapters are installed, from which distributions, in which versions."""
    from importlib import metadata  # noqa: PLC0415 -- the processes that draw need none of it

    points = metadata.entry_points(group=ADAPTERS)
    homes = [(point, point.dist) for point in points]
    return "; ".join(
        sorted(
            {
                f"{point.name} = {point.value} ({home and f'{home.name} {home.version}'})"
                for point, home in homes
            }
        )
    )


def installed_version(distribution: str) -> str:
    """Return the version of an installed distribution, empty if it is not installed."""
    if distribution == ADAPTERS:
        return _adapters_version()
    from importlib import metadata  # noqa: PLC0415 -- as above

    try:
        return metadata.version(distribution)
    except (metadata.PackageNotFoundError, ValueError):
        return ""
