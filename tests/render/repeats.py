"""Sketches of tapes with repeated blocks, for the tests of folding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.render.sample_reports import Sketch

if TYPE_CHECKING:
    from sphinx_tape.report.model import TapeReport


def recurrent(steps: int, *, first_inputs: bool = False, odd: int = 0) -> TapeReport:
    """H = tanh(h * w + x), a constant x at every step or all of them at the start.

    Args:
        steps: How often.
        first_inputs: Whether all constants come before the first step.
        odd: The step that has another operation than all others; 0: none.
    """
    sketch = Sketch()
    w, h = sketch.leaf("w", 0.5), sketch.constant(0.25, "h0")
    inputs = [sketch.constant(0.125, f"x{step}") for step in range(1, steps + 1)] if first_inputs else []
    for step in range(1, steps + 1):
        x = inputs[step - 1] if inputs else sketch.constant(0.125, f"x{step}")
        product = sketch.scalar("mul", 0.25, (h, w), (0.5, 0.25))
        total = sketch.scalar("sub" if step == odd else "add", 0.375, (product, x), (1.0, 1.0))
        h = sketch.scalar("tanh", 0.5, (total,), (0.75,), name=f"h{step}")
    return sketch.report(sketch.scalar("square", 0.25, (h,), (1.0,), name="loss"))
