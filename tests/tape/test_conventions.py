"""Claims about `sphinx_tape.tape.conventions`."""

# ruff: noqa: N812 -- F is the name the documentation uses

from dataclasses import replace

import numpy as np
import pytest
import sympy

from sphinx_tape import Tape
from sphinx_tape import functions as F
from sphinx_tape.tape import Node
from sphinx_tape.tape.conventions import convention
from sphinx_tape.tape.primitives import PRIMITIVES

# A function, a point where its convention is used, a point where it is not.
POINTS = {
    "power": (lambda x: x**2, 0.0, 3.0),
    "sqrt": (None, 0.0, 4.0),
    "abs": (None, 0.0, -1.0),
    "hypot": (lambda x: F.hypot(x, 0.0), 0.0, 1.0),
    "safe_log": (None, 0.0, 1.0),
    "relu": (None, [-1.0, 0.0], [-1.0, 1.0]),
    "leaky_relu": (None, 0.0, -1.0),
    "elu": (None, 0.0, 1.0),
    "maximum": (lambda x: F.maximum(x, 2.0), 2.0, 3.0),
    "minimum": (lambda x: F.minimum(x, 2.0), 2.0, 3.0),
    "clip": (lambda x: F.clip(x, 0.0, 1.0), 1.0, 2.0),
    "max": (lambda x: F.max(x, axis=0), [[1.0], [1.0]], [[1.0], [2.0]]),
    "min": (None, [1.0, 1.0], [1.0, 2.0]),
    "std": (None, [1.0, 1.0], [1.0, 2.0]),
    "norm": (None, [0.0, 0.0], [0.0, 2.0]),
}


@pytest.mark.parametrize("name", POINTS)
def test_note_is_given_where_it_is_used(name):
    """At the kink the note of the table, elsewhere nothing."""
    function, at, beside = POINTS[name]
    function = function or getattr(F, name)
    for point, expected in ((at, PRIMITIVES[name].note), (beside, "")):
        output = function(Tape().leaf(point))
        assert output.node.op == name
        assert convention(output.tape, output.node) == expected


def test_note_without_a_case_is_always_given():
    """A comparison is never differentiable, so its note always speaks."""
    output = Tape().leaf(1.0) > 0.0
    assert convention(output.tape, output.node) == PRIMITIVES["greater"].note != ""


def test_unknown_value_gets_the_note():
    """Whether a value that nobody kept lies at the kink is not known."""
    tape = Tape()
    y = F.relu(tape.leaf(1.0))
    assert convention(tape, y.node) == ""
    assert convention(tape, replace(y.node, known=False)) == PRIMITIVES["relu"].note != ""


def test_no_note_is_no_convention():
    """Leaves, plain products and foreign nodes have none."""
    tape = Tape()
    x = tape.leaf(1.0)
    foreign = tape.append(Node(id=1, op="AddBackward0", value=np.float64(1.0)))
    for variable in (x, foreign, x * x):
        assert convention(tape, variable.node) == ""


def test_undecidable_symbol_gets_the_note():
    """Whether a symbol lies below eps cannot be known: better said than not."""
    tape = Tape()
    tape.leaf(sympy.Symbol("x"))
    node = Node(id=1, op="safe_log", value=tape.nodes[0].value, parents=(0,), keywords={"eps": 0.5})
    tape.append(node)
    assert convention(tape, node) == PRIMITIVES["safe_log"].note
