"""What a layout engine is asked and what it answers: label-free boxes in, positions out.

Layer `render`. All lengths are integers in tenths of a pixel; y grows downwards. No label reaches an
engine, so there is nothing to quote and no font to measure.
Read next: `builtin.py` (our engine), `dot.py` (coordinates from Graphviz), `graph.py` (who asks).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol

Direction = Literal["LR", "TB"]
EdgeKind = Literal["data", "leaf", "gradient", "saved"]
Point = tuple[int, int]


class LayoutEdge(NamedTuple):
    """An arrow from the box of a parent to the box of its consumer."""

    source: int
    target: int
    operand: int = 0
    """Position among the target's incoming edges: they arrive in this order. Edges with equal positions may
    arrive in any: the operands of a sum have no left and right."""
    kind: EdgeKind = "data"


class LayoutRequest(NamedTuple):
    """One drawing to place. Box i is node i; every edge's source is smaller than its target."""

    sizes: tuple[Point, ...]
    """Width and height of every box."""
    edges: tuple[LayoutEdge, ...]
    direction: Direction = "TB"
    mirror: bool = False
    """Also place one gradient twin per box, mirrored beside the forward drawing."""
    node_gap: int = 240
    rank_gap: int = 360


class LayoutResult(NamedTuple):
    """Where everything goes."""

    centres: tuple[Point, ...]
    """Centre of every box; with `mirror`, those of the twins follow."""
    routes: tuple[tuple[Point, ...], ...]
    """Per edge a cubic Bezier path: start, then triples (control, control, end). Edges of one source
    run along each other where they share a trunk. The last point lies on the target's border. With
    `mirror`, the routes of the twins' edges (from consumer's twin to parent's twin) follow in the same
    order."""
    size: Point
    """Width and height of the drawing, margins not included; every coordinate lies inside."""
    engine: str
    """Name and version of the engine that placed it."""


class Engine(Protocol):
    """Anything that can place drawings."""

    name: str
    """`builtin` or `dot`."""
    version: str
    """Part of the key under which positions are stored."""

    def layout_many(self, requests: Sequence[LayoutRequest], budget: float) -> list[LayoutResult | None]:
        """Place every request; None where the budget (seconds a drawing) or the engine gave out."""


def free_targets(edges: Sequence[LayoutEdge]) -> frozenset[int]:
    """Return the boxes that several edges reach, all with one position: they arrive in any order."""
    first = {edge.target: edge.operand for edge in reversed(edges)}
    several = {edge.target: 0 for edge in edges}
    for edge in edges:
        several[edge.target] += 1
    bound = {edge.target for edge in edges if edge.operand != first[edge.target]}
    return frozenset(box for box, count in several.items() if count > 1 and box not in bound)
