"""The examples of HIPS autograd, each reduced to the expression that it differentiates.

Written once for both engines, as in `autograd_expressions.py`. Data for `test_autograd.py`.
"""

# ruff: noqa: PLR0917 -- every expression takes a namespace; a model takes each of its weights

from __future__ import annotations

import numpy as np

from tests.oracles.autograd_expressions import Expression
from tests.oracles.comparison import array, positive


def _log_sum_exp(xp, x, axis=None):
    """Logarithmic sum from its definition, since `autograd.numpy` has none."""
    highest = np.max(getattr(x, "value", getattr(x, "_value", x)), axis=axis, keepdims=True)
    total = xp.log(xp.sum(xp.exp(x - highest), axis=axis, keepdims=True))
    return total + highest


def _sigmoid(xp, x):
    return 0.5 * (xp.tanh(x) + 1.0)


def _tanh(xp, x):
    return (1.0 - xp.exp(-2 * x)) / (1.0 + xp.exp(-(2 * x)))


def _rosenbrock(xp, x):
    return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2


def _sine_series(xp, x, terms=12):
    term = total = x
    for order in range(terms):
        term = -term * x**2 / ((2 * order + 3) * (2 * order + 2))
        total = total + term
    return total


# The four observations of the example itself.
INPUTS = np.array([[0.52, 1.12, 0.77], [0.88, -1.08, 0.15], [0.52, 0.06, -1.30], [0.74, -2.49, 1.39]])
TARGETS = np.array([1.0, 1.0, 0.0, 1.0])


def _logistic(xp, weights):
    share = _sigmoid(xp, xp.dot(INPUTS, weights))
    return -xp.sum(xp.log(share * TARGETS + (1 - share) * (1 - TARGETS)))


def _root_by_descent(xp, a):
    x = 10.0
    for _ in range(160):
        x = x - 0.05 * (x**2 - a)
    return x


ONE_HOT = np.eye(3)[[0, 2, 1, 1, 0]]


def _network(xp, w1, b1, w2, b2):
    hidden = xp.tanh(xp.dot(array(5, 4), w1) + b1)
    scores = xp.dot(hidden, w2) + b2
    likelihood = xp.sum((scores - _log_sum_exp(xp, scores, 1)) * ONE_HOT)
    prior = -0.1 * (xp.sum(w1**2) + xp.sum(b1**2) + xp.sum(w2**2) + xp.sum(b2**2))
    return prior + likelihood


CHARACTERS = np.eye(3)[np.array([[0, 1], [2, 1], [1, 0], [2, 2]])]


def _affine(xp, weights, *parts):
    return xp.dot(xp.hstack((*parts, np.ones((2, 1)))), weights)


def _character_loss(xp, predict, states):
    total = 0.0
    for state, target in zip(states, CHARACTERS, strict=False):
        scores = _affine(xp, predict, state)
        total = total + xp.sum((scores - _log_sum_exp(xp, scores, 1)) * target)
    return -total / CHARACTERS.shape[0]


def _recurrent(xp, start, change, predict):
    state = xp.repeat(start, 2, axis=0)
    states = [state]
    for step in CHARACTERS:
        state = xp.tanh(_affine(xp, change, step, state))
        states.append(state)
    return _character_loss(xp, predict, states)


def _long_short_term(xp, start, change, forget, take, show, predict):
    state = cell = xp.repeat(start, 2, axis=0)
    states = [state]
    for step in CHARACTERS:
        cell = cell * _sigmoid(xp, _affine(xp, forget, step, state)) + _sigmoid(
            xp, _affine(xp, take, step, state)
        ) * xp.tanh(_affine(xp, change, step, state))
        state = _sigmoid(xp, _affine(xp, show, step, state)) * xp.tanh(cell)
        states.append(state)
    return _character_loss(xp, predict, states)


def _mixture(xp, proportions, means, scales):
    shares = proportions - _log_sum_exp(xp, proportions)
    away = array(6, 1, 2) - means
    each = -0.5 * xp.sum((away / scales) ** 2, axis=2) - xp.sum(xp.log(scales), axis=1) + shares
    return xp.sum(_log_sum_exp(xp, each, 1))


def _solve(xp, a, b):
    return getattr(xp, "linalg", xp).solve(a, b)


def _gaussian(xp, away, covariance):
    """Log-density of a Gaussian at each row, up to a constant."""
    distances = xp.sum(away * xp.transpose(_solve(xp, covariance, xp.transpose(away))), axis=1)
    return -0.5 * (distances + xp.log(getattr(xp, "linalg", xp).det(covariance)))


def _full_mixture(xp, proportions, means, roots):
    """The mixture with a full covariance per component, given by its root."""
    shares = proportions - _log_sum_exp(xp, proportions)
    rows = []
    for component in range(2):
        covariance = xp.dot(xp.transpose(roots[component]), roots[component])
        rows.append(shares[component] + _gaussian(xp, array(6, 2) - means[component], covariance))
    return xp.sum(_log_sum_exp(xp, xp.vstack(rows), 0))


def _marginal_likelihood(xp, mean, log_noise, log_height, log_lengths):
    """Log-likelihood of six targets under a Gaussian process."""
    covariance = _squared_exponential(xp, log_height, log_lengths) + xp.exp(log_noise) * np.eye(6)
    return xp.sum(_gaussian(xp, xp.reshape(array(6) - mean, (1, 6)), covariance))


def _student(xp, weights, latents, log_scale):
    """Log-density of Student's t with 2.4 degrees of freedom, up to a constant."""
    scale = xp.exp(log_scale)
    away = (xp.transpose(xp.dot(weights, latents)) - array(6, 4)) / scale
    return xp.sum(-1.7 * xp.log(1.0 + away**2 / 2.4) - log_scale)


def _squared_exponential(xp, log_height, log_lengths):
    x = array(6, 2)
    lengths = xp.exp(log_lengths)
    away = xp.expand_dims(x / lengths, 1) - xp.expand_dims(x / lengths, 0)
    return xp.exp(log_height) * xp.exp(-0.5 * xp.sum(away**2, axis=2))


def _lower_bound(xp, mean, log_deviation):
    draws = array(20, 2, low=-1.5, high=1.5) * xp.exp(log_deviation) + mean
    location, log_sigma = draws[:, 0], draws[:, 1]
    prior = -0.5 * (log_sigma / 1.35) ** 2
    density = -0.5 * (location / xp.exp(log_sigma)) ** 2 - log_sigma
    return -(xp.sum(log_deviation) + xp.mean(prior + density))


def _weight_samples(xp, weights):
    """Several networks at once: one per row of the weights."""
    hidden, start = np.ones((4, 1, 1)) * array(7, 1), 0
    for rows, columns in ((1, 3), (3, 1)):
        matrix = xp.reshape(weights[:, start : start + rows * columns], (4, rows, columns))
        start += rows * columns
        bias = xp.reshape(weights[:, start : start + columns], (4, 1, columns))
        start += columns
        outputs = xp.einsum("mnd,mdo->mno", hidden, matrix) + bias
        hidden = xp.exp(-(outputs**2))
    return -0.1 * xp.sum(weights**2, axis=1) - xp.sum((outputs - 0.5) ** 2, axis=(1, 2))


def _filtered(xp, image, kernel):
    """A valid two-dimensional correlation, one kernel place at a time."""
    total = 0.0
    for row in range(3):
        for column in range(3):
            total = total + kernel[row, column] * image[row : row + 4, column : column + 4]
    return xp.tanh(total)


def _projected_flow(xp, flow):
    """A few Jacobi sweeps with wrapped neighbours, as in the fluid simulation."""
    for _ in range(5):
        around = xp.roll(flow, 1, axis=0) + xp.roll(flow, -1, axis=0) + xp.roll(flow, 1, axis=1)
        flow = (flow + around + xp.roll(flow, -1, axis=1)) / 5.0
    return flow


EXAMPLES = [
    Expression("examples/tanh.py", "tanh from exponentials", _tanh, (np.linspace(-7, 7, 29),)),
    Expression("examples/rosenbrock.py", "Rosenbrock's valley", _rosenbrock, (np.array([-1.2, 1.0]),)),
    Expression("examples/sinusoid.py", "sine", lambda xp, x: xp.sin(x), (np.linspace(-10, 10, 21),)),
    Expression("examples/sinusoid.py", "series of the sine", _sine_series, (np.linspace(-3, 3, 13),)),
    Expression("examples/logistic_regression.py", "its four observations", _logistic, (np.zeros(3),)),
    Expression("examples/fixed_points.py", "root by descent", _root_by_descent, (np.float64(2.0),)),
    Expression(
        "examples/define_gradient.py",
        "logarithmic sum of squares",
        lambda xp, y: xp.sum(_log_sum_exp(xp, y**2)),
        (array(10),),
    ),
    Expression(
        "examples/neural_net.py", "log-posterior", _network, (array(4, 6), array(6), array(6, 3), array(3))
    ),
    Expression(
        "examples/rnn.py",
        "recurrent character model",
        _recurrent,
        (array(1, 4), array(8, 4), array(5, 3)),
    ),
    Expression(
        "examples/lstm.py",
        "gated character model",
        _long_short_term,
        (array(1, 4), *(array(8, 4, seed=seed) for seed in range(4)), array(5, 3)),
    ),
    Expression("examples/gmm.py", "mixture", _mixture, (array(3), array(3, 2), positive(3, 2))),
    Expression(
        "examples/gmm.py",
        "mixture with full covariances",
        _full_mixture,
        (array(2), array(2, 2), array(2, 2, 2) + 2.0 * np.eye(2)),
    ),
    Expression(
        "examples/gaussian_process.py",
        "marginal likelihood",
        _marginal_likelihood,
        (np.float64(0.3), np.float64(-1.0), np.float64(0.4), array(2)),
    ),
    Expression("examples/ica.py", "Student's t", _student, (array(4, 2), array(2, 6), np.float64(0.3))),
    Expression(
        "examples/gaussian_process.py", "kernel matrix", _squared_exponential, (np.float64(0.4), array(2))
    ),
    Expression("examples/black_box_svi.py", "lower bound", _lower_bound, (array(2), array(2, seed=1))),
    Expression("examples/bayesian_neural_net.py", "networks by rows", _weight_samples, (array(4, 10),)),
    Expression("examples/convnet.py", "valid correlation", _filtered, (array(6, 6), array(3, 3))),
    Expression("examples/fluidsim/fluidsim.py", "wrapped averages", _projected_flow, (array(4, 4),)),
]
