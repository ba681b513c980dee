"""Claims about `sphinx_tape.tape.check`, and the check of every rule in THE table."""

# ruff: noqa: ARG005, N812 -- rules have a flat signature; F is the name the documentation uses

import sys
from dataclasses import replace

import numpy as np
import pytest

from sphinx_tape import Tape
from sphinx_tape import functions as F
from sphinx_tape.tape.check import TOLERANCES, check_primitive, check_tape
from sphinx_tape.tape.primitive import Sample
from sphinx_tape.tape.primitives import PRIMITIVES

DIFFERENTIABLE = [name for name, primitive in PRIMITIVES.items() if any(primitive.vjps)]


def with_rule(name, position, rule):
    """The primitive with another rule for one operand."""
    primitive = PRIMITIVES[name]
    rules = list(primitive.vjps)
    rules[position] = rule
    return replace(primitive, vjps=tuple(rules))


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_every_rule_agrees_with_differences(name, dtype):
    """On all samples and operands, within the tolerance of the element type."""
    comparisons = check_primitive(PRIMITIVES[name], dtype)
    assert comparisons, "the samples of a differentiable primitive must be checked"
    assert [str(each) for each in comparisons if not each.ok] == []


@pytest.mark.parametrize("name", [name for name in DIFFERENTIABLE if PRIMITIVES[name].analytic])
def test_every_analytic_rule_agrees_off_the_real_axis(name):
    """For complex operands the gradient is dL/dRe + i dL/dIm, by differences in both directions."""
    comparisons = check_primitive(PRIMITIVES[name], "complex128")
    assert [str(each) for each in comparisons if not each.ok] == []
    assert comparisons


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_a_planted_factor_is_caught_in_every_rule(name):
    """Any rule that is wrong by a thousandth fails."""
    primitive = PRIMITIVES[name]

    def planted(rule):
        return rule and (lambda g, *rest, **keywords: np.asarray(rule(g, *rest, **keywords)) * 1.001)

    wrong = replace(primitive, vjps=tuple(planted(rule) for rule in primitive.vjps))
    assert any(not each.ok for each in check_primitive(wrong))


WRONG = {
    "factor two": ("square", 0, lambda g, y, x: g * x),
    "sign": ("sub", 1, lambda g, y, a, b: g),
    "other operand": ("mul", 0, lambda g, y, a, b: g * a),
    "cotangent ignored": ("exp", 0, lambda g, y, x: y),
    "sum not spread over its axis": (
        "mean",
        0,
        lambda g, y, x, **_: np.broadcast_to(np.sum(g) / np.size(g), x.shape) / (x.size / np.size(y)),
    ),
    "nan": ("log", 0, lambda g, y, x: g * np.nan),
}


@pytest.mark.parametrize("fault", WRONG)
def test_planted_wrong_rule_is_caught(fault):
    """Each classic fault of a rule is found by at least one comparison."""
    name, position, rule = WRONG[fault]
    assert any(not each.ok for each in check_primitive(with_rule(name, position, rule)))


def test_needless_conjugate_is_caught():
    """A rule that conjugates by itself is right for real operands and wrong for complex ones."""
    wrong = with_rule("square", 0, lambda g, y, x: 2 * g * np.conjugate(x))
    assert all(each.ok for each in check_primitive(wrong))
    assert not any(each.ok for each in check_primitive(wrong, "complex128"))


def test_missing_transpose_is_caught():
    """`a g` instead of `a^T g` has the right shape for square matrices, and is found."""
    square = np.arange(9.0).reshape(3, 3)
    sample = Sample((square, square[::-1] - 2.0))
    right = replace(PRIMITIVES["matmul"], samples=(sample,))
    assert all(each.ok for each in check_primitive(right))
    wrong = replace(right, vjps=(right.vjps[0], lambda g, y, a, b: a @ g))
    assert {each.subject for each in check_primitive(wrong) if not each.ok} == {"operand 1 of matmul"}


def test_missing_broadcast_sum_is_caught():
    """A contribution that takes one row instead of the sum over the broadcast axis is found."""
    wrong = with_rule("add", 1, lambda g, y, a, b: g[0] if np.ndim(g) > np.ndim(b) else g)
    failed = [each for each in check_primitive(wrong) if not each.ok]
    assert failed
    assert all(each.subject == "operand 1 of add" for each in failed)


def test_complex_step_sees_errors_that_differences_cannot():
    """A relative error of 1e-10 passes central differences and fails the complex step."""
    wrong = with_rule("exp", 0, lambda g, y, x: g * y * (1 + 1e-10))
    verdicts = {each.method: each.ok for each in check_primitive(wrong)}
    assert verdicts == {"central differences": True, "complex step": False}


def network():
    """A small network with shared weights, broadcasting, fan-out and a cut."""
    tape = Tape()
    x = tape.constant(np.linspace(-1, 1, 8).reshape(2, 4))
    w = tape.leaf(np.sin(np.arange(16.0)).reshape(4, 4), name="w")
    b = tape.leaf(np.array([0.1, -0.2, 0.3, 0.05]), name="b")
    hidden = F.tanh(x @ w + b)
    again = F.tanh(hidden @ w + b)
    return (again * again.detach() + hidden).sum()


def test_right_tape_passes():
    """Every leaf agrees with differences over the replayed tape; what is detached is held fixed."""
    checked = check_tape(network())
    assert checked.ok
    assert [leaf.subject for leaf in checked.leaves] == ["leaf 1 w", "leaf 2 b"]
    assert checked.worst.error < TOLERANCES["float64"]
    assert checked.blamed == ()


def test_wrong_node_of_a_tape_is_blamed():
    """With one rule replaced, the leaf fails and exactly the nodes of that rule are named."""
    output = network()
    nodes = output.tape._nodes
    first = next(node for node in nodes if node.op == "tanh")
    nodes[first.id] = replace(first, vjp=lambda g: [g])
    checked = check_tape(output)
    assert not checked.ok
    assert [node for node, _ in checked.blamed] == [first.id]
    assert "operand 0 of node" in str(checked.blamed[0][1])
    assert str(checked.worst).startswith("WRONG: leaf")


def test_missing_accumulation_is_caught(monkeypatch):
    """If the last contribution replaced the sum, a value used twice would fail; no node is to blame."""
    # `sphinx_tape.tape.backward` names the function; the module of that name is found by its path.
    engine = sys.modules["sphinx_tape.tape.backward"]

    def replaces(cotangents, owned, parent, value):
        cotangents[parent] = value

    monkeypatch.setattr(engine, "accumulate", replaces)
    checked = check_tape(network())
    assert not checked.ok
    assert checked.blamed == ()


def test_non_scalar_output_is_checked_with_weights():
    """A matrix output needs no reduction to be checked."""
    tape = Tape()
    w = tape.leaf(np.array([[1.0, 2.0], [3.0, 4.0]]))
    assert check_tape(w * w).ok


def test_unreached_leaf_counts_as_zero():
    """A leaf that the output does not use has derivative zero, and none arrives."""
    tape = Tape()
    used = tape.leaf(2.0)
    tape.leaf(3.0)
    assert check_tape(used * 5.0 + tape.leaf(1.0)).ok


def test_large_leaf_is_compared_at_a_spread_of_elements():
    """Ends included; a fault everywhere is found, the count is told."""
    tape = Tape()
    w = tape.leaf(np.linspace(0.1, 1.0, 1000))
    output = F.exp(w).sum()
    assert check_tape(output).leaves[0].compared == 64
    assert check_tape(output, most=5).leaves[0].compared == 5
    exponential = output.node.parents[0]
    tape._nodes[exponential] = replace(tape.nodes[exponential], vjp=lambda g: [g])
    checked = check_tape(output, most=5)
    assert checked.worst.element == (999,)
    assert not checked.ok


def test_empty_leaf_has_nothing_to_compare():
    """No elements, no error."""
    tape = Tape()
    output = F.sum(tape.leaf(np.ones((0, 2))))
    assert check_tape(output).leaves[0].compared == 0
    assert check_tape(output).ok


def test_narrow_elements_are_checked_in_their_own_tolerance():
    """A float32 tape passes, although differences run in double precision."""
    tape = Tape()
    w = tape.leaf(np.array([0.5, 1.5, -2.0], dtype=np.float32))
    assert check_tape((F.exp(w).astype(np.float32) * w).sum()).ok


def test_primitive_without_rules_has_nothing_to_compare():
    """A comparison is not differentiable, so there is no gradient that could be wrong."""
    assert check_primitive(PRIMITIVES["less"]) == []


def test_tape_without_leaves_has_no_worst():
    """Nothing to compare is nothing wrong."""
    checked = check_tape(Tape().constant(2.0))
    assert checked.ok
    assert checked.worst is None
