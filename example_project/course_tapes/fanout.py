"""Values that are used more than once."""

from __future__ import annotations

from sphinx_tape import Tape, Variable
from sphinx_tape import functions as F


def square(x: float = 3.0) -> Variable:
    """Record ``x x``: both operands are the same node."""
    tape = Tape()
    leaf = tape.leaf(x, name="x")
    return (leaf * leaf).named("y")


def diamond(x: float = 2.0) -> Variable:
    """Record ``(x**2)(3 x)``: two branches that part at x and meet again."""
    tape = Tape()
    leaf = tape.leaf(x, name="x")
    u = leaf.square().named("u")
    v = (3.0 * leaf).named("v")
    return (u * v).named("y")


def doubling(x: float = 1.5, levels: int = 3) -> Variable:
    """Square a number again and again: 2**levels paths lead from the output back to the leaf."""
    tape = Tape()
    value = tape.leaf(x, name="x")
    for level in range(1, levels + 1):
        value = (value * value).named(f"s_{level}")
    return value


def staged(x: float = 3.0, y: float = -4.0) -> Variable:
    """Record the staged example of the CS231n notes: ``(x + s(y)) / (s(x) + (x + y)**2)``."""
    tape = Tape()
    a, b = tape.leaf(x, name="x"), tape.leaf(y, name="y")
    numerator = (a + F.sigmoid(b).named("sigy")).named("num")
    square_of_sum = ((a + b).named("xpy") ** 2).named("xpysqr")
    denominator = (F.sigmoid(a).named("sigx") + square_of_sum).named("den")
    return (numerator / denominator).named("f")
