"""`ext.anchors`: ids that readers can write, and that meet nothing else on a page."""

from __future__ import annotations

import re
from collections import Counter
from types import SimpleNamespace

import pytest

from sphinx_tape.ext.anchors import clashes, prefix_of
from tests.ext.test_figure import figure


def ids(html):
    """Return every id of a page, repeats kept."""
    return re.findall(r'\bid="([^"]*)"', html)


def repeated(html):
    return [name for name, count in Counter(ids(html)).items() if count > 1]


@pytest.mark.parametrize("builder", ["html", "dirhtml", "epub", "json"])
def test_a_page_of_its_own_needs_the_number_only(builder):
    """Short, because it stands in every row of every table."""
    assert prefix_of(figure(), SimpleNamespace(name=builder)) == "T1"


def test_where_all_pages_become_one_the_page_is_in_the_prefix():
    """The same for the same page in every build, on every machine."""
    one, two = (figure("view"), figure("view"))
    builder = SimpleNamespace(name="singlehtml")
    assert prefix_of(one, builder) == prefix_of(two, builder) == "T148de9-1"


def test_no_id_of_docutils_begins_like_ours(project):
    """A heading named like our ids gets a small letter."""
    project.write("index.rst", "T1-n0\n=====\n\n.. tape-view:: tapes:neuron\n\nT1-row-0\n--------\n")
    html = project.build("html").text("index.html")
    for name in ("T1-n0", "T1-row-0", "t1-n0", "t1-row-0"):
        assert html.count(f'id="{name}"') == 1


@pytest.mark.parametrize(
    ("name", "anchor"),
    [
        ("fig-neuron", "fig-neuron"),
        ("Fig Neuron!", "fig-neuron"),
        ("2nd", "nd"),
        ("Größe", "grosze"),
        ("図", "T1"),
    ],
)
def test_a_name_is_what_ids_begin_with(project, name, anchor):
    """As docutils writes it; a name of which it can make no id leaves the number."""
    project.write("index.rst", f"Page\n====\n\n.. tape-trace:: tapes:neuron\n   :name: {name}\n")
    html = project.build("html").text("index.html")
    for end in ("n0", "row-0", "step-1", "forward-1"):
        assert f'id="{anchor}-{end}"' in html
    assert repeated(html) == []


def test_both_syntaxes_have_the_same_ids(project):
    """MyST and reST name figures alike."""
    project.write(
        "index.rst", "A\n=\n\n.. toctree::\n\n   b\n\n.. tape-trace:: tapes:neuron\n   :name: fig-a\n"
    )
    project.write("b.md", "# B\n\n```{tape-trace} tapes:neuron\n:name: fig-b\n```\n")
    built = project.build("html")
    one, two = (built.text(f"{page}.html") for page in ("index", "b"))
    ours = [name for name in ids(one) if name.startswith("fig-a")]
    assert len(ours) > 20
    assert ours == [name.replace("fig-b", "fig-a") for name in ids(two) if name.startswith("fig-b")]


def test_several_figures_of_a_page_keep_apart(project):
    """Also where one name is the beginning of another, and beside figures without a name."""
    names = ["fig", "fig-step", "fig-row", "fig-n"]
    figures = [f".. tape-trace:: tapes:neuron\n   :name: {name}\n" for name in names]
    project.write("index.rst", "Page\n====\n\n" + "\n".join([*figures, ".. tape-trace:: tapes:neuron\n"]))
    html = project.build("html").text("index.html")
    assert {"fig-step-1", "fig-step-step-1", "fig-row-0", "fig-row-row-0", "T5-row-0"} <= set(ids(html))
    assert repeated(html) == []


@pytest.mark.parametrize("heading", ["Fig step 1", "Fig graph", "Fig n0"])
def test_a_heading_in_the_way_leaves_the_number(project, heading):
    """Its id stays what docutils made; the figure's begin with its number."""
    project.write(
        "index.rst",
        f"Page\n====\n\n.. tape-trace:: tapes:neuron\n   :name: fig\n\n{heading}\n{'-' * 20}\n",
    )
    html = project.build("html").text("index.html")
    assert 'id="T1-step-1"' in html
    assert repeated(html) == []


def test_a_name_used_twice_is_nobody_s(project):
    """A warning says so, and both figures have ids."""
    twice = ".. tape-trace:: tapes:neuron\n   :name: fig\n"
    project.write("index.rst", f"Page\n====\n\n{twice}\n{twice}")
    assert repeated(project.build("html").text("index.html")) == []


def test_where_all_pages_become_one_names_must_be_unique(project):
    """Two pages with one name fall back to numbers, and so does a name that meets a heading elsewhere."""
    project.write("index.rst", "A\n=\n\n.. toctree::\n\n   b\n   c\n")
    trace = ".. tape-trace:: tapes:neuron\n   :name: {}\n\n"
    project.write("b.rst", "B\n=\n\n" + "".join(map(trace.format, ("same", "alone", "met"))))
    project.write("c.rst", "C\n=\n\n" + trace.format("same") + "Met step 1\n----------\n")
    html = project.build("singlehtml").text("index.html")
    assert 'id="alone-step-1"' in html
    assert 'id="same-step-1"' not in html
    assert html.count('id="met-step-1"') == 1
    assert [name for name in repeated(html) if name != "same"] == []


def test_only_ids_like_ours_are_in_the_way():
    """A longer name, or one that only begins alike, is not."""
    assert clashes("fig", ["fig-step-5"])
    assert clashes("fig", ["other", "fig-desc"])
    assert not clashes(
        "fig", ["fig", "fig-steps", "fig-step-five", "figs-step-5", "my-fig-step-5", "fig-step-5-b"]
    )
    assert not clashes("", ["-step-5"])
