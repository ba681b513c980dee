"""Positions as text, and the key under which they are kept.

Layer `render`. Turns a `LayoutResult` into JSON and back; keys are hashes of everything that can move
a box, so a stored result is right as long as its key is found.
Read next: `engines.py`.
"""

from __future__ import annotations

import json
from hashlib import sha256

from sphinx_tape.errors import LayoutError
from sphinx_tape.render.layout import LayoutRequest, LayoutResult, Point


def request_key(request: LayoutRequest, engine: str) -> str:
    """Return the SHA-256 of a request and of the engine's name and version."""
    content = [
        engine,
        request.sizes,
        [(edge.source, edge.target, edge.operand, edge.kind) for edge in request.edges],
        request.direction,
        request.mirror,
        request.node_gap,
        request.rank_gap,
    ]
    return sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()


def encode(result: LayoutResult) -> str:
    """Write a result as JSON."""
    content = {
        "centres": result.centres,
        "routes": [[number for point in path for number in point] for path in result.routes],
        "size": result.size,
        "engine": result.engine,
    }
    return json.dumps(content, separators=(",", ":"))


def decode(text: str) -> LayoutResult:
    """Read what `encode` wrote.

    Raises:
        LayoutError: If the text is anything else.
    """
    try:
        content = json.loads(text)
        return LayoutResult(
            centres=tuple(_point(*pair) for pair in content["centres"]),
            routes=tuple(_points(path) for path in content["routes"]),
            size=_point(*content["size"]),
            engine=_text(content["engine"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        message = f"stored positions must be JSON written by encode() (got {text[:40]!r}); delete the entry"
        raise LayoutError(message) from error


def _points(numbers: list[object]) -> tuple[Point, ...]:
    """Read a flat list of numbers as points."""
    return tuple(_point(x, y) for x, y in zip(numbers[::2], numbers[1::2], strict=True))


def _point(x: object, y: object) -> Point:
    if isinstance(x, int) and isinstance(y, int):
        return x, y
    message = f"a coordinate must be an integer (got {x!r}, {y!r})"
    raise TypeError(message)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    message = f"the engine must be a string (got {value!r})"
    raise TypeError(message)
