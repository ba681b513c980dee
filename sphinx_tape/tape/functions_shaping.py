"""Public functions that shape, join and divide arrays.

Layer `tape`. One typed function per operation, under NumPy's name where NumPy has one.
Read next: `tape.py`, whose `apply` and `unary` they call.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sphinx_tape.errors import OperandError
from sphinx_tape.tape.functions_indexing import getitem
from sphinx_tape.tape.functions_linear import rank_of
from sphinx_tape.tape.tape import apply, unary
from sphinx_tape.tape.variable import Variable

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Axis, Value
    from sphinx_tape.tape.variable import Operand

__all__ = [
    "broadcast_to",
    "concatenate",
    "diagonal",
    "expand_dims",
    "flatten",
    "flip",
    "hstack",
    "moveaxis",
    "pad",
    "ravel",
    "repeat",
    "reshape",
    "roll",
    "split",
    "squeeze",
    "stack",
    "swapaxes",
    "tile",
    "transpose",
    "tril",
    "triu",
    "vstack",
]

Shape = int | Sequence[int]
"""Sizes of axes; a single number is one axis."""


def _whole(numbers: Value) -> Value:
    """Return integers as tuples, so that what is recorded cannot be changed any more."""
    if isinstance(numbers, int | np.integer):
        return int(numbers)
    return tuple(_whole(number) for number in numbers)


def reshape(x: Operand, shape: Shape) -> Variable:
    """Same elements in row-major order under another shape; one size may be -1."""
    return apply("reshape", x, shape=_whole(shape))


def flatten(x: Operand, start: int = 0) -> Variable:
    """All axes from `start` on made one; `start=1` keeps a batch axis."""
    return apply("flatten", x, start=start)


def ravel(x: Operand) -> Variable:
    """All axes made one."""
    return unary("flatten", x)


def transpose(x: Operand, axes: Sequence[int] | None = None) -> Variable:
    """Axes in another order; None reverses them."""
    return apply("transpose", x) if axes is None else apply("transpose", x, axes=_whole(axes))


def swapaxes(x: Operand, axis1: int, axis2: int) -> Variable:
    """Two axes exchanged."""
    return apply("swapaxes", x, axis1=axis1, axis2=axis2)


def moveaxis(x: Operand, source: Shape, destination: Shape) -> Variable:
    """Axes moved to other places; the others keep their order."""
    return apply("moveaxis", x, source=_whole(source), destination=_whole(destination))


def squeeze(x: Operand, axis: Axis = None) -> Variable:
    """Axes of size 1 removed (None: all of them)."""
    return apply("squeeze", x, axis=axis)


def expand_dims(x: Operand, axis: int | tuple[int, ...]) -> Variable:
    """Axes of size 1 added at the given places."""
    return apply("expand_dims", x, axis=axis)


def broadcast_to(x: Operand, shape: Shape) -> Variable:
    """Copies of x along new axes and axes of size 1."""
    return apply("broadcast_to", x, shape=_whole(shape))


def flip(x: Operand, axis: Axis = None) -> Variable:
    """Elements in reverse order along axes (None: all)."""
    return apply("flip", x, axis=axis)


def roll(x: Operand, shift: Shape, axis: Axis = None) -> Variable:
    """Elements moved on by `shift` places; those that leave come back at the other end."""
    return apply("roll", x, shift=_whole(shift), axis=axis)


def pad(
    x: Operand,
    pad_width: int | Sequence[int] | Sequence[Sequence[int]],
    mode: str = "constant",
    constant_values: float = 0,
) -> Variable:
    """Elements of a constant value added around x.

    Args:
        x: What to surround.
        pad_width: How many, in NumPy's form: one number, (before, after), or a pair per axis.
        mode: Only NumPy's `constant`.
        constant_values: The value.

    Raises:
        OperandError: Another mode is asked for.
    """
    if mode != "constant":
        message = f"mode of pad must be 'constant' (got {mode!r}); concatenate parts of x for other modes"
        raise OperandError(message)
    return apply("pad", x, width=_whole(pad_width), value=constant_values)


def tile(x: Operand, reps: Shape) -> Variable:
    """Copies of the whole x side by side, `reps` of them per axis."""
    return apply("tile", x, reps=_whole(reps))


def repeat(x: Operand, repeats: Shape, axis: int | None = None) -> Variable:
    """Copies of each element side by side (axis None: of the flattened x)."""
    return apply("repeat", x, repeats=_whole(repeats), axis=axis)


def diagonal(x: Operand) -> Variable:
    """Main diagonal of a matrix."""
    return unary("diagonal", x)


def tril(x: Operand, k: int = 0) -> Variable:
    """Lower triangle; zeros above the k-th diagonal."""
    return apply("tril", x, k=k)


def triu(x: Operand, k: int = 0) -> Variable:
    """Upper triangle; zeros below the k-th diagonal."""
    return apply("triu", x, k=k)


def concatenate(operands: Sequence[Operand], axis: int | None = 0) -> Variable:
    """Arrays joined along an axis that they have (None: flattened)."""
    return apply("concatenate", *operands, axis=axis)


def stack(operands: Sequence[Operand], axis: int = 0) -> Variable:
    """Arrays of equal shape joined along a new axis."""
    return apply("stack", *operands, axis=axis)


def hstack(operands: Sequence[Operand]) -> Variable:
    """Vectors joined end to end; other arrays along axis 1."""
    rank = rank_of(operands[0])
    return apply("concatenate", *operands, axis=min(1, rank - 1))


def vstack(operands: Sequence[Operand]) -> Variable:
    """Arrays joined along axis 0; a vector counts as one row."""
    return apply("concatenate", *map(_as_rows, operands), axis=0)


def _as_rows(operand: Operand) -> Operand:
    if rank_of(operand) != 1:
        return operand
    return (
        apply("expand_dims", operand, axis=0) if isinstance(operand, Variable) else np.asarray(operand)[None]
    )


def split(x: Variable, sections: int | Sequence[int], axis: int = 0) -> list[Variable]:
    """Divide x along an axis; each part is a `getitem`.

    Args:
        x: What to divide.
        sections: Number of equal parts, or where to cut.
        axis: Along which axis.

    Raises:
        OperandError: The axis cannot be divided into that many equal parts.
    """
    size = x.shape[axis]
    if isinstance(sections, int):
        if sections < 1 or size % sections:
            message = f"sections of split must divide the axis of size {size} (got {sections}); or give cuts"
            raise OperandError(message)
        cuts = list(range(size // sections, size, size // sections))
    else:
        cuts = list(sections)
    before = (slice(None),) * (axis % x.ndim)
    return [
        getitem(x, (*before, slice(start, stop)))
        for start, stop in zip([0, *cuts], [*cuts, size], strict=True)
    ]
