"""Failures: the author's frames, named as in the project, and nothing of the machine."""

import ctypes

import pytest

from sphinx_tape.execution.failure import describe, from_dump, from_exception, plain_failure, with_output


def raised(function, *arguments):
    try:
        function(*arguments)
    except BaseException as error:  # noqa: BLE001 -- whatever it is, it is what we want
        return error
    return None


@pytest.fixture
def module(author):
    """A module of the author's with several ways to fail."""
    author.write(
        "notes/bad.py",
        """
        def one():
            raise ValueError("first line\\nsecond line")

        def two():
            try:
                one()
            except ValueError as error:
                raise KeyError("because") from error

        def three():
            try:
                one()
            except ValueError:
                raise KeyError("instead") from None

        def four():
            try:
                one()
            except ValueError:
                undefined

        def deep(n):
            if n == 0:
                one()
            deep(n - 1)

        def code():
            compile("def f(:", "nowhere.py", "exec")

        def empty():
            raise ValueError

        def own():
            open(__file__ + ".absent")

        def memory():
            raise MemoryError
        """,
    )
    import notes.bad

    return notes.bad, author.settings().roots


def failure_of(module, name, *arguments):
    functions, roots = module
    return from_exception(raised(getattr(functions, name), *arguments), "builder", roots, "builder b", "run")


def test_place_and_traceback(module):
    """The message names file and line; the traceback has only the author's frames."""
    failure = failure_of(module, "one")
    assert failure.message == (
        "builder b must run (got ValueError: first line, notes/bad.py:3); see its traceback"
    )
    assert (failure.file, failure.line) == ("notes/bad.py", 3)
    assert failure.traceback[-3:] == (
        'File "notes/bad.py", line 3, in one',
        '    raise ValueError("first line\\nsecond line")',
        "ValueError: first line\nsecond line",
    )


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("two", "ValueError: first line\nsecond line", "KeyError: 'because'"),
        ("four", "ValueError: first line\nsecond line", "NameError: name 'undefined' is not defined"),
    ],
)
def test_causes_come_first(module, name, first, last):
    """A chain reads in the order in which things happened."""
    lines = failure_of(module, name).traceback
    assert lines.index("which led to:") == lines.index(first) + 1
    assert lines[-1] == last


def test_suppressed_causes_are_left_out(module):
    """`raise ... from None` hides what came before, as in Python."""
    assert "which led to:" not in failure_of(module, "three").traceback


def test_long_tracebacks_are_shortened(module):
    """Both ends stay."""
    lines = failure_of(module, "deep", 100).traceback
    assert any(line.endswith("frames left out ...") for line in lines)
    assert len(lines) < 60
    assert lines[-3] == 'File "notes/bad.py", line 3, in one'


def test_endless_chains_end(module):
    """Only the last few exceptions of a chain are shown; circles do no harm."""
    error = ValueError("end")
    for number in range(20):
        link = ValueError(str(number))
        link.__cause__ = error
        error = link
    failure = from_exception(error, "builder", (), "b", "run")
    assert failure.traceback.count("which led to:") == 4
    first, second = ValueError("a"), ValueError("b")
    first.__context__, second.__context__ = second, first
    assert from_exception(first, "builder", (), "b", "run").traceback


def test_syntax_errors_name_their_line(module):
    """The place of a syntax error is where the text is wrong, not where it was compiled."""
    failure = failure_of(module, "code")
    assert (failure.file, failure.line) == ("nowhere.py", 1)
    assert "SyntaxError: " in failure.message
    assert "    def f(:" in failure.traceback


def test_error_without_text(module):
    """A bare exception is its name."""
    assert "(got ValueError, notes/bad.py" in failure_of(module, "empty").message


def test_memory_errors_have_their_kind(module):
    """Wherever it is raised, MemoryError is about memory."""
    assert failure_of(module, "memory").kind == "memory"


def test_no_absolute_path_is_shown(module, author):
    """The machine's folders appear nowhere."""
    failure = failure_of(module, "own")
    everything = "\n".join((failure.message, *failure.traceback))
    assert str(author.folder) not in everything
    assert "notes/bad.py.absent" in everything


def test_texts_that_cannot_be_made():
    """An exception may refuse to say what it is."""

    class MuteError(Exception):
        def __str__(self) -> str:
            raise TypeError

    assert describe(MuteError(), ()) == "MuteError: its text could not be made"
    assert len(describe(ValueError("x" * 100_000), ())) <= 2000


def test_sources_that_cannot_be_read(module, monkeypatch):
    """Where the frames cannot be described, the exception still is."""

    def broken(_):
        raise RuntimeError

    monkeypatch.setattr("sphinx_tape.execution.failure.traceback.extract_tb", broken)
    failure = failure_of(module, "one")
    assert (failure.file, failure.line) == ("", 0)
    assert failure.traceback == ("ValueError: first line\nsecond line",)


def test_errors_from_elsewhere_have_no_place():
    """What happens outside of the author's files is not blamed on a line of theirs."""
    failure = from_exception(ValueError("x"), "builder", (), "b", "run")
    assert failure.message == "b must run (got ValueError: x); see its traceback"


DUMP = """Fatal Python error: Segmentation fault

Thread 0x01 (most recent call first):
  File "{root}/other.py", line 9 in elsewhere

Current thread 0x02 (most recent call first):
  File "{library}", line 519 in string_at
  File "{root}/notes/bad.py", line 3 in one
  File "{root}/notes/bad.py", line 6 in two
  File "<string>", line 1 in <module>

Thread 0x03 (most recent call first):
  File "{root}/other.py", line 11 in elsewhere
"""


def test_dump(module):
    """The author's innermost line of the thread that died is the place; frames go outermost first."""
    _, roots = module
    failure = from_dump(
        DUMP.format(root=roots[0], library=ctypes.__file__), "crash", roots, "b", " must return (died@)"
    )
    assert failure.message == "b must return (died at notes/bad.py:3)"
    assert failure.traceback[0] == 'File "notes/bad.py", line 6, in two'
    assert 'File "notes/bad.py", line 3, in one' in failure.traceback
    assert not any("other.py" in line for line in failure.traceback)


@pytest.mark.parametrize("dump", ["", "rubbish", "Current thread 0x1\n  File"])
def test_dump_that_says_nothing(dump):
    """Without frames there is no place."""
    failure = from_dump(dump, "crash", (), "b", " must return (died@)")
    assert (failure.message, failure.traceback, failure.file) == ("b must return (died)", (), "")


def test_dump_without_threads():
    """Some dumps have no thread heading; all their frames count."""
    failure = from_dump('  File "/x/a.py", line 3 in f\n', "crash", (), "b", " (died@)")
    assert failure.message == "b (died at a.py:3)"


def test_plain_failures_and_output():
    """Messages and captured output are scrubbed like everything else."""
    failure = plain_failure("result", "bad \x00 /home/me/x/y.txt")
    assert failure.message == r"bad \x00 .../y.txt"
    assert with_output(failure, "seen /home/me/x/y.txt\n", ("/home/me",)).output == "seen x/y.txt\n"
