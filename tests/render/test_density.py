"""`render.density`: guesses of sizes, and the choice that is built on them."""

from __future__ import annotations

from itertools import pairwise
from typing import get_args

import pytest

from sphinx_tape.render.boxes import Facts, Form, make_box
from sphinx_tape.render.builtin import layout
from sphinx_tape.render.density import PAGE_HEIGHT, PAGE_WIDTH, guess_size, low_ranks
from tests.render.placing import drawing
from tests.render.sample_reports import Sketch, neuron

BOX = (100, 50)
FACT = Facts(row=neuron().nodes[5], gradient=None, kind="constant", state="plain", precision=4, title=str)


def chain(length: int, width: int = 1):
    """`width` leaves, added up, and `length` ops one after the other."""
    sketch = Sketch()
    leaves = tuple(sketch.leaf(f"x{i}", 1.0) for i in range(width))
    last = sketch.scalar("add", 1.0, leaves, (1.0,) * width)
    for _ in range(length):
        last = sketch.scalar("exp", 1.0, (last,), (1.0,))
    return sketch.report(last)


@pytest.mark.parametrize(
    ("count", "pairs", "size"),
    [
        (0, [], (0, 0)),
        (1, [], (100, 50)),
        (3, [], (320, 50)),
        (3, [(0, 1), (1, 2)], (100, 190)),
        (3, [(0, 2), (1, 2)], (210, 120)),
        # Node 0 follows its consumer down: it does not widen the first rank.
        (4, [(1, 2), (2, 3), (0, 3)], (210, 190)),
    ],
)
def test_sizes_are_guessed_from_ranks(count, pairs, size):
    """Gap 10 between neighbours, 20 between ranks."""
    assert guess_size([BOX] * count, low_ranks(count, pairs), 10, 20) == size


def test_guesses_are_near_the_real_sizes():
    """For a drawing without long edges the built-in engine needs about what was guessed."""
    drawn = drawing(neuron(), direction="TB")
    request = drawn.request("TB")
    pairs = [(edge.source, edge.target) for edge in request.edges]
    width, height = guess_size(
        request.sizes, low_ranks(len(request.sizes), pairs), request.node_gap, request.rank_gap
    )
    real = layout(request).size
    assert real[0] == pytest.approx(width, rel=0.35)
    assert real[1] == pytest.approx(height, rel=0.35)


def test_what_fits_stays_tall():
    """The neuron fits from left to right: two or three lines a box, both directions tried."""
    drawn = drawing(neuron())
    assert drawn.directions == ("LR", "TB")
    assert len({run.baseline for run in drawn.boxes[4].runs}) == 3


def test_deep_and_narrow_tapes_become_flat():
    """Twelve ops in a row fit the page only if every box has one line, from the top down."""
    drawn = drawing(chain(10))
    assert drawn.directions == ("TB",)
    assert {len({run.baseline for run in box.runs}) for box in drawn.boxes} == {1}
    width, height = layout(drawn.request("TB")).size
    assert width <= PAGE_WIDTH
    assert height <= PAGE_HEIGHT


def lines(box):
    """How many lines a box has."""
    return len({run.baseline for run in box.runs})


def test_less_deep_tapes_become_low():
    """Seven ops in a row fit with two lines a box: value and gradient side by side."""
    drawn = drawing(chain(6))
    assert (drawn.form, drawn.directions) == ("low", ("TB",))
    assert {lines(box) for box in drawn.boxes} == {2}
    assert layout(drawn.request("TB")).size[1] <= PAGE_HEIGHT


def test_deep_and_wide_tapes_stay_tall():
    """Lower boxes side by side would not fit the page's width."""
    assert lines(drawing(chain(10, width=8)).boxes[0]) == 3


def test_very_deep_tapes_take_the_lowest_form():
    """Where nothing fits, one line a box leaves the least to scroll."""
    assert drawing(chain(60), fold="never").form == "flat"


def test_the_authors_direction_is_kept():
    """From left to right, lower boxes would only be wider; mirrored drawings stay tall too."""
    assert drawing(chain(10), direction="LR").form == "tall"
    assert drawing(chain(10), mirror=True).form == "tall"


def test_flat_boxes_say_the_same():
    """One line, in the order of the lines, with wider gaps where lines ended."""
    box = drawing(chain(10)).boxes[1]
    assert [run.text for run in box.runs] == ["1:", "add", "1", "grad", "1"]
    assert [b.x - a.x - a.width for a, b in pairwise(box.runs)] == [70, 140, 140, 70]


def test_bare_constants_have_one_line_in_every_form():
    """There is nothing to join."""
    assert [lines(make_box(fact, form)) for fact in [FACT] for form in get_args(Form)] == [1, 1, 1]
