"""`render.characters`: the width rule and clipping."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sphinx_tape.render.characters import NARROW, clip, ems


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("", 0),
        ("abc", 3 * 602),
        ("変数", 2000),
        ("é", 602),
        ("e\u0301", 602),
        ("λ∂", 2 * 602),
        ("a\u200db", 2 * 602),
    ],
)
def test_width_follows_the_rule(text, width):
    """0.602 em a character, 1 em where wide, nothing for marks and joiners."""
    assert ems(text) == width


@pytest.mark.parametrize(
    ("text", "limit", "clipped"),
    [
        ("short", 5, "short"),
        ("longer", 5, "long…"),
        ("変数変数", 5, "変数…"),
        ("one two", 5, "one…"),
        ("abc", 1, "…"),
    ],
)
def test_long_text_ends_in_an_ellipsis(text, limit, clipped):
    """Text that does not fit is cut, and it is seen to be cut."""
    assert clip(text, limit) == clipped


@given(st.text(), st.integers(1, 30))
def test_clipped_text_fits(text, limit):
    """Whatever the script, the result is no wider than the limit."""
    assert ems(clip(text, limit)) <= limit * NARROW
