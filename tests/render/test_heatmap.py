"""`render.heatmap`: a picture of an array in which nothing is told by a fixed colour."""

from __future__ import annotations

import re

import pytest

from sphinx_tape.render.heatmap import heatmap
from sphinx_tape.report.model import ArrayPreview
from tests.render.figures import parsed, words
from tests.render.sample_reports import preview

SVG = "{http://www.w3.org/2000/svg}"


def vector(*elements, kind="float"):
    """A vector with any elements that a report may hold."""
    shape = (len(elements),)
    return ArrayPreview(shape=shape, dtype="any", kind=kind, kept=shape, elements=elements, statistics=None)


def paths(array):
    """The drawn outlines by class, with their strength and their squares' corners."""
    svg = parsed(heatmap(array, 4))[0]
    found = {}
    for path in svg.iter(f"{SVG}path"):
        corners = re.findall(r"M(\d+) (\d+)", path.get("d"))
        found[path.get("class"), path.get("fill-opacity")] = [(int(x), int(y)) for x, y in corners]
    return found


def test_squares_stand_where_their_elements_stand():
    """Row by row; opposite numbers are equally strong; zero is left empty."""
    found = paths(preview([4.0, -4.0, 0.0, 1.0], (2, 2)))
    assert found["tape-heat-positive", "1"] == [(0, 0)]
    assert found["tape-heat-negative", "1"] == [(10, 0)]
    assert found["tape-heat-positive", "0.25"] == [(10, 10)]
    assert sum(map(len, found.values())) == 4, "three squares and the frame"


def test_what_is_not_finite_is_crossed_out():
    """NaN and infinity get a cross and do not spoil the scale."""
    found = paths(vector(1.0, "nan", "-inf", -0.5))
    assert found["tape-heat-cross", None] == [(10, 0), (20, 0)]
    assert found["tape-heat-positive", "1"] == [(0, 0)]
    assert found["tape-heat-negative", "0.5"] == [(30, 0)]


def test_the_scale_is_said():
    """The text alternative names the scale on both sides of zero."""
    svg = parsed(heatmap(preview([2.5, -1.0, 0.0, 0.0], (4,)), 4))[0]
    assert svg.get("role") == "img"
    assert words(svg) == "Heatmap, colours from -2.5 to 2.5, symmetric about zero"


def test_all_zero_is_an_empty_frame():
    """Nothing divides by a scale of zero."""
    assert set(paths(preview([0.0] * 4, (4,)))) == {("tape-heat-frame", None)}


def test_slices_are_stacked():
    """Higher ranks stand below one another."""
    assert "M0 30" in heatmap(preview([1.0] * 8, (2, 2, 2)), 4)


@pytest.mark.parametrize(
    "array",
    [
        preview(1.0),
        preview([1.0, 2.0], (2,)),
        preview([], (0, 3)),
        vector((1.0, 2.0), (1.0, 2.0), (1.0, 2.0), (1.0, 2.0), kind="complex"),
        vector("1/2", "1/3", "1/4", "x", kind="exact"),
    ],
)
def test_what_is_better_read_is_not_drawn(array):
    """Scalars, few elements and elements without a sign have no picture."""
    assert heatmap(array, 4) == ""


def test_colours_come_from_the_style_sheet():
    """A strict content-security policy refuses colours in attributes."""
    source = heatmap(preview([1.0, -1.0, 2.0, 0.0], (4,)), 4)
    assert "style=" not in source
    assert not re.search(r'(fill|stroke)="', source)
