"""Random programs of 5 to 40 nodes: our gradients against HIPS autograd and against differences."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from sphinx_tape import Tape, backward, gradients
from sphinx_tape import functions as F  # noqa: N812 -- the customary short name
from sphinx_tape.tape.primitives import PRIMITIVES
from tests.oracles.programs import STEPS, Program, central_differences, programs
from tests.support import require_module

# The same programs in every run: a failure is a fact, not a matter of luck.
thorough = settings(
    max_examples=500, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def record(program):
    """Run a program on our tape; return the output and the leaves."""
    tape = Tape()
    leaves = [tape.leaf(operand) for operand in program.operands]
    return program.run(F, *leaves), leaves


def ours(program):
    """Gradients of the leaves, zeros where nothing arrived."""
    output, leaves = record(program)
    found = gradients(output)
    return [np.zeros(leaf.shape) if found[leaf.id] is None else found[leaf.id] for leaf in leaves]


def theirs(program):
    """Gradients of the leaves by HIPS autograd."""
    core, namespace = require_module("autograd"), require_module("autograd.numpy")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # an output that does not depend on a leaf
        return [
            core.grad(lambda *x: program.run(namespace, *x), place)(*program.operands)
            for place in range(len(program.leaves))
        ]


def error(mine, other):
    """Largest error over all leaves, relative to the largest element."""
    largest = max(1.0, *(np.max(np.abs(each), initial=0) for each in other))
    return max(np.max(np.abs(a - b), initial=0) for a, b in zip(mine, other, strict=True)) / largest


@thorough
@given(programs())
def test_autograd_agrees_on_random_programs(program):
    """Gradients of all leaves are those of HIPS autograd."""
    assert error(ours(program), theirs(program)) <= 1e-10


@thorough
@given(programs(most=6))
def test_differences_agree_on_random_programs(program):
    """Gradients of all leaves are those of central differences of the same program in plain NumPy."""
    assert error(ours(program), central_differences(program)) <= 1e-6


@thorough
@given(programs())
def test_cotangents_are_sums_of_their_contributions(program):
    """Every cotangent but the seed is the sum of what the steps before have sent to that node."""
    output, _ = record(program)
    reverse = backward(output)
    received = {output.id: reverse.seed}
    for step in reverse.steps:
        np.testing.assert_allclose(received[step.node], step.cotangent, rtol=1e-12, atol=1e-12)
        for sent in step.contributions:
            received[sent.parent] = received.get(sent.parent, 0) + sent.value
    assert set(received) == {step.node for step in reverse.steps}


def test_programs_have_the_sizes_that_matter():
    """The programs drawn have between 5 and 40 nodes for the most part, and use every kind of step."""
    sizes, kinds = [], set()

    @settings(max_examples=250, derandomize=True, deadline=None, database=None)
    @given(programs())
    def collect(program):
        sizes.append(len(record(program)[0].tape))
        kinds.update(kind for kind, _, _ in program.steps)

    collect()
    assert np.mean([5 <= size <= 40 for size in sizes]) > 0.8
    assert kinds == set(range(len(STEPS)))


def test_a_wrong_rule_is_caught(monkeypatch):
    """A rule that is slightly wrong makes a program of one step disagree with both judges."""
    program = Program(((3,),), ((0, 0, 0),), 1)
    assert error(ours(program), central_differences(program)) <= 1e-6
    wrong = replace(PRIMITIVES["tanh"], vjps=(lambda g, y, x: g * (1 - 0.999 * y * y),))  # noqa: ARG005 -- flat rule
    monkeypatch.setitem(PRIMITIVES, "tanh", wrong)
    assert error(ours(program), central_differences(program)) > 1e-6
    assert error(ours(program), theirs(program)) > 1e-10


@pytest.mark.parametrize("kind", range(len(STEPS)))
def test_every_kind_of_step_agrees_alone(kind):
    """Each step by itself, on a matrix and a vector, agrees with central differences."""
    program = Program(((2, 3), (3,)), ((kind, 0, 1),), 7)
    assert error(ours(program), central_differences(program)) <= 1e-7
