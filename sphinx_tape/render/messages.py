"""The strings that readers see, in the reader's language.

Layer `render`. Everything says its strings through `_`; `ext` chooses the language once per build. The
catalogs are in `locale/`, written by `python -m tests.write_catalogs`.
Read next: `reasons.py` (whole sentences made of them).
"""

from __future__ import annotations

import gettext
from collections.abc import Callable
from pathlib import Path
from typing import Final

Translator = Callable[[str], str]

DOMAIN: Final = "sphinx_tape"
"""Name of the catalogs."""
LOCALES: Final = Path(__file__).resolve().parents[1] / "locale"
"""The folder of the catalogs that ship with the package."""

_translator: list[Translator] = [lambda message: message]
_known: dict[str, str] = {}
"""What the translator has said: a build asks for the same few strings hundreds of thousands of times."""


def set_translator(translator: Translator) -> None:
    """Install the function that translates interface strings; English until then."""
    _translator[0] = translator
    _known.clear()


def use_language(language: str) -> None:
    """Translate with the catalog of a language.

    Args:
        language: As Sphinx spells it: `de`, `pt_BR`; one without a catalog, or none, means English.
    """
    languages = [language] if language else []
    set_translator(gettext.translation(DOMAIN, LOCALES, languages, fallback=True).gettext)


def _(message: str) -> str:
    """Translate one interface string; placeholders are filled in afterwards, by name."""
    known = _known.get(message)
    if known is None:
        known = _known[message] = _translator[0](message)
    return known
