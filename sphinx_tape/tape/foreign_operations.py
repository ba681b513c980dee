"""Operations of other frameworks that can be run again, though no tape of ours records them.

Layer `tape`. They are primitives like those of THE table, and checked like them, but nobody can call them.
A shape that a framework did not tell us, or calls by another word, is that of the value it made.
Read next: `replay.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from sphinx_tape.tape.primitive import Primitive, Sample
from sphinx_tape.tape.primitives import PRIMITIVES

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Node, Value

addmm = Primitive(
    name="addmm",
    forward=lambda c, a, b: c + a @ b,
    vjps=(
        lambda g, _y, _c, _a, _b: g,
        lambda g, _y, _c, _a, b: g @ b.T,
        lambda g, _y, _c, a, _b: a.T @ g,
    ),
    tex=r"@0 + @1 \, @2",
    formulas=("@g", r"@g \, @2^{\top}", r"@1^{\top} \, @g"),
    samples=(
        Sample((np.array([0.5, -1.0]), np.array([[1.0, 2.0, -0.5]]), np.arange(6.0).reshape(3, 2) - 2)),
    ),
)
clone = Primitive(
    name="clone",
    forward=lambda x: 1 * x,
    vjps=(lambda g, _y, _x: g,),
    tex="@0",
    formulas=("@g",),
    samples=(Sample((np.array([0.5, -1.0]),)),),
)

KNOWN: Final[Mapping[str, Primitive]] = {**{extra.name: extra for extra in (addmm, clone)}, **PRIMITIVES}
"""All operations that can be run again."""

_RESHAPING: Final = frozenset({"reshape", "flatten", "squeeze", "expand_dims"})


def forward(node: Node, operands: Sequence[Value]) -> Value:
    """Run the operation of a node, which is a known one, on other operands."""
    if node.op in _RESHAPING:
        return np.reshape(operands[0], node.shape)
    if node.op == "broadcast_to":
        return np.broadcast_to(operands[0], node.shape)
    return KNOWN[node.op].forward(*operands, **(node.keywords or {}))
