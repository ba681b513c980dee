"""Every operation of the table, recorded, differentiated and written as a page."""

from __future__ import annotations

import numpy as np
import pytest

from sphinx_tape.render.content import ReverseSteps
from sphinx_tape.render.sections import sections
from sphinx_tape.report.build import build_report
from sphinx_tape.tape import Tape
from sphinx_tape.tape.primitives import PRIMITIVES
from sphinx_tape.tape.tape import apply
from tests.render.figures import figure, options
from tests.render.test_html import faults


def recorded(name, sample):
    """A report of one operation on its own sample, seeded with ones."""
    tape = Tape()
    operands = [
        tape.leaf(operand, name=f"x_{place}") if np.asarray(operand).dtype.kind in "fc" else operand
        for place, operand in enumerate(sample.operands)
    ]
    result = apply(name, *operands, **sample.keywords).named("y")
    return build_report(tape, "y", np.ones(result.shape, dtype=result.dtype))


@pytest.mark.parametrize("name", PRIMITIVES)
def test_every_operation_makes_a_sound_page(name):
    """Formulas convert, scripts stand at the side, and nothing but our elements is on the page."""
    for sample in PRIMITIVES[name].samples:
        assert faults(figure(recorded(name, sample))) == []


@pytest.mark.parametrize("name", PRIMITIVES)
def test_every_rule_is_written_out(name):
    """Where something is sent to an operand, its rule stands beside it, in symbols."""
    report = recorded(name, PRIMITIVES[name].samples[0])
    (steps,) = [
        block
        for section in sections(report, options("trace"), "")
        for block in section.blocks
        if isinstance(block, ReverseSteps)
    ]
    for made in (c for step in steps.steps for c in step.contributions):
        assert made.rule is not None, (name, made.operand)
        assert "@" not in made.rule.text
