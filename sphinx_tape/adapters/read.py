"""What a builder returned -> a tape and its output.

Layer `adapters`. A tape, a variable or a pair is read here; an object of a framework is handed to the
module that the lazy table names for it, which is imported only then. The frameworks themselves are never
imported: an object of one proves that the author has done so.
Read next: `protocol.py` (adapters of others), `structural.py` (graphs recognised by their fields).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import cast

from sphinx_tape.adapters.installed import checked_reading, installed_readers
from sphinx_tape.adapters.protocol import HasTape
from sphinx_tape.adapters.reading import Reading
from sphinx_tape.errors import AdapterError
from sphinx_tape.tape import Tape, Variable

FRAMEWORKS: dict[str, str] = {
    "autograd": "sphinx_tape.adapters.hips",
    "jax": "sphinx_tape.adapters.jax_program",
    "jaxlib": "sphinx_tape.adapters.jax_program",
    "torch": "sphinx_tape.adapters.torch_graph",
}
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
    reading = _own(result)
    if reading is not None:
        return reading
    for reader in _readers(result):
        reading = reader(result)
        if reading is not None:
            return reading
    message = (
        f"builder must return a Tape, a Variable or a pair (tape, output) (got {_described(result)}); "
        "return the variable that the reverse pass starts from, or write an adapter for its engine"
    )
    raise AdapterError(message)


def _own(result: object) -> Reading | None:
    """Read what is ours already; None if it is something else."""
    if isinstance(result, Reading):
        return result
    if isinstance(result, Variable):
        return Reading(result.tape, result.id)
    if isinstance(result, Tape):
        return Reading(result, None)
    if isinstance(result, tuple) and len(result) == 2 and isinstance(result[0], Tape):
        return Reading(result[0], _output(result[0], result[1]))
    return None


def _readers(result: object) -> Iterator[Callable[[object], Reading | None]]:
    """Give what may read an object, the most special first; nothing is loaded before it is its turn."""
    if isinstance(result, HasTape) and not isinstance(result, type):
        yield _method
    packages = dict.fromkeys(base.__module__.partition(".")[0] for base in type(result).__mro__)
    packages.pop("builtins", None)
    if packages:
        yield from installed_readers(packages)
    modules = [FRAMEWORKS[package] for package in packages if package in FRAMEWORKS]
    for module in (*modules, *STRUCTURAL):
        yield import_module(module).read


def _method(result: object) -> Reading | None:
    """Ask an object that can show itself."""
    kind = type(result)
    who = f"method __sphinx_tape__ of {kind.__module__}.{kind.__qualname__}"

    def asked() -> object:
        shown = cast(HasTape, result).__sphinx_tape__()
        return _own(shown) or shown

    return checked_reading(who, asked)


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
