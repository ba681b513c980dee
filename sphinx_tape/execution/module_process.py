"""The process of one builder module: imports it once, then makes copies of itself that run figures.

Layer `execution`, worker side, Linux. Each figure runs in a fork of the state just after the import, so
nothing that one figure does is seen by another, whichever of them run; figures whose builders are closed can
do nothing that another could see, and share a fork; if there are no others, the process runs them itself.
Nothing is said to the server but through the control socket and what it sends: what builders print cannot
get in between.
Read next: `forking.py` (the server's end), `closed.py`, `worker.py`.
"""

from __future__ import annotations

import array
import contextlib
import faulthandler
import gc
import json
import os
import select
import socket
import sys
import time
from typing import TYPE_CHECKING, Any, NoReturn

from sphinx_tape.execution import loader
from sphinx_tape.execution.capture import flush, redirect_output, send_output_to
from sphinx_tape.execution.closed import closed_builders, functions_of
from sphinx_tape.execution.limits import die_with_parent, limit_memory, thread_count
from sphinx_tape.execution.pure_library import is_untouched, untouched
from sphinx_tape.execution.request import Failure, FigureRequest
from sphinx_tape.execution.runner import run_figures
from sphinx_tape.execution.worker import Answer, FigureWorker, import_module_of

if TYPE_CHECKING:
    from types import ModuleType

    from sphinx_tape.execution.fingerprint import Json
    from sphinx_tape.execution.settings import ExecutionSettings

LARGEST_MESSAGE = 1 << 16
"""Bytes of one control message."""
PATIENCE = 0.02
"""Seconds between looks at whether a figure's process has died."""
LONGEST_LIST = 30_000
"""Bytes of the names of closed builders that are told; if there are more, all run alone."""
QUICK = 0.1
"""Seconds of an import that may be done once more: a process that runs figures itself makes no copies."""


def serve_module(
    server: int, control: socket.socket, output: int, reference: str, settings: ExecutionSettings
) -> NoReturn:
    """Import a module and run figures of it until the server hangs up. Never returns.

    Args:
        server: The server's process id.
        control: The server's socket.
        output: Descriptor for what the import prints.
        reference: A reference to any builder of the module.
        settings: Limits and folders.
    """
    with contextlib.suppress(BaseException):
        os.setsid()
        die_with_parent(server)
        send_output_to(output)
        _close_all_but(control.fileno())
        faulthandler.enable(file=2)
        limit_memory(settings.memory_limit)
        untouched()
        loader.install(settings.roots)
        before, begun = frozenset(sys.modules), time.monotonic()
        module = import_module_of(reference, settings)
        is_quick = time.monotonic() - begun < QUICK
        flush()
        if isinstance(module, Failure):
            _say(control, failure=module._asdict())
        else:
            worker = FigureWorker(module, settings, before)
            closed = closed_builders(module) if loader.only_definitions(before) or is_untouched() else []
            # What the import has made is not visited by the copies' garbage collection, so it stays shared.
            gc.freeze()
            fits = len(json.dumps(closed)) < LONGEST_LIST
            solo = fits and is_quick and len(closed) == len(functions_of(module))
            _say(control, threads=thread_count(), closed=closed if fits else [], solo=solo)
            _Copies(control, module, worker).serve()
    os._exit(0)


class _Copies:
    """The copies of this process: one per figure, and such as run closed builders one after the other."""

    def __init__(self, control: socket.socket, module: ModuleType, worker: FigureWorker) -> None:
        self._control = control
        self._module = module
        self._worker = worker
        self._pid = os.getpid()
        self._running: set[int] = set()

    def serve(self) -> None:
        """Do what the server says."""
        while True:
            if select.select([self._control], [], [], PATIENCE if self._running else None)[0]:
                data, descriptors = _receive(self._control)
                if not data:
                    return
                self._obey(json.loads(data), descriptors)
            self._tell_deaths()

    def _obey(self, order: dict[str, Any], descriptors: list[int]) -> None:
        if "run" in order:
            pid = self._copy(FigureRequest(**order["run"]), *descriptors)
            self._running.add(pid)
            _say(self._control, figure=order["figure"], pid=pid)
        elif "solo" in order:
            self._run_itself(*descriptors)
        elif "runner" in order:
            _say(self._control, runner=order["runner"], pid=self._run_many(*descriptors))
        else:
            os.waitpid(order["reap"], 0)
            self._running.discard(order["reap"])

    def _copy(self, request: FigureRequest, result: int, output: int) -> int:
        # Before the fork: what both need is looked up once, and pages that are not written are shared.
        prepared = self._worker.prepare(request)
        pid = os.fork()
        if pid == 0:
            with contextlib.suppress(BaseException):
                self._part(output)
                faulthandler.enable(file=result)
                answer = prepared if isinstance(prepared, Answer) else self._worker.run(prepared)
                flush()
                write_answer(result, answer)
            os._exit(0)
        os.close(result)
        os.close(output)
        return pid

    def _run_many(self, requests: int, output: int) -> int:
        pid = os.fork()
        if pid == 0:
            with contextlib.suppress(BaseException):
                self._part(output)
                run_figures(socket.socket(fileno=requests), self._module, self._worker)
            os._exit(0)
        os.close(requests)
        os.close(output)
        return pid

    def _run_itself(self, requests: int, output: int) -> NoReturn:
        """Run closed builders in this process, which makes no copies any more. Never returns."""
        with contextlib.suppress(BaseException):
            redirect_output(output)
            run_figures(socket.socket(fileno=requests), self._module, self._worker)
        os._exit(0)

    def _part(self, output: int) -> None:
        """Make a copy a process of its own that has nothing of the server's but what it is given."""
        os.setsid()
        die_with_parent(self._pid)
        self._control.close()
        redirect_output(output)

    def _tell_deaths(self) -> None:
        for pid in list(self._running):
            # Looked at, not reaped: the server kills what is left of the figure's group first.
            status = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if status is not None:
                code = status.si_status if status.si_code == os.CLD_EXITED else -status.si_status
                _say(self._control, exited=pid, code=code)


def write_answer(descriptor: int, answer: Answer) -> None:
    """Write an answer to a pipe or a file."""
    line = answer.to_line()
    while line:
        line = line[os.write(descriptor, line) :]


def _say(control: socket.socket, **message: Json) -> None:
    control.send(json.dumps(message).encode())


def _receive(control: socket.socket) -> tuple[bytes, list[int]]:
    """Receive an order and the descriptors that come with it."""
    data, descriptors, _, _ = socket.recv_fds(control, LARGEST_MESSAGE, 2)
    return data, list(array.array("i", descriptors))


def _close_all_but(kept: int) -> None:
    """Close what the server has open: pipes of other figures must not be held by this process."""
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208 -- names only
        if int(name) > 2 and int(name) != kept:
            with contextlib.suppress(OSError):
                os.close(int(name))
