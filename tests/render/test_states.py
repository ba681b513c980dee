"""`render.states`: words and letters for what became of a node."""

from __future__ import annotations

from typing import get_args

from sphinx_tape.render.states import (
    STATES,
    author_name,
    display_label,
    display_name,
    local_name,
    state_letter,
    state_word,
    status_word,
)
from sphinx_tape.report.model import GradientState, StepStatus
from tests.render.sample_reports import neuron


def test_no_two_states_look_alike():
    """Each state has a letter and a word of its own, so that colour is never needed."""
    assert get_args(GradientState) == STATES
    assert len({state_letter(state) for state in STATES}) == len(STATES)
    assert len({state_word(state) for state in STATES}) == len(STATES)


def test_every_status_has_its_words():
    """The reference's three statuses and the failed rule are told apart."""
    assert len({status_word(status) for status in get_args(StepStatus)}) == 4


def test_nodes_are_called_by_name_or_op():
    """The author's name first, with the id in front where it must be unique."""
    rows = neuron().nodes
    assert (display_name(rows[0]), display_name(rows[3])) == ("w", "multiply")
    assert display_label(rows[3]) == "3: multiply"


def test_names_are_of_a_length_that_a_line_holds():
    """A name of 10,000 letters is clipped, one of blanks alone counts as none."""
    row = neuron().nodes[0]
    long = display_name(row._replace(name="L" * 10_000))
    assert long == "L" * 59 + "…"
    assert display_name(row._replace(name="  ", op="leaf")) == "leaf"
    assert author_name(row._replace(name="a\nb")) == "a␊b"


def test_a_name_is_shown_without_the_scopes_that_stand_beside_it():
    """In a frame `body.0 Linear` the weight is a weight; elsewhere, and alone, it keeps its whole name."""
    row = neuron().nodes[0]._replace(name="body.0.weight")
    assert local_name(row._replace(scope=("body", "0 Linear"))) == "weight"
    assert local_name(row._replace(scope=("body",))) == "0.weight"
    assert local_name(row._replace(scope=("head",))) == "body.0.weight"
    assert local_name(row) == "body.0.weight"
    assert local_name(row._replace(name="body.", scope=("body",))) == "body."
