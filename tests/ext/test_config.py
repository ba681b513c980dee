"""`ext.config`: settings are declared once, checked once, described once."""

from __future__ import annotations

import re

import pytest

from sphinx_tape.ext.config import Shown, TapeConfig, describe_settings, read_settings
from sphinx_tape.render.options import DEFAULT_PARTS

GOOD = [
    ("execute", False, False),
    ("execute", "0", False),
    ("execute", "true", True),
    ("timeout", 5, 5.0),
    ("timeout", "2.5", 2.5),
    ("jobs", "3", 3),
    ("memory_limit", 0, 0),
    ("path", ["lib"], ("lib",)),
    ("path", "a,b", ("a", "b")),
    ("builder_modules", ("a.*",), ("a.*",)),
    ("layout", "auto", "auto"),
    ("precision", 8.0, 8),
    ("show", {}, Shown()),
    ("show", {"grads": "gradients, graph"}, Shown(grads=("gradients", "graph"))),
    ("show", {"trace": ["steps"], "view": ("nodes",)}, Shown(view=("nodes",), trace=("steps",))),
]

BAD = [
    ("execute", "maybe"),
    ("execute", 1),
    ("timeout", 0),
    ("timeout", float("nan")),
    ("timeout", float("inf")),
    ("timeout", True),
    ("timeout", "soon"),
    ("jobs", -1),
    ("jobs", 1.5),
    ("precision", 0),
    ("precision", 18),
    ("precision", None),
    ("path", 3),
    ("path", [3]),
    ("store", None),
    ("layout", "neato"),
    ("direction", "lr"),
    ("fold", "sometimes"),
    ("page_width", 10),
    ("show", "graph"),
    ("show", {"gradients": "graph"}),
    ("show", {"view": "steps"}),
    ("show", {"view": ""}),
    ("show", {"grads": "graph graph"}),
    ("show", {"grads": 3}),
    ("show", {"grads": [3]}),
]


def everything(**changed):
    """Settings as Sphinx's configuration holds them."""
    return {setting.name: setting.default for setting in describe_settings()} | {
        f"tape_{name}": value for name, value in changed.items()
    }


@pytest.mark.parametrize(("name", "value", "used"), GOOD)
def test_an_allowed_value_is_used_in_its_own_type(name, value, used):
    """Also the texts that `sphinx-build -D` hands over."""
    config = read_settings(everything(**{name: value}))
    assert getattr(config, name) == used
    assert type(getattr(config, name)) is type(used)


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_bad_value_is_replaced_by_the_default(name, value):
    """The build goes on with a value that works."""
    assert read_settings(everything(**{name: value})) == TapeConfig()


def test_the_defaults_are_allowed_by_their_own_checks():
    """Nobody gets a warning without having set anything."""
    assert read_settings(everything()) == TapeConfig()


def test_every_setting_is_described():
    """The reference page is made from this."""
    described = describe_settings()
    assert len({setting.name for setting in described}) == len(described) >= 14
    assert all(setting.name.startswith("tape_") and setting.help.endswith(".") for setting in described)


def test_a_bad_value_is_warned_about_once_with_its_name(project):
    """The warning has the subtype `config`, names the setting, the value and what is allowed."""
    project.write("index.rst", "Notes\n=====\n")
    warnings = project.build("dummy", tape_layout="neato").warnings
    expected = (
        "WARNING: setting tape_layout must be one of builtin, dot, auto (got 'neato'); "
        "the default 'builtin' is used [tape.config]"
    )
    assert warnings == [expected]


def test_no_setting_rereads_a_page(project):
    """What a setting changes is decided when figures are written."""
    project.write("index.rst", "Notes\n=====\n")
    project.build("dummy")
    assert project.build("dummy", tape_precision=7, tape_timeout=3).read == 0


def test_what_figures_show_is_said_once_for_a_project(project):
    """The setting counts where a directive says nothing; no page is read again for it."""
    project.write(
        "index.rst",
        "Notes\n=====\n\n.. tape-grads:: tapes:neuron\n\n.. tape-grads:: tapes:neuron\n   :show: nodes\n",
    )
    parts = re.compile(r'class="tape-part tape-part-(\w+)"')
    usual = parts.findall(project.build("html").text("index.html"))
    build = project.build("html", **{"tape_show.grads": "gradients source"})
    assert (build.read, build.warnings) == (0, [])
    assert parts.findall(build.text("index.html")) == ["gradients", "source", "nodes"]
    assert usual == [*DEFAULT_PARTS["grads"], "nodes"]


def test_what_cannot_be_shown_is_warned_about(project):
    """The warning names the directive."""
    project.write("index.rst", "Notes\n=====\n")
    (warning,) = project.build("dummy", tape_show={"view": "graph steps"}).warnings
    assert (
        "setting tape_show must be one or more of graph, nodes, values, dot, source, each once, for view"
        in warning
    )
