"""`render.steps`: the reverse pass worked out."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from sphinx_tape.render.content import plain
from sphinx_tape.render.numbers import format_number
from sphinx_tape.render.steps import forward_steps, reverse_steps, wording
from sphinx_tape.report.model import ContributionRow, StepRow
from tests.render.random_reports import reports
from tests.render.sample_reports import (
    Sketch,
    detached,
    diamond,
    failing,
    layers,
    neuron,
    no_reverse,
    preview,
    square,
    unknown,
)


def reverse_of(report, **more):
    """All reverse steps."""
    return reverse_steps(wording(report, 4, **more), range(len(report.nodes)))


def test_forward_steps_are_worked_out():
    """The neuron: loss = v6² = (-3)² = 9, with the edges that are used and the author's line."""
    report = neuron()
    step = forward_steps(wording(report, 4), range(8))[-1]
    assert (step.number, step.node, plain(step.heading)) == (8, 7, "7: loss square")
    assert (step.left.text, step.rule.text, step.numbers.text) == ("loss", "v6^2", "(-3)^2")
    assert plain(step.result.line) == "9"
    assert step.edges == ("6-7-0",)
    assert step.source.line == 17


def test_a_value_that_nobody_kept_is_not_worked_out():
    """The rule stays; numbers put in would promise a result."""
    report = neuron()
    rows = [row._replace(value=unknown(row.value)) if row.id == 7 else row for row in report.nodes]
    step = forward_steps(wording(report._replace(nodes=tuple(rows)), 4), range(8))[-1]
    assert (step.rule.text, step.numbers, plain(step.result.line)) == ("v6^2", None, "not known")


def test_reverse_steps_go_from_the_output_down():
    """One step a node, numbered in the order of the visits."""
    steps = reverse_of(neuron())
    assert [step.number for step in steps] == list(range(1, 9))
    assert [step.node for step in steps] == list(range(7, -1, -1))


def test_a_contribution_is_rule_numbers_and_result():
    """To w: grad(v3) x = -6 · 3 = -18."""
    step = next(s for s in reverse_of(neuron()) if s.node == 3)
    made = step.contributions[0]
    assert plain(made.target) == "0: w"
    assert (made.left.text, made.rule.text, made.numbers.text) == ("grad(w)", "grad(v3) · x", "-6 · 3")
    assert plain(made.result.line) == "-18"
    assert not made.adds
    assert made.total is None
    assert step.edges == ("0-3-0", "1-3-1")
    assert step.done == (0, 1)


def test_numbers_that_say_nothing_new_are_left_out():
    """`grad(v3) = grad(a) = -6`: no second -6."""
    step = next(s for s in reverse_of(neuron()) if s.node == 4)
    assert step.contributions[0].numbers is None


def test_the_last_running_sum_is_the_gradient():
    """The diamond's x gets 36, then 18: the second sum is 54 and says that it is the gradient."""
    report = diamond()
    into_x = [c for step in reverse_of(report) for c in step.contributions if c.parent == 0]
    assert [plain(c.total.line) for c in into_x] == ["36", "36 + 18 = 54"]
    assert [c.total_words for c in into_x] == [
        "sum after 1 of 2 contributions",
        "sum of the 2 contributions, the gradient of x",
    ]
    assert [c.complete for c in into_x] == [False, True]
    assert all(c.adds for c in into_x)


def test_negative_contributions_are_added_in_parentheses():
    """1 + (-1) = 0, also where both come from one step."""
    sketch = Sketch()
    x = sketch.leaf("x", 2.0)
    report = sketch.report(sketch.scalar("subtract", 0.0, (x, x), (1.0, -1.0)))
    totals = [plain(c.total.line) for c in reverse_of(report)[0].contributions]
    assert totals == ["1", "1 + (-1) = 0"]


def test_sums_of_exact_values_are_math():
    """Fractions are added as fractions, negative ones in parentheses."""
    step = StepRow(
        1,
        "propagates",
        preview("1", kind="exact", dtype="object"),
        tuple(
            ContributionRow(
                operand=part - 1,
                parent=0,
                value=preview(value, kind="exact", dtype="object"),
                running=preview(running, kind="exact", dtype="object"),
                part=part,
                parts=2,
                formula="",
                summed_axes=(),
            )
            for part, value, running in ((1, "1/2", "1/2"), (2, "-1/3", "1/6"))
        ),
    )
    report = square()
    reverse = report.reverse._replace(steps=(step,))
    (_, last) = reverse_of(report._replace(reverse=reverse))[0].contributions
    assert plain(last.total.line) == "1/2 + (-1/3) = 1/6"
    assert last.total.line[0].formula.tex == r"\frac{1}{2} + (-\frac{1}{3}) = "


def test_sums_count_hidden_steps():
    """A sum goes on from what hidden nodes sent."""
    report = diamond()
    steps = reverse_steps(wording(report, 4), (0, 2, 4))
    (into_x,) = [c for step in steps for c in step.contributions if c.parent == 0]
    assert plain(into_x.total.line) == "36 + 18 = 54"


def test_operands_are_told_apart_where_one_value_is_used_twice():
    """In x * x, one node sends two contributions to x, by operand position."""
    targets = [plain(c.target) for c in reverse_of(square())[0].contributions]
    assert targets == ["0: x as operand 0", "0: x as operand 1"]


def test_overwriting_is_shown_on_request():
    """An engine that overwrites would keep only the last contribution."""
    (first, last) = reverse_of(square(), overwriting=True)[0].contributions
    assert first.notes == ()
    assert last.notes == ("overwriting instead of adding would leave 3",)
    assert reverse_of(square())[0].contributions[1].notes == ()


def test_summed_axes_are_said():
    """Broadcasting is undone by a sum, over axes that are named."""
    report = layers()
    step = next(s for s in report.reverse.steps if s.node == 4)
    summed = step.contributions[1]._replace(summed_axes=(0,))
    changed = step._replace(contributions=(step.contributions[0], summed))
    steps = tuple(changed if s.node == 4 else s for s in report.reverse.steps)
    whole = report._replace(reverse=report.reverse._replace(steps=steps))
    made = next(s for s in reverse_of(whole) if s.node == 4)
    assert made.contributions[1].notes == ("summed over axis 0 to undo broadcasting",)


@pytest.mark.parametrize(
    ("node", "words", "note"),
    [
        (2, "no upstream gradient, although required", "cut by detach at 5: detach"),
        (5, "requires no gradient", None),
        (0, "has an upstream gradient", "a leaf: its cotangent is its gradient"),
    ],
)
def test_every_status_is_said(node, words, note):
    """Why a step sends nothing is written at the step."""
    step = next(s for s in reverse_of(detached()) if s.node == node)
    assert step.status_words == words
    assert [plain(line).startswith(note) for line in step.notes] == ([True] if note else [])


def test_a_node_whose_operands_ask_for_nothing_says_so():
    """Something must be said where the pass ends at an operation."""
    sketch = Sketch()
    two = sketch.constant(2.0)
    report = sketch.report(sketch.scalar("exp", 7.4, (two,), (7.4,)))
    assert plain(reverse_of(report)[0].notes[0]) == "nothing goes on: no operand requires a gradient"


def test_exact_values_are_math():
    """Fractions are set like the formulas beside them, with their plain text kept."""
    sketch = Sketch()
    sketch.leaf("x", "1/3", dtype="object", kind="exact")
    (step,) = forward_steps(wording(sketch.report(None), 4), (0,))
    assert plain(step.result.line) == "1/3"
    assert step.result.line[0].formula.tex == r"\frac{1}{3}"


def test_a_failing_rule_is_shown_at_its_node():
    """The message stands where the rule failed; what is below was not visited."""
    steps = {step.node: step for step in reverse_of(failing())}
    assert steps[3].failure == "rule of node 3 (broken) failed (got ZeroDivisionError)"
    assert steps[3].status_words == "local rule failed"
    assert steps[4].failure == ""
    assert steps[2].cotangent is None


def test_without_a_reverse_pass_there_are_no_steps():
    """A pass that could not start has only forward steps."""
    assert reverse_of(no_reverse()) == ()


def test_hidden_nodes_have_no_step():
    """Steps show what drawing and tables show, numbered without gaps."""
    steps = reverse_steps(wording(neuron(), 4), (6, 7))
    assert [(step.number, step.node) for step in steps] == [(1, 7), (2, 6)]


@settings(max_examples=60, deadline=None)
@given(reports())
def test_replaying_the_ledger_gives_the_gradients(report):
    """Adding up the printed contributions per node gives the report's gradients, within printed digits."""
    if report.reverse is None:
        return
    sums = {report.reverse.output: 1.0}
    words = wording(report, 17)
    for step in reverse_steps(words, range(len(report.nodes))):
        for made in step.contributions:
            number = float(plain(made.result.line))
            # Not from 0.0 on: a sum that begins there never is -0.0, as a lone contribution may be.
            sums[made.parent] = sums[made.parent] + number if made.parent in sums else number
    for row in report.reverse.gradients:
        if row.gradient is not None:
            number = row.gradient.elements[0]
            assert format_number(sums[row.node], "float64", 12) == format_number(number, "float64", 12)


@settings(max_examples=40, deadline=None)
@given(reports())
def test_each_gradient_is_completed_once(report):
    """Every node with a gradient is done in exactly one step, no other node ever is."""
    done = [node for step in reverse_of(report) for node in step.done]
    rows = report.reverse.gradients if report.reverse else ()
    assert sorted(done) == [row.node for row in rows if row.gradient is not None]
