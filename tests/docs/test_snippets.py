"""The other snippets of the documentation, run as they are shown."""

import sys
from pathlib import Path

import numpy as np
import pytest

DOCS = Path(__file__).parent.parent.parent / "docs"
sys.path.insert(0, str(DOCS / "snippets"))

import complex_steps  # noqa: E402 -- its folder is known only now
import numpy_code  # noqa: E402 -- as above
import own_engine  # noqa: E402 -- as above

from sphinx_tape import backward  # noqa: E402 -- as above
from sphinx_tape.adapters.read import to_tape  # noqa: E402 -- as above
from tests.support import require_module  # noqa: E402 -- as above


def test_own_engine_is_read():
    """By hand: a a + b has the slopes 2 a = 6, in two contributions of 3, and 1."""
    output = own_engine.square_plus()
    reading = to_tape(output)
    passed = backward(reading.tape, output=reading.output)
    named = {node.name: node.id for node in reading.tape.nodes if node.name}
    assert passed.cotangents[named["a"]] == 6.0
    assert passed.cotangents[named["b"]] == 1.0
    sent = [part.value for step in passed.steps for part in step.contributions if part.parent == named["a"]]
    assert sent == [3.0, 3.0]


def test_own_engine_is_left_alone():
    """The `grad` fields of the author's objects stay as they were."""
    output = own_engine.square_plus()
    reading = to_tape(output)
    backward(reading.tape, output=reading.output)
    assert [output.grad, *(parent.grad for parent in output._prev)] == [0.0, 0.0, 0.0]


def test_numpy_code_records_itself():
    """By hand: the root mean square of 3 and 4 is sqrt(12.5), its gradient x / (2 rms)."""
    output = numpy_code.root_mean_square()
    assert float(output.value) == pytest.approx(12.5**0.5)
    assert backward(output).cotangents[0] == pytest.approx(np.array([3.0, 4.0]) / (2 * 12.5**0.5))


def test_numpy_code_still_takes_arrays():
    """The function is NumPy code: on an array it is plain NumPy."""
    assert numpy_code.rms(np.array([3.0, 4.0])) == pytest.approx(12.5**0.5)


def test_complex_convention():
    """By hand: the gradient of |z|**2 is 2 z = 6 + 8j in the convention of the page."""
    assert complex(backward(complex_steps.power_of_current()).cotangents[0]) == pytest.approx(6 + 8j)


def test_with_autograd():
    """By hand: with p = tanh(w x + b), the slope of (p - t)**2 by b is 2 (p - t) (1 - p**2)."""
    require_module("autograd")
    import with_autograd

    reading = to_tape(with_autograd.prediction_error())
    found = backward(reading.tape, output=reading.output)
    named = {node.name: found.cotangents[node.id] for node in reading.tape.nodes if node.name}
    p = np.tanh(0.1)
    slope = 2 * (p - 0.8) * (1 - p * p)
    assert named["params.b"] == pytest.approx(slope)
    assert named["params.w"] == pytest.approx(np.array([1.0, 2.0]) * slope)
    assert named["target"] == pytest.approx(-2 * (p - 0.8))


def test_with_jax():
    """By hand: the scores receive (softmax - one) / 2 in each row, and the bias the sum of the rows."""
    require_module("jax")
    import with_jax

    for builder, ops in (
        (with_jax.classifier, {"exp", "max"}),
        (with_jax.classifier_in_short, {"log_softmax"}),
    ):
        reading = to_tape(builder())
        found = backward(reading.tape, output=reading.output)
        named = {node.name: found.cotangents[node.id] for node in reading.tape.nodes if node.name}
        w = np.array([[0.5, -0.5], [0.25, 1.0]])
        powers = np.exp(np.tanh(with_jax.POINTS @ w))
        rows = (powers / powers.sum(axis=1, keepdims=True) - np.eye(2)) / 2
        assert named["b"] == pytest.approx(rows.sum(axis=0), abs=1e-6)
        assert ops <= {node.op for node in reading.tape.nodes}


def test_with_torch():
    """The loss by NumPy: mean((W2 tanh(W1 x + b1) + b2 - target)^2); its slope by b2 is 2 mean(error)."""
    require_module("torch")
    import with_torch

    reading = with_torch.squared_error()
    nodes = {node.name: node for node in reading.tape.nodes if node.name}
    hidden = np.tanh(nodes["x"].value @ nodes["hidden.weight"].value.T + nodes["hidden.bias"].value)
    error = hidden @ nodes["head.weight"].value.T + nodes["head.bias"].value - nodes["target"].value
    assert float(nodes["loss"].value) == pytest.approx(np.mean(error**2), rel=1e-5)
    found = backward(reading.tape, reading.output).cotangents[nodes["head.bias"].id]
    assert found == pytest.approx(np.array([2 * error.mean()]), rel=1e-4)
