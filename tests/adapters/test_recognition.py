"""An operation is ours if it does the same, forward and back; names prove nothing."""

from fractions import Fraction

import numpy as np
import pytest

from sphinx_tape import Tape
from sphinx_tape.adapters.recognition import is_operation
from sphinx_tape.tape.primitives import PRIMITIVES

SAMPLES = [
    pytest.param(primitive, sample, id=f"{primitive.name}-{place}")
    for primitive in PRIMITIVES.values()
    for place, sample in enumerate(primitive.samples)
]


def recorded(name, operands, keywords):
    """Return a node of ours and what `is_operation` is told about it."""
    tape = Tape()
    variables = [
        tape.leaf(each) if np.asarray(each).dtype.kind in "fcO" else tape.constant(each) for each in operands
    ]
    node = tape.record(name, tuple(variables), dict(keywords)).node
    wanted = [variable.node.requires_grad for variable in variables]
    return node, [variable.value for variable in variables], wanted


@pytest.mark.parametrize(("primitive", "sample"), SAMPLES)
def test_every_operation_knows_itself(primitive, sample):
    """Each entry of THE table, on each of its samples."""
    node, values, wanted = recorded(primitive.name, sample.operands, sample.keywords)
    assert is_operation(primitive.name, values, wanted, node.value, node.vjp, node.keywords or {})


X = np.array([[0.4, -0.9], [2.3, 0.6]])


def told(op, value, rule, operands=(X,), wanted=(True,), keywords=None):  # noqa: PLR0917 -- as the function under test
    return is_operation(op, operands, wanted, value, rule, keywords or {})


@pytest.mark.parametrize(
    ("why", "arguments"),
    [
        ("another value", ("sin", np.cos(X), lambda g: [g * np.cos(X)])),
        ("another rule", ("sin", np.sin(X), lambda g: [-g * np.cos(X)])),
        ("a rule that forgets a transpose", ("transpose", X.T, lambda g: [g])),
        ("a rule that raises", ("sin", np.sin(X), lambda _: [1 / 0])),
        ("too few contributions", ("sin", np.sin(X), lambda _: [])),
        ("another shape of the contribution", ("sin", np.sin(X), lambda g: [np.sum(g)])),
        ("no rule where ours has one", ("sin", np.sin(X), None)),
        ("a rule where ours has none", ("floor", np.floor(X), lambda g: [g])),
        ("nothing for an operand", ("sin", np.sin(X), lambda _: [None])),
        ("another shape of the value", ("sum", np.sum(X, 0), lambda g: [np.ones_like(X) * g])),
        ("other keywords", ("sum", np.sum(X), lambda g: [np.ones_like(X) * g], (X,), (True,), {"where": 1})),
        ("another number of operands", ("mul", X, lambda g: [g])),
        ("a name that the table does not have", ("swirl", X, lambda g: [g])),
    ],
)
def test_another_operation(why, arguments):
    """Whatever differs shows."""
    assert not told(*arguments), why


def test_the_same_with_rounding():
    """Two formulas for one slope agree although their last digits differ."""
    assert told("tanh", np.tanh(X), lambda g: [g / np.cosh(X) ** 2])
    single = X.astype(np.float32)
    assert told("tanh", np.tanh(single), lambda g: [g / np.cosh(single) ** 2 * 1.00001], (single,))
    assert not told("tanh", np.tanh(single), lambda g: [g / np.cosh(single) ** 2 * 1.01], (single,))


def test_conventions_count():
    """At the kink 0 our relu hands nothing back; one that does is another there, and only there."""
    kinked = np.array([0.0, 1.0])
    assert told("relu", kinked, lambda g: [g * (kinked > 0)], (kinked,))
    assert not told("relu", kinked, lambda g: [g * (kinked >= 0)], (kinked,))
    assert told("relu", kinked + 1, lambda g: [g * (kinked + 1 >= 0)], (kinked + 1,))


def test_what_no_gradient_is_asked_for_may_be_missing():
    """An operand that requires none gets nothing, or zeros."""
    two = np.float64(2.0)
    assert told("mul", X * two, lambda g: [g * two, None], (X, two), (True, False))
    assert told("mul", X * two, lambda g: [g * two, 0.0], (X, two), (True, False))
    assert told("mul", X * two, None, (X, two), (False, False))


def test_infinite_slopes_and_nan_agree():
    """The root at 0 is infinite in both; nan equals nan."""
    zero = np.array([0.0, 4.0])
    assert told("sqrt", np.sqrt(zero), lambda g: [g / np.array([0.0, 4.0])], (zero,))
    nan = np.array([np.nan, 1.0])
    assert told("exp", np.exp(nan), lambda g: [g * np.exp(nan)], (nan,))


def test_complex_values():
    """The rule is compared in our convention: the conjugate of the derivative."""
    z = np.array([1 + 2j, 0.5 - 1j])
    assert told("exp", np.exp(z), lambda g: [g * np.conj(np.exp(z))], (z,))
    assert not told("exp", np.exp(z), lambda g: [g * np.exp(z)], (z,))


def test_exact_values():
    """Fractions are compared exactly."""
    third = np.array(Fraction(1, 3), dtype=object)
    ninth = np.array(Fraction(1, 9), dtype=object)
    assert told("square", ninth, lambda g: [g * Fraction(2, 3)], (third,))
    assert not told("square", ninth, lambda g: [g * Fraction(2, 4)], (third,))
