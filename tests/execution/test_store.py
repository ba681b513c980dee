"""The store: right answers or none, whatever lies in its folder."""

import os
import shutil
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sphinx_tape.execution.fingerprint import Dependencies, content_hash
from sphinx_tape.execution.request import FigureRequest
from sphinx_tape.execution.store import Store, StoredReport, report_key
from sphinx_tape.report.model import ReverseFailure

REQUEST = FigureRequest(reference="a:f", arguments="x=1")
TEXT = '{"a": 1}'


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "a.py").write_text("def f(): ...\n")
    return folder


@pytest.fixture
def entry():
    depends = Dependencies({"a.py": content_hash(b"def f(): ...\n")}, {})
    return StoredReport(content_hash(TEXT.encode()), depends, None, TEXT)


@pytest.fixture
def kept(tmp_path, source, entry):
    """A folder that holds the entry."""
    Store(tmp_path / "store", source).put(REQUEST, entry)
    return tmp_path / "store"


def files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_kept_reports_come_back(kept, source, entry):
    """A later build finds what an earlier one has kept."""
    assert Store(kept, source).get(REQUEST) == entry


def test_reverse_failure_is_kept_beside(tmp_path, source, entry):
    """A failed reverse pass can be said without reading the report."""
    failure = ReverseFailure(subtype="output", message="m", node=3, traceback=("a", "b"))
    report = StoredReport(entry.digest, entry.dependencies, failure, TEXT)
    store = Store(tmp_path / "store", source)
    store.put(REQUEST, report)
    assert store.get(REQUEST) == report


@pytest.mark.parametrize(
    "other",
    [
        FigureRequest(reference="a:g", arguments="x=1"),
        FigureRequest(reference="a:f", arguments="x=2"),
        FigureRequest(reference="a:f", arguments="x=1", output="y"),
        FigureRequest(reference="a:f", arguments="x=1", seed="2"),
    ],
)
def test_other_requests_are_misses(kept, source, other):
    """Everything that is asked is part of the key."""
    assert Store(kept, source).get(other) is None


def test_time_limit_is_not_part_of_the_key(kept, source):
    """A longer time limit does not run a figure again."""
    assert Store(kept, source).get(FigureRequest(reference="a:f", arguments="x=1", timeout=5)) is not None


def test_other_code_is_a_miss(kept, source, monkeypatch):
    """What an earlier state of our own code has made is made again."""
    monkeypatch.setattr("sphinx_tape.execution.store.code_fingerprint", lambda: "other")
    assert Store(kept, source).get(REQUEST) is None


def test_another_version_is_a_miss(kept, source, monkeypatch):
    """Another version of the package asks anew; another schema is other code of ours."""
    monkeypatch.setattr("sphinx_tape.execution.store.VERSION", "other")
    assert Store(kept, source).get(REQUEST) is None


def test_changed_content_is_a_miss_and_changed_times_are_not(kept, source):
    """Only content counts: a fresh checkout has new times, an edit may keep size and time."""
    file = source / "a.py"
    os.utime(file, (1, 1))
    assert Store(kept, source).get(REQUEST) is not None
    status = file.stat()
    file.write_text("def g(): ...\n")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert Store(kept, source).get(REQUEST) is None


def test_missing_dependency_is_a_miss(kept, source):
    """A file that is gone is a change."""
    (source / "a.py").unlink()
    assert Store(kept, source).get(REQUEST) is None


def test_a_checkout_elsewhere_finds_its_results(kept, source, tmp_path):
    """Paths are kept relative to the source folder."""
    elsewhere = tmp_path / "other" / "place"
    shutil.copytree(source, elsewhere)
    shutil.rmtree(source)
    assert Store(kept, elsewhere).get(REQUEST) is not None


def test_changed_library_is_a_miss(tmp_path, source, entry):
    """A result made with another version of a library is not shown."""
    depends = Dependencies(entry.dependencies.files, {"numpy": "0.1"})
    store = Store(tmp_path / "store", source)
    store.put(REQUEST, StoredReport(entry.digest, depends, None, TEXT))
    assert store.get(REQUEST) is None


@pytest.mark.parametrize("cut", [0, 1, 10, -10, -1])
def test_truncated_entries_are_misses(kept, source, cut):
    """Whatever part of an entry is left, it is not an answer."""
    (path,) = files(kept)
    path.write_bytes(path.read_bytes()[:cut])
    assert Store(kept, source).get(REQUEST) is None


def test_an_entry_under_another_name_is_a_miss(kept, source, entry):
    """Whole, but the answer to something else: as bad as no answer."""
    other = FigureRequest(reference="a:f", arguments="x=2")
    store = Store(kept, source)
    store.put(other, StoredReport(content_hash(b"{}"), entry.dependencies, None, "{}"))
    store.put_positions("one", [1])
    store.put_positions("two", [2])
    for kind in ("reports", "drawn"):
        first, second = files(kept / kind)
        content = first.read_bytes()
        first.write_bytes(second.read_bytes())
        second.write_bytes(content)
    assert (store.get(REQUEST), store.get(other)) == (None, None)
    assert (store.get_positions("one"), store.get_positions("two")) == (None, None)


def test_every_flipped_byte_is_a_miss_or_harmless(kept, source, entry):
    """No damage to an entry changes an answer."""
    (path,) = files(kept)
    content = path.read_bytes()
    for position in range(len(content)):
        path.write_bytes(content[:position] + bytes([content[position] ^ 1]) + content[position + 1 :])
        found = Store(kept, source).get(REQUEST)
        assert found is None or found.text == entry.text


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=200))
def test_rubbish_is_a_miss(kept, source, rubbish):
    """No content of an entry raises anything."""
    (path,) = files(kept)
    path.write_bytes(rubbish)
    assert Store(kept, source).get(REQUEST) is None
    path.write_bytes(rubbish + b"\n" + TEXT.encode())
    assert Store(kept, source).get(REQUEST) is None


def test_folder_in_place_of_an_entry(kept, source, entry):
    """A folder where a file should be is a miss, and a complaint when it cannot be replaced."""
    (path,) = files(kept)
    path.unlink()
    (path / "inside").mkdir(parents=True)
    said = []
    store = Store(kept, source, said.append)
    assert store.get(REQUEST) is None
    store.put(REQUEST, entry)
    assert len(said) == 1
    assert not [path for path in files(kept) if path.suffix == ".tmp"]


def test_folder_that_cannot_be_written_is_said_once(tmp_path, source, entry):
    """The build goes on without a store."""
    (tmp_path / "store").write_text("a file, not a folder")
    said = []
    store = Store(tmp_path / "store", source, said.append)
    for _ in range(3):
        store.put(REQUEST, entry)
        store.put_positions("k", [1])
    (message,) = said
    assert message.startswith("result store must be writable (got ")
    assert str(tmp_path) not in message
    Store(tmp_path / "store", source).put(REQUEST, entry)


def test_no_folder_forgets_everything(source, entry):
    """Without a folder nothing is kept, and nothing is complained about."""
    store = Store(None, source)
    store.put(REQUEST, entry)
    store.put_positions("k", [1])
    assert (store.get(REQUEST), store.get_positions("k"), store.prune()) == (None, None, 0)


def test_positions(tmp_path, source):
    """Positions are JSON under a key of the caller's, and damaged ones are forgotten."""
    store = Store(tmp_path / "store", source)
    store.put_positions("graph 1", {"nodes": [[1.5, 2.0]]})
    assert store.get_positions("graph 1") == {"nodes": [[1.5, 2.0]]}
    assert [store.has_drawn(name) for name in ("graph 1", "graph 2")] == [True, False]
    assert store.get_positions("graph 2") is None
    (path,) = files(tmp_path / "store")
    path.write_text(path.read_text().replace("1.5", "1.6"))
    assert store.get_positions("graph 1") is None


@pytest.mark.parametrize("text", ["<td>β→∂", 'a\n\r\n"b"\\ \0', "lone \ud800 surrogate"])
def test_texts_are_kept_as_they_are(tmp_path, source, text):
    """Whatever characters they have; a damaged one is none."""
    store = Store(tmp_path / "store", source)
    store.put_text("page", text)
    assert store.get_text("page") == text
    assert store.get_text("other") == ""
    (path,) = files(tmp_path / "store")
    path.write_bytes(path.read_bytes()[:-1])
    assert store.get_text("page") == ""
    Store(None, source).put_text("page", text)
    assert Store(None, source).get_text("page") == ""


def test_empty(tmp_path, source, entry):
    """A store is empty until something is kept; without a folder it stays so."""
    store = Store(tmp_path / "store", source)
    assert store.is_empty()
    store.put(REQUEST, entry)
    assert not store.is_empty()
    assert Store(None, source).is_empty()


def test_prune(tmp_path, source, entry):
    """The newest entries stay; so do drafts that a running build may still be writing."""
    store = Store(tmp_path / "store", source)
    for number in range(5):
        store.put(FigureRequest(reference="a:f", arguments=f"x={number}"), entry)
    oldest = files(tmp_path / "store")[0]
    os.utime(oldest, (1, 1))
    young, old = tmp_path / "store" / "young.tmp", tmp_path / "store" / "old.tmp"
    young.touch()
    old.touch()
    os.utime(old, (time.time() - 10_000,) * 2)
    assert store.prune(keep=4) == 2
    assert not oldest.exists()
    assert not old.exists()
    assert young.exists()
    assert len(files(tmp_path / "store")) == 5


def test_two_builds_at_once_leave_whole_entries(tmp_path, source, entry):
    """Writers in different processes replace each other's entries as a whole."""
    children = []
    for _ in range(4):
        pid = os.fork()
        if pid == 0:
            store = Store(tmp_path / "store", source)
            for _ in range(50):
                store.put(REQUEST, entry)
            os._exit(0)
        children.append(pid)
    reader = Store(tmp_path / "store", source)
    seen = [reader.get(REQUEST) for _ in range(200)]
    for pid in children:
        os.waitpid(pid, 0)
    first = next((i for i, found in enumerate(seen) if found is not None), len(seen))
    assert all(found == entry for found in seen[first:])
    assert len(files(tmp_path / "store")) == 1
    assert Path(files(tmp_path / "store")[0]).suffix == ".json"


def test_a_report_is_found_by_its_key_alone(tmp_path, source, entry):
    """Whoever draws it has no request; a store that forgets says so."""
    store = Store(tmp_path / "store", source)
    store.put(REQUEST, entry)
    assert store.report_text(report_key(REQUEST)) == entry.text
    assert store.report_text("nobody's") == ""
    assert store.keeps
    assert not Store(None, source).keeps
    (tmp_path / "file").write_text("in the way")
    blocked = Store(tmp_path / "file", source)
    blocked.put(REQUEST, entry)
    assert not blocked.keeps
