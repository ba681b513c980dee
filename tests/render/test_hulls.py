"""`render.hulls`: frames or patches behind scopes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sphinx_tape.render.hulls import (
    HEAD,
    NAME_INDENT,
    PAD,
    PATCH,
    WIDEST_GAP,
    Frame,
    Hull,
    find_hulls,
    name_place,
)


def row(*lefts):
    """Boxes of 100 by 200 in a row."""
    return [Frame(left, 0, 100, 200) for left in lefts]


def find(scopes, boxes, obstacles=None):
    """What is found for boxes without twins."""
    return find_hulls(scopes, boxes, obstacles or boxes)


def test_a_scope_gets_a_frame_around_its_boxes():
    """With room for its name at the top."""
    (hull,) = find([("a",), ("a",), ()], row(0, 200, 900))
    assert hull.framed
    assert hull.frames == (Frame(-PAD, -PAD - HEAD, 300 + 2 * PAD, 200 + 2 * PAD + HEAD),)
    assert hull.name == "a"


def test_a_foreign_box_inside_forbids_the_frame():
    """A frame that holds a stranger would lie: patches are used instead."""
    (hull,) = find([("a",), (), ("a",)], row(0, 300, 600))
    assert not hull.framed
    assert [frame.left for frame in hull.frames] == [-PATCH, 600 - PATCH]


def test_one_forbidden_frame_forbids_all():
    """A drawing uses one sign for scopes."""
    found = find([("a",), (), ("a",), ("b",), ("b",)], row(0, 300, 600, 2000, 2200))
    assert [hull.framed for hull in found] == [False, False]


def test_a_foreign_twin_counts_as_a_box():
    """All rectangles of the drawing are looked at, not only those with scopes."""
    boxes = row(0, 200)
    assert not find([("a",), ("a",)], boxes, [*boxes, Frame(120, 20, 10, 10)])[0].framed


def test_one_box_needs_no_frame():
    """A frame groups."""
    assert find([("a",), ()], row(0, 900)) == []


def test_inner_scopes_lie_inside_outer_ones():
    """The outer frame leaves room for the inner one, and comes first, so that it is painted below."""
    found = find([("a",), ("a", "b"), ("a", "b")], row(0, 400, 600))
    assert [hull.scope for hull in found] == [("a",), ("a", "b")]
    (outer,), (inner,) = (hull.frames for hull in found)
    assert outer.left < inner.left
    assert outer.right > inner.right
    assert outer.top < inner.top


def test_neighbours_do_not_overlap():
    """Frames that would meet are not drawn; distant ones are."""
    assert not any(hull.framed for hull in find([("a",), ("a",), ("b",), ("b",)], row(0, 200, 310, 500)))
    assert all(hull.framed for hull in find([("a",), ("a",), ("b",), ("b",)], row(0, 200, 900, 1200)))


def test_near_patches_of_a_scope_are_joined():
    """Side by side and one above the other, but not across a wide gap or a corner."""
    stranger = Frame(5000, 0, 10, 10)
    for second, joined in (
        (Frame(400, 0, 200, 200), True),
        (Frame(0, 400, 200, 200), True),
        (Frame(200 + 2 * PATCH + WIDEST_GAP + 10, 0, 200, 200), False),
        (Frame(200, 400, 200, 200), False),
        (Frame(400, 500, 200, 200), False),
    ):
        far = Frame(9000, 0, 200, 200)
        (hull,) = find([("a",), ("a",), (), ("a",)], [Frame(0, 0, 200, 200), second, stranger, far])
        assert len(hull.frames) == (4 if joined else 3)


def test_no_bridge_leads_over_a_stranger():
    """Two boxes of a scope with a foreign one between them stay apart."""
    (hull,) = find([("a",), (), ("a",)], row(0, 130, 260))
    assert len(hull.frames) == 2


def test_patches_are_named_by_the_whole_scope():
    """They are not nested, so the inner name alone would not do."""
    found = find([("a",), ("a", "b"), (), ("a",)], row(0, 400, 800, 1200))
    assert [(hull.name, len(hull.members)) for hull in found] == [("a", 2), ("a.b", 1)]


def test_names_are_cleaned_and_clipped():
    """A scope's name comes from a builder."""
    assert Hull(("x" * 99,), (), frozenset(), framed=True).name.endswith("…")
    assert "\x00" not in Hull(("a\x00b",), (), frozenset(), framed=True).name


def test_frames_that_touch_do_not_meet():
    """A shared border is no shared area."""
    assert not Frame(0, 0, 10, 10).meets(Frame(10, 0, 10, 10))
    assert Frame(0, 0, 10, 10).meets(Frame(9, 9, 10, 10))
    assert Frame(0, 0, 10, 20).middle == (5, 10)
    assert Frame(0, 0, 10, 20).moved((1, 2)) == Frame(1, 2, 10, 20)


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 9), st.sampled_from(["", "a", "b", "ab"])),
        max_size=12,
        unique_by=lambda item: item[:2],
    )
)
def test_no_ground_lies_behind_a_stranger(places):
    """On any grid of boxes, a frame or patch never reaches a box of another scope."""
    boxes = [Frame(x * 500, y * 450, 320, 250) for x, y, _ in places]
    scopes = [tuple(scope) for _, _, scope in places]
    for hull in find(scopes, boxes):
        for index, box in enumerate(boxes):
            if index not in hull.members:
                assert not any(frame.meets(box) for frame in hull.frames)


def straight(x, top, bottom):
    """An arrow straight down."""
    return [(x, top), (x, top), (x, bottom), (x, bottom)]


def test_names_stand_at_the_left_where_nothing_passes():
    """Arrows that end above, start below or pass beside leave the name where it is."""
    frame = Frame(1000, 500, 900, 600)
    left = 1000 + NAME_INDENT
    passing = [straight(1100, 0, 480), straight(1100, 800, 1000), straight(1800, 0, 1000)]
    assert name_place(frame, 300, []) == name_place(frame, 300, passing) == left


def test_names_make_way_for_arrows():
    """Right of an arrow through their place, straight or bent; at the left if there is no room."""
    frame = Frame(1000, 500, 900, 600)
    bent = [(800, 300), (800, 540), (1150, 540), (1150, 700)]
    for arrow in (straight(1150, 0, 700), bent):
        x = name_place(frame, 300, [arrow])
        assert 1150 < x <= 1000 + 900 - NAME_INDENT - 300
    fence = [straight(x, 0, 700) for x in range(1000, 1900, 100)]
    assert name_place(frame, 300, fence) == 1000 + NAME_INDENT


def test_names_wider_than_their_frame_stay():
    """There is only one place for them."""
    assert name_place(Frame(0, 0, 300, 300), 400, [straight(100, -50, 200)]) == NAME_INDENT
