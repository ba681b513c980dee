"""Limits: kept where the system can, and no error where it cannot."""

import os
import signal
import subprocess
import sys
import threading
import time
import uuid

import pytest

from sphinx_tape.execution import limits
from sphinx_tape.execution.interpreter import interpreter_command, worker_environment
from sphinx_tape.execution.limits import (
    adopt_orphans,
    die_with_parent,
    kill_children,
    kill_group,
    limit_memory,
    thread_count,
)
from sphinx_tape.execution.verdicts import crashed
from tests.processes import marked_environment, needs_proc, wait_until_gone


def in_child(function):
    """Run a function in a fork; return its exit status."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            code = function() or 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def allocate(megabytes):
    try:
        return len(bytearray(megabytes << 20)) == 0
    except MemoryError:
        return 7


def test_memory():
    """Beyond the limit an allocation fails; 0 is no limit."""

    def limited():
        limit_memory(400)
        return allocate(1000)

    def unlimited():
        limit_memory(0)
        return allocate(1000)

    assert (in_child(limited), in_child(unlimited)) == (7, 0)


def test_a_lower_limit_of_the_system_stays():
    """What an administrator allows cannot be raised, and that is no error."""
    import resource

    def limited():
        resource.setrlimit(resource.RLIMIT_DATA, (300_000_000, 300_000_000))
        limit_memory(4000)
        return allocate(1000)

    assert in_child(limited) == 7


def test_platforms_without_limits(monkeypatch):
    """Without the module `resource` nothing is limited."""

    def limited():
        monkeypatch.setitem(sys.modules, "resource", None)
        limit_memory(400)
        return allocate(1000)

    assert in_child(limited) == 0


def test_thread_count(monkeypatch):
    """Every thread counts, by the system's books or else by Python's."""
    before = thread_count()
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    assert thread_count() == before + 1

    def no_books(_path):
        raise OSError

    monkeypatch.setattr(limits.os, "listdir", no_books)
    assert thread_count() == threading.active_count()
    stop.set()
    thread.join()


def test_kill_group_takes_what_stayed_in_it():
    """The group goes at once; a second time does no harm."""
    child = subprocess.Popen(["sh", "-c", "sleep 60 & wait"], start_new_session=True)
    kill_group(child.pid)
    assert child.wait(5) == -signal.SIGKILL
    kill_group(child.pid)


def test_kill_children_takes_adopted_ones():
    """Grandchildren that were left behind are found and killed."""

    def work():
        adopt_orphans()
        read, write = os.pipe()
        if os.fork() == 0:
            grandchild = subprocess.Popen(["sleep", "60"], start_new_session=True)
            os.write(write, str(grandchild.pid).encode())
            os._exit(0)
        os.close(write)
        pid = int(os.read(read, 20))
        time.sleep(0.1)
        kill_children()
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return 0
        return 1

    assert in_child(work) == 0


def test_kill_children_without_books(monkeypatch):
    """Where children are not listed, nothing is done."""
    monkeypatch.setattr(limits.os, "getpid", lambda: -1)
    kill_children()


def test_environment_of_workers(monkeypatch):
    """One numeric thread, one order of sets, and everything else as it is."""
    monkeypatch.setenv("OMP_NUM_THREADS", "8")
    monkeypatch.setenv("COURSE", "x")
    environment = worker_environment()
    assert (environment["OMP_NUM_THREADS"], environment["PYTHONHASHSEED"], environment["COURSE"]) == (
        "1",
        "0",
        "x",
    )


def test_command_finds_this_package_from_anywhere(tmp_path):
    """The interpreter need not have the package installed, and does not search the current folder."""
    (tmp_path / "sphinx_tape.py").write_text("raise RuntimeError('the wrong one')\n")
    command = interpreter_command(sys.executable, "sphinx_tape.execution.limits:thread_count")
    done = subprocess.run([*command[:1], "-I", *command[1:]], cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0, "ended itself with status 0"),
        (-11, "killed by SIGSEGV"),
        (-9, "killed by SIGKILL, as happens when memory runs out"),
        (-99, "killed by signal 99"),
        (None, "vanished"),
    ],
)
def test_ends_in_words(code, words):
    """Exit statuses are said in words."""
    assert words in crashed("builder b", code, "", ()).message


@needs_proc
@pytest.mark.parametrize("late", [False, True], ids=["before it asks", "after it asked"])
def test_orphans_die(late):
    """A process whose parent dies goes, too, also if the parent was dead before it could ask."""
    mark = uuid.uuid4().hex
    parent = subprocess.Popen([sys.executable, "-c", ORPHAN, str(int(late))], env=marked_environment(mark))
    parent.wait()
    assert wait_until_gone(mark) == {}


ORPHAN = """
import os, sys, time
from sphinx_tape.execution.limits import die_with_parent
parent = os.getpid()
ready, tell = os.pipe()
if os.fork():
    if int(sys.argv[1]):
        os.read(ready, 1)
    os._exit(0)
while not int(sys.argv[1]) and os.getppid() == parent:
    time.sleep(0.01)
die_with_parent(parent)
os.write(tell, b"x")
time.sleep(600)
"""


def test_children_live_with_their_parent():
    """A process whose parent is alive goes on."""
    parent = os.getpid()
    assert in_child(lambda: die_with_parent(parent) or 7) == 7
