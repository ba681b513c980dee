"""A server as its client sees it: started, asked, ended.

Layer `execution`, in the Sphinx process: standard library only, no threads. One server runs builders; `ext`
has one that draws.
Read next: `lines.py`, `server.py` (the other end).
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import tempfile
from collections import deque
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any, Self, cast

from sphinx_tape.execution.interpreter import interpreter_command, worker_environment
from sphinx_tape.execution.lines import CAN_SELECT_PIPES

if TYPE_CHECKING:
    from types import TracebackType

PATIENCE = 5.0
"""Seconds that the server gets to clean up after itself."""
LONGEST_COMPLAINT = 4_000
"""Bytes shown of what the server itself has printed."""
RUN_BUILDERS = "sphinx_tape.execution.server:main"
"""What the server does that `pool.py` starts."""
CHUNK = 1 << 16


class ServerProcess:
    """One server. It can be started ahead: loading its code takes it as long as Sphinx takes to read pages.

    Leaving the `with` block ends it, and everything below it.
    """

    def __init__(self, python: str, call: str = RUN_BUILDERS) -> None:
        """Start it.

        Args:
            python: The interpreter.
            call: What it is to do, as `module:function`.

        Raises:
            OSError: The interpreter cannot be started.
        """
        self.complaint = ""
        """The end of what it has printed, once it is closed."""
        self._begun = b""
        self._complete: deque[bytes] = deque()
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 -- closed in `close`
        try:
            self._process = _start(python, call, self._complaints)
        except OSError:
            self._complaints.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def send(self, order: dict[str, Any]) -> None:
        """Hand over an order; work on it begins at once."""
        orders = cast("IO[bytes]", self._process.stdin)
        with contextlib.suppress(BrokenPipeError):
            orders.write(json.dumps(order).encode() + b"\n")
            orders.flush()

    def answers(self) -> Iterator[bytes]:
        """Give the answers, one line of JSON each, as they come; ends when the server has no more to say."""
        yield from self._read()
        while chunk := os.read(self._answers, CHUNK):
            self._take(chunk)
            yield from self._read()

    def arrived(self) -> Iterator[bytes]:
        """Give the answers that are there already; never waits. Where it cannot look, there are none."""
        yield from self._read()
        while CAN_SELECT_PIPES and select.select([self._answers], [], [], 0)[0]:
            chunk = os.read(self._answers, CHUNK)
            if not chunk:
                return
            self._take(chunk)
            yield from self._read()

    def close(self) -> None:
        """End it: it sees its input close, cleans up and goes; if it does not, it is killed."""
        if self._complaints.closed:
            return
        with contextlib.suppress(OSError):
            cast("IO[bytes]", self._process.stdin).close()
        cast("IO[bytes]", self._process.stdout).close()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        with self._complaints:
            self._complaints.seek(0)
            self.complaint = self._complaints.read()[-LONGEST_COMPLAINT:].decode("utf-8", "backslashreplace")

    @property
    def _answers(self) -> int:
        return cast("IO[bytes]", self._process.stdout).fileno()

    def _take(self, chunk: bytes) -> None:
        """Take in the lines that a chunk completes; a server that was killed may have left half a line."""
        *lines, self._begun = (self._begun + chunk).split(b"\n")
        self._complete.extend(lines)

    def _read(self) -> Iterator[bytes]:
        """Give what is complete; whoever stops listening can go on later."""
        while self._complete:
            yield self._complete.popleft()


def _start(python: str, call: str, complaints: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 -- our own interpreter and module
        interpreter_command(python, call, os.getpid()),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=complaints,
        env=worker_environment(),
        # Ctrl-C reaches this process only, which then ends the server in order.
        start_new_session=True,
    )
