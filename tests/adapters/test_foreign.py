"""Filling a tape from another engine's graph."""

import numpy as np
import pytest

from sphinx_tape import ForeignTape, backward
from sphinx_tape.adapters.read import to_tape
from sphinx_tape.errors import AdapterError, ContributionParentError, RecordError
from sphinx_tape.report.build import build_report
from sphinx_tape.tape.node import Source


def test_a_tape_by_hand():
    """By hand: y = a b, so dy/da = b = 3 and dy/db = a = 2."""
    tape = ForeignTape("mygrad")
    a, b = tape.leaf(2.0, "a"), tape.leaf(3.0, "b")
    y = tape.add("mul", 6.0, [a, b], lambda g: [g * 3.0, g * 2.0], name="y")
    reading = to_tape(tape.reading(y))
    assert (reading.framework, reading.output, len(tape)) == ("mygrad", 2, 3)
    assert [float(each) for each in backward(reading.tape, y).cotangents] == [3.0, 2.0, 1.0]
    assert (tape.value(y), tape.requires_grad(y)) == (6.0, True)


def test_everything_a_node_can_tell():
    """Labels, scopes, sources, keywords and notes reach the node."""
    tape = ForeignTape("mygrad")
    line = Source("model.py", 3)
    a = tape.leaf([1.0, 2.0], "a", scope=["net"], source=line)
    c = tape.constant([1, 2], "c", scope=["net"], source=line)
    y = tape.add(
        "mean",
        1.5,
        [a],
        name="y",
        keywords={"axis": 0},
        cut="unreadable",
        note="why",
        scope=["net"],
        source=line,
    )
    nodes = tape.reading(y).tape.nodes
    assert [(node.name, node.scope, node.source) for node in nodes] == [
        (name, ("net",), line) for name in "acy"
    ]
    assert (nodes[y].keywords, nodes[y].cut, nodes[y].note) == ({"axis": 0}, "unreadable", "why")
    assert (nodes[a].requires_grad, nodes[c].requires_grad, nodes[y].requires_grad) == (True, False, False)


def test_formulas_of_an_operation_that_the_table_does_not_have():
    """The engine explains it itself, and the figure shows that."""
    tape = ForeignTape("mygrad")
    x = tape.leaf(2.0, "x")
    swirl = tape.add("swirl", 8.0, [x], lambda g: [12.0 * g], tex="@0^3", formulas=["12 @g"])
    report = build_report(tape.reading(swirl).tape, swirl)
    assert report.nodes[1].tex == "@0^3"
    assert report.reverse.steps[0].contributions[0].formula == "12 @g"


def test_unknown_values_are_not_compared():
    """An operation on a value that nobody kept cannot be found out to be ours."""
    tape = ForeignTape("mygrad")
    x = tape.leaf(0.0)
    hidden = tape.add("exp", 1.0, [x], lambda g: [g], known=False)
    tape.add("exp", np.e, [hidden], lambda g: [g * np.e])
    nodes = tape.reading(2).tape.nodes
    assert [(node.op, node.known) for node in nodes[1:]] == [("mygrad.exp", False), ("mygrad.exp", True)]


def test_values_are_copies():
    """What the engine changes later does not change the tape."""
    tape, value = ForeignTape("mygrad"), np.ones(2)
    a = tape.leaf(value)
    value[0] = 7.0
    assert tape.value(a).tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("wants", "value", "rule", "cut", "expected"),
    [
        (True, 4.0, None, "", "not_differentiable"),
        (True, 4, lambda g: [g], "", "integer"),
        (True, 4.0, lambda g: [g], "detach", "detach"),
        (False, 4.0, lambda g: [g], "", ""),
        (False, 4.0, None, "no_grad", ""),
    ],
)
def test_cuts(wants, value, rule, cut, expected):
    """A node hands nothing back if it has no rule, no gradient, or was cut; said where one was asked for."""
    tape = ForeignTape("mygrad")
    node = tape.reading(
        tape.add("op", value, [tape.leaf(2.0, requires_grad=wants)], rule, cut=cut)
    ).tape.nodes[1]
    assert (node.cut, node.vjp, node.requires_grad) == (expected, None, False)


def test_names_of_operations():
    """The table's name where the operation is the same; else the engine's, told apart if need be."""
    tape = ForeignTape("mygrad")
    x = tape.leaf(2.0)
    tape.add("square", 4.0, [x], lambda g: [4.0 * g])
    tape.add("square", 4.0, [x], lambda g: [5.0 * g])
    tape.add("square", 4.0, [x], lambda g: [5.0 * g], own="squared")
    tape.add("square", 4.0, [x], lambda g: [5.0 * g], own="sin")
    tape.add("my own", 4.0, [x], lambda g: [5.0 * g])
    names = [node.op for node in tape.reading(1).tape.nodes]
    assert names == ["leaf", "square", "mygrad.square", "squared", "mygrad.sin", "my own"]


@pytest.mark.parametrize("parent", [1, -1, "a", None])
def test_parents_must_be_there(parent):
    """Ids of later nodes, or what is none, are refused with advice."""
    tape = ForeignTape("mygrad")
    tape.leaf(2.0)
    with pytest.raises(AdapterError, match=r"parents of a node \(mul\) must be ids of nodes added before"):
        tape.add("mul", 4.0, [parent])


@pytest.mark.parametrize("value", ["text", None, [[1.0], [1.0, 2.0]]])
def test_values_must_be_numbers(value):
    """What is no number is refused, not drawn."""
    with pytest.raises(RecordError, match="must be"):
        ForeignTape("mygrad").constant(value)


def test_a_wrong_number_of_contributions_is_said():
    """The reverse pass checks the adapter's rules."""
    tape = ForeignTape("mygrad")
    x = tape.leaf(2.0)
    reading = tape.reading(tape.add("op", 4.0, [x, x], lambda g: [g]))
    with pytest.raises(ContributionParentError, match="one contribution per operand"):
        backward(reading.tape, reading.output)
