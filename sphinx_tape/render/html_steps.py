"""The steps of a figure as HTML: two ordered lists that read well without a script.

Layer `render`. `static/tape-stepper.js` reads the ids and the `data-` attributes written here: the node and
the edges of a step, the nodes whose gradient is complete after it, the source line.
Read next: `html.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_tape.render.escape import html
from sphinx_tape.render.html_arrays import amount_html
from sphinx_tape.render.html_lines import line_html
from sphinx_tape.render.messages import _

if TYPE_CHECKING:
    from sphinx_tape.render.content import (
        Amount,
        ContributionView,
        ForwardStep,
        ForwardSteps,
        ReverseSteps,
        ReverseStepView,
    )
    from sphinx_tape.render.formulas import Formula
    from sphinx_tape.render.html_lines import Page
    from sphinx_tape.report.model import SourceLine


def forward_html(block: ForwardSteps, page: Page) -> str:
    """Write the forward steps."""
    before: list[SourceLine | None] = [None, *(step.source for step in block.steps)]
    items = "".join(
        _forward_item(step, page, source_before)
        for step, source_before in zip(block.steps, before, strict=False)
    )
    title = f'<p class="tape-steps-title" id="{page.prefix}-forward">{html(block.title)}</p>'
    return f'{title}<ol class="tape-forward" aria-labelledby="{page.prefix}-forward">{items}</ol>'


def reverse_html(block: ReverseSteps, page: Page) -> str:
    """Write the reverse steps."""
    items = "".join(_reverse_item(step, page) for step in block.steps)
    title = f'<p class="tape-steps-title" id="{page.prefix}-reverse">{html(block.title)}</p>'
    return f'{title}<ol class="tape-steps" aria-labelledby="{page.prefix}-reverse">{items}</ol>'


def _forward_item(step: ForwardStep, page: Page, before: SourceLine | None) -> str:
    """Write a step; a line of code that makes several nodes stands before the first of them."""
    data = _data(step, page)
    what = f'<span class="tape-what" dir="ltr">{line_html(step.heading, page)}</span>'
    worked = _equation(step.left, "=", (step.rule, step.numbers), step.result, page)
    code = step.source.text if step.source and step.source != before else ""
    source = f'<code class="tape-src" dir="ltr">{html(code)}</code> ' if code else ""
    return f'<li id="{page.prefix}-forward-{step.number}"{data}>{source}{what} {worked}</li>'


def _reverse_item(step: ReverseStepView, page: Page) -> str:
    data = _data(step, page)
    if step.done:
        data += f' data-done="{" ".join(map(str, step.done))}"'
    status = f'<span class="tape-status">{html(step.status_words)}</span>'
    parts = [f'<div><span class="tape-what" dir="ltr">{line_html(step.heading, page)}</span> {status}</div>']
    if step.cotangent is not None:
        parts.append(_equation(step.left, "=", (), step.cotangent, page))
    parts += [f'<p class="tape-note">{line_html(note, page)}</p>' for note in step.notes]
    if step.failure:
        parts.append(f'<p class="tape-failed">{html(step.failure)}</p>')
    if step.contributions:
        items = "".join(_contribution(c, page) for c in step.contributions)
        parts.append(f'<ul class="tape-contributions">{items}</ul>')
    name = f"tape-step-{step.status.replace('_', '-')}"
    return f'<li id="{page.prefix}-step-{step.number}" class="{name}"{data}>{"".join(parts)}</li>'


def _contribution(made: ContributionView, page: Page) -> str:
    target = f'<span class="tape-to">{_("to")} {line_html(made.target, page)}</span>'
    sign = "+=" if made.adds else "="
    worked = _equation(made.left, sign, (made.rule, made.numbers), made.result, page)
    notes = "".join(f'<span class="tape-note">{html(note)}</span>' for note in made.notes)
    total = ""
    if made.total is not None:
        name = "tape-total tape-complete" if made.complete else "tape-total"
        amount = amount_html(made.total, page)
        # On right-to-left pages a sum would be turned round.
        amount = amount if amount.startswith("<details") else f'<bdi dir="ltr">{amount}</bdi>'
        total = f'<div class="{name}">{html(made.total_words)}: {amount}</div>'
    return f'<li data-to="{made.parent}">{target} {worked}{notes}{total}</li>'


def _equation(
    left: Formula, sign: str, middle: tuple[Formula | None, ...], result: Amount, page: Page
) -> str:
    """Write `left = rule = numbers = result`; each piece may start a new line on a narrow page."""
    pieces = [page.math(left), *(page.math(formula) for formula in middle if formula is not None)]
    first, *others = [*pieces, amount_html(result, page)]
    rest = "".join(
        f' <span class="tape-piece">{sign if place == 0 else "="} {piece}</span>'
        if not piece.startswith("<details")
        else f" {sign if place == 0 else '='} {piece}"
        for place, piece in enumerate(others)
    )
    return f'<div class="tape-equation" dir="ltr">{first}{rest}</div>'


def _data(step: ForwardStep | ReverseStepView, page: Page) -> str:
    """Write what the script needs to know of a step."""
    data = f' data-node="{step.node}"'
    if step.edges:
        data += f' data-edges="{" ".join(step.edges)}"'
    if step.source is not None and step.source.file == page.listed:
        data += f' data-line="{step.source.line}"'
    return data
