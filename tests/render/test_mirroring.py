"""Gradient twins."""

from __future__ import annotations

import pytest

from sphinx_tape.render.layout import LayoutResult
from sphinx_tape.render.mirroring import mirror, turn

RESULT = LayoutResult(
    centres=((100, 50), (100, 250)),
    routes=(((100, 80), (100, 120), (100, 180), (100, 220)),),
    size=(200, 300),
    engine="test 1",
)


@pytest.mark.parametrize(
    ("direction", "twins", "size"),
    [("TB", ((400, 50), (400, 250)), (500, 300)), ("LR", ((100, 650), (100, 450)), (200, 700))],
)
def test_twins_stand_across_the_axis(direction, twins, size):
    """Beside a drawing from the top down, below one from left to right; the gap lies between."""
    result = mirror(RESULT, direction, 100)
    assert result.centres == RESULT.centres + twins
    assert result.size == size


def test_gradients_run_backwards():
    """A twin's route starts at the consumer's twin and ends at the parent's."""
    path = mirror(RESULT, "TB", 100).routes[1]
    assert (path[0], path[-1]) == ((400, 220), (400, 80))


def test_turning_twice_changes_nothing():
    """The two directions are each other's turn."""
    assert turn((1, 2)) == (2, 1)
    assert turn(turn((1, 2))) == (1, 2)
