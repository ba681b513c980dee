"""`ext.orphans`: a build that is killed takes the processes with it that Sphinx has forked."""

from __future__ import annotations

import subprocess
import sys
import uuid
from types import SimpleNamespace

import pytest

from sphinx_tape.ext.orphans import BuildProcess
from tests.processes import kill_marked, marked_environment, needs_proc, wait_until_gone

PAGES = 12
KILL = """
import os, signal
extensions = ["sphinx_tape"]
{more}

def kill_the_build(app, *_):
    # More than a pipe takes: who sends it to nobody waits.
    app.env.padding = "x" * 300_000
    if os.getpid() != builder:
        try:
            os.kill(builder, signal.SIGKILL)
        except ProcessLookupError:
            pass

builder = os.getpid()

def setup(app):
    app.connect({event!r}, kill_the_build, priority={priority})
"""
UNPROTECTED = """
from sphinx_tape.ext.orphans import BuildProcess
BuildProcess.stay_with_it = lambda self, *event: None
"""

LOADED = """
import sys
extensions = ["sphinx_tape"]

def setup(app):
    app.connect("env-before-read-docs", lambda *_: print("ctypes" in sys.modules), priority=999)
"""


def kill_while(project, event, priority, more=""):
    """Let a forked process kill the build; return the mark of all that belongs to it."""
    project.write("conf.py", KILL.format(event=event, priority=priority, more=more))
    names = [f"page{number}" for number in range(PAGES)]
    project.write("index.rst", "Notes\n=====\n\n.. toctree::\n\n" + "".join(f"   {name}\n" for name in names))
    for name in names:
        project.write(f"{name}.rst", f"{name}\n========\n\n.. tape-view:: tapes:neuron\n")
    mark = uuid.uuid4().hex
    command = [sys.executable, "-m", "sphinx", "-q", "-j", "3", "-b", "html", ".", "_killed"]
    build = subprocess.run(command, cwd=project.folder, env=marked_environment(mark), check=False)
    assert build.returncode == -9
    return mark


@needs_proc
@pytest.mark.parametrize("priority", [1, 999], ids=["before we hear of it", "after we have heard of it"])
@pytest.mark.parametrize("event", ["doctree-read", "html-page-context"])
def test_readers_and_writers_go_with_the_build(project, event, priority):
    """Nothing stays, neither Sphinx's processes nor ours."""
    mark = kill_while(project, event, priority)
    try:
        assert wait_until_gone(mark) == {}
    finally:
        kill_marked(mark)


@needs_proc
def test_without_us_readers_would_stay(project):
    """The check above can fail: Sphinx's own processes wait for good. Those that run builders still go."""
    mark = kill_while(project, "doctree-read", 999, UNPROTECTED)
    try:
        assert wait_until_gone(mark, program="sphinx_tape") == {}
        assert wait_until_gone(mark, seconds=0.5)
    finally:
        kill_marked(mark)


def test_the_building_process_itself_is_left_alone():
    """It may be one of many that a test runner or a server has started."""
    process = BuildProcess()
    process.remember(SimpleNamespace(parallel=2), None, ["index"])
    process.stay_with_it()


def test_what_forked_processes_need_is_loaded_before_they_are_forked(project):
    """Each of them would load `ctypes` for itself; a build without any does not need it."""
    project.write("conf.py", LOADED)
    project.write("index.rst", "Notes\n=====\n\nNothing is drawn here.\n")
    for parallel, expected in (("1", "False"), ("2", "True")):
        out = f"_{parallel}"
        command = [sys.executable, "-m", "sphinx", "-q", "-E", "-j", parallel, "-b", "html", ".", out]
        build = subprocess.run(command, cwd=project.folder, capture_output=True, text=True, check=True)
        assert build.stdout.strip() == expected
