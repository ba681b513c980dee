"""How wide a line of text will be in a monospaced font, and how to shorten it.

Layer `render`. No font is ever opened: one rule holds on every machine (0.602 em a character, 1 em where
East Asian scripts are wide, nothing for combining marks).
Read next: `boxes.py`.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import accumulate, takewhile
from typing import Final

NARROW: Final = 602
"""Thousandths of an em of an ordinary character: DejaVu, Menlo and Andale Mono; no common font is wider."""
WIDE: Final = 1000


def ems(text: str) -> int:
    """Measure a line in thousandths of an em."""
    if text.isascii():
        return NARROW * len(text)
    return sum(_advance(character) for character in text)


def clip(text: str, limit: int) -> str:
    """Shorten a line to at most `limit` ordinary characters; an ellipsis says that something is missing."""
    if (len(text) <= limit and text.isascii()) or ems(text) <= limit * NARROW:
        return text
    room = (limit - 1) * NARROW
    ends = accumulate(map(_advance, text))
    kept = sum(1 for _ in takewhile(lambda end: end <= room, ends))
    return text[:kept].rstrip() + "…"


@lru_cache(maxsize=4096)
def _advance(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return WIDE if unicodedata.east_asian_width(character) in {"W", "F"} else NARROW
