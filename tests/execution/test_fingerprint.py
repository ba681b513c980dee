"""Contents and versions, looked up once per build."""

import pytest

from sphinx_tape.adapters.protocol import GROUP
from sphinx_tape.execution import fingerprint
from sphinx_tape.execution.fingerprint import (
    MISSING,
    Dependencies,
    Fingerprints,
    content_hash,
    installed_version,
    relative_path,
)


def test_file_hash(tmp_path):
    """A file is known by its content; the name may be relative or absolute."""
    (tmp_path / "a").write_bytes(b"abc")
    prints = Fingerprints(tmp_path)
    # SHA-256 of `abc`: FIPS 180-2, appendix B.1.
    assert prints.file("a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert prints.file(str(tmp_path / "a")) == prints.file("a")


@pytest.mark.parametrize("name", ["absent", ".", "a\0b"])
def test_what_is_no_file(tmp_path, name):
    """A missing file, a folder and an impossible name are missing."""
    assert Fingerprints(tmp_path).file(name) == MISSING


def test_each_file_is_read_once(tmp_path, monkeypatch):
    """Hundreds of results depend on the same file; it is hashed once as long as it does not change."""
    (tmp_path / "a").write_bytes(b"abc")
    calls = []
    monkeypatch.setattr(fingerprint, "content_hash", lambda data: calls.append(data) or content_hash(data))
    prints = Fingerprints(tmp_path)
    for _ in range(3):
        prints.file("a")
    assert calls == [b"abc"]
    (tmp_path / "a").write_bytes(b"abcd")
    prints.file("a")
    assert calls == [b"abc", b"abcd"]


def test_versions(monkeypatch):
    """Versions are those of installed distributions; absent ones are empty."""
    assert installed_version("numpy").count(".") >= 1
    assert installed_version("no-such-distribution") == ""
    assert installed_version("") == ""
    calls = []
    monkeypatch.setattr(fingerprint, "installed_version", lambda name: calls.append(name) or "1")
    prints = Fingerprints(".")
    assert [prints.version("a"), prints.version("a")] == ["1", "1"]
    assert calls == ["a"]


def test_unchanged(tmp_path):
    """All files and all versions must be as recorded."""
    (tmp_path / "a").write_bytes(b"abc")
    right = {"a": content_hash(b"abc")}
    numpy = {"numpy": installed_version("numpy")}
    assert Fingerprints(tmp_path).unchanged(Dependencies(right, numpy))
    assert not Fingerprints(tmp_path).unchanged(Dependencies({"a": "other"}, numpy))
    assert not Fingerprints(tmp_path).unchanged(Dependencies(right, {"numpy": "0"}))
    assert Fingerprints(tmp_path).unchanged(Dependencies({"absent": MISSING}, {}))


def test_json():
    """Dependencies are written in one order and read back; anything else is refused."""
    depends = Dependencies({"b": "1", "a": "2"}, {"numpy": "2"})
    assert list(depends.to_json()["files"]) == ["a", "b"]
    assert Dependencies.from_json(depends.to_json()) == depends
    for wrong in ({"files": {"a": 1}, "versions": {}}, {"files": {}, "versions": {"a": None}}):
        with pytest.raises(ValueError, match="text to text"):
            Dependencies.from_json(wrong)


def test_relative_path(tmp_path, monkeypatch):
    """Paths are relative with forward slashes; on another drive they cannot be."""
    assert relative_path(tmp_path / "a" / "b", tmp_path) == "a/b"
    assert relative_path(tmp_path / "b", tmp_path / "a") == "../b"

    def other_drive(*_):
        raise ValueError

    monkeypatch.setattr(fingerprint.os.path, "relpath", other_drive)
    assert relative_path("D:/a", "C:/") == "D:/a"


def test_installed_adapters(tmp_path, monkeypatch):
    """Adapters count with their distributions' versions; a new one, or a new version, is a change."""
    before = installed_version(fingerprint.ADAPTERS)
    monkeypatch.syspath_prepend(tmp_path)
    for version in ("1.0", "1.1"):
        info = tmp_path / "inkgrad_tape.dist-info"
        info.mkdir(exist_ok=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: inkgrad-tape\nVersion: {version}\n")
        (info / "entry_points.txt").write_text("[sphinx_tape.adapters]\ninkgrad = inkgrad_tape\n")
        found = installed_version(fingerprint.ADAPTERS)
        assert found != before
        assert f"inkgrad = inkgrad_tape (inkgrad-tape {version})" in found
    assert fingerprint.ADAPTERS == GROUP
