"""Claims about `sphinx_tape.tape.local` and `binding`: what a node keeps for the reverse pass."""

# ruff: noqa: N812 -- F is the name the documentation uses

import numpy as np
import pytest

from sphinx_tape import Tape, gradients, no_grad
from sphinx_tape import functions as F
from sphinx_tape.errors import OperandError
from sphinx_tape.tape.differences import differentiate
from sphinx_tape.tape.local import (
    OWN,
    BinaryRules,
    ComplexVjp,
    ExactVjp,
    LocalRules,
    UnaryRules,
    VariadicRules,
)

POINT = np.array([0.6 - 0.4j, -1.1 + 0.9j])

COMPLEX = {
    "product": lambda z: z * z * (2 - 1j),
    "quotient": lambda z: (1 + 2j) / z,
    "exponential": F.exp,
    "sine": F.sin,
    "logarithm": F.log,
    "power": lambda z: z**3,
    "root": F.sqrt,
    "absolute value": abs,
    "conjugate": lambda z: F.conjugate(z) * z * z,
    "real part": lambda z: F.real(z * z),
    "imaginary part": lambda z: F.imag(z * z),
    "sum": lambda z: F.sum(z) * z[0],
    "product of all": F.prod,
    "norm": F.norm,
    "variance": F.var,
    "matmul": lambda z: np.array([[1 + 1j, 2.0], [0.5j, -1.0]]) @ z,
    "sigmoid": F.sigmoid,
    "softplus": F.softplus,
    "logsumexp": F.logsumexp,
    "cumsum": F.cumsum,
}


@pytest.mark.parametrize("name", COMPLEX)
def test_complex_gradient_is_steepest_ascent(name):
    """For a real output L the gradient is dL/dRe + i dL/dIm, by differences in both directions."""

    def loss(value):
        result = COMPLEX[name](Tape().constant(value)).value
        return np.sum(np.abs(result + (0.3 + 0.2j)) ** 2)

    z = Tape().leaf(POINT)
    shifted = COMPLEX[name](z) + (0.3 + 0.2j)
    found = gradients((F.absolute(shifted) ** 2).sum())[0]
    expected = differentiate(lambda operands: loss(operands[0]), [POINT], 0)
    np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-8)


def test_squared_modulus_has_gradient_2z():
    """The example that fixes the convention: |z|^2 at 1 + 2i gives 2 + 4i, not its conjugate."""
    z = Tape().leaf(1 + 2j)
    assert gradients(F.real(z * F.conjugate(z)))[0] == 2 + 4j


def test_real_leaf_beside_complex_constant_gets_a_real_gradient():
    """d|x (3 + 4i)| = 5 dx for positive x."""
    x = Tape().leaf(2.0)
    gradient = gradients(abs(x * (3 + 4j)))[0]
    assert (gradient, gradient.dtype) == (pytest.approx(5.0, rel=1e-15), np.float64)


ORDERED = [
    F.relu,
    F.leaky_relu,
    F.elu,
    F.safe_log,
    F.clip,
    F.max,
    F.min,
    lambda z: z > 0,
    lambda z: F.maximum(0, z),
]


@pytest.mark.parametrize("function", ORDERED)
def test_complex_numbers_have_no_order(function):
    """What compares by size refuses complex operands instead of ordering them as NumPy does."""
    with pytest.raises(
        OperandError, match=r"must be real or exact \(got complex elements, which have no order\)"
    ):
        function(Tape().leaf(POINT))


def test_complex_numbers_can_be_equal():
    """Equality needs no order."""
    assert F.equal(Tape().leaf(POINT), POINT).value.all()


def test_kinds_of_local_vjp():
    """Real values keep bare rules; complex and exact ones are wrapped; variadic ones know positions."""
    import fractions

    tape = Tape()
    x = tape.leaf(1.0)
    assert type((x * x).node.vjp) is BinaryRules
    assert type(F.exp(x).node.vjp) is UnaryRules
    assert type(x.sum().node.vjp) is LocalRules
    assert type(F.stack([x, x]).node.vjp) is VariadicRules
    z = tape.leaf(1j)
    assert type((z * x).node.vjp) is ComplexVjp
    assert type((x * x).node.vjp) is LocalRules
    third = tape.leaf(fractions.Fraction(1, 3))
    assert type((third * third).node.vjp) is ExactVjp
    assert {LocalRules, UnaryRules, BinaryRules, VariadicRules, ComplexVjp, ExactVjp} == OWN


def test_rules_of_constants_are_not_run():
    """An operand that requires nothing has no rule, so its contribution is not computed."""
    x = Tape().leaf(2.0)
    vjp = (x * 5.0).node.vjp
    assert vjp(1.0) == (5.0, None)
    assert (3.0 - x).node.vjp(1.0) == (None, -1.0)


def test_wide_rules_are_fitted_in_every_position():
    """One, two and more operands: a broadcast or wider contribution takes the operand's shape and type."""
    tape = Tape()
    narrow = tape.leaf(np.float32([1.0, 2.0]))
    wide = tape.leaf(np.ones((3, 2)))
    for output in (narrow * wide, wide * narrow, F.where(True, narrow, wide)):
        found = gradients(output.sum())
        assert (found[narrow.id].dtype, found[narrow.id].shape) == (np.float32, (2,))
    assert gradients(narrow.astype(float).sum())[narrow.id].dtype == np.float32


def test_no_grad_cuts_operations_but_not_leaves():
    """Inside, operations require nothing and say why; a leaf made inside is still a leaf; it nests."""
    tape = Tape()
    x = tape.leaf(2.0)
    with no_grad():
        with tape.no_grad():
            inner = x * 1.0
        outer = x * 2.0
        leaf = tape.leaf(1.0)
    after = x * 3.0
    assert [v.node.cut for v in (inner, outer, after)] == ["no_grad", "no_grad", ""]
    assert [v.requires_grad for v in (inner, outer, leaf, after)] == [False, False, True, True]


def test_what_cuts_is_told_apart():
    """Each way to end a gradient has its own word; an operation on constants cuts nothing."""
    tape = Tape()
    x, c = tape.leaf(1.5), tape.constant(1.0)
    cuts = [v.node.cut for v in (x.detach(), F.round(x), x > 0, x.astype(int), c * 2.0)]
    assert cuts == ["detach", "not_differentiable", "not_differentiable", "integer", ""]
