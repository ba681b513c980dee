"""`locale/`: every string that readers see is translated, into every language that ships."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from sphinx_tape.render.messages import _, set_translator, use_language
from tests.render.figures import figure
from tests.render.sample_reports import detached
from tests.write_catalogs import compiled, languages, merged, messages, po_file, read


@pytest.fixture(autouse=True)
def english_again():
    """No test leaves its language to the next one."""
    yield
    set_translator(lambda message: message)


def fields(text):
    """Placeholders of a message."""
    return sorted(name for _text, name, _spec, _conversion in Formatter().parse(text) if name is not None)


def test_two_languages_ship():
    """German and French, each in the form for translators and in the form for gettext."""
    assert languages() == ["de", "fr"]


@pytest.mark.parametrize("language", languages())
def test_catalogs_are_complete(language):
    """No string is missing, empty or left over; `python -m tests.write_catalogs` names what is new."""
    catalog = read(language)
    known = {message.id: message.string for message in catalog if message.id}
    assert sorted(known) == sorted(messages())
    assert [message for message, text in known.items() if not text] == []


@pytest.mark.parametrize("language", languages())
def test_placeholders_survive(language):
    """A translation fills in what the message fills in, and keeps spaces at its ends."""
    for message in read(language):
        if message.id:
            assert fields(message.string) == fields(message.id), message.id
            assert message.string.strip() == message.string or message.id.strip() != message.id, message.id
            ends = [(text[:1].isspace(), text[-1:].isspace()) for text in (message.id, message.string)]
            assert ends[0] == ends[1], message.id
            assert "|" not in message.string or "|" in message.id


@pytest.mark.parametrize("language", languages())
def test_compiled_catalogs_are_up_to_date(language):
    """What gettext reads is what translators see."""
    assert po_file(language).with_suffix(".mo").read_bytes() == compiled(read(language))


@pytest.mark.parametrize(
    ("language", "word"),
    [
        ("de", "fehlt"),
        ("de_AT", "fehlt"),
        ("fr", "manquant"),
        ("en", "missing"),
        ("xx", "missing"),
        ("", "missing"),
    ],
)
def test_the_language_is_chosen_as_sphinx_spells_it(language, word):
    """Regions fall back to their language, unknown languages to English."""
    use_language(language)
    assert _("missing") == word


def test_a_figure_speaks_the_language():
    """A German page has no English sentence of ours left."""
    use_language("de")
    german = figure(detached(), drawn=True)
    assert "Rückwärtslauf, Schritt für Schritt" in german
    assert "durch detach getrennt bei" in german
    left = [
        m for m in messages() if " " in m.strip() and "{" not in m and re.search(rf">{re.escape(m)}<", german)
    ]
    assert left == []


def test_merging_drops_what_is_no_longer_said():
    """Old strings go, translations of strings that stay are kept, new ones wait for a translator."""
    catalog = merged(read("de"), {"missing": [("render/states.py", 1)], "brand new": [("x.py", 1)]})
    assert {message.id: message.string for message in catalog if message.id} == {
        "missing": "fehlt",
        "brand new": "",
    }
