"""The judge of layouts: what it finds, and that it finds it."""

from __future__ import annotations

import pytest

from sphinx_tape.render.builtin import layout
from sphinx_tape.render.checking import check_layout, sample
from sphinx_tape.render.layout import LayoutEdge, LayoutRequest, LayoutResult

REQUEST = LayoutRequest(
    sizes=((600, 300), (600, 300), (600, 300)),
    edges=(LayoutEdge(0, 2, 0), LayoutEdge(1, 2, 1)),
)
GOOD = LayoutResult(
    centres=((300, 150), (1200, 150), (750, 850)),
    routes=(
        ((300, 300), (300, 500), (650, 500), (650, 700)),
        ((1200, 300), (1200, 500), (850, 500), (850, 700)),
    ),
    size=(1500, 1000),
    engine="hand 1",
)


def test_good_layout_is_approved():
    """No complaint about a layout without fault."""
    assert check_layout(REQUEST, GOOD) == []


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"centres": GOOD.centres[:2]}, "centres must be 3 (got 2)"),
        ({"routes": GOOD.routes[:1]}, "routes must be 2 (got 1)"),
        (
            {"routes": (GOOD.routes[0], GOOD.routes[1][:3])},
            "route 1 must be a start and triples (got 3 points)",
        ),
        ({"size": (1500, 900)}, "box 2 must lie inside the drawing of 1500 x 900"),
        (
            {"routes": (GOOD.routes[0], ((1200, 300), (1600, 500), (850, 500), (850, 700)))},
            "route 1 must lie inside the drawing of 1500 x 1000",
        ),
        ({"centres": ((300, 150), (850, 150), (750, 850))}, "box 0 must not overlap box 1"),
        (
            {"routes": (GOOD.routes[0], ((1200, 150), *GOOD.routes[1][1:]))},
            "route 1 must start on the border of box 1 (got (1200, 150))",
        ),
        (
            {"routes": (GOOD.routes[0], (*GOOD.routes[1][:3], (850, 600)))},
            "route 1 must end on the border of box 2 (got (850, 600))",
        ),
        (
            {"routes": ((*GOOD.routes[0][:3], (850, 700)), (*GOOD.routes[1][:3], (650, 700)))},
            "edges to box 2 must arrive in operand order",
        ),
        (
            {"routes": (GOOD.routes[0], ((1200, 300), (100, 0), (100, 0), (850, 700)))},
            "route 1 must not run over box 0",
        ),
    ],
)
def test_every_fault_is_found(change, complaint):
    """Each kind of fault, put in by hand, is named."""
    assert complaint in check_layout(REQUEST, GOOD._replace(**change))


def test_edges_of_one_position_may_arrive_in_any_order():
    """Which operand of a sum stands left says nothing."""
    swapped = GOOD._replace(routes=((*GOOD.routes[0][:3], (850, 700)), (*GOOD.routes[1][:3], (650, 700))))
    request = REQUEST._replace(edges=tuple(edge._replace(operand=0) for edge in REQUEST.edges))
    assert check_layout(REQUEST, swapped) == ["edges to box 2 must arrive in operand order"]
    assert check_layout(request, swapped) == []


def test_twins_are_judged_too():
    """A twin that covers a box is found, and so is a gradient that starts at the wrong one."""
    request = REQUEST._replace(mirror=True)
    good = layout(request)
    assert check_layout(request, good) == []
    moved = good._replace(centres=(*good.centres[:3], good.centres[0], *good.centres[4:]))
    assert "box 0 must not overlap box 3" in check_layout(request, moved)
    swapped = good._replace(routes=(*good.routes[:2], good.routes[3], good.routes[2]))
    assert any("route 2 must" in problem for problem in check_layout(request, swapped))


def test_wide_drawings_are_searched_along_their_length():
    """Overlaps are found in rows as in columns."""
    request = LayoutRequest(sizes=((100, 100),) * 3, edges=())
    row = LayoutResult(
        centres=((50, 50), (1000, 50), (1050, 50)), routes=(), size=(1100, 100), engine="hand 1"
    )
    assert check_layout(request, row) == ["box 1 must not overlap box 2"]


def test_empty_drawing_is_approved():
    """Nothing has no fault."""
    request = LayoutRequest(sizes=(), edges=())
    assert check_layout(request, LayoutResult((), (), (0, 0), "hand 1")) == []


def test_curves_are_sampled_where_they_run():
    """A symmetric curve passes its middle at half time and ends where it ends."""
    points = list(sample(((0, 0), (0, 100), (100, 100), (100, 0)), 4))
    assert points[2] == (50, 75)
    assert points[-1] == (100, 0)
    assert len(points) == 5
