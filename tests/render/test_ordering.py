"""Orders within rows."""

from __future__ import annotations

from itertools import permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sphinx_tape.render import exchanging, ordering
from sphinx_tape.render.exchanging import Search
from sphinx_tape.render.layering import build_layers
from sphinx_tape.render.ordering import count_crossings, order_rows
from tests.benchmarks import families
from tests.render.orders import brute_force, crossings_of, layers_of, three_rows


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(5, 9)), max_size=20),
    st.sets(st.integers(5, 9)),
    st.randoms(use_true_random=False),
)
def test_crossings_are_counted_as_by_brute_force(edges, free, chance):
    """The sorted list counts what comparing every pair of segments counts, free arrivals included."""
    layers = build_layers([0] * 5 + [1] * 5, edges, free=free)
    for row in layers.rows:
        chance.shuffle(row)
    assert count_crossings(layers) == brute_force(layers)


@pytest.mark.parametrize("name", ["mlp", "chain", "fan", "diamond", "resnet"])
def test_planar_families_get_no_crossing(name):
    """What can be drawn without a crossing is."""
    layers = layers_of(families.FAMILIES[name](40))
    order_rows(layers)
    assert count_crossings(layers) == 0


def test_parents_stand_in_operand_order():
    """In an expression tree the left operand stands left."""
    # 6 = (0 op 1) op (2 op 3), written so that the right half is recorded first.
    layers = build_layers([0, 0, 0, 0, 1, 1, 2], [(2, 4), (3, 4), (0, 5), (1, 5), (5, 6), (4, 6)])
    order_rows(layers)
    assert layers.rows == [[0, 1, 2, 3], [5, 4], [6]]


@given(
    st.sets(st.tuples(st.integers(0, 3), st.integers(4, 7)), max_size=8),
    st.sets(st.tuples(st.integers(4, 7), st.integers(8, 9)), max_size=6),
)
@settings(max_examples=12, deadline=None, derandomize=True)
def test_small_graphs_get_nearly_the_fewest_crossings(upper, lower):
    """Where every order can be tried, at most one crossing more than the fewest is left."""
    layers = build_layers([0] * 4 + [1] * 4 + [2] * 2, sorted(upper) + sorted(lower))
    order_rows(layers)
    found = count_crossings(layers)
    fewest = found
    for rows in product(*(permutations(row) for row in layers.rows)):
        layers.rows = [list(row) for row in rows]
        fewest = min(fewest, count_crossings(layers))
    assert found <= fewest + 1


@pytest.mark.parametrize("name", ["scalar", "random", "rnn", "attention"])
def test_rows_hold_what_they_held(name):
    """Ordering changes places only."""
    layers = layers_of(families.FAMILIES[name](40))
    before = [sorted(row) for row in layers.rows]
    order_rows(layers)
    assert [sorted(row) for row in layers.rows] == before


def test_exchanges_and_sweeps_both_matter():
    """The search removes most crossings of the first depth-first order."""
    layers = layers_of(families.random_dag(60))
    start = crossings_of(layers, next(ordering._starts(layers)))
    order_rows(layers)
    assert count_crossings(layers) < 0.8 * start


def test_second_start_helps_where_much_crosses(monkeypatch):
    """With more than one crossing for every two rows, the better of two searches is kept."""
    layers = layers_of(families.random_dag(60))
    found = [ordering.improve(Search(layers), start)[1] for start in ordering._starts(layers)]
    monkeypatch.setattr(ordering, "LITTLE_WORK", 0)
    order_rows(layers)
    assert count_crossings(layers) == min(found[:2]) < found[0]
    tried = []
    improve = ordering.improve
    monkeypatch.setattr(ordering, "improve", lambda *search: tried.append(1) or improve(*search))
    order_rows(layers_of(families.diamond(30)))
    assert len(tried) == 1


def test_more_starts_are_tried_where_they_cost_little(monkeypatch):
    """A small graph whose second start leaves much gets all of them."""
    layers = layers_of(families.random_dag(60))
    found = [ordering.improve(Search(layers), start)[1] for start in ordering._starts(layers)]
    monkeypatch.setattr(ordering, "LITTLE_WORK", 10**6)
    order_rows(layers)
    assert count_crossings(layers) == min(found) < min(found[:2])


def test_free_order_removes_crossings():
    """Where operands may change places, scalar tapes lose more than half of their crossings."""
    found = []
    for free in (False, True):
        layers = [layers_of(families.scalar(60, seed), free=free) for seed in range(1, 6)]
        for one in layers:
            order_rows(one)
        found.append(sum(map(count_crossings, layers)))
    assert found[1] < 0.5 * found[0]


@given(three_rows())
def test_exchanges_know_what_they_have_gained(layers):
    """After any search, the crossings kept per row are those of the order that it holds."""
    search, start = Search(layers), layers.rows
    search.begin(start)
    for down in (True, False, True):
        search.sweep(down=down, flip=down)
        search.exchange()
        assert search.total == sum(search.crossings) == crossings_of(layers, search.copy())
        assert search.total == brute_force(layers)
    search.restore(start)
    assert (search.copy(), search.total) == (start, crossings_of(layers, start))


def test_work_is_bounded(monkeypatch):
    """With no work allowed, two plain sweeps are made and the result is still an order."""
    monkeypatch.setattr(ordering, "WORK", 0)
    layers = layers_of(families.random_dag(60))
    before = [sorted(row) for row in layers.rows]
    order_rows(layers)
    assert [sorted(row) for row in layers.rows] == before


@given(
    st.lists(st.integers(0, 9), max_size=6).map(sorted), st.lists(st.integers(0, 9), max_size=6).map(sorted)
)
def test_gain_is_what_comparing_all_pairs_says(left, right):
    """Pairs in the wrong order less pairs in the right one, whichever list is longer."""
    assert exchanging._gain(left, right) == sum((a > b) - (a < b) for a in left for b in right)


def test_medians_lean_to_the_denser_side():
    """Eades and Wormald's median; between two of four places it is drawn to the close pair."""
    assert exchanging._median([]) == -1
    assert exchanging._median([3]) == 3
    assert exchanging._median([2, 4]) == 3
    assert exchanging._median([1, 5, 6]) == 5
    assert exchanging._median([0, 1, 10, 20]) == (1 * 10 + 10 * 1) / 11
