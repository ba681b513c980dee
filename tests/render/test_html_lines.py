"""`render.html_lines`: the smallest pieces of a page."""

from __future__ import annotations

import pytest

from sphinx_tape.render.content import Inline
from sphinx_tape.render.formulas import Formula
from sphinx_tape.render.html_lines import Page, line_html, listing_html
from tests.render.figures import mathml, parsed

PAGE = Page(prefix="p", convert=mathml, linked=frozenset({1}))


@pytest.mark.parametrize(
    ("inline", "source"),
    [
        (Inline(text="a<b"), "a&lt;b"),
        (Inline(text="1.5", role="number"), '<span class="tape-number">1.5</span>'),
        (Inline(text="NaN", role="number", mark="nan"), '<span class="tape-number tape-nan">NaN</span>'),
        (Inline(text="x", role="code"), "<code>x</code>"),
        (Inline(text="x", role="strong"), "<strong>x</strong>"),
        (Inline(text="", role="strong"), ""),
        (Inline(text="x", node=1), '<a href="#p-row-1">x</a>'),
        (Inline(text="x", node=2), "x"),
        (
            Inline(text="N not asked for", role="state", state="not_asked"),
            '<span class="tape-state-not-asked"><b>N</b> not asked for</span>',
        ),
    ],
)
def test_inline_pieces(inline, source):
    """Each role has its element; links lead only to rows that exist."""
    assert line_html((inline,), PAGE) == source


def test_math_is_written_tightly_and_as_xml():
    """No indentation, no entity that XML does not know, and bars that the style sheet can draw."""
    made = PAGE.math(Formula(r"\operatorname{f}(x) + \overline{\mathrm{loss}}", ""))
    parsed(made)
    assert "\n" not in made
    assert "&" not in made
    assert '<mover class="tape-bar"><mi>loss</mi><mo>\u203e</mo></mover>' in made


def test_a_number_in_math_keeps_its_plain_text():
    """A fraction is set as one, and can still be spoken and copied."""
    made = line_html((Inline(text="1/3", role="number", formula=Formula(r"\frac{1}{3}", "1/3")),), PAGE)
    assert made.startswith('<span class="tape-number" data-text="1/3"><math')


def test_a_formula_is_converted_once():
    """The same rule comes back at many nodes; conversion is the slowest part of a page."""
    calls = []
    page = Page(prefix="p", convert=lambda tex: calls.append(tex) or "<math/>")
    line = (Inline(text="", formula=Formula("x", "x")),) * 3
    assert line_html(line, page) == "<math/>" * 3
    assert calls == ["x"]


def test_an_empty_first_line_is_kept():
    """A parser drops one line break after the tag; there is one to drop."""
    assert listing_html(["", "a"], "c") == '<pre class="c" dir="ltr">\n\na</pre>'
    assert listing_html([], "c") == '<pre class="c" dir="ltr"></pre>'
