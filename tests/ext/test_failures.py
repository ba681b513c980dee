"""`ext.failures` and the way there: every trouble is said, shown, and harms nothing else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import get_args

import pytest

from sphinx_tape.execution.request import Failure, FailureKind
from sphinx_tape.execution.results import Results
from sphinx_tape.ext.failures import Trouble, note_box, trouble_box
from sphinx_tape.ext.messages import Subtype, subtype_of

HOSTILE = "<script>alert('1')</script> </svg> & \\ % $ {x} `a` *b* _ # ~ ^ | \u00e9\u4e2d"


def test_every_kind_of_failure_has_its_subtype():
    """What can happen in a run can be suppressed by name."""
    assert {subtype_of(kind).value for kind in get_args(FailureKind)} == set(get_args(FailureKind))
    assert {"layout", "option", "config"} <= {member.value for member in Subtype}


def test_an_undocumented_kind_counts_as_execution():
    """A newer worker cannot break a build."""
    assert subtype_of("never heard of") is Subtype.EXECUTION


def test_the_warning_has_everything_indented_below_its_message():
    """Message, traceback, output; the lines that follow belong to the first."""
    text = Trouble(Subtype.BUILDER, "It broke.", ("File a", "  b"), "printed\n").as_warning()
    assert text.split("\n") == [
        "It broke.",
        "    File a",
        "      b",
        "    Output of the builder:",
        "    printed",
    ]


def test_every_line_of_a_warning_but_the_first_is_indented():
    """Also those of a message: what follows at the margin would be another warning."""
    text = Trouble(Subtype.BUILDER, "It\nbroke.", ("a\nb",)).as_warning()
    assert text.split("\n") == ["It", "    broke.", "    a", "    b"]


def test_very_long_lines_are_folded_in_the_page():
    """XeTeX crashes at words of thousands of characters; nothing is lost, and empty lines stay."""
    box = trouble_box(Trouble(Subtype.BUILDER, "It broke.", ("x" * 1200, "", "y")))
    assert box[-1][-1].astext().split("\n") == ["x" * 500, "x" * 500, "x" * 200, "", "y"]


def test_the_box_has_title_message_traceback_and_output():
    """In this order, and only what is there."""
    box = trouble_box(Trouble(Subtype.BUILDER, "It broke.", ("line",), "printed"))
    assert box["classes"] == ["error", "tape-failure", "tape-failure-builder"]
    title, message, details = box
    assert [child.astext() for child in (title, message, *details)] == [
        "This figure could not be made (builder)",
        "It broke.",
        "Traceback",
        "line\nOutput of the builder:\nprinted",
    ]
    assert len(trouble_box(Trouble(Subtype.OPTION, "Bad."))) == 2


def test_a_very_long_message_is_clipped_in_the_page():
    """The warning has all of it."""
    trouble = Trouble(Subtype.BUILDER, "x" * 10_000)
    assert len(trouble_box(trouble).astext()) < 2200
    assert len(trouble.as_warning()) == 10_000


def test_a_note_is_no_failure():
    """What was left out on purpose is not styled as an error."""
    assert "tape-failure" not in note_box("Off.")["classes"]


# One page per kind of failure, with the runs replaced: what happens in a real worker is tested with it.


@pytest.fixture
def failing(project, monkeypatch):
    """Return a project with one page for every kind of failure; the runs fail as their pages say."""
    kinds = get_args(FailureKind)
    toc = "\n   ".join(kinds)
    project.write("index.rst", f"Notes\n=====\n\n.. toctree::\n\n   {toc}\n")
    for kind in kinds:
        project.write(
            f"{kind}.rst",
            f"Page\n====\n\nBefore.\n\n.. tape-grads:: tapes:{kind}\n   :caption: Cap\n"
            f"   :name: fig-{kind}\n\n"
            f"After :numref:`fig-{kind}`.\n",
        )

    def run(_self, requests, _tell):
        results = {}
        for request in requests:
            kind = request.reference.split(":")[1]
            failure = Failure(kind=kind, message=f"{HOSTILE} {kind}", traceback=(HOSTILE,), output=HOSTILE)
            results[request.key] = failure
        return Results(results)

    monkeypatch.setattr("sphinx_tape.ext.run.Runner.finish", run)
    monkeypatch.setattr("sphinx_tape.ext.run.Runner.order", lambda *_, **__: None)
    return project


@pytest.mark.parametrize("builder", ["html", "latex", "text", "man", "texinfo", "epub", "xml"])
@pytest.mark.parametrize("parallel", [0, 4])
def test_every_kind_is_said_at_its_line_and_again_in_the_next_build(failing, builder, parallel):
    """One warning each, with subtype; the second build reads and writes nothing and says it all again."""
    first = failing.build(builder, parallel=parallel)
    second = failing.build(builder, parallel=parallel)
    assert second.read == 0
    for built in (first, second):
        said = {re.search(r"\[tape\.(\w+)\]$", warning)[1]: warning for warning in built.warnings}
        assert set(said) == set(get_args(FailureKind))
        assert len(built.warnings) == len(said)
        for kind, warning in said.items():
            assert f"{kind}.rst:6: WARNING: {HOSTILE} {kind}" in warning


def test_the_page_around_a_failure_is_intact(failing):
    """Box, caption, number, text before and after; nothing of the message becomes markup."""
    built = failing.build("html")
    for kind in get_args(FailureKind):
        html = built.text(f"{kind}.html")
        assert "<p>Before.</p>" in html
        assert re.search(r'After <a class="reference internal" href="#fig-\w+">', html)
        assert f"This figure could not be made ({kind})" in html
        assert "<details><summary>Traceback</summary>" in html
        assert "<script>alert" not in html
        assert "</svg>" not in html


def test_a_text_page_shows_the_failure(failing):
    """Title, message, traceback and output."""
    text = failing.build("text").text("builder.txt")
    for words in (
        "This figure could not be made (builder)",
        "Traceback",
        "Output of the builder",
        "After Fig.",
    ):
        assert words in text


def test_suppression_works_by_subtype(failing):
    """`tape.timeout` silences that, `tape` all."""
    kinds = set(get_args(FailureKind))
    some = failing.build("text", suppress_warnings=["tape.timeout", "tape.crash"])
    assert len(some.warnings) == len(kinds) - 2
    assert not re.search(r"tape\.(timeout|crash)", "".join(some.warnings))
    assert failing.build("text", suppress_warnings=["tape"]).warnings == []


# With real workers.


def test_a_failing_builder_shows_its_own_line_and_is_run_again_until_it_is_mended(project):
    """The box names the author's file and line; mending it is noticed without touching the page."""
    project.write("index.rst", "Notes\n=====\n\n.. tape-view:: tapes:raises\n\n.. tape-view:: tapes:neuron\n")
    broken = project.build("html")
    (warning,) = broken.warnings
    assert "index.rst:4: WARNING: " in warning
    assert "broken on purpose" in warning
    assert re.search(r"tapes\.py:\d+", warning)
    assert "printed by the builder" in warning
    html = broken.text("index.html")
    assert "broken on purpose" in html
    assert html.count("<svg ") > 1, "the other figure stands"
    assert str(project.folder) not in html
    source = (project.folder / "tapes.py").read_text()
    project.write("tapes.py", source.replace('raise ValueError("broken on purpose")', "return vector()"))
    mended = project.build("html")
    assert (mended.warnings, mended.read) == ([], 0)
    assert "broken on purpose" not in mended.text("index.html")


def test_a_failing_reverse_pass_spoils_only_what_needs_it(project):
    """The tape stays; `tape-view` has nothing to complain about."""
    project.write(
        "index.rst",
        "Notes\n=====\n\n.. tape-view:: tapes:vector\n\n.. tape-grads:: tapes:vector\n\n"
        ".. tape-view:: tapes:vector\n   :output: nowhere\n",
    )
    for _ in range(2):
        built = project.build("html")
        first, second = built.warnings
        assert "index.rst:6: WARNING: " in first
        assert "index.rst:8: WARNING: " in second
        assert "nowhere" in second
        html = built.text("index.html")
        assert html.count('class="tape-failure"') == 2
        assert all(f'id="T{number}-row-0"' in html for number in (1, 2, 3))


def test_nothing_is_run_where_execution_is_off(project):
    """A note says so; a kept result is shown all the same."""
    project.write("index.rst", "Notes\n=====\n\n.. tape-view:: tapes:neuron\n")
    off = project.build("text", tape_execute=False)
    assert (off.warnings, project.runs) == ([], 0)
    assert "This figure has not been run" in off.text("index.txt")
    on = project.build("text")
    assert (on.read, project.runs) == (0, 1)
    assert "square" in on.text("index.txt")
    assert "square" in project.build("text", tape_execute=False).text("index.txt")


def test_a_missing_dot_program_is_said_and_the_built_in_layout_used(project):
    """The drawing is there; the warning is repeated at every build, only where `dot` was asked for."""
    project.write(
        "index.rst",
        "Notes\n=====\n\n.. tape-view:: tapes:neuron\n   :layout: dot\n\n.. tape-view:: tapes:neuron\n",
    )
    for _ in range(2):
        built = project.build("html", tape_dot="no-such-program")
        (warning,) = built.warnings
        assert "index.rst:4: WARNING: " in warning
        assert "built-in" in warning
        assert warning.endswith("[tape.layout]")
        assert len(re.findall('id="T\\d-n7"', built.text("index.html"))) >= 2


@pytest.mark.parametrize(("page", "failed"), [("raises", True), ("neuron", False)])
def test_the_exit_status_is_right_when_warnings_are_errors(project, page, failed):
    """As CI calls it, twice: the second build fails too although it reads nothing."""
    project.write("index.rst", f"Notes\n=====\n\n.. tape-view:: tapes:{page}\n")
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-q",
        "-W",
        "-b",
        "text",
        str(project.folder),
        str(project.folder / "out"),
    ]
    for _ in range(2):
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
        assert bool(done.returncode) == failed, done.stderr
        assert "Traceback (most recent call last)" not in done.stderr


def test_plain_text_keeps_the_traceback_apart(project):
    """The heading of the traceback has a line of its own, also in plain text."""
    project.write("index.rst", "T\n=\n\n.. tape-view:: tapes:raises\n")
    lines = project.build("text").text("index.txt").splitlines()
    assert "   **Traceback**" in lines
