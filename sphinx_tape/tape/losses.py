r"""Primitives that compare predictions with targets.

Layer `tape`. Every loss has `reduction`: `mean` (over all compared values), `sum`, or `none`.
Rules of the losses on logits come from the softmax and sigmoid derivatives in closed form, so they
neither overflow nor divide by a probability of zero (Goodfellow, Bengio and Courville 2016, "Deep
Learning", section 6.2.2).
Read next: `class_losses.py` (losses over classes).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sphinx_tape.errors import OperandError
from sphinx_tape.tape.primitive import Primitive, Sample
from sphinx_tape.tape.requirements import require_real

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Value

REDUCTIONS = ("mean", "sum", "none")


def reduce_loss(each: Value, reduction: str) -> Value:
    """Reduce one loss per compared value to what the author asked for.

    Raises:
        OperandError: The reduction is not one of the three.
    """
    if reduction == "mean":
        if type(each) is np.ndarray and each.dtype.char == "d":
            return np.add.reduce(each, axis=None) / each.size  # as np.mean(), in a third of its time
        return np.mean(each)
    if reduction == "sum":
        return np.sum(each)
    if reduction == "none":
        return each
    msg = f"reduction must be one of {', '.join(REDUCTIONS)} (got {reduction!r}); leave it out for 'mean'"
    raise OperandError(msg)


def spread(g: Value, count: int, reduction: str) -> Value:
    """Return the cotangent of each single loss, given that of the reduced one."""
    return g / count if reduction == "mean" else g


def _size(prediction: Value, target: Value) -> int:
    return int(np.prod(np.broadcast_shapes(np.shape(prediction), np.shape(target))))


def _softplus(x: Value) -> Value:
    if np.asarray(x).dtype.kind == "O":  # symbols have no order, and cannot overflow
        return np.log(1 + np.exp(x))
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def _sigmoid(x: Value) -> Value:
    if np.asarray(x).dtype.kind == "O":
        return 1 / (1 + np.exp(-x))
    # One exponential of a value that is never positive: no overflow for any x.
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, small) / (1 + small)


def _mse(prediction: Value, target: Value, reduction: str = "mean") -> Value:
    require_real("mse", prediction, target)
    difference = prediction - target
    return reduce_loss(difference * difference, reduction)


def _mse_rule(g: Value, _out: Value, prediction: Value, target: Value, reduction: str = "mean") -> Value:
    return (prediction - target) * (2 * spread(g, _size(prediction, target), reduction))


def _mae(prediction: Value, target: Value, reduction: str = "mean") -> Value:
    require_real("mae", prediction, target)
    return reduce_loss(np.abs(prediction - target), reduction)


def _mae_rule(g: Value, _out: Value, prediction: Value, target: Value, reduction: str = "mean") -> Value:
    return np.sign(prediction - target) * spread(g, _size(prediction, target), reduction)


def _huber(prediction: Value, target: Value, delta: float = 1.0, reduction: str = "mean") -> Value:
    if not delta > 0:
        msg = (
            f"delta of huber must be positive (got {delta}); it is where the loss turns from square to linear"
        )
        raise OperandError(msg)
    require_real("huber", prediction, target)
    distance = np.abs(prediction - target)
    each = np.where(distance <= delta, distance * distance / 2, delta * (distance - delta / 2))
    return reduce_loss(each, reduction)


def _huber_rule(
    g: Value, _out: Value, prediction: Value, target: Value, delta: float = 1.0, reduction: str = "mean"
) -> Value:
    slope = np.clip(prediction - target, -delta, delta)
    return slope * spread(g, _size(prediction, target), reduction)


def _bce(logits: Value, target: Value, reduction: str = "mean") -> Value:
    """Binary cross entropy of logits: `log(1 + exp(x)) - x t`."""
    require_real("binary_cross_entropy", logits, target)
    return reduce_loss(_softplus(logits) - logits * target, reduction)


def _bce_logits_rule(g: Value, _out: Value, logits: Value, target: Value, reduction: str = "mean") -> Value:
    return (_sigmoid(logits) - target) * spread(g, _size(logits, target), reduction)


def _bce_target_rule(g: Value, _out: Value, logits: Value, target: Value, reduction: str = "mean") -> Value:
    return -logits * spread(g, _size(logits, target), reduction)


def _opposite(rule: Value) -> Value:
    """Rule of the target in a loss of the difference: the prediction's, negated."""
    return lambda *operands, **keywords: -rule(*operands, **keywords)


_P = np.array([[0.5, -1.25, 2.0], [1.5, 0.25, -0.75]])
_T = np.array([[0.1, 1.0, 1.5], [-1.0, 0.5, -0.5]])
_SHARE = np.array([[0.1, 0.9, 0.5], [0.75, 0.25, 1.0]])
_SAMPLES = (
    Sample((_P, _T)),
    Sample((_P, _T[0]), {"reduction": "sum"}),
    Sample((_P, _T), {"reduction": "none"}),
)
_COUNT = "Here n is the number of compared values for the mean, else 1; 'none' has no sum."

mse = Primitive(
    name="mse",
    forward=_mse,
    vjps=(_mse_rule, _opposite(_mse_rule)),
    tex=r"\tfrac{1}{n} \sum (@0 - @1)^2",
    formulas=(r"\tfrac{2}{n} @g \, (@0 - @1)", r"-\tfrac{2}{n} @g \, (@0 - @1)"),
    samples=_SAMPLES,
    analytic=False,
    note=_COUNT,
)
mae = Primitive(
    name="mae",
    forward=_mae,
    vjps=(_mae_rule, _opposite(_mae_rule)),
    tex=r"\tfrac{1}{n} \sum |@0 - @1|",
    formulas=(
        r"\tfrac{1}{n} @g \, \operatorname{sign}(@0 - @1)",
        r"-\tfrac{1}{n} @g \, \operatorname{sign}(@0 - @1)",
    ),
    samples=_SAMPLES,
    analytic=False,
    note=f"Where prediction and target are equal the derivative is 0, the middle of -1 and 1. {_COUNT}",
)
huber = Primitive(
    name="huber",
    forward=_huber,
    vjps=(_huber_rule, _opposite(_huber_rule)),
    tex=r"\tfrac{1}{n} \sum \operatorname{huber}_{@{delta}}(@0 - @1)",
    formulas=(
        r"\tfrac{1}{n} @g \, \operatorname{clip}_{\pm @{delta}}(@0 - @1)",
        r"-\tfrac{1}{n} @g \, \operatorname{clip}_{\pm @{delta}}(@0 - @1)",
    ),
    samples=(
        Sample((_P, _T), {"delta": 1.0}),
        Sample((_P, _T), {"delta": 0.3, "reduction": "sum"}),
        Sample((_P, _T[:, :1]), {"delta": 2.0, "reduction": "none"}),
    ),
    analytic=False,
    note=f"Half the square up to delta, linear beyond (Huber 1964); the slopes agree there. {_COUNT}",
)
binary_cross_entropy = Primitive(
    name="binary_cross_entropy",
    forward=_bce,
    vjps=(_bce_logits_rule, _bce_target_rule),
    tex=r"-\tfrac{1}{n} \sum \left[@1 \, \log \sigma(@0) + (1 - @1) \, \log(1 - \sigma(@0))\right]",
    formulas=(r"\tfrac{1}{n} @g \, (\sigma(@0) - @1)", r"-\tfrac{1}{n} @g \, @0"),
    samples=(
        Sample((_P, _SHARE)),
        Sample((_P, _SHARE[0]), {"reduction": "sum"}),
        Sample((_P, _SHARE), {"reduction": "none"}),
    ),
    analytic=False,
    note=f"The first operand holds logits, not probabilities. {_COUNT}",
)

PRIMITIVES = (mse, mae, huber, binary_cross_entropy)
