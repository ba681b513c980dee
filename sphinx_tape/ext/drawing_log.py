"""Which figures are done with: a list that the server adds to and every process of a build can read.

Layer `ext`, but free of Sphinx. A file without a name, so that nothing is left behind: the processes that
Sphinx forks for writing have it open as well, and each reads it at its own pace.
Read next: `drawing_client.py`, `drawing_server.py` (who reads, who writes).
"""

from __future__ import annotations

import os
import tempfile


class DrawingLog:
    """The list, as one process reads it."""

    def __init__(self) -> None:
        """Begin a list.

        Raises:
            OSError: There is no room for files.
        """
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 -- closed in `close`
        self._keys: set[str] = set()
        self._offset = 0
        self._begun = b""

    @property
    def descriptor(self) -> int:
        """What the server writes to; reading has places of its own and does not disturb it."""
        return self._file.fileno()

    def has(self, key: str) -> bool:
        """Whether a figure is done with, by now."""
        if key not in self._keys:
            self._read()
        return key in self._keys

    def close(self) -> None:
        """Forget the list."""
        self._file.close()

    def _read(self) -> None:
        while chunk := os.pread(self._file.fileno(), 1 << 16, self._offset):
            self._offset += len(chunk)
            *keys, self._begun = (self._begun + chunk).split(b"\n")
            self._keys.update(key.decode() for key in keys)
