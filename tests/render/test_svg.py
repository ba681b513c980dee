"""`render.svg`: what a page gets."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from hypothesis import given, settings
from lxml import etree, html

from sphinx_tape.render.path_data import path_data
from sphinx_tape.render.scene import arrange
from sphinx_tape.render.shapes import path_of
from sphinx_tape.render.svg import drawing_html, hidden_words, legend_html, to_image, to_svg
from tests.render.placing import drawing, grid
from tests.render.random_reports import reports
from tests.render.sample_reports import HOSTILE, SAMPLES, detached, empty, hostile, layers, neuron, square

NAMESPACES = {"s": "http://www.w3.org/2000/svg"}


def svg(report, view="grads", prefix="fig-1", **more):
    """The parsed inline drawing of a report."""
    drawn = drawing(report, view, **more)
    return etree.fromstring(to_svg(drawn, grid(drawn), prefix))


def find(tree, path):
    """All elements on an XPath with the prefix `s`."""
    return tree.xpath(path, namespaces=NAMESPACES)


def texts(tree):
    """Every drawn word."""
    return ["".join(element.itertext()) for element in find(tree, ".//s:text")]


def letters(tree):
    """Every drawn letter outside of the signs, in no order."""
    path = ".//s:text[not(@class='tape-text-badge')]"
    return sorted("".join("".join(element.itertext()) for element in find(tree, path)).replace(" ", ""))


def test_every_node_is_a_link_to_its_row():
    """The contract with tables and script: id, data-node, classes, link."""
    for view in ("grads", "trace"):
        links = find(svg(neuron(), view), ".//s:a")
        assert [link.get("href") for link in links] == [f"#fig-1-row-{node}" for node in range(8)]
        assert [link.get("id") for link in links] == [f"fig-1-n{node}" for node in range(8)]
        stepped = [str(node) if view == "trace" else None for node in range(8)]
        assert [link.get("data-node") for link in links] == stepped


def test_the_commonest_look_is_said_once():
    """Of all others, every node says its own."""
    tree = svg(neuron())
    (nodes,) = find(tree, "./s:g[contains(@class, 'tape-nodes')]")
    assert nodes.get("class") == "tape-nodes tape-state-gradient tape-terse"
    looks = [link.get("class") for link in find(tree, ".//s:a")]
    assert looks == [None, None, None, None, None, "tape-state-not-asked", None, "tape-state-output"]
    (nodes,) = find(svg(neuron(), "view"), "./s:g[contains(@class, 'tape-nodes')]")
    assert "tape-kind-op" in nodes.get("class")


def test_every_edge_names_its_ends():
    """The script lights edges by source, target and operand."""
    edges = find(svg(square(), "trace"), ".//s:g[@data-edge]")
    assert [edge.get("data-edge") for edge in edges] == ["0-1-0", "0-1-1"]


def test_edges_that_nothing_lights_are_drawn_together():
    """One line and one set of arrowheads a kind, which draw what the single edges draw."""
    single, together = svg(neuron(), "trace"), svg(neuron())
    for part in ("line", "arrow"):
        path = f".//s:path[@class='tape-{part}']/@d"
        assert "".join(sorted(find(together, path))) != ""
        assert sorted(re.findall("M[^M]*", "".join(find(together, path)))) == sorted(find(single, path))
        assert len(find(together, path)) == 2 < len(find(single, path))
    assert not find(together, ".//s:path[@class='tape-trunk']")


def test_texts_without_classes_stand_in_the_order_that_the_sheet_knows():
    """An id, a name, an operation; a value, a word, a gradient: what has another role says so."""
    for make in SAMPLES.values():
        for view in ("view", "grads"):
            full, terse = svg(make(), "trace"), svg(make(), view)
            assert {text.get("class") for text in find(terse, ".//s:text[not(@class)]/s:tspan")} <= {None}
            if view == "grads":
                assert letters(full) == letters(terse)


def test_common_signs_are_drawn_once():
    """Used where they belong; the use is in the same drawing."""
    tree = svg(detached())
    used = find(tree, ".//s:use/@href")
    assert sorted(set(used)) == ["#fig-1-s0", "#fig-1-s1"]
    assert (used.count("#fig-1-s0"), used.count("#fig-1-s1")) == (5, 1)
    assert {f"#{name}" for name in find(tree, ".//s:defs/s:g/@id")} == set(used)
    # Browsers match rules against what is used alone: without these it would be an empty ring.
    assert set(find(tree, ".//s:defs/s:g/@class")) == {"tape-graph tape-nodes"}
    (link,) = find(tree, ".//s:a[@id='fig-1-n0']")
    (whole,) = find(svg(detached(), "trace"), ".//s:a[@id='fig-1-n0']")
    (use,), (badge,) = find(link, "./s:use"), find(whole, "./s:circle")
    assert (use.get("x"), use.get("y")) == (badge.get("cx"), badge.get("cy"))


def test_the_drawing_is_named_and_described():
    """A group with title and description by reference; edges are not read out."""
    tree = svg(neuron())
    assert tree.get("role") == "group"
    named = [find(tree, f".//*[@id='{name}']")[0].text for name in tree.get("aria-labelledby").split()]
    assert named[0] == "Tape of 8 nodes"
    assert "loss = 9" in named[1]
    assert all(
        group.get("aria-hidden") == "true" for group in find(tree, "./s:g[contains(@class, 'tape-edges')]")
    )


def test_titles_say_only_what_boxes_do_not():
    """A cut and a missing gradient have one; a box that says all is its own name."""
    assert find(svg(neuron()), ".//s:a/s:title") == []
    told = [title.text.partition(":")[0] for title in find(svg(detached()), ".//s:a/s:title")]
    assert told == ["2", "5", "10"]


def test_words_of_a_line_are_one_text():
    """In a monospaced font they flow; the blanks between them are those of the layout."""
    assert texts(svg(neuron()))[:4] == ["G", "0: w", "2", "grad -18"]
    assert texts(svg(neuron(), "trace"))[:4] == ["0: w", "2", "grad -18", "G"]


def test_the_authors_description_wins():
    """An `alt` of the author replaces the generated description."""
    drawn = drawing(neuron())
    assert '<desc id="p-desc">Mine &amp; only</desc>' in to_svg(
        drawn, grid(drawn), "p", description="Mine & only"
    )


def test_edges_are_operable_without_markers_scripts_and_inline_styles():
    """What breaks in folded blocks or under a strict content policy is not used."""
    for make in SAMPLES.values():
        drawn = drawing(make())
        page = drawing_html(drawn, grid(drawn), "p")
        assert not re.search(r"<marker|<script|<style|\sstyle=|\son[a-z]+=|url\(|#[0-9a-f]{6}\b", page)


def test_hostile_names_stay_text():
    """Every name of the list is in the drawing as its own text, cleaned, and makes no element."""
    tree = svg(hostile())
    allowed = {"svg", "title", "desc", "g", "a", "path", "rect", "circle", "text", "tspan", "use", "defs"}
    assert {etree.QName(element).localname for element in tree.iter()} == allowed
    assert "naïve λ∂ 変数" in texts(tree)
    assert "0: <b>&amp;</b>" in texts(tree)
    assert any(title.text.startswith(f"8: {HOSTILE[8]} = leaf") for title in find(tree, ".//s:title"))


@given(reports())
@settings(max_examples=60)
def test_any_report_is_well_formed(report):
    """Random names and shapes parse as XML, inline, as a file, and mirrored; ids are unique."""
    for more in ({}, {"mirror": True}, {"max_nodes": 3}):
        drawn = drawing(report, **more)
        layout = grid(drawn)
        etree.fromstring(to_image(drawn, layout).encode())
        tree = etree.fromstring(to_svg(drawn, layout, "p"))
        ids = tree.xpath("//@id")
        assert len(ids) == len(set(ids))


def test_a_strict_html_parser_sees_the_same_tree():
    """Inline SVG survives an HTML parser: no element that HTML would move out of place."""
    drawn = drawing(hostile())
    page = html.document_fromstring(drawing_html(drawn, grid(drawn), "p"))
    assert len(page.xpath("//a[@href]")) == 11


def test_only_uncertain_text_is_fitted():
    """ASCII follows the width rule in every common font; other scripts get their width fixed."""
    tree = svg(hostile())
    fitted = find(tree, ".//s:text[@textLength]")
    assert all(not element.text.isascii() for element in fitted)
    assert "naïve λ∂ 変数" in [element.text for element in fitted]
    assert {element.get("lengthAdjust") for element in fitted} == {"spacingAndGlyphs"}


def test_size_and_view_box_agree():
    """One user unit is one pixel, so nothing is scaled."""
    tree = svg(neuron())
    assert tree.get("viewBox") == f"0 0 {tree.get('width')} {tree.get('height')}"


@pytest.mark.parametrize("most", [3, 200])
def test_everything_lies_inside(most):
    """No point of any outline leaves the picture, stubs and scopes included."""
    for make in SAMPLES.values():
        drawn = drawing(make(), max_nodes=most)
        scene = arrange(drawn, grid(drawn))
        for group in (*scene.edges, *scene.nodes):
            for shape in group.shapes:
                points = [point for _, points in path_of(shape.outline) for point in points]
                assert all(0 <= x <= scene.size[0] and 0 <= y <= scene.size[1] for x, y in points)


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ((("M", ((100, 50),)), ("L", ((130, 55),)), ("Z", ())), "M10 5l3 0.5z"),
        ((("M", ((0, 0),)), ("C", ((0, 10), (30, 10), (30, -20)))), "M0 0c0 1 3 1 3-2"),
        # A command is not repeated.
        ((("M", ((0, 0),)), ("L", ((10, 10),)), ("L", ((0, 20),))), "M0 0l1 1-1 1"),
        # Straight along an axis, whatever it was made of.
        ((("M", ((0, 0),)), ("C", ((10, 0), (20, 0), (30, 0))), ("L", ((30, 50),))), "M0 0h3v5"),
    ],
)
def test_paths_are_short(path, data):
    """Relative after the start; each piece counts from where the last one ended."""
    assert path_data(path) == data


def test_same_bytes_for_every_hash_seed():
    """No set or dictionary of strings decides an order."""
    program = (
        "from tests.render.placing import *; from tests.render.sample_reports import *;"
        "from sphinx_tape.render.svg import *; d = drawing(detached()); print(drawing_html(d, grid(d), 'p'))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "77")
    }
    assert len(outputs) == 1
    assert b"<svg" in outputs.pop()


def test_the_cut_has_scissors_and_a_letter():
    """The edge into the detach node is dashed and lettered D."""
    (edge,) = find(svg(detached(), "trace"), ".//s:g[@data-edge='2-5-0']")
    assert "tape-edge-cut" in edge.get("class")
    assert find(svg(detached()), ".//s:g[@class='tape-edge-cut']/s:path[@class='tape-cut-line']")
    parts = [element.get("class") for element in edge if etree.QName(element).localname != "text"]
    assert parts == ["tape-cut-line", "tape-arrow", "tape-halo", *["tape-scissors"] * 4]
    assert texts(edge) == ["D"]


def test_arrows_can_be_turned_where_a_gradient_came_back():
    """Only where a page steps through the pass: hidden heads at the other end; never in files."""
    edges = find(svg(neuron(), "trace"), ".//s:g[@data-edge]")
    turned = {edge.get("data-edge"): find(edge, "./s:path[@class='tape-back']") for edge in edges}
    assert [key for key, heads in turned.items() if not heads] == ["5-6-1"]
    assert all(head.get("display") == "none" for heads in turned.values() for head in heads)
    assert not find(svg(neuron(), "grads"), ".//s:path[@class='tape-back']")
    drawn = drawing(neuron(), "trace")
    assert 'class="tape-back"' not in to_image(drawn, grid(drawn))


def test_states_have_letters_in_the_drawing():
    """Each badge carries the state's letter besides shape and colour."""
    tree = svg(detached(), "trace")
    badges = [element.text for element in find(tree, ".//s:text[@class='tape-text-badge']")]
    assert badges == ["G", "G", "M", "Z", "G", "N", "G", "N", "G", "O", "M"]


def test_the_legend_explains_what_is_there():
    """Only signs that occur are explained, in a fixed order."""
    page = html.fragment_fromstring(legend_html(drawing(detached())))
    words = [item.text_content().strip() for item in page.xpath(".//li")]
    assert (
        words
        == [
            "O output",
            "G has a gradient",
            "Z exactly zero",
            "M missing",
            "N not asked for",
            "D gradient cut by detach",
        ]
        or [word.split(maxsplit=1)[-1] for word in words][-1] == "gradient cut by detach"
    )
    assert legend_html(drawing(empty())) == ""


def test_a_clipped_drawing_says_how_much_is_hidden():
    """Four of eight."""
    drawn = drawing(neuron(), max_nodes=4)
    assert hidden_words(drawn).startswith("4 of 8 nodes")
    assert "4 of 8 nodes" in drawing_html(drawn, grid(drawn), "p")
    assert hidden_words(drawing(neuron())) == ""


def test_an_empty_tape_is_said():
    """No picture, but a sentence."""
    drawn = drawing(empty())
    assert drawing_html(drawn, grid(drawn), "p") == '<p class="tape-note">The tape has no nodes.</p>'


def test_mirrored_twins_have_ids_of_their_own():
    """The gradient of node 4 is `g4`, linked to the same row."""
    tree = svg(neuron(), "trace", mirror=True)
    (twin,) = find(tree, ".//s:a[@id='fig-1-g4']")
    assert twin.get("href") == "#fig-1-row-4"
    assert "tape-twin" in twin.get("class")
    assert not find(tree, ".//s:*[@id='fig-1-g5']")
    assert len(find(tree, ".//s:g[@data-edge='3-4-0']")) == 2


def test_a_cut_is_drawn_among_the_twins():
    """In a mirrored drawing the scissors stand on the gradient's way, not on the value's."""
    tree = svg(detached(), "trace", mirror=True)
    forward, back = find(tree, ".//s:g[@data-edge='2-5-0']")
    assert "tape-edge-cut" not in forward.get("class")
    assert "tape-edge-cut" in back.get("class")


def test_an_image_stands_alone():
    """A file has its style, its legend, both schemes, and no links."""
    drawn = drawing(detached())
    text = to_image(drawn, grid(drawn))
    tree = etree.fromstring(text.encode())
    assert "prefers-color-scheme: dark" in text
    assert not find(tree, ".//s:a")
    assert "has a gradient" in texts(tree)
    used = set(re.findall(r"var\((--tape-[a-z-]+)[,)]", text))
    assert used - set(re.findall(r"(--tape-[a-z-]+):", text)) == set()


def test_array_lengths_are_explained():
    """`|grad|` is in the legend where it is in the drawing."""
    assert "length (L2 norm)" in legend_html(drawing(layers()))
    assert "length (L2 norm)" not in legend_html(drawing(neuron()))


@pytest.mark.parametrize(
    ("tenths", "text"), [(0, "0"), (15, "1.5"), (-15, "-1.5"), (-5, "-0.5"), (20, "2"), (-20, "-2")]
)
def test_lengths_have_one_form(tenths, text):
    """Tenths of a pixel are written without needless digits, signs included."""
    assert path_data((("M", ((tenths, 0),)),)) == f"M{text} 0"
