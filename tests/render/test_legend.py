"""`render.legend` and `render.keys`: the meaning of signs."""

from __future__ import annotations

from itertools import pairwise

import pytest

from sphinx_tape.render.keys import KEY_HEIGHT, KEY_WIDTH, arrange_with_legend, key_scene, legend_below
from sphinx_tape.render.legend import Entry, legend, legend_text
from sphinx_tape.render.looks import CUT_LETTERS, badge_letter, cut_words, kind_words, look_words
from sphinx_tape.render.scene import MARGIN, arrange
from sphinx_tape.render.shapes import path_of
from tests.render.placing import drawing, grid
from tests.render.sample_reports import SAMPLES, detached, failing, layers, neuron


def test_a_view_explains_forms():
    """Without gradients the forms of boxes are what needs a word."""
    assert legend(drawing(neuron(), "view")) == (
        Entry("leaf", "", "leaf"),
        Entry("constant", "", "constant"),
        Entry("op", "", "operation"),
        Entry("output", "", "output"),
    )


def test_gradients_explain_letters():
    """In text the legend is a line of letters and words."""
    assert legend_text(drawing(detached())) == (
        "O output; G has a gradient; Z exactly zero; M missing; N not asked for; D gradient cut by detach"
    )
    assert "F local rule failed" in legend_text(drawing(failing()))


def test_abbreviations_are_explained():
    """`|grad|` needs a word where it occurs."""
    assert legend_text(drawing(layers())).endswith("|grad| length (L2 norm) of an array's gradient")


def test_mirrored_drawings_explain_both_sides():
    """Forms of the forward boxes, states of the twins."""
    signs = [entry.sign for entry in legend(drawing(neuron(), "view", mirror=True))]
    assert signs == ["leaf", "constant", "op", "output", "gradient"]


@pytest.mark.parametrize("cut", CUT_LETTERS)
def test_every_cut_has_words(cut):
    """No kind of cut is shown by its code name."""
    assert "_" not in cut_words(cut) or cut == "no_grad"
    assert cut_words(cut) != cut


def test_letters_are_distinct():
    """No letter has two meanings."""
    states = ("output", "gradient", "zero", "missing", "not_asked", "failed")
    letters = [badge_letter(state) for state in states] + list(CUT_LETTERS.values())
    assert len(set(letters)) == len(letters)
    assert (badge_letter("plain"), look_words("plain")) == ("", "")
    assert cut_words("new") == "new"
    assert kind_words("op") == "operation"


def test_a_key_fits_its_picture():
    """Every key lies in its small picture."""
    for name in SAMPLES:
        for view in ("view", "grads"):
            for entry in legend(drawing(SAMPLES[name](), view)):
                scene = key_scene(entry)
                assert scene.size[1] == KEY_HEIGHT
                for group in (*scene.nodes, *scene.edges):
                    xs = [
                        x for shape in group.shapes for _, points in path_of(shape.outline) for x, _ in points
                    ]
                    assert min(xs) >= 0
                    assert max(xs) <= KEY_WIDTH


def test_the_row_below_wraps_and_keeps_the_drawing():
    """The legend adds height, never takes anything away, and words do not overlap."""
    drawn = drawing(detached())
    scene = arrange(drawn, grid(drawn))
    below = legend_below(scene, drawn)
    assert below.size[1] > scene.size[1]
    assert below.nodes[: len(scene.nodes)] == scene.nodes
    assert all(label.baseline > scene.size[1] for label in below.key)
    rows = {label.baseline for label in below.key}
    assert len(rows) > 1
    for baseline in rows:
        row = sorted((label.x, label.x + label.width) for label in below.key if label.baseline == baseline)
        assert all(end < start for (_, end), (start, _) in pairwise(row))


def test_without_entries_nothing_is_added():
    """An empty drawing has no legend."""
    drawn = drawing(SAMPLES["empty"]())
    scene = arrange(drawn, grid(drawn))
    assert legend_below(scene, drawn) == scene


def test_a_drawing_narrower_than_its_legend_stands_in_the_middle():
    """What is centred on a page is the whole: a drawing at its left edge would look misplaced."""
    drawn = drawing(failing(), "grads")
    layout = grid(drawn)
    alone, whole = arrange(drawn, layout), arrange_with_legend(drawn, layout)
    spare = whole.size[0] - alone.size[0]
    assert spare > 0
    assert [node.labels[0].x for node in whole.nodes[: len(alone.nodes)]] == [
        node.labels[0].x + spare // 20 * 10 for node in alone.nodes
    ]


@pytest.mark.parametrize("name", [name for name in SAMPLES if name != "empty"])
def test_a_legend_takes_no_more_width_than_it_needs(name):
    """Empty room at the right would push the drawing to the left of its caption."""
    drawn = drawing(SAMPLES[name](), "grads")
    whole = arrange_with_legend(drawn, grid(drawn))
    words = max(label.x + label.width for label in whole.key)
    needed = max(words + MARGIN, arrange(drawn, grid(drawn)).size[0])
    assert needed <= whole.size[0] < needed + 10  # whole pixels
