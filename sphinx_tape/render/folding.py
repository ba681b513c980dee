"""Repeated blocks of a tape, such as the steps of a recurrent network or equal layers.

Layer `render`. Looks for blocks of nodes that follow each other and are alike: same operations, shapes, names
and scopes up to their numbers, wired in the same way. The first is drawn; one box stands for all others.
Tables still list their nodes.
Read next: `clipping.py` (who is shown), `graph.py`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from sphinx_tape.report.model import NodeRow, TapeReport

FoldChoice = Literal["auto", "always", "never"]

FOLDED_FROM: Final = 61
"""Nodes from which on `auto` folds; up to 60 a drawing should be readable as it is."""
FEWEST: Final = {"auto": 4, "always": 3}
"""Blocks, the first included, that are worth folding."""
LEAST_HIDDEN: Final = 4
"""A box for fewer nodes than this would save nothing."""
_CONTEXT: Final = 4
"""Equal nodes in a row that hint at a period."""
_PERIODS: Final = 6
"""Periods tried, the most frequent ones first."""
_STARTS: Final = 2
"""Ways tried to cut a run into blocks."""


class Fold(NamedTuple):
    """Blocks like one before them, shown as one box."""

    first: range
    """The block that is drawn."""
    repeats: int
    """How many blocks like it are not."""
    nodes: tuple[int, ...]
    """All nodes that the box stands for: those blocks, and leaves that nothing else uses."""

    @property
    def inside(self) -> range:
        """The blocks that are not drawn."""
        return range(self.first.stop, self.first.stop + self.repeats * len(self.first))


def find_folds(report: TapeReport, choice: FoldChoice) -> tuple[Fold, ...]:
    """Find what to fold, from the first node to the last.

    Args:
        report: The executed tape.
        choice: `auto` leaves tapes alone that can be drawn as they are.
    """
    if choice == "never" or (choice == "auto" and len(report.nodes) < FOLDED_FROM):
        return ()
    return _found(report, FEWEST[choice])


@lru_cache(maxsize=4)
def _found(report: TapeReport, fewest: int) -> tuple[Fold, ...]:
    """Look through all stretches; drawing, tables and links of one figure ask one after the other."""
    finder = _Finder(report, fewest)
    found: list[Fold] = []
    waiting = [range(len(report.nodes))]
    while waiting:
        stretch = waiting.pop()
        fold = finder.best(stretch)
        if fold is not None:
            found.append(fold)
            finder.take(fold)
            waiting += [range(stretch.start, fold.first.start), range(fold.inside.stop, stretch.stop)]
    return tuple(sorted(found, key=lambda fold: fold.first.start))


class _Finder:
    """Looks for repeated blocks in stretches of one tape."""

    def __init__(self, report: TapeReport, fewest: int) -> None:
        self._rows = report.nodes
        self._fewest = fewest
        kinds: dict[object, int] = {}
        self._kinds = [kinds.setdefault(_kind(row), len(kinds)) for row in self._rows]
        """Equal for nodes that look alike."""
        self._consumers: list[list[int]] = [[] for _ in self._rows]
        for row in self._rows:
            for parent in row.parents:
                self._consumers[parent].append(row.id)
        failed = report.failure.node if report.failure else None
        self._own = {node for node in (report.output, failed) if node is not None}
        """Nodes that are always drawn."""
        self._taken: dict[int, Fold] = {}
        """What stands for nodes that are folded already."""

    def take(self, fold: Fold) -> None:
        """Let what is folded look like nothing else."""
        for node in fold.nodes:
            self._kinds[node] = -1 - node
            self._taken[node] = fold

    def best(self, stretch: range) -> Fold | None:
        """Return the fold that hides most."""
        folds = [
            fold
            for period in self._periods(stretch)
            for run in self._runs(stretch, period)
            if (fold := self._fold(run, period)) is not None
        ]
        return max(folds, key=_worth, default=None)

    def _periods(self, stretch: range) -> list[int]:
        """Guess periods from how far equal pieces lie apart."""
        last: dict[tuple[int, ...], int] = {}
        distances: Counter[int] = Counter()
        for start in range(stretch.start, stretch.stop - _CONTEXT + 1):
            piece = tuple(self._kinds[start : start + _CONTEXT])
            if piece in last:
                distances[start - last[piece]] += 1
            last[piece] = start
        return sorted(distances, key=lambda distance: (-distances[distance], distance))[:_PERIODS]

    def _runs(self, stretch: range, period: int) -> Iterator[range]:
        """Yield the stretches in which every node looks like the one a period before it."""
        kinds = self._kinds
        start = stretch.start
        for node in range(stretch.start + period, stretch.stop + 1):
            if node == stretch.stop or kinds[node] != kinds[node - period]:
                if node - start >= self._fewest * period:
                    yield range(start, node)
                start = node - period + 1

    def _fold(self, run: range, period: int) -> Fold | None:
        """Cut a run into blocks where least is handed on from one to the next, and keep those wired alike."""
        starts = range(run.start, min(run.start + period, run.stop - self._fewest * period + 1))
        ranked = sorted((self._handed_on(range(start, start + period)), start) for start in starts)
        folds: list[Fold] = []
        for _, start in ranked[:_STARTS]:
            first = range(start, start + period)
            blocks = self._alike(first, (run.stop - start) // period)
            nodes = self._hidden(first, blocks)
            has_op = any(self._rows[node].parents for node in first)
            if has_op and blocks >= self._fewest and len(nodes) >= LEAST_HIDDEN:
                folds.append(Fold(first, blocks - 1, nodes))
        return max(folds, key=_worth, default=None)

    def _handed_on(self, block: range) -> int:
        """Count the nodes of a block that later ones use."""
        return sum(any(consumer >= block.stop for consumer in self._consumers[node]) for node in block)

    def _alike(self, first: range, most: int) -> int:
        """Count the blocks that are wired like the first and hold nothing that must be drawn."""
        for block in range(1, most):
            by = block * len(first)
            if any(node + by in self._own or not self._wired_alike(node, first, block) for node in first):
                return block
        return most

    def _wired_alike(self, node: int, first: range, block: int) -> bool:
        """Tell whether a node of a block has the parents that its place asks for."""
        length, by = len(first), block * len(first)
        parents = [self._rows[one].parents for one in (node, node + length, node + by)]
        return all(
            there == here + by if here >= first.start else self._same_source(here, there, after, by - length)
            for here, after, there in zip(*parents, strict=True)
        )

    def _same_source(self, here: int, there: int, after: int, by: int) -> bool:
        """Compare parents from outside: shared, in one box, what the block before hands on, or of one kind.

        The first block gets that from elsewhere, so the second is what all later ones are compared with.
        """
        if there == here or there == after + by:
            return True
        if there in self._taken:
            return self._taken[there] is self._taken.get(after)
        return not self._rows[there].parents and self._kinds[here] == self._kinds[there]

    def _hidden(self, first: range, blocks: int) -> tuple[int, ...]:
        """List the nodes of all blocks but the first, with leaves that are used there only."""
        inside = range(first.stop, first.start + blocks * len(first))
        parents = {parent for node in inside for parent in self._rows[node].parents if parent not in inside}
        leaves = {
            parent
            for parent in parents
            if not self._rows[parent].parents
            and parent not in self._own
            and parent not in first
            and all(consumer in inside for consumer in self._consumers[parent])
        }
        return (*sorted(leaves), *inside)


def _worth(fold: Fold) -> tuple[int, int, int]:
    """Sort key: what hides most is best, then what begins first, then the shorter block."""
    return len(fold.nodes), -fold.first.start, -len(fold.first)


def _kind(row: NodeRow) -> object:
    """Say what a node looks like, numbers in names left out."""
    names = tuple(re.sub(r"\d+", "#", name) for name in (row.name, *row.scope))
    value = row.value.shape, row.value.dtype
    return row.op, value, row.requires_grad, row.cut, row.keywords, names, len(row.parents)
