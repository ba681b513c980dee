"""Each fault costs its own figure only, is said well, and leaves nothing behind."""

import os
import re
import shutil
from pathlib import Path

import pytest

from sphinx_tape.execution.places import clean
from sphinx_tape.execution.request import FigureRequest
from tests.execution.catalog import ASKED, FAULTS, MODULES, REVERSE_FAULTS, SURVIVORS


def is_running(pid):
    """Whether a process is there and not only waiting to be reaped."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.fixture(scope="module")
def build(shared_project):
    """Run every fault in one build, with figures before and after that must not suffer."""
    project = shared_project
    shutil.copy(Path(__file__).with_name("faulty.py"), project.folder)
    for name, text in MODULES.items():
        project.write(name, text)
    outside = project.folder.parent / "outside.py"
    outside.write_text("raise RuntimeError('must not run')\n")
    (project.folder / "linked.py").symlink_to(outside)
    limits = {"memory_limit": 900, "report_limit": 1, "output_limit": 1, "jobs": 4}
    plain = [
        FigureRequest(reference=each, timeout=2.0 if FAULTS.get(each, "")[:1] == ("timeout",) else None)
        for each in (*FAULTS, *REVERSE_FAULTS, *SURVIVORS)
    ]
    asked = [request for request, _, _ in ASKED.values()]
    # An import has no limit of its own, so the one that never ends gets a build of its own: in the other,
    # nobody is in a hurry, however busy the machine is.
    hanging = [request for request in plain if request.reference == "import_hangs:figure"]
    others = [request for request in (*plain, *asked) if request not in hanging]
    results = dict(project.run(*others, **limits)) | dict(project.run(*hanging, **limits, timeout=2.0))
    return project, {request.key: results[request.key] for request in (*plain, *asked)}


def result_of(build, request):
    wanted = FigureRequest(reference=request) if isinstance(request, str) else request
    return build[1][wanted.key]


@pytest.mark.parametrize("reference", FAULTS)
def test_fault_becomes_a_failure(build, reference):
    """Kind, message and place of each failure are the ones that help."""
    kind, words, place = FAULTS[reference]
    failure = result_of(build, reference).failure
    assert failure is not None
    assert (failure.kind, words in failure.message) == (kind, True), failure
    assert f"{failure.file}:{failure.line}".startswith(place)
    assert place in failure.message


@pytest.mark.parametrize("reference", REVERSE_FAULTS)
def test_forward_part_survives_a_reverse_fault(build, reference):
    """If only the reverse pass fails, the nodes are still reported."""
    subtype, words = REVERSE_FAULTS[reference]
    result = result_of(build, reference)
    assert result.failure is None
    assert result.report.nodes
    assert result.report.failure.subtype == subtype
    assert words in result.report.failure.message


@pytest.mark.parametrize("case", ASKED)
def test_fault_of_the_directive(build, case):
    """What the figure asks for wrongly is said, as a failure or beside the forward part."""
    request, kind, words = ASKED[case]
    result = result_of(build, request)
    fault = result.failure or result.report.failure
    assert getattr(fault, "kind", None) == kind or getattr(fault, "subtype", None) == kind
    assert words in fault.message


@pytest.mark.parametrize("reference", SURVIVORS)
def test_other_figures_do_not_suffer(build, reference):
    """Whatever happens in one process, each other figure gets its report."""
    result = result_of(build, reference)
    assert result.failure is None
    assert result.report.failure is None
    assert result.report.reverse is not None


def test_what_is_said_can_be_printed_anywhere(build):
    """No text of a failure holds control characters, the machine's folders, addresses, or a whole book."""
    project, results = build
    for result in results.values():
        fault = result.failure or result.report.failure
        if fault is None:
            continue
        text = "\n".join((fault.message, *fault.traceback, getattr(fault, "output", "")))
        assert clean(text) == text
        assert str(project.folder.parent) not in text
        assert not re.search(r"0x[0-9a-f]{6}", text)
        assert len(fault.message) <= 2500, fault.message


def test_what_was_printed_is_shown_on_failure(build):
    """Both ends of a long output, bytes as escapes, and what native code has printed."""
    assert result_of(build, "faulty:raises").failure.output == "before it went wrong\n"
    much = result_of(build, "faulty:much_output").failure.output
    assert (much[:6], much[-5:-1], "bytes left out" in much) == ("firstx", "last", True)
    odd = result_of(build, "faulty:bytes_then_raises").failure.output
    assert odd.startswith(r"\xff\xfe{")
    assert "from C\n" in odd
    assert result_of(build, "import_raises:figure").failure.output == "half way\n"


def test_nothing_is_left_running(build):
    """Children, daemons and forks of builders are gone with the build."""
    project, _ = build
    for name in ("child", "daemon", "fork"):
        pid = int((project.folder / name).read_text())
        assert not is_running(pid), name
