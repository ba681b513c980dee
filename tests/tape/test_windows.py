"""Claims about `sphinx_tape.tape.windows`."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sphinx_tape.errors import OperandError
from sphinx_tape.tape.windows import add_windows, geometry, per_axis, windows


def test_one_number_serves_all_axes():
    """A single number is repeated; several are taken as they are."""
    assert per_axis(2, 3, "stride", 1) == (2, 2, 2)
    assert per_axis([1, 2], 2, "stride", 1) == (1, 2)
    assert per_axis(np.int64(3), 1, "stride", 1) == (3,)


@pytest.mark.parametrize("value", [0, (1, 2, 3), (1, 0), (1, 1.5), ()])
def test_numbers_that_do_not_fit_are_refused(value):
    """Too small, too many, too few and fractions are refused by the parameter's name."""
    with pytest.raises(OperandError, match="stride must be one whole number >= 1, or 2 of them"):
        per_axis(value, 2, "stride", 1)


def test_windows_of_a_line():
    """Stride, padding and dilation, each by itself and together."""
    line = np.arange(5)
    assert windows(line, geometry((2,), 1, 0, 1)).tolist() == [[0, 1], [1, 2], [2, 3], [3, 4]]
    assert windows(line, geometry((2,), 2, 0, 1)).tolist() == [[0, 1], [2, 3]]
    assert windows(line, geometry((2,), 1, 0, 3)).tolist() == [[0, 3], [1, 4]]
    assert windows(line, geometry((2,), 3, 1, 2), fill=9).tolist() == [[9, 1], [2, 4]]


def test_a_window_must_fit():
    """A window that reaches beyond the padded space is refused with all numbers."""
    with pytest.raises(
        OperandError, match=r"window of reach \(5,\) must fit .*\(got space \(3,\), padding \(0,\)\)"
    ):
        windows(np.arange(3), geometry((3,), 1, 0, 2))


moves = st.tuples(
    st.integers(1, 3), st.integers(1, 3), st.integers(0, 2), st.integers(1, 2), st.integers(5, 8)
)


@given(moves, moves)
def test_adding_windows_is_the_transposed_map(first, second):
    """For every geometry <windows(x), p> = <x, add_windows(p)>: the definition of a transposed map."""
    window, stride, padding, dilation, space = zip(first, second, strict=True)
    shape = geometry(window, stride, padding, dilation)
    draw = np.random.default_rng(0)
    x = draw.integers(-9, 9, (2, *space))
    cut = windows(x, shape)
    parts = draw.integers(-9, 9, cut.shape)
    assert (cut * parts).sum() == (x * add_windows(parts, shape, space)).sum()
