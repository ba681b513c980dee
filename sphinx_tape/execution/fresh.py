"""One figure in an interpreter of its own, where processes cannot be copied.

Layer `execution`, used by the server; works on every platform. Slower than forking by the start of an
interpreter and the imports of NumPy and of the author's module. Answer and output go through files, because
only files can be watched everywhere.
Read next: `server.py`.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import linecache
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, cast

from sphinx_tape.execution import loader
from sphinx_tape.execution.capture import Printed, flush
from sphinx_tape.execution.failure import with_output
from sphinx_tape.execution.forking import GRACE
from sphinx_tape.execution.interpreter import interpreter_command, worker_environment
from sphinx_tape.execution.limits import die_with_parent, kill_group, limit_memory
from sphinx_tape.execution.module_process import write_answer
from sphinx_tape.execution.reference import parse_reference
from sphinx_tape.execution.request import BAD, Failure, FigureRequest, failure_in
from sphinx_tape.execution.settings import MEGABYTE, ExecutionSettings
from sphinx_tape.execution.verdicts import crashed, flooded, timed_out
from sphinx_tape.execution.worker import Answer, FigureWorker, import_module_of

ANSWER, OUTPUT, DUMP, STEPS = "answer", "output", "dump", "steps"
RUNNING = 2
"""Bytes in the file of steps: one before the import, one before the builder. Each has a limit of its own."""
NEW_FILE = os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0)


class FreshFigure:
    """One figure in its own interpreter; asked now and then how it is doing."""

    def __init__(self, request: FigureRequest, settings: ExecutionSettings, now: float) -> None:
        self.request = request
        self._settings = settings
        self._step = 0
        self._deadline = now + settings.timeout
        self._stopped = False
        self._folder = Path(tempfile.mkdtemp(prefix="sphinx-tape-"))
        with (self._folder / OUTPUT).open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603 -- our own interpreter and module
                interpreter_command(settings.python, "sphinx_tape.execution.fresh:main", os.getpid()),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,
                env=worker_environment(),
            )
        order = {"request": request._asdict(), "settings": settings.to_json(), "folder": str(self._folder)}
        with contextlib.suppress(OSError), cast(IO[bytes], self._process.stdin) as orders:
            orders.write(json.dumps(order).encode())

    def answer(self, now: float) -> bytes | Failure | None:
        """Return the answer as JSON, or what is to be said instead; None while it runs."""
        code = self._process.poll()
        if self._stopped and (code is not None or now > self._deadline):
            return self._with_output(self._too_slow())
        if code is not None:
            return self._finished(code)
        if (self._folder / OUTPUT).stat().st_size > self._settings.output_limit * MEGABYTE:
            return self._with_output(flooded(self._subject, self._settings.output_limit))
        self._look_for_steps(now)
        if now > self._deadline:
            self._stop(now)
        return None

    def _look_for_steps(self, now: float) -> None:
        with contextlib.suppress(OSError):
            step = (self._folder / STEPS).stat().st_size
            if step != self._step and not self._stopped:
                self._step = step
                self._deadline = now + self._seconds

    def close(self) -> None:
        """Kill what is left of the figure and forget it."""
        if sys.platform != "win32":
            kill_group(self._process.pid)
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _finished(self, code: int) -> bytes | Failure:
        try:
            line = (self._folder / ANSWER).read_bytes()
        except OSError:
            line = b""
        if not line.endswith(b"\n"):
            return self._with_output(crashed(self._subject, code, self._dump(), self._settings.roots))
        if not line.startswith(BAD):
            return line[1:]
        return self._with_output(failure_in(line))

    def _stop(self, now: float) -> None:
        self._stopped = True
        self._deadline = now + GRACE
        if sys.platform != "win32":
            self._process.send_signal(signal.SIGABRT)

    def _too_slow(self) -> Failure:
        subject = self._subject
        if self._step != RUNNING:
            subject = f"import of module {parse_reference(self.request.reference).module!r}"
        return timed_out(subject, self._seconds, self._dump(), self._settings.roots)

    def _dump(self) -> str:
        with contextlib.suppress(OSError):
            return (self._folder / DUMP).read_text(encoding="utf-8", errors="replace")
        return ""

    def _with_output(self, failure: Failure) -> Failure:
        printed = Printed(self._settings.output_limit * MEGABYTE)
        with contextlib.suppress(OSError), (self._folder / OUTPUT).open("rb") as output:
            while chunk := output.read(1 << 20):
                printed.add(chunk)
        return with_output(failure, printed.text(), self._settings.roots)

    @property
    def _seconds(self) -> float:
        """What it is given for its step."""
        own = self.request.timeout if self._step == RUNNING else None
        return own or self._settings.timeout

    @property
    def _subject(self) -> str:
        return f"builder {self.request.reference}"


def main(server: int) -> None:
    """Run the figure that standard input describes (the other end of `FreshFigure`).

    Args:
        server: Id of the process that asks.
    """
    die_with_parent(server)
    # Python 3.13 notes there, under "<string>", the command that has started this process: nobody's source.
    linecache.clearcache()
    order = json.load(sys.stdin)
    settings = ExecutionSettings.from_json(order["settings"])
    folder = Path(order["folder"])
    dump = os.open(folder / DUMP, NEW_FILE)
    faulthandler.enable(file=dump)
    limit_memory(settings.memory_limit)
    answer = _run(FigureRequest(**order["request"]), settings, folder / STEPS)
    flush()
    # Written beside and renamed: an answer is there completely or not at all.
    descriptor = os.open(folder / "draft", NEW_FILE)
    write_answer(descriptor, answer)
    os.close(descriptor)
    (folder / "draft").replace(folder / ANSWER)
    # Threads of the author's must not keep the process alive.
    os._exit(0)


def _run(request: FigureRequest, settings: ExecutionSettings, steps: Path) -> Answer:
    loader.install(settings.roots)
    before = frozenset(sys.modules)
    _step(steps)
    module = import_module_of(request.reference, settings)
    if isinstance(module, Failure):
        return Answer(failure=module)
    _step(steps)
    return FigureWorker(module, settings, before).run_figure(request)


def _step(steps: Path) -> None:
    with steps.open("ab") as file:
        file.write(b".")
