"""`execution.server`: when it stops waiting. What it does with orders is shown by the pool's tests."""

import os
import subprocess
import sys
import uuid

from sphinx_tape.execution.lines import Orders
from sphinx_tape.execution.server_process import RUN_BUILDERS
from tests.processes import kill_marked, marked, marked_environment, needs_proc, wait_until_gone


def test_orders_come_as_whole_lines():
    """Half a line waits for its other half; the end of the pipe is the end of the orders."""
    read_end, write_end = os.pipe()
    orders, taken = Orders(read_end, os.getppid()), []
    for piece in (b'{"a": 1}\n{"b"', b": 2}\n"):
        os.write(write_end, piece)
        orders.read(taken.append)
    assert (taken, orders.closed) == ([{"a": 1}, {"b": 2}], False)
    os.close(write_end)
    orders.read(taken.append)
    assert (len(taken), orders.closed) == (2, True)
    os.close(read_end)


def test_orders_end_with_the_process_that_gives_them():
    """An open pipe is no proof that anybody is left to write."""
    read_end, write_end = os.pipe()
    orders = Orders(read_end, os.getppid() + 1)
    orders.read([].append)
    assert orders.closed
    os.close(read_end)
    os.close(write_end)


CLIENT = """
import os, pathlib, signal, sys, time
from sphinx_tape.execution.server_process import ServerProcess
from sphinx_tape.execution.settings import ExecutionSettings
server = ServerProcess(sys.executable, {call!r})
{order}
if os.fork() == 0:
    # As Sphinx's readers do, this copy holds the other end of the server's pipes.
    time.sleep(600)
os.kill(os.getpid(), signal.SIGKILL)
"""
SETTINGS = 'ExecutionSettings(source_dir=pathlib.Path(".")).to_json()'
ORDER = f'server.send({{"settings": {SETTINGS}, "requests": [], "last": False}})'


def assert_goes_with_its_client(call, order, folder):
    """A server ends although a copy of the process that started it lives on."""
    mark = uuid.uuid4().hex
    command = [sys.executable, "-c", CLIENT.format(call=call, order=order)]
    subprocess.run(command, env=marked_environment(mark), cwd=folder, check=False)
    try:
        assert wait_until_gone(mark, program="server import main") == {}
        assert len(marked(mark)) == 1
    finally:
        kill_marked(mark)


@needs_proc
def test_server_goes_with_its_client_even_if_a_copy_of_the_client_stays(tmp_path):
    """Before its first order and after it."""
    for order in ("", ORDER):
        assert_goes_with_its_client(RUN_BUILDERS, order, tmp_path)
