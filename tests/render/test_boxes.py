"""`render.boxes`: what is written in a box, and that it fits."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given

from sphinx_tape.render.boxes import PAD_X, gradient_words, shape_text, value_text
from sphinx_tape.report.model import GradientRow, Reason
from tests.render.placing import drawing
from tests.render.random_reports import reports
from tests.render.sample_reports import SAMPLES, Sketch, detached, layers, neuron, preview


def words(box):
    """Text of a box by line."""
    lines = {}
    for run in box.runs:
        lines.setdefault(run.baseline, []).append(run.text)
    return [" ".join(texts) for _, texts in sorted(lines.items())]


def test_a_box_says_name_op_value_and_gradient():
    """The neuron's node 4 in the gradient view."""
    assert words(drawing(neuron()).boxes[4]) == ["4: a add", "7", "grad -6"]


def test_a_view_has_no_gradient_line():
    """Without gradients a box has two lines."""
    assert words(drawing(neuron(), "view").boxes[4]) == ["4: a add", "7"]


def test_a_leaf_shows_its_name_only():
    """Its round corners say that it is a leaf."""
    assert words(drawing(neuron(), "view").boxes[0])[0] == "0: w"


def test_a_bare_constant_takes_one_line():
    """The constant 10 is its number."""
    assert words(drawing(neuron()).boxes[5]) == ["5: 10"]


def test_an_array_shows_shape_and_length_of_its_gradient():
    """b1 has a gradient of 3 equal elements 1/6: length sqrt(3)/6 = 0.2887."""
    assert words(drawing(layers()).boxes[2]) == ["2: b1", "(3,)", "|grad| 0.2887"]


def test_a_missing_gradient_is_said():
    """Leaf v is cut off."""
    assert words(drawing(detached()).boxes[2])[-1] == "grad none"


def test_an_exact_zero_is_a_value():
    """Leaf u gets exactly zero, which is not `none`."""
    assert words(drawing(detached()).boxes[3])[-1] == "grad 0"


@pytest.mark.parametrize(("shape", "text"), [((), "()"), ((3,), "(3,)"), ((32, 128), "(32, 128)")])
def test_shapes_are_written_as_in_numpy(shape, text):
    """A reader may compare with `array.shape`."""
    assert shape_text(shape) == text


def test_precision_is_the_readers():
    """One third with two digits."""
    assert value_text(preview(1 / 3), 2) == "0.33"


def test_long_exact_values_are_clipped():
    """A long symbolic value ends in an ellipsis."""
    assert value_text(preview("x" * 50, dtype="object", kind="exact"), 4).endswith("…")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (GradientRow(0, "gradient", preview([3.0, 4.0], (2,)), None), ("|grad|", "5")),
        (GradientRow(0, "gradient", preview([3.0, float("nan")], (2,)), None), ("grad", "NaN")),
        (GradientRow(0, "gradient", preview([3.0, float("inf")], (2,)), None), ("grad", "inf")),
        (GradientRow(0, "zero", preview([0.0, 0.0], (2,)), None), ("grad", "0")),
        (GradientRow(0, "missing", None, Reason("not_reached")), ("grad", "none")),
        (GradientRow(0, "not_asked", None, Reason("not_asked")), ("", "")),
        (GradientRow(0, "gradient", None, None), ("", "")),
    ],
)
def test_gradients_in_words(row, said):
    """Every kind of gradient row has its words."""
    assert gradient_words(row, 4) == said


def test_an_exact_array_gradient_shows_its_shape():
    """Without statistics there is no length to tell."""
    value = preview([1.0, 2.0], (2,), dtype="object", kind="exact")._replace(statistics=None)
    assert gradient_words(GradientRow(0, "gradient", value, None), 4) == ("grad", "(2,)")


def measured(box):
    """Right end of the widest line, and the room the box has for it."""
    return max(run.x + run.width for run in (*box.runs, *box.twin)), box.size[0] - PAD_X


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("view", ["view", "trace"])
def test_every_run_fits_its_box(name, view):
    """By the width rule no text leaves its box."""
    for box in drawing(SAMPLES[name](), view).boxes:
        end, room = measured(box)
        assert end <= room
        assert all(0 < run.baseline < box.size[1] for run in box.runs)


@given(reports())
def test_runs_of_a_line_do_not_overlap(report):
    """Words of one line stand beside each other and left of the badge, whatever they are."""
    for box in drawing(report, mirror=True).boxes:
        for runs in (box.runs, box.twin):
            pairs = [(a, b) for a, b in pairwise(runs) if a.baseline == b.baseline]
            assert all(a.x + a.width < b.x for a, b in pairs)
        end, room = measured(box)
        assert end <= room


def test_the_badge_has_its_own_room():
    """A long name does not reach the badge."""
    for box in drawing(SAMPLES["hostile"]()).boxes:
        first = min(run.baseline for run in box.runs)
        right = max(run.x + run.width for run in box.runs if run.baseline == first)
        assert right < box.badge_at[0] - 70


def test_many_operands_get_room_to_arrive():
    """The sum of ten leaves is tall and wide enough for ten arrowheads, its words in the middle."""
    drawn = drawing(SAMPLES["hostile"]())
    box, leaf = drawn.boxes[10], drawn.boxes[0]
    assert box.size[1] >= 11 * 70 > leaf.size[1]
    middle = sum(run.baseline for run in box.runs) / len(box.runs)
    assert abs(middle - box.size[1] / 2) < 100


def test_a_tower_of_operands_has_a_limit():
    """Two hundred operands do not make a box of two hundred arrowheads."""
    sketch = Sketch()
    leaves = tuple(sketch.leaf(f"x{i}", 1.0) for i in range(200))
    sketch.scalar("add", 200.0, leaves, (1.0,) * 200)
    assert drawing(sketch.report(None), max_nodes=300).boxes[200].size[1] < 2500


def test_values_that_are_not_finite_stand_out():
    """Scalars and arrays alike, also where the element lies beyond the preview."""
    sketch = Sketch()
    sketch.leaf("n", "nan")
    sketch.leaf("far", [0.0] * 50 + [float("inf")], (51,))
    sketch.leaf("fine", [0.0] * 3, (3,))
    runs = [
        [(run.role, run.text) for run in box.runs][2:] for box in drawing(sketch.report(None), "view").boxes
    ]
    assert runs == [[("alarm", "NaN")], [("value", "(51,)"), ("alarm", "inf")], [("value", "(3,)")]]
