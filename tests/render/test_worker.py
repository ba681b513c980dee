"""The long-lived `dot` process, and programs that behave badly in its place."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from sphinx_tape.render import worker as module
from sphinx_tape.render.worker import DotWorker
from tests.support import require_program

VERSION = (
    "if sys.argv[1] == '-V':\n    print('dot - graphviz version 9.9 (0)', file=sys.stderr); sys.exit()\n"
)
ANSWER = "print('graph 1 1 1'); print('stop', flush=True)\n"
GRAPH = "digraph{a->b}\n"


@pytest.fixture
def program(tmp_path):
    """Return a maker of programs that say their version and then do as told."""

    def make(body, version=VERSION):
        path = tmp_path / "dot"
        path.write_text(f"#!{sys.executable}\nimport os, sys, time\n{version}{body}", encoding="utf-8")
        path.chmod(0o755)
        return str(path)

    return make


@pytest.fixture
def worker():
    """Return a maker of workers that are closed at the end."""
    made = []

    def make(path):
        made.append(DotWorker(path))
        return made[-1]

    yield make
    for each in made:
        each.close()


ECHO = f"for line in sys.stdin:\n    {ANSWER.replace(chr(10), chr(10) + '    ')}"


def test_absent_program_is_no_error(worker, tmp_path):
    """Without the program there is no version and no answer."""
    absent = worker(str(tmp_path / "nothing"))
    assert absent.version == ""
    assert absent.ask(GRAPH, 1.0) is None


@pytest.mark.parametrize("version", ["sys.exit(3)\n", "print('hello'); sys.exit()\n", "time.sleep(9)\n"])
def test_program_without_version_is_not_used(worker, program, version, monkeypatch):
    """A program that fails, says something else or hangs when asked for its version is not `dot`."""
    monkeypatch.setattr(module, "TRIAL_SECONDS", 0.3)
    assert worker(program(ECHO, version)).version == ""


def test_real_dot_answers_graph_after_graph(worker):
    """One process serves many graphs."""
    real = worker(require_program("dot"))
    assert real.version[0].isdigit()
    for _ in range(3):
        lines = real.ask("digraph{n0->n1}\n", 5.0)
        assert lines[0].startswith("graph ")
        assert lines[-1] == "stop"
    first = real._process.pid
    assert real.ask("digraph{n0}\n", 5.0)
    assert real._process.pid == first


def test_program_that_does_not_stream_is_given_up(worker, program, monkeypatch):
    """If the trial is not answered before the input ends, the program is not asked again."""
    monkeypatch.setattr(module, "TRIAL_SECONDS", 0.5)
    silent = worker(program(f"sys.stdin.read()\n{ANSWER}"))
    assert silent.ask(GRAPH, 5.0) is None
    start = time.monotonic()
    assert silent.ask(GRAPH, 5.0) is None
    assert time.monotonic() - start < 0.4


def test_program_that_hangs_is_killed_and_started_again(worker, program, tmp_path):
    """A graph that takes too long costs its own answer only."""
    hanging = worker(
        program(f"for line in sys.stdin:\n    if 'slow' in line: time.sleep(60)\n    {ANSWER.strip()}\n")
    )
    assert hanging.ask(GRAPH, 2.0) == ["graph 1 1 1", "stop"]
    first = hanging._process
    assert hanging.ask("digraph{slow}\n", 0.2) is None
    assert first.poll() is not None, "the old process is dead"
    assert hanging.ask(GRAPH, 2.0) == ["graph 1 1 1", "stop"]


def test_program_that_ends_is_started_again(worker, program):
    """A crash in the middle of an answer costs that answer only."""
    crashing = worker(
        program(
            f"for line in sys.stdin:\n    if 'bad' in line: print('g'); sys.exit(1)\n    {ANSWER.strip()}\n"
        )
    )
    assert crashing.ask("digraph{bad}\n", 2.0) is None
    assert crashing.ask(GRAPH, 2.0) == ["graph 1 1 1", "stop"]


def test_program_that_stops_reading_is_no_error(worker, program):
    """A long graph that nobody reads to its end costs its answer only."""
    deaf = worker(program(f"sys.stdin.readline()\n{ANSWER}os.close(0)\ntime.sleep(0.2)\n"))
    assert deaf.ask(f"digraph{{{'a->b;' * 200_000}}}\n", 5.0) is None
    assert deaf._process is None


def test_program_that_always_fails_is_given_up(worker, program):
    """After some failures in a row nothing is started any more."""
    failing = worker(
        program(f"for line in sys.stdin:\n    if 'bad' in line: sys.exit(1)\n    {ANSWER.strip()}\n")
    )
    assert [failing.ask("digraph{bad}\n", 2.0) for _ in range(module.MAX_FAILURES)] == [
        None
    ] * module.MAX_FAILURES
    assert failing.ask(GRAPH, 2.0) is None


def test_program_that_cannot_be_started_is_no_error(worker, program):
    """A program that vanishes after saying its version gives no answer."""
    path = program(ECHO)
    vanished = worker(path)
    assert vanished.version == "9.9"
    Path(path).unlink()
    assert vanished.ask(GRAPH, 1.0) is None


def test_closing_ends_the_process(worker, program):
    """No process outlives its worker; closing twice is allowed, and asking again starts another."""
    living = worker(program(ECHO))
    assert living.ask(GRAPH, 2.0)
    process = living._process
    living.close()
    living.close()
    assert process.poll() is not None
    assert living.ask(GRAPH, 2.0)


def test_fork_gets_a_process_of_its_own(worker, program, monkeypatch):
    """A pipe is never shared: another Python process starts another `dot` and leaves the first alone."""
    shared = worker(program(ECHO))
    assert shared.ask(GRAPH, 2.0)
    first = shared._process
    monkeypatch.setattr(os, "getpid", lambda: -1)
    shared_pid = first.pid
    assert shared.ask(GRAPH, 2.0)
    assert shared._process.pid != shared_pid
    assert first.poll() is None, "the parent's process lives on"
    shared.close()
    monkeypatch.undo()
    first.kill()
    first.wait()
    first.stdin.close()
    first.stdout.close()
