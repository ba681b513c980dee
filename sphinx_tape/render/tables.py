"""The tables of a figure, free of any output format: nodes, gradients, coverage.

Layer `render`. Reads a `TapeReport`, makes `content.Table`s and lines.
Read next: `steps.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_tape.render.boxes import shape_text
from sphinx_tape.render.characters import clip
from sphinx_tape.render.content import Column, Inline, Line, Paragraph, Table, TableRow
from sphinx_tape.render.escape import clean
from sphinx_tape.render.looks import cut_words
from sphinx_tape.render.messages import _
from sphinx_tape.render.preview import is_finite, value_line
from sphinx_tape.render.reasons import node_link, reason_line, zero_causes, zero_line
from sphinx_tape.render.states import STATES, author_name, display_name, local_name, state_letter, state_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sphinx_tape.render.reasons import ZeroCause
    from sphinx_tape.report.model import (
        Coverage,
        GradientRow,
        GradientState,
        NodeRow,
        ReverseReport,
        TapeReport,
    )

_LISTED = 30
"""Ids named in a sentence; more are counted."""
_SCOPE_LIMIT = 60


def text(words: str) -> Line:
    """Make a line of plain text."""
    return (Inline(text=words),)


def node_table(report: TapeReport, shown: Sequence[int], precision: int) -> Table:
    """List the nodes: id, op, name, shape, element type, whether a gradient is required, parents, value."""
    columns = (
        Column(_("id"), "right"),
        Column(_("op"), code=True),
        Column(_("name")),
        Column(_("shape")),
        Column(_("dtype")),
        Column(_("requires grad")),
        Column(_("parents")),
        Column(_("forward value"), "right"),
    )
    rows = tuple(_node_row(report.nodes[node], precision) for node in shown)
    notes = [hidden_line(report, shown), *_node_notes(report, shown)]
    return Table(_("Nodes of the tape"), columns, rows, tuple(note for note in notes if note))


def gradient_table(report: TapeReport, reverse: ReverseReport, shown: Sequence[int], precision: int) -> Table:
    """List for every node its value and what the reverse pass left there: a gradient, or why there is none.

    Where all are single numbers, nothing is said of shapes.
    """
    shaped = any(report.nodes[node].value.shape for node in shown)
    columns = (
        Column(_("id"), "right"),
        Column(_("node"), code=True),
        *((Column(_("shape")),) if shaped else ()),
        Column(_("forward value")),
        Column(_("state")),
        Column(_("gradient, or why there is none")),
    )
    causes = zero_causes(reverse)
    states = {state: _state_line(state) for state in STATES}
    rows = []
    for node in shown:
        row, gradient = report.nodes[node], reverse.gradients[node]
        cells = (
            (Inline(str(node), "text", node),),
            (Inline(clean(display_name(row)), "strong" if author_name(row) else "code"),),
            *((text(shape_text(row.value.shape)),) if shaped else ()),
            value_line(row.value, precision, shaped=False),
            states[gradient.state],
            _gradient_cell(report, gradient, causes, precision),
        )
        rows.append(TableRow(cells, node, gradient.state))
    note = hidden_line(report, shown)
    return Table(_gradient_title(report, reverse), columns, tuple(rows), (note,) if note else ())


def coverage_lines(report: TapeReport, reverse: ReverseReport) -> tuple[Paragraph, ...]:
    """Say how many of the nodes that require a gradient got one, which did not, and what to look for."""
    coverage = reverse.coverage
    counts = _(
        "Output {output}. Gradients required: {required}; present: {reached}; missing: {missing}."
    ).format(
        output="{output}",
        required=coverage.required,
        reached=coverage.reached,
        missing=len(coverage.missing),
    )
    before, _mark, after = counts.partition("{output}")
    first = (Inline(text=before), node_link(report.nodes[reverse.output]), Inline(text=after))
    lines = [Paragraph(first)]
    if coverage.missing:
        lines.append(Paragraph((Inline(text=_("Missing: ")), *_links(report, coverage.missing))))
    if coverage.missing_leaves:
        leaves = (Inline(text=_("Missing leaves: ")), *_links(report, coverage.missing_leaves))
        lines.append(Paragraph(leaves))
    if coverage.missing:
        lines.append(Paragraph(text(_hint(report, reverse, coverage)), "hint"))
    return (*lines, *nonfinite_lines(report))


def nonfinite_lines(report: TapeReport) -> tuple[Paragraph, ...]:
    """Name the first node whose value, and the first whose cotangent, is not finite."""
    lines = []
    values = (row.id for row in report.nodes if not is_finite(row.value))
    steps = report.reverse.steps if report.reverse else ()
    cotangents = (step.node for step in steps if step.cotangent and not is_finite(step.cotangent))
    for found, words in (
        (next(values, None), _("First forward value that is not finite: ")),
        (next(cotangents, None), _("First cotangent that is not finite, in the order of the reverse pass: ")),
    ):
        if found is not None:
            lines.append(Paragraph((Inline(text=words), node_link(report.nodes[found])), "hint"))
    return tuple(lines)


def hidden_line(report: TapeReport, shown: Sequence[int]) -> Line:
    """Say how many nodes a table leaves out; empty if none."""
    missing = len(report.nodes) - len(shown)
    if not missing:
        return ()
    words = _("Not shown: {hidden} of {all} nodes (max-nodes).")
    return text(words.format(hidden=missing, all=len(report.nodes)))


def _node_row(row: NodeRow, precision: int) -> TableRow:
    cells: tuple[Line, ...] = (
        (Inline(text=str(row.id), node=row.id),),
        (Inline(text=_op_text(row), role="code"),),
        _name(row),
        text(shape_text(row.value.shape)),
        text(clean(row.value.dtype)),
        text(_("yes") if row.requires_grad else _("no")),
        _parents(row.parents),
        value_line(row.value, precision, shaped=False),
    )
    return TableRow(cells, row.id)


def _name(row: NodeRow) -> Line:
    """Return the author's name behind its scopes; of a node without a name, the scopes in brackets."""
    # A name that says its scopes itself, as those of parameters do, stands alone.
    said = bool(row.scope) and local_name(row) != row.name
    scope = "" if said else clip("/".join(map(clean, row.scope)), _SCOPE_LIMIT)
    name = author_name(row)
    if not name:
        return text(f"({scope})" if scope else "")
    return Inline(text=f"{scope}/" if scope else ""), Inline(text=name, role="strong")


def _op_text(row: NodeRow) -> str:
    keywords = ", ".join(f"{name}={value}" for name, value in row.keywords)
    return clean(f"{row.op}({keywords})" if keywords else row.op)


def _parents(parents: tuple[int, ...]) -> Line:
    parts: list[Inline] = []
    for parent in parents:
        separator = [Inline(text=", ")] if parts else []
        parts += [*separator, Inline(text=str(parent), node=parent)]
    return tuple(parts)


def _node_notes(report: TapeReport, shown: Sequence[int]) -> Iterable[Line]:
    """Say where gradients are cut and what the rows cannot hold; what holds for several nodes, once."""
    told: dict[str, list[int]] = {}
    for node in shown:
        row = report.nodes[node]
        for words in (cut_words(row.cut) if row.cut else "", clean(row.note)):
            if words:
                told.setdefault(words, []).append(node)
    for words, nodes in told.items():
        yield (*_links(report, tuple(nodes)), Inline(text=f": {words}"))


def _gradient_title(report: TapeReport, reverse: ReverseReport) -> str:
    return _("Gradients of {output}").format(output=clean(display_name(report.nodes[reverse.output])))


def _state_line(state: GradientState) -> Line:
    return (Inline(text=f"{state_letter(state)} {state_word(state)}", role="state", state=state),)


def _gradient_cell(
    report: TapeReport, gradient: GradientRow, causes: dict[int, ZeroCause], precision: int
) -> Line:
    if gradient.gradient is None:
        return reason_line(report, gradient.reason) if gradient.reason else ()
    value = value_line(gradient.gradient, precision, shaped=False)
    if gradient.state != "zero" or gradient.node not in causes:
        # The state beside it says that it is exactly zero.
        return value
    return (*value, Inline(text=" \u2013 "), *zero_line(report, gradient.node, causes))


def _links(report: TapeReport, nodes: tuple[int, ...]) -> Line:
    parts: list[Inline] = []
    for node in nodes[:_LISTED]:
        parts += [*([Inline(text=", ")] if parts else []), node_link(report.nodes[node])]
    more = len(nodes) - _LISTED
    if more > 0:
        parts.append(Inline(text=_(" and {more} more").format(more=more)))
    return tuple(parts)


def _hint(report: TapeReport, reverse: ReverseReport, coverage: Coverage) -> str:
    """Tell where to look."""
    if report.failure is not None:
        return _("The reverse pass stopped half-way: what would have come later is missing.")
    missing = set(coverage.missing)
    kinds = [row.reason.kind for row in reverse.gradients if row.node in missing and row.reason]
    if all(kind == "not_reached" for kind in kinds):
        return _("These nodes are on no path to the output: is the right output chosen, is the value used?")
    if "unreadable" in kinds:
        return _("The framework hides part of the tape: retain gradients there, or build it with our tape.")
    return _("Every row says where its path is cut; lift that cut if the gradient is wanted.")
