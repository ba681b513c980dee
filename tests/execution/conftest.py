"""A project folder with builders, and a way to run them as the extension does."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sphinx_tape.execution.loader import install
from sphinx_tape.execution.pool import Results, run_requests
from sphinx_tape.execution.pure_library import untouched
from sphinx_tape.execution.randomness import start_random_generators
from sphinx_tape.execution.request import FigureRequest, FigureResult
from sphinx_tape.execution.settings import ExecutionSettings
from sphinx_tape.execution.store import Store

if TYPE_CHECKING:
    from sphinx_tape.execution.server_process import ServerProcess


class Project:
    """A source folder with builder modules, and a store beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "notes"
        self.folder.mkdir(parents=True)
        self.store_folder = folder / "store"
        self.said: list[str] = []
        self.executed: list[str] = []

    def write(self, path: str, text: str) -> Path:
        """Write a file below the source folder; the text is dedented."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text), encoding="utf-8")
        return file

    def settings(self, **changes) -> ExecutionSettings:
        """Settings with a limit of time that a busy machine can keep."""
        defaults = {"source_dir": self.folder, "timeout": 60.0, "jobs": 2}
        return ExecutionSettings(**{**defaults, **changes})

    def run(
        self,
        *requests: FigureRequest | str,
        store: bool = True,
        server: ServerProcess | None = None,
        **changes,
    ) -> Results:
        """Run requests (or references) in one build; `executed` lists what the store did not have."""
        wanted = [FigureRequest(reference=r) if isinstance(r, str) else r for r in requests]
        kept = Store(self.store_folder if store else None, self.folder, self.said.append)
        self.executed = []

        def note(request: FigureRequest, executed: bool) -> None:  # noqa: FBT001 -- the pool's interface
            if executed:
                self.executed.append(request.reference)

        return run_requests(wanted, self.settings(**changes), kept, note, server)

    def one(self, reference: str, /, **request) -> FigureResult:
        """Run one figure without a store; settings go by `settings=`."""
        changes = request.pop("settings", {})
        wanted = FigureRequest(reference=reference, **request)
        return self.run(wanted, store=False, **changes)[wanted.key]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture
def libraries() -> Iterator[None]:
    """Libraries are compared with what they are when a test first asks, not when others did."""
    start_random_generators()
    untouched.cache_clear()
    yield
    untouched.cache_clear()


@pytest.fixture(scope="module")
def shared_project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(tmp_path_factory.mktemp("shared"))


@pytest.fixture
def outcome(project: Project) -> Callable[..., FigureResult]:
    """Run the function `figure` of a module with the given text."""

    def run(text: str, **request) -> FigureResult:
        project.write("builders.py", text)
        return project.one("builders:figure", **request)

    return run


@pytest.fixture
def author(project: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """A project whose modules can be imported in this very process, as a worker would."""
    before = set(sys.modules)
    monkeypatch.chdir(project.folder)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "path_hooks", list(sys.path_hooks))
    install(project.settings().roots)
    yield project
    for name in set(sys.modules) - before:
        del sys.modules[name]
    sys.path_importer_cache.clear()
