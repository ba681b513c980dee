"""Family: reductions over axes, and running sums.

Layer `tape`. Every reduction takes `axis` (None: all) and `keepdims`, as NumPy does.
Read next: `primitives.py`.
"""

# ruff: noqa: ARG001, ARG005 -- every rule has the flat signature (g, out, *operands, **keywords)

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sphinx_tape.tape.primitive import Primitive, Sample

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Axis, Value

_BLOCK = np.array([[0.4, -0.9, 1.6], [2.3, 1.1, -0.6]])
_ZERO = np.array([[0.0, -0.9, 1.6], [2.3, 1.1, -0.6]])
_CUBE = np.linspace(-1.0, 1.3, 24).reshape(2, 3, 4)
_SAMPLES = (
    Sample((_BLOCK,)),
    Sample((_BLOCK,), {"axis": 0}),
    Sample((_BLOCK,), {"axis": -1, "keepdims": True}),
    Sample((_CUBE,), {"axis": (0, 2)}),
)
_KINKED = "Elements that tie share the cotangent evenly (as PyTorch's amax and amin)."


def spread(reduced: Value, *, axis: Axis = None, keepdims: bool = False) -> Value:
    """Give a reduced array the reduced axes back, with length 1.

    Args:
        reduced: Result of a reduction.
        axis: Axis, axes or None, as given to the reduction.
        keepdims: Whether the axes are still there.

    Returns:
        Array that broadcasts against what was reduced.
    """
    if keepdims or axis is None:
        return reduced
    return np.expand_dims(reduced, axis)


def _count(x: Value, axis: Axis) -> int:
    """Number of elements that go into one result."""
    if axis is None:
        return int(x.size)
    axes = (axis,) if isinstance(axis, int) else axis
    return int(np.prod([x.shape[each] for each in axes]))


def _plain(x: Value) -> Value:
    """Derivative direction of |x|^2 / 2: x, conjugated where it is complex (see `local.py`)."""
    return np.conjugate(x) if np.iscomplexobj(x) else x


def _sum_rule(g: Value, y: Value, x: Value, *, axis: Axis = None, keepdims: bool = False) -> Value:
    return np.broadcast_to(spread(g, axis=axis, keepdims=keepdims), x.shape)


def _mean_rule(g: Value, y: Value, x: Value, *, axis: Axis = None, keepdims: bool = False) -> Value:
    return np.broadcast_to(spread(g, axis=axis, keepdims=keepdims) / _count(x, axis), x.shape)


def _tied(y: Value, x: Value, *, axis: Axis = None, keepdims: bool = False) -> Value:
    return (x == spread(y, axis=axis, keepdims=keepdims)).sum(axis=axis) > 1


def _extreme_rule(g: Value, y: Value, x: Value, *, axis: Axis = None, keepdims: bool = False) -> Value:
    ties = x == spread(y, axis=axis, keepdims=keepdims)
    share = spread(g, axis=axis, keepdims=keepdims) / ties.sum(axis=axis, keepdims=True)
    return np.where(ties, share, 0)


def _prod_rule(g: Value, y: Value, x: Value, *, axis: Axis = None, keepdims: bool = False) -> Value:
    # The product of all *other* elements, from both ends: right also where an element is 0.
    axes = tuple(range(x.ndim)) if axis is None else (axis,) if isinstance(axis, int) else axis
    moved = np.moveaxis(x, axes, range(-len(axes), 0))
    flat = moved.reshape((*moved.shape[: x.ndim - len(axes)], -1))
    ones = np.ones_like(flat[..., :1])
    before = np.cumprod(np.concatenate([ones, flat[..., :-1]], axis=-1), axis=-1)
    after = np.cumprod(np.concatenate([ones, flat[..., :0:-1]], axis=-1), axis=-1)[..., ::-1]
    others = np.moveaxis((before * after).reshape(moved.shape), range(-len(axes), 0), axes)
    return spread(g, axis=axis, keepdims=keepdims) * others


def _variance(x: Value, *, axis: Axis = None, keepdims: bool = False, ddof: int = 0) -> Value:
    centred = x - x.mean(axis=axis, keepdims=True)
    squares = (centred * _plain(centred)).real if np.iscomplexobj(x) else centred * centred
    return squares.sum(axis=axis, keepdims=keepdims) / (_count(x, axis) - ddof)


def _variance_rule(  # noqa: PLR0913 -- the flat signature and NumPy's three keywords
    g: Value, y: Value, x: Value, *, axis: Axis = None, keepdims: bool = False, ddof: int = 0
) -> Value:
    centred = _plain(x - x.mean(axis=axis, keepdims=True))
    return spread(g, axis=axis, keepdims=keepdims) * 2 * centred / (_count(x, axis) - ddof)


def _deviation(x: Value, *, axis: Axis = None, keepdims: bool = False, ddof: int = 0) -> Value:
    return np.sqrt(_variance(x, axis=axis, keepdims=keepdims, ddof=ddof))


def _deviation_rule(  # noqa: PLR0913 -- the flat signature and NumPy's three keywords
    g: Value, y: Value, x: Value, *, axis: Axis = None, keepdims: bool = False, ddof: int = 0
) -> Value:
    inner = np.where(y == 0, 0, g / np.where(y == 0, 1, 2 * y))
    return _variance_rule(inner, y, x, axis=axis, keepdims=keepdims, ddof=ddof)


def _norm(x: Value, *, axis: Axis = None, keepdims: bool = False) -> Value:
    squares = (x * _plain(x)).real if np.iscomplexobj(x) else x * x
    return np.sqrt(squares.sum(axis=axis, keepdims=keepdims))


def _norm_rule(g: Value, y: Value, x: Value, *, axis: Axis = None, keepdims: bool = False) -> Value:
    inner = np.where(y == 0, 0, g / np.where(y == 0, 1, y))
    return spread(inner, axis=axis, keepdims=keepdims) * _plain(x)


def logsumexp(x: Value, *, axis: Axis = None, keepdims: bool = False) -> Value:
    """Logarithm of the sum of exponentials over axes, without overflow."""
    if x.dtype.kind == "O":
        return np.log(np.exp(x).sum(axis=axis, keepdims=keepdims))
    top = x.real.max(axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0)
    total = np.log(np.exp(x - top).sum(axis=axis, keepdims=True)) + top
    return total if keepdims else total.reshape(()) if axis is None else np.squeeze(total, axis=axis)


def _logsumexp_rule(g: Value, y: Value, x: Value, *, axis: Axis = None, keepdims: bool = False) -> Value:
    weights = np.exp(x - spread(y, axis=axis, keepdims=keepdims))
    return spread(g, axis=axis, keepdims=keepdims) * weights


def _cumsum_rule(g: Value, y: Value, x: Value, *, axis: int | None) -> Value:
    # Without an axis the result is flat, and so is the cotangent.
    along = 0 if axis is None else axis
    return np.flip(np.cumsum(np.flip(g, along), axis=along), along).reshape(x.shape)


PRIMITIVES: tuple[Primitive, ...] = (
    Primitive(
        name="sum",
        forward=lambda x, *, axis=None, keepdims=False: x.sum(axis=axis, keepdims=keepdims),
        vjps=(_sum_rule,),
        tex=r"\sum @0",
        formulas=(r"@g \cdot \mathbf{1}",),
        samples=_SAMPLES,
    ),
    Primitive(
        name="mean",
        forward=lambda x, *, axis=None, keepdims=False: x.mean(axis=axis, keepdims=keepdims),
        vjps=(_mean_rule,),
        tex=r"\operatorname{mean}(@0)",
        formulas=(r"\frac{@g}{n} \cdot \mathbf{1}",),
        samples=_SAMPLES,
    ),
    Primitive(
        name="prod",
        forward=lambda x, *, axis=None, keepdims=False: x.prod(axis=axis, keepdims=keepdims),
        vjps=(_prod_rule,),
        tex=r"\prod @0",
        formulas=(r"@g \cdot \prod_{j \ne i} {@0}_j",),
        samples=(*_SAMPLES, Sample((_ZERO,), {"axis": 1})),
    ),
    Primitive(
        name="max",
        forward=lambda x, *, axis=None, keepdims=False: x.max(axis=axis, keepdims=keepdims),
        vjps=(_extreme_rule,),
        tex=r"\max @0",
        formulas=(r"@g \cdot [@0 = @y]",),
        samples=_SAMPLES,
        analytic=False,
        note=_KINKED,
        kink=_tied,
        ordered=True,
    ),
    Primitive(
        name="min",
        forward=lambda x, *, axis=None, keepdims=False: x.min(axis=axis, keepdims=keepdims),
        vjps=(_extreme_rule,),
        tex=r"\min @0",
        formulas=(r"@g \cdot [@0 = @y]",),
        samples=_SAMPLES,
        analytic=False,
        note=_KINKED,
        kink=_tied,
        ordered=True,
    ),
    Primitive(
        name="var",
        forward=_variance,
        vjps=(_variance_rule,),
        tex=r"\operatorname{var}(@0)",
        formulas=(r"@g \cdot \frac{2 (@0 - \overline{@0})}{n - @{ddof}}",),
        samples=(*_SAMPLES, Sample((_BLOCK,), {"axis": 1, "ddof": 1})),
        analytic=False,
    ),
    Primitive(
        name="std",
        forward=_deviation,
        vjps=(_deviation_rule,),
        tex=r"\operatorname{std}(@0)",
        formulas=(r"@g \cdot \frac{@0 - \overline{@0}}{(n - @{ddof}) \cdot @y}",),
        samples=(*_SAMPLES, Sample((_BLOCK,), {"axis": 1, "ddof": 1})),
        analytic=False,
        note="Where all elements are equal the derivative is 0, the centre of the slopes there (as PyTorch).",
        kink=lambda y, x, **_: y == 0,
    ),
    Primitive(
        name="norm",
        forward=_norm,
        vjps=(_norm_rule,),
        tex=r"\lVert @0 \rVert_2",
        formulas=(r"\frac{@g \cdot @0}{@y}",),
        samples=_SAMPLES,
        analytic=False,
        note="At the tip 0 the derivative is 0, the centre of the slopes there (as in PyTorch).",
        kink=lambda y, x, **_: y == 0,
    ),
    Primitive(
        name="logsumexp",
        forward=logsumexp,
        vjps=(_logsumexp_rule,),
        tex=r"\ln \sum e^{@0}",
        formulas=(r"@g \cdot e^{@0 - @y}",),
        samples=_SAMPLES,
    ),
    Primitive(
        name="cumsum",
        forward=lambda x, *, axis: np.cumsum(x, axis=axis),
        vjps=(_cumsum_rule,),
        tex=r"\operatorname{cumsum}(@0)",
        formulas=(r"\sum_{j \ge i} {@g}_j",),
        samples=(
            Sample((_BLOCK,), {"axis": 0}),
            Sample((_CUBE,), {"axis": -1}),
            Sample((_BLOCK,), {"axis": None}),
        ),
    ),
)
