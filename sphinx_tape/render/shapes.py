"""Outlines: rectangles, circles, and paths of straight lines and cubic curves, in tenths of a pixel.

Layer `render`. SVG and PDF are written from nothing else, so that they look the same.
Read next: `scene.py`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from sphinx_tape.render.layout import Point

Segment = tuple[Literal["M", "L", "C", "Z"], tuple[Point, ...]]
"""Move, line, cubic curve (two controls and the end), close."""
Path = tuple[Segment, ...]


class Rect(NamedTuple):
    """A rectangle, its corners rounded by `radius`."""

    left: int
    top: int
    width: int
    height: int
    radius: int = 0

    @property
    def corner(self) -> int:
        """The radius that its size allows."""
        return min(self.radius, self.width // 2, self.height // 2)


class Circle(NamedTuple):
    """A circle."""

    x: int
    y: int
    radius: int


Outline = Path | Rect | Circle
"""SVG has words for rectangles and circles; elsewhere `path_of` draws them."""

ARROW_LENGTH: Final = 70
ARROW_HALF: Final = 30
_TIP: Final = 20
"""How far from the tip the line ends."""

# Control distance, as a share of the radius, that makes a cubic a quarter of a circle within 0.03 %:
# 4/3 tan(pi/8), the classic value.
_QUARTER: Final = 0.5522847498


def path_of(outline: Outline) -> Path:
    """Turn any outline into a path."""
    if isinstance(outline, Rect):
        return _rounded(outline)
    return _round(outline) if isinstance(outline, Circle) else outline


def _rounded(rect: Rect) -> Path:
    left, top, right, bottom = rect.left, rect.top, rect.left + rect.width, rect.top + rect.height
    radius = rect.corner
    if radius <= 0:
        return polygon([(left, top), (right, top), (right, bottom), (left, bottom)])
    near = round(radius * (1 - _QUARTER))
    return (
        ("M", ((left + radius, top),)),
        ("L", ((right - radius, top),)),
        ("C", ((right - near, top), (right, top + near), (right, top + radius))),
        ("L", ((right, bottom - radius),)),
        ("C", ((right, bottom - near), (right - near, bottom), (right - radius, bottom))),
        ("L", ((left + radius, bottom),)),
        ("C", ((left + near, bottom), (left, bottom - near), (left, bottom - radius))),
        ("L", ((left, top + radius),)),
        ("C", ((left, top + near), (left + near, top), (left + radius, top))),
        ("Z", ()),
    )


def _round(circle: Circle) -> Path:
    x, y, radius = circle.x, circle.y, circle.radius
    far = round(radius * _QUARTER)
    return (
        ("M", ((x + radius, y),)),
        ("C", ((x + radius, y + far), (x + far, y + radius), (x, y + radius))),
        ("C", ((x - far, y + radius), (x - radius, y + far), (x - radius, y))),
        ("C", ((x - radius, y - far), (x - far, y - radius), (x, y - radius))),
        ("C", ((x + far, y - radius), (x + radius, y - far), (x + radius, y))),
        ("Z", ()),
    )


def polygon(points: Sequence[Point]) -> Path:
    """Draw a closed polygon."""
    return (("M", (points[0],)), *[("L", (point,)) for point in points[1:]], ("Z", ()))


def line(*points: Point) -> Path:
    """Draw an open polyline."""
    return (("M", (points[0],)), *(("L", (point,)) for point in points[1:]))


def regular(centre: Point, radius: int, corners: int, turn: float) -> Path:
    """Draw a regular polygon whose first corner lies `turn` of a full turn clockwise from the right."""
    angles = [2 * math.pi * (corner / corners + turn) for corner in range(corners)]
    return polygon(
        [(centre[0] + round(radius * math.cos(a)), centre[1] + round(radius * math.sin(a))) for a in angles]
    )


def curve(points: Sequence[Point]) -> Path:
    """Draw a route: start, then triples of control, control, end."""
    triples = zip(points[1::3], points[2::3], points[3::3], strict=True)
    return (("M", (points[0],)), *[("C", triple) for triple in triples])


def arrowhead(route: Sequence[Point]) -> tuple[Path, list[Point]]:
    """Put an arrowhead at the end of a route.

    Args:
        route: Start, then triples of control, control, end.

    Returns:
        The head, and the route shortened a little, so that its line does not blunt the tip.
    """
    x, y = tip = route[-1]
    (ax, ay), (bx, by), (cx, cy) = _head(*_last_step(route))
    return polygon([tip, (x + ax, y + ay), (x + bx, y + by)]), [*route[:-1], (x + cx, y + cy)]


@lru_cache(maxsize=4096)
def _head(x: int, y: int) -> tuple[Point, Point, Point]:
    """Both wings of an arrowhead at the end of a step, and where its line ends, seen from its tip."""
    dx, dy = _unit(x, y)
    back = (-dx * ARROW_LENGTH, -dy * ARROW_LENGTH)
    side = (-dy * ARROW_HALF, dx * ARROW_HALF)
    wings = _whole(back[0] + side[0], back[1] + side[1]), _whole(back[0] - side[0], back[1] - side[1])
    return (*wings, _whole(-dx * _TIP, -dy * _TIP))


def midpoint(route: Sequence[Point]) -> Point:
    """Find the middle of a route's last curve, the part that it shares with no other."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = route[-4:]
    return (ax + 3 * bx + 3 * cx + dx) // 8, (ay + 3 * by + 3 * cy + dy) // 8


def arrives_sideways(route: Sequence[Point]) -> bool:
    """Tell whether a route ends rather horizontally, as in drawings from left to right."""
    x, y = _last_step(route)
    return abs(x) > abs(y)


def _last_step(route: Sequence[Point]) -> Point:
    """Return how a route arrives: its end, as seen from the last other point; (0, 0) if there is none."""
    x, y = route[-1]
    for left, top in reversed(route):
        if left != x or top != y:
            return x - left, y - top
    return 0, 0


def _unit(x: int, y: int) -> tuple[float, float]:
    """Return the unit vector in a direction; downwards if there is none."""
    length = math.hypot(x, y)
    return (x / length, y / length) if length else (0.0, 1.0)


def _whole(x: float, y: float) -> Point:
    return round(x), round(y)
