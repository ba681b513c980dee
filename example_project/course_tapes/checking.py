"""Derivatives without any rule, to check rules by."""

from __future__ import annotations

import math

from sphinx_tape import Tape, Variable
from sphinx_tape import functions as F


def central_difference(step: float, x1: float = 2.0, x2: float = 5.0) -> float:
    """Return the slope of the survey's function along `x2`, from two values on either side."""

    def f(moved: float) -> float:
        return math.log(x1) + x1 * moved - math.sin(moved)

    return (f(x2 + step) - f(x2 - step)) / (2 * step)


def complex_step(step: float = 1e-20) -> Variable:
    """Record the survey's function at a point moved by a tiny imaginary step."""
    tape = Tape()
    x_1 = tape.constant(2.0, name="x_1")
    x_2 = tape.constant(complex(5.0, step), name="x_2")
    return (F.log(x_1) + x_1 * x_2 - F.sin(x_2)).named("y")


def hidden_mistake(x: float = 3.0) -> Variable:
    """Record ``x x`` as a copy times itself: correct forward, half a gradient back."""
    tape = Tape()
    leaf = tape.leaf(x, name="x")
    return (leaf.detach().named("copy") * leaf).named("y")
