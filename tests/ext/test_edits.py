"""One application that builds again and again, as live previews do: each page is that of a first build."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.ext.conftest import Project

MODULE = """
import helper
from sphinx_tape import Tape, depends_on


def figure(n=1):
    {body}
    return (Tape().leaf(helper.NUMBER, name="x") * {factor}).named("y")


def table():
    with open(depends_on("numbers.txt")) as file:
        return (Tape().leaf([float(line) for line in file], name="v") * {factor}).sum().named("y")
"""


class Editor:
    """Changes a project as authors do, a little at a time and not always for the better."""

    def __init__(self, project: Project, chance: random.Random) -> None:
        self.project = project
        self.chance = chance
        self.body, self.factor, self.options = "pass", 2.0, {}
        self.pages = [0, 1, 2]
        project.write("helper.py", "NUMBER = 0.5\n")
        project.write("numbers.txt", "1\n2\n")
        self.save()

    def save(self) -> None:
        """Write the module and the pages."""
        module = MODULE.format(body=self.body, factor=self.factor)
        self._write("mine.py", module)
        for page in range(6):
            path = self.project.folder / f"page{page}.rst"
            if page not in self.pages:
                path.unlink(missing_ok=True)
                continue
            reference = "figure" if page % 2 else "table"
            option = self.options.get(page, "")
            text = f"Page {page}\n======\n\n.. tape-grads:: mine:{reference}\n{option}\n"
            self._write(path.name, text + f".. tape-view:: mine:figure\n   :caption: Of page {page}\n")
        toc = "".join(f"   page{page}\n" for page in self.pages)
        self._write("index.rst", f"Notes\n=====\n\n.. toctree::\n\n{toc}")

    def edit(self) -> str:
        """Make one change; return what it was."""
        names = ["number", "data", "break", "crash", "mend", "factor", "option", "page", "prose", "nothing"]
        name = self.chance.choice(names)
        new = self.chance.randrange(100)
        if name == "number":
            self.project.write("helper.py", f"NUMBER = {new}.5\n")
        elif name == "data":
            self.project.write("numbers.txt", f"{new}\n7\n")
        elif name in {"break", "crash", "mend"}:
            bodies = {"break": f"raise ValueError({new})", "crash": "import os; os._exit(3)", "mend": "pass"}
            self.body = bodies[name]
        elif name == "factor":
            self.factor = float(new)
        elif name == "option":
            self.options[self.chance.choice(self.pages)] = f"   :precision: {1 + new % 9}\n"
        elif name == "page":
            self.pages = sorted(self.chance.sample(range(6), 3))
        elif name == "prose":
            self._write("index.rst", (self.project.folder / "index.rst").read_text() + f"\nWord {new}.\n")
            return name
        self.save()
        return name

    def _write(self, name: str, text: str) -> None:
        """Write a file unless it holds that already: Sphinx looks at times."""
        path = self.project.folder / name
        if not path.exists() or path.read_text() != text:
            path.write_text(text)


def pages_of(folder):
    """What readers see of the pages, without the navigation: Sphinx mends that for pages it reads."""
    found = {}
    for path in sorted(folder.glob("page*.*")):
        text = path.read_text()
        whole = re.search(r"<section.*</section>", text, re.DOTALL)
        found[path.name] = whole[0] if whole else text
    return found


def build_apart(project, builder, output, doctrees):
    """Build in a process of its own."""
    command = [sys.executable, "-m", "sphinx", "-q", "-b", builder, "-d", doctrees, ".", output]
    subprocess.run(command, cwd=project.folder, check=True, capture_output=True)
    return pages_of(project.folder / output)


def test_after_each_of_many_edits_every_page_is_right(project):
    """Ten builds in one process, text builds of its doctrees in between; each compared to a first build."""
    editor = Editor(project, random.Random(0))  # noqa: S311 -- edits of a test, no secret
    app = project.app("html")
    done = []
    for count in range(10):
        done.append(editor.edit())
        if editor.chance.random() < 0.7:
            builder = "html"
            app.build()
            now = pages_of(app.outdir)
        else:
            builder = "text"
            now = build_apart(project, builder, "_text", "_build/doctrees")
        first = build_apart(project, builder, f"_first{count}", f"_first{count}/doctrees")
        assert {name: text for name, text in now.items() if is_kept(editor, name)} == first, done
    app.cleanup()


def is_kept(editor, name):
    """Whether a page is still part of the project; Sphinx does not delete what it once wrote."""
    return int(re.findall(r"\d+", name)[0]) in editor.pages
