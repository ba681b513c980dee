"""`render.html`: whole figures, parsed by real parsers."""

from __future__ import annotations

import re
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sphinx_tape.render.html import failure_html
from sphinx_tape.render.options import View
from tests.render.figures import by_class, figure, parsed, words
from tests.render.random_reports import reports
from tests.render.sample_reports import HOSTILE, SAMPLES, failing, layers, neuron, no_reverse, unkept
from tests.support import require_module

ALLOWED = re.compile(
    "html|div|details|summary|p|span|b|bdi|strong|code|pre|a|ul|ol|li|table|caption|thead|tbody|tr|th|td"
    "|svg|title|desc|g|path|rect|circle|text|tspan|defs|use|math|mrow|mi|mn|mo|mtext|mspace|mover|msub|msup|msubsup|munder|mfrac|msqrt"
)
"""Everything a figure may consist of; names are compared without their namespaces."""


def local(element):
    """An element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def faults(source):
    """What is wrong with a piece of HTML; empty if nothing is."""
    found = []
    root = parsed(source)
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    found += [f"id twice: {name}" for name in ids if ids.count(name) > 1]
    for element in root.iter():
        if not ALLOWED.fullmatch(local(element)):
            found.append(f"element {element.tag}")
        for name, value in element.attrib.items():
            if name.startswith("on") or name == "style" or "javascript:" in value:
                found.append(f"attribute {name}={value}")
        target = element.get("href")
        if target is not None and target.removeprefix("#") not in ids:
            found.append(f"dangling {target}")
    return found


@pytest.mark.parametrize("view", get_args(View))
@pytest.mark.parametrize("sample", SAMPLES)
def test_figures_are_sound(sample, view):
    """Well-formed, ids unique, links that lead somewhere, no script, no style, known elements only."""
    assert faults(figure(SAMPLES[sample](), view, drawn=True)) == []


@pytest.mark.parametrize(
    "bad",
    [
        "<p id='a'/><p id='a'/>",
        "<a href='#nowhere'>x</a>",
        "<script/>",
        "<p onclick='x'/>",
        "<p style='color: red'/>",
        "<a id='x' href='javascript:x'/>",
    ],
)
def test_the_check_finds_faults(bad):
    """The check above can fail."""
    assert faults(bad)


@pytest.mark.parametrize("view", get_args(View))
@pytest.mark.parametrize("sample", SAMPLES)
def test_figures_are_valid_html(sample, view):
    """A strict HTML5 parser has nothing to say."""
    html5lib = require_module("html5lib")
    html5lib.HTMLParser(strict=True).parseFragment(figure(SAMPLES[sample](), view, drawn=True))


@settings(max_examples=80, deadline=None)
@given(reports(most=8), st.sampled_from(get_args(View)), st.text(max_size=8))
def test_no_name_escapes(report, view, prefix):
    """Whatever names, ops and prefixes are, the page holds our elements only."""
    assert faults(figure(report, view, prefix=f"p{prefix}")) == []


def test_hostile_names_are_still_readable():
    """Escaping shows names as they are; only what cannot be printed is replaced."""
    text = words(parsed(figure(SAMPLES["hostile"](), "view")))
    assert HOSTILE[0] in text
    assert "]]><script>alert(1)</script>" in text


def test_everything_is_there_without_a_script():
    """Rows, steps and gradients are in the page itself, folded at most."""
    root = parsed(figure(neuron()))
    assert len(by_class(root, "tape-forward")[0]) == 8
    assert len(by_class(root, "tape-steps")[0]) == 8
    assert not [e for e in root.iter() if e.get("hidden")]


def test_no_number_is_invented_for_a_value_that_was_not_kept():
    """The drawing marks the scalar, the table says it, the rule keeps its letter; the gradients are there."""
    html = figure(unkept(), "trace", drawn=True, show=("graph", "steps", "nodes"))
    assert "10.1" not in html
    assert "7.4" not in html
    assert html.count("not known") >= 4
    assert ">?</text>" in html
    assert "20.2" in html


def test_parts_fold_as_told():
    """`open` unfolds, the others start folded under their title."""
    root = parsed(figure(neuron(), "trace", open=("steps",)))
    folded = {
        words(e[0]): e.get("open") for e in root.iter("details") if "tape-part" in (e.get("class") or "")
    }
    assert folded["Reverse pass, step by step"] == "open"
    assert folded["DOT source"] is None


def test_rows_are_anchored_once():
    """Links to nodes lead to the node table if there is one, else to the gradients."""
    both = parsed(figure(neuron(), "grads"))
    row = both.find(".//*[@id='fig-1-row-3']")
    assert words(row).startswith("3 multiply")
    alone = parsed(figure(neuron(), "grads", show=("gradients",)))
    assert alone.find(".//*[@id='fig-1-row-3']") is not None


def test_a_lone_drawing_links_to_itself():
    """Without a table no link dangles."""
    assert faults(figure(neuron(), "grads", show=("graph",), drawn=True)) == []


def test_a_failure_leaves_the_tape():
    """Box with the message, the failing node in the steps, and the nodes' table."""
    root = parsed(figure(failing()))
    (box,) = by_class(root, "tape-failure")
    assert words(box) == "The reverse pass failed rule of node 3 (broken) failed (got ZeroDivisionError)"
    assert "rule of node 3" in words(by_class(root, "tape-step-failed")[0])
    assert "Nodes of the tape" in words(root)
    assert "output must be a scalar" in words(parsed(figure(no_reverse(), "grads")))


def test_a_failure_box_stands_alone():
    """The box for a figure that could not be made: escaped message, folded traceback."""
    root = parsed(failure_html("No figure", "<b> must be c", ["File 'x<y>', line 1", "ValueError"]))
    (box,) = by_class(root, "tape-failure")
    assert words(box).startswith("No figure <b> must be c Traceback")
    assert by_class(box, "tape-listing")[0].text.splitlines() == ["File 'x<y>', line 1", "ValueError"]
    assert "details" not in failure_html("No figure", "why")


def test_the_source_has_its_line_numbers():
    """The script finds lines by number; readers see where the listing starts."""
    root = parsed(figure(neuron(), "view"))
    (listing,) = by_class(root, "tape-source")
    assert listing.get("start") == "8"
    assert [item.get("data-line") for item in listing] == ["8", "9"]
    assert words(listing[0]) == "def notes():"
    assert listing.get("tabindex") is None


@pytest.mark.parametrize("show", [("graph", "source", "steps"), ("steps", "source", "graph")])
def test_drawing_and_source_can_share_a_line(show):
    """Neighbours stand in one frame, which breaks where the page is too narrow; folded source stays below."""
    (frame,) = by_class(parsed(figure(neuron(), show=show, open=("source",))), "tape-beside")
    assert len(frame) == 2
    assert not by_class(parsed(figure(neuron(), show=show, open=())), "tape-beside")
    assert not by_class(parsed(figure(neuron(), show=("graph", "steps", "source"))), "tape-beside")


def test_only_a_stepper_carries_its_words():
    """Pages without steps are not burdened with the script's strings."""
    assert "data-strings" in figure(neuron(), "trace")
    assert "data-strings" not in figure(neuron(), "grads")


def test_the_same_report_gives_the_same_bytes():
    """No id, order or name depends on the run."""
    assert figure(layers()) == figure(layers())
    assert not re.search(r"0x[0-9a-f]{6,}", figure(layers()))


def test_figures_are_small():
    """A figure of eight nodes with all parts of a gradient view stays below 12 kB without its drawing."""
    assert len(figure(neuron(), "grads").encode()) < 12_000
