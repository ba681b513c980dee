"""A tape and its reverse pass -> the report.

Layer `report`, inside the worker. Reads nodes, steps and coverage, makes plain rows; nothing here computes a
derivative. Rows are in id order, steps in the order of the visits.
Read next: `preview.py`, `serial.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import numpy as np

from sphinx_tape.errors import BackwardError, ReportError, SeedError, UnknownOutputError
from sphinx_tape.report.conjugates import is_complex, with_conjugates
from sphinx_tape.report.keywords import keyword_texts
from sphinx_tape.report.model import (
    ArrayPreview,
    CheckReport,
    ContributionRow,
    Coverage,
    GradientRow,
    GradientState,
    NodeRow,
    Reason,
    ReverseFailure,
    ReverseReport,
    SourceLine,
    SourceText,
    StepRow,
    TapeReport,
)
from sphinx_tape.report.preview import preview, unknown_preview
from sphinx_tape.tape import Contribution, Node, ReversePass, ReverseStep, Tape, backward
from sphinx_tape.tape.backward import find_output
from sphinx_tape.tape.broadcasting import summed_axes
from sphinx_tape.tape.conventions import convention
from sphinx_tape.tape.coverage import Reason as TapeReason
from sphinx_tape.tape.coverage import coverage
from sphinx_tape.tape.primitives import PRIMITIVES

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Source, Value

SMALLEST_PREVIEW, SMALLEST_ELEMENT = 20, 4
"""Characters that a preview and an element of it take at least."""


class Origin(NamedTuple):
    """What the report says about where the tape came from."""

    framework: str = "sphinx_tape"
    source: SourceText | None = None
    """The builder's own source."""
    limit: float = math.inf
    """Characters that the written report may have."""
    locate: Callable[[Source], SourceLine | None] = lambda _source: None
    """Names an author's line as readers may see it."""
    explain: Callable[[BaseException], tuple[str, ...]] = lambda _error: ()
    """Traceback lines of an exception as readers may see them."""
    scrub: Callable[[str], str] = str
    """Takes out of a message what differs between machines and runs."""


def build_report(
    tape: Tape,
    output: int | str | None,
    seed: Value = None,
    origin: Origin | None = None,
    *,
    check: bool = False,
) -> TapeReport:
    """Run the reverse pass of a tape and describe all of it.

    Args:
        tape: What was recorded.
        output: Node to start from, by id or by name; None: there is no reverse pass.
        seed: Cotangent of the output, of its shape; None: 1 for a scalar output.
        origin: Where the tape came from.
        check: Whether to check the gradients by differences, which takes as long as many forward passes.

    Returns:
        A report of the nodes in any case; if the reverse pass fails, of the steps before it, and why.

    Raises:
        ReportError: The report is certain to be larger than its limit.
    """
    origin = origin or Origin()
    with np.errstate(all="ignore"), np.printoptions(legacy=False):
        return _Build(tape, origin).report(output, seed, check=check)


class _Build:
    """One report in the making; arrays that appear in several places are described once."""

    def __init__(self, tape: Tape, origin: Origin) -> None:
        self._nodes = list(tape.nodes)
        self._tape = tape
        self._origin = origin
        self._size = 0
        self._previews: dict[int, tuple[Value, ArrayPreview]] = {}
        self._any_complex = any(map(is_complex, self._nodes))

    def report(self, output: int | str | None, seed: Value, *, check: bool) -> TapeReport:
        base = TapeReport(
            nodes=tuple(map(self._node_row, self._nodes)),
            output=None,
            reverse=None,
            failure=None,
            builder_source=self._origin.source,
            framework=self._origin.framework,
        )
        if output is None:
            message = "tape must have an output for a reverse pass (got none); return the output's variable"
            return base._replace(failure=ReverseFailure(subtype="output", message=message))
        try:
            base = base._replace(output=find_output(self._tape, output))
            reverse_pass = backward(self._tape, base.output, seed)
        except BackwardError as error:
            partial = getattr(error, "partial", None)
            failure = self._failure(error, error.node, partial)
            return base._replace(reverse=self._reverse(partial, failure), failure=failure)
        except (Exception, SystemExit, KeyboardInterrupt) as error:  # noqa: BLE001 -- a rule of the author's may raise anything
            return base._replace(failure=self._failure(error, None, None))
        return base._replace(
            reverse=self._reverse(reverse_pass, None),
            check=self._checked(reverse_pass) if check else None,
        )

    def _checked(self, reverse_pass: ReversePass) -> CheckReport:
        # Few figures ask for it, and loading it takes a tenth of the time that the whole package takes.
        from sphinx_tape.report.checks import check_report  # noqa: PLC0415 -- see above

        return check_report(self._tape, reverse_pass, own=self._origin.framework == "sphinx_tape")

    def _failure(self, error: BaseException, node: int | None, partial: ReversePass | None) -> ReverseFailure:
        # Only what a rule has raised has frames of the author's to show.
        in_rule = partial is not None or not isinstance(error, BackwardError)
        return ReverseFailure(
            subtype="output" if isinstance(error, (UnknownOutputError, SeedError)) else "backward",
            message=self._origin.scrub(_message(error)),
            node=node,
            traceback=self._origin.explain(error.__cause__ or error) if in_rule else (),
        )

    # Nodes

    def _node_row(self, node: Node) -> NodeRow:
        primitive = PRIMITIVES.get(node.op)
        return NodeRow(
            id=node.id,
            op=node.op,
            name=node.name,
            scope=node.scope,
            parents=node.parents,
            requires_grad=node.requires_grad,
            value=self._preview(node.value) if node.known else unknown_preview(node.value),
            keywords=keyword_texts(node.keywords),
            tex=node.tex or (primitive.tex if primitive else ""),
            cut=node.cut,
            note=node.note or convention(self._tape, node),
            source=self._origin.locate(node.source) if node.source else None,
        )

    def _preview(self, value: Value) -> ArrayPreview:
        known = self._previews.get(id(value))
        if known is None:
            # The value is kept beside its preview, so that its id stays its own.
            known = self._previews[id(value)] = (value, preview(value))
            self._size += SMALLEST_PREVIEW + SMALLEST_ELEMENT * len(known[1].elements)
            if self._size > self._origin.limit:
                self._refuse_size()
        return known[1]

    def _refuse_size(self) -> NoReturn:
        """Give up as soon as it is certain, not after minutes."""
        message = (
            f"report must be at most {self._origin.limit / 1e6:g} MB "
            f"(got more for {len(self._nodes)} nodes); record fewer nodes or raise `tape_report_limit`"
        )
        raise ReportError(message)

    # Reverse pass

    def _reverse(
        self, reverse_pass: ReversePass | None, failure: ReverseFailure | None
    ) -> ReverseReport | None:
        if reverse_pass is None:
            return None
        # A pass that stopped has incomplete sums at the nodes that it did not visit.
        visited = {step.node for step in reverse_pass.steps}
        known = tuple(
            None if failure is not None and id_ not in visited else cotangent
            for id_, cotangent in enumerate(reverse_pass.cotangents)
        )
        covered = coverage(self._tape, replace(reverse_pass, cotangents=known))
        return ReverseReport(
            output=reverse_pass.output,
            seed=self._preview(reverse_pass.seed),
            gradients=tuple(
                self._gradient_row(node, known[node.id], reverse_pass.output, covered.reasons)
                for node in self._nodes
            ),
            steps=self._steps(reverse_pass, failure),
            coverage=Coverage(
                required=len(covered.required),
                reached=len(covered.reached),
                missing=covered.missing,
                missing_leaves=covered.missing_leaves,
            ),
        )

    def _gradient_row(
        self, node: Node, cotangent: Value, output: int, reasons: Mapping[int, TapeReason]
    ) -> GradientRow:
        if cotangent is None:
            reason = reasons[node.id]
            state: GradientState = "missing" if node.requires_grad else "not_asked"
            return GradientRow(node.id, state, None, Reason(reason.kind, reason.blocker))
        state = "output" if node.id == output else ("zero" if _is_zero(cotangent) else "gradient")
        return GradientRow(node.id, state, self._preview(cotangent), None)

    def _steps(self, reverse_pass: ReversePass, failure: ReverseFailure | None) -> tuple[StepRow, ...]:
        """Describe the visits from the output down to node 0, also of nodes that nothing reached."""
        taken = {step.node: step for step in reverse_pass.steps}
        ledger = _Ledger(reverse_pass)
        rows = []
        for node in reversed(self._nodes[: reverse_pass.output + 1]):
            if node.id in taken:
                rows.append(self._visit(node, taken[node.id], ledger))
            elif failure is not None and node.id == failure.node:
                cotangent = reverse_pass.cotangents[node.id]
                shown = None if cotangent is None else self._preview(cotangent)
                rows.append(StepRow(node.id, "failed", shown, (), failure.message))
            else:
                rows.append(StepRow(node.id, "no_upstream" if node.requires_grad else "not_asked", None))
        return tuple(rows)

    def _visit(self, node: Node, step: ReverseStep, ledger: _Ledger) -> StepRow:
        rows = tuple(self._contribution_row(node, item, ledger) for item in step.contributions)
        return StepRow(node.id, "propagates", self._preview(step.cotangent), rows)

    def _contribution_row(self, node: Node, item: Contribution, ledger: _Ledger) -> ContributionRow:
        running, part, parts = ledger.enter(item)
        parent = self._nodes[item.parent]
        return ContributionRow(
            operand=item.operand,
            parent=item.parent,
            value=self._preview(item.value),
            running=None if parts == 1 else self._preview(running),
            part=part,
            parts=parts,
            formula=self._formula(node, item.operand),
            summed_axes=self._summed_axes(node, parent),
        )

    def _formula(self, node: Node, operand: int) -> str:
        """Return the rule of an operand; the last rule serves all further ones."""
        formulas = node.formulas or (PRIMITIVES[node.op].formulas if node.op in PRIMITIVES else ())
        template = formulas[min(operand, len(formulas) - 1)] if formulas else ""
        if not self._any_complex:
            return template
        return with_conjugates(template, node, [self._nodes[at] for at in node.parents], operand)

    def _summed_axes(self, node: Node, parent: Node) -> tuple[int, ...]:
        """Return the axes over which a contribution was summed, where the operation broadcasts."""
        if len(node.parents) < 2 or parent.shape == node.shape:
            return ()
        try:
            broadcast = np.broadcast_shapes(*(self._nodes[other].shape for other in node.parents))
        except ValueError:
            return ()
        return summed_axes(node.shape, parent.shape) if broadcast == node.shape else ()


class _Ledger:
    """What each parent has received so far, as the steps are gone through."""

    def __init__(self, reverse_pass: ReversePass) -> None:
        self._final = reverse_pass.cotangents
        self._sums: dict[int, Any] = {}
        self._parts: dict[int, int] = {}
        self._all: dict[int, int] = {}
        for step in reverse_pass.steps:
            for item in step.contributions:
                self._all[item.parent] = self._all.get(item.parent, 0) + 1

    def enter(self, item: Contribution) -> tuple[Any, int, int]:
        """Add a contribution; return the sum so far, which part it is, and of how many."""
        part = self._parts[item.parent] = self._parts.get(item.parent, 0) + 1
        parts = self._all[item.parent]
        if part == parts:
            # The last sum is the gradient itself, to the last bit.
            return self._final[item.parent], part, parts
        before = self._sums.get(item.parent)
        total = self._sums[item.parent] = item.value if before is None else before + item.value
        return total, part, parts


def _message(error: BaseException) -> str:
    if isinstance(error, BackwardError):
        return str(error)
    return (
        f"reverse pass must run to its end (got {type(error).__name__}: {error}); mend the rule that ended it"
    )


def _is_zero(cotangent: Value) -> bool:
    if type(cotangent) is np.float64:
        return bool(cotangent == 0)
    try:
        return not np.any(np.asarray(cotangent) != 0)
    except (TypeError, ValueError):
        # Symbolic elements may refuse to be compared; then nothing says that they are zero.
        return False
