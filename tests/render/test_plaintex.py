"""`render.plaintex`: templates as text a terminal can show."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sphinx_tape.render.plaintex import plain_template
from tests.support import require_module


@pytest.mark.parametrize(
    ("template", "text"),
    [
        (r"@g \cdot @1", "@g · @1"),
        (r"\frac{@g}{@1}", "@g / @1"),
        (r"-\frac{@g \cdot @0}{{@1}^2}", "-(@g · @0) / (@1^2)"),
        (r"\tfrac{2}{n} @g \, (@0 - @1)", "(2/n) @g (@0 - @1)"),
        (r"@0 \, @1^{\top}", "@0 @1^T"),
        (r"e^{@0 / @{temperature}}", "e^(@0 / @{temperature})"),
        (r"@y \odot \left(@g - \textstyle\sum @g \odot @y\right)", "@y ⊙ (@g - sum @g ⊙ @y)"),
        (r"\sum_{\text{batch}} @g", "sum_batch @g"),
        (r"@0_{[@1]}", "@0[@1]"),
        (r"\operatorname{huber}_{@{delta}}(@0)", "huber_@{delta}(@0)"),
        (r"\sqrt{\sigma^2 + @{eps}}", "sqrt(\u03c3^2 + @{eps})"),
        (r"\unknown @0", "unknown @0"),
        (r"[\lnot @0] \cdot \overline{@g}", "[not @0] · overline(@g)"),
        (r"\hat{x}", "hat(x)"),
        (r"\frac{1}", "1 / ()"),
        (r"@0^ 2", "@0^2"),
        ("", ""),
    ],
)
def test_templates_become_text(template, text):
    """Products, fractions, exponents and functions read as they are said, marks untouched."""
    assert plain_template(template) == text


@given(st.text(alphabet=r"\{}^_ @01gfrac", max_size=30))
def test_broken_templates_do_no_harm(template):
    """Unbalanced braces and dangling commands give some text instead of an error."""
    assert isinstance(plain_template(template), str)


def test_every_operation_has_readable_formulas():
    """No formula of the table leaves a command or a brace in its text."""
    for primitive in _table():
        for template in (primitive.tex, *primitive.formulas):
            text = plain_template(template)
            bare = text.replace("@{", "").replace("}", "")
            assert "\\" not in text, (primitive.name, text)
            assert "{" not in bare, (primitive.name, text)


def _table():
    module = require_module("sphinx_tape.tape.primitives")
    return list(module.PRIMITIVES.values())
