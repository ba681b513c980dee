"""Which row every box is drawn in.

Layer `render`, a step of `builtin.py`. Rows count downwards from 0; an edge always leads to a lower row.
Rows start as longest paths from the leaves. Then every box slides down beside what uses it unless what
it uses holds it back more strongly: `x[t]` and its product end up beside step t, not all in one row.
Read next: `layering.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import lcm

from sphinx_tape.render.shortening import NEVER, Edge, shorten

MAX_SLIDES = 8
"""Passes over all boxes; one is enough for trees, a second settles nearly everything else."""
MAX_SHORTENED = 600
"""Boxes up to which the total length of edges is minimised."""
PIVOTS = 200
UNIT = 12
"""Weight of an edge of an operation; a leaf with k consumers has one k-th of it."""


def rank_nodes(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """Give every box its row.

    Args:
        count: Number of boxes; their numbers are a topological order.
        edges: Pairs (parent, consumer), repeats allowed.

    Returns:
        The row of every box, the smallest being 0.
    """
    parents: list[list[int]] = [[] for _ in range(count)]
    consumers: list[list[int]] = [[] for _ in range(count)]
    for source, target in edges:
        parents[target].append(source)
        consumers[source].append(target)
    ranks = _longest_paths(parents)
    slides = _willing(parents, consumers)
    for _ in range(MAX_SLIDES):
        if not _slide(ranks, consumers, slides):
            break
    if count <= MAX_SHORTENED:
        shorten(ranks, _weighted(edges, parents, consumers), PIVOTS)
        _slide(
            ranks,
            consumers,
            [bool(used) and not above for used, above in zip(consumers, parents, strict=True)],
        )
        highest = min(ranks, default=0)
        ranks = [rank - highest for rank in ranks]
    return ranks


def _weighted(
    edges: Sequence[tuple[int, int]], parents: Sequence[Sequence[int]], consumers: Sequence[Sequence[int]]
) -> list[Edge]:
    """Add weights in whole numbers to edges."""
    return [
        (source, target, 1, UNIT if parents[source] else max(1, UNIT // len(consumers[source])), NEVER)
        for source, target in edges
    ]


def _longest_paths(parents: Sequence[Sequence[int]]) -> list[int]:
    """Rows as high up as possible."""
    ranks: list[int] = []
    for above in parents:
        ranks.append(1 + max([ranks[parent] for parent in above], default=-1))
    return ranks


def _willing(parents: Sequence[Sequence[int]], consumers: Sequence[Sequence[int]]) -> list[bool]:
    """Tell for every box whether it may leave its parents and slide down to its consumers.

    An edge of a leaf with k consumers weighs 1/k, any other edge 1. What holds a box back is the weight
    of its incoming edges, but a parent used by this box alone comes along if nothing holds *it* back
    more strongly than the edge between them would.
    """
    used = [len(users) for users in consumers]
    # Such a unit makes all weights whole numbers.
    unit = lcm(*{count for count, above in zip(used, parents, strict=True) if count and not above})
    holds: list[int] = []
    slides: list[bool] = []
    for count, above in zip(used, parents, strict=True):
        hold = 0
        for parent in above:
            weight = unit if parents[parent] else unit // used[parent]
            hold += min(weight, holds[parent]) if used[parent] == 1 else weight
        holds.append(hold)
        pull = count * unit if above else unit
        slides.append(count > 0 and pull >= hold)
    return slides


def _slide(ranks: list[int], consumers: Sequence[Sequence[int]], slides: Sequence[bool]) -> bool:
    """Move every willing box to just above its highest consumer; tell whether anything moved."""
    moved = False
    for node in range(len(ranks) - 1, -1, -1):
        if slides[node]:
            lowest = min([ranks[consumer] for consumer in consumers[node]]) - 1
            moved = moved or lowest != ranks[node]
            ranks[node] = lowest
    return moved
