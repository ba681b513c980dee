"""Who stands left of whom in every row, with few crossings.

Layer `render`, a step of `builtin.py`. Starts from depth-first orders, which draw expression trees
with operands from left to right, and improves them by the layer-by-layer sweep of Sugiyama, Tagawa and
Toda (1981) with medians (Eades and Wormald 1994) and adjacent exchanges (Gansner et al. 1993).
Nothing here iterates over a set, so the result does not depend on hashing.
Read next: `placement.py`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sphinx_tape.render.layering import Layers

Row = tuple[int, ...]
Rows = list[Row]

MAX_SWEEPS = 24
MAX_IDLE_SWEEPS = 4
"""Sweeps without a gain after which to stop."""
MAX_EXCHANGE_DEGREES = 400
"""Pairs whose degrees multiply to more than this are not worth comparing."""
WORK = 400_000
"""Items and segments looked at while improving one start; large graphs get fewer sweeps and exchanges."""


def order_rows(layers: Layers) -> None:
    """Reorder `layers.rows` so that few segments cross."""
    search = _Search(layers)
    best: Rows = []
    fewest = -1
    for index, start in enumerate(_starts(layers)):
        rows, crossings = search.improve(start, bold=index > 0)
        if fewest < 0 or crossings < fewest:
            best, fewest = rows, crossings
        if not fewest:
            break
    layers.rows = [list(row) for row in best]


def count_crossings(layers: Layers) -> int:
    """Count the pairs of segments that cross, segments to one box arriving in operand order."""
    return sum(_Search(layers).crossings([tuple(row) for row in layers.rows]))


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
    rows: list[list[int]] = [[] for _ in layers.rows]
    visited = [False] * len(layers.ranks)
    stack = list(reversed(starts))
    while stack:
        item = stack.pop()
        if not visited[item]:
            visited[item] = True
            rows[layers.ranks[item]].append(item)
            stack.extend(reversed(onwards[item]))
    return [tuple(row) for row in rows]


class _Search:
    """Improves orders of rows; remembers every step, since sweeps meet the same rows again and again."""

    def __init__(self, layers: Layers) -> None:
        self._above = layers.above
        self._below = layers.below
        self._work = 0
        self._counted: dict[tuple[Row, Row], int] = {}
        self._swept: dict[tuple[Row, Row, bool, bool], Row] = {}
        self._exchanged: dict[tuple[Row, Row, Row, int], Row] = {}
        self._placed: dict[Row, dict[int, int]] = {}
        self._numbered: dict[Row, dict[int, int]] = {}

    def improve(self, rows: Rows, *, bold: bool) -> tuple[Rows, int]:
        """Sweep down and up; return the best order met and its crossings.

        Args:
            rows: The order to start from.
            bold: Whether to make exchanges that neither gain nor lose, too; what two exchanges gain
                is often hidden behind one that does not.
        """
        self._work = WORK
        best, fewest = rows, sum(self.crossings(rows))
        idle = 0
        seen: set[tuple[int, Row]] = set()
        for sweep in range(MAX_SWEEPS):
            if not fewest or idle == MAX_IDLE_SWEEPS or (self._work <= 0 and sweep > 1):
                break
            rows = self._sweep(rows, down=sweep % 2 == 0, flip=sweep % 4 >= 2)
            rows = self._exchange(rows, bold=bold)
            state = sweep % 4, tuple(item for row in rows for item in row)
            if state in seen:  # From here on everything would repeat itself.
                break
            seen.add(state)
            crossings = sum(self.crossings(rows))
            idle += 1
            if crossings < fewest:
                best, fewest, idle = list(rows), crossings, 0
        return best, fewest

    def crossings(self, rows: Rows) -> list[int]:
        """Count crossings above every row."""
        return [self._count(upper, row) for upper, row in pairwise([(), *rows])]

    def _count(self, upper: Row, row: Row) -> int:
        """Count crossings between two rows."""
        known = self._counted.get((upper, row))
        if known is None:
            place = self._places(upper)
            known = _inversions([place[end] for item in row for end in self._above[item]])
            self._counted[upper, row] = known
        return known

    def _sweep(self, rows: Rows, *, down: bool, flip: bool) -> Rows:
        """Sort every row by the medians of its neighbours in the row before it.

        Args:
            rows: The order to start from.
            down: Whether to go from the first row to the last, or back.
            flip: Whether to let items with equal medians change places.
        """
        rows = list(rows)
        count = len(rows)
        for index in range(1, count) if down else range(count - 2, -1, -1):
            row, fixed = rows[index], rows[index - 1 if down else index + 1]
            known = self._swept.get((row, fixed, down, flip))
            if known is None:
                self._work -= len(row)
                ends = self._ends_above(row, fixed) if down else self._ends_below(row, fixed)
                known = self._swept[row, fixed, down, flip] = _sort_by_median(row, ends, flip=flip)
            rows[index] = known
        return rows

    def _ends_above(self, row: Row, upper: Row) -> list[list[int]]:
        """Per item the sorted places of its upper neighbours."""
        place, above = self._places(upper), self._above
        ends = [[place[end] for end in above[item]] for item in row]
        for places in ends:
            if len(places) > 1:
                places.sort()
        return ends

    def _ends_below(self, row: Row, lower: Row) -> list[list[int]]:
        """Per item the sorted places at which its segments arrive in the row below.

        Arrivals are numbered from left to right over the whole row, so that operand order counts.
        """
        ports, below = self._ports(lower), self._below
        ends = [[ports[end] + slot for end, slot in below[item]] for item in row]
        for places in ends:
            if len(places) > 1:
                places.sort()
        return ends

    def _places(self, row: Row) -> dict[int, int]:
        """Where each item of a row stands."""
        known = self._placed.get(row)
        if known is None:
            known = self._placed[row] = {item: place for place, item in enumerate(row)}
        return known

    def _ports(self, lower: Row) -> dict[int, int]:
        """At which number the arrivals of each item of a row begin."""
        known = self._numbered.get(lower)
        if known is None:
            known, total = {}, 0
            for item in lower:
                known[item] = total
                total += len(self._above[item])
            self._numbered[lower] = known
        return known

    def _exchange(self, rows: Rows, *, bold: bool) -> Rows:
        """Exchange neighbours as long as that removes crossings."""
        rows = list(rows)
        crossings = [*self.crossings(rows), 0]
        last = len(rows) - 1
        waiting = [index for index in range(last + 1) if crossings[index] or crossings[index + 1]]
        for turn in range(MAX_SWEEPS):
            least = 0 if bold and not turn else 1
            changed = [index for index in waiting if self._exchange_in(rows, index, least)]
            if not changed or self._work <= 0:
                break
            near = {row for index in changed for row in (index - 1, index, index + 1) if 0 <= row <= last}
            waiting = sorted(near)
        return rows

    def _exchange_in(self, rows: Rows, index: int, least: int) -> bool:
        """Exchange neighbours of one row that gain at least so much; tell whether any were."""
        upper = rows[index - 1] if index else ()
        lower = rows[index + 1] if index + 1 < len(rows) else ()
        row = rows[index]
        known = self._exchanged.get((upper, row, lower, least))
        if known is None:
            ups, downs = self._ends_above(row, upper), self._ends_below(row, lower)
            self._work -= len(row) + sum(map(len, ups)) + sum(map(len, downs))
            known = self._exchanged[upper, row, lower, least] = _exchanged(row, ups, downs, least)
        rows[index] = known
        return known != row


def _exchanged(row: Row, ups: list[list[int]], downs: list[list[int]], least: int) -> Row:
    """Go through a row once and exchange neighbours where that gains at least so much."""
    items = list(row)
    for right in range(1, len(items)):
        left = right - 1
        left_ups, right_ups, left_downs, right_downs = ups[left], ups[right], downs[left], downs[right]
        up = left_ups and right_ups and left_ups[-1] > right_ups[0]
        down = left_downs and right_downs and left_downs[-1] > right_downs[0]
        if (up or down) and _gain(left_ups, right_ups) + _gain(left_downs, right_downs) >= least:
            items[left], items[right] = items[right], items[left]
            ups[left], ups[right] = right_ups, left_ups
            downs[left], downs[right] = right_downs, left_downs
    return tuple(items)


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


def _sort_by_median(row: Row, ends: Sequence[list[int]], *, flip: bool) -> Row:
    """Sort the items that have neighbours; those without keep their places."""
    medians = [_median(places) for places in ends]
    movable = [index for index, median in enumerate(medians) if median >= 0]
    ranked = sorted(reversed(movable) if flip else movable, key=medians.__getitem__)
    if ranked == movable:
        return row
    result = list(row)
    for place, index in zip(movable, ranked, strict=True):
        result[place] = row[index]
    return tuple(result)


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
    return _pairs_below(right, left) - _pairs_below(left, right)


def _pairs_below(first: Sequence[int], second: Sequence[int]) -> int:
    """Count pairs (a, b) with a of the first list smaller than b of the second."""
    if len(first) * len(second) > MAX_EXCHANGE_DEGREES:
        return 0
    if len(second) == 1:
        return bisect_left(first, second[0])
    return sum([bisect_left(first, end) for end in second])
