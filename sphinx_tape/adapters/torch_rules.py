"""Local VJPs of PyTorch's graph: a node's function is called as PyTorch's own reverse pass calls it.

Layer `adapters`. PyTorch's engine does three things around such a call: it fills in missing cotangents, sums
what broadcasting has spread, and converts element types. They are done here, on copies, without hooks.
Read next: `torch_names.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sphinx_tape.adapters.torch_values import Function, Tensor, held, loaded, tensor_of
from sphinx_tape.errors import AdapterError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sphinx_tape.tape.node import LocalVjp

FREED = "already been freed"
"""In the message with which PyTorch refuses a graph that `backward()` has used up."""

CHANGED = (
    "A tensor that it saved was changed in place afterwards: PyTorch itself can go no further back here."
)


def local_vjp(function: Function, output: int, places: Sequence[int | None], operands: int) -> LocalVjp:
    """Make the local VJP of one output of a node.

    Args:
        function: The node of PyTorch's graph.
        output: Which of its outputs; the others count as unused.
        places: Per edge of the node the operand that it leads to; None: nowhere.
        operands: How many operands the node has on the tape.
    """

    def rule(g: Any) -> list[Any]:  # noqa: ANN401 -- a cotangent
        sent: list[Any] = [None] * operands
        with loaded().no_grad():
            made = called(function, output, g)
            for place, edge, grad in zip(places, function.next_functions, made, strict=False):
                if place is not None and edge[0] is not None and grad is not None:
                    part = held(fitted(grad, *edge)).value
                    sent[place] = part if sent[place] is None else sent[place] + part
        return sent

    return rule


def called(function: Function, output: int, g: Any) -> Sequence[Tensor | None]:  # noqa: ANN401 -- a cotangent
    """Call a node with a cotangent for one of its outputs; give one tensor, or None, per edge."""
    metadata = function._input_metadata  # noqa: SLF001 -- the one place where PyTorch keeps shapes
    cotangents: list[Tensor | None] = [None] * len(metadata)
    cotangents[output] = tensor_of(g, metadata[output])
    if is_custom(function):
        filled = zip(cotangents, metadata, strict=True)
        made = function.apply(*(_zero(facts) if each is None else each for each, facts in filled))
    else:
        made = function(*cotangents)
    return made if isinstance(made, tuple) else (made,)


def _zero(facts: Any) -> Tensor:  # noqa: ANN401 -- the metadata of a tensor
    return loaded().zeros(tuple(facts.shape), dtype=facts.dtype, device=facts.device)


def fitted(grad: Tensor, function: Function, output: int) -> Tensor:
    """Bring a contribution to shape and element type of the value that receives it."""
    facts = function._input_metadata[output]  # noqa: SLF001 -- the one place where PyTorch keeps shapes
    if grad.layout != loaded().strided:
        grad = grad.to_dense()
    shape = tuple(map(int, facts.shape))
    if tuple(grad.shape) != shape:
        grad = grad.sum_to_size(shape)
    if grad.is_complex() and not facts.dtype.is_complex:
        grad = grad.real
    return grad.to(facts.dtype)


def is_custom(function: Function) -> bool:
    """Tell whether a node is a `torch.autograd.Function` of the author's."""
    return hasattr(function, "saved_tensors")


def saved_tensors(function: Function) -> Iterator[tuple[str, Tensor]]:
    """Give what a node keeps for the reverse pass, by PyTorch's names.

    Raises:
        AdapterError: `backward()` has freed it already.
        RuntimeError: It was changed in place after it had been saved.
    """
    try:
        if is_custom(function):
            found: list[tuple[str, Any]] = [(f"tensor {i}", t) for i, t in enumerate(function.saved_tensors)]
        else:
            found = [(name.removeprefix("_saved_"), getattr(function, name)) for name in _saved(function)]
    except RuntimeError as error:
        if FREED not in str(error):
            raise
        message = (
            "graph of the returned tensor must still hold what it saved (got one that backward() has used "
            "up); return the loss before backward() is called, or call backward(retain_graph=True)"
        )
        raise AdapterError(message) from error
    kind = loaded().Tensor
    for name, value in found:
        members = value if isinstance(value, tuple | list) else (value,)
        yield from ((name, each) for each in members if isinstance(each, kind))


def settings(function: Function) -> dict[str, Any]:
    """Return what a node remembers besides tensors and shapes: `alpha`, `dim` ..."""
    if is_custom(function):
        return {}
    given = {name.removeprefix("_saved_"): _unsaved(function, name) for name in _saved(function)}
    return {name: value for name, value in given.items() if value is not None and "_sym_" not in name}


def _saved(function: Function) -> list[str]:
    kind = type(function)
    if kind not in _SAVED:
        _SAVED[kind] = [name for name in dir(function) if name.startswith("_saved_")]
    return _SAVED[kind]


_SAVED: dict[type, list[str]] = {}
"""By the type of a node, the names of what it saves: `dir` takes long, and graphs repeat few types."""


def _unsaved(function: Function, name: str) -> Any:  # noqa: ANN401 -- numbers, texts, sequences of them
    """Return a setting; None for tensors, also for those that were changed."""
    try:
        value = getattr(function, name)
    except RuntimeError:
        return None
    if isinstance(value, tuple | list):
        return None if any(isinstance(each, loaded().Tensor) for each in value) else [*map(_signed, value)]
    return None if isinstance(value, loaded().Tensor) else _signed(value)


def _signed(value: Any) -> Any:  # noqa: ANN401 -- a number or a text
    """Undo that PyTorch shows negative numbers as large ones."""
    return value - 2**64 if type(value) is int and value >= 2**63 else value


def refusal(error: RuntimeError) -> str:
    """Say why PyTorch does not hand out what a node has saved."""
    said = str(error)
    if "modified by an inplace operation" in said:
        return CHANGED
    return f"PyTorch does not hand out what it saved here: {said.splitlines()[0][:120]}"


def kept_words(kept: list[tuple[str, Tensor]]) -> str:
    """Say what a node keeps for the reverse pass, and how many bytes that is."""
    if not kept:
        return ""
    parts = [
        f"{name} {tuple(tensor.shape)} {tensor.numel() * tensor.element_size():,} bytes"
        for name, tensor in kept
    ]
    return f"Kept for the reverse pass: {', '.join(parts)}."
