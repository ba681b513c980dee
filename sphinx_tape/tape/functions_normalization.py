"""Public functions of normalisation layers.

Layer `tape`. One typed function per operation. A missing gain counts as 1, a missing bias as 0.
Read next: `tape.py`, whose `apply` they call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_tape.tape.functions_linear import rank_of
from sphinx_tape.tape.tape import apply

if TYPE_CHECKING:
    from sphinx_tape.tape.variable import Operand, Variable

__all__ = ["batch_norm", "group_norm", "layer_norm", "rms_norm", "standardize"]

Axes = int | tuple[int, ...]
"""Axes over which statistics are taken."""


def standardize(x: Operand, axis: Axes = -1, *, eps: float = 1e-5) -> Variable:
    """Array with mean 0 and variance 1 along axes; `eps` is added to the variance."""
    return apply("standardize", x, axis=axis, eps=eps)


def layer_norm(
    x: Operand,
    gain: Operand | None = None,
    bias: Operand | None = None,
    *,
    axis: Axes = -1,
    eps: float = 1e-5,
) -> Variable:
    """Layer normalisation: standardised along `axis`, then scaled and moved.

    Args:
        x: Shape (..., features), or any with the features on `axis`.
        gain: Factor that broadcasts against x.
        bias: Summand that broadcasts against x.
        axis: Axes of the features.
        eps: Added to the variance.
    """
    if gain is None and bias is None:
        return standardize(x, axis, eps=eps)
    return apply("layer_norm", x, *_affine(gain, bias), axis=axis, eps=eps)


def batch_norm(
    x: Operand, gain: Operand | None = None, bias: Operand | None = None, *, eps: float = 1e-5
) -> Variable:
    """Batch normalisation: each channel standardised over batch and space, then scaled and moved.

    Args:
        x: Shape (batch, channels, S).
        gain: Shape (channels).
        bias: Shape (channels).
        eps: Added to the variance.
    """
    if gain is None and bias is None:
        return standardize(x, (0, *range(2, rank_of(x))), eps=eps)
    return apply("batch_norm", x, *_affine(gain, bias), eps=eps)


def group_norm(
    x: Operand,
    groups: int,
    gain: Operand | None = None,
    bias: Operand | None = None,
    *,
    eps: float = 1e-5,
) -> Variable:
    """Group normalisation: the channels of each group standardised together, per sample.

    Args:
        x: Shape (batch, channels, S).
        groups: Number of groups; 1 for all channels together, the number of channels for each alone.
        gain: Shape (channels).
        bias: Shape (channels).
        eps: Added to the variance.
    """
    return apply("group_norm", x, *_affine(gain, bias), groups=groups, eps=eps)


def rms_norm(x: Operand, gain: Operand | None = None, *, axis: Axes = -1, eps: float = 1e-5) -> Variable:
    """Array divided by its root mean square along `axis`, then scaled."""
    return apply("rms_norm", x, 1.0 if gain is None else gain, axis=axis, eps=eps)


def _affine(gain: Operand | None, bias: Operand | None) -> tuple[Operand, Operand]:
    return 1.0 if gain is None else gain, 0.0 if bias is None else bias
