"""The built-in layout engine: layered drawings made for tapes, in the standard library alone.

Layer `render`. The steps are modules, in this order: `ranking`, `layering`, `ordering`, `placement`,
`straightening`, `routing`, then `packing` and `mirroring`. Drawings from left to right are made
from the top down and turned over.
Read next: `ranking.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sphinx_tape.render.layering import MAX_WAYPOINTS, Layers, build_layers, sort_arrivals
from sphinx_tape.render.layout import LayoutRequest, LayoutResult, Point, free_targets
from sphinx_tape.render.mirroring import mirror, turn
from sphinx_tape.render.ordering import order_rows
from sphinx_tape.render.packing import components, pack
from sphinx_tape.render.placement import grade_segments, hang_rows, place_rows, separation
from sphinx_tape.render.ranking import rank_nodes
from sphinx_tape.render.routing import Geometry, Path, route
from sphinx_tape.render.straightening import straighten

NAME = "builtin"
VERSION = "5"
"""To be raised with every change that moves anything: stored positions are found by it."""

FLAT = 8
"""An edge that leads this many times farther sideways than down is flat."""

MAX_HUNG = 600
"""Items and segments up to which one pass places the rows: straightening finds the best places from anywhere,
so a better start costs more than it saves."""

Edge = tuple[int, int]


class BuiltinEngine:
    """Places every drawing, on every machine in the same way."""

    name = NAME
    version = VERSION

    def layout_many(self, requests: Sequence[LayoutRequest], budget: float) -> list[LayoutResult | None]:
        """Place every request. The budget is not needed: work is limited by size."""
        del budget
        return [layout(request) for request in requests]


def layout(request: LayoutRequest) -> LayoutResult:
    """Place one drawing."""
    turned = request.direction == "LR"
    sizes = [turn(size) if turned else size for size in request.sizes]
    pairs = [(edge.source, edge.target) for edge in request.edges]
    arriving = [index for *_, index in sorted(_arrivals(request))]
    parts = components(len(sizes), pairs)
    part_of = {node: index for index, part in enumerate(parts) for node in part}
    local = {node: index for part in parts for index, node in enumerate(part)}
    edges_of: list[list[int]] = [[] for _ in parts]
    for index in arriving:
        edges_of[part_of[pairs[index][0]]].append(index)
    free = free_targets(request.edges)
    drawn = [
        _draw_part(
            [sizes[node] for node in part],
            [(local[source], local[target]) for source, target in map(pairs.__getitem__, inside)],
            frozenset([local[node] for node in part if node in free]),
            request,
        )
        for part, inside in zip(parts, edges_of, strict=True)
    ]
    corners, size = pack([part_size for _, _, part_size in drawn], request.node_gap)
    centres: dict[int, Point] = {}
    paths: dict[int, Path] = {}
    for part, inside, (points, routes, _), corner in zip(parts, edges_of, drawn, corners, strict=True):
        centres.update(zip(part, _shift(points, corner), strict=True))
        paths.update(zip(inside, (_shift(path, corner) for path in routes), strict=True))

    def flip(points: Iterable[Point]) -> Path:
        return tuple(map(turn, points)) if turned else tuple(points)

    result = LayoutResult(
        centres=flip(centres[node] for node in range(len(sizes))),
        routes=tuple(flip(paths[index]) for index in range(len(request.edges))),
        size=turn(size) if turned else size,
        engine=f"{NAME} {VERSION}",
    )
    return mirror(result, request.direction, 2 * request.node_gap) if request.mirror else result


def _arrivals(request: LayoutRequest) -> list[tuple[int, int, int]]:
    """Return the edges as they are to be sorted: they arrive at each target in operand order."""
    return [(edge.target, edge.operand, index) for index, edge in enumerate(request.edges)]


def _shift(path: Sequence[Point], by: Point) -> Path:
    return tuple((x + by[0], y + by[1]) for x, y in path) if any(by) else tuple(path)


def _draw_part(
    sizes: Sequence[Point], edges: Sequence[Edge], free: Collection[int], request: LayoutRequest
) -> tuple[list[Point], list[Path], Point]:
    """Draw one connected part from the top down; return centres, paths and size."""
    if len(sizes) == 1:
        # Leaves that nothing uses are common; they need no layers.
        ((width, height),) = sizes
        return [(width // 2, height // 2)], [], (width, height)
    ranks = rank_nodes(len(sizes), edges)
    layers = build_layers(ranks, edges, MAX_WAYPOINTS, free)
    order_rows(layers)
    arriving = sort_arrivals(layers, edges)
    distance = separation(layers, [width for width, _ in sizes], request.node_gap)
    grades = grade_segments(layers)
    is_small = len(layers.ranks) + sum(map(len, layers.above)) <= MAX_HUNG
    x = (hang_rows if is_small else place_rows)(layers, grades, distance)
    straighten(layers, grades, x, distance)
    boxes, waypoints = x[: layers.nodes], x[layers.nodes :]
    left = min([*waypoints, *(place - size[0] // 2 for place, size in zip(boxes, sizes, strict=True))])
    right = max([*waypoints, *(place - -size[0] // 2 for place, size in zip(boxes, sizes, strict=True))])
    x = [place - left for place in x]
    tops, bottoms = _rows(layers, sizes, x, request.rank_gap)
    geometry = Geometry(x, sizes, tops, bottoms)
    centres = [(x[box], (tops[ranks[box]] + bottoms[ranks[box]]) // 2) for box in range(layers.nodes)]
    paths = route(layers, [edges[index] for index in arriving], geometry)
    path_of = dict(zip(arriving, paths, strict=True))
    return centres, [path_of[index] for index in range(len(edges))], (right - left, bottoms[-1])


def _rows(layers: Layers, sizes: Sequence[Point], x: Sequence[int], gap: int) -> tuple[list[int], list[int]]:
    """Return the upper and the lower edge of every row.

    Where an edge leads far to the side, the gap above grows, so that the edge does not lie flat.
    """
    tops: list[int] = []
    bottoms: list[int] = []
    nodes, above = layers.nodes, layers.above
    for row in layers.rows:
        height = max([sizes[item][1] for item in row if item < nodes])
        farthest = max([abs(x[item] - x[upper]) for item in row for upper in above[item]], default=0)
        extra = min(max((farthest - FLAT * gap) // FLAT, 0), gap)
        tops.append(bottoms[-1] + gap + extra if bottoms else 0)
        bottoms.append(tops[-1] + height)
    return tops, bottoms
