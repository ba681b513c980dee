"""Public functions: activations, selection, comparison and conversion, element by element.

Layer `tape`. One typed function per operation, under NumPy's name where NumPy has one.
Read next: `tape.py`, whose `apply` and `unary` they call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sphinx_tape.tape.tape import apply, unary

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

    from sphinx_tape.tape.variable import Operand, Variable

__all__ = [
    "cast",
    "ceil",
    "clamp",
    "clip",
    "conjugate",
    "detach",
    "elu",
    "equal",
    "erf",
    "floor",
    "gelu",
    "greater",
    "greater_equal",
    "imag",
    "leaky_relu",
    "less",
    "less_equal",
    "maximum",
    "minimum",
    "not_equal",
    "real",
    "relu",
    "rint",
    "round",
    "sigmoid",
    "sign",
    "silu",
    "softplus",
    "where",
]


def sigmoid(x: Operand) -> Variable:
    """Logistic function."""
    return unary("sigmoid", x)


def softplus(x: Operand) -> Variable:
    """Smooth form of the positive part: ln(1 + exp x)."""
    return unary("softplus", x)


def relu(x: Operand) -> Variable:
    """Positive part; 0 has the derivative 0."""
    return unary("relu", x)


def leaky_relu(x: Operand, *, slope: float = 0.01) -> Variable:
    """Positive part plus `slope` times the negative part."""
    return apply("leaky_relu", x, slope=slope)


def elu(x: Operand, *, alpha: float = 1.0) -> Variable:
    """Exponential linear unit."""
    return apply("elu", x, alpha=alpha)


def silu(x: Operand) -> Variable:
    """Sigmoid linear unit: x sigmoid(x)."""
    return unary("silu", x)


def gelu(x: Operand, *, approximate: bool = False) -> Variable:
    """Gaussian error linear unit: x times the normal distribution function, or its tanh form."""
    return apply("gelu_tanh" if approximate else "gelu", x)


def erf(x: Operand) -> Variable:
    """Error function."""
    return unary("erf", x)


def maximum(a: Operand, b: Operand) -> Variable:
    """Greater of two elements; a tie gives each half of the gradient."""
    return apply("maximum", a, b)


def minimum(a: Operand, b: Operand) -> Variable:
    """Smaller of two elements; a tie gives each half of the gradient."""
    return apply("minimum", a, b)


def clip(x: Operand, low: float | None = None, high: float | None = None) -> Variable:
    """Hold each element between two bounds (None: unbounded)."""
    return apply("clip", x, low=low, high=high)


def where(condition: Operand, a: Operand, b: Operand) -> Variable:
    """Take elements of `a` where the condition holds, of `b` elsewhere."""
    return apply("where", condition, a, b)


def sign(x: Operand) -> Variable:
    """Sign of each element: -1, 0 or 1; not differentiable."""
    return unary("sign", x)


def floor(x: Operand) -> Variable:
    """Greatest integer not above each element; not differentiable."""
    return unary("floor", x)


def ceil(x: Operand) -> Variable:
    """Smallest integer not below each element; not differentiable."""
    return unary("ceil", x)


def round(x: Operand) -> Variable:  # noqa: A001 -- NumPy's name
    """Nearest integer, the even one of two; not differentiable."""
    return unary("round", x)


def less(a: Operand, b: Operand) -> Variable:
    """Whether a < b; not differentiable."""
    return apply("less", a, b)


def less_equal(a: Operand, b: Operand) -> Variable:
    """Whether a <= b; not differentiable."""
    return apply("less_equal", a, b)


def greater(a: Operand, b: Operand) -> Variable:
    """Whether a > b; not differentiable."""
    return apply("greater", a, b)


def greater_equal(a: Operand, b: Operand) -> Variable:
    """Whether a >= b; not differentiable."""
    return apply("greater_equal", a, b)


def equal(a: Operand, b: Operand) -> Variable:
    """Whether a = b; not differentiable."""
    return apply("equal", a, b)


def not_equal(a: Operand, b: Operand) -> Variable:
    """Whether a and b differ; not differentiable."""
    return apply("not_equal", a, b)


def real(x: Operand) -> Variable:
    """Real part."""
    return unary("real", x)


def imag(x: Operand) -> Variable:
    """Imaginary part."""
    return unary("imag", x)


def conjugate(x: Operand) -> Variable:
    """Complex conjugate."""
    return unary("conjugate", x)


def cast(x: Operand, dtype: DTypeLike) -> Variable:
    """Convert the elements to another type."""
    return apply("cast", x, dtype=np.dtype(dtype))


def detach(x: Operand) -> Variable:
    """The same value with no gradient behind it."""
    return unary("detach", x)


clamp = clip
"""PyTorch's name of `clip`."""

rint = round
"""Name of NumPy's elementwise function for `round`."""
