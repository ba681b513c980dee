"""Primitives that join several arrays into one: concatenate and stack.

Layer `tape`. Each operand receives the part of the cotangent at the place where it was put.
Taking an array apart needs no primitive of its own: `split` is a row of `getitem` (`indexing.py`).
Read next: `indexing.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sphinx_tape.tape.primitive import Primitive, Sample

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Value


def _concatenate(*operands: Value, axis: int | None = 0) -> Value:
    return np.concatenate(operands, axis=axis)


def _concatenate_rule(g: Value, _out: Value, *operands: Value, position: int, axis: int | None = 0) -> Value:
    sizes = [np.size(operand) if axis is None else np.shape(operand)[axis] for operand in operands]
    start = sum(sizes[:position])
    part = slice(start, start + sizes[position])
    if axis is None:
        return np.reshape(g[part], np.shape(operands[position]))
    return g[(slice(None),) * (axis % np.ndim(g)) + (part,)]


def _stack(*operands: Value, axis: int = 0) -> Value:
    return np.stack(operands, axis=axis)


def _stack_rule(g: Value, _out: Value, *_operands: Value, position: int, axis: int = 0) -> Value:
    return g[(slice(None),) * (axis % np.ndim(g)) + (position,)]


_X = np.array([[0.5, -1.25, 2.0], [1.5, 0.25, -0.75]])
_Y = np.array([[1.0, -0.5, 0.25]])

concatenate = Primitive(
    name="concatenate",
    forward=_concatenate,
    vjps=(_concatenate_rule,),
    tex=r"\left[@0; @1; \ldots\right]",
    formulas=(r"@g_{\text{its part}}",),
    samples=(
        Sample((_X, _Y, _X + 1.0)),
        Sample((_X, _X[:, :1]), {"axis": -1}),
        Sample((_X, _Y[0]), {"axis": None}),
        Sample((_Y,)),
    ),
    variadic=True,
)
stack = Primitive(
    name="stack",
    forward=_stack,
    vjps=(_stack_rule,),
    tex=r"\left[@0, @1, \ldots\right]",
    formulas=(r"@g_{\text{its part}}",),
    samples=(Sample((_X, _X + 1.0)), Sample((_X, _X * 2.0, -_X), {"axis": -1}), Sample((0.5, 1.5))),
    variadic=True,
)

PRIMITIVES = (concatenate, stack)
