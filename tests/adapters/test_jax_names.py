"""Names of the nodes of a JAX program: the author's, and none that the author would not know."""

import sys

import pytest

from sphinx_tape import from_jax
from sphinx_tape.adapters.jax_names import argument_names, output_names
from tests.support import require_module


@pytest.fixture(autouse=True)
def jax():
    """Skip where JAX is missing; give it to the tests that use it."""
    return require_module("jax")


def named(function, *arguments, names=None):
    """Name what the arguments hold."""
    flatten = require_module("jax.tree_util").tree_flatten_with_path
    return argument_names(function, [path for path, _ in flatten(arguments)[0]], names)


def test_arguments():
    """Names are those of the parameters; further ones count the variable parameter."""
    assert named(lambda a, b, *c: (a, b, c), 1.0, 2.0, 3.0, 4.0) == ["a", "b", "c[0]", "c[1]"]


def test_function_without_a_signature():
    """What has no readable signature gets numbered names."""
    assert named(dict.fromkeys, 1.0, 2.0)[-1] in {"x1", "value"}
    assert named(min, 1.0, 2.0) == ["x0", "x1"]


def test_containers():
    """Keys stand alone as long as that is unambiguous; places in a list need the argument's name."""
    assert named(lambda p, x: (p, x), {"w": 1.0, "b": {"c": 2.0}}, 3.0) == ["b.c", "w", "x"]
    assert named(lambda p, x: (p, x), {"x": 1.0}, 3.0) == ["p.x", "x"]
    assert named(lambda p: p, [{"w": 1.0}, {"w": 2.0}]) == ["p[0].w", "p[1].w"]
    assert named(lambda p: p, {0: 1.0}) == ["p[0]"]


def test_given_names():
    """Names given by the author win; what they leave out is numbered."""
    assert named(lambda a, b: (a, b), 1.0, 2.0, names=["left"]) == ["left", "x1"]


def test_results():
    """A single result bears the function's name, several bear their keys; a lambda names nothing."""

    def loss():
        """Never called: only its name is looked at."""

    assert output_names(loss, 1.0) == ["loss"]
    assert output_names(loss, (1.0, {"error": 2.0})) == ["loss", "[1].error"]
    assert output_names(lambda: 0, 1.0) == [""]


def test_local_variables():
    """A value is called after the variable that holds it; helpers count, but the outermost name wins."""

    def twice(v):
        inner = v * 2.0
        return inner + 0.0 * v

    def function(x):
        a = twice(x)
        alias = a
        x = alias + 1.0
        return x * 3.0

    found = [node.name for node in from_jax(function, 1.0).tape.nodes if node.name]
    assert found == ["x", "inner", "a", "function"]


def test_function_with_jit(jax):
    """The `jit` around the whole function changes nothing, so local variables give names all the same."""

    @jax.jit
    def function(x):
        a = x * 2.0
        return a + 1.0

    nodes = from_jax(function, 1.0).tape.nodes
    assert [node.name for node in nodes if node.name] == ["x", "a", "function"]
    assert {node.scope for node in nodes} == {()}


def test_a_profiler_at_work_is_left_alone():
    """Names are given up rather than another profiler's hook; it is there afterwards."""

    def hook(*_):
        """Profile nothing."""

    def function(x):
        a = x * 2.0
        return a + 1.0

    sys.setprofile(hook)
    try:
        reading = from_jax(function, 1.0)
        assert sys.getprofile() is hook
    finally:
        sys.setprofile(None)
    assert "a" not in [node.name for node in reading.tape.nodes]
    assert sys.getprofile() is None


def test_hook_is_taken_away_after_an_error():
    """A function that raises leaves no hook behind."""
    with pytest.raises(TypeError, match="unhashable"):
        from_jax(lambda x: {}[x], 1.0)
    assert sys.getprofile() is None
