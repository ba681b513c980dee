"""What a figure says of the check of its gradients: one sentence, and behind it every number.

Layer `render`. Reads a report's `CheckReport`, makes a `content.Badge`.
Read next: `sections.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sphinx_tape.render.content import Badge, Column, Inline, Line, Table, TableRow
from sphinx_tape.render.escape import clean
from sphinx_tape.render.messages import _
from sphinx_tape.render.numbers import format_number
from sphinx_tape.render.reasons import node_link
from sphinx_tape.render.states import author_name, display_name

if TYPE_CHECKING:
    from sphinx_tape.report.model import (
        CheckFault,
        CheckReport,
        CheckVerdict,
        LeafCheck,
        Number,
        TapeReport,
    )

_SIGNS: Final[dict[CheckVerdict, str]] = {
    "right": "\N{CHECK MARK}",
    "kink": "\N{LOGICAL AND}",
    "unresolved": "~",
    "unchecked": "?",
    "wrong": "\N{BALLOT X}",
}
"""Told apart by their shape, not by colour alone; a kink looks like one."""
_NAMED: Final = 12
"""Nodes named in a sentence; more are counted."""


def badge(report: TapeReport, check: CheckReport, precision: int) -> Badge:
    """Say whether the gradients were found to be right, how that was found, and what is to blame if not."""
    return Badge(
        verdict=check.verdict,
        sign=_SIGNS[check.verdict],
        line=(Inline(text=_sentence(report, check), role="strong" if check.verdict == "wrong" else "text"),),
        faults=tuple(_fault_line(report, fault, precision) for fault in check.faults),
        notes=tuple(_notes(report, check)),
        table=_table(report, check, precision) if check.leaves else None,
    )


def verdict_word(verdict: CheckVerdict) -> str:
    """Name a verdict in one or two words."""
    words: dict[CheckVerdict, str] = {
        "right": _("agrees"),
        "kink": _("kink"),
        "unresolved": _("undecided"),
        "unchecked": _("not checked"),
        "wrong": _("wrong"),
    }
    return words[verdict]


def _sentence(report: TapeReport, check: CheckReport) -> str:
    """Sum the check up."""
    sentences: dict[CheckVerdict, str] = {
        "right": _("Gradients checked: they agree with differences; largest relative error {error}{where}."),
        "kink": _(
            "Gradients checked: they agree with differences, except at a kink, where there is no derivative."
        ),
        "unresolved": _(
            "Gradients checked: differences cannot decide, because of rounding or values that are not finite."
        ),
        "unchecked": _("Gradients could not all be checked."),
        "wrong": _("Gradients are wrong: the check by differences failed."),
    }
    worst = max(check.leaves, key=lambda leaf: _size(leaf.error), default=None)
    error = format_number(worst.error, "float64", 2) if worst else ""
    where = f" ({_where(report, worst)})" if worst else ""
    return sentences[check.verdict].format(error=error, where=where)


def _notes(report: TapeReport, check: CheckReport) -> list[Line]:
    """Name what nothing is known of, and say what was checked besides."""
    lines: list[Line] = []
    if check.unreplayed:
        words = _("These operations could not be run again, so that nothing is known of their rules: ")
        lines.append((Inline(text=words), *_links(report, check.unreplayed)))
    if check.alone:
        words = _("Operations whose local rule was checked on its own: {count}.")
        lines.append((Inline(text=words.format(count=check.alone)),))
    return lines


def _fault_line(report: TapeReport, fault: CheckFault, precision: int) -> Line:
    sentences = {
        "rule": _("To blame: the local rule of {node}, operand {operand}{place}: {found}, not {expected}."),
        "value": _(
            "To blame: the value of {node}, which its operands do not give{place}: {found}, not {expected}."
        ),
        "sum": _(
            "To blame: the gradient of {node}, not the sum of what arrived{place}: {found}, not {expected}."
        ),
    }
    row = report.nodes[fault.node]
    numbers = [format_number(number, "float64", precision) for number in (fault.found, fault.expected)]
    place = _(" at {element}").format(element=_element(fault.element)) if fault.element else ""
    before, _mark, after = sentences[fault.kind].partition("{node}")
    rest = after.format(operand=fault.operand, place=place, found=numbers[0], expected=numbers[1])
    facts = [clean(row.op)] if author_name(row) else []
    facts += [f"{clean(row.source.file)}:{row.source.line}"] if row.source else []
    told = f" ({', '.join(facts)})" if facts else ""
    return Inline(text=before), node_link(row), Inline(text=told + rest)


def _table(report: TapeReport, check: CheckReport, precision: int) -> Table:
    columns = (
        Column(_("leaf")),
        Column(_("result")),
        Column(_("relative error"), "right"),
        Column(_("element")),
        Column(_("gradient"), "right"),
        Column(_("by differences"), "right"),
        Column(_("how")),
    )
    rows = tuple(_row(report, leaf, precision) for leaf in check.leaves)
    return Table(_("Check of the gradients by differences"), columns, rows)


def _row(report: TapeReport, leaf: LeafCheck, precision: int) -> TableRow:
    row = report.nodes[leaf.leaves[0]]
    single = len(leaf.leaves) == 1
    name = display_name(row) if single else _("{count} leaves together").format(count=len(leaf.leaves))
    head = Inline(text=clean(name), node=row.id if single else None)
    word = f"{_SIGNS[leaf.verdict]} {verdict_word(leaf.verdict)}"
    if not leaf.method:
        blocked = _links(report, leaf.blockers)
        why = (Inline(text=_("cannot be run again: ")), *blocked) if blocked else (Inline(text=_("symbols")),)
        return TableRow(((head,), _cell(word), (), (), (), (), why))
    numbers = [_number(number, precision) for number in (leaf.gradient, leaf.expected)]
    element = _element(leaf.element) if leaf.element else ""
    error = format_number(leaf.error, "float64", 2)
    cells: tuple[Line, ...] = (
        (head,),
        _cell(word),
        _cell(error),
        _cell(element),
        *numbers,
        _cell(_how(leaf)),
    )
    return TableRow(cells)


def _how(leaf: LeafCheck) -> str:
    """Say how a leaf was compared: the method, the step, how much of it."""
    methods = {
        "complex step": _("complex step {step}"),
        "central differences": _("central differences, step {step}"),
    }
    parts = [methods[leaf.method].format(step=format_number(leaf.step, "float64", 2))]
    if leaf.directions:
        parts.append(_("{count} random directions").format(count=leaf.directions))
    elif leaf.compared > 1:
        parts.append(_("{count} elements").format(count=leaf.compared))
    if leaf.kinks:
        parts.append(_("at kinks: {count}").format(count=leaf.kinks))
    return ", ".join(parts)


def _where(report: TapeReport, leaf: LeafCheck) -> str:
    if len(leaf.leaves) > 1:
        return _("{count} leaves together").format(count=len(leaf.leaves))
    name = clean(display_name(report.nodes[leaf.leaves[0]]))
    return name + _element(leaf.element) if leaf.element else name


def _element(index: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, index))}]"


def _links(report: TapeReport, nodes: tuple[int, ...]) -> Line:
    parts: list[Inline] = []
    for node in nodes[:_NAMED]:
        parts += [*([Inline(text=", ")] if parts else []), node_link(report.nodes[node])]
    more = len(nodes) - _NAMED
    if more > 0:
        parts.append(Inline(text=_(" and {more} more").format(more=more)))
    return tuple(parts)


def _cell(words: str) -> Line:
    return (Inline(text=words),) if words else ()


def _number(number: Number, precision: int) -> Line:
    return (Inline(text=format_number(number, "float64", precision), role="number"),)


def _size(error: Number) -> float:
    """Order errors, text for what is not finite as the worst."""
    return float(error) if isinstance(error, int | float) else float("inf")
