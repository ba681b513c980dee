"""Whatever an author writes or a builder says: no exception, and every page stays well-formed."""

from __future__ import annotations

import contextlib
import re
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from lxml import etree

from sphinx_tape.execution.fingerprint import Dependencies, content_hash
from sphinx_tape.execution.request import Failure
from sphinx_tape.execution.results import Results
from sphinx_tape.execution.store import StoredReport
from sphinx_tape.ext.options import OPTIONS
from sphinx_tape.report.serial import dumps
from tests.ext.conftest import Project
from tests.render.random_reports import reports
from tests.support import require_program

WORDS = st.text(
    st.characters(exclude_categories=["Cc", "Cs"]) | st.sampled_from("<>&\"'`*_:{}[]|\\$%#/"), max_size=25
)
FIGURES = st.lists(
    st.tuples(
        st.sampled_from(["view", "grads", "trace"]),
        WORDS,
        st.dictionaries(st.sampled_from([*OPTIONS, "zzz"]), WORDS, max_size=4),
        WORDS,
    ),
    min_size=5,
    max_size=20,
)


def rest(figures):
    """A page in reST."""
    parts = ["Notes\n=====\n"]
    for view, reference, options, _ in figures:
        lines = [f".. tape-{view}:: {reference}", *(f"   :{name}: {text}" for name, text in options.items())]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def myst(figures):
    """The same in MyST, with the values quoted as YAML wants them."""
    parts = ["# Notes\n"]
    for view, reference, options, _ in figures:
        quoted = [
            f":{name}: " + '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
            for name, text in options.items()
        ]
        parts.append("\n".join(["````{tape-" + view + "} " + reference, *quoted, "````"]) + "\n")
    return "\n".join(parts)


@pytest.mark.parametrize(("suffix", "write"), [("rst", rest), ("md", myst)])
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(figures=FIGURES)
def test_any_text_in_any_option_leaves_a_well_formed_page(suffix, write, figures):
    """Some 150 directives a run: the build ends, every fault is a warning, and the page is XML."""
    messages = [message for *_, message in figures]

    def finish(_self, requests, _tell):
        results = {}
        for number, request in enumerate(requests):
            message = messages[number % len(messages)]
            failure = Failure(kind="builder", message=message, traceback=(message,), output=message)
            results[request.key] = failure
        return Results(results)

    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("sphinx_tape.ext.run.Runner.finish", finish)
        patch.setattr("sphinx_tape.ext.run.Runner.order", lambda *_, **__: None)
        patch.setattr("sphinx_tape.ext.run.Runner.start", lambda *_: None)
        project = Project(Path(folder))
        project.write(f"index.{suffix}", write(figures))
        built = project.build("epub")
        etree.fromstring(built.text("index.xhtml").encode())
        project.build("latex")
        project.build("text")


@contextlib.contextmanager
def shown(reports):
    """Return a project of one page that shows these reports, as if builders had made them."""
    texts = [dumps(report) for report in reports]
    arguments = {f"n={number}": number for number in range(len(texts))}

    def finish(_self, requests, _tell):
        results = {}
        for request in requests:
            number = arguments[request.arguments]
            text, failure = texts[number], reports[number].failure
            digest = content_hash(text.encode())
            results[request.key] = StoredReport(digest, Dependencies({}, {}), failure, text)
        return Results(results)

    views = ["view", "grads", "trace"]
    figures = [
        f".. tape-{views[number % 3]}:: tapes:any\n   :arguments: n={number}\n"
        for number in arguments.values()
    ]
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("sphinx_tape.ext.run.Runner.finish", finish)
        patch.setattr("sphinx_tape.ext.run.Runner.order", lambda *_, **__: None)
        patch.setattr("sphinx_tape.ext.run.Runner.start", lambda *_: None)
        project = Project(Path(folder))
        project.write("index.rst", "Notes\n=====\n\n" + "\n".join(figures))
        yield project


def sound(built):
    """Whether a build said nothing but what reports say of their own reverse passes."""
    return all(re.search(r"\[tape\.(output|backward)\]$", warning) for warning in built.warnings)


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(reports(most=6, finite=True), min_size=5, max_size=15))
def test_any_report_is_shown_well_formed(found):
    """Any tape, any names, in each view: the page is XML, and no fault of ours is met in any format."""
    with shown(found) as project:
        built = project.build("epub")
        tree = etree.fromstring(built.text("index.xhtml").encode())
        assert len(tree.findall(".//{*}figure")) == len(found)
        assert sound(built)
        assert not list(tree.iter("{*}script"))
        assert sound(project.build("text"))


def test_tex_sets_any_report():
    """Sixty reports with hostile names, in one run of TeX, which is the real parser."""
    latexmk = require_program("latexmk")
    found = sixty_reports()
    with shown(found) as project:
        built = project.build("latex", latex_engine="xelatex")
        assert sound(built)
        command = [latexmk, "-xelatex", "-interaction=nonstopmode", "-halt-on-error", "notes.tex"]
        done = subprocess.run(command, cwd=built.folder, capture_output=True, check=False)
        assert done.returncode == 0, done.stdout[-3000:]


def sixty_reports():
    """Return sixty random reports, the same each time."""
    found = []

    @seed(7)
    @settings(
        max_examples=60, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(reports(most=6, finite=True))
    def collect(report):
        found.append(report)

    collect()
    return found
