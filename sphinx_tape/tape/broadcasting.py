"""Undo broadcasting: the one place where a contribution is fitted to its operand.

Layer `tape`. Broadcasting repeats an operand; the derivative of a repetition is a sum.
Read next: `local.py`, which applies it to every contribution.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sphinx_tape.errors import ContributionShapeError

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Value


def summed_axes(shape: tuple[int, ...], operand: tuple[int, ...]) -> tuple[int, ...]:
    """Name the axes along which an operand was repeated.

    Args:
        shape: Shape of the broadcast result.
        operand: Shape of the operand before broadcasting.

    Returns:
        Axes of the result, in ascending order; empty if nothing was repeated.
    """
    added = len(shape) - len(operand)
    pairs = enumerate(zip(shape[added:], operand, strict=False), start=added)
    stretched = tuple(axis for axis, (long, short) in pairs if short == 1 and long != 1)
    return (*range(added), *stretched)


def unbroadcast(array: Value, shape: tuple[int, ...]) -> Value:
    """Sum a contribution over the axes along which its operand was repeated.

    Args:
        array: Contribution of a shape that `shape` broadcasts to.
        shape: Shape of the operand.

    Returns:
        Array of exactly `shape`.

    Raises:
        ContributionShapeError: `shape` does not broadcast to the contribution's shape.
    """
    axes = summed_axes(array.shape, shape) if array.ndim >= len(shape) else ()
    kept = [1 if axis in axes else length for axis, length in enumerate(array.shape)]
    if tuple(kept[array.ndim - len(shape) :]) != shape:
        message = (
            f"contribution must have its parent's shape {shape}, or a shape that it broadcasts to "
            f"(got {array.shape}); mend the rule"
        )
        raise ContributionShapeError(message)
    return array.sum(axis=axes, dtype=array.dtype, keepdims=True).reshape(shape)


def fit(contribution: Value, value: Value) -> Value:
    """Give a contribution the shape and the element type of the value it is for.

    A complex contribution to a real value keeps its real part: the value can only move along the real
    axis (as PyTorch does).

    Args:
        contribution: What a rule returned, in any shape that broadcasting can have made.
        value: Forward value of the parent.

    Returns:
        Array or NumPy scalar with the shape and dtype of `value`.
    """
    array: Value = contribution
    if not isinstance(contribution, np.ndarray | np.generic):
        array = np.asarray(contribution)
    if array.shape != value.shape:
        array = unbroadcast(array, value.shape)
    dtype = value.dtype
    if array.dtype != dtype:
        if array.dtype.kind == "c" and dtype.kind == "f":
            array = array.real
        array = array.astype(dtype)
    return array if array.shape or dtype.kind == "O" else array[()]
