"""Which gradients arrived, and why the others did not.

Layer `tape`. Reads a tape and its reverse pass, makes a `Coverage`: of the nodes that require a gradient
the ones reached and not, and for every node without a gradient one reason out of a closed set.
Read next: `dependencies.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sphinx_tape.tape.primitives import PRIMITIVES

if TYPE_CHECKING:
    from sphinx_tape.tape.backward import ReversePass
    from sphinx_tape.tape.node import Node
    from sphinx_tape.tape.tape import Tape

ReasonKind = Literal[
    "not_reached", "detach", "no_grad", "not_differentiable", "integer", "not_asked", "unreadable"
]
"""`not_reached`: the output does not depend on the node. `not_asked`: neither the author nor any operand
asks for a gradient. The others: every way from the output is cut, nearest at the blocker."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a node has no gradient."""

    kind: ReasonKind
    """One of the closed set."""
    blocker: int | None = None
    """The node at which the gradient is cut, where there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Of the nodes that require a gradient: reached and not, with reasons."""

    required: tuple[int, ...]
    """Nodes of the tape that require a gradient."""
    reached: tuple[int, ...]
    """Those of them that got one, be it zero."""
    missing: tuple[int, ...]
    """Those that got none."""
    missing_leaves: tuple[int, ...]
    """The leaves among the missing."""
    reasons: Mapping[int, Reason]
    """Per node without a gradient, required or not, why."""


def coverage(tape: Tape, reverse_pass: ReversePass) -> Coverage:
    """Sort a tape's nodes by what the reverse pass left at them.

    Args:
        tape: The tape.
        reverse_pass: A pass over it, finished or partial.
    """
    cotangents = reverse_pass.cotangents
    required = tuple(node.id for node in tape.nodes if node.requires_grad)
    missing = tuple(each for each in required if cotangents[each] is None)
    blockers = _blockers(tape, reverse_pass)
    return Coverage(
        required=required,
        reached=tuple(each for each in required if cotangents[each] is not None),
        missing=missing,
        missing_leaves=tuple(each for each in missing if not tape.nodes[each].parents),
        reasons={
            node.id: _reason(node, blockers.get(node.id))
            for node in tape.nodes
            if cotangents[node.id] is None
        },
    )


def _reason(node: Node, blocker: Reason | None) -> Reason:
    """Pick the reason of one node without a gradient."""
    if node.requires_grad:
        return blocker or Reason("not_reached")
    if node.cut:
        return Reason(node.cut, node.id)
    return Reason("not_asked")


def _blockers(tape: Tape, reverse_pass: ReversePass) -> dict[int, Reason]:
    """Find, for nodes the output depends on, where the way back to them is cut.

    Of several cut ways the one through the earliest consumer counts, so that the answer is one node.
    """
    connected = {reverse_pass.output}
    blockers: dict[int, Reason] = {}
    for consumer in reversed(tape.nodes[: reverse_pass.output + 1]):
        if consumer.id not in connected:
            continue
        connected.update(consumer.parents)
        for operand, parent in enumerate(consumer.parents):
            if reverse_pass.cotangents[parent] is None:
                blockers[parent] = _obstacle(consumer, operand, reverse_pass, blockers)
    return blockers


def _obstacle(
    consumer: Node, operand: int, reverse_pass: ReversePass, blockers: Mapping[int, Reason]
) -> Reason:
    """Say why a consumer in use sent nothing to one of its operands."""
    if not consumer.requires_grad:
        return Reason(consumer.cut, consumer.id) if consumer.cut else _inherited(consumer, blockers)
    if reverse_pass.cotangents[consumer.id] is None:
        return _inherited(consumer, blockers)
    primitive = PRIMITIVES.get(consumer.op)
    if primitive is not None and primitive.vjps[min(operand, len(primitive.vjps) - 1)] is None:
        return Reason("not_differentiable", consumer.id)
    return Reason("unreadable", consumer.id)


def _inherited(consumer: Node, blockers: Mapping[int, Reason]) -> Reason:
    """What keeps the consumer from having a gradient keeps its operands from one."""
    return blockers.get(consumer.id) or Reason("unreadable", consumer.id)
