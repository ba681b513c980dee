"""Functions for HIPS autograd (Maclaurin, 2016), shown through its own tracer."""

from __future__ import annotations

import autograd.numpy as np
from autograd import grad
from autograd.extend import defvjp, primitive

from sphinx_tape import Reading, from_autograd

INPUTS = np.array([[0.52, 1.12, 0.77], [0.88, -1.08, 0.15], [0.52, 0.06, -1.30], [0.74, -2.49, 1.39]])
"""Four observations of three features, from autograd's own example of logistic regression."""
TARGETS = np.array([1.0, 1.0, 0.0, 1.0])
"""Whether each observation is of the class."""


def logistic_loss(weights: np.ndarray) -> float:
    """Sum the negative log-likelihoods, as autograd's README does."""
    predictions = 0.5 * (np.tanh(np.dot(INPUTS, weights) / 2.0) + 1.0)
    likelihoods = predictions * TARGETS + (1.0 - predictions) * (1.0 - TARGETS)
    return -np.sum(np.log(likelihoods))


def logistic_regression() -> Reading:
    """Show the loss at the start of the training."""
    return from_autograd(logistic_loss, np.zeros(3))


def sine_squared(x: float) -> float:
    """Square a sine."""
    return np.sin(x) ** 2


def first_derivative(x: float = 1.0) -> Reading:
    """Show the computation that autograd does to differentiate; its gradient is the second derivative."""
    return from_autograd(grad(sine_squared), x, names=["x"])


def sawtooth(x: float = 2.25) -> Reading:
    """Show a function with a part that autograd takes for constant."""
    return from_autograd(lambda x: (x - np.floor(x)) * x, x)


@primitive
def log_sum_exp(x: np.ndarray) -> float:
    """Sum exponentials safely, as one operation with a rule of its own."""
    largest = np.max(x)
    return largest + np.log(np.sum(np.exp(x - largest)))


defvjp(log_sum_exp, lambda value, x: lambda g: g * np.exp(x - value))


def own_rule() -> Reading:
    """Show a function of the author's with a rule of the author's."""
    return from_autograd(lambda scores: log_sum_exp(scores) - scores[0], np.array([2.0, 1.0, 0.5]))
