"""Claims about `sphinx_tape.tape.trigonometric`. Rules: `test_check.py`."""

# ruff: noqa: N812 -- F is the name the documentation uses

import math

import pytest

from sphinx_tape import Tape, gradients
from sphinx_tape import functions as F

ROOT3 = math.sqrt(3)

# Values and slopes at the angles of the half square and the half equilateral triangle.
KNOWN = [
    (F.sin, math.pi / 6, 0.5, ROOT3 / 2),
    (F.cos, math.pi / 3, 0.5, -ROOT3 / 2),
    (F.tan, math.pi / 4, 1.0, 2.0),
    (F.arcsin, 0.5, math.pi / 6, 2 / ROOT3),
    (F.arccos, 0.5, math.pi / 3, -2 / ROOT3),
    (F.arctan, 1.0, math.pi / 4, 0.5),
    (F.sinh, math.log(2), 0.75, 1.25),
    (F.cosh, math.log(2), 1.25, 0.75),
    (F.tanh, math.log(2), 0.6, 0.64),
    (F.arcsinh, 0.75, math.log(2), 0.8),
    (F.arccosh, 1.25, math.log(2), 4 / 3),
    (F.arctanh, 0.6, math.log(2), 1.5625),
]


@pytest.mark.parametrize(("function", "at", "value", "slope"), KNOWN)
def test_known_values_and_slopes(function, at, value, slope):
    """Each function where geometry gives both in closed form."""
    x = Tape().leaf(at)
    output = function(x)
    assert output.value == pytest.approx(value, rel=1e-14)
    assert gradients(output)[0] == pytest.approx(slope, rel=1e-14)


def test_arctan2_in_all_quadrants():
    """The angle of (b, a) = (-1, 1) is 3 pi / 4; its slopes are those of a turn by that radius."""
    tape = Tape()
    a, b = tape.leaf(1.0), tape.leaf(-1.0)
    output = F.arctan2(a, b)
    assert output.value == pytest.approx(3 * math.pi / 4)
    assert gradients(output)[:2] == [-0.5, -0.5]
