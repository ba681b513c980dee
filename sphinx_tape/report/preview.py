"""Arrays -> bounded previews of plain numbers, with statistics over everything.

Layer `report`. Reads any array or scalar a tape may hold, makes `ArrayPreview`.
Read next: `build.py`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from sphinx_tape.report.model import ArrayPreview, Kind, Number, Statistics

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Value

LONGEST_VECTOR = 16
"""Entries kept along each of the last two axes."""
SLICES = 6
"""Entries kept along every axis before the last two."""
LARGEST = 512
"""Elements kept in all."""
LONGEST_TEXT = 400
"""Characters kept of an exact or symbolic element."""
SMALL = 64
"""Arrays up to this size are summed in Python: faster than NumPy's calls, and exactly rounded."""

_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}")

_KINDS: dict[str, Kind] = {"f": "float", "c": "complex", "i": "int", "u": "int", "b": "bool"}


def preview(value: Value) -> ArrayPreview:
    """Describe an array.

    Args:
        value: Array or scalar of any shape and element type.

    Returns:
        The first elements along every axis as plain numbers; statistics over all elements unless it is a
        scalar or has elements without arithmetic.
    """
    if type(value) is np.float64:
        # What most nodes of small tapes hold; the general way takes five times as long.
        number = plain_float(float(value))
        return ArrayPreview((), "float64", "float", (), (number,), None)
    array = np.asarray(value)
    dtype, kind = _element_type(array.dtype)
    kept = kept_block(array.shape)
    block = array if kept == array.shape else array[tuple(map(slice, kept))]
    return ArrayPreview(
        shape=array.shape,
        dtype=dtype,
        kind=kind,
        kept=kept,
        elements=tuple(_numbers(block, kind)),
        statistics=None if array.ndim == 0 or kind == "exact" else statistics(array, kind),
    )


def unknown_preview(value: Value) -> ArrayPreview:
    """Describe shape and element type of a value that was not kept.

    Args:
        value: Array or scalar whose elements mean nothing.
    """
    array = np.asarray(value)
    kept = (0,) * array.ndim
    return ArrayPreview(
        shape=array.shape, dtype=array.dtype.name, kind="unknown", kept=kept, elements=(), statistics=None
    )


@cache
def _element_type(dtype: np.dtype[Any]) -> tuple[str, Kind]:
    """Return the name and the kind of an element type (NumPy makes its name anew each time)."""
    return dtype.name, _KINDS.get(dtype.kind, "exact")


@lru_cache(maxsize=256)
def kept_block(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return how many entries to keep along each axis.

    Vectors and matrices up to 16 a side, earlier axes up to 6; then the largest axis shrinks, the last one
    first among equals, until the block has at most 512 elements.
    """
    leading = max(len(shape) - 2, 0)
    limits = [SLICES] * leading + [LONGEST_VECTOR] * (len(shape) - leading)
    kept = [min(size, limit) for size, limit in zip(shape, limits, strict=True)]
    while math.prod(kept) > LARGEST:
        largest = max(range(len(kept)), key=lambda axis: (kept[axis], axis))
        kept[largest] -= 1
    return tuple(kept)


@np.errstate(over="ignore", invalid="ignore")
def statistics(array: np.ndarray[Any, Any], kind: Kind) -> Statistics:
    """Return the facts over all elements of an array with at least one axis.

    Computed in double precision and given in the element type. For complex elements the norms are those of
    the magnitudes, and there is no order.
    """
    measured = np.abs(array) if kind == "complex" else array
    flat = np.asarray(measured, dtype=np.float64).ravel()
    good = flat[np.isfinite(flat)]
    nans = int(np.isnan(flat).sum())
    least, most, mean, l1, l2, largest = (
        None if fact is None else _in_type(fact, array.dtype) for fact in _facts(good)
    )
    ordered = kind != "complex"
    return Statistics(
        minimum=least if ordered else None,
        maximum=most if ordered else None,
        mean=mean if ordered else None,
        l1=l1,
        l2=l2,
        largest=largest,
        zeros=int(flat.size - np.count_nonzero(flat)),
        nans=nans,
        infinities=int(flat.size - good.size) - nans,
    )


def _facts(good: np.ndarray[Any, Any]) -> tuple[float | None, ...]:
    """Minimum, maximum, mean, L1, L2 and largest magnitude of finite elements; None if there are none."""
    if good.size == 0:
        return (None,) * 6
    if good.size <= SMALL:
        elements = good.tolist()
        sizes = [abs(element) for element in elements]
        total, l1 = _sum(elements), _sum(sizes)
        return min(elements), max(elements), total / len(elements), l1, math.hypot(*elements), max(sizes)
    sizes = np.abs(good)
    largest = float(sizes.max())
    # Squares of large elements overflow, those of tiny ones vanish: measured in units of the largest.
    l2 = largest * math.sqrt(float(np.square(sizes / largest).sum())) if largest else 0.0
    return float(good.min()), float(good.max()), float(good.mean()), float(sizes.sum()), l2, largest


def _sum(elements: Iterable[float]) -> float:
    try:
        return math.fsum(elements)
    except OverflowError:
        return math.inf


def _in_type(fact: float, dtype: np.dtype[Any]) -> Number:
    """Return a fact as the shortest decimal of the element type, wider where that type overflows."""
    if dtype.kind in "iub":
        return int(fact) if fact.is_integer() else fact
    narrow = dtype.type(fact).real if dtype.itemsize < 8 or dtype.kind == "c" else fact
    return plain_float(float(str(narrow)) if math.isfinite(narrow) else fact)


def _numbers(block: np.ndarray[Any, Any], kind: Kind) -> Iterable[Number]:
    """Return the elements of a block in row-major order, as the report writes them."""
    if kind == "float":
        return map(plain_float, _floats(block))
    if kind == "complex":
        pairs = zip(map(plain_float, _floats(block.real)), map(plain_float, _floats(block.imag)), strict=True)
        # The parts may be the strings of non-finite numbers; see `report.model.Number`.
        return cast(Iterable[Number], pairs)
    if kind == "exact":
        return map(_text, block.ravel().tolist())
    return cast(Iterable[Number], block.ravel().tolist())


def _floats(block: np.ndarray[Any, Any]) -> list[float]:
    """Return elements as the Python floats whose decimals are the shortest of the element type."""
    if block.dtype.itemsize == 8:
        return cast(list[float], block.ravel().tolist())
    return [float(str(element)) for element in block.ravel()]


def plain_float(number: float) -> float | str:
    """Return a float as the report writes it: text for what JSON has no number for."""
    if math.isfinite(number):
        return number
    return "nan" if math.isnan(number) else ("inf" if number > 0 else "-inf")


def _text(element: object) -> str:
    # An object without a text of its own shows its address, which is another one in every build.
    text = _ADDRESS.sub("0x...", str(element))
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "\N{HORIZONTAL ELLIPSIS}"
