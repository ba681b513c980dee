"""Curves of edges."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sphinx_tape.render.layering import build_layers
from sphinx_tape.render.routing import PORT_GAP, Geometry, arrivals, route, spread

SIZE = (1000, 300)


def geometry(layers, x, sizes=None):
    """Rows 300 high with gaps of 400."""
    rows = len(layers.rows)
    sizes = sizes or [SIZE] * layers.nodes
    return Geometry(x, sizes, [row * 700 for row in range(rows)], [row * 700 + 300 for row in range(rows)])


def test_straight_edge_is_one_vertical_piece():
    """Boxes below each other are joined by a line from border to border."""
    layers = build_layers([0, 1], [(0, 1)])
    (path,) = route(layers, [(0, 1)], geometry(layers, [500, 500]))
    assert (path[0], path[-1], len(path)) == ((500, 300), (500, 700), 4)
    assert {x for x, _ in path} == {500}


def test_edge_bends_between_rows_only():
    """The curve starts and ends vertically and stays in the gap."""
    layers = build_layers([0, 1], [(0, 1)])
    (path,) = route(layers, [(0, 1)], geometry(layers, [500, 1500]))
    assert path == ((500, 300), (500, 500), (1125, 500), (1125, 700))


def test_small_boxes_are_reached_through_their_row():
    """A box lower than its row is reached by a vertical piece."""
    layers = build_layers([0, 1], [(0, 1)])
    (path,) = route(layers, [(0, 1)], geometry(layers, [500, 2000], [(1000, 100), (1000, 200)]))
    assert path[0] == (500, 200)
    assert path[3] == (500, 300)
    assert path[-4][0] == path[-1][0]
    assert path[-1][1] == 750


def test_edges_lie_on_each_other_along_their_trunk():
    """Two edges of one source take the same way up to where they part, each in as few pieces as can be."""
    layers = build_layers([0, 1, 2, 3], [(0, 1), (1, 2), (0, 2), (2, 3), (0, 3)])
    edges = [(0, 1), (1, 2), (0, 2), (2, 3), (0, 3)]
    paths = route(layers, edges, geometry(layers, [500, 500, 500, 500, 1500, 1500]))
    bend = ((500, 300), (500, 500), (1500, 500), (1500, 700))
    assert paths[2][:4] == paths[4][:4] == bend
    assert (paths[2][6], paths[4][6]) == ((1500, 1000), (1500, 1700))
    assert len(paths[2]) == len(paths[4]) == 10


def test_vertical_pieces_are_merged():
    """A long edge is a bend, one line and a bend."""
    layers = build_layers([0, 5], [(0, 1)])
    (path,) = route(layers, [(0, 1)], geometry(layers, [500, 500, 1500, 1500, 1500, 1500]))
    assert len(path) == 1 + 3 * 3
    assert path[3:7] == ((1500, 700), path[4], path[5], (1500, 4 * 700 + 300))


def test_square_has_two_edges():
    """Both edges of `x * x` end at places of their own, alike on both sides."""
    layers = build_layers([0, 1], [(0, 1), (0, 1)])
    one, other = route(layers, [(0, 1), (0, 1)], geometry(layers, [500, 500]))
    assert one[-1][0] + other[-1][0] == 1000
    assert other[-1][0] - one[-1][0] == 2 * PORT_GAP


def test_spine_stays_straight_beside_a_leaf():
    """A parent right above arrives right below it; the other operand keeps its distance."""
    assert arrivals([0, 1], [500, 3000], 500, 1000) == [500, 875]
    assert arrivals([0, 1], [-3000, 500], 500, 1000) == [125, 500]


def test_many_operands_share_a_short_border():
    """A hundred operands of a small box arrive in order within its border."""
    places = arrivals(range(100), [0] * 100, 500, 600)
    assert places == sorted(places)
    assert 200 < places[0] < places[-1] < 800


@pytest.mark.parametrize("width", [0, 10, 100])
def test_tiny_boxes_are_no_problem(width):
    """A border shorter than its margins takes everything at its middle."""
    assert arrivals([0, 1], [0, 900], 500, width) == [500, 500]


def test_box_without_parents_has_no_arrivals():
    """Leaves are reached by nothing."""
    assert arrivals([], [], 500, 1000) == []


@given(st.lists(st.tuples(st.integers(-500, 1500), st.integers(0, 60)), min_size=1, max_size=8))
def test_spread_keeps_order_distance_and_bounds(points):
    """Whatever is wished, the places are in order, apart and within the border."""
    wishes = [wish for wish, _ in points]
    offsets = [sum(gap for _, gap in points[1 : index + 1]) for index in range(len(points))]
    places = spread(wishes, offsets, 0, 1000)
    assert all(b - a >= d - c for (a, b), (c, d) in zip(pairwise(places), pairwise(offsets), strict=True))
    assert places[0] >= 0
    assert places[-1] <= 1000


def test_spread_grants_wishes_that_do_not_clash():
    """Nobody is moved without need."""
    assert spread([100, 400, 900], [0, 100, 200], 0, 1000) == [100, 400, 900]


def test_spread_splits_the_difference():
    """Two with one wish stand at equal distances from it."""
    assert spread([500, 500], [0, 100], 0, 1000) == [450, 550]
