"""Whatever happens to the folder of kept results: pages are the same, and builds go on."""

from __future__ import annotations

import random
import shutil

import pytest

from tests.outputs.projects import Notes


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Notes built once, undisturbed, with a store; and what came of it."""
    folder = tmp_path_factory.mktemp("whole")
    notes = Notes(folder / "notes").write()
    return folder, notes.build("html", "_out", "-D", f"tape_store={folder / 'store'}")


def copy(whole, tmp_path):
    """Return fresh notes, and a copy of the store that the undisturbed ones have left."""
    shutil.copytree(whole[0] / "store", tmp_path / "store")
    return Notes(tmp_path / "notes").write(), tmp_path / "store"


def entries(store):
    """Files of a store."""
    return sorted(path for path in store.rglob("*") if path.is_file())


def cut(path, chance):
    path.write_bytes(path.read_bytes()[: chance.randrange(path.stat().st_size)])


def rubbish(path, chance):
    path.write_bytes(chance.randbytes(200))


def other_text(path, chance):
    path.write_text(chance.choice(["{}", "[]", "null", '{"a": [1, 2]}\n{}', "\n\n", "[" * 100_000]))


def folder(path, _chance):
    path.unlink()
    path.mkdir()


def swapped(path, chance):
    others = [other for other in entries(path.parents[1]) if other != path]
    shutil.copy(chance.choice(others), path)


@pytest.mark.parametrize("spoil", [cut, rubbish, other_text, swapped])
def test_a_damaged_store_costs_time_only(whole, tmp_path, spoil):
    """Every entry is damaged; figures are run again, pages and warnings stay the same."""
    notes, store = copy(whole, tmp_path)
    chance = random.Random(0)  # noqa: S311 -- damage of a test, no secret
    for path in entries(store):
        spoil(path, chance)
    for name in ("stray.tmp", "stray.json", "Thumbs.db"):
        (store / name).write_text("not ours")
    again = notes.build("html", "_out", "-j", "4", "-D", f"tape_store={store}")
    assert again == whole[1]
    runs = notes.runs
    assert runs > 0
    # What was damaged has been replaced: a build from nothing finds everything kept.
    assert notes.build("html", "_out", "-j", "1", "-E", "-D", f"tape_store={store}") == whole[1]
    assert notes.runs == runs


def test_a_kept_store_runs_nothing(whole, tmp_path):
    """The checks above can fail: undamaged, no figure is run."""
    notes, store = copy(whole, tmp_path)
    assert notes.build("html", "_out", "-D", f"tape_store={store}") == whole[1]
    assert notes.runs == 0


@pytest.mark.parametrize("place", ["/proc/sphinx-tape", "conf.py/store", "folders"])
def test_a_store_that_cannot_be_written_is_said_once(whole, tmp_path, place):
    """No such folder can be made, or folders lie where files should be: one warning, and whole pages."""
    notes, store = copy(whole, tmp_path)
    if place == "folders":
        for path in entries(store):
            folder(path, None)
        place = str(store)
    built = notes.build("html", "_out", "-j", "4", "-D", f"tape_store={place}")
    assert built.files == whole[1].files
    extra = [warning for warning in built.warnings if warning not in whole[1].warnings]
    assert len(extra) == 1
    assert "result store must be writable" in extra[0]
    assert extra[0].endswith("[tape.execution]")


def test_two_builds_at_once_share_a_store(whole, tmp_path):
    """Several builds fill one empty store at the same time; each is as if it were alone."""
    store = f"tape_store={tmp_path / 'store'}"
    projects = [Notes(tmp_path / f"notes{number}").write() for number in range(3)]
    started = [notes.start("html", "_out", "-j", "2", "-D", store) for notes in projects]
    builts = [notes.finish(process, "_out") for notes, process in zip(projects, started, strict=True)]
    assert builts == [whole[1]] * 3
    last = Notes(tmp_path / "last").write()
    assert last.build("html", "_out", "-D", store) == whole[1]
    assert last.runs == 0


def test_two_builds_at_once_of_one_folder(tmp_path, whole):
    """Even doctrees and pages may be shared, as if two people built: the next build is right."""
    notes = Notes(tmp_path / "notes").write()
    started = [notes.start("html", "_out") for _ in range(2)]
    for process in started:
        process.communicate()
    assert notes.build("html", "_out").files == whole[1].files
