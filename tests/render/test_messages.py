"""`render.messages`: readers' strings go through the injected translator."""

from __future__ import annotations

import pytest

from sphinx_tape.render.html import stepper_strings
from sphinx_tape.render.messages import _, set_translator
from sphinx_tape.render.states import state_word


@pytest.fixture
def shouting():
    """A translator that is easy to recognise, taken away afterwards."""
    set_translator(str.upper)
    yield
    set_translator(lambda message: message)


def test_english_until_told_otherwise():
    """Without a translator the message is its own text."""
    assert _("missing") == "missing"


@pytest.mark.usefixtures("shouting")
def test_a_translator_reaches_every_word():
    """Words looked up late are translated too, those of the script included."""
    assert state_word("missing") == "MISSING"
    assert stepper_strings().startswith("STEPS OF THE FIGURE|FIRST STEP|")
