"""`render.expressions`: fractions and SymPy text as TeX."""

from __future__ import annotations

import pytest
from docutils.utils.math.latex2mathml import tex2mathml
from hypothesis import given
from hypothesis import strategies as st

from sphinx_tape.render.expressions import expression_tex
from tests.support import require_module


@pytest.mark.parametrize(
    ("text", "tex", "loose"),
    [
        ("7", "7", False),
        ("1/3", r"\frac{1}{3}", True),
        ("-1/3", r"-\frac{1}{3}", True),
        ("x*y + sin(x)", r"x \, y + \sin(x)", True),
        ("x - (y - 1)", r"x - (y - 1)", True),
        ("(x + 1)**2", r"{(x + 1)}^{2}", True),
        ("sin(x/2)", r"\sin\left(\frac{x}{2}\right)", False),
        ("2*x**3", r"2 \cdot {x}^{3}", True),
        ("-x**2", "-{x}^{2}", True),
        ("(-x)**2", r"{(-x)}^{2}", True),
        ("+x", "+x", True),
        ("sqrt(x_1)", r"\sqrt{{x_{1}}}", False),
        ("Max(0, x)", r"\max(0, x)", False),
        ("atan(pi)", r"\arctan(\pi)", False),
        ("relu(x)", r"\mathrm{relu}(x)", False),
        ("x and y", r"\text{x and y}", True),
        ("x % y", r"\text{x }\%\text{ y}", True),
        ("f(x)(y)", r"\text{f(x)(y)}", True),
        ("(", r"\text{(}", True),
    ],
)
def test_expressions_are_typeset(text, tex, loose):
    """What reads as an expression is typeset with its precedence; anything else keeps its letters."""
    assert expression_tex(text) == (tex, loose)


def test_sympy_text_is_understood():
    """A derivative as SymPy prints it comes out as a fraction with functions."""
    sympy = require_module("sympy")
    x = sympy.Symbol("x")
    derivative = str(sympy.diff(sympy.exp(x) / (1 + sympy.exp(x)), x))
    tex, _ = expression_tex(derivative)
    assert r"\frac" in tex
    assert r"\exp" in tex
    tex2mathml(tex)


@given(st.text(max_size=60))
def test_any_text_is_valid_math(text):
    """No element text can make TeX that the converter refuses."""
    tex2mathml(expression_tex(text)[0])


def test_a_very_long_expression_is_not_parsed():
    """Depth is bounded: a monster is printed as letters instead of exhausting the stack."""
    monster = "(" * 500 + "x" + ")" * 500
    assert expression_tex(monster)[0].startswith(r"\text{((")
