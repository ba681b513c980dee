"""Family: arithmetic, powers, exponentials and logarithms, element by element.

Layer `tape`. Each entry is data: forward, one rule per operand, formulas, samples away from kinks.
Derivatives are the elementary ones of any calculus text.
Read next: `trigonometric.py`, `activations.py`, `selection.py`, which complete the elementwise families.
"""

# ruff: noqa: ARG001, ARG005 -- every rule has the flat signature (g, out, *operands, **keywords)

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

import numpy as np

from sphinx_tape.tape.primitive import Primitive, Sample

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Value

_ROW = np.array([0.7, -1.3, 2.1])
_BLOCK = np.array([[0.4, -0.9, 1.6], [2.3, 1.1, -0.6]])
_POSITIVE = np.array([[0.4, 0.9, 1.6], [2.3, 1.1, 0.6]])

# A broadcast row, a broadcast scalar on either side, and equal shapes.
_PAIRS = (
    Sample((_BLOCK, _ROW)),
    Sample((np.float64(1.7), _BLOCK)),
    Sample((_ROW, _ROW[::-1].copy())),
)


def _abs_rule(g: Value, y: Value, x: Value) -> Value:
    if np.iscomplexobj(x):
        return g * np.conjugate(x) / np.where(y == 0, 1, y)
    return g * np.sign(x)


def _power_base(g: Value, y: Value, x: Value, p: Value) -> Value:
    if p.ndim == 0:
        return g * 0 if p == 0 else g * (p * x ** (p - 1))
    # Where p = 0 the derivative is 0 also at x = 0, where x**(p - 1) is infinite.
    return g * np.where(p == 0, 0, p * x ** np.where(p == 0, 1, p - 1))


def _power_exponent(g: Value, y: Value, x: Value, p: Value) -> Value:
    # ln 0 only ever meets y = 0 (a positive exponent), where the limit of the product is 0.
    return g * y * np.log(np.where(x == 0, 1, x))


def _hypot_rule(g: Value, y: Value, a: Value) -> Value:
    return g * a / np.where(y == 0, 1, y)


def _safe_log_rule(g: Value, y: Value, x: Value, *, eps: float) -> Value:
    return np.where(x > eps, g / np.maximum(x, eps), 0)


PRIMITIVES: tuple[Primitive, ...] = (
    Primitive(
        name="add",
        elementwise=True,
        forward=operator.add,
        vjps=(
            lambda g, y, a, b: g,
            lambda g, y, a, b: g,
        ),
        tex=r"@0 + @1",
        formulas=(
            r"@g",
            r"@g",
        ),
        samples=_PAIRS,
    ),
    Primitive(
        name="sub",
        elementwise=True,
        forward=operator.sub,
        vjps=(
            lambda g, y, a, b: g,
            lambda g, y, a, b: -g,
        ),
        tex=r"@0 - @1",
        formulas=(
            r"@g",
            r"-@g",
        ),
        samples=_PAIRS,
    ),
    Primitive(
        name="mul",
        elementwise=True,
        forward=operator.mul,
        vjps=(
            lambda g, y, a, b: g * b,
            lambda g, y, a, b: g * a,
        ),
        tex=r"@0 \cdot @1",
        formulas=(
            r"@g \cdot @1",
            r"@g \cdot @0",
        ),
        samples=_PAIRS,
    ),
    Primitive(
        name="div",
        elementwise=True,
        forward=operator.truediv,
        vjps=(
            lambda g, y, a, b: g / b,
            lambda g, y, a, b: -g * y / b,
        ),
        tex=r"\frac{@0}{@1}",
        formulas=(
            r"\frac{@g}{@1}",
            r"-\frac{@g \cdot @0}{{@1}^2}",
        ),
        samples=_PAIRS,
    ),
    Primitive(
        name="neg",
        elementwise=True,
        forward=operator.neg,
        vjps=(lambda g, y, x: -g,),
        tex=r"-@0",
        formulas=(r"-@g",),
        samples=(Sample((_BLOCK,)),),
    ),
    Primitive(
        name="scale",
        forward=lambda x, *, factor: factor * x,
        vjps=(lambda g, y, x, *, factor: factor * g,),
        tex=r"@{factor} \cdot @0",
        formulas=(r"@{factor} \cdot @g",),
        samples=(Sample((_BLOCK,), {"factor": 2.5}),),
    ),
    Primitive(
        name="reciprocal",
        elementwise=True,
        forward=lambda x: 1 / x,
        vjps=(lambda g, y, x: -g * y * y,),
        tex=r"\frac{1}{@0}",
        formulas=(r"-\frac{@g}{{@0}^2}",),
        samples=(Sample((_BLOCK,)),),
    ),
    Primitive(
        name="power",
        elementwise=True,
        forward=operator.pow,
        vjps=(
            _power_base,
            _power_exponent,
        ),
        tex=r"{@0}^{@1}",
        formulas=(
            r"@g \cdot @1 \cdot {@0}^{@1 - 1}",
            r"@g \cdot {@0}^{@1} \cdot \ln @0",
        ),
        samples=(Sample((_POSITIVE, _ROW)), Sample((_POSITIVE, np.float64(3.0)))),
        note=(
            "The base receives 0 where the exponent is 0 and the exponent receives 0 where the base is 0 "
            "(as in PyTorch); a negative base has no real derivative in the exponent: nan."
        ),
        kink=lambda y, x, p: (x == 0) | (p == 0),
    ),
    Primitive(
        name="square",
        elementwise=True,
        forward=lambda x: x * x,
        vjps=(lambda g, y, x: 2 * g * x,),
        tex=r"{@0}^2",
        formulas=(r"2 \cdot @g \cdot @0",),
        samples=(Sample((_BLOCK,)),),
    ),
    Primitive(
        name="sqrt",
        elementwise=True,
        forward=np.sqrt,
        vjps=(lambda g, y, x: g / (2 * y),),
        tex=r"\sqrt{@0}",
        formulas=(r"\frac{@g}{2 \sqrt{@0}}",),
        samples=(Sample((_POSITIVE,)),),
        note="At 0 the slope is infinite and stays so (as in PyTorch).",
        kink=lambda y, x: x == 0,
    ),
    Primitive(
        name="abs",
        elementwise=True,
        forward=np.abs,
        vjps=(_abs_rule,),
        tex=r"\lvert @0 \rvert",
        formulas=(r"@g \cdot \operatorname{sign}(@0)",),
        samples=(Sample((_BLOCK,)),),
        analytic=False,
        note="At the kink 0 the derivative is 0, the middle of -1 and 1 (as in PyTorch).",
        kink=lambda y, x: x == 0,
    ),
    Primitive(
        name="hypot",
        elementwise=True,
        forward=np.hypot,
        vjps=(
            lambda g, y, a, b: _hypot_rule(g, y, a),
            lambda g, y, a, b: _hypot_rule(g, y, b),
        ),
        tex=r"\sqrt{{@0}^2 + {@1}^2}",
        formulas=(
            r"\frac{@g \cdot @0}{@y}",
            r"\frac{@g \cdot @1}{@y}",
        ),
        samples=_PAIRS,
        analytic=False,
        note="At the tip (0, 0) both derivatives are 0, the centre of all slopes there.",
        kink=lambda y, a, b: y == 0,
    ),
    Primitive(
        name="exp",
        elementwise=True,
        forward=np.exp,
        vjps=(lambda g, y, x: g * y,),
        tex=r"e^{@0}",
        formulas=(r"@g \cdot e^{@0}",),
        samples=(Sample((_BLOCK,)),),
    ),
    Primitive(
        name="expm1",
        elementwise=True,
        forward=np.expm1,
        vjps=(lambda g, y, x: g * (y + 1),),
        tex=r"e^{@0} - 1",
        formulas=(r"@g \cdot e^{@0}",),
        samples=(Sample((_BLOCK,)),),
    ),
    Primitive(
        name="log",
        elementwise=True,
        forward=np.log,
        vjps=(lambda g, y, x: g / x,),
        tex=r"\ln @0",
        formulas=(r"\frac{@g}{@0}",),
        samples=(Sample((_POSITIVE,)),),
    ),
    Primitive(
        name="log1p",
        elementwise=True,
        forward=np.log1p,
        vjps=(lambda g, y, x: g / (1 + x),),
        tex=r"\ln(1 + @0)",
        formulas=(r"\frac{@g}{1 + @0}",),
        samples=(Sample((_POSITIVE,)),),
    ),
    Primitive(
        name="safe_log",
        forward=lambda x, *, eps: np.log(np.maximum(x, eps)),
        vjps=(_safe_log_rule,),
        tex=r"\ln \max(@0, @{eps})",
        formulas=(r"\frac{@g}{@0} \cdot [@0 > @{eps}]",),
        samples=(Sample((_POSITIVE,), {"eps": 0.7}),),
        analytic=False,
        note="From eps downwards the value is held at ln eps and the derivative is 0.",
        kink=lambda y, x, *, eps: x <= eps,
        ordered=True,
    ),
    Primitive(
        name="logaddexp",
        elementwise=True,
        forward=np.logaddexp,
        vjps=(
            lambda g, y, a, b: g * np.exp(a - y),
            lambda g, y, a, b: g * np.exp(b - y),
        ),
        tex=r"\ln(e^{@0} + e^{@1})",
        formulas=(
            r"@g \cdot e^{@0 - @y}",
            r"@g \cdot e^{@1 - @y}",
        ),
        samples=_PAIRS,
        analytic=False,
    ),
)
