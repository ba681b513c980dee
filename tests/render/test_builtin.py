"""The built-in engine as a whole: right for every graph, and good beside `dot`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sphinx_tape.render.builtin import VERSION, BuiltinEngine, layout
from sphinx_tape.render.checking import check_layout
from sphinx_tape.render.layout import LayoutEdge, LayoutRequest
from sphinx_tape.render.positions import encode
from tests.benchmarks import families
from tests.benchmarks import layout as benchmark
from tests.render.layout_quality import measure
from tests.support import require_program


@st.composite
def requests(draw):
    """Draw any request: sizes, repeats, disconnected parts, both directions, with and without twins."""
    count = draw(st.integers(0, 16))
    sizes = draw(
        st.lists(st.tuples(st.integers(20, 2500), st.integers(20, 900)), min_size=count, max_size=count)
    )
    edges = []
    for target in range(1, count):
        parents = draw(st.lists(st.integers(0, target - 1), max_size=4))
        free = draw(st.booleans())
        edges += [LayoutEdge(source, target, 0 if free else i) for i, source in enumerate(parents)]
    return LayoutRequest(
        sizes=tuple(sizes),
        edges=tuple(draw(st.permutations(edges))),
        direction=draw(st.sampled_from(["TB", "LR"])),
        mirror=draw(st.booleans()),
    )


@given(requests())
@settings(max_examples=300, deadline=None)
def test_every_graph_is_drawn_without_fault(request):
    """No overlap, no edge over a box, operand order kept, everything inside: for any graph."""
    assert check_layout(request, layout(request)) == []


@pytest.mark.parametrize("direction", ["TB", "LR"])
@pytest.mark.parametrize("name", families.FAMILIES)
@pytest.mark.parametrize("nodes", [1, 12, 40])
def test_families_are_drawn_without_fault(name, nodes, direction):
    """The independent measure finds no edge over a box and no overlap either."""
    request = families.FAMILIES[name](nodes if name != "dense" else min(nodes, 16))._replace(
        direction=direction
    )
    result = layout(request)
    assert check_layout(request, result) == []
    quality = measure(benchmark.result_drawing(request, result))
    assert (quality.over_boxes, quality.overlaps) == (0, 0)


def test_empty_tape_has_no_size():
    """Nothing to draw is no error."""
    result = layout(LayoutRequest(sizes=(), edges=()))
    assert (result.centres, result.routes, result.size) == ((), (), (0, 0))


def test_single_box_fills_the_drawing():
    """One leaf is drawn at its own size."""
    result = layout(LayoutRequest(sizes=((601, 300),), edges=()))
    assert (result.centres, result.size) == (((300, 150),), (601, 300))


def test_left_to_right_is_the_other_turned_over():
    """Both directions are one drawing."""
    request = families.resnet(20)
    turned = request._replace(sizes=tuple((h, w) for w, h in request.sizes), direction="LR")
    down, right = layout(request), layout(turned)
    assert right.size == down.size[::-1]
    assert right.centres == tuple((y, x) for x, y in down.centres)


def test_engine_places_all_requests():
    """Results come in the order of the requests and name the engine."""
    found = BuiltinEngine().layout_many([families.chain(3), families.chain(5)], 0)
    assert [len(result.centres) for result in found] == [3, 5]
    assert found[0].engine == f"builtin {VERSION}"


def test_flat_edges_get_more_room():
    """Below a box with far consumers the gap grows, to twice its size at most."""
    near, far = layout(families.fan(4)), layout(families.fan(40))
    assert near.centres[1][1] - near.centres[0][1] == families.HEIGHT + 360
    assert far.centres[1][1] - far.centres[0][1] == families.HEIGHT + 2 * 360


def test_mirrored_drawing_is_symmetric():
    """A node and its gradient stand in one row at equal distance from the axis."""
    request = families.forward_backward(40)
    result = layout(request)
    count = len(request.sizes)
    for own, twin in zip(result.centres[:count], result.centres[count:], strict=True):
        assert own[1] == twin[1]
        assert own[0] + twin[0] == result.size[0]


def test_pathological_density_is_drawn_in_bounded_work(monkeypatch):
    """Trunks that cannot be afforded share one bus, and nothing is wrong with the result."""
    monkeypatch.setattr("sphinx_tape.render.builtin.MAX_WAYPOINTS", 100)
    chain = families.chain(60)
    far = [LayoutEdge(node, 59, node + 1) for node in range(55)]
    near = [LayoutEdge(node, node + 5, 1) for node in range(50)]
    request = chain._replace(edges=(*chain.edges, *near, *far))
    result = layout(request)
    assert check_layout(request, result) == []
    turns = Counter(path[-4] for path in result.routes[-len(far) :])
    assert max(turns.values()) > 0.7 * len(far), "the edges to the last box come down the same line"


PROGRAM = """
from tests.benchmarks import families
from sphinx_tape.render.builtin import layout
from sphinx_tape.render.positions import encode
print("".join(encode(layout(make(40))) for make in families.FAMILIES.values()))
"""


def test_positions_do_not_depend_on_hashing():
    """The same bytes for every PYTHONHASHSEED."""
    found = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4711")
    }
    assert len(found) == 1
    assert len(found.pop()) > 10_000


def test_positions_change_with_the_version_only():
    """Stored positions are found by the version: who moves a box raises it and writes the digest here."""
    requests = [make(24) for make in families.FAMILIES.values()]
    requests += [families.freed(request) for request in requests]
    drawings = "".join(encode(layout(request)) for request in requests)
    assert (VERSION, sha256(drawings.encode()).hexdigest()[:16]) == ("5", "11fdf3ef0e055949")


RANDOM = [("scalar", 30, seed) for seed in range(1, 6)] + [("scalar", 100, 1), ("scalar", 300, 1)]
RANDOM += [("random", 30, seed) for seed in range(1, 4)] + [("random", 100, 1)]


@pytest.mark.parametrize(("name", "nodes", "seed"), RANDOM)
def test_crossings_beside_dot_on_random_graphs(name, nodes, seed):
    """At most 1.1 times the crossings of `dot` when its edges, too, arrive in operand order."""
    require_program("dot")
    request = families.FAMILIES[name](nodes, seed)
    ours = measure(benchmark.result_drawing(request, layout(request)))
    theirs = measure(benchmark.result_drawing(request, benchmark.ordered_dot(request)))
    assert ours.crossings <= 1.1 * theirs.crossings


@pytest.mark.parametrize(
    ("name", "nodes", "seeds"),
    [("random", 30, 6), ("scalar", 30, 6), ("scalar", 100, 3), ("scalar", 300, 1)],
)
def test_crossings_beside_dot_where_order_is_free(name, nodes, seeds):
    """Where operands may change places, at most 1.1 times the crossings of plain `dot` over some seeds."""
    require_program("dot")
    ours = theirs = 0
    for seed in range(1, seeds + 1):
        request = families.freed(families.FAMILIES[name](nodes, seed))
        ours += measure(benchmark.result_drawing(request, layout(request))).crossings
        answer = benchmark.run_dot(benchmark.plain_source(request))
        theirs += measure(benchmark.plain_drawing(request, answer)).crossings
    assert ours <= 1.1 * theirs


@pytest.mark.parametrize("nodes", [28, 60, 99])
def test_crossings_beside_dot_on_shared_weights(nodes):
    """At most half the crossings of `dot` on recurrent networks."""
    require_program("dot")
    request = families.rnn(nodes)
    ours = measure(benchmark.result_drawing(request, layout(request)))
    theirs = measure(benchmark.result_drawing(request, benchmark.ordered_dot(request)))
    assert ours.crossings <= 0.5 * theirs.crossings


LENGTHS = [("mlp", 35), ("diamond", 30), ("resnet", 35), ("fan", 30), ("rnn", 60), ("attention", 86)]


@pytest.mark.parametrize(("name", "nodes"), [*LENGTHS, ("scalar", 100), ("random", 30), ("random", 100)])
def test_edges_are_hardly_longer_than_those_of_dot(name, nodes):
    """Plain `dot`, free to let edges arrive anywhere, draws at most a fifth shorter."""
    require_program("dot")
    request = families.FAMILIES[name](nodes)
    ours = measure(benchmark.result_drawing(request, layout(request)))
    theirs = measure(benchmark.plain_drawing(request, benchmark.run_dot(benchmark.plain_source(request))))
    assert ours.length <= 1.25 * theirs.length
