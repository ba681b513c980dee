"""`ext.spelling`: any text can be set by any engine."""

from __future__ import annotations

import subprocess

import pytest
from docutils import nodes

from sphinx_tape.ext.spelling import make_spellable, spell
from tests.support import require_program

HOSTILE = "\u03c3 é 中 🙂 % $ & # _ ^ ~ { } \\ ∂L · \u00d7 \u2212 … → x₁² 'q' \"d\" `b` < > | \u202e \u0007"

BUILDERS = f"""
from sphinx_tape import Tape


def named():
    tape = Tape()
    x = tape.leaf([2.0, 3.0], name={HOSTILE!r})
    with tape.scope({HOSTILE!r}):
        return (x * x).sum().named("λ_中")


def raises():
    print({HOSTILE!r})
    raise ValueError({HOSTILE!r} * 3)
"""


def escape(text):
    """Stand for Sphinx's own escaping."""
    return text.replace("%", r"\%")


def test_an_engine_with_all_characters_gets_them():
    """XeTeX and LuaTeX set what their fonts have."""
    assert spell("\u03c3 中 50%", "xelatex", escape) == "\u03c3 中 50\\%"
    paragraph = nodes.paragraph("", "\u03c3 中")
    make_spellable([paragraph], "lualatex")
    assert paragraph.astext() == "\u03c3 中"


def test_pdftex_gets_greek_as_math_and_the_rest_as_codes():
    """What it can set by itself is left alone."""
    assert spell("é \u03c3∂L 中 50%", "pdflatex", escape) == (
        r"é \ensuremath{\sigma}\ensuremath{\partial}L U+4E2D 50\%"
    )


def test_nodes_are_respelt_where_they_stand():
    """In text as raw math, in math as a command, in verbatim text as a code."""
    text = nodes.paragraph("", "a \u03c3 中")
    math = nodes.math("", "\u03c3 + 中")
    verbatim = nodes.literal_block("\u03c3 中", "\u03c3 中")
    make_spellable([text, math, verbatim], "pdflatex")
    assert [type(child).__name__ for child in text] == ["Text", "raw", "Text", "Text"]
    assert text[1].astext() == r"\ensuremath{\sigma}"
    assert math.astext() == r"\ensuremath{\sigma} + \text{U+4E2D}"
    assert (verbatim.astext(), verbatim.rawsource) == ("U+03C3 U+4E2D",) * 2


@pytest.mark.parametrize("engine", ["pdflatex"])
def test_a_document_with_hostile_names_and_messages_compiles(project, engine):
    """Names, scopes, exception texts and printed output, through LaTeX itself."""
    latexmk = require_program("latexmk")
    require_program(engine)
    project.write("tapes.py", BUILDERS)
    project.write(
        "index.rst",
        "Notes\n=====\n\n.. tape-trace:: tapes:named\n   :caption: Cap\n"
        "   :show: graph steps gradients nodes values dot source\n\n.. tape-view:: tapes:raises\n",
    )
    folder = project.build("latex", latex_engine=engine).folder
    command = [latexmk, "-pdf", "-interaction=nonstopmode", "-halt-on-error", "notes.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, errors="replace")
    assert done.returncode == 0, done.stdout[-3000:]
    assert (folder / "notes.pdf").stat().st_size > 10_000
