"""Names of our operations at JAX's primitives: only where forward, rules and conventions are the same."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from sphinx_tape import from_jax
from sphinx_tape.adapters.jax_ops import SAME
from sphinx_tape.adapters.recognition import is_operation
from sphinx_tape.report.build import build_report
from sphinx_tape.tape.primitives import PRIMITIVES
from tests.adapters.jax_models import models
from tests.support import require_module

UNITS = np.array([-0.5, 0.0, 0.25, 0.25], np.float32)
"""Operands between -1 and 1, with a zero and a tie."""
ABOVE = np.array([1.5, 1.0, 2.0, 3.0], np.float32)
OTHER = np.array([0.25, 0.0, 0.25, -0.5], np.float32)


@pytest.fixture(autouse=True)
def jax():
    """Skip where JAX is missing; give it to the tests that use it."""
    return require_module("jax")


def wrongly_named(reading):
    """Return the operations of THE table whose nodes do something else."""
    found = []
    for node in reversed(reading.tape.nodes):  # as a reverse pass does, which is computed at once
        operands = [reading.tape.nodes[parent] for parent in node.parents]
        if node.op in PRIMITIVES and not is_operation(
            node.op,
            [each.value for each in operands],
            [each.requires_grad for each in operands],
            node.value,
            node.vjp,
            node.keywords or {},
        ):
            found.append(node.op)
    return found


def primitive(jax, name):
    """Return the function of `jax.lax` that binds a primitive."""
    special = {"abs": "abs", "add_any": "add", "sign": "sign"}
    return getattr(jax.lax, special.get(name, name))


@pytest.mark.parametrize("name", sorted(SAME))
def test_primitive_is_the_operation(name, jax):
    """Forward and back, at zeros and ties too, the primitive does what the table's operation does."""
    function = primitive(jax, name)
    first = ABOVE if name in {"acosh", "log", "sqrt", "pow"} else UNITS
    two = name in {
        "add",
        "add_any",
        "sub",
        "mul",
        "atan2",
        "pow",
        "max",
        "min",
        "lt",
        "le",
        "gt",
        "ge",
        "eq",
        "ne",
    }
    if name in {"real", "imag", "conj"}:
        first = (UNITS + 1j * OTHER).astype(np.complex64)
    reading = from_jax(function, *((first, OTHER + (name == "atan2")) if two else (first,)))
    # JAX's slope of |x| at 0 is 1, the table's 0.
    assert reading.tape.nodes[-1].op == ("lax.abs" if name == "abs" else SAME[name])
    assert wrongly_named(reading) == []


LONGER = (
    "reductions",
    "kept axes",
    "shapes",
    "indices",
    "joined",
    "sums",
    "chosen",
    "picked",
    "sizes",
    "converted",
)


@cache
def longer():
    """Return name -> function of a matrix."""
    import jax.numpy as jnp

    return {
        "reductions": lambda x: jnp.sum(x, 0) + jnp.max(x, 0) + jnp.min(x, 1)[0] + jnp.prod(x, axis=0),
        "kept axes": lambda x: x - jnp.max(x, axis=1, keepdims=True) + jnp.sum(x, axis=0, keepdims=True),
        "shapes": lambda x: jnp.transpose(x).reshape(4, 3)[::-1, None].squeeze(1) * 2.0,
        "indices": lambda x: x[1] + x[0, 1:][0] + x[::2, -1].sum() + x[np.array([0, 2])][0],
        "joined": lambda x: jnp.concatenate([x, x], 1)[:, :2] + jnp.stack([x[0], x[1]])[0, 1],
        "sums": lambda x: jnp.cumsum(x, axis=1) + jnp.round(x) + x**2,
        "chosen": lambda x: jnp.where(x > 0, x, x * 3.0) / 2.0,
        "picked": lambda x: jnp.take_along_axis(x, jnp.array([[0], [1], [-1]]), axis=1),
        "sizes": lambda x: jnp.abs(x + 0.1),
        "converted": lambda x: x.astype("float16").astype("float32"),
    }


@pytest.mark.parametrize("name", LONGER)
def test_operation_with_keywords(name, jax):
    """Axes, shapes and indices are given as our operations take them."""
    x = np.array([[0.5, -1.0, 0.5, 2.0], [0.25, 0.0, 3.0, -2.0], [1.0, 1.0, -1.0, 0.75]], np.float32)
    reading = from_jax(longer()[name], x)
    named = [node.op for node in reading.tape.nodes if node.op in PRIMITIVES]
    assert named
    assert wrongly_named(reading) == []


@pytest.mark.parametrize("name", ["cross entropy", "convolution", "embedding", "columns", "vectors", "mask"])
def test_models_bear_right_names(name):
    """In whole models, too, no node bears the name of an operation that does something else."""
    function, arguments, argnums = models()[name]
    assert wrongly_named(from_jax(function, *arguments, argnums=argnums)) == []


def test_other_operations_of_a_known_name(jax):
    """JAX's `pad` takes its filling as an operand, `clamp` hands nothing back on a bound: no name of ours."""
    padded = from_jax(lambda x: jax.lax.pad(x, x[0], [(1, 1, 0)]), UNITS)
    clamped = from_jax(lambda x: jax.lax.clamp(-0.5, x, 0.25), UNITS)
    assert padded.tape.nodes[-1].op == "lax.pad"
    assert clamped.tape.nodes[-1].op == "clamp"


def test_function_of_the_author_with_a_known_name(jax):
    """An author's `relu` with a rule of its own is not taken for ours."""

    @jax.custom_jvp
    def relu(x):
        return jax.numpy.maximum(x, 0.0)

    relu.defjvp(lambda x, t: (relu(x[0]), 3.0 * t[0]))
    assert from_jax(relu, UNITS).tape.nodes[-1].op == "relu()"
    assert from_jax(jax.nn.relu, UNITS).tape.nodes[-1].op == "relu"


def test_notes_at_functions_with_their_own_rule(jax):
    """JAX's own functions are noted as such only where no formula of ours explains them."""

    @jax.custom_jvp
    def steep(x):
        return x * 2.0

    steep.defjvp(lambda x, t: (steep(x[0]), 5.0 * t[0]))
    assert from_jax(jax.nn.relu, UNITS).tape.nodes[-1].note == ""
    assert from_jax(steep, UNITS).tape.nodes[-1].note.startswith("Its author gives this function")
    report = build_report(from_jax(lambda x: jax.nn.relu(x).sum(), UNITS).tape, 2)
    assert "At the kink 0 the derivative is 0" in report.nodes[1].note


def test_a_wrong_name_would_be_noticed(jax, monkeypatch):
    """The comparison finds a primitive that is entered under another operation's name."""
    monkeypatch.setitem(SAME, "sin", "cos")
    assert wrongly_named(from_jax(jax.numpy.sin, UNITS)) == ["cos"]
