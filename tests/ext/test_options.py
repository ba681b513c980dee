"""`ext.options`: every option is read, and every bad value is explained."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sphinx_tape.ext.options import OPTIONS, AnyOption, check_reference, options_of, parse_options
from sphinx_tape.render.options import PARTS_OF

GOOD = [
    ("arguments", "x=1, w=[2, 3]", "x=1, w=[2, 3]"),
    ("arguments", "", ""),
    ("output", "loss", "loss"),
    ("seed", "[1, 2]", "[1, 2]"),
    ("caption", "A *b*", "A *b*"),
    ("name", "fig-a", "fig-a"),
    ("alt", "a <b>", "a <b>"),
    ("class", "Wide big", ("wide", "big")),
    ("align", "left", "left"),
    ("width", "300px", "300px"),
    ("width", "60 %", "60%"),
    ("width", "250", "250px"),
    ("show", "steps graph", ("steps", "graph")),
    ("show", "steps, graph", ("steps", "graph")),
    ("open", "none", ()),
    ("open", "steps", ("steps",)),
    ("precision", "7", 7),
    ("direction", "TB", "TB"),
    ("max-nodes", "12", 12),
    ("fold", "always", "always"),
    ("timeout", "0.5", 0.5),
    ("requires", "torch", ("torch",)),
    ("requires", "jax, numpy", ("jax", "numpy")),
    ("check", "", True),
    ("check", "on", True),
    ("check", "off", False),
    ("layout", "auto", "auto"),
    ("mirror", "", True),
    ("overwriting", "", True),
]

BAD = [
    ("output", "", "text that is not empty"),
    ("seed", "", "text that is not empty"),
    ("caption", "", "text that is not empty"),
    ("name", "", "text that is not empty"),
    ("alt", "", "text that is not empty"),
    ("class", "", "class names with at least one letter"),
    ("class", "7 %", "class names with at least one letter"),
    ("align", "middle", "one of left, center, right"),
    ("width", "wide", "a length such as 300px, 8cm or 60%"),
    ("width", "0px", "a length such as 300px, 8cm or 60%"),
    ("width", "-3px", "a length such as 300px, 8cm or 60%"),
    ("width", "7001px", "at most 7000px"),
    ("width", "251cm", "at most 250cm"),
    ("width", "9" * 26, "at most 7000px"),
    ("width", "3px;color:red", "a length such as 300px, 8cm or 60%"),
    ("check", "yes", "on, off, or left empty for on"),
    ("requires", "", "names of packages as they are imported, without dots"),
    ("requires", "torch>=2", "names of packages as they are imported, without dots"),
    ("requires", "torch.nn", "names of packages as they are imported, without dots"),
    ("show", "", "one or more of graph, coverage, steps"),
    ("show", "graph graph", "each once"),
    ("show", "picture", "one or more of graph, coverage, steps"),
    ("open", "all", "one or more of graph, coverage, steps"),
    ("precision", "0", "a whole number from 1 to 17"),
    ("precision", "18", "a whole number from 1 to 17"),
    ("precision", "٣", "a whole number from 1 to 17"),
    ("direction", "lr", "one of auto, LR, TB"),
    ("fold", "none", "one of auto, always, never"),
    ("max-nodes", "0", "a whole number, at least 1"),
    ("max-nodes", "9" * 10, "a whole number, at least 1"),
    ("timeout", "0", "a number of seconds above 0"),
    ("timeout", "nan", "a number of seconds above 0"),
    ("timeout", "1e3", "a number of seconds above 0"),
    ("layout", "neato", "one of builtin, dot, auto"),
    ("mirror", "yes", "left empty"),
    ("overwriting", "yes", "left empty"),
]


@pytest.mark.parametrize(("name", "text", "value"), GOOD)
def test_a_good_option_is_read(name, text, value):
    """The value has the form that the figure keeps."""
    parsed = parse_options("trace", {name: text})
    assert (parsed.values, parsed.faults) == ({name: value}, ())


@pytest.mark.parametrize(("name", "text", "rule"), BAD)
def test_a_bad_option_is_explained(name, text, rule):
    """The message names the option, the directive, what is allowed and what was given."""
    parsed = parse_options("trace", {name: text})
    assert parsed.values == {}
    (fault,) = parsed.faults
    assert fault.startswith(f'option "{name}" of tape-trace must be ')
    assert rule in fault
    assert f'(got "{text}")' in fault


def test_every_option_has_a_good_and_a_bad_example_here():
    """A new option cannot go untested; text that may be anything has no bad value."""
    assert {name for name, _, _ in GOOD} == set(OPTIONS)
    assert {name for name, _, _ in BAD} == set(OPTIONS) - {"arguments"}


def test_every_option_is_described():
    """The reference page is made from these sentences."""
    assert all(option.help.endswith(".") for option in OPTIONS.values())


@pytest.mark.parametrize("view", ["view", "grads", "trace"])
def test_the_parts_of_each_view_are_accepted_by_it(view):
    """`show` takes all parts of the view, and no other."""
    for part in PARTS_OF["trace"]:
        parsed = parse_options(view, {"show": part})
        assert bool(parsed.faults) == (part not in PARTS_OF[view])


def test_an_option_that_makes_no_sense_for_a_view_is_refused():
    """The message names the directives that take it."""
    assert "seed" not in options_of("view")
    (fault,) = parse_options("view", {"seed": "1"}).faults
    assert fault == (
        'option "seed" must be left out of tape-view (got "1"); tape-grads and tape-trace take it'
    )
    (fault,) = parse_options("view", {"overwriting": ""}).faults
    assert fault.endswith("; tape-trace takes it")


def test_an_unknown_option_gets_a_suggestion():
    """A misspelling is recognised; something else is to be removed."""
    (near,) = parse_options("grads", {"precison": "3"}).faults
    (far,) = parse_options("grads", {"zzz": ""}).faults
    assert near.endswith('(got "3"); did you mean "precision"?')
    assert far.endswith('(got ""); remove it')


def test_open_must_name_shown_parts():
    """Two options that are right alone can be wrong together."""
    (fault,) = parse_options("view", {"show": "graph", "open": "nodes"}).faults
    assert fault == 'option "open" of tape-view must name shown parts: graph (got "nodes")'


def test_all_bad_options_are_said_and_the_good_ones_kept():
    """One mistake does not hide another."""
    parsed = parse_options("view", {"align": "up", "alt": "a", "width": "big"})
    assert parsed.values == {"alt": "a"}
    assert len(parsed.faults) == 2


def test_a_long_value_is_clipped_in_the_message():
    """Ten thousand characters do not flood the log."""
    (fault,) = parse_options("view", {"align": "x" * 10_000}).faults
    assert len(fault) < 250


@pytest.mark.parametrize("arguments", [[], [""], ["a b"], ["a\nb"]])
def test_a_missing_or_broken_reference_is_explained(arguments):
    """The reference is one word."""
    with pytest.raises(
        ValueError, match=r"argument of tape-view must be a builder, package\.module:function"
    ):
        check_reference("view", arguments)


def test_a_reference_is_taken_without_its_blanks():
    """MyST hands over what stands behind the name."""
    assert check_reference("view", [" a.b:c "]) == "a.b:c"


def test_the_specification_takes_any_name_and_lists_the_known_ones():
    """So that docutils and MyST hand everything over."""
    specification = AnyOption()
    assert specification["never heard of"]("a\n  b ") == "a b"
    assert specification["caption"](None) == ""
    assert list(specification) == list(OPTIONS)
    assert len(specification) == len(OPTIONS)


@settings(max_examples=500)
@given(
    st.sampled_from(["view", "grads", "trace"]), st.dictionaries(st.sampled_from([*OPTIONS, "x"]), st.text())
)
def test_no_text_raises(view, given_options):
    """Whatever is written, each option is either a value or a fault."""
    parsed = parse_options(view, given_options)
    assert len(parsed.values) + len(parsed.faults) >= len(given_options)
