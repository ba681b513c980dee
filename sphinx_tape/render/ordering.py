"""Who stands left of whom in every row, with few crossings.

Layer `render`, a step of `builtin.py`. Starts from depth-first orders, which draw expression trees
with operands from left to right, and improves them by the layer-by-layer sweep of Sugiyama, Tagawa and
Toda (1981) with medians (Eades and Wormald 1994) and adjacent exchanges (Gansner et al. 1993).
Nothing here iterates over a set, so the result does not depend on hashing.
Read next: `exchanging.py` (one search), `foresight.py` (how it goes on), `placement.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_tape.render.exchanging import Rows, Search
from sphinx_tape.render.foresight import look_ahead

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sphinx_tape.render.layering import Layers

SWEEPS = 3
"""Down, up, and down again with items of equal medians changing places."""
WORK = 400_000
"""Items looked at while improving one start; what is larger gets fewer exchanges."""
LITTLE_WORK = 10_000
"""Items looked at before which a third start is worth it."""


def order_rows(layers: Layers) -> None:
    """Reorder `layers.rows` so that few segments cross.

    Where the result is tangled, a second start is tried: there it pays. More are tried as long as they cost
    little.
    """
    search = Search(layers)
    best: Rows = layers.rows
    fewest = -1
    for tried, start in enumerate(_better_first(search, _starts(layers)), start=1):
        rows, crossings = improve(search, start)
        if fewest < 0 or crossings < fewest:
            best, fewest = rows, crossings
        if not _is_tangled(best, fewest) or (tried > 1 and search.work > LITTLE_WORK):
            break
    layers.rows = best


def count_crossings(layers: Layers) -> int:
    """Count the pairs of segments that cross; those to one box cross only where their order is fixed."""
    search = Search(layers)
    search.begin(layers.rows)
    return search.total


def improve(search: Search, start: Rows) -> tuple[Rows, int]:
    """Sweep down and up from one order, then look ahead; return the best order met and its crossings."""
    if search.rows != start:
        search.begin(start)
    search.limit = search.work + WORK
    best, fewest = start, search.total
    for sweep in range(SWEEPS):
        if not fewest or (search.work >= search.limit and sweep > 1):
            break
        search.sweep(down=sweep % 2 == 0, flip=sweep >= 2)
        if sweep:
            search.exchange()
        if search.total < fewest:
            best, fewest = search.copy(), search.total
    search.restore(best)
    if fewest:
        look_ahead(search)
    return search.rows, search.total


def _is_tangled(rows: Rows, crossings: int) -> bool:
    """Tell whether there is more than one crossing for every two rows."""
    return 2 * crossings > len(rows)


def _better_first(search: Search, starts: Iterator[Rows]) -> Iterator[Rows]:
    """Where the first start is tangled, yield the better of the first two before the other."""
    first = next(starts)
    search.begin(first)
    crossings = search.total
    if _is_tangled(first, crossings):
        second = next(starts)
        search.begin(second)
        yield from (first, second) if crossings <= search.total else (second, first)
    else:
        yield first
    yield from starts


def _starts(layers: Layers) -> Iterator[Rows]:
    """Yield orders to start from: up from the sinks, also from the last first, and down; at last, as built.

    Walking up draws expression trees with their operands from left to right.
    """
    sinks = [item for item, segments in enumerate(layers.below) if not segments]
    yield _depth_first(layers, sinks, layers.above)
    if len(sinks) > 1:
        yield _depth_first(layers, sinks[::-1], layers.above)
    sources = [item for item, segments in enumerate(layers.above) if not segments]
    lowers = [[lower for lower, _ in segments] for segments in layers.below]
    yield _depth_first(layers, sources, lowers)
    yield _depth_first(layers, sources[::-1], lowers)
    yield layers.rows


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
