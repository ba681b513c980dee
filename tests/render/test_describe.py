"""`render.describe`: drawings in words."""

from __future__ import annotations

import pytest

from sphinx_tape.render.describe import describe, describe_node, figure_title, missing_reason, node_name
from tests.render.placing import options
from tests.render.sample_reports import (
    SAMPLES,
    Sketch,
    detached,
    empty,
    failing,
    hostile,
    layers,
    neuron,
    no_reverse,
    one_node,
)


@pytest.mark.parametrize(
    ("make", "title"), [(empty, "Empty tape"), (one_node, "Tape of 1 node"), (neuron, "Tape of 8 nodes")]
)
def test_the_title_counts(make, title):
    """One node is one node."""
    assert figure_title(make()) == title


@pytest.mark.parametrize(
    ("make", "view", "words"),
    [
        (empty, "view", "The tape has no nodes."),
        (
            neuron,
            "view",
            "Tape of 8 nodes: leaves w = 2, x = 3, b = 1; constants node 5 = 10; output loss = 9.",
        ),
        (
            neuron,
            "trace",
            (
                "Tape of 8 nodes: leaves w = 2, x = 3, b = 1; constants node 5 = 10; output loss = 9. "
                "Gradients: w -18, x -12, b -6."
            ),
        ),
        (
            layers,
            "grads",
            (
                "Tape of 7 nodes: leaves W1 of shape (10, 3), b1 of shape (3,); constants x of "
                "shape (8, 10); output loss = 0.1. Gradients: W1 of length 0.09129, b1 of length 0.2887."
            ),
        ),
        (
            no_reverse,
            "grads",
            (
                "Tape of 2 nodes: leaves x of shape (3,); output y of shape (3,). No gradients: output must "
                "be a scalar if there is no seed (got shape (3,)); give a seed"
            ),
        ),
    ],
)
def test_descriptions(make, view, words):
    """Short sentences in a fixed order."""
    assert describe(make(), options(view)) == words


def test_missing_gradients_are_named():
    """Readers who listen learn where no gradient arrives."""
    assert describe(detached(), options("grads")).endswith("No gradient reaches v, k.")


def test_a_stopped_pass_is_told():
    """The failure's message is part of the description."""
    told = describe(failing(), options("trace"))
    assert "The reverse pass stopped: rule of node 3 (broken) failed" in told


def test_a_tape_without_an_output_has_no_gradients_to_tell():
    """Neither output nor failure: only the contents are told."""
    assert describe(SAMPLES["exact"](), options("grads")) == (
        "Tape of 5 nodes: leaves half = 1/2, c = 1-2.5j, n = NaN, i = -inf; constants k = 7."
    )


def test_long_lists_are_cut_short():
    """Six names are read, the others counted."""
    assert "and 4 more" in describe(hostile(), options("view"))
    assert describe(hostile(), options("trace")).count("and 4 more") == 2


def test_without_leaves_reached_nothing_is_said_of_them():
    """A lone constant as output has no leaf gradients."""
    sketch = Sketch()
    assert describe(sketch.report(sketch.constant(1.0, "c")), options("grads")) == (
        "Tape of 1 node: constants c = 1; output c = 1."
    )


def test_nodes_are_told_in_full():
    """Everything that a box may clip."""
    report = detached()
    rows, gradients = report.nodes, report.reverse.gradients
    assert describe_node(rows[4], gradients[4], 4) == "4: multiply(0, 1), value 6, gradient 4"
    assert describe_node(rows[2], gradients[2], 4) == "2: v = leaf, value 4, gradient none"
    assert describe_node(rows[5], gradients[5], 4) == "5: detach(2), value 4, gradient cut by detach"
    assert describe_node(rows[7], None, 4) == "7: constant, value 0"
    scoped = layers().nodes[1]
    assert describe_node(scoped, None, 4) == "1: W1 = leaf, shape (10, 3) float64, scope layer1"


def test_a_missing_gradient_comes_with_its_reason():
    """Leaf v is cut off at node 5; others have nothing to explain."""
    report = detached()
    rows, gradients = report.nodes, report.reverse.gradients
    why = missing_reason(report, gradients[2])
    assert why.startswith("cut by detach at 5: detach")
    assert describe_node(rows[2], gradients[2], 4, why).startswith(
        "2: v = leaf, value 4, gradient none (cut by"
    )
    assert [missing_reason(report, gradient) for gradient in (gradients[0], gradients[5], None)] == [
        "",
        "",
        "",
    ]


def test_a_name_of_blanks_is_no_name():
    """Then the node is called by its number."""
    sketch = Sketch()
    assert node_name(sketch.rows[sketch.leaf("  ", 1.0)]) == "node 0"
