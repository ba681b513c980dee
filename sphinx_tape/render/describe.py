"""A drawing in words: the alternative text of a figure and the title behind each node.

Layer `render`. Plain sentences for readers who listen; short, in a fixed order, with full names.
Read next: `svg.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sphinx_tape.render.boxes import gradient_words, shape_text, value_text
from sphinx_tape.render.characters import clip
from sphinx_tape.render.escape import clean
from sphinx_tape.render.looks import cut_words, kind_words
from sphinx_tape.render.messages import _
from sphinx_tape.render.reasons import reason_line

if TYPE_CHECKING:
    from sphinx_tape.render.options import DisplayOptions
    from sphinx_tape.report.model import ArrayPreview, GradientRow, NodeRow, ReverseReport, TapeReport

_LISTED: Final = 6
"""Names of one kind that are read out; more are counted."""
_NAME_LIMIT: Final = 60


def figure_title(report: TapeReport) -> str:
    """Name a figure in a few words."""
    if not report.nodes:
        return _("Empty tape")
    words = _("Tape of {count} node") if len(report.nodes) == 1 else _("Tape of {count} nodes")
    return words.format(count=len(report.nodes))


def describe(report: TapeReport, options: DisplayOptions) -> str:
    """Describe a figure for readers who do not see it.

    Args:
        report: What is drawn.
        options: The view decides whether gradients are told.

    Returns:
        A few sentences: size, leaves, constants, output and, where shown, what has a gradient.
    """
    if not report.nodes:
        return _("The tape has no nodes.")
    sentences = [_contents(report, options.precision)]
    if options.view != "view":
        sentences += _gradient_sentences(report, options.precision)
    return " ".join(sentences)


def describe_node(row: NodeRow, gradient: GradientRow | None, precision: int, why: str = "") -> str:
    """Say everything about one node that its box may have clipped.

    Args:
        row: The node.
        gradient: Its gradient, or None if the drawing does not show any.
        precision: Significant digits.
        why: Why there is no gradient.

    Returns:
        `4: a = add(3, 2), value 7, gradient -6`.
    """
    parts = [f"{_reference(row)}{_made_by(row)}", _value_words(row.value, precision)]
    words = _gradient_words(gradient, precision) if gradient else ""
    if words:
        parts.append(f"{_('gradient')} {words}" + (f" ({why})" if why else ""))
    if row.cut:
        parts.append(cut_words(row.cut))
    if row.scope:
        parts.append(f"{_('scope')} {clean('.'.join(row.scope))}")
    return ", ".join(parts)


def _gradient_words(gradient: GradientRow, precision: int) -> str:
    word, value = gradient_words(gradient, precision)
    return _("of length {number}").format(number=value) if word == _("|grad|") else value


def missing_reason(report: TapeReport, gradient: GradientRow | None) -> str:
    """Say why a required gradient is missing; empty if it is not."""
    if gradient is None or gradient.state != "missing" or gradient.reason is None:
        return ""
    return "".join(part.text for part in reason_line(report, gradient.reason))


def node_name(row: NodeRow) -> str:
    """Call a node by its author's name, or by its number."""
    name = clip(clean(row.name), _NAME_LIMIT).strip()
    return name or _("node {number}").format(number=row.id)


def _reference(row: NodeRow) -> str:
    return f"{row.id}: {clean(row.name)} = " if row.name else f"{row.id}: "


def _made_by(row: NodeRow) -> str:
    if row.op in {"leaf", "constant"}:
        return kind_words("leaf" if row.op == "leaf" else "constant")
    return f"{clean(row.op)}({', '.join(map(str, row.parents))})"


def _value_words(value: ArrayPreview, precision: int) -> str:
    if value.shape:
        words = f"{_('shape')} {shape_text(value.shape)} {clean(value.dtype)}"
        return words if value.known else f"{words}, {_('value')} {_('not known')}"
    if not value.known:
        return f"{_('value')} {_('not known')}"
    return f"{_('value')} {value_text(value, precision)}"


def _contents(report: TapeReport, precision: int) -> str:
    rows = report.nodes
    groups = [
        (_("leaves"), [row for row in rows if row.op == "leaf"]),
        (_("constants"), [row for row in rows if row.op == "constant"]),
        (_("output"), [] if report.output is None else [rows[report.output]]),
    ]
    told = "; ".join(f"{word} {_names(rows, precision)}" for word, rows in groups if rows)
    return f"{figure_title(report)}: {told}." if told else f"{figure_title(report)}."


def _names(rows: list[NodeRow], precision: int | None = None) -> str:
    """List nodes by name, and with a precision by value too."""
    names = [node_name(row) + _value_of(row.value, precision) for row in rows[:_LISTED]]
    return _list(names, len(rows) - _LISTED)


def _list(names: list[str], more: int) -> str:
    told = ", ".join(names)
    return told if more <= 0 else _("{names} and {more} more").format(names=told, more=more)


def _value_of(value: ArrayPreview, precision: int | None) -> str:
    if precision is None or not (value.shape or value.known):
        return ""
    if value.shape:
        return " " + _("of shape {shape}").format(shape=shape_text(value.shape))
    return f" = {value_text(value, precision)}"


def _gradient_sentences(report: TapeReport, precision: int) -> list[str]:
    if report.reverse is None:
        return [_("No gradients: {why}").format(why=clean(report.failure.message))] if report.failure else []
    sentences = [_leaf_gradients(report, report.reverse, precision)]
    missing = [report.nodes[node] for node in report.reverse.coverage.missing]
    if missing:
        sentences.append(_("No gradient reaches {names}.").format(names=_names(missing)))
    if report.failure:
        sentences.append(_("The reverse pass stopped: {why}").format(why=clean(report.failure.message)))
    return [sentence for sentence in sentences if sentence]


def _leaf_gradients(report: TapeReport, reverse: ReverseReport, precision: int) -> str:
    leaves = [row for row in report.nodes if row.op == "leaf" and reverse.gradients[row.id].gradient]
    if not leaves:
        return ""
    told = [
        f"{node_name(row)} {_gradient_words(reverse.gradients[row.id], precision)}"
        for row in leaves[:_LISTED]
    ]
    return _("Gradients: {names}.").format(names=_list(told, len(leaves) - _LISTED))
