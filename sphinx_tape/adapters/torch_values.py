"""Tensors of PyTorch -> arrays, and back.

Layer `adapters`. Nothing here changes a tensor: values are copies, taken without recording. torch is never
imported, only found where the author's module has imported it.
Read next: `torch_rules.py`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

import numpy as np

Tensor = Any
"""A tensor of PyTorch."""

Function = Any
"""A node of PyTorch's graph: a tensor's `grad_fn`, or the function that accumulates into a leaf."""

Torch = Any
"""The module `torch`."""


def loaded() -> Torch:
    """Return torch, which the author's module has imported."""
    return sys.modules["torch"]


@dataclass(frozen=True, slots=True)
class Held:
    """A value as the tape keeps it."""

    value: Any
    """Read-only array or NumPy scalar; a stand-in of its shape and type if it is not known."""
    known: bool = True
    note: str = ""
    """What had to be changed for NumPy, in plain words."""


def held(tensor: Tensor) -> Held:
    """Copy a tensor's value."""
    torch, notes = loaded(), []
    if tensor.is_meta or tensor.is_nested or tensor.is_quantized:
        return unknown(tuple(tensor.shape) if not tensor.is_nested else (), tensor.dtype)
    with torch.no_grad():
        plain = tensor.detach()
        if plain.layout != torch.strided:
            notes.append(f"A sparse tensor ({plain.layout}), shown dense.")
            plain = plain.to_dense()
        if not has_numpy_type(plain.dtype):
            notes.append(f"NumPy has no {str(plain.dtype).removeprefix('torch.')}: shown as float32.")
            plain = plain.to(torch.float32)
        array = plain.resolve_conj().resolve_neg().cpu().numpy().copy()
    return Held(settled(array), note=" ".join(notes))


def unknown(shape: tuple[int, ...], dtype: Any) -> Held:  # noqa: ANN401 -- an element type of PyTorch
    """Stand in for a value that nobody kept.

    Args:
        shape: Its shape.
        dtype: Its element type, as PyTorch names it.
    """
    return Held(settled(np.zeros(shape, numpy_type(dtype))), known=False)


def settled(array: Any) -> Any:  # noqa: ANN401 -- arrays in, arrays or scalars out
    """Make an array read-only, or a NumPy scalar if it has no axis."""
    array.setflags(write=False)
    return array if array.ndim else array[()]


def numpy_type(dtype: Any) -> Any:  # noqa: ANN401 -- an element type of PyTorch -> one of NumPy
    """Return the element type in which values of a type are shown."""
    return np.dtype(str(dtype).removeprefix("torch.") if has_numpy_type(dtype) else "float32")


def has_numpy_type(dtype: Any) -> bool:  # noqa: ANN401 -- an element type of PyTorch
    """Tell whether NumPy has the same element type."""
    try:
        # Other libraries add types, bfloat16 among them, that PyTorch does not hand over.
        return np.dtype(str(dtype).removeprefix("torch.")).isbuiltin == 1
    except TypeError:
        return False


def tensor_of(value: Any, like: Tensor) -> Tensor:  # noqa: ANN401 -- arrays and scalars
    """Make a tensor of an array.

    Args:
        value: Array or scalar of any shape.
        like: What tells element type and device: a tensor, or the metadata of one.
    """
    return loaded().from_numpy(np.array(value)).to(dtype=like.dtype, device=like.device)
