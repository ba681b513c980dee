"""Positions as text and their keys."""

from __future__ import annotations

import pytest

from sphinx_tape.errors import LayoutError
from sphinx_tape.render.builtin import layout
from sphinx_tape.render.layout import LayoutEdge
from sphinx_tape.render.positions import decode, encode, request_key
from tests.benchmarks import families

REQUEST = families.resnet(12)


def test_positions_survive_unchanged():
    """What is read is what was written."""
    result = layout(REQUEST._replace(mirror=True))
    assert decode(encode(result)) == result


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"centres": [[1]], "routes": [], "size": [1, 1], "engine": "e"}',
        '{"centres": [[1, 2.5]], "routes": [], "size": [1, 1], "engine": "e"}',
        '{"centres": [], "routes": [[1, 2, 3]], "size": [1, 1], "engine": "e"}',
        '{"centres": [], "routes": [["1", 2]], "size": [1, 1], "engine": "e"}',
        '{"centres": [], "routes": [], "size": [1], "engine": "e"}',
        '{"centres": [], "routes": [], "size": [1, 1], "engine": 3}',
    ],
)
def test_anything_else_is_refused(text):
    """A damaged entry is an error of ours, never a drawing."""
    with pytest.raises(LayoutError, match="must be JSON written by encode"):
        decode(text)


@pytest.mark.parametrize(
    "change",
    [
        {"direction": "LR"},
        {"mirror": True},
        {"node_gap": 241},
        {"rank_gap": 361},
        {"sizes": ((1, 1), *REQUEST.sizes[1:])},
        {"edges": REQUEST.edges[1:]},
        {"edges": (REQUEST.edges[0]._replace(kind="data"), *REQUEST.edges[1:])},
        {"edges": (REQUEST.edges[0]._replace(operand=7), *REQUEST.edges[1:])},
    ],
)
def test_every_field_is_part_of_the_key(change):
    """Whatever may move a box makes another key."""
    assert request_key(REQUEST._replace(**change), "e 1") != request_key(REQUEST, "e 1")


def test_key_is_the_same_everywhere():
    """The key depends on content and engine alone; this one was computed once and written down."""
    request = REQUEST._replace(sizes=((10, 20), (30, 40)), edges=(LayoutEdge(0, 1),))
    assert request_key(request, "e 1") != request_key(request, "e 2")
    assert request_key(request, "e 1") == "4da2d9cd61f9715242fac6abbbd6dd994ec523686358cbe354a8ba04b9a6de59"
