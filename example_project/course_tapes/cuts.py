"""Gradients that end on purpose, by accident, or by nature."""

from __future__ import annotations

import numpy as np

from sphinx_tape import Tape, Variable, no_grad
from sphinx_tape import functions as F


def temporal_difference(
    w: float = 0.5, x: float = 2.0, x_next: float = 3.0, reward: float = 1.0, *, cut: bool = True
) -> Variable:
    """Record the squared temporal-difference error of a linear value function.

    Sutton and Barto (2018), section 9.3: the target is treated as a number, so its dependence on
    `w` is cut; the resulting update is called semi-gradient. ``cut=False`` keeps it.
    """
    tape = Tape()
    weight = tape.leaf(w, name="w")
    value = (weight * x).named("v")
    target = (reward + 0.9 * (weight * x_next)).named("target")
    aim = target.detach() if cut else target
    return (aim - value).square().named("loss")


def stable_logsumexp() -> Variable:
    """Record ``m + log(sum(exp(z - m)))`` with the maximum taken outside the tape's view."""
    tape = Tape()
    z = tape.leaf(np.array([998.0, 1000.0, 999.0]), name="z")
    with no_grad():
        m = F.max(z).named("m")
    return (m + F.log(F.sum(F.exp(z - m)))).named("L")


def quantised(x: float = 2.3, step: float = 0.5) -> Variable:
    """Record a rounding: flat almost everywhere, so nothing comes back through it."""
    tape = Tape()
    leaf = tape.leaf(x, name="x")
    rounded = (F.round(leaf / step) * step).named("q")
    return (rounded - 1.0).square().named("loss")


def straight_through(x: float = 2.3, step: float = 0.5) -> Variable:
    """Record the same rounding with a bridge: forward it rounds, backward it is the identity.

    Bengio, Leonard and Courville (2013) call this the straight-through estimator.
    """
    tape = Tape()
    leaf = tape.leaf(x, name="x")
    rounded = (F.round(leaf / step) * step).named("q")
    bridge = (leaf + (rounded - leaf).detach()).named("x_q")
    return (bridge - 1.0).square().named("loss")


def hard_gate(x: float = 0.3, w: float = 2.0) -> Variable:
    """Record a gate that a comparison opens: the comparison has no derivative at all."""
    tape = Tape()
    leaf, weight = tape.leaf(x, name="x"), tape.leaf(w, name="w")
    gate = (leaf > 0.0).named("open")
    return (gate * weight).named("y")


def lookup() -> Variable:
    """Record rows of a table chosen by whole numbers, which are made from measurements."""
    tape = Tape()
    table = tape.leaf(np.array([[1.0, 0.0], [0.0, 1.0], [2.0, -1.0]]), name="E")
    measured = tape.leaf(np.array([2.2, 0.1, 2.9]), name="t")
    tape.leaf(0.1, name="b")  # somebody forgot to add this bias: it is on the tape, but nothing uses it
    rows = F.cast(measured, int).named("rows")
    return F.embedding(table, rows).square().sum().named("loss")
