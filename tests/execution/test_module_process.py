"""The copies of a module's process, driven through their socket as the server does."""

import json
import os
import socket
import time

import pytest

from sphinx_tape.execution.fingerprint import Dependencies
from sphinx_tape.execution.module_process import _Copies, serve_module, write_answer
from sphinx_tape.execution.request import Failure
from sphinx_tape.execution.worker import Answer


class Worker:
    """Stands for the worker of a module: answers, raises or waits as the reference says."""

    def prepare(self, request):
        if request.reference == "prepared":
            return Answer(failure=Failure(kind="arguments", message="m"))
        return request

    def run(self, request):
        if request.reference == "raises":
            raise ValueError
        if request.reference == "waits":
            time.sleep(60)
        os.write(1, b"seen\n")
        return Answer(report="text", dependencies=Dependencies({}, {}))


@pytest.fixture
def control():
    """The server's end, and the other one."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.settimeout(60)
    with ours, theirs:
        yield ours, theirs


def order(control, reference):
    """Send a figure; return the pipes of its answer and its output."""
    (result, result_end), (output, output_end) = os.pipe(), os.pipe()
    data = json.dumps({"figure": reference, "run": {"reference": reference}}).encode()
    socket.send_fds(control, [data], [result_end, output_end])
    os.close(result_end)
    os.close(output_end)
    return result, output


def read(descriptor):
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


def serve(control):
    """Serve the orders that wait in the socket until it closes; return what was said."""
    ours, theirs = control
    ours.shutdown(socket.SHUT_WR)
    _Copies(theirs, None, Worker()).serve()
    theirs.shutdown(socket.SHUT_WR)
    said = []
    while data := ours.recv(1 << 16):
        said.append(json.loads(data))
    return said


@pytest.mark.parametrize(
    ("reference", "start", "printed"), [("good", b"+", b"seen\n"), ("prepared", b"-", b"")]
)
def test_figure(control, reference, start, printed):
    """A copy writes one line, whose first byte tells success from failure; prints go their own way."""
    result, output = order(control[0], reference)
    (said,) = [message for message in serve(control) if "figure" in message]
    os.waitpid(said["pid"], 0)
    line = read(result)
    assert line.startswith(start)
    assert line.endswith(b"\ttext\n" if reference == "good" else b"\t\n")
    assert read(output) == printed


def test_copy_that_dies_without_an_answer(control):
    """Nothing comes through the pipe, and the death is told until it is reaped."""
    ours, theirs = control
    result, output = order(ours, "raises")
    pid = os.fork()
    if pid == 0:
        try:
            _Copies(theirs, None, Worker()).serve()
        finally:
            os._exit(0)
    said = [json.loads(ours.recv(1 << 16)) for _ in range(3)]
    assert said[1] == said[2] == {"exited": said[0]["pid"], "code": 0}
    ours.send(json.dumps({"reap": said[0]["pid"]}).encode())
    ours.shutdown(socket.SHUT_WR)
    os.waitpid(pid, 0)
    assert (read(result), read(output)) == (b"", b"")


def test_import_that_fails(control, project):
    """The failure of an import is said, and the process ends."""
    ours, theirs = control
    read_end, write_end = os.pipe()
    server = os.getpid()
    pid = os.fork()
    if pid == 0:
        serve_module(server, theirs, write_end, "absent:figure", project.settings())
    assert json.loads(ours.recv(1 << 16))["failure"]["kind"] == "reference"
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    os.close(write_end)
    os.close(read_end)


def test_long_answers_are_written_whole():
    """A pipe takes less at a time than an answer may have."""
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        write_answer(write_end, Answer(report="x" * 1_000_000))
        os._exit(0)
    os.close(write_end)
    line = read(read_end)
    os.waitpid(pid, 0)
    assert line.endswith(b"\t" + b"x" * 1_000_000 + b"\n")
