"""Claims about `sphinx_tape.tape.exact`: fractions and symbols."""

# ruff: noqa: N812 -- F is the name the documentation uses

from fractions import Fraction

import numpy as np
import pytest
import sympy

from sphinx_tape import Tape, gradients
from sphinx_tape import functions as F
from sphinx_tape.errors import LocalRuleError, OperandError
from sphinx_tape.tape.exact import Exact, as_object, numeric, unwrap, wrap

X, Y = sympy.symbols("x y", positive=True)

EXPRESSIONS = {
    "x*y + sin(x)": lambda x, y: x * y + F.sin(x),
    "quotient": lambda x, y: x / y,
    "powers": lambda x, y: x**3 + x**y,
    "exponential": lambda x, y: F.exp(x * y) - F.expm1(y),
    "logarithms": lambda x, y: F.log(x) * F.log1p(y),
    "roots": lambda x, y: F.sqrt(x) + F.square(x - y),
    "reciprocal": lambda x, y: F.reciprocal(x) - y,
    "trigonometry": lambda x, y: F.cos(x) * F.tan(y),
    "arcs": lambda x, y: F.arcsin(x) + F.arccos(y) + F.arctan(x * y) + F.arctan2(x, y),
    "hyperbolic": lambda x, y: F.sinh(x) + F.cosh(y) * F.tanh(x),
    "areas": lambda x, y: F.arcsinh(x) + F.arccosh(y) + F.arctanh(x),
    "hypot": F.hypot,
    "erf": lambda x, y: F.erf(x) * y,
    "sigmoid": lambda x, y: F.sigmoid(x) * F.softplus(y),
    "vector": lambda x, y: F.stack([x, y]) @ F.stack([y, x]),
    "mean": lambda x, y: F.mean(F.stack([x, y * y])),
    "variance": lambda x, y: F.var(F.stack([x, y])),
    "norm": lambda x, y: F.norm(F.stack([x, y])),
    "product": lambda x, y: F.prod(F.stack([x, y, x])),
    "logsumexp": lambda x, y: F.logsumexp(F.stack([x, y])),
    "softmax": lambda x, y: F.softmax(F.stack([x, y]))[0],
    "conjugate": lambda x, y: F.conjugate(x) * y,
}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_symbolic_gradient_is_sympys_own_derivative(name):
    """Value differentiated by SymPy minus our gradient simplifies to zero, in both symbols."""
    tape = Tape()
    x, y = tape.leaf(X, name="x"), tape.leaf(Y, name="y")
    output = EXPRESSIONS[name](x, y)
    found = gradients(output)
    for leaf, symbol in ((x, X), (y, Y)):
        difference = sympy.diff(output.value.item(), symbol) - found[leaf.id].item()
        at = difference.subs({X: sympy.Rational(3, 7), Y: sympy.Rational(5, 4)})
        assert abs(sympy.N(at, 30)) < 1e-12


def test_symbolic_gradient_to_the_letter():
    """The gradients of x*y + sin(x) are y + cos(x) and x."""
    tape = Tape()
    x, y = tape.leaf(sympy.Symbol("x")), tape.leaf(sympy.Symbol("y"))
    output = x * y + F.sin(x)
    found = gradients(output)
    assert str(output.value.item()) == "x*y + sin(x)"
    assert [str(found[leaf.id].item()) for leaf in (x, y)] == ["y + cos(x)", "x"]


def test_fractions_stay_fractions():
    """By hand at x = 1/3, y = 2/5: x^2 y / 2 has the gradients x y = 2/15 and x^2/2 = 1/18."""
    tape = Tape()
    x, y = tape.leaf(Fraction(1, 3)), tape.leaf(Fraction(2, 5))
    output = x**2 * y / 2
    found = gradients(output)
    assert output.value.item() == Fraction(1, 45)
    assert [found[x.id].item(), found[y.id].item()] == [Fraction(2, 15), Fraction(1, 18)]
    assert isinstance(found[x.id].item(), Fraction)


def test_exact_reductions_and_kinks():
    """Means, variances, maxima and absolute values of fractions have exact gradients."""
    tape = Tape()
    x = tape.leaf([Fraction(1, 3), Fraction(2, 5), Fraction(-1, 2)])
    for output, expected in [
        (F.mean(x), ["1/3", "1/3", "1/3"]),
        (F.var(x), ["23/135", "29/135", "-52/135"]),
        (F.max(x), ["0", "1", "0"]),
        (F.sum(F.relu(x)), ["1", "1", "0"]),
        (F.sum(abs(x)), ["1", "1", "-1"]),
        (F.sum(F.clip(x, Fraction(0), Fraction(7, 20))), ["1", "0", "0"]),
        (F.cumsum(x)[1], ["1", "1", "0"]),
    ]:
        assert [str(each) for each in gradients(output)[x.id]] == expected


def test_exact_comparison_gives_a_bool():
    """A comparison of fractions is decided; it is no exact number."""
    x = Tape().leaf(Fraction(1, 3))
    assert (x < Fraction(1, 2)).value.dtype == bool
    assert bool(F.equal(x, Fraction(2, 6)))


@pytest.mark.parametrize("function", [F.sin, F.exp, F.sqrt, F.log1p])
def test_transcendental_function_of_a_fraction_is_refused(function):
    """The result would not be exact; the message says what to do."""
    name = function.__name__
    with pytest.raises(
        OperandError, match=rf"operand of {name} must be .* type Fraction\); .* float\(\) first"
    ):
        function(Tape().leaf(Fraction(1, 2)))


def test_symbol_without_order_is_refused_at_a_kink():
    """Whether x >= 0 cannot be decided; in a rule the node is named."""
    x = Tape().leaf(sympy.Symbol("x"))
    with pytest.raises(OperandError, match=r"comparison of exact elements must be decidable \(got x >= 0\)"):
        F.relu(x)
    with pytest.raises(LocalRuleError, match=r"local rule of node \d+ \(abs\) .*decidable"):
        gradients(abs(x))


def test_wrapping_is_undone():
    """Object arrays come back element by element; other arrays are left alone."""
    array = np.array([Fraction(1, 2), X], dtype=object)
    wrapped = wrap(array)
    assert all(type(each) is Exact for each in wrapped)
    assert unwrap(wrapped).tolist() == array.tolist()
    plain = np.ones(2)
    assert wrap(plain) is plain
    assert unwrap(Exact(Fraction(1, 2))).item() == Fraction(1, 2)


def test_wrapped_elements_compute_on_either_side():
    """Reflected operators, NumPy numbers, equality and hashing follow the element."""
    half = Exact(Fraction(1, 2))
    assert (1 - half).element == (3 * half - 1).element == Fraction(1, 2)
    assert (np.float64(2.0) * half).element == 1.0
    assert (2 ** Exact(3)).element == 8
    assert (Exact(1) / 2).element == Fraction(1, 2)
    assert half == Fraction(1, 2)
    assert hash(half) == hash(Fraction(1, 2))
    assert (+half).element == Fraction(1, 2)
    assert half.conjugate().element == Fraction(1, 2)
    assert Exact("no number").conjugate().element == "no number"
    assert bool(half)


def test_wrapped_element_beside_an_array_is_taken_in():
    """The array computes with it element by element, in any order and comparison."""
    half, array = Exact(Fraction(1, 2)), wrap(as_object(Fraction(1, 3)))
    assert unwrap(half * array).item() == unwrap(array * half).item() == Fraction(1, 6)
    assert bool(half > array)


def test_what_counts_as_a_number():
    """Fractions and symbols do; text, lists and None do not."""
    assert [numeric(each) for each in (Fraction(1), X, "a", [], None)] == [True, True, False, False, False]


def test_machine_leaf_beside_exact_elements_gets_a_machine_gradient():
    """d(x/3) = dx/3 and d(|z|^2/3) = 2z/3, in the element type of the leaf, alone and in arrays."""
    third = Fraction(1, 3)
    for given in (0.5, np.float32([0.5, 2.0])):
        x = Tape().leaf(given)
        found = gradients(x * third, seed=np.ones_like(given, dtype=object))[0]
        assert (found.dtype, found.shape) == (x.dtype, x.shape)
        assert np.all(found == x.dtype.type(third))
    z = Tape().leaf(1 + 2j)
    assert gradients(F.real(z * F.conjugate(z) * third))[0] == pytest.approx((2 + 4j) / 3, rel=1e-15)


def test_machine_leaf_beside_a_symbol_cannot_hold_its_gradient():
    """A gradient with a symbol in it does not fit a float: the step fails and says so."""
    with pytest.raises(LocalRuleError, match=r"node 2 \(mul\).*expression to float"):
        gradients(Tape().leaf(0.5) * X)
