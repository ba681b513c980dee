"""Without forking: the same answers from interpreters of their own."""

import shutil
import time
from pathlib import Path

import pytest

from sphinx_tape.execution import fresh
from sphinx_tape.execution.fresh import FreshFigure
from sphinx_tape.execution.request import FigureRequest

ENDINGS = {
    "square": None,
    "sees_changes": None,
    "threads_left": None,
    "changes_everything": None,
    "bytes_to_stdout": None,
    "raises": "builder",
    "exits": "builder",
    "exits_at_once": "crash",
    "segmentation_fault": "crash",
    "native_sleep": "timeout",
    "ignores_signals": "timeout",
    "endless_output": "builder",
    "much_memory": "memory",
    "nothing": "result",
    "no_such_function": "reference",
}


@pytest.fixture(scope="module")
def results(shared_project):
    """Run a choice of faults and good figures in one build."""
    shutil.copy(Path(__file__).with_name("faulty.py"), shared_project.folder)
    requests = [FigureRequest(reference=f"faulty:{name}") for name in ENDINGS]
    absent = FigureRequest(reference="absent:figure")
    limits = {"isolation": "fresh", "memory_limit": 900, "output_limit": 1, "jobs": 4}
    # Only those that are to be stopped are in a hurry, however busy the machine is.
    hanging = [request for request in requests if ENDINGS[request.reference.split(":")[1]] == "timeout"]
    others = [request for request in requests if request not in hanging]
    found = dict(shared_project.run(*others, absent, **limits))
    found |= dict(shared_project.run(*hanging, **limits, timeout=3.0))
    return {request.reference: found[request.key] for request in (*requests, absent)}


@pytest.mark.parametrize("name", ENDINGS)
def test_endings(results, name):
    """Every figure ends as it does when forked."""
    result = results[f"faulty:{name}"]
    assert (result.failure and result.failure.kind) == ENDINGS[name], result.failure


def test_places_and_output(results):
    """Crashes and timeouts name the line; failures show what was printed."""
    assert results["faulty:segmentation_fault"].failure.file == "faulty.py"
    assert results["faulty:native_sleep"].failure.file == "faulty.py"
    assert results["faulty:raises"].failure.output == "before it went wrong\n"


def test_missing_module(results):
    """Import faults are said, too."""
    assert results["absent:figure"].failure.kind == "reference"


@pytest.fixture
def figure(project):
    """A figure that waits, in a process of its own."""
    project.write("builders.py", "import time\ndef figure():\n    time.sleep(60)\n")
    waiting = FreshFigure(FigureRequest(reference="builders:figure"), project.settings(), time.monotonic())
    yield waiting
    waiting.close()


def test_close_ends_the_process_and_its_folder(figure):
    """Nothing is left of a figure that is given up."""
    assert figure.answer(time.monotonic()) is None
    figure.close()
    assert figure._process.poll() is not None
    assert not figure._folder.exists()


def test_half_an_answer_is_a_crash(figure):
    """Only a whole line counts."""
    (figure._folder / fresh.ANSWER).write_bytes(b'+{"report":')
    figure._process.kill()
    figure._process.wait()
    assert figure.answer(time.monotonic()).kind == "crash"


def test_missing_files_do_no_harm(figure):
    """What a crash leaves behind may be nothing."""
    figure._process.kill()
    figure._process.wait()
    for name in (fresh.OUTPUT, fresh.DUMP):
        (figure._folder / name).unlink(missing_ok=True)
    assert figure.answer(time.monotonic()).output == ""


def test_import_and_builder_have_limits_of_their_own(project):
    """What is said of the one is not said of the other, and nothing waits for the time of both."""
    project.write("builders.py", "import time\ntime.sleep(0.2)\ndef figure():\n    time.sleep(60)\n")
    project.write("slow.py", "import time\ntime.sleep(60)\ndef figure():\n    pass\n")
    settings = {"isolation": "fresh", "timeout": 30.0}
    begun = time.monotonic()
    failure = project.one("builders:figure", timeout=0.3, settings=settings).failure
    assert time.monotonic() - begun < settings["timeout"]
    assert failure.kind == "timeout"
    assert failure.message.startswith("builder builders:figure must finish within 0.3 s (was still running")
    assert (failure.file, failure.line) == ("builders.py", 4)
    failure = project.one("slow:figure", timeout=60.0, settings={**settings, "timeout": 3.0}).failure
    assert failure.message.startswith("import of module 'slow' must finish within 3 s")
    assert (failure.file, failure.line) == ("slow.py", 2)


def test_what_forgets_its_descriptors_can_still_answer(project):
    """Steps are noted in a file that is opened each time."""
    project.write(
        "builders.py",
        """
        import os
        from sphinx_tape import Tape
        os.closerange(3, 50)
        def figure():
            return Tape().leaf(2.0, name="x").square()
        """,
    )
    assert project.one("builders:figure", settings={"isolation": "fresh"}).failure is None
