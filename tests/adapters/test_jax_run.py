"""The numbers of a JAX figure: computed together, and still those of the single operations."""

import numpy as np
import pytest

from sphinx_tape import from_jax
from sphinx_tape.adapters import jax_run
from sphinx_tape.adapters.jax_values import to_numpy, type_note
from sphinx_tape.tape import backward
from tests.support import require_module


@pytest.fixture(autouse=True)
def jax():
    """Skip where JAX is missing; give it to the tests that use it."""
    return require_module("jax")


def test_a_cotangent_that_was_not_foreseen():
    """A rule that is asked with another cotangent than the pass would send answers for that one."""
    reading = from_jax(lambda x: (x * x) * 3.0, 2.0)
    square = reading.tape.nodes[1]
    backward(reading.tape, reading.output)
    assert [float(part) for part in square.vjp(np.float32(10.0))] == [20.0, 20.0]
    assert backward(reading.tape, reading.output).gradient(0) == 12.0


def test_a_compiler_without_our_option(monkeypatch):
    """A compiler that does not know the option compiles without it."""
    monkeypatch.setattr(jax_run, "_OPTIONS", {"no_such_option": True})
    reading = from_jax(lambda x: x * x, 2.0)
    assert backward(reading.tape, reading.output).gradient(0) == 4.0


def test_values_are_read_only_and_the_figure_s_own():
    """Later changes of the author's arrays are not seen by the reverse pass."""
    x = np.float32([1.0, 2.0])
    reading = from_jax(lambda x: (x * x).sum(), x)
    x[:] = 100.0
    assert backward(reading.tape, reading.output).gradient(0).tolist() == [2.0, 4.0]
    assert not reading.tape.nodes[0].value.flags.writeable


@pytest.mark.parametrize("name", ["bfloat16", "float8_e4m3fn", "int4"])
def test_element_types_that_numpy_lacks(name, jax):
    """They are shown in the next wider type that NumPy has, which the note says of floating ones."""
    value = jax.numpy.asarray([1, 2], name)
    shown = to_numpy(value)
    assert shown.tolist() == [1, 2]
    assert shown.dtype == (np.int32 if name == "int4" else np.float32)
    assert (name in type_note(value.dtype)) == (name != "int4")


def test_an_array_of_keys(jax):
    """Several keys are shown as rows of their data."""
    keys = jax.random.split(jax.random.key(0), 3)
    assert to_numpy(keys).shape == (3, 2)
    assert "random key" in type_note(keys.dtype)
