"""Whether the boxes of a drawing are better flat: one line each, for deep and narrow tapes.

Layer `render`. Guesses sizes from ranks alone, before any layout; a wrong guess costs a little room and
nothing else.
Read next: `graph.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx_tape.render.layout import Point

Pairs = Sequence[tuple[int, int]]


def guess_size(sizes: Sequence[Point], pairs: Pairs, node_gap: int, rank_gap: int) -> Point:
    """Guess the size of a drawing from the top down.

    Args:
        sizes: Width and height of every box.
        pairs: Parent and consumer of every edge, parents having the smaller index.
        node_gap: Distance of neighbours.
        rank_gap: Distance of ranks.

    Returns:
        Width of the widest rank and height of all ranks; trunks of long edges are not counted.
    """
    widths: dict[int, int] = {}
    heights: dict[int, int] = {}
    for rank, (width, height) in zip(_ranks(len(sizes), pairs), sizes, strict=True):
        widths[rank] = widths.get(rank, -node_gap) + width + node_gap
        heights[rank] = max(heights.get(rank, 0), height)
    return max(widths.values(), default=0), sum(heights.values()) + rank_gap * max(0, len(heights) - 1)


def _ranks(count: int, pairs: Pairs) -> list[int]:
    """Rank every node as low as its consumers allow, counted from the bottom."""
    ranks = [0] * count
    for source, target in sorted(pairs, key=lambda pair: -pair[1]):
        ranks[source] = max(ranks[source], ranks[target] + 1)
    return ranks
