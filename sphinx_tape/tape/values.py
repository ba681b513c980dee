"""Forward values: read-only copies with a known element type.

Layer `tape`. Makes arrays or NumPy scalars out of what a builder hands over; scalars are NumPy scalars,
which compute several times faster than arrays of shape (); exact scalars are object arrays of shape ().
Read next: `tape.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sphinx_tape.errors import OperandError
from sphinx_tape.tape.exact import as_object, numeric

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Value

READ_ONLY: Any = False
"""`array.setflags(READ_ONLY)`: by position, twice as fast as `write=False`, which is all that stubs know."""

_PLAIN_KINDS = "fiub"
"""Kinds of element that rules can treat as real numbers without any wrapping."""


def settled(value: Value) -> Value:
    """Make a computed value a read-only array or a NumPy scalar."""
    if type(value) is np.ndarray:
        if value.ndim or value.dtype.kind == "O":
            value.setflags(READ_ONLY)  # type: ignore[call-arg]  # stubs know keywords only
            return value
        return value[()]
    if isinstance(value, np.generic):
        return value
    array = np.asarray(value)
    if array.dtype.kind == "O" and array.ndim:
        array = as_object(value)
    return settled(array)


def is_plain(value: Value) -> bool:
    """Tell whether the elements are real machine numbers."""
    dtype = getattr(value, "dtype", None) or np.asarray(value).dtype
    return dtype.kind in _PLAIN_KINDS


def has_gradient(value: Value) -> bool:
    """Tell whether the elements can vary continuously: floating, complex or exact."""
    return type(value) is np.float64 or value.dtype.kind in "fcO"


def constant(value: Value) -> Value:
    """Copy a value of any numeric element type, read-only.

    Raises:
        OperandError: The elements are no numbers, or the rows have different lengths.
    """
    kind = type(value)
    if kind is float or kind is np.float64:
        return np.float64(value)
    if isinstance(value, np.ndarray) and not value.flags.writeable and value.base is None:
        return value if value.ndim else settled(value)  # nobody can change it any more: no copy is needed
    try:
        array = np.array(value)
    except ValueError as error:
        message = (
            f"value must be a number or a regular array (got {type(value).__name__}: {error}); pad the rows"
        )
        raise OperandError(message) from error
    if array.dtype.kind not in "fciubO" or not (array.dtype.kind != "O" or all(map(numeric, array.flat))):
        kinds = sorted({type(element).__name__ for element in array.flat})
        message = (
            f"value must be numeric (got elements of type {', '.join(kinds)}); convert it to numbers first"
        )
        raise OperandError(message)
    return settled(array)


def differentiable(value: Value) -> Value:
    """Copy a value that gradients are asked for; Python integers become float64.

    Raises:
        OperandError: The value is an array of integers or bools, which have no gradient.
    """
    kept = constant(value)
    if type(kept) is np.float64:
        return kept
    if has_gradient(kept):
        return kept
    if isinstance(value, np.ndarray | np.generic) or kept.dtype.kind == "b":
        message = (
            f"leaf must have floating, complex or exact elements (got {kept.dtype}); "
            "write value.astype(float), or tape.constant(value) if no gradient is meant"
        )
        raise OperandError(message)
    return settled(kept.astype(np.float64))


def weak_constant(operand: Value, partners: list[Any]) -> Value:
    """Copy a raw operand; a Python number takes the element type of its partners, as in NumPy 2.

    Args:
        operand: Number or array.
        partners: Forward values of the operands that are variables.
    """
    kind = type(operand)
    if kind is float or kind is int:
        partner = partners[0].dtype if len(partners) == 1 else np.result_type(*partners)
        if partner.kind == "f":
            return partner.type(operand)
        if partner.kind == "O":
            return settled(as_object(operand))
        if partner.kind in "iu" and kind is int:
            return partner.type(operand)
    if kind is complex and partners and np.result_type(*partners) == np.float32:
        return np.complex64(operand)
    return constant(operand)


NARROWS = not hasattr(np, "isdtype")
"""Whether this NumPy is older than 2, where a float32 scalar beside a Python number becomes float64."""


def narrowed(value: Value, inputs: tuple[Value, ...]) -> Value:
    """Give a computed number the element type that NumPy 2 gives it: the widest of its floating operands.

    Args:
        value: What a forward function returned.
        inputs: What it was given.
    """
    kinds = {each.dtype.kind for each in inputs}
    dtype = getattr(value, "dtype", None)
    if kinds != {"f"} or dtype is None or dtype.kind != "f":
        return value
    widest = np.result_type(*(each.dtype for each in inputs))
    return value.astype(widest) if widest.itemsize < dtype.itemsize else value


def kept_keywords(keywords: dict[str, Any]) -> dict[str, Any]:
    """Copy arrays among keyword arguments, so that nobody can change what was recorded."""
    return {
        key: constant(value) if isinstance(value, np.ndarray) else value for key, value in keywords.items()
    }
