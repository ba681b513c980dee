"""Primitives of network layers that act along an axis: softmax and its relatives, dropout.

Layer `tape`. The softmax rules are those of the Jacobian diag(y) - y y^T (Bridle 1990, "Probabilistic
interpretation of feedforward classification network outputs", section 3).
Read next: `losses.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sphinx_tape.errors import OperandError
from sphinx_tape.tape.primitive import Primitive, Sample
from sphinx_tape.tape.requirements import require_real, require_temperature

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Axis, Value


def highest(x: Value, axis: Axis) -> Value:
    """Return what is subtracted against overflow: the maximum, or 0 for symbols, which have no order."""
    require_real("softmax and its relatives", x)
    return 0 if x.dtype.kind == "O" else x.max(axis=axis, keepdims=True)


def softmax_of(x: Value, axis: Axis = -1) -> Value:
    """Return exp(x) normalised to sum 1 along the axis; the maximum is subtracted against overflow."""
    powers = np.exp(x - highest(x, axis))
    powers /= powers.sum(axis=axis, keepdims=True)
    return powers


def log_softmax_of(x: Value, axis: Axis = -1) -> Value:
    """Return the logarithm of the softmax without ever forming it."""
    shifted = x - highest(x, axis)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


def smooth_max_of(x: Value, axis: Axis = -1, temperature: float = 1.0, *, keepdims: bool = False) -> Value:
    """Return `T log sum exp(x / T)`; it tends to the maximum as T tends to 0."""
    require_temperature(temperature, "smooth_max")
    top = highest(x, axis)
    total = np.sum(np.exp((x - top) / temperature), axis=axis, keepdims=True)
    result = top + temperature * np.log(total)
    return result if keepdims else np.squeeze(result, axis=axis)


def _softmax_rule(g: Value, out: Value, _x: Value, axis: Axis = -1) -> Value:
    return out * (g - np.sum(g * out, axis=axis, keepdims=True))


def _log_softmax_rule(g: Value, out: Value, _x: Value, axis: Axis = -1) -> Value:
    return g - np.exp(out) * np.sum(g, axis=axis, keepdims=True)


def _smooth_max_rule(
    g: Value, _out: Value, x: Value, axis: Axis = -1, temperature: float = 1.0, *, keepdims: bool = False
) -> Value:
    whole = g if keepdims or axis is None else np.expand_dims(g, axis)
    return whole * softmax_of(x / temperature, axis)


def _dropout(x: Value, mask: Value, rate: float = 0.5) -> Value:
    """Return x with the elements where mask is 0 dropped, the others scaled by 1 / (1 - rate).

    Raises:
        OperandError: The rate is no probability below 1.
    """
    if not 0 <= rate < 1:
        msg = f"rate of dropout must be at least 0 and below 1 (got {rate}); it is the share that is dropped"
        raise OperandError(msg)
    return np.where(mask, x, 0) / (1 - rate)


_X = np.array([[0.5, -1.25, 2.0], [1.5, 0.25, -0.75]])
_T = np.linspace(-1.0, 1.5, 12).reshape(2, 3, 2)
_MASK = np.array([[1, 0, 1], [0, 1, 1]])
_ALONG_AXES = (
    Sample((_X,)),
    Sample((_X,), {"axis": 0}),
    Sample((_T,), {"axis": (0, -1)}),
    Sample((_X,), {"axis": None}),
)

softmax = Primitive(
    name="softmax",
    forward=softmax_of,
    vjps=(_softmax_rule,),
    tex=r"\operatorname{softmax}(@0)",
    formulas=(r"@y \odot \left(@g - \sum @g \odot @y\right)",),
    samples=_ALONG_AXES,
    analytic=False,
)
log_softmax = Primitive(
    name="log_softmax",
    forward=log_softmax_of,
    vjps=(_log_softmax_rule,),
    tex=r"\log \operatorname{softmax}(@0)",
    formulas=(r"@g - e^{@y} \odot \sum @g",),
    samples=_ALONG_AXES,
    analytic=False,
)
smooth_max = Primitive(
    name="smooth_max",
    forward=smooth_max_of,
    vjps=(_smooth_max_rule,),
    tex=r"@{temperature} \, \log \sum e^{@0 / @{temperature}}",
    formulas=(r"@g \odot \operatorname{softmax}(@0 / @{temperature})",),
    samples=(
        Sample((_X,), {"temperature": 1.0}),
        Sample((_X,), {"axis": 0, "temperature": 0.5, "keepdims": True}),
        Sample((_T,), {"axis": (0, 2), "temperature": 2.0}),
        Sample((_X,), {"axis": None, "temperature": 0.7}),
    ),
    analytic=False,
)
dropout = Primitive(
    name="dropout",
    forward=_dropout,
    vjps=(lambda g, _out, _x, mask, rate=0.5: np.where(mask, g, 0) / (1 - rate), None),
    tex=r"\frac{@0 \odot @1}{1 - @{rate}}",
    formulas=(r"\frac{@g \odot @1}{1 - @{rate}}", ""),
    samples=(Sample((_X, _MASK), {"rate": 0.4}), Sample((_X, _MASK[:1]), {"rate": 0.25})),
)

PRIMITIVES = (softmax, log_softmax, smooth_max, dropout)
