"""The small signs: a shape for every state, scissors for a cut.

Layer `render`. Each is centred on a point and fits a circle of 8 pixels' radius.
Read next: `scene.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from sphinx_tape.render.looks import BADGES, BadgeShape
from sphinx_tape.render.shapes import Circle, Outline, Rect, line, regular
from sphinx_tape.render.styles import Part

if TYPE_CHECKING:
    from sphinx_tape.render.layout import Point
    from sphinx_tape.render.looks import NodeState

Form = list[tuple[Part, Outline]]

_FORMS: Final[dict[BadgeShape, Callable[[int, int], Form]]] = {
    "ring": lambda x, y: [("badge", Circle(x, y, 50)), ("rim", Circle(x, y, 70))],
    "disc": lambda x, y: [("badge", Circle(x, y, 60))],
    "diamond": lambda x, y: [("badge", regular((x, y), 80, 4, 0.0))],
    "triangle": lambda x, y: [("badge", regular((x, y + 8), 92, 3, -0.25))],
    "square": lambda x, y: [("badge", Rect(x - 55, y - 55, 110, 110))],
    "octagon": lambda x, y: [("badge", regular((x, y), 70, 8, 1 / 16))],
}


def badge_shapes(state: NodeState, centre: Point) -> Form:
    """Draw the sign of a state; nothing for a state without one."""
    return _FORMS[BADGES[state]](*centre) if state in BADGES else []


def scissors(centre: Point) -> list[Outline]:
    """Draw an open pair of scissors, handles to the left."""
    x, y = centre
    return [
        Circle(x - 50, y - 34, 20),
        Circle(x - 50, y + 34, 20),
        line((x - 34, y - 22), (x + 58, y + 40)),
        line((x - 34, y + 22), (x + 58, y - 40)),
    ]
