"""The arrows of a drawing: one per operand, or one for all that run between a box of many nodes and another.

Layer `render`. Reads rows of the report and which box each node is in.
Read next: `graph.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from sphinx_tape.render.layout import EdgeKind
    from sphinx_tape.report.model import TapeReport

COMMUTATIVE: Final = frozenset({"add", "add_any", "mul", "multiply", "AddBackward0", "MulBackward0"})
"""Operations, by the names of all frameworks, whose operands change places without changing anything."""

Ends = tuple[int, int, int]
"""Parent's node id, consumer's node id, operand position."""


class Edge(NamedTuple):
    """An arrow from a parent to one operand position of a consumer."""

    source: int
    """Index of the parent's box."""
    target: int
    """Index of the consumer's box."""
    ends: Ends
    kind: EdgeKind
    arrival: int = 0
    """Where it arrives among the target's edges; equal where the operation tells no left from right."""
    cut: str = ""
    """Why no gradient comes back along it; empty if nothing stops it."""
    carries: bool = False
    """Whether a gradient went back along it."""
    others: tuple[Ends, ...] = ()
    """More that it stands for, where one of the boxes stands for several nodes."""

    @property
    def key(self) -> str:
        """Name of the edge in the page: `1-3-0`; of several, with blanks between."""
        return " ".join("-".join(map(str, ends)) for ends in (self.ends, *self.others))


def make_edges(
    report: TapeReport, index: Mapping[int, int], folds: frozenset[int], *, gradients: bool
) -> tuple[Edge, ...]:
    """Draw the arrows of all nodes that have a box.

    Args:
        report: The executed tape.
        index: Box of every node that has one.
        folds: The boxes that stand for several nodes; what runs inside of them is not drawn.
        gradients: Whether arrows tell about gradients.
    """
    carried = _carried(report) if gradients else frozenset()
    edges: list[Edge] = []
    merged: dict[tuple[int, int, str], int] = {}
    for node in sorted(index):
        row = report.nodes[node]
        for operand, parent in enumerate(row.parents):
            if parent not in index:
                continue
            before = report.nodes[parent]
            ends = (parent, node, operand)
            edge = Edge(
                source=index[parent],
                target=index[node],
                ends=ends,
                kind="data" if before.parents else "leaf",
                arrival=0 if row.op in COMMUTATIVE or index[node] in folds else operand,
                cut=row.cut if before.requires_grad else "",
                carries=ends in carried,
            )
            if edge.source not in folds and edge.target not in folds:
                edges.append(edge)
            elif edge.source != edge.target:
                _merge(edges, merged, edge)
    return tuple(edges)


def _merge(edges: list[Edge], merged: dict[tuple[int, int, str], int], edge: Edge) -> None:
    """Let an arrow between the same boxes stand for this one, too; those that are cut stay apart."""
    key = edge.source, edge.target, edge.cut
    place = merged.setdefault(key, len(edges))
    if place == len(edges):
        edges.append(edge)
        return
    one = edges[place]
    edges[place] = one._replace(
        kind=one.kind if edge.kind == "leaf" else edge.kind,
        carries=one.carries or edge.carries,
        others=(*one.others, edge.ends),
    )


def _carried(report: TapeReport) -> frozenset[Ends]:
    steps = report.reverse.steps if report.reverse else ()
    return frozenset((c.parent, step.node, c.operand) for step in steps for c in step.contributions)
