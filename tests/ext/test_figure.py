"""`ext.figure`: the author's options over the settings over the defaults."""

from __future__ import annotations

import pickle

from sphinx_tape.execution.request import FigureRequest
from sphinx_tape.ext.config import Shown, TapeConfig
from sphinx_tape.ext.figure import TapeFigure, display_options, tape_figure
from sphinx_tape.render.options import DEFAULT_OPEN, DEFAULT_PARTS


def figure(view="view", **display):
    """A figure with some display options."""
    request = FigureRequest(reference="a:b")
    return TapeFigure(
        view=view, request=request, docname="p", line=3, source="", number=1, display=tuple(display.items())
    )


def test_nothing_given_shows_the_defaults_of_the_view_and_the_settings():
    """A setting holds for every figure that does not say otherwise."""
    options = display_options(
        figure("trace"), TapeConfig(precision=9, direction="TB", max_nodes=5, layout="dot", fold="never")
    )
    assert (options.show, options.open) == (DEFAULT_PARTS["trace"], DEFAULT_OPEN["trace"])
    assert (options.precision, options.direction, options.max_nodes, options.layout) == (9, "TB", 5, "dot")
    assert options.fold == "never"
    assert not options.mirror
    assert not options.overwriting


def test_a_project_can_choose_what_its_figures_show():
    """A setting for each view, over its usual parts and under what a figure asks for."""
    config = TapeConfig(show=Shown(grads=("gradients",)))
    assert display_options(figure("grads"), config).show == ("gradients",)
    assert display_options(figure("grads", show=("graph",)), config).show == ("graph",)
    assert display_options(figure("trace"), config).show == DEFAULT_PARTS["trace"]


def test_what_the_author_gave_wins():
    """Every display option reaches the renderer."""
    given = {
        "show": ("nodes", "graph"),
        "open": (),
        "precision": 2,
        "direction": "LR",
        "max_nodes": 7,
        "fold": "always",
        "mirror": True,
        "layout": "auto",
        "overwriting": True,
    }
    options = display_options(figure("trace", **given), TapeConfig(precision=9))
    assert {name: getattr(options, name) for name in given} == given


def test_default_open_parts_that_are_not_shown_are_dropped():
    """Only shown parts can be open."""
    options = display_options(figure("view", show=("dot", "nodes")), TapeConfig())
    assert options.open == ("nodes",)


def test_a_placeholder_pickles_with_its_page():
    """Doctrees are kept as pickles."""
    node = tape_figure("", figure=figure(precision=3))
    assert pickle.loads(pickle.dumps(node)).figure == node.figure  # noqa: S301 -- our own
