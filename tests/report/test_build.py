"""The report says what the tape and its reverse pass hold."""

from dataclasses import replace

import numpy as np
import pytest

from sphinx_tape import Tape, no_grad
from sphinx_tape.errors import ReportError
from sphinx_tape.report.build import Origin, build_report
from sphinx_tape.report.model import SourceLine, SourceText
from sphinx_tape.report.serial import dumps, loads
from sphinx_tape.tape.node import Node


def baydin():
    """Ln x1 + x1 x2 - sin x2 at (2, 5): Baydin et al., JMLR 18 (2018), table 3."""
    tape = Tape()
    x1, x2 = tape.leaf(2.0, name="x1"), tape.leaf(5.0, name="x2")
    (np.log(x1) + x1 * x2 - np.sin(x2)).named("y")
    return tape


def fan_out():
    """Y = a*a + a: three contributions to a."""
    tape = Tape()
    a = tape.leaf(3.0, name="a")
    (a * a + a).named("y")
    return tape


def rows(report, name):
    """Node row and gradient row of the node with a name."""
    row = next(row for row in report.nodes if row.name == name)
    return row, report.reverse.gradients[row.id]


def test_adjoints_of_the_survey():
    """The adjoints of table 3: 5.5 for x1 and 1.716 for x2; the value is 11.652."""
    report = build_report(baydin(), "y")
    assert report.nodes[report.output].value.elements[0] == pytest.approx(11.652, abs=5e-4)
    assert rows(report, "x1")[1].gradient.elements == (5.5,)
    assert rows(report, "x2")[1].gradient.elements[0] == pytest.approx(1.716, abs=5e-4)
    assert rows(report, "y")[1].state == "output"


def test_a_value_that_was_not_kept_shows_its_shape_only():
    """What stands in its place on the tape is not described, and its node has a gradient all the same."""
    tape = Tape()
    x = tape.leaf([1.0, 2.0], name="x")
    kept = replace((x * x).node, known=False)
    tape = Tape()
    for node in (x.node, kept):
        tape.append(node)
    report = build_report(tape, 1, np.ones(2))
    value = report.nodes[1].value
    assert (value.kind, value.shape, value.dtype, value.elements) == ("unknown", (2,), "float64", ())
    assert report.reverse.gradients[0].gradient.elements == (2.0, 4.0)
    assert loads(dumps(report)) == report


def test_every_node_has_a_row_in_id_order():
    """Node rows and gradient rows are complete and ordered; steps descend from the output."""
    report = build_report(baydin(), "y")
    assert [row.id for row in report.nodes] == list(range(len(report.nodes)))
    assert [row.node for row in report.reverse.gradients] == list(range(len(report.nodes)))
    assert [step.node for step in report.reverse.steps] == list(range(report.output, -1, -1))


def test_running_sums_at_fan_out():
    """A receives 1, 3 and 3: sums 1, 4, 7, numbered parts 1 to 3."""
    report = build_report(fan_out(), "y")
    a = rows(report, "a")[0].id
    got = [
        (item.value.elements[0], item.running.elements[0], item.part, item.parts)
        for step in report.reverse.steps
        for item in step.contributions
        if item.parent == a
    ]
    assert got == [(1.0, 1.0, 1, 3), (3.0, 4.0, 2, 3), (3.0, 7.0, 3, 3)]
    assert rows(report, "a")[1].gradient.elements == (7.0,)


def test_single_contributions_have_no_running_sum():
    """Nothing is added up where only one contribution comes."""
    report = build_report(fan_out(), "y")
    product = next(row for row in report.nodes if row.op == "mul").id
    (item,) = [i for step in report.reverse.steps for i in step.contributions if i.parent == product]
    assert (item.running, item.part, item.parts) == (None, 1, 1)


def test_formulas_and_notes_come_from_the_table():
    """Step rows carry the rule of their operand, node rows the forward formula and the convention."""
    tape = Tape()
    x = tape.leaf(-1.0, name="x")
    (abs(x) * x).named("y")
    report = build_report(tape, "y")
    step = report.reverse.steps[0]
    assert [item.formula for item in step.contributions] == [r"@g \cdot @1", r"@g \cdot @0"]
    assert report.nodes[1].tex == r"\lvert @0 \rvert"
    assert report.nodes[1].note == ""


def test_the_convention_is_told_where_it_is_used():
    """The absolute value of zero rests on a convention; that of minus one, above, does not."""
    tape = Tape()
    abs(tape.leaf(0.0, name="x")).named("y")
    assert "kink" in build_report(tape, "y").nodes[1].note


def test_variadic_rules_serve_all_operands():
    """The last formula of a variadic operation is that of all further operands."""
    tape = Tape()
    parts = [tape.leaf(np.ones(2), name=n) for n in "abc"]
    np.concatenate(parts).sum().named("y")
    report = build_report(tape, "y")
    joined = next(step for step in report.reverse.steps if report.nodes[step.node].op == "concatenate")
    assert len(joined.contributions) == 3
    assert all(item.formula for item in joined.contributions)


def test_broadcast_axes_are_named():
    """A row added to a matrix is summed over axis 0 on the way back; the matrix over none."""
    tape = Tape()
    m, row = tape.leaf(np.ones((3, 2)), name="m"), tape.leaf(np.ones((1, 2)), name="row")
    (m + row).sum().named("y")
    added = next(s for s in build_report(tape, "y").reverse.steps if len(s.contributions) == 2)
    assert [item.summed_axes for item in added.contributions] == [(), (0,)]


@pytest.mark.parametrize(
    ("left", "right"), [((2, 3), (3,)), ((2, 3), (3, 4)), ((5, 2, 3), (3, 4)), ((1, 3), (3, 3))]
)
def test_products_of_matrices_do_not_broadcast(left, right):
    """Operands of matmul differ in shape from the result without being summed axis by axis."""
    tape = Tape()
    a, b = tape.leaf(np.ones(left), name="a"), tape.leaf(np.ones(right), name="b")
    (a @ b).sum().named("y")
    step = build_report(tape, "y").reverse.steps[1]
    assert all(item.summed_axes == () for item in step.contributions)


def test_zero_is_a_gradient_and_missing_is_not():
    """Exactly zero is a value; a leaf that the output does not use has none, with its reason."""
    tape = Tape()
    x, unused = tape.leaf(2.0, name="x"), tape.leaf(1.0, name="unused")
    (x * 0.0).named("y")
    report = build_report(tape, "y")
    assert rows(report, "x")[1].state == "zero"
    row = rows(report, "unused")[1]
    assert (row.state, row.gradient, row.reason.kind) == ("missing", None, "not_reached")
    coverage = report.reverse.coverage
    assert (coverage.required, coverage.reached) == (3, 2)
    assert coverage.missing == coverage.missing_leaves == (unused.id,)


def test_reasons():
    """Each missing gradient names what cut it off."""
    tape = Tape()
    w, v = tape.leaf(2.0, name="w"), tape.leaf(3.0, name="v")
    cut = (w * 2.0).detach().named("cut")
    with no_grad():
        quiet = (v * 2.0).named("quiet")
    x = tape.leaf(1.0, name="x")
    (x + cut + quiet).named("y")
    report = build_report(tape, "y")
    assert (rows(report, "w")[1].reason.kind, rows(report, "w")[1].reason.blocker) == ("detach", cut.id)
    assert rows(report, "v")[1].reason.kind == "no_grad"
    assert rows(report, "cut")[1].state == "not_asked"
    statuses = {report.nodes[step.node].name: step.status for step in report.reverse.steps}
    assert (statuses["w"], statuses["quiet"], statuses["x"]) == ("no_upstream", "not_asked", "propagates")


def test_no_output_still_reports_the_nodes():
    """Without an output there is a forward part and a reason."""
    report = build_report(fan_out(), None)
    assert (len(report.nodes), report.output, report.reverse) == (3, None, None)
    assert report.failure.subtype == "output"


@pytest.mark.parametrize(("output", "subtype"), [("nope", "output"), (99, "output")])
def test_unknown_output(output, subtype):
    """An unknown output is a failure beside the forward part."""
    report = build_report(fan_out(), output)
    assert report.failure.subtype == subtype
    assert report.nodes


def test_seed_of_wrong_shape():
    """A wrong seed stops the reverse pass; output and nodes stay."""
    report = build_report(fan_out(), "y", seed=[1.0, 2.0])
    assert (report.failure.subtype, report.output, report.reverse) == ("output", 2, None)


def test_given_seed():
    """A vector output with a seed: the gradient of x*x is 2 x seed."""
    tape = Tape()
    x = tape.leaf(np.array([1.0, 2.0]), name="x")
    (x * x).named("y")
    report = build_report(tape, "y", seed=[10.0, 1.0])
    assert report.reverse.seed.elements == (10.0, 1.0)
    assert rows(report, "x")[1].gradient.elements == (20.0, 4.0)


def broken(rule):
    """Exp -> a node with a broken rule -> log, and a side branch that stays whole."""
    tape = Tape()
    x = tape.leaf(1.0, name="x")
    e = x.exp().named("e")
    tape._nodes[e.id] = replace(e.node, vjp=rule)
    (e.log() + x * 2.0).named("y")
    return tape, e.id


def test_failing_rule_keeps_the_steps_before_it():
    """A rule that raises shows its message at its node; later nodes have nothing, earlier ones their step."""

    def rule(_):
        message = "broken"
        raise ValueError(message)

    tape, id_ = broken(rule)
    report = build_report(tape, "y", origin=Origin(explain=lambda error: (repr(error),)))
    assert (report.failure.subtype, report.failure.node) == ("backward", id_)
    assert report.failure.traceback == ("ValueError('broken')",)
    statuses = {step.node: step.status for step in report.reverse.steps}
    assert statuses[id_] == "failed"
    assert statuses[0] == "no_upstream"
    assert statuses[report.output] == "propagates"
    step = next(step for step in report.reverse.steps if step.node == id_)
    assert "ValueError: broken" in step.failure
    assert step.cotangent is not None


def test_incomplete_sums_are_not_shown_as_gradients():
    """Node x has got one of its two contributions when the pass stops: that is no gradient."""
    tape, _ = broken(lambda _: 1 / 0)
    report = build_report(tape, "y")
    assert rows(report, "x")[1].gradient is None
    assert rows(report, "x")[1].state == "missing"


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt])
def test_rules_that_exit(error):
    """A rule that exits the interpreter is a failure like any other."""

    def rule(_):
        raise error

    tape, _ = broken(rule)
    report = build_report(tape, "y")
    assert report.failure.subtype == "backward"
    assert report.failure.message.startswith(f"reverse pass must run to its end (got {error.__name__}")


def test_sources_are_located_by_the_caller():
    """How files are named is decided by whoever knows the folders."""
    origin = Origin(
        locate=lambda s: SourceLine("here.py", s.line, "text"), source=SourceText("here.py", 1, ())
    )
    report = build_report(fan_out(), "y", origin=origin)
    assert report.nodes[0].source.file == "here.py"
    assert report.builder_source.file == "here.py"
    assert build_report(fan_out(), "y").nodes[0].source is None


def test_unknown_operations_have_no_formula():
    """An adapter may record operations that the table does not have."""
    tape = Tape()
    x = tape.leaf(1.0)
    tape.append(Node(id=1, op="foreign", value=np.float64(1), parents=(x.id,), vjp=lambda g: (g,), note="n"))
    report = build_report(tape, 1)
    assert (report.nodes[1].tex, report.nodes[1].note) == ("", "n")
    assert report.reverse.steps[0].contributions[0].formula == ""


def test_empty_tape():
    """A tape without nodes is a report without rows."""
    assert build_report(Tape(), None).nodes == ()
    assert build_report(Tape(), 0).failure.subtype == "output"


def test_size_is_refused_early_and_never_too_early():
    """The estimate is below the real size, so that no report within the limit is refused."""
    report = build_report(baydin(), "y")
    assert build_report(baydin(), "y", origin=Origin(limit=len(dumps(report)))) == report
    with pytest.raises(ReportError, match="report must be at most"):
        build_report(baydin(), "y", origin=Origin(limit=50))


def test_author_settings_of_numpy_do_not_matter():
    """Error modes and print options of the author change nothing."""
    expected = build_report(baydin(), "y")
    with np.errstate(all="raise"), np.printoptions(precision=1):
        assert build_report(baydin(), "y") == expected


def test_symbolic_elements_that_refuse_comparison():
    """An element that cannot say whether it is zero is not called zero."""

    class Stubborn:
        def __mul__(self, other: object) -> "Stubborn":
            return self

        __rmul__ = __add__ = __radd__ = __mul__

        def __ne__(self, other: object) -> bool:
            message = "cannot say"
            raise TypeError(message)

        __hash__ = None

        def __str__(self) -> str:
            return "s"

    tape = Tape()
    value = np.empty((), dtype=object)
    value[()] = Stubborn()
    tape.append(Node(id=0, op="leaf", value=value))
    tape.append(Node(id=1, op="foreign", value=value, parents=(0,), vjp=lambda _: (value,)))
    assert build_report(tape, 1).reverse.gradients[0].state == "gradient"
