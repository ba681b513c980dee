"""Family: activation functions of neural networks, element by element.

Layer `tape`. Forms are chosen so that no exponential overflows; complex and symbolic elements, which have
no order, take the textbook form instead.
Sources: Clevert et al. 2016 (elu), Hendrycks and Gimpel 2016 (gelu, silu), Maas et al. 2013 (leaky relu).
Read next: `selection.py`.
"""

# ruff: noqa: ARG001, ARG005 -- every rule has the flat signature (g, out, *operands, **keywords)

from __future__ import annotations

import math
from operator import methodcaller
from typing import TYPE_CHECKING

import numpy as np

from sphinx_tape.tape.primitive import Primitive, Sample

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Value

_BLOCK = np.array([[0.4, -0.9, 1.6], [2.3, 1.1, -0.6]])
_SAMPLE = (Sample((_BLOCK,)),)

_erf_numbers = np.frompyfunc(math.erf, 1, 1)
_erf_exact = np.frompyfunc(methodcaller("erf"), 1, 1)


def _unordered(x: Value) -> bool:
    """Tell whether the elements are complex or symbolic, so that they cannot be compared."""
    return x.dtype.kind in "cO"


def erf(x: Value) -> Value:
    """Error function, elementwise; NumPy has none, the standard library's is exact to the last digit."""
    if x.dtype.kind == "O":
        return _erf_exact(x)
    return np.asarray(_erf_numbers(x)).astype(x.dtype)


def sigmoid(x: Value) -> Value:
    """Logistic function, elementwise, without overflow for large negative elements."""
    if _unordered(x):
        return 1 / (1 + np.exp(-x))
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, small) / (1 + small)


def _softplus(x: Value) -> Value:
    if _unordered(x):
        return np.log(1 + np.exp(x))
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def _elu(x: Value, *, alpha: float) -> Value:
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def _elu_rule(g: Value, y: Value, x: Value, *, alpha: float) -> Value:
    return g * np.where(x > 0, 1, alpha * np.exp(np.minimum(x, 0)))


def _silu_rule(g: Value, y: Value, x: Value) -> Value:
    s = sigmoid(x)
    return g * (s * (1 + x * (1 - s)))


def _gelu_rule(g: Value, y: Value, x: Value) -> Value:
    density = np.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    return g * ((1 + erf(x / math.sqrt(2))) / 2 + x * density)


_GELU_TANH = math.sqrt(2 / math.pi)


def _gelu_tanh_inner(x: Value) -> Value:
    return np.tanh(_GELU_TANH * (x + 0.044715 * x * x * x))


def _gelu_tanh_rule(g: Value, y: Value, x: Value) -> Value:
    t = _gelu_tanh_inner(x)
    slope = _GELU_TANH * (1 + 3 * 0.044715 * x * x)
    return g * ((1 + t) / 2 + x * (1 - t * t) * slope / 2)


PRIMITIVES: tuple[Primitive, ...] = (
    Primitive(
        name="sigmoid",
        elementwise=True,
        forward=sigmoid,
        vjps=(lambda g, y, x: g * y * (1 - y),),
        tex=r"\sigma(@0)",
        formulas=(r"@g \cdot \sigma(@0) \cdot (1 - \sigma(@0))",),
        samples=_SAMPLE,
    ),
    Primitive(
        name="softplus",
        elementwise=True,
        forward=_softplus,
        vjps=(lambda g, y, x: g * sigmoid(x),),
        tex=r"\ln(1 + e^{@0})",
        formulas=(r"@g \cdot \sigma(@0)",),
        samples=_SAMPLE,
    ),
    Primitive(
        name="relu",
        elementwise=True,
        forward=lambda x: np.maximum(x, 0),
        # The same places as x > 0, in an array that the next rule reads as well.
        vjps=(lambda g, y, x: g * (y > 0),),
        tex=r"\max(0, @0)",
        formulas=(r"@g \cdot [@0 > 0]",),
        samples=_SAMPLE,
        analytic=False,
        note="At the kink 0 the derivative is 0 (as in PyTorch).",
        kink=lambda y, x: x == 0,
        ordered=True,
    ),
    Primitive(
        name="leaky_relu",
        forward=lambda x, *, slope: np.where(x > 0, x, slope * x),
        vjps=(lambda g, y, x, *, slope: np.where(x > 0, g, slope * g),),
        tex=r"\max(0, @0) + @{slope} \min(0, @0)",
        formulas=(r"@g \cdot ([@0 > 0] + @{slope} [@0 \le 0])",),
        samples=(Sample((_BLOCK,), {"slope": 0.1}),),
        analytic=False,
        note="At the kink 0 the derivative is the slope of the negative side (as in PyTorch).",
        kink=lambda y, x, *, slope: x == 0,
        ordered=True,
    ),
    Primitive(
        name="elu",
        forward=_elu,
        vjps=(_elu_rule,),
        tex=r"[@0 > 0] @0 + [@0 \le 0] @{alpha} (e^{@0} - 1)",
        formulas=(r"@g \cdot ([@0 > 0] + [@0 \le 0] @{alpha} e^{@0})",),
        samples=(Sample((_BLOCK,), {"alpha": 1.3}),),
        analytic=False,
        note="At 0 the derivative is alpha, that of the negative side (as in PyTorch).",
        kink=lambda y, x, *, alpha: x == 0,
        ordered=True,
    ),
    Primitive(
        name="silu",
        elementwise=True,
        forward=lambda x: x * sigmoid(x),
        vjps=(_silu_rule,),
        tex=r"@0 \cdot \sigma(@0)",
        formulas=(r"@g \cdot \sigma(@0) (1 + @0 (1 - \sigma(@0)))",),
        samples=_SAMPLE,
    ),
    Primitive(
        name="gelu",
        elementwise=True,
        forward=lambda x: x * (1 + erf(x / math.sqrt(2))) / 2,
        vjps=(_gelu_rule,),
        tex=r"@0 \cdot \Phi(@0)",
        formulas=(r"@g \cdot (\Phi(@0) + @0 \varphi(@0))",),
        samples=_SAMPLE,
        analytic=False,
    ),
    Primitive(
        name="gelu_tanh",
        elementwise=True,
        forward=lambda x: x * (1 + _gelu_tanh_inner(x)) / 2,
        vjps=(_gelu_tanh_rule,),
        tex=r"\tfrac{@0}{2} (1 + t), \; t = \tanh(\sqrt{2/\pi} (@0 + 0.044715 {@0}^3))",
        formulas=(r"@g \cdot \tfrac{1}{2} (1 + t + @0 (1 - t^2) \sqrt{2/\pi} (1 + 0.134145 {@0}^2))",),
        samples=_SAMPLE,
    ),
    Primitive(
        name="erf",
        elementwise=True,
        forward=erf,
        vjps=(lambda g, y, x: g * np.exp(-x * x) * (2 / math.sqrt(math.pi)),),
        tex=r"\operatorname{erf}(@0)",
        formulas=(r"@g \cdot \frac{2}{\sqrt{\pi}} e^{-{@0}^2}",),
        samples=_SAMPLE,
        analytic=False,
    ),
)
