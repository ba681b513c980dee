"""The drawing before anything has a place: measured boxes and the arrows between them.

Layer `render`. Reads a `TapeReport`, makes a `DrawnGraph`, which asks a layout engine for positions and which
every writer (`svg.py`, `pdf.py`, `dottext.py`) reads.
Read next: `scene.py` (where everything goes).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from sphinx_tape.render.boxes import Box, Facts, Form, box_size, make_box, write_words
from sphinx_tape.render.clipping import choose_nodes
from sphinx_tape.render.density import PAGE_HEIGHT, PAGE_WIDTH, choose_form, gaps
from sphinx_tape.render.describe import describe, describe_node, figure_title, missing_reason
from sphinx_tape.render.foldbox import fold_facts, fold_words
from sphinx_tape.render.layout import Direction, LayoutEdge, LayoutRequest, LayoutResult, Point
from sphinx_tape.render.wiring import Edge, make_edges

__all__ = ["PAGE_HEIGHT", "PAGE_WIDTH", "DrawnGraph", "Edge", "choose", "draw"]

if TYPE_CHECKING:
    from sphinx_tape.render.folding import Fold
    from sphinx_tape.render.looks import NodeKind, NodeState
    from sphinx_tape.render.options import DisplayOptions
    from sphinx_tape.report.model import GradientRow, NodeRow, TapeReport


class DrawnGraph(NamedTuple):
    """Everything a writer needs besides positions."""

    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    hidden: int
    """How many nodes of the tape are not drawn."""
    title: str
    description: str
    directions: tuple[Direction, ...]
    """The directions worth laying out; one if the author fixed it."""
    form: Form = "tall"
    """How many lines the boxes have."""
    mirror: bool = False
    gradients: bool = False
    """Whether the drawing says anything about gradients."""
    stepped: bool = False
    """Whether a page may step through the reverse pass on it."""
    folds: tuple[Fold, ...] = ()
    """Repeated blocks that are drawn as one box each."""

    def request(self, direction: Direction) -> LayoutRequest:
        """Ask for positions; no word of the author's goes along."""
        node_gap, rank_gap = gaps(len(self.boxes), direction, self.form)
        return LayoutRequest(
            sizes=tuple(box.size for box in self.boxes),
            edges=tuple(LayoutEdge(e.source, e.target, e.arrival, e.kind) for e in self.edges),
            direction=direction,
            mirror=self.mirror,
            node_gap=node_gap,
            rank_gap=rank_gap,
        )


def draw(report: TapeReport, options: DisplayOptions) -> DrawnGraph:
    """Make the drawing of a report.

    Args:
        report: The executed tape.
        options: View, precision, direction, how many nodes at most.

    Returns:
        Boxes in tape order, so that every edge leads from a smaller to a larger index.
    """
    shown = choose_nodes(report, options)
    places = sorted([*shown.drawn, *(fold.inside.start for fold in shown.folds)])
    index, folded = _index(places, shown.folds)
    mirror = options.mirror and report.reverse is not None
    gradients = mirror or options.view != "view"
    edges = make_edges(report, index, folded, gradients=gradients)
    folds = {fold.inside.start: fold for fold in shown.folds}

    def facts_of(row: NodeRow) -> Facts:
        return _facts(report, row, options, index)

    facts = [
        fold_facts(report, folds[node], facts_of) if node in folds else facts_of(report.nodes[node])
        for node in places
    ]
    if folds:
        arrivals = Counter(edge.target for edge in edges)
        facts = [fact._replace(arrivals=arrivals[place]) for place, fact in enumerate(facts)]
    hidden_consumers = _hidden_consumers(report, index)
    if hidden_consumers:
        facts = [fact._replace(hidden_consumers=hidden_consumers.get(fact.row.id, 0)) for fact in facts]
    directions: tuple[Direction, ...] = ("LR", "TB") if options.direction == "auto" else (options.direction,)
    boxes = _Forms(facts)
    pairs = [(edge.source, edge.target) for edge in edges]
    form = "tall" if mirror else choose_form(boxes.sizes, pairs, directions)
    return DrawnGraph(
        boxes=boxes.of(form),
        edges=edges,
        hidden=len(report.nodes) - len(index),
        title=figure_title(report),
        description=" ".join([describe(report, options), *map(fold_words, shown.folds)]),
        directions=directions if form == "tall" else ("TB",),
        form=form,
        mirror=mirror,
        gradients=gradients,
        stepped=options.view == "trace",
        folds=shown.folds,
    )


def _index(places: Sequence[int], folds: Sequence[Fold]) -> tuple[dict[int, int], frozenset[int]]:
    """Find the box of every node, and which boxes stand for several."""
    index = {node: place for place, node in enumerate(places)}
    index |= {node: index[fold.inside.start] for fold in folds for node in fold.nodes}
    return index, frozenset(index[fold.inside.start] for fold in folds)


class _Forms:
    """The boxes of a drawing: measured in each form, made in one."""

    def __init__(self, facts: Sequence[Facts]) -> None:
        self._written = [(fact, write_words(fact)) for fact in facts]

    def of(self, form: Form) -> tuple[Box, ...]:
        return tuple([make_box(fact, form, words) for fact, words in self._written])

    def sizes(self, form: Form) -> list[Point]:
        return [box_size(fact, words.extent(form)) for fact, words in self._written]


def choose(
    results: Mapping[Direction, LayoutResult], page: tuple[int, int] = (PAGE_WIDTH, PAGE_HEIGHT)
) -> Direction:
    """Take the direction that fits the page better; left to right where both do.

    Args:
        results: Positions per direction, at least one.
        page: Width and height to fit in, tenths of a pixel.

    Returns:
        The direction with the least to scroll; sideways weighs more, because it hides the start of lines.
    """

    def scrolling(direction: Direction) -> tuple[int, bool]:
        width, height = results[direction].size
        return 3 * max(0, width - page[0]) + max(0, height - page[1]), direction == "TB"

    return min(results, key=scrolling)


def _kind(row: NodeRow) -> NodeKind:
    if row.op == "leaf":
        return "leaf"
    return "constant" if row.op == "constant" else "op"


def _facts(report: TapeReport, row: NodeRow, options: DisplayOptions, index: Mapping[int, int]) -> Facts:
    mirror = options.mirror and report.reverse is not None
    gradients = mirror or options.view != "view"
    gradient = _gradient(report, row.id) if gradients else None
    state = _state(report, row.id, gradients=gradients)
    why = missing_reason(report, gradient)
    forward: NodeState = "output" if row.id == report.output else "plain"
    return Facts(
        row=row,
        gradient=gradient,
        kind=_kind(row),
        state=forward if mirror else state,
        precision=options.precision,
        title=partial(describe_node, row, gradient, options.precision, why),
        telling=bool(why or row.cut),
        badge=gradient is not None and not mirror,
        mirror=state if mirror else "plain",
        hidden_parents=sum([parent not in index for parent in row.parents]),
        arrivals=len(row.parents),
    )


def _gradient(report: TapeReport, node: int) -> GradientRow | None:
    return report.reverse.gradients[node] if report.reverse else None


def _state(report: TapeReport, node: int, *, gradients: bool) -> NodeState:
    gradient = _gradient(report, node) if gradients else None
    if gradients and report.failure and report.failure.node == node:
        return "failed"
    if node == report.output:
        # Also where it requires no gradient itself: it is where the reverse pass would start.
        return "output"
    return gradient.state if gradient else "plain"


def _hidden_consumers(report: TapeReport, index: Mapping[int, int]) -> dict[int, int]:
    counts: dict[int, int] = {}
    if len(index) < len(report.nodes):
        for row in report.nodes:
            for parent in row.parents if row.id not in index else ():
                counts[parent] = counts.get(parent, 0) + 1
    return counts
