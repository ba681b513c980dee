"""Keyword arguments as text."""

import numpy as np
import pytest

from sphinx_tape.report.keywords import keyword_texts


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"),
        ("same", "same"),
        (("same", None), "('same', None)"),
        (None, "None"),
        ((1,), "(1,)"),
        ([1, (2, 3)], "[1, (2, 3)]"),
        (slice(1, None), "1:"),
        (slice(None, None, 2), "::2"),
        (Ellipsis, "..."),
        (np.float32(0.5), "0.5"),
        (np.ones((2, 3)), "array of shape (2, 3)"),
        (object(), "object"),
        (len, "builtin_function_or_method"),
        ("x" * 500, "x" * 117 + "..."),
    ],
)
def test_keywords_are_text_without_addresses(value, text):
    """Keyword arguments read the same in every run."""
    assert keyword_texts({"k": value}) == (("k", text),)


def test_order_and_absence():
    """The order is the recorded one; there may be none."""
    assert keyword_texts({"b": 1, "a": 2}) == (("b", "1"), ("a", "2"))
    assert keyword_texts(None) == ()
