"""Losses over classes: cross-entropy of logits, negative log-likelihood, divergence.

Layer `tape`. The classes lie along `axis` (the last one by default); what remains is a batch of any
shape. Targets are class numbers (not differentiable) or probabilities (differentiable); these are two
primitives, because they differ in what can be asked of the second operand.
Read next: `convolution.py`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sphinx_tape.errors import OperandError
from sphinx_tape.tape.losses import reduce_loss, spread
from sphinx_tape.tape.neural import highest, log_softmax_of, softmax_of
from sphinx_tape.tape.primitive import Primitive, Sample
from sphinx_tape.tape.requirements import require_integers

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Value


def _require_classes(classes: Value, scores: Value, axis: int, operation: str) -> None:
    """Refuse class numbers that do not belong to the scores."""
    array, sizes = require_integers(classes, operation), list(np.shape(scores))
    count = sizes.pop(axis)
    if array.shape != tuple(sizes):
        msg = (
            f"classes of {operation} must have the shape of the batch (got {array.shape} for scores of "
            f"shape {np.shape(scores)} with the classes on axis {axis}); give one class number per row"
        )
        raise OperandError(msg)
    if array.size and not (array.min() >= 0 and array.max() < count):
        msg = (
            f"classes of {operation} must lie between 0 and {count - 1} (got {array.min()} to "
            f"{array.max()}); count classes from 0"
        )
        raise OperandError(msg)


def _places(classes: Value, axis: int) -> tuple[Value, ...]:
    """Return the index that picks the score of each row's class."""
    batch = np.shape(classes)
    if len(batch) == 1:  # nearly always: rows of scores
        rows = np.arange(batch[0])
        return (classes, rows) if axis in {0, -2} else (rows, classes)
    shapes = np.eye(len(batch), dtype=int) * -2 + 1  # -1 on the diagonal: a row of axes per axis of the batch
    grid = [np.arange(size).reshape(shape) for size, shape in zip(batch, shapes, strict=True)]
    grid.insert(axis % (len(batch) + 1), classes)
    return tuple(grid)


def _each(g: Value, count: int, axis: int, reduction: str) -> Value:
    """Return the cotangent of each row's loss, with the axis of the classes put back."""
    single = spread(g, count, reduction)
    return np.expand_dims(single, axis) if reduction == "none" else single


def _nll(log_probabilities: Value, classes: Value, axis: int = -1, reduction: str = "mean") -> Value:
    _require_classes(classes, log_probabilities, axis, "nll")
    return reduce_loss(-log_probabilities[_places(classes, axis)], reduction)


def _nll_rule(
    g: Value, _out: Value, log_probabilities: Value, classes: Value, axis: int = -1, reduction: str = "mean"
) -> Value:
    hot = np.zeros(np.shape(log_probabilities), dtype=np.asarray(g).dtype)
    hot[_places(classes, axis)] = -1
    return hot * _each(g, np.size(classes), axis, reduction)


def _cross_entropy(logits: Value, classes: Value, axis: int = -1, reduction: str = "mean") -> Value:
    _require_classes(classes, logits, axis, "cross_entropy")
    # The logarithm of the softmax is formed at the classes' places only.
    shifted = logits - highest(logits, axis)
    totals = np.exp(shifted).sum(axis=axis)
    return reduce_loss(np.log(totals) - shifted[_places(classes, axis)], reduction)


def _cross_entropy_rule(
    g: Value, _out: Value, logits: Value, classes: Value, axis: int = -1, reduction: str = "mean"
) -> Value:
    difference = softmax_of(logits, axis)
    difference[_places(classes, axis)] -= 1
    difference *= _each(g, np.size(classes), axis, reduction)
    return difference


def _rows(logits: Value, axis: int) -> int:
    sizes = list(np.shape(logits))
    del sizes[axis]
    return math.prod(sizes)


def _soft_cross_entropy(logits: Value, target: Value, axis: int = -1, reduction: str = "mean") -> Value:
    if np.shape(logits) != np.shape(target):
        msg = (
            f"probabilities of cross_entropy must have the shape of the logits {np.shape(logits)} "
            f"(got {np.shape(target)}); give one probability per class"
        )
        raise OperandError(msg)
    return reduce_loss(-np.sum(target * log_softmax_of(logits, axis), axis=axis), reduction)


def _soft_logits_rule(
    g: Value, _out: Value, logits: Value, target: Value, axis: int = -1, reduction: str = "mean"
) -> Value:
    # The factor sum(target) is 1 for probabilities; kept, so that the rule holds for any target.
    probabilities = np.exp(log_softmax_of(logits, axis))
    each = _each(g, _rows(logits, axis), axis, reduction)
    return (probabilities * np.sum(target, axis=axis, keepdims=True) - target) * each


def _soft_target_rule(
    g: Value, _out: Value, logits: Value, _target: Value, axis: int = -1, reduction: str = "mean"
) -> Value:
    return log_softmax_of(logits, axis) * -_each(g, _rows(logits, axis), axis, reduction)


def _kl_divergence(log_q: Value, p: Value, axis: int = -1, reduction: str = "mean") -> Value:
    """Return `sum p (log p - log_q)`; a probability of 0 contributes 0."""
    positive = np.where(p > 0, p, 1)
    return reduce_loss(np.sum(p * (np.log(positive) - log_q), axis=axis), reduction)


def _kl_log_q_rule(
    g: Value, _out: Value, log_q: Value, p: Value, axis: int = -1, reduction: str = "mean"
) -> Value:
    return p * -_each(g, _rows(log_q, axis), axis, reduction)


def _kl_p_rule(
    g: Value, _out: Value, log_q: Value, p: Value, axis: int = -1, reduction: str = "mean"
) -> Value:
    positive = np.where(p > 0, p, 1)
    slope = np.where(p > 0, np.log(positive) - log_q + 1, np.where(p < 0, -log_q, 0))
    return slope * _each(g, _rows(log_q, axis), axis, reduction)


_LOGITS = np.array([[0.5, -1.25, 2.0], [1.5, 0.25, -0.75]])
_CLASSES = np.array([2, 0])
_COLUMNS = np.array([0, 1, 1])
_SHARES = np.array([[0.2, 0.3, 0.5], [0.1, 0.7, 0.2]])
_INDEXED = (
    Sample((_LOGITS, _CLASSES)),
    Sample((_LOGITS, _COLUMNS), {"axis": 0, "reduction": "sum"}),
    Sample((_LOGITS, _CLASSES), {"reduction": "none"}),
    Sample((_LOGITS[0], np.array(1))),
)
_SHARED = (
    Sample((_LOGITS, _SHARES)),
    Sample((_LOGITS, _SHARES), {"axis": 0, "reduction": "sum"}),
    Sample((_LOGITS, _SHARES), {"reduction": "none"}),
)
_COUNT = "Here n is the number of rows for the mean, else 1; 'none' has no sum."

nll = Primitive(
    name="nll",
    forward=_nll,
    vjps=(_nll_rule, None),
    tex=r"-\tfrac{1}{n} \sum @0_{[@1]}",
    formulas=(r"-\tfrac{1}{n} @g \, \operatorname{onehot}(@1)", ""),
    samples=_INDEXED,
    note=_COUNT,
)
cross_entropy = Primitive(
    name="cross_entropy",
    forward=_cross_entropy,
    vjps=(_cross_entropy_rule, None),
    tex=r"-\tfrac{1}{n} \sum \log \operatorname{softmax}(@0)_{[@1]}",
    formulas=(r"\tfrac{1}{n} @g \, (\operatorname{softmax}(@0) - \operatorname{onehot}(@1))", ""),
    samples=_INDEXED,
    analytic=False,
    note=f"The first operand holds logits. {_COUNT}",
)
soft_cross_entropy = Primitive(
    name="soft_cross_entropy",
    forward=_soft_cross_entropy,
    vjps=(_soft_logits_rule, _soft_target_rule),
    tex=r"-\tfrac{1}{n} \sum @1 \odot \log \operatorname{softmax}(@0)",
    formulas=(
        r"\tfrac{1}{n} @g \, (\operatorname{softmax}(@0) \, \sum @1 - @1)",
        r"-\tfrac{1}{n} @g \, \log \operatorname{softmax}(@0)",
    ),
    samples=_SHARED,
    analytic=False,
    note=f"The first operand holds logits. {_COUNT}",
)
kl_divergence = Primitive(
    name="kl_divergence",
    forward=_kl_divergence,
    vjps=(_kl_log_q_rule, _kl_p_rule),
    tex=r"\tfrac{1}{n} \sum @1 \odot (\log @1 - @0)",
    formulas=(r"-\tfrac{1}{n} @g \, @1", r"\tfrac{1}{n} @g \, (\log @1 - @0 + 1)"),
    samples=_SHARED,
    analytic=False,
    note=f"The first operand holds log-probabilities; where the second is 0 it receives 0. {_COUNT}",
)

PRIMITIVES = (nll, cross_entropy, soft_cross_entropy, kl_divergence)
