"""Operations of other frameworks that can be run again, though no tape of ours records them.

Layer `tape`. They are primitives like those of THE table, and checked like them, but nobody can call them.
A shape that a framework did not tell us, or calls by another word, is that of the value it made.
Read next: `replay.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
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

EXTRAS: Final[Mapping[str, Primitive]] = {extra.name: extra for extra in (addmm, clone)}
_SIGNS: Final = {"+": "add", "*": "mul", "-": "sub", "/": "div"}
_POWER: Final = re.compile(r"\*\*(-?[0-9]+(?:\.[0-9]+)?)")
_RESHAPING: Final = frozenset({"reshape", "flatten", "squeeze", "expand_dims"})


@cache
def _power(exponent: float) -> Primitive:
    """Return the power with a fixed exponent, which small engines write into the name: `**3`."""
    return Primitive(
        name=f"**{exponent:g}",
        forward=lambda x: x**exponent,
        vjps=(lambda g, _y, x: g * exponent * x ** (exponent - 1),),
        tex=f"{{@0}}^{{{exponent:g}}}",
        formulas=(f"@g \\cdot {exponent:g} \\cdot {{@0}}^{{{exponent - 1:g}}}",),
        samples=(Sample((np.array([0.5, 2.0]),)),),
    )


def primitive_of(node: Node) -> Primitive | None:
    """Return what a node claims to be, by its name; whether it is, its value shows.

    An operation that was not found to be the table's bears the framework's name before its own, or is
    written as a sign: just then there may be something wrong with it.
    """
    op = _SIGNS.get(node.op, node.op)
    power = _POWER.fullmatch(op)
    if power is not None:
        return _power(float(power[1]))
    return PRIMITIVES.get(op) or EXTRAS.get(op) or PRIMITIVES.get(op.rpartition(".")[2])


def forward(primitive: Primitive, node: Node, operands: Sequence[Value]) -> Value:
    """Run the operation of a node on other operands."""
    if primitive.name in _RESHAPING:
        return np.reshape(operands[0], node.shape)
    if primitive.name == "broadcast_to":
        return np.broadcast_to(operands[0], node.shape)
    return primitive.forward(*operands, **(node.keywords or {}))
