"""`ext.drawing_log`: what is done, as several processes read it."""

from __future__ import annotations

import os

import pytest

from sphinx_tape.ext.drawing_log import DrawingLog

pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork"), reason="the list is shared by forking, on POSIX only"
)


@pytest.fixture
def log():
    """Return a list that is closed in the end."""
    log = DrawingLog()
    yield log
    log.close()


def test_a_key_is_there_once_it_is_written_whole(log):
    """Half a line is no key, whatever it begins with."""
    assert not log.has("abc")
    os.write(log.descriptor, b"ab")
    assert not log.has("ab")
    os.write(log.descriptor, b"c\nd")
    assert log.has("abc")
    assert not log.has("ab")
    os.write(log.descriptor, b"ef\n")
    assert log.has("def")
    assert log.has("abc")


def test_each_process_reads_at_its_own_pace(log):
    """What one has read, the others still find."""
    os.write(log.descriptor, b"first\n")
    assert log.has("first")
    pid = os.fork()
    if pid == 0:
        os.write(log.descriptor, b"second\n")
        os._exit(0 if log.has("second") and log.has("first") else 1)
    assert os.waitpid(pid, 0)[1] == 0
    assert log.has("second")
