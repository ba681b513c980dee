"""Sweeps and exchanges over the rows of a drawing, and how many segments cross.

Layer `render`, a step of `ordering.py`. Crossings are kept per pair of rows, so that both skip the rows
where nothing crosses: in the drawings of most tapes, nearly all. What every item sees of its neighbours'
places is kept, too: an exchange changes it for the neighbours of two items only.
Read next: `foresight.py` (exchanges that pay later), `ordering.py`.
"""

from __future__ import annotations

import sys
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sphinx_tape.render.layering import Layers

Rows = list[list[int]]
Gains = tuple[int, int]
"""How many crossings an exchange removes above and below; negative where it adds some."""

_ANY = 2
"""More than what is ever asked for."""
MAX_TURNS = 24
"""Visits to a row in one round of exchanges."""


class Search:
    """An order of all rows that is being improved."""

    def __init__(self, layers: Layers) -> None:
        count = len(layers.ranks)
        self._above = layers.above
        self._below = layers.below
        self._lowers = [[lower for lower, _ in segments] for segments in layers.below]
        self._fixed = [
            len(ends) > 1 and not free for ends, free in zip(layers.above, layers.free, strict=True)
        ]
        self._ports = [
            len(ends) if fixed else 1 for ends, fixed in zip(layers.above, self._fixed, strict=True)
        ]
        """At how many ports segments arrive at each item."""
        self._place = [0] * count
        """Where each item stands in its row."""
        self._port = [0] * count
        """The first port of each item, counted from left to right over its row."""
        self._ups: list[list[int]] = [[]] * count
        """Per item the sorted places of its upper neighbours."""
        self._downs: list[list[int]] = [[]] * count
        """Per item the sorted ports at which its segments arrive: that way operand order counts."""
        self.rows: Rows = []
        self.crossings: list[int] = []
        """Crossings above every row, and 0 for what is below the last."""
        self.total = 0
        """All crossings."""
        self.work = 0
        """Items looked at so far."""
        self.limit = sys.maxsize
        """How many may be."""
        self.trail: list[tuple[int, int, Gains]] = []
        """Exchanges made, in order: row, place of the right item, gains. Whoever wants to take them back
        empties it before."""
        self.idle: list[int] = []
        """Per row the gain that no exchange in it reaches as long as it and its neighbours stay; the last is
        that of no row, but of what is beside the first and the last."""

    def begin(self, rows: Rows) -> None:
        """Take an order to improve."""
        self.rows = [list(row) for row in rows]
        for row in self.rows:
            self._number(row)
        for row in self.rows:
            self._look_up(row)
            self._look_down(row)
        self.crossings = [self._count(row) for row in self.rows]
        self.crossings.append(0)
        self.total = sum(self.crossings)
        self.idle = [_ANY] * (len(self.rows) + 1)

    def restore(self, rows: Rows) -> None:
        """Go back to an order that has been there before."""
        changed = [index for index, row in enumerate(rows) if row != self.rows[index]]
        for index in changed:
            self._reorder(index, list(rows[index]))
        self._recount(changed)

    def copy(self) -> Rows:
        """Return the order as it is now."""
        return [list(row) for row in self.rows]

    def sweep(self, *, down: bool, flip: bool) -> None:
        """Sort rows by the medians of their neighbours in the row before, where segments to it cross.

        Args:
            down: Whether to go from the first row to the last, or back.
            flip: Whether to let items with equal medians change places.
        """
        rows, crossings = self.rows, self.crossings
        ends = self._ups if down else self._downs
        count = len(rows)
        changed: list[int] = []
        for index in range(1, count) if down else range(count - 2, -1, -1):
            before, between = (index - 1, index) if down else (index + 1, index + 1)
            if crossings[between] or (changed and changed[-1] == before):
                row = rows[index]
                self.work += len(row)
                ordered = _by_median(row, ends, flip=flip)
                if ordered:
                    self._reorder(index, ordered)
                    changed.append(index)
        self._recount(changed)

    def exchange(self) -> None:
        """Exchange neighbours as long as that removes crossings.

        The first visit to a row also makes exchanges that neither gain nor lose: what two exchanges gain is
        often hidden behind one that does not.
        """
        crossings, last = self.crossings, len(self.rows) - 1
        waiting = list(range(last + 1))
        for turn in range(MAX_TURNS):
            self.trail.clear()
            changed = [
                index
                for index in waiting
                if (crossings[index] or crossings[index + 1]) and self.exchange_in(index, 1 if turn else 0)
            ]
            if not changed or self.work >= self.limit:
                break
            near = {row for index in changed for row in (index - 1, index, index + 1) if 0 <= row <= last}
            waiting = sorted(near)

    def exchange_in(self, index: int, least: int) -> bool:
        """Exchange neighbours of one row that gain at least so much; tell whether any were."""
        if least >= self.idle[index]:
            return False
        row, ups, downs = self.rows[index], self._ups, self._downs
        changed, again = False, True
        while again and self.work < self.limit:
            again = False
            self.work += len(row)
            left_ups, left_downs = ups[row[0]], downs[row[0]]
            for right in range(1, len(row)):
                right_ups, right_downs = ups[row[right]], downs[row[right]]
                # Nothing can be gained where nothing crosses.
                if (left_ups and right_ups and left_ups[-1] > right_ups[0]) or (
                    left_downs and right_downs and left_downs[-1] > right_downs[0]
                ):
                    up, down = _gain(left_ups, right_ups), _gain(left_downs, right_downs)
                    if up + down >= least:
                        self.swap(index, right, (up, down))
                        again = True
                        continue
                left_ups, left_downs = right_ups, right_downs
            if again:
                changed, least = True, 1
        if self.work < self.limit:
            self.idle[index] = least
        return changed

    def gains(self, index: int, right: int) -> Gains | None:
        """Return what exchanging an item with its left neighbour gains; None if nothing there crosses."""
        row = self.rows[index]
        one, other = row[right - 1], row[right]
        left_ups, right_ups = self._ups[one], self._ups[other]
        left_downs, right_downs = self._downs[one], self._downs[other]
        if _crosses(left_ups, right_ups) or _crosses(left_downs, right_downs):
            return _gain(left_ups, right_ups), _gain(left_downs, right_downs)
        return None

    def swap(self, index: int, right: int, gains: Gains) -> None:
        """Exchange an item with its left neighbour."""
        row, place, port = self.rows[index], self._place, self._port
        one, other = row[right - 1], row[right]
        row[right - 1], row[right] = other, one
        place[one], place[other] = right, right - 1
        port[other] = port[one]
        port[one] += self._ports[other]
        lowers = self._lowers[one] + self._lowers[other]
        uppers = self._above[one] + self._above[other]
        self._look_up(lowers)
        self._look_down(uppers)
        self.work += len(lowers) + len(uppers)
        up, down = gains
        self.crossings[index] -= up
        self.crossings[index + 1] -= down
        self.total -= up + down
        self.trail.append((index, right, gains))
        self.idle[index - 1] = self.idle[index] = self.idle[index + 1] = _ANY

    def take_back(self, kept: int) -> None:
        """Undo the exchanges of the trail but the first so many."""
        trail = self.trail
        while len(trail) > kept:
            index, right, (up, down) = trail.pop()
            self.swap(index, right, (-up, -down))
            trail.pop()

    def _reorder(self, index: int, row: list[int]) -> None:
        """Put the items of a row into another order; crossings are to be counted afterwards."""
        self.rows[index] = row
        self._number(row)
        self.idle[index - 1] = self.idle[index] = self.idle[index + 1] = _ANY
        if index:
            self._look_down(self.rows[index - 1])
        if index + 1 < len(self.rows):
            self._look_up(self.rows[index + 1])

    def _recount(self, changed: Iterable[int]) -> None:
        """Count the crossings above and below rows that have been reordered."""
        near = {row for index in changed for row in (index, index + 1) if row < len(self.rows)}
        for index in sorted(near):
            self.crossings[index] = self._count(self.rows[index])
        self.total = sum(self.crossings)

    def _number(self, row: Sequence[int]) -> None:
        """Note where the items of a row stand and where their arrivals begin."""
        place, port, ports = self._place, self._port, self._ports
        begin = 0
        for index, item in enumerate(row):
            place[item] = index
            port[item] = begin
            begin += ports[item]

    def _count(self, row: Sequence[int]) -> int:
        """Count crossings above a row."""
        place, above, fixed, ups = self._place, self._above, self._fixed, self._ups
        places: list[int] = []
        for item in row:
            places += [place[end] for end in above[item]] if fixed[item] else ups[item]
        return _inversions(places)

    def _look_up(self, items: Iterable[int]) -> None:
        """Note where the upper neighbours of items stand."""
        place, above, ups = self._place, self._above, self._ups
        for item in items:
            ends = above[item]
            ups[item] = [place[ends[0]]] if len(ends) == 1 else sorted([place[end] for end in ends])

    def _look_down(self, items: Iterable[int]) -> None:
        """Note where the segments of items arrive."""
        port, below, downs = self._port, self._below, self._downs
        for item in items:
            segments = below[item]
            if len(segments) == 1:
                ((lower, slot),) = segments
                downs[item] = [port[lower] + slot]
            else:
                downs[item] = sorted([port[lower] + slot for lower, slot in segments])


def _crosses(left: Sequence[int], right: Sequence[int]) -> bool:
    """Tell whether any segments to these two sorted lists of places cross."""
    return bool(left and right) and left[-1] > right[0]


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


def _by_median(row: list[int], ends: Sequence[list[int]], *, flip: bool) -> list[int] | None:
    """Sort the items that have neighbours; those without keep their places. None: all do."""
    medians = [places[0] if len(places) == 1 else _median(places) for places in map(ends.__getitem__, row)]
    if not flip and medians == sorted(medians):
        return None
    movable = [index for index, median in enumerate(medians) if median >= 0]
    ranked = sorted(reversed(movable) if flip else movable, key=medians.__getitem__)
    if ranked == movable:
        return None
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
    if left[-1] < right[0]:
        return -len(left) * len(right)
    if left[0] > right[-1]:
        return len(left) * len(right)
    if len(left) < len(right):
        count = -len(right)
        return sum([count + bisect_right(right, end) + bisect_left(right, end) for end in left])
    count = len(left)
    return sum([count - bisect_right(left, end) - bisect_left(left, end) for end in right])
