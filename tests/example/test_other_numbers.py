"""The chapters on fractions and symbols."""

from fractions import Fraction

import pytest
from course_tapes import exact

from tests.support import require_module


def element(value):
    """Return the one element of an exact scalar."""
    return value.item() if hasattr(value, "item") else value


def test_thirds(work):
    """By hand: y + 1/y = 29/10 and x - x/y**2 = ... evaluated as fractions."""
    x, y = Fraction(1, 3), Fraction(2, 5)
    found = work(exact.thirds())
    assert element(found.gradients["x"]) == y + 1 / y == Fraction(29, 10)
    assert element(found.gradients["y"]) == x - x / y**2 == Fraction(-7, 4)


def test_heron(work):
    """Heron's third approximation of the root of 2 is 577/408; it is right to five decimals."""
    found = element(work(exact.babylonian()).values["x_3"])
    assert found == Fraction(577, 408)
    assert abs(float(found) - 2**0.5) < 5e-6


def test_derivative_of_heron(work):
    """By the quotient rule on x <- (x + a/x)/2, carried along in fractions."""
    a, x, slope = Fraction(2), Fraction(1), Fraction(0)
    for _ in range(3):
        x, slope = (x + a / x) / 2, (slope + 1 / x - a * slope / x**2) / 2
    found = element(work(exact.babylonian()).gradients["a"])
    assert found == slope
    assert float(found) == pytest.approx(0.35355, abs=5e-5)


@pytest.mark.parametrize(("steps", "slope"), [(1, Fraction(1, 2)), (2, Fraction(13, 36))])
def test_heron_exercise(work, steps, slope):
    """By hand: 1/2 after one round, 13/36 = 0.3611 after two."""
    assert element(work(exact.babylonian(steps=steps)).gradients["a"]) == slope
    assert float(Fraction(13, 36)) == pytest.approx(0.3611, abs=5e-5)


def test_symbolic_survey(work):
    """SymPy's own derivatives of the survey's function."""
    sympy = require_module("sympy")
    from course_tapes import symbolic

    x1, x2 = sympy.symbols("x1 x2")
    formula = sympy.log(x1) + x1 * x2 - sympy.sin(x2)
    found = work(symbolic.survey())
    assert sympy.simplify(element(found.gradients["x_1"]) - formula.diff(x1)) == 0
    assert sympy.simplify(element(found.gradients["x_2"]) - formula.diff(x2)) == 0
    assert element(found.gradients["x_2"]).subs({x1: 2, x2: 5}).evalf() == pytest.approx(1.716, abs=5e-4)


def test_symbolic_product_and_sine(work):
    """By hand: y + cos x, and x, to the letter."""
    require_module("sympy")
    from course_tapes import symbolic

    found = work(symbolic.product_and_sine())
    assert str(element(found.gradients["x"])) == "y + cos(x)"
    assert str(element(found.gradients["y"])) == "x"
