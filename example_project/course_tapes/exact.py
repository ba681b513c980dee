"""Derivatives without rounding: fractions and symbols in place of floating-point numbers."""

from __future__ import annotations

from fractions import Fraction

from sphinx_tape import Tape, Variable


def babylonian(a: int = 2, steps: int = 3) -> Variable:
    """Record Heron's square root of `a` in whole fractions: ``x <- (x + a / x) / 2`` from 1."""
    tape = Tape()
    number = tape.leaf(Fraction(a), name="a")
    x = tape.constant(Fraction(1), name="x_0")
    for step in range(1, steps + 1):
        x = ((x + number / x) * Fraction(1, 2)).named(f"x_{step}")
    return x


def thirds() -> Variable:
    """Record ``x y + x / y`` at one third and two fifths."""
    tape = Tape()
    x, y = tape.leaf(Fraction(1, 3), name="x"), tape.leaf(Fraction(2, 5), name="y")
    return (x * y + x / y).named("f")
