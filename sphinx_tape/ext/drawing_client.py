"""The figures that other processes draw while Sphinx reads and writes.

Layer `ext`. Hands orders to a server and waits for what a page needs. Where that cannot be had (no forks,
no store, a server that died), nothing is waited for and the writer makes what is missing.
Read next: `drawing_server.py` (the other end).
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import asdict
from typing import TYPE_CHECKING

from sphinx_tape.execution.server_process import ServerProcess

if TYPE_CHECKING:
    from collections.abc import Callable

    from sphinx_tape.ext.drawing_order import DrawingOrder, DrawingSettings

CAN_FORK = hasattr(os, "fork")
DRAW = "sphinx_tape.ext.drawing_server:main"


class DrawingClient:
    """What has been ordered from the server of one build."""

    def __init__(self, settings: DrawingSettings, python: str) -> None:
        """Remember how to start a server.

        Args:
            settings: What all figures have in common.
            python: The interpreter.
        """
        self._settings = settings
        self._python = python
        self._server: ServerProcess | None = None
        self._ordered: set[str] = set()
        self._done: set[str] = set()
        # Writers are forked; only the process that made the server may talk to it.
        self._owner = os.getpid()

    @property
    def started(self) -> bool:
        """Whether there is somebody who draws."""
        return self._server is not None

    def start(self) -> None:
        """Start the server, if drawing is shared out at all."""
        if self._server is None and CAN_FORK and self._settings.workers > 1 and self._settings.store:
            with contextlib.suppress(OSError):
                self._server = ServerProcess(self._python, DRAW)
                self._server.send(asdict(self._settings))

    def order(self, order: DrawingOrder) -> None:
        """Let a figure be drawn; returns at once. One that has been ordered before is not drawn again."""
        if self._server is not None and order.key not in self._ordered:
            self._ordered.add(order.key)
            self._server.send({"key": order.key, "figure": order.to_json()})

    def has(self, key: str) -> bool:
        """Whether a figure has been ordered."""
        return key in self._ordered

    def wait(self, key: str) -> None:
        """Wait until a figure is done with, made or not; one that was not ordered is not waited for."""
        if self._server is None or os.getpid() != self._owner:
            return
        if key in self._ordered and key not in self._done:
            self._hear(lambda: key in self._done)

    def close(self) -> None:
        """End the server, done or not."""
        if self._server is not None and os.getpid() == self._owner:
            self._server.close()
        self._server = None

    def _hear(self, enough: Callable[[], bool]) -> None:
        """Hear what is done; a server that has ended does nothing any more."""
        for line in self._server.answers() if self._server else ():
            self._done.add(json.loads(line))
            if enough():
                return
        self._done |= self._ordered
