"""What one figure shows, loaded when it is written and not before.

Layer `ext`. Reads results and positions from the store, makes what the writers ask for. A page's reports
are in memory only while that page is written, also in the processes of a parallel build.
Read next: `html.py`, `latex.py`, `plain.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sphinx_tape.execution.store import Store
from sphinx_tape.ext.failures import Trouble
from sphinx_tape.ext.figure import TapeFigure
from sphinx_tape.ext.freshness import digest_of
from sphinx_tape.render.options import DisplayOptions
from sphinx_tape.report.model import TapeReport

if TYPE_CHECKING:
    from sphinx_tape.ext.drawing import Placed  # noqa: TC004 -- loads all of `render`; nobody evaluates it


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureContent:
    """One figure, ready to be written in any format."""

    figure: TapeFigure
    display: DisplayOptions
    identity: str
    """Digest of everything that the figure shows."""
    store: Store
    load_report: Callable[[], TapeReport | None]
    """Returns None where there is nothing but troubles or a note."""
    load_drawing: Callable[[TapeReport], Placed | None]
    """Returns None where no drawing is shown, or where it broke, which is then among the complaints."""
    troubles: tuple[Trouble, ...] = ()
    has_report: bool = False
    """Whether `load_report` will return something; known without loading it."""
    note: str = ""
    """Why nothing was run, where that was on purpose."""
    complaints: list[str] = field(default_factory=list)
    """What went wrong while it was drawn or written: faults of ours, which cost this figure only."""

    def remembered(self, name: str, make: Callable[[], str]) -> str:
        """Return a text that depends on nothing but this figure and a name; made once, then kept.

        A text that shows a fault of ours is not kept: the next build tries again, and says it again.
        """
        key = digest_of([name, self.identity])
        known = self.store.get_positions(key)
        if isinstance(known, str):
            return known
        made = make()
        if not self.complaints:
            self.store.put_positions(key, made)
        return made
