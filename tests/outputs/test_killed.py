"""A build that is killed at any moment leaves nothing behind that a later build would trust or trip over."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from tests.processes import marked, marked_environment, needs_proc, wait_until_gone

BUILDERS = """
from sphinx_tape import Tape


def product(x=3.0, y=2.0):
    tape = Tape()
    return tape.leaf(x, name="x") * tape.leaf(y, name="y")


def chain(n=6):
    v = Tape().leaf(0.5, name="v")
    for _ in range(n):
        v = v.tanh()
    return v


def broken():
    raise ValueError("broken on purpose")
"""

KILLS = 50


def write_project(folder: Path) -> Path:
    """Write three pages, one of them with a figure that fails."""
    folder.mkdir()
    (folder / "conf.py").write_text("extensions = ['sphinx_tape']\nexclude_patterns = ['_build']\n")
    (folder / "index.rst").write_text("Notes\n=====\n\n.. toctree::\n\n   one\n   two\n")
    (folder / "one.rst").write_text(
        "One\n===\n\n.. tape-trace:: lesson:product\n\n.. tape-grads:: lesson:broken\n\nProse.\n"
    )
    views = "\n\n".join(f".. tape-view:: lesson:chain\n   :arguments: n={n}" for n in range(1, 8))
    (folder / "two.rst").write_text(f"Two\n===\n\n{views}\n")
    (folder / "lesson.py").write_text(BUILDERS)
    return folder


def start(folder: Path, mark: str) -> subprocess.Popen[bytes]:
    """Start a build whose processes, workers included, carry `mark` in their environment."""
    return subprocess.Popen(
        [sys.executable, "-m", "sphinx", "-q", "-j", "2", "-b", "html", str(folder), str(folder / "_build")],
        env=marked_environment(mark),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def pages(folder: Path) -> dict[str, bytes]:
    """Return every page that was built."""
    return {file.name: file.read_bytes() for file in sorted((folder / "_build").glob("*.html"))}


@needs_proc
def test_fifty_killed_builds_leave_no_trace(tmp_path):
    """After 50 SIGKILLs at random moments, a build gives an undisturbed one's bytes; no process stays."""
    undisturbed = write_project(tmp_path / "undisturbed")
    begun = time.monotonic()
    start(undisturbed, "none").wait()
    duration = time.monotonic() - begun
    expected = pages(undisturbed)
    assert b"tape-failure" in expected["one.html"]

    project = write_project(tmp_path / "disturbed")
    mark = uuid.uuid4().hex
    moments = random.Random(7)  # noqa: S311 -- moments of a test, no secret
    finished = 0
    for kill in range(KILLS):
        build = start(project, mark)
        time.sleep(moments.uniform(0.2, 1.0) * duration)
        finished += build.poll() is not None
        build.send_signal(signal.SIGKILL)
        build.wait()
        # Every other build starts from prose that changed, so that all phases are met.
        page = project / "two.rst"
        page.write_text(page.read_text() + f"\n.. {kill}\n")
        (project / "lesson.py").write_text(f"{BUILDERS}\n# {kill}\n")
    assert finished < KILLS
    assert wait_until_gone(mark) == {}

    (project / "lesson.py").write_text(BUILDERS)
    (project / "two.rst").write_text((undisturbed / "two.rst").read_text())
    start(project, mark).wait()
    assert pages(project) == expected
    assert wait_until_gone(mark) == {}


@needs_proc
@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name
)
def test_stopped_builds_leave_no_process(tmp_path, number):
    """However a person, a CI system or a closed window stops a build, early or late."""
    project = write_project(tmp_path / "notes")
    mark = uuid.uuid4().hex
    for seconds in (0.5, 1.0, 2.0):
        build = start(project, mark)
        time.sleep(seconds)
        build.send_signal(number)
        build.wait()
        assert wait_until_gone(mark) == {}
        (project / "lesson.py").write_text(f"{BUILDERS}\n# {seconds}\n")


@needs_proc
def test_a_process_left_behind_would_be_seen():
    """The check above can fail: a marked process that stays is found."""
    mark = uuid.uuid4().hex
    sleeper = subprocess.Popen(["sleep", "600"], env=marked_environment(mark))
    try:
        deadline = time.monotonic() + 60
        # A process that has just begun has no environment to be read for a moment.
        while not marked(mark) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert wait_until_gone(mark, seconds=0.2) == {sleeper.pid: "sleep 600 "}
    finally:
        sleeper.kill()
        sleeper.wait()
