"""Exchanges that pay later."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sphinx_tape.render import foresight
from sphinx_tape.render.exchanging import Search
from sphinx_tape.render.foresight import look_ahead
from sphinx_tape.render.layering import build_layers
from tests.benchmarks import families
from tests.render.orders import brute_force, crossings_of, layers_of, three_rows


def two_trunks(rows):
    """Two trunks that cross once, half-way down."""
    layers = build_layers([0, 0, rows, rows], [(0, 2), (1, 3)])
    for row in layers.rows[rows // 2 :]:
        row.reverse()
    return layers


def begun(layers):
    search = Search(layers)
    search.begin(layers.rows)
    return search


def test_trunk_passes_another():
    """Exchanges move a crossing of two trunks by a row; a trial lets one trunk pass the other."""
    layers = two_trunks(20)
    search = begun(layers)
    search.exchange()
    assert search.total == brute_force(layers) == 1
    look_ahead(search)
    assert search.total == 0
    assert crossings_of(layers, search.copy()) == 0


@given(three_rows())
def test_nothing_gets_worse_and_the_count_is_right(layers):
    """The end has no more crossings than the beginning, and as many as pairs of segments that cross."""
    search = begun(layers)
    before = search.total
    look_ahead(search)
    assert search.total <= before
    assert search.total == sum(search.crossings) == crossings_of(layers, search.copy()) == brute_force(layers)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(5, 9)), max_size=20), st.data())
def test_exchanges_can_be_taken_back(edges, data):
    """The trail leads back to the order and the crossings before."""
    search = begun(build_layers([0] * 5 + [1] * 5, edges))
    rows, crossings = search.copy(), list(search.crossings)
    moves = data.draw(st.lists(st.tuples(st.integers(0, 1), st.integers(1, 4)), max_size=6))
    for index, right in moves:
        search.swap(index, right, search.gains(index, right) or (0, 0))
    search.take_back(0)
    assert (search.copy(), search.crossings, search.total) == (rows, crossings, sum(crossings))


@pytest.mark.parametrize("free", [False, True])
def test_random_graphs_gain_much_beyond_exchanges(free):
    """Over ten graphs, at least a twentieth of what exchanges leave is gone."""
    left = found = 0
    for seed in range(1, 11):
        layers = layers_of(families.random_dag(40, seed), free=free)
        search = begun(layers)
        for down in (True, False):
            search.sweep(down=down, flip=False)
            search.exchange()
        left += search.total
        look_ahead(search)
        found += search.total
    assert found < 0.95 * left


def test_work_is_limited(monkeypatch):
    """With little work allowed, little is tried, and the order is still one."""
    monkeypatch.setattr(foresight, "WORK", 40)
    layers = layers_of(families.random_dag(60))
    search = begun(layers)
    look_ahead(search)
    assert 40 <= search.work < 200
    assert [sorted(row) for row in search.rows] == [sorted(row) for row in layers.rows]
