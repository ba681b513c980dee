"""Claims about `sphinx_tape.tape.values`."""

from fractions import Fraction

import numpy as np
import pytest

from sphinx_tape import Tape
from sphinx_tape.errors import OperandError
from sphinx_tape.tape import values
from sphinx_tape.tape.primitives import PRIMITIVES


@pytest.mark.parametrize(
    ("given", "dtype", "shape"),
    [
        (3, "float64", ()),
        (3.0, "float64", ()),
        ([1, 2], "float64", (2,)),
        (np.float16(1), "float16", ()),
        (np.ones((2, 1), dtype=np.float32), "float32", (2, 1)),
        (1j, "complex128", ()),
        (Fraction(1, 2), "object", ()),
        ([Fraction(1, 2)], "object", (1,)),
        (np.array(2.0), "float64", ()),
    ],
)
def test_leaf_keeps_differentiable_types(given, dtype, shape):
    """Python integers become float64; everything that can vary keeps its type."""
    value = values.differentiable(given)
    assert (str(value.dtype), value.shape) == (dtype, shape)


@pytest.mark.parametrize("given", [np.array([1, 2]), np.int32(1), True, [True, False], np.array(True)])
def test_leaf_of_integers_or_bools_is_refused(given):
    """They have no gradient; the message gives both remedies."""
    with pytest.raises(OperandError, match=r"leaf must have floating.*astype\(float\), or tape.constant"):
        values.differentiable(given)


@pytest.mark.parametrize("given", ["text", None, {"a": 1}, [None], [[1.0], "x"]])
def test_what_is_no_number_is_refused(given):
    """Text, None and containers of them are named by their type, also as constants."""
    with pytest.raises(OperandError, match=r"value must be (numeric|a number or a regular array)"):
        values.constant(given)


def test_ragged_rows_are_refused():
    """Rows of different lengths are no array."""
    with pytest.raises(OperandError, match=r"regular array .*; pad the rows"):
        values.constant([[1.0], [1.0, 2.0]])


def test_constants_keep_integers():
    """Class numbers and masks are what they are."""
    assert values.constant([1, 2]).dtype == np.int64
    assert values.constant(True).dtype == bool


def test_read_only_array_is_taken_without_a_copy():
    """Nobody can change it, so sharing is safe; a view of a writable one is copied."""
    owner = np.ones(3)
    view = owner[:]
    view.setflags(write=False)
    assert values.constant(view) is not view
    owner.setflags(write=False)
    assert values.constant(owner) is owner


def test_settled_scalars_are_numpy_scalars():
    """Arrays of shape () cost more than scalars; exact ones stay object arrays."""
    assert type(values.settled(np.array(2.0))) is np.float64
    assert type(values.settled(2.0)) is np.float64
    assert values.settled(Fraction(1, 2)).dtype == object
    assert values.settled(np.float32(1)).dtype == np.float32


@pytest.mark.parametrize(
    ("partner", "number", "dtype"),
    [
        (np.float32(1), 2.0, "float32"),
        (np.float16([1]), 3, "float16"),
        (np.float64(1), 2, "float64"),
        (np.int32(1), 2, "int32"),
        (np.int32(1), 2.5, "float64"),
        (np.complex128(1), 2.0, "float64"),
        (np.float32(1), 1j, "complex64"),
        (np.float64(1), 1j, "complex128"),
        (np.float32(1), np.float64(2.0), "float64"),
        (np.float32(1), True, "bool"),
    ],
)
def test_python_numbers_are_weak(partner, number, dtype):
    """A Python number takes its partner's type, a NumPy number keeps its own (NumPy 2, NEP 50)."""
    assert values.weak_constant(number, [np.asarray(partner)[()]]).dtype == dtype


def test_promotion_on_a_tape_is_numpys():
    """Every pair of element types gives NumPy's result type."""
    kinds = [np.float16, np.float32, np.float64, np.complex128, np.int32]
    for left in kinds:
        for right in kinds:
            tape = Tape()
            result = tape.constant(np.ones(2, left)) * tape.constant(np.ones(2, right))
            assert result.dtype == np.result_type(left, right)


def test_exact_partner_keeps_python_numbers():
    """An integer beside fractions stays an integer."""
    kept = values.weak_constant(2, [np.array([Fraction(1, 2)], dtype=object)])
    assert (kept.dtype, type(kept.item())) == (object, int)


def test_keyword_arrays_are_copied():
    """Other keywords are passed on as they are."""
    index = np.array([0, 1])
    kept = values.kept_keywords({"index": index, "axis": 0})
    index[0] = 7
    assert kept["index"].tolist() == [0, 1]
    assert kept["axis"] == 0


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_narrow_numbers_stay_narrow_in_every_operation(dtype):
    """Scalars and arrays of one floating type give that type, also in NumPy 1, which would widen scalars."""
    entries = [(each, sample) for each in PRIMITIVES.values() for sample in each.samples]
    for primitive, sample in entries:
        kinds = {np.asarray(each).dtype.kind for each in sample.operands}
        if primitive.name != "cast" and kinds == {"f"}:
            tape = Tape()
            leaves = tuple(tape.leaf(np.asarray(each).astype(dtype)) for each in sample.operands)
            assert tape.record(primitive.name, leaves, sample.keywords).dtype in {
                np.dtype(dtype),
                np.dtype(bool),
            }


def test_narrowing_of_computed_numbers():
    """Only a floating result of nothing but narrower floating operands is narrowed."""
    wide, narrow = np.float64(1.0), np.float32(1.0)
    assert values.narrowed(wide, (narrow, narrow)).dtype == np.float32
    assert values.narrowed(wide, (narrow, wide)).dtype == np.float64
    assert values.narrowed(wide, (narrow, np.int64(1))).dtype == np.float64
    assert values.narrowed(True, (narrow,)) is True
