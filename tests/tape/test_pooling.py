"""Claims about `sphinx_tape.tape.pooling`."""

from fractions import Fraction

import numpy as np
import pytest

from sphinx_tape import Tape, backward
from sphinx_tape import functions as F  # noqa: N812 -- the customary short name
from sphinx_tape.errors import OperandError
from sphinx_tape.tape.primitives import PRIMITIVES

LINE = np.array([[[1.0, 4.0, 2.0, 3.0]]])


def value_and_gradient(function, value, **keywords):
    x = Tape().leaf(value)
    y = function(x, **keywords)
    return y.value.tolist(), backward(y.sum()).gradient(x).tolist()


def test_the_maximum_receives_everything():
    """Only the largest place of each window receives the window's cotangent."""
    assert value_and_gradient(F.max_pool, LINE, window=2) == ([[[4.0, 3.0]]], [[[0.0, 1.0, 0.0, 1.0]]])


def test_a_place_in_two_windows_receives_from_both():
    """Windows that overlap send two contributions to a place that wins both."""
    assert value_and_gradient(F.max_pool, LINE, window=2, stride=1)[1] == [[[0.0, 2.0, 0.0, 1.0]]]


def test_ties_share_equally():
    """Places that tie for the maximum share the cotangent, as the table's note says."""
    _, gradient = value_and_gradient(F.max_pool, np.array([[[5.0, 5.0, 1.0, 5.0]]]), window=4)
    assert gradient == [[[pytest.approx(1 / 3), pytest.approx(1 / 3), 0.0, pytest.approx(1 / 3)]]]


def test_the_convention_is_told_only_where_windows_tie():
    """The table's note is for figures in which some window has several maxima."""
    kink = PRIMITIVES["max_pool"].kink
    assert not kink(np.array([4.0, 3.0]), LINE[0, 0], window=(2,)).any()
    assert kink(np.array([4.0, 4.0]), np.array([1.0, 4.0, 4.0, 4.0]), window=(2,)).tolist() == [False, True]


def test_padding_never_wins():
    """Negative numbers beside padding are still the maximum."""
    value, gradient = value_and_gradient(F.max_pool, -LINE, window=2, padding=1)
    assert (value, gradient) == ([[[-1.0, -2.0, -3.0]]], [[[1.0, 0.0, 1.0, 1.0]]])


def test_averages_count_padding_or_not():
    """Padding counts as zeros unless it is not to count."""
    assert value_and_gradient(F.average_pool, LINE, window=2, padding=1)[0] == [[[0.5, 3.0, 1.5]]]
    value, gradient = value_and_gradient(F.average_pool, LINE, window=2, padding=1, count_padding=False)
    assert (value, gradient) == ([[[1.0, 3.0, 3.0]]], [[[1.0, 0.5, 0.5, 1.0]]])


def test_smooth_maximum_shares_by_softmax():
    """Two equal places share equally, and the value is the maximum plus T log 2."""
    value, gradient = value_and_gradient(F.smooth_max_pool, np.ones((1, 1, 2)), window=2, temperature=0.5)
    assert value == [[[pytest.approx(1 + 0.5 * np.log(2.0))]]]
    assert gradient == [[[pytest.approx(0.5), pytest.approx(0.5)]]]


def test_the_window_says_how_many_axes_are_pooled():
    """A number pools all axes after batch and channels, a tuple as many last axes as it has."""
    x = Tape().leaf(np.arange(16.0).reshape(2, 2, 2, 2))
    assert F.max_pool(x, 2).shape == (2, 2, 1, 1)
    assert F.max_pool(x, (2,)).shape == (2, 2, 2, 1)
    assert F.max_pool(x, (2, 2, 2, 2)).value.tolist() == [[[[15.0]]]]


def test_fractions_stay_exact():
    """Averages and maxima of fractions, and their gradients, are fractions."""
    x = Tape().leaf(np.array([[[Fraction(1, 3), Fraction(1, 2)]]], dtype=object))
    assert F.average_pool(x, 2).value.tolist() == [[[Fraction(5, 12)]]]
    reverse = backward(F.max_pool(x, 2), seed=np.array([[[Fraction(1, 7)]]], dtype=object))
    assert reverse.gradient(x).tolist() == [[[0, Fraction(1, 7)]]]


def test_narrow_elements_stay_narrow():
    """Gradients of float32 images are float32."""
    x = Tape().leaf(np.ones((1, 1, 4, 4), dtype=np.float32))
    for y in (
        F.max_pool2d(x, 2),
        F.average_pool2d(x, 2, padding=1, count_padding=False),
        F.smooth_max_pool2d(x, 2),
    ):
        assert (y.dtype, backward(y.sum()).gradient(x).dtype) == (np.float32, np.float32)


def test_a_window_that_steps_over_the_array_is_refused():
    """With dilation a window may have padding on both sides of the array and nothing inside."""
    with pytest.raises(OperandError, match="padding must leave an element in every window"):
        F.max_pool(Tape().leaf(np.ones((1, 1, 1))), 2, padding=1, dilation=2)


@pytest.mark.parametrize(
    ("window", "padding", "message"),
    [
        (2, 2, r"padding must leave an element in every window \(got padding 2 for window 2\)"),
        (
            (1, 1, 1, 1),
            0,
            r"window must have between 1 and 3 axes \(got \(1, 1, 1, 1\) for shape \(1, 1, 4\)\)",
        ),
        ((), 0, "window must have between 1 and 3 axes"),
        (0, 0, "window must be one whole number >= 1"),
        (5, 0, r"window of reach \(5,\) must fit"),
    ],
)
def test_windows_that_do_not_fit_are_refused(window, padding, message):
    """Windows without a value or without a place are refused with their numbers."""
    with pytest.raises(OperandError, match=message):
        F.max_pool(Tape().leaf(LINE), window, padding=padding)
