"""The server: one process that runs all requests of a build on all cores, and cleans up after them.

Layer `execution`, in a process of its own that never runs the author's code. The Sphinx process writes one
line of JSON (settings and requests) to its standard input and reads one line per answer; when that input
closes, for whatever reason, the server kills everything below it and ends.
Read next: `forking.py`, `fresh.py` (how figures run), `pool.py` (the other end).
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import sys
import time
from collections import deque
from dataclasses import asdict
from selectors import EVENT_READ, DefaultSelector
from typing import Any, BinaryIO

from sphinx_tape.execution.forking import ForkedFigure, ForkedModule
from sphinx_tape.execution.fresh import FreshFigure
from sphinx_tape.execution.limits import adopt_orphans, kill_children
from sphinx_tape.execution.reference import parse_reference
from sphinx_tape.execution.request import Failure, FigureRequest
from sphinx_tape.execution.settings import ExecutionSettings
from sphinx_tape.execution.worker import warm_up

TICK = 0.02
"""Seconds between looks at deadlines, and at processes that nothing announces."""

Figure = ForkedFigure | FreshFigure


class Server:
    """Hands out requests, module by module, and passes on the answers."""

    def __init__(self, settings: ExecutionSettings, requests: list[FigureRequest], answers: BinaryIO) -> None:
        self._settings = settings
        self._answers = answers
        self._selector = DefaultSelector()
        self._queues: dict[str, deque[FigureRequest]] = {}
        for request in requests:
            self._queues.setdefault(parse_reference(request.reference).module, deque()).append(request)
        self._modules: dict[str, ForkedModule] = {}
        forks = settings.isolation == "fork"
        self._waiting = deque(self._queues) if forks else deque()
        self._single: set[str] = set() if forks else set(self._queues)
        """Modules whose figures get interpreters of their own."""
        self._running: list[Figure] = []
        self._orphaned = False

    def run(self) -> None:
        """Answer every request."""
        try:
            if sys.platform != "win32":
                self._selector.register(sys.stdin, EVENT_READ, self._hung_up)
            while any(self._queues.values()) or self._running:
                self._fill()
                self._listen()
                self._look(time.monotonic())
                if self._orphaned:
                    return
        finally:
            self._close()

    def _hung_up(self) -> None:
        self._orphaned = not os.read(0, 1)

    def _listen(self) -> None:
        if not self._selector.get_map():
            time.sleep(TICK)
            return
        for key, _ in self._selector.select(TICK):
            key.data()

    def _fill(self) -> None:
        """Start work for every idle core: figures of modules that are ready before further modules."""
        now = time.monotonic()
        while self._busy() < self._settings.workers:
            ready = [
                name
                for name, module in self._modules.items()
                if module.state == "ready" and self._queues[name]
            ]
            single = [name for name in self._single if self._queues[name]]
            if ready:
                self._running.append(self._modules[ready[0]].start(self._queues[ready[0]].popleft(), now))
            elif single:
                request = self._queues[single[0]].popleft()
                self._running.append(FreshFigure(request, self._settings, now))
            elif self._waiting:
                name = self._waiting.popleft()
                request = self._queues[name][0]
                self._modules[name] = ForkedModule(name, request, self._settings, self._selector, now)
            else:
                return

    def _busy(self) -> int:
        importing = sum(module.state == "importing" for module in self._modules.values())
        return importing + len(self._running)

    def _look(self, now: float) -> None:
        """Pass on what has been answered; let go of modules that have nothing more to do."""
        for figure in list(self._running):
            answer = figure.answer(now)
            if answer is not None:
                self._running.remove(figure)
                figure.close()
                self._say(figure.request, answer)
        for name, module in list(self._modules.items()):
            module.check(now)
            self._settle(name, module)

    def _settle(self, name: str, module: ForkedModule) -> None:
        queue = self._queues[name]
        if module.state == "failed" and module.failure is not None:
            while queue:
                self._say(queue.popleft(), module.failure)
        elif module.state == "threads" or (module.dead and module.state == "ready"):
            # It cannot be copied, or it is gone: each of its figures gets an interpreter of its own.
            self._single.add(name)
        if name in self._single or (not queue and not self._runs(module)):
            del self._modules[name]
            module.close()

    def _runs(self, module: ForkedModule) -> bool:
        return any(isinstance(figure, ForkedFigure) and figure.module is module for figure in self._running)

    def _say(self, request: FigureRequest, answer: bytes | Failure) -> None:
        """Write one answer; JSON that a worker made is passed on as it is."""
        body = _failed(answer) if isinstance(answer, Failure) else answer.rstrip(b"\n")
        self._answers.write(b'{"key":"%s","answer":%s}\n' % (request.key.encode(), body))
        self._answers.flush()

    def _close(self) -> None:
        for figure in self._running:
            figure.close()
        for module in self._modules.values():
            module.close()
        self._selector.close()
        # Daemons of the author's have become our children.
        kill_children()


def _failed(failure: Failure) -> bytes:
    return json.dumps({"failure": asdict(failure)}).encode()


def main() -> None:
    """Serve the requests that standard input gives."""
    # Answers keep a descriptor of their own, so that a stray print cannot get between them.
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        adopt_orphans()
        # Before the orders come: the server may have been started ahead.
        warm_up()
        gc.freeze()
        line = _first_line()
        if not line:
            return
        order: dict[str, Any] = json.loads(line)
        settings = ExecutionSettings.from_json(order["settings"])
        requests = [FigureRequest(**request) for request in order["requests"]]
        with contextlib.suppress(BrokenPipeError):
            Server(settings, requests, answers).run()


def _first_line() -> bytes:
    """Read a line and not a byte more: the end of the input is still to be noticed."""
    with os.fdopen(os.dup(0), "rb", buffering=0) as orders:
        line = bytearray()
        while not line.endswith(b"\n"):
            chunk = orders.read(1 << 16)
            if not chunk:
                break
            line += chunk
    return bytes(line)
