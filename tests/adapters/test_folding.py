"""Folded parts: fewer nodes, the same gradients."""

from __future__ import annotations

import numpy as np
import pytest

from sphinx_tape import Tape, functions, no_grad
from sphinx_tape.adapters.folding import folded
from sphinx_tape.tape import backward


def model():
    """Two layers of which the first hands on two values, and a loss outside of both."""
    tape = Tape()
    x, w, v = tape.constant([1.0, 2.0], "x"), tape.leaf([3.0, -1.0], "w"), tape.leaf(0.5, "v")
    with tape.scope("first"):
        product = x * w + 1.0
        with tape.scope("inner"):
            hidden = functions.tanh(product) * product
        side = product.sum()
    with tape.scope("second"):
        out = (hidden * v).sum() * 2.0
    loss = (out * side).named("loss")
    return tape, loss.id


@pytest.mark.parametrize(("depth", "ops"), [(1, ["first()", "first()", "second()", "mul"]), (2, None)])
def test_gradients_of_what_stays_are_the_same(depth, ops):
    """Leaves, results of parts and the loss have the gradients of the whole tape."""
    tape, output = model()
    whole = backward(tape, output)
    small, ids = folded(tape, [output], depth)
    part = backward(small, ids[output])
    assert len(small) < len(tape)
    if ops:
        assert [node.op for node in small.nodes if node.parents] == ops
    for before, after in ids.items():
        assert small.nodes[after].id == after
        if tape.nodes[before].requires_grad:
            np.testing.assert_allclose(part.cotangents[after], whole.cotangents[before], rtol=1e-12)
            np.testing.assert_array_equal(small.nodes[after].value, tape.nodes[before].value)


def test_a_part_tells_its_operands_once_and_how_much_it_holds():
    """The second layer uses the first one's result and v; its bare number is inside."""
    tape, output = model()
    small, _ = folded(tape, [output], 1)
    part = next(node for node in small.nodes if node.op == "second()")
    assert [small.nodes[each].name or small.nodes[each].op for each in part.parents] == ["v", "first()"]
    assert part.keywords == {"operations": 4}
    assert (part.scope, part.formulas, part.tex) == (("second",), (), "")


def test_a_part_of_one_operation_stays_what_it_is():
    """With its name and its formulas."""
    tape = Tape()
    x = tape.leaf(2.0, "x")
    with tape.scope("activation"):
        y = functions.tanh(x)
    small, ids = folded(tape, [y.id], 1)
    assert [node.op for node in small.nodes] == ["leaf", "tanh"]
    assert small.nodes[ids[y.id]].vjp is y.node.vjp


def test_a_cut_inside_a_part_is_the_part_s():
    """Nothing comes out of it, and it says why."""
    tape = Tape()
    x = tape.leaf(2.0, "x")
    with tape.scope("frozen"), no_grad():
        y = functions.tanh(x) * 2.0
    small, ids = folded(tape, [y.id], 1)
    part = small.nodes[ids[y.id]]
    assert (part.op, part.cut, part.requires_grad, part.vjp) == ("frozen()", "no_grad", False, None)
