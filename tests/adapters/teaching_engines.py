"""Scalar and array engines as courses write them: the same idea, in other names and habits.

Written for the tests beside it. Each engine has addition, subtraction, multiplication and a reverse pass of
its own, which is the oracle.
"""
# ruff: noqa: ANN204 -- courses do not annotate

from __future__ import annotations

import functools

import numpy as np


def ordered(output, parents_of):
    """Sort the values behind an output, operands first."""
    done, order = set(), []

    def visit(value):
        if id(value) not in done:
            done.add(id(value))
            for parent in parents_of(value):
                visit(parent)
            order.append(value)

    visit(output)
    return order


class SetAndClosure:
    """After micrograd: operands in a set, closures over `self` and `other`."""

    def __init__(self, data, children=(), op="", label="") -> None:
        self.data, self.grad, self.label = data, 0.0, label
        self._prev, self._op, self._backward = set(children), op, lambda: None

    def __add__(self, other):
        out = type(self)(self.data + other.data, (self, other), "+")

        def _backward():
            self.grad += out.grad
            other.grad += out.grad

        out._backward = _backward
        return out

    def __sub__(self, other):
        out = type(self)(self.data - other.data, (self, other), "-")
        left, a = self, other  # names that sort the other way round

        def _backward():
            left.grad += out.grad
            a.grad -= out.grad

        out._backward = _backward
        return out

    def __mul__(self, other):
        out = type(self)(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out

    def backward(self):
        self.grad = 1.0
        for value in reversed(ordered(self, lambda value: value._prev)):
            value._backward()


class TupleAndDefaults:
    """Operands in a tuple, functions whose defaults hold the values."""

    def __init__(self, data, parents=(), op="", name="") -> None:
        self.data, self.grad, self.name = data, 0.0, name
        self.parents, self.op, self.backward_fn = tuple(parents), op, None

    def _made(self, data, other, op, slopes):
        out = type(self)(data, (self, other), op)

        def add(s=self, o=other, *, out=out):
            s.grad = s.grad + slopes[0] * out.grad
            o.grad = o.grad + slopes[1] * out.grad

        out.backward_fn = add
        return out

    def __add__(self, other):
        return self._made(self.data + other.data, other, "add", (1.0, 1.0))

    def __sub__(self, other):
        return self._made(self.data - other.data, other, "sub", (1.0, -1.0))

    def __mul__(self, other):
        return self._made(self.data * other.data, other, "mul", (other.data, self.data))

    def backward(self):
        self.grad = 1.0
        for value in reversed(ordered(self, lambda value: value.parents)):
            if value.backward_fn:
                value.backward_fn()


class ListAndReturned:
    """Operands in a list; the function takes the gradient and returns one per operand."""

    def __init__(self, value, children=None, label="", grad_fn=None, op=None) -> None:
        self.value, self.grad, self.label = value, None, label
        self._children, self._grad_fn, self._op = children or [], grad_fn, op

    def __add__(self, other):
        return type(self)(self.value + other.value, [self, other], "", lambda g: (g, g), "+")

    def __sub__(self, other):
        return type(self)(self.value - other.value, [self, other], "", lambda g: (g, -g), "-")

    def __mul__(self, other):
        return type(self)(
            self.value * other.value, [self, other], "", lambda g: (g * other.value, g * self.value), "*"
        )

    def backward(self):
        values = ordered(self, lambda value: value._children)
        for value in values:
            value.grad = 0.0
        self.grad = 1.0
        for value in reversed(values):
            if value._grad_fn:
                for child, gradient in zip(value._children, value._grad_fn(value.grad), strict=True):
                    child.grad += gradient


class NumpyTensor:
    """Arrays with broadcasting; gradients start as None and are replaced, not changed."""

    def __init__(self, data, parents=(), op="", label="") -> None:
        self.data, self.grad, self.label = np.asarray(data, dtype=float), None, label
        self._parents, self._op, self._backward = set(parents), op, lambda: None

    def _receive(self, gradient):
        while gradient.ndim > self.data.ndim:
            gradient = gradient.sum(0)
        self.grad = gradient if self.grad is None else self.grad + gradient

    def __add__(self, other):
        out = type(self)(self.data + other.data, (self, other), "+")

        def _backward():
            self._receive(out.grad)
            other._receive(out.grad)

        out._backward = _backward
        return out

    def __sub__(self, other):
        out = type(self)(self.data - other.data, (self, other), "-")

        def _backward():
            self._receive(out.grad)
            other._receive(-out.grad)

        out._backward = _backward
        return out

    def __mul__(self, other):
        out = type(self)(self.data * other.data, (self, other), "*")

        def _backward():
            self._receive(out.grad * other.data)
            other._receive(out.grad * self.data)

        out._backward = _backward
        return out

    def __matmul__(self, other):
        out = type(self)(self.data @ other.data, (self, other), "@")

        def _backward():
            self._receive(out.grad @ other.data.T)
            other._receive(self.data.T @ out.grad)

        out._backward = _backward
        return out

    def backward(self):
        self.grad = np.ones_like(self.data)
        for value in reversed(ordered(self, lambda value: value._parents)):
            value._backward()


class Operation:
    """Base of an engine with one class per operation, whose method `_backward` knows the rule."""

    label = op = ""

    def __init__(self, data, *inputs) -> None:
        self.data, self.grad, self.inputs = data, 0.0, inputs

    def _backward(self):
        """A leaf hands nothing on."""

    def __add__(self, other):
        return Sum(self.data + other.data, self, other)

    def __sub__(self, other):
        return Difference(self.data - other.data, self, other)

    def __mul__(self, other):
        return Product(self.data * other.data, self, other)

    def backward(self):
        self.grad = 1.0
        for value in reversed(ordered(self, lambda value: value.inputs)):
            value._backward()


class Sum(Operation):
    op = "+"

    def _backward(self):
        for value in self.inputs:
            value.grad += self.grad


class Difference(Operation):
    op = "-"

    def _backward(self):
        self.inputs[0].grad += self.grad
        self.inputs[1].grad -= self.grad


class Product(Operation):
    op = "*"

    def _backward(self):
        a, b = self.inputs
        a.grad += b.data * self.grad
        b.grad += a.data * self.grad


def add_back(a, b, out):
    a.gradient += out.gradient
    b.gradient += out.gradient


def sub_back(a, b, out):
    a.gradient += out.gradient
    b.gradient -= out.gradient


def mul_back(a, b, out):
    a.gradient += b.val * out.gradient
    b.gradient += a.val * out.gradient


class SlotsAndPartials:
    """Slots instead of a dictionary, functions of the module with bound arguments, a frozen set."""

    __slots__ = ("_bwd", "_op", "children", "gradient", "label", "val")

    def __init__(self, val, children=(), op="", back=None) -> None:
        self.val, self.gradient, self.label, self._op = val, 0.0, "", op
        self.children = frozenset(children)
        self._bwd = functools.partial(back, *children, self) if back else lambda: None

    def __add__(self, other):
        return type(self)(self.val + other.val, (self, other), "add", add_back)

    def __sub__(self, other):
        return type(self)(self.val - other.val, (self, other), "subtract", sub_back)

    def __mul__(self, other):
        return type(self)(self.val * other.val, (self, other), "multiply", mul_back)

    def backward(self):
        self.gradient = 1.0
        for value in reversed(ordered(self, lambda value: value.children)):
            value._bwd()


class Rule:
    """A callable object that remembers what it needs."""

    def __init__(self, slopes) -> None:
        self.slopes = slopes

    def __call__(self, upstream):
        return [slope * upstream for slope in self.slopes]


class CallableObjects:
    """Objects as backward functions, operands in `prev`."""

    def __init__(self, data, prev=(), op=None, rule=None) -> None:
        self.data, self.grad, self.label = data, 0, None
        self.prev, self.op, self._backward_fn = prev, op, rule

    def __add__(self, other):
        return CallableObjects(self.data + other.data, (self, other), "+", Rule((1.0, 1.0)))

    def __sub__(self, other):
        return CallableObjects(self.data - other.data, (self, other), "-", Rule((1.0, -1.0)))

    def __mul__(self, other):
        return CallableObjects(self.data * other.data, (self, other), "*", Rule((other.data, self.data)))

    def backward(self):
        self.grad = 1.0
        for value in reversed(ordered(self, lambda value: value.prev)):
            if value._backward_fn:
                for parent, gradient in zip(value.prev, value._backward_fn(value.grad), strict=True):
                    parent.grad += gradient


ENGINES = (
    SetAndClosure,
    TupleAndDefaults,
    ListAndReturned,
    NumpyTensor,
    Operation,
    SlotsAndPartials,
    CallableObjects,
)
