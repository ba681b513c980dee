"""Tapes whose leaves are SymPy symbols: the reverse pass then writes formulas."""

from __future__ import annotations

import sympy

from sphinx_tape import Tape, Variable
from sphinx_tape import functions as F


def survey() -> Variable:
    """Record the survey's example with symbols in place of 2 and 5."""
    tape = Tape()
    x_1 = tape.leaf(sympy.Symbol("x1"), name="x_1")
    x_2 = tape.leaf(sympy.Symbol("x2"), name="x_2")
    return (F.log(x_1) + x_1 * x_2 - F.sin(x_2)).named("y")


def product_and_sine() -> Variable:
    """Record ``x y + sin x``."""
    tape = Tape()
    x, y = tape.leaf(sympy.Symbol("x"), name="x"), tape.leaf(sympy.Symbol("y"), name="y")
    return (x * y + F.sin(x)).named("f")
