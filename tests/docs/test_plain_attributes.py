"""The extension that keeps napoleon from reading colons in one-line attribute docstrings."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent / "docs" / "_ext"))

import plain_attributes as plain


def process(what, lines, changed):
    """Play napoleon: the lines are changed between the two handlers."""
    plain.remember(None, what, "a.b", None, None, lines)
    lines[:] = changed
    plain.restore(None, what, "a.b", None, None, lines)
    return lines


def test_attributes_stay_as_written():
    """What napoleon made of the line is undone."""
    assert process("property", ["Value: an array."], ["an array.", ":type: Value"]) == ["Value: an array."]


def test_functions_are_left_to_napoleon():
    """Sections of functions are napoleon's business."""
    assert process("function", ["Args: x"], [":param x:"]) == [":param x:"]
