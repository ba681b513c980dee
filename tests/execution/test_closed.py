"""`execution.closed`: what is shown to be closed is, and every way out that we know of is seen."""

import dis
import gc
import sys
import textwrap
import warnings
from fractions import Fraction
from functools import partial
from pathlib import Path
from random import Random
from types import FunctionType, ModuleType

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sphinx_tape.execution import closed, pure_library
from sphinx_tape.execution.closed import closed_builders, is_closed
from sphinx_tape.execution.request import FigureRequest
from sphinx_tape.execution.worker import FigureWorker
from sphinx_tape.tape import Tape
from tests.execution.closing import ESCAPES, HEAD, HONEST
from tests.execution.programs import program


@pytest.fixture(autouse=True)
def remembered(libraries):
    """What libraries are before a test does anything."""
    pure_library.untouched()


def module_of(text):
    module = ModuleType("builders")
    exec(compile(textwrap.dedent(text), "builders.py", "exec"), vars(module))  # noqa: S102 -- our own texts
    return module


@pytest.mark.parametrize("name", ESCAPES)
def test_ways_out_are_not_closed(name):
    """Whatever reaches something that can change outside of its frame is not closed."""
    assert not is_closed(module_of(HEAD + ESCAPES[name]).figure)


@pytest.mark.parametrize("name", HONEST)
def test_honest_builders_are_closed(name):
    """What notes are made of is closed; else nothing would be gained."""
    assert is_closed(module_of(HEAD + HONEST[name]).figure)


def test_code_that_was_put_together_by_hand():
    """Names of bytecode that no compiler makes are judged by what they do."""

    def figure():
        return [].append

    figure.__code__ = figure.__code__.replace(co_names=("__class__",))
    assert not is_closed(figure)


@pytest.mark.parametrize(
    ("holder", "name"),
    [(np, "sum"), (np.linalg, "norm"), (pure_library.functions, "exp"), (closed.builtins, "len")],
)
def test_replaced_functions_of_libraries(holder, name, monkeypatch):
    """It is seen that an import has changed a library."""
    assert pure_library.is_untouched()
    original = getattr(holder, name)
    monkeypatch.setattr(holder, name, partial(original))
    assert not pure_library.is_untouched()


def hook(*_arguments, **_keywords):
    """Stands for code of an author's."""


@pytest.mark.parametrize(
    ("install", "remove"),
    [
        (lambda: sys.setprofile(hook), lambda: sys.setprofile(None)),
        (lambda: sys.settrace(hook), lambda: sys.settrace(None)),
        (lambda: np.set_printoptions(formatter={"all": hook}), lambda: np.set_printoptions(formatter=None)),
        (lambda: np.seterrcall(hook), lambda: np.seterrcall(None)),
        (lambda: gc.callbacks.append(hook), lambda: gc.callbacks.remove(hook)),
    ],
)
def test_hooks(install, remove):
    """Nobody's code may be called from outside while a closed builder runs."""
    before = sys.gettrace()
    install()
    try:
        untouched = pure_library.is_untouched()
    finally:
        remove()
        sys.settrace(before)
    assert not untouched


def test_who_shows_warnings(monkeypatch):
    """Warnings go where they went, by the same way."""
    monkeypatch.setattr(sys, "stderr", hook)
    assert not pure_library.is_untouched()
    monkeypatch.undo()
    monkeypatch.setattr(warnings, "showwarning", hook)
    assert not pure_library.is_untouched()
    monkeypatch.undo()
    assert pure_library.is_untouched()


def test_only_own_functions_are_listed():
    """Imported functions are no builders of a module."""
    module = module_of(
        "from math import sin\nfrom textwrap import dedent\ndef figure():\n    return 1\nx = 2"
    )
    assert closed_builders(module) == ["figure"]


def test_most_builders_of_the_example_are_closed(monkeypatch):
    """Of the notes that we show, all that keep their data inside of functions are closed."""
    folder = Path(__file__).parents[2] / "example_project" / "course_tapes"
    share = {}
    for name in ("broadcasting", "cuts", "exact", "expression", "fanout", "neuron", "shared", "survey"):
        module = module_of((folder / f"{name}.py").read_text(encoding="utf-8"))
        own = [each for each in vars(module).values() if isinstance(each, FunctionType)]
        share[name] = all(map(is_closed, (each for each in own if each.__module__ == "builders")))
    assert set(share.values()) == {True}, share


@pytest.mark.parametrize("function", [is_closed, test_ways_out_are_not_closed, closed._values, module_of])
def test_instructions_are_those_of_the_standard_library(function):
    """Our reading of bytecode gives what `dis` gives; long jumps and many names need extended arguments."""
    many = module_of("def figure():\n" + "".join(f"    x{n} = y{n}.z{n}\n" for n in range(300))).figure
    for code in (function.__code__, many.__code__):
        expected = [(each.opcode, each.arg or 0) for each in dis.get_instructions(code)]
        skipped = closed._EXTENDED | closed._NOTHING
        assert list(closed._instructions(code)) == [each for each in expected if each[0] not in skipped]


@given(
    st.lists(st.integers(0, 10_000), min_size=2, max_size=6, unique=True), st.randoms(use_true_random=False)
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_order_makes_no_difference(author_settings, seeds, order):
    """Random closed builders give the same bytes in whichever order they run in one process."""
    text = HEAD + "\n".join(program(f"figure_{seed}", Random(seed)) for seed in seeds)  # noqa: S311 -- no secrets
    module = module_of(text)
    assert sorted(closed_builders(module)) == sorted(f"figure_{seed}" for seed in seeds)
    worker = FigureWorker(module, author_settings, ())
    first = {seed: answer_of(worker, seed) for seed in seeds}
    again = order.sample(seeds * 2, 2 * len(seeds))
    assert [answer_of(worker, seed) for seed in again] == [first[seed] for seed in again]


def answer_of(worker, seed):
    return worker.run_figure(FigureRequest(reference=f"builders:figure_{seed}"))


@pytest.fixture
def author_settings(project):
    return project.settings()


def test_attributes_lead_to_nothing_else():
    """Whichever value has one: it is a number, a text, a method or what a builder has made."""
    tape = Tape()
    x = tape.leaf(np.ones((2, 2)), name="x")
    values = [
        tape, x, x.sum(), x.node, tape.nodes, x.value, np.arange(3), 1, 1.0, 1j, "a", b"a", (1,), [1], {1: 2},
        range(3), Fraction(1, 2), np.float64(1), np.dtype(float), np.finfo(float), np.iinfo(int), hook,
        np.random.default_rng(0), (each for each in ()), {}.items(), enumerate([]), ValueError("a"),
        [].append, tape.scope("a"), frozenset({1}), np.linalg.svd(np.eye(2)), *pure_library._PURE.values(),
    ]  # fmt: skip
    met = {
        type(getattr(value, name)).__name__
        for value in values
        for name in closed.ATTRIBUTES.split()
        if hasattr(value, name)
    }
    assert met <= {
        "int", "float", "bool", "str", "tuple", "float64", "int64", "Fraction", "Float64DType", "Int64DType",
        "Tape", "Nodes", "Node", "Variable", "ndarray",
        "function", "method", "builtin_function_or_method", "method_descriptor", "getset_descriptor",
        "member_descriptor", "property", "cached_property", "wrapper_descriptor",
    }  # fmt: skip


def test_constants_are_known_through_and_through():
    """One thing that can change anywhere inside makes the whole changeable."""
    assert pure_library.is_constant((1, ("a", frozenset({2.0, None})), Fraction(1, 2), np.float64(1)))
    assert not pure_library.is_constant((1, ("a", [2.0])))
    assert not pure_library.is_constant(np.ones(2))
