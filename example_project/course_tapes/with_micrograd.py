"""Computations in micrograd (Karpathy, 2020): its objects are returned as they are."""

from __future__ import annotations

from micrograd.engine import Value
from micrograd.nn import MLP


def tangled(a: float = -4.0, b: float = 2.0) -> Value:
    """Compute the expression of the README, updates in place and all."""
    a_, b_ = Value(a), Value(b)
    c = a_ + b_
    d = a_ * b_ + b_**3
    c += c + 1
    c += 1 + c + (-a_)
    d += d * 2 + (b_ + a_).relu()
    d += 3 * d + (b_ - a_).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    for value, name in ((a_, "a"), (b_, "b"), (c, "c"), (d, "d"), (e, "e"), (f, "f"), (g, "g")):
        value.label = name
    return g


def squared(x: float = 3.0) -> Value:
    """Multiply a value by itself."""
    value = Value(x)
    value.label = "x"
    return value * value


def network(x0: float = 1.0, x1: float = -0.5) -> Value:
    """Compute the squared error of micrograd's own network: two inputs, two neurons, one output."""
    model = MLP(2, [2, 1])
    inputs = [Value(x0), Value(x1)]
    for index, value in enumerate(inputs):
        value.label = f"x_{index}"
    for depth, layer in enumerate(model.layers):
        for place, neuron in enumerate(layer.neurons):
            for index, weight in enumerate([*neuron.w, neuron.b]):
                weight.label = f"w_{depth}{place}{index}" if index < len(neuron.w) else f"b_{depth}{place}"
    error = model(inputs) - 1.0
    loss = error * error
    loss.label = "loss"
    return loss
