"""`execution.source`: the lines of a function are those that `inspect` finds."""

import importlib
import inspect
from types import FunctionType

import pytest

from sphinx_tape.execution import source
from sphinx_tape.execution.source import source_lines
from sphinx_tape.report.serial import dumps

TEXT = '''
import functools

def plain(x=1):
    y = x

    return y  # the end


# about the next one
def one_line(): return 1
def beside(): return 2

def brackets_at_the_margin(
    x=1,
):
    return (
x
)

def text_at_the_margin():
    return """
def not_a_function():
    pass
"""

def text_alone():
    """Text
at the margin
    """

def short_text_alone():
    """Text
at the margin"""

def comment_at_the_margin():
    x = 1
# inside
    return x

def comment_at_the_end():
    return 1
    # still inside

    # and this one

def comment_beside_the_end():
    return 1
  # where is it?

def inner():
    def f():
        return """
margin
"""
    return f

def continued(): return 1 + \\
2

@functools.lru_cache
def decorated():
    return 1

class C:
    def method(self):
        return 1

\tafter = 1
made = lambda: (
    1)
def last():
    return 1'''.replace("\tafter", "    after")


@pytest.fixture(scope="module")
def module(tmp_path_factory):
    folder = tmp_path_factory.mktemp("source")
    (folder / "sources_of_functions.py").write_text(TEXT)
    spec = importlib.util.spec_from_file_location("sources_of_functions", folder / "sources_of_functions.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def functions(module):
    found = {name: inspect.unwrap(value) for name, value in vars(module).items()}
    found["method"] = module.C.method
    return {name: value for name, value in found.items() if isinstance(value, FunctionType)}


def test_lines_are_those_of_the_standard_library(module):
    """Whatever stands at the margin, inside and behind: both ways find the same end."""
    for name, function in functions(module).items():
        assert source_lines(function) == inspect.getsourcelines(function), name


def test_plain_functions_are_not_read_token_by_token(module, monkeypatch):
    """Else the shorter way would be there for nothing."""
    monkeypatch.setattr(source.inspect, "getsourcelines", None)
    assert source_lines(module.plain)[0][-1] == "    return y  # the end\n"
    assert source_lines(module.text_at_the_margin) is None


def test_functions_without_a_source():
    """Code that was made of a text, and files that are gone, have no lines."""
    space = {}
    # Not "<string>": Python 3.13 takes that for the command that has started it.
    exec(compile("def figure():\n    return 1", "<made>", "exec"), space)  # noqa: S102 -- our own text
    assert source_lines(space["figure"]) is None


@pytest.mark.parametrize("isolation", ["fork", "fresh"])
def test_our_own_command_is_nobodys_source(project, isolation):
    """A builder made of a text shows no line rather than that of the command that started its process."""
    project.write(
        "builders.py",
        """
        from sphinx_tape import Tape
        exec("def figure():\\n    return Tape().leaf(2.0, name='x') * 3.0")
        """,
    )
    result = project.one("builders:figure", settings={"isolation": isolation})
    assert result.failure is None
    assert result.report.builder_source is None
    assert "import sys" not in dumps(result.report)
