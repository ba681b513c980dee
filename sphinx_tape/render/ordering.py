"""Who stands left of whom in every row, with few crossings.

Layer `render`, a step of `builtin.py`. Starts from depth-first orders, which draw expression trees
with operands from left to right, and improves them by the layer-by-layer sweep of Sugiyama, Tagawa and
Toda (1981) with medians (Eades and Wormald 1994) and adjacent exchanges (Gansner et al. 1993).
Nothing here iterates over a set, so the result does not depend on hashing.
Read next: `placement.py`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx_tape.render.layering import Layers

Rows = list[list[int]]

MAX_SWEEPS = 8
MAX_IDLE_SWEEPS = 3
"""Sweeps without a gain after which to stop."""
MAX_EXCHANGE_DEGREES = 400
"""Pairs whose degrees multiply to more than this are not worth comparing."""
WORK = 400_000
"""Segments visited by all sweeps together, roughly; large graphs get fewer sweeps."""


def order_rows(layers: Layers) -> None:
    """Reorder `layers.rows` so that few segments cross."""
    best: Rows = layers.rows
    fewest = -1
    segments = sum(map(len, layers.above)) + 1
    for start in (_depth_first(layers, upwards=True), _depth_first(layers, upwards=False)):
        rows, crossings = _improve(layers, start, max(2, min(MAX_SWEEPS, WORK // segments)))
        if fewest < 0 or crossings < fewest:
            best, fewest = rows, crossings
        if not fewest:
            break
    layers.rows = best


def count_crossings(layers: Layers, rows: Rows) -> int:
    """Count the pairs of segments that cross, segments to one box arriving in operand order."""
    return sum(_crossings(layers, rows))


def _crossings(layers: Layers, rows: Rows) -> list[int]:
    """Count crossings above every row but the first."""
    return [_crossings_above(layers, row, _positions(upper)) for upper, row in pairwise(rows)]


def _positions(row: Sequence[int]) -> dict[int, int]:
    """Where each item of a row stands."""
    return {item: index for index, item in enumerate(row)}


def _crossings_above(layers: Layers, row: Sequence[int], upper: dict[int, int]) -> int:
    """Count inversions among the upper ends of the segments, taken in the order in which they arrive."""
    above = layers.above
    seen: list[int] = []
    crossings = 0
    for item in row:
        for end in above[item]:
            place = bisect_right(seen, upper[end])
            crossings += len(seen) - place
            seen.insert(place, upper[end])
    return crossings


def _depth_first(layers: Layers, *, upwards: bool) -> Rows:
    """Order every row by the first visit of a depth-first walk from the sinks up or the sources down."""
    rows: Rows = [[] for _ in layers.rows]
    visited = [False] * len(layers.ranks)
    below = [[lower for lower, _ in segments] for segments in layers.below]
    onwards, backwards = (layers.above, below) if upwards else (below, layers.above)
    stack = [item for item in range(len(visited) - 1, -1, -1) if not backwards[item]]
    while stack:
        item = stack.pop()
        if not visited[item]:
            visited[item] = True
            rows[layers.ranks[item]].append(item)
            stack.extend(reversed(onwards[item]))
    return rows


def _improve(layers: Layers, rows: Rows, sweeps: int) -> tuple[Rows, int]:
    """Sweep down and up; return the best order met and its crossings."""
    best, fewest = rows, count_crossings(layers, rows)
    idle = 0
    for sweep in range(sweeps):
        if not fewest or idle == MAX_IDLE_SWEEPS:
            break
        rows = _sweep(layers, rows, down=sweep % 2 == 0, flip=sweep % 4 >= 2)
        _exchange(layers, rows)
        crossings = count_crossings(layers, rows)
        idle += 1
        if crossings < fewest:
            best, fewest, idle = [list(row) for row in rows], crossings, 0
    return best, fewest


def _sweep(layers: Layers, rows: Rows, *, down: bool, flip: bool) -> Rows:
    """Sort every row by the medians of its neighbours in the row before it.

    Args:
        layers: The graph.
        rows: The order to start from.
        down: Whether to go from the first row to the last, or back.
        flip: Whether to let items with equal medians change places.
    """
    rows = [list(row) for row in rows]
    indices = range(1, len(rows)) if down else range(len(rows) - 2, -1, -1)
    for index in indices:
        if down:
            place = _positions(rows[index - 1])
            ends = [[place[upper] for upper in layers.above[item]] for item in rows[index]]
        else:
            ports = _ports(layers, rows[index + 1])
            ends = [[ports[lower] + slot for lower, slot in layers.below[item]] for item in rows[index]]
        rows[index] = _sort_by_median(rows[index], ends, flip=flip)
    return rows


def _ports(layers: Layers, row: Sequence[int]) -> dict[int, int]:
    """Number the arriving segments of a row from left to right; return the first of each item."""
    ports: dict[int, int] = {}
    total = 0
    for item in row:
        ports[item] = total
        total += len(layers.above[item])
    return ports


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
    """Median of the neighbours' places; between two, weighted towards the denser side; -1 without any."""
    count = len(places)
    if count == 0:
        return -1.0
    places.sort()
    half = count // 2
    if count % 2:
        return float(places[half])
    if count == 2:
        return (places[0] + places[1]) / 2
    left, right = places[half - 1] - places[0], places[-1] - places[half]
    if left + right == 0:
        return (places[half - 1] + places[half]) / 2
    return (places[half - 1] * right + places[half] * left) / (left + right)


def _exchange(layers: Layers, rows: Rows) -> None:
    """Exchange neighbours as long as that removes crossings."""
    crossed = [index for index, crossings in enumerate(_crossings(layers, rows)) if crossings]
    waiting = sorted({row for index in crossed for row in (index, index + 1)})
    for _ in range(MAX_SWEEPS):
        changed = [index for index in waiting if _exchange_row(layers, rows, index)]
        if not changed:
            break
        waiting = sorted(
            {near for index in changed for near in (index - 1, index, index + 1) if 0 <= near < len(rows)}
        )


def _exchange_row(layers: Layers, rows: Rows, index: int) -> bool:
    """Exchange neighbours of one row; tell whether anything was gained."""
    row = rows[index]
    upper = _positions(rows[index - 1]) if index else {}
    ports = _ports(layers, rows[index + 1]) if index + 1 < len(rows) else {}
    ups = {item: sorted([upper[end] for end in layers.above[item]]) for item in row}
    downs = {item: sorted([ports[lower] + slot for lower, slot in layers.below[item]]) for item in row}
    gained = False
    for place in range(len(row) - 1):
        left, right = row[place], row[place + 1]
        gain = _gain(ups[left], ups[right]) + _gain(downs[left], downs[right])
        if gain > 0:
            row[place], row[place + 1] = right, left
            gained = True
    return gained


def _gain(left: Sequence[int], right: Sequence[int]) -> int:
    """How many crossings vanish when the owners of these two sorted lists of places change places."""
    return _pairs_below(right, left) - _pairs_below(left, right)


def _pairs_below(first: Sequence[int], second: Sequence[int]) -> int:
    """Count pairs (a, b) with a of the first list smaller than b of the second."""
    if len(first) * len(second) > MAX_EXCHANGE_DEGREES:
        return 0
    return sum(bisect_left(first, end) for end in second)
