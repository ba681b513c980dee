"""THE table: every operation that a tape can record, by name.

Layer `tape`. Merges the families' tuples. To add an operation: write its `Primitive` in a family module
(which exports `PRIMITIVES: tuple[Primitive, ...]`), and its public function in the module
`functions_<family>.py`, listed in that module's `__all__`; `functions.py` passes on what those modules
list. A new family takes one import and one entry here, one of each in `functions.py`.

Rules are written flat, `rule(g, out, *operands, **keywords)`, and may use NumPy's functions only:

- `g`, `out` and the operands are NumPy arrays or NumPy scalars; never change them in place.
- A contribution may still have the broadcast shape or a wider element type: the engine sums and casts.
- Write analytic rules *without* conjugates, as for real values: the engine conjugates around them where
  complex values take part (`local.py` states the convention). Only operations that are not analytic
  (absolute value, real part) think about complex values themselves.
- `analytic` lets complex steps check a rule, on and off the real axis; `ordered` refuses complex operands
  where sizes are compared; `note` states the convention at kinks and ties, `kink` says where it is used.
- Object arrays (fractions, symbols) run through the same rules; functions of `exact.py` make NumPy's
  functions work on their elements.

Read next: `elementwise.py`, the simplest family.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_tape.tape import (
    activations,
    class_losses,
    convolution,
    einsum,
    elementwise,
    indexing,
    joining,
    linear,
    losses,
    neural,
    normalization,
    pooling,
    reductions,
    selection,
    shaping,
    systems,
    trigonometric,
)

if TYPE_CHECKING:
    from sphinx_tape.tape.primitive import Primitive

FAMILIES: dict[str, tuple[Primitive, ...]] = {
    "arithmetic": elementwise.PRIMITIVES,
    "trigonometric": trigonometric.PRIMITIVES,
    "activations": activations.PRIMITIVES,
    "selection": selection.PRIMITIVES,
    "reductions": reductions.PRIMITIVES,
    "linear algebra": (*linear.PRIMITIVES, *systems.PRIMITIVES, *einsum.PRIMITIVES),
    "shaping": shaping.PRIMITIVES,
    "joining": joining.PRIMITIVES,
    "indexing": indexing.PRIMITIVES,
    "network layers": neural.PRIMITIVES,
    "losses": (*losses.PRIMITIVES, *class_losses.PRIMITIVES),
    "convolution": convolution.PRIMITIVES,
    "pooling": pooling.PRIMITIVES,
    "normalization": normalization.PRIMITIVES,
}
"""Title of a family -> its primitives, in the order in which readers see them."""

PRIMITIVES: dict[str, Primitive] = {
    primitive.name: primitive for family in FAMILIES.values() for primitive in family
}
"""THE table: name -> primitive."""
