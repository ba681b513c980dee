"""The forward computation and the reverse pass as numbered steps, worked out as on a blackboard.

Layer `render`. Reads the report's steps, makes `content.ForwardStep`s and `content.ReverseStepView`s.
Read next: `sections.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sphinx_tape.render.content import Amount, ContributionView, ForwardStep, Inline, Line, ReverseStepView
from sphinx_tape.render.escape import clean
from sphinx_tape.render.formulas import Filling, Formula, numbers_formula, rule_formula, value_formula
from sphinx_tape.render.messages import _
from sphinx_tape.render.preview import amount
from sphinx_tape.render.reasons import node_link, reason_line
from sphinx_tape.render.states import display_name, status_word
from sphinx_tape.render.symbols import Symbol, symbols

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sphinx_tape.report.model import ArrayPreview, ContributionRow, NodeRow, StepRow, TapeReport


class Wording(NamedTuple):
    """What every step of a figure needs."""

    report: TapeReport
    symbols: tuple[Symbol, ...]
    precision: int
    overwriting: bool = False
    """Whether to say what an engine that overwrites instead of adding would give."""

    def filling(self, row: NodeRow, cotangent: ArrayPreview | None = None) -> Filling:
        """Say what stands behind the marks of this node's formulas."""
        return Filling(
            row=row,
            symbols=self.symbols,
            nodes=self.report.nodes,
            cotangent=cotangent,
            precision=self.precision,
        )


def wording(report: TapeReport, precision: int, *, overwriting: bool = False) -> Wording:
    """Prepare symbols and digits for the steps of a report."""
    return Wording(report=report, symbols=symbols(report.nodes), precision=precision, overwriting=overwriting)


def forward_steps(words: Wording, shown: Sequence[int]) -> tuple[ForwardStep, ...]:
    """Work out the shown nodes in id order: formula, numbers put in, value."""
    return tuple(_forward(words, number, node) for number, node in enumerate(shown, start=1))


def reverse_steps(words: Wording, shown: Sequence[int]) -> tuple[ReverseStepView, ...]:
    """Work out the visits of the shown nodes in the order of the reverse pass."""
    reverse = words.report.reverse
    if reverse is None:
        return ()
    visible = set(shown)
    sums: dict[int, ArrayPreview] = {}
    views: list[ReverseStepView] = []
    for step in reverse.steps:
        if step.node in visible:
            views.append(_reverse(words, len(views) + 1, step, sums))
        else:
            sums.update((c.parent, c.running) for c in step.contributions if c.running is not None)
    return tuple(views)


def _forward(words: Wording, number: int, node: int) -> ForwardStep:
    row = words.report.nodes[node]
    symbol = words.symbols[node]
    filling = words.filling(row)
    result = _amount(words, row.value)
    rule = rule_formula(row.tex, filling) if row.tex else None
    return ForwardStep(
        number=number,
        node=node,
        heading=_heading(row),
        left=Formula(symbol.tex, symbol.text),
        rule=rule,
        # What nobody kept is not worked out in part.
        numbers=_numbers(row.tex, filling, rule, _plain(result.line)) if row.value.known else None,
        result=result,
        edges=tuple(f"{parent}-{node}-{operand}" for operand, parent in enumerate(row.parents)),
        source=row.source,
    )


def _reverse(words: Wording, number: int, step: StepRow, sums: dict[int, ArrayPreview]) -> ReverseStepView:
    """Work out one visit; `sums` holds what each node has got so far, and goes on."""
    row = words.report.nodes[step.node]
    symbol = words.symbols[step.node]
    made = []
    for contribution in step.contributions:
        made.append(_contribution(words, row, step, contribution, sums.get(contribution.parent)))
        if contribution.running is not None:
            sums[contribution.parent] = contribution.running
    contributions = tuple(made)
    return ReverseStepView(
        number=number,
        node=step.node,
        status=step.status,
        heading=_heading(row),
        status_words=status_word(step.status),
        left=Formula(symbol.cotangent, symbol.cotangent_text),
        cotangent=_amount(words, step.cotangent) if step.cotangent else None,
        contributions=contributions,
        notes=tuple(_notes(words, row, step)),
        failure=clean(step.failure),
        edges=tuple(f"{c.parent}-{step.node}-{c.operand}" for c in step.contributions),
        done=_done(words, step, contributions),
        source=row.source,
    )


def _amount(words: Wording, value: ArrayPreview) -> Amount:
    """Say a value; an exact or symbolic one as math, like the formulas around it."""
    said = amount(value, words.precision)
    if value.kind != "exact" or value.shape:
        return said
    formula = value_formula(value, words.precision)
    return Amount(line=tuple(part._replace(formula=formula) for part in said.line))


def _heading(row: NodeRow) -> Line:
    """Name a node and, if the author gave it a name, its op as well."""
    op = (Inline(text=" "), Inline(text=clean(row.op), role="code")) if row.name else ()
    return (node_link(row), *op)


def _contribution(
    words: Wording, row: NodeRow, step: StepRow, made: ContributionRow, before: ArrayPreview | None
) -> ContributionView:
    filling = words.filling(row, step.cotangent)
    result = _amount(words, made.value)
    rule = rule_formula(made.formula, filling) if made.formula else None
    symbol = words.symbols[made.parent]
    return ContributionView(
        parent=made.parent,
        operand=made.operand,
        target=_target(words.report.nodes[made.parent], made.operand, row),
        left=Formula(symbol.cotangent, symbol.cotangent_text),
        adds=made.parts > 1,
        rule=rule,
        numbers=_numbers(made.formula, filling, rule, _plain(result.line)),
        result=result,
        notes=tuple(_contribution_notes(words, made)),
        total=_total(words, made, before),
        total_words=_total_words(words, made),
        complete=made.part == made.parts,
    )


def _target(parent: NodeRow, operand: int, row: NodeRow) -> Line:
    """Name the parent, and the operand's position where it is used more than once."""
    link = node_link(parent)
    if row.parents.count(parent.id) < 2:
        return (link,)
    return (link, Inline(text=_(" as operand {operand}").format(operand=operand)))


def _numbers(template: str, filling: Filling, rule: Formula | None, result: str) -> Formula | None:
    """Put the numbers in, unless that only repeats the rule or the result."""
    if rule is None:
        return None
    numbers = numbers_formula(template, filling)
    return None if numbers.text in {rule.text, result} else numbers


def _plain(line: Line) -> str:
    return "".join(part.text for part in line)


def _contribution_notes(words: Wording, made: ContributionRow) -> list[str]:
    notes = []
    if made.summed_axes:
        axes = ", ".join(map(str, made.summed_axes))
        notes.append(_("summed over axis {axes} to undo broadcasting").format(axes=axes))
    if words.overwriting and made.running is not None and made.part == made.parts:
        value = _plain(amount(made.value, words.precision).line)
        notes.append(_("overwriting instead of adding would leave {value}").format(value=value))
    return notes


def _total(words: Wording, made: ContributionRow, before: ArrayPreview | None) -> Amount | None:
    """Add up: `5 + 0.5 = 5.5` for scalars, the sum alone for arrays and for the first contribution."""
    if made.running is None:
        return None
    total = _amount(words, made.running)
    if before is None or made.part == 1 or made.running.shape:
        return total
    old, new = (value_formula(value, words.precision) for value in (before, made.value))
    sides = "({})" if new.text.startswith("-") else "{}"
    text = f"{old.text} + {sides.format(new.text)} = "
    tex = f"{old.tex} + {sides.replace('{}', new.tex)} = "
    exact = Formula(tex, text) if made.running.kind == "exact" else None
    return Amount(line=(Inline(text=text, formula=exact), *total.line))


def _total_words(words: Wording, made: ContributionRow) -> str:
    if made.running is None:
        return ""
    if made.part < made.parts:
        return _("sum after {part} of {parts} contributions").format(part=made.part, parts=made.parts)
    name = clean(display_name(words.report.nodes[made.parent]))
    return _("sum of the {parts} contributions, the gradient of {name}").format(parts=made.parts, name=name)


def _notes(words: Wording, row: NodeRow, step: StepRow) -> list[Line]:
    """Say why nothing goes on from here, where that is so."""
    if step.status == "no_upstream" and words.report.reverse is not None:
        reason = words.report.reverse.gradients[step.node].reason
        return [reason_line(words.report, reason)] if reason else []
    if step.status != "propagates" or step.contributions:
        return []
    if not row.parents:
        return [(Inline(text=_("a leaf: its cotangent is its gradient")),)]
    return [(Inline(text=_("nothing goes on: no operand requires a gradient")),)]


def _done(words: Wording, step: StepRow, contributions: Sequence[ContributionView]) -> tuple[int, ...]:
    reverse = words.report.reverse
    first = [step.node] if reverse is not None and step.node == reverse.output and step.cotangent else []
    return (*first, *(c.parent for c in contributions if c.complete))
