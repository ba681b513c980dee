"""References: what may be named at all."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sphinx_tape.errors import ReferenceFault
from sphinx_tape.execution.reference import Reference, check_allowed, parse_reference


@pytest.mark.parametrize(
    ("text", "module", "function"),
    [
        ("a:f", "a", "f"),
        (" course_tapes.backprop:one_neuron ", "course_tapes.backprop", "one_neuron"),
        ("kurs.übung:größe", "kurs.übung", "größe"),
        ("_tapes.first:f1", "_tapes.first", "f1"),
        # Python reads this ligature as `fi`, so the reference must, too.
        ("a:\N{LATIN SMALL LIGATURE FI}g", "a", "fig"),
    ],
)
def test_good_references(text, module, function):
    """Dotted identifiers, a colon, an identifier."""
    assert parse_reference(text) == Reference(module, function)
    assert str(parse_reference(text)) == f"{module}:{function}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        "a",
        "a.b",
        "a:",
        ":f",
        "a:f:g",
        "a:f.g",
        "a:f()",
        "a b:f",
        ".a:f",
        "..a:f",
        "a..b:f",
        "a.:f",
        "/etc/passwd:f",
        "../a:f",
        "a/b:f",
        "a\\b:f",
        "a.py :f",
        "a:f\nb:g",
        "a\0:f",
        "1a:f",
        "class:f",
        "a.import:f",
        "a:lambda",
        "a:_private",
        "a:__init__",
        "a.__main__:f",
        "__main__:f",
        "os:getcwd",
        "os.path:join",
        "builtins:eval",
        "subprocess:run",
        "a" * 600 + ":f",
    ],
)
def test_bad_references(text):
    """Paths, relative names, private names, keywords and the standard library are refused."""
    with pytest.raises(ReferenceFault, match=r"must .*\(got .*\); "):
        parse_reference(text)


def test_message_shows_no_raw_control_characters():
    """What is shown of a hostile reference is printable and short."""
    with pytest.raises(ReferenceFault) as caught:
        parse_reference("\x1b[31m\u202e" * 30)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 700


@settings(max_examples=1000)
@given(st.text(alphabet=string.printable + "äß\u202e\0", max_size=40))
def test_any_text_is_a_reference_or_a_fault(text):
    """Nothing but a ReferenceFault comes out, and what passes is made of identifiers."""
    try:
        reference = parse_reference(text)
    except ReferenceFault:
        return
    assert all(segment.isidentifier() for segment in [*reference.module.split("."), reference.function])


@pytest.mark.parametrize(
    ("module", "patterns", "allowed"),
    [
        ("a.b", (), True),
        ("a.b", ("a.b",), True),
        ("a.b", ("a.*",), True),
        ("a", ("a.*",), True),
        ("ab", ("a.*",), False),
        ("b.a", ("a*", "c"), False),
        ("a.b", ("x", "*"), True),
    ],
)
def test_allowed_modules(module, patterns, allowed):
    """Patterns narrow what may run; a package pattern includes the package."""
    if allowed:
        check_allowed(Reference(module, "f"), patterns)
    else:
        with pytest.raises(ReferenceFault, match="tape_builder_modules"):
            check_allowed(Reference(module, "f"), patterns)
