"""`render.numbers`: digits, notation and marks of single elements."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sphinx_tape.render.numbers import format_number, mark_of, number_tex


@pytest.mark.parametrize(
    ("number", "dtype", "precision", "text"),
    [
        (3.0, "float64", 4, "3"),
        (-0.36787944117144233, "float64", 4, "-0.3679"),
        (12345.678, "float64", 4, "12346"),
        (1234567.0, "float64", 4, "1.235e6"),
        (999999.6, "float64", 4, "1e6"),
        (0.0001, "float64", 4, "0.0001"),
        (0.00001234, "float64", 4, "1.234e-5"),
        (9.9996, "float64", 4, "10"),
        (999999.4, "float64", 7, "999999.4"),
        (999998.96, "float64", 7, "999999"),
        (0.00009999996, "float64", 4, "0.0001"),
        (-0.000123456, "float64", 3, "-0.000123"),
        (123456.5, "float64", 3, "123456"),
        (123457.5, "float64", 3, "123458"),
        (1e300, "float64", 4, "1e300"),
        (5e-324, "float64", 17, "5e-324"),
        (0.1, "float64", 17, "0.1"),
        (100000.0, "float64", 4, "100000"),
        (120.0, "float64", 4, "120"),
        (1 / 3, "float64", 2, "0.33"),
        (0.33333334, "float32", 17, "0.33333334"),
        (0.3333333333333333, "float32", 17, "0.333333333"),
        (0.333251953125, "float16", 17, "0.33325"),
        (0.0, "float64", 4, "0"),
        (-0.0, "float64", 4, "-0"),
        (7, "int64", 1, "7"),
        (123456789012, "int64", 2, "123456789012"),
        (True, "bool", 4, "True"),
        ("nan", "float64", 4, "NaN"),
        ("-inf", "float32", 4, "-inf"),
        ("1/3", "object", 4, "1/3"),
        ("nan", "object", 4, "nan"),
        ((1.0, -2.5), "complex128", 4, "1-2.5j"),
        ((0.0, 1e-9), "complex128", 4, "0+1e-9j"),
        ((float("nan"), float("inf")), "complex128", 4, "NaN+infj"),
    ],
)
def test_a_number_has_one_text(number, dtype, precision, text):
    """Each kind of element has the text a reader expects, with no invented digit."""
    assert format_number(number, dtype, precision) == text


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(1, 17))
def test_text_reads_back_within_the_digits_asked_for(number, precision):
    """Reading the text back is off by at most half a unit of the last digit asked for."""
    back = float(format_number(number, "float64", precision))
    half_a_unit = 0.5000001 * 10.0 ** (1 - precision)
    assert math.isinf(back) or back == pytest.approx(number, rel=half_a_unit, abs=5e-324)


@given(st.integers(-(10**13), 10**13), st.integers(-20, 3), st.integers(14, 17))
def test_what_was_typed_is_what_is_shown(whole, exponent, precision):
    """A number of few digits has just these, whatever binary value stands for it."""
    typed = f"{whole}e{exponent}"
    assert Decimal(format_number(float(typed), "float64", precision)) == Decimal(typed)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_seventeen_digits_lose_nothing(number):
    """At full precision the text is the number."""
    assert float(format_number(number, "float64", 17)) == number


@given(st.floats(allow_nan=False))
def test_zero_is_written_only_for_zero(number):
    """`0` or `-0` on a page means exactly zero."""
    assert (format_number(number, "float64", 1) in {"0", "-0"}) == (number == 0)


@pytest.mark.parametrize(
    ("number", "mark"),
    [
        (0.0, "zero"),
        (1e-300, ""),
        (0, "zero"),
        (False, "zero"),
        ("0", "zero"),
        ("1/2", ""),
        ("nan", "nan"),
        ("-inf", "inf"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        ((0.0, 0.0), "zero"),
        ((0.0, 1.0), ""),
        ((float("inf"), float("nan")), "nan"),
        ((float("inf"), 0.0), "inf"),
    ],
)
def test_marks_tell_special_numbers_apart(number, mark):
    """Exact zero, NaN and infinity are marked, tiny numbers are not."""
    assert mark_of(number) == mark


@pytest.mark.parametrize(
    ("text", "tex"),
    [
        ("-3.5", "-3.5"),
        ("1.5e-7", r"1.5 \times 10^{-7}"),
        ("NaN", r"\mathrm{NaN}"),
        ("-inf", r"-\infty"),
        ("1e-9-2j", r"1 \times 10^{-9}-2\mathrm{j}"),
        ("1-2e-9j", r"1-2 \times 10^{-9}\mathrm{j}"),
    ],
)
def test_numbers_in_formulas(text, tex):
    """Number text becomes TeX without a stray `e` or a word in italics."""
    assert number_tex(text) == tex
