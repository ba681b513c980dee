"""A module's process that runs closed builders itself: when it does, and what it leaves to copies."""

import os
import signal
import sys
import time
from pathlib import Path
from random import Random
from selectors import DefaultSelector

import pytest

from sphinx_tape.execution import module_process, server, shared
from sphinx_tape.execution.forking import Common, ForkedFigure, ForkedModule
from sphinx_tape.execution.request import FigureRequest
from sphinx_tape.execution.server_process import ServerProcess
from sphinx_tape.execution.shared import AGAIN
from tests.execution.patient import IMPORTS
from tests.execution.programs import program
from tests.execution.test_shared import GOOD, HEAD, NAMES, TEXT, alone, answer, listen, request, results
from tests.processes import needs_proc

pytestmark = [needs_proc, pytest.mark.usefixtures("libraries")]

CLOSED = (
    "\n".join(GOOD.format(f"good_{number}") for number in range(4)) + "def loops():\n    while True: pass\n"
)
PRINTS = "def prints():\n    print(1)\n"
SLOW = """
def slow():
    count = 0
    for _ in range(6_000_000):
        count += 1
    return Tape().leaf(float(count), name='x').square()
"""


ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def patience(monkeypatch, project):
    """Imports are quick here even if the machine is busy, in servers of `patient.py`, too."""
    monkeypatch.setattr(module_process, "QUICK", 60.0)
    monkeypatch.setenv("PYTHONPATH", str(ROOT), prepend=os.pathsep)
    monkeypatch.setenv(IMPORTS, str(project.folder / "imports.txt"))


def imports(project):
    """Return in how many processes the module has been imported."""
    return (project.folder / "imports.txt").read_text().splitlines().count("builders")


def patiently(project, text, names, **limits):
    """Run builders with a server that takes every import for quick."""
    server = ServerProcess(sys.executable, "tests.execution.patient:main")
    return results(project, text, names, server=server, **limits)


@pytest.fixture
def make(project, monkeypatch):
    """Start the process of a module with some text, as the server would, and wait until it is ready."""
    with DefaultSelector() as selector:
        made = []

        def make(text, quick=60.0, **facts):
            monkeypatch.setattr(module_process, "QUICK", quick)
            project.write("builders.py", HEAD + text)
            common = Common(project.settings(), selector, set())
            made.append(
                ForkedModule(request("good_0"), common, time.monotonic(), **{"may_run": True, **facts})
            )
            while made[-1].state == "importing" and not made[-1].dead:
                listen(selector)
            return made[-1]

        yield make
        for module in made:
            module.close()


def test_it_runs_closed_builders_itself(make):
    """All in one process, which is the module's own and has no copies; what is not closed is not for it."""
    module = make(CLOSED)
    for number in range(3):
        figure = module.start(request(f"good_{number}"), 0.0, few=True)
        assert figure._runner._pid == module._pid
        assert not module.takes(request("good_3"))
        assert b'\t{"schema":' in answer(figure)
        assert module.takes(request("good_3"))
    assert Path(f"/proc/{module._pid}/task/{module._pid}/children").read_text() == ""
    module.run_alone(request("good_3"))
    assert not module.takes(request("good_3"))


@pytest.mark.parametrize(
    ("text", "facts", "few"),
    [
        (CLOSED + PRINTS, {}, True),
        ("import time\ntime.sleep(0.1)\n" + CLOSED, {"quick": 0.05}, True),
        (CLOSED, {"may_run": False}, True),
        (CLOSED, {}, False),
    ],
    ids=["another function", "a slow import", "it has done so before", "many figures"],
)
def test_it_makes_copies_otherwise(make, text, facts, few):
    """It stays as it is after the import for whatever is asked of the module later."""
    module = make(text, **facts)
    figures = [module.start(request(f"good_{number}"), 0.0, few=few) for number in range(2)]
    assert module.solo is None
    assert all(type(answer(figure)) is bytes for figure in figures)
    assert len({figure._runner._pid for figure in figures} - {module._pid}) == 2
    assert module.takes(request("prints"))


def test_it_makes_copies_once_it_has_made_one(make):
    """A process that has copies is not to be held up or lost."""
    module = make(CLOSED)
    module.run_alone(request("good_0"))
    first = module.start(request("good_0"), 0.0, few=True)
    assert type(first) is ForkedFigure
    answer(module.start(request("good_1"), 0.0, few=True))
    assert module.solo is None
    answer(first)


def test_it_is_spent_after_some_figures(make, monkeypatch):
    """What it has not given back does not pile up."""
    monkeypatch.setattr(shared, "MOST_FIGURES", 2)
    module = make(CLOSED)
    for number in range(2):
        assert not module.spent
        answer(module.start(request(f"good_{number}"), 0.0, few=True))
    assert module.spent
    assert not module.takes(request("good_2"))


def test_it_is_spent_after_a_figure_that_takes_long(make):
    """It is ended with the figure."""
    module = make(CLOSED)
    figure = module.start(request("loops"), 0.0, few=True)
    assert answer(figure, shared.SHORT + 0.1) == AGAIN
    assert module.spent


def test_it_is_spent_when_it_dies(make):
    """With a figure, or between two; the figure is run again."""
    module = make(CLOSED)
    figure = module.start(request("loops"), 0.0, few=True)
    os.kill(module._pid, signal.SIGKILL)
    assert answer(figure) == AGAIN
    assert module.spent
    module = make(CLOSED)
    answer(module.start(request("good_0"), 0.0, few=True))
    os.kill(module._pid, signal.SIGKILL)
    while not module.spent:
        listen(module.selector)


def test_a_module_is_imported_once_more_after_a_failure(project):
    """Not for each failure: the further ones are those of copies."""
    names = ["good_0", "is_nothing", "good_1", "raises", "good_2"]
    text = CLOSED + "def is_nothing():\n    pass\ndef raises():\n    return 1 / 0\n"
    found = patiently(project, HEAD + text, names)
    assert [bool(each.failure) for each in found.values()] == [False, True, False, True, False]
    assert imports(project) == 2


def test_a_module_without_failures_is_imported_once(project):
    """Whatever runs its figures."""
    found = patiently(project, HEAD + CLOSED, ["good_0", "good_1"])
    assert not any(each.failure for each in found.values())
    assert imports(project) == 1


def test_others_do_not_wait_for_a_slow_figure(project):
    """While there are idle cores; the slow one is not run twice, as its process is left to it."""
    text = HEAD + CLOSED + SLOW
    found = patiently(project, text, ["slow", "good_0", "good_1"], jobs=3)
    assert not any(each.failure for each in found.values())
    assert project.executed[-1] == "builders:slow"
    assert imports(project) == 2


def test_a_figure_that_takes_too_long_is_run_alone_when_all_others_are_done(project):
    """Nobody is left to run it then: its module is imported anew."""
    project.write("builders.py", HEAD + CLOSED)
    first, *others = (
        FigureRequest(reference=f"builders:{name}", timeout=0.7 if name == "loops" else None)
        for name in ["loops", "good_0", "good_1"]
    )
    found = project.run(first, *others, store=False, jobs=2)
    assert found[first.key].failure.kind == "timeout"
    assert not any(found[each.key].failure for each in others)


def test_on_one_core_they_wait(project):
    """Another process would not be any faster."""
    text = HEAD + CLOSED + SLOW
    patiently(project, text, ["slow", "good_0", "good_1"], jobs=1)
    assert project.executed[0] == "builders:slow"
    assert imports(project) == 1


def test_a_name_that_is_no_function_has_a_process_of_its_own(project):
    """It is not run where others have run, nor are others kept from running."""
    found = patiently(project, HEAD + CLOSED, ["good_0", "absent", "good_1"])
    assert [each.failure and each.failure.kind for each in found.values()] == [None, "reference", None]


@pytest.mark.parametrize("jobs", [1, 3])
def test_faults_are_those_of_builders_that_run_alone(project, jobs):
    """Few at a time, so that the module's own process runs them."""
    limits = {"memory_limit": 900, "report_limit": 1, "output_limit": 1, "jobs": jobs}
    apart = results(project, alone(TEXT), NAMES, **{**limits, "jobs": 4})
    for at in range(0, len(NAMES), 4):
        few = NAMES[at : at + 4]
        assert len(few) <= server.FEW
        for name, result in results(project, TEXT, few, **limits).items():
            assert result == apart[name], name


def test_random_builders_give_the_same_bytes(project):
    """In the module's process, in copies of it, and alone: the reports are equal to the last digit."""
    random = Random(3)  # noqa: S311 -- no secrets
    names = [f"figure_{number}" for number in range(8)]
    text = HEAD + "\n".join(program(name, random) for name in names)
    itself = patiently(project, text, names, jobs=1)
    # Prints are not the figures' affair, but their module is then none that runs builders itself.
    assert patiently(project, text + PRINTS, names, jobs=1) == itself
    assert results(project, alone(text), names, jobs=1) == itself
