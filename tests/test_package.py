"""What a user installs: the public list, the wheel, the sdist."""

import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

import sphinx_tape

ROOT = Path(__file__).parents[1]


def test_all_is_complete_and_sorted():
    """`__all__` is sorted, and every name in it can be had."""
    assert sphinx_tape.__all__ == sorted(sphinx_tape.__all__)
    for name in sphinx_tape.__all__:
        assert getattr(sphinx_tape, name) is not None


def test_an_unknown_name_is_an_attribute_error():
    """A misspelt public name fails like that of any module."""
    with pytest.raises(AttributeError, match="no attribute 'Tapes'"):
        _ = sphinx_tape.Tapes


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    """Build the sdist and, from it, the wheel, with the tools of the running environment."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_the_wheel_holds_static_files_and_types(archives):
    """Stylesheet, script and `py.typed` reach the user; tests do not."""
    (wheel,) = archives.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    for file in ("static/tape.css", "static/tape-stepper.js", "py.typed"):
        assert f"sphinx_tape/{file}" in names
    assert not [name for name in names if name.startswith(("tests", "docs", "example"))]


def test_the_sdist_holds_everything_to_build_and_test(archives):
    """Who has the sdist can build, test and read."""
    (sdist,) = archives.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.split("/", 1)[-1] for name in archive.getnames()}
    for file in (
        "pyproject.toml",
        "Makefile",
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        "tests/test_package.py",
    ):
        assert file in names
    assert not [name for name in names if "_build/" in name or "__pycache__" in name]


@pytest.mark.parametrize("kind", ["*.whl", "*.tar.gz"])
def test_an_installed_archive_builds_a_page(archives, tmp_path, kind):
    """Wheel and sdist, installed elsewhere, build a page with a figure."""
    (archive,) = archives.glob(kind)
    # The environment sees the running one's packages, so nothing is downloaded again.
    venv.create(tmp_path / "env", system_site_packages=False, with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    site = next((tmp_path / "env" / "lib").glob("python*/site-packages"))
    ours = next(path for path in map(Path, sys.path) if path.name == "site-packages")
    (site / "outer.pth").write_text(f"{ours}\n")
    install = [python, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", str(archive)]
    done = subprocess.run(install, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    source = tmp_path / "notes"
    source.mkdir()
    (source / "conf.py").write_text('extensions = ["sphinx_tape"]\n')
    (source / "square.py").write_text(
        "from sphinx_tape import Tape\n\n\ndef square(x=3.0):\n    return Tape().leaf(x, name='x') ** 2\n"
    )
    (source / "index.rst").write_text("Notes\n=====\n\n.. tape-grads:: square:square\n")
    build = [python, "-m", "sphinx", "-n", "-W", "-b", "html", str(source), str(tmp_path / "out")]
    done = subprocess.run(build, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "out" / "index.html").read_text()
    assert "<svg" in page
    where = subprocess.run(
        [python, "-c", "import sphinx_tape; print(sphinx_tape.__file__)"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=True,
    )
    assert str(tmp_path) in where.stdout
