"""`render.preview`: arrays in lines, grids and facts."""

from __future__ import annotations

import pytest

from sphinx_tape.render.content import plain
from sphinx_tape.render.preview import (
    amount,
    badges,
    counted_marks,
    fits_a_line,
    grid_lines,
    grids,
    hidden,
    is_finite,
    is_zero,
    statistics,
    value_line,
)
from sphinx_tape.report.model import ArrayPreview
from tests.render.sample_reports import preview, unknown


def numbered(*shape):
    """An array of 0, 1, 2 ... clipped at six along each axis."""
    count = 1
    for length in shape:
        count *= length
    return preview([float(i) for i in range(count)], shape)


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (preview(-0.5), "-0.5"),
        (preview("1/3", kind="exact", dtype="object"), "1/3"),
        (numbered(3), "[0, 1, 2]"),
        (numbered(2, 2), "[[0, 1], [2, 3]]"),
        (numbered(1, 2, 2), "(1, 2, 2), 0 to 3"),
        (numbered(3, 3), "(3, 3), 0 to 8"),
        (preview([0.0] * 9, (3, 3)), "(3, 3), all zero"),
        (preview([], (0,)), "[]"),
        (preview([], (0, 3, 2)), "(0, 3, 2)"),
        (preview([float("nan")] * 9, (3, 3)), "(3, 3)"),
    ],
)
def test_a_value_in_one_line(array, text):
    """A few elements are said in full, more by shape and range, empty ones by shape."""
    assert plain(value_line(array, 4)) == text


def test_a_value_that_nobody_kept_is_said_to_be_unknown():
    """No number stands in its place: not in the line, not folded behind it, and it is not zero."""
    for array in (unknown(preview(3.0)), unknown(numbered(2, 2))):
        assert plain(value_line(array, 4)) == "not known"
        assert amount(array, 4).array is None
        assert not is_zero(array)
        assert is_finite(array)


def test_a_table_that_has_a_column_of_shapes_needs_no_second():
    """Without the shape the range is left; what has no range keeps its shape."""
    assert plain(value_line(numbered(3, 3), 4, shaped=False)) == "0 to 8"
    assert plain(value_line(preview([0.0] * 9, (9,)), 4, shaped=False)) == "all zero"
    assert plain(value_line(preview([], (0, 3, 2)), 4, shaped=False)) == "(0, 3, 2)"


def test_marks_reach_the_line():
    """A NaN or an exact zero is marked as such."""
    assert value_line(preview("nan"), 4)[0].mark == "nan"
    assert value_line(preview(0.0), 4)[0].mark == "zero"


def test_an_amount_keeps_its_array():
    """A scalar is only its line, an array comes along for those who unfold it."""
    assert amount(preview(1.0), 4).array is None
    assert amount(numbered(3), 4).array == numbered(3)


def test_a_line_says_all_only_of_small_arrays():
    """Clipped, long or deep arrays need more than their line."""
    assert fits_a_line(numbered(2, 3))
    assert not fits_a_line(numbered(7))
    assert not fits_a_line(numbered(1, 2, 2))


def test_badges_name_shape_rank_size_and_type():
    """The four facts of the reference's badges."""
    assert badges(numbered(2, 3)) == ("shape (2, 3)", "rank 2", "size 6", "float64")


def test_a_vector_is_one_row_and_says_that_it_goes_on():
    """Eight of which six are kept: an ellipsis, and the axis in words."""
    (grid,) = grids(numbered(8), 4)
    assert grid_lines(grid) == ("0  1  2  3  4  5  …",)
    assert hidden(numbered(8)) == ("axis 0: first 6 of 8 shown",)


def test_a_matrix_is_aligned_by_column():
    """Columns are as wide as their widest number; rows left out leave an ellipsis."""
    (grid,) = grids(preview([1.0, -10.0, 100.0, 2.0], (2, 2)), 4)
    assert grid_lines(grid) == ("  1  -10", "100    2")
    (tall,) = grids(numbered(7, 2), 4)
    assert grid_lines(tall)[-1] == " …   …"


def test_higher_ranks_come_in_slices():
    """Each leading index has its own matrix, named by it; what is hidden is said per axis."""
    array = numbered(2, 7, 2)
    first, second = grids(array, 4)
    assert (first.title, second.title) == ("[0, :, :]", "[1, :, :]")
    assert second.rows[0] == ("14", "15")
    assert hidden(array) == ("axis 1: first 6 of 7 shown",)


def test_a_scalar_is_a_grid_of_one():
    """The same writer serves scalars."""
    assert grid_lines(grids(preview(3.0), 4)[0]) == ("3",)


def test_statistics_are_over_all_elements():
    """Seven elements of which six are kept: the seventh counts."""
    facts = dict(statistics(numbered(7), 4))
    assert facts == {
        "min": "0",
        "max": "6",
        "mean": "3",
        "L1": "21",
        "L2": "9.539",
        "largest absolute": "6",
    }


def test_statistics_leave_out_what_does_not_exist():
    """An array of NaN has no mean, a scalar no statistics."""
    assert statistics(preview([float("nan")] * 4, (4,)), 4) == ()
    assert statistics(preview(1.0), 4) == ()
    assert counted_marks(preview(1.0)) == ()


def test_special_elements_are_counted():
    """NaN, infinite and exactly zero elements are counted; what does not occur is not said."""
    array = preview([float("nan"), 0.0, 0.0, float("inf")], (4,))
    assert counted_marks(array) == (("nan", "1 NaN"), ("inf", "1 infinite"), ("zero", "2 exactly zero"))
    assert counted_marks(numbered(3)) == (("zero", "1 exactly zero"),)


def test_zero_means_every_element():
    """One element that is not zero, shown or hidden, is enough; tiny is not zero."""
    assert is_zero(preview(0.0))
    assert not is_zero(preview(1e-300))
    assert is_zero(preview([0.0] * 9, (9,)))
    assert not is_zero(preview([0.0] * 8 + [1.0], (9,)))


def test_without_statistics_a_clipped_array_is_not_called_zero():
    """Of exact elements that are hidden nothing is claimed."""
    clipped = ArrayPreview(
        shape=(3,), dtype="object", kind="exact", kept=(1,), elements=("0",), statistics=None
    )
    assert not is_zero(clipped)


def test_finite_means_no_nan_and_no_infinity():
    """Scalars are judged by themselves, arrays by their statistics."""
    assert is_finite(numbered(3))
    assert not is_finite(preview([1.0, float("inf")], (2,)))
    assert not is_finite(preview("nan"))
    assert is_finite(preview(2.0))
