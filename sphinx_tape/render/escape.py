"""Text from a builder, made safe to print.

Layer `render`. Everything an author's code can choose (names, ops, keywords, messages) passes through here.
Read next: `html.py`.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from html import escape


@lru_cache(maxsize=4096)
def clean(text: str) -> str:
    """Replace characters that no output format can print, or that reorder their surroundings.

    Control characters become their pictures (NUL is `␀`), bidirectional overrides, lone surrogates and
    characters without meaning become `�`; line breaks and tabs count as controls here.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_printable(mark) for mark in text)


@lru_cache(maxsize=4096)
def html(text: str) -> str:
    """Clean and escape text for HTML content and for attribute values in double quotes."""
    return escape(clean(text))


def _printable(mark: str) -> str:
    if mark < " ":
        return chr(0x2400 + ord(mark))
    if mark == "\x7f":
        return "\u2421"
    category = unicodedata.category(mark)
    if (
        category in {"Cc", "Cs", "Cn", "Co"}
        or mark in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    ):
        return "\ufffd"
    return " " if category in {"Zl", "Zp"} else mark
