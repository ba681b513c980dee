"""Claims about `sphinx_tape.tape.dependencies`."""

from pathlib import Path

from sphinx_tape import depends_on
from sphinx_tape.tape.dependencies import declared_files


def test_relative_path_starts_at_the_calling_module():
    """Not at the working directory, which differs between builds."""
    assert depends_on("data/digits.csv") == Path(__file__).parent / "data" / "digits.csv"


def test_declared_files_are_listed_once_in_order():
    """Declaring a file twice is declaring it once."""
    first, second = depends_on("/somewhere/b.csv"), depends_on("/somewhere/a.csv")
    depends_on("/somewhere/b.csv")
    assert declared_files()[-2:] == (str(first), str(second))
