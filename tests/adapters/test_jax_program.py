"""Functions for JAX: values, contributions and gradients are JAX's own."""

from __future__ import annotations

import subprocess
import sys
from functools import cache

import numpy as np
import pytest

from sphinx_tape import from_jax
from sphinx_tape.adapters.read import to_tape
from sphinx_tape.errors import AdapterError
from sphinx_tape.report.build import build_report
from sphinx_tape.report.serial import dumps
from sphinx_tape.tape import backward
from tests.adapters.jax_models import NAMES, models
from tests.support import require_module


@pytest.fixture(autouse=True)
def jax():
    """Skip where JAX is missing; give it to the tests that use it."""
    return require_module("jax")


@cache
def read(name):
    """Read one of the models, once for all tests."""
    function, arguments, argnums = models()[name]
    reading = from_jax(function, *arguments, argnums=argnums)
    return reading, backward(reading.tape, reading.output)


def own_gradients(name):
    """Return JAX's own gradients of a model, one array per leaf."""
    jax = require_module("jax")
    function, arguments, argnums = models()[name]
    asked = tuple(range(len(arguments))) if argnums is None else argnums
    return jax.tree_util.tree_leaves(jax.jit(jax.grad(function, argnums=asked))(*arguments))


@pytest.mark.parametrize("name", NAMES)
def test_gradients_are_those_of_jax(name):
    """Every leaf has the gradient that `jax.grad` gives, within the tolerance of float32."""
    reading, reverse_pass = read(name)
    leaves = [node for node in reading.tape.nodes if node.op == "leaf"]
    found = [reverse_pass.gradient(node.id) for node in leaves]
    for gradient, expected in zip(found, own_gradients(name), strict=True):
        np.testing.assert_allclose(
            np.zeros_like(expected) if gradient is None else gradient, expected, 2e-5, 1e-6
        )


@pytest.mark.parametrize("name", NAMES)
def test_value_is_that_of_the_function(name, jax):
    """The output's forward value is what the function returns."""
    function, arguments, _ = models()[name]
    reading, _ = read(name)
    np.testing.assert_allclose(reading.tape.nodes[reading.output].value, jax.jit(function)(*arguments), 1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_contributions_sum_to_the_gradient(name):
    """What is sent to a node adds up to its gradient, to the last bit and in the order of the steps."""
    reading, reverse_pass = read(name)
    sums = [None] * len(reading.tape)
    for step in reverse_pass.steps:
        for each in step.contributions:
            held = sums[each.parent]
            sums[each.parent] = each.value if held is None else held + each.value
    for id_, total in enumerate(sums):
        if id_ != reading.output and reverse_pass.gradient(id_) is not None:
            np.testing.assert_array_equal(total, reverse_pass.gradient(id_))


@pytest.mark.parametrize("name", ["cross entropy", "diamond"])
def test_numbers_are_those_of_single_operations(name):
    """One program computes everything, yet each contribution is what its node gives by itself."""
    reading, reverse_pass = read(name)
    fresh = {step.node: step for step in reverse_pass.steps}
    rules = next(node.vjp for node in reading.tape.nodes if node.vjp).func.__self__
    for node in reading.tape.nodes:
        if node.vjp and node.id in fresh:
            alone = [part for part in rules._single(node.id, fresh[node.id].cotangent) if part is not None]
            for part, each in zip(alone, fresh[node.id].contributions, strict=True):
                np.testing.assert_array_equal(part, each.value)


def test_a_wrong_rule_would_be_noticed():
    """The comparison with JAX fails if one contribution is off."""
    function, arguments, _ = models()["diamond"]
    reading = from_jax(function, *arguments)
    rules = next(node.vjp for node in reading.tape.nodes if node.vjp).func.__self__
    right = rules._pull
    rules._pull = lambda id_, values, g: [
        part * 2 if part is not None else None for part in right(id_, values, g)
    ]
    wrong = backward(reading.tape, reading.output).gradient(0)
    assert not np.allclose(wrong, own_gradients("diamond")[0])


def test_wrapper_result_is_a_reading():
    """A builder returns what the wrapper gives, and the page says that it comes from JAX."""
    reading, _ = read("square")
    assert to_tape(reading) is reading
    assert (reading.framework, reading.tape.nodes[reading.output].op) == ("jax", "mul")


def test_value_used_twice_has_two_operands():
    """The product x * x has two operands and two contributions of x each."""
    reading, reverse_pass = read("square")
    assert reading.tape.nodes[1].parents == (0, 0)
    assert [float(each.value) for each in reverse_pass.steps[0].contributions] == [3.0, 3.0]


def test_conventions_at_kinks_are_jax_s():
    """At 0 `jax.nn.relu` hands nothing back and `jnp.maximum` half, which is how JAX defines them."""
    assert read("relu at zero")[1].gradient(0).tolist() == [0.0, 0.0, 1.0]
    assert read("maximum at a tie")[1].gradient(0).tolist() == [0.5, 0.5]


def test_arguments_are_not_touched():
    """Reading and the reverse pass leave the author's arrays as they were, and writable."""
    x = np.array([1.0, 2.0], np.float32)
    reading = from_jax(lambda x: (x * x).sum(), x)
    backward(reading.tape, reading.output)
    assert x.tolist() == [1.0, 2.0]
    assert x.flags.writeable


def test_another_seed_and_another_output(jax):
    """Any node can be the output, with any seed; what was computed before is not mistaken for it."""
    x = np.array([1.0, 2.0], np.float32)
    reading = from_jax(lambda x: (jax.numpy.sin(x) * 3.0).sum(), x)
    first = backward(reading.tape, reading.output).gradient(0)
    inner = backward(reading.tape, 1, seed=np.array([1.0, 0.5])).gradient(0)
    np.testing.assert_allclose(first, 3 * np.cos(x), 1e-6)
    np.testing.assert_allclose(inner, np.cos(x) * np.array([1.0, 0.5]), 1e-6)


def test_only_arguments_asked_for_are_leaves():
    """As in `jax.grad`, `argnums` says what gradients are for; the rest is constant."""
    reading = from_jax(lambda w, x: w * x, 2.0, 3.0, argnums=0)
    assert [(node.name, node.op) for node in reading.tape.nodes[:2]] == [("w", "leaf"), ("x", "constant")]


def test_integer_argument_cannot_be_asked_for():
    """`jax.grad` refuses integers; so do we, with the remedy."""
    with pytest.raises(AdapterError, match=r"argument 0 must have floating .* write 1\.0"):
        from_jax(lambda x: x * 2, 3, argnums=0)


@pytest.mark.parametrize(
    "function",
    [lambda x: x if x[0] > 0 else -x, lambda x: x[x > 0], np.sin, lambda x: range(x[0].astype(int))],
)
def test_function_that_cannot_be_traced(function):
    """What Python does by a value is no program for JAX; the message says what to write instead."""
    with pytest.raises(AdapterError, match=r"must not decide .*(Tracer|Concrete).* lax\.fori_loop"):
        from_jax(function, np.float32([1.0]))


def test_function_with_a_mistake_of_its_own():
    """What the author's code raises is left as it is."""
    with pytest.raises(ZeroDivisionError):
        from_jax(lambda x: x + 1 / 0, 1.0)


def test_argnums_as_jax_counts_them():
    """Negative numbers count from the end; what names no argument is refused."""
    nodes = from_jax(lambda x, y: x * y, 2.0, 3.0, argnums=-1).tape.nodes
    assert [node.op for node in nodes[:2]] == ["constant", "leaf"]
    with pytest.raises(AdapterError, match=r"argnums must name arguments, 0 to 1 \(got 5\)"):
        from_jax(lambda x, y: x * y, 2.0, 3.0, argnums=(0, 5))


def test_several_results():
    """Of several results the first is the output, as with `has_aux`; the others bear their keys."""
    reading = from_jax(lambda x: (x * 2.0, {"double": x + x, "same": x}), 1.5)
    assert reading.tape.nodes[reading.output].op == "mul"
    assert "double" in [node.name.rpartition(".")[2] for node in reading.tape.nodes]


def test_narrow_floats_are_shown_as_float32(jax):
    """NumPy has no bfloat16; the note says what is shown."""
    x = jax.numpy.asarray([1.5, 2.0], jax.numpy.bfloat16)
    reading = from_jax(lambda x: (x * x).sum(), x)
    node = reading.tape.nodes[0]
    assert node.value.dtype == np.float32
    assert "bfloat16" in node.note
    assert backward(reading.tape, reading.output).gradient(0).tolist() == [3.0, 4.0]


def test_wider_numbers_than_jax_computes_with():
    """What was given in float64 is computed in float32, and the leaf says so, where JAX does."""
    assert "float64" in from_jax(lambda x: x * 2.0, np.float64(0.1)).tape.nodes[0].note


def test_complex_gradients_in_our_convention(jax):
    """JAX gives dL/dRe - i dL/dIm; a tape holds its conjugate: for L = |z|^2 that is 2 z."""
    z = 1.0 + 2.0j
    reading = from_jax(lambda z: jax.numpy.real(z * jax.numpy.conj(z)), z)
    assert backward(reading.tape, reading.output).gradient(0) == np.complex64(2 + 4j)
    assert jax.grad(lambda z: jax.numpy.real(z * jax.numpy.conj(z)))(z) == np.complex64(2 - 4j)


REPORT = """
import sys
from sphinx_tape import from_jax
from sphinx_tape.report.build import build_report
from sphinx_tape.report.serial import dumps
from tests.adapters.jax_models import models
function, arguments, argnums = models()["cross entropy"]
reading = from_jax(function, *arguments, argnums=argnums)
sys.stdout.write(dumps(build_report(reading.tape, reading.output)))
"""


def test_report_is_the_same_in_every_process():
    """Numbering, names and numbers do not depend on the process: the reports are equal to the byte."""
    done = subprocess.run([sys.executable, "-c", REPORT], capture_output=True, text=True, check=True)
    reading, _ = read("cross entropy")
    assert done.stdout == dumps(build_report(reading.tape, reading.output))


IMPORTS = "import sys, sphinx_tape; from sphinx_tape.adapters import {module}\nprint('jax' in sys.modules)"


def imports_jax(code):
    """Run code in a fresh interpreter and return whether JAX was imported."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip() == "True"


def test_adapter_does_not_import_jax():
    """Loading the adapter, all of it, imports no JAX: only who calls it has."""
    assert not imports_jax(IMPORTS.format(module="jax_program"))


def test_an_import_of_jax_would_be_noticed():
    """The check above can fail."""
    assert imports_jax("import jax\n" + IMPORTS.format(module="jax_program"))


def test_array_of_jax_is_refused_with_the_remedy(jax):
    """An array holds no graph, so a builder that returns one is told what to write."""
    with pytest.raises(AdapterError, match=r"got an array of JAX, float32\[2\].*return from_jax"):
        to_tape(jax.numpy.ones(2))


def test_names_of_values():
    """Arguments are called after parameters and keys, values after local variables."""

    def loss(params, x):
        hidden = params["w"] * x
        return hidden + params["b"]

    nodes = from_jax(loss, {"w": 2.0, "b": 1.0}, 3.0).tape.nodes
    assert [node.name for node in nodes] == ["b", "w", "x", "hidden", "loss"]


def test_keys_that_are_not_unique():
    """Where two arguments hold the same key, the argument's name stands before it."""
    nodes = from_jax(lambda p, q: p["w"] * q["w"], {"w": 2.0}, {"w": 3.0}).tape.nodes
    assert [node.name for node in nodes[:2]] == ["p.w", "q.w"]


def test_names_given_by_the_author(jax):
    """`names` replaces the parameters' names, and `checkpoint_name` names a value in between."""
    from jax.ad_checkpoint import checkpoint_name

    def function(x, y):
        return checkpoint_name(x * y, "product") + 1.0

    nodes = from_jax(function, 2.0, 3.0, names=("a", "b")).tape.nodes
    assert [node.name for node in nodes][:3] == ["a", "b", "product"]


def test_lines_and_scopes(jax):
    """Nodes know the author's line; scopes are those of `named_scope` and of functions that are opened."""

    @jax.jit
    def swish(x):
        return x * jax.nn.sigmoid(x)

    def function(x):
        with jax.named_scope("block"):
            return swish(x) + 1.0

    nodes = from_jax(function, 2.0).tape.nodes
    assert {node.op: node.scope for node in nodes if node.parents} == {
        "sigmoid": ("block", "swish"),
        "mul": ("block", "swish"),
        "add": ("block",),
    }
    assert nodes[1].source.file == __file__
    assert nodes[-1].source.line == nodes[1].source.line + 4


def test_functions_kept_closed(jax):
    """A function named in `closed` is one node, with the gradient of all that is inside."""
    x = np.array([1.0, 2.0], np.float32)
    reading = from_jax(lambda x: jax.nn.log_softmax(x)[0], x, closed=("log_softmax",))
    assert [node.op for node in reading.tape.nodes] == ["leaf", "log_softmax", "getitem"]
    chances = np.exp(x) / np.exp(x).sum()
    np.testing.assert_allclose(backward(reading.tape, reading.output).gradient(0), [1, 0] - chances, 1e-5)
