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
from collections.abc import Iterable, Iterator
from typing import IO, TYPE_CHECKING, Any, Self, cast

from sphinx_tape.execution.interpreter import interpreter_command, server_environment
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

    def __init__(self, python: str, call: str = RUN_BUILDERS, keep: tuple[int, ...] = ()) -> None:
        """Start it.

        Args:
            python: The interpreter.
            call: What it is to do, as `module:function`.
            keep: Descriptors that it shares with this process, under the same numbers.

        Raises:
            OSError: The interpreter cannot be started.
        """
        self.complaint = ""
        """The end of what it has printed, once it is closed."""
        self.exhausted = False
        """Whether its last answer has been given: it has ended."""
        self._begun = b""
        self._complete: deque[bytes] = deque()
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 -- closed in `close`
        try:
            self._process = _start(python, call, self._complaints, keep)
        except OSError:
            self._complaints.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def send(self, *orders: dict[str, Any]) -> None:
        """Hand over orders; work on them begins at once."""
        pipe = cast("IO[bytes]", self._process.stdin)
        with contextlib.suppress(BrokenPipeError):
            pipe.writelines(json.dumps(order).encode() + b"\n" for order in orders)
            pipe.flush()

    def answers(self) -> Iterator[bytes]:
        """Give the answers, one line of JSON each, as they come; ends when the server has no more to say."""
        yield from self._read()
        while chunk := os.read(self.fileno(), CHUNK):
            self._take(chunk)
            yield from self._read()
        self.exhausted = True

    def arrived(self) -> Iterator[bytes]:
        """Give the answers that are there already; never waits. Where it cannot look, there are none."""
        yield from self._read()
        while CAN_SELECT_PIPES and select.select([self.fileno()], [], [], 0)[0]:
            chunk = os.read(self.fileno(), CHUNK)
            if not chunk:
                self.exhausted = True
                return
            self._take(chunk)
            yield from self._read()

    def has_ended(self) -> bool:
        """Whether it is gone, in whatever process this is asked; what it has said may still be unread."""
        poll = select.poll()
        poll.register(self.fileno(), 0)
        return bool(poll.poll(0))

    def hang_up(self) -> None:
        """Let it see its input close, so that it cleans up and goes; nothing can be sent to it any more."""
        with contextlib.suppress(OSError):
            cast("IO[bytes]", self._process.stdin).close()

    def close(self) -> None:
        """End it and wait until it is gone; if it does not go, it is killed."""
        if self._complaints.closed:
            return
        self.hang_up()
        cast("IO[bytes]", self._process.stdout).close()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        with self._complaints:
            self._complaints.seek(0)
            self.complaint = self._complaints.read()[-LONGEST_COMPLAINT:].decode("utf-8", "backslashreplace")

    def fileno(self) -> int:
        """Return the descriptor that its answers come from."""
        return cast("IO[bytes]", self._process.stdout).fileno()

    def _take(self, chunk: bytes) -> None:
        """Take in the lines that a chunk completes; a server that was killed may have left half a line."""
        *lines, self._begun = (self._begun + chunk).split(b"\n")
        self._complete.extend(lines)

    def _read(self) -> Iterator[bytes]:
        """Give what is complete; whoever stops listening can go on later."""
        while self._complete:
            yield self._complete.popleft()


def wait_for_any(servers: Iterable[ServerProcess]) -> None:
    """Wait until one of some servers says something or ends; only where pipes can be watched."""
    select.select(list(servers), [], [])


def _start(python: str, call: str, complaints: IO[bytes], keep: tuple[int, ...]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 -- our own interpreter and module
        interpreter_command(python, call, os.getpid()),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=complaints,
        env=server_environment(),
        pass_fds=keep,
        # Ctrl-C reaches this process only, which then ends the server in order.
        start_new_session=True,
    )
