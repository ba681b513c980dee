"""`ext.mathml`: formulas without a script."""

from __future__ import annotations

import pytest
from lxml import etree

from sphinx_tape.ext.mathml import to_mathml


@pytest.mark.parametrize(
    "tex", ["x^2", r"\bar{v}_3 = 2 \cdot (-3)", r"\sin x", r"\ln x_1", r"\frac{1}{2}", r"\tfrac{1}{2}"]
)
def test_a_formula_is_a_well_formed_math_element(tex):
    """XML knows no named characters but five; EPUB is XML."""
    element = etree.fromstring(to_mathml(tex))
    assert element.tag == "{http://www.w3.org/1998/Math/MathML}math"


def test_a_function_name_is_set_apart_from_its_argument():
    """`ln x`, not `lnx`; a bracket needs no space."""
    assert "mspace" in to_mathml(r"\ln x")
    assert "mspace" not in to_mathml(r"\ln (x)")


def test_what_the_converter_refuses_is_shown_as_text():
    """Nobody's page breaks because of a formula; markup in it stays text."""
    assert to_mathml(r"\nosuchcommand{<b>") == '<code class="tape-tex">\\nosuchcommand{&lt;b&gt;</code>'
