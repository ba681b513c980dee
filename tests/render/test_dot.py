"""Coordinates from `dot`."""

from __future__ import annotations

import pytest

from sphinx_tape.errors import LayoutError
from sphinx_tape.render import dot as module
from sphinx_tape.render.checking import check_layout
from sphinx_tape.render.dot import DotEngine, cost, from_answer, to_question
from sphinx_tape.render.layout import LayoutEdge, LayoutRequest
from tests.benchmarks import families
from tests.support import require_program

REQUEST = LayoutRequest(
    sizes=((720, 360), (720, 360), (1440, 360)),
    edges=(LayoutEdge(0, 2, 0, "leaf"), LayoutEdge(1, 2, 1, "data")),
)
ANSWER = """graph 1 2.5 1.5
node n0 0.5 1.25 1 0.5 "" solid box black lightgrey
node n1 2 1.255 1 0.5 "" solid box black lightgrey
node n2 1.25 0.25 2 0.5 "" solid box black lightgrey
edge n0 n2 4 0.5 1 0.5 0.8 1.25 0.7 1.25 0.5 solid black
edge n1 n2 4 2 1 2 0.8 1.25 0.7 1.25 0.5 solid black
stop""".splitlines()


class Scripted:
    """A worker that answers from a script."""

    def __init__(self, answer, version="9.9") -> None:
        self.answer, self.version, self.asked, self.closed = answer, version, [], False

    def ask(self, graph, seconds):
        self.asked.append((graph, seconds))
        return self.answer

    def close(self):
        self.closed = True


def test_question_holds_numbers_only():
    """Sizes in inches, no label, `dot` told to keep data edges straight."""
    assert to_question(REQUEST).splitlines() == [
        "digraph{",
        "nodesep=0.3333;ranksep=0.5000;",
        'node[shape=box,fixedsize=true,label=""];edge[arrowhead=none];',
        "n0[width=1.0000,height=0.5000];",
        "n1[width=1.0000,height=0.5000];",
        "n2[width=2.0000,height=0.5000];",
        "n0->n2[weight=1];",
        "n1->n2[weight=3];",
        "}",
    ]


def test_upright_edges_are_asked_by_ports():
    """The second question differs from the first in the ports alone."""
    free, upright = to_question(REQUEST), to_question(REQUEST, upright=True)
    assert upright.replace(",tailport=s,headport=n", "") == free != upright


def test_grazing_edges_are_asked_again():
    """If edges run over boxes, upright ones are asked for; what comes then is passed on."""
    grazing = [line.replace("0.5 1 0.5 0.8 1.25 0.7", "0.5 1 5 1.25 5 1.25") for line in ANSWER]
    worker = Scripted(grazing)
    (result,) = DotEngine(worker).layout_many([REQUEST], 1.5)
    assert [",headport=n" in graph for graph, _ in worker.asked] == [False, True]
    assert any("run over box 1" in problem for problem in check_layout(REQUEST, result))


def test_left_to_right_is_asked_from_the_top_down():
    """Sizes are turned over; the answer will be turned back."""
    assert "n2[width=0.5000,height=2.0000];" in to_question(REQUEST._replace(direction="LR"))


def test_leaf_used_everywhere_pulls_nowhere():
    """More than three uses: weight 0, which is what keeps `dot` from searching for ever."""
    sizes = ((100, 100),) * 6
    edges = tuple(LayoutEdge(0, node, 0, "leaf") for node in range(1, 6))
    assert to_question(REQUEST._replace(sizes=sizes, edges=edges)).count("weight=0") == 5
    assert to_question(REQUEST._replace(sizes=sizes, edges=edges[:3])).count("weight=1") == 3


def test_answer_becomes_ours():
    """Inches upwards become tenths of pixels downwards, rows are snapped, arrivals are spread in order."""
    result = from_answer(REQUEST, ANSWER, "dot 9.9-1")
    assert result.centres == ((360, 180), (1440, 180), (900, 904))
    assert result.size == (1800, 1084)
    assert [path[0] for path in result.routes] == [(360, 364), (1440, 364)]
    assert [path[-1][1] for path in result.routes] == [724, 724]
    assert result.routes[0][-1][0] < result.routes[1][-1][0]
    assert check_layout(REQUEST, result) == []


def test_edges_of_one_position_arrive_as_they_come():
    """Operands that may change places are not crossed, whichever is first."""
    edges = tuple(edge._replace(operand=0) for edge in REQUEST.edges[::-1])
    request = REQUEST._replace(edges=edges)
    result = from_answer(request, ANSWER, "dot")
    assert result.routes == from_answer(REQUEST, ANSWER, "dot").routes[::-1]
    assert check_layout(request, result) == []


def test_parallel_edges_keep_operand_order():
    """The edges of `x * x` take the path further left first, whatever the order of the answer."""
    request = LayoutRequest(sizes=((720, 360),) * 2, edges=(LayoutEdge(0, 1, 1), LayoutEdge(0, 1, 0)))
    lines = [
        "node n0 0.5 1.25 1 0.5",
        "node n1 0.5 0.25 1 0.5",
        "edge n0 n1 4 0.5 1 0.9 0.8 0.9 0.7 0.5 0.5 solid black",
        "edge n0 n1 4 0.5 1 0.1 0.8 0.1 0.7 0.5 0.5 solid black",
    ]
    second, first = from_answer(request, lines, "dot").routes
    assert first[1][0] < second[1][0]
    assert first[-1][0] < second[-1][0]


@pytest.mark.parametrize("lines", [ANSWER[2:], ANSWER[:4], ["node n0 x y"], [""], []])
def test_foreign_answers_are_refused(lines):
    """An answer that lacks a box or an edge, or is no number, is an error of ours."""
    with pytest.raises(LayoutError, match="must hold every box and edge"):
        from_answer(REQUEST, lines, "dot")


def test_empty_request_has_an_empty_answer():
    """Nothing was asked, nothing is wrong."""
    result = from_answer(LayoutRequest(sizes=(), edges=()), ["graph 1 0 0", "stop"], "dot")
    assert (result.centres, result.size) == ((), (0, 0))


def test_cost_counts_boxes_and_passed_rows():
    """Three boxes in rows 0, 1 and 2, and one edge that passes row 1."""
    edges = (LayoutEdge(0, 1), LayoutEdge(1, 2), LayoutEdge(0, 2))
    assert cost(LayoutRequest(sizes=((10, 10),) * 3, edges=edges)) == 4


def test_costly_graphs_are_not_asked():
    """What may take minutes is never sent."""
    worker = Scripted(ANSWER)
    assert DotEngine(worker).layout_many([families.chain(module.MAX_COST + 1)], 2.0) == [None]
    assert worker.asked == []


def test_engine_passes_on_what_it_got():
    """Results where there is an answer, None where there is none; the budget reaches the worker."""
    worker = Scripted(ANSWER)
    (result,) = DotEngine(worker).layout_many([REQUEST], 1.5)
    assert result.engine == "dot 9.9-2"
    assert worker.asked == [(to_question(REQUEST), 1.5)]
    assert DotEngine(Scripted(None)).layout_many([REQUEST], 1.5) == [None]


def test_closing_closes_the_worker():
    """The engine owns the process."""
    worker = Scripted(ANSWER)
    DotEngine(worker).close()
    assert worker.closed


def test_absent_program_has_no_version():
    """By this the caller knows that `dot` cannot be used."""
    assert DotEngine(Scripted(None, version="")).version == ""


@pytest.mark.parametrize("direction", ["TB", "LR"])
@pytest.mark.parametrize("name", families.FAMILIES)
def test_real_dot_gives_usable_positions(name, direction):
    """For every family, both directions and with twins, the answer of the real program passes the judge."""
    require_program("dot")
    engine = DotEngine()
    requests = [families.FAMILIES[name](nodes)._replace(direction=direction) for nodes in (1, 20)]
    requests += [families.freed(request)._replace(mirror=True) for request in requests]
    found = engine.layout_many(requests, 5.0)
    engine.close()
    assert [check_layout(request, result) for request, result in zip(requests, found, strict=True)] == [
        []
    ] * 4
