"""Every Sphinx builder passes with warnings as errors, and shows the same numbers."""

from __future__ import annotations

import re
import subprocess
import zipfile

import pytest
from lxml import etree

from tests.support import require_program

INDEX = """
Notes
=====

.. tape-view:: tapes:neuron
   :caption: What was *recorded* of :math:`x^2`
   :name: fig-view
   :alt: The neuron's tape

.. tape-grads:: tapes:neuron
   :caption: Gradients
   :name: fig-grads
   :width: 8cm

   A legend.

See :numref:`fig-view`, :numref:`fig-grads` and :ref:`the trace <fig-trace>`.

.. toctree::

   markdown
   prose
"""

MARKDOWN = """
# Markdown

```{tape-trace} tapes:neuron
:caption: Reverse *pass* of $x^2$
:name: fig-trace
```

- In a list:

  ```{tape-grads} tapes:vector
  :seed: "[1, 1, 1]"
  :show: graph gradients nodes values dot source
  ```

```{note}
In a note:

:::{tape-view} tapes:neuron
:caption: Noted
:::
```
"""

PROSE = "Prose\n=====\n\nNothing is computed here.\n"

BUILDERS = [
    "html",
    "dirhtml",
    "singlehtml",
    "epub",
    "latex",
    "text",
    "man",
    "texinfo",
    "xml",
    "pseudoxml",
    "linkcheck",
    "dummy",
]

GRADIENTS = ["-18", "-12", "-6"]
"""Of the neuron, by hand: (w x + b - 10)^2 at x = 3, w = 2, b = 1."""


@pytest.fixture(scope="module")
def notes(tmp_path_factory):
    """Return one project, built again by every test: doctrees and results are shared."""
    from tests.ext.conftest import Project

    folder = tmp_path_factory.mktemp("builders") / "notes"
    folder.mkdir()
    project = Project(folder)
    project.write("index.rst", INDEX)
    project.write("markdown.md", MARKDOWN)
    project.write("prose.rst", PROSE)
    return project


def build(notes, builder):
    """Build without a warning."""
    # texinfo and man build what their lists name; the defaults are derived from the project.
    result = notes.build(builder, nitpicky=True, epub_show_urls="no")
    assert result.warnings == []
    return result


@pytest.mark.parametrize("builder", BUILDERS)
def test_every_builder_passes_without_a_warning(notes, builder):
    """Nitpicky, in every format, from one set of doctrees."""
    build(notes, builder)


def words(text):
    """The numbers and words of a text, without layout."""
    return set(re.findall(r"-?[\w.]+", text.replace("\\sphinxhyphen{}", "-").replace("\\-", "-")))


@pytest.mark.parametrize(
    ("builder", "name"),
    [
        ("html", "index.html"),
        ("dirhtml", "index.html"),
        ("singlehtml", "index.html"),
        ("epub", "index.xhtml"),
        ("latex", "notes.tex"),
        ("text", "index.txt"),
        ("man", "notes.1"),
        ("texinfo", "notes.texi"),
        ("xml", "index.xml"),
        ("pseudoxml", "index.pseudoxml"),
    ],
)
def test_every_format_shows_the_gradients(notes, builder, name):
    """The three gradients worked out by hand stand in each of them."""
    text = build(notes, builder).text(name)
    assert set(GRADIENTS) <= words(re.sub(r"<[^>]*>", " ", text).replace("\u2212", "-"))


def test_epub_pages_are_well_formed(notes):
    """XHTML is XML: drawings, MathML and tables included."""
    (book,) = build(notes, "epub").folder.glob("*.epub")
    with zipfile.ZipFile(book) as archive:
        pages = {name: archive.read(name) for name in archive.namelist() if name.endswith(".xhtml")}
        assert "_static/tape.css" in archive.namelist()
        assert not [name for name in archive.namelist() if "tape-stepper" in name]
    assert "index.xhtml" in pages
    tree = etree.fromstring(pages["markdown.xhtml"])
    assert tree.findall(".//{http://www.w3.org/2000/svg}svg")
    for page in pages.values():
        etree.fromstring(page)


def test_gettext_extracts_captions_and_runs_nothing(project):
    """Captions and legends are translated like any text; no result is needed for that."""
    project.write("index.rst", INDEX.replace(".. toctree::\n\n   markdown\n   prose\n", ""))
    built = project.build("gettext")
    catalogue = built.text("index.pot")
    assert 'msgid "What was *recorded* of :math:`x^2`"' in catalogue
    assert 'msgid "A legend."' in catalogue
    assert project.runs == 0


def test_linkcheck_runs_nothing_and_dummy_runs(project):
    """Links are known without results; `dummy` is for seeing whether everything works."""
    project.write("index.rst", "Notes\n=====\n\n.. tape-view:: tapes:neuron\n")
    project.build("linkcheck")
    assert project.runs == 0
    project.build("dummy")
    assert project.runs == 1


def test_text_shows_an_aligned_table_and_never_an_image(notes):
    """`[image]` or the word alone helps nobody in a terminal."""
    text = build(notes, "text").text("index.txt")
    assert "[image" not in text
    (rule,) = {line for line in text.split("\n") if line.strip().startswith("|====")} & {
        line for line in text.split("\n") if line.count("|") == 9
    }
    row = next(line for line in text.split("\n") if re.match(r"\s*\| 7 +\| square", line))
    assert [i for i, c in enumerate(row) if c == "|"] == [i for i, c in enumerate(rule) if c == "|"]


def test_figures_are_numbered_and_their_tables_are_not(notes):
    """`numref` finds the figures in all formats; inner tables do not take numbers."""
    html = build(notes, "html").text("index.html")
    assert re.findall(r'<span class="caption-number">(.*?) </span>', html) == ["Fig. 1", "Fig. 2"]
    assert "See <a" in html
    text = build(notes, "text").text("index.txt")
    assert "Table" not in text


def test_drawings_stand_before_their_tables_in_latex(project):
    """A float would leave its tables, which then run over the page's foot; a drawing alone still floats."""
    project.write(
        "index.rst",
        "T\n=\n\n.. tape-view:: tapes:neuron\n\n.. tape-view:: tapes:neuron\n   :show: graph\n\n"
        ".. figure:: a.png\n\n   Floats\n",
    )
    text = (project.build("latex").folder / "notes.tex").read_text(encoding="utf-8")
    assert re.findall(r"\\begin\{figure\}\[(\w+)\]", text) == ["H", "htbp", "htbp"]


def test_long_words_of_failures_stay_on_the_page(project):
    """Messages and tracebacks quote what nobody can hyphenate."""
    latexmk = require_program("latexmk")
    project.write("long.py", "def path():\n    raise ValueError('x' * 150 + ' must fit')\n")
    project.write("index.rst", "T\n=\n\n.. tape-view:: long:path\n   :caption: C\n")
    folder = project.build("latex").folder
    command = [latexmk, "-pdf", "-interaction=nonstopmode", "-halt-on-error", "notes.tex"]
    subprocess.run(command, cwd=folder, capture_output=True, check=True)
    assert "Overfull" not in (folder / "notes.log").read_text(encoding="utf-8", errors="replace")


def test_a_tall_drawing_fits_below_the_head_of_a_chapter(project):
    """A drawing that does not float, behind a heading that may not be parted from it, stays on its page."""
    latexmk = require_program("latexmk")
    chain = (
        "def chain():\n    v = Tape().leaf(1.0)\n    for _ in range(25):\n        v = v * 2.0\n    return v\n"
    )
    project.write("tall.py", "from sphinx_tape import Tape\n\n\n" + chain)
    project.write(
        "index.rst",
        "T\n=\n\nChapter\n-------\n\n.. tape-view:: tall:chain\n   :direction: TB\n   :caption: "
        + "Many words. " * 20,
    )
    folder = project.build("latex").folder
    command = [latexmk, "-pdf", "-interaction=nonstopmode", "-halt-on-error", "notes.tex"]
    subprocess.run(command, cwd=folder, capture_output=True, check=True)
    assert "Overfull \\vbox" not in (folder / "notes.log").read_text(encoding="utf-8", errors="replace")


def test_latex_sets_the_labels_itself(notes):
    """The picture is vector outlines; its texts are LaTeX's, so fonts and scripts are the reader's."""
    built = build(notes, "latex")
    tex = built.text("notes.tex")
    pictures = sorted(path.name for path in built.folder.glob("tape-*.pdf"))
    used = re.findall(r"\\includegraphics\[width=[\d.]+bp\]\{\{(tape-\w+)\}\.pdf\}", tex)
    assert sorted({f"{name}.pdf" for name in used}) == pictures
    assert len(used) == 5
    assert re.search(r"\\tapelabel\{l\}\{[\d.]+\}\{[\d.]+\}\{[0-9A-F]{6}\}\{\\textbf\{loss\}\}", tex)
    assert r"\resizebox{8cm}{!}{\box1}" in tex
    # Tables stand behind their figure's float, where they may break over pages.
    assert tex.index(r"\label{\detokenize{index:fig-grads}}") < tex.index("Gradients of loss")


def test_the_same_picture_is_written_once(notes):
    """Files are named by content, so a second build touches none."""
    folder = build(notes, "latex").folder
    before = {path: path.stat().st_mtime_ns for path in folder.glob("tape-*.pdf")}
    build(notes, "latex")
    assert {path: path.stat().st_mtime_ns for path in folder.glob("tape-*.pdf")} == before


def test_dot_text_is_printed_only_where_it_folds_or_is_asked_for(notes):
    """In a book it would be noise; the author who names it gets it everywhere."""
    text = build(notes, "text").folder
    assert "digraph" not in (text / "index.txt").read_text("utf-8")
    assert "digraph" in (text / "markdown.txt").read_text("utf-8")
    assert "digraph" in build(notes, "html").text("index.html")


def test_ids_are_unique_where_all_pages_become_one(notes):
    """Three pages, each with a first figure, in one file."""
    html = build(notes, "singlehtml").text("index.html")
    ids = re.findall(r'\bid="([^"]+)"', html)
    drawn = [name for name in ids if re.fullmatch(r"[\w-]+-n\d+", name)]
    assert len(drawn) > 20
    assert len(set(drawn)) == len(drawn)


PLACES = """
Notes
=====

.. list-table::

   * - .. tape-trace:: tapes:neuron
          :caption: In a cell
     - b

.. note::

   .. tape-grads:: tapes:neuron

* item

  .. tape-grads:: tapes:neuron
     :align: left

     Aligned.

.. sidebar:: Side

   .. tape-view:: tapes:neuron

.. topic:: Topic

   .. tape-view:: tapes:raises

term
   .. tape-view:: tapes:neuron

.. py:function:: f(x)

   .. tape-trace:: tapes:neuron

.. only:: html

   .. tape-view:: tapes:neuron

Notes below [#one]_ and [#two]_.

.. [#one] A drawing alone:

   .. tape-view:: tapes:neuron
      :show: graph

.. [#two] And all of it:

   .. tape-grads:: tapes:neuron
"""


@pytest.mark.parametrize("builder", BUILDERS)
def test_a_figure_can_stand_wherever_a_figure_can(project, builder):
    """In cells, notes, lists, sidebars, topics, descriptions: one warning, that of the failure."""
    project.write("index.rst", PLACES)
    built = project.build(builder)
    assert len(built.warnings) == (builder != "linkcheck")


def test_latex_compiles_figures_in_all_places(project):
    """No table in a table, no float where none may be; a float is not carried away by the tables."""
    latexmk = require_program("latexmk")
    project.write("index.rst", PLACES)
    folder = project.build("latex").folder
    assert "wrapfigure" not in (folder / "notes.tex").read_text("utf-8")
    command = [latexmk, "-pdf", "-interaction=nonstopmode", "-halt-on-error", "notes.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, errors="replace")
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize(("words", "measured"), [(100, True), (1000, False)])
def test_long_captions_are_not_measured(project, words, measured):
    """LaTeX sets a caption in one line first; a very long one would be an error there."""
    project.write(
        "index.rst", f"Notes\n=====\n\n.. tape-view:: tapes:neuron\n   :caption: {'word ' * words}\n"
    )
    text = project.build("latex").text("notes.tex")
    assert (r"\begingroup\makeatletter" not in text) == measured
    assert text.count(r"\begingroup") == text.count(r"\endgroup")


def test_a_figure_in_a_cell_has_aligned_lines_for_tables(project):
    """Text and man refuse tables in tables."""
    project.write("index.rst", PLACES)
    tree = etree.fromstring(project.build("xml").text("index.xml").encode())
    cell = tree.find(".//entry")
    assert cell.find(".//table") is None
    (block,) = cell.findall(".//literal_block")
    lines = "".join(block.itertext()).split("\n")
    assert lines[0].split()[:6] == ["id", "op", "name", "shape", "dtype", "requires"]
    assert lines[1].startswith("0   leaf      w     ")
