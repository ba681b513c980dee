"""The check of a tape's gradients -> plain rows, and the sentence for the build log.

Layer `report`, inside the worker.
Read next: `sphinx_tape/tape/gradient_check.py`, which checks; `build.py`, which asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sphinx_tape.report.model import CheckFault, CheckReport, LeafCheck, Number
from sphinx_tape.report.preview import plain_float
from sphinx_tape.tape.gradient_check import check_pass

if TYPE_CHECKING:
    from sphinx_tape.report.model import NodeRow, TapeReport
    from sphinx_tape.tape import ReversePass, Tape
    from sphinx_tape.tape.blame import Blame
    from sphinx_tape.tape.gradient_check import LeafComparison

_NAMED = 3
"""Nodes that a warning names."""


def check_report(tape: Tape, done: ReversePass, *, own: bool) -> CheckReport:
    """Check the gradients of a reverse pass.

    Args:
        tape: What was recorded.
        done: Its reverse pass, complete.
        own: Whether we have recorded it, not another framework.
    """
    checked = check_pass(tape, done, own=own)
    return CheckReport(
        verdict=checked.verdict,
        leaves=tuple(map(_leaf_row, checked.leaves)),
        faults=tuple(map(_fault_row, checked.blamed)),
        alone=checked.alone,
        unreplayed=checked.unreplayed,
    )


def complaint(report: TapeReport) -> str:
    """Return the warning about wrong gradients; empty if nothing is wrong."""
    check, nodes = report.check, report.nodes
    if check is None or check.verdict != "wrong":
        return ""
    wrong = [leaf for leaf in check.leaves if leaf.verdict == "wrong"]
    blamed = "; ".join(_blame_text(fault, nodes) for fault in check.faults[:_NAMED])
    more = len(check.faults) - _NAMED
    if more > 0:
        blamed += f"; and {more} more"
    if not wrong:
        return f"values and rules of the tape must agree with their forward (got: {blamed}); mend them"
    return f"{_leaf_text(wrong[0], nodes)}; to blame: {blamed}"


def _leaf_row(leaf: LeafComparison) -> LeafCheck:
    found = leaf.finding
    if found is None:
        return LeafCheck(leaves=leaf.leaves, verdict=leaf.verdict, method="", blockers=leaf.blockers)
    return LeafCheck(
        leaves=leaf.leaves,
        verdict=leaf.verdict,
        method=found.method,
        directions=found.directions,
        compared=found.compared,
        kinks=found.kinks,
        step=_number(found.step),
        error=_number(found.error),
        tolerance=_number(found.tolerance),
        element=leaf.element,
        gradient=_number(found.gradient),
        expected=_number(found.expected),
    )


def _fault_row(blame: Blame) -> CheckFault:
    return CheckFault(
        node=blame.node,
        kind=blame.kind,
        operand=blame.operand,
        element=blame.element,
        found=_number(blame.found),
        expected=_number(blame.expected),
    )


def _number(value: complex) -> Number:
    """Return a number as the report writes it."""
    if isinstance(value, complex) and value.imag:
        # The parts may be the strings of non-finite numbers; see `report.model.Number`.
        return cast("Number", (plain_float(value.real), plain_float(value.imag)))
    return plain_float(float(value.real))


def _leaf_text(leaf: LeafCheck, nodes: tuple[NodeRow, ...]) -> str:
    row = nodes[leaf.leaves[0]]
    subject = f"gradient of node {row.id}" + (f" '{row.name}'" if row.name else "")
    if len(leaf.leaves) > 1:
        subject = f"gradients of {len(leaf.leaves)} leaves"
    place = f" at {list(leaf.element)}" if leaf.element else ""
    got = f"{_text(leaf.gradient)}, not {_text(leaf.expected)}{place}"
    return f"{subject} must agree with differences (got {got})"


def _blame_text(fault: CheckFault, nodes: tuple[NodeRow, ...]) -> str:
    row = nodes[fault.node]
    node = f"node {row.id} ({row.op})" + (f", line {row.source.line}" if row.source else "")
    place = f" at {list(fault.element)}" if fault.element else ""
    got = f"{_text(fault.found)}, not {_text(fault.expected)}{place}"
    if fault.kind == "rule":
        return f"local rule of {node} for operand {fault.operand} ({got})"
    if fault.kind == "value":
        return f"value of {node} is not what its operands give ({got})"
    return f"gradient of {node} is not the sum of its contributions ({got})"


def _text(number: Number) -> str:
    if isinstance(number, tuple):
        return f"{float(number[0]):.6g}{float(number[1]):+.6g}j"
    return f"{float(number):.6g}"
