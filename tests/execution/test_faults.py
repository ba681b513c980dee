"""Each fault costs its own figure only, is said well, and leaves nothing behind."""

import os
import re
import shutil
from pathlib import Path

import pytest

from sphinx_tape.execution.places import clean
from sphinx_tape.execution.request import FigureRequest

MODULES = {
    "syntax_error.py": "def figure(:\n    pass\n",
    "import_error.py": "import no_such_library\n\ndef figure():\n    pass\n",
    "import_raises.py": "print('half way')\nraise RuntimeError('while importing')\n",
    "import_exits.py": "import sys\nsys.exit(2)\n",
    "import_ends.py": "import os\nos._exit(0)\n",
    "import_crashes.py": "import ctypes\nctypes.string_at(0)\n",
    "import_hangs.py": "import time\ntime.sleep(60)\n",
    "import_floods.py": "import os\nwhile True:\n    os.write(1, b'x' * 65536)\n",
    "starts_threads.py": (
        "import threading, time\nfrom sphinx_tape import Tape\n"
        "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
        "def figure():\n    return Tape().leaf(2.0, name='x').square()\n"
        "def crash():\n    import os\n    os.abort()\n"
    ),
    "deletes_itself.py": (
        "from pathlib import Path\nfrom sphinx_tape import Tape\n"
        "def figure():\n    Path(__file__).unlink()\n    return Tape().leaf(2.0, name='x').square()\n"
    ),
    "null_bytes.py": "x = 1\0\n",
    "package/__init__.py": "",
}

FAULTS = {
    # reference: (kind, words of the message, place)
    "no_such_package.module:figure": ("reference", "no module named 'no_such_package'", ""),
    "package.no_such_module:figure": ("reference", "no module named 'package.no_such_module'", ""),
    "faulty.sub:figure": ("reference", "no module named 'faulty.sub'", ""),
    "faulty:no_such_function": ("reference", "without 'no_such_function'", ""),
    "os:getcwd": ("reference", "standard library", ""),
    "os.path:join": ("reference", "standard library", ""),
    "faulty:replace": ("reference", "defined in the module it is named in (got one of 'dataclasses')", ""),
    "faulty:Klass": ("reference", "got a class", ""),
    "faulty:partial": ("reference", "'builtin_function_or_method'", ""),
    "faulty:asynchronous": ("reference", "an async function", ""),
    "faulty:generator": ("reference", "a generator function", ""),
    "linked:figure": ("reference", "a link that leads out", ""),
    "syntax_error:figure": ("builder", "SyntaxError", "syntax_error.py:1"),
    "null_bytes:figure": ("builder", "null bytes", ""),
    "import_error:figure": ("builder", "No module named 'no_such_library'", "import_error.py:1"),
    "import_raises:figure": ("builder", "RuntimeError: while importing", "import_raises.py:2"),
    "import_exits:figure": ("builder", "SystemExit: 2", "import_exits.py:2"),
    "import_ends:figure": ("crash", "ended itself with status 0", ""),
    "import_crashes:figure": ("crash", "SIGSEGV", "import_crashes.py:2"),
    "import_hangs:figure": ("timeout", "within 2 s", "import_hangs.py:2"),
    "import_floods:figure": ("builder", "print at most 1 MB", ""),
    "starts_threads:crash": ("crash", "SIGABRT", "starts_threads.py:8"),
    "faulty:raises": ("builder", "ValueError: no such thing", "faulty.py:"),
    "faulty:exits": ("builder", "SystemExit: 3", "faulty.py:"),
    "faulty:interrupts": ("builder", "KeyboardInterrupt", "faulty.py:"),
    "faulty:exits_at_once": ("crash", "ended itself with status 3", ""),
    "faulty:segmentation_fault": ("crash", "SIGSEGV", "faulty.py:"),
    "faulty:aborts": ("crash", "SIGABRT", "faulty.py:"),
    "faulty:endless_loop": ("timeout", "within 2 s", "faulty.py:"),
    "faulty:native_sleep": ("timeout", "within 2 s", "faulty.py:"),
    "faulty:ignores_signals": ("timeout", "within 2 s", ""),
    "faulty:endless_output": ("builder", "print at most 1 MB", ""),
    "faulty:much_output": ("builder", "said enough", "faulty.py:"),
    "faulty:much_memory": ("memory", "MemoryError", "faulty.py:"),
    "faulty:much_memory_in_numpy": ("memory", "Memory", "faulty.py:"),
    "faulty:nothing": ("result", "None; is a `return` missing?", ""),
    "faulty:wrong_type": ("result", "builtins.dict", ""),
    "faulty:two_tapes": ("result", "one of another", ""),
    "faulty:large_report": ("result", "report must be at most 1 MB", ""),
    "faulty:hostile_text": ("builder", "RuntimeError: \"'`<script>", "faulty.py:"),
    "faulty:lone_surrogate": ("builder", r"a \udc80 b", "faulty.py:"),
    "faulty:unspeakable": ("builder", "Unspeakable: its text could not be made", "faulty.py:"),
    "faulty:deep_recursion": ("builder", "RecursionError", "faulty.py:"),
    "faulty:chained": ("builder", "LookupError: while looking", "faulty.py:"),
    "faulty:missing_file": ("builder", "FileNotFoundError", "faulty.py:"),
    "faulty:bytes_then_raises": ("builder", "after bytes", "faulty.py:"),
}

REVERSE_FAULTS = {
    # reference: (subtype, words of the message)
    "faulty:without_output": ("output", "got none"),
    "faulty:vector": ("output", "seed must be given"),
    "faulty:rule_raises": ("backward", "ZeroDivisionError: in a rule"),
    "faulty:rule_exits": ("backward", "SystemExit"),
    "faulty:rule_of_wrong_shape": ("backward", "(got (2, 3))"),
    "faulty:rule_of_wrong_count": ("backward", "(got 3)"),
}

ASKED = {
    "hostile output": (
        FigureRequest(reference="faulty:hostile_name", output="\x00<b>/home/me/x/y"),
        "output",
        r"\x00<b>",
    ),
    "unknown output": (FigureRequest(reference="faulty:square", output="nope"), "output", "'nope'"),
    "output out of range": (FigureRequest(reference="faulty:square", output="7"), "output", "(got 7)"),
    "seed of wrong shape": (FigureRequest(reference="faulty:square", seed="[1, 2]"), "output", "(2,)"),
    "unknown argument": (FigureRequest(reference="faulty:square", arguments="z=1"), "arguments", "x=3.0"),
    "no literal": (FigureRequest(reference="faulty:square", arguments="x=f()"), "arguments", "x=3.0"),
    "ragged seed": (FigureRequest(reference="faulty:vector", seed="[1, [2]]"), "arguments", "equal length"),
    "text seed": (FigureRequest(reference="faulty:vector", seed="'a'"), "arguments", "a number"),
}

SURVIVORS = (
    "faulty:square",
    "faulty:threads_left",
    "faulty:child_left",
    "faulty:daemon_left",
    "faulty:fork_left",
    "faulty:not_finite",
    "faulty:hostile_name",
    "faulty:changes_everything",
    "faulty:sees_changes",
    "faulty:bytes_to_stdout",
    "starts_threads:figure",
    "deletes_itself:figure",
)


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
    plain = [FigureRequest(reference=each) for each in (*FAULTS, *REVERSE_FAULTS, *SURVIVORS)]
    asked = [request for request, _, _ in ASKED.values()]
    limits = {"timeout": 2.0, "memory_limit": 900, "report_limit": 1, "output_limit": 1, "jobs": 4}
    results = project.run(*plain, *asked, **limits)
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
