"""The badge of checked gradients, from setting and option to every format."""

from __future__ import annotations

import pytest

FAULTY = '''
from dataclasses import replace

from sphinx_tape import Tape, functions as F


def right(x=0.5):
    tape = Tape()
    return F.tanh(tape.leaf(x, name="x")).named("y")


def wrong():
    """The sign of the rule is wrong."""
    tape = Tape()
    y = F.tanh(tape.leaf(0.5, name="x")).named("y")
    node = tape.nodes[y.id]
    tape._nodes[y.id] = replace(node, vjp=lambda g: [-part for part in node.vjp(g)])
    return y
'''


@pytest.fixture
def notes(project):
    """Return a project with builders that are right and wrong."""
    project.write("faulty.py", FAULTY)
    return project


def page(*figures):
    return "Notes\n=====\n\n" + "\n".join(figures)


def test_asked_for_by_an_option(notes):
    """Only that figure is checked."""
    notes.write(
        "index.rst", page(".. tape-grads:: faulty:right\n   :check:\n", ".. tape-grads:: faulty:right\n")
    )
    built = notes.build()
    assert built.warnings == []
    assert built.text("index.html").count("tape-part-check") == 1
    assert "they agree with differences" in built.text("index.html")


def test_asked_for_by_the_setting(notes):
    """Of every figure that shows gradients and does not say otherwise."""
    figures = [
        ".. tape-grads:: faulty:right\n",
        ".. tape-trace:: faulty:right\n",
        ".. tape-view:: faulty:right\n",
    ]
    notes.write("index.rst", page(*figures, ".. tape-grads:: faulty:right\n   :check: off\n"))
    assert notes.build().text("index.html").count("tape-part-check") == 0
    changed = notes.build(tape_check=True)
    assert (changed.read, changed.text("index.html").count("tape-part-check")) == (0, 2)


def test_a_view_refuses_the_option(notes):
    """It shows no gradients."""
    notes.write("index.rst", page(".. tape-view:: faulty:right\n   :check:\n"))
    (warning,) = notes.build().warnings
    assert 'option "check" must be left out of tape-view' in warning


def test_a_failed_check_is_a_warning_in_every_build(notes):
    """At the directive, with the node to blame; also when the result is kept and nothing is run."""
    notes.write("index.rst", page(".. tape-grads:: faulty:wrong\n   :check:\n"))
    first, second = notes.build(), notes.build()
    assert (second.read, second.written) == (0, [])
    for built in (first, second):
        (warning,) = built.warnings
        assert "index.rst:4: WARNING: gradient of node 0 'x' must agree with differences" in warning
        assert "to blame: local rule of node 1 (tanh)" in warning
        assert warning.endswith("[tape.check]")
    html = first.text("index.html")
    assert '<details class="tape-part tape-part-check" open="open">' in html
    assert "To blame: the local rule of" in html
    assert "tape-failure" not in html


@pytest.mark.parametrize("builder", ["text", "man", "latex", "texinfo"])
def test_other_formats_say_it_in_sentences(notes, builder):
    """Verdict and blame, without the table."""
    extras = {"man_pages": [("index", "notes", "Notes", "", 1)]}
    notes.write("index.rst", page(".. tape-grads:: faulty:wrong\n   :check:\n"))
    built = notes.build(builder, **extras)
    written = next(path for path in built.folder.rglob("*") if path.suffix in {".txt", ".1", ".tex", ".texi"})
    text = " ".join(written.read_text("utf-8").split())
    assert "Gradients are wrong" in text
    assert "To blame: the local rule of" in text
    assert "Check of the gradients by differences" not in text
