"""The figures that other processes draw while Sphinx reads and writes.

Layer `ext`. Hands orders to a server and tells what is done. Where that cannot be had (no forks, no store,
a server that died), nothing is waited for and the writer makes what is missing.
Read next: `drawing_server.py` (the other end), `drawing_log.py`.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

from sphinx_tape.execution.server_process import ServerProcess
from sphinx_tape.ext.drawing_log import DrawingLog

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx_tape.ext.drawing_order import DrawingOrder, DrawingSettings

CAN_FORK = hasattr(os, "fork")
DRAW = "sphinx_tape.ext.drawing_server:main"
GLANCE = 0.004
"""Seconds between looks at the list, in processes that the server does not talk to."""


class IdleDrawer(NamedTuple):
    """A server that nobody has asked for anything yet."""

    server: ServerProcess
    log: DrawingLog

    @classmethod
    def start(cls) -> IdleDrawer | None:
        """Start one; None where that cannot be done."""
        if not CAN_FORK:
            return None
        with contextlib.suppress(OSError):
            log = DrawingLog()
            try:
                return cls(ServerProcess(sys.executable, DRAW, keep=(log.descriptor,)), log)
            except OSError:
                log.close()
        return None

    def close(self) -> None:
        """End it."""
        self.server.close()
        self.log.close()


class DrawingClient:
    """What has been ordered from the server of one build."""

    def __init__(self, settings: DrawingSettings, idle: IdleDrawer | None = None) -> None:
        """Remember how to start a server.

        Args:
            settings: What all figures have in common.
            idle: A server that has been started ahead.
        """
        self._settings = settings
        self._idle = idle
        self._server: ServerProcess | None = None
        self._leaving: list[ServerProcess] = []
        self._log: DrawingLog | None = None
        self._ordered: set[str] = set()
        # Writers are forked; only the process that made the server may talk to it.
        self._owner = os.getpid()

    @property
    def started(self) -> bool:
        """Whether there is somebody who draws."""
        return self._server is not None

    @property
    def server(self) -> ServerProcess | None:
        """The server, as long as this process hears from it."""
        return self._server if os.getpid() == self._owner else None

    def start(self) -> None:
        """Start the server, if drawing is shared out at all."""
        if self._server is not None or self._leaving:
            return
        if CAN_FORK and self._settings.workers > 1 and self._settings.store:
            idle = self._idle or IdleDrawer.start()
            self._idle = None
            if idle is not None:
                self._server, self._log = idle.server, idle.log
                self._server.send({"settings": self._settings._asdict(), "log": self._log.descriptor})

    def order(self, orders: Iterable[DrawingOrder]) -> None:
        """Let figures be drawn; returns at once. What has been ordered before is not drawn again."""
        new = {order.key: order for order in orders if order.key not in self._ordered}
        if self._server is not None and new:
            self._ordered.update(new)
            self._server.send(*({"key": key, "figure": order.to_json()} for key, order in new.items()))

    @property
    def ordered(self) -> int:
        """How many figures have been ordered."""
        return len(self._ordered)

    def has(self, key: str) -> bool:
        """Whether a figure has been ordered."""
        return key in self._ordered

    def is_awaited(self, key: str) -> bool:
        """Whether a figure has been ordered and is not done with, made or not."""
        if key not in self._ordered or self._server is None or self._log is None or self._log.has(key):
            return False
        # What has ended may have said something just before.
        return not self._server.has_ended() or self._log.has(key)

    def glance(self) -> None:
        """Wait a moment, in a process that the server does not talk to."""
        time.sleep(GLANCE)

    def let_go(self) -> None:
        """Let the server end, done or not, and do not wait until it has; nothing is awaited any more."""
        if self._server is not None and os.getpid() == self._owner:
            self._server.hang_up()
            self._leaving.append(self._server)
        self._server = None

    def close(self) -> None:
        """End the server, done or not."""
        if self._idle is not None:
            self._idle.close()
        self._idle = None
        self.let_go()
        for server in self._leaving:
            server.close()
        self._leaving.clear()
        if self._log is not None:
            self._log.close()
        self._log = None
