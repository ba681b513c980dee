"""One long-lived `dot -Tplain` process that answers graph after graph.

Layer `render`, used by `dot.py`. The process is started when first needed, by the Python process that
needs it (Sphinx forks its readers and writers, and a pipe must not be shared), is killed whenever it
does not answer in time, and at exit.
Read next: `dot.py`.
"""

from __future__ import annotations

import atexit
import os
import subprocess
from threading import Thread

from graphviz.backend import DOT_BINARY

TRIAL = "digraph{a->b}\n"
TRIAL_SECONDS = 2.0
"""Within this, a fresh process must answer the trial; it does so in 20 ms where it streams at all."""
MAX_FAILURES = 3
"""After this many time-outs or crashes in a row the program is not asked again."""


class DotWorker:
    """Talks to `dot`; every method returns nothing rather than raise when the program cannot be used."""

    def __init__(self, program: str = "") -> None:
        self._program = program or str(DOT_BINARY)
        self._process: subprocess.Popen[str] | None = None
        self._pid = 0
        self._version: str | None = None
        self._failures = 0

    @property
    def version(self) -> str:
        """What the program says it is, or an empty string if it cannot be used."""
        if self._version is None:
            self._version = self._ask_version()
        return self._version

    def ask(self, graph: str, seconds: float) -> list[str] | None:
        """Send one graph; return the lines of its answer, or None if there was none in time."""
        if not self.version or self._failures >= MAX_FAILURES or not self._is_ready():
            return None
        answer = self._exchange(graph, seconds)
        self._failures = 0 if answer else self._failures + 1
        return answer

    def close(self) -> None:
        """End the process, if this Python process has one."""
        process, self._process = self._process, None
        if process is None or self._pid != os.getpid():
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                _close_quietly(stream)

    def _ask_version(self) -> str:
        try:
            answer = subprocess.run(  # noqa: S603 -- the configured program, no shell
                [self._program, "-V"], capture_output=True, text=True, timeout=TRIAL_SECONDS, check=True
            )
        except (OSError, subprocess.SubprocessError):
            return ""
        words = (answer.stderr + answer.stdout).split()
        return words[words.index("version") + 1] if "version" in words[:-1] else ""

    def _is_ready(self) -> bool:
        """Start the process if need be, and try once whether it answers before its input ends."""
        if self._process is not None and self._pid == os.getpid():
            return True
        try:
            self._process = subprocess.Popen(  # noqa: S603 -- the configured program, no shell
                [self._program, "-Tplain"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="ascii",
            )
        except OSError:
            return False
        self._pid = os.getpid()
        atexit.register(self.close)
        if self._exchange(TRIAL, TRIAL_SECONDS):
            return True
        self._failures = MAX_FAILURES
        return False

    def _exchange(self, graph: str, seconds: float) -> list[str] | None:
        """Write a graph and read up to the line `stop`; kill the process if that takes too long.

        Both happen in a thread, because neither a write nor a read of a pipe can be given a time limit
        on every platform; killing the process ends them.
        """
        process = self._process
        if process is None:
            return None
        lines: list[str] = []
        thread = Thread(target=_converse, args=(process, graph, lines), daemon=True)
        thread.start()
        thread.join(seconds)
        complete = not thread.is_alive() and lines[-1:] == ["stop"]
        if not complete:
            process.kill()
            thread.join()
            self.close()
        return lines if complete else None


def _converse(process: subprocess.Popen[str], graph: str, lines: list[str]) -> None:
    """Send a graph and collect the lines of the answer, up to `stop` or the end of the stream."""
    if process.stdin is None or process.stdout is None:
        return
    try:
        process.stdin.write(graph)
        process.stdin.flush()
        for line in process.stdout:
            lines.append(line.strip())
            if lines[-1] == "stop":
                break
    except (OSError, ValueError):
        return


def _close_quietly(stream: object) -> None:
    """Close a pipe whose other end is dead."""
    try:
        stream.close()  # type: ignore[attr-defined]
    except OSError:
        return
