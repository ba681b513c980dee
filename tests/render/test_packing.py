"""Disconnected parts."""

from __future__ import annotations

from sphinx_tape.render.packing import components, pack


def test_parts_come_in_the_order_of_their_first_boxes():
    """Joining late boxes does not move the first part from its place."""
    assert components(6, [(3, 5), (0, 4), (4, 5)]) == [[0, 3, 4, 5], [1], [2]]


def test_no_boxes_make_no_parts():
    """An empty tape has no part and no size."""
    assert components(0, []) == []
    assert pack([], 10) == ([], (0, 0))


def test_small_part_stands_beside_a_tall_one():
    """A scrap beside a network does not make the drawing higher."""
    corners, size = pack([(100, 400), (50, 50)], 10)
    assert corners == [(0, 0), (110, 0)]
    assert size == (160, 400)


def test_many_parts_are_set_on_shelves():
    """A hundred unused leaves do not make one endless row, and no two overlap."""
    corners, (width, height) = pack([(50, 30)] * 100, 10)
    assert width < 4 * height
    assert len(set(corners)) == 100
    assert all(x % 60 == 0 and y % 40 == 0 for x, y in corners)
