"""Operands before what is made of them."""

import pytest

from sphinx_tape import operands_first
from sphinx_tape.errors import AdapterError

GRAPH = {"y": "ab", "a": "xw", "b": "wx", "w": "", "x": ""}


def test_each_value_once_after_its_operands():
    """Operands come in their order, and only once."""
    found = list(operands_first("y", GRAPH.get))
    assert found == [
        ("x", ()),
        ("w", ()),
        ("a", ("x", "w")),
        ("b", ("w", "x")),
        ("y", ("a", "b")),
    ]


def test_each_value_is_asked_once():
    """Looking operands up may be dear."""
    asked = []
    list(operands_first("y", lambda value: asked.append(value) or GRAPH[value]))
    assert sorted(asked) == sorted(GRAPH)


def test_values_are_told_apart_by_identity():
    """Equal values are not the same value."""
    output = [[], []]
    assert [value for value, _ in operands_first(output, lambda value: value)] == [[], [], [[], []]]


def test_long_chain():
    """No recursion."""
    chain = []
    for _ in range(50_000):
        chain = [chain]
    assert sum(1 for _ in operands_first(chain, lambda value: value)) == 50_001
    while chain:
        chain = chain[0]  # taken apart by hand, because the interpreter does it by recursion


@pytest.mark.parametrize(
    "graph", [{"y": "y"}, {"y": "a", "a": "by", "b": ""}, {"y": "ab", "a": "b", "b": "a"}]
)
def test_cycles_are_refused(graph):
    """A value that is made of itself has no place in the order."""
    with pytest.raises(AdapterError, match="must have no cycle"):
        list(operands_first("y", graph.get))
