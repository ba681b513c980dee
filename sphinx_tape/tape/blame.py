"""Find the nodes that make a gradient wrong, by checking one at a time.

Layer `tape`. Reads a tape and its reverse pass, makes `Blame`s. Three things can be wrong at a node, and a
gradient is right if none of them is at any: its value is not what its operands give, its local rule
disagrees with differences of its own forward, its gradient is not the sum of its contributions.
Read next: `gradient_check.py`, which asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from sphinx_tape.tape.backward import local_contributions
from sphinx_tape.tape.comparing import Arrays, Finding, Point, compare, compare_directions
from sphinx_tape.tape.differences import asymmetric, tolerance_of, weights_of, wide
from sphinx_tape.tape.exact import is_exact
from sphinx_tape.tape.foreign_operations import primitive_of
from sphinx_tape.tape.replay import again

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sphinx_tape.tape.backward import ReversePass
    from sphinx_tape.tape.node import Array, Node, Value
    from sphinx_tape.tape.tape import Tape

_SPREAD = 24
"""Elements of a large operand that are compared one by one, besides two random directions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blame:
    """What is wrong at a node."""

    node: int
    kind: Literal["rule", "sum", "value"]
    operand: int | None = None
    """For `rule`, the position that receives the wrong contribution."""
    element: tuple[int, ...] = ()
    found: complex = 0.0
    expected: complex = 0.0


class Nodes:
    """The nodes of a tape, each checked at most once."""

    def __init__(self, tape: Tape, *, own: bool = True) -> None:
        """Remember the tape.

        Args:
            tape: A recorded tape.
            own: Whether we have recorded it, so that values other than the forward's are wrong; of other
                frameworks it may be that we do not know all that an operation was told.
        """
        self._tape = tape
        self._own = own
        self._states: dict[int, Blame | bool] = {}
        self.filled: dict[int, Value] = {}
        """Values that the framework did not keep, computed from the operands."""
        for node in tape.nodes if not own else ():
            self._state(node)

    def value(self, id_: int) -> Value:
        """Return the value of a node, kept or computed."""
        return self.filled.get(id_, self._tape.nodes[id_].value)

    def replayable(self, node: Node) -> bool:
        """Whether running a node's operation again gives what was recorded, or proves its value wrong."""
        return self._state(node) is not False

    def stale(self, node: Node) -> Blame | None:
        """Return what is wrong with the value of a node."""
        state = self._state(node)
        return state if isinstance(state, Blame) else None

    def wrong_rule(self, node: Node) -> Blame | None:
        """Compare the local VJP of one node, at the values it saw, with differences of its forward."""
        seed = _seed(node)
        tolerance = max(tolerance_of(self._tape.nodes[id_].value) for id_ in (node.id, *node.parents))
        try:
            contributions = local_contributions(node, seed)
        except Exception:  # noqa: BLE001 -- a rule of any framework may refuse the seed; nothing is known of it then
            return None
        inputs = [_operand(self.value(parent)) for parent in node.parents]
        for positions, claim in _together(node, dict(self._rules(node, contributions))):
            found = _check_operand(node, inputs, positions, claim, tolerance)
            if found.wrong or found.outside:
                return _rule_blame(node, positions, inputs[positions[0]].shape, found)
        return None

    def _rules(self, node: Node, contributions: Sequence[Value]) -> Iterator[tuple[int, Array]]:
        """Yield the positions that a rule speaks of; no contribution where one is due counts as zero."""
        primitive = primitive_of(node)
        rules = primitive.vjps if primitive else ()
        for position, contribution in enumerate(contributions):
            parent = self._tape.nodes[node.parents[position]]
            rule = rules[min(position, len(rules) - 1)]
            if contribution is not None:
                yield position, wide(contribution)
            elif rule is not None and parent.requires_grad:
                yield position, np.zeros(parent.shape)

    def _state(self, node: Node) -> Blame | bool:
        if node.id not in self._states:
            self._states[node.id] = self._compare_value(node) if node.parents else node.known
        return self._states[node.id]

    def _compare_value(self, node: Node) -> Blame | bool:
        """Run a node again from what its operands hold."""
        parents = [self._tape.nodes[parent] for parent in node.parents]
        if primitive_of(node) is None or not all(used.known or used.id in self.filled for used in parents):
            return False
        try:
            made = wide(again(node, [_operand(self.value(parent.id))[()] for parent in parents]))
            held = wide(node.value)
        except Exception:  # noqa: BLE001 -- whatever it is, the node cannot be run again
            return False
        if made.shape != held.shape:
            return False
        if not node.known:
            self.filled[node.id] = made[()]
            return True
        state = self._stale_blame(node, made, held)
        guessed = any(parent.id in self.filled for parent in parents)
        return False if guessed and state is not True else state

    def _stale_blame(self, node: Node, made: Array, held: Array) -> Blame | bool:
        errors = np.abs(made - held)
        agree = (made == held) | (np.isnan(made) & np.isnan(held))
        size = float(np.max(np.abs(held), initial=0.0, where=np.isfinite(held)))
        # Other frameworks sum in another order, and in their own element type.
        close = agree | (errors <= 10 * tolerance_of(node.value) * max(size, 1e-300))
        if np.all(close):
            return True
        primitive = primitive_of(node)
        told = primitive is not None and any(sample.keywords for sample in primitive.samples)
        if not self._own and node.keywords is None and told:
            return False
        ranks = np.where(close, -1.0, np.nan_to_num(errors, nan=np.inf))
        element = tuple(int(each) for each in np.unravel_index(int(ranks.argmax()), held.shape))
        return Blame(
            node=node.id,
            kind="value",
            element=element,
            found=held[element].item(),
            expected=made[element].item(),
        )


def wrong_sums(tape: Tape, done: ReversePass) -> Iterator[Blame]:
    """Yield the nodes whose gradient is not the sum of what they received, in the order of the visits."""
    received: dict[int, list[Array]] = {done.output: [np.asarray(done.seed)]}
    for step in done.steps:
        parts = received.pop(step.node, [])
        for held in (step.cotangent, done.cotangents[step.node]):
            blamed = _compare_sum(step.node, parts, held)
            if blamed is not None:
                yield blamed
                break
        for sent in step.contributions:
            received.setdefault(sent.parent, []).append(np.asarray(sent.value))
    for node, parts in sorted(received.items(), reverse=True):
        if tape.nodes[node].requires_grad:
            blamed = _compare_sum(node, parts, done.cotangents[node])
            if blamed is not None:
                yield blamed


def _seed(node: Node) -> Value:
    """Return the cotangent with which a rule is tried: 1 for a number, so that readers know the result."""
    return np.ones_like(node.value) if np.size(node.value) == 1 else asymmetric(node.value)


def _operand(value: Value) -> Array:
    """Return a value in double precision, unless it is a label, an index or a condition."""
    array = np.asarray(value)
    return wide(array) if array.dtype.kind in "fcO" else array


def _compare_sum(node: int, parts: list[Array], held: Any) -> Blame | None:  # noqa: ANN401 -- a cotangent of any kind
    if any(map(is_exact, parts)):
        return None
    expected = sum(map(wide, parts)) if parts else np.zeros(np.shape(held))
    got = np.zeros(np.shape(expected)) if held is None else wide(held)
    terms = sum(np.abs(wide(part)) for part in parts) if parts else np.zeros(np.shape(held))
    if np.shape(got) != np.shape(expected):
        return Blame(node=node, kind="sum")
    same = (got == expected) | (np.isnan(got) & np.isnan(expected))
    wrong = ~(same | (np.abs(got - expected) <= tolerance_of(held) * terms))
    if not np.any(wrong):
        return None
    element = tuple(int(each) for each in np.unravel_index(int(np.argmax(wrong)), np.shape(wrong)))
    return Blame(
        node=node,
        kind="sum",
        element=element,
        found=np.asarray(got)[element].item(),
        expected=np.asarray(expected)[element].item(),
    )


def _together(node: Node, claims: dict[int, Array]) -> Iterator[tuple[tuple[int, ...], Array]]:
    """Yield single positions, then those that hold the same parent: at a tie with itself there is no kink."""
    for position, claim in claims.items():
        yield (position,), claim
    for parent in dict.fromkeys(node.parents):
        positions = tuple(position for position in claims if node.parents[position] == parent)
        if len(positions) > 1:
            yield positions, np.sum([claims[position] for position in positions], axis=0)


def _rule_blame(node: Node, positions: tuple[int, ...], shape: tuple[int, ...], found: Finding) -> Blame:
    return Blame(
        node=node.id,
        kind="rule",
        operand=positions[0],
        element=tuple(int(each) for each in np.unravel_index(found.element, shape)),
        found=found.gradient,
        expected=found.expected,
    )


def _check_operand(
    node: Node, inputs: list[Array], positions: tuple[int, ...], claim: Array, tolerance: float
) -> Finding:
    """Compare what one operand receives, or several that are the same node."""
    seed = wide(_seed(node))
    weights = weights_of(seed)

    def loss(arrays: Arrays) -> Any:  # noqa: ANN401 -- real or complex
        return np.sum(weights * again(node, moved(arrays[0])))

    def moved(array: Array) -> list[Value]:
        return [(array if at in positions else each)[()] for at, each in enumerate(inputs)]

    def parts(array: Array) -> Array:
        return np.asarray(np.abs(weights) * again(node, moved(array)))

    operand, primitive = inputs[positions[0]], primitive_of(node)
    real = not any(map(np.iscomplexobj, (*inputs, node.value)))
    point = Point(
        values=[operand],
        claims=[np.broadcast_to(claim, operand.shape)],
        loss=loss,
        analytic=primitive is not None and primitive.analytic and real,
        magnitude=float(np.sum(np.abs(seed * wide(node.value)))),
        terms=lambda direction, step: _terms(parts, operand, direction[0], step),
    )

    if operand.size <= 2 * _SPREAD:
        return compare(point, tolerance, range(operand.size))
    found = compare_directions(point, tolerance, 2, node.id)
    if found.wrong or found.outside:
        return found
    spread = sorted({round(each) for each in np.linspace(0, operand.size - 1, _SPREAD)})
    return compare(point, tolerance, spread)


def _terms(parts: Any, operand: Array, direction: Array, step: float) -> float:  # noqa: ANN401 -- a local function
    """Return the size of the terms that a slope is the sum of."""
    difference = np.abs(parts(operand + step * direction) - parts(operand - step * direction))
    return float(np.nan_to_num(np.sum(difference) / (2 * step)))
