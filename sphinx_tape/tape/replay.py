"""Run a recorded tape again from changed roots.

Layer `tape`. Reads a tape and new values for some nodes, makes the value of one node. Nodes that do not
depend on a change keep what they have, and so do nodes that require no gradient: what is detached is
held fixed, as the reverse pass means it. Differences over a replay see the whole tape and no rule.
Read next: `check.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_tape.errors import RecordError
from sphinx_tape.tape.primitives import PRIMITIVES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sphinx_tape.tape.node import Value
    from sphinx_tape.tape.tape import Tape


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
    changed = dict(changes)
    for node in tape.nodes[: output + 1]:
        if node.id in changed or not node.requires_grad or changed.keys().isdisjoint(node.parents):
            continue
        if node.op not in PRIMITIVES:
            message = (
                f"node {node.id} must be of a primitive in the table to be run again (got {node.op}); "
                "check the tape where it was made"
            )
            raise RecordError(message)
        operands = [changed.get(parent, tape.nodes[parent].value) for parent in node.parents]
        if node.op == "cast" and node.value.dtype.kind == "f":
            # Differences need all the digits that a conversion to a narrower type would drop.
            changed[node.id] = operands[0].real
        else:
            changed[node.id] = PRIMITIVES[node.op].forward(*operands, **(node.keywords or {}))
    return changed.get(output, tape.nodes[output].value)
