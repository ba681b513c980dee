"""`static/tape-stepper.js` in a real browser: every control, and each step equal to the report."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from sphinx_tape.render.numbers import format_number
from tests.browser.pages import Look, chromium, opened
from tests.render.figures import figure
from tests.render.repeats import recurrent
from tests.render.sample_reports import detached, diamond, failing, layers, neuron
from tests.support import require_module

STATIC = Path(__file__).parents[2] / "sphinx_tape" / "static"
POLICY = "default-src 'self' file:"
PAGE = """<!DOCTYPE html><html lang="en" dir="{direction}"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>Steps</title>
<link rel="stylesheet" href="tape.css"><script src="tape-stepper.js" defer></script></head>
<body>{body}</body></html>"""

SAMPLES = {
    "neuron": neuron,
    "diamond": diamond,
    "detached": detached,
    "failing": failing,
    "layers": layers,
    "repeats": lambda: recurrent(20),
}
PARTS = ("graph", "steps", "coverage", "gradients", "nodes", "source")


@pytest.fixture(scope="module")
def browser():
    """One browser for all tests of this file."""
    with chromium() as started:
        yield started


@pytest.fixture
def page_of(browser, tmp_path):
    """Open a page with figures of these samples: `page_of("neuron", ...)`."""
    contexts = []

    def open_page(*names, look=Look(), fragment="", direction="ltr", **more):  # noqa: B008 -- frozen
        body = "".join(
            figure(SAMPLES[name](), prefix=f"fig{i}", drawn=True, show=PARTS, open=PARTS, **more)
            for i, name in enumerate(names)
        )
        file = tmp_path / "page.html"
        file.write_text(PAGE.format(body=body, policy=POLICY, direction=direction), encoding="utf-8")
        for name in ("tape.css", "tape-stepper.js"):
            (tmp_path / name).write_bytes((STATIC / name).read_bytes())
        context = opened(browser, file, look, fragment)
        page = context.__enter__()
        contexts.append(context)
        return page

    yield open_page
    for context in contexts:
        context.__exit__(None, None, None)


def control(page, label, figure=0):
    """A control by what a screen reader calls it."""
    return page.locator(".tape").nth(figure).get_by_label(label, exact=True)


def now(page, figure=0):
    """Id of the current step, or None."""
    found = page.locator(".tape").nth(figure).locator("li.tape-now[id]")
    return found.get_attribute("id") if found.count() else None


def lit(page, key, figure=0):
    """What the drawing highlights: nodes or edges."""
    found = page.locator(".tape").nth(figure).locator(f"svg .tape-current[{key}]")
    return sorted(item.get_attribute(key) for item in found.all())


def shown_gradients(page):
    """Nodes whose box shows a gradient, with its text."""
    script = """root => [...root.querySelectorAll('svg [data-node]')].map(node => {
        const text = node.querySelector('.tape-text-gradient');
        const seen = text && getComputedStyle(text).visibility === 'visible';
        return seen ? [Number(node.dataset.node), text.textContent] : null }).filter(Boolean)"""
    return dict(page.locator(".tape").first.evaluate(script))


def visible_steps(page):
    """Ids of the steps in view of a reader."""
    script = """root => [...root.querySelectorAll('.tape-ledger > ol > li')]
        .filter(item => getComputedStyle(item).visibility === 'visible').map(item => item.id)"""
    return page.locator(".tape").first.evaluate(script)


def test_at_first_everything_is_shown(page_of):
    """A reader who touches nothing loses nothing."""
    page = page_of("neuron")
    assert now(page) is None
    assert len(visible_steps(page)) == 16
    assert shown_gradients(page)[0] == "-18"
    assert page.get_by_role("status").inner_text() == "All steps are shown"


@pytest.mark.parametrize("name", ["neuron", "diamond", "detached", "failing"])
def test_every_step_equals_the_report(page_of, name):
    """After each step the lit node and edges, the ledger and the gradients in the boxes are the report's."""
    report = SAMPLES[name]()
    page = page_of(name)
    forward = [("forward", row.id, None) for row in report.nodes]
    reverse = [("step", step.node, step) for step in report.reverse.steps]
    known = {}
    order = [*forward, *reverse]
    for place, (kind, node, step) in enumerate(order):
        control(page, "Next step").click()
        number = place + 1 if kind == "forward" else place + 1 - len(forward)
        assert now(page) == f"fig0-{kind}-{number}"
        assert lit(page, "data-node") == [str(node)]
        if step is None:
            ends = [f"{parent}-{node}-{i}" for i, parent in enumerate(report.nodes[node].parents)]
        else:
            ends = [f"{c.parent}-{node}-{c.operand}" for c in step.contributions]
            if step.cotangent is not None:
                known[node] = step.cotangent.elements[0]
            known |= {
                c.parent: report.reverse.gradients[c.parent].gradient.elements[0]
                for c in step.contributions
                if c.part == c.parts
            }
        assert lit(page, "data-edge") == sorted(ends)
        assert len(visible_steps(page)) == place + 1
        expected = {n: format_number(value, "float64", 4) for n, value in known.items()}
        shown = {n: text for n, text in shown_gradients(page).items() if text != "none"}
        assert shown == expected


def test_the_line_of_code_moves_along(page_of):
    """The listing lights the line that made the node; the status line repeats it."""
    page = page_of("neuron")
    page.locator("#fig0-source li").first.evaluate("item => { item.dataset.line = '13' }")
    control(page, "Last step").click()
    assert page.locator("#fig0-source li.tape-now").count() == 0
    page.goto(page.url.partition("#")[0] + "#fig0-step-5")
    assert page.locator("#fig0-source li.tape-now").count() == 1
    assert "v = multiply(...)" in page.get_by_role("status").inner_text()


def test_first_previous_next_last(page_of):
    """Buttons move by one or to an end, and stop there."""
    page = page_of("neuron")
    control(page, "First step").click()
    assert now(page) == "fig0-forward-1"
    control(page, "Previous step").click(force=True)
    assert now(page) == "fig0-forward-1"
    assert control(page, "Previous step").get_attribute("aria-disabled") == "true"
    control(page, "Last step").click()
    assert now(page) == "fig0-step-8"
    control(page, "Previous step").click()
    assert now(page) == "fig0-step-7"
    control(page, "Next step").click()
    control(page, "Next step").click()
    assert now(page) is None, "beyond the last step everything is shown again"


def test_the_slider_goes_anywhere(page_of):
    """Its value is the step, its text what a screen reader says."""
    page = page_of("neuron")
    slider = control(page, "Step")
    slider.fill("10")
    assert now(page) == "fig0-step-3"
    assert slider.get_attribute("aria-valuetext") == "Reverse 3 of 8"
    slider.press("ArrowRight")
    assert now(page) == "fig0-step-4"


def test_play_and_pause(page_of):
    """Play goes on by itself at the chosen speed, pause stays where it is; the button says what it does."""
    page = page_of("neuron")
    page.clock.install()
    control(page, "Speed").select_option("4")
    control(page, "Play").click()
    assert now(page) == "fig0-forward-1"
    page.clock.run_for(460)
    assert now(page) == "fig0-forward-2"
    control(page, "Pause").click()
    page.clock.run_for(5000)
    assert now(page) == "fig0-forward-2"
    control(page, "Play").click()
    page.clock.run_for(60_000)
    assert now(page) == "fig0-step-8"
    assert control(page, "Play").count() == 1, "at the end it stops by itself"


def test_the_slider_takes_over_from_play(page_of):
    """Who drags is not carried on."""
    page = page_of("neuron")
    page.clock.install()
    control(page, "Play").click()
    control(page, "Step").fill("10")
    page.clock.run_for(20_000)
    assert now(page) == "fig0-step-3"


def test_a_mirrored_drawing_waits_for_the_reverse_pass(page_of):
    """Forward steps light no twin; a reverse step lights node and twin."""
    page = page_of("neuron", fragment="#fig0-forward-4", mirror=True)
    assert lit(page, "data-node") == ["3"]
    assert page.locator("svg .tape-twin.tape-pending[data-node]").count() == 7
    page.evaluate("location.hash = '#fig0-step-5'")
    page.wait_for_function("document.querySelector('#fig0-step-5.tape-now')")
    assert lit(page, "data-node") == ["3", "3"]


def test_box_of_many_nodes_is_lit_by_each(page_of):
    """Steps of folded nodes light their box and its arrows; a click on it goes to the first of them."""
    page = page_of("repeats")
    folded = " ".join(map(str, range(6, 82)))
    page.evaluate("location.hash = '#fig0-forward-8'")
    page.wait_for_function("document.querySelector('#fig0-forward-8.tape-now')")
    assert lit(page, "data-node") == [folded]
    page.evaluate("location.hash = '#fig0-forward-6'")
    page.wait_for_function("document.querySelector('#fig0-forward-6.tape-now')")
    assert page.locator(f'svg .tape-pending[data-node="{folded}"]').count() == 1
    page.locator(f'svg [data-node="{folded}"]').click()
    assert now(page) == "fig0-forward-7"
    page.evaluate("location.hash = '#fig0-step-3'")
    page.wait_for_function("document.querySelector('#fig0-step-3.tape-now')")
    assert lit(page, "data-node") == [folded]
    assert page.locator(f'svg .tape-unsettled[data-node="{folded}"]').count() == 1


def test_nothing_moves_for_those_who_do_not_want_it(page_of):
    """Reduced motion: no transition, and the ledger jumps instead of gliding."""
    page = page_of("neuron", fragment="#fig0-step-8")
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.tape-nodes > *')).transitionDuration")
        == "0s"
    )
    position = page.locator(".tape-ledger").evaluate("box => box.scrollTop")
    page.wait_for_timeout(300)
    assert page.locator(".tape-ledger").evaluate("box => box.scrollTop") == position > 0


def test_forced_colours_keep_the_current_step(page_of):
    """Where the reader's two colours replace ours, the current step has an outline."""
    page = page_of("neuron", fragment="#fig0-step-2")
    page.emulate_media(forced_colors="active")
    assert page.locator("#fig0-step-2").evaluate("item => getComputedStyle(item).outlineStyle") == "solid"
    assert page.locator("#fig0-step-3").evaluate("item => getComputedStyle(item).outlineStyle") == "none"


def test_the_keyboard_is_enough(page_of):
    """Arrows, Home, End and Escape from any control, through all steps."""
    page = page_of("neuron")
    control(page, "First step").focus()
    page.keyboard.press("Enter")
    seen = [now(page)]
    for _ in range(15):
        page.keyboard.press("ArrowRight")
        seen.append(now(page))
    assert seen == [f"fig0-forward-{i}" for i in range(1, 9)] + [f"fig0-step-{i}" for i in range(1, 9)]
    page.keyboard.press("Home")
    assert now(page) == "fig0-forward-1"
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    assert now(page) == "fig0-step-7"
    page.keyboard.press("Escape")
    assert now(page) is None


def test_the_tab_key_reaches_every_control(page_of):
    """Focus passes buttons, slider, speed and ledger in reading order, and can be seen."""
    page = page_of("neuron")
    control(page, "First step").focus()
    names = []
    # Between speed and ledger the tab key stops at nothing.
    for _ in range(8):
        names.append(page.evaluate("document.activeElement.getAttribute('aria-label')"))
        page.keyboard.press("Tab")
    assert names == [
        "First step",
        "Previous step",
        "Play",
        "Next step",
        "Last step",
        "Step",
        "Speed",
        "Steps so far",
    ]
    control(page, "Next step").focus()
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_arrows_are_mirrored_on_right_to_left_pages(page_of):
    """There the left arrow goes on."""
    page = page_of("neuron", direction="rtl")
    control(page, "First step").click()
    page.keyboard.press("ArrowLeft")
    assert now(page) == "fig0-forward-2"
    page.keyboard.press("ArrowRight")
    assert now(page) == "fig0-forward-1"


def test_keys_with_modifiers_belong_to_the_browser(page_of):
    """Alt and arrow goes back in history, not back a step."""
    page = page_of("neuron")
    control(page, "Last step").click()
    page.keyboard.press("Control+ArrowLeft")
    assert now(page) == "fig0-step-8"


def test_a_click_on_a_node_goes_to_its_step(page_of):
    """In the reverse pass to its visit, before that to its forward step."""
    page = page_of("neuron")
    page.locator("#fig0-n3").click()
    assert now(page) == "fig0-step-5"
    control(page, "First step").click()
    page.locator("#fig0-n3").click()
    assert now(page) == "fig0-forward-4"


def test_deep_links_go_to_a_step(page_of):
    """On arrival, and when the address changes; the status line holds the link."""
    page = page_of("neuron", fragment="#fig0-step-5")
    assert now(page) == "fig0-step-5"
    assert page.get_by_role("status").get_by_role("link").get_attribute("href") == "#fig0-step-5"
    page.evaluate("location.hash = '#fig0-forward-2'")
    page.wait_for_function("document.querySelector('#fig0-forward-2.tape-now')")


def test_links_into_folded_parts_unfold_them(page_of):
    """A link to a row is of no use if the row stays hidden."""
    page = page_of("neuron")
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = false })")
    page.evaluate("location.hash = '#fig0-row-3'")
    page.wait_for_function("document.querySelector('#fig0-row-3').closest('details').open")


def test_lit_edges_are_above_the_others(page_of):
    """A line beside them, painted later, would strike them through."""
    page = page_of("diamond")
    for _ in range(9):
        control(page, "Next step").click()
        script = "edges => [...edges.children].map(edge => edge.matches('.tape-current'))"
        lit_edges = page.locator(".tape-edges").evaluate(script)
        assert lit_edges == sorted(lit_edges)
    control(page, "First step").click()
    assert not any(page.locator(".tape-edges").evaluate(script))


def test_steppers_do_not_disturb_each_other(page_of):
    """Two figures on one page have two states."""
    page = page_of("neuron", "diamond")
    control(page, "First step", 0).click()
    control(page, "Last step", 1).click()
    assert (now(page, 0), now(page, 1)) == ("fig0-forward-1", "fig1-step-5")
    assert lit(page, "data-node", 0) == ["0"]


def test_the_live_region_says_the_step(page_of):
    """Position, node and what it sends, in words; silent while playing."""
    page = page_of("neuron", fragment="#fig0-step-5")
    status = page.get_by_role("status")
    assert status.inner_text().startswith(
        "Reverse 5 of 8 · 3: multiply; to 0: w = -18; to 1: x = -12 · v = multiply"
    )
    control(page, "Play").click()
    assert status.get_attribute("aria-live") == "off"
    control(page, "Pause").click()
    assert status.get_attribute("aria-live") == "polite"


def test_without_scripts_nothing_is_hidden(page_of):
    """All steps, all gradients, no dead controls."""
    page = page_of("neuron", look=Look(scripts=False))
    assert page.locator(".tape-controls").count() == 0
    assert page.locator(".tape-steps > li").count() == 8
    assert page.locator(".tape-steps > li").last.is_visible()


def test_print_shows_all(page_of):
    """On paper there is no current step, and the ledger is whole."""
    page = page_of("neuron", fragment="#fig0-forward-1")
    assert len(visible_steps(page)) == 1
    page.emulate_media(media="print")
    assert len(visible_steps(page)) == 16
    assert len(shown_gradients(page)) >= 7
    assert not page.locator(".tape-controls").is_visible()
    box = page.locator(".tape-ledger").bounding_box()
    inner = page.locator(".tape-ledger").evaluate("box => box.scrollHeight")
    assert box["height"] >= inner - 2


def test_a_page_printed_to_pdf_has_every_step(page_of):
    """Also while the stepper stands at the first one: the paper has all of them, and no controls."""
    pypdf = require_module("pypdf")
    page = page_of("neuron", fragment="#fig0-forward-1")
    pages = pypdf.PdfReader(io.BytesIO(page.pdf(format="A4"))).pages
    text = " ".join(" ".join(each.extract_text() for each in pages).split())
    assert text.count("has an upstream gradient") == 7
    assert "Forward 1 of 8" not in text


def test_print_shows_what_is_folded(page_of):
    """Nobody can unfold paper."""
    page = page_of("neuron")
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = false")
    table = page.locator("details table").first
    assert not table.is_visible()
    page.emulate_media(media="print")
    assert table.is_visible()


@pytest.mark.parametrize("name", ["neuron", "layers"])
def test_a_phone_does_not_scroll_sideways(page_of, name):
    """Wide things scroll in their own frame, never the page."""
    page = page_of(name, look=Look(width=390), fragment="#fig0-step-3")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_strict_policy_is_kept(page_of):
    """Under `default-src 'self'` nothing is blocked: no inline script, style or handler."""
    page = page_of("neuron")
    troubles = []
    page.on("console", lambda message: troubles.append(message.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.reload()
    control(page, "Next step").click()
    assert troubles == []
    assert page.locator("[style]").count() == 0


def test_the_policy_test_can_fail(page_of):
    """A script that sets a style attribute would be reported."""
    page = page_of("neuron")
    troubles = []
    page.on("console", lambda message: troubles.append(message.text))
    page.evaluate("document.body.setAttribute('style', 'color: red')")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">x</p>')")
    for _ in range(100):
        if not troubles:
            page.wait_for_timeout(100)
    assert troubles


def test_script_and_style_are_light():
    """Both together weigh less than 30 kB, as they are."""
    weight = sum((STATIC / name).stat().st_size for name in ("tape.css", "tape-stepper.js"))
    assert weight < 30_000
