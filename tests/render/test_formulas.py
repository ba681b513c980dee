"""`render.formulas`: symbols and numbers put into the rules."""

from __future__ import annotations

import pytest
from docutils.utils.math.latex2mathml import tex2mathml

from sphinx_tape.render.formulas import Filling, numbers_formula, rule_formula, value_formula
from sphinx_tape.render.symbols import symbols
from tests.render.sample_reports import Sketch, layers, neuron, preview
from tests.support import require_module


def scalars(*values, cotangent=1.0, keywords=(), **more):
    """The filling of an operation on leaves w, x, ... with these values."""
    sketch = Sketch()
    leaves = tuple(sketch.leaf(name, value, **more) for name, value in zip("wxz", values, strict=False))
    sketch.node("op", 6.0, leaves, (None,) * len(leaves), name="y", keywords=keywords)
    return Filling(
        row=sketch.rows[-1], symbols=symbols(sketch.rows), nodes=sketch.rows, cotangent=preview(cotangent)
    )


def test_the_chain_rule_of_a_product():
    """The neuron's product rule reads as in the notes, and its numbers are -6 and 3."""
    report = neuron()
    step = next(s for s in report.reverse.steps if s.node == 3)
    filling = Filling(
        row=report.nodes[3], symbols=symbols(report.nodes), nodes=report.nodes, cotangent=step.cotangent
    )
    rule = rule_formula(step.contributions[0].formula, filling)
    numbers = numbers_formula(step.contributions[0].formula, filling)
    assert (rule.tex, rule.text) == (r"\overline{v_{3}} \cdot x", "grad(v3) · x")
    assert (numbers.tex, numbers.text) == (r"-6 \cdot 3", "-6 · 3")


@pytest.mark.parametrize(
    ("template", "values", "tex"),
    [
        (r"@0 \cdot @1", (2.0, -3.0), r"2 \cdot (-3)"),
        (r"@0 \cdot @1", (-2.0, 3.0), r"-2 \cdot 3"),
        ("@0^2", (-3.0,), "(-3)^2"),
        ("@0", (-3.0,), "-3"),
        ("-@0", (-3.0,), "-(-3)"),
        (r"@0 \, @1", (2.0, 3.0), r"2 \cdot 3"),
        (r"2 @0", (3.0,), r"2 \cdot 3"),
        (r"@0 + @1", (1e-9, 1.0), r"(1 \times 10^{-9}) + 1"),
        (r"@0 + @1", ((1.0, 2.0), 1.0), r"(1+2\mathrm{j}) + 1"),
        (r"@0 + @1", ("nan", "-inf"), r"\mathrm{NaN} + (-\infty)"),
        (r"\left[@0, @3, \ldots\right]", (1.0,), r"\left[1, \ldots, \ldots\right]"),
        (r"\tfrac{2}{n} @0 \, (@1 - 1)", (2.0, 3.0), r"\tfrac{2}{n} \cdot 2 \cdot (3 - 1)"),
        (r"\textstyle\sum @0", (2.0,), r"\sum 2"),
    ],
)
def test_numbers_are_parenthesised_where_they_must(template, values, tex):
    """Signs, exponents and complex parts never run into their neighbours."""
    assert numbers_formula(template, scalars(*values)).tex == tex


@pytest.mark.parametrize(
    ("value", "tex", "text"),
    [
        ("1/3", r"2 \cdot (\frac{1}{3})", "2 · (1/3)"),
        ("7", r"2 \cdot 7", "2 · 7"),
        ("x + 1", r"2 \cdot (x + 1)", "2 · (x + 1)"),
    ],
)
def test_exact_elements_are_typeset(value, tex, text):
    """Fractions and symbols come out as math, with parentheses among factors."""
    made = numbers_formula(r"2 \cdot @0", scalars(value, dtype="object", kind="exact"))
    assert (made.tex, made.text) == (tex, text)


def test_arrays_show_their_shapes():
    """Where numbers would not fit, symbol and shape stand."""
    report = layers()
    filling = Filling(row=report.nodes[3], symbols=symbols(report.nodes), nodes=report.nodes)
    made = numbers_formula(r"@0 \, @1", filling)
    assert made.tex == r"\underset{8 \times 10}{x} \; \; \underset{10 \times 3}{{W_{1}}}"
    assert made.text == "x[(8, 10)] W1[(10, 3)]"


@pytest.mark.parametrize(
    ("keyword", "tex"),
    [("mean", "mean"), ("0.5", "0.5"), ("(0, 1)", r"\text{(0, 1)}"), ("ij,jk->ik", r"\text{ij,jk->ik}")],
)
def test_keywords_are_put_in(keyword, tex):
    """Keyword arguments appear in the formula, whatever is in them."""
    filling = scalars(1.0, keywords=(("axis", keyword),))
    assert rule_formula("@{axis}", filling).tex == tex
    assert rule_formula("@{axis}", filling).text == keyword
    assert numbers_formula("@{axis}", filling).tex == tex


def test_an_unknown_keyword_keeps_its_name():
    """A keyword that was left at its default is named rather than dropped."""
    assert rule_formula("@{axis}", scalars(1.0)).tex == "axis"


def test_names_that_look_like_marks_stay_names():
    """An author may call a node `@0`: marks are replaced once."""
    sketch = Sketch()
    leaf = sketch.leaf("@g", 1.0)
    sketch.node("op", 1.0, (leaf,), (None,), name="@0")
    filling = Filling(row=sketch.rows[1], symbols=symbols(sketch.rows), nodes=sketch.rows)
    assert rule_formula("@0 + @y", filling).text == "@g + @0"


def test_an_index_on_a_bar_stays_an_index():
    """Otherwise docutils would write the index of a barred letter below it; the empty group prevents that."""
    made = rule_formula("@g_{b}", scalars(1.0)).tex
    assert made == r"\bar{y}{}_{b}"
    assert "munder" not in tex2mathml(made)


@pytest.mark.parametrize("template", [r"@0^{\top} \, @g", "{@0}^2", r"@g^{\top}", r"@g \, {@0}^{\top}"])
def test_exponents_of_arrays_stay_at_the_side(template):
    """Nor may an exponent climb above a letter that has its shape below, or a bar above."""
    report = layers()
    step = next(s for s in report.reverse.steps if s.node == 4)
    filling = Filling(
        row=report.nodes[4], symbols=symbols(report.nodes), nodes=report.nodes, cotangent=step.cotangent
    )
    for made in (rule_formula(template, filling), numbers_formula(template, filling)):
        converted = tex2mathml(made.tex)
        assert "munderover" not in converted
        assert "msup" in converted or "msubsup" in converted


def test_without_a_cotangent_the_symbol_stands():
    """A step that was never reached shows its rule, not a number that does not exist."""
    filling = scalars(2.0)
    bare = Filling(row=filling.row, symbols=filling.symbols, nodes=filling.nodes)
    assert numbers_formula("@g", bare).tex == r"\bar{y}"


@pytest.mark.parametrize(("value", "tex"), [(-6.0, "-6"), (1e-9, r"1 \times 10^{-9}"), ("inf", r"\infty")])
def test_a_value_alone_has_no_parentheses(value, tex):
    """A result stands as it is."""
    assert value_formula(preview(value), 4).tex == tex
    assert value_formula(preview("1/3", kind="exact", dtype="object"), 4).tex == r"\frac{1}{3}"


def test_every_formula_of_the_table_converts():
    """Each operation's formulas, with symbols and with numbers, are accepted by the MathML converter."""
    module = require_module("sphinx_tape.tape.primitives")
    for filling in (scalars(2.0, -3.0, 1e-9, cotangent=-1.5), scalars(0.5)):
        for primitive in module.PRIMITIVES.values():
            for template in (primitive.tex, *primitive.formulas):
                for made in (rule_formula(template, filling), numbers_formula(template, filling)):
                    assert tex2mathml(made.tex), (primitive.name, template)
