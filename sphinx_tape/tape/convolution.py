"""Convolution and transposed convolution over any number of spatial axes.

Layer `tape`. As in every deep-learning library the kernel is not flipped: what is called convolution is
a cross-correlation. Shapes: x (batch, in, S), kernel (out, in, K), result (batch, out, O);
for the transposed form the kernel is (in, out, K). Sizes and rules follow Dumoulin and Visin 2016, "A
guide to convolution arithmetic for deep learning", relations 6, 14 and 15.

Three linear maps serve both forms and all rules: `_correlate` in the image, its transposed map in the
image (`_spread_image`), and its transposed map in the kernel (`_kernel_part`).
Read next: `pooling.py`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sphinx_tape.errors import OperandError
from sphinx_tape.tape.primitive import Primitive, Sample
from sphinx_tape.tape.windows import Geometry, Sizes, add_windows, geometry, per_axis, windows

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Value


def _correlate(x: Value, kernel: Value, shape: Geometry) -> Value:
    """Contract windows of x (batch, in, S) with kernel (out, in, K) to (batch, out, O)."""
    rank = shape.rank
    places = range(2 + rank, 2 + 2 * rank)
    product = np.tensordot(windows(x, shape), kernel, axes=([1, *places], [1, *range(2, 2 + rank)]))
    return np.moveaxis(product, -1, 1)


def _spread_image(g: Value, kernel: Value, shape: Geometry, space: tuple[int, ...]) -> Value:
    """Add `kernel` (out, in, K) times g (batch, out, O) into an image (batch, in, S)."""
    parts = np.tensordot(g, kernel, axes=([1], [0]))  # (batch, O, in, K)
    return add_windows(np.moveaxis(parts, 1 + shape.rank, 1), shape, space)


def _kernel_part(x: Value, g: Value, shape: Geometry) -> Value:
    """Contract windows of x (batch, in, S) with g (batch, out, O) to (out, in, K)."""
    positions = list(range(2, 2 + shape.rank))
    return np.tensordot(g, windows(x, shape), axes=([0, *positions], [0, *positions]))


def _check(x: Value, kernel: Value, *, operation: str, into: int) -> None:
    """Refuse operands whose shapes do not belong together; `into` is the kernel's axis of the input."""
    if np.ndim(x) != np.ndim(kernel) or np.ndim(x) < 3:
        rule = "both have a batch (or output) axis, a channel axis and at least one spatial axis"
        remedy = "add missing axes with expand_dims"
    elif np.shape(x)[1] != np.shape(kernel)[into]:
        rule = f"axis 1 of x and axis {into} of the kernel are the same input channels"
        remedy = "swap the kernel's first two axes or change the channels"
    else:
        return
    shapes = f"x {np.shape(x)}, kernel {np.shape(kernel)}"
    msg = f"operands of {operation} must be such that {rule} (got {shapes}); {remedy}"
    raise OperandError(msg)


def _geometry(kernel: Value, *, stride: Sizes = 1, padding: Sizes = 0, dilation: Sizes = 1) -> Geometry:
    return geometry(np.shape(kernel)[2:], stride, padding, dilation)


def _convolution(x: Value, kernel: Value, **moves: Value) -> Value:
    _check(x, kernel, operation="convolution", into=1)
    return _correlate(x, kernel, _geometry(kernel, **moves))


def _convolution_image(g: Value, _out: Value, x: Value, kernel: Value, **moves: Value) -> Value:
    return _spread_image(g, kernel, _geometry(kernel, **moves), np.shape(x)[2:])


def _convolution_kernel(g: Value, _out: Value, x: Value, kernel: Value, **moves: Value) -> Value:
    return _kernel_part(x, g, _geometry(kernel, **moves))


def _transposed_space(space: tuple[int, ...], shape: Geometry, extra: Sizes) -> tuple[int, ...]:
    """Return the size of the image whose convolution would have the given size."""
    more = per_axis(extra, shape.rank, "output_padding", 0)
    if any(add >= step for add, step in zip(more, shape.stride, strict=True)):
        msg = (
            f"output_padding must be smaller than the stride (got {more} with stride {shape.stride}); "
            "it only chooses between the sizes that one stride cannot tell apart"
        )
        raise OperandError(msg)
    sizes = tuple(
        (size - 1) * step - 2 * pad + reach + add
        for size, step, pad, reach, add in zip(
            space, shape.stride, shape.padding, shape.reach, more, strict=True
        )
    )
    if min(sizes) < 1:
        msg = f"padding must leave an image to make (got size {sizes} from {space}); make the padding smaller"
        raise OperandError(msg)
    return sizes


def _transposed_convolution(x: Value, kernel: Value, *, output_padding: Sizes = 0, **moves: Value) -> Value:
    _check(x, kernel, operation="transposed_convolution", into=0)
    shape = _geometry(kernel, **moves)
    return _spread_image(x, kernel, shape, _transposed_space(np.shape(x)[2:], shape, output_padding))


def _moves(keywords: dict[str, Value]) -> dict[str, Value]:
    # The cotangent has the size of the result, so the rules need no `output_padding`.
    return {key: value for key, value in keywords.items() if key != "output_padding"}


def _transposed_image(g: Value, _out: Value, _x: Value, kernel: Value, **keywords: Value) -> Value:
    return _correlate(g, kernel, _geometry(kernel, **_moves(keywords)))


def _transposed_kernel(g: Value, _out: Value, x: Value, kernel: Value, **keywords: Value) -> Value:
    return _kernel_part(g, x, _geometry(kernel, **_moves(keywords)))


def _add_channels(x: Value, bias: Value) -> Value:
    """Return x (batch, channels, S) with one number per channel added.

    Raises:
        OperandError: The bias has not one number per channel.
    """
    if np.ndim(x) < 2 or np.shape(bias) != np.shape(x)[1:2]:
        msg = (
            f"bias of add_channels must have one number per channel, which are axis 1 (got bias "
            f"{np.shape(bias)} for shape {np.shape(x)}); reshape it to one axis"
        )
        raise OperandError(msg)
    return x + np.reshape(bias, (-1,) + (1,) * (np.ndim(x) - 2))


def _channel_sum(g: Value, *_operands: Value) -> Value:
    return np.sum(g, axis=(0, *range(2, np.ndim(g))))


_LINE = np.linspace(-1.0, 2.0, 14).reshape(1, 2, 7)
_LINE_KERNEL = np.array([[[0.5, -1.0, 0.25], [1.5, 0.75, -0.5]]])
_IMAGE = np.sin(np.arange(2 * 2 * 4 * 5, dtype=float)).reshape(2, 2, 4, 5)
_KERNEL = np.cos(np.arange(3 * 2 * 2 * 3, dtype=float)).reshape(3, 2, 2, 3)
_BACK_KERNEL = np.cos(np.arange(2 * 3 * 2 * 3, dtype=float)).reshape(2, 3, 2, 3)
_BIAS = np.array([0.5, -1.0, 0.25])
_VOLUME = np.sin(np.arange(27, dtype=float)).reshape(1, 1, 3, 3, 3)
_SQUARE = (
    Sample((_IMAGE, _KERNEL)),
    Sample((_IMAGE, _KERNEL), {"stride": 2, "padding": 1}),
    Sample((_IMAGE, _KERNEL), {"stride": (1, 3), "padding": (2, 1), "dilation": (2, 1)}),
)
_SQUARE_BACK = (
    Sample((_IMAGE, _BACK_KERNEL)),
    Sample((_IMAGE, _BACK_KERNEL), {"stride": 2, "padding": 1, "output_padding": 1}),
    Sample((_IMAGE, _BACK_KERNEL), {"stride": (1, 3), "padding": (0, 1), "dilation": (2, 1)}),
)

convolution = Primitive(
    name="convolution",
    forward=_convolution,
    vjps=(_convolution_image, _convolution_kernel),
    tex=r"@0 \star @1",
    formulas=(r"@g \star^{\top} @1", r"@0 \star @g"),
    samples=(
        Sample((_LINE, _LINE_KERNEL), {"stride": 2, "dilation": 2, "padding": 1}),
        Sample((_LINE, _LINE_KERNEL)),
        Sample((_VOLUME, _VOLUME[..., :2, :2, :2]), {"stride": (1, 1, 2), "padding": (0, 1, 0)}),
        *_SQUARE,
    ),
    note="Cross-correlation: the kernel is not flipped.",
)
conv2d = replace(convolution, name="conv2d", samples=_SQUARE)
transposed_convolution = Primitive(
    name="transposed_convolution",
    forward=_transposed_convolution,
    vjps=(_transposed_image, _transposed_kernel),
    tex=r"@0 \star^{\top} @1",
    formulas=(r"@g \star @1", r"@g \star @0"),
    samples=(
        Sample((_LINE, np.swapaxes(_LINE_KERNEL, 0, 1)), {"stride": 2, "dilation": 2, "padding": 1}),
        Sample((_LINE, np.swapaxes(_LINE_KERNEL, 0, 1))),
        Sample((_VOLUME, _VOLUME[..., :2, :2, :2]), {"stride": (1, 1, 2), "output_padding": (0, 0, 1)}),
        *_SQUARE_BACK,
    ),
    note="The transposed map of the convolution with the same kernel, stride, padding and dilation.",
)
conv2d_transpose = replace(transposed_convolution, name="conv2d_transpose", samples=_SQUARE_BACK)
add_channels = Primitive(
    name="add_channels",
    forward=_add_channels,
    vjps=(lambda g, *_operands: g, _channel_sum),
    tex=r"@0 + @1",
    formulas=(r"@g", r"\sum_{\text{batch, space}} @g"),
    samples=(Sample((_LINE, _BIAS[:2])), Sample((_IMAGE, _BIAS[:2]))),
)

PRIMITIVES = (convolution, conv2d, transposed_convolution, conv2d_transpose, add_channels)
