"""Names for the nodes of a JAX program: a jaxpr has none.

Layer `adapters`; JAX is imported inside functions only. Arguments are named after the function's parameters
and the keys inside them; values in between after the local variables that hold them when a function of the
author's returns, which is looked at while JAX traces it.
Read next: `jax_program.py`.
"""

from __future__ import annotations

import inspect
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from types import FrameType
from typing import TYPE_CHECKING, Any

from sphinx_tape.adapters.jax_sources import is_authors

if TYPE_CHECKING:
    from sphinx_tape.adapters.jax_plan import Jax


def argument_names(
    function: Callable[..., Any], paths: Sequence[Sequence[Any]], names: Sequence[str] | None
) -> list[str]:
    """Name each array among the arguments.

    Args:
        function: The function.
        paths: For each array the way to it, as `jax.tree_util` gives it: which argument, then keys.
        names: Names of the arguments; None: those of the parameters.

    Returns:
        `w` for the argument w; for what an argument holds its key alone if that is unique, else both.
    """
    count = max((path[0].idx for path in paths), default=-1) + 1
    bases = list(names) if names is not None else _parameter_names(function, count)
    bases += [f"x{index}" for index in range(len(bases), count)]
    full = [bases[path[0].idx] + "".join(map(_key_text, path[1:])) for path in paths]
    short = [
        "".join(map(_key_text, path[1:]))[1:] if len(path) > 1 and _key_text(path[1])[0] == "." else name
        for path, name in zip(paths, full, strict=True)
    ]
    return (
        short
        if len(set(short) | set(bases)) == len(short) + len(set(bases) - set(short))
        and len(set(short)) == len(short)
        else full
    )


def _key_text(key: Jax) -> str:
    """Write one key of a way as an author would: `.w` or `[0]`."""
    for field in ("key", "name"):
        if hasattr(key, field):
            value = getattr(key, field)
            return f".{value}" if isinstance(value, str) else f"[{value}]"
    return f"[{getattr(key, 'idx', key)}]"


def _parameter_names(function: Callable[..., Any], count: int) -> list[str]:
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return []
    found: list[str] = []
    for parameter in parameters:
        if parameter.kind is parameter.VAR_POSITIONAL:
            found += [f"{parameter.name}[{index}]" for index in range(count - len(found))]
        elif parameter.kind in {parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD}:
            found.append(parameter.name)
    return found[:count]


def output_names(function: Callable[..., Any], result: Jax) -> list[str]:
    """Name each array of a result: by its key, or a single one after the function."""
    import jax  # noqa: PLC0415 -- only if the builder did

    paths = [path for path, _ in jax.tree_util.tree_flatten_with_path(result)[0]]
    own = getattr(function, "__name__", "")
    first = own if own.isidentifier() else ""
    return [
        "".join(map(_key_text, path)).lstrip(".")
        if path and _key_text(path[-1])[0] == "."
        else first
        if not index
        else ""
        for index, path in enumerate(paths)
    ]


def local_names(
    function: Callable[..., Any],
    names: list[str],
    *leaves: Jax,
) -> tuple[Any, list[Any]]:
    """Call a function that JAX traces, and return with its result what its local variables hold.

    Args:
        function: The function.
        names: Filled with the names of the local variables.
        leaves: What JAX traces with.
    """
    import jax  # noqa: PLC0415 -- only if the builder did

    held: dict[int, tuple[str, Any]] = {}
    level = {id(_level(leaf)) for leaf in leaves}
    ours = sys._getframe()  # noqa: SLF001 -- the frame's own locals are not the author's

    def look(frame: FrameType, event: str, _argument: object) -> None:
        if event != "return" or frame is ours or not is_authors(frame.f_code.co_filename):
            return
        parameters = frame.f_code.co_varnames[: frame.f_code.co_argcount]
        # Backwards: of several variables with one value the first is the name.
        for name, value in reversed(frame.f_locals.items()):
            if name not in parameters and isinstance(value, jax.core.Tracer) and id(_level(value)) in level:
                held[id(value)] = (name, value)

    # A profiler that is at work already is not disturbed; then local variables give no names.
    hook = None if sys.getprofile() else look
    if hook:
        sys.setprofile(hook)
    try:
        result = function(*leaves)
    finally:
        if hook:
            sys.setprofile(None)
    given = {id(leaf) for leaf in leaves}
    found = [(name, value) for key, (name, value) in held.items() if key not in given]
    repeated = {name for name, count in Counter(name for name, _ in found).items() if count > 1}
    # The innermost functions return first: of several values of one name the last is the outermost.
    found = [
        pair
        for index, pair in enumerate(found)
        if pair[0] not in repeated or pair[0] not in [n for n, _ in found[index + 1 :]]
    ]
    names[:] = [name for name, _ in found]
    return result, [value for _, value in found]


def _level(tracer: Jax) -> Jax:
    """Return what tells the tracers of one program from those of another inside it."""
    trace = getattr(tracer, "_trace", None)
    main = getattr(trace, "main", None)  # until JAX 0.4.35
    return trace if main is None else main
