"""Public functions of convolution and pooling.

Layer `tape`. One typed function per operation. Shapes: x (batch, channels, S) with spatial axes S;
stride, padding and dilation are one number, or one per spatial axis.
Read next: `tape.py`, whose `apply` they call.
"""

# ruff: noqa: PLR0913 -- the parameters are those that the literature gives these layers

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_tape.errors import OperandError
from sphinx_tape.tape.functions_linear import rank_of
from sphinx_tape.tape.tape import apply

if TYPE_CHECKING:
    from sphinx_tape.tape.variable import Operand, Variable
    from sphinx_tape.tape.windows import Sizes

__all__ = [
    "add_channels",
    "average_pool",
    "average_pool2d",
    "conv2d",
    "conv2d_transpose",
    "convolution",
    "max_pool",
    "max_pool2d",
    "smooth_max_pool",
    "smooth_max_pool2d",
    "transposed_convolution",
]


def add_channels(x: Operand, bias: Operand) -> Variable:
    """One number per channel added to x (batch, channels, S)."""
    return apply("add_channels", x, bias)


def _require_images(x: Operand, operation: str, general: str) -> None:
    """Refuse what has not two spatial axes, and name the operation that takes it."""
    if rank_of(x) != 4:
        message = (
            f"operand of {operation} must have the axes (batch, channels, height, width) "
            f"(got {rank_of(x)} axes); use {general} for other numbers of spatial axes"
        )
        raise OperandError(message)


def _with_bias(result: Variable, bias: Operand | None) -> Variable:
    return result if bias is None else apply("add_channels", result, bias)


def convolution(
    x: Operand,
    kernel: Operand,
    bias: Operand | None = None,
    *,
    stride: Sizes = 1,
    padding: Sizes = 0,
    dilation: Sizes = 1,
) -> Variable:
    """Convolution (kernel not flipped) over all spatial axes.

    Args:
        x: Shape (batch, in, S).
        kernel: Shape (out, in, K).
        bias: Shape (out), added by `add_channels`.
        stride: Steps between positions of the kernel.
        padding: Zeros before and after each axis.
        dilation: Steps between places of the kernel.
    """
    moves = {"stride": stride, "padding": padding, "dilation": dilation}
    return _with_bias(apply("convolution", x, kernel, **moves), bias)


def conv2d(
    x: Operand,
    kernel: Operand,
    bias: Operand | None = None,
    *,
    stride: Sizes = 1,
    padding: Sizes = 0,
    dilation: Sizes = 1,
) -> Variable:
    """Convolution of images: `convolution` for x (batch, in, height, width)."""
    _require_images(x, "conv2d", "convolution")
    moves = {"stride": stride, "padding": padding, "dilation": dilation}
    return _with_bias(apply("conv2d", x, kernel, **moves), bias)


def transposed_convolution(
    x: Operand,
    kernel: Operand,
    bias: Operand | None = None,
    *,
    stride: Sizes = 1,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    output_padding: Sizes = 0,
) -> Variable:
    """Transposed map of a convolution: from its result's shape back to its operand's.

    Args:
        x: Shape (batch, in, S).
        kernel: Shape (in, out, K).
        bias: Shape (out), added by `add_channels`.
        stride: Steps between the places where copies of the kernel are added.
        padding: Elements cut off before and after each axis.
        dilation: Steps between places of the kernel.
        output_padding: Elements added after each axis, fewer than the stride.
    """
    moves = {"stride": stride, "padding": padding, "dilation": dilation, "output_padding": output_padding}
    return _with_bias(apply("transposed_convolution", x, kernel, **moves), bias)


def conv2d_transpose(
    x: Operand,
    kernel: Operand,
    bias: Operand | None = None,
    *,
    stride: Sizes = 1,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    output_padding: Sizes = 0,
) -> Variable:
    """Transposed convolution of images: `transposed_convolution` for x (batch, in, height, width)."""
    _require_images(x, "conv2d_transpose", "transposed_convolution")
    moves = {"stride": stride, "padding": padding, "dilation": dilation, "output_padding": output_padding}
    return _with_bias(apply("conv2d_transpose", x, kernel, **moves), bias)


def max_pool(
    x: Operand,
    window: Sizes,
    *,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
) -> Variable:
    """Maximum of each window of the last axes.

    Args:
        x: Shape (..., S).
        window: One number for all axes after batch and channels, or one per axis to be pooled.
        stride: Steps between windows; None: windows side by side.
        padding: Elements around the array, which never win.
        dilation: Steps between places of the window.
    """
    return apply("max_pool", x, window=window, stride=stride, padding=padding, dilation=dilation)


def max_pool2d(
    x: Operand,
    window: Sizes,
    *,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
) -> Variable:
    """Maximum of each window of images (batch, channels, height, width)."""
    _require_images(x, "max_pool2d", "max_pool")
    return apply("max_pool2d", x, window=window, stride=stride, padding=padding, dilation=dilation)


def average_pool(
    x: Operand,
    window: Sizes,
    *,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    count_padding: bool = True,
) -> Variable:
    """Mean of each window of the last axes.

    Args:
        x: Shape (..., S).
        window: One number for all axes after batch and channels, or one per axis to be pooled.
        stride: Steps between windows; None: windows side by side.
        padding: Zeros around the array.
        count_padding: Whether those zeros count as elements of the mean.
    """
    keywords = {"window": window, "stride": stride, "padding": padding, "count_padding": count_padding}
    return apply("average_pool", x, **keywords)


def average_pool2d(
    x: Operand,
    window: Sizes,
    *,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    count_padding: bool = True,
) -> Variable:
    """Mean of each window of images (batch, channels, height, width)."""
    _require_images(x, "average_pool2d", "average_pool")
    keywords = {"window": window, "stride": stride, "padding": padding, "count_padding": count_padding}
    return apply("average_pool2d", x, **keywords)


def smooth_max_pool(
    x: Operand,
    window: Sizes,
    *,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    temperature: float = 1.0,
) -> Variable:
    """Differentiable maximum `T log sum exp(x / T)` of each window of the last axes."""
    keywords = {"window": window, "stride": stride, "padding": padding, "temperature": temperature}
    return apply("smooth_max_pool", x, **keywords)


def smooth_max_pool2d(
    x: Operand,
    window: Sizes,
    *,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    temperature: float = 1.0,
) -> Variable:
    """Differentiable maximum of each window of images (batch, channels, height, width)."""
    _require_images(x, "smooth_max_pool2d", "smooth_max_pool")
    keywords = {"window": window, "stride": stride, "padding": padding, "temperature": temperature}
    return apply("smooth_max_pool2d", x, **keywords)
