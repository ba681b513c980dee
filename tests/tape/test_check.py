"""Claims about `sphinx_tape.tape.check`, and the check of every rule in THE table."""

# ruff: noqa: ARG005 -- rules have a flat signature

from dataclasses import replace

import numpy as np
import pytest

from sphinx_tape.tape.check import check_primitive
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


def test_primitive_without_rules_has_nothing_to_compare():
    """A comparison is not differentiable, so there is no gradient that could be wrong."""
    assert check_primitive(PRIMITIVES["less"]) == []
