"""A whole build's requests: run once, kept, run again exactly when something they depend on changes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sphinx_tape.execution.pool import Runner, run_requests
from sphinx_tape.execution.request import Failure, FigureRequest
from sphinx_tape.execution.results import Results
from sphinx_tape.execution.server_process import ServerProcess
from sphinx_tape.execution.settings import ExecutionSettings
from sphinx_tape.execution.store import Store, StoredReport

GOOD = """
    from sphinx_tape import Tape
    from helpers import factor

    def figure(x=3.0):
        tape = Tape()
        return (tape.leaf(x, name="x") * factor).named("y")

    def other():
        return figure(5.0)

    def bad():
        raise ValueError("bad")
"""


@pytest.fixture
def good(project):
    project.write("helpers.py", "factor = 2.0\n")
    project.write("builders.py", GOOD)
    return project


def value(result):
    return result.report.nodes[result.report.output].value.elements[0]


def children():
    """Servers that this process has started; whatever other tests have left is not looked at."""
    own = os.getpid()
    pids = Path(f"/proc/{own}/task/{own}/children").read_text().split()
    return [pid for pid in pids if b"sphinx_tape.execution" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def test_report(good):
    """A request ends in a report of the tape, with source lines relative to the source folder."""
    result = good.one("builders:figure", arguments="x=4.0")
    assert value(result) == 8.0
    assert result.failure is None
    assert result.report.nodes[0].source.file == "builders.py"
    assert result.report.nodes[0].source.text == 'return (tape.leaf(x, name="x") * factor).named("y")'
    assert result.report.builder_source.lines[0] == "def figure(x=3.0):"
    assert (result.report.builder_source.file, result.report.builder_source.first) == ("builders.py", 5)
    assert len(result.digest) == 64


def test_output_and_seed(good):
    """The figure may ask for another output and for a seed."""
    result = good.one("builders:figure", output="x", seed="7")
    assert (result.report.output, result.report.reverse.seed.elements) == (0, (7.0,))
    assert good.one("builders:figure", output="0").report.output == 0


def test_equal_requests_run_once(good):
    """The same figure on ten pages is run once, with the most generous time limit."""
    same = [FigureRequest(reference="builders:figure", timeout=t) for t in (None, 70.0, 30.0)]
    results = good.run(*same, "builders:other")
    assert sorted(good.executed) == ["builders:figure", "builders:other"]
    assert len(results) == 2
    assert set(results) == {request.key for request in (*same, FigureRequest(reference="builders:other"))}


def test_second_build_runs_nothing(good):
    """What is kept is not run again, and is the same to the last bit."""
    first = good.run("builders:figure", "builders:other")
    second = good.run("builders:figure", "builders:other")
    assert good.executed == []
    assert dict(first) == dict(second)
    assert [first.digest(key) for key in first] == [second.digest(key) for key in first]


@pytest.mark.parametrize("edit", ["builder", "helper"])
def test_edits_run_what_depends_on_them(good, edit):
    """An edit of the builder's file or of a module it imports runs it again, with the new code."""
    good.write("unrelated.py", "from sphinx_tape import Tape\ndef figure():\n    return Tape().leaf(1.0)\n")
    good.run("builders:figure", "unrelated:figure")
    if edit == "builder":
        good.write("builders.py", GOOD.replace("x=3.0", "x=4.0"))
    else:
        good.write("helpers.py", "factor = 3.0\n")
    results = good.run("builders:figure", "unrelated:figure")
    assert good.executed == ["builders:figure"]
    assert value(results[FigureRequest(reference="builders:figure").key]) == (
        8.0 if edit == "builder" else 9.0
    )


def test_quick_edits_in_one_process_are_all_seen(good):
    """Edits of equal size within one clock tick do not run old code."""
    seen = []
    for factor in range(1, 6):
        good.write("helpers.py", f"factor = {factor}.0\n")
        results = good.run("builders:figure")
        seen.append(value(results[FigureRequest(reference="builders:figure").key]))
    assert seen == [3.0 * factor for factor in range(1, 6)]


def test_no_bytecode_is_left_in_the_source_folder(good):
    """Building docs writes nothing beside the notes."""
    good.run("builders:figure")
    assert sorted(path.name for path in good.folder.iterdir()) == ["builders.py", "helpers.py"]


def test_declared_files_are_dependencies(project):
    """A data file that a builder declares runs it again when it changes or appears."""
    project.write(
        "builders.py",
        """
        from sphinx_tape import Tape, depends_on

        def figure():
            path = depends_on("number.txt")
            number = float(path.read_text()) if path.exists() else 0.0
            return Tape().leaf(number)
        """,
    )
    request = FigureRequest(reference="builders:figure")
    seen = []
    for text in (None, "1.5", "2.5", "2.5"):
        if text:
            project.write("number.txt", text)
        seen.append((value(project.run(request)[request.key]), bool(project.executed)))
    assert seen == [(0.0, True), (1.5, True), (2.5, True), (2.5, False)]


def test_modules_imported_late_are_dependencies(project):
    """Also what a builder imports while it runs counts."""
    project.write("late.py", "number = 1.0\n")
    project.write(
        "builders.py",
        "from sphinx_tape import Tape\ndef figure():\n    import late\n    return Tape().leaf(late.number)\n",
    )
    project.run("builders:figure")
    project.write("late.py", "number = 2.0\n")
    project.run("builders:figure")
    assert project.executed == ["builders:figure"]


def test_further_import_folders(project, tmp_path):
    """Configured folders are searched after the source folder, and their files are dependencies."""
    (tmp_path / "tapes").mkdir()
    (tmp_path / "tapes" / "extra.py").write_text(
        "from sphinx_tape import Tape\ndef figure():\n    return Tape().leaf(1.0)\n"
    )
    (result,) = project.run("extra:figure", paths=("../tapes",)).values()
    assert result.report.nodes[0].source.file == "extra.py"
    project.run("extra:figure", paths=("../tapes",))
    assert project.executed == []


def test_failures_are_not_kept(good):
    """A failure is tried, and said, in every build."""
    for _ in range(2):
        results = good.run("builders:bad")
        assert good.executed == ["builders:bad"]
        assert next(iter(results.values())).failure.kind == "builder"


def test_reverse_failures_are_not_kept_but_missing_outputs_are(project):
    """A tape without an output is what its author wrote; an unknown output is a mistake."""
    project.write("builders.py", "from sphinx_tape import Tape\ndef figure():\n    return Tape()\n")
    wrong = FigureRequest(reference="builders:figure", output="nope")
    for executed in (["builders:figure"] * 2, ["builders:figure"]):
        results = project.run("builders:figure", wrong)
        assert project.executed == executed
        assert results.reverse_failure(wrong.key).subtype == "output"
        assert results[wrong.key].report.failure == results.reverse_failure(wrong.key)
    assert results.failure(wrong.key) is None


def test_nothing_is_executed_if_it_may_not(good):
    """With `execute` off, only what is kept is there; the rest is absent, not failed."""
    good.run("builders:figure")
    results = good.run("builders:figure", "builders:other", execute=False)
    assert good.executed == []
    assert list(results) == [FigureRequest(reference="builders:figure").key]


def test_patterns_and_literals_are_checked_before_any_process_starts(good, monkeypatch):
    """What may not run is said without starting anything."""
    monkeypatch.setattr(subprocess, "Popen", None)
    requests = [
        FigureRequest(reference="builders:figure"),
        FigureRequest(reference="course.a:f", arguments="x=y"),
        FigureRequest(reference="course.a:f", seed="[1"),
        FigureRequest(reference="nonsense"),
    ]
    results = good.run(*requests, modules=("course.*",))
    kinds = [results.failure(request.key).kind for request in requests]
    assert kinds == ["reference", "arguments", "arguments", "reference"]


def test_figures_of_one_module_do_not_see_each_other(project):
    """Each figure starts from the module as it was just after the import."""
    project.write(
        "builders.py",
        """
        from sphinx_tape import Tape
        counter = []

        def figure(x=0.0):
            counter.append(x)
            return Tape().leaf(float(len(counter)))
        """,
    )
    requests = [FigureRequest(reference="builders:figure", arguments=f"x={i}") for i in range(4)]
    assert {value(result) for result in project.run(*requests, store=False).values()} == {1.0}


def test_random_numbers_are_the_same_in_every_build(project):
    """Generators start from a fixed seed in each figure, also those that nobody gave one."""
    project.write(
        "builders.py",
        """
        import random
        import numpy as np
        from sphinx_tape import Tape

        EARLY = np.random.default_rng()

        def figure(n=0):
            drawn = [random.random(), np.random.random(), EARLY.random(), np.random.default_rng().random()]
            return Tape().leaf([*drawn, float(hash("text") % 1000)])
        """,
    )
    requests = [FigureRequest(reference="builders:figure", arguments=f"n={i}") for i in range(3)]
    builds = [project.run(*requests, store=False, jobs=jobs) for jobs in (1, 3)]
    elements = {r.report.nodes[0].value.elements for build in builds for r in build.values()}
    assert len(elements) == 1


def test_figures_run_side_by_side(project):
    """Figures of one module are run at once: each waits until it has seen all others."""
    project.write(
        "builders.py",
        """
        import time
        from pathlib import Path
        from sphinx_tape import Tape

        def figure(n=0):
            Path(f"here-{n}").touch()
            while len(list(Path().glob("here-*"))) < 4:
                time.sleep(0.01)
            return Tape().leaf(1.0)
        """,
    )
    requests = [FigureRequest(reference="builders:figure", arguments=f"n={i}") for i in range(4)]
    results = project.run(*requests, store=False, jobs=4)
    assert [result.failure for result in results.values()] == [None] * 4


def test_own_time_limit_of_a_figure(project):
    """The figure's limit counts, not the project's; the message names it."""
    project.write("builders.py", "import time\ndef figure():\n    time.sleep(60)\n")
    result = project.one("builders:figure", timeout=0.3)
    assert (result.failure.kind, "within 0.3 s" in result.failure.message) == ("timeout", True)


def test_death_of_the_module_process_costs_nothing(project):
    """A builder that kills the process it was copied from does not take the others with it."""
    project.write(
        "builders.py",
        """
        import os, signal, time
        from sphinx_tape import Tape

        def killer():
            os.kill(os.getppid(), signal.SIGKILL)
            time.sleep(60)

        def figure(n=0):
            return Tape().leaf(1.0)
        """,
    )
    requests = [FigureRequest(reference="builders:figure", arguments=f"n={i}") for i in range(3)]
    killer = FigureRequest(reference="builders:killer")
    results = project.run(killer, *requests, store=False, jobs=1)
    assert results[killer.key].failure.kind == "crash"
    assert all(results[request.key].failure is None for request in requests)


def test_death_of_the_server_is_said(project):
    """If the server itself is killed, all that is left fails with its own kind, and nothing stays behind."""
    project.write(
        "builders.py",
        """
        import os, signal, time
        from pathlib import Path

        def killer():
            stat = Path(f"/proc/{os.getppid()}/stat").read_text()
            Path("pid").write_text(str(os.getpid()))
            os.kill(int(stat.rpartition(")")[2].split()[1]), signal.SIGKILL)
            time.sleep(60)
        """,
    )
    result = project.one("builders:killer")
    assert result.failure.kind == "execution"
    wait_until_gone(int((project.folder / "pid").read_text()))


def test_interpreter_that_cannot_be_started_is_said(good):
    """A wrong `python` is a failure of each figure, not an exception."""
    (result,) = good.run("builders:figure", store=False, python="/no/such/python").values()
    assert result.failure.kind == "execution"
    assert "/no/such" not in result.failure.message


def test_interrupt_ends_everything(project):
    """Ctrl-C during the run goes through, and leaves no process."""
    project.write(
        "builders.py",
        "import time\nfrom sphinx_tape import Tape\n"
        "def slow():\n    time.sleep(60)\ndef figure():\n    return Tape().leaf(1.0)\n",
    )

    def interrupt(_request, _executed):
        raise KeyboardInterrupt

    requests = [FigureRequest(reference=f"builders:{name}") for name in ("figure", "slow")]
    with pytest.raises(KeyboardInterrupt):
        run_requests(requests, project.settings(), Store(None, project.folder), interrupt)
    assert children() == []


def runner_of(project, *, store=True, **changes):
    kept = Store(project.store_folder if store else None, project.folder)
    return Runner(project.settings(**changes), kept)


def test_requests_can_be_run_ahead(good):
    """What is ordered while pages are read is not run again; what is new joins it."""
    good.write(
        "counted.py",
        """
        from sphinx_tape import Tape

        def figure(n=0):
            with open(f"ran-{n}", "a") as file:
                file.write("x")
            return Tape().leaf(float(n))
        """,
    )
    requests = [FigureRequest(reference="counted:figure", arguments=f"n={n}") for n in range(6)]
    runner = runner_of(good)
    runner.order(requests[:2])
    runner.order(requests[1:4])
    time.sleep(0.7)
    told = []
    results = runner.finish(requests[1:], lambda request, executed: told.append((request.key, executed)))
    assert sorted(results) == sorted(request.key for request in requests[1:])
    assert [value(results[request.key]) for request in requests[1:]] == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert sorted(told) == sorted((request.key, True) for request in requests[1:])
    assert {path.name: path.read_text() for path in good.folder.glob("ran-*")} == {
        f"ran-{n}": "x" for n in range(6)
    }
    again = runner_of(good)
    again.order(requests)
    assert list(again.finish(requests)) == [request.key for request in requests]
    assert (good.folder / "ran-0").read_text() == "x"
    assert children() == []


def test_answers_that_nobody_reads_yet_do_not_stop_the_work(project):
    """More answers than a pipe can hold wait in the server, while it goes on."""
    project.write(
        "builders.py",
        """
        from pathlib import Path
        import numpy as np
        from sphinx_tape import Tape

        def figure(n=0):
            Path(f"ran-{n}").touch()
            return Tape().leaf(np.random.normal(size=(16, 16)) + n).exp().sum()
        """,
    )
    requests = [FigureRequest(reference="builders:figure", arguments=f"n={n}") for n in range(30)]
    runner = runner_of(project, store=False)
    runner.order(requests)
    deadline = time.monotonic() + 60
    while len(list(project.folder.glob("ran-*"))) < 30 and time.monotonic() < deadline:
        time.sleep(0.02)
    results = runner.finish(requests)
    assert sum(len(results[request.key].report.nodes) for request in requests) == 90


def test_server_that_is_not_needed_goes_as_it_came(good):
    """It may be started in good faith."""
    runner = runner_of(good)
    runner.start()
    # A process that has just begun has no command line for a moment.
    deadline = time.monotonic() + 30
    while not children() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(children()) == 1
    results = runner.finish([FigureRequest(reference="nonsense")])
    assert len(results) == 1
    assert children() == []


@pytest.mark.parametrize("reference", ["builders:figure", "nonsense"])
def test_server_that_was_started_ahead(good, reference):
    """It is used up, whether it was needed or not."""
    server = ServerProcess(good.settings().python)
    request = FigureRequest(reference=reference)
    results = run_requests([request], good.settings(), Store(None, good.folder), server=server)
    assert (results.failure(request.key) is None) == (reference == "builders:figure")
    assert server.complaint == ""
    assert children() == []


def test_build_that_fails_while_it_reads(good):
    """What runs ahead can be ended at any time, more than once."""
    runner = runner_of(good)
    runner.order([FigureRequest(reference="builders:figure")])
    runner.close()
    runner.close()
    assert children() == []


def test_nothing_runs_ahead_if_nothing_may(good):
    """With `execute` off, no server is started."""
    runner = runner_of(good, execute=False)
    runner.start()
    runner.order([FigureRequest(reference="builders:figure")])
    assert children() == []
    assert len(runner.finish([FigureRequest(reference="builders:figure")])) == 0


def test_server_that_cannot_be_started_ahead(good):
    """The fault is said where the results are asked for."""
    runner = runner_of(good, python="/no/such/python")
    request = FigureRequest(reference="builders:figure")
    runner.order([request])
    assert runner.finish([request]).failure(request.key).kind == "execution"


def test_more_time_that_is_read_of_later(project):
    """A figure stopped ahead runs again, if another page allows it more time."""
    project.write(
        "builders.py",
        "import time\nfrom sphinx_tape import Tape\n"
        "def figure():\n    time.sleep(1)\n    return Tape().leaf(1.0)\n",
    )
    short, long = (FigureRequest(reference="builders:figure", timeout=t) for t in (0.3, 60.0))
    runner = runner_of(project)
    runner.order([short])
    assert runner.finish([short, long]).failure(long.key) is None


def test_server_that_is_stuck_is_killed(good, monkeypatch):
    """A server that does not end by itself is not waited for."""
    monkeypatch.setattr("sphinx_tape.execution.server_process.PATIENCE", 0.1)
    server = ServerProcess(good.settings().python)
    os.kill(server._process.pid, signal.SIGSTOP)
    server.close()
    assert server._process.returncode == -signal.SIGKILL


def wait_until_gone(pid, seconds=60.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        stat = Path(f"/proc/{pid}/stat")
        if not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.02)
    pytest.fail(f"process {pid} is still there")


def test_killed_build_leaves_nothing_behind(project):
    """SIGKILL of the build takes server, module, figure and the figure's own daemon with it."""
    project.write(
        "builders.py",
        """
        import os, subprocess, time
        from pathlib import Path

        def figure():
            daemon = subprocess.Popen(["sleep", "60"], start_new_session=True)
            Path("draft").write_text(f"{os.getpid()} {os.getppid()} {daemon.pid}")
            Path("draft").rename("pids")
            time.sleep(60)
        """,
    )
    code = (
        "from pathlib import Path\n"
        "from sphinx_tape.execution.pool import run_requests\n"
        "from sphinx_tape.execution.request import FigureRequest\n"
        "from sphinx_tape.execution.settings import ExecutionSettings\n"
        "from sphinx_tape.execution.store import Store\n"
        f"folder = Path({str(project.folder)!r})\n"
        "run_requests([FigureRequest(reference='builders:figure')], "
        "ExecutionSettings(source_dir=folder), Store(None, folder))\n"
    )
    build = subprocess.Popen([sys.executable, "-c", code])
    pids = project.folder / "pids"
    deadline = time.monotonic() + 60
    while not pids.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    build.send_signal(signal.SIGKILL)
    build.wait()
    for pid in pids.read_text().split():
        wait_until_gone(int(pid))


def test_results_read_reports_late(tmp_path):
    """A damaged report is found when it is asked for, and is a failure then."""
    results = Results(
        {"a": StoredReport("digest", None, None, "rubbish"), "b": Failure(kind="crash", message="m")}
    )
    assert results.digest("a") == "digest"
    assert results["a"].failure.kind == "result"
    assert results.digest("b") == results["b"].digest
    assert results.digest("b") != results["a"].digest
    assert (len(results), list(results)) == (2, ["a", "b"])
    assert results.reverse_failure("b") is None
    with pytest.raises(KeyError):
        results["c"]


def test_settings_survive_the_way_to_the_server(tmp_path):
    """Settings are JSON data on the way; folders are absolute and in order."""
    settings = ExecutionSettings(source_dir=tmp_path, paths=("a", "../b", "a"), modules=("m",), jobs=3)
    assert ExecutionSettings.from_json(settings.to_json()) == settings
    root = os.path.realpath(tmp_path)
    assert settings.roots == (root, f"{root}/a", f"{Path(root).parent}/b")
    assert settings.workers == 3
    assert ExecutionSettings(source_dir=tmp_path).workers >= 1


def test_the_sphinx_process_never_imports_numpy(good):
    """Running figures and reading their reports needs no NumPy where Sphinx runs."""
    code = (
        "import sys; from pathlib import Path\n"
        "from sphinx_tape.execution.pool import run_requests\n"
        "from sphinx_tape.execution.request import FigureRequest\n"
        "from sphinx_tape.execution.settings import ExecutionSettings\n"
        "from sphinx_tape.execution.store import Store\n"
        f"folder = Path({str(good.folder)!r})\n"
        "done = run_requests([FigureRequest(reference='builders:figure')], "
        "ExecutionSettings(source_dir=folder), Store(None, folder))\n"
        "print([len(r.report.nodes) for r in done.values()], 'numpy' in sys.modules)\n"
        "import threading; print(threading.active_count())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[0].startswith("[3] False")
    assert done.stdout.split("\n")[1] == "1"


GATED = """
    import time
    from pathlib import Path
    from sphinx_tape import Tape

    def figure(gate=""):
        while gate and not Path(gate).exists():
            time.sleep(0.02)
        return Tape().leaf(1.0)
"""


def test_one_answer_is_waited_for_alone(project):
    """Another request that still runs is not waited for; what is known appears by itself."""
    project.write("gated.py", GATED)
    free, held = (FigureRequest(reference="gated:figure", arguments=f"gate={gate!r}") for gate in ("", "go"))
    runner = runner_of(project)
    results = runner.results()
    runner.order([free, held], last=True)
    assert runner.runs_all([free, held])
    runner.wait(free.key)
    assert (free.key in results, held.key in results) == (True, False)
    (project.folder / "go").touch()
    runner.wait(held.key)
    assert value(results[held.key]) == 1.0
    assert set(runner.finish([free, held])) == {free.key, held.key}
    assert children() == []


def test_a_request_cannot_be_waited_for_alone_if_it_may_be_run_again(good):
    """It may be stopped before another page has allowed it more time."""
    short, long = (FigureRequest(reference="builders:figure", timeout=t) for t in (20.0, 60.0))
    runner = runner_of(good)
    assert not runner.runs_all([short])
    runner.order([short])
    assert runner.runs_all([short])
    assert not runner.runs_all([short, long])
    runner.close()


def test_a_server_that_dies_ends_the_waiting(project):
    """What it has not answered is a failure, said of each request."""
    project.write("gated.py", GATED)
    request = FigureRequest(reference="gated:figure", arguments="gate='never'")
    runner = runner_of(project)
    runner.order([request], last=True)
    os.kill(runner.server._process.pid, signal.SIGKILL)
    runner.wait(request.key)
    assert runner.results().failure(request.key).kind == "execution"
    assert runner.server is None


@pytest.mark.parametrize("store", [True, False])
def test_reports_that_are_kept_are_not_held_in_memory(good, store):
    """They are read when they are asked for, and known to be gone if they are."""
    request = FigureRequest(reference="builders:figure")
    runner = runner_of(good, store=store)
    results = runner.finish([request])
    assert value(results[request.key]) == 6.0
    assert results.failure(request.key) is None
    if store:
        for path in good.store_folder.rglob("*.json"):
            path.unlink()
        assert results[request.key].failure.kind == "result"


def test_no_bytecode_is_left_beside_builders(good, monkeypatch):
    """Servers keep that of this package, never that of the project."""
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    assert good.one("builders:figure").failure is None
    assert list(good.folder.rglob("__pycache__")) == []
