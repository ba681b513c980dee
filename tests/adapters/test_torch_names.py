"""Names and formulas of PyTorch's operations: ours only where the operation is the same."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from sphinx_tape import from_torch
from sphinx_tape.adapters.recognition import is_operation
from sphinx_tape.adapters.torch_names import OWN, SAME, base_of_function, base_of_operator, described
from sphinx_tape.tape import Tape
from sphinx_tape.tape.primitives import PRIMITIVES
from tests.adapters.test_torch_gradients import NAMES, operation, positive
from tests.adapters.torch_models import operations
from tests.support import require_module


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("MulBackward0", "mul"),
        ("LogSoftmaxBackward0", "log_softmax"),
        ("NativeLayerNormBackward0", "native_layer_norm"),
        ("MaxPool2DWithIndicesBackward0", "max_pool2d_with_indices"),
        ("AvgPool2DBackward0", "avg_pool2d"),
        ("L1LossBackward0", "l1_loss"),
        ("TBackward0", "t"),
        ("Atan2Backward0", "atan2"),
        ("CopySlices", "copy_slices"),
        ("torch::autograd::AccumulateGrad", "accumulate_grad"),
    ],
)
def test_backward_nodes_have_base_names(name, base):
    """The name of the operation that made them."""
    assert base_of_function(name) == base


def test_operators_have_base_names():
    """Without namespace, overload, leading underscore and `_forward`; the one that says in place stays."""
    found = [
        base_of_operator(name) for name in ("aten::_log_softmax", "aten::nll_loss_forward", "aten::add_")
    ]
    assert found == ["log_softmax", "nll_loss", "add_"]


def test_every_name_is_one_of_the_table():
    """And what has formulas of its own is not in the table."""
    assert {same.op for same in SAME.values()} <= set(PRIMITIVES)
    assert all(base not in SAME or base == "convolution" for base in OWN)


def nodes(count):
    """Operands: so many matrices."""
    tape = Tape()
    return [tape.leaf(np.ones((2, 2))).node for _ in range(count)]


@pytest.mark.parametrize(
    ("base", "given", "count", "op"),
    [
        ("add", {"alpha": 1}, 2, "add"),
        ("add", {"alpha": 2}, 2, "aten.add"),
        ("add", {}, 1, "aten.add"),
        ("div", {}, 2, "div"),
        ("div", {"rounding_mode": "floor"}, 2, "aten.div"),
        ("pow", {"exponent": 2}, 1, "square"),
        ("pow", {}, 2, "power"),
        ("clamp", {"min": 0.0, "max": 1.0}, 1, "clip"),
        ("clamp", {"min": 0.0}, 1, "clamp"),
        ("gelu", {"approximate": "none"}, 1, "gelu"),
        ("gelu", {"approximate": "tanh"}, 1, "gelu_tanh"),
        ("max", {}, 1, "max"),
        ("max", {"dim": 0}, 1, "aten.max"),
        ("native_batch_norm", {"training": True}, 3, "batch_norm"),
        ("native_batch_norm", {"training": False}, 5, "native_batch_norm"),
        ("softplus", {"beta": 2}, 1, "aten.softplus"),
        ("relu_", {}, 1, "relu_"),
        ("erfinv", {}, 1, "erfinv"),
    ],
)
def test_settings_decide_whether_an_operation_is_ours(base, given, count, op):
    """A setting that changes the operation changes its name."""
    assert described(base, given, nodes(count)).op == op


def test_no_formula_without_all_operands():
    """Which operand is missing would decide which formula is shown for the others."""
    shown = described("sub", {}, nodes(1), incomplete=True)
    assert (shown.op, shown.formulas) == ("aten.sub", ())


def test_settings_are_shown_in_our_words_and_only_if_they_say_something():
    """`reduction=mean`, not 1; nothing of what is off or usual."""
    given = {"reduction": 1, "ignore_index": -100, "keepdim": False, "dim": 1}
    assert described("mse_loss", given, nodes(2)).keywords == {"reduction": "mean", "dim": 1}
    assert described("sum", {"dim": [1], "keepdim": True}, nodes(1)).keywords == {
        "axis": [1],
        "keepdim": True,
    }


SHAPES = {"reshape", "broadcast_to"}


def in_our_words(node):
    """The keyword arguments with which our operation would do the same."""
    words = {"keepdim": "keepdims", "dim": "axis"}
    given = {words.get(name, name): value for name, value in (node.keywords or {}).items()}
    given = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    if node.op in SHAPES:
        given["shape"] = node.shape
    if node.op == "cast":
        given["dtype"] = node.value.dtype
    if node.op == "conv2d":
        given = {name: given[name][0] for name in ("stride", "padding", "dilation")}
    taken = inspect.signature(PRIMITIVES[node.op].forward).parameters
    open_ended = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in taken.values())
    return given if open_ended else {name: value for name, value in given.items() if name in taken}


@pytest.mark.parametrize("name", NAMES)
def test_an_operation_with_our_name_does_what_ours_does(name):
    """Run on the same operands, forward and back, ours gives the same: so its formulas hold."""
    torch = require_module("torch")
    torch.manual_seed(0)
    function, _, _ = operation(name)(torch)
    w = positive(torch)
    tape = from_torch(function, w).tape
    checked = 0
    for node in tape.nodes:
        if node.op not in PRIMITIVES or node.formulas or not node.parents:
            continue
        parents = [tape.nodes[parent] for parent in node.parents]
        wanted = [parent.requires_grad for parent in parents]
        same = is_operation(
            node.op, [each.value for each in parents], wanted, node.value, node.vjp, in_our_words(node)
        )
        assert same, (node.op, dict(node.keywords or {}))
        checked += 1
    assert checked
    assert name in operations(torch)
