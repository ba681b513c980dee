"""Gradients of other frameworks, checked: what can be run again, what is to blame, what is not known."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from sphinx_tape.adapters.read import to_tape
from sphinx_tape.tape import backward
from sphinx_tape.tape.gradient_check import check_pass
from tests.support import require_module


def checked(result):
    """Check what a builder returned; return the check and the tape's nodes."""
    reading = to_tape(result)
    done = backward(reading.tape, reading.output)
    return check_pass(reading.tape, done, own=False), reading.tape.nodes


class Value:
    """A scalar engine after Karpathy's micrograd, with a place for a mistake."""

    def __init__(self, data, parents=(), op="", label="") -> None:
        self.data, self.grad, self._prev, self._op, self.label = data, 0.0, set(parents), op, label
        self._backward = lambda: None

    def plus(self, other):
        out = Value(self.data + other.data, (self, other), "+")

        def backward():
            self.grad += out.grad
            other.grad += out.grad

        out._backward = backward
        return out

    def times(self, other, sign):
        out = Value(self.data * other.data, (self, other), "*")

        def backward():
            self.grad += sign * other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = backward
        return out

    def power(self, other):
        out = Value(self.data**other, (self,), f"**{other}")

        def backward():
            self.grad += other * self.data ** (other - 1) * out.grad

        out._backward = backward
        return out

    def cube(self):
        out = Value(self.data**3, (self,), "cube")

        def backward():
            self.grad += 3 * self.data**2 * out.grad

        out._backward = backward
        return out


def engine(sign=1.0):
    """Compute w x + w at 2 and 3."""
    w, x = Value(2.0, label="w"), Value(3.0, label="x")
    return w, w.times(x, sign).plus(w)


def test_a_small_engine_is_run_again():
    """All of it is known, and right."""
    found, _ = checked(engine()[1].power(2).plus(engine()[1].power(-1)))
    assert (found.verdict, found.unreplayed) == ("right", ())


def test_a_wrong_sign_is_found_at_its_operation():
    """Where students look for it for hours."""
    found, nodes = checked(engine(sign=-1.0)[1])
    (blame,) = found.blamed
    assert (nodes[blame.node].op, blame.kind) == ("*", "rule")
    assert (blame.found, blame.expected) == (-3.0, pytest.approx(3.0))


def test_a_parameter_changed_after_the_forward_is_found():
    """An update before the reverse pass: the product is not what its operands give."""
    w, output = engine()
    w.data = 5.0
    found, nodes = checked(output)
    assert ("*", "value") in {(nodes[blame.node].op, blame.kind) for blame in found.blamed}
    assert found.verdict == "wrong"


def test_an_operation_of_its_own_is_named():
    """Nothing is known of it; what lies beside it is checked."""
    w, output = engine()
    found, nodes = checked(output.cube().plus(w.times(Value(4.0), 1.0)))
    assert [nodes[id_].op for id_ in found.unreplayed] == ["cube"]
    assert found.verdict == "unchecked"
    assert found.blamed == ()


@pytest.fixture
def torch():
    """PyTorch, with a seed."""
    module = require_module("torch")
    module.manual_seed(0)
    return module


def test_a_model_of_pytorch_is_run_again_from_end_to_end(torch):
    """Linear layers, a rectifier and a loss, with inner values that the graph did not keep."""
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2))
    loss = torch.nn.functional.cross_entropy(model(torch.randn(5, 3)), torch.tensor([0, 1, 1, 0, 1]))
    found, nodes = checked(loss)
    assert (found.verdict, found.unreplayed) == ("right", ())
    assert Counter(node.op for node in nodes)["addmm"] == 2
    assert len(found.leaves) == 4
    assert found.worst.finding.tolerance == pytest.approx(2e-4), "in the accuracy of float32"


def test_a_tensor_of_pytorch_changed_behind_its_back_is_found(torch):
    """`data` escapes PyTorch's own check of versions."""
    w = torch.tensor(2.0, requires_grad=True)
    y = w * 3.0
    loss = y * y
    w.data.fill_(5.0)
    found, nodes = checked(loss)
    assert [(nodes[blame.node].op, blame.kind) for blame in found.blamed] == [("mul", "value")]
    assert (found.blamed[0].found, found.blamed[0].expected) == (6.0, 15.0)


def test_what_pytorch_fuses_is_named(torch):
    """A convolution is none that we can run again; the layer behind it is checked."""
    model = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.Flatten(), torch.nn.Linear(32, 2))
    found, nodes = checked(model(torch.randn(1, 1, 6, 6)).sum())
    assert "volution" in nodes[min(found.unreplayed)].op
    verdicts = Counter(leaf.verdict for leaf in found.leaves)
    assert verdicts == {"right": 2, "unchecked": 2}


def test_a_function_of_jax_is_run_again():
    """Through its jaxpr."""
    require_module("jax")
    jnp = require_module("jax.numpy")
    from sphinx_tape import from_jax

    found, _ = checked(
        from_jax(lambda w, b: jnp.sum(jnp.tanh(w @ b) ** 2), jnp.ones((2, 2)), jnp.array([1.0, 2.0]))
    )
    assert (found.verdict, found.unreplayed) == ("right", ())


def test_a_function_of_autograd_is_run_again():
    """Through its tracer."""
    anp = require_module("autograd.numpy")
    from sphinx_tape import from_autograd

    found, _ = checked(
        from_autograd(lambda w, b: anp.sum(anp.tanh(anp.dot(w, b)) ** 2), np.ones((2, 2)), np.ones(2))
    )
    assert (found.verdict, found.unreplayed) == ("right", ())
