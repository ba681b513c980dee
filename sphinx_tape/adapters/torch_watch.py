"""See every operation of PyTorch as it runs.

Layer `adapters`. A `TorchDispatchMode` shows operations below PyTorch's recording; here they are taken apart
into operands, settings and results.
Read next: `torch_record.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sphinx_tape.adapters.torch_graph import Place
from sphinx_tape.adapters.torch_values import Tensor, loaded

Operator = Any
"""An operation of PyTorch, with its schema."""

_BOTH: Final = "add sub mul div rsub lt le gt ge eq ne maximum minimum"
SCALARS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(_BOTH.split(), ("other",)),
    "pow": ("exponent", "self"),
    "where": ("self", "other"),
}
"""Arguments of operations that are operands even if they are bare numbers."""

_LIKE: Final = (
    "empty_like zeros_like ones_like full_like rand_like randn_like randint_like new_empty new_zeros "
    "new_ones new_full new_empty_strided empty_strided lift_fresh"
)
_FILLS: Final = "bernoulli_ uniform_ normal_ random_ exponential_ geometric_ cauchy_ log_normal_ zero_ fill_"
CONSTANTS: Final = frozenset(f"{_LIKE} {_FILLS}".split())
"""Operations that take only shape and type from their operand: what they make is a constant."""


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """One operation that has just run."""

    base: str
    """PyTorch's base name."""
    operands: list[int]
    """Nodes it was used on."""
    settings: dict[str, Any]
    given: list[Tensor]
    """The tensors it was used on."""
    results: list[Tensor]
    asking: bool
    """Whether PyTorch was recording."""
    place: Place


def named_arguments(
    operator: Operator, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> Iterator[tuple[str, Any]]:
    """Give the arguments of an operation with their names, lists of tensors one by one."""
    names = [each.name for each in operator._schema.arguments]  # noqa: SLF001 -- PyTorch has no public way to ask
    given = dict(zip(names, arguments, strict=False)) | keywords
    if given.get("training") or given.get("train"):
        # Then they are only brought up to date: nothing is computed from them.
        given = {name: value for name, value in given.items() if not name.startswith("running_")}
    for name, value in given.items():
        listed = isinstance(value, tuple | list) and any(map(is_tensor, value))
        yield from ((name, each) for each in value) if listed else ((name, value),)


def tensors_of(result: Any) -> Iterator[Tensor]:  # noqa: ANN401 -- whatever an operation gives
    """Give the tensors among the results of an operation."""
    stack = [result]
    while stack:
        each = stack.pop()
        if isinstance(each, tuple | list):
            stack += reversed(each)
        elif is_tensor(each):
            yield each


def is_tensor(value: object) -> bool:
    """Tell whether something is a tensor."""
    return isinstance(value, loaded().Tensor)


def watching(watch: Callable[[Operator, tuple[Any, ...], dict[str, Any]], Any]) -> Any:  # noqa: ANN401 -- a context of PyTorch's
    """Return the context in which every operation is shown to a function, which has to run it."""
    from torch.utils._python_dispatch import (  # noqa: PLC0415 -- imported by its author; documented, but not exported
        TorchDispatchMode,
    )

    base: Any = TorchDispatchMode

    class Watching(base):  # type: ignore[misc]  # a class of PyTorch, which may be absent where types are checked
        """Shows operations and changes nothing."""

        @classmethod
        def _should_skip_dynamo(cls) -> bool:
            """Ask PyTorch not to load its compiler for us, which takes seconds and is not needed."""
            return False

        def __torch_dispatch__(
            self,
            operator: Operator,
            _types: object,
            arguments: tuple[Any, ...] = (),
            keywords: dict[str, Any] | None = None,
        ) -> Any:  # noqa: ANN401 -- whatever the operation gives
            return watch(operator, arguments, keywords or {})

    return Watching()
