"""Programs inside programs: what is opened, under which scope, and what stays one node."""

import numpy as np
import pytest

from sphinx_tape import from_jax
from sphinx_tape.adapters import jax_nested
from sphinx_tape.tape import backward
from tests.support import require_module


@pytest.fixture(autouse=True)
def jax():
    """Skip where JAX is missing; give it to the tests that use it."""
    return require_module("jax")


def scopes(reading):
    """Return operation and scope of each node with operands."""
    return [(node.op, node.scope) for node in reading.tape.nodes if node.parents]


def test_branch_that_was_taken(jax):
    """Only the branch taken is on the tape, under a scope that says which."""

    def function(x):
        return jax.lax.cond(x > 0, lambda v: jax.numpy.sin(v) * v, lambda v: jax.numpy.cos(v) * v, x)

    assert scopes(from_jax(function, 1.0))[1:] == [("sin", ("cond: True",)), ("mul", ("cond: True",))]
    assert scopes(from_jax(function, -1.0))[1:] == [("cos", ("cond: False",)), ("mul", ("cond: False",))]


def test_branch_by_a_computed_number(jax):
    """The number of the branch may come from values in mid-program; it leaves no node."""

    def function(x):
        which = jax.numpy.argmax(x)
        return jax.lax.switch(which, [jax.numpy.sin, jax.numpy.cos], x).sum()

    found = [node.op for node in from_jax(function, np.float32([1.0, 3.0])).tape.nodes]
    assert found == ["leaf", "argmax", "cos", "sum"]


def test_steps_of_a_loop(jax):
    """Each step has a scope; rows are taken and results stacked where the loop does so."""

    def function(x):
        _, ys = jax.lax.scan(lambda c, v: (c + v, c * v), 0.0, x)
        return ys

    found = scopes(from_jax(function, np.float32([1.0, 2.0])))
    assert found == [
        ("getitem", ("scan", "step 0")),
        ("add", ("scan", "step 0")),
        ("mul", ("scan", "step 0")),
        ("getitem", ("scan", "step 1")),
        ("add", ("scan", "step 1")),
        ("mul", ("scan", "step 1")),
        ("stack", ()),
    ]


def test_loop_of_no_steps(jax):
    """A loop of length 0 hands its start on."""
    reading = from_jax(lambda x: jax.lax.scan(lambda c, v: (c * v, None), x, np.zeros(0, np.float32))[0], 2.0)
    assert backward(reading.tape, reading.output).gradient(0) == 1.0


def test_limit_of_writing_out(jax, monkeypatch):
    """A loop with more equations than the limit is one node, with the same gradient."""

    def function(x):
        return jax.lax.scan(lambda c, _: (c * x, None), x, None, length=3)[0]

    opened = from_jax(function, 2.0)
    monkeypatch.setattr(jax_nested, "MOST", 2)
    closed = from_jax(function, 2.0)
    assert [node.op for node in closed.tape.nodes] == ["leaf", "scan"]
    assert backward(closed.tape, closed.output).gradient(0) == 4 * 2.0**3
    assert backward(opened.tape, opened.output).gradient(0) == 4 * 2.0**3


@pytest.mark.parametrize("loop", ["while", "scan", "cond", "jit"])
def test_programs_without_gradients_stay_closed(loop, jax):
    """What no gradient can flow through is one node, called as JAX or its author calls it."""
    lax = jax.lax
    program = {
        "while": lambda n: lax.while_loop(lambda c: c < 9, lambda c: c * 2, n),
        "scan": lambda n: lax.scan(lambda c, _: (c * 2, None), n, None, length=2)[0],
        "cond": lambda n: lax.cond(n > 1, lambda v: v * 2, lambda v: v, n),  # the comparison is a node, too
        "jit": jax.jit(lambda n: n * 2 + n * n, inline=False),
    }[loop]
    nodes = from_jax(lambda x, n: x * program(n), 2.0, np.float32(3.0), argnums=0).tape.nodes
    assert len([node for node in nodes if node.parents]) == (2 if loop != "cond" else 4)
    assert nodes[-2].op == {"jit": "lambda"}.get(loop, loop)


def test_second_call_is_numbered(jax):
    """Two calls of one function are two scopes; a function of one operation needs none."""
    twice = jax.jit(lambda v: jax.numpy.sin(v) * 2.0)
    once = jax.jit(lambda v: jax.numpy.cos(v))  # noqa: PLW0108 -- a function of the author's
    found = scopes(from_jax(lambda x: once(twice(twice(x))) + 1.0, 1.0))
    assert found == [
        ("sin", ("lambda",)),
        ("mul", ("lambda",)),
        ("sin", ("lambda (2)",)),
        ("mul", ("lambda (2)",)),
        ("cos", ()),
        ("add", ()),
    ]
