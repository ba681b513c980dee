"""The server's end of module processes: start them, give them figures, learn what came of it.

Layer `execution`, in the server, Linux. Every figure has a pipe for its answer and one for its output, so
that a figure is told apart from its module and from every other.
Read next: `module_process.py` (the other end), `server.py`.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
from selectors import EVENT_READ, BaseSelector
from typing import Any, Literal, NamedTuple

from sphinx_tape.execution.capture import Printed
from sphinx_tape.execution.failure import with_output
from sphinx_tape.execution.limits import kill_group
from sphinx_tape.execution.module_process import LARGEST_MESSAGE, serve_module
from sphinx_tape.execution.pipe import Pipe
from sphinx_tape.execution.reference import parse_reference
from sphinx_tape.execution.request import BAD, GOOD, Failure, FigureRequest, failure_in, read_failure
from sphinx_tape.execution.settings import MEGABYTE, ExecutionSettings
from sphinx_tape.execution.shared import SharedFigure, SharedProcess
from sphinx_tape.execution.verdicts import crashed, flooded, timed_out

LONGEST_SHARED = 10_000
"""Characters of what a figure asks for that shares a process."""
GRACE = 0.5
"""Seconds that a process gets for writing down where it was when it was told to stop."""


class ForkedFigure:
    """One figure in its own copy of the module's process."""

    def __init__(self, module: ForkedModule, request: FigureRequest, now: float, seconds: float) -> None:
        self.request = request
        self.module = module
        self.pid: int | None = None
        self.code: int | None = None
        self.begun = now
        self._deadline = now + seconds
        self._seconds = seconds
        self._stopped = False
        self._line = bytearray()
        self._printed = Printed(module.settings.output_limit * MEGABYTE)
        self._result = Pipe(module.selector, self._line.extend)
        self._output = Pipe(module.selector, self._printed.add)

    @property
    def writers(self) -> list[int]:
        """The ends of the pipes that the figure's process writes to."""
        return [self._result.write, self._output.write]

    def started(self) -> None:
        """Leave the writing ends to the figure's process."""
        self._result.close_write()
        self._output.close_write()

    def answer(self, now: float) -> bytes | Failure | None:
        """Return the answer as JSON, or what is to be said instead; None while it runs."""
        if self.pid is None and not self.module.dead and now <= self._deadline + GRACE:
            return None
        if not self._stopped and self._line.startswith((GOOD, BAD)) and self._line.endswith(b"\n"):
            return self._finished()
        failure = self._verdict(now)
        if failure is None and now > self._deadline:
            self._stop(now)
        return failure and self._with_output(failure)

    def _verdict(self, now: float) -> Failure | None:
        """Return what is to be said of a figure that has not answered; None if it may still do so."""
        settings = self.module.settings
        ended = self.code is not None or self.module.dead
        if self._printed.is_endless:
            return flooded(self._subject, settings.output_limit)
        # Without a process id, the module's own process does not answer any more.
        if (self._stopped and (ended or now > self._deadline)) or (self.pid is None and not ended):
            return timed_out(self._subject, self._seconds, self._dump(), self.module.roots)
        return crashed(self._subject, self.code, self._dump(), self.module.roots) if ended else None

    def close(self) -> None:
        """Kill what is left of the figure and forget it."""
        self._result.close()
        self._output.close()
        if self.pid is not None:
            kill_group(self.pid)
            self.module.reap(self.pid)

    def _finished(self) -> bytes | Failure:
        line = bytes(self._line)
        if not line.startswith(BAD):
            return line[1:]
        return self._with_output(failure_in(line))

    def _stop(self, now: float) -> None:
        """Ask where it is (faulthandler answers to SIGABRT, also inside native code); then it is killed."""
        self._stopped = True
        self._deadline = now + GRACE
        self._line.clear()
        if self.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGABRT)

    def _dump(self) -> str:
        self._result.drain()
        return self._line.decode(errors="replace")

    def _with_output(self, failure: Failure) -> Failure:
        self._output.drain()
        return with_output(failure, self._printed.text(), self.module.roots)

    @property
    def _subject(self) -> str:
        return f"builder {self.request.reference}"


State = Literal["importing", "ready", "threads", "failed"]
"""`threads`: the import has started threads, so the process cannot be copied."""


class Common(NamedTuple):
    """What the processes of one server have in common."""

    settings: ExecutionSettings
    selector: BaseSelector
    """Where pipes and sockets are watched."""
    alone: set[str]
    """Keys of figures that get a process of their own, whatever their builders are."""


class ForkedModule:
    """One module's process, forked from the server before anything of the author's was loaded."""

    def __init__(self, request: FigureRequest, common: Common, now: float, *, may_run: bool = False) -> None:
        """Start the process.

        Args:
            request: One of the module's figures.
            common: What it shares with other modules.
            now: The time.
            may_run: Whether it may run figures itself, if all functions of the module are closed.
        """
        self.name = parse_reference(request.reference).module
        settings, selector, self._alone = common
        self.settings = settings
        self.roots = settings.roots
        self.selector = selector
        self.dead = False
        self.state: State = "importing"
        self.failure: Failure | None = None
        self._deadline = now + settings.timeout
        self._stopped = False
        self._printed = Printed(settings.output_limit * MEGABYTE)
        self._figures: dict[str, ForkedFigure] = {}
        self._closed: frozenset[str] = frozenset()
        self._runners: list[SharedProcess] = []
        self._may_run = may_run
        self.solo: SharedProcess | None = None
        """This very process, if it runs figures itself."""
        self.spent = False
        """Whether it has done so and is not to be used any more."""
        self._unborn: dict[int, SharedProcess] = {}
        self._made = 0
        self._output = Pipe(selector, self._printed.add)
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        server = os.getpid()
        self._pid = os.fork()
        if self._pid == 0:
            serve_module(server, theirs, self._output.write, request.reference, settings)
        theirs.close()
        self._output.close_write()
        selector.register(self._control, EVENT_READ, self._hear)

    def shares(self, request: FigureRequest) -> bool:
        """Whether a figure may run in a process in which others have run."""
        return (
            parse_reference(request.reference).function in self._closed
            and request.key not in self._alone
            # A socket takes so much at once: the server never waits for a process.
            and len(request.arguments) + len(request.output) + len(request.seed) < LONGEST_SHARED
        )

    def takes(self, request: FigureRequest) -> bool:
        """Whether it can be given a figure now: a process that runs figures itself has no others."""
        return self.solo is None or (self.solo.figure is None and self.shares(request) and not self.spent)

    def run_alone(self, request: FigureRequest) -> None:
        """Give a figure a process of its own when it is started."""
        self._alone.add(request.key)

    def start(self, request: FigureRequest, now: float, *, few: bool = False) -> ForkedFigure | SharedFigure:
        """Run a figure.

        Args:
            request: The figure.
            now: The time.
            few: Whether so few of the module wait that one process will do for all.
        """
        if self.shares(request):
            return (self.idle_runner() or self._new_runner(few=few)).start(request, now)
        seconds = request.timeout or self.settings.timeout
        figure = ForkedFigure(self, request, now, seconds)
        self._figures[request.key] = figure
        self._send({"figure": request.key, "run": request._asdict()}, figure.writers)
        figure.started()
        return figure

    def idle_runner(self) -> SharedProcess | None:
        """Return a process that waits for closed builders."""
        return next((runner for runner in self._runners if runner.figure is None), None)

    def forget(self, runner: SharedProcess) -> None:
        """Give a runner no more figures."""
        self._runners.remove(runner)
        self.spent = runner is self.solo

    def _new_runner(self, *, few: bool) -> SharedProcess:
        runner = SharedProcess(self)
        self._runners.append(runner)
        if few and self._may_run and not self._made and not self._figures:
            self.solo = runner
            self._send({"solo": True}, runner.writers)
            runner.born(self._pid)
        else:
            self._made += 1
            self._unborn[self._made] = runner
            self._send({"runner": self._made}, runner.writers)
        runner.started()
        return runner

    def _send(self, order: dict[str, Any], descriptors: list[int]) -> None:
        try:
            socket.send_fds(self._control, [json.dumps(order).encode()], descriptors)
        except OSError:
            self.dead = True

    def check(self, now: float) -> None:
        """Stop an import that takes too long, or that prints without end."""
        if self.state != "importing":
            return
        if self.dead and not self._stopped:
            self._fail(crashed(self._subject, self._code(), self._dump(), self.roots))
        elif self._printed.is_endless:
            self._fail(flooded(self._subject, self.settings.output_limit))
        elif self.dead or now > self._deadline:
            self._stop(now)

    def reap(self, pid: int) -> None:
        """Let the module's process forget a figure's process."""
        with contextlib.suppress(OSError):
            self._control.send(json.dumps({"reap": pid}).encode())

    def close(self) -> None:
        """Kill the process and forget it."""
        for runner in list(self._runners):
            runner.close()
        self._output.close()
        with contextlib.suppress(KeyError):
            self.selector.unregister(self._control)
        self._control.close()
        kill_group(self._pid)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._pid, 0)

    def _hear(self) -> None:
        """Take one message of the module's process."""
        try:
            data = self._control.recv(LARGEST_MESSAGE)
        except OSError:
            data = b""
        if not data:
            self.dead = True
            self.selector.unregister(self._control)
            return
        self._understand(json.loads(data))

    def _understand(self, message: dict[str, Any]) -> None:
        if "failure" in message:
            failure = read_failure(message["failure"])
            self._output.drain()
            self._fail(with_output(failure, self._printed.text(), self.roots))
        elif "threads" in message:
            self.state = "ready" if message["threads"] == 1 else "threads"
            self._closed = frozenset(message["closed"])
            self._may_run &= message["solo"]
        elif "figure" in message:
            self._figures[message["figure"]].pid = message["pid"]
        elif "runner" in message:
            self._unborn.pop(message["runner"]).born(message["pid"])
        else:
            for figure in self._figures.values():
                if figure.pid == message["exited"]:
                    figure.code = message["code"]

    def _fail(self, failure: Failure) -> None:
        self.state = "failed"
        self.failure = failure

    def _stop(self, now: float) -> None:
        if not self._stopped:
            self._stopped = True
            self._deadline = now + GRACE
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGABRT)
            return
        self._fail(timed_out(f"import of {self._subject}", self.settings.timeout, self._dump(), self.roots))

    def _code(self) -> int | None:
        try:
            status = os.waitpid(self._pid, 0)[1]
        except ChildProcessError:
            return None
        return os.waitstatus_to_exitcode(status)

    def _dump(self) -> str:
        self._output.drain()
        return self._printed.text()

    @property
    def _subject(self) -> str:
        return f"module {self.name!r}"
