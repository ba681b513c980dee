"""The measure of drawings: right on drawings counted by hand, also on bad ones."""

from __future__ import annotations

import pytest

from tests.render.layout_quality import Drawing, count_crossings, cross, drawing_of, measure


def line(a, b):
    """Make a straight line a piece of a curve."""
    (x0, y0), (x1, y1) = a, b
    third = (x1 - x0) / 3, (y1 - y0) / 3
    return [a, (x0 + third[0], y0 + third[1]), (x1 - third[0], y1 - third[1]), b]


def test_cross_is_counted_once():
    """Two lines that cross have one crossing, also in their middles."""
    assert count_crossings([line((0, 0), (1000, 1000)), line((0, 1000), (1000, 0))]) == 1
    assert count_crossings([line((0, 0), (900, 1000)), line((300, 1000), (1000, 0))]) == 1


def test_common_ends_and_parallels_do_not_cross():
    """Edges that leave one box, or run side by side, do not cross."""
    assert count_crossings([line((0, 0), (1000, 1000)), line((0, 0), (1000, 0))]) == 0
    assert count_crossings([line((0, 0), (1000, 1000)), line((10, 0), (1010, 1000))]) == 0


def test_shared_pieces_count_once():
    """A trunk that three edges share is crossed once."""
    trunk = line((0, 0), (0, 1000))
    edges = [trunk + line((0, 1000), (x, 2000))[1:] for x in (-500, 0, 500)]
    assert count_crossings([*edges, line((-500, 600), (500, 400))]) == 1
    merged = [line((0, 0), (0, 1000 + x)) + line((0, 1000 + x), (500, 2000))[1:] for x in (0, 100, 200)]
    assert count_crossings([*merged, line((-500, 610), (500, 400))]) == 1


def test_three_through_each_other_are_three_crossings():
    """Every pair counts."""
    assert (
        count_crossings([line((0, 0), (900, 900)), line((0, 900), (900, 0)), line((0, 200), (900, 330))]) == 3
    )


def test_curves_are_followed_not_their_ends():
    """An arch crosses a line that a chord would miss."""
    arch = [(0, 0), (0, 900), (900, 900), (900, 0)]
    assert count_crossings([arch, line((450, 300), (450, 2000))]) == 1


@pytest.mark.parametrize(
    ("curve", "ends", "found"),
    [
        (line((50, 100), (50, 900)), (0, 1), 1),
        (line((50, 100), (50, 900)), (0, 2), 0),
        (line((300, 100), (300, 900)), (0, 1), 0),
        (line((-100, 505), (200, 505)), (0, 1), 1),
    ],
)
def test_edges_over_foreign_boxes_are_found(curve, ends, found):
    """An edge through a box that it does not join is a fault; beside it, or to it, it is none."""
    boxes = [(0, 0, 100, 100), (0, 900, 100, 1000), (0, 450, 100, 550)]
    assert measure(Drawing(boxes, [curve], [ends])).over_boxes == found


def test_overlaps_are_counted():
    """Boxes that cover each other count, boxes that touch do not."""
    boxes = [(0, 0, 100, 100), (50, 50, 150, 150), (100, 0, 200, 100)]
    assert measure(Drawing(boxes, [], [])).overlaps == 2


def test_lengths_and_size_are_measured():
    """A straight edge is as long as it is; the size spans all boxes."""
    quality = measure(drawing_of([(100, 50)], [(0, 0), (300, 400)], [line((0, 0), (300, 400))], [(0, 1)]))
    assert quality.length == pytest.approx(500)
    assert (quality.width, quality.height) == (400, 450)


def test_touching_bits_do_not_cross():
    """A bit that ends on another does not cross it."""
    assert not cross(((0, 0), (10, 0)), ((5, 0), (5, 5)))
    assert cross(((0, 0), (10, 0)), ((5, -5), (5, 5)))
