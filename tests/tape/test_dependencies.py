"""Claims about `sphinx_tape.tape.dependencies`."""

from pathlib import Path

import pytest

from sphinx_tape import depends_on
from sphinx_tape.tape import dependencies
from sphinx_tape.tape.dependencies import declared_files


@pytest.fixture(autouse=True)
def _nothing_declared(monkeypatch):
    monkeypatch.setattr(dependencies, "_declared", {})


def test_relative_path_starts_at_the_calling_module():
    """Not at the working directory, which differs between builds."""
    assert depends_on("data/digits.csv") == Path(__file__).parent / "data" / "digits.csv"


def test_declared_files_are_listed_once_in_order():
    """Declaring a file twice is declaring it once."""
    first, second = depends_on("/somewhere/b.csv"), depends_on("/somewhere/a.csv")
    depends_on("/somewhere/b.csv")
    assert declared_files() == (str(first), str(second))
