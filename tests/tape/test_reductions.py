"""Claims about `sphinx_tape.tape.reductions`. Rules: `test_check.py`."""

# ruff: noqa: N812 -- F is the name the documentation uses

import numpy as np
import pytest

from sphinx_tape import Tape, gradients
from sphinx_tape import functions as F

CUBE = np.arange(24.0).reshape(2, 3, 4) / 7 - 1.5

NUMPY = {
    F.sum: np.sum,
    F.mean: np.mean,
    F.prod: np.prod,
    F.max: np.max,
    F.min: np.min,
    F.var: np.var,
    F.std: np.std,
    F.norm: lambda x, axis, keepdims: np.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims)),
    F.logsumexp: lambda x, axis, keepdims: np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims)),
}


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [None, 0, -1, (0, 2), (-1, 1)])
@pytest.mark.parametrize("function", NUMPY)
def test_values_and_shapes_are_numpys(function, axis, keepdims):
    """All reductions over all kinds of axes, with and without the reduced axes."""
    x = Tape().leaf(CUBE)
    output = function(x, axis, keepdims=keepdims)
    expected = NUMPY[function](CUBE, axis=axis, keepdims=keepdims)
    assert output.shape == np.shape(expected)
    np.testing.assert_allclose(output.value, expected, rtol=1e-13)
    assert gradients(output, np.ones(output.shape))[0].shape == CUBE.shape


def slope(function, given, **keywords):
    """Gradient of the sum of a reduction."""
    x = Tape().leaf(given)
    return gradients(function(x, **keywords).sum())[0].tolist()


def test_slopes_by_hand():
    """Of 1, 2, 4: the sum, mean, product, Euclidean length and variance."""
    given = [1.0, 2.0, 4.0]
    assert slope(F.sum, given) == [1.0, 1.0, 1.0]
    assert slope(F.mean, given) == pytest.approx([1 / 3] * 3)
    assert slope(F.prod, given) == [8.0, 4.0, 2.0]
    assert slope(F.norm, [3.0, 4.0]) == pytest.approx([0.6, 0.8])
    assert slope(F.var, given) == pytest.approx([-8 / 9, -2 / 9, 10 / 9])
    assert slope(F.var, given, ddof=1) == pytest.approx([-4 / 3, -1 / 3, 5 / 3])
    assert slope(F.cumsum, given) == [3.0, 2.0, 1.0]
    assert slope(F.logsumexp, [0.0, 0.0]) == [0.5, 0.5]


def test_product_with_zeros():
    """With one 0 only its slope survives; with two none does."""
    assert slope(F.prod, [2.0, 0.0, 3.0]) == [0.0, 6.0, 0.0]
    assert slope(F.prod, [0.0, 0.0, 3.0]) == [0.0, 0.0, 0.0]


def test_extreme_elements_share_ties():
    """Two equal largest elements get half each (as PyTorch's amax); along an axis each row for itself."""
    assert slope(F.max, [1.0, 5.0, 5.0]) == [0.0, 0.5, 0.5]
    assert slope(F.min, [[1.0, 1.0], [2.0, 0.0]], axis=1) == [[0.5, 0.5], [0.0, 1.0]]


def test_tips_have_slope_zero():
    """The length of a zero vector and the deviation of equal numbers."""
    assert slope(F.norm, [0.0, 0.0]) == [0.0, 0.0]
    assert slope(F.std, [2.0, 2.0]) == [0.0, 0.0]


def test_logsumexp_does_not_overflow():
    """Around 1000, and with an element at minus infinity, which has no share."""
    assert slope(F.logsumexp, [1000.0, 1000.0]) == pytest.approx([0.5, 0.5], rel=1e-12)
    assert slope(F.logsumexp, [0.0, -np.inf]) == [1.0, 0.0]


def test_reduction_of_a_scalar():
    """A number is its own sum, mean and length."""
    for function in (F.sum, F.mean, F.norm, F.logsumexp, F.max):
        x = Tape().leaf(2.0)
        output = function(x)
        assert (output.value, gradients(output)[0]) == (2.0, 1.0)
