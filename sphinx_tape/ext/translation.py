"""Interface words in the language of the document.

Layer `ext`. Gives `render.messages` a translator that asks Sphinx for the catalog `sphinx_tape`. A project
can add a language with `app.add_message_catalog("sphinx_tape", folder)` in its conf.py.
Read next: `render/messages.py`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sphinx import locale

from sphinx_tape.ext.freshness import digest_of
from sphinx_tape.render.messages import DOMAIN, LOCALES, set_translator

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def translations() -> dict[str, str]:
    """Return all translations in use."""
    translator = locale.translators.get(("general", DOMAIN))
    entries = getattr(translator, "_catalog", {})
    return {str(key): str(value) for key, value in entries.items()}


def translations_digest() -> str:
    """Return a digest of all translations in use: figures are written again when one changes."""
    return digest_of(sorted(translations().items()))


def _translate(ask: object, message: str) -> str:
    # Sphinx hands out lazy texts while no catalog is loaded.
    return str(ask(message)) if callable(ask) else message


def setup_translation(app: Sphinx) -> None:
    """Load our catalog and use it."""
    app.add_message_catalog(DOMAIN, str(LOCALES))
    set_translator(partial(_translate, locale.get_translation(DOMAIN)))
