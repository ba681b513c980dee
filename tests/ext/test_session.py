"""`ext.session`, `ext.build`, `ext.run`: one application over many builds."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

import pytest

from sphinx_tape.execution import server_process
from sphinx_tape.ext import drawing_client
from sphinx_tape.ext import run as run_module
from sphinx_tape.ext.ahead import Ahead
from sphinx_tape.ext.drawing_client import IdleDrawer
from sphinx_tape.ext.session import TapeSession
from tests.processes import forks, needs_proc
from tests.support import require_program


@pytest.fixture
def every_server(monkeypatch):
    """Return the servers that a build starts, by what they do."""
    servers = {drawing_client.DRAW: [], server_process.RUN_BUILDERS: []}
    start = server_process.ServerProcess.__init__

    def note(self, python, call=server_process.RUN_BUILDERS, **named):
        start(self, python, call, **named)
        servers[call].append(self)

    monkeypatch.setattr(server_process.ServerProcess, "__init__", note)
    return servers


@pytest.fixture
def started(every_server):
    """Return the servers that a build starts to run builders, in order."""
    return every_server[server_process.RUN_BUILDERS]


@pytest.fixture
def sent(monkeypatch):
    """Return what servers are sent."""
    orders = []
    monkeypatch.setattr(server_process.ServerProcess, "send", lambda _self, *order: orders.extend(order))
    return orders


def closed(server):
    """Whether a server is gone."""
    return server._process.poll() is not None


FIGURE = "Notes\n=====\n\n.. tape-view:: tapes:neuron\n"


def test_the_first_build_starts_one_server_before_reading(project, started):
    """Loading NumPy takes as long as reading; the server is used up by the build."""
    project.write("index.rst", FIGURE)
    when = []
    app = project.app("text")
    app.connect("source-read", lambda *_: when.append(len(started)))
    app.build()
    app.cleanup()
    assert when == [1]
    assert len(started) == 1
    assert closed(started[0])


def test_no_server_is_started_ahead_where_results_are_kept(project, started):
    """Most builds run nothing or little."""
    project.write("index.rst", FIGURE)
    project.build("text")
    project.write("index.rst", FIGURE + "\nMore.\n")
    project.build("text")
    assert len(started) == 1


def test_no_server_is_started_with_execution_off(project, started):
    """Nothing will be run."""
    project.write("index.rst", FIGURE)
    project.build("text", tape_execute=False)
    assert started == []


@pytest.mark.parametrize("builder", ["gettext", "linkcheck"])
def test_builders_that_show_no_figures_use_no_server(project, started, sent, builder):
    """Which builder there will be is not known when the first server of a project is started."""
    project.write("index.rst", FIGURE)
    project.build(builder)
    assert [closed(server) for server in started] == [True]
    project.write("index.rst", FIGURE + "\nMore.\n")
    project.build(builder)
    assert len(started) == 1
    assert sent == []


def test_the_first_server_of_a_project_is_started_when_the_extension_is_loaded(project, started):
    """It loads what it needs while Sphinx goes on loading."""
    project.write("index.rst", FIGURE)
    app = project.app("text")
    assert len(started) == 1
    app.build()
    app.cleanup()
    assert [closed(server) for server in started] == [True]


@forks
@pytest.mark.parametrize("builder", ["html", "text"])
def test_so_is_the_first_one_that_draws(project, every_server, builder):
    """Where nothing is drawn, it goes unused."""
    figures = (f".. tape-view:: tapes:neuron\n   :caption: {number}\n\n" for number in range(9))
    project.write("index.rst", "Notes\n=====\n\n" + "".join(figures))
    app = project.app(builder, tape_jobs=2)
    (server,) = every_server[drawing_client.DRAW]
    app.build()
    app.cleanup()
    assert every_server[drawing_client.DRAW] == [server]
    assert closed(server)


def test_one_process_at_a_time_draws_by_itself(project, every_server):
    """Then the process that writes does it."""
    project.write("index.rst", FIGURE)
    project.build("html", tape_jobs=1)
    assert every_server[drawing_client.DRAW] == []


@forks
def test_an_application_that_builds_nothing_leaves_no_server(every_server):
    """It goes with what would have used it."""
    session = TapeSession(Ahead(server_process.ServerProcess(sys.executable), IdleDrawer.start()))
    (servers,) = zip(*every_server.values(), strict=True)
    assert not any(map(closed, servers))
    del session
    assert all(map(closed, servers))


def test_what_is_loaded_is_left_alone_by_the_garbage_collector_once(project, monkeypatch):
    """A process that makes many applications keeps no rubbish of theirs."""
    project.write("index.rst", FIGURE)
    frozen = []
    monkeypatch.setattr(gc, "freeze", lambda: frozen.append("all"))
    monkeypatch.setattr(gc, "get_freeze_count", lambda: len(frozen))
    for _ in range(2):
        project.app("text").cleanup()
    assert frozen == ["all"]


def test_a_project_without_figures_starts_a_server_for_a_first_build_only(project, started):
    """It cannot be known before; it is ended unused."""
    project.write("index.rst", "Notes\n=====\n")
    project.build("text")
    assert [closed(server) for server in started] == [True]
    project.write("index.rst", "Notes\n=====\n\nMore.\n")
    project.build("text")
    assert len(started) == 1


def test_a_build_that_fails_while_reading_leaves_no_server(project, started):
    """Whatever goes wrong between its start and its use."""
    project.write("index.rst", FIGURE)
    app = project.app("text")

    def fail(*_):
        raise ValueError("stop")  # noqa: EM101 -- stands for any fault of another extension

    app.connect("source-read", fail)
    with pytest.raises(Exception, match="stop"):
        app.build()
    app.cleanup()
    assert [closed(server) for server in started] == [True]


@needs_proc
def test_no_program_that_draws_outlives_a_build(project):
    """Where one application builds many times, none of its builds leaves a process behind."""
    require_program("dot")
    project.write("index.rst", FIGURE + "   :layout: dot\n")
    met = []
    app = project.app("html", tape_jobs=1)  # with more, another process draws
    app.connect("html-page-context", lambda *_: met.append(programs_below()))
    app.build()
    app.cleanup()
    assert "dot" in met[0]
    assert "dot" not in programs_below()


def programs_below():
    """Names of the programs that this process has started."""
    own = os.getpid()
    children = Path(f"/proc/{own}/task/{own}/children").read_text().split()
    return [Path(f"/proc/{child}/comm").read_text().strip() for child in children]


def test_an_interpreter_that_cannot_be_started_is_a_located_failure(project, monkeypatch):
    """The pool says it; starting ahead stays silent."""
    project.write("index.rst", FIGURE)

    def refuse(*_, **__):
        raise OSError(13, "not permitted")

    monkeypatch.setattr(server_process.subprocess, "Popen", refuse)
    (warning,) = project.build("text").warnings
    assert "index.rst:4: WARNING: " in warning
    assert "[tape.execution]" in warning


def test_the_store_is_pruned_only_after_builds_that_added_to_it(project, monkeypatch):
    """With room for every figure of a large project."""
    kept = []
    monkeypatch.setattr(run_module.Store, "prune", lambda _self, keep: kept.append(keep))
    project.write("index.rst", FIGURE)
    project.build("text")
    project.build("text")
    assert kept == [5000]


def test_settings_reach_the_worker(project):
    """Import folders, allowed modules, limits."""
    lib = project.folder.parent / "lib"
    lib.mkdir()
    (lib / "far.py").write_text((project.folder / "tapes.py").read_text())
    project.write("index.rst", "Notes\n=====\n\n.. tape-view:: far:neuron\n")
    assert "[tape.reference]" in project.build("text").warnings[0]
    assert project.build("text", tape_path=["../lib"]).warnings == []
    refused = project.build("text", tape_path=["../lib"], tape_builder_modules=["tapes", "course.*"])
    assert "[tape.reference]" in refused.warnings[0]


def test_the_time_limit_of_a_figure_wins_over_the_setting(project):
    """An endless builder is stopped, and the message says where it stands."""
    project.write("tapes.py", "import time\n\n\ndef endless():\n    time.sleep(60)\n")
    project.write("index.rst", "Notes\n=====\n\n.. tape-view:: tapes:endless\n   :timeout: 0.3\n")
    (warning,) = project.build("text", tape_timeout=50).warnings
    assert "index.rst:4: WARNING: " in warning
    assert warning.endswith("[tape.timeout]")


def test_a_removed_result_is_made_again(project):
    """The store may be emptied at any time between builds."""
    import shutil

    project.write("index.rst", FIGURE)
    project.build("html")
    shutil.rmtree(project.folder / "_build/doctrees/tape/store")
    again = project.build("html")
    assert (again.warnings, again.written, project.runs) == ([], [], 2)
    assert "square" in again.text("index.html")


def test_nothing_of_the_project_is_imported_in_the_sphinx_process(project):
    """Builders run elsewhere."""
    import sys

    project.write("index.rst", FIGURE)
    project.build("text")
    assert "tapes" not in sys.modules
    assert os.fspath(project.folder) not in sys.path


ONLY = """
Notes
=====

.. only:: text and not never

   .. only:: not html

      .. tape-view:: tapes:raises

.. only:: html

   .. tape-grads:: tapes:neuron

      For the web

.. only:: text or (

   .. tape-view:: tapes:neuron
"""


def test_figures_for_other_formats_are_not_run(project, started):
    """What `only` hides costs nothing and warns of nothing, until a format shows it; then it does both."""
    project.write("index.rst", ONLY.partition(".. only:: text or")[0])
    shown = project.build("html")
    assert (shown.warnings, project.runs) == ([], 1)
    assert "For the web" in shown.text("index.html")
    assert "tape-failure" not in shown.text("index.html")
    shown = project.build("text")
    assert len(shown.warnings) == 1
    assert "tapes:raises" in shown.warnings[0]
    assert "For the web" not in shown.text("index.txt")
    again = project.build("html")
    assert (again.warnings, again.read, again.written) == ([], 0, [])


def test_a_malformed_condition_shows_its_figure(project):
    """As Sphinx does, which warns of it."""
    project.write("index.rst", "Notes\n=====\n\n.. only" + ONLY.rpartition(".. only")[2])
    built = project.build("text")
    assert "grad" in built.text("index.txt") or "loss" in built.text("index.txt")
    assert [line for line in built.warnings if "tape" in line] == []


def test_a_wrong_option_is_said_in_every_format(project):
    """It is a mistake in the page, whoever shows the figure."""
    project.write(
        "index.rst", "Notes\n=====\n\n.. only:: html\n\n   .. tape-view:: tapes:neuron\n      :open: all\n"
    )
    assert ["open" in line for line in project.build("text").warnings] == [True]


GATED = """
import time
from pathlib import Path

from sphinx_tape import Tape


def late():
    \"\"\"Wait for the page before to be written.\"\"\"
    while not Path(__file__).with_name("_build").joinpath("html", "a.html").exists():
        time.sleep(0.02)
    return Tape().leaf(4321.0, name="x")
"""


@pytest.mark.parametrize("parallel", [0, 3])
def test_pages_of_a_first_build_are_written_while_later_figures_run(project, parallel):
    """Nothing waits for what it does not show."""
    project.write("gated.py", GATED)
    project.write("index.rst", "Notes\n=====\n\n.. toctree::\n\n   a\n   b\n")
    project.write("a.rst", "A\n=\n\n.. tape-view:: tapes:neuron\n")
    project.write("b.rst", "B\n=\n\n.. tape-view:: gated:late\n")
    built = project.build("html", parallel=parallel)
    assert built.warnings == []
    assert "4321" in built.text("b.html")
    assert "running tape builders... [100%]" in built.status
    again = project.build("html", parallel=parallel)
    assert (again.warnings, again.read, again.written) == ([], 0, [])


def test_the_whole_project_is_judged_where_few_pages_are_written(project):
    """A first build of one page: the fault on another one is said, once, and its page is written later."""
    project.write("index.rst", "Notes\n=====\n\n.. toctree::\n\n   a\n   b\n")
    project.write("a.rst", "A\n=\n\n.. tape-view:: tapes:neuron\n")
    project.write("b.rst", "B\n=\n\n.. tape-view:: tapes:raises\n")
    app = project.app("html")
    app.build(filenames=[project.folder / "a.rst"])
    app.cleanup()
    assert app.warning.getvalue().count("[tape.builder]") == 1
    assert not Path(app.outdir, "b.html").exists()
    again = project.build("html")
    assert ["tape.builder" in line for line in again.warnings] == [True]
    assert "tape-failure" in again.text("b.html")


@pytest.mark.parametrize("parallel", [0, 2])
def test_a_fault_of_ours_is_said_again_whichever_process_met_it(project, monkeypatch, parallel):
    """The page is not taken for written as long as a drawing on it breaks."""

    def broken(*_, **__):
        raise RecursionError("too deep")  # noqa: EM101, TRY003 -- stands for any fault

    monkeypatch.setattr("sphinx_tape.ext.drawing.lay_out_fitting", broken)
    project.write("index.rst", "Notes\n=====\n\n.. toctree::\n\n   z\n")
    project.write("z.rst", "Z\n=\n\n.. tape-view:: tapes:neuron\n")
    for _ in range(2):
        built = project.build("html", parallel=parallel, tape_jobs=1)
        assert ["[tape.layout]" in line for line in built.warnings] == [True]
        assert built.written == ["z"]
    monkeypatch.undo()
    built = project.build("html", parallel=parallel, tape_jobs=1)
    assert (built.warnings, built.written) == ([], ["z"])
    assert project.build("html", parallel=parallel, tape_jobs=1).written == []
