"""Claims about `sphinx_tape.tape.source`."""

# ruff: noqa: N812 -- F is the name the documentation uses

import _thread
import inspect
import threading
import time
from types import FunctionType

import numpy as np
import pytest

from sphinx_tape import Tape
from sphinx_tape import functions as F
from sphinx_tape.tape.source import author_line


def here():
    """The number of the caller's line."""
    return inspect.currentframe().f_back.f_lineno


def test_every_way_to_record_names_the_authors_line():
    """Leaves, operators, methods, functions, nested functions, NumPy's functions and raw operands."""
    tape = Tape()
    x, line = tape.leaf([1.0, 2.0]), here()
    recorded = [
        (x, line),
        (tape.constant(1.0), here()),
        (x + x, here()),
        (x.sum(), here()),
        (F.sin(x), here()),
        (F.gelu(x), here()),
        (np.cos(x), here()),
        (np.sum(x), here()),
        (x[0], here()),
        (x.T, here()),
        (x.detach(), here()),
        (tape.record("exp", (x,)), here()),
        (F.stack([x, x]), here()),
    ]
    for variable, expected in recorded:
        assert (variable.node.source.line, variable.node.op) == (expected, variable.node.op)
        assert variable.node.source.file == __file__
    (x * 3.0).named("last")
    constant = tape.nodes[tape.variable(-1).node.parents[1]]
    assert constant.source == tape.variable(-1).node.source


def test_function_of_the_line_is_named():
    """The name of the function that holds the line is kept."""

    def layer(x):
        return x * x

    assert layer(Tape().leaf(1.0)).node.source.function == "layer"


def test_two_operations_on_one_line_share_the_record():
    """The lines of a loop are met again and again; one record serves them all."""
    x = Tape().leaf(1.0)
    nodes = [(x * x).node for _ in range(3)]
    assert nodes[0].source is nodes[1].source is nodes[2].source


def test_lines_of_multi_line_expressions():
    """Each operation bears the line that Python reports for it."""
    x = Tape().leaf(1.0)
    first = here()
    result = F.exp(
        x
        + x
    )  # fmt: skip
    assert x.tape.nodes[result.node.parents[0]].source.line in {first + 2, first + 3}
    assert result.node.source.line == first + 1


def test_no_author_is_no_source():
    """A stack of the package's own code alone, as in a thread that begins there, has no author's line."""
    found, done = [], threading.Event()

    def begin():
        found.append(author_line(0))
        done.set()

    ours = begin.__code__.replace(co_filename=inspect.getsourcefile(Tape))
    _thread.start_new_thread(FunctionType(ours, globals(), "begin", None, begin.__closure__), ())
    assert done.wait(10)
    assert found == [None]


@pytest.mark.parametrize("begin", [lambda x: (F.sin, (x,)), lambda x: (x.__add__, (x,))])
def test_thread_that_begins_with_one_of_our_functions_records_no_line(begin):
    """There is no caller to be found; recording goes on without a source."""
    x = Tape().leaf(1.0)
    _thread.start_new_thread(*begin(x))
    late = time.monotonic() + 30
    while len(x.tape) < 2 and time.monotonic() < late:
        time.sleep(0.001)
    assert x.tape.nodes[1].source is None
