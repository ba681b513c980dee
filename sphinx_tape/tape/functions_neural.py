"""Public functions of network layers that act along an axis.

Layer `tape`. One typed function per operation.
Read next: `tape.py`, whose `apply` they call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sphinx_tape.tape.tape import apply
from sphinx_tape.tape.variable import Operand, Variable

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from sphinx_tape.tape.node import Axis

__all__ = ["dropout", "log_softmax", "smooth_max", "softmax"]


def softmax(x: Operand, axis: Axis = -1) -> Variable:
    """Exponentials normalised to sum 1 over axes (None: all)."""
    return apply("softmax", x, axis=axis)


def log_softmax(x: Operand, axis: Axis = -1) -> Variable:
    """Logarithm of the softmax, without overflow."""
    return apply("log_softmax", x, axis=axis)


def smooth_max(x: Operand, axis: Axis = -1, temperature: float = 1.0, *, keepdims: bool = False) -> Variable:
    """Differentiable maximum `T log sum exp(x / T)` over axes (None: all)."""
    return apply("smooth_max", x, axis=axis, temperature=temperature, keepdims=keepdims)


def dropout(x: Operand, mask: Variable | ArrayLike, rate: float = 0.5) -> Variable:
    """Elements where the mask is 0 dropped, the others divided by `1 - rate`.

    The mask is given, not drawn here: a figure must be the same in every build.
    """
    return apply("dropout", x, mask if isinstance(mask, Variable) else np.asarray(mask), rate=rate)
