"""Exchanges that cost crossings now and save more of them later.

Layer `render`, a step of `ordering.py`. Where two neighbours cross anything, they change places for a trial,
then what stands above and below follows, row by row, as long as it does not lose: so a whole trunk passes
another, which no exchange in one row can do. What ends with more crossings is taken back. To look for gain
beyond a loss is the idea of Kernighan and Lin (1970).
Read next: `ordering.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx_tape.render.exchanging import Gains, Search

MAX_ROUNDS = 8
"""Rounds over rows: first all, then those near a gain."""
WORK = 20_000
"""Items that may be looked at."""
MAX_LOSS = 1
"""Crossings that a trial may cost at first; dearer ones hardly ever pay."""


def look_ahead(search: Search) -> None:
    """Try to exchange all neighbours that cross anything; after a gain, those near it once more."""
    search.limit = min(search.limit, search.work + WORK)
    search.trail.clear()
    waiting: Iterable[int] = range(len(search.rows))
    for _ in range(MAX_ROUNDS):
        changed: set[int] = set()
        for index in waiting:
            if search.crossings[index] or search.crossings[index + 1]:
                changed.update(_try_in(search, index))
        if not changed or search.work >= search.limit:
            break
        near = {row for index in changed for row in (index - 1, index, index + 1)}
        waiting = [row for row in range(len(search.rows)) if row in near]
    # What has moved since the last gain has moved for nothing.
    search.take_back(0)


def _try_in(search: Search, index: int) -> list[int]:
    """Try to exchange the neighbours of one row; return the rows in which something gained."""
    changed: list[int] = []
    for right in range(1, len(search.rows[index])):
        gains = search.gains(index, right) if search.work < search.limit else None
        if gains and sum(gains) >= -MAX_LOSS and _try(search, index, right, gains):
            changed += [row for row, _, _ in search.trail]
            search.trail.clear()
    return changed


def _try(search: Search, index: int, right: int, gains: Gains) -> bool:
    """Exchange two neighbours and keep what follows from it, unless it ends with more crossings.

    Returns:
        Whether it ends with fewer.
    """
    before, idle, kept = search.total, search.idle.copy(), len(search.trail)
    search.swap(index, right, gains)
    # The row itself waits until its neighbours have followed, or it would just go back.
    _spread(search, index)
    if len(search.trail) > kept + 1 and search.exchange_in(index, 1):
        _spread(search, index)
    if search.total > before:
        search.take_back(kept)
        search.idle = idle
    return search.total < before


def _spread(search: Search, index: int) -> None:
    """Let the rows above and below follow, each if the one before has changed."""
    for row in range(index - 1, -1, -1):
        if not search.exchange_in(row, 0):
            break
    for row in range(index + 1, len(search.rows)):
        if not search.exchange_in(row, 0):
            break
