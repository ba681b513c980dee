"""Engines after micrograd: values, operands and gradients are those of the engine itself."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from sphinx_tape.adapters.read import to_tape
from sphinx_tape.adapters.structural import read
from sphinx_tape.tape import backward
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
    """A backward that is no plain function cuts the graph, with a note."""
    x = Value(3.0, label="x")
    y = x * x
    y._backward = print
    z = y + Value(1.0)
    node = to_tape(z).tape.nodes[1]
    assert (node.cut, node.requires_grad) == ("unreadable", False)
    assert "cannot be read" in node.note


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
