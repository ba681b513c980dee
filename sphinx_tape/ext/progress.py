"""Progress of running and drawing, in Sphinx's own style.

Layer `ext`. The lower layers report every piece of work; nothing is shown while there is none.
Read next: `run.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx.util.display import status_iterator

if TYPE_CHECKING:
    from collections.abc import Iterator


MOST_STEPS = 20
"""Steps that are shown; showing one takes longer than drawing a small figure."""


class ProgressBar:
    """A bar that appears with the first step and needs to know the number of steps only then.

    Sphinx's bar is a generator that takes its items from another one; ours are known when a worker has
    finished, so the bar is fed from a list to which each step adds.
    """

    def __init__(self, summary: str, total: int) -> None:
        self._summary = summary
        self._total = total
        self._shown: list[str] = []
        self._done = 0
        self._bar: Iterator[str] | None = None

    def skip(self) -> None:
        """Note that there is one step less to do."""
        self._total -= 1

    def expect(self, total: int) -> None:
        """Learn how many steps there will be, those included that have been done; before, none is shown."""
        self._total = total

    def step(self, name: str) -> None:
        """Show that something has been done."""
        if not self._total:
            self._done += 1
            return
        length = min(self._total, MOST_STEPS)
        if self._bar is None:
            self._bar = status_iterator(self._names(), self._summary, "brown", length)
        self._done += 1
        if self._done * length >= (len(self._shown) + 1) * self._total:
            self._shown.append(name)
            next(self._bar)

    def end(self) -> None:
        """End the line, if there is one."""
        if self._bar is not None:
            next(self._bar, None)

    def _names(self) -> Iterator[str]:
        """Yield what was added, and end when asked for more than that."""
        position = 0
        while position < len(self._shown):
            yield self._shown[position]
            position += 1
