"""A gradient twin for every box, mirrored beside the forward drawing.

Layer `render`. Takes any engine's forward result, makes the drawing with the reverse pass: down is
forward, up is backward, and a node and its gradient stand in one row.
Read next: `builtin.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx_tape.render.layout import Direction, LayoutResult, Point


def mirror(result: LayoutResult, direction: Direction, gap: int) -> LayoutResult:
    """Add the twins of all boxes and edges.

    Args:
        result: The forward drawing.
        direction: Twins stand to the right of a drawing from the top down, else below it.
        gap: Distance between the two halves.
    """
    width, height = result.size
    down = direction == "TB"
    axis = 2 * (width if down else height) + gap

    def twin(point: Point) -> Point:
        return (axis - point[0], point[1]) if down else (point[0], axis - point[1])

    centres = tuple(twin(centre) for centre in result.centres)
    routes = tuple(tuple(twin(point) for point in reversed(path)) for path in result.routes)
    size = (axis, height) if down else (width, axis)
    return result._replace(centres=result.centres + centres, routes=result.routes + routes, size=size)


def turn(point: Point) -> Point:
    """Exchange the two directions: from the top down becomes from left to right, and back."""
    return point[1], point[0]
