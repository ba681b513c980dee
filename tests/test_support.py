"""The gate for optional tools does what CI relies on."""

import pytest

from tests.support import require_module, require_program


@pytest.mark.parametrize("require", [require_module, require_program])
def test_an_absent_tool_skips_with_a_reason(require, monkeypatch):
    """On a user's machine an absent tool skips, naming itself."""
    monkeypatch.delenv("SPHINX_TAPE_REQUIRE", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no_such_tool is not installed"):
        require("no_such_tool")


@pytest.mark.parametrize("require", [require_module, require_program])
def test_an_absent_tool_fails_where_everything_is_demanded(require, monkeypatch):
    """In CI an absent tool is a failure, not a skip."""
    monkeypatch.setenv("SPHINX_TAPE_REQUIRE", "all")
    with pytest.raises(pytest.fail.Exception, match="no_such_tool is not installed"):
        require("no_such_tool")


def test_a_present_tool_is_handed_over():
    """What is installed is returned."""
    assert require_module("json").loads("1") == 1
    assert require_program("sh").endswith("sh")
