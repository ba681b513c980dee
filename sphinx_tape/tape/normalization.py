"""Normalisation to mean 0 and variance 1 (or to mean square 1), with gain and bias.

Layer `tape`. Statistics are those of the given array (training statistics), and the variance is the
biased one. Sources of the rules: Ioffe and Szegedy 2015
(batch normalisation, section 3), Ba, Kiros and Hinton 2016 (layer), Wu and He 2018 (group), Zhang and
Sennrich 2019 (root mean square).
Read next: `attention.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sphinx_tape.errors import OperandError
from sphinx_tape.tape.primitive import Primitive, Sample

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Value

Axis = int | tuple[int, ...]


def _standardised(x: Value, axis: Value, eps: float) -> tuple[Value, Value]:
    """Return x with mean 0 and variance 1 along the axes, and the factor that made it so."""
    centred = x - np.mean(x, axis=axis, keepdims=True)
    factor = 1 / np.sqrt(np.mean(centred * centred, axis=axis, keepdims=True) + eps)
    return centred * factor, factor


def _standardised_rule(g: Value, standard: Value, factor: Value, axis: Value) -> Value:
    """Remove from g what a change of mean or variance would undo, and scale."""
    mean = np.mean(g, axis=axis, keepdims=True)
    along = np.mean(g * standard, axis=axis, keepdims=True)
    return factor * (g - mean - standard * along)


def _standardize(x: Value, *, axis: Axis = -1, eps: float = 1e-5) -> Value:
    return _standardised(x, axis, eps)[0]


def _standardize_rule(g: Value, _out: Value, x: Value, *, axis: Axis = -1, eps: float = 1e-5) -> Value:
    return _standardised_rule(g, *_standardised(x, axis, eps), axis)


def _layer_norm(x: Value, gain: Value, bias: Value, *, axis: Axis = -1, eps: float = 1e-5) -> Value:
    return _standardised(x, axis, eps)[0] * gain + bias


def _layer_norm_x(
    g: Value, _out: Value, x: Value, gain: Value, _bias: Value, *, axis: Axis = -1, eps: float = 1e-5
) -> Value:
    return _standardised_rule(g * gain, *_standardised(x, axis, eps), axis)


def _layer_norm_gain(
    g: Value, _out: Value, x: Value, *_rest: Value, axis: Axis = -1, eps: float = 1e-5
) -> Value:
    return g * _standardised(x, axis, eps)[0]


def _per_channel(parameter: Value, x: Value, operation: str) -> Value:
    """Return a parameter in a shape that meets x (batch, channels, S).

    Raises:
        OperandError: x has no channel axis, or the parameter is neither scalar nor one number per channel.
    """
    if np.ndim(x) < 2:
        msg = (
            f"operand of {operation} must have a batch and a channel axis (got shape {np.shape(x)}); "
            "add them with expand_dims"
        )
        raise OperandError(msg)
    if np.ndim(parameter) == 0:
        return parameter
    if np.shape(parameter) != np.shape(x)[1:2]:
        msg = (
            f"gain and bias of {operation} must have one number per channel, shape {np.shape(x)[1:2]} "
            f"(got {np.shape(parameter)}); channels are axis 1"
        )
        raise OperandError(msg)
    return np.reshape(parameter, (-1,) + (1,) * (np.ndim(x) - 2))


def _but_channels(x: Value) -> tuple[int, ...]:
    """Return all axes but that of the channels."""
    return (0, *range(2, np.ndim(x)))


def _channel_sum(g: Value, parameter: Value) -> Value:
    """Sum what a parameter per channel (or one for all) receives."""
    return np.sum(g, axis=_but_channels(g)) if np.ndim(parameter) else np.sum(g)


def _batch_norm(x: Value, gain: Value, bias: Value, *, eps: float = 1e-5) -> Value:
    gain, bias = (_per_channel(parameter, x, "batch_norm") for parameter in (gain, bias))
    return _standardised(x, _but_channels(x), eps)[0] * gain + bias


def _batch_norm_x(g: Value, _out: Value, x: Value, gain: Value, _bias: Value, *, eps: float = 1e-5) -> Value:
    axis = _but_channels(x)
    return _standardised_rule(g * _per_channel(gain, x, "batch_norm"), *_standardised(x, axis, eps), axis)


def _batch_norm_gain(
    g: Value, _out: Value, x: Value, gain: Value, _bias: Value, *, eps: float = 1e-5
) -> Value:
    return _channel_sum(g * _standardised(x, _but_channels(x), eps)[0], gain)


def _grouped(x: Value, groups: int) -> Value:
    """Return x (batch, channels, S) as (batch, groups, everything of the group).

    Raises:
        OperandError: The channels cannot be split into that many groups.
    """
    if groups < 1 or np.shape(x)[1] % groups:
        msg = (
            f"groups must divide the number of channels {np.shape(x)[1]} (got {groups}); 1 takes all at once"
        )
        raise OperandError(msg)
    return np.reshape(x, (np.shape(x)[0], groups, -1))


def _group_norm(x: Value, gain: Value, bias: Value, *, groups: int, eps: float = 1e-5) -> Value:
    gain, bias = (_per_channel(parameter, x, "group_norm") for parameter in (gain, bias))
    return np.reshape(_standardised(_grouped(x, groups), -1, eps)[0], np.shape(x)) * gain + bias


def _group_norm_x(
    g: Value, _out: Value, x: Value, gain: Value, _bias: Value, *, groups: int, eps: float = 1e-5
) -> Value:
    scaled = _grouped(g * _per_channel(gain, x, "group_norm"), groups)
    contribution = _standardised_rule(scaled, *_standardised(_grouped(x, groups), -1, eps), -1)
    return np.reshape(contribution, np.shape(x))


def _group_norm_gain(
    g: Value, _out: Value, x: Value, gain: Value, _bias: Value, *, groups: int, eps: float = 1e-5
) -> Value:
    standard = np.reshape(_standardised(_grouped(x, groups), -1, eps)[0], np.shape(x))
    return _channel_sum(g * standard, gain)


def _channel_bias(g: Value, _out: Value, _x: Value, _gain: Value, bias: Value, **_keywords: Value) -> Value:
    return _channel_sum(g, bias)


def _rms_factor(x: Value, axis: Axis, eps: float) -> Value:
    return 1 / np.sqrt(np.mean(x * x, axis=axis, keepdims=True) + eps)


def _rms_norm(x: Value, gain: Value, *, axis: Axis = -1, eps: float = 1e-5) -> Value:
    return x * _rms_factor(x, axis, eps) * gain


def _rms_norm_x(g: Value, _out: Value, x: Value, gain: Value, *, axis: Axis = -1, eps: float = 1e-5) -> Value:
    factor = _rms_factor(x, axis, eps)
    scaled, standard = g * gain, x * factor
    return factor * (scaled - standard * np.mean(scaled * standard, axis=axis, keepdims=True))


def _rms_norm_gain(
    g: Value, _out: Value, x: Value, _gain: Value, *, axis: Axis = -1, eps: float = 1e-5
) -> Value:
    return g * x * _rms_factor(x, axis, eps)


_X = np.array([[0.5, -1.25, 2.0, 0.1], [1.5, 0.25, -0.75, 3.0]])
_IMAGE = np.sin(np.arange(2 * 4 * 3 * 2, dtype=float)).reshape(2, 4, 3, 2)
_GAIN = np.array([1.0, -0.5, 2.0, 0.75])
_BIAS = np.array([0.5, -1.0, 0.25, 0.0])
_STATISTICS = (
    "The variance is the biased one, of the given array; sigma is the root of variance plus eps, "
    "and the hat marks the standardised operand."
)
_AFFINE = r"@1 \odot \hat{x} + @2, \ \hat{x} = (@0 - \mu) / \sigma"
_AFFINE_FORMULAS = (
    (
        r"\left(g' - \operatorname{mean} g' - \hat{x} \, \operatorname{mean}(g' \odot \hat{x})\right)"
        r" / \sigma, \ g' = @g \odot @1"
    ),
    r"\sum_{\text{batch}} @g \odot \hat{x}",
    r"\sum_{\text{batch}} @g",
)

standardize = Primitive(
    name="standardize",
    forward=_standardize,
    vjps=(_standardize_rule,),
    tex=r"(@0 - \mu) / \sigma, \ \sigma = \sqrt{\operatorname{var}(@0) + @{eps}}",
    formulas=(r"\left(@g - \operatorname{mean} @g - @y \, \operatorname{mean}(@g \odot @y)\right) / \sigma",),
    samples=(Sample((_X,)), Sample((_X,), {"axis": 0, "eps": 0.1}), Sample((_IMAGE,), {"axis": (0, 2, 3)})),
    note=_STATISTICS,
)
layer_norm = Primitive(
    name="layer_norm",
    forward=_layer_norm,
    vjps=(_layer_norm_x, _layer_norm_gain, lambda g, *_operands, **_keywords: g),
    tex=_AFFINE,
    formulas=_AFFINE_FORMULAS,
    samples=(
        Sample((_X, _GAIN, _BIAS)),
        Sample((_X, np.float64(1.5), _BIAS), {"axis": 0, "eps": 0.1}),
        Sample((_IMAGE, _IMAGE[0, 0], _IMAGE[1, 1]), {"axis": (-2, -1)}),
    ),
    note=_STATISTICS,
)
batch_norm = Primitive(
    name="batch_norm",
    forward=_batch_norm,
    vjps=(_batch_norm_x, _batch_norm_gain, _channel_bias),
    tex=_AFFINE,
    formulas=_AFFINE_FORMULAS,
    samples=(
        Sample((_IMAGE, _GAIN, _BIAS)),
        Sample((_IMAGE, np.float64(0.5), np.float64(-1.0)), {"eps": 0.1}),
        Sample((_X, _GAIN, _BIAS), {"eps": 0.5}),
    ),
    note=f"Channels are axis 1. {_STATISTICS}",
)
group_norm = Primitive(
    name="group_norm",
    forward=_group_norm,
    vjps=(_group_norm_x, _group_norm_gain, _channel_bias),
    tex=_AFFINE,
    formulas=_AFFINE_FORMULAS,
    samples=(
        Sample((_IMAGE, _GAIN, _BIAS), {"groups": 2}),
        Sample((_IMAGE, np.float64(0.5), _BIAS), {"groups": 4}),
        Sample((_X, _GAIN, np.float64(-1.0)), {"groups": 1, "eps": 0.1}),
    ),
    note=f"Channels are axis 1. {_STATISTICS}",
)
rms_norm = Primitive(
    name="rms_norm",
    forward=_rms_norm,
    vjps=(_rms_norm_x, _rms_norm_gain),
    tex=r"@1 \odot \hat{x}, \ \hat{x} = \frac{@0}{r}, \ r = \sqrt{\operatorname{mean}(@0^2) + @{eps}}",
    formulas=(
        r"\frac{1}{r} \left(g' - \hat{x} \, \operatorname{mean}(g' \odot \hat{x})\right), \ g' = @g \odot @1",
        r"\sum_{\text{batch}} @g \odot \hat{x}",
    ),
    samples=(
        Sample((_X, _GAIN)),
        Sample((_X, np.float64(1.5)), {"axis": 0, "eps": 0.1}),
        Sample((_IMAGE, _GAIN[:2]), {"axis": (1, 2)}),
    ),
    note="Here r is the root mean square; eps is added under the root.",
)

PRIMITIVES = (standardize, layer_norm, batch_norm, group_norm, rms_norm)
