"""Which part of each arrow is its own, where arrows of one source run along each other.

Layer `render`. What two arrows share is painted once, by the first: twice, it would look bold, and an arrow
that is not lit would run over one that is.
Read next: `scene.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx_tape.render.layout import Point

Heading = tuple[int, int]
"""Unit vector along an axis."""


class Painted:
    """What earlier arrows have drawn."""

    def __init__(self) -> None:
        self._pieces: set[tuple[Point, ...]] = set()
        self._reach: dict[tuple[Point, Heading], int] = {}
        """How far straight lines lead on from a point."""

    def own(self, route: Sequence[Point]) -> tuple[list[Point], int]:
        """Draw one more arrow.

        Args:
            route: Start, then triples of control, control, end.

        Returns:
            The route, cut where straight lines of others end on it; and the index at which its own part
            begins. The last piece is always its own.
        """
        points = list(route)
        start, index = 0, 0
        while index < len(points) - 4:
            shared = self._shared(points[index : index + 4])
            if shared is None:
                break
            points[index : index + 4] = shared
            index = start = index + 3
        self._add(points)
        return points, start

    def _shared(self, piece: list[Point]) -> list[Point] | None:
        """Return a piece that is drawn already, in two if only its beginning is; None if nothing of it is."""
        if tuple(piece) in self._pieces:
            return piece
        heading = _heading(piece)
        drawn = self._reach.get((piece[0], heading), 0) if heading else 0
        if heading is None or not drawn:
            return None
        if drawn >= _length(piece):
            return piece
        (x, y), (dx, dy) = piece[0], heading
        fork = x + drawn * dx, y + drawn * dy
        return [*_straight(piece[0], fork), *_straight(fork, piece[3])[1:]]

    def _add(self, points: Sequence[Point]) -> None:
        for index in range(0, len(points) - 1, 3):
            piece = points[index : index + 4]
            self._pieces.add(tuple(piece))
            heading = _heading(piece)
            if heading:
                key = piece[0], heading
                self._reach[key] = max(self._reach.get(key, 0), _length(piece))


def _heading(piece: Sequence[Point]) -> Heading | None:
    """Tell where a piece leads if it runs straight along an axis."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = piece
    if ax == bx == cx == dx and ay != dy:
        return 0, 1 if dy > ay else -1
    if ay == by == cy == dy and ax != dx:
        return 1 if dx > ax else -1, 0
    return None


def _length(piece: Sequence[Point]) -> int:
    """Length of a piece that runs along an axis."""
    return abs(piece[-1][0] - piece[0][0]) + abs(piece[-1][1] - piece[0][1])


def _straight(start: Point, end: Point) -> list[Point]:
    (ax, ay), (bx, by) = start, end
    third = (bx - ax) // 3, (by - ay) // 3
    return [start, (ax + third[0], ay + third[1]), (bx - third[0], by - third[1]), end]
