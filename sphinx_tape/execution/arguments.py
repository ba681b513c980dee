"""Directive arguments: Python literals in keyword form, and nothing that is evaluated.

Layer `execution`, standard library only. Reads `x=3.0, w=[1, 2]` and the signature of a builder, makes a
dictionary of values; raises `ArgumentFault`.
Read next: `worker.py`.
"""

from __future__ import annotations

import ast
import inspect
import sys
import warnings
from collections.abc import Callable
from math import isinf
from typing import Any

from sphinx_tape.errors import ArgumentFault

Literal = Any
"""What a Python literal may be."""

LONGEST = 20_000
"""Characters of arguments or of a seed; longer data belongs into a file that the builder reads."""
DEEPEST = 50
"""Nested brackets; bounded so that hostile text cannot exhaust the parser's stack."""
HINT = "write Python literals such as `x=3.0, w=[1, 2], name='a'`"


def parse_arguments(text: str) -> dict[str, Any]:
    """Read keyword arguments whose values are Python literals.

    Raises:
        ArgumentFault: Anything else.
    """
    if not text.strip():
        return {}
    subject = "arguments"
    call = _parse(f"f(\n{text}\n)", subject, text)
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        raise _fault(subject, "keyword arguments", text)
    if call.args or any(item.arg is None for item in call.keywords):
        raise _fault(subject, "in keyword form", text)
    values = {str(item.arg): _literal(item.value, f"argument {item.arg!r}") for item in call.keywords}
    if len(values) < len(call.keywords):
        raise _fault(subject, "given once each", text)
    return values


def parse_literal(text: str, subject: str) -> Literal:
    """Read one Python literal of finite numbers.

    Args:
        text: What the author wrote.
        subject: What it is, for the message (`seed`).

    Raises:
        ArgumentFault: It is not a literal, or holds a number that is not finite.
    """
    tree = _parse(f"(\n{text}\n)", subject, text)
    _require_finite(tree, subject, text)
    return _literal(tree, subject)


def bind_arguments(function: Callable[..., Any], values: dict[str, Any]) -> inspect.BoundArguments:
    """Fit values to the parameters of a builder.

    Raises:
        ArgumentFault: A parameter is unknown or missing; the message lists what there is.
    """
    signature = inspect.signature(function)
    by_position = [p.name for p in signature.parameters.values() if p.kind is p.POSITIONAL_ONLY]
    given = [values[name] for name in by_position if name in values]
    named = {name: value for name, value in values.items() if name not in by_position}
    try:
        return signature.bind(*given, **named)
    except TypeError as error:
        listed = ", ".join(map(_parameter, signature.parameters.values())) or "none"
        message = f"arguments must fit the builder ({error}); its parameters are: {listed}"
        raise ArgumentFault(message) from None


def _parse(wrapped: str, subject: str, text: str) -> ast.expr:
    if len(text) > LONGEST or _depth(text) > DEEPEST:
        message = f"{subject} must be short and flat (got {len(text)} characters); read such data from a file"
        raise ArgumentFault(message)
    try:
        # A doubtful escape sequence in a string is no reason to fail, and nobody sees a warning here.
        with warnings.catch_warnings(action="ignore"):
            return ast.parse(wrapped, mode="eval").body
    except SyntaxError as error:
        raise _fault(subject, "a Python literal", text, f"{error.msg}; ") from None
    except (ValueError, MemoryError, RecursionError):
        # Null characters and chains of operators that no bracket count sees.
        raise _fault(subject, "a Python literal", text) from None


def _require_finite(tree: ast.expr, subject: str, text: str) -> None:
    """Refuse numbers too large to be held: Python reads `1e400` as infinity, and says nothing.

    Among arguments that is a way to hand over infinity; a seed of it only makes every gradient useless.

    Raises:
        ArgumentFault: There is one.
    """
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, float | complex)
            and isinf(abs(node.value))
        ):
            message = (
                f"{subject} must hold numbers up to {sys.float_info.max:.2g} (got {_clip(repr(text))}); "
                "Python would read a larger one as infinity"
            )
            raise ArgumentFault(message)


def _depth(text: str) -> int:
    """Return how deep brackets may nest at most; brackets inside strings only make it larger."""
    deepest = depth = 0
    for character in text:
        if character in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in ")]}":
            depth -= 1
    return deepest


def _literal(node: ast.expr, subject: str) -> Literal:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        raise _fault(subject, "a Python literal", _source(node)) from None


def _source(node: ast.expr) -> str:
    try:
        return ast.unparse(node)
    except (RecursionError, ValueError):
        return "a deeply nested expression"


_STARS = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}


def _parameter(parameter: inspect.Parameter) -> str:
    """Return a parameter as text; a default is shown only if it is a plain value, never an address."""
    if parameter.kind in _STARS:
        return f"{_STARS[parameter.kind]}{parameter.name}"
    if parameter.default is parameter.empty:
        return parameter.name
    plain = isinstance(parameter.default, int | float | complex | str | None)
    return f"{parameter.name}={_clip(repr(parameter.default)) if plain else '...'}"


def _fault(subject: str, rule: str, got: str, detail: str = "") -> ArgumentFault:
    return ArgumentFault(f"{subject} must be {rule} (got {_clip(repr(got))}); {detail}{HINT}")


def _clip(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "..."
