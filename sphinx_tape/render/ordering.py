"""Who stands left of whom in every row, with few crossings.

Layer `render`, a step of `builtin.py`. Starts from depth-first orders, which draw expression trees
with operands from left to right, and improves them by the layer-by-layer sweep of Sugiyama, Tagawa and
Toda (1981) with medians (Eades and Wormald 1994) and adjacent exchanges (Gansner et al. 1993).
Nothing here iterates over a set, so the result does not depend on hashing.
Read next: `exchanging.py` (one search), `placement.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_tape.render.exchanging import Rows, Search

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sphinx_tape.render.layering import Layers

MAX_SWEEPS = 24
MAX_IDLE_SWEEPS = 3
"""Sweeps without a gain after which to stop."""
WORK = 400_000
"""Items and segments looked at while improving one start; large graphs get fewer sweeps and exchanges."""


def order_rows(layers: Layers) -> None:
    """Reorder `layers.rows` so that few segments cross.

    A second start is tried where there is more than one crossing for every two rows: there it pays.
    """
    search = Search(layers)
    best: Rows = layers.rows
    fewest = -1
    for start in _starts(layers):
        rows, crossings = improve(search, start)
        if fewest < 0 or crossings < fewest:
            best, fewest = rows, crossings
        if 2 * fewest <= len(best):
            break
    layers.rows = best


def count_crossings(layers: Layers) -> int:
    """Count the pairs of segments that cross; those to one box cross only where their order is fixed."""
    search = Search(layers)
    search.begin(layers.rows, 0)
    return sum(search.crossings)


def improve(search: Search, start: Rows) -> tuple[Rows, int]:
    """Sweep down and up from one order; return the best order met and its crossings."""
    search.begin(start, WORK)
    best, fewest = search.copy(), sum(search.crossings)
    idle = 0
    for sweep in range(MAX_SWEEPS):
        if not fewest or idle == MAX_IDLE_SWEEPS or (search.work <= 0 and sweep > 1):
            break
        search.sweep(down=sweep % 2 == 0, flip=sweep % 4 >= 2)
        search.exchange()
        crossings = sum(search.crossings)
        idle += 1
        if crossings < fewest:
            best, fewest, idle = search.copy(), crossings, 0
    return best, fewest


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
