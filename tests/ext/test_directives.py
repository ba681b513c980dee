"""`ext.directives`: what a page holds after reading, the same from reST and from MyST."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from docutils import nodes

from sphinx_tape.ext.figure import tape_figure
from tests.ext.test_options import BAD

SNAPSHOT = Path(__file__).with_name("figure-doctree.txt")

REST = """
Notes
=====

.. _before:

.. tape-view:: tapes:neuron

.. tape-trace:: tapes:neuron
   :arguments: x=3.0, w=2.0,
               b=1.0
   :output: loss
   :seed: 1
   :caption: The *reverse pass* of :math:`x^2`, see :ref:`this <fig-neuron>`
   :name: fig-neuron
   :alt: A <b> & "c"
   :class: wide Big
   :align: left
   :width: 60%
   :show: graph steps nodes
   :open: steps
   :precision: 3
   :direction: TB
   :max-nodes: 9
   :timeout: 7
   :layout: auto
   :mirror:

   A legend with **bold**.

   A second paragraph.

.. tape-grads:: tapes:neuron

   A caption from the *content*.

   Its legend.

See :numref:`fig-neuron`.
"""

MYST = """
# Notes

(before)=

```{tape-view} tapes:neuron
```

```{tape-trace} tapes:neuron
:arguments: "x=3.0, w=2.0, b=1.0"
:output: loss
:seed: 1
:caption: The *reverse pass* of $x^2$, see {ref}`this <fig-neuron>`
:name: fig-neuron
:alt: A <b> & "c"
:class: wide Big
:align: left
:width: 60%
:show: graph steps nodes
:open: steps
:precision: 3
:direction: TB
:max-nodes: 9
:timeout: 7
:layout: auto
:mirror:

A legend with **bold**.

A second paragraph.
```

:::{tape-grads} tapes:neuron
A caption from the *content*.

Its legend.
:::

See {numref}`fig-neuron`.
"""


def doctree(project, name, text):
    """Read one page and return its doctree."""
    project.write(name, text)
    app = project.app("dummy", build_dir=f"_build-{Path(name).suffix[1:]}")
    app.builder.read()
    tree = app.env.get_doctree("index")
    app.cleanup()
    return tree


def normal(tree):
    """Print a doctree without what belongs to the syntax, not to the document."""
    for node in tree.findall(tape_figure):
        # The lines differ of course; that they are right is tested below.
        node["figure"] = re.sub(r"line=\d+", "line=0", repr(node["figure"]))
    for section in tree.findall(nodes.section):
        # MyST marks its sections for MathJax.
        section["classes"] = []
    text = tree.pformat()
    text = re.sub(r' source="[^"]*"', "", text)
    return re.sub(r'="(True|False)"', lambda found: '="1"' if found[1] == "True" else '="0"', text)


@pytest.mark.parametrize(("name", "text"), [("index.rst", REST), ("index.md", MYST)])
def test_both_syntaxes_give_the_document_of_the_snapshot(project, name, text):
    """One snapshot for reST and MyST: figures, placeholders, captions, legends, targets, references."""
    found = normal(doctree(project, name, text))
    assert found.split("\n") == SNAPSHOT.read_text("utf-8").split("\n")


@pytest.mark.parametrize(
    ("name", "text", "opening"), [("index.rst", REST, ".. tape-"), ("index.md", MYST, "{tape-")]
)
def test_a_figure_knows_its_line(project, name, text, opening):
    """The line of the directive, in both syntaxes."""
    lines = [number for number, line in enumerate(text.split("\n"), 1) if opening in line]
    found = [node.figure for node in doctree(project, name, text).findall(tape_figure)]
    assert [(figure.line, figure.number, figure.docname) for figure in found] == [
        (line, number, "index") for number, line in enumerate(lines, 1)
    ]
    assert len(found) == 3


def page(name, option, text):
    """A page with one option, in the syntax of its name."""
    if name.endswith(".rst"):
        return f"Notes\n=====\n\n.. tape-trace:: tapes:neuron\n   :{option}: {text}\n\nAfter *it*.\n"
    quoted = f'"{text}"' if text else ""
    return f"# Notes\n\n```{{tape-trace}} tapes:neuron\n:{option}: {quoted}\n```\n\nAfter *it*.\n"


@pytest.mark.parametrize("name", ["index.rst", "index.md"])
def test_every_bad_option_gives_one_located_warning_and_a_box(project, name):
    """All bad values at once, one page each, in both syntaxes: same message, page otherwise intact."""
    pages = [f"p{number}" for number in range(len(BAD))]
    toc = "\n   ".join(pages)
    project.write("index.rst", f"Notes\n=====\n\n.. toctree::\n\n   {toc}\n")
    suffix = Path(name).suffix
    for page_name, (option, text, _) in zip(pages, BAD, strict=True):
        project.write(page_name + suffix, page(name, option, text))
    built = project.build("text")
    line = 4 if suffix == ".rst" else 3
    by_page = {Path(w.split(":")[0]).stem: w for w in built.warnings}
    assert len(built.warnings) == len(by_page) == len(BAD)
    for page_name, (option, text, rule) in zip(pages, BAD, strict=True):
        warning = by_page[page_name]
        assert f'{page_name}{suffix}:{line}: WARNING: option "{option}" of tape-trace must be ' in warning
        assert rule in warning
        assert f'(got "{text}")' in warning
        assert warning.endswith("[tape.option]")
        shown = built.text(f"{page_name}.txt")
        assert "This figure could not be made (option)" in shown
        assert "After *it*." in shown


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("index.rst", "Notes\n=====\n\n.. tape-view::\n   :zzz: 1\n"),
        ("index.md", "# Notes\n\n```{tape-view}\n:zzz: 1\n```\n"),
    ],
)
def test_a_missing_reference_and_an_unknown_option_are_said_in_one_warning(project, name, text):
    """Neither docutils nor MyST gets to refuse them first."""
    project.write(name, text)
    (warning,) = project.build("text").warnings
    assert "argument of tape-view must be a builder, package.module:function" in warning
    assert 'option "zzz" of tape-view must be one of arguments, output,' in warning


def test_a_failing_figure_keeps_its_target(project):
    """References to it do not break."""
    project.write(
        "index.rst",
        "Notes\n=====\n\n.. tape-view:: tapes:neuron\n   :name: fig-a\n   :caption: Cap\n   :align: up\n\n"
        "See :numref:`fig-a`.\n",
    )
    built = project.build("html")
    assert len(built.warnings) == 1
    assert 'href="#fig-a"' in built.text("index.html")


def test_a_directive_in_an_included_file_is_located_there(project):
    """The warning names the included file, relative names only are kept."""
    project.write("index.rst", "Notes\n=====\n\n.. include:: parts/part.txt\n")
    project.write("parts/part.txt", "A part.\n\n.. tape-view:: tapes:neuron\n   :align: up\n")
    (warning,) = project.build("dummy").warnings
    assert "parts/part.txt:3: WARNING: option" in warning
