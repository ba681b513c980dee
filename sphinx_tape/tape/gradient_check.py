"""Check the gradients of a whole recorded tape against derivatives that no rule takes part in.

Layer `tape`. Reads a tape and its reverse pass; moves every leaf and runs the tape again in double precision
(complex steps where every operation on the way is analytic, else central differences). Where that
disagrees, single nodes are checked: a gradient is called wrong only if one of them is to blame.
Read next: `comparing.py`, `blame.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from sphinx_tape.tape.backward import backward
from sphinx_tape.tape.blame import Blame, Nodes, wrong_sums
from sphinx_tape.tape.comparing import Arrays, Finding, Point, compare, compare_directions
from sphinx_tape.tape.conventions import convention
from sphinx_tape.tape.differences import asymmetric, tolerance_of, weights_of, wide
from sphinx_tape.tape.foreign_operations import primitive_of
from sphinx_tape.tape.replay import Route

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx_tape.tape.backward import ReversePass
    from sphinx_tape.tape.node import Node
    from sphinx_tape.tape.tape import Tape
    from sphinx_tape.tape.variable import Variable

Verdict = Literal["right", "kink", "unresolved", "unchecked", "wrong"]
"""From the best to the worst."""

_ORDER: tuple[Verdict, ...] = ("right", "kink", "unresolved", "unchecked", "wrong")

MOST = 64
"""Elements up to which a leaf is compared one by one."""
_DIRECTIONS = 8
_WORK = 300_000
"""Nodes that may be run again for one tape, elements of large ones counted: a second or two."""
_ELEMENTS_PER_NODE = 500
"""Elements that take about as long as one more call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafComparison:
    """The gradient of one leaf, or of several that were moved together."""

    leaves: tuple[int, ...]
    verdict: Verdict
    finding: Finding | None = None
    """None if nothing was compared."""
    element: tuple[int, ...] = ()
    """Of the leaf, where the largest error is."""
    blockers: tuple[int, ...] = ()
    """Nodes on the way that cannot be run again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TapeCheck:
    """A whole tape against differences from its leaves."""

    leaves: tuple[LeafComparison, ...]
    """One per leaf that requires a gradient and leads to the output; one for all if there are very many."""
    blamed: tuple[Blame, ...] = ()
    """What is wrong at single nodes."""
    alone: int = 0
    """Nodes whose local rule was checked on its own."""
    unreplayed: tuple[int, ...] = ()
    """Nodes that cannot be run again, so that nothing is known of their rules."""

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of all leaves; `unchecked` if nothing was compared."""
        if self.blamed:
            return "wrong"
        return _ORDER[max((_ORDER.index(leaf.verdict) for leaf in self.leaves), default=3)]

    @property
    def ok(self) -> bool:
        """Whether nothing was found to be wrong."""
        return self.verdict != "wrong"

    @property
    def worst(self) -> LeafComparison | None:
        """The leaf with the worst verdict, of several the one with the largest error; None without leaves."""

        def badness(leaf: LeafComparison) -> tuple[int, float]:
            error = leaf.finding.error if leaf.finding else 0.0
            return _ORDER.index(leaf.verdict), float("inf") if np.isnan(error) else error

        return max(self.leaves, key=badness, default=None)


def check_tape(output: Variable, most: int = MOST) -> TapeCheck:
    """Run the reverse pass of a recorded tape and check its gradients.

    Args:
        output: The output; a non-scalar one is seeded with `asymmetric` weights.
        most: How many elements of a leaf are compared one by one; larger ones in random directions.
    """
    seed = asymmetric(output.node.value) if output.size != 1 else None
    return check_pass(output.tape, backward(output, seed=seed), most)


def check_pass(tape: Tape, done: ReversePass, most: int = MOST, *, own: bool = True) -> TapeCheck:
    """Check the gradients that a reverse pass has found.

    Args:
        tape: A recorded tape.
        done: Its reverse pass, complete.
        most: How many elements of a leaf are compared one by one; larger ones in random directions.
        own: Whether we have recorded the tape, not another framework.
    """
    with np.errstate(all="ignore"):
        return _Check(tape, done, most, own=own).run()


class _Check:
    """One check in the making."""

    def __init__(self, tape: Tape, done: ReversePass, most: int, *, own: bool) -> None:
        self._tape = tape
        self._done = done
        self._most = most
        self._nodes = Nodes(tape, own=own)

    def run(self) -> TapeCheck:
        reached = [
            self._tape.nodes[step.node] for step in self._done.steps if self._tape.nodes[step.node].parents
        ]
        stale = [blame for node in reached if (blame := self._nodes.stale(node))]
        unreplayed = tuple(sorted(node.id for node in reached if not self._nodes.replayable(node)))
        compared = self._compare()
        if not stale and all(leaf.verdict == "right" for leaf in compared):
            return TapeCheck(leaves=compared, unreplayed=unreplayed)
        alone = [
            node
            for node in reached
            if self._nodes.replayable(node) and not self._nodes.stale(node) and node.vjp is not None
        ]
        rules = [blame for node in alone if (blame := self._nodes.wrong_rule(node))]
        sums = wrong_sums(self._tape, self._done)
        blamed = tuple(sorted([*stale, *rules, *sums], key=lambda blame: -blame.node))
        leaves = tuple(self._settled(leaf, blamed) for leaf in compared)
        return TapeCheck(leaves=leaves, blamed=blamed, alone=len(alone), unreplayed=unreplayed)

    def _route(self, roots: Iterable[int]) -> Route:
        return Route(self._tape, roots, self._done.output, self._nodes.filled)

    def _compare(self) -> tuple[LeafComparison, ...]:
        """Compare every leaf, or all together where one by one would take too long."""
        output = self._done.output
        leaves = [n for n in self._tape.nodes[: output + 1] if n.requires_grad and not n.parents]
        if 2 * len(leaves) * output > 3 * _WORK:
            return self._together(leaves)
        routes = {leaf.id: self._route([leaf.id]) for leaf in leaves}
        if sum(2 * _cost(route) for route in routes.values()) > _WORK:
            return self._together(leaves)
        budget = _WORK / max(1, len(leaves))
        made = [self._leaf(leaf, routes[leaf.id], budget) for leaf in leaves]
        return tuple(each for each in made if each)

    def _leaf(self, leaf: Node, route: Route, budget: float) -> LeafComparison | None:
        """Compare one leaf; None if it does not lead to the output and nothing arrived."""
        if not route.nodes and leaf.id != route.output and self._done.cotangents[leaf.id] is None:
            return None
        single = np.size(leaf.value) <= self._most and 2 * np.size(leaf.value) * _cost(route) <= budget
        return self._comparison([leaf], route, _DIRECTIONS if not single else 0)

    def _together(self, leaves: Sequence[Node]) -> tuple[LeafComparison, ...]:
        """Compare all leaves at once, in as many directions as can be afforded."""
        leaves = [leaf for leaf in leaves if self._done.cotangents[leaf.id] is not None]
        route = self._route([leaf.id for leaf in leaves])
        count = int(min(_DIRECTIONS, max(2, _WORK // (2 * _cost(route)))))
        return (self._comparison(leaves, route, count),) if leaves else ()

    def _comparison(self, leaves: Sequence[Node], route: Route, directions: int) -> LeafComparison:
        ids = tuple(leaf.id for leaf in leaves)
        blockers = tuple(node.id for node in route.nodes if not self._nodes.replayable(node))
        try:
            if blockers:
                return LeafComparison(leaves=ids, verdict="unchecked", blockers=blockers)
            point = self._point(leaves, route)
            tolerance = max(tolerance_of(leaf.value) for leaf in (*leaves, *route.nodes))
            if directions:
                found = compare_directions(point, tolerance, directions, ids[0])
            else:
                found = compare(point, tolerance, range(point.size))
        except (TypeError, ValueError, ArithmeticError):  # symbols have no numbers
            return LeafComparison(leaves=ids, verdict="unchecked")
        verdict: Verdict = (
            "right" if found.ok else "unresolved" if found.wrong or found.unresolved else "kink"
        )
        element = _element(leaves, found) if found.compared and not (found.ok and directions) else ()
        return LeafComparison(leaves=ids, verdict=verdict, finding=found, element=element)

    def _settled(self, leaf: LeafComparison, blamed: Iterable[Blame]) -> LeafComparison:
        """Decide what a leaf that disagrees suffers from: a node to blame, a kink, or rounding."""
        if leaf.verdict in {"right", "unchecked"}:
            return leaf
        route = self._route(leaf.leaves)
        way = {node.id for node in route.nodes}.union(leaf.leaves)
        if any(blame.node in way for blame in blamed):
            return replace(leaf, verdict="wrong")
        kinks = leaf.verdict == "kink" or any(map(self._at_kink, route.nodes))
        return replace(leaf, verdict="kink" if kinks else "unresolved")

    def _at_kink(self, node: Node) -> bool:
        primitive = primitive_of(node)
        return primitive is not None and primitive.kink is not None and bool(convention(self._tape, node))

    def _point(self, leaves: Sequence[Node], route: Route) -> Point:
        """Return the tape as a function of some leaves."""
        weights = weights_of(wide(self._done.seed))
        cotangents = {
            id_: self._done.cotangents[id_] for id_ in (*(n.id for n in leaves), *(n.id for n in route.nodes))
        }
        known = {id_: wide(g) for id_, g in cotangents.items() if g is not None}
        values = [wide(leaf.value) for leaf in leaves]

        def run(arrays: Arrays) -> dict[int, Any]:
            return route.run({leaf.id: each[()] for leaf, each in zip(leaves, arrays, strict=True)})

        def loss(arrays: Arrays) -> Any:  # noqa: ANN401 -- real or complex
            return np.sum(weights * run(arrays).get(route.output, wide(self._nodes.value(route.output))))

        def terms(direction: Arrays, step: float) -> float:
            above, below = (
                run([v + t * d for v, d in zip(values, direction, strict=True)]) for t in (step, -step)
            )
            sizes = [np.sum(np.abs(g * (above[id_] - below[id_]))) / (2 * step) for id_, g in known.items()]
            return float(np.nan_to_num(max(sizes, default=0.0)))

        sizes = [np.sum(np.abs(g * wide(self._nodes.value(id_)))) for id_, g in known.items()]
        return Point(
            values=values,
            claims=[known.get(n.id, np.zeros_like(v)) for n, v in zip(leaves, values, strict=True)],
            loss=loss,
            analytic=route.analytic and not any(map(np.iscomplexobj, values)),
            magnitude=float(np.nan_to_num(max(sizes, default=0.0), posinf=0.0)),
            terms=terms,
        )


def _cost(route: Route) -> float:
    """Return how much work it is to run a route once, in nodes."""
    return 1 + sum(1 + np.size(node.value) / _ELEMENTS_PER_NODE for node in route.nodes)


def _element(leaves: Sequence[Node], found: Finding) -> tuple[int, ...]:
    """Return the index of the worst element within its leaf."""
    flat = found.element
    for leaf in leaves:
        size = int(np.size(leaf.value))
        if flat < size:
            return tuple(int(each) for each in np.unravel_index(flat, np.shape(leaf.value)))
        flat -= size
    return ()
