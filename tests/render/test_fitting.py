"""`render.fitting`: the direction that would be chosen, for the price of one layout."""

from __future__ import annotations

import pytest

from sphinx_tape.render.builtin import layout
from sphinx_tape.render.fitting import estimate, lay_out_fitting
from sphinx_tape.render.graph import PAGE_HEIGHT, PAGE_WIDTH, choose
from sphinx_tape.render.layout import LayoutEdge, LayoutRequest
from tests.render.placing import drawing
from tests.render.sample_reports import SAMPLES

PAGE = (PAGE_WIDTH, PAGE_HEIGHT)


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_a_chain_is_estimated_exactly(direction):
    """Three boxes of 100 x 50 in a chain, gaps of 30: 3 x 50 + 2 x 30 long, or 3 x 100 + 2 x 30."""
    chain = LayoutRequest(
        sizes=((100, 50),) * 3,
        edges=(LayoutEdge(0, 1), LayoutEdge(1, 2)),
        direction=direction,
        rank_gap=30,
    )
    assert estimate(chain) == ((360, 50) if direction == "LR" else (100, 210))
    assert layout(chain).size == estimate(chain)


def test_an_empty_tape_has_no_size():
    """Nothing is ranked."""
    assert estimate(LayoutRequest(sizes=(), edges=())) == (0, 0)


@pytest.mark.parametrize("page", [PAGE, (3000, 9000), (90000, 900), (1, 1)])
@pytest.mark.parametrize("sample", SAMPLES)
def test_the_choice_is_that_between_both_directions(sample, page):
    """For all sample tapes, on pages of several shapes; never more than one layout a direction."""
    graph = drawing(SAMPLES[sample]())
    asked = []

    def lay_out(request):
        asked.append(request.direction)
        return layout(request)

    both = {direction: layout(graph.request(direction)) for direction in graph.directions}
    assert lay_out_fitting(graph, page, lay_out) == both[choose(both, page)]
    assert len(set(asked)) == len(asked)


def test_a_clear_case_costs_one_layout():
    """A chain that is far too long for a narrow page is not tried across it."""
    graph = drawing(SAMPLES["neuron"]())
    asked = []

    def lay_out(request):
        asked.append(request.direction)
        return layout(request)

    lay_out_fitting(graph, (100000, 100), lay_out)
    assert len(asked) == 1
