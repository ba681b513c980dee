"""Claims about `sphinx_tape.tape.activations`. Rules: `test_check.py`."""

# ruff: noqa: N812 -- F is the name the documentation uses

import math
import warnings

import numpy as np
import pytest

from sphinx_tape import Tape, gradients
from sphinx_tape import functions as F
from sphinx_tape.tape.activations import erf


def both(function, at):
    """Value and slope at one number."""
    x = Tape().leaf(float(at))
    output = function(x)
    return float(output.value), float(gradients(output)[0])


def test_sigmoid_neuron_of_the_cs231n_notes():
    """CS231n, "Backpropagation, intuitions": w = [2, -3, -3], x = [-1, -2]; f = 0.73, df = 0.2 (rounded)."""
    tape = Tape()
    w = [tape.leaf(each) for each in (2.0, -3.0, -3.0)]
    x = [tape.leaf(each) for each in (-1.0, -2.0)]
    dot = w[0] * x[0] + w[1] * x[1] + w[2]
    output = F.sigmoid(dot)
    found = gradients(output)
    assert round(float(output.value), 2) == 0.73
    assert round(float(found[dot.id]), 1) == 0.2
    assert [round(float(found[each.id]), 1) for each in (*w, *x)] == [-0.2, -0.4, 0.2, 0.4, -0.6]


@pytest.mark.parametrize(
    ("function", "at", "value", "slope"),
    [
        (F.sigmoid, 0, 0.5, 0.25),
        (F.softplus, 0, math.log(2), 0.5),
        (F.relu, 2, 2, 1),
        (F.relu, -2, 0, 0),
        (F.leaky_relu, -2, -0.02, 0.01),
        (F.elu, math.log(0.5), -0.5, 0.5),
        (F.elu, 2, 2, 1),
        (F.silu, 0, 0, 0.5),
        (F.gelu, 0, 0, 0.5),
        (lambda x: F.gelu(x, approximate=True), 0, 0, 0.5),
        (F.erf, 0, 0, 2 / math.sqrt(math.pi)),
    ],
)
def test_value_and_slope_by_hand(function, at, value, slope):
    """Each function where both are known in closed form."""
    assert both(function, at) == pytest.approx((value, slope), rel=1e-15)


@pytest.mark.parametrize(
    ("function", "slope"),
    [
        (F.relu, 0.0),
        (F.leaky_relu, 0.01),
        (lambda x: F.elu(x, alpha=1.5), 1.5),
    ],
)
def test_convention_at_the_kink(function, slope):
    """At 0 each has the slope of its negative side (PyTorch's choice, in the notes of the table)."""
    assert both(function, 0) == (0.0, slope)


@pytest.mark.parametrize("at", [-1e4, 1e4])
@pytest.mark.parametrize("function", [F.sigmoid, F.softplus, F.elu, F.silu, F.gelu])
def test_no_overflow_at_extremes(function, at):
    """Neither value nor slope warns or leaves the finite numbers, far out on both sides."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isfinite(both(function, at)).all()


def test_small_sigmoid_keeps_its_digits():
    """Far to the left the logistic function is the exponential, to full relative precision."""
    assert both(F.sigmoid, -700)[0] == pytest.approx(math.exp(-700), rel=1e-14)


def test_erf_is_the_standard_librarys():
    """To the last digit in float64, rounded once in float32."""
    points = np.linspace(-3, 3, 13)
    assert erf(points).tolist() == [math.erf(point) for point in points]
    assert erf(points.astype(np.float32)).dtype == np.float32


def test_two_forms_of_gelu_are_close():
    """Hendrycks and Gimpel 2016: the tanh form is within 0.0005 of the exact one."""
    points = Tape().constant(np.linspace(-4, 4, 81))
    gap = np.abs(F.gelu(points).value - F.gelu(points, approximate=True).value)
    assert 0 < gap.max() < 5e-4
