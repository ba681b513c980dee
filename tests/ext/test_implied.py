"""`ext.implied`: what pages leave out because every parser of HTML adds it."""

from __future__ import annotations

import pytest
from lxml import etree, html

from sphinx_tape.ext.implied import without_implied
from sphinx_tape.render.html import Place, figure_html
from sphinx_tape.render.options import DisplayOptions
from tests.render.sample_reports import SAMPLES

SVG = "http://www.w3.org/2000/svg"
OPTIONS = DisplayOptions(view="trace", show=("gradients", "nodes", "steps"), open=())


def body(name):
    """A figure's body as it is kept: well-formed XML."""
    place = Place(prefix="fig", convert=lambda tex: f"<math><mi>{len(tex)}</mi></math>", drawing="", dot="")
    return figure_html(SAMPLES[name](), OPTIONS, place)


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_parser_of_html_sees_no_difference(name):
    """The same tree, cell by cell, from fewer bytes; namespaces, which this parser does not know, aside."""
    whole = body(name)
    short = without_implied(whole)
    plain = whole.replace(f' xmlns="{SVG}"', "")
    assert SVG not in short
    assert etree.tostring(html.fragment_fromstring(f"<div>{short}</div>")) == etree.tostring(
        html.fragment_fromstring(f"<div>{plain}</div>")
    )
    assert len(short) < len(whole) or "<table" not in whole


def test_a_text_that_looks_like_a_tag_stays():
    """What authors write is escaped before, so it holds nothing that could be left out."""
    hostile = body("hostile")
    text = "".join(html.fragment_fromstring(f"<div>{without_implied(hostile)}</div>").itertext())
    assert text == "".join(html.fragment_fromstring(f"<div>{hostile}</div>").itertext())
    assert "<script>" in text


def test_leaving_out_too_much_would_be_seen():
    """The comparison notices a cell that is swallowed."""
    whole = body("neuron")
    broken = without_implied(whole).replace("<td>", "", 1)
    assert etree.tostring(html.fragment_fromstring(f"<div>{broken}</div>")) != etree.tostring(
        html.fragment_fromstring(f"<div>{whole}</div>")
    )
