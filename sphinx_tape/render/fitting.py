"""Which direction to lay a drawing out in first, told from its rows alone.

Layer `render`. Laying out is the dearest thing that a figure needs, and most drawings clearly fit a page in
one direction only; so their sizes are estimated, and the second direction is laid out only where that could
change the choice.
Read next: `engines.py`, `graph.py` (`choose`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sphinx_tape.render.graph import DrawnGraph, choose
from sphinx_tape.render.ranking import rank_nodes

if TYPE_CHECKING:
    from sphinx_tape.render.layout import Direction, LayoutRequest, LayoutResult, Point


def estimate(request: LayoutRequest) -> Point:
    """Estimate the size of a drawing: as long as its rows, as wide as its fullest row."""
    if not request.sizes:
        return 0, 0
    turned = request.direction == "LR"
    sizes = [(height, width) if turned else (width, height) for width, height in request.sizes]
    ranks = rank_nodes(len(sizes), [(edge.source, edge.target) for edge in request.edges])
    heights = [0] * (max(ranks) + 1)
    widths = [-request.node_gap] * len(heights)
    for rank, (width, height) in zip(ranks, sizes, strict=True):
        heights[rank] = max(heights[rank], height)
        widths[rank] += width + request.node_gap
    length = sum(heights) + (len(heights) - 1) * request.rank_gap
    return (length, max(widths)) if turned else (max(widths), length)


def lay_out_fitting(
    graph: DrawnGraph, page: Point, lay_out: Callable[[LayoutRequest], LayoutResult]
) -> LayoutResult:
    """Lay a drawing out in the direction that fits the page better.

    Args:
        graph: The drawing, with the directions that it allows.
        page: Width and height to fit in, tenths of a pixel.
        lay_out: Asks an engine.

    Returns:
        What `choose` would take of all directions, had they all been laid out.
    """
    requests = {direction: graph.request(direction) for direction in graph.directions}
    if len(requests) == 1:
        return lay_out(next(iter(requests.values())))
    expected = {
        direction: _fit(direction, estimate(request), page) for direction, request in requests.items()
    }
    results: dict[Direction, LayoutResult] = {}
    for direction in sorted(requests, key=lambda direction: expected[direction]):
        if any(_fit(done, results[done].size, page) < expected[direction] for done in results):
            break
        results[direction] = lay_out(requests[direction])
    return results[choose(results, page)]


def _fit(direction: Direction, size: Point, page: Point) -> tuple[int, bool]:
    """Rate a direction as `choose` does: little to scroll is good, left to right breaks ties."""
    return 3 * max(0, size[0] - page[0]) + max(0, size[1] - page[1]), direction == "TB"
