"""Public functions that choose elements.

Layer `tape`. One typed function per operation, under NumPy's name where NumPy has one. Indices may be
variables (of integers), numbers or arrays.
Read next: `tape.py`, whose `apply` they call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from sphinx_tape.tape.tape import apply
from sphinx_tape.tape.variable import Operand, Variable

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Value

__all__ = ["embedding", "gather", "getitem", "scatter_add", "take", "take_along_axis"]

Indices = Variable | ArrayLike
"""Whole numbers that choose elements."""


def as_indices(indices: Indices) -> Value:
    """Return raw indices as an array: a bare number would take the element type of its partners."""
    return indices if isinstance(indices, Variable) else np.asarray(indices)


def _frozen(part: Value) -> Value:
    """Return a part of an index in a form that nobody can change after it was recorded."""
    if isinstance(part, Variable):
        return part.value
    if isinstance(part, list | np.ndarray):
        array = np.array(part)
        if isinstance(part, list) and not array.size:
            array = array.astype(int)  # NumPy makes an empty list floating, but lets it choose nothing
        array.setflags(write=False)
        return array
    return part


def getitem(x: Operand, index: Value) -> Variable:
    """Elements, slices or chosen places: everything NumPy takes between brackets."""
    frozen = tuple(_frozen(part) for part in index) if isinstance(index, tuple) else _frozen(index)
    return apply("getitem", x, index=frozen)


def gather(x: Operand, indices: Indices, axis: int = 0) -> Variable:
    """Chosen slices along an axis: numbers of a vector, rows of a matrix; `indices` of any shape."""
    return apply("gather", x, as_indices(indices), axis=axis)


def take(x: Operand, indices: Indices, axis: int | None = None) -> Variable:
    """NumPy's `take`: as `gather`, of the flattened x if no axis is given."""
    if axis is None:
        return apply("gather", apply("flatten", x), as_indices(indices), axis=0)
    return apply("gather", x, as_indices(indices), axis=axis)


def take_along_axis(x: Operand, indices: Indices, axis: int = -1) -> Variable:
    """One choice per slice: `indices` has the shape of x but for the axis."""
    return apply("take_along_axis", x, as_indices(indices), axis=axis)


def scatter_add(x: Operand, indices: Indices, updates: Operand, axis: int = 0) -> Variable:
    """The array x with slices of `updates` added at the places `indices`; repeated places add up."""
    return apply("scatter_add", x, as_indices(indices), updates, axis=axis)


def embedding(table: Operand, indices: Indices) -> Variable:
    """Rows of a table, one per index."""
    return apply("embedding", table, as_indices(indices))
