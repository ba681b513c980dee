"""`execution.definitions`: which modules can change nothing but their own names."""

import pytest

from sphinx_tape.execution.definitions import only_defines

DEFINING = """
'''Text.'''
from __future__ import annotations
import math as m
import os.path
import numpy.linalg
from numpy import exp, log as ln
N = 3
X = -1.5
T = (1, ("a", None))
L = [1, 2, 3, 4]
def f(x: int = 1, *, y: float = None) -> dict[str, m.tau]: return x.y(z)
def g(a=(1, 2)): a.b = 1
"""
OTHERS = [
    "f()", "x.y = 1", "x[0] = 1", "del x.y", "del x", "x |= y", "x += f()", "class C: pass", "[i for i in x]",
    "from os import *", "@d\ndef f(): pass", "lambda: 0\nf'{x}'", "with x: pass", "for i in x: pass",
    "try:\n    import x\nexcept ImportError: pass", "x: int = 1", "a, b = x", "if x > 1: pass", "assert x",
    "x @ f(1)", "global y\ny = f()", "raise x", "match x:\n    case 1: pass", "def f(a=g()): pass",
]  # fmt: skip


def test_definitions():
    """Imports, constants and functions are all that most modules of notes hold."""
    assert only_defines(compile(DEFINING, "m.py", "exec"))


@pytest.mark.parametrize("text", OTHERS)
def test_others(text):
    """Whatever calls, sets or decides anything is more than a definition."""
    assert not only_defines(compile(text, "m.py", "exec"))
