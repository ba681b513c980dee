"""A project of all kinds of figures, built as users build: by the command, in processes of their own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PAGES = 7
CONF = """
extensions = ["sphinx_tape"]
project = "Notes"
author = copyright = "the tests"
numfig = True
exclude_patterns = ["_*"]
html_theme = "basic"
show_warning_types = True
"""
BUILDERS = '''
"""Tapes of the tests."""
import helper
from sphinx_tape import Tape, depends_on


def chain(n=3, x=0.5):
    with open("runs.log", "a") as log:
        log.write(f"{n} {x}\\n")
    tape = Tape()
    v, w = tape.leaf(x, name="v"), tape.leaf(helper.WEIGHT, name="w")
    for _ in range(n):
        v = (v * w).tanh()
    return v.named("y")


def table():
    with open(depends_on("numbers.txt")) as file:
        numbers = [float(line) for line in file]
    return (Tape().leaf(numbers, name="numbers") * 2.0).sum().named("total")


def vector():
    return Tape().leaf([1.0, 2.0], name="v").exp().named("no scalar")


def broken():
    print("said before")
    raise ValueError({"a", "b", "c", "d"} and "broken on purpose")
'''
MODULES = {
    "tapes.py": BUILDERS,
    "helper.py": "WEIGHT = 0.75\n",
    "numbers.txt": "1\n2\n4\n",
    "hashes.py": (
        "from sphinx_tape import Tape\n\n\ndef sets():\n    names = {'a', 'b', 'c', 'd', 'e', 'f'}\n"
        "    tape = Tape()\n    total = tape.leaf(1.0, name='start')\n    for name in names:\n"
        "        total = total + tape.leaf(2.0, name=name)\n    return total.named('sum')\n"
    ),
}
PAGE = """
Page {number}
=============

.. tape-view:: tapes:chain
   :arguments: n={number}
   :caption: View {number}
   :name: fig-view-{number}

See :numref:`fig-view-{number}`.

.. tape-grads:: tapes:chain
   :arguments: n=2, x={number}.25
   :output: y

.. tape-trace:: tapes:table
   :show: graph steps dot source

.. tape-grads:: hashes:sets

.. tape-grads:: tapes:{last}
"""


@dataclass
class Notes:
    """The project in a folder."""

    folder: Path

    def write(self) -> Notes:
        """Write all its files."""
        self.folder.mkdir(parents=True)
        (self.folder / "conf.py").write_text(CONF)
        for name, text in MODULES.items():
            (self.folder / name).write_text(text)
        for number in range(PAGES):
            text = PAGE.format(number=number, last="broken" if number % 3 == 0 else "vector")
            (self.folder / f"page{number}.rst").write_text(text)
        contents = "".join(f"   page{number}\n" for number in range(PAGES))
        (self.folder / "index.rst").write_text(f"Notes\n=====\n\n.. toctree::\n\n{contents}")
        return self

    def start(self, builder: str, output: str, *options: str, seed: str = "0") -> subprocess.Popen[str]:
        """Start a build."""
        command = [sys.executable, "-m", "sphinx", "-q", "-b", builder, *options, ".", output]
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env={**os.environ, "PYTHONHASHSEED": seed},
            stderr=subprocess.PIPE,
            text=True,
        )

    def build(self, builder: str, output: str = "_out", *options: str, seed: str = "0") -> Built:
        """Build, and demand that it ends well."""
        return self.finish(self.start(builder, output, *options, seed=seed), output)

    def finish(self, process: subprocess.Popen[str], output: str) -> Built:
        """Wait for a build that has been started."""
        _, errors = process.communicate()
        assert process.returncode == 0, errors
        return Built(outputs(self.folder / output), warnings(errors, self.folder))

    @property
    def runs(self) -> int:
        """How many figures have been run so far."""
        log = self.folder / "runs.log"
        return len(log.read_text().splitlines()) if log.exists() else 0


@dataclass
class Built:
    """What a build has left."""

    files: dict[str, bytes]
    warnings: list[str]


def outputs(folder: Path) -> dict[str, bytes]:
    """Return every file that a build has written for readers."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not {".doctrees", ".buildinfo"} & set(path.relative_to(folder).parts)
    }


def warnings(text: str, folder: Path) -> list[str]:
    """Return the warnings of a build, in order of their places, with places relative to the project."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text).replace(f"{folder}{os.sep}", "")
    return sorted(part.strip() for part in re.split(r"\n(?! )", plain) if part.strip())
