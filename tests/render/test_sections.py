"""`render.sections`: which parts a figure has, and in which order."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sphinx_tape.render.content import ArrayBlock, FailureBox, Listing, Paragraph, Table, plain
from sphinx_tape.render.options import PARTS, PARTS_OF, View
from sphinx_tape.render.sections import part_title, sections
from tests.render.figures import options
from tests.render.random_reports import reports
from tests.render.sample_reports import Sketch, empty, failing, layers, neuron, no_reverse


def parts(report, view: View, **more):
    """Names of the sections."""
    return [section.part for section in sections(report, options(view, **more), "digraph {}")]


def test_the_order_is_the_authors():
    """Parts come as listed in `show`."""
    assert parts(neuron(), "trace", show=("steps", "graph", "nodes")) == ["steps", "graph", "nodes"]


def test_an_empty_tape_says_so():
    """A table's head with no rows below it looks like a fault, and text has no drawing."""
    _graph, nodes, _dot = sections(empty(), options("view"), "digraph {}")
    assert [plain(block.line) for block in nodes.blocks] == ["The tape has no nodes."]


def test_empty_parts_are_left_out():
    """No arrays, no reverse pass, no source: nothing to unfold."""
    assert parts(neuron(), "view") == ["graph", "nodes", "dot", "source"]
    assert parts(no_reverse(), "grads")[:2] == ["failure", "graph"]
    assert "coverage" not in parts(no_reverse(), "grads")
    assert parts(empty(), "view") == ["graph", "nodes", "dot"]


def test_a_figure_is_never_empty():
    """Asked for the arrays of a tape of numbers, it shows the table of the numbers, unfolded."""
    (section,) = sections(neuron(), options("view", show=("values",), open=()))
    assert (section.part, section.open) == ("nodes", True)
    assert isinstance(section.blocks[0], Table)


def test_a_failure_comes_first_and_the_tape_stays():
    """The message is a box above the forward part, which is shown even if not asked for."""
    made = sections(failing(), options("trace", show=("steps",)), "")
    assert [section.part for section in made] == ["failure", "steps", "nodes"]
    box = made[0].blocks[0]
    assert isinstance(box, FailureBox)
    assert box.title == "The reverse pass failed"
    assert sections(no_reverse(), options("grads"), "")[0].title == "There is no reverse pass"


def test_graph_and_coverage_never_fold():
    """What matters most is in sight; the rest starts as the author says."""
    made = {s.part: s for s in sections(neuron(), options("trace", open=("dot",)), "digraph {}")}
    assert not made["graph"].folds
    assert not made["coverage"].folds
    assert made["dot"].open
    assert not made["steps"].open


def test_arrays_are_shown_once_each():
    """Values of arrays in one part, their gradients below the gradient table; no scalars."""
    made = {s.part: s for s in sections(layers(), options("trace"), "")}
    assert [plain(b.title) for b in made["values"].blocks][:2] == ["Value of 0: x", "Value of 1: W1"]
    gradients = [b for b in made["gradients"].blocks if isinstance(b, ArrayBlock)]
    assert [b.node for b in gradients] == [1, 2, 3, 4, 5]


def test_the_listings_hold_the_whole_text():
    """DOT and source come with their language and their first line."""
    made = {s.part: s for s in sections(neuron(), options("view"), "digraph {}")}
    assert made["dot"].blocks == (Listing("digraph {}", "dot"),)
    assert made["source"].blocks == (Listing("def notes():\n    ...", "python", 8, "course/notes.py"),)


def test_what_is_clipped_is_said_in_the_steps():
    """Steps of hidden nodes are missing, and the reader is told."""
    made = {s.part: s for s in sections(neuron(), options("trace", max_nodes=2), "")}
    notes = [plain(b.line) for b in made["steps"].blocks if isinstance(b, Paragraph)]
    assert "Not shown: 6 of 8 nodes (max-nodes)." in notes


def test_notation_is_explained_where_it_occurs():
    """The bar is always explained, v with an id only where a node has no name."""
    made = {s.part: s for s in sections(neuron(), options("trace"), "")}
    assert "written v with its id" in plain(made["steps"].blocks[0].line)
    short = {s.part: s for s in sections(neuron(), options("trace", max_nodes=1), "")}
    assert "written v" not in plain(short["steps"].blocks[0].line)
    sketch = Sketch()
    twice = [sketch.leaf("h", 1.0), sketch.leaf("h", 2.0)]
    report = sketch.report(twice[1])
    made = {s.part: s for s in sections(report, options("trace"), "")}
    assert plain(made["steps"].blocks[0].line).endswith("carries the node's id.")


@pytest.mark.parametrize("part", PARTS)
def test_every_part_has_a_title(part):
    """Each part can be unfolded by name."""
    assert part_title(part)


@settings(max_examples=60, deadline=None)
@given(reports(), st.sampled_from(["view", "grads", "trace"]), st.integers(1, 16))
def test_any_report_makes_sections(report, view, most):
    """Whatever was recorded, every table is rectangular and names every shown node once."""
    for section in sections(report, options(view, max_nodes=most), "digraph {}"):
        assert section.part in {*PARTS_OF[view], "failure"}
        for block in section.blocks:
            if isinstance(block, Table):
                assert all(len(row.cells) == len(block.columns) for row in block.rows)
                assert len({row.node for row in block.rows}) == len(block.rows) <= most
