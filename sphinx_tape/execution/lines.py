"""Lines of JSON between the Sphinx process and a server: orders in, answers out.

Layer `execution`, in the servers; standard library only.
Read next: `server.py`, `server_process.py` (the other end).
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable
from select import select
from selectors import EVENT_WRITE, BaseSelector
from typing import Any

CAN_SELECT_PIPES = sys.platform != "win32"
WATCH = 0.5
"""Seconds between looks at whether the Sphinx process is still there."""


class Outbox:
    """Answers on their way: nobody may read them for a while, and that must not stop the work."""

    def __init__(self, descriptor: int, selector: BaseSelector) -> None:
        self._descriptor = descriptor
        self._selector = selector
        self._backlog = bytearray()
        self._registered = False
        os.set_blocking(descriptor, not CAN_SELECT_PIPES)

    def put(self, line: bytes) -> None:
        """Add a line."""
        self._backlog += line
        self._send()

    def finish(self) -> None:
        """Wait until everything is sent."""
        os.set_blocking(self._descriptor, True)
        while self._backlog:
            self._send()

    def _send(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._backlog:
                del self._backlog[: os.write(self._descriptor, self._backlog)]
        if self._backlog and not self._registered:
            self._selector.register(self._descriptor, EVENT_WRITE, self._send)
        elif self._registered and not self._backlog:
            self._selector.unregister(self._descriptor)
        self._registered = bool(self._backlog)


class Orders:
    """Lines of JSON from the Sphinx process, as they come."""

    def __init__(self, descriptor: int, client: int) -> None:
        """Remember who writes what.

        Args:
            descriptor: Where the lines come from.
            client: Id of the process that writes them and that started this one.
        """
        self.descriptor = descriptor
        self._client = client
        self._ended = False
        self._text = bytearray()

    @property
    def closed(self) -> bool:
        """Whether nobody is there any more.

        Sphinx forks its readers, and each has a copy of the other end: when a build is killed, one of
        them may keep it open for good. So it is also asked whether the process has lost its parent.
        """
        return self._ended or (CAN_SELECT_PIPES and os.getppid() != self._client)

    def read(self, take: Callable[[dict[str, Any]], None]) -> None:
        """Wait a while for something, and hand on every complete line."""
        if CAN_SELECT_PIPES and not select([self.descriptor], [], [], WATCH)[0]:
            return
        chunk = os.read(self.descriptor, 1 << 16)
        self._ended = not chunk
        self._text += chunk
        *lines, rest = bytes(self._text).split(b"\n")
        self._text = bytearray(rest)
        for line in lines:
            take(json.loads(line))
