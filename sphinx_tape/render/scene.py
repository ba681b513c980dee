"""A drawing with everything in its place: groups of painted outlines and texts.

Layer `render`. Puts a `DrawnGraph` and the positions of a layout engine together; `svg.py` and `pdf.py` only
write down what stands here, so that pages and print look the same.
Read next: `svg.py`.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from sphinx_tape.render.groups import EdgeGroup, Label, NodeGroup, Scene, ScopeGroup, Shape, text_label
from sphinx_tape.render.hulls import ROUND, Frame, Hull, find_hulls, name_place
from sphinx_tape.render.looks import CUT_LETTERS, NodeKind, NodeState, badge_letter, look_of
from sphinx_tape.render.shapes import Rect, arrives_sideways, arrowhead, curve, line, midpoint
from sphinx_tape.render.signs import badge_shapes, scissors
from sphinx_tape.render.styles import SIZES, Part
from sphinx_tape.render.trunks import Painted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sphinx_tape.render.boxes import Box
    from sphinx_tape.render.graph import DrawnGraph, Edge
    from sphinx_tape.render.layout import LayoutResult, Point


MARGIN: Final = 60
STUB: Final = 130
"""Length of the dotted line that stands for edges to hidden nodes."""
CORNERS: Final = {"leaf": 150, "constant": 0, "op": 40}
_RIM: Final = 28
"""Distance of the output's second outline from its first."""


def arrange(drawn: DrawnGraph, layout: LayoutResult, shared: frozenset[NodeState] = frozenset()) -> Scene:
    """Put every part of a drawing into its place.

    Args:
        drawn: The boxes and edges.
        layout: Positions for `drawn.request(...)`.
        shared: States whose signs the writer draws once and uses wherever they belong.

    Returns:
        The scene; its size includes the margins.
    """
    layout = _snapped(layout)
    frames = _frames(drawn, layout)
    hulls = find_hulls([box.scope for box in drawn.boxes], frames[: len(drawn.boxes)], frames)
    clipped = any(box.hidden_parents or box.hidden_consumers for box in drawn.boxes)
    reach = _reach(layout.size, hulls, MARGIN + STUB if clipped else MARGIN)
    placer = _Placer(drawn, layout, frames, reach[0], shared)
    return Scene(
        size=reach[1],
        scopes=tuple(placer.scope(hull, number) for number, hull in enumerate(hulls)),
        edges=tuple(placer.edges()),
        nodes=tuple(placer.nodes()),
    )


def _snapped(layout: LayoutResult) -> LayoutResult:
    """Move everything to whole pixels: outlines become crisp, and pages smaller by their decimals."""
    return layout._replace(
        centres=tuple(_whole(layout.centres)),
        routes=tuple([tuple(_whole(route)) for route in layout.routes]),
        size=(-(-layout.size[0] // 10) * 10, -(-layout.size[1] // 10) * 10),
    )


def _whole(points: Sequence[Point]) -> list[Point]:
    return [((x + 5) // 10 * 10, (y + 5) // 10 * 10) for x, y in points]


def _frames(drawn: DrawnGraph, layout: LayoutResult) -> list[Frame]:
    """Rectangle of every box, then of every twin."""
    boxes = drawn.boxes * (2 if drawn.mirror else 1)
    return [
        Frame(x - box.size[0] // 2, y - box.size[1] // 2, *box.size)
        for box, (x, y) in zip(boxes, layout.centres, strict=True)
    ]


def _reach(size: Point, hulls: Sequence[Hull], margin: int) -> tuple[Point, Point]:
    """Shift and size that leave a margin around everything."""
    frames = [frame for hull in hulls for frame in hull.frames]
    left = min([0, *(frame.left for frame in frames)])
    top = min([0, *(frame.top for frame in frames)])
    right = max([size[0], *(frame.right for frame in frames)])
    bottom = max([size[1], *(frame.bottom for frame in frames)])
    return (margin - left, margin - top), (right - left + 2 * margin, bottom - top + 2 * margin)


def _ground(part: Part, frame: Frame, radius: int) -> Shape:
    return Shape(part, Rect(frame.left, frame.top, frame.width, frame.height, radius))


class _Placer:
    """Turns boxes and edges into groups; all positions get the same shift."""

    def __init__(
        self,
        drawn: DrawnGraph,
        layout: LayoutResult,
        frames: list[Frame],
        shift: Point,
        shared: frozenset[NodeState],
    ) -> None:
        self.drawn = drawn
        self.shared = shared
        self.shift = shift
        self.frames = [frame.moved(shift) for frame in frames]
        self.routes = [[(x + shift[0], y + shift[1]) for x, y in route] for route in layout.routes]

    @cached_property
    def sideways(self) -> bool:
        """Whether most arrows arrive from the side."""
        return 2 * sum(map(arrives_sideways, self.routes)) > len(self.routes)

    def scope(self, hull: Hull, number: int) -> ScopeGroup:
        """Draw a frame, or patches and bands below the edges inside; neighbours get different grounds."""
        frames = [frame.moved(self.shift) for frame in hull.frames]
        first = frames[0]
        label = text_label("scope", hull.name, 0, first.top + 90)
        label = label._replace(x=name_place(first, label.width, self.routes))
        if hull.framed:
            return ScopeGroup(shapes=(_ground("scope", first, 60),), label=label)
        kind: Part = "patch-odd" if number % 2 else "patch"
        inside = [
            route
            for edge, route in zip(self.drawn.edges, self.routes, strict=False)
            if {edge.source, edge.target} <= hull.members
        ]
        band: Part = "band-odd" if number % 2 else "band"
        bands = [Shape(band, curve(route)) for route in inside]
        patches = len(hull.members)
        grounds = [_ground(kind, frame, ROUND if i < patches else 0) for i, frame in enumerate(frames)]
        return ScopeGroup(shapes=(*bands, *grounds), label=label)

    def nodes(self) -> list[NodeGroup]:
        count = len(self.drawn.boxes)
        groups = [self._node(box, self.frames[i]) for i, box in enumerate(self.drawn.boxes)]
        if self.drawn.mirror:
            twins = enumerate(self.drawn.boxes)
            groups += [self._twin(box, self.frames[count + i]) for i, box in twins if box.twin]
        return groups

    def _node(self, box: Box, frame: Frame) -> NodeGroup:
        shapes, letters, shared = self._sign(box, frame, box.state) if box.badge else ((), (), None)
        return NodeGroup(
            box=box,
            look=look_of(box.kind, box.state),
            state=box.state,
            twin=False,
            corner=(frame.left, frame.top),
            shapes=(*self._stubs(box, frame), *_outline(box, frame, box.state), *shapes),
            letters=letters,
            sign=shared,
        )

    def _twin(self, box: Box, frame: Frame) -> NodeGroup:
        shapes, letters, shared = self._sign(box, frame, box.twin_state)
        return NodeGroup(
            box=box,
            look=look_of(box.kind, box.twin_state),
            state=box.twin_state,
            twin=True,
            corner=(frame.left, frame.top),
            shapes=(*_outline(box, frame, box.twin_state), *shapes),
            letters=letters,
            sign=shared,
        )

    def _sign(
        self, box: Box, frame: Frame, state: NodeState
    ) -> tuple[tuple[Shape, ...], tuple[Label, ...], Point | None]:
        """Draw the sign of a state, or only say where it stands if it is drawn once for all."""
        x, y = box.badge_at
        centre = frame.left + x, frame.top + y
        return ((), (), centre) if state in self.shared else (*sign_of(state, centre), None)

    def _stubs(self, box: Box, frame: Frame) -> list[Shape]:
        """Draw dotted ends near a corner, where no edge arrives or leaves."""
        if not (box.hidden_parents or box.hidden_consumers):
            return []
        x, y = frame.left + frame.width // 8, frame.top + frame.height // 8
        sideways = self.sideways
        before = (
            ((frame.left, y), (frame.left - STUB, y)) if sideways else ((x, frame.top), (x, frame.top - STUB))
        )
        after = (
            ((frame.right, y), (frame.right + STUB, y))
            if sideways
            else ((x, frame.bottom), (x, frame.bottom + STUB))
        )
        ends = [
            pair for pair, count in ((before, box.hidden_parents), (after, box.hidden_consumers)) if count
        ]
        return [Shape("stub", line(*pair)) for pair in ends]

    def edges(self) -> list[EdgeGroup]:
        count = len(self.drawn.edges)
        if not self.drawn.mirror:
            painted, lit = Painted(), self.drawn.stepped
            owned = [
                (list(route), 0) if edge.cut else painted.own(route)
                for edge, route in zip(self.drawn.edges, self.routes, strict=True)
            ]
            return [
                _edge(edge, route, start=start, lit=lit)
                for edge, (route, start) in zip(self.drawn.edges, owned, strict=True)
            ]
        # The cut is shown on the gradient's way, not on the value's.
        groups = [_edge(edge._replace(cut=""), self.routes[i]) for i, edge in enumerate(self.drawn.edges)]
        twins = [bool(box.twin) for box in self.drawn.boxes]
        back = [
            _edge(edge, self.routes[count + i], twin=True)
            for i, edge in enumerate(self.drawn.edges)
            if twins[edge.source] and (edge.carries or edge.cut) and (twins[edge.target] or edge.cut)
        ]
        return [*groups, *self._seed(), *back]

    def _seed(self) -> list[EdgeGroup]:
        """Join the output to its gradient where the way is free."""
        count = len(self.drawn.boxes)
        for index, box in enumerate(self.drawn.boxes):
            if box.twin and box.twin_state == "output":
                route = _straight(self.frames[index], self.frames[count + index])
                others = [f for i, f in enumerate(self.frames) if i not in {index, count + index}]
                if route and not any(_crosses(route, frame) for frame in others):
                    head, rest = arrowhead(route)
                    return [
                        EdgeGroup(
                            edge=None, kind="seed", shapes=(Shape("line", curve(rest)), Shape("arrow", head))
                        )
                    ]
        return []


def _edge(
    edge: Edge, route: list[Point], *, twin: bool = False, start: int = 0, lit: bool = False
) -> EdgeGroup:
    """Draw an arrow from `start` on; what only a lit edge shows is added if a page may light it."""
    cut = edge.cut
    head, rest = arrowhead(route)
    mark, labels = cut_mark(CUT_LETTERS.get(cut, "?"), midpoint(route)) if cut else ((), ())
    shapes = [Shape("cut-line" if cut else "line", curve(rest[start:])), Shape("arrow", head)]
    if lit and edge.carries:
        # A gradient came back along the edge, so a stepper may turn the arrow round.
        shapes.append(Shape("back", arrowhead(route[::-1])[0]))
    if lit and start:
        shapes.append(Shape("trunk", curve(route[: start + 1])))
    kind = "cut" if cut else ("gradient" if twin else edge.kind)
    return EdgeGroup(edge=edge, kind=kind, shapes=(*shapes, *mark), labels=labels, twin=twin)


def _outline(box: Box, frame: Frame, state: NodeState) -> tuple[Shape, ...]:
    """Draw a box; what stands for several nodes is the first of three sheets."""
    if not box.folded:
        return plain_outline(box.kind, frame, state)
    width, height = frame.width - box.sheets, frame.height - box.sheets
    behind = [Frame(frame.left + by, frame.top + by, width, height) for by in range(box.sheets, 0, -30)]
    sheets = [shape for sheet in behind for shape in plain_outline(box.kind, sheet, "plain")]
    return *sheets, *plain_outline(box.kind, Frame(frame.left, frame.top, width, height), state)


def plain_outline(kind: NodeKind, frame: Frame, state: NodeState) -> tuple[Shape, ...]:
    """Draw the box itself: round for leaves, sharp for constants, double for the output."""
    corner = CORNERS[kind]
    outer = Shape("box", Rect(frame.left, frame.top, frame.width, frame.height, corner))
    if state != "output":
        return (outer,)
    left, top = frame.left + _RIM, frame.top + _RIM
    return outer, Shape(
        "rim", Rect(left, top, frame.width - 2 * _RIM, frame.height - 2 * _RIM, max(corner - _RIM, 0))
    )


def sign_of(state: NodeState, centre: Point) -> tuple[tuple[Shape, ...], tuple[Label, ...]]:
    """Draw a state's badge with its letter; nothing for a plain state."""
    shapes = tuple(Shape(part, path) for part, path in badge_shapes(state, centre))
    return shapes, (_letter("badge", badge_letter(state), *centre),) if shapes else ()


def cut_mark(letter: str, centre: Point) -> tuple[tuple[Shape, ...], tuple[Label, ...]]:
    """Draw scissors and the letter of a cut, on a patch that interrupts the line below."""
    x, y = centre
    shapes = (
        Shape("halo", Rect(x - 120, y - 75, 240, 150, 75)),
        *(Shape("scissors", p) for p in scissors((x - 35, y))),
    )
    return shapes, (_letter("letter", letter, x + 75, y),)


def _letter(role: str, letter: str, x: int, y: int) -> Label:
    """Centre a letter on a point; a capital of a monospaced font is about 0.7 em high."""
    size = SIZES[role]
    return Label(role=role, text=letter, x=x, baseline=y + size * 35 // 100, width=size, anchor="middle")


def _straight(start: Frame, end: Frame) -> list[Point] | None:
    """Route between two boxes on one line, or None."""
    if abs(start.middle[1] - end.middle[1]) <= 10:
        rightwards = start.left < end.left
        a = (start.right if rightwards else start.left, start.middle[1])
        b = (end.left if rightwards else end.right, end.middle[1])
    elif abs(start.middle[0] - end.middle[0]) <= 10:
        downwards = start.top < end.top
        a = (start.middle[0], start.bottom if downwards else start.top)
        b = (end.middle[0], end.top if downwards else end.bottom)
    else:
        return None
    return [a, a, b, b]


def _crosses(route: list[Point], frame: Frame) -> bool:
    (ax, ay), (bx, by) = route[0], route[-1]
    return (
        min(ax, bx) < frame.right
        and max(ax, bx) > frame.left
        and min(ay, by) < frame.bottom
        and max(ay, by) > frame.top
    )
