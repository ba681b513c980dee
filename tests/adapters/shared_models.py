"""Functions and models that every framework can compute, each written once against a few common names.

A model takes a namespace `xp` and its leaves. Namespaces are in `namespaces.py`; a name means the same in
each. Data for `test_frameworks.py`.
"""

# ruff: noqa: PLR0917 -- a model takes a namespace and each of its weights

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.oracles.comparison import array, positive


@dataclass(frozen=True, slots=True)
class Model:
    """One computation."""

    name: str
    """What the test is called."""
    run: Callable[..., Any]
    """`run(xp, *leaves)` -> one number."""
    leaves: tuple[Any, ...]
    """Values of the leaves: numbers for models that engines of single numbers can compute, too."""

    @property
    def scalar(self) -> bool:
        """Whether it uses single numbers only."""
        return all(isinstance(leaf, float) for leaf in self.leaves)


# Single numbers: sums, products, differences, powers and relu


def chain(_, x):
    y = x
    for _step in range(6):
        y = y * 0.5 + x
    return y


def square(_, x):
    return x * x


def cube(_, x):
    return x * x * x


def diamond(_, x, y):
    a = x * y
    b, c = a + x, a * 3.0
    return b * c


def fan_out(_, x, y):
    return x * x + x * y + y * x + x


def powers(_, x, y):
    return (x**2 + y) ** 3 - x


def relu_at_zero(xp, x, y):
    return xp.relu(x) * y + y * y


def dead_relu(xp, x, y):
    return xp.relu(x - 10.0) * y


def neuron(xp, w1, w2, b):
    return xp.relu(w1 * 2.0 + w2 * -3.0 + b) * 0.5


def scalar_net(xp, w, v, b):
    """Two layers that share the weight w."""
    hidden = [xp.relu(w * value + b) for value in (1.0, -2.0, 0.5)]
    total = hidden[0] * v + hidden[1] * w + hidden[2] * v
    return total * total


def repeated_sum(_, x):
    return x + x + x


def readme(xp, a, b):
    """The expression of micrograd's README, without its quotients."""
    c, d = a + b, a * b + b**3
    c = c + (c + 1.0)
    c = c + (c + 1.0 - a)
    d = d + (d * 2.0 + xp.relu(b + a))
    return (c - d) ** 2


# Arrays


def elementwise(xp, x):
    return xp.sum(xp.tanh(xp.sin(x) * xp.exp(-x)))


def broadcasting(xp, x, row, column):
    return xp.sum((x + row) * column / 2.0)


def product(xp, a, b):
    return xp.sum(a @ b)


def matrix_vector(xp, w, x):
    return xp.sum(xp.tanh(w @ x))


def dot(xp, x, y):
    return (x @ y) * xp.sum(x)


def softmax_cross_entropy(xp, x, w, b):
    scores = x @ w + b
    total = xp.log(xp.sum(xp.exp(scores), axis=1))
    return xp.sum(total - xp.sum(scores * xp.array(np.eye(3)[[0, 2, 1, 2]]), axis=1)) / 4.0


def relu_of_zeros(xp, x, w):
    return xp.sum(xp.relu(x) * w)


def layer_norm(xp, x, gain, bias):
    centred = x - xp.sum(x, axis=1, keepdims=True) / 4.0
    variance = xp.sum(centred * centred, axis=1, keepdims=True) / 4.0
    return xp.sum(xp.sin(centred / xp.sqrt(variance + 1e-5) * gain + bias))


def attention_head(xp, x, wq, wk, wv):
    scores = (x @ wq) @ (x @ wk).T / 2.0
    weights = xp.exp(scores)
    weights = weights / xp.sum(weights, axis=1, keepdims=True)
    return xp.sum(xp.tanh(weights @ (x @ wv)))


def convolution(xp, image, kernel):
    """A valid correlation in two dimensions, one place of the kernel at a time."""
    total = image[0:3, 0:3] * kernel[0, 0]
    for row, column in ((0, 1), (1, 0), (1, 1)):
        total = total + image[row : row + 3, column : column + 3] * kernel[row, column]
    return xp.sum(xp.tanh(total))


def residual_block(xp, x, w1, w2):
    for _ in range(2):
        x = x + xp.relu(x @ w1) @ w2
    return xp.sum(x * x)


def embedding(xp, table, w):
    return xp.sum(xp.tanh(xp.rows(table, [0, 3, 1, 3]) @ w))


def recurrent(xp, xs, w, u, b):
    """Five steps with the same weights."""
    state = xp.tanh(xs[0] @ w + b)
    for step in range(1, 5):
        state = xp.tanh(xs[step] @ w + state @ u + b)
    return xp.sum(state * state)


def tied_weights(xp, x, w):
    difference = xp.tanh(x @ w) @ w.T - x
    return xp.sum(difference * difference)


def perceptron(xp, x, w1, b1, w2, b2):
    difference = xp.tanh(x @ w1 + b1) @ w2 + b2 - 1.0
    return xp.sum(difference * difference) / 12.0


def logistic_regression(xp, x, w, b):
    share = 1.0 / (1.0 + xp.exp(-(x @ w + b)))
    target = xp.array(np.array([0.0, 1.0, 1.0, 0.0]))
    return -xp.sum(target * xp.log(share) + (1.0 - target) * xp.log(1.0 - share))


def joined(xp, x, y):
    return xp.sum(xp.concatenate([x, y, x], 0) @ xp.stack([x[0], y[0]], 1))


def reshaped(xp, x, w):
    return xp.sum(xp.sin(xp.reshape(x, (3, 4)).T @ w))


def spread(xp, x):
    mean = xp.mean(x, axis=0)
    return xp.sum((x - mean) ** 2) / xp.mean(x * x)


def largest(xp, x):
    return xp.sum(xp.max(x, axis=1) * xp.sum(x, axis=1))


def gated(xp, x, y):
    return xp.sum(xp.where(x > 0.0, x * y, y * y))


def mixture(xp, x, means, weights):
    each = -((xp.reshape(x, (6, 1)) - means) ** 2) / 2.0 + weights
    return xp.sum(xp.log(xp.sum(xp.exp(each), axis=1))) - 6.0 * xp.log(xp.sum(xp.exp(weights)))


def clipped(xp, x, y):
    return xp.sum(xp.maximum(x * y, y) - xp.sqrt(x * x + 1.0))


MODELS = (
    Model("chain", chain, (1.5,)),
    Model("x * x", square, (3.0,)),
    Model("x * x * x", cube, (-2.0,)),
    Model("diamond", diamond, (1.5, -0.5)),
    Model("fan-out", fan_out, (1.5, -0.5)),
    Model("powers", powers, (1.5, -0.5)),
    Model("relu at zero", relu_at_zero, (0.0, 2.0)),
    Model("dead relu", dead_relu, (1.0, 2.0)),
    Model("neuron", neuron, (1.0, -0.5, 0.25)),
    Model("net of numbers", scalar_net, (0.75, -1.5, 0.25)),
    Model("repeated sum", repeated_sum, (1.5,)),
    Model("micrograd's README", readme, (-4.0, 2.0)),
    Model("elementwise", elementwise, (array(2, 3),)),
    Model("broadcasting", broadcasting, (array(2, 3), array(3), array(2, 1))),
    Model("matmul", product, (array(2, 3), array(3, 4))),
    Model("matrix and vector", matrix_vector, (array(2, 3), array(3))),
    Model("dot product", dot, (array(3), array(3, seed=1))),
    Model("softmax cross-entropy", softmax_cross_entropy, (array(4, 5), array(5, 3), array(3))),
    Model("relu of zeros", relu_of_zeros, (np.array([-1.0, 0.0, 2.0]), array(3))),
    Model("layer norm", layer_norm, (array(3, 4), positive(4), array(4))),
    Model("attention head", attention_head, (array(3, 4), *(array(4, 4, seed=seed) for seed in range(3)))),
    Model("conv2d", convolution, (array(4, 4), array(2, 2))),
    Model("residual block", residual_block, (array(2, 3), array(3, 4) / 2, array(4, 3) / 2)),
    Model("embedding", embedding, (array(4, 3), array(3, 2))),
    Model("rnn of five steps", recurrent, (array(5, 2, 3), array(3, 4), array(4, 4), array(4))),
    Model("tied weights", tied_weights, (array(2, 4), array(4, 3))),
    Model("perceptron", perceptron, (array(4, 3), array(3, 5), array(5), array(5, 3), array(3))),
    Model("logistic regression", logistic_regression, (array(4, 3), array(3), np.array(0.3))),
    Model("joined", joined, (array(2, 2), array(2, 2, seed=1))),
    Model("reshaped", reshaped, (array(2, 6), array(3, 2))),
    Model("spread", spread, (array(4, 3),)),
    Model("largest", largest, (array(3, 4),)),
    Model("gated", gated, (array(2, 3), array(2, 3, seed=1))),
    Model("mixture", mixture, (array(6), array(3), array(3, seed=1))),
    Model("maximum and root", clipped, (array(2, 3), array(2, 3, seed=1))),
)
