"""What it takes to draw one figure and to write its HTML, in whatever process.

Layer `ext`, but free of Sphinx. Reads results and positions from the store, keeps what was made there.
Read next: `bodies.py`, `content.py` (the same in the Sphinx process), `drawing_order.py` (in another one).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sphinx_tape.execution.store import Store
from sphinx_tape.ext.freshness import digest_of
from sphinx_tape.ext.implied import without_implied
from sphinx_tape.render.options import DisplayOptions

if TYPE_CHECKING:
    from sphinx_tape.ext.drawing import Placed  # noqa: TC004 -- loads all of `render`; nobody evaluates it
    from sphinx_tape.report.model import TapeReport  # noqa: TC004 -- costs time to load; nobody evaluates it


def page_key(prefix: str, identity: str) -> str:
    """Return the key under which the store keeps a figure's HTML.

    Args:
        prefix: What the ids in it begin with.
        identity: Digest of everything that the figure shows.
    """
    return digest_of(["html", prefix, identity])


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawable:
    """One figure, loaded when it is written and not before."""

    display: DisplayOptions
    identity: str
    """Digest of everything that the figure shows."""
    store: Store
    load_report: Callable[[], TapeReport | None]
    """Returns None where there is nothing but troubles or a note."""
    load_drawing: Callable[[TapeReport], Placed | None]
    """Returns None where no drawing is shown, or where it broke, which is then among the complaints."""
    alt: str = ""
    terse: bool = False
    """Whether what goes without saying in HTML is left out; part of the identity."""
    complaints: list[str] = field(default_factory=list)
    """What went wrong while it was drawn or written: faults of ours, which cost this figure only."""
    made: dict[str, str] = field(default_factory=dict)
    """What has been made or found, until it is written."""

    def page(self, prefix: str, make: Callable[[], str]) -> str:
        """Return the HTML, which depends on nothing but the figure and the prefix; made once, then kept.

        A text that shows a fault of ours is not kept: the next build tries again, and says it again.
        """
        key = page_key(prefix, self.identity)
        if key not in self.made:
            self.made[key] = self.store.get_text(key) or self._make(key, make)
        return self.made[key]

    def _make(self, key: str, make: Callable[[], str]) -> str:
        text = without_implied(make()) if self.terse else make()
        if not self.complaints:
            self.store.put_text(key, text)
        return text
