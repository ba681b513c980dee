"""Scores, probabilities and the cross-entropy.

The scores of the first sample are the example of the CS231n notes on linear classification; those
of the second are the cat image of the same course's lecture slides.
"""

from __future__ import annotations

import numpy as np

from sphinx_tape import Tape, Variable
from sphinx_tape import functions as F

SCORES = np.array([[-2.85, 0.86, 0.28], [3.2, 5.1, -1.7]])
LABELS = np.array([2, 0])


def by_hand(sample: int = 0) -> Variable:
    """Record the loss of one sample in single steps: exponential, sum, quotient, logarithm."""
    tape = Tape()
    z = tape.leaf(SCORES[sample], name="z")
    e = F.exp(z).named("e")
    p = (e / e.sum().named("total")).named("p")
    return (-F.log(p[int(LABELS[sample])])).named("loss")


def fused() -> Variable:
    """Record the mean loss of both samples with the cross-entropy as one operation."""
    tape = Tape()
    Z = tape.leaf(SCORES, name="Z")
    return F.cross_entropy(Z, LABELS).named("loss")
