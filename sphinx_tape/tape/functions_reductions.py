"""Public functions of the reductions.

Layer `tape`. One typed function per operation, under NumPy's name where NumPy has one.
Read next: `tape.py`, whose `apply` they call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_tape.tape.tape import apply

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Axis
    from sphinx_tape.tape.variable import Operand, Variable

__all__ = ["sum"]


def sum(x: Operand, axis: Axis = None, *, keepdims: bool = False) -> Variable:  # noqa: A001 -- NumPy's name
    """Sum over axes (None: all)."""
    return apply("sum", x, axis=axis, keepdims=keepdims)
