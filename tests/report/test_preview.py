"""Previews: bounded, exact to the element type, with statistics over everything."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sphinx_tape.report.preview import LARGEST, kept_block, preview, statistics

SHAPES = [
    ((), ()),
    ((16,), (16,)),
    ((17,), (16,)),
    ((0,), (0,)),
    ((3, 40), (3, 16)),
    ((20, 20), (16, 16)),
    ((7, 4, 5), (6, 4, 5)),
    ((6, 20, 20), (6, 9, 9)),
    ((6, 6, 20, 20), (5, 5, 5, 4)),
    ((2, 0, 3), (2, 0, 3)),
]


@pytest.mark.parametrize(("shape", "kept"), SHAPES)
def test_kept_block(shape, kept):
    """Vectors to 16, matrices to 16 x 16, six slices above; then the largest axis shrinks."""
    assert kept_block(shape) == kept


@given(st.lists(st.integers(0, 50), max_size=7).map(tuple))
def test_kept_block_is_bounded(shape):
    """Whatever the shape, at most 512 elements stay, and no axis becomes longer or vanishes."""
    kept = kept_block(shape)
    assert math.prod(kept) <= LARGEST
    assert all(min(size, 1) <= k <= size for k, size in zip(kept, shape, strict=True))


def test_elements_are_the_first_along_each_axis():
    """The kept block is the leading corner, in row-major order."""
    array = np.arange(400.0).reshape(20, 20)
    shown = preview(array)
    assert shown.clipped
    assert shown.elements[:2] == (0.0, 1.0)
    assert shown.elements[16] == 20.0
    assert shown.statistics.maximum == 399.0


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_single_precision_is_the_shortest_decimal(number):
    """A float32 is written as the decimal a reader expects, and reads back as the same float32."""
    (shown,) = preview(np.float32(number)).elements
    assert np.float32(shown) == np.float32(number)
    assert repr(shown) == repr(float(str(np.float32(number))))


def test_a_tenth_in_every_precision():
    """0.1 is shown as 0.1 in float16, float32 and float64 alike."""
    for dtype in (np.float16, np.float32, np.float64):
        assert preview(dtype(0.1)).elements == (0.1,)


def test_non_finite_numbers_are_words():
    """JSON has no words for them, so the report has."""
    shown = preview(np.array([np.nan, np.inf, -np.inf, -0.0]))
    assert shown.elements[:3] == ("nan", "inf", "-inf")
    assert math.copysign(1, shown.elements[3]) == -1
    assert (shown.statistics.nans, shown.statistics.infinities, shown.statistics.zeros) == (1, 2, 1)


@pytest.mark.parametrize(
    ("value", "kind", "elements"),
    [
        (np.array([1 + 2j, complex("nan")]), "complex", ((1.0, 2.0), ("nan", 0.0))),
        (np.array([True, False]), "bool", (True, False)),
        (np.array([2**63], dtype=np.uint64), "int", (2**63,)),
        (np.array([Fraction(1, 3), 2], dtype=object), "exact", ("1/3", "2")),
        (np.array(["a"]), "exact", ("a",)),
    ],
)
def test_element_types(value, kind, elements):
    """Each kind of element has its own plain form."""
    shown = preview(value)
    assert (shown.kind, shown.elements) == (kind, elements)
    assert all(type(a) is type(b) for a, b in zip(shown.elements, elements, strict=True))


def test_exact_text_is_bounded():
    """A symbolic element may be a page long."""
    value = np.empty((), dtype=object)
    value[()] = "x" * 10_000
    (text,) = preview(value).elements
    assert len(text) == 400
    assert text.endswith("\N{HORIZONTAL ELLIPSIS}")


def test_exact_text_has_no_addresses():
    """An object without a text of its own reads the same in every build."""
    value = np.empty((), dtype=object)
    value[()] = object()
    assert preview(value).elements == ("<object object at 0x...>",)


def test_exact_elements_have_no_statistics():
    """There is no arithmetic to rely on."""
    assert preview(np.array([Fraction(1, 3)], dtype=object)).statistics is None
    assert preview(np.float64(3)).statistics is None


def test_statistics_of_a_known_vector():
    """(3, -4, 0): L1 7, L2 5, largest 4, mean -1/3."""
    facts = preview(np.array([3.0, -4.0, 0.0])).statistics
    assert (facts.minimum, facts.maximum, facts.l1, facts.l2, facts.largest) == (-4, 3, 7, 5, 4)
    assert facts.mean == -1 / 3
    assert facts.zeros == 1


@given(hnp.arrays(np.float64, st.integers(1, 200), elements=st.floats(-1e6, 1e6)))
def test_small_and_large_arrays_agree(array):
    """The exact sums in Python and NumPy's sums are the same facts."""
    facts = statistics(array, "float")
    assert facts.mean == pytest.approx(array.mean(), rel=1e-9, abs=1e-6)
    assert facts.l1 == pytest.approx(np.abs(array).sum(), rel=1e-9, abs=1e-9)
    assert facts.l2 == pytest.approx(np.linalg.norm(array), rel=1e-9, abs=1e-9)
    assert (facts.minimum, facts.maximum) == (array.min(), array.max())


@pytest.mark.parametrize("size", [3, 300])
def test_norms_do_not_overflow(size):
    """Squares of 1e200 do not fit into a double; their norm does."""
    facts = statistics(np.full(size, 1e200), "float")
    assert facts.l2 == pytest.approx(1e200 * math.sqrt(size))
    assert facts.mean == pytest.approx(1e200)


@pytest.mark.parametrize("size", [3, 300])
def test_sums_that_overflow_are_said_to(size):
    """The sum of the largest doubles is infinite; the report says so without failing."""
    facts = statistics(np.full(size, np.finfo(np.float64).max), "float")
    assert facts.l1 == "inf"


def test_half_precision_facts_may_be_wider():
    """The L1 norm of 60000 twice is no float16; it is given all the same."""
    assert statistics(np.full(2, 60000, np.float16), "float").l1 == 120000.0


def test_integers_stay_integers():
    """Facts of integers are integers where they are whole."""
    facts = statistics(np.array([1, 2, 6]), "int")
    assert (facts.minimum, facts.mean, facts.l1) == (1, 3, 9)
    assert type(facts.minimum) is int
    assert statistics(np.array([1, 2]), "int").mean == 1.5


def test_complex_facts_are_those_of_magnitudes():
    """There is no smallest complex number; 3+4i has magnitude 5."""
    facts = statistics(np.array([3 + 4j, 0]), "complex")
    assert (facts.minimum, facts.maximum, facts.mean) == (None, None, None)
    assert (facts.l1, facts.l2, facts.largest, facts.zeros) == (5, 5, 5, 1)


@pytest.mark.parametrize("value", [np.array([]), np.array([np.nan, np.inf])])
def test_nothing_finite_has_no_facts(value):
    """Without a finite element there is no minimum."""
    facts = statistics(value, "float")
    assert (facts.minimum, facts.mean, facts.l2, facts.largest) == (None, None, None, None)


def test_print_options_and_error_modes_of_the_author_do_not_matter():
    """A builder may have changed how NumPy prints and warns."""
    expected = preview(np.array([0.123456789, 1e200, 3e38], np.float64))
    with np.printoptions(precision=1, suppress=True), np.errstate(all="raise"):
        assert preview(np.array([0.123456789, 1e200, 3e38], np.float64)) == expected
        assert preview(np.float32(0.123456789)).elements == (0.12345679,)
