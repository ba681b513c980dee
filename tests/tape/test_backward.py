"""Claims about `sphinx_tape.tape.backward`."""

# ruff: noqa: ARG005, N812 -- rules have a flat signature; F is the name the documentation uses

import numpy as np
import pytest

from sphinx_tape import Tape, backward, gradients
from sphinx_tape import functions as F
from sphinx_tape.errors import (
    AccumulationError,
    BackwardError,
    ContributionParentError,
    ContributionShapeError,
    LocalRuleError,
    SeedError,
    UnknownOutputError,
)
from sphinx_tape.tape import Contribution, Node


def neuron():
    """5 (w x + b) with w = 2, x = 3, b = 1."""
    tape = Tape()
    w, x, b = tape.leaf(2.0, name="w"), tape.leaf(3.0, name="x"), tape.leaf(1.0, name="b")
    return (w * x + b).named("a") * 5.0


def foreign(tape, parents, vjp, value=1.0, **fields):
    """Append a node with a local VJP that is not ours."""
    return tape.append(
        Node(id=len(tape), op="foreign", value=np.asarray(value)[()], parents=parents, vjp=vjp, **fields)
    )


def test_gradients_of_a_neuron_are_those_worked_by_hand():
    """By the chain rule d(5(wx + b)) = 5x dw + 5w dx + 5 db."""
    assert backward(neuron()).cotangents[:3] == (15.0, 10.0, 5.0)


def test_baydins_worked_example():
    """Baydin et al. 2018 (JMLR 18), Table 3: ln x1 + x1 x2 - sin x2 at (2, 5), adjoints 5.5 and 1.716."""
    tape = Tape()
    x1, x2 = tape.leaf(2.0), tape.leaf(5.0)
    y = F.log(x1) + x1 * x2 - F.sin(x2)
    found = backward(y)
    assert round(float(y.value), 3) == 11.652
    assert found.gradient(x1) == 5.5
    assert round(float(found.gradient(x2)), 3) == 1.716


def test_fast_path_gives_what_the_pass_gives():
    """`gradients` and `backward` agree on every node, unreached ones included."""
    output = neuron()
    output.tape.leaf(np.ones(2), name="unused")
    assert gradients(output) == list(backward(output).cotangents)


def test_steps_are_the_visits_in_descending_order():
    """One step per node reached, with its cotangent and what it sent, operand by operand."""
    found = backward(neuron())
    assert [step.node for step in found.steps] == [6, 4, 3, 2, 1, 0]
    product = found.steps[2]
    assert product.cotangent == 5.0
    assert [(c.source, c.operand, c.parent, c.value) for c in product.contributions] == [
        (3, 0, 0, 15.0),
        (3, 1, 1, 10.0),
    ]
    assert found.steps[-1].contributions == ()
    assert isinstance(product.contributions[0], Contribution)


def test_constants_receive_nothing():
    """A node that requires no gradient neither accumulates nor is visited."""
    found = backward(neuron())
    assert found.cotangents[5] is None
    assert all(c.parent != 5 for step in found.steps for c in step.contributions)


def test_cotangent_is_the_sum_of_its_contributions_in_step_order():
    """At fan-out the contributions of all consumers add up, bit by bit in the order of the steps."""
    tape = Tape()
    x = tape.leaf([0.1, 0.2, 0.3])
    found = backward((F.sin(x) + F.exp(x) * x + x * x).sum())
    total = None
    for step in found.steps:
        for contribution in step.contributions:
            if contribution.parent == x.id:
                total = contribution.value if total is None else total + contribution.value
    np.testing.assert_array_equal(found.gradient(x), total)


def test_repeated_operand_counts_twice():
    """d(x x) = 2x dx: both operand positions contribute."""
    x = Tape().leaf(3.0)
    found = backward(x * x)
    assert [c.operand for c in found.steps[0].contributions] == [0, 1]
    assert found.gradient(x) == 6.0


def test_unreached_is_not_zero():
    """A node nothing reached has None; a node reached with zeros has zeros."""
    tape = Tape()
    x, unused = tape.leaf(-1.0), tape.leaf(1.0)
    found = backward(F.relu(x))
    assert found.gradient(x) == 0.0
    assert found.gradient(unused.id) is None


def test_sums_do_not_leak_into_contributions():
    """Adding up in place changes only the engine's own sums: contributions keep their values."""
    x = Tape().leaf([1.0, 2.0])
    found = backward(((x + x) + (x + x)).sum())
    for step in found.steps:
        for contribution in step.contributions:
            assert contribution.value.tolist() == [1.0, 1.0] or contribution.parent != x.id
    assert found.gradient(x).tolist() == [4.0, 4.0]


def test_gradients_are_read_only():
    """Neither path hands out arrays that can be changed."""
    x = Tape().leaf([1.0, 2.0])
    output = (x * x + x).sum()
    for gradient in (gradients(output)[0], backward(output).gradient(x)):
        with pytest.raises(ValueError, match="read-only"):
            gradient[0] = 0.0


@pytest.mark.parametrize("output", [4, "a", -3])
def test_output_by_id_or_name(output):
    """A tape and a node's id or name start where the variable starts; negative ids are no ids."""
    tape = neuron().tape
    if output == -3:
        with pytest.raises(UnknownOutputError, match=r"output must be a node id from 0 to 6 \(got -3\)"):
            backward(tape, output)
        return
    assert backward(tape, output).cotangents[:3] == (3.0, 2.0, 1.0)


def test_output_defaults_to_the_last_node():
    """backward(tape) starts at the end of the tape; a variable of the tape may name it too."""
    output = neuron()
    assert backward(output.tape).output == backward(output.tape, output).output == 6
    assert backward(output, output.tape.variable(4)).output == 4


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("loss", r"got 'loss', unknown; names on this tape: a, b, w, x\); name the node or give its id"),
        ("w", r"got 'w', borne by nodes \[0, 7\]"),
    ],
)
def test_name_that_names_no_single_node(name, message):
    """An unknown name lists the known ones; an ambiguous one lists its bearers."""
    output = neuron()
    output.tape.leaf(1.0, name="w")
    with pytest.raises(UnknownOutputError, match=message):
        backward(output.tape, name)


def test_what_is_no_node_is_refused():
    """An empty tape, a number that is no id, a variable of another tape."""
    with pytest.raises(UnknownOutputError, match=r"got an empty tape\); record something first"):
        backward(Tape())
    with pytest.raises(UnknownOutputError, match=r"must be a node id from 0 to 6 \(got 1.5\)"):
        backward(neuron().tape, 1.5)
    with pytest.raises(
        UnknownOutputError, match=r"must be a variable of this tape \(got one of another tape\)"
    ):
        backward(Tape(), Tape().leaf(1.0))


def test_scalar_output_is_seeded_with_one():
    """Also one of shape (1,); the seed has the output's shape and element type."""
    x = Tape().leaf(np.float32([2.0]))
    found = backward(x * x)
    assert (found.seed.tolist(), found.seed.dtype) == ([1.0], np.float32)
    assert found.gradient(x).tolist() == [4.0]


def test_given_seed_is_the_outputs_cotangent():
    """The pass is linear in the seed."""
    x = Tape().leaf([1.0, 2.0, 3.0])
    assert backward(x * x, seed=[1.0, 10.0, 100.0]).gradient(x).tolist() == [2.0, 40.0, 600.0]
    assert gradients(x * x, seed=[1, 0, 0])[0].tolist() == [2.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("seed", "message"),
    [
        (None, r"seed must be given for output 1 \(mul\) of shape \(3,\) \(got none\); reduce"),
        (1.0, r"seed must have the shape \(3,\) of output 1 \(mul\) \(got \(\)\)"),
        ([1.0, 2.0], r"got \(2,\)\)"),
        ([1j, 0, 0], r"seed must fit the element type float64 of output 1 \(mul\) \(got complex128\)"),
        ([[1.0], [1.0, 2.0]], r"seed of output 1 \(mul\): value must be a number or a regular array"),
        (["a", "b", "c"], r"seed of output 1 \(mul\): value must be numeric"),
    ],
)
def test_unfit_seed_is_refused(seed, message):
    """No seed for an array, another shape, complex for real, ragged, text."""
    x = Tape().leaf([1.0, 2.0, 3.0])
    with pytest.raises(SeedError, match=message):
        backward(x * x, seed=seed)


def test_seed_beyond_the_element_type_is_refused():
    """A number that float32 cannot hold would become infinity without a word."""
    y = Tape().leaf(np.float32(2.0)) * np.float32(3.0)
    with pytest.raises(
        SeedError, match=r"seed must fit the range of float32.*\(mul\) \(got 1e\+300\); scale"
    ):
        backward(y, seed=1e300)
    assert backward(y, seed=np.inf).gradient(0) == np.inf


def test_output_that_requires_nothing_reaches_nothing():
    """The pass is empty, not an error: a page then shows why."""
    found = backward(Tape().leaf(2.0).detach())
    assert found.steps == ()
    assert found.cotangents == (None, None)


def boom(g):
    """A local VJP that fails."""
    message = "no derivative today"
    raise RuntimeError(message)


def test_failing_rule_names_the_node_and_keeps_the_pass_so_far():
    """The cause is chained; `partial` holds the steps before and the cotangent at the failing node."""
    tape = Tape()
    x = tape.leaf(1.0)
    middle = foreign(tape, (x.id,), boom)
    output = middle * 3.0
    with pytest.raises(
        LocalRuleError, match=r"local rule of node 1 \(foreign\) must return .*today"
    ) as caught:
        backward(output)
    error = caught.value
    assert (error.node, type(error.__cause__)) == (1, RuntimeError)
    assert [step.node for step in error.partial.steps] == [output.id]
    assert error.partial.cotangents == (None, 3.0, None, 1.0)
    with pytest.raises(LocalRuleError):
        gradients(output)


FAULTS = {
    "too many": (
        lambda g: [g, g],
        ContributionParentError,
        r"must return one contribution per operand, here 1 \(got 2\)",
    ),
    "too few": (lambda g: [], ContributionParentError, r"\(got 0\); return None where there is none"),
    "wrong shape": (
        lambda g: [np.ones(3)],
        ContributionShapeError,
        r"contribution of node 1 \(foreign\) to node 0 must have its shape \(2,\) \(got \(3,\)\)",
    ),
    "broadcast shape": (lambda g: [np.ones((4, 2))], ContributionShapeError, r"got \(4, 2\)"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faulty_contributions_are_refused(fault):
    """Each fault of a foreign local VJP has its own error, with the node and the partial pass."""
    vjp, kind, message = FAULTS[fault]
    tape = Tape()
    tape.leaf([1.0, 2.0])
    output = foreign(tape, (0,), vjp, value=[1.0, 2.0])
    with pytest.raises(kind, match=message) as caught:
        backward(output, seed=[1.0, 1.0])
    assert caught.value.node == 1
    assert caught.value.partial.steps == ()


def test_own_rule_of_wrong_shape_is_refused():
    """A table rule that promises no shape and whose contribution cannot be summed back names the node."""
    from dataclasses import replace

    from sphinx_tape.tape.primitives import PRIMITIVES

    tape = Tape()
    x = tape.leaf([1.0, 2.0])
    wrong = replace(PRIMITIVES["neg"], elementwise=False, vjps=(lambda g, y, x: np.ones(3),))
    with pytest.raises(ContributionShapeError, match=r"parent's shape \(2,\).* \(got \(3,\)\)") as caught:
        backward(tape.run(wrong, (x,)), seed=[1.0, 1.0])
    assert caught.value.node == 1


class Stubborn:
    """A number that refuses to be added."""

    def __mul__(self, other) -> object:
        return self

    __rmul__ = __neg__ = __mul__

    def __add__(self, other) -> object:
        return NotImplemented


def test_contributions_that_cannot_be_added_are_refused():
    """The parent is named."""
    tape = Tape()
    element = np.empty((), dtype=object)
    element[()] = Stubborn()
    x = tape.leaf(element)
    output = foreign(tape, (x.id, x.id), lambda g: [element, element], value=element)
    with pytest.raises(AccumulationError, match=r"contributions to node 0 must be addable") as caught:
        backward(output, seed=element)
    assert caught.value.node == 0
    assert isinstance(caught.value, BackwardError)


def test_foreign_contributions_are_fitted_to_the_parent():
    """Python numbers become the parent's element type; parents that ask for nothing get nothing."""
    tape = Tape()
    tape.leaf(np.float32(1.0))
    tape.constant(2.0)
    output = foreign(tape, (0, 1), lambda g: [2, 3])
    found = backward(output)
    assert (found.cotangents[0], found.cotangents[0].dtype) == (2.0, np.float32)
    assert found.cotangents[1] is None


def test_wide_fan_out_adds_up():
    """A value with 10,000 consumers receives all of them."""
    tape = Tape()
    x = tape.leaf([1.0, 2.0])
    total = x
    for _ in range(10_000):
        total = total + x * 2.0
    assert gradients(total.sum())[0].tolist() == [20_001.0, 20_001.0]


def test_narrow_elements_stay_narrow():
    """Every cotangent of a float16 tape is float16."""
    x = Tape().leaf(np.float16([0.5, 2.0]))
    found = backward((F.tanh(x) * 3.0 + x).sum())
    assert {np.asarray(c).dtype for c in found.cotangents if c is not None} == {np.dtype(np.float16)}
