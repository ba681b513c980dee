"""Public functions of linear algebra.

Layer `tape`. One typed function per operation, under NumPy's name where NumPy has one.
Read next: `tape.py`, whose `apply` and `unary` they call.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sphinx_tape.errors import OperandError
from sphinx_tape.tape.einsum import expand_subscripts
from sphinx_tape.tape.tape import apply, unary
from sphinx_tape.tape.variable import Operand, Variable

__all__ = [
    "batched_matmul",
    "det",
    "dot",
    "einsum",
    "inner",
    "inverse",
    "linear",
    "log_det",
    "matmul",
    "outer",
    "solve",
    "tensordot",
    "trace",
]


def rank_of(operand: Operand) -> int:
    """Return the number of axes of a variable, a number or an array."""
    return operand.ndim if isinstance(operand, Variable) else np.asarray(operand).ndim


def matmul(a: Operand, b: Operand) -> Variable:
    """Matrix product of the last two axes, with all of NumPy's rules for vectors and stacks."""
    return apply("matmul", a, b)


def batched_matmul(a: Operand, b: Operand) -> Variable:
    """Matrix products of two equally long stacks of matrices, (batch, n, k) and (batch, k, m).

    Raises:
        OperandError: An operand is no stack of matrices.
    """
    ranks = rank_of(a), rank_of(b)
    if ranks != (3, 3):
        message = (
            f"operands of batched_matmul must have the axes (batch, rows, columns) (got {ranks[0]} and "
            f"{ranks[1]} axes); use matmul for single matrices"
        )
        raise OperandError(message)
    return apply("batched_matmul", a, b)


def linear(x: Operand, weight: Operand, bias: Operand | None = None) -> Variable:
    """Affine layer `x weight^T + bias` for x (..., in), weight (out, in), bias (out).

    Without a bias it is a `transpose` and a `matmul`.
    """
    if bias is None:
        turned = apply("transpose", weight) if isinstance(weight, Variable) else np.asarray(weight).T
        return apply("matmul", x, turned)
    return apply("linear", x, weight, bias)


def outer(a: Operand, b: Operand) -> Variable:
    """Products of all elements of a with all elements of b, shape (size of a, size of b)."""
    return apply("outer", a, b)


def tensordot(a: Operand, b: Operand, axes: int | Sequence[int | Sequence[int]] = 2) -> Variable:
    """Sum of products over the named axes of a and b (an int: the last of a, the first of b)."""
    pairs = axes if isinstance(axes, int) else tuple(tuple(np.atleast_1d(part).tolist()) for part in axes)
    return apply("tensordot", a, b, axes=pairs)


def dot(a: Operand, b: Operand) -> Variable:
    """NumPy's `dot`: product of scalars, of vectors, of matrices, or over last and last-but-one axes."""
    ranks = rank_of(a), rank_of(b)
    if 0 in ranks:
        return apply("mul", a, b)
    if ranks[1] == 1 or max(ranks) == 2:
        return apply("matmul", a, b)
    return apply("tensordot", a, b, axes=((-1,), (-2,)))


def inner(a: Operand, b: Operand) -> Variable:
    """Sum of products over the last axes of both."""
    if 0 in (rank_of(a), rank_of(b)):
        return apply("mul", a, b)
    return apply("tensordot", a, b, axes=((-1,), (-1,)))


def trace(x: Operand) -> Variable:
    """Sum of the main diagonal of a matrix."""
    return unary("trace", x)


def solve(a: Operand, b: Operand) -> Variable:
    """Solution x of `a x = b` for square a; b is a vector or a (stack of) matrices of columns."""
    return apply("solve", a, b)


def inverse(a: Operand) -> Variable:
    """Inverse matrix; `reciprocal` is that of each element."""
    return apply("inverse", a)


def det(a: Operand) -> Variable:
    """Determinant of square matrices."""
    return apply("det", a)


def log_det(a: Operand) -> Variable:
    """Logarithm of the absolute value of the determinant, without overflow."""
    return apply("log_det", a)


def einsum(subscripts: str, *operands: Operand) -> Variable:
    """Sum of products written as subscripts, such as `ij,jk->ik`.

    Implicit results, `...` and repeated indices are understood; lists of numbers instead of the string
    are not.

    Raises:
        OperandError: The subscripts are no string or do not fit the operands.
    """
    expand_subscripts(subscripts, tuple(map(rank_of, operands)))
    return apply("einsum", *operands, subscripts=subscripts)
