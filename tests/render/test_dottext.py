"""`render.dottext`: text that parses, says the same as the drawing, and really renders."""

from __future__ import annotations

import subprocess

import pydot
import pytest
from hypothesis import given, settings
from lxml import etree

from sphinx_tape.render.dottext import to_dot
from tests.render.placing import drawing
from tests.render.random_reports import reports
from tests.render.sample_reports import SAMPLES, detached, hostile, neuron, square
from tests.support import require_program

# pydot still calls its parser's library by old names.
pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated - use:DeprecationWarning")


def parsed(text):
    """Node and edge names by an independent parser."""
    (graph,) = pydot.graph_from_dot_data(text)
    nodes = [
        node.get_name()
        for node in graph.get_nodes()
        if node.get_name().startswith("n") and node.get_name() != "node"
    ]
    return nodes, [(edge.get_source(), edge.get_destination()) for edge in graph.get_edges()]


def rendered(text):
    """Texts that `dot` draws, line by line."""
    done = subprocess.run(
        [require_program("dot"), "-Tsvg"], input=text.encode(), capture_output=True, check=True
    )
    assert b"syntax error" not in done.stderr
    tree = etree.fromstring(done.stdout)
    return [element.text for element in tree.iter("{http://www.w3.org/2000/svg}text")]


def test_nodes_and_edges_are_the_drawings():
    """The square `x * x` in DOT."""
    assert parsed(to_dot(drawing(square()))) == (["n0", "n1"], [("n0", "n1"), ("n0", "n1")])


@given(reports(most=8))
@settings(max_examples=25, deadline=None)
def test_an_independent_parser_reads_any_report(report):
    """Random tapes and names, clipped or not."""
    for most in (4, 200):
        drawn = drawing(report, max_nodes=most)
        nodes, edges = parsed(to_dot(drawn))
        assert nodes == [f"n{box.node}" for box in drawn.boxes]
        # The parser gathers repeated edges, so their order is not compared.
        assert sorted(edges) == sorted((f"n{edge.ends[0]}", f"n{edge.ends[1]}") for edge in drawn.edges)


@pytest.mark.parametrize("name", SAMPLES)
def test_dot_draws_every_sample(name):
    """The real program accepts the text and draws every line of every box, letter by letter."""
    drawn = drawing(SAMPLES[name]())
    seen = rendered(to_dot(drawn))
    for box in drawn.boxes:
        lines = {}
        for run in box.runs:
            lines.setdefault(run.baseline, []).append(run.text)
        for words in lines.values():
            assert " ".join(words).strip() in [line.strip().replace("\xa0", " ") for line in seen]


@given(reports(most=6))
@settings(max_examples=25, deadline=None)
def test_dot_draws_random_reports(report):
    """Hostile names never break the program's parser."""
    assert len(rendered(to_dot(drawing(report)))) >= len(report.nodes)


def test_states_are_coloured_and_cuts_dashed():
    """The text carries what the drawing shows: colours of states, a dashed edge with its reason."""
    text = to_dot(drawing(detached()))
    (graph,) = pydot.graph_from_dot_data(text)
    fills = {node.get_name(): node.get("fillcolor") for node in graph.get_nodes()}
    assert len({fills[f"n{node}"] for node in (0, 2, 3, 5, 9)}) == 5
    (cut,) = [edge for edge in graph.get_edges() if edge.get("style") == "dashed"]
    assert (cut.get_source(), cut.get_destination(), cut.get("label")) == ("n2", "n5", "detach")


def test_left_to_right_as_is_customary():
    """The reference draws its tapes from left to right."""
    assert "rankdir=LR" in to_dot(drawing(neuron()))


def test_clipping_is_said_in_the_text():
    """Whoever copies the text knows that nodes are missing."""
    assert "nodes not drawn: 4" in to_dot(drawing(neuron(), max_nodes=4))


def test_an_html_like_name_is_no_html():
    """`<<table>>` stays text."""
    assert "3: <<table>>" in rendered(to_dot(drawing(hostile())))
