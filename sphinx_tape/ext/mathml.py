"""TeX formulas as MathML, by the converter of docutils; no script and no network.

Layer `ext`: `render` gets it injected.
Read next: `html.py`.
"""

from __future__ import annotations

from functools import lru_cache
from html import escape

from docutils.utils.math import latex2mathml


@lru_cache(maxsize=4096)
def to_mathml(tex: str) -> str:
    """Return a formula as inline MathML; one that the converter refuses as its own text.

    The same rules come back at every node of a kind, hence the cache.
    """
    try:
        return latex2mathml.tex2mathml(tex).strip()
    except Exception:  # noqa: BLE001 -- a third-party parser; its errors changed class between releases
        return f'<code class="tape-tex">{escape(tex)}</code>'
