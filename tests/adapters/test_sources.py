"""The author's line, past libraries and ourselves."""

import importlib

from sphinx_tape.adapters.sources import author_line


def test_the_line_that_asks():
    """Without anything in between it is the caller's own."""
    source = author_line()
    assert (source.file, source.function) == (__file__, "test_the_line_that_asks")
    assert source.line == test_the_line_that_asks.__code__.co_firstlineno + 2


def test_libraries_are_passed(tmp_path, monkeypatch):
    """A line inside of a library is not the author's; the one that called the library is."""
    (tmp_path / "inklib").mkdir()
    (tmp_path / "inklib" / "__init__.py").write_text(
        "def call(function, *args):\n    return function(*args)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    inklib = importlib.import_module("inklib")
    assert inklib.call(author_line).file == inklib.__file__
    source = inklib.call(author_line, "inklib")
    assert (source.file, source.function) == (__file__, "test_libraries_are_passed")


def test_code_without_a_file_is_passed():
    """Code that was compiled from text has no line to show."""
    namespace = {"author_line": author_line}
    exec("def ask():\n    return author_line()", namespace)  # noqa: S102 -- code without a file is the point
    assert namespace["ask"]().file == __file__
