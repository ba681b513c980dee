"""One figure in this process: every way it can end, as the worker says it."""

import json
import random
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from sphinx_tape.execution.fingerprint import ADAPTERS, installed_version
from sphinx_tape.execution.request import BAD, GOOD, FigureRequest, failure_in
from sphinx_tape.execution.worker import Answer, FigureWorker, import_module_of, warm_up
from sphinx_tape.report.serial import loads


@pytest.fixture
def run(author, monkeypatch):
    """Import the faulty builders here and run one of them."""
    # What builders of other tests have declared in this process is not this builder's.
    monkeypatch.setattr("sphinx_tape.tape.dependencies._declared", {})
    shutil.copy(Path(__file__).with_name("faulty.py"), author.folder)
    before = set(sys.modules)

    def run(function, settings=None, **request):
        chosen = author.settings(**(settings or {}))
        module = import_module_of(f"faulty:{function}", chosen)
        worker = FigureWorker(module, chosen, before)
        return worker.run_figure(FigureRequest(reference=f"faulty:{function}", **request))

    return run


def test_report_and_dependencies(run):
    """A good figure gives its report as text, and what it depends on."""
    answer = run("square", arguments="x=4.0")
    report = loads(answer.report)
    assert report.nodes[-1].value.elements == (16.0,)
    assert (answer.keep, answer.failure, answer.reverse) == (True, None, None)
    assert list(answer.dependencies.files) == ["faulty.py"]
    assert answer.dependencies.versions == {"numpy": np.__version__}
    data, report = answer.to_line().removeprefix(GOOD).removesuffix(b"\n").split(b"\t")
    assert (report.decode(), json.loads(data)["failure"]) == (answer.report, None)


@pytest.mark.parametrize(
    ("function", "kind"),
    [
        ("raises", "builder"),
        ("exits", "builder"),
        ("interrupts", "builder"),
        ("no_such_function", "reference"),
        ("Klass", "reference"),
        ("wrong_type", "result"),
        ("deep_recursion", "builder"),
    ],
)
def test_failures(run, function, kind):
    """Each fault has its kind, and gives no report."""
    answer = run(function)
    assert (answer.failure.kind, answer.report) == (kind, "")
    line = answer.to_line()
    assert line.startswith(BAD)
    assert failure_in(line) == answer.failure


@pytest.mark.parametrize(
    "request_",
    [{"arguments": "z=1"}, {"arguments": "x=("}, {"seed": "[1, [2]]"}, {"seed": "{}"}, {"seed": "x"}],
)
def test_arguments(run, request_):
    """Arguments and seeds that cannot be used."""
    assert run("square", **request_).failure.kind == "arguments"


@pytest.mark.parametrize("function", ["rule_raises", "rule_exits"])
def test_reverse_faults_keep_the_nodes(run, function):
    """A report with a failed reverse pass is not kept."""
    answer = run(function)
    assert answer.failure is None
    assert answer.reverse == loads(answer.report).failure
    assert not answer.keep


def test_tape_without_output_is_kept(run):
    """It is what its author wrote; only an output that was asked for can be missing."""
    assert run("without_output").keep
    assert not run("without_output", output="nope").keep


def test_an_output_that_needs_a_seed_is_kept(run):
    """A view of a tape with an array output runs once, not in every build; a wrong seed is retried."""
    assert run("vector").keep
    assert not run("vector", seed="[1.0]").keep


def test_report_limit(run):
    """A large report is refused, early or when it is written."""
    assert "report must be at most 1 MB" in run("large_report", {"report_limit": 1}).failure.message
    answer = run("square", {"report_limit": 0})
    assert answer.failure.kind == "result"


def test_size_is_checked_on_the_text(run, monkeypatch):
    """Where the estimate passes, the real size counts."""
    monkeypatch.setattr("sphinx_tape.report.build.SMALLEST_ELEMENT", 0)
    monkeypatch.setattr("sphinx_tape.report.build.SMALLEST_PREVIEW", 0)
    assert "MB for" in run("large_report", {"report_limit": 1}).failure.message


def test_memory_that_runs_out_while_the_report_is_made(run, monkeypatch):
    """The kind is the same as inside the builder."""

    def too_much(*_args, **_keywords):
        raise MemoryError

    monkeypatch.setattr("sphinx_tape.execution.worker.build_report", too_much)
    assert run("square").failure.kind == "memory"


def test_results_that_cannot_be_described(run, monkeypatch):
    """An element whose text raises is the builder's fault, not an exception of ours."""

    def raises(*_args, **_keywords):
        message = "no text"
        raise ValueError(message)

    monkeypatch.setattr("sphinx_tape.execution.worker.build_report", raises)
    failure = run("square").failure
    assert (failure.kind, "ValueError: no text" in failure.message) == ("result", True)


def test_random_generators_start_anew(run):
    """Whatever was drawn before, a figure draws the same numbers."""
    first = run("draws").report
    random.random()  # noqa: S311 -- not for secrets
    assert run("draws").report == first


def test_any_exception_of_the_author_is_caught(run, author):
    """Also exceptions that are no `Exception`, and groups of them."""
    author.write("faulty.py", "class Odd(BaseException): ...\ndef figure():\n    raise Odd('x')\n")
    assert "Odd: x" in run("figure").failure.message


def test_unreadable_signatures(run, author):
    """A function may claim any signature; that is no exception of ours."""
    author.write("faulty.py", "def figure(): ...\nfigure.__wrapped__ = figure\n")
    assert run("figure").failure.kind == "builder"


def test_late_imports_are_dependencies(run, author):
    """What a builder imports while it runs is recorded."""
    author.write("late.py", "number = 1.0\n")
    author.write(
        "faulty.py", "def figure():\n    import late\n    from sphinx_tape import Tape\n    return Tape()\n"
    )
    assert sorted(run("figure").dependencies.files) == ["faulty.py", "late.py"]


def test_recursion_limit_is_restored(run):
    """A builder that lowers it does not take our own code down."""
    limit = sys.getrecursionlimit()
    assert run("deep_recursion").failure.kind == "builder"
    assert sys.getrecursionlimit() == limit


def test_source_that_cannot_be_read(run, author, monkeypatch):
    """A builder without readable source is shown without it."""
    monkeypatch.setattr("sphinx_tape.execution.worker.source_lines", lambda _function: None)
    assert loads(run("square").report).builder_source is None


@pytest.mark.parametrize(
    ("reference", "kind"),
    [
        ("absent:f", "reference"),
        ("os:getcwd", "reference"),
        ("nonsense", "reference"),
        ("broken:f", "builder"),
        ("other:f", "reference"),
    ],
)
def test_imports_that_fail(author, reference, kind):
    """Import failures are told apart: not there, not allowed, or broken."""
    author.write("broken.py", "import sys\nsys.exit(1)\n")
    author.write("other.py", "")
    failure = import_module_of(reference, author.settings(modules=("broken", "absent", "nonsense")))
    assert failure.kind == kind


def test_warm_up_changes_nothing():
    """It may run any number of times."""
    warm_up()
    warm_up()


def test_empty_answer():
    """An answer is one line also when it says nothing."""
    line = Answer().to_line()
    assert (line[:1], line[-2:], line.count(b"\t"), line.count(b"\n")) == (GOOD, b"\t\n", 1, 1)


def test_a_foreign_tape_depends_on_the_adapters(run):
    """A new adapter may read it otherwise; tapes of ours are not concerned."""
    answer = run("shows_itself")
    assert loads(answer.report).framework == "sketch"
    assert answer.dependencies.versions[ADAPTERS] == installed_version(ADAPTERS)
    assert ADAPTERS not in run("square").dependencies.versions


def test_a_fault_of_an_adapter_has_its_traceback(run):
    """Who wrote the adapter sees the line that failed."""
    failure = run("shows_itself_badly").failure
    assert failure.kind == "result"
    assert "method __sphinx_tape__ of faulty.Sketch must read" in failure.message
    assert "raise ValueError(self.fault)" in "\n".join(failure.traceback)
