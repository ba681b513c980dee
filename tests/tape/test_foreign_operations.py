"""Claims about `sphinx_tape.tape.foreign_operations`."""

import numpy as np
import pytest

from sphinx_tape import Tape
from sphinx_tape.tape import Node, backward
from sphinx_tape.tape.check import check_primitive
from sphinx_tape.tape.foreign_operations import EXTRAS, primitive_of
from sphinx_tape.tape.gradient_check import check_pass
from sphinx_tape.tape.primitives import PRIMITIVES


@pytest.mark.parametrize("name", EXTRAS)
def test_their_rules_are_right(name):
    """They are checked as those of THE table are."""
    assert all(each.ok for each in check_primitive(EXTRAS[name]))
    assert check_primitive(EXTRAS[name])


def test_the_table_is_untouched():
    """Nothing of a framework gets into the operations that readers are shown, or replaces one."""
    assert not set(EXTRAS) & set(PRIMITIVES)


@pytest.mark.parametrize(
    ("op", "name"),
    [
        ("mul", "mul"),
        ("*", "mul"),
        ("-", "sub"),
        ("micrograd.tanh", "tanh"),
        ("addmm", "addmm"),
        ("cube", None),
        ("**-2", "**-2"),
    ],
)
def test_an_operation_is_what_it_claims_to_be(op, name):
    """Also one that was not recognised, because its rule is wrong or its value is not what it was."""
    found = primitive_of(Node(id=0, op=op, value=np.float64(0.0)))
    assert (found and found.name) == name


@pytest.mark.parametrize("op", ["reshape", "flatten", "squeeze", "expand_dims", "broadcast_to"])
def test_a_shape_that_was_not_told_is_that_of_the_value(op):
    """So the leaf behind it can be checked; a wrong rule is found."""
    shape = (6,) if op in {"reshape", "flatten"} else (2, 3) if op == "squeeze" else (1, 2, 3)
    for sign, verdict in ((1.0, "right"), (-1.0, "wrong")):
        tape = Tape()
        x = tape.leaf(np.arange(6.0).reshape((1, 2, 3) if op == "squeeze" else (2, 3)))
        value = np.asarray(x.value).reshape(shape)
        rule = lambda g, s=sign, x=x: [s * np.reshape(g, x.shape)]  # noqa: E731 -- one line
        tape.append(Node(id=1, op=op, value=value, parents=(0,), vjp=rule))
        output = (tape.variable(1) ** 2).sum()
        assert check_pass(tape, backward(output), own=False).verdict == verdict
