"""`render.palette` and `render.styles`: readable colours, one source for all of them."""

from __future__ import annotations

import re

import pytest
import tinycss2

from sphinx_tape.render.looks import LOOKS
from sphinx_tape.render.palette import DARK, FORCED, LIGHT, PRINT, contrast, properties_css, rgb
from sphinx_tape.render.styles import EDGE_LINES, PAINTS, SIZES, TEXT_ROLES, image_css, page_css, role_of
from tests.write_drawing_css import SHEET, generated_part

COLOURED = {"light": LIGHT, "dark": DARK, "print": PRINT}
FILLS = [f"{look.replace('_', '-')}-fill" for look in LOOKS]


def test_contrast_is_that_of_the_standard():
    """Black on white is 21, a colour on itself 1; #767676 on white is known to be just above 4.5."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#123456", "#123456") == pytest.approx(1.0)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("scheme", COLOURED)
@pytest.mark.parametrize("fill", [*FILLS, "paper", "scope-fill", "accent-fill"])
def test_text_is_readable_on_every_fill(scheme, fill):
    """Ordinary and subdued text keep 4.5 : 1 wherever they may stand."""
    palette = COLOURED[scheme]
    assert contrast(palette["ink"], palette[fill]) >= 7
    assert contrast(palette["muted"], palette[fill]) >= 4.5
    assert contrast(palette["failed-line"], palette[fill]) >= 4.5


@pytest.mark.parametrize("scheme", COLOURED)
@pytest.mark.parametrize("look", LOOKS)
def test_state_texts_are_readable(scheme, look):
    """Gradients on their state's fill and letters in badges keep 4.5 : 1; their outlines 3 : 1."""
    palette = COLOURED[scheme]
    line, fill = (palette[role_of(role, look)] for role in ("look-line", "look-fill"))
    if look not in {"leaf", "constant", "op"}:
        assert contrast(line, fill) >= 4.5
        assert contrast(palette["badge-ink"], line) >= 4.5
        assert contrast(line, palette["paper"]) >= 3


@pytest.mark.parametrize("scheme", COLOURED)
def test_lines_and_signs_are_visible_on_paper(scheme):
    """Edges, scissors and what is lit keep 3 : 1, letters of cuts 4.5 : 1."""
    palette = COLOURED[scheme]
    for role in ("line", "gradient-line", "output-line", "accent"):
        assert contrast(palette[role], palette["paper"]) >= 3
    assert contrast(palette["line-soft"], palette["paper"]) >= 2.5
    assert contrast(palette["missing-line"], palette["paper"]) >= 4.5


def test_states_differ_for_dichromats():
    """Seen without red or without green cones, lines of different states still differ in colour or lightness.

    Simulation: Viénot, Brettel and Mollon (1999), linear RGB matrices for protanopia and deuteranopia.
    """
    matrices = {
        "protanopia": ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0)),
        "deuteranopia": ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0)),
    }
    for palette in (LIGHT, DARK):
        for matrix in matrices.values():
            lines = [seen(palette[f"{state}-line"], matrix) for state in ("output", "gradient", "missing")]
            assert distance(lines[0], lines[1]) > 40
            assert distance(lines[0], lines[2]) > 60
            assert distance(lines[1], lines[2]) > 40


def seen(colour, matrix):
    """A colour as a dichromat sees it, 0 to 255."""
    linear = [(part / 255) ** 2.2 for part in rgb(colour)]
    return [
        255 * max(0.0, sum(a * b for a, b in zip(row, linear, strict=True))) ** (1 / 2.2) for row in matrix
    ]


def distance(one, other):
    """Euclidean distance of two colours."""
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5


def test_all_schemes_know_all_roles():
    """No custom property is missing in one of them."""
    assert set(DARK) == set(PRINT) == set(LIGHT)


def test_forced_colours_are_the_readers():
    """Only system colours, fills on the canvas, so that text stays readable; they win over every look."""
    assert set(FORCED.values()) == {"Canvas", "CanvasText", "Highlight"}
    assert (FORCED["fill"], FORCED["stroke"], FORCED["ink"]) == ("Canvas", "CanvasText", "CanvasText")
    drawn = {role for paint in PAINTS.values() for role in (paint.fill, paint.line) if role}
    drawn |= {*TEXT_ROLES.values(), *EDGE_LINES.values()}
    assert {role for role in drawn if not role.startswith("look-")} - {"edge"} <= set(FORCED)


def test_every_paint_and_text_has_a_colour():
    """Roles used by the tables exist in the palette, for every look."""
    for look in LOOKS:
        for paint in PAINTS.values():
            assert {role_of(role, look) for role in (paint.fill, paint.line) if role} <= set(LIGHT)
        assert {role_of(role, look) for role in TEXT_ROLES.values()} <= set(LIGHT)
    assert set(TEXT_ROLES) <= set(SIZES)


def test_the_style_sheet_is_up_to_date():
    """What is generated stands in the sheet; if not: `python -m tests.write_drawing_css`."""
    assert generated_part(SHEET.read_text(encoding="utf-8")) == page_css() + "\n"


def test_an_outdated_style_sheet_is_noticed():
    """The comparison above can fail."""
    sheet = SHEET.read_text(encoding="utf-8").replace(LIGHT["gradient-line"], "#123456", 1)
    assert generated_part(sheet) != page_css() + "\n"


@pytest.mark.parametrize("css", [page_css(), image_css(), properties_css()])
def test_the_style_sheet_parses(css):
    """No rule is an error for a CSS parser, and every property used is defined."""
    rules = tinycss2.parse_stylesheet(css, skip_whitespace=True)
    assert all(rule.type != "error" for rule in rules)
    assert DARK["paper"] in css
    defined = set(re.findall(r"(--tape-[a-z-]+):", css))
    assert set(re.findall(r"var\((--tape-[a-z-]+)[,)]", css)) <= defined


def test_pages_use_colours_only_through_properties():
    """Outside the lists of properties there is no concrete colour."""
    rest = re.sub(r"--tape-[a-z-]+:[^;}]+", "", page_css())
    rest = rest.replace("white-space", "")
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgb\(|\b(black|white|red|green|blue)\b", rest)


def test_epub_accepts_the_style_sheet():
    """EPUB forbids style sheets to say which way text runs."""
    assert not re.search(r"\b(direction|unicode-bidi)\s*:", page_css())


def test_dark_is_only_for_pages_that_turn_dark():
    """A dark system alone does not darken figures of themes that stay light."""
    media = [rule for rule in tinycss2.parse_stylesheet(page_css()) if rule.type == "at-rule"]
    (dark,) = [rule for rule in media if "prefers-color-scheme" in tinycss2.serialize(rule.prelude)]
    assert ":root" not in tinycss2.serialize(dark.content)


def test_dark_is_never_the_negation_of_something():
    """In a media query `not` negates all that follows `and` too: dark rules say where they hold instead."""
    media = [rule for rule in tinycss2.parse_stylesheet(page_css()) if rule.type == "at-rule"]
    preludes = [tinycss2.serialize(rule.prelude).strip() for rule in media]
    assert preludes == [
        "screen",
        "screen and (prefers-color-scheme: dark)",
        "print",
        "(forced-colors: active)",
    ]
