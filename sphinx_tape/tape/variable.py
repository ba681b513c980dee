"""What a builder computes with: a tape and a node's id.

Layer `tape`. Operators record primitives of THE table; methods call the public functions;
NumPy's own functions find ours by name.
Read next: `tape.py`, whose `run` does the work.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from sphinx_tape.errors import OperandError
from sphinx_tape.tape.numpy_protocol import call_function, call_ufunc, public_function
from sphinx_tape.tape.primitives import PRIMITIVES

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Array, Axis, Node, Value
    from sphinx_tape.tape.tape import Tape  # noqa: TC004 -- a slot annotation, never evaluated

_ABS = PRIMITIVES["abs"]
_ADD = PRIMITIVES["add"]
_CAST = PRIMITIVES["cast"]
_DETACH = PRIMITIVES["detach"]
_DIV = PRIMITIVES["div"]
_EQUAL = PRIMITIVES["equal"]
_EXP = PRIMITIVES["exp"]
_GREATER = PRIMITIVES["greater"]
_GREATER_EQUAL = PRIMITIVES["greater_equal"]
_LESS = PRIMITIVES["less"]
_LESS_EQUAL = PRIMITIVES["less_equal"]
_LOG = PRIMITIVES["log"]
_MATMUL = PRIMITIVES["matmul"]
_MAX = PRIMITIVES["max"]
_MEAN = PRIMITIVES["mean"]
_MIN = PRIMITIVES["min"]
_MUL = PRIMITIVES["mul"]
_NEG = PRIMITIVES["neg"]
_NOT_EQUAL = PRIMITIVES["not_equal"]
_POWER = PRIMITIVES["power"]
_RELU = PRIMITIVES["relu"]
_SIGMOID = PRIMITIVES["sigmoid"]
_SQRT = PRIMITIVES["sqrt"]
_SQUARE = PRIMITIVES["square"]
_SUB = PRIMITIVES["sub"]
_SUM = PRIMITIVES["sum"]
_TANH = PRIMITIVES["tanh"]


@dataclass(frozen=True, slots=True, eq=False)
class Variable:
    """One node of a tape, to compute with."""

    tape: Tape
    """Where operations on this variable are recorded."""
    id: int
    """The node's id."""

    # NumPy must hand `array * variable` to the variable instead of looping over it.
    __array_priority__ = 1000

    @property
    def node(self) -> Node:
        """The tape's entry."""
        return self.tape.nodes[self.id]

    @property
    def value(self) -> Value:
        """Forward value: a read-only array or NumPy scalar."""
        return self.node.value

    @property
    def name(self) -> str:
        """The author's label, may be empty."""
        return self.node.name

    @property
    def requires_grad(self) -> bool:
        """Whether the reverse pass propagates into this node."""
        return self.node.requires_grad

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the forward value, `()` for a scalar."""
        return self.node.shape

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of elements."""
        return int(np.size(self.value))

    @property
    def dtype(self) -> np.dtype[Any]:
        """Element type of the forward value."""
        return np.asarray(self.value).dtype

    def named(self, name: str) -> Variable:
        """Give the node the author's label.

        Returns:
            This variable, so that naming can end an expression.
        """
        self.tape.rename(self.id, name)
        return self

    def detach(self) -> Variable:
        """Record the same value with no gradient behind it."""
        return self.tape.run(_DETACH, (self,))

    def item(self) -> Value:
        """The single element as a Python number."""
        return np.asarray(self.value).item()

    def astype(self, dtype: DTypeLike) -> Variable:
        """Convert the elements to another type."""
        return self.tape.run(_CAST, (self,), {"dtype": np.dtype(dtype)})

    # Arithmetic

    def __add__(self, other: Operand) -> Variable:
        return self.tape.run(_ADD, (self, other))

    def __radd__(self, other: Operand) -> Variable:
        return self.tape.run(_ADD, (other, self))

    def __sub__(self, other: Operand) -> Variable:
        return self.tape.run(_SUB, (self, other))

    def __rsub__(self, other: Operand) -> Variable:
        return self.tape.run(_SUB, (other, self))

    def __mul__(self, other: Operand) -> Variable:
        return self.tape.run(_MUL, (self, other))

    def __rmul__(self, other: Operand) -> Variable:
        return self.tape.run(_MUL, (other, self))

    def __truediv__(self, other: Operand) -> Variable:
        return self.tape.run(_DIV, (self, other))

    def __rtruediv__(self, other: Operand) -> Variable:
        return self.tape.run(_DIV, (other, self))

    def __pow__(self, other: Operand) -> Variable:
        return self.tape.run(_POWER, (self, other))

    def __rpow__(self, other: Operand) -> Variable:
        return self.tape.run(_POWER, (other, self))

    def __matmul__(self, other: Operand) -> Variable:
        return self.tape.run(_MATMUL, (self, other))

    def __rmatmul__(self, other: Operand) -> Variable:
        return self.tape.run(_MATMUL, (other, self))

    def __neg__(self) -> Variable:
        return self.tape.run(_NEG, (self,))

    def __pos__(self) -> Variable:
        return self

    def __abs__(self) -> Variable:
        return self.tape.run(_ABS, (self,))

    # Comparisons: elementwise, never differentiable

    def __lt__(self, other: Operand) -> Variable:
        return self.tape.run(_LESS, (self, other))

    def __le__(self, other: Operand) -> Variable:
        return self.tape.run(_LESS_EQUAL, (self, other))

    def __gt__(self, other: Operand) -> Variable:
        return self.tape.run(_GREATER, (self, other))

    def __ge__(self, other: Operand) -> Variable:
        return self.tape.run(_GREATER_EQUAL, (self, other))

    def __eq__(self, other: object) -> Variable:  # type: ignore[override]
        return self.tape.run(_EQUAL, (self, other))

    def __ne__(self, other: object) -> Variable:  # type: ignore[override]
        return self.tape.run(_NOT_EQUAL, (self, other))

    # Elementwise == does not say whether two variables are the same; identity does.
    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        return bool(self.value)

    def __float__(self) -> float:
        return float(self.value)

    # Indexing

    def __getitem__(self, index: Any) -> Variable:  # noqa: ANN401 -- NumPy's index language
        return public_function("getitem")(self, index)

    def __len__(self) -> int:
        return len(self.value)

    def __iter__(self) -> Iterator[Variable]:
        return (self[position] for position in range(len(self)))

    # NumPy's functions

    def __array_ufunc__(
        self,
        ufunc: np.ufunc,
        method: str,
        *operands: Any,  # noqa: ANN401 -- NumPy's protocol
        **keywords: Any,  # noqa: ANN401 -- NumPy's protocol
    ) -> Variable:
        return call_ufunc(ufunc, method, operands, keywords)

    def __array_function__(
        self,
        function: Any,  # noqa: ANN401 -- NumPy's protocol
        types: Any,  # noqa: ANN401 -- NumPy's protocol
        operands: tuple[Any, ...],
        keywords: dict[str, Any],
    ) -> Variable:
        return call_function(function, operands, keywords)

    def __array__(self, *arguments: object) -> Array:
        message = (
            f"variable {self.id} must be used through sphinx_tape.functions or its value (got a conversion "
            "to an array, which would silently lose the gradient); write variable.value if that is meant"
        )
        raise OperandError(message)

    # Methods, named as NumPy names them

    @property
    def T(self) -> Variable:  # noqa: N802 -- NumPy's name
        """All axes in reverse order."""
        return public_function("transpose")(self)

    def transpose(self, *axes: int) -> Variable:
        """Permute the axes; without arguments reverse them."""
        return public_function("transpose")(self, axes or None)

    def reshape(self, *shape: Any) -> Variable:  # noqa: ANN401 -- integers, or one tuple of them
        """Give the elements another shape, in row-major order."""
        return public_function("reshape")(self, shape[0] if len(shape) == 1 else shape)

    def sum(self, axis: Axis = None, *, keepdims: bool = False) -> Variable:
        """Sum of the elements over axes."""
        return self.tape.run(_SUM, (self,), {"axis": axis, "keepdims": keepdims})

    def mean(self, axis: Axis = None, *, keepdims: bool = False) -> Variable:
        """Mean of the elements over axes."""
        return self.tape.run(_MEAN, (self,), {"axis": axis, "keepdims": keepdims})

    def max(self, axis: Axis = None, *, keepdims: bool = False) -> Variable:
        """Largest element over axes."""
        return self.tape.run(_MAX, (self,), {"axis": axis, "keepdims": keepdims})

    def min(self, axis: Axis = None, *, keepdims: bool = False) -> Variable:
        """Smallest element over axes."""
        return self.tape.run(_MIN, (self,), {"axis": axis, "keepdims": keepdims})

    def square(self) -> Variable:
        """Square of each element."""
        return self.tape.run(_SQUARE, (self,))

    def sqrt(self) -> Variable:
        """Square root of each element."""
        return self.tape.run(_SQRT, (self,))

    def exp(self) -> Variable:
        """Exponential of each element."""
        return self.tape.run(_EXP, (self,))

    def log(self) -> Variable:
        """Natural logarithm of each element."""
        return self.tape.run(_LOG, (self,))

    def tanh(self) -> Variable:
        """Hyperbolic tangent of each element."""
        return self.tape.run(_TANH, (self,))

    def sigmoid(self) -> Variable:
        """Logistic function of each element."""
        return self.tape.run(_SIGMOID, (self,))

    def relu(self) -> Variable:
        """Positive part of each element."""
        return self.tape.run(_RELU, (self,))

    def abs(self) -> Variable:
        """Absolute value of each element."""
        return self.tape.run(_ABS, (self,))

    def __repr__(self) -> str:
        name = f" {self.name!r}" if self.name else ""
        return f"Variable({self.id}: {self.node.op}{name}, value={self.value!r})"


Operand = Variable | ArrayLike | Fraction
"""What an operation takes: a variable, or a number or array that becomes a constant."""
