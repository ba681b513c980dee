"""Public functions: reductions over axes (None: all of them), and running sums.

Layer `tape`. One typed function per operation, under NumPy's name where NumPy has one.
Read next: `tape.py`, whose `apply` they call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_tape.tape.tape import apply

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Axis
    from sphinx_tape.tape.variable import Operand, Variable

__all__ = [
    "amax",
    "amin",
    "cumsum",
    "logsumexp",
    "max",
    "mean",
    "min",
    "norm",
    "prod",
    "std",
    "sum",
    "var",
]


def sum(x: Operand, axis: Axis = None, *, keepdims: bool = False) -> Variable:  # noqa: A001 -- NumPy's name
    """Sum of the elements."""
    return apply("sum", x, axis=axis, keepdims=keepdims)


def mean(x: Operand, axis: Axis = None, *, keepdims: bool = False) -> Variable:
    """Mean of the elements."""
    return apply("mean", x, axis=axis, keepdims=keepdims)


def prod(x: Operand, axis: Axis = None, *, keepdims: bool = False) -> Variable:
    """Product of the elements."""
    return apply("prod", x, axis=axis, keepdims=keepdims)


def max(x: Operand, axis: Axis = None, *, keepdims: bool = False) -> Variable:  # noqa: A001 -- NumPy's name
    """Largest element; ties share the gradient evenly."""
    return apply("max", x, axis=axis, keepdims=keepdims)


def min(x: Operand, axis: Axis = None, *, keepdims: bool = False) -> Variable:  # noqa: A001 -- NumPy's name
    """Smallest element; ties share the gradient evenly."""
    return apply("min", x, axis=axis, keepdims=keepdims)


def var(x: Operand, axis: Axis = None, *, keepdims: bool = False, ddof: int = 0) -> Variable:
    """Variance: mean squared deviation, with divisor n - ddof."""
    return apply("var", x, axis=axis, keepdims=keepdims, ddof=ddof)


def std(x: Operand, axis: Axis = None, *, keepdims: bool = False, ddof: int = 0) -> Variable:
    """Standard deviation: square root of the variance."""
    return apply("std", x, axis=axis, keepdims=keepdims, ddof=ddof)


def norm(x: Operand, axis: Axis = None, *, keepdims: bool = False) -> Variable:
    """Euclidean length."""
    return apply("norm", x, axis=axis, keepdims=keepdims)


def logsumexp(x: Operand, axis: Axis = None, *, keepdims: bool = False) -> Variable:
    """Logarithm of the sum of exponentials, without overflow."""
    return apply("logsumexp", x, axis=axis, keepdims=keepdims)


def cumsum(x: Operand, axis: int | None = None) -> Variable:
    """Running sums along an axis; None: of all elements in row-major order, as NumPy has it."""
    return apply("cumsum", x, axis=axis)


amax = max
"""NumPy's other name of `max`."""


amin = min
"""NumPy's other name of `min`."""
