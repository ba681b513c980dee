"""Claims about `sphinx_tape.tape.foreign_operations`."""

import numpy as np
import pytest

from sphinx_tape import Tape
from sphinx_tape.tape import Node, backward
from sphinx_tape.tape.check import check_primitive
from sphinx_tape.tape.foreign_operations import KNOWN
from sphinx_tape.tape.gradient_check import check_pass
from sphinx_tape.tape.primitives import PRIMITIVES

EXTRAS = sorted(set(KNOWN) - set(PRIMITIVES))


@pytest.mark.parametrize("name", EXTRAS)
def test_their_rules_are_right(name):
    """They are checked as those of THE table are."""
    assert all(each.ok for each in check_primitive(KNOWN[name]))
    assert check_primitive(KNOWN[name])


def test_the_table_is_untouched():
    """Nothing of a framework gets into the operations that readers are shown, or replaces one."""
    assert EXTRAS == ["addmm", "clone"]
    assert all(KNOWN[name] is PRIMITIVES[name] for name in PRIMITIVES)


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
