"""Rules of complex operations say the conjugates that the engine takes."""

import numpy as np
import pytest

from sphinx_tape import Tape
from sphinx_tape import functions as F  # noqa: N812 -- the name that the documentation teaches
from sphinx_tape.render.steps import reverse_steps, wording
from sphinx_tape.report.build import build_report
from sphinx_tape.report.conjugates import with_conjugates


def formulas(variable):
    """What each contribution of the last node is said to be."""
    report = build_report(variable.tape, variable.id, 1 + 0j)
    step = next(step for step in report.reverse.steps if step.node == variable.id)
    return [contribution.formula for contribution in step.contributions]


def leaves(*values):
    """Leaves on one new tape."""
    tape = Tape()
    return [tape.leaf(value) for value in values]


def test_products_take_the_conjugate_of_the_other_factor():
    """dL/dz of w = z c is conj(c) g: (1+0j) (1+2j) is not 1-2j, (1+0j) (1+2j)* is."""
    z, c = leaves(1 + 2j, 3 + 4j)
    assert formulas(z * c) == [r"@g \cdot @1^{*}", r"@g \cdot @0^{*}"]


def test_words_and_letters_of_forward_quantities_are_starred():
    """Where a rule has a name for what the forward computed, the name gets the star."""
    (z,) = leaves(np.array([[1 + 2j, 3 - 1j], [2j, 1.0]]))
    for variable, starred in (
        (F.einsum("ij,jk->ik", z, z), r"\text{other operands}^{*}"),
        (F.standardize(z), r"\sigma^{*}"),
        (
            F.rms_norm(z),
            r"\frac{1}{r^{*}} \left(g' - \hat{x}^{*} \, \operatorname{mean}(g' \odot \hat{x}^{*})\right)",
        ),
    ):
        report = build_report(variable.tape, variable.id, np.ones((2, 2), complex))
        step = next(step for step in report.reverse.steps if step.contributions)
        assert any(starred in contribution.formula for contribution in step.contributions)


def test_scripts_follow_the_star():
    """A second exponent stands outside of parentheses: two on one letter are an error of TeX."""
    z, c = leaves(1 + 2j, 3 + 4j)
    assert formulas(z / c) == [r"\frac{@g}{@1^{*}}", r"-\frac{@g \cdot @0^{*}}{(@1^{*})^2}"]
    a, b = leaves(np.eye(2) * 1j, np.eye(2) * (1 + 1j))
    tape = a.tape
    report = build_report(tape, (a @ b).id, np.ones((2, 2), complex))
    assert report.reverse.steps[0].contributions[0].formula == r"@g \, (@1^{*})^{\top}"


def test_real_operands_receive_the_real_part():
    """A real factor of a complex product gets Re(conj(z) g); z itself gets the real factor unstarred."""
    a, z = leaves(2.0, 3 + 4j)
    assert formulas(a * z) == [r"\operatorname{Re}\left(@g \cdot @1^{*}\right)", r"@g \cdot @0"]


@pytest.mark.parametrize("function", [F.abs, F.real, F.conjugate])
def test_other_operations_say_it_themselves(function):
    """Rules of operations that are not analytic are written in our convention already."""
    (z,) = leaves(3 + 4j)
    result = function(z)
    report = build_report(result.tape, result.id, 1.0 if np.isrealobj(result.value) else 1 + 0j)
    assert "*" not in report.reverse.steps[0].contributions[0].formula


def test_operands_that_a_foreign_graph_lacks_stay_as_they_are():
    """A product with a number that was not recorded has one parent; its rule still names two."""
    (z,) = leaves(1 + 2j)
    node = (z * z).node
    assert with_conjugates(r"@g \cdot @1", node, [z.node], 0) == r"@g \cdot @1"


def test_real_rules_are_as_in_the_table():
    """Nothing is starred where nothing is complex."""
    a, b = leaves(2.0, 3.0)
    result = a * b
    report = build_report(result.tape, result.id)
    assert report.reverse.steps[0].contributions[0].formula == r"@g \cdot @1"


def test_shown_equations_hold():
    """What is printed for 1+2j squared as a product computes: (1+0j) (1+2j)* = 1-2j."""
    (z,) = leaves(1 + 2j)
    product = z * z
    report = build_report(product.tape, product.id)
    view = reverse_steps(wording(report, 4), range(2))[0].contributions[0]
    assert view.numbers.text == "(1+0j) · (1+2j)^*"
    assert view.result.line[0].text == "1-2j"
    assert view.numbers.tex.endswith("^{*}")
