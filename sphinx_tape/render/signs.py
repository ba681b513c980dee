"""The small signs: a shape for every state, scissors for a cut.

Layer `render`. Each is centred on a point and fits a circle of 8 pixels' radius.
Read next: `scene.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_tape.render.looks import BADGES
from sphinx_tape.render.shapes import Path, circle, line, regular, rounded

if TYPE_CHECKING:
    from sphinx_tape.render.layout import Point
    from sphinx_tape.render.looks import NodeState
    from sphinx_tape.render.styles import Part


def badge_shapes(state: NodeState, centre: Point) -> list[tuple[Part, Path]]:
    """Draw the sign of a state; nothing for a state without one."""
    x, y = centre
    shapes: dict[str, list[tuple[Part, Path]]] = {
        "ring": [("badge", circle(centre, 54)), ("rim", circle(centre, 70))],
        "disc": [("badge", circle(centre, 62))],
        "diamond": [("badge", regular(centre, 80, 4, 0.0))],
        "triangle": [("badge", regular((x, y + 8), 92, 3, -0.25))],
        "square": [("badge", rounded(x - 56, y - 56, 112, 112, 0))],
        "octagon": [("badge", regular(centre, 70, 8, 1 / 16))],
    }
    return shapes.get(BADGES.get(state, ""), [])


def scissors(centre: Point) -> list[Path]:
    """Draw an open pair of scissors, handles to the left."""
    x, y = centre
    return [
        circle((x - 50, y - 34), 20),
        circle((x - 50, y + 34), 20),
        line((x - 34, y - 22), (x + 58, y + 40)),
        line((x - 34, y + 22), (x + 58, y - 40)),
    ]
