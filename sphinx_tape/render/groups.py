"""What a drawing with everything in its place is made of: outlines and texts, in groups.

Layer `render`; plain data. Made by `scene.py` and `keys.py`, written down by `svg.py` and `pdf.py`.
Read next: `scene.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from sphinx_tape.render.characters import ems
from sphinx_tape.render.styles import BOLD, SIZES, Part

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx_tape.render.boxes import Box, Run
    from sphinx_tape.render.graph import Edge
    from sphinx_tape.render.layout import Point
    from sphinx_tape.render.looks import Look, NodeState
    from sphinx_tape.render.shapes import Outline


class Shape(NamedTuple):
    """An outline and what it is a part of, which decides its paint."""

    part: Part
    outline: Outline


class Label(NamedTuple):
    """A text in its place."""

    role: str
    text: str
    x: int
    baseline: int
    width: int
    """Room it needs by the rule of `characters`."""
    anchor: Literal["start", "middle"] = "start"

    @property
    def size(self) -> int:
        """Font size, tenths of a pixel."""
        return SIZES[self.role]

    @property
    def bold(self) -> bool:
        """Whether it is set in bold."""
        return self.role in BOLD


class NodeGroup(NamedTuple):
    """A node, or its gradient twin."""

    box: Box
    look: Look
    state: NodeState
    twin: bool
    corner: Point
    """The upper left corner of its box: where its words are counted from."""
    shapes: tuple[Shape, ...]
    letters: tuple[Label, ...]
    """Of its sign."""
    sign: Point | None = None
    """Centre of the sign of its state, if that is not among shapes and letters but drawn once for all."""

    @property
    def runs(self) -> tuple[Run, ...]:
        """Its words."""
        return self.box.twin if self.twin else self.box.runs

    @property
    def labels(self) -> tuple[Label, ...]:
        """All texts in their places."""
        return (*placed(self.runs, self.corner), *self.letters)


class EdgeGroup(NamedTuple):
    """An arrow. The seed's arrow belongs to no edge."""

    edge: Edge | None
    kind: str
    shapes: tuple[Shape, ...]
    labels: tuple[Label, ...] = ()
    twin: bool = False


class ScopeGroup(NamedTuple):
    """The ground of a scope and its name."""

    shapes: tuple[Shape, ...]
    label: Label


class Scene(NamedTuple):
    """All of a drawing, in the order in which it is painted."""

    size: Point
    scopes: tuple[ScopeGroup, ...]
    edges: tuple[EdgeGroup, ...]
    nodes: tuple[NodeGroup, ...]
    key: tuple[Label, ...] = ()
    """Words of a legend that is part of the drawing."""


def placed(runs: Iterable[Run], corner: Point) -> list[Label]:
    """Put the words of a box into their places."""
    left, top = corner
    return [Label(role, text, left + x, top + baseline, width) for role, text, x, baseline, width in runs]


def text_label(role: str, text: str, x: int, baseline: int) -> Label:
    """Place a text that is not part of a box."""
    return Label(role=role, text=text, x=x, baseline=baseline, width=-(-ems(text) * SIZES[role] // 1000))
