"""`ext.assets`: style and script where there are figures, and nowhere else."""

from __future__ import annotations

import pytest

PAGES = {
    "index.rst": "Notes\n=====\n\n.. toctree::\n\n   figure\n   prose\n",
    "figure.rst": "Figure\n======\n\n.. tape-view:: tapes:neuron\n",
    "prose.rst": "Prose\n=====\n\nWords.\n",
}


@pytest.fixture
def notes(project):
    """Return a page with a figure and one without."""
    for name, text in PAGES.items():
        project.write(name, text)
    return project


@pytest.mark.parametrize(
    ("builder", "figure", "prose"),
    [
        ("html", "figure.html", "prose.html"),
        ("dirhtml", "figure/index.html", "prose/index.html"),
    ],
)
@pytest.mark.parametrize("parallel", [0, 4])
def test_only_pages_with_figures_link_style_and_script(notes, builder, figure, prose, parallel):
    """Also where pages lie in folders, and where they are written by other processes."""
    built = notes.build(builder, parallel=parallel)
    up = "../" * figure.count("/")
    page = built.text(figure)
    assert f'href="{up}_static/tape.css' in page
    assert f'src="{up}_static/tape-stepper.js' in page
    assert "defer" in page
    for name in (prose, "index.html", "search.html" if builder == "html" else "search/index.html"):
        assert "tape" not in built.text(name).replace("tapes", "")
    for name in ("tape.css", "tape-stepper.js"):
        assert (built.folder / "_static" / name).is_file()


def test_a_page_with_a_failure_has_the_style_of_its_box(notes):
    """A box is a part of our look too."""
    notes.write("figure.rst", PAGES["figure.rst"] + "   :align: up\n")
    assert "_static/tape.css" in notes.build("html").text("figure.html")


def test_a_project_can_replace_the_style(notes):
    """Its own static folder comes last, so it wins."""
    notes.write("_static/tape.css", "/* ours */")
    built = notes.build("html", html_static_path=["_static"])
    assert built.text("_static/tape.css") == "/* ours */"


def test_epub_has_the_style_and_no_script(notes):
    """Readers of books rarely run scripts; nothing is lost without."""
    page = notes.build("epub").text("figure.xhtml")
    assert "_static/tape.css" in page
    assert "tape-stepper" not in page


@pytest.mark.parametrize("builder", ["text", "latex"])
def test_other_formats_get_no_static_files(notes, builder):
    """Nothing of the web is copied into a book."""
    assert not list(notes.build(builder).folder.rglob("tape*.css"))


def test_the_second_build_sees_no_changed_setting(notes):
    """A path of this machine in the saved configuration would count as a change at every build."""
    notes.build("html")
    assert "html_static_path" not in notes.build("html").status
