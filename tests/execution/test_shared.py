"""Closed builders that share a process: the same results as alone, whatever goes wrong among them."""

import os
import re
import signal
import time
from random import Random
from selectors import DefaultSelector

import pytest

from sphinx_tape.execution import shared
from sphinx_tape.execution.forking import Common, ForkedFigure, ForkedModule
from sphinx_tape.execution.request import FigureRequest
from sphinx_tape.execution.shared import AGAIN, SharedFigure
from tests.execution.programs import program
from tests.processes import needs_proc

pytestmark = [needs_proc, pytest.mark.usefixtures("libraries")]

HEAD = "import numpy as np\nfrom sphinx_tape import Tape, functions as F\n"
GOOD = "def {}():\n    return Tape().leaf(2.0, name='x').square().named('y')\n"
FAULTY = {
    "loops": "    while True: pass",
    "recurses": "    return recurses()",
    "takes_memory": "    return [0.0] * (1 << 27)",
    "takes_memory_in_numpy": "    return Tape().leaf(np.ones(1 << 27)).sum()",
    "raises": "    raise ValueError('no such thing')",
    "divides_by_zero": "    return 1 / 0",
    "warns": "    return Tape().leaf(np.exp(np.float64(1e3)) * 0, name='x').square()",
    "is_nothing": "    pass",
    "has_no_scalar": "    return Tape().leaf(np.ones(2), name='x').square()",
    "is_large": "    t = Tape()\n    return sum([t.leaf(1.0, name='x' * 1000) for _ in range(2000)])",
    "is_foreign": "    return Tape().leaf(1.0) + Tape().leaf(2.0)",
}
TEXT = "\n".join([
    HEAD,
    *(f"def {name}():\n{body}\n\n{GOOD.format('after_' + name)}" for name, body in FAULTY.items()),
])  # fmt: skip
NAMES = re.findall(r"def (\w+)\(\)", TEXT)


def alone(text):
    """Give each builder an attribute, so that it is not closed; its source stays what it is."""
    return (
        text
        + "\nfor each in list(vars().values()):\n    if hasattr(each, '__code__'):\n        each.note = []\n"
    )


def results(project, text, names, **limits):
    project.write("builders.py", text)
    requests = [
        FigureRequest(reference=f"builders:{name}", timeout=2.0 if name == "loops" else None)
        for name in names
    ]
    found = project.run(*requests, store=False, **limits)
    return {request.reference: found[request.key] for request in requests}


def test_faults_are_those_of_builders_that_run_alone(project):
    """Whatever a closed builder does wrong costs its own figure only, and says what it says alone."""
    limits = {"memory_limit": 900, "report_limit": 1, "output_limit": 1}
    together = results(project, TEXT, NAMES, **limits)
    apart = results(project, alone(TEXT), NAMES, **limits)
    for name, result in together.items():
        assert result == apart[name], name
    assert {result.failure and result.failure.kind for result in together.values()} >= {
        None, "timeout", "builder", "memory", "result",
    }  # fmt: skip
    assert not any(each.failure for name, each in together.items() if "after_" in name)


@pytest.mark.parametrize("seed", [1, 2])
def test_random_builders_give_the_same_bytes(project, seed):
    """Alone, together and in the other order: the reports are equal to the last digit."""
    random = Random(seed)  # noqa: S311 -- no secrets
    names = [f"figure_{number}" for number in range(12)]
    text = HEAD + "\n".join(program(name, random) for name in names)
    first = results(project, text, names, jobs=1)
    assert results(project, text, names[::-1], jobs=1) == first
    assert results(project, alone(text), names, jobs=1) == first


@pytest.fixture
def module(project):
    """A module's process, ready, as the server has it."""
    good = "\n".join(GOOD.format(f"good_{number}") for number in range(4))
    loop = "def loops():\n    while True: pass\ndef prints():\n    print(1)\n"
    project.write("builders.py", HEAD + good + loop)
    with DefaultSelector() as selector:
        first = FigureRequest(reference="builders:good_0")
        module = ForkedModule(first, Common(project.settings(), selector, set()), time.monotonic())
        while module.state == "importing" and not module.dead:
            listen(selector)
        yield module
        module.close()


def listen(selector):
    for key, _ in selector.select(60):
        key.data()


def request(name):
    return FigureRequest(reference=f"builders:{name}")


def answer(figure, now=0.0):
    """Wait for the answer of a figure; `now` is what it takes the time to be."""
    while (found := figure.answer(now)) is None:
        listen(figure.module.selector)
    figure.close()
    return found


def test_one_process_serves_closed_builders(module):
    """It is asked again and again; what is not closed has a process of its own."""
    runners = set()
    for number in range(3):
        figure = module.start(request(f"good_{number}"), 0.0)
        assert type(figure) is SharedFigure
        assert b'\t{"schema":' in answer(figure)
        runners.add(module.idle_runner())
    assert len(runners) == 1
    assert None not in runners
    assert type(module.start(request("prints"), 0.0)) is ForkedFigure


def test_long_arguments_are_not_shared(module):
    """What does not fit into a socket at once could make the server wait."""
    long = FigureRequest(reference="builders:good_0", arguments="x='" + "a" * 20_000 + "'")
    assert not module.shares(long)


def test_two_at_once_have_a_process_each(module):
    """No figure waits behind another that runs."""
    figures = [module.start(request(f"good_{number}"), 0.0) for number in range(2)]
    assert all(type(answer(figure)) is bytes for figure in figures)
    assert len(module._runners) == 2


def test_process_is_given_up_after_some_figures(module, monkeypatch):
    """What it has not given back does not pile up."""
    monkeypatch.setattr(shared, "MOST_FIGURES", 2)
    used = []
    for number in range(4):
        figure = module.start(request(f"good_{number}"), 0.0)
        used.append(figure._runner)
        answer(figure)
    assert used[0] is used[1] is not used[2] is used[3]
    assert module.idle_runner() is None


def test_figure_that_takes_long_is_run_again_alone(module):
    """Its process is ended; the figure keeps all its time for the run that counts."""
    figure = module.start(request("loops"), 0.0)
    assert figure.answer(shared.SHORT) is None
    assert answer(figure, shared.SHORT + 0.1) == AGAIN
    assert module.idle_runner() is None
    module.run_alone(request("loops"))
    figure = module.start(request("loops"), 0.0)
    assert type(figure) is ForkedFigure
    figure.close()


def test_process_that_dies_leaves_its_figure_to_another(module):
    """Nobody is told that it died; the figure is run again."""
    figure = module.start(request("loops"), 0.0)
    while figure._runner._pid is None:
        listen(module.selector)
    os.kill(figure._runner._pid, signal.SIGKILL)
    assert answer(figure) == AGAIN
    assert type(answer(module.start(request("good_0"), 0.0))) is bytes


def test_closing_before_the_process_is_known(module):
    """A copy that was asked for and is not wanted any more is ended when it reports."""
    figure = module.start(request("loops"), 0.0)
    runner = figure._runner
    assert answer(figure, shared.SHORT + 0.1) == AGAIN
    while runner._pid is None:
        listen(module.selector)
    assert runner not in module._runners


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ("", True),
        ("import csv, warnings\nDATA = np.array([1.0])\nclass C: pass\n", True),
        ("_sum = np.sum\nnp.sum = lambda *a, **k: _sum(*a, **k)\n", False),
        ("import sys\nsys.setprofile(lambda *a: None)\n", False),
        ("Tape.leaf = lambda *a, **k: None\n", False),
        ("import builtins\n_len = len\nbuiltins.len = lambda x: _len(x)\n", False),
        ("from sphinx_tape.tape.primitives import PRIMITIVES\nPRIMITIVES.pop('exp')\n", False),
    ],
)
def test_imports_that_touch_libraries(project, text, shares):
    """After an import that replaced anything of a library, all builders of the module run alone."""
    project.write("builders.py", HEAD + text + GOOD.format("figure"))
    with DefaultSelector() as selector:
        first = request("figure")
        module = ForkedModule(first, Common(project.settings(), selector, set()), time.monotonic())
        while module.state == "importing" and not module.dead:
            listen(selector)
        assert module.shares(first) is shares
        module.close()
