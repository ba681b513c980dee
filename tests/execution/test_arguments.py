"""Arguments: literals in keyword form, never evaluated."""

from keyword import iskeyword

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sphinx_tape.errors import ArgumentFault
from sphinx_tape.execution.arguments import LONGEST, bind_arguments, parse_arguments, parse_literal


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", {}),
        ("  \n ", {}),
        ("x=3.0, w=2", {"x": 3.0, "w": 2}),
        ("x=-1, y=+2.5e-3,", {"x": -1, "y": 0.0025}),
        ("x=1+2j, y=-3j", {"x": 1 + 2j, "y": -3j}),
        ("w=[1, [2, (3,)]], d={'a': None}", {"w": [1, [2, (3,)]], "d": {"a": None}}),
        ("s='x, y=1', b=b'\\x00', t=True", {"s": "x, y=1", "b": b"\0", "t": True}),
        ("x=1, # a comment\ny=2", {"x": 1, "y": 2}),
        ("größe=1", {"größe": 1}),
        ("s='\\d'", {"s": "\\d"}),
        ("x=1e999", {"x": float("inf")}),
    ],
)
def test_literals(text, values):
    """Everything that Python writes as a literal."""
    assert parse_arguments(text) == values


@pytest.mark.parametrize(
    "text",
    [
        "3",
        "x",
        "x=",
        "=3",
        "x=y",
        "x=f()",
        "x=__import__('os').system('true')",
        "x=1 if True else 2",
        "x=[i for i in range(3)]",
        "x=2**9",
        "x='a' + 'b'",
        "x=1; y=2",
        "x=1) or g(y=2",
        "x=1), (y=2",
        "*a",
        "**{'x': 1}",
        "x=1, x=2",
        "x=lambda: 1",
        "x=(y:=1)",
        "x=f'{1}'",
        "x={[]: 1}",
        "x=1\0",
        "x=" + "[" * 60 + "]" * 60,
        "x=" + "[" * 5000,
        "x=" + "-" * 5000 + "1",
        "x=" + "a." * 4000 + "b",
        "x='" + "a" * LONGEST + "'",
        "x=" + "9" * 5000,
        "class=1",
        "x.y=1",
    ],
)
def test_everything_else_is_refused(text):
    """Expressions, positional and starred arguments, hostile depth and length."""
    with pytest.raises(ArgumentFault, match=r"must be .*\(got .*\); ") as caught:
        parse_arguments(text)
    assert "0x" not in str(caught.value)
    assert len(str(caught.value)) < 500


@settings(max_examples=1000)
@given(st.text(max_size=60) | st.text(alphabet="x=,()[]{}'\"\\1.e-:*# \n", max_size=30))
def test_any_text_gives_values_or_a_fault(text):
    """No text raises anything but an ArgumentFault."""
    try:
        values = parse_arguments(text)
    except ArgumentFault:
        return
    assert isinstance(values, dict)


literals = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=10)
    | st.binary(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
names = st.from_regex(r"[a-z_][a-z0-9_]{0,5}", fullmatch=True).filter(lambda name: not iskeyword(name))


@given(st.dictionaries(names, literals, max_size=4))
def test_what_repr_writes_is_read_back(values):
    """Arguments written with repr come back equal."""
    text = ", ".join(f"{name}={value!r}" for name, value in values.items())
    try:
        read = parse_arguments(text)
    except ArgumentFault:
        # Infinities are written as names by repr.
        assert "inf" in text
        return
    assert read == values


def test_seed_literal():
    """A seed is one literal of any shape."""
    assert parse_literal(" [1, 2] ", "seed") == [1, 2]
    with pytest.raises(ArgumentFault, match="seed must be a Python literal"):
        parse_literal("np.ones(2)", "seed")


def builder(a, /, x=3.0, *rest, w, label="l", thing=len, **more):
    return a, x, rest, w, label, more


@pytest.mark.parametrize("text", ["1e400", "[1.0, -1e999]", "1e400j"])
def test_seeds_beyond_floats_are_refused(text):
    """Python reads 1e400 as infinity; the author is told instead."""
    with pytest.raises(ArgumentFault, match=r"seed must hold numbers up to 1.8e\+308 \(got '.*1?e"):
        parse_literal(text, "seed")
    assert parse_literal("1e308", "seed") == 1e308


def test_bind():
    """Values reach their parameters, positional-only ones included."""
    bound = bind_arguments(builder, {"a": 1, "w": 2, "extra": 3})
    assert builder(*bound.args, **bound.kwargs) == (1, 3.0, (), 2, "l", {"extra": 3})


def test_what_does_not_fit_lists_the_parameters():
    """The message says what is missing and what there is, without addresses."""
    with pytest.raises(ArgumentFault) as caught:
        bind_arguments(builder, {"a": 1})
    message = str(caught.value)
    assert "missing a required" in message
    assert "a, x=3.0, *rest, w, label='l', thing=..., **more" in message


def test_unknown_argument_of_a_builder_without_parameters():
    """A builder without parameters says so."""
    with pytest.raises(ArgumentFault, match=r"unexpected keyword argument 'z'.*parameters are: none"):
        bind_arguments(lambda: None, {"z": 1})


def test_long_defaults_are_clipped():
    """A page of default text is not shown."""

    def long(text="x" * 1000):
        return text

    with pytest.raises(ArgumentFault) as caught:
        bind_arguments(long, {"z": 1})
    assert len(str(caught.value)) < 300
