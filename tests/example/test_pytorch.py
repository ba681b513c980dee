"""What the chapter on PyTorch says, against PyTorch."""

import numpy as np
import pytest

from sphinx_tape import backward
from sphinx_tape.adapters.read import to_tape
from tests.support import require_module


@pytest.fixture(scope="module")
def chapter():
    """The builders of the chapter."""
    require_module("torch")
    from course_tapes import pytorch

    return pytorch


def leaves(reading):
    """Gradients of the leaves by name."""
    found = backward(reading.tape, reading.output).cotangents
    return {node.name: found[node.id] for node in reading.tape.nodes if node.op == "leaf"}


def test_the_neuron_by_hand(chapter):
    """(2 * 3 + 1 - 10)^2 = 9; d/dw = 2 * -3 * 3 = -18, d/db = -6; watched, all values are known."""
    bare, watched = to_tape(chapter.neuron()), chapter.watched_neuron()
    assert sorted(map(float, (node.value for node in bare.tape.nodes if node.known))) == [-3, 1, 2, 3, 9]
    assert [node.op for node in bare.tape.nodes if not node.known] == ["mul", "add"]
    assert leaves(watched) == {"weight": -18.0, "bias": -6.0}
    assert all(node.known for node in watched.tape.nodes)


def test_the_cubic_against_its_normal_equations(chapter):
    """The gradient of a sum of squares is 2 A^T (A p - sin x); NumPy's own polynomials say the same."""
    x = np.linspace(-np.pi, np.pi, 200)
    for steps, bounds in ((0, (11_484, 11_486)), (1000, (0, 3))):
        reading = chapter.polynomial(steps)
        values = {node.name: node.value for node in reading.tape.nodes if node.op == "leaf"}
        powers = np.stack([x**0, x, x**2, x**3], axis=1)
        error = powers @ [float(values[name]) for name in "abcd"] - np.sin(x)
        assert bounds[0] < error @ error < bounds[1]
        found = leaves(reading)
        np.testing.assert_allclose(
            [found[name] for name in "abcd"], 2 * powers.T @ error, rtol=1e-2, atol=0.05
        )


def test_the_layer_is_as_large_as_the_page_says(chapter):
    """61 nodes opened; closed, the same gradients with fewer."""
    opened, closed = chapter.transformer_layer(), chapter.transformer_layer(depth=1)
    assert (len(opened.tape), len(closed.tape) < 30) == (61, True)
    whole, part = leaves(opened), leaves(closed)
    assert whole.keys() == part.keys()
    for name, gradient in whole.items():
        np.testing.assert_allclose(part[name], gradient, rtol=1e-5, atol=1e-7)


def test_the_shortcut_adds_a_second_contribution(chapter):
    """The first block's result is used by the second block and by its shortcut."""
    reading = chapter.residual_network()
    relu = [node.id for node in reading.tape.nodes if node.op == "relu" and node.scope == ("block1",)][-1]
    steps = backward(reading.tape, reading.output).steps
    assert sum(item.parent == relu for step in steps for item in step.contributions) == 2


def test_gradients_that_are_lost_and_the_one_that_is_not(chapter):
    """Only `kept` has a gradient; three nodes say why they have none."""
    reading = chapter.lost_gradients()
    cuts = {node.cut for node in reading.tape.nodes}
    assert cuts == {"", "detach", "no_grad", "not_differentiable"}
    np.testing.assert_allclose(leaves(reading)["w"], [3.5, 0.0, 10.5])


def test_the_rule_of_ones_own_is_not_the_derivative(chapter):
    """At -1 the forward function is flat, and the gradient passes: 3 for both elements."""
    np.testing.assert_array_equal(leaves(chapter.straight_through())["x"], [3.0, 3.0])
