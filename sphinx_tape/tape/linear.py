"""Primitives of linear algebra: products of vectors, matrices and stacks of matrices.

Layer `tape`. Reads and makes `Primitive` entries. The rules are those of a bilinear map: each operand
receives the cotangent contracted with the other operand (Giles 2008, "Collected matrix derivative
results for forward and reverse mode algorithmic differentiation", section 2.2.2).
Read next: `einsum.py`, which states the same idea for any subscripts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sphinx_tape.errors import OperandError
from sphinx_tape.tape.primitive import Primitive, Sample

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Value


def _matmul_left(g: Value, _out: Value, a: Value, b: Value) -> Value:
    """Contribution of the first factor, `g b^T`; leading axes may still be those of `out`."""
    if np.ndim(a) == 2 and np.ndim(b) == 2:
        return g @ b.T
    if np.ndim(b) == 1:
        return np.multiply.outer(g, b) if np.ndim(a) > 1 else g * b
    if np.ndim(a) == 1:
        return (b @ g[..., :, None])[..., 0]
    return g @ np.swapaxes(b, -1, -2)


def _matmul_right(g: Value, _out: Value, a: Value, b: Value) -> Value:
    """Contribution of the second factor, `a^T g`; leading axes may still be those of `out`."""
    if np.ndim(a) == 2 and np.ndim(b) == 2:
        return a.T @ g
    if np.ndim(a) == 1:
        return a[:, None] * g[..., None, :] if np.ndim(b) > 1 else g * a
    if np.ndim(b) == 1:
        return np.tensordot(g, a, axes=np.ndim(g))
    if np.ndim(b) == 2:
        # One product over all leading axes at once instead of one per matrix and a sum.
        return a.reshape(-1, a.shape[-1]).T @ g.reshape(-1, g.shape[-1])
    return np.swapaxes(a, -1, -2) @ g


def _linear(x: Value, weight: Value, bias: Value) -> Value:
    """Return `x weight^T + bias` for x (..., in), weight (out, in), bias (out)."""
    product = x @ weight.T
    if bias.ndim == 1 and product.ndim and product.dtype == bias.dtype:
        product += bias  # into the new array: one of that size less
        return product
    return product + bias


def _linear_weight(g: Value, _out: Value, x: Value, _weight: Value, _bias: Value) -> Value:
    if x.ndim == 2:
        return g.T @ x
    return g.reshape(-1, g.shape[-1]).T @ x.reshape(-1, x.shape[-1]) if x.ndim > 1 else np.outer(g, x)


def _linear_bias(g: Value, _out: Value, _x: Value, _weight: Value, bias: Value) -> Value:
    # The engine would sum as well, but must first find out over which axes.
    return np.add.reduce(g) if g.ndim == 2 and bias.ndim == 1 else g


def _tensordot_axes(axes: Value, rank_a: int, rank_b: int) -> tuple[list[int], list[int]]:
    """Return the summed axes of both factors as non-negative numbers, in matching order."""
    if isinstance(axes, int):
        return list(range(rank_a - axes, rank_a)), list(range(axes))
    first, second = (np.atleast_1d(part).tolist() for part in axes)
    return [axis % rank_a for axis in first], [axis % rank_b for axis in second]


def _tensordot_left(g: Value, _out: Value, a: Value, b: Value, axes: Value = 2) -> Value:
    summed_a, summed_b = _tensordot_axes(axes, np.ndim(a), np.ndim(b))
    free_a = [axis for axis in range(np.ndim(a)) if axis not in summed_a]
    free_b = [axis for axis in range(np.ndim(b)) if axis not in summed_b]
    product = np.tensordot(g, b, axes=(list(range(len(free_a), np.ndim(g))), free_b))
    # The product's axes: a's free ones, then the summed ones in b's order.
    matching = [summed_a[summed_b.index(axis)] for axis in sorted(summed_b)]
    return np.transpose(product, np.argsort(free_a + matching))


def _tensordot_right(g: Value, _out: Value, a: Value, b: Value, axes: Value = 2) -> Value:
    summed_a, summed_b = _tensordot_axes(axes, np.ndim(a), np.ndim(b))
    free_a = [axis for axis in range(np.ndim(a)) if axis not in summed_a]
    free_b = [axis for axis in range(np.ndim(b)) if axis not in summed_b]
    product = np.tensordot(a, g, axes=(free_a, list(range(len(free_a)))))
    matching = [summed_b[summed_a.index(axis)] for axis in sorted(summed_a)]
    return np.transpose(product, np.argsort(matching + free_b))


def _trace(x: Value) -> Value:
    if np.ndim(x) != 2:
        msg = (
            f"operand of trace must be a matrix (got shape {np.shape(x)}); "
            "write einsum('...ii', x) for a stack"
        )
        raise OperandError(msg)
    return np.trace(x)


def _trace_rule(g: Value, _out: Value, x: Value) -> Value:
    return g * np.eye(*np.shape(x), dtype=np.asarray(g).dtype)


_A = np.array([[0.5, -1.25, 2.0], [1.5, 0.25, -0.75]])
_B = np.array([[1.0, -0.5, 0.25, 2.0], [-1.5, 0.75, 1.25, -0.25], [0.5, 1.75, -2.0, 1.0]])
_X = np.array([0.5, -1.5, 2.0])
_STACK_A = np.array([[[0.5, -1.0], [1.5, 2.0]], [[-0.25, 0.75], [1.0, -2.0]], [[1.0, 0.5], [0.25, 3.0]]])
_STACK_B = np.array([[[1.0, 2.0, -1.0], [0.5, -0.5, 1.5]]])
_BIAS = np.array([0.1, -0.2])

matmul = Primitive(
    name="matmul",
    forward=np.matmul,
    vjps=(_matmul_left, _matmul_right),
    tex=r"@0 \, @1",
    formulas=(r"@g \, @1^{\top}", r"@0^{\top} \, @g"),
    samples=(
        Sample((_A, _B)),
        Sample((_X, _B)),
        Sample((_A, _X)),
        Sample((_X, _X + 1.0)),
        Sample((_STACK_A, _STACK_B)),
        Sample((_STACK_A, _STACK_B[0])),
        Sample((_STACK_A, _BIAS)),
        Sample((_BIAS, _STACK_A)),
        Sample((_STACK_A[:, None], _STACK_B)),
    ),
    note="A vector counts as a row on the left and as a column on the right.",
    kink=lambda _out, a, b: np.ndim(a) == 1 or np.ndim(b) == 1,
)
batched_matmul = Primitive(
    name="batched_matmul",
    forward=np.matmul,
    vjps=(_matmul_left, _matmul_right),
    tex=r"@0_{b} \, @1_{b}",
    formulas=(r"@g_{b} \, @1_{b}^{\top}", r"@0_{b}^{\top} \, @g_{b}"),
    samples=(Sample((_STACK_A, np.concatenate([_STACK_B, _STACK_B + 1.0, _STACK_B * 2.0]))),),
)
linear = Primitive(
    name="linear",
    forward=_linear,
    vjps=(lambda g, _out, _x, weight, _bias: g @ weight, _linear_weight, _linear_bias),
    tex=r"@0 \, @1^{\top} + @2",
    formulas=(r"@g \, @1", r"@g^{\top} \, @0", r"\sum_{\text{batch}} @g"),
    samples=(
        Sample((_B.T, _A, _BIAS)),
        Sample((_X, _A, _BIAS)),
        Sample((np.stack([_B.T, _B.T + 1.0]), _A, _BIAS)),
    ),
)
outer = Primitive(
    name="outer",
    forward=np.outer,
    vjps=(
        lambda g, _out, a, b: (g @ np.ravel(b)).reshape(np.shape(a)),
        lambda g, _out, a, b: (np.ravel(a) @ g).reshape(np.shape(b)),
    ),
    tex=r"@0 \, @1^{\top}",
    formulas=(r"@g \, @1", r"@g^{\top} \, @0"),
    samples=(Sample((_X, _BIAS)), Sample((_A, _BIAS))),
)
tensordot = Primitive(
    name="tensordot",
    forward=np.tensordot,
    vjps=(_tensordot_left, _tensordot_right),
    tex=r"\sum_{@{axes}} @0 \, @1",
    formulas=(r"\sum @g \, @1", r"\sum @0 \, @g"),
    samples=(
        Sample((_A, _B), {"axes": 1}),
        Sample((_STACK_A, _STACK_A + 0.5), {"axes": ((2, 0), (1, 0))}),
        Sample((_STACK_A, _STACK_B), {"axes": ((-1,), (-2,))}),
        Sample((_X, _BIAS), {"axes": 0}),
    ),
)
trace = Primitive(
    name="trace",
    forward=_trace,
    vjps=(_trace_rule,),
    tex=r"\operatorname{tr} @0",
    formulas=(r"@g \, I",),
    samples=(Sample((_B[:, :3],)), Sample((_B,))),
)

PRIMITIVES = (matmul, batched_matmul, linear, outer, tensordot, trace)
