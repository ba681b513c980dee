"""`ext.translation`: the reader's language."""

from __future__ import annotations

import gettext
import io

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from sphinx import locale

from sphinx_tape.render import messages
from tests.ext.conftest import CONF

SETUP = """
language = "nl"

def setup(app):
    app.add_message_catalog("sphinx_tape", str(__import__("pathlib").Path(__file__).parent / "words"))
"""


@pytest.fixture(autouse=True)
def _english_afterwards():
    """Leave the translator as it was found."""
    before = messages._translator[0]
    forget_catalogs()
    yield
    forget_catalogs()
    messages.set_translator(before)


def forget_catalogs():
    """Do what a new process does: gettext and Sphinx keep what they have loaded."""
    gettext._translations.clear()
    locale.translators.clear()


def write_words(project, domain="sphinx_tape", /, **words):
    """Write a Dutch catalog."""
    catalog = Catalog("nl", domain=domain)
    for message, translation in words.items():
        catalog.add(message, translation)
    folder = project.folder / "words" / "nl" / "LC_MESSAGES"
    folder.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    (folder / f"{domain}.mo").write_bytes(buffer.getvalue())


@pytest.mark.parametrize("builder", ["html", "text"])
def test_a_project_can_translate_our_words(project, builder):
    """And a better translation is used in the next build, although nothing was read."""
    project.write("conf.py", CONF + SETUP)
    project.write("index.rst", "Notes\n=====\n\n.. tape-grads:: tapes:neuron\n")
    suffix = {"html": "html", "text": "txt"}[builder]
    for translation in ("heeft een helling", "heeft een gradient"):
        write_words(project, **{"has a gradient": translation})
        forget_catalogs()
        assert translation in project.build(builder).text(f"index.{suffix}")


def test_a_language_that_we_speak_needs_nothing_but_the_setting(project):
    """Pages of figures in another language are other pages."""
    project.write("index.rst", "Notes\n=====\n\n.. tape-grads:: tapes:neuron\n")
    assert "Abdeckung" not in project.build("text").text("index.txt")
    assert "Abdeckung" in project.build("text", language="de").text("index.txt")


def test_alternative_text_and_caption_are_translated_with_the_document(project):
    """They are in the catalog of the page, and their translations reach it."""
    page = "Notes\n=====\n\n.. tape-view:: tapes:neuron\n   :alt: The tape\n   :caption: Recorded *so*\n"
    project.write("index.rst", page)
    template = project.build("gettext").text("index.pot")
    assert 'msgid "The tape"' in template
    assert 'msgid "Recorded *so*"' in template
    write_words(project, "index", **{"The tape": "De band", "Recorded *so*": "Zo *vastgelegd*"})
    forget_catalogs()
    html = project.build("html", build_dir="_dutch", language="nl", locale_dirs=["words"]).text("index.html")
    assert "De band</desc>" in html
    assert "Zo <em>vastgelegd</em>" in html


def test_english_needs_no_catalog(project):
    """The message is its own translation."""
    project.write("index.rst", "Notes\n=====\n\n.. tape-grads:: tapes:neuron\n")
    assert "has a gradient" in project.build("text").text("index.txt")
