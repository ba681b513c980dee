"""The server that draws: one process that hands figures out to copies of itself, one for each core.

Layer `ext`, but free of Sphinx. The Sphinx process writes orders (lines of JSON) to its standard input and
hears of each figure that is done with, made or not; when that input closes or that process is gone,
everything ends. What is written first is drawn first: with the last figure, the last page is done.
Read next: `drawer.py` (what a copy does), `drawing_client.py` (the other end).
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import socket
from heapq import heappop, heappush
from itertools import count
from selectors import EVENT_READ, BaseSelector, DefaultSelector
from typing import Any, NoReturn

from sphinx_tape.execution.limits import die_with_parent
from sphinx_tape.execution.lines import WATCH, Orders, Outbox

# Loaded here, so that every copy has it from the start.
from sphinx_tape.ext import drawing  # noqa: F401 -- used by `placing` in the copies
from sphinx_tape.ext.drawer import Drawer
from sphinx_tape.ext.drawing_order import DrawingOrder, DrawingSettings
from sphinx_tape.render.messages import set_translator
from sphinx_tape.report import serial

COLLECT_AFTER = 100_000
"""New objects after which rubbish is looked for; a figure leaves none behind that would need it."""
CHUNK = 1 << 16

Order = dict[str, Any]
"""A key, under which the answer is given, and a figure."""


class Copy:
    """One copy of the server's process, as the server sees it."""

    def __init__(self, drawer: Drawer, others: list[Copy]) -> None:
        self.order: Order | None = None
        """What it works at."""
        self.line, theirs = socket.socketpair()
        parent = os.getpid()
        self._pid = os.fork()
        if self._pid == 0:
            self._serve(drawer, theirs, others, parent)
        theirs.close()

    def give(self, order: Order) -> None:
        """Let it work at an order."""
        self.order = order
        with contextlib.suppress(OSError):
            self.line.sendall(json.dumps(order).encode() + b"\n")

    def kill(self) -> None:
        """Let it end at once."""
        self.line.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)

    def close(self) -> None:
        """Kill it, and wait until it is gone."""
        self.kill()
        os.waitpid(self._pid, 0)

    def _serve(self, drawer: Drawer, line: socket.socket, others: list[Copy], parent: int) -> NoReturn:
        """Draw until the server hangs up. Never returns."""
        with contextlib.suppress(BaseException):
            die_with_parent(parent)
            # Each copy hears of the server's end only if no other one holds the server's end of its line.
            for copy in (self, *others):
                copy.line.close()
            for text in line.makefile("rb"):
                with contextlib.suppress(Exception):
                    # A fault is met again, and said, by the process that writes the page.
                    drawer.draw(DrawingOrder.from_json(json.loads(text)["figure"]))
                line.sendall(b"\n")
        os._exit(0)


class DrawingServer:
    """Hands out orders and passes on that they are done."""

    def __init__(self, settings: DrawingSettings, orders: Orders, answers: int, log: int) -> None:
        """Prepare to draw.

        Args:
            settings: What all figures have in common.
            orders: Where figures come from.
            answers: Gets the key of every figure that is done with.
            log: Gets its key, before that.
        """
        self._drawer = Drawer(settings)
        self._most = settings.workers
        self._orders = orders
        self._selector: BaseSelector = DefaultSelector()
        self._answers = Outbox(answers, self._selector)
        self._queue: list[tuple[str, int, int, Order]] = []
        """A heap: page, number in it, which order it was, and the order."""
        self._taken = count()
        self._copies: list[Copy] = []
        self._log = log

    def take(self, order: Order) -> None:
        """Put an order into the queue, where its page belongs."""
        figure = order["figure"]
        heappush(self._queue, (figure["page"], figure["number"], next(self._taken), order))

    def run(self) -> None:
        """Do what is asked until nobody asks any more."""
        try:
            self._selector.register(self._orders.descriptor, EVENT_READ, self._hear)
            while not self._orders.closed:
                self._fill()
                for key, _ in self._selector.select(WATCH):
                    key.data()
        finally:
            for copy in self._copies:
                copy.kill()
            for copy in self._copies:
                copy.close()

    def _hear(self) -> None:
        self._orders.read(self.take)

    def _fill(self) -> None:
        """Give work to every copy that has none; make another one if all have."""
        while self._queue:
            idle = next((copy for copy in self._copies if copy.order is None), None)
            if idle is None and len(self._copies) < self._most:
                idle = Copy(self._drawer, self._copies)
                self._copies.append(idle)
                self._selector.register(idle.line, EVENT_READ, lambda copy=idle: self._listen(copy))
            if idle is None:
                return
            *_, order = heappop(self._queue)
            idle.give(order)

    def _listen(self, copy: Copy) -> None:
        """Hear that a copy is done, or that it is dead: then another one takes its place when needed."""
        try:
            heard = copy.line.recv(CHUNK)
        except OSError:
            heard = b""
        if copy.order is not None:
            key = copy.order["key"].encode() + b"\n"
            os.write(self._log, key)
            self._answers.put(key)
            copy.order = None
        if not heard:
            self._copies.remove(copy)
            self._selector.unregister(copy.line)
            copy.close()


def main(client: int) -> None:
    """Draw what standard input asks for; its first line says what all figures have in common.

    Args:
        client: Id of the process that writes there.
    """
    # Answers keep a descriptor of their own, so that a stray print cannot get between them.
    answers = os.dup(1)
    os.dup2(2, 1)
    orders, received = Orders(0, client), list[Order]()
    while not received and not orders.closed:
        orders.read(received.append)
    if not received:
        return
    first = received.pop(0)
    settings = DrawingSettings(**first["settings"])
    serial.prepare()
    set_translator(lambda message: settings.words.get(message, message))
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)
    server = DrawingServer(settings, orders, answers, first["log"])
    for order in received:
        server.take(order)
    with contextlib.suppress(BrokenPipeError):
        server.run()
    # The build waits for this process to be gone, and taking everything apart takes it a while.
    os._exit(0)
