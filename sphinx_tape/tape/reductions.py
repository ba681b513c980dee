"""Family: reductions over axes.

Layer `tape`. Every entry takes `axis` (None: all) and `keepdims`, as NumPy does.
Read next: `primitives.py`.
"""

# ruff: noqa: ARG001 -- every rule has the flat signature (g, out, *operands, **keywords)

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sphinx_tape.tape.primitive import Primitive, Sample

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Axis, Value

_BLOCK = np.array([[0.4, -0.9, 1.6], [2.3, 1.1, -0.6]])


def spread(reduced: Value, x: Value, axis: Axis, keepdims: bool) -> Value:  # noqa: FBT001 -- positional, inside the engine only
    """Give a reduced array the axes back that were reduced, with length 1.

    Args:
        reduced: Result of a reduction of `x`.
        x: What was reduced.
        axis: Axis, axes or None, as given to the reduction.
        keepdims: Whether the axes are still there.

    Returns:
        Array that broadcasts against `x`.
    """
    if keepdims or axis is None or not np.ndim(reduced):
        return reduced
    return np.expand_dims(reduced, axis)


def _sum_rule(g: Value, y: Value, x: Value, *, axis: Axis = None, keepdims: bool = False) -> Value:
    return np.broadcast_to(spread(g, x, axis, keepdims), x.shape)


PRIMITIVES: tuple[Primitive, ...] = (
    Primitive(
        name="sum",
        forward=np.sum,
        vjps=(_sum_rule,),
        tex=r"\sum @0",
        formulas=(r"@g",),
        samples=(
            Sample((_BLOCK,)),
            Sample((_BLOCK,), {"axis": 0}),
            Sample((_BLOCK,), {"axis": -1, "keepdims": True}),
        ),
    ),
)
