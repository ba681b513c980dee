"""Arrows that run along each other are painted once, whatever their pieces."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sphinx_tape.render.trunks import Painted


def down(*heights, x=0):
    """A route straight down through these heights, then to the right."""
    points = [(x, heights[0])]
    for above, below in pairwise(heights):
        third = (below - above) // 3
        points += [(x, above + third), (x, below - third), (x, below)]
    last = heights[-1]
    return [*points, (x, last + 50), (x + 100, last + 50), (x + 100, last + 100)]


def test_first_arrow_is_all_its_own():
    """Nothing is painted yet."""
    route = down(0, 300)
    assert Painted().own(route) == (route, 0)


def test_same_pieces_are_left_to_the_first():
    """The second arrow begins where it leaves the first."""
    painted = Painted()
    painted.own(down(0, 300, 600))
    assert painted.own(down(0, 300, 600)) == (down(0, 300, 600), 6)


def test_longer_line_begins_where_the_shorter_ends():
    """One straight piece of 600 over one of 300 is cut in two; the way stays the same."""
    painted = Painted()
    painted.own(down(0, 300))
    route, start = painted.own(down(0, 600))
    assert route == down(0, 300, 600)
    assert route[start] == (0, 300)
    route, start = painted.own(down(0, 900))
    assert (route, route[start]) == (down(0, 300, 600, 900), (0, 600))


def test_shorter_line_lies_on_the_longer():
    """Its own part is the curve alone."""
    painted = Painted()
    painted.own(down(0, 600))
    route, start = painted.own(down(0, 300))
    assert (route, route[start]) == (down(0, 300), (0, 300))


def test_other_ways_share_nothing():
    """Lines beside each other, or away from the same point in another direction."""
    painted = Painted()
    painted.own(down(0, 600))
    assert painted.own(down(0, 600, x=10))[1] == 0
    up = [(0, 0), (0, -100), (0, -200), (0, -300), (0, -400), (50, -400), (50, -500)]
    assert painted.own(up) == (up, 0)


def test_last_piece_is_never_given_away():
    """The two arrows of `x * x` may end alike; each keeps a line for its head."""
    painted = Painted()
    painted.own(down(0, 300))
    route, start = painted.own(down(0, 300))
    assert start == len(route) - 4


@given(st.lists(st.integers(1, 9), min_size=1, max_size=8))
def test_straight_trunks_are_painted_once(ends):
    """In any order, the own parts on the trunk cover it to its farthest end, without overlap."""
    painted, spans = Painted(), []
    for end in ends:
        route, start = painted.own(down(0, 90 * end))
        assert route[-1] == (100, 90 * end + 100)
        if start < len(route) - 4:
            spans.append((route[start][1], 90 * end))
    spans.sort()
    assert [begin for begin, _ in spans] == [0, *(end for _, end in spans[:-1])]
    assert spans[-1][1] == 90 * max(ends)
