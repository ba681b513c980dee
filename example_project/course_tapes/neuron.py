"""The circuits of the CS231n course notes, "Backpropagation, intuitions"."""

from __future__ import annotations

from sphinx_tape import Tape, Variable
from sphinx_tape import functions as F


def gates(
    w0: float = 2.0, x0: float = -1.0, w1: float = -3.0, x1: float = -2.0, w2: float = -3.0
) -> Variable:
    """Record a sigmoid neuron, gate by gate."""
    tape = Tape()
    w_0, x_0 = tape.leaf(w0, name="w_0"), tape.leaf(x0, name="x_0")
    w_1, x_1 = tape.leaf(w1, name="w_1"), tape.leaf(x1, name="x_1")
    w_2 = tape.leaf(w2, name="w_2")
    s = (w_0 * x_0 + w_1 * x_1 + w_2).named("s")
    return (1.0 / (1.0 + F.exp(-s))).named("f")


def one_gate(
    w0: float = 2.0, x0: float = -1.0, w1: float = -3.0, x1: float = -2.0, w2: float = -3.0
) -> Variable:
    """Record the same neuron with the sigmoid as a single operation."""
    tape = Tape()
    w_0, x_0 = tape.leaf(w0, name="w_0"), tape.leaf(x0, name="x_0")
    w_1, x_1 = tape.leaf(w1, name="w_1"), tape.leaf(x1, name="x_1")
    w_2 = tape.leaf(w2, name="w_2")
    return F.sigmoid((w_0 * x_0 + w_1 * x_1 + w_2).named("s")).named("f")


def three_patterns(x: float = 3.0, y: float = -4.0, z: float = 2.0, w: float = -1.0) -> Variable:
    """Record ``2 (x y + max(z, w))``: a sum, a product and a maximum in one circuit."""
    tape = Tape()
    a, b = tape.leaf(x, name="x"), tape.leaf(y, name="y")
    c, d = tape.leaf(z, name="z"), tape.leaf(w, name="w")
    product = (a * b).named("p")
    largest = F.maximum(c, d).named("m")
    return (2.0 * (product + largest)).named("f")
