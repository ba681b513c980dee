"""Claims about `sphinx_tape.tape.numpy_protocol`; plain calls: `test_variable.py`."""

import numpy as np
import pytest

from sphinx_tape import Tape
from sphinx_tape.errors import OperandError
from sphinx_tape.tape.numpy_protocol import public_function

MATRIX = np.array([[2.0, 1.0], [0.5, 3.0]])

SAME = {
    "matrix inverse": np.linalg.inv,
    "determinant": np.linalg.det,
    "solution": lambda m: np.linalg.solve(m, np.ones(2)),
    "length of rows": lambda m: np.linalg.norm(m, axis=1, keepdims=True),
    "running sum of all": np.cumsum,
    "running sum of columns": lambda m: np.cumsum(m, axis=0),
    "clip by NumPy's words": lambda m: np.clip(m, a_min=1.0, a_max=2.5),
    "sample variance": lambda m: np.var(m, axis=0, ddof=1),
}


@pytest.mark.parametrize("name", SAME)
def test_the_value_is_numpys(name):
    """What NumPy computes on the array, the tape computes on the variable."""
    np.testing.assert_allclose(SAME[name](Tape().leaf(MATRIX)).value, SAME[name](MATRIX), rtol=1e-13)


UNKNOWN = {
    "no operation": np.sort,
    "of the same name as another": np.linalg.matrix_norm if hasattr(np.linalg, "matrix_norm") else np.sort,
    "no elementwise operation": np.isnan,
    "one that only bears the name": np.frompyfunc(lambda x: x, 1, 1),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_means_something_else_is_refused(name):
    """A function is known by itself: no silent stand-in of a similar name."""
    with pytest.raises(OperandError, match="must be one that the table knows"):
        UNKNOWN[name](Tape().leaf(MATRIX))


def test_trace_of_linalg_is_not_taken_for_the_trace():
    """np.linalg.trace sums over the last two axes, np.trace over the first two."""
    if hasattr(np.linalg, "trace"):
        with pytest.raises(OperandError, match="function trace must be one"):
            np.linalg.trace(Tape().leaf(MATRIX))


@pytest.mark.parametrize(
    "call",
    [
        lambda m: np.linalg.norm(m, 1),
        lambda m: np.linalg.norm(m, ord="fro"),
        lambda m: np.round(m, 2),
        lambda m: np.sum(m, initial=1.0),
        lambda m: np.mean(m, dtype=np.float32),
    ],
)
def test_arguments_that_no_rule_takes_are_refused(call):
    """An order, decimals, an initial value: said as an operand error, not taken for something else."""
    with pytest.raises(OperandError, match=r"must use the arguments of sphinx_tape.functions.\w+ \(got"):
        call(Tape().leaf(MATRIX))


def test_public_functions_are_found_by_name():
    """And only those that are listed."""
    assert public_function("sin").__name__ == "sin"
    with pytest.raises(OperandError, match="function apply must be one"):
        public_function("apply")
