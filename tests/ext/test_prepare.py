"""`ext.prepare` and `ext.placing`: drawing on all cores, and what happens when that fails."""

from __future__ import annotations

import os
import re

import pytest
from sphinx.util.parallel import parallel_available

from sphinx_tape.ext import prepare as module

COUNT = 12


@pytest.fixture
def notes(project):
    """Return a page of more figures than it takes to start processes."""
    figures = [f".. tape-grads:: tapes:neuron\n   :arguments: x={number}.5\n" for number in range(COUNT)]
    project.write("index.rst", "Notes\n=====\n\n" + "\n".join(figures))
    return project


def body(built):
    """The page without what the theme adds."""
    return re.search(r"<section.*</section>", built.text("index.html"), re.DOTALL)[0]


@pytest.mark.skipif(not parallel_available, reason="Sphinx starts processes by forking, on POSIX only")
def test_new_figures_are_drawn_by_several_processes(notes, tmp_path, monkeypatch):
    """Each figure once, in processes that are not this one; the page is that of a serial build."""
    log = tmp_path / "log"
    make = module.figure_body

    def noting(content, builder):
        with log.open("a") as file:
            file.write(f"{content.figure.number} {os.getpid()}\n")
        return make(content, builder)

    monkeypatch.setattr(module, "figure_body", noting)
    parallel = notes.build(build_dir="_parallel", tape_jobs=3)
    assert "drawing tape figures... [100%]" in parallel.status
    lines = [line.split() for line in log.read_text().splitlines()]
    assert sorted(int(number) for number, _ in lines) == list(range(1, COUNT + 1))
    processes = {process for _, process in lines}
    assert str(os.getpid()) not in processes
    assert len(processes) > 2
    serial = notes.build(build_dir="_serial", tape_jobs=1)
    assert "drawing tape figures" not in serial.status
    assert body(serial) == body(parallel)
    assert body(parallel).count("<svg ") > COUNT


@pytest.mark.skipif(not parallel_available, reason="Sphinx starts processes by forking, on POSIX only")
@pytest.mark.parametrize("fault", ["raise", "exit"])
def test_a_process_that_dies_costs_time_and_nothing_else(notes, monkeypatch, fault):
    """The writer makes what is missing."""
    here = os.getpid()
    make = module.figure_body

    def dying(content, builder):
        if os.getpid() != here and content.figure.number == 7:
            if fault == "exit":
                os._exit(3)
            raise RuntimeError(fault)
        return make(content, builder)

    monkeypatch.setattr(module, "figure_body", dying)
    built = notes.build(tape_jobs=2)
    assert built.warnings == []
    assert body(built).count('class="tape tape-grads"') == COUNT
    monkeypatch.undo()
    assert body(notes.build(build_dir="_whole")) == body(built)


def test_pictures_for_latex_are_placed_beforehand_too(notes):
    """Text needs none, so nothing is started for it."""
    assert "drawing tape figures" in notes.build("latex", tape_jobs=2).status
    assert "drawing tape figures" not in notes.build("text", tape_jobs=2).status


def test_a_few_figures_start_no_process(project):
    """Forking costs more than drawing two figures."""
    project.write("index.rst", "Notes\n=====\n\n.. tape-view:: tapes:neuron\n")
    assert "drawing tape figures" not in project.build(tape_jobs=4).status


def test_a_store_that_cannot_be_written_is_said_once_and_costs_time_only(notes):
    """Everything is made by the writers."""
    (notes.folder / "blocked").write_text("a file is in the way")
    built = notes.build(tape_store="blocked", tape_jobs=2)
    (warning,) = built.warnings
    assert "store must be writable" in warning
    assert "[tape.execution]" in warning
    assert body(built).count('class="tape tape-grads"') == COUNT


def test_a_drawing_that_breaks_costs_the_drawing_and_is_said(project, monkeypatch):
    """A fault of ours never ends a build; the tables stay."""
    project.write("index.rst", "Notes\n=====\n\n.. tape-view:: tapes:neuron\n")

    def broken(*_, **__):
        raise RecursionError("too deep")  # noqa: EM101, TRY003 -- stands for any fault

    monkeypatch.setattr("sphinx_tape.ext.drawing.lay_out_fitting", broken)
    for _ in range(2):
        built = project.build("html")
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


def test_a_page_that_cannot_be_written_costs_one_figure_and_is_said(notes, monkeypatch):
    """Also where other processes write: the fault comes back from there."""

    def broken(report, *_):
        raise KeyError("nobody expects this")  # noqa: EM101, TRY003 -- stands for any fault

    monkeypatch.setattr("sphinx_tape.ext.bodies.figure_html", broken)
    built = notes.build("html", tape_jobs=2)
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
