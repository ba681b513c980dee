"""Primitives that move elements of one array without changing them.

Layer `tape`. Each forward is a linear map that copies elements to new places; its rule carries the
cotangent's elements back, and adds where one element was copied to several places.
Read next: `joining.py` (several arrays) and `indexing.py` (chosen elements).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sphinx_tape.errors import OperandError
from sphinx_tape.tape.primitive import Primitive, Sample

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Value


def _back_to_shape(g: Value, _out: Value, x: Value, **_keywords: Value) -> Value:
    """Serve every forward that keeps the elements in order."""
    return np.reshape(g, np.shape(x))


def _reshape(x: Value, *, shape: Value) -> Value:
    # NumPy renamed the parameter `newshape` to `shape`; only its position is stable.
    return np.reshape(x, shape)


def _broadcast_to(x: Value, *, shape: Value) -> Value:
    return np.broadcast_to(x, shape)


def _flatten(x: Value, start: int = 0) -> Value:
    """Return x with all axes from `start` on made one."""
    return np.reshape(x, (*np.shape(x)[:start], -1))


def _transpose_rule(g: Value, _out: Value, _x: Value, axes: Value = None) -> Value:
    if axes is None:
        return np.transpose(g)
    positions = [axis % len(axes) for axis in axes]
    return np.transpose(g, np.argsort(positions))


def _pad(x: Value, width: Value, value: Value = 0) -> Value:
    """Return x with `width` elements of `value` before and after each axis."""
    return np.pad(x, width, mode="constant", constant_values=value)


def _pad_rule(g: Value, _out: Value, x: Value, *, width: Value, **_value: Value) -> Value:
    pairs = np.broadcast_to(np.asarray(width, dtype=int), (np.ndim(x), 2))
    inner = tuple(
        slice(int(before), int(before) + size) for (before, _), size in zip(pairs, np.shape(x), strict=True)
    )
    return g[inner]


def _roll_back(g: Value, _out: Value, _x: Value, shift: Value, axis: Value = None) -> Value:
    back = -shift if isinstance(shift, int) else tuple(-step for step in shift)
    return np.roll(g, back, axis=axis)


def _tile_rule(g: Value, _out: Value, x: Value, reps: Value) -> Value:
    """Sum over the copies: split every axis into (copies, size) and add the copies."""
    counts = (reps,) if isinstance(reps, int) else tuple(reps)
    rank = max(len(counts), np.ndim(x))
    counts = (1,) * (rank - len(counts)) + counts
    shape = (1,) * (rank - np.ndim(x)) + np.shape(x)
    split = [number for pair in zip(counts, shape, strict=True) for number in pair]
    return np.reshape(np.reshape(g, split).sum(axis=tuple(range(0, 2 * rank, 2))), np.shape(x))


def _repeat_rule(g: Value, _out: Value, x: Value, repeats: Value, axis: int | None = None) -> Value:
    if axis is None:
        flat = _repeat_rule(g, None, np.ravel(x), repeats, 0)
        return np.reshape(flat, np.shape(x))
    size = np.shape(x)[axis]
    source = np.repeat(np.arange(size), repeats)  # which element each copy comes from
    whole = np.zeros((size, *np.shape(np.moveaxis(g, axis, 0))[1:]), dtype=np.asarray(g).dtype)
    np.add.at(whole, source, np.moveaxis(g, axis, 0))
    return np.moveaxis(whole, 0, axis)


def _diagonal_rule(g: Value, _out: Value, x: Value) -> Value:
    whole = np.zeros(np.shape(x), dtype=np.asarray(g).dtype)
    np.einsum("ii->i", whole[: len(g), : len(g)])[...] = g
    return whole


def _diagonal(x: Value) -> Value:
    if np.ndim(x) != 2:
        msg = f"operand of diagonal must be a matrix (got shape {np.shape(x)}); take one matrix by an index"
        raise OperandError(msg)
    return np.diagonal(x)


def _masked_rule(keep: Value) -> Value:
    """Rule of `tril` and `triu`, which are their own transposed maps."""
    return lambda g, _out, _x, k=0: keep(g, k)


_X = np.array([[0.5, -1.25, 2.0], [1.5, 0.25, -0.75]])
_T = np.linspace(-1.0, 1.5, 12).reshape(2, 3, 2)
_ROW = np.array([[[0.5], [-1.0], [2.0]]])

reshape = Primitive(
    name="reshape",
    forward=_reshape,
    vjps=(_back_to_shape,),
    tex=r"\operatorname{reshape}(@0)",
    formulas=(r"\operatorname{reshape}(@g)",),
    samples=(
        Sample((_X,), {"shape": (3, 2)}),
        Sample((_T,), {"shape": (4, -1)}),
        Sample((_T,), {"shape": -1}),
    ),
)
flatten = Primitive(
    name="flatten",
    forward=_flatten,
    vjps=(_back_to_shape,),
    tex=r"\operatorname{flatten}(@0)",
    formulas=(r"\operatorname{reshape}(@g)",),
    samples=(Sample((_T,)), Sample((_T,), {"start": 1})),
)
squeeze = Primitive(
    name="squeeze",
    forward=np.squeeze,
    vjps=(_back_to_shape,),
    tex=r"\operatorname{squeeze}(@0)",
    formulas=(r"\operatorname{reshape}(@g)",),
    samples=(Sample((_ROW,)), Sample((_ROW,), {"axis": 0}), Sample((_ROW,), {"axis": (0, -1)})),
)
expand_dims = Primitive(
    name="expand_dims",
    forward=np.expand_dims,
    vjps=(_back_to_shape,),
    tex=r"\operatorname{expand}(@0)",
    formulas=(r"\operatorname{reshape}(@g)",),
    samples=(Sample((_X,), {"axis": 1}), Sample((_X,), {"axis": (0, -1)})),
)
transpose = Primitive(
    name="transpose",
    forward=np.transpose,
    vjps=(_transpose_rule,),
    tex=r"@0^{\top}",
    formulas=(r"@g^{\top}",),
    samples=(Sample((_X,)), Sample((_T,), {"axes": (2, 0, 1)}), Sample((_T,), {"axes": (-1, 0, 1)})),
)
swapaxes = Primitive(
    name="swapaxes",
    forward=np.swapaxes,
    vjps=(lambda g, _out, _x, axis1, axis2: np.swapaxes(g, axis1, axis2),),
    tex=r"\operatorname{swap}_{@{axis1},@{axis2}}(@0)",
    formulas=(r"\operatorname{swap}_{@{axis1},@{axis2}}(@g)",),
    samples=(Sample((_T,), {"axis1": 0, "axis2": -1}),),
)
moveaxis = Primitive(
    name="moveaxis",
    forward=np.moveaxis,
    vjps=(lambda g, _out, _x, source, destination: np.moveaxis(g, destination, source),),
    tex=r"\operatorname{move}_{@{source} \to @{destination}}(@0)",
    formulas=(r"\operatorname{move}_{@{destination} \to @{source}}(@g)",),
    samples=(
        Sample((_T,), {"source": 0, "destination": -1}),
        Sample((_T,), {"source": (0, 1), "destination": (2, 0)}),
    ),
)
broadcast_to = Primitive(
    name="broadcast_to",
    forward=_broadcast_to,
    # The engine sums a contribution back to the shape of its operand: that sum is the rule.
    vjps=(lambda g, _out, _x, shape: g,),  # noqa: ARG005 -- keywords of the forward reach every rule
    tex=r"\operatorname{broadcast}(@0)",
    formulas=(r"\sum_{\text{copies}} @g",),
    samples=(
        Sample((_X,), {"shape": (4, 2, 3)}),
        Sample((_ROW,), {"shape": (2, 3, 2)}),
        Sample((1.5,), {"shape": (2,)}),
    ),
)
flip = Primitive(
    name="flip",
    forward=np.flip,
    vjps=(lambda g, _out, _x, axis=None: np.flip(g, axis),),
    tex=r"\operatorname{flip}(@0)",
    formulas=(r"\operatorname{flip}(@g)",),
    samples=(Sample((_T,)), Sample((_T,), {"axis": 1}), Sample((_T,), {"axis": (0, 2)})),
)
roll = Primitive(
    name="roll",
    forward=np.roll,
    vjps=(_roll_back,),
    tex=r"\operatorname{roll}_{@{shift}}(@0)",
    formulas=(r"\operatorname{roll}_{-@{shift}}(@g)",),
    samples=(
        Sample((_X,), {"shift": 2}),
        Sample((_X,), {"shift": 1, "axis": 1}),
        Sample((_X,), {"shift": (1, 2), "axis": (0, 1)}),
    ),
)
pad = Primitive(
    name="pad",
    forward=_pad,
    vjps=(_pad_rule,),
    tex=r"\operatorname{pad}(@0)",
    formulas=(r"\operatorname{crop}(@g)",),
    samples=(
        Sample((_X,), {"width": ((1, 0), (2, 1))}),
        Sample((_X,), {"width": 1, "value": 2.0}),
        Sample((_X,), {"width": (0, 2)}),
    ),
)
tile = Primitive(
    name="tile",
    forward=np.tile,
    vjps=(_tile_rule,),
    tex=r"\operatorname{tile}_{@{reps}}(@0)",
    formulas=(r"\sum_{\text{copies}} @g",),
    samples=(
        Sample((_X,), {"reps": 2}),
        Sample((_X,), {"reps": (2, 1, 3)}),
        Sample((_ROW,), {"reps": (2, 2)}),
    ),
)
repeat = Primitive(
    name="repeat",
    forward=np.repeat,
    vjps=(_repeat_rule,),
    tex=r"\operatorname{repeat}_{@{repeats}}(@0)",
    formulas=(r"\sum_{\text{copies}} @g",),
    samples=(
        Sample((_X,), {"repeats": 2}),
        Sample((_X,), {"repeats": 3, "axis": 1}),
        Sample((_X,), {"repeats": (2, 0, 1), "axis": -1}),
    ),
)
diagonal = Primitive(
    name="diagonal",
    forward=_diagonal,
    vjps=(_diagonal_rule,),
    tex=r"\operatorname{diag}(@0)",
    formulas=(r"\operatorname{diag}(@g)",),
    samples=(Sample((_X,)), Sample((_X.T,))),
)
tril = Primitive(
    name="tril",
    forward=np.tril,
    vjps=(_masked_rule(np.tril),),
    tex=r"\operatorname{tril}(@0)",
    formulas=(r"\operatorname{tril}(@g)",),
    samples=(Sample((_X,)), Sample((_X,), {"k": 1})),
)
triu = Primitive(
    name="triu",
    forward=np.triu,
    vjps=(_masked_rule(np.triu),),
    tex=r"\operatorname{triu}(@0)",
    formulas=(r"\operatorname{triu}(@g)",),
    samples=(Sample((_X,)), Sample((_X,), {"k": -1})),
)

PRIMITIVES = (
    reshape,
    flatten,
    squeeze,
    expand_dims,
    transpose,
    swapaxes,
    moveaxis,
    broadcast_to,
    flip,
    roll,
    pad,
    tile,
    repeat,
    diagonal,
    tril,
    triu,
)
