"""Claims about `sphinx_tape.tape.elementwise`: values, conventions, extremes. Rules: `test_check.py`."""

# ruff: noqa: N812 -- F is the name the documentation uses

import numpy as np
import pytest

from sphinx_tape import Tape, gradients
from sphinx_tape import functions as F


def gradient(function, *numbers):
    """Value and gradients of a function of scalar leaves."""
    tape = Tape()
    leaves = [tape.leaf(float(number)) for number in numbers]
    output = function(*leaves)
    found = gradients(output)
    return (float(output.value), *(float(found[leaf.id]) for leaf in leaves))


@pytest.mark.parametrize(
    ("function", "numbers", "expected"),
    [
        (F.add, (3, 4), (7, 1, 1)),
        (F.subtract, (3, 4), (-1, 1, -1)),
        (F.multiply, (3, 4), (12, 4, 3)),
        (F.divide, (3, 4), (0.75, 0.25, -0.1875)),
        (F.negative, (3,), (-3, -1)),
        (F.reciprocal, (4,), (0.25, -0.0625)),
        (F.power, (2, 3), (8, 12, 8 * np.log(2))),
        (F.square, (3,), (9, 6)),
        (F.sqrt, (4,), (2, 0.25)),
        (F.abs, (-3,), (3, -1)),
        (F.hypot, (3, 4), (5, 0.6, 0.8)),
        (F.exp, (0,), (1, 1)),
        (F.expm1, (0,), (0, 1)),
        (F.log, (2,), (np.log(2), 0.5)),
        (F.log1p, (1,), (np.log(2), 0.5)),
        (F.safe_log, (2,), (np.log(2), 0.5)),
        (F.logaddexp, (0, 0), (np.log(2), 0.5, 0.5)),
    ],
)
def test_value_and_slopes_by_hand(function, numbers, expected):
    """Each function at a point where the calculus is done in the head."""
    assert gradient(function, *numbers) == pytest.approx(expected, rel=1e-15)


def test_scale_has_no_second_node():
    """A plain factor is a keyword, not a constant."""
    x = Tape().leaf(3.0)
    y = F.scale(x, 2.5)
    assert (len(x.tape), y.value, gradients(y)[0]) == (2, 7.5, 2.5)


@pytest.mark.parametrize(
    ("function", "numbers", "slopes"),
    [
        (F.abs, (0,), (0,)),
        (F.hypot, (0, 0), (0, 0)),
        (F.safe_log, (0,), (0,)),
        (lambda x: F.safe_log(x, eps=0.5), (0.5,), (0,)),
        (lambda x: x**0.0, (0,), (0,)),
        (lambda x: F.power(x, 1.0), (0,), (1,)),
        (lambda p: F.power(0.0, p), (2,), (0,)),
    ],
)
def test_convention_at_kinks(function, numbers, slopes):
    """What the notes in the table promise."""
    assert gradient(function, *numbers)[1:] == slopes


def test_power_of_arrays_at_zero_exponents_and_bases():
    """Element by element: 0^0, 0^2, 2^0, (-2)^3."""
    tape = Tape()
    x, p = tape.leaf([0.0, 0.0, 2.0, -2.0]), tape.constant([0.0, 2.0, 0.0, 3.0])
    assert gradients((x**p).sum())[0].tolist() == [0.0, 0.0, 0.0, 12.0]


def test_slope_of_the_root_at_zero_is_infinite():
    """As the note says; NumPy warns of the division."""
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        assert gradient(F.sqrt, 0) == (0.0, np.inf)


def test_negative_base_has_no_slope_in_its_exponent():
    """The real logarithm of a negative base does not exist."""
    with pytest.warns(RuntimeWarning, match="invalid value"):
        assert np.isnan(gradient(F.power, -2, 3)[2])


def test_logaddexp_does_not_overflow():
    """At 1000 the exponentials would; the shares are those of a softmax."""
    assert gradient(F.logaddexp, 1000, 1000) == pytest.approx((1000 + np.log(2), 0.5, 0.5))


def test_accuracy_near_zero():
    """The forms ln(1 + x) and e^x - 1 keep their digits where the naive ones lose them."""
    assert gradient(F.log1p, 1e-20) == (1e-20, 1.0)
    assert gradient(F.expm1, 1e-20) == (1e-20, 1.0)
