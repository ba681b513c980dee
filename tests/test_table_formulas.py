"""Every formula of the table can be shown in every output format."""

import re
from xml.etree import ElementTree as ET

import pytest

from sphinx_tape.ext.mathml import to_mathml
from sphinx_tape.tape.primitives import PRIMITIVES

MARK = re.compile(r"@(\{\w+\}|\w)")

FORMULAS = [
    (name, tex)
    for name, primitive in PRIMITIVES.items()
    for tex in (primitive.tex, *primitive.formulas)
    if tex
]


@pytest.mark.parametrize(
    ("name", "tex"), FORMULAS, ids=[f"{i}-{name}" for i, (name, _) in enumerate(FORMULAS)]
)
def test_the_formula_becomes_wellformed_mathml(name, tex):
    """The converter takes the formula, and what it gives is XML without foreign entities (EPUB)."""
    markup = to_mathml(MARK.sub(r"{x}", tex))
    assert markup.startswith("<math"), f"{name}: {tex}"
    ET.fromstring(markup)  # noqa: S314 -- our own formula


def test_a_formula_that_cannot_be_converted_would_be_seen():
    """The check above can fail: broken TeX falls back to its text."""
    assert not to_mathml(r"\nosuchcommand{1}").startswith("<math")
