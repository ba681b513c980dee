"""Claims about `sphinx_tape.tape.differences`."""

import numpy as np
import pytest

from sphinx_tape.tape.differences import asymmetric, differentiate, worst_of


def test_differences_are_right_on_a_polynomial():
    """d(x0^3 + x0 x1) = (3 x0^2 + x1, x0), to the digits that central differences have."""

    def loss(operands):
        return operands[0][0] ** 3 + operands[0][0] * operands[0][1]

    slope = differentiate(loss, [np.array([2.0, 5.0])], 0)
    np.testing.assert_allclose(slope, [17.0, 2.0], rtol=1e-9)


def test_differences_follow_the_complex_convention():
    """d|z|^2 is 2z as dL/dRe + i dL/dIm."""
    slope = differentiate(lambda operands: abs(operands[0]) ** 2, [np.complex128(1 + 2j)], 0)
    np.testing.assert_allclose(slope, 2 + 4j, rtol=1e-9)


def test_complex_steps_have_every_digit():
    """They subtract nothing: the slope of exp at 1 is e to the last bits."""
    slope = differentiate(lambda operands: np.exp(operands[0]), [np.float64(1.0)], 0, "complex step")
    assert slope == pytest.approx(np.e, rel=1e-15)


def test_only_picked_elements_are_differentiated():
    """The others stay 0."""
    slope = differentiate(lambda operands: np.sum(operands[0] ** 2), [np.ones((2, 2))], 0, picked=[1, 2])
    np.testing.assert_allclose(slope, [[0.0, 2.0], [2.0, 0.0]], rtol=1e-9)


def test_weights_have_no_symmetry():
    """No two of the first hundred are equal, none is 0, and complex ones have both parts."""
    weights = asymmetric(np.zeros((10, 10)))
    assert len(set(weights.reshape(-1).tolist())) == 100
    assert np.abs(weights).min() > 0.4
    assert np.abs(asymmetric(np.zeros(5, complex)).imag).min() > 0.01


def test_worst_element_is_found_and_nan_is_worse_than_anything():
    """Errors are relative above 1 and absolute below; nan is never ok."""
    expected = np.array([100.0, 0.5])
    found = worst_of("x", "central differences", np.array([101.0, 0.52]), expected, 0.015)
    assert (found.element, found.ok, found.compared) == ((1,), False, 2)
    assert found.error == pytest.approx(0.02)
    lost = worst_of("x", "central differences", np.array([np.nan, 5.0]), expected, 1e9)
    assert (lost.element, lost.ok) == ((0,), False)
