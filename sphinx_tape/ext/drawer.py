"""Draws and writes figures, one after the other, in a process that does nothing else.

Layer `ext`, but free of Sphinx. Reads orders and reports, leaves positions and HTML in the store.
Read next: `drawing_server.py` (how such processes are made).
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx_tape.execution.store import Store
from sphinx_tape.ext.bodies import report_html
from sphinx_tape.ext.drawable import Drawable
from sphinx_tape.ext.placing import Placer, place_or_complain
from sphinx_tape.report.serial import loads

if TYPE_CHECKING:
    from sphinx_tape.ext.drawing_order import DrawingOrder, DrawingSettings
    from sphinx_tape.report.model import TapeReport


class Drawer:
    """Draws figures of one build, one at a time."""

    def __init__(self, settings: DrawingSettings) -> None:
        self._store = Store(Path(settings.store), Path())
        self._placer = Placer(self._store, settings.page_width, settings.program, html=settings.html)

    def draw(self, order: DrawingOrder) -> None:
        """Make what is asked for and keep it; where that fails, nothing is kept."""
        report = self._load(order)
        if report is None:
            # Reports whose reverse pass failed are not kept: the process that has them writes them.
            return
        complaints: list[str] = []
        placer, display = self._placer, order.display
        drawable = Drawable(
            display=display,
            identity=order.identity,
            store=self._store,
            load_report=lambda: report,
            load_drawing=partial(place_or_complain, placer, order.positions, display, complaints),
            alt=order.alt,
            terse=order.terse,
            complaints=complaints,
        )
        if order.prefix:
            drawable.page(order.prefix, partial(report_html, drawable, order.prefix))
        else:
            drawable.load_drawing(report)

    def _load(self, order: DrawingOrder) -> TapeReport | None:
        """Load the report, without a failure that the figure does not show."""
        text = self._store.report_text(order.report)
        if not text:
            return None
        report = loads(text)
        return report if order.reverse else report._replace(failure=None)
