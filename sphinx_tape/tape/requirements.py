"""What an operation demands of its operands beyond their shapes, refused in one form of words.

Layer `tape`. Forwards call these first.
Read next: `indexing.py`, `neural.py`, which do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sphinx_tape.errors import OperandError

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Value


def require_integers(indices: Value, operation: str) -> Value:
    """Return the indices as an array.

    Raises:
        OperandError: An index is not an integer.
    """
    array = np.asarray(indices)
    if array.dtype.kind not in "iu":
        msg = (
            f"indices of {operation} must be integers (got element type {array.dtype}); "
            "convert them with astype(int)"
        )
        raise OperandError(msg)
    return array


def require_real(operation: str, *operands: Value) -> None:
    """Refuse complex operands where an order or a sign is needed.

    Raises:
        OperandError: An operand is complex.
    """
    for operand in operands:
        if np.asarray(operand).dtype.kind == "c":
            msg = (
                f"operands of {operation} must be real (got complex elements); "
                "take the real part, or the absolute value, first"
            )
            raise OperandError(msg)


def require_temperature(temperature: float, operation: str) -> None:
    """Refuse a temperature that has no logarithmic sum.

    Raises:
        OperandError: The temperature is not positive.
    """
    if not temperature > 0:
        msg = (
            f"temperature of {operation} must be positive (got {temperature}); small values come close to max"
        )
        raise OperandError(msg)
