"""The kinds of graph that a course draws, from real tapes: they fit the page, and their words fit them."""

from __future__ import annotations

import pytest

from sphinx_tape.render.builtin import layout
from sphinx_tape.render.density import PAGE_HEIGHT, PAGE_WIDTH
from sphinx_tape.render.graph import choose
from sphinx_tape.render.scene import arrange
from tests.render.graph_kinds import KINDS
from tests.render.placing import drawing

ON_ONE_SCREEN = {
    "diamond",
    "disconnected",
    "one_node",
    "survey",
    "long_names",
    "residual",
    "fan_out",
    "chain",
}
"""Kinds that a laptop shows without any scrolling, gradients included."""


def placed(name, view):
    """A kind of graph with its chosen positions."""
    make, more = KINDS[name]
    drawn = drawing(make(), view, **more)
    results = {direction: layout(drawn.request(direction)) for direction in drawn.directions}
    return drawn, results[choose(results)]


@pytest.mark.parametrize("view", ["view", "grads"])
@pytest.mark.parametrize("name", [name for name in KINDS if name != "mirrored_cut"])
def test_no_kind_scrolls_sideways(name, view):
    """The width of the common themes is enough for every one of them."""
    assert placed(name, view)[1].size[0] <= PAGE_WIDTH


@pytest.mark.parametrize("name", sorted(ON_ONE_SCREEN))
def test_small_kinds_fit_a_laptop(name):
    """Neither sideways nor down."""
    assert placed(name, "grads")[1].size[1] <= PAGE_HEIGHT


@pytest.mark.parametrize("name", KINDS)
def test_labels_do_not_leave_their_outlines(name):
    """By the width rule, every word of a box lies inside it, whatever its form."""
    drawn, positions = placed(name, "grads")
    for group in arrange(drawn, positions).nodes:
        width, height = group.box.size
        left = min(label.x for label in group.labels)
        right = max(label.x + label.width for label in group.labels if label.anchor == "start")
        assert right - left <= width
        assert (
            max(label.baseline for label in group.labels) - min(label.baseline for label in group.labels)
            < height
        )
