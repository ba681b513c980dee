"""The server as its client sees it: started, asked, ended.

Layer `execution`, in the Sphinx process: standard library only, no threads.
Read next: `server.py` (the other end).
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import IO, TYPE_CHECKING, Self, cast

from sphinx_tape.execution.interpreter import interpreter_command, worker_environment

if TYPE_CHECKING:
    from types import TracebackType

    from sphinx_tape.execution.request import FigureRequest
    from sphinx_tape.execution.settings import ExecutionSettings

PATIENCE = 5.0
"""Seconds that the server gets to clean up after itself."""
LONGEST_COMPLAINT = 4_000
"""Bytes shown of what the server itself has printed."""


class ServerProcess:
    """One server. It can be started ahead: loading NumPy takes it as long as Sphinx takes to read pages.

    Leaving the `with` block ends it, and everything below it.
    """

    def __init__(self, settings: ExecutionSettings) -> None:
        """Start it.

        Raises:
            OSError: The interpreter cannot be started.
        """
        self._settings = settings
        self.complaint = ""
        """The end of what it has printed, once it is closed."""
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 -- closed in `close`
        try:
            self._process = _start(settings.python, self._complaints)
        except OSError:
            self._complaints.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def order(self, requests: Iterable[FigureRequest], *, last: bool) -> None:
        """Hand over requests; work on them begins at once.

        Args:
            requests: What to run.
            last: Whether nothing will follow, so that the server may end when it is done.
        """
        order = {
            "settings": self._settings.to_json(),
            "requests": [asdict(request) for request in requests],
            "last": last,
        }
        orders = cast("IO[bytes]", self._process.stdin)
        with contextlib.suppress(BrokenPipeError):
            orders.write(json.dumps(order).encode() + b"\n")
            orders.flush()

    def answers(self) -> Iterator[bytes]:
        """Give the answers, one line of JSON each, as they come; ends after the last order."""
        for line in cast("IO[bytes]", self._process.stdout):
            # A server that was killed may have left half a line.
            if line.endswith(b"\n"):
                yield line

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


def _start(python: str, complaints: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 -- our own interpreter and module
        interpreter_command(python, "sphinx_tape.execution.server:main", os.getpid()),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=complaints,
        env=worker_environment(),
        # Ctrl-C reaches this process only, which then ends the server in order.
        start_new_session=True,
    )
