"""Drawings in a real browser: text fits its box, colours follow the page, nothing shrinks."""

from __future__ import annotations

from pathlib import Path

import pytest

import sphinx_tape
from sphinx_tape.render.builtin import layout
from sphinx_tape.render.graph import choose
from sphinx_tape.render.palette import DARK, LIGHT, rgb
from sphinx_tape.render.svg import drawing_html, to_image
from tests.browser.pages import chromium
from tests.render.placing import drawing
from tests.render.sample_reports import SAMPLES, detached, neuron

CSS = Path(sphinx_tape.__file__).parent / "static" / "tape.css"

OVERFLOWS = """() => [...document.querySelectorAll('.tape-drawing svg > .tape-nodes > *')].flatMap(node => {
  const box = node.querySelector('rect').getBoundingClientRect();
  return [...node.querySelectorAll('text')].filter(text => {
    const words = text.getBoundingClientRect();
    return words.left < box.left || words.right > box.right
      || words.top < box.top || words.bottom > box.bottom;
  }).map(text => text.textContent);
})"""

COLLISIONS = """() => [...document.querySelectorAll('.tape-drawing svg > .tape-nodes > *')].flatMap(node => {
  const words = [...node.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()]);
  const aside = (a, b) => a.left >= b.right - 0.5 || b.left >= a.right - 0.5;
  const meet = (a, b) => !aside(a, b) && Math.abs(a.bottom - b.bottom) < 4;
  return words.flatMap(([one, a], i) =>
    words.slice(i + 1).filter(([, b]) => meet(a, b)).map(([other]) => [one, other]));
})"""

FILL = "node => getComputedStyle(document.querySelector(`#fig-n${node} rect`)).fill"


@pytest.fixture(scope="module")
def browser():
    """One Chromium for all tests of this module."""
    with chromium() as started:
        yield started


def placed(report, view="grads"):
    """A drawing with its chosen positions."""
    drawn = drawing(report, view)
    results = {direction: layout(drawn.request(direction)) for direction in drawn.directions}
    return drawn, results[choose(results)]


def page_of(browser, body, theme="light", **context):
    """A page with the style sheet and some figures."""
    page = browser.new_context(viewport={"width": 1000, "height": 800}, **context).new_page()
    attribute = f' data-theme="{theme}"' if theme else ""
    style = CSS.read_text(encoding="utf-8")
    page.set_content(f"<!doctype html><html{attribute}><style>{style}</style><body>{body}</body></html>")
    return page


def figures(view="grads"):
    """All samples one after the other."""
    return "".join(drawing_html(*placed(make(), view), f"fig-{name}") for name, make in SAMPLES.items())


@pytest.mark.parametrize("view", ["view", "grads"])
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_text_fits_its_box(browser, view, direction):
    """In the browser's own fonts, for every script of the samples, also on pages from right to left."""
    page = page_of(browser, f'<div dir="{direction}">{figures(view)}</div>')
    assert page.evaluate(OVERFLOWS) == []
    assert page.evaluate(COLLISIONS) == []
    page.context.close()


def test_an_overflow_is_noticed(browser):
    """The check above can fail: letters twice as large do not fit."""
    page = page_of(browser, f"<style>.tape-graph text {{ font-size: 24px !important }}</style>{figures()}")
    assert page.evaluate(OVERFLOWS) != []
    page.context.close()


@pytest.mark.parametrize(
    ("theme", "system", "palette"),
    [
        ("light", "light", LIGHT),
        ("light", "dark", LIGHT),
        ("dark", "light", DARK),
        ("dark", "dark", DARK),
        ("auto", "light", LIGHT),
        ("auto", "dark", DARK),
        # Themes without a switch stay light.
        ("", "dark", LIGHT),
        ("", "light", LIGHT),
    ],
)
def test_colours_follow_the_page(browser, theme, system, palette):
    """The theme's word counts; the system's only where the theme leaves it to it."""
    page = page_of(browser, drawing_html(*placed(detached()), "fig"), theme, color_scheme=system)
    states = {0: "gradient", 2: "missing", 3: "zero", 5: "not-asked", 9: "output"}
    seen = {node: page.evaluate(FILL, node) for node in states}
    assert seen == {
        node: "rgb({}, {}, {})".format(*rgb(palette[f"{state}-fill"])) for node, state in states.items()
    }
    page.context.close()


def test_print_is_light(browser):
    """A dark page is printed on white paper."""
    page = page_of(browser, drawing_html(*placed(detached()), "fig"), "dark", color_scheme="dark")
    page.emulate_media(media="print")
    assert page.evaluate(FILL, 0) == "rgb({}, {}, {})".format(*rgb(LIGHT["gradient-fill"]))
    page.context.close()


def test_forced_colours_are_obeyed(browser):
    """Every box has the reader's own background, so states are told by shape, letter and line."""
    page = page_of(browser, drawing_html(*placed(detached()), "fig"), "dark", forced_colors="active")
    canvas = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert {page.evaluate(FILL, node) for node in (0, 2, 3, 5, 9)} <= {
        canvas,
        "rgb(0, 0, 0)",
        "rgb(255, 255, 255)",
    }
    assert len({page.evaluate(FILL, node) for node in (0, 2, 3, 5, 9)}) == 1
    page.context.close()


def test_nothing_shrinks_on_a_phone(browser):
    """The drawing keeps its size and scrolls in its frame; the page itself does not."""
    page = page_of(browser, drawing_html(*placed(neuron()), "fig"))
    page.set_viewport_size({"width": 360, "height": 700})
    svg = "() => document.querySelector('svg').getBoundingClientRect().width"
    assert page.evaluate(svg) == pytest.approx(
        float(page.locator("svg").first.get_attribute("width")), abs=0.1
    )
    frame, inner = page.evaluate(
        "() => { const f = document.querySelector('.tape-drawing'); return [f.clientWidth, f.scrollWidth] }"
    )
    assert inner > frame
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    page.context.close()


def test_nodes_are_reached_by_keyboard(browser):
    """Every node is a stop in tape order and shows that it is the current one."""
    page = page_of(browser, drawing_html(*placed(neuron()), "fig"))
    width = "() => getComputedStyle(document.activeElement.querySelector('rect')).strokeWidth"
    for node in range(8):
        page.keyboard.press("Tab")
        assert page.evaluate("() => document.activeElement.getAttribute('href')") == f"#fig-row-{node}"
        assert page.evaluate(width) == "2.6px"
    page.context.close()


def test_an_image_is_drawn_by_itself(browser, tmp_path):
    """The stand-alone file needs no page: its own colours, and no reading error."""
    file = tmp_path / "tape.svg"
    file.write_text(to_image(*placed(detached())), encoding="utf-8")
    page = browser.new_context(color_scheme="dark").new_page()
    page.goto(file.as_uri())
    fill = page.evaluate("() => getComputedStyle(document.querySelector('#tape-n0 rect')).fill")
    assert fill == "rgb({}, {}, {})".format(*rgb(DARK["gradient-fill"]))
    page.context.close()
