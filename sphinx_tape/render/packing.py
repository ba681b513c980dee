"""Disconnected parts of a drawing: found, and set beside each other.

Layer `render`, a step of `builtin.py`.
Read next: `builtin.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx_tape.render.layout import Point

LARGEST_ASPECT = 2
"""Parts go into one row until it is this many times wider than the drawing would be high."""


def components(count: int, edges: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Group the boxes that are joined by edges, in the order of their first boxes."""
    leader = list(range(count))

    def find(node: int) -> int:
        while leader[node] != node:
            leader[node] = leader[leader[node]]
            node = leader[node]
        return node

    for source, target in edges:
        one, other = find(source), find(target)
        leader[max(one, other)] = min(one, other)
    groups: dict[int, list[int]] = {}
    for node in range(count):
        groups.setdefault(find(node), []).append(node)
    return list(groups.values())


def pack(sizes: Sequence[Point], gap: int) -> tuple[list[Point], Point]:
    """Set parts on shelves, in order, and return their upper left corners and the whole size."""
    area = sum((width + gap) * (height + gap) for width, height in sizes)
    widest = max((width for width, _ in sizes), default=0)
    limit = max(widest, int((LARGEST_ASPECT * area) ** 0.5))
    corners: list[Point] = []
    x = y = shelf = reached = 0
    for width, height in sizes:
        if x and x + width > limit:
            x, y, shelf = 0, y + shelf + gap, 0
        corners.append((x, y))
        x, shelf = x + width + gap, max(shelf, height)
        reached = max(reached, x - gap)
    return corners, (reached, y + shelf)
