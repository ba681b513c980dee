"""Decides which figures other processes draw, and when.

Layer `ext`. Between the build, which knows its figures, and the client of the server that draws.
Read next: `drawing_client.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_tape.ext.progress import ProgressBar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sphinx_tape.execution.server_process import ServerProcess
    from sphinx_tape.execution.store import Store
    from sphinx_tape.ext.drawing_client import DrawingClient
    from sphinx_tape.ext.drawing_order import DrawingOrder
    from sphinx_tape.ext.figure import TapeFigure

BAR = "drawing tape figures... "
FEWEST = 8
"""Figures from which on it pays to start a process that draws."""


class Drawings:
    """The drawings of one build."""

    def __init__(
        self, client: DrawingClient, store: Store, order_of: Callable[[TapeFigure], DrawingOrder | None]
    ) -> None:
        """Remember whom to ask.

        Args:
            client: Who has figures drawn.
            store: Where drawings are found.
            order_of: Returns what is to be made of a figure; None if nothing is drawn.
        """
        self._client = client
        self._store = store
        self._order_of = order_of
        self._orders: dict[TapeFigure, DrawingOrder] = {}
        self._references: dict[str, str] = {}
        """Of the builders, by the key of an order."""
        self._bar = ProgressBar(BAR, 0)

    def expect(self, figures: int) -> None:
        """Start the server if it will have enough to do."""
        if figures >= FEWEST and self._store.keeps:
            self._client.start()

    def draw(self, figures: Iterable[TapeFigure]) -> None:
        """Let figures be drawn that have just been run; returns at once."""
        if self._client.started and self._store.keeps:
            self._client.order(filter(None, map(self._order, figures)))

    def draw_missing(self, figures: Iterable[TapeFigure]) -> None:
        """Let those of some figures be drawn that are not kept from earlier; returns at once."""
        missing = [figure for figure in figures if self.is_missing(figure)]
        self.expect(len(missing))
        self.draw(missing)
        self.announce()

    def announce(self, later: int = 0) -> None:
        """Show from now on how many are drawn of those ordered so far, and of those that come later."""
        self._bar.expect(self._client.ordered + later)

    def is_awaited(self, figure: TapeFigure) -> bool:
        """Whether a figure is being drawn."""
        order = self._orders.get(figure) if self._client.started else None
        return order is not None and self._client.is_awaited(order.key)

    @property
    def server(self) -> ServerProcess | None:
        """The server, if this process hears from it."""
        return self._client.server

    def glance(self) -> None:
        """Wait a moment, in a process that the server does not talk to."""
        self._client.glance()

    def look(self) -> None:
        """Show what the server has said; which figures are done is also in its list."""
        for line in self._client.server.arrived() if self._client.server else ():
            self._bar.step(self._references[line.decode()])

    def is_missing(self, figure: TapeFigure) -> bool:
        """Whether something is to be drawn and is neither kept nor being made."""
        order = self._order(figure)
        return order is not None and not self._client.has(order.key) and not self.is_kept(figure)

    def is_kept(self, figure: TapeFigure) -> bool:
        """Whether all that is to be drawn is there; it may turn out to be damaged when it is read."""
        order = self._order(figure)
        return order is None or self._store.has_drawn(order.key)

    def let_go(self) -> None:
        """Let the server end: all that is written has been written."""
        self.look()
        self._bar.end()
        self._client.let_go()

    def close(self) -> None:
        """End the server."""
        self.let_go()
        self._client.close()

    def _order(self, figure: TapeFigure) -> DrawingOrder | None:
        """Return what is to be made of a figure; once its result is there, that does not change."""
        order = self._orders.get(figure) or self._order_of(figure)
        if order is not None:
            self._orders[figure] = order
            self._references[order.key] = figure.request.reference
        return order
