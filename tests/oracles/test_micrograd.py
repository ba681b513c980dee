"""micrograd agrees, on its own test expressions, its README and its networks.

The expressions are those of `test/test_engine.py` and `README.md` of github.com/karpathy/micrograd
(commit c911406, 2020), written once for both engines; the two networks have the architecture of
`micrograd/nn.py`, with weights of ours.
"""

import itertools

import numpy as np
import pytest

from sphinx_tape import Tape, Variable, gradients
from tests.support import require_module


def relu(x):
    """Call either engine's method."""
    return x.relu()


def sanity(x):
    """`test_sanity_check`: one operand used many times."""
    z = 2 * x + 2 + x
    q = relu(z) + z * x
    return relu(z * z) + q + q * x


def readme(a, b):
    """The README and `test_more_ops`: every operator of the engine."""
    c, d = a + b, a * b + b**3
    c = c + (c + 1)
    c = c + (1 + c + (-a))
    d = d + (d * 2 + relu(b + a))
    d = d + (3 * d + relu(b - a))
    f = (c - d) ** 2
    return f / 2.0 + 10.0 / f


def reflected(a, b):
    """Operators with a plain number on the left, and negation."""
    return (1.5 - a) * (2.0 / b) - (-b) * 3 + 4 * a


def dead(a, b):
    """Relu of a negative value: the gradient is zero, not missing."""
    return relu(a - 10.0) * b


EXPRESSIONS = [
    pytest.param(sanity, (-4.0,), id="sanity"),
    pytest.param(sanity, (0.7,), id="sanity, positive"),
    pytest.param(readme, (-4.0, 2.0), id="readme"),
    pytest.param(readme, (1.5, -0.5), id="readme, elsewhere"),
    pytest.param(reflected, (0.3, 1.7), id="reflected operators"),
    pytest.param(dead, (1.0, 2.0), id="dead relu"),
]


def ours(run, operands):
    """Run on our tape; return the output and the gradients."""
    tape = Tape()
    leaves = [tape.leaf(operand) for operand in operands]
    output = run(*leaves)
    found = gradients(output)
    return output.item(), [float(found[leaf.id]) for leaf in leaves]


def theirs(run, operands):
    """Run in micrograd."""
    engine = require_module("micrograd.engine")
    leaves = [engine.Value(operand) for operand in operands]
    output = run(*leaves)
    output.backward()
    return output.data, [leaf.grad for leaf in leaves]


@pytest.mark.parametrize(("run", "operands"), EXPRESSIONS)
def test_micrograd_agrees(run, operands):
    """Forward value and gradients are those of micrograd, to the last digits."""
    (value, mine), (expected, other) = ours(run, operands), theirs(run, operands)
    assert value == pytest.approx(expected, rel=1e-14)
    assert mine == pytest.approx(other, rel=1e-13)


def test_the_numbers_of_the_readme():
    """README: g is 24.7041, dg/da 138.8338, dg/db 645.5773."""
    value, (a, b) = ours(readme, (-4.0, 2.0))
    assert (f"{value:.4f}", f"{a:.4f}", f"{b:.4f}") == ("24.7041", "138.8338", "645.5773")


def test_the_numbers_of_the_sanity_check():
    """By hand: z = -10, q = 40, h = 100, y = -20; dy/dx = 2 z 3 + (z + 3 x)(1 + x) + q = 46."""
    assert ours(sanity, (-4.0,)) == (-20.0, [46.0])


def network(sizes, parameters, inputs):
    """A network of single numbers: each neuron a sum of products, relu but in the last layer."""
    weights, layer = iter(parameters), inputs
    for depth, size in enumerate(sizes):
        following = []
        for _ in range(size):
            total = next(weights)
            for value in layer:
                total = total + next(weights) * value
            following.append(total if depth == len(sizes) - 1 else relu(total))
        layer = following
    return layer[0]


@pytest.mark.parametrize("sizes", [(4, 4, 1), (16, 1), (1,)])
def test_networks_of_single_numbers_agree(sizes):
    """A network as in `micrograd.nn`, one node per number: every weight has micrograd's gradient."""
    inputs = (1.0, -2.0)
    widths = (2, *sizes)
    count = sum((before + 1) * after for before, after in itertools.pairwise(widths))
    parameters = np.random.default_rng(len(sizes)).uniform(-1, 1, count).tolist()

    def run(*weights):
        return network(sizes, weights, inputs)

    (value, mine), (expected, other) = ours(run, parameters), theirs(run, parameters)
    assert value == pytest.approx(expected, rel=1e-12)
    assert mine == pytest.approx(other, rel=1e-12, abs=1e-15)


def test_a_different_expression_is_caught():
    """The comparison fails when the two sides do not compute the same."""

    def planted(a, b):
        return a * b if isinstance(a, Variable) else a * b + 0.001 * b

    assert ours(planted, (1.0, 2.0))[1] != pytest.approx(theirs(planted, (1.0, 2.0))[1], rel=1e-13)
