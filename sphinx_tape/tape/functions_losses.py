"""Public functions that compare predictions with targets.

Layer `tape`. One typed function per operation; `reduction` is `mean`, `sum` or `none`.
Read next: `tape.py`, whose `apply` they call.
"""

from __future__ import annotations

import numpy as np

from sphinx_tape.tape.functions_indexing import Indices, as_indices
from sphinx_tape.tape.tape import apply
from sphinx_tape.tape.variable import Operand, Variable

__all__ = [
    "binary_cross_entropy",
    "cross_entropy",
    "huber",
    "kl_divergence",
    "mae",
    "mse",
    "nll",
    "soft_cross_entropy",
]


def mse(prediction: Operand, target: Operand, reduction: str = "mean") -> Variable:
    """Squared difference."""
    return apply("mse", prediction, target, reduction=reduction)


def mae(prediction: Operand, target: Operand, reduction: str = "mean") -> Variable:
    """Absolute difference."""
    return apply("mae", prediction, target, reduction=reduction)


def huber(prediction: Operand, target: Operand, delta: float = 1.0, reduction: str = "mean") -> Variable:
    """Half the squared difference up to `delta`, linear beyond."""
    return apply("huber", prediction, target, delta=delta, reduction=reduction)


def binary_cross_entropy(logits: Operand, target: Operand, reduction: str = "mean") -> Variable:
    """Cross-entropy of two classes; `logits` are mapped by the sigmoid, `target` lies in [0, 1]."""
    return apply("binary_cross_entropy", logits, target, reduction=reduction)


def nll(log_probabilities: Operand, classes: Indices, axis: int = -1, reduction: str = "mean") -> Variable:
    """Negative log-probability of the given classes."""
    return apply("nll", log_probabilities, as_indices(classes), axis=axis, reduction=reduction)


def cross_entropy(logits: Operand, target: Indices, axis: int = -1, reduction: str = "mean") -> Variable:
    """Cross-entropy of the softmax of `logits` with class numbers or with probabilities.

    Args:
        logits: Scores, with the classes along `axis`.
        target: Integers: one class number per row. Otherwise one probability per class and row.
        axis: Axis of the classes.
        reduction: Over rows: `mean`, `sum` or `none`.
    """
    goal = as_indices(target)
    kind = goal.dtype.kind
    name = "cross_entropy" if kind in "iu" else "soft_cross_entropy"
    return apply(name, logits, goal, axis=axis, reduction=reduction)


def soft_cross_entropy(logits: Operand, target: Operand, axis: int = -1, reduction: str = "mean") -> Variable:
    """Cross-entropy of the softmax of `logits` with one probability per class and row."""
    goal = target if isinstance(target, Variable) else np.asarray(target)
    return apply("soft_cross_entropy", logits, goal, axis=axis, reduction=reduction)


def kl_divergence(log_q: Operand, p: Operand, axis: int = -1, reduction: str = "mean") -> Variable:
    """Kullback-Leibler divergence of the probabilities p from those whose logarithm is `log_q`."""
    return apply("kl_divergence", log_q, p, axis=axis, reduction=reduction)
