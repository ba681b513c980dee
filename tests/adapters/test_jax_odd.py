"""Programs for JAX off the beaten track: gradients are JAX's own, and what has none says why."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from sphinx_tape import from_jax
from sphinx_tape.tape import backward
from sphinx_tape.tape.coverage import coverage
from tests.support import require_module


@pytest.fixture(autouse=True)
def jax():
    """Skip where JAX is missing; give it to the tests that use it."""
    return require_module("jax")


def _numbers(*shape):
    return np.random.default_rng(1).normal(size=shape).astype(np.float32)


ODD = (
    "sort",
    "largest",
    "top",
    "dynamic slice",
    "set",
    "scatter",
    "halves",
    "sort by keys",
    "spectrum",
    "system",
    "eigenvalue",
    "backwards",
    "loop of loops",
    "running product",
    "padded",
    "narrow",
    "counted",
)


@cache
def odd():
    """Return name -> function of four numbers."""
    import jax.numpy as jnp
    from jax import lax

    return {
        "sort": lambda x: jnp.sum(jnp.sort(x) * jnp.arange(4.0)),
        "largest": lambda x: x[jnp.argmax(x)],
        "top": lambda x: jnp.sum(lax.top_k(x, 2)[0]),
        "dynamic slice": lambda x: jnp.sum(lax.dynamic_slice(x, (jnp.argmin(x),), (2,))),
        "set": lambda x: jnp.sum(jnp.square(jnp.asarray(x).at[1].set(x[0]))),
        "scatter": lambda x: jnp.sum(jnp.square(x.at[jnp.array([1, 1, 2])].add(x[:3]))),
        "halves": lambda x: jnp.split(x, 2)[0].sum() * jnp.split(x, 2)[1].prod(),
        "sort by keys": lambda x: lax.sort((x, x * x), num_keys=1)[1][0],
        "spectrum": lambda x: jnp.sum(jnp.abs(jnp.fft.fft(x)) ** 2),
        "system": lambda x: jnp.sum(jnp.linalg.solve(jnp.outer(x, x) + 3 * jnp.eye(4), x)),
        "eigenvalue": lambda x: jnp.linalg.eigh(jnp.outer(x, x) + jnp.diag(x))[0][0],
        "backwards": lambda x: lax.scan(lambda c, v: (c * 0.5 + v, c), 0.0, x, reverse=True)[1].sum(),
        "loop of loops": lambda x: lax.scan(
            lambda c, v: (lax.scan(lambda d, _: (d * v, None), c, None, length=2)[0], c), 1.5, x
        )[0],
        "running product": lambda x: jnp.sum(jnp.cumprod(x) + lax.cummax(x)),
        "padded": lambda x: jnp.sum(jnp.pad(x, (1, 2)) * jnp.arange(7.0)),
        "narrow": lambda x: jnp.sum(x.astype(jnp.bfloat16) ** 2).astype(jnp.float32),
        "counted": lambda x: x[0] * lax.while_loop(lambda c: c < 5, lambda c: c * 2, 1),
    }


@pytest.mark.parametrize("name", ODD)
def test_gradients_are_those_of_jax(name, jax):
    """Whatever the primitives, the gradient of the argument is that of `jax.grad`."""
    function, x = odd()[name], _numbers(4)
    reading = from_jax(function, x)
    found = backward(reading.tape, reading.output).gradient(0)
    np.testing.assert_allclose(found, jax.jit(jax.grad(function))(x), 1e-3, 1e-5)


def test_gradient_of_a_gradient(jax):
    """A function that differentiates inside is a program like any other: the derivative of 3 x^2 is 6 x."""
    reading = from_jax(jax.grad(lambda x: x * x * x), 2.0)
    assert backward(reading.tape, reading.output).gradient(0) == 12.0


def test_loop_that_jax_cannot_go_back_through(jax):
    """A `while_loop` is one node; that JAX has no reverse rule is said there, in its words."""
    reading = from_jax(lambda x: jax.lax.while_loop(lambda c: c < 9, lambda c: c * 2, x) * 3.0, 1.5)
    node = reading.tape.nodes[1]
    reasons = coverage(reading.tape, backward(reading.tape, reading.output)).reasons
    assert (node.op, node.cut, float(node.value)) == ("while", "not_differentiable", 12.0)
    assert "Reverse-mode differentiation does not work for lax.while_loop" in node.note
    assert reasons[0].blocker == node.id


def test_long_loop_is_one_node(jax):
    """A loop too long to be written out is one node with the gradient of the whole: 0.999^1000."""

    def decayed(x):
        return jax.lax.scan(lambda c, _: (c * 0.999, None), x, None, length=1000)[0]

    reading = from_jax(decayed, 1.0)
    assert [node.op for node in reading.tape.nodes] == ["leaf", "scan"]
    assert "1000 steps" in reading.tape.nodes[1].note
    np.testing.assert_allclose(backward(reading.tape, reading.output).gradient(0), 0.999**1000, 1e-4)


def test_operations_without_a_derivative(jax):
    """A staircase cuts the gradient, whole numbers do too, and `stop_gradient` is a detach."""

    def function(x):
        return x * jax.numpy.floor(x) + jax.numpy.argmax(x) + jax.lax.stop_gradient(x)

    found = {node.op: node.cut for node in from_jax(function, np.float32([1.5, 2.5])).tape.nodes if node.cut}
    assert found == {"floor": "not_differentiable", "argmax": "integer", "stop_gradient": "detach"}


def test_random_keys_are_constants(jax):
    """A key has no numbers of its own kind; its data are shown, and the note says what they are."""
    reading = from_jax(lambda x, k: x * jax.random.normal(k, (2,)), _numbers(2), jax.random.key(3))
    key = reading.tape.nodes[1]
    assert (key.op, key.name, key.value.tolist()) == ("constant", "k", [0, 3])
    assert "random key" in key.note
    assert [node.op for node in reading.tape.nodes] == ["leaf", "constant", "normal", "mul"]


def test_function_with_two_results_and_its_own_rule(jax):
    """Each result of a function with several has a node; their contributions add to the joint gradient."""

    @jax.custom_vjp
    def both(x, y):
        return x * y, x + y

    both.defvjp(
        lambda x, y: ((x * y, x + y), (x, y)), lambda kept, g: (g[0] * kept[1] + g[1], g[0] * kept[0] + g[1])
    )
    reading = from_jax(lambda x, y: both(x, y)[0] * both(x, y)[1], 2.0, 3.0)
    reverse_pass = backward(reading.tape, reading.output)
    assert [node.op for node in reading.tape.nodes[2:]] == ["both", "both", "mul"]
    assert [float(reverse_pass.gradient(id_)) for id_ in (0, 1)] == [3 * 5 + 6, 2 * 5 + 6]
    assert "derivative of its own (custom_vjp)" in reading.tape.nodes[2].note


def test_program_without_a_traced_argument(jax):
    """What depends on no argument is a constant."""
    reading = from_jax(lambda n: n * 2.0, 3)
    assert [(node.op, float(node.value)) for node in reading.tape.nodes] == [("constant", 6.0)]


def test_function_that_hands_its_argument_back(jax):
    """The identity records nothing: its output is the leaf."""
    reading = from_jax(lambda x: x, 2.0)
    assert (len(reading.tape), reading.output) == (1, 0)


def test_arguments_that_are_no_arrays(jax):
    """Texts, whole numbers and functions are passed on as they are, as `jax.grad` does."""
    reading = from_jax(lambda f, n, x: f(x) ** n, jax.numpy.sin, 2, 0.5)
    assert [node.op for node in reading.tape.nodes] == ["leaf", "sin", "square"]


def test_printing_makes_no_node(jax, capfd):
    """A debug print computes nothing, so it is not on the tape."""
    reading = from_jax(lambda x: (jax.debug.print("x is {}", x), x * 2.0)[1], 1.0)
    jax.effects_barrier()
    assert [node.op for node in reading.tape.nodes] == ["leaf", "constant", "mul"]
