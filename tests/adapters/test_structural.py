"""Engines after micrograd: values, operands and gradients are those of the engine itself."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from sphinx_tape.adapters.read import to_tape
from sphinx_tape.adapters.structural import read
from sphinx_tape.errors import AdapterError
from sphinx_tape.tape import backward
from tests.adapters.teaching_engines import ENGINES, NumpyTensor, SlotsAndPartials, TupleAndDefaults
from tests.support import require_module


class Value:
    """A course's own engine, written for this test: parents in a set, closures over other names."""

    def __init__(self, data, parents=(), op="", label="") -> None:
        self.data, self.grad, self.label = data, 0.0, label
        self._prev, self._op = set(parents), op
        self._backward = lambda: None

    def __add__(self, other: Value) -> Value:
        out = Value(self.data + other.data, (self, other), "+")

        def _backward():
            self.grad += out.grad
            other.grad += out.grad

        out._backward = _backward
        return out

    def __mul__(self, other: Value) -> Value:
        out = Value(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out

    def tanh(self):
        t = math.tanh(self.data)
        out = Value(t, (self,), "tanh")

        def _backward():
            self.grad += (1 - t * t) * out.grad

        out._backward = _backward
        return out

    @staticmethod
    def total(values: list[Value]) -> Value:
        """A sum whose closure holds a list."""
        out = Value(sum(v.data for v in values), values, "total")

        def _backward():
            for v in values:
                v.grad += out.grad

        out._backward = _backward
        return out


def gradients_of(output):
    """Leaf labels -> gradients, through our tape."""
    reading = to_tape(output)
    reverse_pass = backward(reading.tape, reading.output)
    return {node.name: float(reverse_pass.cotangents[node.id]) for node in reading.tape.nodes if node.name}


def test_micrograd_readme_expression():
    """The numbers are those that the README of micrograd prints (138.8338 and 645.5773)."""
    engine = require_module("micrograd.engine")
    a, b = engine.Value(-4.0), engine.Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    a.label, b.label = "a", "b"
    found = gradients_of(g)
    assert round(float(to_tape(g).tape.nodes[-1].value), 4) == 24.7041
    assert {name: round(value, 4) for name, value in found.items()} == {"a": 138.8338, "b": 645.5773}
    assert (a.grad, b.grad) == (0, 0)


def test_operand_order_is_that_of_use():
    """A set forgets the order; the closure has kept it."""
    a, b = Value(2.0, label="a"), Value(3.0, label="b")
    for output, names in ((a * b, ["a", "b"]), (b * a, ["b", "a"])):
        nodes = to_tape(output).tape.nodes
        assert [nodes[parent].name for parent in nodes[-1].parents] == names


def test_value_used_twice_has_two_operands():
    """The product x * x has two operands and two contributions of x each; the set has only one parent."""
    x = Value(3.0, label="x")
    reading = to_tape(x * x)
    reverse_pass = backward(reading.tape, reading.output)
    assert reading.tape.nodes[-1].parents == (0, 0)
    assert [float(each.value) for each in reverse_pass.steps[0].contributions] == [3.0, 3.0]
    assert reverse_pass.gradient(0) == 6.0


def test_closure_over_a_list():
    """Operands in a list are found, repeats included."""
    x, y = Value(1.0, label="x"), Value(2.0, label="y")
    assert gradients_of(Value.total([x, y, x])) == {"x": 2.0, "y": 1.0}


def test_known_operations_get_our_names():
    """Formulas can be shown for operations that are the table's."""
    x = Value(0.5, label="x")
    assert [node.op for node in to_tape((x * x + x).tanh()).tape.nodes] == ["leaf", "mul", "add", "tanh"]


def test_own_gradients_are_left_alone():
    """The author may have run a backward pass; its results stay."""
    x = Value(3.0, label="x")
    y = x * x
    x.grad, y.grad = 7.0, 8.0
    gradients_of(y)
    assert (x.grad, y.grad) == (7.0, 8.0)


def test_unreadable_backward_is_said():
    """A backward function that cannot be run cuts the graph, with a note that says why."""
    cases = [
        (lambda g, more: None, r"(AdapterError)"),  # noqa: ARG005 -- wants more than there is
        (lambda: 1 / 0, r"(ZeroDivisionError)"),
        (lambda g: (g,), r"(AdapterError)"),
        (lambda g: (g, [g, g]), "other shapes"),
        (lambda g: (g, g), r"(AdapterError)"),  # in which order, a set does not tell
        (None, "no backward function"),
    ]
    for backward_function, words in cases:
        x = Value(3.0, label="x")
        y = x * Value(2.0)
        y._prev = tuple(y._prev) if "shapes" in words else y._prev
        y._backward = backward_function
        node = to_tape(y + Value(1.0)).tape.nodes[2]
        assert (node.cut, node.requires_grad) == ("unreadable", False)
        assert words in node.note


def test_a_backward_function_that_does_nothing_is_shown_as_it_is():
    """A forgotten rule hands on zeros, and no formula of ours explains them."""
    x = Value(3.0, label="x")
    y = x * x
    y._backward = lambda: None
    reading = to_tape(y)
    assert reading.tape.nodes[1].op == "*"
    assert gradients_of(y) == {"x": 0.0}


def test_a_wrong_rule_is_not_explained_with_our_formula():
    """A student's mistake shows in the numbers."""
    x, y = Value(3.0, label="x"), Value(4.0, label="y")
    z = (x * y).tanh()
    z._op = "relu"
    assert [node.op for node in to_tape(z).tape.nodes][2:] == ["mul", "micrograd-like.relu"]


def test_powers():
    """Fixed exponents make squares, reciprocals and roots, or formulas with the exponent inside."""
    engine = require_module("micrograd.engine")
    x = engine.Value(2.0)
    for exponent, op in ((2, "square"), (-1, "reciprocal"), (0.5, "sqrt"), (3, "**3")):
        assert to_tape(x**exponent).tape.nodes[-1].op == op
    node = to_tape(x**3).tape.nodes[-1]
    assert (node.tex, node.formulas) == ("{@0}^{3}", (r"@g \cdot 3 \cdot {@0}^{2}",))
    wrong = x**3
    wrong._op = "**4"
    assert to_tape(wrong).tape.nodes[-1].formulas == ()


def test_leaves_that_require_no_gradient():
    """A field `requires_grad` is respected."""
    x, y = Value(3.0, label="x"), Value(4.0, label="y")
    y.requires_grad = False
    reading = to_tape(x * y)
    assert [node.requires_grad for node in reading.tape.nodes] == [True, False, True]


def test_a_cycle_is_refused():
    """A value that is made of itself has no order."""
    x = Value(3.0)
    y = x * x
    x._prev = {y}
    with pytest.raises(AdapterError, match="must have no cycle"):
        to_tape(y)


def built(engine):
    """Build a b a + (a - b) b: products, a difference, a shared value used three times, a repeated one."""
    a, b = engine(3.0), engine(-2.0)
    for value, name in ((a, "a"), (b, "b")):
        if isinstance(value, TupleAndDefaults):
            value.name = name
        else:
            value.label = name
    ab = a * b
    return (ab * ab) + ((a - b) * b), a, b


def state(values):
    """Everything that the objects hold."""
    return [{name: getattr(value, name) for name in dir(value) if name[:2] != "__"} for value in values]


@pytest.mark.parametrize("engine", ENGINES)
def test_copies_of_the_idea(engine):
    """Order, repeats and gradients; by hand: d/da = 2 a b**2 + b, d/db = 2 a**2 b + a - 2 b."""
    output, _, _ = built(engine)
    reading = to_tape(output)
    nodes = reading.tape.nodes
    assert [node.op for node in nodes] == ["leaf", "leaf", "mul", "mul", "sub", "mul", "add"]
    assert [nodes[parent].name for parent in nodes[4].parents] == ["a", "b"]
    assert nodes[3].parents == (2, 2)
    found = backward(reading.tape, reading.output)
    named = {node.name: float(found.cotangents[node.id]) for node in nodes if node.name}
    assert named == {"a": 22.0, "b": -29.0}
    assert [float(item.value) for item in found.steps[3].contributions] == [-6.0, -6.0]


@pytest.mark.parametrize("engine", ENGINES)
def test_contributions_sum_to_the_engines_own_gradients(engine):
    """Every node has the gradient that the engine's own reverse pass leaves there."""
    output, a, b = built(engine)
    reading = to_tape(output)
    found = backward(reading.tape, reading.output)
    output.backward()
    field = "gradient" if engine is SlotsAndPartials else "grad"
    assert [float(found.cotangents[at]) for at in (0, 1)] == [getattr(each, field) for each in (a, b)]
    assert float(found.cotangents[-1]) == getattr(output, field) == 1.0


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("after", [False, True])
def test_nothing_of_the_engine_is_changed(engine, after):
    """Neither reading nor the reverse pass changes any field, before or after the engine's own pass."""
    output, a, b = built(engine)
    if after:
        output.backward()
    before = state((output, a, b))
    reading = to_tape(output)
    backward(reading.tape, reading.output)
    now = state((output, a, b))
    for old, new in zip(before, now, strict=True):
        assert old.keys() == new.keys()
        changed = [name for name in old if old[name] is not new[name] and old[name] != new[name]]
        assert changed == []


@pytest.mark.parametrize(("number", "slope"), [(Fraction(1, 3), Fraction(2, 3)), (3.0, 6.0)])
def test_exact_elements_stay_exact(number, slope):
    """Fractions as data give fractions as gradients, also where an operand is used twice."""
    x = Value(number, label="x")
    reading = to_tape(x * x)
    found = backward(reading.tape, reading.output)
    assert np.asarray(found.cotangents[0]).item() == slope
    assert reading.tape.nodes[1].parents == (0, 0)
    assert len(found.steps[0].contributions) == 2
    assert [np.asarray(item.value).item() for item in found.steps[0].contributions] == [number] * 2


def test_a_repeat_that_cannot_be_told_apart_keeps_its_sum():
    """A function that finds its operand elsewhere is run as it is: all of it comes at the first place."""
    x = Value(3.0, label="x")
    y = x * x
    y._prev = (x, x)
    table = {"x": x, "y": y}
    y._backward = lambda: setattr(table["x"], "grad", table["x"].grad + 6.0 * table["y"].grad)
    reading = to_tape(y)
    found = backward(reading.tape, reading.output)
    assert [float(item.value) for item in found.steps[0].contributions] == [6.0, 0.0]
    assert (x.grad, y.grad) == (0.0, 0.0)


def test_arrays_that_broadcast():
    """By hand: for sum-like seeds, d/dW = X.T @ g and d/db sums over rows."""
    x, w, b = (
        NumpyTensor([[1.0, 2.0], [3.0, 4.0]]),
        NumpyTensor([[1.0], [1.0]], label="w"),
        NumpyTensor([0.5], label="b"),
    )
    reading = to_tape(x @ w + b)
    found = backward(reading.tape, reading.output, seed=np.array([[1.0], [2.0]]))
    named = {node.name: found.cotangents[node.id] for node in reading.tape.nodes if node.name}
    assert named["w"].tolist() == [[7.0], [10.0]]
    assert named["b"].tolist() == [3.0]
    assert [node.op for node in reading.tape.nodes if node.parents] == ["matmul", "add"]


def test_order_without_closure_does_not_depend_on_addresses():
    """Where nothing tells the order, values decide, so that builds are reproducible."""
    for _ in range(5):
        parents = [Value(float(i)) for i in range(6)]
        y = Value(1.0, parents)
        assert [float(node.value) for node in to_tape(y).tape.nodes] == [0, 1, 2, 3, 4, 5, 1]


def test_long_chain_needs_no_recursion():
    """A chain far beyond the recursion limit is read."""
    x = one = Value(1.0)
    for _ in range(5000):
        x = x + one
    assert len(to_tape(x).tape) == 5001


def test_arrays_as_data():
    """Array engines of the same structure are read, too."""
    x = Value(np.array([1.0, 2.0]), label="x")
    reading = to_tape(x * x)
    reverse_pass = backward(reading.tape, reading.output, seed=np.ones(2))
    assert reverse_pass.gradient(0).tolist() == [2.0, 4.0]


@pytest.mark.parametrize("thing", [object(), 3, None, Path(), type("T", (), {"data": 1, "grad": 0})()])
def test_other_objects_are_not_claimed(thing):
    """Only the whole structure counts."""
    assert read(thing) is None


@pytest.mark.parametrize("data", ["text", None, {}, [[1], [1, 2]]])
def test_data_must_be_numbers(data):
    """A structure that holds something else is not claimed."""
    assert read(Value(data)) is None
