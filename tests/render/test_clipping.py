"""`render.clipping`: which nodes stay."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sphinx_tape.render.clipping import choose_nodes, shown_nodes
from tests.render.placing import options
from tests.render.random_reports import reports
from tests.render.repeats import recurrent
from tests.render.sample_reports import Sketch, detached, neuron


def test_all_nodes_are_shown_if_they_are_few():
    """Nothing is clipped at the limit itself."""
    assert shown_nodes(neuron(), 8) == tuple(range(8))


def test_the_nearest_ancestors_stay():
    """Of the neuron, four nodes are the output, its parent, and that one's two parents."""
    assert shown_nodes(neuron(), 4) == (4, 5, 6, 7)


def test_of_equally_near_ancestors_the_later_stays():
    """The parents of node 6 are 4 and 5; with room for one, it is 5."""
    assert shown_nodes(neuron(), 3) == (5, 6, 7)


def test_other_nodes_fill_the_rest():
    """Node 10 is no ancestor of the output; it stays only if all ten ancestors fit."""
    assert 10 not in shown_nodes(detached(), 9)
    assert shown_nodes(detached(), 11) == tuple(range(11))


def test_unconnected_nodes_fill_up_from_the_end():
    """Without any edge the output and the latest nodes are shown."""
    sketch = Sketch()
    for name in "abcde":
        sketch.leaf(name, 1.0)
    assert shown_nodes(sketch.report(0), 3) == (0, 3, 4)


def test_without_an_output_the_last_node_counts():
    """A tape that names no output is clipped from its end."""
    sketch = Sketch()
    x = sketch.leaf("x", 1.0)
    for _ in range(5):
        x = sketch.scalar("exp", 1.0, (x,), (1.0,))
    assert shown_nodes(sketch.report(None), 2) == (4, 5)


@given(reports(), st.integers(1, 20))
def test_as_many_nodes_as_allowed(report, most):
    """The limit is used up, never passed, ids ascend, and the output is among them."""
    shown = shown_nodes(report, most)
    assert len(shown) == min(most, len(report.nodes))
    assert list(shown) == sorted(set(shown))
    assert report.output is None or report.output in shown


def test_a_long_chain_needs_no_recursion():
    """Fifty thousand nodes in a row are clipped without a deep stack."""
    sketch = Sketch()
    x = sketch.leaf("x", 1.0)
    for _ in range(50_000):
        x = sketch.scalar("exp", 1.0, (x,), (1.0,))
    assert len(shown_nodes(sketch.report(None), 40_000)) == 40_000


def test_folded_nodes_are_listed_but_not_drawn():
    """Rows for all 83 nodes, boxes for seven and one for the rest."""
    shown = choose_nodes(recurrent(20), options())
    assert shown.listed == tuple(range(83))
    assert shown.drawn == (0, 1, 2, 3, 4, 5, 82)
    assert [fold.repeats for fold in shown.folds] == [19]


def test_rows_of_boxes_come_first():
    """With room for ten rows: those of the eight boxes, then the ones nearest to the output."""
    shown = choose_nodes(recurrent(20), options(max_nodes=10))
    assert shown.listed == (0, 1, 2, 3, 4, 5, 6, 80, 81, 82)
    assert len(shown.folds) == 1


def test_without_folds_drawn_is_what_is_listed():
    """As many as the limit allows, in both."""
    shown = choose_nodes(recurrent(20), options(max_nodes=10, fold="never"))
    assert shown.listed == shown.drawn == shown_nodes(recurrent(20), 10)
