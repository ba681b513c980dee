"""The course in five themes, light and dark, wide and narrow, with and without scripts.

Set `SPHINX_TAPE_SCREENSHOTS` to a folder to keep a picture of every look.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.browser.pages import DARK_THEMES, FOLLOW, ROOT, THEMES, Look, build, chromium, opened
from tests.support import require_module

PAGES = ("worked_example", "cuts", "fanout", "softmax", "attention")
"""Pages on which texts are measured; they have every kind of figure."""

LOOKS = [
    (theme, scheme)
    for theme in THEMES
    for scheme in ("light", "dark")
    if scheme == "light" or theme in DARK_THEMES
]

FAINT = """
() => {
  const channel = c => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = css => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = css;
    canvas.fillRect(0, 0, 1, 1);
    const d = canvas.getImageData(0, 0, 1, 1).data;
    return [d[0], d[1], d[2], d[3] / 255];
  };
  const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3]));
  const ground = element => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) layers.unshift(rgba(getComputedStyle(e).backgroundColor));
    let colour = [255, 255, 255];
    for (const layer of layers) colour = over(layer, colour);
    // Text of a drawing stands on the box of its node, the letter of a badge on the badge.
    const shape = element.closest(".tape-text-badge") ? ".tape-badge" : "rect";
    const box = element.closest("svg") && element.closest(".tape-nodes > *")?.querySelector(shape);
    return box ? over(rgba(getComputedStyle(box).fill), colour) : colour;
  };
  const found = [];
  for (const element of document.querySelectorAll(".tape *")) {
    const own = [...element.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    const box = element.getBoundingClientRect();
    if (!own || !box.width || !box.height || element.closest("title, desc")) continue;
    const style = getComputedStyle(element);
    if (style.visibility === "hidden" || element.disabled) continue;
    const below = ground(element);
    const ink = over(rgba(element.closest("svg") ? style.fill : style.color), below);
    const [high, low] = [luminance(ink), luminance(below)].sort((a, b) => b - a);
    const ratio = (high + 0.05) / (low + 0.05);
    const words = element.textContent.trim().slice(0, 30);
    if (ratio < 4.5) found.push(`${ratio.toFixed(2)} ${element.getAttribute("class")}: ${words}`);
  }
  return found;
}
"""
"""Every text of our figures whose contrast to what lies below it is under 4.5:1 (WCAG 2.2, 1.4.3)."""

SPILLS = """
() => [...document.querySelectorAll("svg.tape-graph text")].filter(text => {
  const box = text.closest(".tape-nodes > *")?.querySelector("rect");
  if (!box) return false;
  const outer = box.getBoundingClientRect(), inner = text.getBoundingClientRect();
  return inner.left < outer.left - 1 || inner.right > outer.right + 1;
}).map(text => text.textContent)
"""
"""Every text of a drawing that leaves its box in the browser's own font."""


DARKNESS = """
() => {
  const shades = [document.querySelector(".tape"), document.body, document.documentElement]
    .map(e => getComputedStyle(e).backgroundColor.match(/[\\d.]+/g).map(Number))
    .filter(c => c.length < 4 || c[3] > 0);
  return (shades[0][0] + shades[0][1] + shades[0][2]) / 765;
}
"""
"""How bright the ground of a figure is, from 0 to 1."""


@pytest.fixture(scope="module")
def browser():
    """One browser for all looks."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def sites(tmp_path_factory):
    """Return a function that builds the course in a theme, once."""
    folder = tmp_path_factory.mktemp("themes")

    def site(theme: str) -> Path:
        require_module("sympy")
        target = folder / theme
        if not target.exists():
            build(ROOT / "example_project", target, theme)
        return target

    return site


def keep(page, name: str) -> None:
    """Keep a picture of the page if a folder for pictures is named."""
    folder = os.environ.get("SPHINX_TAPE_SCREENSHOTS")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize(("theme", "scheme"), LOOKS)
def test_contrast_and_fit(browser, sites, theme, scheme):
    """Every text of a figure has a contrast of 4.5:1 at least, and stays in its box."""
    for name in PAGES:
        with opened(browser, sites(theme) / f"{name}.html", Look(scheme=scheme)) as page:
            keep(page, f"{theme}-{scheme}-{name}")
            assert page.evaluate(FAINT) == []
            assert page.evaluate(SPILLS) == []


@pytest.mark.parametrize("theme", THEMES)
def test_no_violation_that_axe_knows(browser, sites, theme):
    """axe-core finds nothing in the figures of any page, in the light; in the dark nothing about colours."""
    axe = require_module("axe_playwright_python.sync_playwright").Axe()
    pages = [
        file for file in sorted(sites(theme).glob("*.html")) if 'class="tape ' in file.read_text("utf-8")
    ]
    assert len(pages) >= 12
    for file in pages:
        with opened(browser, file, Look()) as page:
            assert (file.name, violations(axe, page, {})) == (file.name, [])
            if theme in DARK_THEMES:
                # The page stays the same, so only what depends on colours is looked at again.
                page.emulate_media(color_scheme="dark")
                page.evaluate(FOLLOW, "dark")
                assert page.evaluate(DARKNESS) < 0.2
                found = violations(axe, page, {"runOnly": ["color-contrast", "link-in-text-block"]})
                assert (file.name, found) == (file.name, [])


def violations(axe, page, options):
    """What axe-core finds in our figures, in short."""
    found = axe.run(page, context=".tape", options={**options, "resultTypes": ["violations"]}).response
    return [f"{v['id']}: {[n['html'][:200] for n in v['nodes'][:3]]}" for v in found["violations"]]


def test_no_page_asks_another_host(browser, sites):
    """Everything that a page with figures loads lies beside it."""
    asked = []
    for name in PAGES:
        with opened(browser, sites("alabaster") / f"{name}.html", Look()) as page:
            page.on("request", lambda request: asked.append(request.url))
            page.reload()
            page.wait_for_load_state("networkidle")
    assert len(asked) > 3 * len(PAGES)
    assert [url for url in asked if not url.startswith("file:")] == []


def test_steps_of_a_named_figure_have_its_name(browser, sites):
    """Addresses that an author can write go to the step, on arrival and when the address changes."""
    file = sites("alabaster") / "worked_example.html"
    with opened(browser, file, Look(), "#fig-survey-trace-step-3") as page:
        assert page.locator("li.tape-now[id]").get_attribute("id") == "fig-survey-trace-step-3"
        page.evaluate("location.hash = '#fig-survey-trace-forward-2'")
        page.wait_for_function("document.querySelector('#fig-survey-trace-forward-2.tape-now')")


def test_axe_finds_what_is_wrong(browser, tmp_path):
    """The check can fail: a picture without a name in a figure is found."""
    axe = require_module("axe_playwright_python.sync_playwright").Axe()
    file = tmp_path / "wrong.html"
    file.write_text("<div class='tape'><svg role='img' width='9' height='9'></svg><p>words</p></div>")
    with opened(browser, file, Look()) as page:
        assert any(found.startswith("svg-img-alt") for found in violations(axe, page, {}))


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
@pytest.mark.parametrize("theme", THEMES)
def test_a_phone_scrolls_the_figure_not_the_page(browser, sites, theme, scripts):
    """At 390 pixels no figure makes the page wider than the screen."""
    for name in PAGES:
        with opened(
            browser, sites(theme) / f"{name}.html", Look(width=390, height=844, scripts=scripts)
        ) as page:
            keep(page, f"{theme}-phone-{'scripts' if scripts else 'plain'}-{name}")
            wide = (
                page.evaluate(
                    "() => [...document.querySelectorAll('figure.tape-figure, .tape')]"
                    ".filter(e => e.getBoundingClientRect().right > innerWidth + 1).length"
                )
                if scripts
                else 0
            )
            assert wide == 0


def test_faint_text_would_be_seen(browser, tmp_path):
    """The contrast check can fail: grey on grey is found, black on white is not."""
    file = tmp_path / "faint.html"
    file.write_text(
        "<div class='tape' style='background:#fff'><p style='color:#999'>faint</p>"
        "<p style='color:#000'>clear</p></div>"
    )
    with opened(browser, file, Look()) as page:
        assert [text.split()[-1] for text in page.evaluate(FAINT)] == ["faint"]


def test_text_outside_its_box_would_be_seen(browser, tmp_path):
    """The check of boxes can fail: a long text in a short box is found."""
    file = tmp_path / "spill.html"
    file.write_text(
        "<svg class='tape-graph' width='400' height='40'><g class='tape-nodes'><g><rect x='0' y='0' "
        "width='20' height='20'/><text x='2' y='15'>much too long</text></g></g></svg>"
    )
    with opened(browser, file, Look()) as page:
        assert page.evaluate(SPILLS) == ["much too long"]
