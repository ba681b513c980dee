"""`ext.html`: ids that meet nothing else on a page."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from sphinx_tape.ext.html import prefix_of
from tests.ext.test_figure import figure


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
