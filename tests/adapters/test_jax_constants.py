"""Numbers that depend on no argument: as JAX computes them, but without its compiler."""

import numpy as np
import pytest

from sphinx_tape import from_jax
from sphinx_tape.adapters.jax_constants import computed
from sphinx_tape.adapters.jax_plan import Place, Step
from tests.support import require_module


@pytest.fixture(autouse=True)
def jax():
    """Skip where JAX is missing; give it to the tests that use it."""
    return require_module("jax")


MADE = (
    ("iota", lambda jnp: jnp.arange(6).reshape(2, 3)),
    ("zeros", lambda jnp: jnp.zeros((2, 1))),
    ("rows", lambda jnp: jnp.broadcast_to(jnp.arange(3), (2, 3))),
    ("columns", lambda jnp: jnp.broadcast_to(jnp.arange(2)[:, None], (2, 3))),
    ("halves", lambda jnp: jnp.arange(4) / 2.0),
    ("whole", lambda jnp: (jnp.arange(5) * 3 - 4) % 3),
    ("overflow", lambda jnp: jnp.int8(100) + jnp.int8(100)),
    ("truth", lambda jnp: ~(jnp.arange(3) > 1)),
    ("lower triangle", lambda jnp: jnp.tri(3)),
    ("exact", lambda jnp: jnp.exp(jnp.ones(2))),
)


@pytest.mark.parametrize(("name", "make"), MADE, ids=[name for name, _ in MADE])
def test_constants_are_those_of_jax(name, make, jax):
    """Whatever computes it, a constant is to the last bit what JAX computes, in the same element type."""
    reading = from_jax(lambda x: (x, make(jax.numpy))[1], 1.0)
    shown, expected = reading.tape.nodes[reading.output].value, make(jax.numpy)
    assert shown.dtype == expected.dtype
    np.testing.assert_array_equal(shown, expected)


def test_rounding_is_left_to_jax(jax):
    """Sums of fractions are not done by NumPy, whose rounding may differ."""
    aval = jax.core.ShapedArray((), np.dtype(np.float32))
    step = Step(primitive="add", run=lambda *_: [], operands=(), outputs=(aval,), place=Place())
    assert computed(step, [np.float32(0.1), np.float32(0.2)]) is None
    assert computed(step, [np.int32(1), np.int32(2)]) is None  # nor what would have to be converted
