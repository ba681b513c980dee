"""A pipe that the server reads whenever something arrives.

Layer `execution`, in the server.
Read next: `forking.py`, `shared.py`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from selectors import EVENT_READ, BaseSelector

CHUNK = 1 << 16
"""Bytes that are read at once."""


class Pipe:
    """One pipe that is read whenever something arrives."""

    def __init__(self, selector: BaseSelector, take: Callable[[bytes], None]) -> None:
        self._selector = selector
        self._take = take
        self._read, self.write = os.pipe()
        os.set_blocking(self._read, False)
        self.open = True
        selector.register(self._read, EVENT_READ, self.drain)

    def drain(self) -> None:
        """Take what is there; at the end of the pipe, close it."""
        while self.open:
            try:
                chunk = os.read(self._read, CHUNK)
            except BlockingIOError:
                return
            if not chunk:
                self.close()
                return
            self._take(chunk)
            if len(chunk) < CHUNK:
                return

    def close_write(self) -> None:
        """Close our copy of the writing end, once another process has it."""
        os.close(self.write)

    def close(self) -> None:
        """Stop reading."""
        if self.open:
            self.open = False
            self._selector.unregister(self._read)
            os.close(self._read)
