"""Claims about `sphinx_tape.report.checks`."""

# ruff: noqa: N812 -- F is the name the documentation uses

from dataclasses import replace

import numpy as np

from sphinx_tape import Tape
from sphinx_tape import functions as F
from sphinx_tape.report.build import Origin, build_report
from sphinx_tape.report.checks import complaint
from sphinx_tape.report.model import SourceLine
from sphinx_tape.report.serial import dumps, loads

ORIGIN = Origin(locate=lambda _source: SourceLine("notes.py", 7, "h = tanh(w)"))


def recorded(rule=None):
    """tanh(w) summed, with the local VJP of tanh replaced."""
    tape = Tape()
    w = tape.leaf(np.array([0.5, -1.0, 2.0]), name="w")
    output = F.tanh(w).sum()
    if rule:
        node = tape.nodes[1]
        tape._nodes[1] = replace(node, vjp=lambda g, right=node.vjp: rule(right(g)))
    return build_report(tape, output.id, origin=ORIGIN, check=True)


def test_only_what_is_asked_for_is_checked():
    """Else there is no check in the report."""
    tape = Tape()
    output = tape.leaf(1.0) * 2.0
    assert build_report(tape, output.id).check is None
    assert build_report(tape, output.id, check=True).check.verdict == "right"
    assert build_report(tape, None, check=True).check is None


def test_a_right_tape_has_its_numbers():
    """Per leaf: verdict, method, error, element; nothing to complain of."""
    report = recorded()
    (leaf,) = report.check.leaves
    assert (leaf.leaves, leaf.verdict, leaf.method, leaf.compared) == ((0,), "right", "complex step", 3)
    assert leaf.error < 1e-14
    assert leaf.gradient == 1 - np.tanh(leaf.element and [0.5, -1.0, 2.0][leaf.element[0]]) ** 2
    assert complaint(report) == ""


def test_a_wrong_one_names_the_node_to_blame():
    """In one sentence, with both numbers, the element and the line."""
    report = recorded(lambda sent: [-sent[0]])
    assert report.check.verdict == "wrong"
    (fault,) = report.check.faults
    assert (fault.node, fault.kind, fault.operand) == (1, "rule", 0)
    assert complaint(report) == (
        "gradient of node 0 'w' must agree with differences (got -0.786448, not 0.786448 at [0]); "
        "to blame: local rule of node 1 (tanh), line 7 for operand 0 (-1.11733, not 1.11733 at [0])"
    )


def test_numbers_that_json_does_not_know_survive():
    """NaN is text in the report."""
    report = recorded(lambda sent: [sent[0] * np.nan])
    assert report.check.faults[0].found == "nan"
    assert loads(dumps(report)) == report
    assert "got nan, not" in complaint(report)


def test_complex_numbers_are_pairs():
    """As everywhere in the report."""
    tape = Tape()
    z = tape.leaf(1 + 2j, name="z")
    output = F.abs(z)
    node = output.node
    tape._nodes[1] = replace(node, vjp=lambda g, right=node.vjp: [np.conjugate(right(g)[0])])
    report = build_report(tape, 1, check=True)
    assert report.check.leaves[0].gradient == (1 / np.sqrt(5), -2 / np.sqrt(5))
    assert "0.447214-0.894427j, not 0.447214+0.894427j" in complaint(report)
    assert loads(dumps(report)) == report


def test_many_faults_are_counted():
    """The first three are named."""
    tape = Tape()
    x = tape.leaf(0.5)
    output = x
    for _ in range(5):
        output = F.sin(output)
    for node in tape.nodes[1:]:
        tape._nodes[node.id] = replace(node, vjp=lambda g, right=node.vjp: [2 * right(g)[0]])
    text = complaint(build_report(tape, output.id, check=True))
    assert text.count("local rule of node") == 3
    assert text.endswith("; and 2 more")


def test_other_kinds_of_blame_have_sentences():
    """A value and a sum."""
    base = recorded(lambda sent: [-sent[0]])
    for kind, words in (("value", "not what its operands give"), ("sum", "not the sum of its contributions")):
        fault = base.check.faults[0]._replace(kind=kind)
        assert words in complaint(base._replace(check=base.check._replace(faults=(fault,))))
    alone = base.check._replace(leaves=())
    assert complaint(base._replace(check=alone)).startswith("values and rules of the tape must agree")
