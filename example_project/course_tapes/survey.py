"""The worked example of Baydin, Pearlmutter, Radul and Siskind (2018), Tables 2 and 3."""

from __future__ import annotations

from sphinx_tape import Tape, Variable
from sphinx_tape import functions as F


def worked_example(x1: float = 2.0, x2: float = 5.0) -> Variable:
    """Record ``ln x1 + x1 x2 - sin x2`` with the survey's names."""
    tape = Tape()
    x_1 = tape.leaf(x1, name="x_1")
    x_2 = tape.leaf(x2, name="x_2")
    v_1 = F.log(x_1).named("v_1")
    v_2 = (x_1 * x_2).named("v_2")
    v_3 = F.sin(x_2).named("v_3")
    v_4 = (v_1 + v_2).named("v_4")
    return (v_4 - v_3).named("y")
