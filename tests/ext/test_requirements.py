"""`ext.requirements`: figures whose packages are absent leave a calm box, and no warning."""

from __future__ import annotations

import pytest

from sphinx_tape.ext.requirements import missing_packages

BOX = "Not installed where this page was built: no_such_package."


def test_only_what_cannot_be_imported_is_missing(tmp_path):
    """Installed packages, modules of the project and built-in ones are there; the order is the author's."""
    (tmp_path / "lies_here.py").write_text("")
    names = ["no_b", "numpy", "lies_here", "sys", "no_a"]
    assert missing_packages(names, [str(tmp_path)]) == ("no_b", "no_a")
    assert missing_packages(["lies_here"], []) == ("lies_here",)


def test_a_folder_of_pages_is_no_package(tmp_path):
    """Pages about an engine may lie in a folder that bears its name."""
    (tmp_path / "no_such_engine").mkdir()
    assert missing_packages(["no_such_engine"], [str(tmp_path)]) == ("no_such_engine",)


def test_nothing_is_imported(tmp_path):
    """What is asked for may take seconds to load, or fail."""
    (tmp_path / "broken_engine.py").write_text("raise RuntimeError")
    assert missing_packages(["broken_engine"], [str(tmp_path)]) == ()


@pytest.mark.parametrize(("builder", "page"), [("html", "index.html"), ("text", "index.txt")])
def test_the_page_says_what_is_not_installed_and_warns_of_nothing(project, builder, page):
    """The caption stays, the other figures too, and nothing is run."""
    project.write(
        "index.rst",
        "Notes\n=====\n\n.. tape-trace:: needs_it:loss\n   :requires: no_such_package\n   :caption: Cap\n",
    )
    project.write("needs_it.py", "import no_such_package\n\n\ndef loss():\n    return 0\n")
    built = project.build(builder)
    assert built.warnings == []
    said = " ".join(built.text(page).split())
    for words in (BOX, "Cap", "This figure has not been run"):
        assert words in said
    assert "tape-failure" not in said


def test_an_equal_figure_that_requires_nothing_is_run(project):
    """Two figures share a request; only the one that asks for the package is left out."""
    project.write(
        "index.rst",
        "Notes\n=====\n\n.. tape-view:: tapes:neuron\n   :requires: numpy no_such_package\n\n"
        ".. tape-view:: tapes:neuron\n",
    )
    built = project.build("latex")
    assert (built.warnings, project.runs) == ([], 1)
    tex = built.text("notes.tex")
    assert "no\\_such\\_package" in tex
    assert "square" in tex


def test_the_page_is_written_again_when_the_package_has_come(project):
    """Nothing of the page has changed, but it can be run now."""
    project.write("index.rst", "Notes\n=====\n\n.. tape-view:: tapes:neuron\n   :requires: no_such_package\n")
    assert "This figure has not been run" in project.build("text").text("index.txt")
    project.write("no_such_package.py", "")
    built = project.build("text")
    assert (built.read, project.runs) == (0, 1)
    assert "square" in built.text("index.txt")
