"""The written conventions at kinks and ties, where a tape really uses them.

Layer `tape`. Reads a node and THE table, makes the sentence to show, so that a reader of x ** 2 at x = 3 is
not told what would happen at 0.
Read next: `coverage.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sphinx_tape.tape.primitives import PRIMITIVES

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Node
    from sphinx_tape.tape.tape import Tape


def convention(tape: Tape, node: Node) -> str:
    """Return the convention that a node's derivative rests on.

    Args:
        tape: The tape, which holds the operands' values.
        node: One of its nodes.

    Returns:
        The note of its primitive; empty if there is none, or if no element meets its case.
    """
    primitive = PRIMITIVES.get(node.op)
    if primitive is None or primitive.kink is None:
        return primitive.note if primitive else ""
    parents = [tape.nodes[parent] for parent in node.parents]
    if not all(used.known for used in (node, *parents)):
        return primitive.note  # values that nobody kept may or may not meet the case
    operands = [parent.value for parent in parents]
    try:
        used = bool(np.any(primitive.kink(node.value, *operands, **(node.keywords or {}))))
    except TypeError:
        return primitive.note  # symbols without order may or may not meet the case
    return primitive.note if used else ""
