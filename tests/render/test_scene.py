"""`render.scene`: everything in its place."""

from __future__ import annotations

import pytest

from sphinx_tape.render.builtin import layout as builtin
from sphinx_tape.render.hulls import Frame
from sphinx_tape.render.scene import CORNERS, MARGIN, STUB, arrange, plain_outline
from sphinx_tape.render.shapes import path_of
from tests.render.placing import drawing, grid
from tests.render.sample_reports import SAMPLES, Sketch, detached, layers, neuron, one_node, square


def scene(report, view="grads", **more):
    """A drawing on the grid."""
    drawn = drawing(report, view, **more)
    return drawn, arrange(drawn, grid(drawn))


def box_corner(group):
    """Upper left corner of a node's outline."""
    shape = next(shape for shape in group.shapes if shape.part == "box")
    points = [point for _, points in path_of(shape.outline) for point in points]
    return min(x for x, _ in points), min(y for _, y in points)


def test_boxes_stand_where_the_engine_put_them():
    """Centre minus half the size plus the margin."""
    drawn, placed = scene(neuron())
    for box, group, (x, y) in zip(drawn.boxes, placed.nodes, grid(drawn).centres, strict=True):
        assert box_corner(group) == (x - box.size[0] // 2 + MARGIN, y - box.size[1] // 2 + MARGIN)


def test_the_picture_has_margins():
    """Twice the margin is added, more only for what sticks out."""
    drawn, placed = scene(neuron())
    width, height = grid(drawn).size
    assert placed.size == (width + 2 * MARGIN, height + 2 * MARGIN)


def test_the_output_has_a_second_outline():
    """Its form tells it apart without colour."""
    _, placed = scene(neuron(), "view")
    rims = [any(shape.part == "rim" for shape in group.shapes) for group in placed.nodes]
    assert rims == [False] * 7 + [True]


@pytest.mark.parametrize("kind", CORNERS)
def test_second_outlines_have_corners_that_exist(kind):
    """A sharp box stays sharp inside; browsers refuse a negative radius and say so."""
    _outer, rim = plain_outline(kind, Frame(0, 0, 600, 400), "output")
    assert rim.outline.radius >= 0


def test_stubs_stand_for_hidden_neighbours():
    """Dotted ends at the box, and room for them in the margin."""
    drawn, placed = scene(neuron(), max_nodes=4)
    stubs = [[shape for shape in group.shapes if shape.part == "stub"] for group in placed.nodes]
    assert [len(found) for found in stubs] == [1, 0, 0, 0]
    assert placed.size[0] == grid(drawn).size[0] + 2 * (MARGIN + STUB)


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_stubs_follow_the_direction(direction):
    """Sideways in drawings from left to right, upwards and downwards otherwise; inside the picture."""
    sketch = Sketch()
    x = sketch.leaf("x", 1.0)
    for _ in range(6):
        x = sketch.scalar("exp", 1.0, (x,), (1.0,))
    report = sketch.report(6)._replace(output=3, reverse=None)
    drawn = drawing(report, "view", max_nodes=3)
    placed = arrange(drawn, builtin(drawn.request(direction)))
    stubs = [shape.outline for group in placed.nodes for shape in group.shapes if shape.part == "stub"]
    assert len(stubs) == 2
    for (_, (start,)), (_, (end,)) in stubs:
        assert (start[1] == end[1]) == (direction == "LR")
        assert 0 <= end[0] <= placed.size[0]
        assert 0 <= end[1] <= placed.size[1]


def test_scopes_are_framed_where_it_is_true():
    """On a grid of one column the nodes of `layer1` follow each other but for the output's."""
    _, placed = scene(layers())
    assert [group.label.text for group in placed.scopes] == ["layer1"]


def test_scopes_that_cannot_be_framed_lie_on_patches():
    """Bands below the edges inside, one patch a node, another ground for the next scope."""
    sketch = Sketch()
    x = sketch.leaf("x", 1.0, scope=("a",))
    sketch.leaf("foreign", 1.0)
    y = sketch.scalar("exp", 1.0, (x,), (1.0,), scope=("a",))
    sketch.scalar("exp", 1.0, (y,), (1.0,), scope=("b",))
    _, placed = scene(sketch.report(3))
    assert [[shape.part for shape in group.shapes] for group in placed.scopes] == [
        ["band", "patch", "patch"],
        ["patch-odd"],
    ]
    assert [group.label.text for group in placed.scopes] == ["a", "b"]


def shared_leaf():
    """A leaf used at three depths, whose routes share a trunk."""
    sketch = Sketch()
    w = last = sketch.leaf("w", 1.0)
    for _ in range(4):
        last = sketch.scalar("mul", 1.0, (sketch.scalar("exp", 1.0, (last,), (1.0,)), w), (1.0, 1.0))
    return sketch.report(last)


def test_a_trunk_is_painted_once():
    """No piece of a curve is drawn by two edges; together they draw all of it."""
    drawn = drawing(shared_leaf(), direction="TB")
    positions = builtin(drawn.request("TB"))
    placed = arrange(drawn, positions)
    pieces = [piece for route in positions.routes for piece in pieces_of(route)]
    assert len(set(pieces)) < len(pieces)
    lines = [shape.outline for group in placed.edges for shape in group.shapes if shape.part == "line"]
    assert sum(letter == "C" for path in lines for letter, _ in path) == len(set(pieces))


def pieces_of(route):
    """The curves of a route."""
    return [tuple(route[k : k + 4]) for k in range(0, len(route) - 1, 3)]


def test_a_lit_edge_shows_all_of_its_way():
    """Where a page steps, the shared part is there too, hidden, and ends where the own part starts."""
    drawn = drawing(shared_leaf(), "trace", direction="TB")
    placed = arrange(drawn, builtin(drawn.request("TB")))
    found = 0
    for group in placed.edges:
        parts = {shape.part: shape.outline for shape in group.shapes}
        if "trunk" in parts:
            assert parts["trunk"][-1][1][-1] == parts["line"][0][1][0]
            found += 1
    assert found >= 2


def test_a_cut_edge_is_drawn_alone():
    """Its dashes are its own: it neither lends its way nor borrows one."""
    sketch = Sketch()
    v = sketch.leaf("v", 1.0)
    stopped = sketch.node("detach", 1.0, (v,), (None,), requires_grad=False, cut="detach")
    sketch.scalar("mul", 1.0, (v, stopped), (1.0, 1.0))
    drawn = drawing(sketch.report(2))
    placed = arrange(drawn, grid(drawn))
    assert [group.shapes[0].part for group in placed.edges] == ["cut-line", "line", "line"]


def test_both_edges_of_a_square_have_heads():
    """One arrowhead for each operand."""
    _, placed = scene(square())
    assert [[shape.part for shape in group.shapes] for group in placed.edges] == [["line", "arrow"]] * 2


def test_a_mirrored_drawing_joins_output_and_seed():
    """The two sides meet at the output, where the way is free."""
    drawn = drawing(one_node(), mirror=True)
    placed = arrange(drawn, grid(drawn))
    assert [group.kind for group in placed.edges] == ["seed"]
    assert [group.twin for group in placed.nodes] == [False, True]


def test_the_joint_is_left_out_where_a_box_is_in_the_way():
    """A line over a foreign node would be read as an edge of it."""
    drawn = drawing(neuron(), mirror=True)
    row = grid(drawn, columns=8)
    assert "seed" not in [group.kind for group in arrange(drawn, row).edges]
    assert "seed" in [group.kind for group in arrange(drawn, grid(drawn)).edges]


def test_the_joint_may_be_upright():
    """Twins below their nodes are joined downwards; twins elsewhere not at all."""
    drawn = drawing(one_node(), mirror=True)
    below = grid(drawn)._replace(centres=((500, 500), (500, 2000)))
    aslant = grid(drawn)._replace(centres=((500, 500), (2500, 2000)))
    assert len(arrange(drawn, below).edges) == 1
    assert arrange(drawn, aslant).edges == ()


def test_gradients_flow_only_where_they_flowed():
    """Twin edges exist for contributions and cuts, not for constants."""
    drawn = drawing(detached(), mirror=True)
    twins = {group.edge.key: group.kind for group in arrange(drawn, grid(drawn)).edges if group.twin}
    assert twins == {
        "0-4-0": "gradient",
        "1-4-1": "gradient",
        "2-5-0": "cut",
        "3-8-0": "gradient",
        "4-6-0": "gradient",
        "6-9-0": "gradient",
        "8-9-1": "gradient",
    }


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_labels_lie_in_the_picture(name, direction):
    """With the real engine no text leaves the picture."""
    drawn = drawing(SAMPLES[name](), mirror=True)
    placed = arrange(drawn, builtin(drawn.request(direction)))
    labels = [label for group in placed.nodes for label in group.labels] + [
        group.label for group in placed.scopes
    ]
    assert all(label.x > 0 and label.x + label.width < placed.size[0] for label in labels)
    assert all(label.size < label.baseline < placed.size[1] for label in labels)
