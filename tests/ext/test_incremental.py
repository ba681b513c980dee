"""What is read, run, placed and written again, and what is not."""

from __future__ import annotations

import json

import pytest
from sphinx.util.parallel import parallel_available

OTHER = '''
from sphinx_tape import Tape


def line(k=2.0):
    """k x."""
    tape = Tape()
    return (tape.leaf(5.0, name="x") * k).named("y")
'''


@pytest.fixture
def notes(project):
    """Return two pages of figures from two modules, and one page of prose."""
    project.write("other.py", OTHER)
    project.write("index.rst", "Notes\n=====\n\n.. toctree::\n\n   one\n   two\n   prose\n")
    project.write("one.rst", "One\n===\n\n.. tape-trace:: tapes:neuron\n")
    project.write("two.md", "# Two\n\n```{tape-grads} other:line\n```\n")
    project.write("prose.rst", "Prose\n=====\n\nWords.\n")
    return project


def edit_line(notes, factor):
    """Change the second module: the gradient of x is the factor."""
    notes.write("other.py", OTHER.replace("k=2.0", f"k={factor}"))


def edit_neuron(notes, bias):
    """Change the first module: the loss is (7 + bias - 1 - 10)^2 ."""
    path = notes.folder / "tapes.py"
    path.write_text(path.read_text().replace("b=1.0", f"b={bias}"))


def test_a_build_without_a_change_does_nothing(notes):
    """Nothing is read, run or written, and no file of ours is touched."""
    notes.build()
    files = {path: path.stat().st_mtime_ns for path in (notes.folder / "_build/doctrees/tape").rglob("*")}
    again = notes.build()
    assert (again.read, again.written, notes.runs) == (0, [], 1)
    assert {path: path.stat().st_mtime_ns for path in files} == files
    assert "running tape builders" not in again.status
    assert "no targets are out of date" in again.status


def test_an_edited_builder_rewrites_its_pages_and_reads_none(notes):
    """Only the figures concerned are run, only their pages are written."""
    notes.build()
    edit_line(notes, "-3.25")
    again = notes.build()
    assert (again.read, again.written, notes.runs) == (0, ["two"], 1)
    assert "-3.25" in again.text("two.html")
    assert "running tape builders... [100%] other:line" in again.status
    assert notes.build().written == []


def test_edited_prose_runs_nothing(notes):
    """Words are not code."""
    notes.build()
    notes.write("one.rst", "One\n===\n\nMore.\n\n.. tape-trace:: tapes:neuron\n")
    again = notes.build()
    assert (again.read, again.written, notes.runs) == (1, ["one"], 1)


def test_a_display_option_runs_nothing(notes):
    """Precision is not part of a result."""
    notes.build()
    notes.write("two.md", "# Two\n\n```{tape-grads} other:line\n:precision: 2\n```\n")
    again = notes.build()
    assert "running tape builders" not in again.status
    assert again.written == ["two"]


def test_a_display_setting_rewrites_pages_and_reads_none(notes):
    """A setting changes figures, not pages; nothing is run."""
    notes.build()
    again = notes.build(tape_direction="TB")
    assert (again.read, again.written, notes.runs) == (0, ["one", "two"], 1)


def test_every_output_folder_gets_the_new_numbers(notes):
    """html, edit, text, html again: the doctrees are shared, the freshness is not."""
    notes.build("html")
    notes.build("text")
    edit_line(notes, "-3.25")
    assert "-3.25" in notes.build("text").text("two.txt")
    html = notes.build("html")
    assert (html.read, html.written) == (0, ["two"])
    assert "-3.25" in html.text("two.html")


def test_a_folder_built_long_ago_gets_the_new_numbers(notes):
    """Two edits later, one of them undone for the page in question."""
    notes.build("html")
    for factor in ("-3.25", "-4.5"):
        edit_line(notes, factor)
        notes.build("text")
    assert "-4.5" in notes.build("html").text("two.html")
    edit_line(notes, "2.0")
    notes.build("text")
    assert "-4.5" not in notes.build("html").text("two.html")


def test_a_killed_build_leaves_no_page_that_passes_for_new(notes):
    """The memory of a page goes before the page is written: undoing the edit does not hide it."""
    notes.build("html")
    edit_line(notes, "-3.25")
    app = notes.app("html")
    app.connect("write-started", _die)
    with pytest.raises(KeyboardInterrupt):
        app.build()
    app.cleanup()
    edit_line(notes, "2.0")
    assert notes.build("html").written == ["two"]


def _die(*_):
    raise KeyboardInterrupt


def test_a_page_that_was_not_written_is_not_remembered(notes):
    """Building named files only, as `sphinx-build out index.rst` does, leaves the others outdated."""
    notes.build("html")
    edit_line(notes, "-3.25")
    app = notes.app("html")
    app.build(filenames=[str(notes.folder / "one.rst")])
    app.cleanup()
    assert notes.build("html").written == ["two"]


def test_a_fresh_environment_with_a_kept_store_runs_nothing(notes, tmp_path):
    """As CI does it: everything is read and written, nothing executed."""
    store = str(tmp_path / "store")
    notes.build("html", tape_store=store)
    again = notes.build("html", build_dir="_elsewhere", tape_store=store)
    assert (again.read, notes.runs) == (4, 1)
    assert "running tape builders" not in again.status


def test_a_rubbish_memory_writes_everything_again(notes):
    """A damaged file costs time, never correctness."""
    notes.build("html")
    (memory,) = (notes.folder / "_build/doctrees/tape").glob("written-*.json")
    for rubbish in ("", "[1]", '{"one": 3}', "\udcff"):
        memory.write_bytes(rubbish.encode("utf-8", "surrogateescape"))
        assert notes.build("html").written == ["one", "two"]
    assert set(json.loads(memory.read_text())) == {"one", "two"}


def test_ten_builds_in_one_process_are_right_each_time(notes):
    """As sphinx-autobuild does: one application, edits in between."""
    from tests.ext.conftest import built

    app = notes.app("html")
    app.build()
    built(app)
    for number in range(9):
        factor = f"{number}.125"
        edit_line(notes, factor)
        if number % 3 == 0:
            notes.write("one.rst", f"One\n===\n\nEdit {number}.\n\n.. tape-trace:: tapes:neuron\n")
        app.build()
        now = built(app)
        assert now.warnings == []
        assert now.read == (number % 3 == 0)
        assert "two" in now.written
        assert f">{factor}<" in now.text("two.html")
    app.cleanup()
    assert notes.runs == 1


def test_a_removed_page_is_forgotten(notes):
    """Its figures are neither run nor remembered."""
    notes.build("html")
    (notes.folder / "two.md").unlink()
    notes.write("index.rst", "Notes\n=====\n\n.. toctree::\n\n   one\n   prose\n")
    (notes.folder / "other.py").unlink()
    assert notes.build("html").warnings == []


@pytest.mark.skipif(not parallel_available, reason="Sphinx builds in parallel on POSIX only")
@pytest.mark.parametrize("builder", ["html", "text"])
def test_a_parallel_build_gives_the_same_bytes(notes, builder):
    """Four readers and writers, or one: same files, no warning; the second build does nothing."""
    for number in range(6):
        notes.write(
            f"more{number}.rst", f"More\n====\n\n.. tape-grads:: tapes:neuron\n   :arguments: x={number}.5\n"
        )
    pages = "\n   ".join(["one", "two", "prose", *(f"more{number}" for number in range(6))])
    notes.write("index.rst", f"Notes\n=====\n\n.. toctree::\n\n   {pages}\n")
    serial = notes.build(builder, build_dir="_serial")
    parallel = notes.build(builder, build_dir="_parallel", parallel=4)
    assert parallel.warnings == serial.warnings == []
    names = sorted(path.relative_to(serial.folder) for path in serial.folder.rglob("*.*") if path.is_file())
    compared = [name for name in names if name.suffix in {".html", ".txt", ".css", ".js"}]
    assert len(compared) >= 9
    for name in compared:
        assert (serial.folder / name).read_bytes() == (parallel.folder / name).read_bytes(), name
    assert notes.build(builder, build_dir="_parallel", parallel=4).written == []
    notes.write("more3.rst", "More\n====\n\n.. tape-grads:: tapes:neuron\n   :arguments: x=9.5\n")
    third = notes.build(builder, build_dir="_parallel", parallel=4)
    assert third.written == ["more3"]
    assert third.warnings == []
