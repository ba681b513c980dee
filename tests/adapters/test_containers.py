"""Values inside of containers, with labels, and back."""

from typing import NamedTuple

from sphinx_tape.adapters.containers import leaves, mapped


class Layer(NamedTuple):
    """Parameters of a layer."""

    w: object
    b: object


TREE = {"net": [Layer(1, (2, 3)), {"a b": 4, 7: 5}], "rate": 6, "empty": []}


def test_labels_say_the_way():
    """Names by dots, places and other keys in brackets, from left to right."""
    assert list(leaves(TREE, "p")) == [
        ("p.net[0].w", 1),
        ("p.net[0].b[0]", 2),
        ("p.net[0].b[1]", 3),
        ("p.net[1]['a b']", 4),
        ("p.net[1][7]", 5),
        ("p.rate", 6),
    ]
    assert list(leaves(3.0, "x")) == [("x", 3.0)]


def test_mapped_keeps_the_kinds():
    """Named tuples, tuples, lists and dictionaries stay what they are; values are met in the same order."""
    met = []
    made = mapped(lambda value: met.append(value) or -value, TREE)
    assert made == {"net": [Layer(-1, (-2, -3)), {"a b": -4, 7: -5}], "rate": -6, "empty": []}
    assert isinstance(made["net"][0], Layer)
    assert met == [value for _, value in leaves(TREE)]
