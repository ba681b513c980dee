"""The layers hold, and each contract breaks when it should."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
SCRIPTS = Path(sysconfig.get_path("scripts"))

OFFENCES = {
    "errors": ("sphinx_tape/errors.py", "import sphinx_tape.tape"),
    "tape": ("sphinx_tape/tape/node.py", "import sphinx_tape.report.model"),
    "adapters": ("sphinx_tape/adapters/__init__.py", "import sphinx_tape.report.model"),
    "report": ("sphinx_tape/report/build.py", "import sphinx_tape.render.options"),
    "report-model": ("sphinx_tape/report/model.py", "import numpy"),
    "execution": ("sphinx_tape/execution/request.py", "import sphinx_tape.render.options"),
    "render": ("sphinx_tape/render/options.py", "import sphinx_tape.tape.node"),
    "ext": ("sphinx_tape/ext/__init__.py", "import numpy"),
}
"""Per contract, a file and a line that must break it."""


def lint(folder: Path, contract: str) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the copy of the package in `folder`."""
    program = SCRIPTS / "lint-imports"
    if not program.exists():
        message = "import-linter is not installed; `make lint` and CI install it"
        if os.environ.get("SPHINX_TAPE_REQUIRE") == "all":
            pytest.fail(message)
        pytest.skip(message)
    return subprocess.run(
        [program, "--no-cache", "--contract", contract],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def package(tmp_path):
    """Copy the package and the contracts to where a test may spoil them."""
    shutil.copytree(
        ROOT / "sphinx_tape", tmp_path / "sphinx_tape", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_each_contract_has_an_offence():
    """A new contract without a test of its own is noticed."""
    assert {contract["id"] for contract in CONTRACTS} == set(OFFENCES)


@pytest.mark.parametrize("contract", OFFENCES)
def test_contract_holds_and_breaks(package, contract):
    """The contract is kept as it is, and is broken by one planted import."""
    kept = lint(package, contract)
    assert kept.returncode == 0, kept.stdout + kept.stderr
    file, offence = OFFENCES[contract]
    with (package / file).open("a") as stream:
        stream.write(f"\n{offence}\n")
    broken = lint(package, contract)
    assert broken.returncode == 1
    assert "BROKEN" in broken.stdout


def test_importing_the_extension_loads_no_numpy():
    """A Sphinx process that registers the extension has not loaded NumPy."""
    program = "import sys, sphinx_tape.ext.extension; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_loading_the_tape_would_be_noticed():
    """The check above can fail: the engine does load NumPy."""
    program = "import sys, sphinx_tape.tape; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 1
