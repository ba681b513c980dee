"""Which equations get a node: what an author wrote, and nothing that changes a number is missing."""

import numpy as np
import pytest

from sphinx_tape import from_jax
from sphinx_tape.tape import backward
from tests.support import require_module

ROW = np.float32([1.0, 2.0])
MATRIX = np.float32([[1.0, 2.0], [3.0, 5.0]])


@pytest.fixture(autouse=True)
def jax():
    """Skip where JAX is missing; give it to the tests that use it."""
    return require_module("jax")


def ops(reading):
    """Return the operations of the nodes with operands."""
    return [node.op for node in reading.tape.nodes if node.parents]


def test_broadcasting_as_numpy_does():
    """A row added to a matrix is one operation; the row receives the sum over the rows."""
    reading = from_jax(lambda x, b: x + b, MATRIX, ROW)
    assert ops(reading) == ["add"]
    seed = np.float32([[1.0, 2.0], [3.0, 4.0]])
    assert backward(reading.tape, reading.output, seed).gradient(1).tolist() == [4.0, 6.0]


def test_broadcasting_that_numpy_would_not_do():
    """A column must be made first, which stays a node of its own."""
    assert ops(from_jax(lambda x, c: x + c[:, None], MATRIX, ROW)) == ["expand_dims", "add"]


def test_broadcasting_alone(jax):
    """Without another operand of the full shape, the repetition is what was computed."""
    assert ops(from_jax(lambda b: jax.numpy.broadcast_to(b, (3, 2)), ROW)) == ["broadcast_to"]


def test_shared_broadcast(jax):
    """A repeated row that is used twice is taken in twice: two contributions reach it."""

    def function(x, b):
        wide = jax.numpy.broadcast_to(b, (2, 2))
        return (x * wide).sum() + (x + wide).sum()

    reading = from_jax(function, MATRIX, ROW)
    assert ops(reading) == ["mul", "sum", "add", "sum", "add"]
    assert backward(reading.tape, reading.output).gradient(1).tolist() == [6.0, 9.0]


def test_axes_that_are_put_back(jax):
    """A reduction with keepdims is one operation; without, and used twice, it stays by itself."""
    kept = from_jax(lambda x: x - jax.numpy.max(x, axis=1, keepdims=True), MATRIX)
    assert ops(kept) == ["max", "sub"]
    assert kept.tape.nodes[1].keywords == {"axis": 1, "keepdims": True}

    def function(x):
        total = jax.numpy.sum(x, axis=1)
        return total * total[:, None]

    assert ops(from_jax(function, MATRIX)) == ["sum", "expand_dims", "mul"]


def test_element_of_an_array():
    """An integer index is one operation, not a slice and the removal of an axis."""
    reading = from_jax(lambda x: x[1, 0] * 2.0, MATRIX)
    assert ops(reading) == ["getitem", "mul"]
    assert reading.tape.nodes[1].keywords == {"index": (1, 0)}


def test_arithmetic_behind_an_index():
    """What JAX does to a negative index is not shown; what the author does to it is, on its own line."""

    def function(x, i):
        shifted = i + 1
        return x[shifted]

    assert ops(from_jax(lambda x, i: x[i], ROW, np.int32(-2))) == ["dynamic_slice"]
    assert ops(from_jax(function, ROW, np.int32(-2))) == ["add", "dynamic_slice"]
    for i in (-2, -1, 0, 1):
        assert from_jax(lambda x, i: x[i], ROW, np.int32(i)).tape.nodes[-1].value == ROW[i]


def test_stabilised_maximum(jax):
    """The maximum with minus infinity is not shown, and a row of minus infinities is what JAX makes of it."""
    row = np.float32([-np.inf, -np.inf])

    def function(x):
        return jax.numpy.max(x, initial=-np.inf) * 2.0

    reading, expected = from_jax(function, row), jax.grad(function)(row)
    assert ops(reading) == ["max", "mul"]
    np.testing.assert_array_equal(backward(reading.tape, reading.output).gradient(0), expected)


def test_condition_that_depends_on_nothing(jax):
    """A choice between a value and a constant by a constant leaves the value as it is."""
    assert ops(from_jax(lambda x: jax.numpy.where(np.bool_(1), x, np.nan) * 2.0, 3.0)) == ["mul"]


def test_results_that_nothing_uses(jax):
    """Of an operation with several results, only those in use are nodes."""
    reading = from_jax(lambda x: jax.lax.top_k(x, 1)[0], ROW)
    assert ops(reading) == ["top_k"]
    assert reading.tape.nodes[1].keywords["output"] == 0
