"""Whether an engine's answer can be drawn: the one judge of foreign coordinates.

Layer `render`. Reads a request and a result, makes a list of complaints; an empty list is approval.
Read next: `engines.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from sphinx_tape.render.layout import LayoutRequest, LayoutResult, Point

TOLERANCE = 10
"""One pixel: what rounding may cost."""
SAMPLES = 12
"""Points looked at on every piece of a curve."""
CELL = 1000
"""Side of a cell of the index of boxes."""

Box = tuple[int, int, int, int]
"""Left, top, right, bottom."""
Path = Sequence[Point]


def check_layout(request: LayoutRequest, result: LayoutResult) -> list[str]:
    """Return what is wrong with a result, in words; nothing if all is well."""
    halves = 2 if request.mirror else 1
    counts = [
        _miscount("centres", len(result.centres), halves * len(request.sizes)),
        _miscount("routes", len(result.routes), halves * len(request.edges)),
    ]
    problems = [problem for problem in counts if problem]
    problems += [
        f"route {index} must be a start and triples (got {len(path)} points)"
        for index, path in enumerate(result.routes)
        if len(path) < 4 or len(path) % 3 != 1
    ]
    if problems:
        return problems
    boxes = boxes_of(request, result)
    return [
        *_outside(boxes, result),
        *(f"box {one} must not overlap box {other}" for one, other in overlaps(boxes)),
        *_loose_ends(request, result, boxes),
        *_out_of_order(request, result),
        *(f"route {route} must not run over box {box}" for route, box in runs_over(request, result, boxes)),
    ]


def boxes_of(request: LayoutRequest, result: LayoutResult) -> list[Box]:
    """Return the boxes as drawn, those of the twins after the others."""
    count = len(request.sizes)
    return [
        (
            x - request.sizes[i % count][0] // 2,
            y - request.sizes[i % count][1] // 2,
            x + -(-request.sizes[i % count][0] // 2),
            y + -(-request.sizes[i % count][1] // 2),
        )
        for i, (x, y) in enumerate(result.centres)
    ]


def ends_of(request: LayoutRequest, route: int) -> tuple[int, int]:
    """Return the boxes that a route must start from and end on."""
    count = len(request.edges)
    edge = request.edges[route % count]
    twins = len(request.sizes)
    return (edge.source, edge.target) if route < count else (edge.target + twins, edge.source + twins)


def overlaps(boxes: Sequence[Box]) -> Iterator[tuple[int, int]]:
    """Yield the pairs of boxes that cover each other by more than rounding explains."""
    wide = max((box[2] for box in boxes), default=0) > max((box[3] for box in boxes), default=0)
    low, high = (0, 2) if wide else (1, 3)
    order = sorted(range(len(boxes)), key=lambda index: boxes[index][low])
    for place, one in enumerate(order):
        for other in order[place + 1 :]:
            if boxes[other][low] >= boxes[one][high] - TOLERANCE:
                break
            if _overlap(boxes[one], boxes[other]):
                yield min(one, other), max(one, other)


def runs_over(
    request: LayoutRequest, result: LayoutResult, boxes: Sequence[Box]
) -> Iterator[tuple[int, int]]:
    """Yield pairs (route, box) where a route crosses a box that is neither of its ends."""
    cells: dict[tuple[int, int], list[int]] = {}
    for index, (left, top, right, bottom) in enumerate(boxes):
        for column in range(left // CELL, right // CELL + 1):
            for row in range(top // CELL, bottom // CELL + 1):
                cells.setdefault((column, row), []).append(index)
    for route, path in enumerate(result.routes):
        own = ends_of(request, route)
        met: dict[int, None] = {}
        for x, y in sample(path, SAMPLES):
            for index in cells.get((int(x) // CELL, int(y) // CELL), ()):
                if index not in own and _contains(boxes[index], (x, y), -TOLERANCE):
                    met[index] = None
        yield from ((route, index) for index in met)


def sample(path: Path, steps: int) -> Iterator[tuple[float, float]]:
    """Yield points of a path of cubic Bezier pieces, `steps` on every piece and the end."""
    for start in range(0, len(path) - 1, 3):
        (x0, y0), (x1, y1), (x2, y2), (x3, y3) = path[start : start + 4]
        for step in range(steps):
            t = step / steps
            s = 1 - t
            a, b, c, d = s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t
            yield a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3
    yield float(path[-1][0]), float(path[-1][1])


def _miscount(what: str, got: int, wanted: int) -> str:
    return "" if got == wanted else f"{what} must be {wanted} (got {got})"


def _outside(boxes: Sequence[Box], result: LayoutResult) -> Iterator[str]:
    """Complain about what lies outside of the drawing."""
    width, height = result.size
    frame = (0, 0, width, height)
    for index, (left, top, right, bottom) in enumerate(boxes):
        if not (_contains(frame, (left, top), TOLERANCE) and _contains(frame, (right, bottom), TOLERANCE)):
            yield f"box {index} must lie inside the drawing of {width} x {height}"
    for index, path in enumerate(result.routes):
        if not all(_contains(frame, point, TOLERANCE) for point in path):
            yield f"route {index} must lie inside the drawing of {width} x {height}"


def _overlap(one: Box, other: Box) -> bool:
    return (
        one[0] < other[2] - TOLERANCE
        and other[0] < one[2] - TOLERANCE
        and one[1] < other[3] - TOLERANCE
        and other[1] < one[3] - TOLERANCE
    )


def _contains(box: Box, point: tuple[float, float], margin: int) -> bool:
    x, y = point
    return box[0] - margin <= x <= box[2] + margin and box[1] - margin <= y <= box[3] + margin


def _on_border(box: Box, point: Point) -> bool:
    return _contains(box, point, TOLERANCE) and not _contains(box, point, -TOLERANCE)


def _loose_ends(request: LayoutRequest, result: LayoutResult, boxes: Sequence[Box]) -> Iterator[str]:
    """Complain about routes that do not start and end on their boxes' borders."""
    for index, path in enumerate(result.routes):
        source, target = ends_of(request, index)
        if not _on_border(boxes[source], path[0]):
            yield f"route {index} must start on the border of box {source} (got {path[0]})"
        if not _on_border(boxes[target], path[-1]):
            yield f"route {index} must end on the border of box {target} (got {path[-1]})"


def _out_of_order(request: LayoutRequest, result: LayoutResult) -> Iterator[str]:
    """Complain about edges that do not arrive in operand order; those of one position may in any."""
    across = 0 if request.direction == "TB" else 1
    arrivals: dict[int, list[tuple[int, int]]] = {}
    for index, edge in enumerate(request.edges):
        arrivals.setdefault(edge.target, []).append((edge.operand, result.routes[index][-1][across]))
    for target, ends in sorted(arrivals.items()):
        if any(two[1] < one[1] for one, two in pairwise(sorted(ends))):
            yield f"edges to box {target} must arrive in operand order"
