"""`static/tape.css`: the part for tables and steps is valid, needed, and readable."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sphinx_tape.render.palette import DARK, LIGHT, contrast
from tests.render.figures import figure
from tests.render.sample_reports import SAMPLES, neuron
from tests.support import require_module

STATIC = Path(__file__).parents[2] / "sphinx_tape" / "static"
SHEET = (STATIC / "tape.css").read_text(encoding="utf-8")
OURS = SHEET.partition("/* ===== tables, steps, arrays, boxes ===== */")[2]
SCHEMES = {"light": LIGHT, "dark": DARK}
VIEWS = ("view", "grads", "trace")

PAGES = {"light": ("#ffffff", "#fcfcfc"), "dark": ("#131416", "#14181e", "#121212")}
"""What the five themes put behind their text."""


def declarations(sheet):
    """Every block of a style sheet as (selector, text), blocks of media queries included."""
    tinycss2 = require_module("tinycss2")
    queue = tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True)
    while queue:
        rule = queue.pop(0)
        if rule.type == "at-rule":
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            queue = [*inner, *queue]
            continue
        assert rule.type == "qualified-rule", getattr(rule, "message", rule)
        found = tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True)
        assert all(item.type == "declaration" for item in found), tinycss2.serialize(rule.content)
        yield tinycss2.serialize(rule.prelude).strip(), found


def test_the_sheet_is_valid():
    """A real parser finds rules and declarations only, in all of the sheet."""
    assert len(list(declarations(SHEET))) > 100


def test_the_validity_test_can_fail():
    """A missing colon is noticed."""
    with pytest.raises(AssertionError):
        list(declarations(".a { color red }"))


def test_old_readers_can_parse_it():
    """E-book readers know CSS 3 only, and EPUB forbids to set the direction of text in a style sheet."""
    for selector, block in declarations(OURS):
        assert not re.search(r":(is|has|not|where)\(", selector), selector
        assert not {item.lower_name for item in block} & {"direction", "unicode-bidi"}, selector


def test_every_class_is_used():
    """No rule outlives its element: each class occurs in or around a figure, or in the script."""
    written = "".join(figure(make(), view, drawn=True) for make in SAMPLES.values() for view in VIEWS)
    written += figure(neuron(), "view", open=("source",), show=("graph", "source"))
    written += (STATIC / "tape-stepper.js").read_text(encoding="utf-8")
    used = set(re.findall(r"tape-[a-z-]+", written))
    asked = {name for selector, _ in declarations(OURS) for name in re.findall(r"\.(tape[a-z-]*)", selector)}
    around = {"tape", "tape-figure"}
    assert asked - used - around <= {"tape-heat-cross"}, "only arrays that are not finite have it"


def test_colours_come_from_the_palette():
    """Nothing is fixed to a colour that a dark page or a forced scheme could not change."""
    for selector, block in declarations(OURS):
        for item in block:
            text = item.serialize()
            assert not re.search(r"#[0-9a-f]{3,8}\b|rgb|hsl", text), (selector, text)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read(scheme):
    """Every colour of words keeps 4.5 : 1 on every ground that it stands on."""
    palette = SCHEMES[scheme]
    words = ("ink", "muted", "output-line", "gradient-line", "zero-line", "failed-line")
    grounds = [*PAGES[scheme], palette["paper"], palette["accent-fill"], palette["scope-fill"]]
    for word in words:
        for ground in grounds:
            assert contrast(palette[word], ground) >= 4.5, (word, ground)
    for state in ("output", "gradient", "zero", "missing", "not-asked"):
        assert contrast(palette["badge-ink"], palette[f"{state}-line"]) >= 4.5
    assert contrast(palette["failed-line"], palette["failed-fill"]) >= 4.5
    assert contrast(palette["ink"], palette["failed-fill"]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_signs_can_be_seen(scheme):
    """Lines that carry meaning keep 3 : 1 on the page."""
    palette = SCHEMES[scheme]
    for sign in ("accent", "line", "missing-line", "output-line"):
        for ground in PAGES[scheme]:
            assert contrast(palette[sign], ground) >= 3, (sign, ground)
