"""The strings that readers see, in the reader's language.

Layer `render`. Nothing here knows gettext: `ext` installs a translator, everything else calls `_`.
Read next: `reasons.py` (whole sentences made of them).
"""

from __future__ import annotations

from collections.abc import Callable

Translator = Callable[[str], str]

_translator: list[Translator] = [lambda message: message]


def set_translator(translator: Translator) -> None:
    """Install the function that translates interface strings; English until then."""
    _translator[0] = translator


def _(message: str) -> str:
    """Translate one interface string; placeholders are filled in afterwards, by name."""
    return _translator[0](message)
