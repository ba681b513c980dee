"""`ext.freshness`: what each output folder holds, and how that is forgotten in time."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from sphinx_tape.ext.freshness import WrittenPages, digest_of, render_fingerprint


def memory(tmp_path, builder="html", output="out"):
    """The memory of one output folder."""
    return WrittenPages(tmp_path / "tape", builder, tmp_path / output)


def test_what_was_written_is_up_to_date_in_the_next_build(tmp_path):
    """Only pages whose content differs are outdated."""
    first = memory(tmp_path)
    assert first.outdated({"a": "1", "b": "1"}) == ["a", "b"]
    first.remember({"a": "1", "b": "1"}, ["a", "b"])
    assert memory(tmp_path).outdated({"a": "1", "b": "2", "c": "1"}) == ["b", "c"]


def test_a_page_that_was_not_written_stays_outdated(tmp_path):
    """Whatever the reason."""
    first = memory(tmp_path)
    first.outdated({"a": "1", "b": "1"})
    first.remember({"a": "1", "b": "1"}, ["a", "gone"])
    assert memory(tmp_path).outdated({"a": "1", "b": "1"}) == ["b"]


def test_an_outdated_page_is_forgotten_before_it_is_written(tmp_path):
    """A build that dies leaves nobody to vouch for the page, also if the change is undone."""
    first = memory(tmp_path)
    first.outdated({"a": "1"})
    first.remember({"a": "1"}, ["a"])
    memory(tmp_path).outdated({"a": "2"})
    assert memory(tmp_path).outdated({"a": "1"}) == ["a"]


@pytest.mark.parametrize("other", [{"builder": "dirhtml"}, {"output": "elsewhere"}])
def test_every_folder_and_builder_has_its_own_memory(tmp_path, other):
    """The doctrees are shared; outputs are not."""
    first = memory(tmp_path)
    first.remember({"a": "1"}, ["a"])
    assert memory(tmp_path, **other).outdated({"a": "1"}) == ["a"]


def test_nothing_is_saved_that_is_saved_already(tmp_path):
    """A build without a change touches no file."""
    first = memory(tmp_path)
    first.remember({"a": "1"}, ["a"])
    (file,) = (tmp_path / "tape").iterdir()
    before = file.stat().st_mtime_ns
    second = memory(tmp_path)
    second.outdated({"a": "1"})
    second.remember({"a": "1"}, ["a"])
    assert file.stat().st_mtime_ns == before


def test_a_folder_that_cannot_be_made_costs_time_only(tmp_path):
    """The next build writes everything again."""
    (tmp_path / "tape").write_text("a file is in the way")
    memory(tmp_path).remember({"a": "1"}, ["a"])
    assert memory(tmp_path).outdated({"a": "1"}) == ["a"]


def test_a_file_that_cannot_be_replaced_costs_time_only(tmp_path):
    """And leaves no temporary file behind."""
    first = memory(tmp_path)
    first.remember({"a": "1"}, ["a"])
    (file,) = (tmp_path / "tape").iterdir()
    file.unlink()
    file.mkdir()
    first.remember({"a": "2"}, ["a"])
    assert list((tmp_path / "tape").iterdir()) == [file]


def test_digests_depend_on_values_and_their_order_only():
    """The same in every process, whatever the hash seed; surrogates do not matter."""
    program = "from sphinx_tape.ext.freshness import digest_of; print(digest_of(['a', 1, ('b', 2.5)]))"
    seen = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert seen == {digest_of(["a", 1, ("b", 2.5)])}
    assert len({digest_of(parts) for parts in (["a", "b"], ["ab"], ["b", "a"], [], ["\ud800"])}) == 5


def test_the_fingerprint_is_that_of_the_code(monkeypatch, tmp_path):
    """Other code gives another fingerprint."""
    import sphinx_tape.ext.freshness as module

    package = tmp_path / "package"
    for folder in ("ext", "render", "report"):
        (package / folder).mkdir(parents=True)
    (package / "render" / "svg.py").write_text("1")
    monkeypatch.setattr(module, "__file__", str(package / "ext" / "freshness.py"))
    fingerprint = render_fingerprint.__wrapped__
    first = fingerprint()
    (package / "render" / "svg.py").write_text("2")
    assert fingerprint() != first
