"""`render.symbols`: names become math that no name can break."""

from __future__ import annotations

import pytest
from docutils.utils.math.latex2mathml import tex2mathml
from hypothesis import given
from hypothesis import strategies as st

from sphinx_tape.render.symbols import symbol_of, symbols, text_tex
from tests.render.sample_reports import HOSTILE, Sketch


@pytest.mark.parametrize(
    ("name", "tex", "cotangent"),
    [
        ("w", "w", r"\bar{w}"),
        ("x1", "{x_{1}}", r"\overline{x_{1}}"),
        ("x_1", "{x_{1}}", r"\overline{x_{1}}"),
        ("h_t", "{h_{t}}", r"\overline{h_{t}}"),
        ("W_hh", r"{W_{\mathrm{hh}}}", r"\overline{W_{\mathrm{hh}}}"),
        ("loss", r"\mathrm{loss}", r"\overline{\mathrm{loss}}"),
        ("loss_2", r"{\mathrm{loss}_{2}}", r"\overline{\mathrm{loss}_{2}}"),
        ("theta", r"\theta", r"\bar{\theta}"),
        ("\u03b8_1", r"{\theta_{1}}", r"\overline{\theta_{1}}"),
        ("layer1.w", r"{\text{layer1.w}}", r"\overline{{\text{layer1.w}}}"),
        (
            "a_b_c",
            r"{\mathrm{a}\_\mathrm{b}\_\mathrm{c}}",
            r"\overline{{\mathrm{a}\_\mathrm{b}\_\mathrm{c}}}",
        ),
        ("50%", r"{50\%}", r"\overline{{50\%}}"),
    ],
)
def test_names_become_symbols(name, tex, cotangent):
    """Letters, words, indices and Greek are written as in print."""
    symbol = symbol_of(name)
    assert (symbol.tex, symbol.cotangent) == (tex, cotangent)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_valid_math(name):
    """Names that break careless writers convert without an error."""
    symbol = symbol_of(name)
    tex2mathml(symbol.tex)
    tex2mathml(symbol.cotangent)


@given(st.text(max_size=40))
def test_any_text_is_valid_math(name):
    """No name at all can make TeX that the converter refuses; braces always balance."""
    for tex in (symbol_of(name).tex, symbol_of(name).cotangent, text_tex(name)):
        tex2mathml(tex)
        bare = tex.replace(r"\{", "").replace(r"\}", "")
        assert bare.count("{") == bare.count("}")


def test_unnamed_nodes_are_called_by_their_id():
    """A node without a name is v with its id, as in the survey literature."""
    sketch = Sketch()
    sketch.leaf("x", 1.0)
    sketch.scalar("exp", 2.7, (0,), (2.7,))
    assert [symbol.tex for symbol in symbols(sketch.rows)] == ["x", "{v_{1}}"]
    assert symbols(sketch.rows)[1].cotangent_text == "grad(v1)"


def test_equal_names_are_told_apart():
    """Two nodes of the same name carry their ids, so that a formula names one node only."""
    sketch = Sketch()
    for name in ("h", "h", "b"):
        sketch.leaf(name, 1.0)
    made = symbols(sketch.rows)
    assert [symbol.tex for symbol in made] == ["{h^{(0)}}", "{h^{(1)}}", "b"]
    assert [symbol.text for symbol in made] == ["h#0", "h#1", "b"]


def test_a_name_that_looks_unnamed_is_told_apart():
    """An author's `v_1` beside the unnamed node 1 does not steal its symbol."""
    sketch = Sketch()
    sketch.leaf("v_1", 1.0)
    sketch.scalar("exp", 2.7, (0,), (2.7,))
    assert len({symbol.tex for symbol in symbols(sketch.rows)}) == 2


def test_long_names_are_clipped_in_formulas():
    """Eighty letters do not make a formula of eighty letters."""
    assert symbol_of("a" * 80).text == "a" * 31 + "…"
