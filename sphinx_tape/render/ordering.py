"""Who stands left of whom in every row, with few crossings.

Layer `render`, a step of `builtin.py`. Starts from depth-first orders, which draw expression trees
with operands from left to right, and improves them by the layer-by-layer sweep of Sugiyama, Tagawa and
Toda (1981) with medians (Eades and Wormald 1994) and adjacent exchanges (Gansner et al. 1993).
Nothing here iterates over a set, so the result does not depend on hashing.
Read next: `placement.py`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sphinx_tape.render.layering import Layers

Rows = list[list[int]]

MAX_SWEEPS = 24
MAX_IDLE_SWEEPS = 6
"""Sweeps without a gain after which to stop."""
MAX_EXCHANGE_DEGREES = 400
"""Pairs whose degrees multiply to more than this are not worth comparing."""
WORK = 400_000
"""Items and segments looked at while improving one start; large graphs get fewer sweeps and exchanges."""


def order_rows(layers: Layers) -> None:
    """Reorder `layers.rows` so that few segments cross."""
    best: Rows = layers.rows
    fewest = -1
    for index, start in enumerate(_starts(layers)):
        rows, crossings = _Search(layers, start).improve(bold=index > 0)
        if fewest < 0 or crossings < fewest:
            best, fewest = rows, crossings
        if not fewest:
            break
    layers.rows = best


def count_crossings(layers: Layers) -> int:
    """Count the pairs of segments that cross, segments to one box arriving in operand order."""
    return sum(_Search(layers, layers.rows).crossings())


def _starts(layers: Layers) -> Iterator[Rows]:
    """Yield orders to start from: up from the sinks, then up from the last sink first, or down.

    Walking up draws expression trees with their operands from left to right.
    """
    sinks = [item for item, segments in enumerate(layers.below) if not segments]
    yield _depth_first(layers, sinks, layers.above)
    if len(sinks) > 1:
        yield _depth_first(layers, sinks[::-1], layers.above)
    else:
        sources = [item for item, segments in enumerate(layers.above) if not segments]
        yield _depth_first(layers, sources, [[lower for lower, _ in segments] for segments in layers.below])


def _depth_first(layers: Layers, starts: Sequence[int], onwards: Sequence[Sequence[int]]) -> Rows:
    """Order every row by the first visit of a depth-first walk."""
    rows: Rows = [[] for _ in layers.rows]
    visited = [False] * len(layers.ranks)
    stack = list(reversed(starts))
    while stack:
        item = stack.pop()
        if not visited[item]:
            visited[item] = True
            rows[layers.ranks[item]].append(item)
            stack.extend(reversed(onwards[item]))
    return rows


class _Search:
    """An order of all rows that is being improved."""

    def __init__(self, layers: Layers, rows: Rows) -> None:
        self._above = layers.above
        self._below = layers.below
        self._rows = [list(row) for row in rows]
        self._place = [0] * len(layers.ranks)
        """Where each item stands in its row."""
        for row in rows:
            self._renumber(row)
        self._work = WORK

    def improve(self, *, bold: bool) -> tuple[Rows, int]:
        """Sweep down and up; return the best order met and its crossings.

        Args:
            bold: Whether to make exchanges that neither gain nor lose, too; what two exchanges gain
                is often hidden behind one that does not.
        """
        best, fewest = [list(row) for row in self._rows], sum(self.crossings())
        idle = 0
        for sweep in range(MAX_SWEEPS):
            if not fewest or idle == MAX_IDLE_SWEEPS or (self._work <= 0 and sweep > 1):
                break
            self._sweep(down=sweep % 2 == 0, flip=sweep % 4 >= 2)
            crossings = self._exchange(bold=bold)
            idle += 1
            if crossings < fewest:
                best, fewest, idle = [list(row) for row in self._rows], crossings, 0
        return best, fewest

    def crossings(self) -> list[int]:
        """Count crossings above every row."""
        place = self._place
        return [_inversions([place[end] for item in row for end in self._above[item]]) for row in self._rows]

    def _renumber(self, row: Sequence[int]) -> None:
        for place, item in enumerate(row):
            self._place[item] = place

    def _sweep(self, *, down: bool, flip: bool) -> None:
        """Sort every row by the medians of its neighbours in the row before it.

        Args:
            down: Whether to go from the first row to the last, or back.
            flip: Whether to let items with equal medians change places.
        """
        count = len(self._rows)
        for index in range(1, count) if down else range(count - 2, -1, -1):
            row = self._rows[index]
            self._work -= len(row)
            ends = self._ends_above(row) if down else self._ends_below(row, index)
            self._rows[index] = _sort_by_median(row, ends, flip=flip)
            self._renumber(self._rows[index])

    def _ends_above(self, row: Sequence[int]) -> list[list[int]]:
        """Per item the sorted places of its upper neighbours."""
        place = self._place
        return [sorted([place[end] for end in self._above[item]]) for item in row]

    def _ends_below(self, row: Sequence[int], index: int) -> list[list[int]]:
        """Per item the sorted places at which its segments arrive in the row below.

        Arrivals are numbered from left to right over the whole row, so that operand order counts.
        """
        if index + 1 == len(self._rows):
            return [[] for _ in row]
        ports: dict[int, int] = {}
        total = 0
        for item in self._rows[index + 1]:
            ports[item] = total
            total += len(self._above[item])
        return [sorted([ports[lower] + slot for lower, slot in self._below[item]]) for item in row]

    def _exchange(self, *, bold: bool) -> int:
        """Exchange neighbours as long as that removes crossings; return how many are left."""
        crossings = self.crossings()
        last = len(self._rows) - 1
        waiting = [i for i in range(last + 1) if crossings[i] or (i < last and crossings[i + 1])]
        for turn in range(MAX_SWEEPS):
            least = 0 if bold and not turn else 1
            changed = [index for index in waiting if self._exchange_in(index, least)]
            if not changed or self._work <= 0:
                break
            near = {row for index in changed for row in (index - 1, index, index + 1) if 0 <= row <= last}
            waiting = sorted(near)
        return sum(self.crossings())

    def _exchange_in(self, index: int, least: int) -> bool:
        """Exchange neighbours of one row that gain at least so much; tell whether any were."""
        row = self._rows[index]
        ups, downs = self._ends_above(row), self._ends_below(row, index)
        self._work -= len(row) + sum(map(len, ups)) + sum(map(len, downs))
        gained = False
        for right in range(1, len(row)):
            left = right - 1
            up = ups[left] and ups[right] and ups[left][-1] > ups[right][0]
            down = downs[left] and downs[right] and downs[left][-1] > downs[right][0]
            if (up or down) and _gain(ups[left], ups[right]) + _gain(downs[left], downs[right]) >= least:
                row[left], row[right] = row[right], row[left]
                ups[left], ups[right] = ups[right], ups[left]
                downs[left], downs[right] = downs[right], downs[left]
                gained = True
        self._renumber(row)
        return gained


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


def _sort_by_median(row: Sequence[int], ends: Sequence[list[int]], *, flip: bool) -> list[int]:
    """Sort the items that have neighbours; those without keep their places."""
    medians = [_median(places) for places in ends]
    movable = [index for index, median in enumerate(medians) if median >= 0]
    ranked = sorted(reversed(movable) if flip else movable, key=medians.__getitem__)
    result = list(row)
    for place, index in zip(movable, ranked, strict=True):
        result[place] = row[index]
    return result


def _median(places: list[int]) -> float:
    """Median of sorted places; between two, nearer to the denser side; -1 without any."""
    count = len(places)
    if count == 0:
        return -1
    half = count // 2
    if count % 2:
        return places[half]
    left, right = places[half - 1] - places[0], places[-1] - places[half]
    if left + right == 0:
        return (places[half - 1] + places[half]) / 2
    return (places[half - 1] * right + places[half] * left) / (left + right)


def _gain(left: Sequence[int], right: Sequence[int]) -> int:
    """How many crossings vanish when the owners of these two sorted lists of places change places."""
    return _pairs_below(right, left) - _pairs_below(left, right)


def _pairs_below(first: Sequence[int], second: Sequence[int]) -> int:
    """Count pairs (a, b) with a of the first list smaller than b of the second."""
    if len(first) * len(second) > MAX_EXCHANGE_DEGREES:
        return 0
    if len(second) == 1:
        return bisect_left(first, second[0])
    return sum([bisect_left(first, end) for end in second])
