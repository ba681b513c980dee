"""Outlines as SVG path data, and numbers as SVG wants them.

Layer `render`. Pages hold thousands of these: nothing is said that can be left out.
Read next: `pdf.py`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sphinx_tape.render.shapes import polygon

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sphinx_tape.render.layout import Point
    from sphinx_tape.render.shapes import Path


def path_data(path: Path) -> str:
    """Write an outline as SVG path data: relative after its start, nothing said that can be left out."""
    parts: list[str] = []
    x, y, last = 0, 0, ""
    for letter, points in path:
        if letter == "M":
            x, y = points[0]
            parts.append(f"M{px(x)} {px(y)}")
            continue
        if letter == "C":
            name, numbers = _curved(points, x, y)
        elif letter == "L":
            name, numbers = _straight(points[0], x, y)
        else:
            name, numbers = "z", ""
        parts.append(numbers if name == last else name + numbers.removeprefix(" "))
        last = name
        if points:
            x, y = points[-1]
    return "".join(parts)


def head_data(head: Path) -> str:
    """Write an arrowhead; arrows come from few directions, so what follows the tip is often the same."""
    (_, ((x, y),)), (_, ((ax, ay),)), (_, ((bx, by),)), _end = head
    return f"M{px(x)} {px(y)}{_wings(ax - x, ay - y, bx - x, by - y)}"


@lru_cache(maxsize=4096)
def _wings(ax: int, ay: int, bx: int, by: int) -> str:
    return path_data(polygon([(0, 0), (ax, ay), (bx, by)])).removeprefix("M0 0")


def _curved(points: Sequence[Point], x: int, y: int) -> tuple[str, str]:
    """Write a curve from (x, y) on; shorter if it runs straight along an axis, as many do."""
    (ax, ay), (bx, by), (cx, cy) = points
    if ax == bx == cx == x:
        return "v", _spaced(cy - y)
    if ay == by == cy == y:
        return "h", _spaced(cx - x)
    ends = _spaced(ax - x) + _spaced(ay - y) + _spaced(bx - x) + _spaced(by - y)
    return "c", ends + _spaced(cx - x) + _spaced(cy - y)


def _straight(end: Point, x: int, y: int) -> tuple[str, str]:
    """Write a line from (x, y) on."""
    if end[1] == y:
        return "h", _spaced(end[0] - x)
    return ("v", _spaced(end[1] - y)) if end[0] == x else ("l", _spaced(end[0] - x) + _spaced(end[1] - y))


@lru_cache(maxsize=8192)
def _spaced(tenths: int) -> str:
    """Write a number after another one: a minus sign separates by itself."""
    return px(tenths) if tenths < 0 else f" {px(tenths)}"


@lru_cache(maxsize=8192)
def px(tenths: int) -> str:
    """Write tenths of a pixel without needless digits."""
    whole, rest = divmod(abs(tenths), 10)
    sign = "-" if tenths < 0 else ""
    return f"{sign}{whole}.{rest}" if rest else f"{sign}{whole}"
