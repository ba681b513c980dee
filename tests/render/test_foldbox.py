"""The box of repeated blocks says what it stands for, and nothing is lost."""

from __future__ import annotations

import re

import pytest

from sphinx_tape.render.builtin import layout
from sphinx_tape.render.checking import check_layout
from sphinx_tape.render.dottext import to_dot
from sphinx_tape.render.foldbox import fold_words
from sphinx_tape.render.folding import find_folds
from sphinx_tape.render.legend import legend
from sphinx_tape.render.scene import arrange
from sphinx_tape.render.svg import drawing_html
from tests.render.figures import figure, parsed, words
from tests.render.placing import drawing, grid
from tests.render.repeats import recurrent


def fold_box(drawn):
    """The one box that stands for several nodes."""
    (box,) = [box for box in drawn.boxes if box.folded]
    return box


def targets(root):
    """Where the links inside of a page lead."""
    links = (element.get("href") or "" for element in root.iter())
    return {link[1:] for link in links if link.startswith("#")}


def texts(box):
    """What a box says, line by line."""
    lines = dict.fromkeys(run.baseline for run in box.runs)
    return [" ".join(run.text for run in box.runs if run.baseline == line) for line in lines]


def test_box_says_which_nodes_how_often_and_what():
    """Ids, number of blocks, the names at both ends, the operations, gradients by letter."""
    drawn = drawing(recurrent(20))
    said = " ".join(texts(fold_box(drawn)))
    assert "6\N{EN DASH}81:" in said
    assert "\N{MULTIPLICATION SIGN} 19" in said
    assert "h2 … h20" in said
    assert "mul, add, tanh" in said
    assert "G 57" in said
    assert "N 19" in said


def test_letters_are_in_the_legend():
    """Also those of states that no box of its own shows."""
    drawn = drawing(recurrent(20))
    alone = drawn._replace(boxes=(fold_box(drawn),))
    assert {entry.letter for entry in legend(alone)} == {"G", "N"}


def test_most_urgent_state_is_shown():
    """One missing gradient among many is what a reader should see."""
    report = recurrent(20)
    gradients = list(report.reverse.gradients)
    gradients[40] = gradients[40]._replace(state="missing", gradient=None)
    changed = report._replace(reverse=report.reverse._replace(gradients=tuple(gradients)))
    box = fold_box(drawing(changed))
    assert box.state == "missing"
    assert "M 1" in " ".join(texts(box))


def test_view_tells_no_gradients():
    """Without gradients there are no letters and no sign."""
    box = fold_box(drawing(recurrent(20), "view"))
    assert (box.state, box.told) == ("plain", ())


def test_words_name_blocks_and_leaves():
    """The sentence below the drawing says the same in full."""
    (fold,) = find_folds(recurrent(20), "auto")
    assert fold_words(fold) == "One box stands for nodes 6 to 81: 19 more times nodes 2 to 5."
    (fold,) = find_folds(recurrent(20, first_inputs=True), "auto")
    assert fold_words(fold).endswith("3, 4, 5, 6, 7, 8, 9, 10 and 11 more.")


def test_every_edge_is_drawn_or_runs_inside():
    """Each operand of the tape is in the key of one arrow, unless both of its ends are in the box."""
    report = recurrent(20)
    drawn = drawing(report)
    inside = set(fold_box(drawn).folded)
    keys = [key for edge in drawn.edges for key in edge.key.split()]
    wanted = {
        f"{parent}-{row.id}-{operand}"
        for row in report.nodes
        for operand, parent in enumerate(row.parents)
        if not {parent, row.id} <= inside
    }
    assert len(keys) == len(set(keys))
    assert set(keys) == wanted


def test_page_lists_all_nodes_and_every_link_has_its_target():
    """The table has all rows; rows lead to the box that stands for them; the box leads to a row."""
    root = parsed(figure(recurrent(20), "grads", drawn=True))
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert {f"fig-1-row-{node}" for node in range(83)} <= set(ids)
    assert {f"fig-1-n{node}" for node in range(83)} <= set(ids)
    assert targets(root) <= set(ids)
    assert "One box stands for nodes 6 to 81" in words(root)


def test_clipped_tables_list_what_is_drawn():
    """With fewer rows than nodes, every box still has its row."""
    root = parsed(figure(recurrent(60), "grads", drawn=True, max_nodes=30))
    ids = {element.get("id") for element in root.iter()}
    assert targets(root) <= ids
    assert len([name for name in ids if name and name.startswith("fig-1-row-")]) == 30
    assert "Not shown: 213 of 243 nodes" in words(root)


def test_too_many_boxes_are_clipped_instead():
    """A limit below the number of boxes clips as if there were no folds."""
    drawn = drawing(recurrent(20), max_nodes=6)
    assert (len(drawn.boxes), drawn.folds, drawn.hidden) == (6, (), 77)


@pytest.mark.parametrize("mirror", [False, True])
def test_drawing_has_no_fault(mirror):
    """The box is placed like any other; in a mirrored drawing its twin counts the gradients."""
    drawn = drawing(recurrent(20), mirror=mirror)
    request = drawn.request("TB")
    result = layout(request)
    assert check_layout(request, result) == []
    if mirror:
        assert "G 57" in " ".join(run.text for run in fold_box(drawn).twin)


def test_box_is_a_stack_of_sheets_inside_its_place():
    """Three outlines, the last of them within the room that the layout keeps free."""
    drawn = drawing(recurrent(20), "view")
    positions = grid(drawn)
    (group,) = [group for group in arrange(drawn, positions).nodes if group.box.folded]
    sheets = [shape.outline for shape in group.shapes if shape.part == "box"]
    right, bottom = (
        max(sheet.left + sheet.width for sheet in sheets),
        max(sheet.top + sheet.height for sheet in sheets),
    )
    left, top = min(sheet.left for sheet in sheets), min(sheet.top for sheet in sheets)
    assert len(sheets) == 3
    assert (right - left, bottom - top) == group.box.size


def test_box_of_one_node_has_one_outline():
    """Sheets are the sign of a fold only."""
    drawn = drawing(recurrent(3), "view", fold="never")
    for group in arrange(drawn, grid(drawn)).nodes:
        assert [shape.part for shape in group.shapes].count("box") == 1


def test_svg_names_all_nodes_of_the_box():
    """The stepper finds the box by each of them."""
    drawn = drawing(recurrent(20), "trace")
    root = parsed(drawing_html(drawn, layout(drawn.request("TB")), "p"))
    nodes = [element.get("data-node").split() for element in root.iter() if element.get("data-node")]
    assert sorted(int(node) for names in nodes for node in names) == list(range(83))


def test_dot_text_has_the_box():
    """One node stands for all, and says so."""
    source = to_dot(drawing(recurrent(20)))
    assert "shape=box3d" in source
    assert "6\N{EN DASH}81:" in source
    declared = set(re.findall(r"^\s(n\d+) \[label", source, re.MULTILINE))
    joined = re.findall(r"^\s(n\d+) -> (n\d+)", source, re.MULTILINE)
    assert declared == {"n0", "n1", "n2", "n3", "n4", "n5", "n6", "n82"}
    assert {end for ends in joined for end in ends} == declared
