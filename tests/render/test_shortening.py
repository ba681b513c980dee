"""Network simplex."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sphinx_tape.render.shortening import shorten

PIVOTS = 100


def total(places, edges):
    """Weighted total length."""
    return sum(weight * (places[head] - places[tail]) for tail, head, weight, _ in edges)


def is_valid(places, edges):
    return all(places[head] - places[tail] >= length for tail, head, _, length in edges)


def exhaustive(count, edges, reach):
    """Try every placing within reach of 0, box 0 standing in the middle."""
    ways = (places for places in product(range(reach), repeat=count) if is_valid(places, edges))
    return min(total(places, edges) for places in ways)


@st.composite
def problems(draw):
    """Draw a connected problem of four nodes and a valid start far from the best."""
    chain = [(node, node + 1, draw(st.integers(1, 5)), draw(st.integers(0, 2))) for node in range(3)]
    ends = st.sampled_from([(0, 2), (1, 3), (0, 3)])
    more = [
        (*draw(ends), draw(st.integers(0, 5)), draw(st.integers(0, 2)))
        for _ in range(draw(st.integers(0, 3)))
    ]
    drop = draw(st.sampled_from([None, 1]))
    edges = [edge for index, edge in enumerate(chain) if index != drop] + more
    if drop is not None:
        edges.append((0, 2, 1, 0))
    gaps = draw(st.lists(st.integers(2, 6), min_size=3, max_size=3))
    return [0, gaps[0], gaps[0] + gaps[1], sum(gaps)], edges


@given(problems())
def test_result_is_as_good_as_the_best_of_all(problem):
    """No valid placing has a smaller total than the one found."""
    places, edges = problem
    shorten(places, edges, PIVOTS)
    assert is_valid(places, edges)
    assert total(places, edges) == exhaustive(4, edges, 8)


def test_every_intermediate_solution_is_valid():
    """Work can be cut off anywhere."""
    edges = [(0, 1, 3, 1), (1, 4, 1, 1), (0, 2, 1, 1), (2, 3, 2, 1), (3, 4, 1, 1), (5, 3, 4, 1), (5, 1, 1, 1)]
    totals = []
    for pivots in range(6):
        places = [0, 2, 1, 5, 9, 0]
        shorten(places, edges, pivots)
        assert is_valid(places, edges)
        totals.append(total(places, edges))
    assert totals == sorted(totals, reverse=True)


def test_pivots_are_needed():
    """The tree found first is not always the best: a pivot changes this total."""
    edges = [(0, 1, 1, 1), (1, 2, 1, 1), (2, 3, 1, 1), (0, 4, 1, 1), (4, 3, 5, 1)]
    without, with_pivots = [0, 1, 2, 3, 1], [0, 1, 2, 3, 1]
    shorten(without, edges, 0)
    shorten(with_pivots, edges, PIVOTS)
    assert total(without, edges) == 3 + 1 + 2 * 5
    assert total(with_pivots, edges) == 3 + 2 + 1 * 5


@pytest.mark.parametrize("places", [[], [7]])
def test_trivial_problems_are_left_alone(places):
    """Nothing to do is no error."""
    before = list(places)
    shorten(places, [], PIVOTS)
    assert places == before


def test_unconnected_problem_stays_valid():
    """Two parts cannot be spanned by one tree; what is there stays valid."""
    edges = [(0, 1, 1, 1), (2, 3, 1, 1)]
    places = [0, 4, 0, 2]
    shorten(places, edges, PIVOTS)
    assert is_valid(places, edges)
