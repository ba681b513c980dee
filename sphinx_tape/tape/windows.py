"""Windows that slide over the last axes of an array: what convolution and pooling have in common.

Layer `tape`. Reads sizes, makes a `Geometry`, cuts an array into windows and adds windows back into an
array. Notation for shapes: S stands for the spatial axes, O for the positions of the window, K for the
places inside the window.
Read next: `convolution.py`, `pooling.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from sphinx_tape.errors import OperandError

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Value

Sizes = int | tuple[int, ...]


def per_axis(value: Value, rank: int, what: str, least: int) -> tuple[int, ...]:
    """Return one whole number per spatial axis; a single number serves all axes.

    Raises:
        OperandError: Wrong count, not whole, or below the least.
    """
    numbers = (value,) * rank if isinstance(value, int | np.integer) else tuple(value)
    if len(numbers) != rank or any(not isinstance(n, int | np.integer) or n < least for n in numbers):
        msg = (
            f"{what} must be one whole number >= {least}, or {rank} of them, one per spatial axis "
            f"(got {value!r}); spatial axes come after batch and channels"
        )
        raise OperandError(msg)
    return tuple(int(n) for n in numbers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Geometry:
    """How a window moves: one number per spatial axis in every field."""

    window: tuple[int, ...]
    """Places inside the window."""
    stride: tuple[int, ...]
    """Steps between two positions of the window."""
    padding: tuple[int, ...]
    """Elements added before and after each axis."""
    dilation: tuple[int, ...]
    """Steps between two places inside the window."""

    @property
    def rank(self) -> int:
        """Number of spatial axes."""
        return len(self.window)

    @property
    def reach(self) -> tuple[int, ...]:
        """Elements from the first to the last place of the window, both included."""
        return tuple(d * (k - 1) + 1 for k, d in zip(self.window, self.dilation, strict=True))

    def positions(self, space: tuple[int, ...]) -> tuple[int, ...]:
        """Return how many positions the window has on each axis of that space.

        Raises:
            OperandError: The window is larger than the padded space.
        """
        counts = tuple(
            (size + 2 * pad - reach) // step + 1
            for size, pad, reach, step in zip(space, self.padding, self.reach, self.stride, strict=True)
        )
        if min(counts, default=1) < 1:
            msg = (
                f"window of reach {self.reach} must fit into the padded space (got space {space}, "
                f"padding {self.padding}); make the window smaller or the padding larger"
            )
            raise OperandError(msg)
        return counts


def geometry(window: tuple[int, ...], stride: Value, padding: Value, dilation: Value) -> Geometry:
    """Return the geometry, with single numbers spread over all spatial axes."""
    rank = len(window)
    return Geometry(
        window=window,
        stride=per_axis(stride, rank, "stride", 1),
        padding=per_axis(padding, rank, "padding", 0),
        dilation=per_axis(dilation, rank, "dilation", 1),
    )


def _last(parts: Iterable[Value]) -> Value:
    """Return the index of the last axes."""
    return (..., *parts)


def _pad(x: Value, shape: Geometry, fill: Value) -> Value:
    if not any(shape.padding):
        return x
    leading = [(0, 0)] * (np.ndim(x) - shape.rank)
    return np.pad(x, leading + [(pad, pad) for pad in shape.padding], constant_values=fill)


def windows(x: Value, shape: Geometry, fill: Value = 0) -> Value:
    """Return the windows of x (..., S) as a view of shape (..., O, K)."""
    spatial = tuple(range(-shape.rank, 0))
    shape.positions(np.shape(x)[-shape.rank :])
    view = sliding_window_view(_pad(x, shape, fill), shape.reach, axis=spatial)
    steps = (*shape.stride, *shape.dilation)
    return view[_last(slice(None, None, step) for step in steps)]


def add_windows(parts: Value, shape: Geometry, space: tuple[int, ...]) -> Value:
    """Add windows (..., O, K) back into an array (..., S): the transposed map of `windows`."""
    rank = shape.rank
    leading = np.shape(parts)[: np.ndim(parts) - 2 * rank]
    positions = np.shape(parts)[np.ndim(parts) - 2 * rank : np.ndim(parts) - rank]
    padded = tuple(size + 2 * pad for size, pad in zip(space, shape.padding, strict=True))
    whole = np.zeros((*leading, *padded), dtype=parts.dtype)
    for place in np.ndindex(shape.window):
        target = tuple(
            slice(at * gap, at * gap + step * (count - 1) + 1, step)
            for at, gap, step, count in zip(place, shape.dilation, shape.stride, positions, strict=True)
        )
        whole[_last(target)] += parts[_last(place)]
    inner = tuple(slice(pad, pad + size) for pad, size in zip(shape.padding, space, strict=True))
    return whole[_last(inner)]
