"""Why a node has no gradient, or one that is exactly zero, in sentences.

Layer `render`. Reads the report's reasons and, for zeros, finds the node that explains them.
Read next: `tables.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sphinx_tape.render.content import Inline, Line
from sphinx_tape.render.escape import clean
from sphinx_tape.render.messages import _
from sphinx_tape.render.preview import is_zero
from sphinx_tape.render.states import display_label

if TYPE_CHECKING:
    from sphinx_tape.report.model import (
        ArrayPreview,
        NodeRow,
        Reason,
        ReverseReport,
        SourceLine,
        StepRow,
        TapeReport,
    )

_GATES: Final = frozenset({"relu", "relu6"})
_MASKS: Final = frozenset(
    {"where", "dropout", "getitem", "gather", "take_along_axis", "embedding", "tril", "triu", "diagonal"}
)
_CHOICES: Final = frozenset({"max", "min", "maximum", "minimum", "max_pool", "max_pool2d"})
_RANGES: Final = frozenset({"clip", "clamp"})
_SATURATING: Final = frozenset(
    {"sigmoid", "tanh", "softmax", "erf", "softplus", "exp", "silu", "gelu", "elu"}
)
_PRODUCTS: Final = frozenset(
    {
        "mul",
        "multiply",
        "div",
        "scale",
        "matmul",
        "batched_matmul",
        "linear",
        "outer",
        "einsum",
        "tensordot",
        "prod",
    }
)
_FLAT: Final = frozenset({"square", "power", "abs", "sin", "cos", "mse", "mae", "huber", "norm"})


class ZeroCause(NamedTuple):
    """What made a gradient exactly zero."""

    node: int
    """The last node on the way that still had a non-zero cotangent, or the one whose contributions cancel."""
    cancels: bool


def node_link(row: NodeRow) -> Inline:
    """Name a node and link to its row."""
    return Inline(text=clean(display_label(row)), node=row.id)


def reason_line(report: TapeReport, reason: Reason) -> Line:
    """Say why a node has no gradient, with the node that cuts it and the source line of the cut."""
    words = _reason_words(reason)
    if reason.blocker is None:
        return (Inline(text=words),)
    blocker = report.nodes[reason.blocker]
    before, mark, after = words.partition("{node}")
    # A reason that has no place for the node still points at it.
    before = before if mark else f"{before}: "
    return (Inline(text=before), node_link(blocker), Inline(text=after), *_place(blocker.source))


def zero_line(report: TapeReport, node: int, causes: dict[int, ZeroCause]) -> Line:
    """Say that a gradient is present but exactly zero, and why where one node explains it."""
    said = Inline(text=_("present, but exactly zero"))
    if node not in causes:
        return (said,)
    cause = causes[node]
    if cause.cancels and cause.node == node:
        return (said, Inline(text=": " + _("its contributions cancel")))
    row = report.nodes[cause.node]
    words = _("the contributions to {node} cancel") if cause.cancels else _zero_words(row.op)
    before, _mark, after = words.partition("{node}")
    line = (said, Inline(text=": " + before), node_link(row), Inline(text=after))
    return (*line, *_place(row.source))


def zero_causes(reverse: ReverseReport) -> dict[int, ZeroCause]:
    """Find for each zero gradient the one node that explains it.

    Args:
        reverse: The reverse pass; its steps run from the output down.

    Returns:
        Per node with a zero gradient its cause; no entry where several nodes explain it, or none.
    """
    causes: dict[int, set[ZeroCause]] = {}
    for step in reverse.steps:
        if step.cotangent is not None:
            _spread(step, step.cotangent, causes)
    zero = [row.node for row in reverse.gradients if row.gradient is not None and is_zero(row.gradient)]
    return {node: next(iter(causes[node])) for node in zero if len(causes.get(node, ())) == 1}


def _spread(step: StepRow, cotangent: ArrayPreview, causes: dict[int, set[ZeroCause]]) -> None:
    """Hand the causes of zeros on to the parents of one step; two are as good as many, so no set grows."""
    inherited = causes.get(step.node, set()) if is_zero(cotangent) else {ZeroCause(step.node, cancels=False)}
    for contribution in step.contributions:
        found = causes.setdefault(contribution.parent, set())
        if not is_zero(contribution.value):
            found.add(ZeroCause(contribution.parent, cancels=True))
        elif len(found) < 2:
            found.update(inherited)


def _place(source: SourceLine | None) -> Line:
    """Point at the author's line."""
    if source is None:
        return ()
    where = Inline(text=f" ({clean(source.file)}:{source.line}")
    code = (Inline(text=": "), Inline(text=clean(source.text), role="code")) if source.text else ()
    return (where, *code, Inline(text=")"))


def _reason_words(reason: Reason) -> str:
    named = reason.blocker is not None
    words = {
        "not_reached": _("no path leads from the output to this node"),
        "detach": _("cut by detach at {node}") if named else _("cut by detach"),
        "no_grad": _("recorded under no_grad at {node}") if named else _("recorded under no_grad"),
        "not_differentiable": _("the operation {node} is not differentiable")
        if named
        else _("the operation that uses it is not differentiable"),
        "integer": _("{node} has integer values, which carry no gradient")
        if named
        else _("integer values carry no gradient"),
        "not_asked": _("no gradient was asked for"),
        "unreadable": _("the framework does not let us read past {node}")
        if named
        else _("the framework does not let us read it"),
    }
    return words[reason.kind]


def _zero_words(op: str) -> str:
    families = (
        (_GATES, _("{node} is inactive, its input is not positive")),
        (_MASKS, _("it is not selected at {node}")),
        (_CHOICES, _("another operand wins at {node}")),
        (_RANGES, _("it is out of the range of {node}")),
        (_SATURATING, _("{node} is saturated")),
        (_PRODUCTS, _("it is multiplied by zero at {node}")),
        (_FLAT, _("the slope of {node} is zero here")),
    )
    return next((words for ops, words in families if op in ops), _("the local rule of {node} gives zero"))
