"""HIPS autograd agrees, on the expressions that it tests and demonstrates itself."""

import numpy as np
import pytest

from sphinx_tape import Tape, gradients
from sphinx_tape import functions as F  # noqa: N812 -- the customary short name
from tests.oracles import autograd_examples, autograd_expressions
from tests.support import require_module

EXPRESSIONS = [
    *autograd_expressions.OPERATORS,
    *autograd_expressions.PRODUCTS,
    *autograd_expressions.ARRAYS,
    *autograd_expressions.GRAPHS,
    *autograd_examples.EXAMPLES,
]
TOLERANCE = 1e-11


def seed_of(value):
    """1 for a scalar output, else a cotangent without symmetry."""
    if not value.shape:
        return np.ones((), value.dtype)
    steps = np.sin(1.0 + np.arange(value.size, dtype=float)).reshape(value.shape)
    return (steps + 1j * np.cos(2 * steps)) if value.dtype.kind == "c" else steps


def ours(run, operands, namespace=F):
    """Run an expression on our tape; return its value and the gradients, zeros where none arrived."""
    tape = Tape()
    leaves = [tape.leaf(operand) for operand in operands]
    output = run(namespace, *leaves)
    value = np.asarray(output.value)
    found = gradients(output, seed_of(value))
    return value, [np.zeros(leaf.shape) if found[leaf.id] is None else found[leaf.id] for leaf in leaves]


def theirs(run, operands):
    """Run an expression in HIPS autograd, whose cotangents are the conjugates of ours."""
    namespace, core = require_module("autograd.numpy"), require_module("autograd")
    value = np.asarray(run(namespace, *operands))
    seed = np.conjugate(seed_of(value))
    pulls = (
        core.make_vjp(lambda *x: run(namespace, *x), place)(*operands)[0] for place in range(len(operands))
    )
    return value, [np.conjugate(pull(seed if value.shape else seed[()])) for pull in pulls]


def error(mine, other):
    """Largest error relative to the largest element; infinite if the shapes differ."""
    if np.shape(mine) != np.shape(other):
        return np.inf
    return np.max(np.abs(mine - other), initial=0) / max(1.0, np.max(np.abs(other), initial=0))


def errors(run, operands):
    """Errors of the forward value and of each gradient."""
    (value, mine), (expected, other) = ours(run, operands), theirs(run, operands)
    return [error(value, expected), *map(error, mine, other)]


@pytest.mark.parametrize(
    "expression", [pytest.param(each, id=f"{each.source}-{each.name}") for each in EXPRESSIONS]
)
def test_autograd_agrees(expression):
    """Forward value and gradients are those of HIPS autograd."""
    assert max(errors(expression.run, expression.operands)) <= TOLERANCE


@pytest.mark.parametrize(
    "expression", [pytest.param(each, id=each.name) for each in autograd_examples.EXAMPLES]
)
def test_numpy_functions_record_on_our_tape(expression):
    """The same expressions run with NumPy itself as their namespace, through its protocols."""
    value, mine = ours(expression.run, expression.operands)
    through, again = ours(expression.run, expression.operands, np)
    assert error(value, through) == 0
    assert [error(*pair) for pair in zip(mine, again, strict=True)] == [0] * len(mine)


def test_the_number_of_their_readme():
    """README of HIPS autograd: the derivative of its tanh at 1.0 is 0.419974341614026."""
    _, (gradient,) = ours(autograd_examples._tanh, (np.float64(1.0),))
    assert gradient == pytest.approx(0.419974341614026, abs=1e-15)


def test_the_root_of_two_has_the_slope_of_the_formula():
    """examples/fixed_points.py: the slope of the square root at 2 is 1 / (2 sqrt 2)."""
    _, (gradient,) = ours(autograd_examples._root_by_descent, (np.float64(2.0),))
    assert gradient == pytest.approx(0.5 / np.sqrt(2.0), rel=1e-6)


def test_training_lowers_the_loss_of_their_logistic_regression():
    """examples/logistic_regression.py: from 4 ln 2, a hundred steps of 0.01 lower the loss."""
    weights = np.zeros(3)
    first, _ = ours(autograd_examples._logistic, (weights,))
    assert first == pytest.approx(4 * np.log(2.0))
    for _ in range(100):
        weights = weights - 0.01 * ours(autograd_examples._logistic, (weights,))[1][0]
    last, _ = ours(autograd_examples._logistic, (weights,))
    assert last == pytest.approx(theirs(autograd_examples._logistic, (weights,))[0])
    assert last < 1.1


def test_a_different_expression_is_caught():
    """The comparison fails when the two sides do not compute the same."""
    require_module("autograd")

    def planted(namespace, x):
        return namespace.sin(x) * (1.0 if namespace is F else 1.001)

    assert min(errors(planted, (np.array([0.3, 0.7]),))) > TOLERANCE
