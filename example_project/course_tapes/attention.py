"""One attention head (Vaswani et al., 2017, equation 1), small enough to print."""

from __future__ import annotations

import numpy as np

from sphinx_tape import Tape, Variable
from sphinx_tape import functions as F

TOKENS = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])


def head(*, causal: bool = False) -> Variable:
    """Record scaled dot-product attention over three tokens of width two.

    With `causal`, a token sees itself and the tokens before it only.
    """
    tape = Tape()
    X = tape.leaf(TOKENS, name="X")
    with tape.scope("projections"):
        Q = (X @ tape.leaf(np.array([[1.0, 0.0], [0.0, 2.0]]), name="W_Q")).named("Q")
        K = (X @ tape.leaf(np.array([[0.0, 1.0], [1.0, 0.0]]), name="W_K")).named("K")
        V = (X @ tape.leaf(np.array([[2.0, 0.0], [0.0, -1.0]]), name="W_V")).named("V")
    with tape.scope("weights"):
        scores = (Q @ K.T / np.sqrt(2.0)).named("S")
        if causal:
            later = np.triu(np.ones((3, 3), dtype=bool), k=1)
            scores = F.where(later, -np.inf, scores).named("masked")
        A = F.softmax(scores, axis=-1).named("A")
    return (A @ V).named("Y")
