"""Network simplex."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sphinx_tape.render.shortening import NEVER, shorten

PIVOTS = 100


def far(tail, head, weight, length):
    """Make an edge that must have a length and is to have no more."""
    return tail, head, length, weight, NEVER


def near(tail, head, weight):
    """Make an edge whose ends are to be in one place."""
    return tail, head, 0, weight, weight


def total(places, edges):
    """Weighted total of what edges are longer or shorter than they should be."""
    slacks = [(places[edge[1]] - places[edge[0]] - edge[2], *edge[3:]) for edge in edges]
    return sum(slack * farther if slack > 0 else -slack * nearer for slack, farther, nearer in slacks)


def is_valid(places, edges):
    return total(places, edges) < NEVER


def exhaustive(count, edges, reach):
    """Try every placing within reach of 0, box 0 standing in the middle."""
    ways = (places for places in product(range(reach), repeat=count) if is_valid(places, edges))
    return min(total(places, edges) for places in ways)


@st.composite
def problems(draw):
    """Draw a connected problem of four nodes and a valid start far from the best."""
    chain = [far(node, node + 1, draw(st.integers(1, 5)), draw(st.integers(0, 2))) for node in range(3)]
    ends = st.sampled_from([(0, 2), (1, 3), (0, 3)])
    more = [
        far(*draw(ends), draw(st.integers(0, 5)), draw(st.integers(0, 2)))
        for _ in range(draw(st.integers(0, 3)))
    ]
    drop = draw(st.sampled_from([None, 1]))
    edges = [edge for index, edge in enumerate(chain) if index != drop] + more
    if drop is not None:
        edges.append(far(0, 2, 1, 0))
    pull = draw(st.one_of(st.none(), st.tuples(ends, st.integers(1, 9))))
    if pull is not None:
        edges.append(near(*pull[0], pull[1]))
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
    ends = [(0, 1, 3), (1, 4, 1), (0, 2, 1), (2, 3, 2), (3, 4, 1), (5, 3, 4), (5, 1, 1)]
    edges = [far(*edge, 1) for edge in ends]
    totals = []
    for pivots in range(6):
        places = [0, 2, 1, 5, 9, 0]
        shorten(places, edges, pivots)
        assert is_valid(places, edges)
        totals.append(total(places, edges))
    assert totals == sorted(totals, reverse=True)


def test_pivots_are_needed():
    """The tree found first is not always the best: a pivot changes this total."""
    edges = [far(*edge, 1) for edge in [(0, 1, 1), (1, 2, 1), (2, 3, 1), (0, 4, 1), (4, 3, 5)]]
    without, with_pivots = [0, 1, 2, 3, 1], [0, 1, 2, 3, 1]
    shorten(without, edges, 0)
    shorten(with_pivots, edges, PIVOTS)
    assert total(without, edges) == 1 * 5
    assert total(with_pivots, edges) == 1


@pytest.mark.parametrize("places", [[], [7]])
def test_trivial_problems_are_left_alone(places):
    """Nothing to do is no error."""
    before = list(places)
    shorten(places, [], PIVOTS)
    assert places == before


def test_unconnected_problem_stays_valid():
    """Two parts cannot be spanned by one tree; what is there stays valid."""
    edges = [far(0, 1, 1, 1), far(2, 3, 1, 1)]
    places = [0, 4, 0, 2]
    shorten(places, edges, PIVOTS)
    assert is_valid(places, edges)


def test_weighted_median_is_found():
    """One node pulled to three fixed ones stands at their weighted median; moves go past the nearer ones."""
    fixed = [far(0, 1, 0, 4), (1, 0, -4, 0, NEVER), far(1, 2, 0, 5), (2, 1, -5, 0, NEVER)]
    for weights, best in [((1, 1, 1), 4), ((5, 1, 1), 0), ((1, 1, 5), 9)]:
        for start in (0, 2, 7, 9):
            places = [0, 4, 9, start]
            shorten(places, [*fixed, *(near(end, 3, weight) for end, weight in enumerate(weights))], PIVOTS)
            assert [place - places[0] for place in places] == [0, 4, 9, best]


def test_nodes_in_a_row_keep_apart():
    """Two that are pulled to one place end as near to it as their distance lets them."""
    places = [0, 50, 60]
    shorten(places, [near(0, 1, 3), near(0, 2, 1), far(1, 2, 0, 10)], PIVOTS)
    assert [place - places[0] for place in places] == [0, 0, 10]


def test_small_gains_may_be_left():
    """What gains no more than is enough stays as it is, and what gains more is done."""
    edges = [near(0, 1, 4), near(1, 2, 4), near(0, 2, 3), far(0, 1, 0, 5)]
    found = []
    for enough in (0, 2, 7):
        places = [0, 9, 0]
        shorten(places, edges, PIVOTS, enough)
        found.append(total(places, edges))
    assert found == sorted(found)
    assert found[0] < found[-1]
