"""Family: trigonometric and hyperbolic functions and their inverses, element by element; angles in radians.

Layer `tape`. Derivatives: Abramowitz and Stegun 1964, sections 4.3 to 4.6.
Read next: `activations.py`.
"""

# ruff: noqa: ARG001, ARG005 -- every rule has the flat signature (g, out, *operands, **keywords)

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sphinx_tape.tape.primitive import Primitive, Sample

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Value

_ANGLES = np.array([[0.4, -0.9, 1.2], [-1.4, 1.1, -0.6]])
_INSIDE = np.array([[0.4, -0.9, 0.2], [-0.3, 0.7, -0.6]])
_BEYOND = np.array([1.3, 2.2, 4.1])
_AROUND = (np.array([0.7, -1.3, 2.1]), np.array([-0.5, -0.8, 1.4]))


def _arctan2_first(g: Value, y: Value, a: Value, b: Value) -> Value:
    return g * b / (a * a + b * b)


def _arctan2_second(g: Value, y: Value, a: Value, b: Value) -> Value:
    return -g * a / (a * a + b * b)


PRIMITIVES: tuple[Primitive, ...] = (
    Primitive(
        name="sin",
        elementwise=True,
        forward=np.sin,
        vjps=(lambda g, y, x: g * np.cos(x),),
        tex=r"\sin @0",
        formulas=(r"@g \cdot \cos @0",),
        samples=(Sample((_ANGLES,)),),
    ),
    Primitive(
        name="cos",
        elementwise=True,
        forward=np.cos,
        vjps=(lambda g, y, x: -g * np.sin(x),),
        tex=r"\cos @0",
        formulas=(r"-@g \cdot \sin @0",),
        samples=(Sample((_ANGLES,)),),
    ),
    Primitive(
        name="tan",
        elementwise=True,
        forward=np.tan,
        vjps=(lambda g, y, x: g * (1 + y * y),),
        tex=r"\tan @0",
        formulas=(r"@g \cdot (1 + \tan^2 @0)",),
        samples=(Sample((_ANGLES,)),),
    ),
    Primitive(
        name="arcsin",
        elementwise=True,
        forward=np.arcsin,
        vjps=(lambda g, y, x: g / np.sqrt(1 - x * x),),
        tex=r"\arcsin @0",
        formulas=(r"\frac{@g}{\sqrt{1 - {@0}^2}}",),
        samples=(Sample((_INSIDE,)),),
    ),
    Primitive(
        name="arccos",
        elementwise=True,
        forward=np.arccos,
        vjps=(lambda g, y, x: -g / np.sqrt(1 - x * x),),
        tex=r"\arccos @0",
        formulas=(r"-\frac{@g}{\sqrt{1 - {@0}^2}}",),
        samples=(Sample((_INSIDE,)),),
    ),
    Primitive(
        name="arctan",
        elementwise=True,
        forward=np.arctan,
        vjps=(lambda g, y, x: g / (1 + x * x),),
        tex=r"\arctan @0",
        formulas=(r"\frac{@g}{1 + {@0}^2}",),
        samples=(Sample((_ANGLES,)),),
    ),
    Primitive(
        name="arctan2",
        elementwise=True,
        forward=np.arctan2,
        vjps=(
            _arctan2_first,
            _arctan2_second,
        ),
        tex=r"\operatorname{atan2}(@0, @1)",
        formulas=(
            r"\frac{@g \cdot @1}{{@0}^2 + {@1}^2}",
            r"-\frac{@g \cdot @0}{{@0}^2 + {@1}^2}",
        ),
        samples=(Sample(_AROUND),),
        analytic=False,
    ),
    Primitive(
        name="sinh",
        elementwise=True,
        forward=np.sinh,
        vjps=(lambda g, y, x: g * np.cosh(x),),
        tex=r"\sinh @0",
        formulas=(r"@g \cdot \cosh @0",),
        samples=(Sample((_ANGLES,)),),
    ),
    Primitive(
        name="cosh",
        elementwise=True,
        forward=np.cosh,
        vjps=(lambda g, y, x: g * np.sinh(x),),
        tex=r"\cosh @0",
        formulas=(r"@g \cdot \sinh @0",),
        samples=(Sample((_ANGLES,)),),
    ),
    Primitive(
        name="tanh",
        elementwise=True,
        forward=np.tanh,
        vjps=(lambda g, y, x: g * (1 - y * y),),
        tex=r"\tanh @0",
        formulas=(r"@g \cdot (1 - \tanh^2 @0)",),
        samples=(Sample((_ANGLES,)),),
    ),
    Primitive(
        name="arcsinh",
        elementwise=True,
        forward=np.arcsinh,
        vjps=(lambda g, y, x: g / np.sqrt(x * x + 1),),
        tex=r"\operatorname{arsinh} @0",
        formulas=(r"\frac{@g}{\sqrt{{@0}^2 + 1}}",),
        samples=(Sample((_ANGLES,)),),
    ),
    Primitive(
        name="arccosh",
        elementwise=True,
        forward=np.arccosh,
        vjps=(lambda g, y, x: g / (np.sqrt(x - 1) * np.sqrt(x + 1)),),
        tex=r"\operatorname{arcosh} @0",
        formulas=(r"\frac{@g}{\sqrt{{@0}^2 - 1}}",),
        samples=(Sample((_BEYOND,)),),
    ),
    Primitive(
        name="arctanh",
        elementwise=True,
        forward=np.arctanh,
        vjps=(lambda g, y, x: g / (1 - x * x),),
        tex=r"\operatorname{artanh} @0",
        formulas=(r"\frac{@g}{1 - {@0}^2}",),
        samples=(Sample((_INSIDE,)),),
    ),
)
