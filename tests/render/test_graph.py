"""`render.graph`: boxes, edges, states, clipping, direction."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sphinx_tape.render.graph import choose
from sphinx_tape.render.layout import LayoutResult
from tests.render.placing import drawing
from tests.render.random_reports import reports
from tests.render.sample_reports import Sketch, detached, empty, failing, neuron, no_reverse, one_node, square


def result(width, height):
    """Positions of which only the size counts."""
    return LayoutResult(centres=(), routes=(), size=(width, height), engine="none")


def test_x_times_x_has_two_edges():
    """Both operands of the product are drawn."""
    assert [edge.key for edge in drawing(square()).edges] == ["0-1-0", "0-1-1"]


def test_every_operand_is_one_edge():
    """The neuron's edges in tape order."""
    keys = [edge.key for edge in drawing(neuron()).edges]
    assert keys == ["0-3-0", "1-3-1", "3-4-0", "2-4-1", "4-6-0", "5-6-1", "6-7-0"]


def test_operands_of_sums_and_products_may_change_places():
    """The layout is told an order only where it means something."""
    sketch = Sketch()
    a, b = sketch.leaf("a", 1.0), sketch.leaf("b", 2.0)
    for op in ("add", "sub", "mul", "matmul"):
        sketch.scalar(op, 1.0, (a, b), (1.0, 1.0))
    request = drawing(sketch.report(None)).request("TB")
    assert [edge.operand for edge in request.edges] == [0, 0, 0, 1, 0, 0, 0, 1]


def test_edges_from_leaves_and_constants_are_of_their_own_kind():
    """Ranking and paint tell inputs from data."""
    kinds = {edge.key: edge.kind for edge in drawing(neuron()).edges}
    assert kinds["0-3-0"] == kinds["5-6-1"] == "leaf"
    assert kinds["3-4-0"] == "data"


def test_states_follow_the_report():
    """The cut tape shows all five states."""
    states = [box.state for box in drawing(detached()).boxes]
    assert states[2] == states[10] == "missing"
    assert (states[0], states[3], states[5], states[9]) == ("gradient", "zero", "not_asked", "output")


def test_the_view_marks_the_output_only():
    """Without gradients every other node is plain."""
    states = Counter(box.state for box in drawing(detached(), "view").boxes)
    assert states == {"plain": 10, "output": 1}


def test_an_output_without_a_gradient_is_still_the_output():
    """Behind an integer op nothing requires a gradient, but the pass would start there."""
    sketch = Sketch()
    x = sketch.leaf("x", 1.5)
    rounded = sketch.node("round", 2.0, (x,), (None,), requires_grad=False, cut="integer")
    drawn = drawing(sketch.report(rounded))
    assert [box.state for box in drawn.boxes] == ["missing", "output"]
    assert [run.text for run in drawn.boxes[1].runs] == ["1:", "round", "2"]


def test_a_failed_rule_marks_its_node():
    """Node 3 failed."""
    assert drawing(failing()).boxes[3].state == "failed"


def test_a_reverse_pass_that_did_not_start_leaves_nodes_plain():
    """There is nothing to say about gradients."""
    assert [box.state for box in drawing(no_reverse()).boxes] == ["plain", "output"]


def test_cuts_are_marked_on_the_edge_into_the_cut_node():
    """Only the edge v -> detach is cut."""
    assert [(edge.key, edge.cut) for edge in drawing(detached()).edges if edge.cut] == [("2-5-0", "detach")]


def test_edges_know_whether_a_gradient_came_back():
    """The constant 10 gets nothing, all others of the neuron do."""
    carries = {edge.key: edge.carries for edge in drawing(neuron()).edges}
    assert [key for key, carried in carries.items() if not carried] == ["5-6-1"]
    assert not any(edge.carries for edge in drawing(neuron(), "view").edges)


def test_clipping_counts_what_it_hides():
    """Four of eight nodes: the boxes say which of their neighbours are not drawn."""
    drawn = drawing(neuron(), max_nodes=4)
    assert (len(drawn.boxes), drawn.hidden) == (4, 4)
    assert [box.hidden_parents for box in drawn.boxes] == [2, 0, 0, 0]
    assert [edge.key for edge in drawn.edges] == ["4-6-0", "5-6-1", "6-7-0"]


def test_hidden_consumers_are_counted():
    """If the output is early, what comes after it may be hidden."""
    drawn = drawing(one_node_used_twice(), max_nodes=1)
    assert drawn.boxes[0].hidden_consumers == 2


def one_node_used_twice():
    """`x * x`, but with x as the output."""
    report = square()
    return type(report)(nodes=report.nodes, output=0, reverse=None, failure=None)


@given(reports(), st.integers(1, 20), st.booleans())
def test_a_request_is_always_valid(report, most, mirror):
    """Edges lead forward, sizes are positive, operands of a box ascend."""
    drawn = drawing(report, max_nodes=most, mirror=mirror)
    request = drawn.request("LR")
    assert all(width > 0 and height > 0 for width, height in request.sizes)
    assert all(0 <= edge.source < edge.target < len(request.sizes) for edge in request.edges)
    assert len(drawn.boxes) + drawn.hidden == len(report.nodes)
    ends = [edge.ends for edge in drawn.edges]
    assert ends == sorted(ends, key=lambda end: (end[1], end[2]))


def test_larger_drawings_are_set_closer():
    """More boxes, smaller gaps, so that more of them fit the page."""
    small, large = drawing(one_node()).request("TB"), drawing(detached(), max_nodes=200).request("TB")
    assert large.node_gap <= small.node_gap
    assert drawing(one_node()).request("LR").rank_gap > small.rank_gap


def test_an_empty_tape_is_an_empty_drawing():
    """No boxes, no edges, nothing hidden."""
    drawn = drawing(empty())
    assert (drawn.boxes, drawn.edges, drawn.hidden) == ((), (), 0)


def test_the_author_may_fix_the_direction():
    """Then only that one is laid out."""
    assert drawing(neuron(), direction="TB").directions == ("TB",)
    assert drawing(neuron()).directions == ("LR", "TB")


@pytest.mark.parametrize(
    ("across", "down", "chosen"),
    [
        ((5000, 2000), (2000, 5000), "LR"),
        ((9000, 2000), (2000, 5000), "TB"),
        ((9000, 2000), (2000, 9000), "TB"),
        ((7300, 2000), (2000, 30000), "LR"),
        ((9000, 2000), (8000, 20000), "LR"),
    ],
)
def test_the_direction_with_less_to_scroll_wins(across, down, chosen):
    """Left to right if it fits; otherwise what hides less, sideways counting more."""
    assert choose({"LR": result(*across), "TB": result(*down)}) == chosen


def test_one_direction_is_no_choice():
    """A single result is taken however large it is."""
    assert choose({"TB": result(99999, 99999)}) == "TB"


def test_mirrored_boxes_have_twins():
    """Each node with a gradient has one; the constant has none; forward boxes stay plain."""
    drawn = drawing(neuron(), "view", mirror=True)
    assert [bool(box.twin) for box in drawn.boxes] == [True] * 5 + [False] + [True] * 2
    assert {box.state for box in drawn.boxes} == {"plain", "output"}
    assert [box.twin_state for box in drawn.boxes][-2:] == ["gradient", "output"]
    assert drawn.request("TB").mirror


def test_a_cut_node_has_a_twin_that_says_so():
    """Otherwise the cut would hang in the air."""
    assert [run.text for run in drawing(detached(), mirror=True).boxes[5].twin][-1] == "cut here"


def test_nothing_is_mirrored_without_a_reverse_pass():
    """There is nothing to show on the other side."""
    assert not drawing(no_reverse(), mirror=True).mirror
