"""`ext.drawings`, `drawing_client`, `drawing_server`, `drawer`: figures drawn beside Sphinx."""

from __future__ import annotations

import json
import os
import re
import signal
from contextlib import contextmanager

import pytest

from sphinx_tape.execution.lines import Orders
from sphinx_tape.execution.server_process import ServerProcess
from sphinx_tape.ext import bodies, drawing_client
from sphinx_tape.ext.drawing_log import DrawingLog
from sphinx_tape.ext.drawing_order import DrawingOrder, DrawingSettings
from sphinx_tape.ext.drawing_server import DrawingServer
from sphinx_tape.render.options import DisplayOptions
from tests.execution.test_server import assert_goes_with_its_client
from tests.processes import forks, needs_proc

COUNT = 12


@pytest.fixture
def notes(project):
    """Return a page of more figures than it takes to start a process."""
    figures = [f".. tape-grads:: tapes:neuron\n   :arguments: x={number}.5\n" for number in range(COUNT)]
    project.write("index.rst", "Notes\n=====\n\n" + "\n".join(figures))
    return project


@pytest.fixture
def made_here(monkeypatch):
    """Return the prefixes of the figures that this process makes itself."""
    made = []
    make = bodies.report_html

    def note(content, prefix):
        made.append(prefix)
        return make(content, prefix)

    monkeypatch.setattr(bodies, "report_html", note)
    return made


@pytest.fixture
def started(monkeypatch):
    """Return the drawing servers that a build starts."""
    servers = []
    start = ServerProcess.__init__

    def note(self, python, *call, **given):
        start(self, python, *call, **given)
        servers.extend([self] if call == (drawing_client.DRAW,) else [])

    monkeypatch.setattr(ServerProcess, "__init__", note)
    return servers


def body(built):
    """The page without what the theme adds."""
    return re.search(r"<section.*</section>", built.text("index.html"), re.DOTALL)[0]


@forks
@pytest.mark.parametrize("parallel", [0, 2])
def test_new_figures_are_drawn_beside_sphinx(notes, made_here, started, parallel):
    """All of them, and the page is the one that Sphinx makes alone."""
    shared = notes.build(build_dir="_shared", tape_jobs=3, parallel=parallel)
    assert made_here == []
    assert [server._process.poll() for server in started] == [0]
    assert "drawing tape figures... [100%]" in shared.status
    alone = notes.build(build_dir="_alone", tape_jobs=1)
    assert len(made_here) == COUNT
    assert len(started) == 1
    assert body(alone) == body(shared)
    assert body(shared).count("<svg ") > COUNT
    assert alone.warnings == shared.warnings == []
    assert "drawing tape figures" not in alone.status


@forks
def test_words_are_translated_beside_sphinx_too(notes, made_here):
    """The server has the catalog of the project."""
    german = notes.build(tape_jobs=2, language="de")
    assert made_here == []
    assert "Gradienten" in body(german)


@forks
def test_known_reports_are_drawn_beside_sphinx_too(notes, made_here):
    """Another format of a kept result: nothing runs, everything is drawn."""
    notes.build("text", tape_jobs=2)
    notes.build("html", tape_jobs=2)
    assert notes.runs == COUNT
    assert made_here == []


@forks
@pytest.mark.parametrize("parallel", [0, 2])
def test_a_server_that_dies_costs_time_and_nothing_else(notes, made_here, started, monkeypatch, parallel):
    """Sphinx makes what is missing."""
    start = drawing_client.DrawingClient.start

    def dying(self):
        start(self)
        os.kill(started[0]._process.pid, signal.SIGKILL)

    monkeypatch.setattr(drawing_client.DrawingClient, "start", dying)
    built = notes.build(tape_jobs=2, parallel=parallel)
    assert built.warnings == []
    assert len(made_here) == COUNT
    assert body(built).count('class="tape tape-grads"') == COUNT


def test_a_server_that_cannot_be_started_costs_time_and_nothing_else(notes, made_here, monkeypatch):
    """Sphinx makes everything."""
    monkeypatch.setattr(drawing_client, "DRAW", "sphinx_tape.no_such_module:main")
    assert notes.build(tape_jobs=2).warnings == []
    assert len(made_here) == COUNT


@forks
def test_positions_for_latex_are_made_beside_sphinx_and_text_needs_none(notes, started, monkeypatch):
    """No layout is made by the process that writes LaTeX."""

    def refuse(*_, **__):
        raise AssertionError

    monkeypatch.setattr("sphinx_tape.ext.drawing.lay_out_fitting", refuse)
    asked = []
    with monkeypatch.context() as watched:
        watched.setattr(drawing_client.DrawingClient, "start", asked.append)
        assert notes.build("text", tape_jobs=2).warnings == []
    assert asked == []
    started.clear()  # one was started ahead, when nobody knew what would be built
    assert notes.build("latex", tape_jobs=2).warnings == []
    assert len(started) == 1


def test_a_few_figures_of_many_start_no_process(notes, started):
    """Its start costs more than drawing two figures."""
    notes.build(tape_jobs=4)
    started.clear()
    page = (notes.folder / "index.rst").read_text()
    notes.write("index.rst", page.replace("x=3.5", "x=77.5").replace("x=4.5", "x=78.5"))
    assert notes.build(tape_jobs=4).warnings == []
    assert started == []


def test_a_store_that_cannot_be_written_is_said_once_and_costs_time_only(notes, made_here):
    """Sphinx makes everything, and only once."""
    (notes.folder / "blocked").write_text("a file is in the way")
    built = notes.build(tape_store="blocked", tape_jobs=2)
    (warning,) = built.warnings
    assert "store must be writable" in warning
    assert "[tape.execution]" in warning
    assert body(built).count('class="tape tape-grads"') == COUNT
    assert len(made_here) == COUNT


ORDER = DrawingOrder(
    report="r",
    reverse=True,
    positions="p",
    display=DisplayOptions(view="view", show=("graph",), open=()),
    identity="i",
    alt="",
    terse=True,
    prefix="T1",
    page="index",
    number=1,
)


def test_an_order_survives_json():
    """It crosses a process boundary as a line of text."""
    assert DrawingOrder.from_json(json.loads(json.dumps(ORDER.to_json()))) == ORDER


class Rough:
    """A drawer that can be told to break."""

    def __init__(self, log) -> None:
        self._log = log

    def draw(self, order):
        """Do what the alternative text says."""
        if order.alt == "raise":
            raise RuntimeError
        if order.alt == "exit":
            os._exit(3)
        with self._log.open("a") as file:
            file.write(order.alt + "\n")


@contextmanager
def rough_server(tmp_path, workers):
    """A drawing server with rough drawers: where orders go, where answers come from, its list."""
    asked, orders = os.pipe()
    answers, answered = os.pipe()
    done = DrawingLog()
    pid = os.fork()
    if pid == 0:
        os.close(orders)
        settings = DrawingSettings(
            store=str(tmp_path), page_width=1, program="", workers=workers, html=True, words={}
        )
        server = DrawingServer(settings, Orders(asked, os.getppid()), answered, done.descriptor)
        server._drawer = Rough(tmp_path / "log")
        server.run()
        os._exit(0)
    os.close(answered)
    with os.fdopen(answers, "rb") as lines:
        yield orders, lines, done
        os.close(orders)
        assert lines.read() == b""
    done.close()
    assert os.waitpid(pid, 0)[1] == 0


def line_of(key, **facts):
    """An order as the server reads it."""
    return json.dumps({"key": key, "figure": {**ORDER.to_json(), **facts}}).encode() + b"\n"


@forks
def test_every_order_is_answered_whatever_becomes_of_it(tmp_path):
    """A copy that dies is replaced; none is left when nobody asks any more."""
    fates = ["a", "exit", "raise", "exit", "b", "exit", "c"]
    with rough_server(tmp_path, workers=2) as (orders, lines, done):
        for number, fate in enumerate(fates):
            os.write(orders, line_of(f"k{number}", alt=fate))
        assert {next(lines) for _ in fates} == {b"k%d\n" % number for number in range(len(fates))}
        assert all(done.has(f"k{number}") for number in range(len(fates)))
        assert not done.has("k7")
    assert sorted((tmp_path / "log").read_text().split()) == ["a", "b", "c"]


@forks
def test_what_is_written_first_is_drawn_first(tmp_path):
    """Whatever was run first: a writer that waits for the first figure of its pages waits for all of them."""
    places = [("b", 2), ("a/z", 1), ("b", 1), ("a", 10), ("a", 9), ("b", 2)]
    with rough_server(tmp_path, workers=1) as (orders, lines, _):
        asked = [
            line_of(f"k{index}", page=page, number=number, alt=f"{page}-{number}")
            for index, (page, number) in enumerate(places)
        ]
        os.write(orders, b"".join(asked))
        assert [next(lines) for _ in places] == [b"k4\n", b"k3\n", b"k1\n", b"k2\n", b"k0\n", b"k5\n"]
    assert (tmp_path / "log").read_text().split() == ["a-9", "a-10", "a/z-1", "b-1", "b-2", "b-2"]


@needs_proc
def test_the_server_goes_with_the_process_that_started_it(tmp_path):
    """Also when a reader that was forked from it holds the other end of the pipes, drawing or not."""
    settings = DrawingSettings(store="store", page_width=1, program="", workers=2, html=True, words={})
    first = {"settings": settings._asdict(), "log": 2}
    order = {"key": "k", "figure": ORDER.to_json()}
    for orders in ("", f"server.send({first}); server.send({order})"):
        assert_goes_with_its_client(drawing_client.DRAW, orders, tmp_path)


def test_a_drawing_that_breaks_costs_the_drawing_and_is_said(project, monkeypatch):
    """A fault of ours never ends a build; the tables stay."""
    project.write("index.rst", "Notes\n=====\n\n.. tape-view:: tapes:neuron\n")

    def broken(*_, **__):
        raise RecursionError("too deep")  # noqa: EM101, TRY003 -- stands for any fault

    monkeypatch.setattr("sphinx_tape.ext.drawing.lay_out_fitting", broken)
    for _ in range(2):
        built = project.build("html", tape_jobs=1)
        (warning,) = built.warnings
        assert "rst:4: WARNING: drawing must be possible to make (got RecursionError: too deep)" in warning
        assert warning.endswith("[tape.layout]")
        page = built.text("index.html")
        assert 'class="tape-drawing"' not in page
        assert "A part of this figure could not be made" in page
        assert 'id="T1-row-7"' in page
    latex = project.build("latex")
    assert len(latex.warnings) == 1
    assert "drawing must be possible to make" in latex.text("notes.tex")
    monkeypatch.undo()
    mended = project.build("html")
    assert mended.warnings == []
    assert 'class="tape-drawing"' in mended.text("index.html")


@pytest.mark.parametrize("parallel", [0, 2])
def test_a_page_that_cannot_be_written_costs_one_figure_and_is_said(notes, monkeypatch, parallel):
    """Also where other processes write."""

    def broken(report, *_):
        raise KeyError("nobody expects this")  # noqa: EM101, TRY003 -- stands for any fault

    monkeypatch.setattr("sphinx_tape.ext.bodies.figure_html", broken)
    built = notes.build("html", tape_jobs=1, parallel=parallel)
    assert len(built.warnings) == COUNT
    assert all("figure must be possible to make (got KeyError: " in warning for warning in built.warnings)
    assert body(built).count("A part of this figure could not be made") == COUNT
    monkeypatch.undo()
    assert notes.build("html", tape_jobs=2).warnings == []


@pytest.mark.parametrize("builder", ["text", "latex", "xml"])
def test_nodes_that_cannot_be_made_cost_one_figure_and_are_said(project, monkeypatch, builder):
    """Every format has a box in place of the figure."""
    project.write("index.rst", "Notes\n=====\n\n.. tape-view:: tapes:neuron\n\nAfter.\n")

    def broken(*_, **__):
        raise KeyError("nobody expects this")  # noqa: EM101, TRY003 -- stands for any fault

    monkeypatch.setattr("sphinx_tape.ext.plain.sections", broken)
    built = project.build(builder)
    (warning,) = built.warnings
    assert "index.rst:4: WARNING: figure must be possible to make (got KeyError: " in warning
    (page,) = [path for path in built.folder.iterdir() if path.suffix in {".txt", ".tex", ".xml"}]
    text = " ".join(page.read_text("utf-8").split())
    assert "figure must be possible to make" in text
    assert "After." in text


@pytest.mark.parametrize("rubbish", ['["x", "y"]', "3", '["", "", ""]', '[""]', '["{}", ""]'])
def test_rubbish_in_place_of_positions_is_a_miss(rubbish):
    """The store is a folder that anything may have happened to."""
    import json

    from sphinx_tape.ext.drawing import from_kept
    from tests.render.placing import drawing
    from tests.render.sample_reports import neuron

    assert from_kept(json.loads(rubbish), drawing(neuron())) is None


def test_positions_of_another_graph_are_a_miss():
    """As many boxes and edges, or it is not ours."""
    from sphinx_tape.ext.drawing import from_kept, to_kept
    from sphinx_tape.render.builtin import layout
    from tests.render.placing import drawing
    from tests.render.sample_reports import diamond, neuron

    graph = drawing(neuron())
    kept = to_kept(layout(graph.request("LR")), "because")
    assert from_kept(kept, graph) == (layout(graph.request("LR")), "because")
    assert from_kept(kept, drawing(diamond())) is None
