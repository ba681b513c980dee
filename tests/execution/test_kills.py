"""Builds that are killed at any moment: nothing runs on, and what they have kept is whole."""

import random
import signal
import subprocess
import sys
import time

from sphinx_tape.execution.request import FigureRequest
from tests.processes import marked_environment, needs_proc, wait_until_gone

MODULE = """
    import os, subprocess, time
    from sphinx_tape import Tape

    def figure(n=0):
        subprocess.Popen(["sleep", "60"], start_new_session=True)
        time.sleep(0.02)
        return (Tape().leaf(float(n), name="x") * 2.0).named("y")
"""
MODULES = ("first", "second", "third")
REQUESTS = [
    FigureRequest(reference=f"{name}:figure", arguments=f"n={n}") for name in MODULES for n in range(5)
]

BUILD = """
import sys
from pathlib import Path
from sphinx_tape.execution.pool import run_requests
from sphinx_tape.execution.request import FigureRequest
from sphinx_tape.execution.settings import ExecutionSettings
from sphinx_tape.execution.store import Store
folder = Path(sys.argv[1])
requests = [FigureRequest(reference=r, arguments=a) for r, a in zip(sys.argv[3::2], sys.argv[4::2])]
run_requests(requests, ExecutionSettings(source_dir=folder, jobs=2), Store(Path(sys.argv[2]), folder))
"""


@needs_proc
def test_random_kills(project):
    """After each kill all processes go; the last build then gives the results of an undisturbed one."""
    for name in MODULES:
        project.write(f"{name}.py", MODULE)
    undisturbed = project.run(*REQUESTS, store=False)
    assert [result.failure for result in undisturbed.values()] == [None] * len(REQUESTS)
    mark = f"tape-{random.getrandbits(64):x}"
    texts = [text for request in REQUESTS for text in (request.reference, request.arguments)]
    for _ in range(8):
        build = subprocess.Popen(
            [sys.executable, "-c", BUILD, project.folder, project.store_folder, *texts],
            env=marked_environment(mark),
        )
        time.sleep(random.uniform(0.1, 1.2))  # noqa: S311 -- not for secrets
        build.send_signal(signal.SIGKILL)
        build.wait()
    assert wait_until_gone(mark) == {}
    final = project.run(*REQUESTS)
    assert {key: final.digest(key) for key in final} == {key: undisturbed.digest(key) for key in undisturbed}
    project.run(*REQUESTS)
    assert project.executed == []
