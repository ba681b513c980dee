"""Pooling over windows of the last axes: maximum, average, smooth maximum.

Layer `tape`. Shapes: x (..., S), result (..., O), where S are as many last axes as the window has; batch
and channel axes come first, as for convolution. The rules share one pattern: weigh the places of each
window, multiply by the cotangent of the window, add the windows back into the array.
Read next: `normalization.py`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sphinx_tape.errors import OperandError
from sphinx_tape.tape.primitive import Primitive, Sample
from sphinx_tape.tape.requirements import require_real, require_temperature
from sphinx_tape.tape.windows import Geometry, Sizes, add_windows, geometry, per_axis, windows

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Value

LOWEST = -np.inf
"""What surrounds an array for a maximum: it never wins."""


def pool_geometry(
    x: Value, *, window: Sizes, stride: Sizes | None = None, padding: Sizes = 0, dilation: Sizes = 1
) -> Geometry:
    """Return the geometry; a single number as window serves all axes after batch and channels.

    Raises:
        OperandError: More axes than x has, or so much padding that a window could hold nothing else.
    """
    rank = np.ndim(x) - 2 if isinstance(window, int | np.integer) else len(window)
    if not 1 <= rank <= np.ndim(x):
        msg = (
            f"window must have between 1 and {np.ndim(x)} axes (got {window!r} for shape {np.shape(x)}); "
            "give one number per axis to be pooled"
        )
        raise OperandError(msg)
    places = per_axis(window, rank, "window", 1)
    shape = geometry(places, places if stride is None else stride, padding, dilation)
    if not all(map(_holds_elements, np.shape(x)[np.ndim(x) - rank :], *_axes(shape))):
        msg = (
            f"padding must leave an element in every window (got padding {padding} for window {window}); "
            "a window of nothing but padding has no value"
        )
        raise OperandError(msg)
    return shape


def _axes(shape: Geometry) -> tuple[tuple[int, ...], ...]:
    return shape.window, shape.stride, shape.padding, shape.dilation


def _holds_elements(size: int, places: int, stride: int, padding: int, dilation: int) -> bool:
    """Whether every window along one axis covers at least one element of the array."""
    starts = np.arange(-padding, size + padding - dilation * (places - 1), stride)
    covered = starts[:, None] + dilation * np.arange(places)
    return bool(((covered >= 0) & (covered < size)).any(axis=1).all())


def _inside(shape: Geometry) -> tuple[int, ...]:
    """Return the axes of the places inside the window."""
    return tuple(range(-shape.rank, 0))


def _place_by_place(per_window: Value, shape: Geometry) -> Value:
    """Add axes of size 1 for the places, so that a value per window meets every place."""
    return np.reshape(per_window, np.shape(per_window) + (1,) * shape.rank)


def _scatter(parts: Value, x: Value, shape: Geometry) -> Value:
    return add_windows(parts, shape, np.shape(x)[np.ndim(x) - shape.rank :])


def _max_pool(x: Value, **moves: Value) -> Value:
    require_real("max_pool", x)
    shape = pool_geometry(x, **moves)
    return np.max(windows(x, shape, LOWEST), axis=_inside(shape))


def _winners(out: Value, x: Value, shape: Geometry) -> Value:
    """Return which places of each window hold its maximum."""
    return windows(x, shape, LOWEST) == _place_by_place(out, shape)


def _ties(out: Value, x: Value, **moves: Value) -> Value:
    """Return which windows have several places that hold the maximum."""
    shape = pool_geometry(x, **moves)
    return np.sum(_winners(out, x, shape), axis=_inside(shape)) > 1


def _max_pool_rule(g: Value, out: Value, x: Value, **moves: Value) -> Value:
    shape = pool_geometry(x, **moves)
    winners = _winners(out, x, shape)
    count = np.sum(winners, axis=_inside(shape)).astype(g.dtype)
    return _scatter(np.where(winners, _place_by_place(g / count, shape), 0), x, shape)


def _divisors(x: Value, shape: Geometry, *, count_padding: bool) -> Value:
    """Return by how much the sum of each window is divided."""
    if count_padding or not any(shape.padding):
        return int(np.prod(shape.window))
    inside = windows(np.ones(np.shape(x)[np.ndim(x) - shape.rank :], dtype=int), shape)
    return np.sum(inside, axis=_inside(shape)).astype(x.dtype)


def _average_pool(x: Value, *, count_padding: bool = True, **moves: Value) -> Value:
    shape = pool_geometry(x, **moves)
    total = np.sum(windows(x, shape), axis=_inside(shape))
    return total / _divisors(x, shape, count_padding=count_padding)


def _average_pool_rule(
    g: Value, _out: Value, x: Value, *, count_padding: bool = True, **moves: Value
) -> Value:
    shape = pool_geometry(x, **moves)
    share = _place_by_place(g / _divisors(x, shape, count_padding=count_padding), shape)
    return _scatter(np.broadcast_to(share, np.shape(g) + shape.window), x, shape)


def _smooth_max_pool(x: Value, *, temperature: float = 1.0, **moves: Value) -> Value:
    require_real("smooth_max_pool", x)
    require_temperature(temperature, "smooth_max_pool")
    shape = pool_geometry(x, **moves)
    parts = windows(x, shape, LOWEST)
    highest = np.max(parts, axis=_inside(shape))
    powers = np.exp((parts - _place_by_place(highest, shape)) / temperature)
    return highest + temperature * np.log(np.sum(powers, axis=_inside(shape)))


def _smooth_max_pool_rule(
    g: Value, out: Value, x: Value, *, temperature: float = 1.0, **moves: Value
) -> Value:
    shape = pool_geometry(x, **moves)
    # exp((x - y) / T) is the softmax of the window, because y is its logarithmic sum.
    weights = np.exp((windows(x, shape, LOWEST) - _place_by_place(out, shape)) / temperature)
    return _scatter(_place_by_place(g, shape) * weights, x, shape)


_LINE = np.array([[[0.5, -1.25, 2.0, 0.75, -0.5, 1.0, 0.25]]])
_IMAGE = np.sin(np.arange(2 * 2 * 5 * 6, dtype=float)).reshape(2, 2, 5, 6)
_SQUARE: tuple[Sample, ...] = (
    Sample((_IMAGE,), {"window": 2}),
    Sample((_IMAGE,), {"window": (3, 2), "stride": (1, 2), "padding": (1, 0)}),
)
_ANY_AXES: tuple[Sample, ...] = (
    Sample((_LINE,), {"window": (3,), "stride": 2, "padding": 1}),
    Sample((_LINE[0, 0],), {"window": (2,)}),
    Sample((_IMAGE,), {"window": (2, 2, 2), "stride": 1}),
    *_SQUARE,
)

max_pool = Primitive(
    name="max_pool",
    forward=_max_pool,
    vjps=(_max_pool_rule,),
    tex=r"\max_{\text{window}} @0",
    formulas=(r"\sum_{\text{windows}} @g \odot [@0 = @y] / \#[@0 = @y]",),
    samples=(*_ANY_AXES, Sample((_LINE,), {"window": 2, "dilation": 2, "stride": 1})),
    analytic=False,
    note="Places of a window that tie for the maximum share its cotangent evenly.",
    kink=_ties,
)
max_pool2d = replace(max_pool, name="max_pool2d", samples=_SQUARE)
average_pool = Primitive(
    name="average_pool",
    forward=_average_pool,
    vjps=(_average_pool_rule,),
    tex=r"\operatorname{mean}_{\text{window}} @0",
    formulas=(r"\sum_{\text{windows}} @g / n",),
    samples=(*_ANY_AXES, Sample((_LINE,), {"window": 3, "padding": 1, "count_padding": False})),
    note="Here n is the size of the window, or, with count_padding=False, what of it lies inside the array.",
)
average_pool2d = replace(average_pool, name="average_pool2d", samples=_SQUARE)
smooth_max_pool = Primitive(
    name="smooth_max_pool",
    forward=_smooth_max_pool,
    vjps=(_smooth_max_pool_rule,),
    tex=r"T \, \log \sum_{\text{window}} e^{@0 / T}",
    formulas=(r"\sum_{\text{windows}} @g \odot e^{(@0 - @y) / T}",),
    samples=(*_ANY_AXES, Sample((_LINE,), {"window": 2, "temperature": 0.5})),
    analytic=False,
    note="T is the temperature; the result tends to the maximum as T tends to 0.",
)
smooth_max_pool2d = replace(smooth_max_pool, name="smooth_max_pool2d", samples=_SQUARE)

PRIMITIVES = (max_pool, max_pool2d, average_pool, average_pool2d, smooth_max_pool, smooth_max_pool2d)
