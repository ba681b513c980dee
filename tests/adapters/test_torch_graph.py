"""PyTorch from a loss alone: what is known, what is not, and what is said of it."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from sphinx_tape.adapters.read import to_tape
from sphinx_tape.adapters.torch_graph import CUSTOM, HOOKED, UNSEEN
from sphinx_tape.adapters.torch_rules import CHANGED
from sphinx_tape.errors import AdapterError
from sphinx_tape.report.build import build_report
from sphinx_tape.tape import backward
from tests.support import require_module


@pytest.fixture(scope="module")
def torch():
    """PyTorch, seeded."""
    module = require_module("torch")
    module.manual_seed(0)
    return module


def nodes(reading):
    return list(reading.tape.nodes)


def test_leaves_outputs_and_saved_values_are_known(torch):
    """(w x + 1)^2: the product is kept by nobody, the sum by the square."""
    w = torch.tensor(2.0, requires_grad=True)
    reading = to_tape((w * 3.0 + torch.tensor(1.0, requires_grad=True)) ** 2)
    found = [(node.op, node.parents, node.known, node.value) for node in nodes(reading)]
    assert found == [
        ("leaf", (), True, 2.0),
        ("constant", (), True, 3.0),
        ("mul", (0, 1), False, 0.0),
        ("leaf", (), True, 1.0),
        ("add", (2, 3), True, 7.0),
        ("square", (4,), True, 49.0),
    ]
    assert (reading.output, reading.framework) == (5, "torch")
    assert nodes(reading)[5].note.startswith(UNSEEN)


def test_saved_tensors_are_told_with_their_bytes(torch):
    """Exp keeps its result: 3 times 4 bytes; a sum keeps nothing."""
    reading = to_tape(torch.ones(3, requires_grad=True).exp().sum())
    assert nodes(reading)[1].note == "Kept for the reverse pass: result (3,) 12 bytes."
    assert "Kept" not in nodes(reading)[2].note


def test_an_operand_that_nobody_kept_is_said_and_no_formula_is_shown(torch):
    """Of w - 1 PyTorch keeps neither operand: with ours of `sub` the number would be taken for w's."""
    reading = to_tape(1.0 * (torch.tensor(3.0, requires_grad=True) - 1.0))
    sub = next(node for node in nodes(reading) if "Sub" in node.op)
    assert (sub.op, sub.parents, sub.formulas) == ("SubBackward0", (0,), ())
    assert "Not shown: operand 1" in sub.note


def test_operands_come_in_the_order_of_the_operation(torch):
    """Division and addmm: left before right, bias before product."""
    w, b = torch.rand(2, 2, requires_grad=True), torch.rand(2, requires_grad=True)
    reading = to_tape(torch.addmm(b, torch.ones(3, 2), w).sum() / w[0, 0])
    ops = {node.op: node for node in nodes(reading)}
    assert [nodes(reading)[each].shape for each in ops["addmm"].parents] == [(2,), (3, 2), (2, 2)]
    assert [nodes(reading)[each].op for each in ops["div"].parents] == ["sum", "select"]


def test_one_value_used_twice_has_two_edges(torch):
    """The product x x, as for our own tape."""
    x = torch.tensor(3.0, requires_grad=True)
    reading = to_tape(x * x)
    assert nodes(reading)[1].parents == (0, 0)
    steps = backward(reading.tape, reading.output).steps
    assert [item.value for item in steps[0].contributions] == [3.0, 3.0]


def test_a_leaf_alone_is_a_tape(torch):
    """A parameter that nothing was done with."""
    reading = to_tape(torch.nn.Parameter(torch.tensor(2.0)))
    assert [(node.op, node.value, node.note) for node in nodes(reading)] == [("leaf", 2.0, "")]


def test_a_chain_of_many_nodes_needs_no_recursion(torch):
    """5,000 additions, five times the depth that Python recurses to."""
    x = total = torch.tensor(1.0, requires_grad=True)
    for _ in range(5000):
        total = total + x
    reading = to_tape(total)
    assert len(reading.tape) == 5001
    assert backward(reading.tape, reading.output).cotangents[0] == 5001.0


def test_a_function_of_the_authors_is_said_to_be_one(torch):
    """It bears its own name, also where that is the name of one of our operations."""

    class Mul(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, y) -> object:
            ctx.save_for_backward(x, y)
            return x * y

        @staticmethod
        def backward(ctx, g) -> object:
            x, _y = ctx.saved_tensors
            return None, g * x

    x, y = torch.tensor(2.0, requires_grad=True), torch.tensor(5.0, requires_grad=True)
    reading = to_tape(Mul.apply(x, y))
    made = nodes(reading)[-1]
    assert (made.op, made.formulas, made.parents) == ("Mul", (), (0, 1))
    assert CUSTOM in made.note
    taken = backward(reading.tape, reading.output)
    assert (taken.cotangents[0], taken.cotangents[1]) == (None, 2.0)
    report = build_report(reading.tape, reading.output)
    assert report.reverse.steps[0].contributions[0].formula == ""


def test_a_name_of_ours_that_does_not_fit_is_not_used(torch):
    """A weighted sum is no `add`; a padded maximum is none of ours either."""
    w = torch.rand(2, requires_grad=True)
    reading = to_tape(torch.add(w, w.exp(), alpha=2).sum())
    added = nodes(reading)[2]
    assert (added.op, added.keywords) == ("AddBackward0", {"alpha": 2})


def test_types_that_numpy_lacks_are_shown_as_float32(torch):
    """And the node says so."""
    reading = to_tape(torch.ones(2, dtype=torch.bfloat16, requires_grad=True).sum())
    leaf = nodes(reading)[0]
    assert (leaf.value.dtype, leaf.note) == ("float32", "NumPy has no bfloat16: shown as float32.")


def test_a_hook_is_said_and_not_run(torch):
    """PyTorch would double the gradient; the figure shows the one before, and says so."""
    calls = []
    w = torch.tensor(2.0, requires_grad=True)
    w.register_hook(lambda g: calls.append(g) or 2 * g)
    reading = to_tape(w * w)
    assert nodes(reading)[0].note == HOOKED
    assert backward(reading.tape, reading.output).cotangents[0] == 4.0
    assert not calls


def test_a_graph_that_backward_has_used_up_is_an_error(torch):
    """With what to do about it."""
    loss = torch.tensor(2.0, requires_grad=True).exp()
    loss.backward()
    with pytest.raises(AdapterError, match="retain_graph=True"):
        to_tape(loss)


def test_a_saved_tensor_that_was_changed_cuts_the_gradient_and_says_so(torch):
    """PyTorch's own backward refuses this graph; the figure shows where, and why."""
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    squares = w.clone()
    total = (squares * squares).sum()
    squares.add_(1.0)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        total.backward(retain_graph=True)
    reading = to_tape(total)
    broken = next(node for node in nodes(reading) if node.op == "mul")
    assert (broken.cut, broken.note) == ("unreadable", CHANGED)
    report = build_report(reading.tape, reading.output)
    assert report.reverse.gradients[0].reason.blocker == broken.id


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda torch: torch.ones(2).sum(), "must require a gradient"),
        (lambda torch: torch.ones(2, requires_grad=True).sum().detach(), "must require a gradient"),
        (lambda torch: torch.nn.Linear(1, 1), "from_torch"),
        (lambda torch: torch.Size([1]), "must return a Tape"),
    ],
)
def test_what_cannot_be_read_is_explained(torch, make, words):
    """A tensor without a graph, a module, and something else of PyTorch's."""
    with pytest.raises(AdapterError, match=words):
        to_tape(make(torch))


def test_reading_changes_nothing(torch):
    """Gradients, hooks, versions, flags and the random state are what they were, bit for bit."""
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Dropout(0.5), torch.nn.Linear(3, 1))
    model[0].weight.grad = torch.full((3, 2), 7.0)
    model[2].bias.requires_grad_(requires_grad=False)
    loss = model(torch.rand(4, 2)).square().mean()
    before = state(torch, model, loss)
    reading = to_tape(loss)
    report = build_report(reading.tape, reading.output)
    assert report.failure is None
    assert state(torch, model, loss) == before
    model[0].bias.grad = torch.zeros(3)
    assert state(torch, model, loss) != before, "the comparison can fail"


def state(torch, model, loss):
    """All that reading could disturb, in a form that compares."""
    tensors = [*model.named_parameters(), *model.named_buffers(), ("loss", loss)]
    facts = [
        (
            name,
            tensor.detach().numpy().tobytes(),
            tensor._version,
            tensor.requires_grad,
            None if not tensor.is_leaf or tensor.grad is None else tensor.grad.numpy().tobytes(),
            None if not tensor.is_leaf or tensor.grad is None else tensor.grad._version,
            dict(tensor._backward_hooks or {}),
        )
        for name, tensor in tensors
    ]
    hooks = torch.nn.modules.module
    modules = [
        (name, module.training, dict(module._forward_hooks), dict(module._forward_pre_hooks))
        for name, module in model.named_modules()
    ]
    everywhere = (dict(hooks._global_forward_hooks), dict(hooks._global_forward_pre_hooks), sys.getprofile())
    return facts, modules, everywhere, torch.get_rng_state().numpy().tobytes(), torch.is_grad_enabled()


READS = """
import sys
from dataclasses import dataclass, field
from sphinx_tape import Tape
from sphinx_tape.adapters.read import to_tape
from sphinx_tape.report.build import build_report
{more}
x = Tape().leaf(3.0)
reading = to_tape(x * x)
build_report(reading.tape, reading.output)
try:
    to_tape(object())
except TypeError:
    pass
print("torch" in sys.modules)
"""


@pytest.mark.parametrize(("more", "loaded"), [("", "False"), ("import torch", "True")])
def test_torch_is_not_imported_unless_the_builder_did(torch, more, loaded):
    """Reading something else leaves PyTorch out; where the author imports it, the test sees it."""
    command = [sys.executable, "-c", READS.format(more=more)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == loaded


def test_gradients_do_not_depend_on_the_reading_of_others(torch):
    """Two losses that share a part are read one after the other."""
    w = torch.tensor(2.0, requires_grad=True)
    shared = w.exp()
    first, second = to_tape(shared * 2.0), to_tape(shared * 3.0)
    got = [float(backward(each.tape, each.output).cotangents[0]) for each in (first, second)]
    np.testing.assert_allclose(got, [2 * np.exp(2), 3 * np.exp(2)], rtol=1e-6)
