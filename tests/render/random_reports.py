"""Random reports for hypothesis: any shape of tape, any names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.render.sample_reports import HOSTILE, Sketch

if TYPE_CHECKING:
    from sphinx_tape.report.model import TapeReport

names = st.one_of(st.just(""), st.sampled_from(HOSTILE), st.text(max_size=12))
cuts = st.sampled_from(["", "", "", "", "detach", "no_grad", "not_differentiable", "integer", "unreadable"])


@st.composite
def reports(draw: st.DrawFn, most: int = 14, *, finite: bool = False) -> TapeReport:
    """A tape of scalars whose output is any node, or none; only finite values survive JSON as they are."""
    sketch = Sketch()
    count = draw(st.integers(0, most))
    for node in range(count):
        parents = draw(st.lists(st.integers(0, node - 1), max_size=3)) if node else []
        name, value = draw(names), draw(st.floats(allow_nan=not finite, allow_infinity=not finite, width=32))
        if not parents:
            if draw(st.booleans()):
                sketch.leaf(name, value)
            else:
                sketch.constant(value, name)
            continue
        partials = tuple(draw(st.sampled_from([0.0, 1.0, -2.5])) for _ in parents)
        requires = any(sketch.rows[parent].requires_grad for parent in parents)
        cut = draw(cuts) if requires else ""
        scope = draw(st.sampled_from([(), ("a",), ("a", "b"), ("c",)]))
        more = {"name": name, "scope": scope, "cut": cut, "requires_grad": requires and not cut}
        sketch.scalar(
            draw(st.sampled_from(["add", "mul", 'odd "op"\\'])), value, tuple(parents), partials, **more
        )
    return sketch.report(draw(st.integers(0, count - 1)) if count and draw(st.booleans()) else None)
