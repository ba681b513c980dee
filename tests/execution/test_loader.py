"""Imports: the author's files as they are now, and a record of what was loaded."""

import os
import py_compile
import sys
from importlib import import_module, metadata

import pytest

from sphinx_tape.execution import loader
from sphinx_tape.execution.fingerprint import MISSING, content_hash
from sphinx_tape.execution.loader import dependencies


def test_old_bytecode_is_not_used(author):
    """A compiled file of the same time and size as the source is not trusted."""
    file = author.write("quick.py", "number = 1\n")
    os.utime(file, (1_000_000, 1_000_000))
    py_compile.compile(str(file))
    file.write_text("number = 2\n")
    os.utime(file, (1_000_000, 1_000_000))
    assert import_module("quick").number == 2


def test_import_folders_come_first_and_the_work_folder_is_the_source_folder(author, monkeypatch):
    """A module of the author's hides an installed one of the same name."""
    author.write("sympy.py", "mine = True\n")
    # Put back afterwards: other tests of this process use the real one.
    monkeypatch.delitem(sys.modules, "sympy", raising=False)
    assert import_module("sympy").mine
    assert os.path.realpath(".") == os.path.realpath(author.folder)


def recorded(author, before, declared=()):
    return dependencies(before, declared, str(author.folder))


def test_own_modules_are_files_with_the_content_that_was_compiled(author):
    """An edit after the import does not count as what was run."""
    author.write("a/__init__.py", "")
    file = author.write("a/b.py", "x = 1\n")
    before = set(sys.modules)
    import_module("a.b")
    file.write_text("x = 2\n")
    found = recorded(author, before)
    assert found.files == {"a/__init__.py": content_hash(b""), "a/b.py": content_hash(b"x = 1\n")}


def test_libraries_are_versions(author):
    """Installed libraries are known by version, the standard library not at all."""
    author.write("uses.py", "import docutils.core, this_is_mine, decimal\n")
    author.write("this_is_mine.py", "")
    before = {name for name in sys.modules if not name.startswith(("docutils", "decimal"))}
    import_module("uses")
    found = recorded(author, before)
    assert sorted(found.files) == ["this_is_mine.py", "uses.py"]
    assert set(found.versions) == {"docutils", "numpy"}


def test_numpy_says_its_version_itself():
    """It is the one that is installed, which a kept result is compared with."""
    assert loader._versions({"numpy"}) == {"numpy": metadata.version("numpy")}


def test_import_names_that_differ_from_the_distribution(author, monkeypatch):
    """Where the names differ, the installed distributions are asked."""
    monkeypatch.setattr(metadata, "packages_distributions", lambda: {"odd_name": ["docutils"]})
    assert set(loader._versions({"odd_name", "nowhere_to_be_found"})) == {"docutils"}


def test_declared_files(author):
    """Declared files count by content, also if they are not there."""
    file = author.write("data.csv", "1,2\n")
    found = recorded(author, sys.modules, [str(file), str(author.folder / "absent.csv")])
    assert found.files == {"data.csv": content_hash(b"1,2\n"), "absent.csv": MISSING}


@pytest.mark.parametrize("origin", [None, "built-in", "relative.py", 3])
def test_modules_without_a_file(author, monkeypatch, origin):
    """Modules that name no file are no dependencies; hostile ones do no harm."""
    import types

    odd = types.ModuleType("odd")
    odd.__spec__ = types.SimpleNamespace(origin=origin)
    before = set(sys.modules)
    monkeypatch.setitem(sys.modules, "odd", odd)
    monkeypatch.setitem(sys.modules, "none", None)
    assert recorded(author, before).files == {}


def test_extension_files_are_hashed(author, monkeypatch):
    """A file that our loader has not compiled is hashed as it is."""
    import types

    file = author.write("native.so", "binary")
    odd = types.ModuleType("odd")
    odd.__spec__ = types.SimpleNamespace(origin=str(file))
    before = set(sys.modules)
    monkeypatch.setitem(sys.modules, "odd", odd)
    assert recorded(author, before).files == {"native.so": content_hash(b"binary")}
