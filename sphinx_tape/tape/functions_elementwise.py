"""Public functions: arithmetic, exponentials and trigonometry, element by element.

Layer `tape`. One typed function per operation, under NumPy's name where NumPy has one.
Read next: `tape.py`, whose `apply` and `unary` they call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_tape.tape.tape import apply, unary

if TYPE_CHECKING:
    from sphinx_tape.tape.variable import Operand, Variable

__all__ = [
    "abs",
    "absolute",
    "add",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "cos",
    "cosh",
    "divide",
    "exp",
    "expm1",
    "hypot",
    "log",
    "log1p",
    "logaddexp",
    "multiply",
    "negative",
    "power",
    "reciprocal",
    "safe_log",
    "scale",
    "sin",
    "sinh",
    "sqrt",
    "square",
    "subtract",
    "tan",
    "tanh",
]


def add(a: Operand, b: Operand) -> Variable:
    """Sum, with broadcasting."""
    return apply("add", a, b)


def subtract(a: Operand, b: Operand) -> Variable:
    """Difference, with broadcasting."""
    return apply("sub", a, b)


def multiply(a: Operand, b: Operand) -> Variable:
    """Product element by element, with broadcasting."""
    return apply("mul", a, b)


def divide(a: Operand, b: Operand) -> Variable:
    """Quotient, with broadcasting."""
    return apply("div", a, b)


def negative(x: Operand) -> Variable:
    """Opposite number."""
    return unary("neg", x)


def scale(x: Operand, factor: float) -> Variable:
    """Multiply by a plain number, which gets no node of its own."""
    return apply("scale", x, factor=factor)


def reciprocal(x: Operand) -> Variable:
    """One divided by each element."""
    return unary("reciprocal", x)


def power(x: Operand, p: Operand) -> Variable:
    """Raise each element to a power."""
    return apply("power", x, p)


def square(x: Operand) -> Variable:
    """Square of each element."""
    return unary("square", x)


def sqrt(x: Operand) -> Variable:
    """Square root of each element."""
    return unary("sqrt", x)


def absolute(x: Operand) -> Variable:
    """Absolute value of each element; 0 has the derivative 0."""
    return unary("abs", x)


def hypot(a: Operand, b: Operand) -> Variable:
    """Length of the hypotenuse over two legs."""
    return apply("hypot", a, b)


def exp(x: Operand) -> Variable:
    """Exponential of each element."""
    return unary("exp", x)


def expm1(x: Operand) -> Variable:
    """Exponential minus one, accurate near 0."""
    return unary("expm1", x)


def log(x: Operand) -> Variable:
    """Natural logarithm of each element."""
    return unary("log", x)


def log1p(x: Operand) -> Variable:
    """Natural logarithm of one plus each element, accurate near 0."""
    return unary("log1p", x)


def safe_log(x: Operand, *, eps: float = 1e-12) -> Variable:
    """Natural logarithm of the greater of each element and `eps`."""
    return apply("safe_log", x, eps=eps)


def logaddexp(a: Operand, b: Operand) -> Variable:
    """Logarithm of the sum of two exponentials, without overflow."""
    return apply("logaddexp", a, b)


def sin(x: Operand) -> Variable:
    """Sine; angles in radians."""
    return unary("sin", x)


def cos(x: Operand) -> Variable:
    """Cosine; angles in radians."""
    return unary("cos", x)


def tan(x: Operand) -> Variable:
    """Tangent; angles in radians."""
    return unary("tan", x)


def arcsin(x: Operand) -> Variable:
    """Inverse sine, in radians."""
    return unary("arcsin", x)


def arccos(x: Operand) -> Variable:
    """Inverse cosine, in radians."""
    return unary("arccos", x)


def arctan(x: Operand) -> Variable:
    """Inverse tangent, in radians."""
    return unary("arctan", x)


def arctan2(a: Operand, b: Operand) -> Variable:
    """Angle of the point (b, a), in radians."""
    return apply("arctan2", a, b)


def sinh(x: Operand) -> Variable:
    """Hyperbolic sine."""
    return unary("sinh", x)


def cosh(x: Operand) -> Variable:
    """Hyperbolic cosine."""
    return unary("cosh", x)


def tanh(x: Operand) -> Variable:
    """Hyperbolic tangent."""
    return unary("tanh", x)


def arcsinh(x: Operand) -> Variable:
    """Inverse hyperbolic sine."""
    return unary("arcsinh", x)


def arccosh(x: Operand) -> Variable:
    """Inverse hyperbolic cosine."""
    return unary("arccosh", x)


def arctanh(x: Operand) -> Variable:
    """Inverse hyperbolic tangent."""
    return unary("arctanh", x)


abs = absolute  # noqa: A001 -- NumPy's name
"""NumPy's short name of `absolute`."""
