"""Claims about `sphinx_tape.tape.gradient_check`: right tapes pass, planted faults are found in place."""

# ruff: noqa: N812 -- F is the name the documentation uses

import sys
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from sphinx_tape import Tape, backward
from sphinx_tape import functions as F
from sphinx_tape.tape import Node
from sphinx_tape.tape.gradient_check import check_pass, check_tape
from sphinx_tape.tape.primitives import PRIMITIVES


def network(dtype=np.float64):
    """A small network with shared weights, broadcasting, fan-out and a cut."""
    tape = Tape()
    x = tape.constant(np.linspace(-1, 1, 8).reshape(2, 4).astype(dtype))
    w = tape.leaf(np.sin(np.arange(16.0)).reshape(4, 4).astype(dtype), name="w")
    b = tape.leaf(np.array([0.1, -0.2, 0.3, 0.05], dtype), name="b")
    hidden = F.tanh(x @ w + b)
    again = F.tanh(hidden @ w + b)
    return (again * again.detach() + hidden).sum()


def planted(output, op, rule, which=0):
    """Replace the local VJP of a node of that operation; return the node's id.

    `rule` gets the right contributions and the cotangent, and returns the wrong ones.
    """
    nodes = output.tape._nodes
    node = [each for each in nodes if each.op == op][which]
    right = node.vjp
    nodes[node.id] = replace(node, vjp=lambda g: rule(list(right(g)), g))
    return node.id


def blamed_nodes(checked):
    return [blame.node for blame in checked.blamed]


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
def test_right_tape_passes(dtype):
    """Every leaf agrees with differences over the tape run again; what is detached is held fixed."""
    checked = check_tape(network(dtype))
    assert checked.verdict == "right"
    assert [leaf.leaves for leaf in checked.leaves] == [(1,), (2,)]
    assert checked.blamed == ()
    assert checked.alone == 0


def test_analytic_tapes_are_checked_by_complex_steps():
    """They agree to nearly all digits of float64; a kinked operation on the way makes it differences."""
    checked = check_tape(network())
    assert {leaf.finding.method for leaf in checked.leaves} == {"complex step"}
    assert checked.worst.finding.error < 1e-14
    tape = Tape()
    x = tape.leaf(np.array([1.0, -2.0]))
    (leaf,) = check_tape(F.relu(x).sum()).leaves
    assert (leaf.verdict, leaf.finding.method) == ("right", "central differences")
    assert 0 < leaf.finding.step < 1e-4


FAULTS = {
    "wrong sign": ("tanh", lambda sent, _g: [-sent[0]]),
    "factor": ("tanh", lambda sent, _g: [2 * sent[0]]),
    "factor near one": ("tanh", lambda sent, _g: [1.0001 * sent[0]]),
    "missing transpose": ("matmul", lambda sent, _g: [None, sent[1].T]),
    "missing broadcast sum": ("add", lambda sent, g: [sent[0], g[0]]),
    "cotangent ignored": ("tanh", lambda sent, g: [sent[0] / g]),
    "one element": ("add", lambda sent, _g: [sent[0], sent[1] + [0, 0, 1e-3, 0]]),
    "not a number": ("tanh", lambda sent, _g: [sent[0] * np.nan]),
    "nothing sent": ("tanh", lambda _sent, _g: [None]),
    "operands swapped": ("add", lambda sent, g: [np.broadcast_to(sent[1], g.shape), sent[1]]),
}


@pytest.mark.parametrize("which", [0, -1])
@pytest.mark.parametrize("fault", FAULTS)
def test_planted_fault_is_caught_at_its_node(fault, which):
    """Exactly the node with the wrong rule is blamed, wherever it stands."""
    output = network()
    op, rule = FAULTS[fault]
    # Only the first matmul and add have a constant operand or are followed by all that follows.
    which = 0 if op == "matmul" else which
    if op == "add" and which == -1:
        which = 1
    node = planted(output, op, rule, which)
    checked = check_tape(output)
    assert checked.verdict == "wrong"
    assert not checked.ok
    assert blamed_nodes(checked) == [node]
    assert checked.blamed[0].kind == "rule"
    assert checked.worst.verdict == "wrong"
    assert checked.alone > 5


def test_stale_operand_is_caught():
    """A rule that uses what its operand was before disagrees with its own forward."""
    tape = Tape()
    x, w = tape.leaf(3.0), tape.leaf(2.0)
    output = (w * x).square()
    planted(output, "mul", lambda _sent, g: [g * 4.0, g * 2.0])
    (blame,) = check_tape(output).blamed
    assert (blame.node, blame.kind, blame.operand, blame.element) == (2, "rule", 0, ())
    assert (blame.found, blame.expected) == (4.0, pytest.approx(3.0))


def test_stale_value_is_caught():
    """A value that its operands do not give any more is named, with both numbers."""
    tape = Tape()
    w = tape.leaf(2.0)
    output = (w * 3.0).square()
    tape._nodes[0] = replace(w.node, value=np.float64(2.5))
    checked = check_tape(output)
    (blame,) = checked.blamed
    assert (blame.node, blame.kind, blame.found, blame.expected) == (2, "value", 6.0, 7.5)
    assert checked.verdict == "wrong"


def test_overwritten_accumulation_is_caught(monkeypatch):
    """If the last contribution replaced the sum, the nodes used more than once are blamed for their sum."""
    # `sphinx_tape.tape.backward` names the function; the module of that name is found by its path.
    engine = sys.modules["sphinx_tape.tape.backward"]

    def replaces(cotangents, owned, parent, value):
        cotangents[parent] = value

    monkeypatch.setattr(engine, "accumulate", replaces)
    output = network()
    used = [parent for node in output.tape.nodes if node.requires_grad for parent in node.parents]
    twice = {id_ for id_ in used if used.count(id_) > 1 and output.tape.nodes[id_].requires_grad}
    checked = check_tape(output)
    assert checked.verdict == "wrong"
    assert {blame.kind for blame in checked.blamed} == {"sum"}
    assert set(blamed_nodes(checked)) == twice


def test_gradient_that_changed_after_the_pass_is_caught():
    """The gradient shown is held against the sum of its contributions, too."""
    tape = Tape()
    w = tape.leaf(2.0)
    output = w * w
    done = backward(output)
    wrong = replace(done, cotangents=(np.float64(2.0), *done.cotangents[1:]))
    (blame,) = check_pass(tape, wrong).blamed
    assert (blame.node, blame.kind, blame.found, blame.expected) == (0, "sum", 2.0, 4.0)


@pytest.mark.parametrize("name", [name for name in PRIMITIVES if any(PRIMITIVES[name].vjps)])
def test_planted_factor_is_caught_at_every_primitive(name):
    """On each first sample: right as it is, and blamed with a rule that is wrong by a thousandth."""

    def recorded():
        primitive = PRIMITIVES[name]
        sample = primitive.samples[0]
        tape = Tape()
        operands = [
            tape.leaf(each) * 1.0 if np.asarray(each).dtype.kind in "fc" else tape.constant(each)
            for each in sample.operands
        ]
        output = tape.record(name, tuple(operands), dict(sample.keywords))
        return output if output.requires_grad else None

    output = recorded()
    if output is None:
        assert name in {"cast", "detach"}
        return
    assert check_tape(output).verdict == "right"
    planted(output, name, lambda sent, _g: [part if part is None else part * 1.001 for part in sent], -1)
    checked = check_tape(output)
    assert blamed_nodes(checked) == [output.id]


def test_a_seed_and_its_gradients_are_those_of_the_report():
    """What is checked is the pass that was run, with the seed that it was given."""
    tape = Tape()
    w = tape.leaf(np.array([1.0, 2.0, 3.0]))
    output = w * w
    done = backward(output, seed=np.array([1.0, 0.0, -2.0]))
    checked = check_pass(tape, done)
    assert checked.verdict == "right"
    assert done.gradient(w).tolist() == [2.0, 0.0, -12.0]


KINKS = {
    "relu at 0": lambda x: F.relu(x).sum(),
    "abs at 0, which differences call right": lambda x: F.abs(x).sum(),
    "a tie": lambda x: F.maximum(x, 0.0).sum(),
    "the largest of equals": F.max,
    "square root at 0": lambda x: F.sqrt(x * x).sum(),
    "norm of nothing": F.norm,
    "a kink that cancels": lambda x: (F.relu(x) - F.relu(-x)).sum(),
}


@pytest.mark.parametrize("kink", KINKS)
def test_kinks_are_said_to_be_kinks(kink):
    """Where there is no derivative, nothing is wrong, nothing is right, and no node is blamed."""
    x = Tape().leaf(np.zeros(2))
    with np.errstate(all="ignore"):
        checked = check_tape(KINKS[kink](x))
    assert checked.verdict == "kink"
    assert checked.blamed == ()


def test_wrong_convention_at_a_kink_is_wrong():
    """At 0 a rule for relu may say anything from 0 to 1, and not 5."""
    tape = Tape()
    x = tape.leaf(np.array([0.0, 1.0]))
    for value, verdict in ((0.5, "kink"), (5.0, "wrong")):
        output = F.relu(x).sum()
        planted(output, "relu", lambda sent, _g, value=value: [np.array([value, sent[0][1]])], -1)
        assert check_tape(output).verdict == verdict


def test_a_fault_beside_a_kink_is_found():
    """An element with a kink does not hide the next one, whose sign is wrong."""
    tape = Tape()
    x = tape.leaf(np.array([0.0, 1.0, -1.0]))
    output = F.abs(x).sum()
    node = planted(output, "abs", lambda sent, _g: [-sent[0]])
    checked = check_tape(output)
    assert blamed_nodes(checked) == [node]


def test_large_leaf_is_moved_in_random_directions():
    """The same ones in every run; a fault of one element is found and its index given."""
    tape = Tape()
    w = tape.leaf(np.linspace(0.1, 1.0, 1000).reshape(10, 100), name="w")
    output = F.exp(w).sum()
    first, second = check_tape(output), check_tape(output)
    (leaf,) = first.leaves
    assert (leaf.verdict, leaf.finding.directions, leaf.finding.compared) == ("right", 8, 8)
    assert second.leaves[0].finding == leaf.finding

    def wrong(sent, _g):
        sent[0][7, 31] *= 1.01
        return sent

    node = planted(output, "exp", wrong)
    checked = check_tape(output)
    assert blamed_nodes(checked) == [node]
    assert checked.worst.element == (7, 31)


def test_very_many_leaves_are_moved_together():
    """A long tape is checked in a few directions of all leaves at once; its fault is still found."""
    tape = Tape()
    leaves = [tape.leaf(0.5 + 0.001 * n) for n in range(320)]
    total = leaves[0]
    for leaf in leaves[1:]:
        total = F.sin(total * 0.9) + 0.1 * leaf
    (together,) = check_tape(total).leaves
    assert (together.verdict, len(together.leaves)) == ("right", 320)
    node = planted(total, "sin", lambda sent, _g: [-sent[0]], 310)
    checked = check_tape(total)
    assert blamed_nodes(checked) == [node]


def test_complex_leaves_are_moved_in_both_parts():
    """The gradient of |z|^2 is 2z; its conjugate is wrong."""
    tape = Tape()
    z = tape.leaf(np.array([1 + 2j, 3 - 1j]))
    output = (F.abs(z) ** 2).sum()
    assert check_tape(output).verdict == "right"
    node = planted(output, "abs", lambda sent, _g: [np.conjugate(sent[0])])
    checked = check_tape(output)
    assert blamed_nodes(checked) == [node]
    blame = checked.blamed[0]
    assert blame.found.imag == pytest.approx(-blame.expected.imag)


def test_exact_tapes_are_checked_as_floats():
    """Fractions have derivatives that differences can see; symbols have no numbers."""
    tape = Tape()
    x = tape.leaf(Fraction(2, 3))
    assert check_tape(x * x + Fraction(1, 2) * x).verdict == "right"
    sympy = pytest.importorskip("sympy")
    symbolic = Tape().leaf(sympy.Symbol("x"))
    assert check_tape(symbolic * symbolic).verdict == "unchecked"


HARD = {
    "a tiny number": lambda tape: F.log(tape.leaf(1e-7)),
    "a huge sum that cancels": lambda tape: (tape.leaf(1.0) + 1e8) - 1e8,
    "a sum that is always 1": lambda tape: F.softmax(tape.leaf(np.array([1.0, 2.0, 3.0]))).sum(),
    "a steep function": lambda tape: F.exp(tape.leaf(30.0) * 10.0),
    "a very flat one": lambda tape: F.sigmoid(tape.leaf(40.0)),
    "near a kink": lambda tape: F.relu(tape.leaf(np.array([1e-7, -1e-7, 1e-6]))).sum(),
    "a large number": lambda tape: F.sin(tape.leaf(1e6)),
    "float32 that loses digits": lambda tape: 1.0 / (tape.leaf(np.float32(1.0001)) - np.float32(1.0)),
    "deep": lambda tape: deep(tape.leaf(0.3)),
}


def deep(x):
    for _ in range(300):
        x = F.sin(x) * 1.01
    return x


@pytest.mark.parametrize("case", HARD)
def test_hard_numbers_raise_no_false_alarm(case):
    """Neither rounding nor a step that is too long for the function is taken for a fault."""
    checked = check_tape(HARD[case](Tape()))
    assert checked.verdict == "right"


def test_values_that_are_not_finite_prove_nothing():
    """The logarithm of 0 has no derivative to compare with, and its rule is not blamed."""
    with np.errstate(divide="ignore"):
        checked = check_tape(F.log(Tape().leaf(0.0)) * 2.0)
    assert checked.verdict == "unresolved"
    assert checked.blamed == ()


def foreign(vjp, op="weird", value=9.0):
    """A tape with an operation that THE table does not know."""
    tape = Tape()
    x, y = tape.leaf(3.0), tape.leaf(2.0)
    tape.append(Node(id=2, op=op, value=np.float64(value), parents=(x.id,), vjp=vjp))
    return (tape.variable(2) * y).square()


def test_what_cannot_be_run_again_is_said():
    """The leaf behind an unknown operation is not checked, the other one is, and so is every known rule."""
    output = foreign(lambda g: [6.0 * g])
    checked = check_pass(output.tape, backward(output), own=False)
    assert [(leaf.leaves, leaf.verdict) for leaf in checked.leaves] == [((0,), "unchecked"), ((1,), "right")]
    assert checked.leaves[0].blockers == (2,)
    assert checked.unreplayed == (2,)
    assert checked.alone == 2
    assert checked.verdict == "unchecked"


def test_known_rules_are_checked_one_by_one_behind_unknown_ones():
    """A fault is found even where no leaf can be compared."""
    tape = Tape()
    x = tape.leaf(3.0)
    tape.append(Node(id=1, op="weird", value=np.float64(9.0), parents=(x.id,), vjp=lambda g: [6.0 * g]))
    output = F.exp(tape.variable(1))
    node = planted(output, "exp", lambda sent, _g: [2 * sent[0]])
    checked = check_pass(tape, backward(output), own=False)
    assert blamed_nodes(checked) == [node]


def test_foreign_operation_with_unknown_keywords_is_not_blamed():
    """`sum` over an axis that the framework did not tell gives another value: unknown, not wrong."""
    tape = Tape()
    x = tape.leaf(np.ones((2, 2)))
    tape.append(
        Node(id=1, op="mean", value=np.float64(4.0), parents=(x.id,), vjp=lambda g: [np.full((2, 2), g)])
    )
    output = tape.variable(1) * 2.0
    assert check_pass(tape, backward(output), own=False).unreplayed == (1,)
    assert check_pass(tape, backward(output), own=True).blamed[0].kind == "value"


def test_values_that_nobody_kept_are_computed_again():
    """An inner value that a framework dropped does not stop the check."""
    tape = Tape()
    x = tape.leaf(3.0)
    for op, vjp in (("square", lambda g: [6.0 * g]), ("exp", lambda g: [np.exp(9.0) * g])):
        value = np.float64(0.0) if op == "square" else np.exp(9.0)
        parent = len(tape) - 1
        tape.append(Node(id=len(tape), op=op, value=value, parents=(parent,), vjp=vjp, known=op != "square"))
    checked = check_pass(tape, backward(tape, 2), own=False)
    assert checked.verdict == "right"
    assert checked.leaves[0].leaves == (x.id,)


def test_leaf_that_leads_nowhere_is_left_out():
    """The output does not use it; that it has no gradient is said elsewhere."""
    tape = Tape()
    used = tape.leaf(2.0)
    tape.leaf(3.0)
    output = used * 5.0 + tape.leaf(1.0)
    assert [leaf.leaves for leaf in check_tape(output).leaves] == [(0,), (4,)]


def test_empty_leaf_has_nothing_to_compare():
    """No elements, no error."""
    checked = check_tape(F.sum(Tape().leaf(np.ones((0, 2)))))
    assert checked.verdict == "right"
    assert checked.leaves[0].finding.compared == 0


def test_tape_without_leaves_is_not_checked():
    """Nothing compared is nothing proved."""
    checked = check_tape(Tape().constant(2.0))
    assert checked.verdict == "unchecked"
    assert checked.worst is None
