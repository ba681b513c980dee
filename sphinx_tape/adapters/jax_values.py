"""Values of JAX -> values of a tape.

Layer `adapters`; JAX is imported inside functions only.
Read next: `jax_program.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sphinx_tape.adapters.jax_plan import Jax
    from sphinx_tape.tape.node import Value


def is_key(dtype: Jax) -> bool:
    """Whether an element type is that of random keys."""
    return str(dtype).startswith("key<")


def is_narrow(dtype: Jax) -> bool:
    """Whether an element type is a floating one that NumPy does not have, as bfloat16."""
    return not is_key(dtype) and np.dtype(dtype).kind == "V" and "float" in np.dtype(dtype).name


def to_numpy(value: Jax) -> Value:
    """Copy a value, read-only, in an element type that NumPy has."""
    if is_key(getattr(value, "dtype", None)):
        import jax  # noqa: PLC0415 -- only if the builder did

        value = jax.random.key_data(value)
    array = np.array(value)
    if array.dtype.kind == "V":
        array = array.astype(np.float32 if "float" in array.dtype.name else np.int32)
    array.setflags(write=False)
    return array if array.ndim else array[()]


def type_note(dtype: Jax) -> str:
    """Say what the numbers shown are where they are not the values themselves."""
    if is_key(dtype):
        return f"A random key ({dtype}): the numbers are its data."
    return f"Computed in {dtype}; shown as float32." if is_narrow(dtype) else ""
