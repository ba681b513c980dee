"""TeX formulas as MathML, by the converter of docutils; no script and no network.

Layer `ext`: `render` gets it injected.
Read next: `html.py`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape, unescape

from docutils.utils.math import latex2mathml

_NAMED = re.compile(r"&(?!(?:lt|gt|amp|quot|apos);)[A-Za-z]\w*;")
_APPLIED = re.compile(r"(<mo>\u2061</mo>)(?!\s*<mo[^>]*>\()")
"""A function applied without brackets: browsers set `ln x` without any space."""

_STYLED_FRACTION = re.compile(r"<mfrac displaystyle[^>]*>")
"""From `\\tfrac`; EPUB's schema has these attributes on `mstyle` only, and our formulas are small anyway."""


@lru_cache(maxsize=4096)
def to_mathml(tex: str) -> str:
    """Return a formula as inline MathML; one that the converter refuses as its own text.

    The same rules come back at every node of a kind, hence the cache.
    """
    try:
        markup = latex2mathml.tex2mathml(tex).strip()
    except Exception:  # noqa: BLE001 -- a third-party parser; its errors changed class between releases
        return f'<code class="tape-tex">{escape(tex)}</code>'
    # The converter writes `&ApplyFunction;`, which XML (EPUB) does not know.
    characters = _NAMED.sub(lambda name: unescape(name[0]), markup)
    return _STYLED_FRACTION.sub("<mfrac>", _APPLIED.sub(r'\1<mspace width="0.1667em"/>', characters))
