"""`render.hulls`: frames around scopes."""

from __future__ import annotations

from sphinx_tape.render.hulls import HEAD, PAD, Frame, Hull, find_hulls


def row(*lefts):
    """Boxes of 100 by 50 in a row."""
    return [Frame(left, 0, 100, 50) for left in lefts]


def hulls(scopes, boxes, obstacles=None):
    """Scopes of the frames found."""
    return [hull.scope for hull in find_hulls(scopes, boxes, obstacles or boxes)]


def test_a_scope_gets_a_frame_around_its_boxes():
    """With room for its name at the top."""
    (hull,) = find_hulls([("a",), ("a",), ()], row(0, 200, 900), row(0, 200, 900))
    assert hull.frame == Frame(-PAD, -PAD - HEAD, 300 + 2 * PAD, 50 + 2 * PAD + HEAD)
    assert hull.name == "a"


def test_a_foreign_box_inside_forbids_the_frame():
    """A frame that holds a stranger would lie."""
    assert hulls([("a",), (), ("a",)], row(0, 300, 600)) == []


def test_a_foreign_twin_counts_as_a_box():
    """All rectangles of the drawing are looked at, not only those with scopes."""
    boxes = row(0, 200)
    assert hulls([("a",), ("a",)], boxes, [*boxes, Frame(120, 20, 10, 10)]) == []


def test_one_box_needs_no_frame():
    """A frame groups."""
    assert hulls([("a",), ()], row(0, 900)) == []


def test_inner_scopes_lie_inside_outer_ones():
    """The outer frame leaves room for the inner one, and comes first, so that it is painted below."""
    found = find_hulls([("a",), ("a", "b"), ("a", "b")], row(0, 400, 600), row(0, 400, 600))
    assert [hull.scope for hull in found] == [("a",), ("a", "b")]
    outer, inner = (hull.frame for hull in found)
    assert outer.left < inner.left
    assert outer.right > inner.right
    assert outer.top < inner.top


def test_neighbours_do_not_overlap():
    """Of two frames that would meet, one is left out."""
    assert len(hulls([("a",), ("a",), ("b",), ("b",)], row(0, 200, 310, 500))) <= 1
    assert len(hulls([("a",), ("a",), ("b",), ("b",)], row(0, 200, 900, 1200))) == 2


def test_names_are_cleaned_and_clipped():
    """A scope's name comes from a builder."""
    assert Hull(("x" * 99,), Frame(0, 0, 1, 1)).name.endswith("…")
    assert "\x00" not in Hull(("a\x00b",), Frame(0, 0, 1, 1)).name


def test_frames_that_touch_do_not_meet():
    """A shared border is no shared area."""
    assert not Frame(0, 0, 10, 10).meets(Frame(10, 0, 10, 10))
    assert Frame(0, 0, 10, 10).meets(Frame(9, 9, 10, 10))
    assert Frame(0, 0, 10, 20).middle == (5, 10)
