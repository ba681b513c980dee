"""Run a recorded tape again from changed roots.

Layer `tape`. Reads a tape and new values for some nodes, makes the value of one node. Nodes that do not
depend on a change keep what they have, and so do nodes that require no gradient: what is detached is
held fixed, as the reverse pass means it. Differences over a replay see the whole tape and no rule.
Read next: `check.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from sphinx_tape.errors import RecordError
from sphinx_tape.tape.exact import is_exact
from sphinx_tape.tape.foreign_operations import forward, primitive_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sphinx_tape.tape.node import Node, Value
    from sphinx_tape.tape.tape import Tape


class Route:
    """All nodes through which some roots reach an output, ready to be run again and again."""

    def __init__(
        self, tape: Tape, roots: Iterable[int], output: int, known: Mapping[int, Value] | None = None
    ) -> None:
        """Find the nodes.

        Args:
            tape: A recorded tape.
            roots: Nodes whose values will be changed.
            output: The node wanted.
            known: Values of nodes whose own value a framework did not keep.
        """
        self._held: dict[int, Value] = dict(known or {})
        self._tape = tape
        self.output = output
        self.nodes = _between(tape, frozenset(roots), output)
        seen = {id_ for node in self.nodes for id_ in (node.id, *node.parents)}
        self.analytic = all(map(_steps_through, self.nodes)) and not any(
            np.iscomplexobj(tape.nodes[id_].value) for id_ in seen
        )
        """Whether every operation on the way is analytic and no value complex, as complex steps need it."""

    def run(self, changes: Mapping[int, Value]) -> dict[int, Value]:
        """Compute the nodes again, with other values at the roots.

        Args:
            changes: Root -> value to use there instead.

        Returns:
            Per root and per node on the way its value; element types may be wider than recorded.

        Raises:
            RecordError: A node on the way is of no primitive in THE table, as on tapes read from elsewhere.
        """
        changed = dict(changes)
        for node in self.nodes:
            operands = [
                changed[parent] if parent in changed else self._value(parent) for parent in node.parents
            ]
            # A complex step must not be cut off where an element type is changed.
            stepping = self.analytic and node.op == "cast"
            changed[node.id] = operands[0] if stepping else again(node, operands)
        return changed

    def _value(self, id_: int) -> Value:
        """Return what a node keeps; exact numbers as floats, which is what they are compared with."""
        if id_ not in self._held:
            value = self._tape.nodes[id_].value
            self._held[id_] = value.astype(np.float64)[()] if is_exact(value) else value
        return self._held[id_]


def replay(tape: Tape, changes: Mapping[int, Value], output: int) -> Value:
    """Compute a node's value again with other values at some nodes.

    Args:
        tape: A recorded tape.
        changes: Node id -> value to use there instead.
        output: The node wanted.

    Returns:
        Its value; element types may be wider than recorded, if the changes are.

    Raises:
        RecordError: A node in between is of no primitive in THE table, as on tapes read from elsewhere.
    """
    return Route(tape, changes, output).run(changes).get(output, tape.nodes[output].value)


def again(node: Node, operands: Sequence[Value]) -> Value:
    """Run the operation of one node on other operands.

    Raises:
        RecordError: It is of no primitive in THE table.
    """
    primitive = primitive_of(node)
    if primitive is None:
        message = (
            f"node {node.id} must be of a primitive in the table to be run again (got {node.op}); "
            "check the tape where it was made"
        )
        raise RecordError(message)
    if node.op == "cast" and node.value.dtype.kind == "f":
        # Differences need all the digits that a conversion to a narrower type would drop.
        return operands[0].real
    return forward(primitive, node, operands)


def _steps_through(node: Node) -> bool:
    primitive = primitive_of(node)
    return primitive is not None and (primitive.analytic or node.op == "cast")


def _between(tape: Tape, roots: frozenset[int], output: int) -> list[Node]:
    """Return the nodes that depend on a root and that the output depends on, in order."""
    touched = set(roots)
    after: list[Node] = []
    for node in tape.nodes[: output + 1]:
        if node.requires_grad and node.id not in roots and not touched.isdisjoint(node.parents):
            touched.add(node.id)
            after.append(node)
    wanted = {output}
    kept: list[Node] = []
    for node in reversed(after):
        if node.id in wanted:
            wanted.update(node.parents)
            kept.append(node)
    return kept[::-1]
