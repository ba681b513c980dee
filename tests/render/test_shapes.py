"""`render.shapes` and `render.signs`: outlines."""

from __future__ import annotations

import math

import pytest

from sphinx_tape.render.shapes import (
    ARROW_LENGTH,
    Circle,
    Rect,
    arrives_sideways,
    arrowhead,
    curve,
    line,
    midpoint,
    path_of,
    polygon,
    regular,
)
from sphinx_tape.render.signs import badge_shapes, scissors

DOWN = [(0, 0), (0, 200), (0, 400), (0, 600)]
ACROSS = [(0, 0), (300, 0), (300, 100), (600, 100)]


def points(outline):
    """All points of a path, controls included."""
    return [point for _, group in path_of(outline) for point in group]


def bezier(piece, t):
    """A point of a cubic curve."""
    a, b, c, d = piece
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
    return tuple(sum(w * p[axis] for w, p in zip(weights, (a, b, c, d), strict=True)) for axis in (0, 1))


def test_a_circle_is_round():
    """Every point of the four curves is within 0.03 % of the radius."""
    path = path_of(Circle(0, 0, 100_000))
    start = path[0][1][0]
    for letter, group in path[1:-1]:
        assert letter == "C"
        for step in range(11):
            assert math.hypot(*bezier((start, *group), step / 10)) == pytest.approx(100_000, rel=3e-4)
        start = group[-1]


def test_a_radius_of_zero_makes_sharp_corners():
    """Constants have none of the curves of leaves."""
    assert {letter for letter, _ in path_of(Rect(0, 0, 100, 50))} == {"M", "L", "Z"}
    assert [letter for letter, _ in path_of(Rect(0, 0, 100, 50, 10))].count("C") == 4


def test_a_radius_never_exceeds_the_box():
    """A small box becomes a pill."""
    xs, ys = zip(*points(path_of(Rect(10, 20, 100, 50, 400))), strict=True)
    assert (min(xs), max(xs), min(ys), max(ys)) == (10, 110, 20, 70)


def test_an_arrowhead_touches_the_tip():
    """The head ends where the route ends, points in its direction, and the line stops inside it."""
    head, rest = arrowhead(DOWN)
    assert head[0] == ("M", ((0, 600),))
    assert max(y for _, y in points(head)) == 600
    assert min(y for _, y in points(head)) == 600 - ARROW_LENGTH
    assert 600 - ARROW_LENGTH < rest[-1][1] < 600
    assert rest[0] == DOWN[0]


def test_an_arrowhead_follows_any_direction():
    """Sideways routes get sideways heads."""
    head, rest = arrowhead(ACROSS)
    assert min(x for x, _ in points(head)) == 600 - ARROW_LENGTH
    assert rest[-1][1] == 100


def test_a_collapsed_route_still_has_a_head():
    """Without any direction the arrow points down."""
    head, _ = arrowhead([(5, 5)] * 4)
    assert min(y for _, y in points(head)) == 5 - ARROW_LENGTH


def test_the_middle_lies_on_the_last_curve():
    """The point at half the parameter of the last piece."""
    assert midpoint([(9, 9), (9, 9), (9, 9), *DOWN]) == (0, 300)
    assert midpoint(ACROSS) == (300, 50)


def test_directions_are_told_apart():
    """Left to right against top down."""
    assert arrives_sideways(ACROSS)
    assert not arrives_sideways(DOWN)


def test_curves_take_all_points():
    """A route of two pieces is a move and two curves."""
    path = curve([*DOWN, (1, 1), (2, 2), (3, 3)])
    assert [letter for letter, _ in path] == ["M", "C", "C"]
    assert line((0, 0), (1, 1)) == (("M", ((0, 0),)), ("L", ((1, 1),)))
    assert polygon([(0, 0), (1, 1), (2, 0)])[-1] == ("Z", ())


def test_regular_polygons_start_where_asked():
    """A turn of -1/4 puts the first corner at the top."""
    assert points(regular((0, 0), 100, 3, -0.25))[0] == (0, -100)


def test_every_state_has_another_form():
    """Shapes alone tell the states apart: number of outlines, kind of pieces, corners on the axes or not."""
    states = ("output", "gradient", "zero", "missing", "not_asked", "failed")
    forms = set()
    for state in states:
        pieces = [
            (letter, point[0] == 0)
            for _, path in badge_shapes(state, (0, 0))
            for letter, (*_, point) in path_of(path)[:-1]
        ]
        forms.add(tuple(pieces))
    assert len(forms) == len(states)
    assert badge_shapes("plain", (0, 0)) == []


def test_signs_are_small():
    """They fit a circle of about 10 pixels' radius around their centre."""
    for state in ("output", "gradient", "zero", "missing", "not_asked", "failed"):
        for _, path in badge_shapes(state, (0, 0)):
            assert max(math.hypot(*point) for point in points(path)) <= 110
    assert max(math.hypot(*point) for path in scissors((0, 0)) for point in points(path)) <= 100
