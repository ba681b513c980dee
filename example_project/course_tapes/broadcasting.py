"""Arrays of different shapes that meet in one operation."""

from __future__ import annotations

import numpy as np

from sphinx_tape import Tape, Variable


def layer() -> Variable:
    """Record one linear layer on three samples: the bias row is used by each of them."""
    tape = Tape()
    X = tape.constant(np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), name="X")
    W = tape.leaf(np.array([[1.0, 0.0], [0.0, -1.0]]), name="W")
    b = tape.leaf(np.array([0.5, 1.0]), name="b")
    Z = (X @ W + b).named("Z")
    return Z.sum().named("y")


def outer_sum() -> Variable:
    """Record a column plus a row, so that each is stretched along the axis it lacks."""
    tape = Tape()
    column = tape.leaf(np.array([[1.0], [2.0], [3.0]]), name="c")
    row = tape.leaf(np.array([10.0, 20.0]), name="r")
    return (column + row).named("S")


def centred() -> Variable:
    """Record the variance of four numbers as the mean square of what is left after the mean."""
    tape = Tape()
    x = tape.leaf(np.array([1.0, 3.0, 4.0, 8.0]), name="x")
    mean = x.mean().named("mu")
    rest = (x - mean).named("r")
    return rest.square().mean().named("var")
