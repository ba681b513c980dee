"""Builders that do everything wrong that a builder can do; run in worker processes only."""
# ruff: noqa: ANN204, EM101, N818, NPY002, PTH102, PTH106, S311, T201, TRY003 -- wrong on purpose

import builtins
import ctypes
import locale
import os
import random
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from sphinx_tape import ForeignTape, Tape


def square(x=3.0):
    tape = Tape()
    return tape.leaf(x, name="x").square().named("y")


def raises():
    print("before it went wrong")
    raise ValueError("no such thing")


def exits():
    sys.exit(3)


def interrupts():
    raise KeyboardInterrupt


def exits_at_once():
    os._exit(3)


def segmentation_fault():
    ctypes.string_at(0)


def aborts():
    os.abort()


def endless_loop():
    while True: pass  # noqa: E701 -- one line, so that it is always stopped there  # fmt: skip


def native_sleep():
    ctypes.CDLL(None).sleep(60)


def ignores_signals():
    import signal

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGABRT):
        signal.signal(number, signal.SIG_IGN)
    while True:
        pass


def endless_output():
    while True:
        os.write(1, b"x" * 65536)


def much_output():
    print("first" + "x" * 100_000 + "last")
    raise ValueError("said enough")


def much_memory():
    return bytearray(1 << 30)


def much_memory_in_numpy():
    return np.ones(1 << 27)


def threads_left():
    for _ in range(500):
        threading.Thread(target=time.sleep, args=(60,)).start()
    return square()


def child_left():
    Path("child").write_text(str(subprocess.Popen(["sleep", "60"]).pid))
    return square()


def daemon_left():
    child = subprocess.Popen(["sleep", "60"], start_new_session=True)
    Path("daemon").write_text(str(child.pid))
    return square()


def fork_left():
    pid = os.fork()
    if pid == 0:
        time.sleep(60)
    Path("fork").write_text(str(pid))
    return square()


def nothing():
    square()


def wrong_type():
    return {"a": 1}


def without_output():
    return square().tape


def two_tapes():
    return Tape(), square()


def vector():
    return Tape().leaf(np.ones(3), name="v")


def with_rule(rule):
    """A square whose local rule is replaced."""
    tape = Tape()
    x = tape.leaf(np.ones(2), name="x")
    node = (x * 2.0).sum().square().node
    tape._nodes[node.id] = replace(node, vjp=rule)
    return tape.variable(node.id).log().named("z")


def rule_raises():
    def rule(g):
        raise ZeroDivisionError("in a rule")

    return with_rule(rule)


def rule_exits():
    return with_rule(lambda _: sys.exit(1))


def rule_of_wrong_shape():
    return with_rule(lambda _: (np.ones((2, 3)),))


def rule_of_wrong_count():
    return with_rule(lambda g: (g, g, g))


def not_finite():
    tape = Tape()
    v = tape.leaf(np.array([0.0, -1.0, np.inf]), name="v")
    return v.log().sum().named("y")


def large_report():
    tape = Tape()
    v = tape.leaf(np.random.normal(size=(16, 16)), name="v")
    for _ in range(100):
        v = v * 1.01
    return v.sum()


HOSTILE = (
    "\"'`<script>alert(1)</script></svg>]]>\\ % $ # & {x} \x00\x1b\u202e\n\r\tä 漢 \U0001f600 "
    + "long " * 2000
)


def hostile_name():
    return Tape().leaf(1.0, name=HOSTILE).square().named(HOSTILE + "2")


def hostile_text():
    raise RuntimeError(HOSTILE)


def lone_surrogate():
    raise RuntimeError("a \udc80 b")


class Unspeakable(Exception):
    def __str__(self):
        raise TypeError("no text")


def unspeakable():
    raise Unspeakable


def deep_recursion():
    return deep_recursion()


def chained():
    try:
        raises()
    except ValueError as error:
        raise LookupError("while looking") from error


def missing_file():
    return Path(__file__).with_name("absent.txt").read_text()


def changes_everything():
    os.environ.clear()
    sys.path.clear()
    sys.modules["json"] = None
    random.seed(99)
    np.set_printoptions(precision=1, legacy="1.13")
    np.seterr(all="raise")
    locale.setlocale(locale.LC_ALL, "C")
    builtins.later = "leaked"
    sys.stdout.close()
    sys.stderr = None
    os.umask(0o777)
    os.mkdir("inside")
    os.chdir("inside")
    os.rmdir("../inside")
    result = Tape().leaf(np.float32(0.1), name="x").square().named("y")
    sys.setrecursionlimit(60)
    return result


def sees_changes():
    if hasattr(builtins, "later") or not sys.path or "PATH" not in os.environ:
        raise AssertionError("state has leaked")
    return square()


def bytes_to_stdout():
    os.write(1, b'\xff\xfe{"key": 1}\n+\n-\n')
    ctypes.CDLL(None).puts(b"from C")
    return square()


def bytes_then_raises():
    bytes_to_stdout()
    raise ValueError("after bytes")


def draws():
    tape = Tape()
    return (tape.leaf(random.random(), name="a") * np.random.random()).named("y")


async def asynchronous():
    return square()


def generator():
    yield square()


class Klass:
    pass


partial = print


class Sketch:
    """An object that shows itself, or fails to."""

    def __init__(self, fault=None):
        self.fault = fault

    def __sphinx_tape__(self):
        if self.fault:
            raise ValueError(self.fault)
        tape = ForeignTape("sketch")
        return tape.reading(tape.leaf(3.0, "x"))


def shows_itself():
    return Sketch()


def shows_itself_badly():
    return Sketch("smudged")
