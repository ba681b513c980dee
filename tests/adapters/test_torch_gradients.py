"""PyTorch: what a figure shows for a node sums to PyTorch's own gradient of it, in every model."""

from __future__ import annotations

import numpy as np
import pytest

from sphinx_tape.adapters.torch_graph import Graph, edges_of, is_leaf
from sphinx_tape.adapters.torch_record import Recorder
from sphinx_tape.tape import backward
from tests.adapters.torch_models import MODELS, operations
from tests.support import require_module

OPERATIONS = """
add,add alpha,sub,div,pow,matmul,mv,dot,bmm,addmm,linear,einsum,sum,mean,prod,var,norm,max,sort,logsumexp,
cumsum,unary,trigonometry,activations,clamp,where,maximum,shapes,expand,cat,index,gather,softmax,losses,
layer_norm,batch_norm,conv2d,conv2d bias,conv transposed,pooling,attention,dropout,cast,linear algebra
"""
NAMES = OPERATIONS.replace("\n", "").split(",")


@pytest.fixture(scope="module")
def torch():
    """PyTorch with one thread: small arrays are computed faster alone."""
    module = require_module("torch")
    module.set_num_threads(1)
    return module


def grown(torch, model, *, watched):
    """Read a model from its loss, or by watching it; return the graph, the tape and the output."""
    torch.manual_seed(0)
    function, inputs, loss = model(torch)
    if watched:
        recorder = Recorder({})
        reading = recorder.run(function, inputs, {}, loss)
        return recorder._graph, reading.tape, reading.output
    result = function(*inputs)
    graph = Graph()
    return graph, graph.tape, graph.add(result if loss is None else loss(result))


def operation(name):
    """A model of one operation."""
    return lambda torch: (lambda w: operations(torch)[name](w).sum(), (positive(torch),), None)


def positive(torch):
    return (torch.rand(3, 4) + 0.5).requires_grad_()


def array(torch, gradient):
    """A gradient of PyTorch's as an array, with the tolerance of its element type."""
    dense = gradient.detach().to_dense() if gradient.layout != torch.strided else gradient.detach()
    if dense.dtype == torch.bfloat16:
        return dense.float().numpy(), 2e-2
    return dense.resolve_conj().numpy(), 1e-9 if dense.dtype == torch.float64 else 2e-4


def own_gradients(torch, graph, tape, output):
    """PyTorch's own gradients, by node: it is asked for values inside its graph by their edges."""
    rules = {id(node.vjp): node.id for node in tape.nodes if node.vjp is not None}
    keys, leaves = {}, {}
    for key, node in graph.ids.items():
        rule = graph.tape.nodes[node].vjp
        if id(rule) in rules and not is_leaf(key[0]):
            keys[rules[id(rule)]] = key
    root = graph.values[keys[output]]
    for function in {key[0] for key in keys.values()}:
        leaves.update({edge: edge[0].variable for edge in edges_of(function) if is_leaf(edge[0])})
    asked = [torch.autograd.graph.GradientEdge(*key) for key in keys.values()]
    inner = torch.autograd.grad(root, asked, retain_graph=True, allow_unused=True)
    outer = torch.autograd.grad(root, list(leaves.values()), retain_graph=True, allow_unused=True)
    return dict(zip(keys, inner, strict=True)), list(zip(leaves.values(), outer, strict=True))


def compare(torch, graph, tape, output):
    """Hold every gradient of a pass against PyTorch's own; return how many there were."""
    taken = backward(tape, output)
    inner, leaves = own_gradients(torch, graph, tape, output)
    for node, gradient in inner.items():
        expected = None if gradient is None else array(torch, gradient)
        shown = taken.cotangents[node]
        if expected is None:
            assert shown is None or not np.any(shown), tape.nodes[node]
        else:
            np.testing.assert_allclose(shown, expected[0], rtol=expected[1], atol=expected[1] / 10)
    shown = [node for node in tape.nodes if node.op == "leaf" and taken.cotangents[node.id] is not None]
    for _, gradient in leaves:
        expected, tolerance = array(torch, gradient)
        assert any(
            node.shape == expected.shape
            and np.allclose(taken.cotangents[node.id], expected, rtol=tolerance, atol=tolerance / 10)
            for node in shown
        )
    return len(inner) + len(leaves)


@pytest.mark.parametrize("watched", [False, True])
@pytest.mark.parametrize("model", MODELS)
def test_gradients_in_models_are_those_of_torch(torch, model, watched):
    """Every value that PyTorch has a gradient for gets the same one, leaves included."""
    assert compare(torch, *grown(torch, model, watched=watched)) >= 3


@pytest.mark.parametrize("watched", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_gradients_of_operations_are_those_of_torch(torch, name, watched):
    """The same for one operation after the other."""
    assert compare(torch, *grown(torch, operation(name), watched=watched)) >= 2


def test_every_operation_has_its_test(torch):
    """The list of names, which is needed before torch may be imported, is complete."""
    assert list(operations(torch)) == NAMES


def test_the_comparison_can_fail(torch, monkeypatch):
    """A rule that sends half of what it should is found."""
    rule = "sphinx_tape.adapters.torch_rules.fitted"
    monkeypatch.setattr(rule, lambda grad, *_: grad / 2)
    with pytest.raises(AssertionError):
        compare(torch, *grown(torch, operation("sub"), watched=True))
