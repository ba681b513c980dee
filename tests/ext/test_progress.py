"""`ext.progress`: a bar that is there only while something is done."""

from __future__ import annotations

import pytest

from sphinx_tape.ext import progress
from sphinx_tape.ext.progress import ProgressBar


@pytest.fixture
def shown(monkeypatch):
    """Return what a bar has shown: its length, then the names."""
    lines = []

    def status_iterator(items, summary, _colour, length):
        lines.append((summary, length))
        for item in items:
            lines.append(item)
            yield item
        lines.append("end")

    monkeypatch.setattr(progress, "status_iterator", status_iterator)
    return lines


def test_steps_are_shown_as_they_are_made(shown):
    """Not before, and not one late."""
    bar = ProgressBar("working... ", 3)
    assert shown == []
    bar.skip()
    bar.step("a")
    assert shown == [("working... ", 2), "a"]
    bar.step("b")
    bar.end()
    assert shown[2:] == ["b", "end"]


def test_a_bar_without_a_step_shows_nothing(shown):
    """A build that does nothing says nothing."""
    bar = ProgressBar("working... ", 3)
    bar.skip()
    bar.end()
    assert shown == []


def test_steps_before_the_number_is_known_count(shown):
    """They are not shown, but they are part of the whole."""
    bar = ProgressBar("working... ", 0)
    bar.step("a")
    assert shown == []
    bar.expect(3)
    bar.step("b")
    bar.step("c")
    bar.step("d")
    bar.end()
    assert shown == [("working... ", 3), "b", "c", "d", "end"]


def test_more_steps_than_announced_do_no_harm(shown):
    """The number is a promise of somebody else."""
    bar = ProgressBar("working... ", 1)
    for name in "abc":
        bar.step(name)
    bar.end()
    assert shown[1:] == ["a", "b", "c", "end"]
