"""Family: selection, comparison and conversion, element by element.

Layer `tape`. Where two operands tie, each gets half (the convention of PyTorch and JAX): the result does
not depend on their order.
Read next: `reductions.py`.
"""

# ruff: noqa: ARG001, ARG005 -- every rule has the flat signature (g, out, *operands, **keywords)

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sphinx_tape.tape.primitive import Primitive, Sample

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Value

_BLOCK = np.array([[0.4, -0.9, 1.6], [2.3, 1.1, -0.6]])
_ROW = np.array([0.7, -1.3, 2.1])
_PAIRS = (Sample((_BLOCK, _ROW)), Sample((np.float64(0.5), _BLOCK)))
_COMPLEX = (Sample((np.array([0.4 - 0.2j, -0.9 + 1.1j]),)),)


def _greater_share(g: Value, winner: Value, other: Value) -> Value:
    """Give all of the cotangent where `winner` is greater, half where both are equal."""
    return np.where(winner == other, g / 2, np.where(winner > other, g, 0))


def _clip_rule(g: Value, y: Value, x: Value, *, low: Value, high: Value) -> Value:
    above = True if low is None else x >= low
    below = True if high is None else x <= high
    return np.where(np.logical_and(above, below), g, 0)


def _clip(x: Value, *, low: Value, high: Value) -> Value:
    return np.clip(x, low, high)


def _comparison(name: str, forward: np.ufunc, sign: str, *, ordered: bool = True) -> Primitive:
    return Primitive(
        name=name,
        forward=forward,
        vjps=(None, None),
        tex=rf"[@0 {sign} @1]",
        formulas=("", ""),
        samples=_PAIRS,
        analytic=False,
        note="A comparison jumps: it is not differentiable by definition.",
        ordered=ordered,
    )


def _staircase(name: str, forward: np.ufunc, tex: str) -> Primitive:
    return Primitive(
        name=name,
        forward=forward,
        vjps=(None,),
        tex=tex,
        formulas=("",),
        samples=(Sample((_BLOCK,)),),
        analytic=False,
        note=(
            "Constant between its jumps: declared not differentiable (as in HIPS autograd), "
            "so that nothing is handed back instead of zeros."
        ),
    )


PRIMITIVES: tuple[Primitive, ...] = (
    Primitive(
        name="maximum",
        elementwise=True,
        forward=np.maximum,
        vjps=(
            lambda g, y, a, b: _greater_share(g, a, b),
            lambda g, y, a, b: _greater_share(g, b, a),
        ),
        tex=r"\max(@0, @1)",
        formulas=(
            r"@g \cdot [@0 > @1]",
            r"@g \cdot [@1 > @0]",
        ),
        samples=_PAIRS,
        analytic=False,
        note="Where both are equal each gets half of the cotangent (as in PyTorch).",
        kink=lambda y, a, b: a == b,
        ordered=True,
    ),
    Primitive(
        name="minimum",
        elementwise=True,
        forward=np.minimum,
        vjps=(
            lambda g, y, a, b: _greater_share(g, b, a),
            lambda g, y, a, b: _greater_share(g, a, b),
        ),
        tex=r"\min(@0, @1)",
        formulas=(
            r"@g \cdot [@0 < @1]",
            r"@g \cdot [@1 < @0]",
        ),
        samples=_PAIRS,
        analytic=False,
        note="Where both are equal each gets half of the cotangent (as in PyTorch).",
        kink=lambda y, a, b: a == b,
        ordered=True,
    ),
    Primitive(
        name="clip",
        forward=_clip,
        vjps=(_clip_rule,),
        tex=r"\operatorname{clip}(@0, @{low}, @{high})",
        formulas=(r"@g \cdot [@{low} \le @0 \le @{high}]",),
        samples=(
            Sample((_BLOCK,), {"low": -0.5, "high": 1.2}),
            Sample((_BLOCK,), {"low": None, "high": 1.2}),
            Sample((_BLOCK,), {"low": 0.0, "high": None}),
        ),
        analytic=False,
        note="On a bound the derivative is 1, as inside (as in PyTorch).",
        kink=lambda y, x, *, low, high: (x == low) | (x == high),
        ordered=True,
    ),
    Primitive(
        name="where",
        forward=np.where,
        vjps=(
            None,
            lambda g, y, c, a, b: np.where(c, g, 0),
            lambda g, y, c, a, b: np.where(c, 0, g),
        ),
        tex=r"[@0] @1 + [\lnot @0] @2",
        formulas=(
            r"",
            r"@g \cdot [@0]",
            r"@g \cdot [\lnot @0]",
        ),
        samples=(Sample((_BLOCK > 0, _BLOCK, _ROW)), Sample((_ROW > 0, np.float64(1.5), _BLOCK))),
    ),
    _staircase("sign", np.sign, r"\operatorname{sign}(@0)"),
    _staircase("floor", np.floor, r"\lfloor @0 \rfloor"),
    _staircase("ceil", np.ceil, r"\lceil @0 \rceil"),
    _staircase("round", np.rint, r"\operatorname{round}(@0)"),
    _comparison("less", np.less, "<"),
    _comparison("less_equal", np.less_equal, r"\le"),
    _comparison("greater", np.greater, ">"),
    _comparison("greater_equal", np.greater_equal, r"\ge"),
    _comparison("equal", np.equal, "=", ordered=False),
    _comparison("not_equal", np.not_equal, r"\ne", ordered=False),
    Primitive(
        name="real",
        forward=np.real,
        vjps=(lambda g, y, x: g,),
        tex=r"\operatorname{Re} @0",
        formulas=(r"@g",),
        samples=_COMPLEX,
        analytic=False,
    ),
    Primitive(
        name="imag",
        forward=np.imag,
        vjps=(lambda g, y, x: -1j * g,),
        tex=r"\operatorname{Im} @0",
        formulas=(r"i \cdot @g",),
        samples=_COMPLEX,
        analytic=False,
    ),
    Primitive(
        name="conjugate",
        forward=np.conjugate,
        vjps=(lambda g, y, x: np.conjugate(g),),
        tex=r"\overline{@0}",
        formulas=(r"\overline{@g}",),
        samples=_COMPLEX,
        analytic=False,
    ),
    Primitive(
        name="cast",
        forward=lambda x, *, dtype: x.astype(dtype),
        vjps=(lambda g, y, x, *, dtype: g,),
        tex=r"@0",
        formulas=(r"@g",),
        samples=(Sample((_BLOCK,), {"dtype": np.dtype(np.float64)}),),
        analytic=False,
        note="The cotangent is converted back to the type of the operand.",
    ),
    Primitive(
        name="detach",
        forward=lambda x: x,
        vjps=(None,),
        tex=r"@0",
        formulas=(r"",),
        samples=(Sample((_BLOCK,)),),
        note="The value goes on, the gradient does not: not differentiable by definition.",
    ),
)
