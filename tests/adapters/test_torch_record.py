"""PyTorch, watched: every value, where it was made, and why gradients end."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from sphinx_tape import from_torch
from sphinx_tape.adapters.read import to_tape
from sphinx_tape.adapters.torch_graph import HOOKED
from sphinx_tape.adapters.torch_record import IN_PLACE, REPLACED
from sphinx_tape.adapters.torch_rules import CHANGED
from sphinx_tape.errors import AdapterError
from sphinx_tape.report.build import build_report
from sphinx_tape.tape import backward
from tests.adapters.test_torch_graph import state
from tests.adapters.torch_models import residual_network, transformer_layer
from tests.support import require_module


@pytest.fixture(scope="module")
def torch():
    """PyTorch, seeded."""
    module = require_module("torch")
    module.set_num_threads(1)
    module.manual_seed(0)
    return module


def named(reading):
    """Nodes by name, or by op where they have none."""
    return {node.name or node.op: node for node in reading.tape.nodes}


def test_every_value_is_known_and_bears_its_name(torch):
    """Leaves, bare numbers and results; names are the author's own variables."""
    w = torch.tensor(2.0, requires_grad=True)

    def loss():
        product = 3.0 * w
        total = product + 1.0
        return {"loss": total**2, "total": total}

    reading = from_torch(loss)
    found = [(node.op, node.name, node.parents, float(node.value)) for node in reading.tape.nodes]
    assert found == [
        ("leaf", "w", (), 2.0),
        ("constant", "", (), 3.0),
        ("mul", "product", (0, 1), 6.0),
        ("constant", "", (), 1.0),
        ("add", "total", (2, 3), 7.0),
        ("square", "loss", (4,), 49.0),
    ]
    assert all(node.known for node in reading.tape.nodes)
    assert reading.tape.nodes[2].source.file == __file__
    assert to_tape(reading) is reading


def test_a_model_gives_scopes_and_parameter_names(torch):
    """Scopes are the modules' own names; parameters are called as in `state_dict`."""

    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU())
            self.head = torch.nn.Linear(3, 1)

        def forward(self, x):
            return self.head(self.body(x))

    reading = from_torch(Net(), torch.ones(1, 2), loss=lambda output: output.sum())
    nodes = named(reading)
    assert {"body.0.weight", "body.0.bias", "head.weight", "head.bias", "x", "loss"} <= set(nodes)
    assert nodes["body.0.weight"].scope == ("body", "0 Linear")
    assert nodes["relu"].scope == ("body", "1 ReLU")
    assert nodes["head.weight"].scope == nodes["output"].scope == ("head",)
    assert nodes["x"].scope == nodes["loss"].scope == ()
    assert nodes["x"].op == "constant"


def test_names_inside_modules_are_those_of_their_variables(torch):
    """The outer name of a value wins, and what a module is called with is not renamed by it."""

    class Block(torch.nn.Module):
        def forward(self, given):
            hidden = given * 2.0
            result = hidden + 1.0
            return result  # noqa: RET504 -- the name is under test

    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.block = Block()

        def forward(self, x):
            features = self.block(x.sin())
            return self.block(features).sum()

    reading = from_torch(Net(), torch.ones(2, requires_grad=True))
    named = [(node.op, node.name) for node in reading.tape.nodes if node.parents]
    assert named == [
        ("sin", ""),
        ("mul", "hidden"),
        ("add", "features"),
        ("mul", "hidden"),
        ("add", "result"),
        ("sum", ""),
    ]


def test_lines_of_libraries_count_only_where_there_are_none_of_the_author(torch):
    """A function of the standard library that calls back is not where the author wrote."""
    import functools

    w = torch.ones(2, requires_grad=True)
    wrapped = functools.partial(torch.nn.functional.softplus)
    reading = from_torch(lambda: functools.reduce(lambda total, each: total + each, map(wrapped, w)))
    assert {node.source.file for node in reading.tape.nodes if node.parents} == {__file__}


def test_a_module_that_runs_twice_has_a_scope_for_each_call(torch):
    """Its weight is one leaf, used in both."""
    layer = torch.nn.Linear(2, 2, bias=False)
    model = torch.nn.Sequential(layer, torch.nn.Tanh(), layer)
    reading = from_torch(model, torch.ones(1, 2), loss=lambda output: output.sum())
    scopes = dict.fromkeys(node.scope for node in reading.tape.nodes)
    assert list(scopes) == [("0 Linear",), (), ("1 Tanh",), ("0 Linear (call 2)",)]
    assert sum(node.op == "leaf" for node in reading.tape.nodes) == 1


def test_functions_find_the_modules_that_they_use(torch):
    """Of two modules the names of their variables come first, so that nothing is called the same."""
    encoder, decoder = torch.nn.Linear(2, 1, bias=False), torch.nn.Linear(1, 2, bias=False)
    reading = from_torch(lambda x: decoder(encoder(x)).sum(), torch.ones(1, 2))
    assert {"encoder.weight", "decoder.weight"} <= set(named(reading))


def test_cuts_bear_their_reasons(torch):
    """Detach, no_grad, comparison, index, frozen parameter: each for what it is."""
    w, frozen = torch.tensor([1.0, -2.0], requires_grad=True), torch.nn.Parameter(torch.ones(2))
    frozen.requires_grad_(requires_grad=False)

    def loss():
        detached = w.detach()
        with torch.no_grad():
            silent = w * 2.0
        compared, position = w > 0, w.argmax()
        return ((w * frozen + detached + silent) * compared).sum() + position

    reading = from_torch(loss)
    nodes = named(reading)
    assert [nodes[name].cut for name in ("detached", "silent", "compared", "position")] == [
        "detach",
        "no_grad",
        "not_differentiable",
        "integer",
    ]
    assert (nodes["frozen"].op, nodes["frozen"].requires_grad, nodes["frozen"].cut) == ("leaf", False, "")
    report = build_report(reading.tape, reading.output)
    kinds = {row.node: row.reason.kind for row in report.reverse.gradients if row.reason}
    assert kinds[nodes["silent"].id] == "no_grad"
    assert kinds[nodes["frozen"].id] == "not_asked"


def test_changes_in_place_are_new_nodes(torch):
    """The value before stays what it was; the one after says what happened."""
    w = torch.tensor([1.0, 2.0], requires_grad=True)

    def loss():
        a = w * 2.0
        a.add_(1.0)
        a[0].mul_(10.0)
        return a.sum()

    reading = from_torch(loss)
    found = [(node.op, node.value.tolist(), node.note) for node in reading.tape.nodes if node.parents]
    assert found[0][:2] == ("mul", [2.0, 4.0])
    assert found[1][:2] == ("add_", [3.0, 5.0])
    assert found[1][2].startswith(IN_PLACE)
    assert found[2][:2] == ("copy_slices", [30.0, 5.0])
    assert found[2][2] == "A view of this tensor was changed in place by mul_."
    assert backward(reading.tape, reading.output).cotangents[0].tolist() == [20.0, 2.0]


def test_an_operation_in_place_keeps_its_formula(torch):
    """relu_ is explained as relu is, under its own name."""
    w = torch.tensor(2.0, requires_grad=True)

    def loss():
        return (w * 1.0).relu_()

    reading = from_torch(loss)
    node = reading.tape.nodes[reading.output]
    assert (node.op, node.formulas) == ("relu_", (r"@g \cdot [@0 > 0]",))


def test_a_value_that_was_saved_and_then_changed_is_where_gradients_end(torch):
    """PyTorch refuses to go back there; the rest of the figure stands."""
    w = torch.tensor([1.0, 2.0], requires_grad=True)

    def loss():
        a = w * 2.0
        squares = a * a
        a.add_(1.0)
        return squares.sum() + w.sum()

    reading = from_torch(loss)
    squares = named(reading)["squares"]
    assert (squares.cut, squares.note, squares.requires_grad) == ("unreadable", CHANGED, False)
    assert backward(reading.tape, reading.output).cotangents[0].tolist() == [1.0, 1.0]


def test_a_parameter_that_was_updated_has_its_new_value_from_then_on(torch):
    """As an optimizer does it, between two uses."""
    w = torch.tensor(2.0, requires_grad=True)

    def loss():
        before = w.exp().detach()
        with torch.no_grad():
            w.sub_(1.0)
        return w * before

    leaves = [node for node in from_torch(loss).tape.nodes if node.op == "leaf"]
    assert [(float(node.value), node.note) for node in leaves] == [(2.0, ""), (1.0, REPLACED)]


def test_random_masks_are_constants(torch):
    """Dropout: the mask depends on the shape of its operand, not on its value."""
    w = torch.ones(4, requires_grad=True)
    torch.manual_seed(1)
    reading = from_torch(lambda: torch.nn.functional.dropout(w, 0.5).sum())
    assert not [node for node in reading.tape.nodes if node.cut]
    masks = [node for node in reading.tape.nodes if node.shape == (4,) and not node.requires_grad]
    assert all(set(mask.value.tolist()) <= {0.0, 1.0, 2.0} for mask in masks)
    assert masks


def test_unused_parameters_are_there_and_get_no_gradient(torch):
    """That nothing reaches them is what a reader has to see."""

    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.used, self.unused = torch.nn.Linear(1, 1), torch.nn.Linear(1, 1)

        def forward(self, x):
            return self.used(x)

    reading = from_torch(Net(), torch.ones(1, 1))
    report = build_report(reading.tape, reading.output)
    missing = [report.nodes[node].name for node in report.reverse.coverage.missing_leaves]
    assert missing == ["unused.weight", "unused.bias"]
    assert {report.reverse.gradients[node].reason.kind for node in report.reverse.coverage.missing} == {
        "not_reached"
    }


def test_what_no_output_depends_on_is_left_out(torch):
    """Accuracy and logging."""
    logged = []
    w = torch.tensor([1.0, 2.0], requires_grad=True)

    def loss():
        total = w.sum()
        logged.append((total.item(), (w > 1).float().mean().item()))
        return total

    assert [node.op for node in from_torch(loss).tape.nodes] == ["leaf", "sum"]
    assert logged == [(3.0, 0.5)]


def test_a_graph_from_before_is_read_as_far_as_pytorch_kept_it(torch):
    """What was computed before the watch began is there, with values where they were saved."""
    w = torch.tensor(2.0, requires_grad=True)
    before = (w * 3.0).exp()
    reading = from_torch(lambda: before * 2.0)
    assert [(node.op, node.known) for node in reading.tape.nodes] == [
        ("leaf", True),
        ("constant", True),
        ("mul", False),
        ("exp", True),
        ("constant", True),
        ("mul", True),
    ]


def test_a_hook_is_said_and_not_run(torch):
    """Also on values in between."""
    calls = []
    w = torch.tensor(2.0, requires_grad=True)

    def loss():
        a = w * 3.0
        a.register_hook(lambda g: calls.append(g) or 2 * g)
        return a * a

    reading = from_torch(loss)
    assert HOOKED in named(reading)["a"].note
    assert backward(reading.tape, reading.output).cotangents[0] == 36.0
    assert not calls


def test_backward_inside_is_an_error_that_says_what_to_return(torch):
    """The figure runs the reverse pass itself."""
    w = torch.tensor(2.0, requires_grad=True)

    def step():
        loss = w.exp()
        loss.backward()
        return loss

    with pytest.raises(AdapterError, match=r"before backward\(\) is called"):
        from_torch(step)


@pytest.mark.parametrize("result", [None, (1, 2), {}, {"a": 1.0}])
def test_what_is_no_tensor_is_refused(torch, result):
    """With what may be returned."""
    with pytest.raises(AdapterError, match="must return a tensor or a dictionary of tensors"):
        from_torch(lambda: result)


def test_an_output_without_gradient_is_shown_with_its_cut(torch):
    """A loss computed under no_grad is a lesson, not an error."""
    w = torch.tensor(2.0, requires_grad=True)
    reading = from_torch(torch.no_grad()(lambda: w * w))
    assert reading.tape.nodes[reading.output].cut == "no_grad"
    report = build_report(reading.tape, reading.output)
    assert report.reverse.coverage.reached == 0


@pytest.mark.parametrize("model", [transformer_layer, residual_network])
def test_watching_changes_no_more_than_the_forward_pass_itself(torch, model):
    """Two equal models, one run plainly and one watched, are the same afterwards, bit for bit."""

    def run(watched):
        torch.manual_seed(3)
        function, inputs, loss = model(torch)
        if watched:
            reading = from_torch(function, *inputs, loss=loss)
            build_report(reading.tape, reading.output)
            value = float(reading.tape.nodes[reading.output].value)
        else:
            value = loss(function(*inputs)).item()
        return value, state(torch, function, torch.zeros(1))

    plain, watched = run(watched=False), run(watched=True)
    assert np.isclose(plain[0], watched[0], rtol=0, atol=0)
    assert plain[1] == watched[1]


def test_hooks_and_modes_are_gone_after_a_failure(torch):
    """A model that raises leaves nothing behind, and its own exception comes through."""
    w = torch.ones(1, requires_grad=True)
    model = torch.nn.Linear(1, 1)
    before = state(torch, model, w)

    def broken():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        from_torch(lambda: (model(w), broken()))
    assert state(torch, model, w) == before
    assert torch._C._len_torch_dispatch_stack() == 0


def test_the_compiler_of_torch_is_not_loaded(torch):
    """Importing it takes seconds, which every module with figures would pay."""
    code = (
        "import sys, torch, sphinx_tape\n"
        "w = torch.ones(2, requires_grad=True)\n"
        "sphinx_tape.from_torch(lambda: (w * w).sum())\n"
        "print('torch._dynamo' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_without_torch_the_wrapper_says_what_is_missing():
    """The name can be had, and is of no use, where PyTorch is not imported."""
    code = (
        "import sys, sphinx_tape\n"
        "try:\n    sphinx_tape.from_torch(lambda: None)\n"
        "except TypeError as error:\n    print(error)\n"
        "print('torch' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "import torch" in done.stdout
    assert done.stdout.strip().endswith("False")


def test_two_runs_give_the_same_report(torch):
    """No address, no order of a set: the same text twice."""

    def text():
        torch.manual_seed(0)
        function, inputs, loss = transformer_layer(torch)
        reading = from_torch(function, *inputs, loss=loss)
        return repr(build_report(reading.tape, reading.output))

    first = text()
    assert first == text()
    assert "0x" not in first


def test_second_derivatives_are_part_of_the_computation(torch):
    """The square of the derivative of w^3 is 9 w^4, its derivative 36 w^3."""
    w = torch.tensor([1.0, 2.0], requires_grad=True)

    def loss():
        (slope,) = torch.autograd.grad((w**3).sum(), w, create_graph=True)
        return (slope * slope).sum()

    reading = from_torch(loss)
    assert backward(reading.tape, reading.output).cotangents[0].tolist() == [36.0, 288.0]


def test_what_checkpoints_compute_again_is_cut_and_says_why(torch):
    """PyTorch hands it out once, to its own backward."""
    from torch.utils.checkpoint import checkpoint

    w = torch.tensor([1.0, 2.0], requires_grad=True)
    reading = from_torch(lambda: checkpoint(lambda x: x.sin() * x, w, use_reentrant=False).sum())
    cuts = [node for node in reading.tape.nodes if node.cut]
    assert cuts
    assert all(node.note.startswith("PyTorch does not hand out") for node in cuts)
    report = build_report(reading.tape, reading.output)
    assert (report.failure, report.reverse.gradients[0].reason.kind) == (None, "unreadable")
