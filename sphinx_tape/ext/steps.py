"""Steps of the forward and the reverse pass as docutils lists.

Layer `ext`. Reads the step blocks of `render.content`; says in a list what the stepper shows one by one.
Read next: `plain.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from docutils import nodes

from sphinx_tape.ext.inlines import formula_node, heading, line_nodes, paragraph
from sphinx_tape.render.content import (
    Amount,
    ContributionView,
    ForwardStep,
    ForwardSteps,
    ReverseSteps,
    ReverseStepView,
)

if TYPE_CHECKING:
    from sphinx_tape.render.formulas import Formula


def step_nodes(block: ForwardSteps | ReverseSteps, *, rich: bool) -> list[nodes.Node]:
    """Return the title and an ordered list of steps."""
    items = [
        _forward(step, rich=rich) if isinstance(step, ForwardStep) else _reverse(step, rich=rich)
        for step in block.steps
    ]
    ordered = nodes.enumerated_list(
        "", *items, enumtype="arabic", prefix="", suffix=".", classes=["tape-steps"]
    )
    title: list[nodes.Node] = heading(block.title, rich=rich) if block.title else []
    return [*title, ordered] if items else title


def _forward(step: ForwardStep, *, rich: bool) -> nodes.list_item:
    equation = _joined([step.left], " = ", [step.rule, step.numbers], step.result, rich=rich)
    line = nodes.paragraph("", "", *line_nodes(step.heading, rich=rich), nodes.Text(": "), *equation)
    return nodes.list_item("", line)


def _reverse(step: ReverseStepView, *, rich: bool) -> nodes.list_item:
    """Return one visit: what it is about, how it went, the cotangent, and what is sent on."""
    line = paragraph(step.heading, rich=rich)
    if step.status_words:
        line += nodes.Text(f" ({step.status_words})")
    if step.cotangent is not None:
        line += [nodes.Text(": "), *_joined([step.left], " = ", [], step.cotangent, rich=rich)]
    for note in step.notes:
        line += [nodes.Text("; "), *line_nodes(note, rich=rich)]
    item = nodes.list_item("", line)
    if step.failure:
        item += nodes.paragraph("", step.failure)
    if step.contributions:
        sent = [_contribution(each, rich=rich) for each in step.contributions]
        item += nodes.bullet_list("", *sent, bullet="*")
    return item


def _contribution(sent: ContributionView, *, rich: bool) -> nodes.list_item:
    """Return what is sent to one parent, worked out, with the running sum."""
    line = nodes.paragraph("", "", *line_nodes(sent.target, rich=rich), nodes.Text(": "))
    sign = " += " if sent.adds else " = "
    line += _joined([sent.left], sign, [sent.rule, sent.numbers], sent.result, rich=rich)
    line += [nodes.Text(f"; {note}") for note in sent.notes]
    if sent.total is not None:
        line += [nodes.Text(f"; {sent.total_words}: "), *line_nodes(sent.total.line, rich=rich)]
    return nodes.list_item("", line)


def _joined(
    left: Iterable[Formula], sign: str, middle: Iterable[Formula | None], result: Amount, *, rich: bool
) -> list[nodes.Node]:
    """Return `left sign rule = numbers = result`, without what is not known."""
    made = [formula_node(formula, rich=rich) for formula in left]
    for formula in middle:
        if formula is not None:
            made += [nodes.Text(sign), formula_node(formula, rich=rich)]
            sign = " = "
    return [*made, nodes.Text(sign), *line_nodes(result.line, rich=rich)]
