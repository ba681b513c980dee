"""Adapters of other distributions: found by package, loaded only then, named when they fail."""

import subprocess
import sys
import textwrap
from importlib.metadata import entry_points

import pytest

from sphinx_tape import Reading, Tape
from sphinx_tape.adapters.protocol import GROUP, HasTape
from sphinx_tape.adapters.read import to_tape
from sphinx_tape.errors import AdapterError

READ = """
from sphinx_tape import ForeignTape

def read(result):
    tape = ForeignTape("inkgrad")
    return tape.reading(tape.leaf(result.number, "from inkgrad"))
"""


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Return a function that installs a distribution with one module and entry points, on the path."""
    monkeypatch.syspath_prepend(tmp_path)

    def run(module, code, points, name="inkgrad-tape", version="1.2"):
        (tmp_path / f"{module}.py").write_text(textwrap.dedent(code))
        info = tmp_path / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        (info / "entry_points.txt").write_text(
            f"[{GROUP}]\n" + "".join(f"{key} = {value}\n" for key, value in points.items())
        )
        monkeypatch.delitem(sys.modules, module, raising=False)
        return tmp_path

    yield run
    for module in [name for name, each in sys.modules.items() if str(tmp_path) in str(each)]:
        del sys.modules[module]


class Number:
    """Pretends to live in the package `inkgrad`."""

    __module__ = "inkgrad.core"

    def __init__(self, number=3.0) -> None:
        self.number = number


@pytest.mark.parametrize("value", ["inkgrad_tape", "inkgrad_tape:read", "inkgrad_tape:Adapter"])
def test_module_function_or_class(install, value):
    """An entry point may lead to a module with `read`, to a function, or to a class with a method `read`."""
    install(
        "inkgrad_tape",
        READ + "\nclass Adapter:\n    def read(self, result):\n        return read(result)\n",
        {"inkgrad": value},
    )
    reading = to_tape(Number())
    assert (reading.framework, reading.tape.nodes[0].name) == ("inkgrad", "from inkgrad")


def test_a_class_of_the_authors_own(install):
    """A subclass in the author's module is read by the adapter of its base class."""
    install("inkgrad_tape", READ, {"inkgrad": "inkgrad_tape"})
    own = type("Own", (Number,), {"__module__": "course.engine"})
    assert to_tape(own()).framework == "inkgrad"


def test_only_what_is_asked_for_is_loaded(install):
    """Entry points of other packages stay unloaded, even broken ones."""
    install("inkgrad_tape", "raise SystemExit", {"paintgrad": "inkgrad_tape"})
    with pytest.raises(AdapterError, match="must return a Tape"):
        to_tape(Number())
    assert "inkgrad_tape" not in sys.modules


def test_an_adapter_may_pass(install):
    """Who returns None leaves the object to the next one."""
    install("inkgrad_tape", "def read(result):\n    return None\n", {"inkgrad": "inkgrad_tape"})
    with pytest.raises(AdapterError, match=r"got an object of type inkgrad\.core\.Number"):
        to_tape(Number())


@pytest.mark.parametrize(
    ("code", "value", "words"),
    [
        ("1 / 0", "inkgrad_tape", "must be importable (got ZeroDivisionError: division by zero)"),
        ("", "inkgrad_tape:reed", "must be importable (got AttributeError"),
        ("", "inkgrad_tap", "must be importable (got ModuleNotFoundError"),
        ("", "inkgrad_tape", "must be a function or have a function `read` (got module)"),
        ("read = 3", "inkgrad_tape", "must be a function or have a function `read` (got module)"),
        (
            "def read(result):\n    raise ValueError('odd')",
            "inkgrad_tape",
            "must read what the builder returned (got ValueError: odd)",
        ),
        ("def read():\n    pass", "inkgrad_tape", "must read what the builder returned (got TypeError"),
        ("def read(result):\n    return 3", "inkgrad_tape", "must return a Reading or None (got int)"),
    ],
)
def test_faults_name_the_adapter(install, code, value, words):
    """Every fault says which adapter of which distribution it is."""
    install("inkgrad_tape", code, {"inkgrad": value})
    with pytest.raises(AdapterError) as caught:
        to_tape(Number())
    assert str(caught.value).startswith(f"adapter {value} of inkgrad-tape must")
    assert words in str(caught.value)


def test_the_cause_of_a_fault_is_kept(install):
    """The adapter's own error is there for the traceback."""
    install("inkgrad_tape", "def read(result):\n    raise ValueError('odd')", {"inkgrad": "inkgrad_tape"})
    with pytest.raises(AdapterError) as caught:
        to_tape(Number())
    assert isinstance(caught.value.__cause__, ValueError)


def test_two_adapters_for_one_package(install):
    """Which one would read it must not depend on the order of the path."""
    install("inkgrad_tape", READ, {"inkgrad": "inkgrad_tape"})
    install("another_tape", READ, {"inkgrad": "another_tape"}, name="another")
    with pytest.raises(AdapterError, match=r"another_tape of another and inkgrad_tape of inkgrad-tape"):
        to_tape(Number())


def test_the_same_adapter_twice_on_the_path(install, monkeypatch, tmp_path):
    """A distribution that is found twice is one adapter."""
    install("inkgrad_tape", READ, {"inkgrad": "inkgrad_tape"})
    (tmp_path / "copy").mkdir()
    for each in list(tmp_path.glob("*.dist-info")):
        (tmp_path / "copy" / each.name).mkdir()
        for file in each.iterdir():
            (tmp_path / "copy" / each.name / file.name).write_text(file.read_text())
    monkeypatch.syspath_prepend(tmp_path / "copy")
    assert len([point for point in entry_points(group=GROUP) if point.name == "inkgrad"]) >= 1
    assert to_tape(Number()).framework == "inkgrad"


def test_a_method_needs_no_adapter():
    """An object may show itself: a reading, a tape, a variable, or a pair."""
    for shown in (
        lambda: Tape().leaf(2.0),
        lambda: Reading(Tape(), None, "own"),
        Tape,
        lambda: (Tape(), None),
    ):
        own = type("Own", (), {"__sphinx_tape__": lambda _, shown=shown: shown()})()
        assert isinstance(own, HasTape)
        assert isinstance(to_tape(own), Reading)


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (lambda _: 1 / 0, "must read what the builder returned (got ZeroDivisionError"),
        (lambda _: "text", "must return a Reading or None (got str)"),
    ],
)
def test_faults_of_a_method(shown, words):
    """They name the class."""
    own = type("Own", (), {"__sphinx_tape__": shown, "__module__": "course.engine"})()
    with pytest.raises(AdapterError) as caught:
        to_tape(own)
    assert str(caught.value).startswith("method __sphinx_tape__ of course.engine.Own must")
    assert words in str(caught.value)


def test_a_class_is_not_its_object():
    """A builder that returns the class itself has forgotten the brackets."""
    with pytest.raises(AdapterError, match=r"builtins\.type"):
        to_tape(type("Own", (), {"__sphinx_tape__": lambda _: Tape()}))


def test_nothing_is_looked_up_for_our_own_tapes():
    """Who shows tapes of ours does not pay for the search."""
    code = (
        "import sys; from sphinx_tape.adapters import read, installed\n"
        "from sphinx_tape import Tape\n"
        "installed.entry_points = None\n"
        "read.to_tape(Tape().leaf(1.0)); print('fine')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "fine"
