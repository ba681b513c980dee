"""Sweeps and exchanges over the rows of a drawing, and how many segments cross.

Layer `render`, a step of `ordering.py`. Crossings are kept per pair of rows, so that both skip the rows
where nothing crosses: in the drawings of most tapes, nearly all.
Read next: `ordering.py`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sphinx_tape.render.layering import Layers

Rows = list[list[int]]

_ANY = 2
"""More than what is ever asked for."""
MAX_TURNS = 24
"""Visits to a row in one round of exchanges."""


class Search:
    """An order of all rows that is being improved."""

    def __init__(self, layers: Layers) -> None:
        self._above = layers.above
        self._fixed = [
            len(ends) > 1 and not free for ends, free in zip(layers.above, layers.free, strict=True)
        ]
        self._below = layers.below
        self._place = [0] * len(layers.ranks)
        """Where each item stands in its row."""
        self._port = [0] * len(layers.ranks)
        """At which number the arrivals of each item begin, counted from left to right over its row."""
        self._rows: Rows = []
        self.crossings: list[int] = []
        """Crossings above every row, and 0 for what is below the last."""
        self.work = 0
        """Items and segments that may still be looked at."""
        self._idle: list[int] = []
        """Per row the gain that no exchange in it reaches as long as it and its neighbours stay."""

    def begin(self, rows: Rows, work: int) -> None:
        """Take an order to improve, and how much work it is worth."""
        self.work = work
        self._rows = [list(row) for row in rows]
        for row in self._rows:
            self._number(row)
        self.crossings = [self._count(row) for row in self._rows]
        self.crossings.append(0)
        self._idle = [_ANY] * len(self._rows)

    def copy(self) -> Rows:
        """Return the order as it is now."""
        return [list(row) for row in self._rows]

    def sweep(self, *, down: bool, flip: bool) -> None:
        """Sort rows by the medians of their neighbours in the row before, where segments to it cross.

        Args:
            down: Whether to go from the first row to the last, or back.
            flip: Whether to let items with equal medians change places.
        """
        rows, crossings = self._rows, self.crossings
        count = len(rows)
        changed: list[int] = []
        for index in range(1, count) if down else range(count - 2, -1, -1):
            before, between = (index - 1, index) if down else (index + 1, index + 1)
            if not crossings[between] and not (changed and changed[-1] == before):
                continue
            row = rows[index]
            self.work -= len(row)
            ordered = _by_median(row, self._ends_above(row) if down else self._ends_below(row), flip=flip)
            if ordered != row:
                rows[index] = ordered
                self._number(ordered)
                changed.append(index)
        for index in changed:
            self._wake(index)
        for row_index in sorted({near for index in changed for near in (index, index + 1) if near < count}):
            crossings[row_index] = self._count(rows[row_index])

    def exchange(self) -> None:
        """Exchange neighbours as long as that removes crossings.

        The first visit to a row also makes exchanges that neither gain nor lose: what two exchanges gain is
        often hidden behind one that does not.
        """
        crossings, last = self.crossings, len(self._rows) - 1
        waiting = list(range(last + 1))
        for turn in range(MAX_TURNS):
            changed = [
                index
                for index in waiting
                if (crossings[index] or crossings[index + 1]) and self._exchange_in(index, 1 if turn else 0)
            ]
            if not changed or self.work <= 0:
                break
            near = {row for index in changed for row in (index - 1, index, index + 1) if 0 <= row <= last}
            waiting = sorted(near)

    def _exchange_in(self, index: int, least: int) -> bool:
        """Exchange neighbours of one row that gain at least so much; tell whether any were."""
        if least >= self._idle[index]:
            return False
        row = self._rows[index]
        ups, downs = self._ends_above(row), self._ends_below(row)
        self.work -= sum(map(len, ups)) + sum(map(len, downs))
        changed = False
        while (gains := _exchange_once(row, ups, downs, least)) is not None:
            self.crossings[index] -= gains[0]
            self.crossings[index + 1] -= gains[1]
            self.work -= len(row)
            changed, least = True, 1
            if self.work <= 0:
                break
        if changed:
            self._number(row)
            self._wake(index)
        if self.work > 0:
            self._idle[index] = least
        return changed

    def _wake(self, index: int) -> None:
        """Let a row that has changed, and its neighbours, be looked at again."""
        for row in range(max(index - 1, 0), min(index + 2, len(self._rows))):
            self._idle[row] = _ANY

    def _number(self, row: Sequence[int]) -> None:
        """Note where the items of a row stand and where their arrivals begin."""
        place, port, above, fixed = self._place, self._port, self._above, self._fixed
        begin = 0
        for index, item in enumerate(row):
            place[item] = index
            port[item] = begin
            begin += len(above[item]) if fixed[item] else 1

    def _count(self, row: Sequence[int]) -> int:
        """Count crossings above a row."""
        place, above, fixed = self._place, self._above, self._fixed
        places: list[int] = []
        for item in row:
            ends = above[item]
            if len(ends) == 1:
                places.append(place[ends[0]])
            elif fixed[item]:
                places += [place[end] for end in ends]
            else:
                places += sorted([place[end] for end in ends])
        return _inversions(places)

    def _ends_above(self, row: Sequence[int]) -> list[list[int]]:
        """Per item the sorted places of its upper neighbours."""
        place, above = self._place, self._above
        return [
            [place[above[item][0]]] if len(above[item]) == 1 else sorted([place[end] for end in above[item]])
            for item in row
        ]

    def _ends_below(self, row: Sequence[int]) -> list[list[int]]:
        """Per item the sorted ports at which its segments arrive: that way operand order counts."""
        port, below = self._port, self._below
        result: list[list[int]] = []
        for item in row:
            segments = below[item]
            if len(segments) == 1:
                ((lower, slot),) = segments
                result.append([port[lower] + slot])
            else:
                result.append(sorted([port[lower] + slot for lower, slot in segments]))
        return result


def _exchange_once(
    row: list[int], ups: list[list[int]], downs: list[list[int]], least: int
) -> tuple[int, int] | None:
    """Go through a row once and exchange neighbours where that gains at least so much.

    Returns:
        How many crossings vanished above and below; None if no neighbours were exchanged.
    """
    changed = False
    above = below = 0
    left_ups, left_downs = ups[0], downs[0]
    for right in range(1, len(row)):
        right_ups, right_downs = ups[right], downs[right]
        # Nothing can be gained where nothing crosses.
        crossed = (left_ups and right_ups and left_ups[-1] > right_ups[0]) or (
            left_downs and right_downs and left_downs[-1] > right_downs[0]
        )
        if crossed:
            up, down = _gain(left_ups, right_ups), _gain(left_downs, right_downs)
            if up + down >= least:
                above, below, changed = above + up, below + down, True
                row[right - 1], row[right] = row[right], row[right - 1]
                ups[right - 1], ups[right] = right_ups, left_ups
                downs[right - 1], downs[right] = right_downs, left_downs
                continue
        left_ups, left_downs = right_ups, right_downs
    return (above, below) if changed else None


def _inversions(places: list[int]) -> int:
    """Count pairs that stand in the wrong order."""
    if places == sorted(places):
        return 0
    seen: list[int] = []
    inversions = 0
    for place in places:
        index = bisect_right(seen, place)
        inversions += len(seen) - index
        seen.insert(index, place)
    return inversions


def _by_median(row: list[int], ends: Sequence[list[int]], *, flip: bool) -> list[int]:
    """Sort the items that have neighbours; those without keep their places."""
    medians = [_median(places) for places in ends]
    movable = [index for index, median in enumerate(medians) if median >= 0]
    ranked = sorted(reversed(movable) if flip else movable, key=medians.__getitem__)
    if ranked == movable:
        return row
    result = list(row)
    for place, index in zip(movable, ranked, strict=True):
        result[place] = row[index]
    return result


def _median(places: list[int]) -> float:
    """Median of sorted places; between two, nearer to the denser side; -1 without any."""
    count = len(places)
    if count < 2:
        return places[0] if count else -1
    half = count // 2
    if count % 2:
        return places[half]
    left, right = places[half - 1] - places[0], places[-1] - places[half]
    if left + right == 0:
        return (places[half - 1] + places[half]) / 2
    return (places[half - 1] * right + places[half] * left) / (left + right)


def _gain(left: Sequence[int], right: Sequence[int]) -> int:
    """How many crossings vanish when the owners of these two sorted lists of places change places."""
    if not left or not right:
        return 0
    if len(left) == len(right) == 1:
        return (left[0] > right[0]) - (left[0] < right[0])
    if len(left) < len(right):
        count = -len(right)
        return sum([count + bisect_right(right, end) + bisect_left(right, end) for end in left])
    count = len(left)
    return sum([count - bisect_right(left, end) - bisect_left(left, end) for end in right])
