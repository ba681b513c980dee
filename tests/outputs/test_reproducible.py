"""The same notes give the same bytes: in any folder, with any number of processes, hash seed and store."""

from __future__ import annotations

import pytest

from tests.outputs.projects import Notes

EXPECTED = {"html": "page6.html", "latex": "notes.tex", "text": "page6.txt"}


def differing(one, other):
    """Names of the files that are not the same."""
    names = sorted(set(one.files) | set(other.files))
    return [name for name in names if one.files.get(name) != other.files.get(name)]


@pytest.mark.parametrize("builder", EXPECTED)
def test_same_bytes(tmp_path, builder):
    """Cold in one folder; cold, parallel and with another hash seed elsewhere; there again from the store."""
    here = Notes(tmp_path / "here").write()
    there = Notes(tmp_path / "another place" / "with a longer name").write()
    store = f"tape_store={tmp_path / 'store'}"
    first = here.build(builder, "_out", "-j", "1", seed="1")
    assert EXPECTED[builder] in first.files
    assert [warning.rpartition(" ")[2] for warning in first.warnings] == (
        ["[tape.builder]", "[tape.output]", "[tape.output]"] * 2 + ["[tape.builder]"]
    )
    for output, options, seed in (
        ("_parallel", ["-j", "4", "-D", store], "2"),
        ("_warm", ["-j", "4", "-E", "-D", store], "3"),
        ("_serial", ["-j", "1", "-E", "-D", store], "4"),
    ):
        built = there.build(builder, output, "-d", f"{output}-doctrees", *options, seed=seed)
        assert differing(first, built) == []
        assert built.warnings == first.warnings
    assert there.runs == here.runs


def test_a_difference_would_be_seen(tmp_path):
    """The check above can fail: a builder that shows where it is gives other bytes elsewhere."""
    builts = []
    for name in ("one", "another"):
        notes = Notes(tmp_path / name).write()
        text = (notes.folder / "tapes.py").read_text()
        text = text.replace('name="v"', "name=__file__.split('/')[-2]")
        (notes.folder / "tapes.py").write_text(text)
        builts.append(notes.build("text"))
    assert differing(*builts) == [f"page{number}.txt" for number in range(7)]
