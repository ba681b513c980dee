"""Rows of boxes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sphinx_tape.render import ranking
from sphinx_tape.render.ranking import rank_nodes
from tests.benchmarks import families


def pairs(request):
    return [(edge.source, edge.target) for edge in request.edges]


def ranks_of(request):
    return rank_nodes(len(request.sizes), pairs(request))


@st.composite
def dags(draw):
    """Draw a number of boxes and edges that lead from smaller to larger numbers."""
    count = draw(st.integers(0, 14))
    ends = st.tuples(st.integers(0, max(count - 1, 0)), st.integers(0, max(count - 1, 0)))
    found = draw(st.lists(ends.filter(lambda pair: pair[0] < pair[1]), max_size=30)) if count > 1 else []
    return count, found


def test_nothing_has_no_rows():
    """An empty tape is no special case for the caller."""
    assert rank_nodes(0, []) == []


@given(dags())
def test_edges_lead_down(dag):
    """Every edge leads to a lower row, and the first row is 0."""
    count, edges = dag
    ranks = rank_nodes(count, edges)
    assert all(ranks[target] > ranks[source] for source, target in edges)
    assert min(ranks, default=0) == 0


def test_leaf_stands_just_above_its_consumer():
    """A bias used late does not stand in the first row."""
    # 0 -> 2 -> 3 -> 4, and the leaf 1 is used by 4 only.
    assert rank_nodes(5, [(0, 2), (2, 3), (3, 4), (1, 4)]) == [0, 2, 1, 2, 3]


def test_shared_leaf_stands_above_its_first_consumer():
    """A weight used at many steps starts where it is first used."""
    assert rank_nodes(5, [(0, 1), (1, 3), (3, 4), (2, 3), (2, 4)])[2] == 1


def test_product_slides_to_its_step():
    """In a recurrent network `x[t] @ W` stands beside step t, though W is used at every step."""
    request = families.rnn(40)
    ranks = ranks_of(request)
    # A step is x, x @ W, h @ U, their sum, + b, tanh: the two products are the sum's parents.
    products = [(4 + 6 * step + 1, 4 + 6 * step + 2) for step in range(1, 5)]
    assert all(abs(ranks[one] - ranks[other]) <= 1 for one, other in products)


@pytest.mark.parametrize("limit", [0, ranking.MAX_SHORTENED])
def test_branch_slides_as_a_whole(monkeypatch, limit):
    """A subtree that is used late stands late, not only its last box, also without the exact method."""
    monkeypatch.setattr(ranking, "MAX_SHORTENED", limit)
    # A spine 0..5 and a tree (6, 7 -> 8 -> 9) that joins it at box 10 below 5.
    edges = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (6, 8), (7, 8), (8, 9), (5, 10), (9, 10)]
    ranks = rank_nodes(11, edges)
    assert [ranks[node] for node in (6, 7, 8, 9, 10)] == [3, 3, 4, 5, 6]


def test_box_between_equal_pulls_stands_by_its_consumer(monkeypatch):
    """Sliding alone moves a branch down that leaves one box and joins another: it ends where it is used."""
    monkeypatch.setattr(ranking, "MAX_SHORTENED", 0)
    # 0 -> 1 -> 2 -> 3 -> 4 -> 6 and 1 -> 5 -> 6.
    assert rank_nodes(7, [(0, 1), (1, 2), (2, 3), (3, 4), (4, 6), (1, 5), (5, 6)])[5] == 4


def test_total_length_is_least_on_a_case_that_defeats_single_moves():
    """Two boxes that hold each other back move together."""
    # 0 -> 1 -> 2 -> 3 -> 8; 4 feeds 5 and 6; 5, 6 and 7's chain all wait for row 4.
    edges = [(0, 1), (1, 2), (2, 3), (3, 8), (4, 5), (4, 6), (5, 7), (6, 7), (7, 8)]
    ranks = rank_nodes(9, edges)
    assert sum(ranks[target] - ranks[source] for source, target in edges) == len(edges)


def test_rows_of_large_graphs_are_valid():
    """Beyond the size at which lengths are minimised, rows are still right."""
    request = families.scalar(900)
    ranks = ranks_of(request)
    assert all(ranks[target] > ranks[source] for source, target in pairs(request))
