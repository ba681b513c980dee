"""Public functions of the elementwise families.

Layer `tape`. One typed function per operation, under NumPy's name where NumPy has one.
Read next: `tape.py`, whose `apply` they call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_tape.tape.tape import apply

if TYPE_CHECKING:
    from sphinx_tape.tape.variable import Operand, Variable

__all__ = ["add", "exp", "log"]


def add(a: Operand, b: Operand) -> Variable:
    """Sum, elementwise with broadcasting."""
    return apply("add", a, b)


def exp(x: Operand) -> Variable:
    """Exponential, elementwise."""
    return apply("exp", x)


def log(x: Operand) -> Variable:
    """Natural logarithm, elementwise."""
    return apply("log", x)
