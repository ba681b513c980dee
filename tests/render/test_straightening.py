"""Straightening."""

from __future__ import annotations

from itertools import accumulate, pairwise

import pytest

from sphinx_tape.render import straightening
from sphinx_tape.render.layering import build_layers
from sphinx_tape.render.ordering import order_rows
from sphinx_tape.render.placement import SPINE, grade_segments, place_rows, separation
from sphinx_tape.render.ranking import rank_nodes
from sphinx_tape.render.straightening import WEIGHTS, straighten
from tests.benchmarks import families

CASES = [("mlp", 30), ("resnet", 30), ("scalar", 40), ("random", 40), ("rnn", 40), ("attention", 50)]


def placed(request):
    """Order and place a request."""
    edges = sorted([(edge.target, edge.operand, edge.source) for edge in request.edges])
    pairs = [(source, target) for target, _, source in edges]
    layers = build_layers(rank_nodes(len(request.sizes), pairs), pairs)
    order_rows(layers)
    distance = separation(layers, [width for width, _ in request.sizes], request.node_gap)
    grades = grade_segments(layers)
    return layers, grades, place_rows(layers, grades, distance), distance


def lean(layers, grades, x):
    """Weighted sum of the sideways distances."""
    return sum(
        WEIGHTS[grade] * abs(x[item] - x[upper])
        for item, uppers in enumerate(layers.above)
        for upper, grade in zip(uppers, grades[item], strict=True)
    )


def bent_spine(layers, grades, x):
    """Spine segments that are not vertical."""
    return [
        (upper, item)
        for item, uppers in enumerate(layers.above)
        for upper, grade in zip(uppers, grades[item], strict=True)
        if grade == SPINE and x[upper] != x[item]
    ]


@pytest.mark.parametrize(("name", "nodes"), CASES)
def test_drawings_lean_less(name, nodes):
    """Straightening never makes the weighted sum larger and keeps all distances."""
    layers, grades, x, distance = placed(families.FAMILIES[name](nodes))
    before = lean(layers, grades, x)
    straighten(layers, grades, x, distance)
    assert lean(layers, grades, x) <= before
    assert all(x[b] - x[a] >= distance(a, b) for row in layers.rows for a, b in pairwise(row))


def test_something_is_gained():
    """On a random graph, rows with a common middle leave at least a third to gain."""
    layers, grades, x, distance = placed(families.random_dag(60))
    for row in layers.rows:
        places = [0, *accumulate(distance(left, right) for left, right in pairwise(row))]
        for item, place in zip(row, places, strict=True):
            x[item] = place - places[-1] // 2
    before = lean(layers, grades, x)
    straighten(layers, grades, x, distance)
    assert lean(layers, grades, x) < 0.67 * before


@pytest.mark.parametrize("name", ["mlp", "resnet", "rnn"])
def test_main_path_is_one_straight_line(name):
    """From the first product on, the data path of a network has no bend."""
    layers, grades, x, distance = placed(families.FAMILIES[name](40))
    straighten(layers, grades, x, distance)
    assert [
        segment for segment in bent_spine(layers, grades, x) if min(layers.ranks[i] for i in segment) > 2
    ] == []


def test_check_for_bends_can_fail():
    """A box out of line is found."""
    layers, grades, x, _ = placed(families.chain(4))
    x[2] += 50
    assert bent_spine(layers, grades, x) == [(1, 2), (2, 3)]


def test_diamond_is_symmetric():
    """Fork and join stand in the middle although one side would be as short."""
    layers, grades, x, distance = placed(families.diamond(10))
    for fork, left, right, join in ((0, 1, 2, 3), (3, 4, 5, 6)):
        x[left], x[right] = 0, distance(left, right)
        x[fork] = x[join] = 0
    straighten(layers, grades, x, distance)
    assert abs(x[1] + x[2] - 2 * x[0]) <= 2
    assert abs(x[1] + x[2] - 2 * x[3]) <= 2


def test_large_graphs_are_straightened_without_the_exact_method(monkeypatch):
    """Beyond the limit, lines still move to where they are pulled."""
    monkeypatch.setattr(straightening, "MAX_SHORTENED", 0)
    layers, grades, x, distance = placed(families.random_dag(60))
    before = lean(layers, grades, x)
    straighten(layers, grades, x, distance)
    assert lean(layers, grades, x) < before
    assert all(x[b] - x[a] >= distance(a, b) for row in layers.rows for a, b in pairwise(row))


def test_weighted_median_is_an_interval():
    """Between equal pulls every place is as good; a heavier side is one place."""
    assert straightening._median_interval([(0, 1), (10, 1)]) == (0, 10)
    assert straightening._median_interval([(0, 1), (4, 2), (10, 2)]) == (4, 4)
    assert straightening._median_interval([(0, 3), (10, 1)]) == (0, 0)
