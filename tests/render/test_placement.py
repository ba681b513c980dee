"""Places within rows, after Brandes and Koepf."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sphinx_tape.render import placement
from sphinx_tape.render.layering import build_layers
from sphinx_tape.render.ordering import order_rows
from sphinx_tape.render.placement import (
    SIDE,
    SPINE,
    TRUNK,
    find_lines,
    grade_segments,
    hang_rows,
    place_rows,
    separation,
)
from sphinx_tape.render.ranking import rank_nodes
from tests.benchmarks import families

GAP = 240


def ordered(request):
    """Order a request; return its layers and the distance rule."""
    edges = sorted([(edge.target, edge.operand, edge.source) for edge in request.edges])
    pairs = [(source, target) for target, _, source in edges]
    layers = build_layers(rank_nodes(len(request.sizes), pairs), pairs)
    order_rows(layers)
    return layers, separation(layers, [width for width, _ in request.sizes], request.node_gap)


def too_close(layers, x, distance):
    """Neighbours that stand closer than they may."""
    return [(a, b) for row in layers.rows for a, b in pairwise(row) if x[b] - x[a] < distance(a, b)]


def test_distances_know_real_widths():
    """Boxes keep the whole gap, waypoints two thirds from boxes and half from each other."""
    layers = build_layers([0, 2, 0, 2, 1], [(0, 1), (2, 3), (0, 4)])
    distance = separation(layers, [100, 201, 300, 10, 10], GAP)
    way, other = layers.trunks[0][0], layers.trunks[2][0]
    assert distance(0, 2) == 50 + 150 + 240
    assert distance(1, 3) == 101 + 5 + 240
    assert distance(4, way) == 5 + 160
    assert distance(way, other) == 120


@given(st.integers(0, 10_000), st.integers(2, 40))
@settings(max_examples=60, deadline=None)
def test_neighbours_keep_their_distance(seed, nodes):
    """No graph makes two items of a row stand too close."""
    layers, distance = ordered(families.random_dag(nodes, seed=seed))
    x = place_rows(layers, grade_segments(layers), distance)
    assert too_close(layers, x, distance) == []


def test_check_for_distances_can_fail():
    """All at one place is found out."""
    layers, distance = ordered(families.fan(5))
    assert too_close(layers, [0] * 5, distance) == [(1, 2), (2, 3)]


def test_blocks_are_gathered():
    """A block does not stay far left when its right neighbour is pushed away by another row."""
    # The item 5 is lined up with 3, which has three items to its left; 4 stands left of 5.
    x = placement._pack([[0, 1, 2, 3], [4, 5]], [0, 1, 2, 3, 4, 3], lambda _left, _right: 10)
    assert x == [0, 10, 20, 30, 20, 30]


@pytest.mark.parametrize("name", ["chain", "diamond", "fan"])
def test_symmetric_graphs_stay_symmetric(name):
    """Forks stand in the middle above their branches."""
    layers, distance = ordered(families.FAMILIES[name](14))
    x = place_rows(layers, grade_segments(layers), distance)
    middles = {x[row[0]] + x[row[-1]] for row in layers.rows}
    assert max(middles) - min(middles) <= 2


def test_spine_is_where_both_ends_agree():
    """The longest path is spine, a weight and a skipping edge are not, waypoints make a trunk."""
    # 0 -> 2 -> 3 -> 4 -> 5, leaf 1 beside 0, and an edge from 2 to 5 that passes two rows.
    layers = build_layers([0, 0, 1, 2, 3, 4], [(0, 2), (2, 3), (3, 4), (2, 5), (4, 5), (1, 3)])
    grades = grade_segments(layers)
    assert grades[3] == [SPINE, SIDE]
    assert grades[5] == [SIDE, SPINE]
    upper, lower = layers.trunks[2]
    assert grades[lower] == [TRUNK]
    assert grades[upper] == [SIDE]


def test_lines_of_different_grade_do_not_cross():
    """A trunk is straight; what crosses it gives way."""
    # The trunk of 0 passes rows 1 and 2; the edge 2 -> 4 crosses it there.
    layers = build_layers([0, 3, 1, 1, 2, 2], [(0, 1), (2, 5), (3, 4), (5, 1), (4, 1)])
    upper, lower = layers.trunks[0]
    layers.rows = [[0], [2, upper, 3], [4, lower, 5], [1]]
    lines = find_lines(layers, grade_segments(layers))
    assert lines.above[lower] == [upper]
    assert lines.above[4] == lines.above[5] == []


def test_trunks_are_straight():
    """All waypoints of a trunk stand below each other."""
    layers, distance = ordered(families.rnn(40))
    x = place_rows(layers, grade_segments(layers), distance)
    bends = [sum(x[a] != x[b] for a, b in pairwise(trunk)) for trunk in layers.trunks]
    assert sum(bends) <= 2


@pytest.mark.parametrize("name", ["mlp", "scalar", "random", "attention"])
def test_hung_rows_keep_distances(name):
    """One pass from the top down gives valid places; a chain hangs straight down."""
    layers, distance = ordered(families.FAMILIES[name](40))
    x = hang_rows(layers, grade_segments(layers), distance)
    assert all(x[b] - x[a] >= distance(a, b) for row in layers.rows for a, b in pairwise(row))


def test_chains_hang_straight_down():
    """What stands alone in its row stands below its parent, and between two parents in their middle."""
    layers, distance = ordered(families.diamond(7))
    x = hang_rows(layers, grade_segments(layers), distance)
    assert x[0] == (x[1] + x[2]) // 2 == x[3] == (x[4] + x[5]) // 2 == x[6]
