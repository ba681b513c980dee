"""Primitives on square matrices as a whole: linear systems, inverse, determinant.

Layer `tape`. Leading axes are a batch. The rules are those of Giles 2008, "Collected matrix derivative
results for forward and reverse mode algorithmic differentiation", sections 2.2.2 to 2.2.4; like all rules
they are written without conjugates.
Read next: `einsum.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sphinx_tape.errors import OperandError
from sphinx_tape.tape.primitive import Primitive, Sample

if TYPE_CHECKING:
    from collections.abc import Callable

    from sphinx_tape.tape.node import Value


def _widened(operation: Callable[..., Value], *operands: Value) -> Value:
    """Run a routine of LAPACK, which knows no half precision, and come back to the operands' type.

    Raises:
        OperandError: The elements are exact, which LAPACK does not know either.
    """
    dtype = np.result_type(*operands)
    if dtype.kind == "O":
        msg = (
            "operands of solve, inverse and determinants must be floating or complex (got exact elements); "
            "convert them with astype(float), or write the elimination out"
        )
        raise OperandError(msg)
    if dtype != np.float16:
        return operation(*operands)
    return operation(*(np.asarray(operand, dtype=np.float32) for operand in operands)).astype(dtype)


def _turned(matrix: Value) -> Value:
    return np.swapaxes(matrix, -1, -2)


def _solve(a: Value, b: Value) -> Value:
    """Return x with `a x = b`; b is one vector or a (stack of) matrices of columns."""
    if np.ndim(b) == 1:
        return _solve(a, b[:, None])[..., 0]
    # NumPy 1 takes a matrix for a stack of vectors where it has one axis less than a.
    batch = np.broadcast_shapes(np.shape(a)[:-2], np.shape(b)[:-2])
    return _widened(np.linalg.solve, a, np.broadcast_to(b, (*batch, *np.shape(b)[-2:])))


def _solve_right(g: Value, _out: Value, a: Value, b: Value) -> Value:
    """Contribution of the right-hand side: the transposed system with the cotangent."""
    if np.ndim(b) == 1:
        return _solve(_turned(a), g[..., None])[..., 0]
    return _solve(_turned(a), g)


def _solve_matrix(g: Value, out: Value, a: Value, b: Value) -> Value:
    right = _solve_right(g, out, a, b)
    if np.ndim(b) == 1:
        return -right[..., :, None] * out[..., None, :]
    return -right @ _turned(out)


def _inverse(a: Value) -> Value:
    return _widened(np.linalg.inv, a)


def _det(a: Value) -> Value:
    return _widened(np.linalg.det, a)


def _log_det(a: Value) -> Value:
    """Return log |det a|, which does not overflow where the determinant does."""
    return _widened(lambda matrix: np.linalg.slogdet(matrix)[1], a)


def _det_rule(g: Value, out: Value, a: Value) -> Value:
    return (g * out)[..., None, None] * _turned(_inverse(a))


def _log_det_rule(g: Value, _out: Value, a: Value) -> Value:
    return np.asarray(g)[..., None, None] * _turned(_inverse(a))


_A = np.array([[2.0, -0.5, 0.25], [0.5, 1.5, -0.75], [-0.25, 0.5, 1.75]])
_B = np.array([[1.0, -2.0], [0.5, 0.25], [-1.5, 1.0]])
_STACK = np.stack([_A, _A.T + 0.5])
_SQUARE = (Sample((_A,)), Sample((_STACK,)))

solve = Primitive(
    name="solve",
    forward=_solve,
    vjps=(_solve_matrix, _solve_right),
    tex=r"{@0}^{-1} @1",
    formulas=(r"-\left({@0}^{-\top} @g\right) {@y}^{\top}", r"{@0}^{-\top} @g"),
    samples=(
        Sample((_A, _B)),
        Sample((_A, _B[:, 0])),
        Sample((_STACK, _B)),
        Sample((_STACK, _B[:, 1])),
        Sample((_A, np.stack([_B, _B + 1.0]))),
    ),
)
inverse = Primitive(
    name="inverse",
    forward=_inverse,
    vjps=(lambda g, out, _a: -_turned(out) @ g @ _turned(out),),
    tex=r"{@0}^{-1}",
    formulas=(r"-{@y}^{\top} @g {@y}^{\top}",),
    samples=_SQUARE,
)
det = Primitive(
    name="det",
    forward=_det,
    vjps=(_det_rule,),
    tex=r"\det @0",
    formulas=(r"@g \, @y \, {@0}^{-\top}",),
    samples=_SQUARE,
    note="At a singular matrix the rule fails, because it is written with the inverse.",
    kink=lambda out, _a: out == 0,
)
log_det = Primitive(
    name="log_det",
    forward=_log_det,
    vjps=(_log_det_rule,),
    tex=r"\log |\det @0|",
    formulas=(r"@g \, {@0}^{-\top}",),
    samples=_SQUARE,
    analytic=False,
    note="The logarithm of the absolute value; at a singular matrix the rule fails.",
    kink=lambda out, _a: ~np.isfinite(out),
)

PRIMITIVES = (solve, inverse, det, log_det)
