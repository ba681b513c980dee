"""What a builder returned -> a tape and its output.

Layer `adapters`. A tape, a variable or a pair is read here; an object of a framework is handed to the
module that the lazy table names for it, which is imported only then. The frameworks themselves are never
imported: an object of one proves that the author has done so.
Read next: `structural.py` (graphs recognised by their fields).
"""

from __future__ import annotations

from importlib import import_module

from sphinx_tape.adapters.reading import Reading
from sphinx_tape.errors import AdapterError
from sphinx_tape.tape import Tape, Variable

FRAMEWORKS: dict[str, str] = {}
"""Top-level package of a framework -> our module with `read(result) -> Reading | None`."""

STRUCTURAL = ("sphinx_tape.adapters.structural",)
"""Modules asked last: they know graphs by their fields, not by a framework's name."""


def to_tape(result: object) -> Reading:
    """Read what a builder returned.

    Args:
        result: A tape, a variable, a pair of a tape and an output (variable, id or name), what a
            `sphinx_tape.from_...` function has read already, or the output of a graph that an adapter knows.

    Raises:
        AdapterError: It is something else.
    """
    if isinstance(result, Reading):
        return result
    if isinstance(result, Variable):
        return Reading(result.tape, result.id)
    if isinstance(result, Tape):
        return Reading(result, None)
    if isinstance(result, tuple) and len(result) == 2 and isinstance(result[0], Tape):
        return Reading(result[0], _output(result[0], result[1]))
    packages = dict.fromkeys(base.__module__.partition(".")[0] for base in type(result).__mro__)
    modules = [FRAMEWORKS[package] for package in packages if package in FRAMEWORKS]
    for module in (*modules, *STRUCTURAL):
        reading: Reading | None = import_module(module).read(result)
        if reading is not None:
            return reading
    message = (
        f"builder must return a Tape, a Variable or a pair (tape, output) (got {_described(result)}); "
        "return the variable that the reverse pass starts from"
    )
    raise AdapterError(message)


def _output(tape: Tape, output: object) -> int | str | None:
    """Return what a pair names as its output; ids and names are looked up by the reverse pass."""
    if output is None:
        return None
    if isinstance(output, Variable):
        if output.tape is not tape:
            message = "output of a pair must be a variable of its tape (got one of another); return that tape"
            raise AdapterError(message)
        return output.id
    if isinstance(output, str | int) and not isinstance(output, bool):
        return output
    message = f"output of a pair must be a variable, a name or an id (got {_described(output)}); return one"
    raise AdapterError(message)


def _described(result: object) -> str:
    if result is None:
        return "None; is a `return` missing?"
    if isinstance(result, tuple):
        return f"a tuple of {len(result)}: {', '.join(type(item).__name__ for item in result[:4])}"
    return f"an object of type {type(result).__module__}.{type(result).__qualname__}"
