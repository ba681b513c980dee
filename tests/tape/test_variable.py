"""Claims about `sphinx_tape.tape.variable`."""

# ruff: noqa: N812 -- F is the name the documentation uses

import operator

import numpy as np
import pytest

from sphinx_tape import Tape, gradients
from sphinx_tape import functions as F
from sphinx_tape.errors import OperandError

OPERATORS = {
    operator.add: "add",
    operator.sub: "sub",
    operator.mul: "mul",
    operator.truediv: "div",
    operator.pow: "power",
    operator.lt: "less",
    operator.le: "less_equal",
    operator.gt: "greater",
    operator.ge: "greater_equal",
    operator.eq: "equal",
    operator.ne: "not_equal",
}
REFLECTED = {
    "less": "greater",
    "less_equal": "greater_equal",
    "greater": "less",
    "greater_equal": "less_equal",
}


@pytest.mark.parametrize("function", OPERATORS)
def test_operator_records_its_primitive(function):
    """Between variables, and with a number on either side, the value is Python's own."""
    x, y = (tape := Tape()).leaf(2.0), tape.leaf(3.0)
    name = OPERATORS[function]
    assert (function(x, y).node.op, function(x, y).value) == (name, function(2.0, 3.0))
    assert function(x, 5.0).value == function(2.0, 5.0)
    reflected = function(5.0, x)
    assert reflected.node.op == REFLECTED.get(name, name)
    assert reflected.value == function(5.0, 2.0)


def test_matmul_from_both_sides():
    """An array before @ leaves the work to the variable."""
    w = Tape().leaf([[1.0, 2.0], [3.0, 4.0]])
    row = np.array([1.0, 1.0])
    assert (row @ w).value.tolist() == [4.0, 6.0]
    assert (w @ row).value.tolist() == [3.0, 7.0]


def test_unary_operators():
    """Minus and abs record; plus is the variable itself."""
    x = Tape().leaf(-2.0)
    assert ((-x).value, abs(x).value) == (2.0, 2.0)
    assert +x is x


def test_array_times_variable_is_one_node():
    """NumPy does not loop over its elements and make an array of variables."""
    x = Tape().leaf([1.0, 2.0])
    y = np.array([3.0, 4.0]) * x
    assert y.node.op == "mul"
    assert y.value.tolist() == [3.0, 8.0]


def test_facts_about_the_value():
    """Shape, size, rank, element type, name and flag come from the node."""
    x = Tape().leaf(np.ones((2, 3), dtype=np.float32), name="x")
    assert (x.shape, x.ndim, x.size, x.dtype, x.name, x.requires_grad) == (
        (2, 3),
        2,
        6,
        np.float32,
        "x",
        True,
    )
    assert len(x) == 2


def test_scalar_conversions():
    """A scalar variable converts to Python numbers and steers a branch."""
    x = Tape().leaf(2.5)
    assert (float(x), x.item()) == (2.5, 2.5)
    assert bool(x > 2.0)
    assert not x < 2.0


def test_comparison_is_not_differentiable():
    """A comparison has no gradient and says why."""
    x = Tape().leaf(2.5)
    node = (x > 1.0).node
    assert (node.requires_grad, node.cut) == (False, "not_differentiable")


def test_variables_are_hashable_by_identity():
    """Two variables of one node are two keys, although == compares values."""
    tape = Tape()
    tape.leaf(1.0)
    one, other = tape.variable(0), tape.variable(0)
    assert len({one, other, one}) == 2


def test_detach_cuts():
    """The value goes on, the gradient does not."""
    x = Tape().leaf(3.0)
    cut = x.detach()
    assert (cut.value, cut.requires_grad, cut.node.cut) == (3.0, False, "detach")
    assert gradients(cut * x)[0] == 3.0


def test_astype_narrows_and_hands_back():
    """The gradient comes back in the operand's own type; an integer type cuts."""
    x = Tape().leaf(np.array([1.5, 2.5]))
    narrow = x.astype(np.float32)
    assert (narrow.dtype, gradients(narrow.sum())[0].dtype) == (np.float32, np.float64)
    assert x.astype(int).node.cut == "integer"


def test_iteration_and_indexing():
    """Rows in order; each is a variable that hands back to its row."""
    x = Tape().leaf([[1.0, 2.0], [3.0, 4.0]])
    first, second = x
    assert first.value.tolist() == [1.0, 2.0]
    assert gradients((second * second).sum())[0].tolist() == [[0.0, 0.0], [6.0, 8.0]]


METHODS = {
    "sum": 6.0,
    "mean": 2.0,
    "max": 3.0,
    "min": 1.0,
    "square": [1.0, 4.0, 9.0],
    "sqrt": np.sqrt([1.0, 2.0, 3.0]),
    "exp": np.exp([1.0, 2.0, 3.0]),
    "log": np.log([1.0, 2.0, 3.0]),
    "tanh": np.tanh([1.0, 2.0, 3.0]),
    "sigmoid": 1 / (1 + np.exp([-1.0, -2.0, -3.0])),
    "relu": [1.0, 2.0, 3.0],
    "abs": [1.0, 2.0, 3.0],
}


@pytest.mark.parametrize("name", METHODS)
def test_method_computes_what_its_name_says(name):
    """Each method records one node of its own name."""
    x = Tape().leaf([1.0, 2.0, 3.0])
    y = getattr(x, name)()
    assert y.node.op == name
    np.testing.assert_allclose(y.value, METHODS[name], rtol=1e-15)


def test_shape_methods():
    """Reshape takes integers or a tuple; transpose takes axes; T reverses them."""
    x = Tape().leaf(np.arange(6.0).reshape(1, 2, 3))
    assert x.reshape(3, 2).shape == x.reshape((3, 2)).shape == x.reshape(-1, 2).shape == (3, 2)
    assert (x.T.shape, x.transpose().shape, x.transpose(1, 0, 2).shape) == ((3, 2, 1), (3, 2, 1), (2, 1, 3))


NUMPY_CALLS = {
    "sin": np.sin,
    "add": lambda v: np.add(v, [1.0, 2.0, 3.0]),
    "add with the array first": lambda v: np.add([1.0, 2.0, 3.0], v),
    "subtract": lambda v: np.subtract(v, 1.0),
    "absolute": np.abs,
    "maximum": lambda v: np.maximum(v, 2.0),
    "power": lambda v: np.power(v, 3.0),
    "rint": np.rint,
    "sum over an axis": lambda v: np.sum(v, axis=0, keepdims=True),
    "mean": np.mean,
    "max": np.max,
    "clip": lambda v: np.clip(v, 1.5, 2.5),
    "where": lambda v: np.where(v > 1.5, v, 0.0),
    "concatenate": lambda v: np.concatenate([v, v]),
    "reshape": lambda v: np.reshape(v, (3, 1)),
    "matmul": lambda v: np.matmul(v, v),
    "linalg.norm": np.linalg.norm,
}


@pytest.mark.parametrize("call", NUMPY_CALLS)
def test_numpy_function_records_and_gives_numpys_value(call):
    """NumPy's functions, called on a variable, give a variable with the value they give on arrays."""
    given = np.array([1.0, 2.0, 3.0])
    tape = Tape()
    result = NUMPY_CALLS[call](tape.leaf(given))
    assert result.tape is tape
    np.testing.assert_array_equal(result.value, NUMPY_CALLS[call](given))


def test_unknown_numpy_function_is_refused():
    """A function outside the table says so instead of losing the gradient."""
    with pytest.raises(OperandError, match=r"function sort must be one that the table knows"):
        np.sort(Tape().leaf([1.0]))


@pytest.mark.parametrize(
    "call",
    [
        np.add.reduce,
        lambda v: np.add(v, 1.0, where=[True]),
        lambda v: np.add(v, 1.0, out=np.ones(1)),
    ],
)
def test_other_ways_to_call_a_ufunc_are_refused(call):
    """Reductions through a ufunc, masks and output arrays cannot be recorded."""
    with pytest.raises(OperandError, match=r"call of np.add on a variable must be a plain call"):
        call(Tape().leaf([1.0]))


def test_conversion_to_an_array_is_refused():
    """It would lose the gradient silently; the message names the way to do it on purpose."""
    with pytest.raises(OperandError, match=r"write variable.value if that is meant"):
        np.asarray(Tape().leaf([1.0]))


def test_text_of_a_variable():
    """Id, operation, name and value."""
    x = Tape().leaf(1.0, name="x")
    assert repr(x) == "Variable(0: leaf 'x', value=np.float64(1.0))" or "value=1.0" in repr(x)
    assert repr(F.exp(x)).startswith("Variable(1: exp, value=")
