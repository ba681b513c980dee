"""One figure to be drawn by another process.

Layer `ext`, but free of Sphinx. An order names a report of the store; what is made of it goes there, too.
Read next: `drawing_client.py` (who asks), `drawer.py` (who does it).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sphinx_tape.ext.drawable import page_key
from sphinx_tape.render.options import DisplayOptions


class DrawingOrder(NamedTuple):
    """One figure; plain data."""

    report: str
    """Under which the store keeps the report."""
    reverse: bool
    """Whether the failure of a reverse pass belongs to the figure."""
    positions: str
    """Under which the store keeps the positions; empty: nothing is drawn."""
    display: DisplayOptions
    identity: str
    alt: str
    terse: bool
    """Whether what goes without saying in HTML is left out."""
    prefix: str
    """What all ids begin with; empty: positions are wanted, HTML is not."""
    page: str
    """Where the figure stands: pages are written in the order of their names."""
    number: int
    """Which one it is there: 1, 2, ..."""

    @property
    def key(self) -> str:
        """Under which the store keeps what is asked for."""
        return page_key(self.prefix, self.identity) if self.prefix else self.positions

    def to_json(self) -> dict[str, Any]:
        """Return the order as JSON data."""
        return {**self._asdict(), "display": self.display._asdict()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> DrawingOrder:
        """Read an order back."""
        display = data["display"]
        parts = {name: tuple(display[name]) for name in ("show", "open")}
        return cls(**{**data, "display": DisplayOptions(**{**display, **parts})})


class DrawingSettings(NamedTuple):
    """What all figures of a build have in common; plain data."""

    store: str
    """The folder."""
    page_width: int
    program: str
    workers: int
    html: bool
    """Whether the figures are written as HTML."""
    words: dict[str, str]
    """Interface strings in the language of the document."""
