"""Claims about `sphinx_tape.tape.requirements`."""

import numpy as np
import pytest

from sphinx_tape import Tape
from sphinx_tape import functions as F  # noqa: N812 -- the customary short name
from sphinx_tape.errors import OperandError
from sphinx_tape.tape.requirements import require_integers, require_real, require_temperature


def test_integers_of_any_kind_pass():
    """Signed and unsigned integers of any width are indices."""
    for kind in ("int8", "uint16", "int64"):
        assert require_integers(np.array([1], dtype=kind), "x").tolist() == [1]


@pytest.mark.parametrize("indices", [1.0, True, "a"])
def test_anything_else_is_no_index(indices):
    """Floats, bools and text are refused with the operation's name."""
    with pytest.raises(OperandError, match=r"indices of gather must be integers \(got element type"):
        require_integers(indices, "gather")


def test_real_operands_pass():
    """Real numbers pass without a word."""
    require_real("mse", 1.0, np.ones(2))


@pytest.mark.parametrize(
    "operation",
    [F.softmax, F.log_softmax, F.smooth_max, lambda z: F.mse(z, 0.0), lambda z: F.mae(z, 0.0)],
)
def test_complex_values_have_no_order(operation):
    """Operations that need an order refuse complex values and say what to do."""
    z = Tape().leaf(np.array([1.0 + 1j, 2.0]))
    with pytest.raises(OperandError, match=r"must be real \(got complex elements\); take the real part"):
        operation(z)


@pytest.mark.parametrize("temperature", [0, -1.0, float("nan")])
def test_temperatures_are_positive(temperature):
    """Zero, negative numbers and nan are refused."""
    with pytest.raises(OperandError, match="temperature of smooth_max must be positive"):
        require_temperature(temperature, "smooth_max")
    with pytest.raises(OperandError, match="temperature of smooth_max_pool must be positive"):
        F.smooth_max_pool(Tape().leaf(np.ones((1, 1, 2))), 2, temperature=temperature)
