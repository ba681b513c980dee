"""What a builder may return, and what it may not."""

import subprocess
import sys

import pytest

from sphinx_tape import Tape
from sphinx_tape.adapters.read import to_tape
from sphinx_tape.adapters.reading import Reading
from sphinx_tape.errors import AdapterError


def made():
    tape = Tape()
    x = tape.leaf(3.0, name="x")
    return tape, x, x.square().named("y")


def test_variable():
    """A variable is its tape and itself."""
    tape, _, y = made()
    reading = to_tape(y)
    assert (reading.tape, reading.output, reading.framework) == (tape, y.id, "sphinx_tape")


def test_reading_is_passed_on():
    """What a wrapper has read already is taken as it is."""
    tape, _, y = made()
    reading = Reading(tape, y.id, "other")
    assert to_tape(reading) is reading


def test_tape_alone_has_no_output():
    """A tape alone names no output."""
    tape, _, _ = made()
    assert to_tape(tape).output is None


@pytest.mark.parametrize("name", ["y", 1, None])
def test_pair_with_name_or_id(name):
    """The output of a pair is passed on as it is named; who looks it up can say what is wrong."""
    tape, _, _ = made()
    assert to_tape((tape, name)).output == name


def test_pair_with_variable():
    """A variable in a pair may be any of its tape."""
    tape, x, _ = made()
    assert to_tape((tape, x)).output == x.id


def test_pair_of_two_tapes():
    """A variable of another tape is refused."""
    with pytest.raises(AdapterError, match="one of another"):
        to_tape((made()[0], made()[2]))


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (None, "is a `return` missing"),
        (3.0, "builtins.float"),
        ("text", "builtins.str"),
        ({}, "builtins.dict"),
        ((), "a tuple of 0"),
        ((1, 2, 3), "a tuple of 3: int, int, int"),
        ((Tape(), True), "builtins.bool"),
        ((Tape(), 2.0), "builtins.float"),
        (Tape, "builtins.type"),
    ],
)
def test_anything_else_is_refused(result, words):
    """The message says what came and what to return."""
    with pytest.raises(AdapterError, match=r"must (be|return)") as caught:
        to_tape(result)
    assert words in str(caught.value)


def test_no_framework_is_imported():
    """Reading a result imports no framework that the author has not imported."""
    code = (
        "import sys; from sphinx_tape.adapters.read import to_tape\n"
        "try: to_tape(object())\nexcept TypeError: pass\n"
        "print([name for name in ('torch', 'jax', 'autograd', 'micrograd') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
