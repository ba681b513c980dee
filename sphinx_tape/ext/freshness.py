"""Remembers, for every output folder, with which content each page was last written there.

Layer `ext`. The doctrees are shared by builders, so the environment cannot know this: after html, an
edit, text, html again, the environment is up to date and the HTML is not. One small JSON file for each
output folder, beside the doctrees.
Read next: `session.py`.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

Digests = Mapping[str, str]
"""Page name to digest of everything its figures show."""


def digest_of(parts: Iterable[object]) -> str:
    """Return a digest of plain values: their `repr` is the same in every process."""
    return hashlib.sha256("\0".join(repr(part) for part in parts).encode("utf-8", "replace")).hexdigest()


@cache
def render_fingerprint() -> str:
    """Return a digest of the code that makes figures out of reports.

    What was drawn and written by other code is not used again, whatever the version number says.
    """
    package = Path(__file__).parent.parent
    files = sorted(path for folder in ("ext", "render", "report") for path in (package / folder).glob("*.py"))
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()


class WrittenPages:
    """What one output folder holds."""

    def __init__(self, folder: Path, builder: str, output: Path) -> None:
        """Find the memory of an output folder.

        Args:
            folder: Where memories are kept.
            builder: Name of the Sphinx builder: two may write into one folder.
            output: The output folder.
        """
        name = digest_of([builder, os.fspath(output)])[:16]
        self._path = folder / f"written-{name}.json"
        self._known = _load(self._path)

    @property
    def vouches_for_nothing(self) -> bool:
        """Whether every page is written anew, whatever its figures show."""
        return not self._known

    def outdated(self, digests: Digests) -> list[str]:
        """Return the pages whose figures changed since they were written, and forget these.

        They are forgotten on disk *before* anything is written: a build that is killed half-way leaves
        pages that nobody vouches for, not pages that pass for something else.
        """
        changed = [page for page, digest in digests.items() if self._known.get(page) != digest]
        kept = {page: digest for page, digest in self._known.items() if digests.get(page) == digest}
        self._replace(kept)
        return sorted(changed)

    def remember(self, digests: Digests, written: Iterable[str]) -> None:
        """Note that pages have been written with their present content."""
        self._replace({**self._known, **{page: digests[page] for page in written if page in digests}})

    def _replace(self, known: dict[str, str]) -> None:
        """Save what is known, if it differs from what is saved."""
        if known != self._known:
            self._known = known
            _save(self._path, known)


def _load(path: Path) -> dict[str, str]:
    """Return a saved memory; a missing or damaged one is empty, so that everything is written again."""
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def _save(path: Path, known: dict[str, str]) -> None:
    """Write a file so that a reader finds the old or the new one, never a part.

    A folder that cannot be written costs time in the next build, never this build.
    """
    text = json.dumps(known, indent=0, sort_keys=True)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".written-")
    except OSError:
        return
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).replace(path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
