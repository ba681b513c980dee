"""Which nodes of a long tape are shown: repeated blocks once, whole nodes, those nearest to the output first.

Layer `render`. Drawing, DOT text and tables ask here, so that what is drawn is listed too.
Read next: `graph.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sphinx_tape.render.folding import Fold, find_folds

if TYPE_CHECKING:
    from sphinx_tape.render.options import DisplayOptions
    from sphinx_tape.report.model import TapeReport


class Shown(NamedTuple):
    """What a figure shows of its tape."""

    listed: tuple[int, ...]
    """Ids of the rows of tables, in ascending order."""
    drawn: tuple[int, ...]
    """Ids of the nodes with boxes of their own, in ascending order."""
    folds: tuple[Fold, ...] = ()
    """What other boxes stand for."""


def choose_nodes(report: TapeReport, options: DisplayOptions) -> Shown:
    """Choose what to show: all nodes, repeated blocks in one box; fewer nodes if those are too many boxes."""
    folds = find_folds(report, options.fold)
    folded = {node for fold in folds for node in fold.nodes}
    drawn = tuple(row.id for row in report.nodes if row.id not in folded)
    if len(drawn) + len(folds) > options.max_nodes:
        shown = shown_nodes(report, options.max_nodes)
        return Shown(shown, shown)
    if len(report.nodes) <= options.max_nodes:
        return Shown(tuple(range(len(report.nodes))), drawn, folds)
    # Each box has a row to lead to; then as many others as there is room for.
    own = {*drawn, *(fold.inside.start for fold in folds)}
    others = [node for node in shown_nodes(report, options.max_nodes) if node not in own]
    room = options.max_nodes - len(own)
    return Shown(tuple(sorted([*own, *others[len(others) - room :]])), drawn, folds)


def shown_nodes(report: TapeReport, max_nodes: int) -> tuple[int, ...]:
    """Choose the nodes to show.

    Args:
        report: The whole tape.
        max_nodes: How many nodes may be shown at most.

    Returns:
        Ids in ascending order: all of them if they are few enough, else the output's ancestors by their
        distance from it (of equally near ones the later first), then the latest of the other nodes.
    """
    count = len(report.nodes)
    if count <= max_nodes:
        return tuple(range(count))
    near = _ancestors(report, max_nodes)
    others = (node for node in range(count - 1, -1, -1) if node not in near)
    filled = [*near, *(node for node, _ in zip(others, range(max_nodes - len(near)), strict=False))]
    return tuple(sorted(filled))


def _ancestors(report: TapeReport, limit: int) -> dict[int, None]:
    """Walk back from the output level by level; the dictionary is an ordered set."""
    start = len(report.nodes) - 1 if report.output is None else report.output
    level, seen = [start], {start: None}
    while level and len(seen) < limit:
        # Asked one by one: subtracting the keys would cost as much as all levels so far, at every level.
        parents = {parent for node in level for parent in report.nodes[node].parents if parent not in seen}
        level = sorted(parents, reverse=True)[: limit - len(seen)]
        seen.update(dict.fromkeys(level))
    return seen
