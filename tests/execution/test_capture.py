"""Captured output: the beginning and the end, whatever is printed."""

import os
import sys
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sphinx_tape.execution.capture import HEAD, TAIL, Printed, flush, send_output_to


def printed(*chunks):
    kept = Printed(10 * (HEAD + TAIL) + 100_000)
    for chunk in chunks:
        kept.add(chunk)
    return kept


def test_short_output_is_whole():
    """Nothing is said to be left out if nothing is."""
    assert printed(b"a\n", b"b\n").text() == "a\nb\n"
    assert printed().text() == ""


def test_long_output_keeps_both_ends():
    """The number of bytes in between is said."""
    text = printed(b"first" + b"x" * 100_000 + b"last").text()
    assert text.startswith("first")
    assert text.endswith("last")
    assert f"... {100_009 - HEAD - TAIL} bytes left out ..." in text


def test_of_endless_output_the_beginning_is_kept():
    """It is the same however far the output came before it was stopped."""
    texts = set()
    for more in (1, 7, 100_000):
        kept = Printed(50)
        kept.add(b"first" + b"x" * (50 + HEAD + more))
        assert kept.is_endless
        texts.add(kept.text())
    (text,) = texts
    assert text == "first" + "x" * (HEAD - 5) + "\n... and so on ...\n"


@given(st.binary(max_size=3 * (HEAD + TAIL)), st.lists(st.integers(0, 3 * (HEAD + TAIL)), max_size=5))
def test_it_does_not_matter_how_output_arrives(data, cuts):
    """In one piece or in many, the same is kept."""
    ends = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = printed(*(data[a:b] for a, b in pairwise(ends)))
    assert pieces.text() == printed(data).text()
    assert pieces.size == len(data)


def test_bytes_that_are_no_text():
    """They are shown as escapes."""
    assert printed(b"\xff\xfe").text() == r"\xff\xfe"


def test_everything_a_process_prints_is_caught():
    """Python, bytes, native code and children all print to the given descriptor; nothing can be read."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        send_output_to(write)
        print("from Python \udc80")  # noqa: T201 -- this is what is tested
        sys.stderr.write("to stderr\n")
        sys.__stdout__ = None
        sys.stdout.buffer.write(b"bytes\n")
        import ctypes

        ctypes.CDLL(None).puts(b"from C")
        os.system("echo from a child")  # noqa: S605 -- our own text
        print(repr(sys.stdin.read()))  # noqa: T201 -- this is what is tested
        flush()
        os._exit(0)
    os.close(write)
    os.waitpid(pid, 0)
    seen = os.read(read, 10_000).decode()
    os.close(read)
    for line in (r"from Python \udc80", "to stderr", "bytes", "from C", "from a child", "''"):
        assert line in seen.splitlines()
