"""JAX's primitives -> names and keywords of our operations, only where both mean the same.

Layer `adapters`; nothing here imports JAX. A formula is shown for a node whose operation is in THE table, so
a name of the table is given only where its rule, its keywords and its convention at kinks hold. Where they
do not, JAX's own name stands, and if the table has another operation of that name, `lax.` is put before it.
Read next: `jax_walk.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sphinx_tape.adapters.jax_plan import kind
from sphinx_tape.tape.primitives import PRIMITIVES

if TYPE_CHECKING:
    from sphinx_tape.adapters.jax_plan import Jax, Step

Keywords = dict[str, Any]

SAME = {
    "add": "add",
    "add_any": "add",
    "sub": "sub",
    "mul": "mul",
    "neg": "neg",
    "square": "square",
    "sqrt": "sqrt",
    "abs": "abs",
    "exp": "exp",
    "expm1": "expm1",
    "log": "log",
    "log1p": "log1p",
    "sin": "sin",
    "cos": "cos",
    "tan": "tan",
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "atan2": "arctan2",
    "sinh": "sinh",
    "cosh": "cosh",
    "tanh": "tanh",
    "asinh": "arcsinh",
    "acosh": "arccosh",
    "atanh": "arctanh",
    "logistic": "sigmoid",
    "erf": "erf",
    "pow": "power",
    "max": "maximum",
    "min": "minimum",
    "sign": "sign",
    "floor": "floor",
    "ceil": "ceil",
    "real": "real",
    "imag": "imag",
    "conj": "conjugate",
    "lt": "less",
    "le": "less_equal",
    "gt": "greater",
    "ge": "greater_equal",
    "eq": "equal",
    "ne": "not_equal",
}
"""Primitives that are operations of THE table, whatever their parameters."""

CALLS = frozenset({"relu", "silu", "softplus", "logaddexp", "softmax", "log_softmax"})
"""Functions of JAX's own that are operations of THE table when they are shown as one node."""
ALWAYS_CLOSED = frozenset({"take_along_axis"})
"""Functions of JAX's own whose inside is index arithmetic only."""

SMOOTH = frozenset(
    {
        "add",
        "add_any",
        "sub",
        "mul",
        "div",
        "neg",
        "square",
        "sqrt",
        "abs",
        "exp",
        "log",
        "sin",
        "cos",
        "tanh",
    }
    | {"logistic", "pow", "integer_pow", "max", "min", "dot_general", "reduce_sum", "reduce_max", "select_n"}
    | {"reshape", "transpose", "squeeze", "broadcast_in_dim", "slice", "concatenate", "stack", "gather"}
)
"""Primitives that are known to hand a gradient to each of their floating operands."""

OTHERWISE_AT_KINKS = frozenset({"abs"})
"""Operations of THE table that hand back something else than JAX where the table has a convention: the
slope of |x| at 0 is 0 there and 1 in JAX."""

_HIDDEN = frozenset(
    {"name", "precision", "index_dtype", "weak_type", "unroll", "prevent_cse", "fill_value", "slice_sizes"}
)


@dataclass(frozen=True, slots=True)
class Described:
    """How a step appears on the tape."""

    op: str
    keywords: Keywords
    order: tuple[int, ...]
    """Operands as our operation has them: which of the step's, in which order."""


def described(step: Step, shapes: Sequence[tuple[int, ...]], *, library: bool = False) -> Described:
    """Name a step.

    Args:
        step: What is named.
        shapes: Shape of each operand.
        library: Whether a call is of a function of JAX's own.
    """
    order = tuple(range(len(step.operands)))
    if step.call:
        return Described(*_call(step, library=library), order)
    floating = kind(step.outputs[0]) in "fcV"
    if step.primitive in SAME:
        return Described(SAME[step.primitive], {}, order)
    maker = _MAKERS.get(step.primitive)
    made = maker(step, shapes) if maker else None
    if made is None or (step.primitive == "div" and not floating):
        return Described(_foreign(step.primitive, "lax.{}"), _readable(step.params), order)
    op, keywords = made
    return Described(op, keywords, (0, 2, 1) if op == "where" else order)


def _call(step: Step, *, library: bool) -> tuple[str, Keywords]:
    """Name the call of a function."""
    if library and step.call == "take_along_axis":
        axis = _only_gather_axis(step.params["jaxpr"].jaxpr)
        if axis is not None:
            return step.call, {"axis": axis}
    elif library and step.call in CALLS:
        return step.call, {}
    return _foreign(step.call, "{}()"), {}


def _only_gather_axis(jaxpr: Jax) -> int | None:
    """Return the axis along which a program gathers, if there is just one."""
    found = [each.params["dimension_numbers"] for each in jaxpr.eqns if each.primitive.name == "gather"]
    axes = [axis for numbers in found for axis in numbers.start_index_map]
    return int(axes[0]) if len(axes) == 1 else None


def _foreign(name: str, form: str) -> str:
    """Return a name that is none of the table's, whose formulas would be taken for its own."""
    return form.format(name) if name in PRIMITIVES or name in {"leaf", "constant"} else name


def _readable(params: Mapping[str, Any]) -> Keywords:
    """Keep the parameters that say something to a reader: numbers, words and tuples of numbers."""
    return {
        key: value
        for key, value in params.items()
        if key not in _HIDDEN
        and not isinstance(value, bool)
        and (
            isinstance(value, int | float | str)
            or (isinstance(value, tuple) and value and all(isinstance(item, int) for item in value))
        )
    }


Made = tuple[str, Keywords] | None
Shapes = Sequence[tuple[int, ...]]


def _axis(axes: Sequence[int], rank: int) -> Keywords:
    """Return reduced axes as our reductions have them: left out where all are meant."""
    if len(axes) == rank:
        return {}
    return {"axis": int(axes[0]) if len(axes) == 1 else tuple(map(int, axes))}


def _reduction(op: str) -> Callable[[Step, Shapes], Made]:
    def make(step: Step, shapes: Shapes) -> Made:
        kept = {"keepdims": True} if step.keepdims else {}
        return op, {**_axis(step.params["axes"], len(shapes[0])), **kept}

    return make


def _cumulative(step: Step, _shapes: Shapes) -> Made:
    return None if step.params["reverse"] else ("cumsum", {"axis": step.params["axis"]})


def _dot(step: Step, shapes: Shapes) -> Made:
    (left, right), (left_batch, right_batch) = (
        tuple(tuple(map(int, axes)) for axes in pair) for pair in step.params["dimension_numbers"]
    )
    ranks = (len(shapes[0]), len(shapes[1]))
    if not left_batch and max(ranks) <= 2 and min(ranks) >= 1:
        plain = left == (ranks[0] - 1,) and right == (max(ranks[1] - 2, 0),)
        return ("matmul", {}) if plain else None
    if ranks == (3, 3) and left_batch == right_batch == (0,) and (left, right) == ((2,), (1,)):
        return "batched_matmul", {}
    return None


def _where(step: Step, _shapes: Shapes) -> Made:
    return ("where", {}) if len(step.operands) == 3 else None


def _power(step: Step, _shapes: Shapes) -> Made:
    return ("square", {}) if step.params["y"] == 2 else None


def _slice(step: Step, shapes: Shapes) -> Made:
    """Return the index that an author would write."""
    starts, limits = step.params["start_indices"], step.params["limit_indices"]
    strides = step.params["strides"] or (1,) * len(starts)
    parts: list[int | slice] = []
    for axis, (start, limit, stride) in enumerate(zip(starts, limits, strides, strict=True)):
        size = shapes[0][axis]
        if axis in step.squeezed:
            parts.append(int(start))
        else:
            parts.append(
                slice(
                    int(start) or None, None if limit == size else int(limit), None if stride == 1 else stride
                )
            )
    while len(parts) > 1 and parts[-1] == slice(None):
        parts.pop()
    return "getitem", {"index": parts[0] if len(parts) == 1 else tuple(parts)}


def _broadcast(step: Step, shapes: Shapes) -> Made:
    shape, places = tuple(map(int, step.params["shape"])), step.params["broadcast_dimensions"]
    new = tuple(axis for axis in range(len(shape)) if axis not in places)
    same = all(shape[place] == size for place, size in zip(places, shapes[0], strict=True))
    if same and new and all(shape[axis] == 1 for axis in new):
        return "expand_dims", {"axis": new[0] if len(new) == 1 else new}
    return ("broadcast_to", {"shape": shape}) if is_numpy_broadcast(step.params, shapes[0]) else None


def is_numpy_broadcast(params: Mapping[str, Any], shape: tuple[int, ...]) -> bool:
    """Whether NumPy would give the operand that shape by itself: its axes are the last ones, in order."""
    rank = len(params["shape"])
    return tuple(params["broadcast_dimensions"]) == tuple(range(rank - len(shape), rank))


def _convolution(step: Step, shapes: Shapes) -> Made:
    """Return ours: channels first, no groups, no holes in the input, the same padding on both sides."""
    params, rank = step.params, len(shapes[0])
    numbers, plain = params["dimension_numbers"], tuple(range(rank))
    layouts = (numbers.lhs_spec, numbers.rhs_spec, numbers.out_spec)
    plainly = all(tuple(each) == plain for each in layouts) and set(params["lhs_dilation"]) == {1}
    single = params["feature_group_count"] == params["batch_group_count"] == 1
    if not (plainly and single and all(before == after >= 0 for before, after in params["padding"])):
        return None
    return "conv2d" if rank == 4 else "convolution", {
        "stride": tuple(params["window_strides"]),
        "padding": tuple(before for before, _ in params["padding"]),
        "dilation": tuple(params["rhs_dilation"]),
    }


def _gather(step: Step, shapes: Shapes) -> Made:
    """Return our `gather` for rows of an array: x[indices]."""
    numbers, sizes = step.params["dimension_numbers"], tuple(step.params["slice_sizes"])
    indices = shapes[1][:-1] if len(shapes) > 1 else ()
    rows = (
        tuple(numbers.collapsed_slice_dims) == tuple(numbers.start_index_map) == (0,)
        and sizes == (1, *shapes[0][1:])
        and tuple(step.outputs[0].shape) == (*indices, *shapes[0][1:])
    )
    return ("gather", {}) if rows and len(step.operands) == 2 else None


def _round(step: Step, _shapes: Shapes) -> Made:
    """Return our `round` if halves go to the even neighbour."""
    return ("round", {}) if int(step.params["rounding_method"]) == 1 else None


def _keyword(op: str, key: str, param: str) -> Callable[[Step, Shapes], Made]:
    def make(step: Step, _shapes: Shapes) -> Made:
        value = step.params[param]
        return op, {key: tuple(map(int, value)) if isinstance(value, tuple) else value}

    return make


def _transpose(step: Step, shapes: Shapes) -> Made:
    axes = tuple(map(int, step.params["permutation"]))
    return "transpose", {} if axes == tuple(range(len(shapes[0])))[::-1] else {"axes": axes}


_MAKERS: dict[str, Callable[[Step, Shapes], Made]] = {
    "div": lambda _step, _shapes: ("div", {}),
    "reduce_sum": _reduction("sum"),
    "reduce_max": _reduction("max"),
    "reduce_min": _reduction("min"),
    "reduce_prod": _reduction("prod"),
    "cumsum": _cumulative,
    "dot_general": _dot,
    "select_n": _where,
    "integer_pow": _power,
    "slice": _slice,
    "broadcast_in_dim": _broadcast,
    "conv_general_dilated": _convolution,
    "gather": _gather,
    "round": _round,
    "transpose": _transpose,
    "reshape": _keyword("reshape", "shape", "new_sizes"),
    "squeeze": _keyword("squeeze", "axis", "dimensions"),
    "concatenate": _keyword("concatenate", "axis", "dimension"),
    "stack": _keyword("stack", "axis", "axis"),
    "rev": _keyword("flip", "axis", "dimensions"),
    "convert_element_type": lambda step, _shapes: ("cast", {"dtype": step.outputs[0].dtype.name}),
}
