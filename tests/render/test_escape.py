"""`render.escape`: nothing from a builder reaches a page as it is."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sphinx_tape.render.escape import clean, html
from tests.support import require_module


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("caf\u00e9 \u5909", "caf\u00e9 \u5909"),
        ("a\nb\tc\x00", "a\u240ab\u2409c\u2400"),
        ("\x7f", "\u2421"),
        ("\x85", "\ufffd"),
        ("\u202egnp", "\ufffdgnp"),
        ("\ud800", "\ufffd"),
        ("a\u2028b", "a b"),
        ("e\u0301", "e\u0301"),
    ],
)
def test_unprintable_characters_are_made_visible(text, shown):
    """Controls become pictures, overrides and lone surrogates a replacement, other scripts stay."""
    assert clean(text) == shown


@given(st.text())
def test_clean_text_can_be_written_anywhere(text):
    """No control character, no surrogate, no override is left; cleaning twice changes nothing."""
    shown = clean(text)
    shown.encode()
    assert not any(unicodedata.category(mark) in {"Cc", "Cs"} for mark in shown)
    assert clean(shown) == shown


@given(st.text())
def test_escaped_text_survives_a_real_parser(text):
    """In content and in a quoted attribute a parser reads back the cleaned text."""
    etree = require_module("lxml.etree")
    element = etree.fromstring(f'<p title="{html(text)}">{html(text)}</p>')
    assert (element.text or "") == clean(text)
    assert element.get("title") == clean(text)
