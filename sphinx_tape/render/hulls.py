"""Frames around the nodes of a scope, where they can be drawn without lying.

Layer `render`. Layout engines know no scopes; a frame is drawn only if it holds every drawn node of its scope
and not one of another.
Read next: `scene.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sphinx_tape.render.characters import clip
from sphinx_tape.render.escape import clean

if TYPE_CHECKING:
    from sphinx_tape.render.layout import Point

PAD: Final = 80
HEAD: Final = 70
"""More room at the top, for the scope's name."""
NAME_LIMIT: Final = 24


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """Right border."""
        return self.left + self.width

    @property
    def bottom(self) -> int:
        """Lower border."""
        return self.top + self.height

    @property
    def middle(self) -> Point:
        """Centre."""
        return self.left + self.width // 2, self.top + self.height // 2

    def meets(self, other: Frame) -> bool:
        """Whether two rectangles share any area."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


@dataclass(frozen=True, slots=True)
class Hull:
    """The frame of one scope."""

    scope: tuple[str, ...]
    frame: Frame

    @property
    def name(self) -> str:
        """What is written at its top."""
        return clip(clean(self.scope[-1]), NAME_LIMIT)


def find_hulls(
    scopes: Sequence[tuple[str, ...]], boxes: Sequence[Frame], obstacles: Sequence[Frame]
) -> list[Hull]:
    """Find the frames that can be drawn.

    Args:
        scopes: Scope of every box, outermost name first.
        boxes: Rectangle of every box.
        obstacles: All rectangles in the drawing, the boxes first.

    Returns:
        Frames, outer ones first; only such as neither meet a foreign box nor half a neighbour's frame.
    """
    members: dict[tuple[str, ...], list[int]] = {}
    for index, scope in enumerate(scopes):
        for depth in range(1, len(scope) + 1):
            members.setdefault(scope[:depth], []).append(index)
    found: list[Hull] = []
    for scope in sorted(members, key=lambda scope: (-len(scope), members[scope][0])):
        inner = [hull.frame for hull in found if hull.scope[: len(scope)] == scope]
        frame = _around([boxes[index] for index in members[scope]] + inner)
        inside = set(members[scope])
        foreign = [box for index, box in enumerate(obstacles) if index not in inside]
        foreign += [hull.frame for hull in found if hull.scope[: len(scope)] != scope]
        if len(inside) > 1 and not any(frame.meets(other) for other in foreign):
            found.append(Hull(scope, frame))
    return found[::-1]


def _around(frames: Sequence[Frame]) -> Frame:
    left = min(frame.left for frame in frames) - PAD
    top = min(frame.top for frame in frames) - PAD - HEAD
    right = max(frame.right for frame in frames) + PAD
    bottom = max(frame.bottom for frame in frames) + PAD
    return Frame(left, top, right - left, bottom - top)
