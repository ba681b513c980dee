"""The curves of the edges.

Layer `render`, a step of `builtin.py`. Edges bend only between rows and run straight down through
rows, beside the boxes there, so no edge meets a foreign box. Edges of one source lie on each other
along their trunk, up to where they part. At the target they arrive in operand order on its upper border.
Read next: `mirroring.py`, `packing.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from sphinx_tape.render.layout import Point
from sphinx_tape.render.pooling import pool

if TYPE_CHECKING:
    from sphinx_tape.render.layering import Layers

PORT_GAP = 110
"""Wished distance between two arrivals on one border."""
PORT_MARGIN = 50
"""Least distance of an arrival from the corner."""

Piece = tuple[Point, Point, Point]
Path = tuple[Point, ...]
_End = tuple[int, int, int, int]
"""Where an edge ends: row, index of the edge, place on the border of the box, box."""


class Geometry(NamedTuple):
    """Where the items of a drawing stand."""

    x: Sequence[int]
    """Centre of every item."""
    sizes: Sequence[Point]
    """Width and height of every box."""
    tops: Sequence[int]
    """Upper edge of every row."""
    bottoms: Sequence[int]
    """Lower edge of every row."""


def route(layers: Layers, edges: Sequence[tuple[int, int]], geometry: Geometry) -> list[Path]:
    """Return the path of every edge.

    Args:
        layers: The ordered graph.
        edges: Pairs (parent, consumer) in the order in which they arrive at each consumer.
        geometry: The placed items.
    """
    ranks = layers.ranks
    ports = [iter(_ports_of(layers, box, geometry)) for box in range(layers.nodes)]
    leaving: list[list[_End]] = [[] for _ in range(layers.nodes)]
    for index, (source, target) in enumerate(edges):
        leaving[source].append((ranks[target], index, next(ports[target]), target))
    paths: list[Path] = [()] * len(edges)
    for source, ends in enumerate(leaving):
        for index, path in _along_trunk(layers, source, sorted(ends), geometry):
            paths[index] = path
    return paths


def _along_trunk(
    layers: Layers, source: int, ends: Sequence[_End], geometry: Geometry
) -> Iterator[tuple[int, Path]]:
    """Go down the trunk of a box and branch off to each of its consumers, which are sorted by rows."""
    xs, tops, bottoms = geometry.x, geometry.tops, geometry.bottoms
    first = row = layers.ranks[source]
    height = geometry.sizes[source][1]
    trunk = [(xs[source], _row_middle(geometry, row) - height // 2 + height)]
    for target_row, index, port, target in ends:
        while row < target_row - 1:
            row += 1
            x = xs[layers.trunks[source][row - first - 1]]
            if x != trunk[-1][0]:
                _line_to(trunk, bottoms[row - 1])
                _curve_to(trunk, (x, tops[row]))
        branch = trunk.copy()
        _line_to(branch, bottoms[row])
        _curve_to(branch, (port, tops[target_row]))
        _line_to(branch, _row_middle(geometry, target_row) - geometry.sizes[target][1] // 2)
        yield index, tuple(branch)


def arrivals(ends: Sequence[int], wishes: Sequence[int], centre: int, width: int) -> list[int]:
    """Place the arrivals on a border: below where they come from, but near the middle, and in order.

    Args:
        ends: Where each arrival comes from, as a number; repeats in a row keep more distance, so that
            both edges of `x * x` are seen.
        wishes: Where each would arrive.
        centre: Middle of the border.
        width: Length of the border.
    """
    if not ends:
        return []
    most = max(width // 2 - PORT_MARGIN, 0)
    if len(ends) == 1:
        reach = min(width * 3 // 8, most)
        return [min(max(wishes[0], centre - reach), centre + reach)]
    offsets = [0]
    for one, other in pairwise(ends):
        offsets.append(offsets[-1] + (2 * PORT_GAP if one == other else PORT_GAP))
    if offsets[-1] > 2 * most:
        offsets = [offset * 2 * most // offsets[-1] for offset in offsets]
    reach = min(max(width * 3 // 8, -(-offsets[-1] // 2)), most)
    return spread(wishes, offsets, centre - reach, centre + reach)


def spread(wishes: Sequence[int], offsets: Sequence[int], low: int, high: int) -> list[int]:
    """Place points near their wishes, in order, with least distances, within [low, high].

    Args:
        wishes: Where each point would be.
        offsets: Least distance of each point from the first, which is what keeps them apart.
        low: Least place of the first point.
        high: Greatest place of the last point.
    """
    places = pool([min(max(wish, low), high) - offset for wish, offset in zip(wishes, offsets, strict=True)])
    last = high - offsets[-1]
    return [min(max(place, low), last) + offset for place, offset in zip(places, offsets, strict=True)]


def _ports_of(layers: Layers, box: int, geometry: Geometry) -> list[int]:
    """Where the edges of a box arrive on its upper border."""
    ends = layers.above[box]
    return arrivals(ends, [geometry.x[end] for end in ends], geometry.x[box], geometry.sizes[box][0])


def _row_middle(geometry: Geometry, row: int) -> int:
    return (geometry.tops[row] + geometry.bottoms[row]) // 2


def _curve_to(path: list[Point], end: Point) -> None:
    """Add a piece that starts and ends vertically."""
    (x0, y0), (x1, y1) = path[-1], end
    if x0 == x1:
        _line_to(path, y1)
        return
    middle = (y0 + y1) // 2
    path += [(x0, middle), (x1, middle), end]


def _line_to(path: list[Point], y: int) -> None:
    """Add a vertical piece, or make the last piece longer if it is vertical too."""
    x, start = path[-1]
    if y == start:
        return
    if len(path) >= 4 and path[-4][0] == x == path[-3][0]:
        start = path[-4][1]
        del path[-3:]
    third = (y - start) // 3
    path += [(x, start + third), (x, y - third), (x, y)]
