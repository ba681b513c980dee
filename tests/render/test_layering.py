"""Waypoints and trunks."""

from __future__ import annotations

from sphinx_tape.render.layering import build_layers, sort_arrivals


def test_short_edges_need_no_waypoint():
    """Neighbouring rows are joined directly."""
    layers = build_layers([0, 1], [(0, 1)])
    assert layers.rows == [[0], [1]]
    assert layers.above == [[], [0]]


def test_edges_of_one_source_share_one_trunk():
    """A source used in rows 2, 3 and 4 costs three waypoints, not one plus two plus three."""
    layers = build_layers([0, 1, 2, 3, 4], [(0, 1), (1, 2), (0, 2), (2, 3), (0, 3), (3, 4), (0, 4)])
    assert layers.trunks[0] == [5, 6, 7]
    assert layers.above[2] == [1, 5]
    assert layers.above[3] == [2, 6]
    assert layers.above[4] == [3, 7]
    assert layers.above[6] == [5]


def test_arrivals_keep_operand_order_and_repeats():
    """`x * x` has two segments to one box, numbered as they arrive."""
    layers = build_layers([0, 0, 1], [(1, 2), (0, 2), (1, 2)])
    assert layers.above[2] == [1, 0, 1]
    assert layers.below[1] == [(2, 0), (2, 2)]
    assert layers.below[0] == [(2, 1)]


def test_free_arrivals_come_from_left_to_right():
    """Where order means nothing, edges arrive as the ordered rows have their sources; elsewhere not."""
    edges = [(0, 2), (1, 2), (0, 3), (1, 3)]
    layers = build_layers([0, 0, 1, 1], edges, free={3})
    assert layers.below[1] == [(2, 1), (3, 0)]
    layers.rows[0] = [1, 0]
    assert sort_arrivals(layers, edges) == [0, 1, 3, 2]
    assert layers.above == [[], [], [0, 1], [1, 0]]


def test_only_segments_between_waypoints_are_inner():
    """The ends of a trunk are not."""
    layers = build_layers([0, 3], [(0, 1)])
    upper, lower = layers.trunks[0]
    assert layers.is_inner(upper, lower)
    assert not layers.is_inner(0, upper)
    assert not layers.is_inner(lower, 1)


def test_unaffordable_trunks_share_a_bus():
    """The longest trunks give way until the rest fits the limit; every edge still arrives."""
    ranks = [0, 1, 2, 3, 9]
    edges = [(0, 4), (1, 4), (2, 4), (3, 4), (0, 1), (1, 2), (2, 3)]
    layers = build_layers(ranks, edges, limit=11)
    assert layers.trunks[0][1:] == layers.trunks[1], "both take the bus"
    assert set(layers.trunks[0]).isdisjoint(layers.trunks[2])
    assert len(layers.ranks) == 5 + 8 + 6 + 5
    assert layers.above[4] == [
        layers.trunks[0][-1],
        layers.trunks[1][-1],
        layers.trunks[2][-1],
        layers.trunks[3][-1],
    ]


def test_affordable_trunks_stay_apart():
    """Under the default limit nobody takes a bus."""
    layers = build_layers([0, 1, 2, 3, 9], [(0, 4), (1, 4), (0, 1)])
    assert set(layers.trunks[0]).isdisjoint(layers.trunks[1])
