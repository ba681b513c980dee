"""A function of HIPS autograd and its arguments -> a tape.

Layer `adapters`. autograd keeps no graph that could be asked later: its boxes live only while a function
runs. So the function is run here, under autograd's own tracer. autograd is imported inside functions only.
Read next: `hips_recording.py`, which listens to the tracer.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from sphinx_tape.adapters.hips_recording import Recording
from sphinx_tape.errors import AdapterError

if TYPE_CHECKING:
    from sphinx_tape.adapters.reading import Reading


def from_autograd(
    function: Callable[..., Any],
    *args: Any,  # noqa: ANN401 -- arguments of the author's function
    names: Sequence[str] | None = None,
) -> Reading:
    """Run a function written for HIPS autograd and read what its tracer sees.

    Args:
        function: A function that uses `autograd.numpy`; it must return one number or array.
        args: Its arguments. Floating numbers and arrays, also inside tuples, lists and dictionaries, become
            leaves; everything else is passed on as it is.
        names: Labels of the arguments; None: the names of the function's parameters.

    Returns:
        What a builder returns to show this computation.

    Raises:
        AdapterError: Nothing can be differentiated, or the function returns something else.
    """
    labels = list(names) if names is not None else _parameters(function, len(args))
    if len(labels) != len(args):
        message = f"names must be one per argument, {len(args)} (got {len(labels)}); name each argument"
        raise AdapterError(message)
    try:
        return Recording(args, labels).run(function, follow_steps=True)
    except AdapterError:
        raise
    except Exception:  # noqa: BLE001, S110 -- e.g. int(np.floor(x)) takes the plain number that autograd gives
        pass
    return Recording(args, labels).run(function, follow_steps=False)


def read(result: object) -> Reading | None:
    """Say what to return instead of a box, which is of no use after autograd's tracer has gone."""
    from autograd.tracer import isbox  # noqa: PLC0415 -- the author has imported it

    if not isbox(result):
        return None
    message = (
        f"builder must return a reading of autograd's trace (got {type(result).__name__}, which is of no use "
        "outside of it); return sphinx_tape.from_autograd(function, *arguments)"
    )
    raise AdapterError(message)


def _parameters(function: Callable[..., Any], count: int) -> list[str]:
    """Return a label per argument, as the function calls it; further ones are numbered."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    labels: list[str] = []
    for parameter in parameters:
        if parameter.kind is parameter.VAR_POSITIONAL:
            labels += [f"{parameter.name}[{position}]" for position in range(count - len(labels))]
        elif parameter.kind is not parameter.KEYWORD_ONLY:
            labels.append(parameter.name)
    return [*labels, *(f"argument {position}" for position in range(len(labels), count))][:count]
