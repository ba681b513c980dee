"""Primitives that choose elements: slices, index arrays, gather, scatter, embedding.

Layer `tape`. The rule of a choice is the opposite scatter: zeros of the operand's shape into which the
cotangent's elements are *added*, so that an element chosen twice receives both contributions.
Index operands are recorded like any operand but are not differentiable, by definition.
Read next: `neural.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sphinx_tape.tape.primitive import Primitive, Sample
from sphinx_tape.tape.requirements import require_integers

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Value


def _is_basic(index: Value) -> bool:
    """Whether an index takes each element at most once, as a view (NumPy's basic indexing)."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(
        part is None or part is Ellipsis or isinstance(part, int | np.integer | slice) for part in parts
    )


def _getitem(x: Value, index: Value) -> Value:
    return x[index]


def _getitem_rule(g: Value, _out: Value, x: Value, index: Value) -> Value:
    whole = np.zeros(np.shape(x), dtype=np.asarray(g).dtype)
    if _is_basic(index):
        # [()] takes a single exact element out of its array, which would be stored as an array otherwise.
        whole[index] = np.asarray(g)[()]
    else:
        np.add.at(whole, index, g)
    return whole


def _gather(x: Value, indices: Value, axis: int = 0) -> Value:
    return np.take(x, require_integers(indices, "gather"), axis=axis)


def _along(axis: int, rank: int, indices: Value) -> tuple[Value, ...]:
    """Return the index that addresses whole slices of `axis`."""
    return (slice(None),) * (axis % rank) + (indices,)


def _gather_rule(g: Value, _out: Value, x: Value, indices: Value, axis: int = 0) -> Value:
    whole = np.zeros(np.shape(x), dtype=np.asarray(g).dtype)
    np.add.at(whole, _along(axis, np.ndim(x), indices), g)
    return whole


def _grid(indices: Value, axis: int, shape: tuple[int, ...]) -> tuple[Value, ...]:
    """Return the index arrays by which `take_along_axis` addresses an array of that shape."""
    rank = len(shape)
    grid = [
        np.arange(size).reshape([-1 if at == place else 1 for at in range(rank)])
        for place, size in enumerate(shape)
    ]
    grid[axis % rank] = indices
    return tuple(grid)


def _take_along_axis(x: Value, indices: Value, axis: int = -1) -> Value:
    return np.take_along_axis(x, require_integers(indices, "take_along_axis"), axis=axis)


def _take_along_axis_rule(g: Value, _out: Value, x: Value, indices: Value, axis: int = -1) -> Value:
    whole = np.zeros(np.shape(x), dtype=np.asarray(g).dtype)
    np.add.at(whole, _grid(indices, axis, np.shape(x)), g)
    return whole


def _scatter_add(x: Value, indices: Value, updates: Value, axis: int = 0) -> Value:
    """Return x with the slices of `updates` added at `indices` along an axis."""
    out = np.array(x, dtype=np.result_type(x, updates))
    np.add.at(out, _along(axis, np.ndim(x), require_integers(indices, "scatter_add")), updates)
    return out


def _embedding(table: Value, indices: Value) -> Value:
    return table[require_integers(indices, "embedding")]


def _embedding_rule(g: Value, _out: Value, table: Value, indices: Value) -> Value:
    whole = np.zeros(np.shape(table), dtype=np.asarray(g).dtype)
    np.add.at(whole, indices, g)
    return whole


_X = np.array([[0.5, -1.25, 2.0, 0.1], [1.5, 0.25, -0.75, 3.0], [-0.5, 1.0, 0.3, -2.0]])
_V = np.array([0.5, -1.25, 2.0, 0.1])
_TWICE = np.array([0, 2, 0])

getitem = Primitive(
    name="getitem",
    forward=_getitem,
    vjps=(_getitem_rule,),
    tex=r"@0_{[@{index}]}",
    formulas=(r"\operatorname{scatter}_{[@{index}]}(@g)",),
    samples=(
        Sample((_V,), {"index": 2}),
        Sample((_X,), {"index": slice(0, 2)}),
        Sample((_X,), {"index": (Ellipsis, None, slice(None, None, -2))}),
        Sample((_X,), {"index": _TWICE}),
        Sample((_X,), {"index": (_TWICE, np.array([1, 1, 1]))}),
        Sample((_X,), {"index": (slice(None), [3, 3])}),
        Sample((_X,), {"index": _X > 0.2}),
    ),
)
gather = Primitive(
    name="gather",
    forward=_gather,
    vjps=(_gather_rule, None),
    tex=r"@0_{[@1]}",
    formulas=(r"\operatorname{scatter}_{[@1]}(@g)", ""),
    samples=(
        Sample((_V, np.array(2))),
        Sample((_V, _TWICE)),
        Sample((_X, np.array(1))),
        Sample((_X, _TWICE)),
        Sample((_X, np.array([[0, 3], [3, -1]])), {"axis": -1}),
    ),
)
take_along_axis = Primitive(
    name="take_along_axis",
    forward=_take_along_axis,
    vjps=(_take_along_axis_rule, None),
    tex=r"@0_{[@1]}",
    formulas=(r"\operatorname{scatter}_{[@1]}(@g)", ""),
    samples=(
        Sample((_X, np.array([[0, 0], [1, 3], [-1, 2]]))),
        Sample((_X, np.array([[0, 2, 1, 1]])), {"axis": 0}),
    ),
)
scatter_add = Primitive(
    name="scatter_add",
    forward=_scatter_add,
    vjps=(
        lambda g, *_operands, axis=0: g,  # noqa: ARG005 -- keywords of the forward reach every rule
        None,
        lambda g, _out, _x, indices, _updates, axis=0: np.take(g, indices, axis=axis),
    ),
    tex=r"@0 + \operatorname{scatter}_{[@1]}(@2)",
    formulas=(r"@g", "", r"@g_{[@1]}"),
    samples=(
        Sample((_V, _TWICE, np.array([1.0, -2.0, 0.5]))),
        Sample((_X, _TWICE, _X + 1.0)),
        Sample((_X, np.array([3, 3]), _X[:, :2]), {"axis": 1}),
        Sample((_X, _TWICE, _V)),
    ),
)
embedding = Primitive(
    name="embedding",
    forward=_embedding,
    vjps=(_embedding_rule, None),
    tex=r"@0_{[@1]}",
    formulas=(r"\operatorname{scatter}_{[@1]}(@g)", ""),
    samples=(Sample((_X, _TWICE)), Sample((_X, np.array([[0, 1], [1, 1]])))),
)

PRIMITIVES = (getitem, gather, take_along_axis, scatter_add, embedding)
