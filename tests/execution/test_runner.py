"""`execution.runner`: what a copy that runs closed builders reports, and when it stops."""

import json
import socket
import sys
from types import ModuleType

import pytest

from sphinx_tape.execution.fingerprint import Dependencies
from sphinx_tape.execution.request import Failure
from sphinx_tape.execution.runner import run_figures
from sphinx_tape.execution.worker import Answer
from sphinx_tape.tape import dependencies
from sphinx_tape.tape.binding import asking

GOOD = Answer(report="text", dependencies=Dependencies({}, {}))
BAD = b"-\n"


class Worker:
    """Stands for the worker of a module: each figure does what its reference names."""

    def __init__(self, module) -> None:
        self.module = module

    def run_figure(self, request):
        return getattr(self, request.reference)()

    def good(self):
        return GOOD

    def fails(self):
        return Answer(failure=Failure(kind="builder", message="m"))

    def is_not_kept(self):
        return Answer(report="text", keep=False)

    def renames(self):
        self.module.value = 2
        return GOOD

    def adds(self):
        self.module.further = 2
        return GOOD

    def warns(self):
        self.module.__warningregistry__ = {}
        return GOOD

    def leaves_block_open(self):
        self.token = asking.set(False)
        return GOOD

    def declares(self):
        dependencies._declared["data.csv"] = None
        return GOOD

    def loads(self):
        sys.modules["sphinx_tape_test_loaded"] = ModuleType("loaded")
        return GOOD


@pytest.fixture
def run(monkeypatch):
    """Run figures in this very process; give the lines that come back."""
    module = ModuleType("builders")
    module.value = 1
    monkeypatch.setattr(dependencies, "_declared", {})

    def run(*names):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.sendall(b"".join(json.dumps({"reference": name}).encode() + b"\n" for name in names))
            ours.shutdown(socket.SHUT_WR)
            run_figures(theirs, module, Worker(module))
            theirs.shutdown(socket.SHUT_WR)
            with ours.makefile("rb") as answers:
                return answers.readlines()

    yield run
    asking.set(True)
    sys.modules.pop("sphinx_tape_test_loaded", None)


def test_figures_run_one_after_the_other(run):
    """Each gets a line with what the worker said, until nobody asks any more."""
    lines = run("good", "warns", "good")
    assert [line[:1] for line in lines] == [b"+"] * 3
    assert lines[2] == GOOD.to_line()


@pytest.mark.parametrize("name", ["fails", "is_not_kept", "renames", "adds", "leaves_block_open", "declares"])
def test_nothing_doubtful_is_passed_on(run, name):
    """A failure, or a sign that something else has changed, is the last that a copy says, without details."""
    assert run("good", name, "good")[1:] == [BAD]


def test_copy_ends_when_something_was_loaded(run):
    """The report is good, but the next figure would be taken to depend on what was loaded."""
    assert [line[:1] for line in run("loads", "good")] == [b"+"]
