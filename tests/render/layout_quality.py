"""Measures a finished drawing: crossings, edges over boxes, overlaps, edge length.

Independent of the code under test: knows boxes and drawn curves only, and finds everything by brute
geometry on finely sampled curves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import dist, floor

Number = float
Spot = tuple[Number, Number]
Segment = tuple[Spot, Spot]
Box = tuple[Number, Number, Number, Number]
"""Left, top, right, bottom."""

STEPS = 13
"""Straight bits a curve is cut into; odd, since symmetric curves cross in their middles: no corner there."""


@dataclass(frozen=True)
class Drawing:
    """What can be seen."""

    boxes: Sequence[Box]
    curves: Sequence[Sequence[Spot]]
    """Paths of cubic Bezier pieces."""
    ends: Sequence[tuple[int, int]]
    """The two boxes each curve joins."""


@dataclass(frozen=True)
class Quality:
    """What is counted."""

    crossings: int
    """Spots where drawn curves cross; what is drawn twice counts once."""
    over_boxes: int
    """Curves that run over a box they do not join."""
    overlaps: int
    """Pairs of boxes that cover each other."""
    length: float
    """Of all curves together."""
    width: float
    height: float


def drawing_of(sizes: Sequence[Spot], centres: Sequence[Spot], curves, ends) -> Drawing:
    """Put boxes of these sizes around the centres; sizes repeat for the twins."""
    boxes = []
    for index, (x, y) in enumerate(centres):
        width, height = sizes[index % len(sizes)]
        boxes.append((x - width / 2, y - height / 2, x + width / 2, y + height / 2))
    return Drawing(boxes, curves, ends)


def measure(drawing: Drawing, slack: float = 10.0) -> Quality:
    """Count everything; boxes shrink by `slack`, so that touching is no fault."""
    boxes = [(x0 + slack, y0 + slack, x1 - slack, y1 - slack) for x0, y0, x1, y1 in drawing.boxes]
    flat = [flatten(curve) for curve in drawing.curves]
    return Quality(
        crossings=count_crossings(drawing.curves),
        over_boxes=sum(
            any(
                index not in ends and any(_meets(piece, box) for piece in pairwise(points))
                for index, box in enumerate(boxes)
                if _near(points, box)
            )
            for points, ends in zip(flat, drawing.ends, strict=True)
        ),
        overlaps=sum(_cover(one, other) for one, other in combinations(boxes, 2)),
        length=sum(dist(a, b) for points in flat for a, b in pairwise(points)),
        width=max((box[2] for box in drawing.boxes), default=0)
        - min((box[0] for box in drawing.boxes), default=0),
        height=max((box[3] for box in drawing.boxes), default=0)
        - min((box[1] for box in drawing.boxes), default=0),
    )


def flatten(curve: Sequence[Spot]) -> list[Spot]:
    """Cut a path into straight bits."""
    points = [curve[0]]
    for start in range(0, len(curve) - 1, 3):
        points += [_bezier(curve[start : start + 4], step / STEPS) for step in range(1, STEPS + 1)]
    return points


def count_crossings(curves: Iterable[Sequence[Spot]]) -> int:
    """Count the spots at which different pieces cross; what lies on each other is one line."""
    pieces = list(
        dict.fromkeys(tuple(curve[i : i + 4]) for curve in curves for i in range(0, len(curve) - 1, 3))
    )
    cell = 400.0
    cells: dict[tuple[int, int], list[tuple[int, Segment]]] = {}
    for index, piece in enumerate(pieces):
        for segment in pairwise(flatten(piece)):
            for key in _cells(segment, cell):
                cells.setdefault(key, []).append((index, segment))
    spots: dict[tuple[int, int], tuple[int, int]] = {}
    for content in cells.values():
        for (one, first), (other, second) in combinations(content, 2):
            pair = min(one, other), max(one, other)
            if one != other and pair not in spots and cross(first, second):
                spots[pair] = _spot(first, second)
    return len(set(spots.values()))


def _spot(first: Segment, second: Segment) -> tuple[int, int]:
    """Where two straight bits cross, to a whole unit; shifted, since symmetric drawings love halves."""
    (a, b), (c, d) = first, second
    along = _side(c, d, a) / (_side(c, d, a) - _side(c, d, b))
    return floor(a[0] + (b[0] - a[0]) * along + 0.237), floor(a[1] + (b[1] - a[1]) * along + 0.237)


def cross(first: Segment, second: Segment) -> bool:
    """Tell whether two straight bits cross properly; touching ends do not count."""
    (a, b), (c, d) = first, second
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def _cells(segment: Segment, cell: float) -> list[tuple[int, int]]:
    (x0, y0), (x1, y1) = segment
    columns = range(floor(min(x0, x1) / cell), floor(max(x0, x1) / cell) + 1)
    rows = range(floor(min(y0, y1) / cell), floor(max(y0, y1) / cell) + 1)
    return [(column, row) for column in columns for row in rows]


def _bezier(piece: Sequence[Spot], t: float) -> Spot:
    """De Casteljau's construction."""
    points = list(piece)
    while len(points) > 1:
        points = [(a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t) for a, b in pairwise(points)]
    return points[0]


def _side(a: Spot, b: Spot, p: Spot) -> float:
    return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])


def _cover(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _near(points: Sequence[Spot], box: Box) -> bool:
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return _cover((min(xs), min(ys) - 1, max(xs) + 1, max(ys)), box)


def _meets(segment: Segment, box: Box) -> bool:
    """Tell whether a straight bit enters a box: it has an end inside or crosses a side."""
    x0, y0, x1, y1 = box
    if any(x0 < x < x1 and y0 < y < y1 for x, y in segment):
        return True
    corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)]
    return any(cross(segment, side) for side in pairwise(corners))
