"""The server's end of copies that run closed builders one after the other.

Layer `execution`, in the server, Linux. What does not go well there is not judged: `AGAIN` says that the
figure is to be run alone, with all its time.
Read next: `runner.py` (the other end), `forking.py`.
"""

from __future__ import annotations

import contextlib
import json
import socket
from selectors import EVENT_READ
from typing import TYPE_CHECKING, Literal

from sphinx_tape.execution.capture import Printed
from sphinx_tape.execution.limits import kill_group
from sphinx_tape.execution.pipe import CHUNK, Pipe
from sphinx_tape.execution.request import GOOD
from sphinx_tape.execution.settings import MEGABYTE

if TYPE_CHECKING:
    from sphinx_tape.execution.forking import ForkedModule
    from sphinx_tape.execution.request import FigureRequest

Again = Literal["again"]
AGAIN: Again = "again"
"""The answer of a figure that is to be run again, alone."""
SHORT = 2.0
"""Seconds after which a figure is run alone: what takes so long gains nothing here."""
MOST_FIGURES = 50
"""Figures after which a copy is not used any more, so that what it has not given back stays bounded."""


class SharedProcess:
    """A copy of a module's process that is given closed builders."""

    def __init__(self, module: ForkedModule) -> None:
        self.module = module
        self.figure: SharedFigure | None = None
        self.ended = False
        self.line = bytearray()
        self.printed = Printed(module.settings.output_limit * MEGABYTE)
        self._pid: int | None = None
        self._closed = False
        self._left = MOST_FIGURES
        self._output = Pipe(module.selector, self.printed.add)
        self._control, self.theirs = socket.socketpair()
        module.selector.register(self._control, EVENT_READ, self._hear)

    @property
    def writers(self) -> list[int]:
        """What the copy is given: its end of the socket, and where it prints to."""
        return [self.theirs.fileno(), self._output.write]

    def started(self) -> None:
        """Leave to the copy what is the copy's."""
        self.theirs.close()
        self._output.close_write()

    def start(self, request: FigureRequest, now: float) -> SharedFigure:
        """Run a figure."""
        seconds = min(request.timeout or self.module.settings.timeout, SHORT)
        self.figure = SharedFigure(self, request, now, now + seconds)
        self._left -= 1
        with contextlib.suppress(OSError):
            # It waits for a line, so its buffer is empty and takes this one whole.
            self._control.sendall(json.dumps(request._asdict()).encode() + b"\n")
        return self.figure

    def finish(self) -> None:
        """Wait for the next figure if this one went well and there were not enough."""
        good = is_good(self.line)
        self.figure = None
        self.line.clear()
        if self.ended or not good or not self._left:
            self.close()

    def close(self) -> None:
        """Kill the copy and forget it."""
        if self._closed:
            return
        self._closed = True
        self._end()
        self._output.close()
        self.module.forget(self)
        if self._pid is not None:
            self._kill(self._pid)

    def _end(self) -> None:
        if not self.ended:
            self.ended = True
            self.module.selector.unregister(self._control)
            self._control.close()

    def born(self, pid: int) -> None:
        """Learn which process it is; it may be too late for it."""
        self._pid = pid
        if self._closed:
            self._kill(pid)

    def _kill(self, pid: int) -> None:
        kill_group(pid)
        self.module.reap(pid)

    def _hear(self) -> None:
        if self.ended:
            return
        try:
            chunk = self._control.recv(CHUNK)
        except OSError:
            chunk = b""
        self.line += chunk
        if not chunk:
            self._end()
            if self.figure is None:
                self.close()


class SharedFigure:
    """One figure in such a copy."""

    def __init__(self, runner: SharedProcess, request: FigureRequest, now: float, deadline: float) -> None:
        self.request = request
        self.module = runner.module
        self.begun = now
        self._runner = runner
        self._deadline = deadline

    def answer(self, now: float) -> bytes | Again | None:
        """Return the answer as JSON, `AGAIN` if it is to be run alone; None while it runs."""
        runner = self._runner
        endless = runner.printed.is_endless
        if is_good(runner.line) and not endless:
            return bytes(runner.line[1:])
        lost = endless or runner.ended or runner.line.endswith(b"\n") or self.module.dead
        return AGAIN if lost or now > self._deadline else None

    def close(self) -> None:
        """Make room for the next figure."""
        self._runner.finish()


def is_good(line: bytes | bytearray) -> bool:
    """Whether a line is there completely and holds a report."""
    return line.startswith(GOOD) and line.endswith(b"\n")
