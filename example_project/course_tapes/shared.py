"""Weights that are used again and again: through time and along an array."""

from __future__ import annotations

import numpy as np

from sphinx_tape import Tape, Variable
from sphinx_tape import functions as F


def linear_recurrence(w: float = 0.5, steps: int = 4) -> Variable:
    """Multiply a state by the same weight `steps` times."""
    tape = Tape()
    weight = tape.leaf(w, name="w")
    state = tape.leaf(1.0, name="h_0")
    for t in range(1, steps + 1):
        state = (weight * state).named(f"h_{t}")
    return state


def recurrent_cell() -> Variable:
    """Record a recurrent network of width one that reads three numbers (Elman, 1990)."""
    tape = Tape()
    w, u = tape.leaf(0.8, name="w"), tape.leaf(1.0, name="u")
    state = tape.constant(0.0, name="h_0")
    for t, x in enumerate((1.0, 0.0, -1.0), start=1):
        with tape.scope(f"step {t}"):
            state = F.tanh(w * state + u * x).named(f"h_{t}")
    return state


def sliding_kernel() -> Variable:
    """Record a convolution of five numbers with a kernel of two, as two shifted products."""
    tape = Tape()
    x = tape.leaf(np.array([1.0, 2.0, 4.0, 7.0, 11.0]), name="x")
    k_0, k_1 = tape.leaf(-1.0, name="k_0"), tape.leaf(1.0, name="k_1")
    y = (k_0 * x[:-1] + k_1 * x[1:]).named("y")
    return y.square().sum().named("E")
