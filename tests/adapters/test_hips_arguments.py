"""Operands and keyword arguments of NumPy's functions, told apart."""

import numpy as np
import pytest

from sphinx_tape.adapters.hips_arguments import take_apart

X = np.ones((2, 3))
I = np.array([0, 1])  # noqa: E741 -- an index


@pytest.mark.parametrize(
    ("function", "args", "kwargs", "boxed", "op", "operands", "keywords"),
    [
        (np.add, (X, 2), {}, [0], "add", [0, 1], {}),
        (np.multiply, (2.5, X), {}, [1], "mul", [0, 1], {}),
        (np.sum, (X, 0), {"keepdims": True}, [0], "sum", [0], {"axis": 0, "keepdims": True}),
        (np.sum, (X, None), {}, [0], "sum", [0], {}),
        (np.reshape, (X, (3, 2)), {}, [0], "reshape", [0], {"shape": (3, 2)}),
        (np.clip, (X, -1.0), {"a_max": 1.0}, [0], "clip", [0], {"low": -1.0, "high": 1.0}),
        (np.where, (X > 0, X, 0.0), {}, [1], "where", [0, 1, 2], {}),
        (np.take, (X, I, 0), {}, [0], "take", [0, 1], {"axis": 0}),
        (np.einsum, ("ij->i", X), {}, [1], "einsum", [1], {"subscripts": "ij->i"}),
        (np.cumsum, (X,), {}, [0], "cumsum", [0], {"axis": None}),
        (np.cumsum, (X, 1), {}, [0], "cumsum", [0], {"axis": 1}),
        (np.dot, (X, X.T), {}, [0], "matmul", [0, 1], {}),
    ],
)
def test_calls(function, args, kwargs, boxed, op, operands, keywords):  # noqa: PLR0917 -- a table
    """Arrays are operands, numbers where the function is elementwise; the rest has names."""
    call = take_apart(function, args, kwargs, boxed)
    assert (call.op, [position for position, _ in call.operands]) == (op, operands)
    assert dict(call.keywords) == keywords


def test_insides_are_called_as_the_author_does():
    """Names that only autograd's inside uses are not shown."""

    def concatenate_args(axis, *args):
        """As autograd's."""

    def __getitem__(array, idx):  # noqa: N807 -- as autograd's
        """As autograd's."""

    joined = take_apart(concatenate_args, (1, X, X), {}, [1, 2])
    assert (joined.op, joined.own, dict(joined.keywords)) == ("concatenate", "concatenate", {"axis": 1})
    taken = take_apart(__getitem__, (X, I), {}, [0])
    assert (taken.op, taken.own, [position for position, _ in taken.operands]) == ("getitem", "getitem", [0])
    assert taken.keywords["index"] is I


def test_functions_without_a_signature():
    """Arguments are numbered."""
    call = take_apart(print, (X, 3), {}, [0])
    assert dict(call.keywords) == {"argument 1": 3}
