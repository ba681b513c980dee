"""Whatever an author writes or a builder says: no exception, and every page stays well-formed."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from sphinx_tape.execution.pool import Results
from sphinx_tape.execution.request import Failure
from sphinx_tape.ext.options import OPTIONS
from tests.ext.conftest import Project

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
        patch.setattr("sphinx_tape.ext.run.Runner.order", lambda *_: None)
        patch.setattr("sphinx_tape.ext.run.Runner.start", lambda *_: None)
        project = Project(Path(folder))
        project.write(f"index.{suffix}", write(figures))
        built = project.build("epub")
        etree.fromstring(built.text("index.xhtml").encode())
        project.build("latex")
        project.build("text")
