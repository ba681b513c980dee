"""Claims about `Primitive.elementwise`: what it promises, so that the reverse pass need not look."""

from dataclasses import replace

import numpy as np
import pytest

from sphinx_tape import Tape, gradients
from sphinx_tape.tape.primitives import PRIMITIVES

ELEMENTWISE = {name: entry for name, entry in PRIMITIVES.items() if entry.elementwise}
FLOATING = ("float16", "float32", "float64")


def misfits(primitive, element_type):
    """The forms of result and contributions that differ from that of the operands, over all samples."""
    found = set()
    for sample in primitive.samples:
        alike = [np.array(each, element_type) for each in np.broadcast_arrays(*sample.operands)]
        out = primitive.forward(*alike)
        contributions = [rule(np.ones_like(alike[0]), out, *alike) for rule in primitive.vjps]
        forms = {(type(each), each.shape, each.dtype) for each in (out, *contributions)}
        found |= forms - {(np.ndarray, alike[0].shape, alike[0].dtype)}
    return found


@pytest.mark.parametrize("element_type", FLOATING)
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_result_and_contributions_have_the_form_of_the_operands(name, element_type):
    """Operands of one shape and type give a result and contributions of that shape and type."""
    assert misfits(PRIMITIVES[name], element_type) == set()


@pytest.mark.parametrize(
    "change",
    [
        {"forward": lambda x: np.exp(x).sum()},
        {"forward": lambda x: np.exp(x).astype(np.float64)},
        {"vjps": (lambda g, y, _x: (g * y).sum(),)},
        {"vjps": (lambda g, y, _x: g * y * np.ones(3),)},
        {"vjps": (lambda g, y, _x: (g * y).T,)},
    ],
    ids=["sum", "wide result", "summed rule", "wide rule", "turned rule"],
)
def test_broken_promise_is_found(change):
    """A result or a contribution of another form does not pass the check above."""
    assert misfits(replace(PRIMITIVES["exp"], **change), "float32")


def test_promise_is_made_only_where_it_can_hold():
    """Each has one or two operands, rules for all of them and no keywords."""
    assert {"add", "mul", "tanh", "sin"} <= set(ELEMENTWISE)
    for entry in ELEMENTWISE.values():
        assert entry.total
        assert len(entry.vjps) in {1, 2}
        assert not any(sample.keywords for sample in entry.samples)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (np.ones((2, 3)), np.ones(3)),
        (np.ones(3), np.ones(3, np.float32)),
        (np.ones(3), np.ones(3, ">f8")),
        (np.ones(3), np.float64(2.0)),
        (np.float64(2.0), np.float64(2.0)),
    ],
    ids=["shape", "element type", "byte order", "array and number", "numbers"],
)
def test_unequal_operands_are_looked_at(left, right):
    """Outside the promise each gradient still takes the shape and the element type of its leaf."""
    tape = Tape()
    a, b = tape.leaf(left), tape.leaf(right)
    product = a * b
    assert not product.node.vjp.fits
    found = gradients(product.sum())
    for leaf, given in ((a, left), (b, right)):
        assert (found[leaf.id].shape, found[leaf.id].dtype) == (given.shape, given.dtype)


def test_equal_operands_are_not_looked_at():
    """Within the promise, the common case, the flag is set."""
    x = Tape().leaf(np.float32([1.0, 2.0]))
    assert (x * x).node.vjp.fits
    assert x.exp().node.vjp.fits
    assert not Tape().leaf(1.0).exp().node.vjp.fits
