"""The ground behind the nodes of a scope: a frame where that is true, else a patch behind each node.

Layer `render`. Layout engines know no scopes. Frames are drawn only if every one of them holds all drawn
nodes of its scope and not one of another; otherwise all scopes are shown by patches, so that the reader
learns one sign per drawing.
Read next: `scene.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from sphinx_tape.render.characters import clip
from sphinx_tape.render.checking import sample
from sphinx_tape.render.escape import clean

if TYPE_CHECKING:
    from sphinx_tape.render.layout import Point

PAD: Final = 80
PATCH: Final = 60
"""What a patch shows of itself around its node: boxes stand at least 150 apart."""
ROUND: Final = 80
"""Radius of a patch's corners; bridges reach over them."""
HEAD: Final = 80
"""More room at the top, for the scope's name."""
WIDEST_GAP: Final = 300
"""Between patches that are joined."""
NARROWEST: Final = 250
"""Thinner bridges look like stray lines."""
NAME_LIMIT: Final = 24
NAME_INDENT: Final = 60
NAME_STEP: Final = 50
_SAMPLES: Final = 24


class Frame(NamedTuple):
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

    def moved(self, shift: Point) -> Frame:
        """Return the rectangle shifted."""
        return Frame(self.left + shift[0], self.top + shift[1], self.width, self.height)

    def meets(self, other: Frame) -> bool:
        """Whether two rectangles share any area."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


class Hull(NamedTuple):
    """The ground of one scope."""

    scope: tuple[str, ...]
    frames: tuple[Frame, ...]
    """One frame around all; or one patch for each member, then bridges between neighbouring patches."""
    members: frozenset[int]
    framed: bool

    @property
    def name(self) -> str:
        """What is written at its top: patches are not nested, so they need the whole path."""
        return clip(clean(self.scope[-1] if self.framed else ".".join(self.scope)), NAME_LIMIT)


def find_hulls(
    scopes: Sequence[tuple[str, ...]], boxes: Sequence[Frame], obstacles: Sequence[Frame]
) -> list[Hull]:
    """Find the ground of every scope.

    Args:
        scopes: Scope of every box, outermost name first.
        boxes: Rectangle of every box.
        obstacles: All rectangles in the drawing, the boxes first.

    Returns:
        Frames, outer ones first; or patches, if a frame would meet a foreign box or half another frame.
    """
    members: dict[tuple[str, ...], list[int]] = {}
    for index, scope in enumerate(scopes):
        for depth in range(1, len(scope) + 1):
            members.setdefault(scope[:depth], []).append(index)
    framed = _framed(members, boxes, obstacles)
    return _patched(scopes, boxes) if framed is None else framed


def name_place(frame: Frame, width: int, routes: Iterable[Sequence[Point]]) -> int:
    """Find where a scope's name strikes no arrow: as far left as possible, at the left if nowhere.

    Args:
        frame: The ground at whose top the name stands.
        width: Of the name.
        routes: The arrows.
    """
    struck = [x for route in routes for x in _across(route, frame.top, frame.top + PAD + HEAD // 2)]
    first = frame.left + NAME_INDENT
    places = range(first, frame.right - NAME_INDENT - width + 1, NAME_STEP)
    return next((x for x in places if not any(x - 30 < arrow < x + width + 30 for arrow in struck)), first)


def _across(route: Sequence[Point], top: int, bottom: int) -> Iterator[float]:
    """Yield where a route is while it passes a band."""
    for start in range(0, len(route) - 1, 3):
        piece = route[start : start + 4]
        heights = [y for _, y in piece]
        if max(heights) < top or min(heights) > bottom:
            continue
        if len({x for x, _ in piece}) == 1:
            yield piece[0][0]
        else:
            yield from (x for x, y in sample(piece, _SAMPLES) if top <= y <= bottom)


def _framed(
    members: dict[tuple[str, ...], list[int]], boxes: Sequence[Frame], obstacles: Sequence[Frame]
) -> list[Hull] | None:
    """Frame every scope of more than one node, inner ones first; None if one of them cannot be framed."""
    found: list[Hull] = []
    for scope in sorted(members, key=lambda scope: (-len(scope), members[scope][0])):
        inside = frozenset(members[scope])
        inner = [hull.frames[0] for hull in found if hull.scope[: len(scope)] == scope]
        frame = _around([boxes[index] for index in members[scope]] + inner)
        foreign = [box for index, box in enumerate(obstacles) if index not in inside]
        foreign += [hull.frames[0] for hull in found if hull.scope[: len(scope)] != scope]
        if len(inside) > 1 and any(frame.meets(other) for other in foreign):
            return None
        if len(inside) > 1:
            found.append(Hull(scope, (frame,), inside, framed=True))
    return found[::-1]


def _patched(scopes: Sequence[tuple[str, ...]], boxes: Sequence[Frame]) -> list[Hull]:
    """Put a patch behind every node of a scope, scopes in the order of their first nodes."""
    members: dict[tuple[str, ...], list[int]] = {}
    for index, scope in enumerate(scopes):
        if scope:
            members.setdefault(scope, []).append(index)
    return [_patches(scope, inside, boxes) for scope, inside in members.items()]


def _patches(scope: tuple[str, ...], inside: list[int], boxes: Sequence[Frame]) -> Hull:
    patches = [_patch(boxes[index], head=index == inside[0]) for index in inside]
    foreign = [box for index, box in enumerate(boxes) if index not in set(inside)]
    bridges = [bridge for a, b in _near(patches) if (bridge := _bridge(a, b))]
    free = [bridge for bridge in bridges if not any(bridge.meets(box) for box in foreign)]
    return Hull(scope, (*patches, *free), frozenset(inside), framed=False)


def _near(patches: Sequence[Frame]) -> Iterator[tuple[Frame, Frame]]:
    """Pair the patches that are not far above each other, so that long tapes need no pair of all with all."""
    downwards = sorted(patches, key=lambda patch: (patch.top, patch.left))
    for index, upper in enumerate(downwards):
        for lower in islice(downwards, index + 1, None):
            if lower.top - upper.bottom > WIDEST_GAP:
                break
            yield upper, lower


def _bridge(a: Frame, b: Frame) -> Frame | None:
    """Fill the gap between two patches that lie side by side or one above the other, if it is small."""
    left, right = max(a.left, b.left), min(a.right, b.right)
    top, bottom = max(a.top, b.top), min(a.bottom, b.bottom)
    # Where they overlap along one axis the limits are in order, across the gap they are reversed.
    if right - left >= NARROWEST and 0 <= top - bottom <= WIDEST_GAP:
        return Frame(left, bottom - ROUND, right - left, top - bottom + 2 * ROUND)
    if bottom - top >= NARROWEST and 0 <= left - right <= WIDEST_GAP:
        return Frame(right - ROUND, top, left - right + 2 * ROUND, bottom - top)
    return None


def _patch(box: Frame, *, head: bool) -> Frame:
    above = PATCH + (HEAD if head else 0)
    return Frame(box.left - PATCH, box.top - above, box.width + 2 * PATCH, box.height + above + PATCH)


def _around(frames: Sequence[Frame]) -> Frame:
    left = min(frame.left for frame in frames) - PAD
    top = min(frame.top for frame in frames) - PAD - HEAD
    right = max(frame.right for frame in frames) + PAD
    bottom = max(frame.bottom for frame in frames) + PAD
    return Frame(left, top, right - left, bottom - top)
