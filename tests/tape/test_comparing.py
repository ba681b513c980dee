"""Claims about `sphinx_tape.tape.comparing`."""

import numpy as np
import pytest

from sphinx_tape.tape.comparing import Point, compare, compare_directions


def point(values, claims, loss, **facts):
    return Point(
        values=[np.asarray(each) for each in values],
        claims=[np.asarray(each) for each in claims],
        loss=loss,
        **{"analytic": False, "magnitude": 1.0, **facts},
    )


def squares(arrays):
    return sum(np.sum(each**2) for each in arrays)


def test_the_worst_element_is_found_with_both_numbers():
    """Counted through all arrays, the error relative to the largest derivative."""
    found = compare(point([[1.0, 2.0], [3.0, 5.0]], [[2.0, 4.0], [6.5, 10.0]], squares), 1e-7, range(4))
    assert (found.wrong, found.element, found.compared, found.ok) == (1, 2, 4, False)
    assert (found.gradient, found.expected) == (6.5, pytest.approx(6.0))
    assert found.error == pytest.approx(0.05)


def test_complex_steps_have_every_digit():
    """An error of 1e-12 is measured, which differences could not."""
    found = compare(point([[1.0]], [[2.0 + 2e-12]], squares, analytic=True), 1e-7, [0])
    assert (found.method, found.ok) == ("complex step", True)
    assert found.error == pytest.approx(1e-12, rel=1e-3)


def test_complex_elements_have_two_slopes():
    """dL/dRe + i dL/dIm of |z|^2 is 2z; the conjugate has one part right."""
    arrays = [np.array([1 + 2j])]

    def loss(moved):
        return np.sum(np.abs(moved[0]) ** 2)

    assert compare(point(arrays, [[2 + 4j]], loss), 1e-7, [0]).ok
    wrong = compare(point(arrays, [[2 - 4j]], loss), 1e-7, [0])
    assert wrong.gradient == 2 - 4j
    assert wrong.expected == pytest.approx(2 + 4j)


def test_elements_that_are_not_moved_do_not_count():
    """Infinite claims elsewhere do not spoil an element."""
    values, claims = [[1.0, 2.0]], [[2.0, np.inf]]
    assert compare(point(values, claims, squares), 1e-7, [0]).ok
    assert not compare(point(values, claims, squares), 1e-7, [1]).ok


def test_directions_lead_to_the_element():
    """Among 500 elements in two arrays the wrong one is found by halving."""
    values = [np.linspace(1, 2, 300), np.linspace(2, 3, 200)]
    claims = [2 * each for each in values]
    assert compare_directions(point(values, claims, squares), 1e-7, 4, 0).ok
    claims[1][77] += 0.5
    found = compare_directions(point(values, claims, squares), 1e-7, 4, 0)
    assert (found.element, found.directions, found.compared) == (377, 4, 4)
    assert found.gradient - found.expected == pytest.approx(0.5, rel=1e-6)


def test_directions_are_the_same_in_every_run():
    """For one key; another key has others."""
    values = [np.linspace(1, 2, 100)]
    made = point(values, [2 * values[0]], squares)
    assert compare_directions(made, 1e-7, 3, 5) == compare_directions(made, 1e-7, 3, 5)
    assert compare_directions(made, 1e-7, 3, 5).gradient != compare_directions(made, 1e-7, 3, 6).gradient


def test_kinks_are_counted_apart():
    """The other elements say whether the rest is right."""
    values = [np.array([0.0, 1.0, -1.0])]
    found = compare(point(values, [np.sign(values[0])], lambda a: np.sum(np.abs(a[0]))), 1e-7, range(3))
    assert (found.kinks, found.outside, found.wrong) == (1, 0, 0)
    assert found.error < 1e-9


def test_nothing_to_compare():
    """No elements, no error."""
    found = compare(point([np.ones(0)], [np.ones(0)], squares), 1e-7, [])
    assert (found.ok, found.compared, found.error) == (True, 0, 0.0)
