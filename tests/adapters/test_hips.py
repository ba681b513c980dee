"""HIPS autograd: what its tracer sees, as a tape; gradients are those of autograd itself."""

from collections import OrderedDict
from typing import NamedTuple

import numpy as np
import pytest

from sphinx_tape import backward, from_autograd
from sphinx_tape.adapters.read import to_tape
from sphinx_tape.errors import AdapterError
from tests.oracles import autograd_examples, autograd_expressions
from tests.support import require_module

EXPRESSIONS = [
    *autograd_expressions.OPERATORS,
    *autograd_expressions.PRODUCTS,
    *autograd_expressions.ARRAYS,
    *autograd_expressions.GRAPHS,
    *autograd_examples.EXAMPLES,
]


@pytest.fixture
def anp():
    """NumPy as autograd wraps it."""
    return require_module("autograd.numpy")


def ops(reading):
    return [node.op for node in reading.tape.nodes]


def gradients_of(reading, seed=None):
    """Label of a leaf -> its gradient."""
    found = backward(reading.tape, reading.output, seed)
    return {
        node.name: found.cotangents[node.id] for node in reading.tape.nodes if node.name and not node.parents
    }


def seed_for(value):
    """Make a cotangent without symmetry."""
    steps = np.sin(1.0 + np.arange(np.size(value), dtype=float)).reshape(np.shape(value))
    return steps + 1j * np.cos(2 * steps) if np.iscomplexobj(value) else steps


def worst(mine, other):
    """Largest relative difference; None counts as zeros."""
    mine = np.zeros_like(other) if mine is None else np.asarray(mine)
    assert mine.shape == np.shape(other)
    return np.max(np.abs(mine - other), initial=0) / max(1.0, np.max(np.abs(other), initial=0))


@pytest.mark.parametrize(
    "expression", [pytest.param(each, id=f"{each.source}-{each.name}") for each in EXPRESSIONS]
)
def test_gradients_are_those_of_autograd(anp, expression):
    """On the expressions that autograd tests and demonstrates itself; cotangents are conjugates of ours."""
    core = require_module("autograd")
    reading = from_autograd(lambda *x: expression.run(anp, *x), *expression.operands)
    value = np.asarray(reading.tape.nodes[reading.output].value)
    seed = np.asarray(seed_for(value))
    found = backward(reading.tape, reading.output, seed)
    assert worst(value, np.asarray(expression.run(anp, *expression.operands))) < 1e-14
    for place in range(len(expression.operands)):
        pull, _ = core.make_vjp(lambda *x: expression.run(anp, *x), place)(*expression.operands)
        expected = np.conjugate(pull(np.conjugate(seed)[()]))
        assert worst(found.cotangents[place], expected) < 1e-12


def test_operands_in_order_with_repeats(anp):
    """The product x * x has two operands; 2 - x has the constant first."""
    nodes = from_autograd(lambda x: (x * x) / (2.0 - x), 3.0).tape.nodes
    assert [(node.op, node.parents) for node in nodes] == [
        ("leaf", ()),
        ("mul", (0, 0)),
        ("constant", ()),
        ("sub", (2, 0)),
        ("div", (1, 3)),
    ]


def test_contributions_per_argument(anp):
    """By hand: y = x * x sends 3 and 3 at x = 3."""
    reading = from_autograd(lambda x: x * x, 3.0)
    (step, _) = backward(reading.tape, reading.output).steps
    assert [float(item.value) for item in step.contributions] == [3.0, 3.0]


def test_names_of_parameters(anp):
    """Leaves bear the names of the parameters, also further ones, or those that are given."""
    assert list(gradients_of(from_autograd(lambda w, *x: w * x[0] + x[1], 1.0, 2.0, 3.0))) == [
        "w",
        "x[0]",
        "x[1]",
    ]
    assert list(gradients_of(from_autograd(lambda w: w * 2.0, 1.0, names=["weight"]))) == ["weight"]
    assert list(gradients_of(from_autograd(anp.tanh, 1.0))) != [""]
    with pytest.raises(AdapterError, match=r"names must be one per argument, 1 \(got 2\)"):
        from_autograd(lambda w: w, 1.0, names=["a", "b"])


class Layer(NamedTuple):
    """Parameters of a layer."""

    w: float
    b: float


def test_containers_become_leaves_with_readable_names(anp):
    """Tuples, lists, dictionaries and named tuples arrive as they are, with boxes inside."""

    def model(params, extra, steps):
        assert isinstance(params["layers"], list)
        assert isinstance(extra, Layer)
        return params["layers"][0][1] * extra.w + extra.b * steps

    given = OrderedDict(layers=[(1.0, 2.0)], rate=3)
    found = gradients_of(from_autograd(model, given, Layer(5.0, 7.0), 4))
    assert found == {
        "params.layers[0][0]": None,
        "params.layers[0][1]": 5.0,
        "extra.w": 2.0,
        "extra.b": 4.0,
    }


def test_boxed_containers_are_seen_through(anp):
    """Packing values into autograd's containers and taking them out again is no operation."""
    boxes = require_module("autograd.builtins")

    def model(x, y):
        pair = boxes.tuple((x, y)) + (2.0,)  # noqa: RUF005 -- their own operator is under test
        table = boxes.dict(a=pair[1], b=[1.0][:] + boxes.list([x]))
        return pair[0] * table["a"] * table["b"][1] * pair[2]

    reading = from_autograd(model, 3.0, 5.0)
    assert [op for op in ops(reading) if op not in {"leaf", "constant"}] == ["mul"] * 3
    assert gradients_of(reading) == {"x": 60.0, "y": 18.0}


def test_several_results(anp):
    """Each result of a call is a node of its own; contributions add up to autograd's gradient."""
    core = require_module("autograd")

    def spectrum(a):
        values, vectors = anp.linalg.eigh(a)
        return anp.sum(values**2) + anp.sum(vectors**3)

    a = np.array([[2.0, 0.5], [0.5, 1.0]])
    reading = from_autograd(spectrum, a)
    outputs = [node.keywords for node in reading.tape.nodes if node.op == "eigh"]
    assert {"output": 0} in outputs
    assert worst(gradients_of(reading)["a"], core.grad(spectrum)(a)) < 1e-12


def test_derivative_of_a_derivative(anp):
    """The inner reverse pass is part of the recorded computation: x ** 3 has the second derivative 6 x."""
    core = require_module("autograd")
    assert gradients_of(from_autograd(core.grad(lambda x: x**3), 2.0, names=["x"])) == {"x": 12.0}
    reading = from_autograd(core.grad(lambda x: anp.sum(x[0] * x**3)), np.array([2.0, 3.0]), names="x")
    expected = core.jacobian(core.grad(lambda x: anp.sum(x[0] * x**3)))(np.array([2.0, 3.0]))
    assert worst(gradients_of(reading, np.array([1.0, 0.0]))["x"], expected[0]) < 1e-12


def test_step_functions_are_cuts(anp):
    """What autograd does not follow is shown where it is cut."""
    reading = from_autograd(lambda x: anp.floor(x) * x, 2.5)
    node = reading.tape.nodes[1]
    assert (node.op, node.cut, node.requires_grad) == ("floor", "not_differentiable", False)
    assert gradients_of(reading) == {"x": 2.0}


def test_step_functions_give_plain_numbers_where_these_are_needed(anp):
    """A function that makes an index of one runs as it does in autograd."""
    reading = from_autograd(lambda x: x[int(anp.floor(x[0]))], np.array([1.0, 2.0]))
    assert gradients_of(reading)["x"].tolist() == [0.0, 1.0]


def test_integers_are_arguments_not_leaves(anp):
    """Axes are keyword arguments; integer arrays are constants, one for all uses, with their names."""
    index = np.array([1, 0])
    reading = from_autograd(lambda x, at, n: anp.sum(anp.take(x, at, 0) * at, axis=n), np.eye(2), index, 1)
    assert [node.name for node in reading.tape.nodes if node.op == "constant"] == ["at"]
    assert reading.tape.nodes[-1].keywords == {"axis": 1}
    with pytest.raises(AdapterError, match=r"got int\); write 3.0 instead of 3"):
        from_autograd(lambda x: x * x, 3)


def test_keywords_are_the_tables(anp):
    """Arguments by position get the names under which formulas look for them."""
    reading = from_autograd(
        lambda x: anp.sum(anp.clip(anp.concatenate([x, x], 1), -1.0, 0.25), 0), np.ones((1, 2)) / 2
    )
    assert [(node.op, dict(node.keywords or {})) for node in reading.tape.nodes][1:] == [
        ("concatenate", {"axis": 1}),
        ("clip", {"low": -1.0, "high": 0.25}),
        ("sum", {"axis": 0}),
    ]


def test_another_convention_is_not_explained_with_our_formula(anp):
    """On a bound autograd's clip hands nothing back, ours everything: there it bears its own name."""
    assert ops(from_autograd(lambda x: anp.clip(x, 0.0, 1.0), 0.5))[-1] == "clip"
    assert ops(from_autograd(lambda x: anp.clip(x, 0.0, 1.0), 1.0))[-1] == "autograd.clip"


def test_own_names_of_unknown_operations(anp):
    """Functions that the table does not have keep their names; one of the same name is told apart."""
    extend = require_module("autograd.extend")

    @extend.primitive
    def tanh(x):
        return x * 3

    extend.defvjp(tanh, lambda _ans, _x: lambda g: 3 * g)
    assert ops(from_autograd(lambda x: anp.sinc(tanh(x)), 0.3))[1:] == ["autograd.tanh", "sinc"]


def test_a_call_without_a_rule_is_unreadable(anp):
    """A primitive that nobody has written a rule for cuts the graph, and says so."""
    extend = require_module("autograd.extend")
    reading = from_autograd(lambda x: extend.primitive(lambda y: y * 3.0)(x) + x, 2.0)
    node = reading.tape.nodes[1]
    assert (node.cut, node.note) == ("unreadable", "HIPS autograd has no derivative rule for this call.")
    assert gradients_of(reading) == {"x": 1.0}


def test_source_lines_are_the_authors(anp):
    """Not a line of autograd's or ours."""
    reading = from_autograd(lambda x: anp.sum(x[0] * x), np.ones(2))
    assert {node.source.file for node in reading.tape.nodes if node.source} == {__file__}


def test_an_independent_output_has_no_gradient(anp, recwarn):
    """The output is a constant; autograd's warning is not needed beside the figure."""
    assert gradients_of(from_autograd(lambda _x: 5.0, 1.0)) == {"_x": None}
    assert not recwarn


def test_what_the_function_must_return(anp):
    """One number or array."""
    with pytest.raises(AdapterError, match=r"must return one number or array \(got tuple\)"):
        from_autograd(lambda x: (x, x), 1.0)


def test_errors_of_the_function_are_its_own(anp):
    """What the author's function raises comes out as it is."""
    with pytest.raises(ZeroDivisionError):
        from_autograd(lambda x: x * (1 / 0), 1.0)


def test_a_box_that_got_out_is_refused_with_advice(anp):
    """A box outside of its trace knows no operands."""
    kept = []
    require_module("autograd").grad(lambda x: kept.append(x * x) or kept[0])(2.0)
    with pytest.raises(AdapterError, match=r"return sphinx_tape.from_autograd\(function"):
        to_tape(kept[0])


def test_other_objects_of_autograd_are_refused(anp):
    """Whatever else lives in the package is described as anything else is."""
    with pytest.raises(AdapterError, match=r"must return a Tape"):
        to_tape(require_module("autograd.core").VSpace(1.0))


def test_arguments_are_left_alone(anp):
    """Neither the arrays nor the containers change."""
    x = np.array([1.0, 2.0])
    params = [x, {"b": 3.0}]
    reading = from_autograd(lambda p: anp.sum(p[0] ** 2) * p[1]["b"], params)
    gradients_of(reading)
    assert params[0] is x
    assert x.flags.writeable
    assert (x.tolist(), params[1]) == ([1.0, 2.0], {"b": 3.0})


def test_long_chain_needs_no_recursion(anp):
    """A chain far beyond the recursion limit is read."""

    def chain(x):
        for _ in range(3000):
            x = x + 1.0
        return x

    assert gradients_of(from_autograd(chain, 0.0)) == {"x": 1.0}
