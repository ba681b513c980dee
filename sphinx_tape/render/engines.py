"""Which engine places a drawing, and what happens when it cannot.

Layer `render`. The built-in engine places everything; `dot` is asked where it is wanted, and where it
fails, the built-in engine takes over and the caller is told why.
Read next: `builtin.py`, `dot.py`, `positions.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Literal

from sphinx_tape.errors import LayoutError
from sphinx_tape.render.builtin import BuiltinEngine
from sphinx_tape.render.checking import check_layout
from sphinx_tape.render.dot import MAX_COST, DotEngine, cost
from sphinx_tape.render.layout import LayoutResult
from sphinx_tape.render.positions import decode, encode, request_key

if TYPE_CHECKING:
    from sphinx_tape.render.layout import Engine, LayoutRequest

__all__ = [
    "Fallback",
    "FallbackReason",
    "LayoutChoice",
    "close",
    "decode",
    "encode",
    "engine_id",
    "place",
    "request_key",
]

LayoutChoice = Literal["builtin", "dot", "auto"]

BUDGET = 2.0
"""Seconds that `dot` may spend on one drawing."""


class FallbackReason(Enum):
    """Why the built-in engine placed a drawing that `dot` was to place."""

    ABSENT = "absent"
    TOO_LARGE = "too-large"
    NO_ANSWER = "no-answer"
    UNUSABLE = "unusable"


@dataclass(frozen=True, slots=True)
class Fallback:
    """One drawing that did not get the engine it asked for."""

    index: int
    """Which request."""
    reason: FallbackReason
    message: str
    """For the author, in full."""


def place(
    requests: Sequence[LayoutRequest],
    layout: LayoutChoice = "builtin",
    *,
    budget: float = BUDGET,
    on_fallback: Callable[[Fallback], None] | None = None,
    dot: Engine | None = None,
) -> list[LayoutResult]:
    """Place every request.

    Args:
        requests: The drawings.
        layout: `builtin`; `dot`; or `auto`, which is `dot` where it is installed and quick.
        budget: Seconds that `dot` may spend on one drawing.
        on_fallback: Told about every drawing that `dot` was to place and did not. With `auto`, an absent
            program and a large drawing are no news.
        dot: The engine behind `dot`, if not the installed program.
    """
    builtin = BuiltinEngine()
    if layout == "builtin":
        return _places(builtin, requests)
    engine = dot or _installed_dot()
    results: list[LayoutResult] = []
    for index, request in enumerate(requests):
        result = _ask(engine, request, budget)
        if not isinstance(result, LayoutResult):
            reason, message = result
            is_news = layout == "dot" or reason in (FallbackReason.NO_ANSWER, FallbackReason.UNUSABLE)
            if on_fallback and is_news:
                on_fallback(Fallback(index, reason, message))
            results += _places(builtin, [request])
        else:
            results.append(result)
    return results


def engine_id(layout: LayoutChoice) -> str:
    """Name and versions of what a choice stands for on this machine, for `request_key`."""
    builtin = f"{BuiltinEngine.name} {BuiltinEngine.version}"
    if layout == "builtin":
        return builtin
    return f"{layout}: dot {_installed_dot().version or 'absent'}, {builtin}"


def close() -> None:
    """End the `dot` process, if one runs; the next request starts another."""
    if _installed_dot.cache_info().currsize:
        _installed_dot().close()


@cache
def _installed_dot() -> DotEngine:
    """Return the engine that all drawings of this process share."""
    return DotEngine()


def _places(engine: BuiltinEngine, requests: Sequence[LayoutRequest]) -> list[LayoutResult]:
    """Place with the built-in engine, which never gives out."""
    return [result for result in engine.layout_many(requests, BUDGET) if result is not None]


def _ask(engine: Engine, request: LayoutRequest, budget: float) -> LayoutResult | tuple[FallbackReason, str]:
    """Ask `dot` for one drawing; return its result, or why there is none."""
    if not engine.version:
        message = (
            "the program dot must be installed, or named by `tape_dot` (got no answer); "
            "the built-in layout was used"
        )
        return FallbackReason.ABSENT, message
    size = cost(request)
    if size > MAX_COST:
        return (
            FallbackReason.TOO_LARGE,
            (
                f"a drawing for dot must have at most {MAX_COST} boxes and passed rows (got {size}); "
                "the built-in layout was used"
            ),
        )
    try:
        (result,) = engine.layout_many([request], budget)
    except LayoutError as error:
        return FallbackReason.UNUSABLE, f"{error}; the built-in layout was used"
    if result is None:
        return FallbackReason.NO_ANSWER, f"dot must answer within {budget:g} s; the built-in layout was used"
    problems = check_layout(request, result)
    if problems:
        return (
            FallbackReason.UNUSABLE,
            f"positions from dot must be usable ({problems[0]}); the built-in layout was used",
        )
    return result
