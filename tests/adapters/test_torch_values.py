"""Tensors to arrays: copies, known or not, with a word where NumPy falls short."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from sphinx_tape.adapters.torch_values import has_numpy_type, held, tensor_of, unknown
from tests.support import require_module


@pytest.fixture(scope="module")
def torch():
    """PyTorch."""
    return require_module("torch")


@pytest.mark.parametrize(
    "name", ["float16", "float32", "float64", "complex64", "complex128", "int8", "int64", "bool"]
)
def test_values_are_read_only_copies_of_their_own_type(torch, name):
    """Changing the tensor afterwards changes nothing on the tape."""
    tensor = torch.ones(2, 3, dtype=getattr(torch, name))
    found = held(tensor)
    tensor.zero_()
    assert (found.value.dtype, found.value.shape, found.known, found.note) == (name, (2, 3), True, "")
    assert found.value.all()
    assert not found.value.flags.writeable


def test_scalars_become_numpy_scalars(torch):
    """As on our own tape."""
    assert type(held(torch.tensor(2.0)).value) is np.float32


def test_lazy_conjugates_and_negatives_are_worked_out(torch):
    """PyTorch only marks them."""
    z = torch.tensor([1 + 2j])
    assert held(z.conj()).value[0] == 1 - 2j
    assert held(z.conj().imag).value[0] == -2


def test_types_without_a_numpy_type_become_float32(torch):
    """Also if another library has taught NumPy their names."""
    found = held(torch.ones(2, dtype=torch.bfloat16))
    assert (found.value.dtype, found.note) == ("float32", "NumPy has no bfloat16: shown as float32.")
    assert not has_numpy_type(torch.bfloat16)
    assert not has_numpy_type(torch.float8_e5m2)


def test_sparse_tensors_are_shown_dense(torch):
    """And it is said."""
    found = held(torch.eye(2).to_sparse())
    assert found.value.tolist() == [[1, 0], [0, 1]]
    assert "sparse" in found.note


def test_values_that_nobody_has_are_not_known(torch):
    """A tensor on the meta device has a shape and a type, and no elements."""
    found = held(torch.ones(2, 3, device="meta"))
    assert (found.known, found.value.shape, found.value.dtype) == (False, (2, 3), "float32")


def test_nested_tensors_are_not_known(torch):
    """Their rows have different lengths."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Some versions announce that nested tensors may change.
        nested = torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])
    assert not held(nested).known


def test_the_version_of_a_tensor_stays(torch):
    """Reading is no change."""
    tensor = torch.ones(2, requires_grad=True)
    before = tensor._version
    held(tensor)
    assert (tensor._version, tensor.grad_fn) == (before, None)


def test_cotangents_take_the_type_of_what_they_belong_to(torch):
    """float32 of the tape becomes bfloat16 of the graph."""
    made = tensor_of(np.float32(1.5), torch.ones(1, dtype=torch.bfloat16))
    assert (made.dtype, made.item()) == (torch.bfloat16, 1.5)


def test_stand_ins_have_shape_and_type(torch):
    """Of an element type that NumPy has, or float32."""
    assert unknown((2,), torch.float64).value.dtype == "float64"
    assert unknown((2,), torch.bfloat16).value.dtype == "float32"
