"""The expression with which the README of micrograd (Karpathy, 2020) introduces itself."""

from __future__ import annotations

from sphinx_tape import Tape, Variable
from sphinx_tape import functions as F


def tangled(a: float = -4.0, b: float = 2.0) -> Variable:
    """Record the expression: two numbers, some thirty operations.

    The README updates `c`, `d` and `g` in place; here every stage gets a name.
    """
    tape = Tape()
    a_, b_ = tape.leaf(a, name="a"), tape.leaf(b, name="b")
    with tape.scope("c"):
        c_0 = (a_ + b_).named("c_0")
        c_1 = (c_0 + (c_0 + 1.0)).named("c_1")
        c_2 = (c_1 + (1.0 + c_1 - a_)).named("c_2")
    with tape.scope("d"):
        d_0 = (a_ * b_ + b_**3).named("d_0")
        d_1 = (d_0 + (d_0 * 2.0 + F.relu(b_ + a_))).named("d_1")
        d_2 = (d_1 + (3.0 * d_1 + F.relu(b_ - a_))).named("d_2")
    e = (c_2 - d_2).named("e")
    f = (e**2).named("f")
    return (f / 2.0 + 10.0 / f).named("g")
