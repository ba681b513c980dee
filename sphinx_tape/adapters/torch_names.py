r"""What PyTorch's operations are called on the tape, and which formulas hold for them.

Layer `adapters`. An operation gets the name of one of ours only if it is the same one, with the same operands
and settings; others keep PyTorch's name, with formulas of their own where we can vouch for them.
Read next: `torch_graph.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sphinx_tape.tape.node import Node
from sphinx_tape.tape.primitives import PRIMITIVES

Settings = Mapping[str, Any]
"""Arguments that are no tensors, by PyTorch's names."""


@dataclass(frozen=True, slots=True)
class Described:
    """How an operation is shown."""

    op: str
    keywords: Settings = field(default_factory=dict)
    tex: str = ""
    formulas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Same:
    """When an operation of PyTorch is one of ours."""

    op: str
    operands: tuple[int, ...] = (1,)
    """How many operands it may have."""
    keywords: Mapping[str, str] = field(default_factory=dict)
    """PyTorch's name of a setting -> ours, where formulas or conventions need it."""
    defaults: Mapping[str, float] = field(default_factory=dict)
    """Settings in our names that PyTorch leaves out if they are usual, and that formulas need."""
    holds: Callable[[Settings, Sequence[Node]], bool] = lambda _settings, _operands: True


def _plain_sum(settings: Settings, _operands: Sequence[Node]) -> bool:
    return bool(settings.get("alpha", 1) == 1)


def _unrounded(settings: Settings, _operands: Sequence[Node]) -> bool:
    return settings.get("rounding_mode") is None


def _unweighted(settings: Settings, operands: Sequence[Node]) -> bool:
    """No class is weighted, and no row of the target is ignored."""
    ignored = settings.get("ignore_index", -100)
    return len(operands) == 2 and operands[1].known and not (operands[1].value == ignored).any()


def _normalized_last(_settings: Settings, operands: Sequence[Node]) -> bool:
    return len(operands) == 3


def _training(settings: Settings, operands: Sequence[Node]) -> bool:
    return bool(settings.get("training", settings.get("train"))) and len(operands) == 3


def _scaled_by_one(settings: Settings, _operands: Sequence[Node]) -> bool:
    return bool(settings.get("scale", 1) == settings.get("input_scale", 1) == 1)


def _bare_kernel(settings: Settings, operands: Sequence[Node]) -> bool:
    one = settings.get("groups", 1) == 1 and not settings.get("transposed", False)
    return one and len(operands[0].shape) == 4


def _both_bounds(settings: Settings, _operands: Sequence[Node]) -> bool:
    return "min" in settings and "max" in settings


def _unpadded(settings: Settings, _operands: Sequence[Node]) -> bool:
    padding = settings.get("padding", [0])
    return not any(padding) and not settings.get("ceil_mode") and not settings.get("divisor_override")


_AXIS: Final = {"dim": "axis"}
_ONE: Final = "neg exp expm1 log log1p sqrt reciprocal abs sin cos tan sinh cosh tanh sigmoid relu erf silu"
_SHAPES: Final = "square det trace diagonal tril triu squeeze detach"
_TWO: Final = "mul maximum minimum hypot logaddexp"
"""Operations of one operand, and of two, that bear our name."""
_UNARY: Final = {
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "asinh": "arcsinh",
    "acosh": "arccosh",
    "atanh": "arctanh",
    "t": "transpose",
    "unsqueeze": "expand_dims",
    "view": "reshape",
    "alias": "reshape",
    "unsafe_view": "reshape",
    "reshape_alias": "reshape",
    "expand": "broadcast_to",
    "linalg_inv": "inverse",
    "to_copy": "cast",
}
_BINARY: Final = {
    "mm": "matmul",
    "mv": "matmul",
    "dot": "matmul",
    "bmm": "batched_matmul",
    "atan2": "arctan2",
    "pow": "power",
    "lt": "less",
    "le": "less_equal",
    "gt": "greater",
    "ge": "greater_equal",
    "eq": "equal",
    "ne": "not_equal",
}

SAME: Final[Mapping[str, _Same]] = {
    **{name: _Same(name) for name in f"{_ONE} {_SHAPES}".split()},
    **{name: _Same(name, (2,)) for name in _TWO.split()},
    **{name: _Same(op) for name, op in _UNARY.items()},
    **{name: _Same(op, (2,)) for name, op in _BINARY.items()},
    "add": _Same("add", (2,), holds=_plain_sum),
    "sub": _Same("sub", (2,), holds=_plain_sum),
    "div": _Same("div", (2,), holds=_unrounded),
    "where": _Same("where", (3,)),
    "gelu": _Same("gelu", holds=lambda settings, _: settings.get("approximate", "none") == "none"),
    "gelu_tanh": _Same("gelu_tanh"),
    "leaky_relu": _Same("leaky_relu", keywords={"negative_slope": "slope"}, defaults={"slope": 0.01}),
    "elu": _Same("elu", defaults={"alpha": 1.0}, holds=_scaled_by_one),
    "softplus": _Same("softplus", holds=lambda settings, _: settings.get("beta", 1) == 1),
    "clamp": _Same("clip", keywords={"min": "low", "max": "high"}, holds=_both_bounds),
    "permute": _Same("transpose", keywords={"dims": "axes"}),
    "transpose": _Same("swapaxes", keywords={"dim0": "axis1", "dim1": "axis2"}),
    "sum": _Same("sum", keywords=_AXIS),
    "mean": _Same("mean", keywords=_AXIS),
    "prod": _Same("prod", holds=lambda settings, _: "dim" not in settings),
    "max": _Same("max", holds=lambda settings, _: "dim" not in settings),
    "min": _Same("min", holds=lambda settings, _: "dim" not in settings),
    "amax": _Same("max", keywords=_AXIS),
    "amin": _Same("min", keywords=_AXIS),
    "logsumexp": _Same("logsumexp", keywords=_AXIS),
    "cumsum": _Same("cumsum", keywords=_AXIS),
    "cat": _Same("concatenate", (), keywords=_AXIS),
    "stack": _Same("stack", (), keywords=_AXIS),
    "softmax": _Same("softmax", keywords=_AXIS),
    "safe_softmax": _Same("softmax", keywords=_AXIS),
    "log_softmax": _Same("log_softmax", keywords=_AXIS),
    "embedding": _Same("embedding", (2,)),
    "nll_loss": _Same("nll", (2,), holds=_unweighted),
    "mse_loss": _Same("mse", (2,)),
    "l1_loss": _Same("mae", (2,)),
    "binary_cross_entropy_with_logits": _Same("binary_cross_entropy", (2,)),
    "native_layer_norm": _Same("layer_norm", (3,), keywords={"eps": "eps"}, holds=_normalized_last),
    "native_batch_norm": _Same("batch_norm", (3,), keywords={"eps": "eps"}, holds=_training),
    "convolution": _Same("conv2d", (2,), holds=_bare_kernel),
    "avg_pool2d": _Same("average_pool2d", keywords={"kernel_size": "window"}, holds=_unpadded),
}
"""PyTorch's base name -> ours. The settings that formulas do not need are shown under PyTorch's names."""

_CONVOLUTION = ("@g \\star^{\\top} @1", "@0 \\star @g", "\\sum_{\\text{batch, space}} @g")

OWN: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "addmm": (
        "@0 + @1 \\, @2",
        ("\\sum_{\\text{rows}} @g", "@g \\, @2^{\\top}", "@1^{\\top} \\, @g"),
    ),
    "rsub": ("@1 - @0", ("-@g", "@g")),
    "rsqrt": ("\\frac{1}{\\sqrt{@0}}", ("-\\tfrac{1}{2} @g \\cdot {@y}^3",)),
    "clone": ("@0", ("@g",)),
    "convolution": ("@0 \\star @1 + @2", _CONVOLUTION),
    "select": ("@0_{[\\ldots]}", ("\\operatorname{scatter}(@g)",)),
    "slice": ("@0_{[\\ldots]}", ("\\operatorname{scatter}(@g)",)),
    "split": ("\\operatorname{split}(@0)", ("\\operatorname{place}(@g)",)),
    "unbind": ("\\operatorname{unbind}(@0)", ("\\operatorname{place}(@g)",)),
    "max_pool2d_with_indices": (
        "\\max_{\\text{window}} @0",
        ("\\sum_{\\text{windows}} @g \\text{ at the place of the maximum}",),
    ),
}
"""PyTorch's base name -> forward formula and rules of operations that we do not have."""

OPERANDS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(["add", "sub", "mul", "div", "maximum", "minimum", "atan2", "dot"], ("self", "other")),
    **dict.fromkeys(["mse_loss", "l1_loss", "binary_cross_entropy_with_logits"], ("self", "target")),
    "mm": ("self", "mat2"),
    "bmm": ("self", "mat2"),
    "mv": ("self", "vec"),
    "addmm": ("self", "mat1", "mat2"),
    "pow": ("self", "exponent"),
    "where": ("!condition", "self", "other"),
    "embedding": ("weight", "!indices"),
    "nll_loss": ("self", "!target"),
    "native_layer_norm": ("input", "weight", "bias"),
    "convolution": ("input", "weight", "bias"),
}
"""Names under which PyTorch saves the operands of an operation, in operand order; `!` before those that
its graph has no edge for, because they are not differentiable."""

_USUAL: Final = {"alpha": 1, "beta": 1, "ignore_index": -100, "groups": 1, "output_padding": [0, 0]}
"""Settings that are shown only if they differ, and if they are not off."""

_BACKWARD: Final = re.compile(r"(Backward)?\d*$")
_CAPITAL: Final = re.compile(r"(?<!^)(?<!_)([A-Z])(?=[a-z])|(?<=[a-z])([A-Z])")
_SPELLED: Final = {"max_pool2_d_with_indices": "max_pool2d_with_indices", "avg_pool2_d": "avg_pool2d"}


def base_of_function(name: str) -> str:
    """Return the base name of a node of PyTorch's graph: `MulBackward0` -> `mul`."""
    bare = _BACKWARD.sub("", name.rpartition("::")[2])
    snake = _CAPITAL.sub(lambda match: "_" + match[0], bare).lower()
    return _SPELLED.get(snake, snake)


def base_of_operator(name: str) -> str:
    """Return the base name of a dispatched operation: `aten::_log_softmax` -> `log_softmax`."""
    return name.rpartition("::")[2].lstrip("_").removesuffix("_forward")


def described(base: str, given: Settings, operands: Sequence[Node], *, incomplete: bool = False) -> Described:
    """Name an operation and give its formulas.

    Args:
        base: PyTorch's base name; one that ends in an underscore works in place.
        given: Arguments that are no tensors.
        operands: Its operands on the tape.
        incomplete: Whether some operands are not among them; then no formula can be trusted.
    """
    name = base.rstrip("_")
    if base == "pow" and given.get("exponent") == 2:
        return Described("square")
    same = SAME.get("gelu_tanh" if given.get("approximate") == "tanh" else name)
    other = f"aten.{base}" if base in PRIMITIVES else base
    if incomplete:
        return Described(other, shown_settings(given))
    if same and (not same.operands or len(operands) in same.operands) and same.holds(given, operands):
        ours = PRIMITIVES[same.op]
        renamed = {same.keywords.get(key, key): value for key, value in shown_settings(given).items()}
        keywords = {**same.defaults, **renamed}
        if base == name:
            return Described(same.op, keywords)
        return Described(base, keywords, ours.tex, ours.formulas)
    tex, formulas = OWN.get(name, ("", ()))
    if len(formulas) != len(operands) or not _plain_sum(given, operands) or given.get("transposed"):
        tex, formulas = "", ()
    return Described(other, shown_settings(given), tex, formulas)


def shown_settings(given: Settings) -> Settings:
    """Leave out settings that say nothing, and write numbers that are words as words."""
    kept = {
        name: value
        for name, value in given.items()
        if value is not None and value is not False and _USUAL.get(name) != value
    }
    if kept.get("reduction") in range(3):
        kept["reduction"] = ("none", "mean", "sum")[kept["reduction"]]
    return kept
