"""Reports survive JSON unchanged, and nothing else is taken for one."""

import copy
import json
import math
import pickle
from typing import get_type_hints

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sphinx_tape import Tape
from sphinx_tape.errors import ReportError
from sphinx_tape.report import model
from sphinx_tape.report.build import build_report
from sphinx_tape.report.model import (
    SCHEMA,
    ArrayPreview,
    CheckFault,
    CheckReport,
    LeafCheck,
    SourceLine,
    SourceText,
)
from sphinx_tape.report.serial import dumps, loads


def sample():
    """A report with every kind of row."""
    tape = Tape()
    with tape.scope("layer"):
        x = tape.leaf(np.array([[1.0, -2.0], [0.0, np.nan]]), name="x")
        b = tape.leaf(np.array([1.0, 2.0]), name="b")
    tape.leaf(3.0, name="unused")
    y = ((x * x) + b).sum().named("y")
    report = build_report(tape, "y")
    source = SourceLine("a/b.py", 3, "x = 1")
    nodes = tuple(row._replace(source=source, keywords=(("axis", "0"),)) for row in report.nodes)
    assert y.id == report.output
    listing = SourceText("a/b.py", 1, ("def f():", "    ..."))
    leaf = LeafCheck(
        leaves=(0,),
        verdict="wrong",
        method="complex step",
        compared=4,
        element=(1, 1),
        error="inf",
        gradient=2.0,
    )
    fault = CheckFault(node=3, kind="rule", operand=0, element=(), found=(1.0, 2.0), expected=1.0)
    check = CheckReport(verdict="wrong", leaves=(leaf,), faults=(fault,), alone=3, unreplayed=(4,))
    return report._replace(nodes=nodes, builder_source=listing, check=check)


def failed():
    return build_report(Tape(), None)


@pytest.mark.parametrize("report", [sample(), failed()])
def test_round_trip(report):
    """What is read equals what was written, types and signs of numbers included."""
    text = dumps(report)
    again = loads(text)
    assert again == report
    assert dumps(again) == text
    assert repr(again) == repr(report)
    assert text.isascii()
    assert "\n" not in text


def test_reports_pickle():
    """Reports may cross process boundaries as objects, too."""
    assert pickle.loads(pickle.dumps(sample())) == sample()  # noqa: S301 -- our own bytes


def test_equal_previews_are_written_once():
    """A number that is value, cotangent and gradient is in the text once."""
    tape = Tape()
    x = tape.leaf(1.0)
    for _ in range(5):
        x = x * 1.0
    data = json.loads(dumps(build_report(tape, x.id)))
    assert len(data["previews"]) == 1


@pytest.mark.parametrize("element", [0.1, -0.0, 1e300, "nan", "inf", "-inf"])
def test_a_scalar_is_its_number_alone(element):
    """What most previews are is written as short as it can be, and read back as it was."""
    whole = ArrayPreview(
        shape=(), dtype="float64", kind="float", kept=(), elements=(element,), statistics=None
    )
    base = failed()
    report = base._replace(nodes=(sample().nodes[0]._replace(value=whole),))
    text = dumps(report)
    assert json.loads(text)["previews"] == [element]
    assert repr(loads(text)) == repr(report)


@pytest.mark.parametrize(
    "change",
    [
        {"dtype": "float32"},
        {"kind": "exact"},
        {"kind": "unknown", "elements": ()},
        {"elements": (1,)},
        {"elements": ("x",)},
        {"shape": (1,), "kept": (1,)},
    ],
)
def test_other_previews_say_all(change):
    """Nothing is taken for such a scalar that is not exactly one."""
    whole = ArrayPreview(shape=(), dtype="float64", kind="float", kept=(), elements=(1.0,), statistics=None)
    other = whole._replace(**change)
    report = failed()._replace(nodes=(sample().nodes[0]._replace(value=other),))
    assert repr(loads(dumps(report))) == repr(report)
    assert isinstance(json.loads(dumps(report))["previews"][0], list)


def test_signs_and_types_are_different_previews():
    """0.0 and -0.0 compare equal, but are not the same number; nor are 1 and True."""

    def one(element, kind):
        return ArrayPreview(shape=(), dtype="d", kind=kind, kept=(), elements=(element,), statistics=None)

    base = sample()
    values = [one(0.0, "float"), one(-0.0, "float"), one(1, "float"), one(1.0, "float"), one(True, "float")]
    report = base._replace(nodes=tuple(base.nodes[0]._replace(value=value) for value in values), reverse=None)
    read = [row.value.elements[0] for row in loads(dumps(report)).nodes]
    assert [repr(element) for element in read] == ["0.0", "-0.0", "1", "1.0", "True"]
    assert math.copysign(1, read[1]) == -1


def test_every_record_of_the_model_is_covered():
    """The sample has each record of the model in it, so that the round trip means something."""
    seen = set()

    def visit(value):
        if is_record(type(value)):
            seen.add(type(value).__name__)
            for name in get_type_hints(type(value)):
                visit(getattr(value, name))
        elif isinstance(value, tuple):
            for item in value:
                visit(item)

    visit(sample())
    visit(failed())
    assert seen == {name for name, thing in vars(model).items() if is_record(thing)}


def is_record(kind):
    """Whether a type is one of the model's records."""
    return hasattr(kind, "_fields")


def places(data, path=()):
    """Every place in JSON data."""
    yield path
    items = enumerate(data) if isinstance(data, list) else data.items() if isinstance(data, dict) else ()
    for key, item in items:
        yield from places(item, (*path, key))


GOOD = json.loads(dumps(sample()))
PLACES = [path for path in places(GOOD) if path]


@given(st.sampled_from(PLACES), st.sampled_from([None, "x", -1, 1.5, [], {}, [[]], True, 10**9, [None]]))
def test_rubbish_is_refused_or_harmless(path, rubbish):
    """Any value anywhere replaced by rubbish gives a ReportError, or a report that can be written again."""
    data = copy.deepcopy(GOOD)
    holder = data
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = rubbish
    try:
        report = loads(json.dumps(data))
    except ReportError:
        return
    assert loads(dumps(report)) == report


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"schema":1}',
        '{"schema":99,"previews":[],"report":[]}',
        "[" * 100_000,
    ],
)
def test_no_report(text):
    """Rubbish and other schemas are errors with one message."""
    with pytest.raises(ReportError, match=f"JSON of schema {SCHEMA}"):
        loads(text)


PREVIEWLESS = dumps(failed())


def test_a_good_preview_is_no_error():
    """What the next test changes is all that is wrong there."""
    assert loads(PREVIEWLESS.replace('"previews":[]', '"previews":[1.0,[[2],"f","float",[1],[1.0],null]]'))


@pytest.mark.parametrize(
    "preview",
    [
        '[[],"f","float",[],[NaN],null]',
        "NaN",
        '"x"',
        "1",
        "true",
        '[[2],"f","float",[2],[1.0],null]',
        '[[2],"f","float",[],[1.0],null]',
        '[[],"f","unheard",[],[1.0],null]',
        '[[],"f","complex",[],[[1.0]],null]',
        '[[],"f","complex",[],[{}],null]',
        '[[],"f","complex",[],3,null]',
    ],
)
def test_no_preview(preview):
    """Previews of unheard kinds, and those that contradict themselves, are errors, too."""
    with pytest.raises(ReportError, match=f"JSON of schema {SCHEMA}"):
        loads(PREVIEWLESS.replace('"previews":[]', f'"previews":[{preview}]'))


@given(st.text())
def test_any_text_is_an_error(text):
    """No text at all raises anything but a ReportError."""
    with pytest.raises(ReportError):
        loads(text)
