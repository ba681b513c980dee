"""The server: one process that runs all requests of a build on all cores, and cleans up after them.

Layer `execution`, in a process of its own that never runs the author's code. The Sphinx process writes
orders (lines of JSON: settings, requests) to its standard input and reads one line per answer; when that
input closes or that process is gone, the server kills everything below it and ends.
Read next: `forking.py`, `fresh.py` (how figures run), `server_process.py` (the other end).
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import time
from collections import deque
from selectors import EVENT_READ, DefaultSelector
from typing import Any

from sphinx_tape.execution.forking import Common, ForkedFigure, ForkedModule
from sphinx_tape.execution.fresh import FreshFigure
from sphinx_tape.execution.interpreter import write_no_more_bytecode
from sphinx_tape.execution.limits import adopt_orphans, kill_children
from sphinx_tape.execution.lines import CAN_SELECT_PIPES, WATCH, Orders, Outbox
from sphinx_tape.execution.reference import parse_reference
from sphinx_tape.execution.request import Failure, FigureRequest
from sphinx_tape.execution.settings import ExecutionSettings
from sphinx_tape.execution.shared import AGAIN, Again, SharedFigure
from sphinx_tape.execution.worker import warm_up, warm_up_checks

TICK = 0.02
"""Seconds between looks at deadlines, and at processes that nothing announces."""

MOST_MODULES = 32
"""Modules kept imported while further requests may come."""

FEW = 10
"""Closed builders that wait per process that runs such: a further process costs what several of them do."""

SLOW = 0.05
"""Seconds after which a figure is not waited for by others of its module while there are idle cores."""

Figure = ForkedFigure | SharedFigure | FreshFigure


class Server:
    """Hands out requests, module by module, and passes on the answers."""

    def __init__(self, settings: ExecutionSettings, answers: int) -> None:
        self._settings = settings
        self._selector = DefaultSelector()
        self._answers = Outbox(answers, self._selector)
        self._queues: dict[str, deque[FigureRequest]] = {}
        self._modules: dict[str, ForkedModule] = {}
        self._leaving: list[ForkedModule] = []
        """Processes that run their last figures; another one has their module's further ones."""
        self._copied: set[str] = set()
        """Modules whose process has run figures itself, which it does once: now it is copied."""
        self._common = Common(settings, self._selector, set())
        self._waiting: deque[str] = deque()
        self._single: set[str] = set()
        """Modules whose figures get interpreters of their own."""
        self._running: list[Figure] = []
        self._checks = False
        self._last = False

    def order(self, order: dict[str, Any]) -> None:
        """Take further requests."""
        for item in order["requests"]:
            request = FigureRequest(**item)
            if request.check and not self._checks:
                self._checks = True
                warm_up_checks()
            name = parse_reference(request.reference).module
            self._queues.setdefault(name, deque()).append(request)
            if self._settings.isolation == "fresh":
                self._single.add(name)
            self._await(name)
        self._last = order["last"]

    def _await(self, name: str) -> None:
        """Have a module imported if it has no process."""
        if name not in self._modules and name not in self._single and name not in self._waiting:
            self._waiting.append(name)

    def run(self, orders: Orders) -> None:
        """Answer every request, until the last order is done or nobody is there any more."""
        try:
            if CAN_SELECT_PIPES:
                self._selector.register(orders.descriptor, EVENT_READ, lambda: orders.read(self.order))
            while not orders.closed and not (self._last and not self._is_busy()):
                self._fill()
                self._listen()
                self._look(time.monotonic())
            self._answers.finish()
        finally:
            self._close()

    def _is_busy(self) -> bool:
        return bool(self._running) or any(self._queues.values())

    def _listen(self) -> None:
        if not self._selector.get_map():
            time.sleep(TICK)
            return
        for key, _ in self._selector.select(TICK if self._is_busy() else WATCH):
            key.data()

    def _fill(self) -> None:
        """Start work for every idle core."""
        now = time.monotonic()
        while self._busy() < self._settings.workers:
            ready = [
                name
                for name, each in self._modules.items()
                if each.state == "ready" and self._queues[name] and each.takes(self._queues[name][0])
            ]
            ready.sort(key=lambda name: len(self._of(name)))
            single = [name for name in self._single if self._queues[name]]
            more = [name for name in ready if self._pays(name, now)]
            # A process per module is enough as long as there are other modules.
            if ready and not self._of(ready[0]):
                self._start(ready[0], now)
            elif single:
                request = self._queues[single[0]].popleft()
                self._running.append(FreshFigure(request, self._settings, now))
            elif self._waiting and len(ready) < 2 * self._settings.workers:
                self._import(self._waiting.popleft(), now)
            elif more:
                self._start(more[0], now)
            else:
                return

    def _start(self, name: str, now: float) -> None:
        queue = self._queues[name]
        few = len(queue) <= FEW
        self._running.append(self._modules[name].start(queue.popleft(), now, few=few))

    def _import(self, name: str, now: float) -> None:
        request = self._queues[name][0]
        self._modules[name] = ForkedModule(request, self._common, now, may_run=name not in self._copied)

    def _pays(self, name: str, now: float) -> bool:
        """Whether one more process for a module is worth it."""
        module, queue, running = self._modules[name], self._queues[name], self._of(name)
        return (
            not module.shares(queue[0])
            or module.idle_runner() is not None
            or len(queue) > FEW * len(running)
            or all(figure.begun < now - SLOW for figure in running)
        )

    def _of(self, name: str) -> list[ForkedFigure | SharedFigure]:
        """Return the figures of a module that run."""
        return self._in(self._modules[name])

    def _in(self, module: ForkedModule) -> list[ForkedFigure | SharedFigure]:
        """Return the figures that run in a module's process or in copies of it."""
        return [each for each in self._running if not isinstance(each, FreshFigure) and each.module is module]

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
                self._take(figure, answer)
        for name, module in list(self._modules.items()):
            module.check(now)
            self._settle(name, module)
            self._replace(name, module, now)
        for module in list(self._leaving):
            if not self._in(module):
                self._leaving.remove(module)
                module.close()

    def _take(self, figure: Figure, answer: bytes | Failure | Again) -> None:
        if isinstance(figure, SharedFigure) and answer == AGAIN:
            # What went wrong among others is not judged there.
            name = figure.module.name
            figure.module.run_alone(figure.request)
            self._queues[name].appendleft(figure.request)
            self._await(name)
        elif answer != AGAIN:
            self._say(figure.request, answer)

    def _settle(self, name: str, module: ForkedModule) -> None:
        queue = self._queues[name]
        if module.state == "failed" and module.failure is not None:
            while queue:
                self._say(queue.popleft(), module.failure)
        elif module.state == "threads" or (module.dead and module.state == "ready" and not module.solo):
            # It cannot be copied, or it is gone: each of its figures gets an interpreter of its own.
            self._single.add(name)
        idle = not queue and not self._of(name)
        kept = not self._last and module.state == "ready" and len(self._modules) <= MOST_MODULES
        if name in self._single or (idle and not kept):
            del self._modules[name]
            module.close()

    def _replace(self, name: str, module: ForkedModule, now: float) -> None:
        """Import a module once more if its process has run figures itself and is spent or not enough."""
        queue = self._queues[name]
        if name in self._modules and (module.spent or self._is_too_slow(module, queue, now)):
            self._leaving.append(self._modules.pop(name))
            self._copied.add(name)
            if queue:
                self._await(name)

    def _is_too_slow(self, module: ForkedModule, queue: deque[FigureRequest], now: float) -> bool:
        """Whether figures do not wait for a process that runs its figures itself, one after the other."""
        if not queue or module.takes(queue[0]):
            return False
        late = all(figure.begun < now - SLOW for figure in self._in(module))
        idle = self._busy() < self._settings.workers
        return not module.shares(queue[0]) or (idle and (late or len(queue) > FEW))

    def _say(self, request: FigureRequest, answer: bytes | Failure) -> None:
        """Pass on one answer, behind the key of its request; what a worker wrote goes as it is."""
        body = _failed(answer) if isinstance(answer, Failure) else answer
        self._answers.put(b"%s\t%s" % (request.key.encode(), body))

    def _close(self) -> None:
        for figure in self._running:
            figure.close()
        for module in (*self._modules.values(), *self._leaving):
            module.close()
        self._selector.close()
        # Daemons of the author's have become our children.
        kill_children()


def _failed(failure: Failure) -> bytes:
    return json.dumps({"failure": failure._asdict()}).encode() + b"\t\n"


def main(client: int) -> None:
    """Serve the orders that standard input gives.

    Args:
        client: Id of the process that writes them.
    """
    # Answers keep a descriptor of their own, so that a stray print cannot get between them.
    answers = os.dup(1)
    os.dup2(2, 1)
    adopt_orphans()
    # Before the orders come: the server may have been started ahead.
    warm_up()
    write_no_more_bytecode()
    gc.freeze()
    orders, received = Orders(0, client), list[dict[str, Any]]()
    while not received and not orders.closed:
        orders.read(received.append)
    # Where pipes cannot be watched, all orders are awaited first.
    while received and not (CAN_SELECT_PIPES or orders.closed or received[-1]["last"]):
        orders.read(received.append)
    if received:
        server = Server(ExecutionSettings.from_json(received[0]["settings"]), answers)
        for order in received:
            server.order(order)
        with contextlib.suppress(BrokenPipeError):
            server.run(orders)
