"""From names to functions: only the author's own, and looked at before it runs."""

import sys

import pytest

from sphinx_tape.errors import ReferenceFault
from sphinx_tape.execution import resolve
from sphinx_tape.execution.reference import Reference
from sphinx_tape.execution.resolve import find_builder, import_builder_module


def load(author, name, **settings):
    return import_builder_module(name, author.settings(**settings).roots)


def test_nested_module(author):
    """A dotted name is imported package by package."""
    author.write("course/__init__.py", "first = True\n")
    author.write("course/tapes.py", "def f(): ...\n")
    module = load(author, "course.tapes")
    assert module.__name__ == "course.tapes"
    assert sys.modules["course"].first


def test_folder_without_init(author):
    """Namespace packages work as in Python."""
    author.write("plain/tapes.py", "def f(): ...\n")
    assert load(author, "plain.tapes").__name__ == "plain.tapes"


@pytest.mark.parametrize("name", ["absent", "course.absent", "single.sub", "absent.sub.sub"])
def test_absent_modules(author, name):
    """What cannot be found is said, with the part that is missing."""
    author.write("course/__init__.py", "")
    author.write("single.py", "")
    with pytest.raises(ReferenceFault, match="must be importable"):
        load(author, name)


def test_builtin_modules_have_no_file(author):
    """A module without a file is nobody's notes."""
    with pytest.raises(ReferenceFault, match="must be a file"):
        load(author, "_imp")


@pytest.mark.parametrize("kind", ["module", "package"])
def test_links_out_of_the_folders_are_refused_before_they_run(author, kind):
    """A link must lead into a folder that is listed."""
    outside = author.folder.parent / "outside"
    (outside / "package").mkdir(parents=True)
    (outside / "module.py").write_text("raise RuntimeError('must not run')\n")
    (outside / "package" / "__init__.py").write_text("raise RuntimeError('must not run')\n")
    name = "module.py" if kind == "module" else "package"
    (author.folder / name).symlink_to(outside / name)
    with pytest.raises(ReferenceFault, match="a link that leads out"):
        load(author, kind)
    with pytest.raises(RuntimeError, match="must not run"):
        load(author, kind, paths=("../outside",))


@pytest.fixture
def library(author, monkeypatch):
    """A folder of installed libraries, inside of the project as environments often are."""
    folder = author.write(".venv/site/lib_of_others/__init__.py", "def f(): ...\n").parent.parent
    author.write(".venv/site/alone.py", "raise RuntimeError('must not run')\n")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setattr(resolve, "library_folders", lambda: (str(folder.resolve()),))
    return folder


@pytest.mark.parametrize("name", ["lib_of_others", "alone"])
def test_libraries_are_refused_before_they_run(author, library, name):
    """Whoever writes a page could call any function of any installed library, with any arguments."""
    with pytest.raises(ReferenceFault, match=r"must be one of the project's .* `tape_builder_modules`"):
        load(author, name)


def test_libraries_that_the_project_names_are_run(author, library):
    """A course may install its builders as a package."""
    roots = author.settings().roots
    assert import_builder_module("lib_of_others", roots, named=True).f() is None


def test_a_project_inside_of_a_library_folder_is_still_a_project(author, library, monkeypatch):
    """The innermost folder says whose a module is."""
    notes = author.write(".venv/site/installed_notes/mine.py", "def f(): ...\n").parent
    monkeypatch.syspath_prepend(str(notes))
    assert import_builder_module("mine", [str(notes.resolve())]).f() is None


def test_errors_of_the_module_go_through(author):
    """Whatever the module raises is the author's."""
    author.write("broken.py", "import no_such_library\n")
    with pytest.raises(ModuleNotFoundError):
        load(author, "broken")


SOURCE = """
    import functools
    from helper import decorate, imported

    def plain(): ...

    @decorate
    def wrapped(): ...

    class Klass:
        def __call__(self): ...

    thing = Klass()
    shortened = functools.partial(plain)
    cached = functools.cache(plain)
    nothing = None

    async def coroutine(): ...

    def generator():
        yield

    async def stream():
        yield

    def __getattr__(name):
        return plain

    def _private(): ...
"""


@pytest.fixture
def module(author):
    author.write(
        "helper.py",
        """
        import functools

        def imported(): ...

        def decorate(function):
            @functools.wraps(function)
            def wrapper():
                return function()
            return wrapper
        """,
    )
    author.write("functions.py", SOURCE)
    return load(author, "functions")


@pytest.mark.parametrize("name", ["plain", "wrapped"])
def test_functions_of_the_module(module, name):
    """A function defined here may be run, decorated or not."""
    assert find_builder(module, Reference("functions", name)).__name__ == name


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Klass", "got a class"),
        ("thing", "got an object of type 'Klass'"),
        ("shortened", "'partial'"),
        ("cached", "'_lru_cache_wrapper'"),
        ("nothing", "'NoneType'"),
        ("functools", "'module'"),
        ("coroutine", "an async function"),
        ("stream", "an async function"),
        ("generator", "a generator function"),
        ("imported", "defined in the module it is named in (got one of 'helper')"),
        ("absent", "it has: plain, wrapped, coroutine, generator, stream"),
    ],
)
def test_everything_else_is_refused(module, name, words):
    """The message says what it is, or what there is."""
    with pytest.raises(ReferenceFault) as caught:
        find_builder(module, Reference("functions", name))
    assert words in str(caught.value)


def test_module_without_functions(author):
    """There may be nothing to offer."""
    author.write("empty.py", "")
    with pytest.raises(ReferenceFault, match="it has: no function"):
        find_builder(load(author, "empty"), Reference("empty", "f"))
