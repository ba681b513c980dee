"""The chapters that show frameworks' own tapes, against what the frameworks say."""

import importlib
import math
import re
from pathlib import Path

import numpy as np
import pytest

from sphinx_tape import backward
from sphinx_tape.adapters.read import to_tape
from tests.support import require_module

COURSE = Path(__file__).parent.parent.parent / "example_project"
PAGES = {"micrograd": "with_micrograd", "autograd": "with_autograd"}


def builders(framework):
    """Import the builders of a chapter, or skip."""
    require_module(framework)
    return importlib.import_module(f"course_tapes.{PAGES[framework]}")


def worked(result):
    """Name -> gradient, and the tape's nodes."""
    reading = to_tape(result)
    found = backward(reading.tape, reading.output)
    named = {node.name: found.cotangents[node.id] for node in reading.tape.nodes if node.name}
    return named, reading.tape.nodes, found


def test_readme_of_micrograd():
    """README: g = 24.7041, dg/da = 138.8338, dg/db = 645.5773; our own chapter has the same numbers."""
    named, nodes, _ = worked(builders("micrograd").tangled())
    own, _, _ = worked(importlib.import_module("course_tapes.expression").tangled())
    assert f"{nodes[-1].value:.4f}" == "24.7041"
    assert (f"{named['a']:.4f}", f"{named['b']:.4f}") == ("138.8338", "645.5773")
    assert (float(named["a"]), float(named["b"])) == pytest.approx(
        (float(own["a"]), float(own["b"])), rel=1e-14
    )


def test_a_product_of_a_value_with_itself():
    """By hand: two contributions of 3."""
    named, _, found = worked(builders("micrograd").squared())
    assert [float(item.value) for item in found.steps[0].contributions] == [3.0, 3.0]
    assert float(named["x"]) == 6.0


def test_the_network_has_micrograd_s_gradients():
    """Nine parameters; each has what micrograd's own pass leaves there."""
    loss = builders("micrograd").network()
    named, nodes, _ = worked(loss)
    parameters = {name for name in named if name[0] in "wb"}
    assert len(parameters) == 9
    loss.backward()
    leaves = {value.label: value.grad for value in _values(loss) if hasattr(value, "label")}
    for name in parameters:
        assert float(named[name]) == pytest.approx(leaves[name], rel=1e-14)
    assert nodes[-1].name == "loss"


def _values(output):
    found, waiting = {}, [output]
    while waiting:
        value = waiting.pop()
        if id(value) not in found:
            found[id(value)] = value
            waiting += value._prev
    return found.values()


def test_loss_of_the_untrained_regression():
    """By hand: 4 ln 2, and per weight the sum of inputs times (1/2 - target)."""
    module = builders("autograd")
    named, nodes, _ = worked(module.logistic_regression())
    assert float(nodes[-1].value) == pytest.approx(4 * math.log(2))
    assert named["weights"] == pytest.approx(module.INPUTS.T @ (0.5 - module.TARGETS))


def test_derivatives_of_the_squared_sine():
    """By hand: sin 2x and 2 cos 2x at 1, with two contributions at x."""
    named, nodes, found = worked(builders("autograd").first_derivative())
    assert float(nodes[-1].value) == pytest.approx(math.sin(2))
    assert float(named["x"]) == pytest.approx(2 * math.cos(2))
    assert sum(item.parent == 0 for step in found.steps for item in step.contributions) == 2


def test_sawtooth():
    """By hand: 2 x - floor x = 2.5, past the cut at the floor."""
    named, nodes, _ = worked(builders("autograd").sawtooth())
    assert float(named["x"]) == 2.5
    assert [node.op for node in nodes if node.cut == "not_differentiable"] == ["floor"]


def test_own_rule():
    """By hand: softmax minus one at the first score; the sum is zero, as the page's answer says."""
    named, nodes, _ = worked(builders("autograd").own_rule())
    weights = np.exp([2.0, 1.0, 0.5])
    assert named["scores"] == pytest.approx(weights / weights.sum() - [1.0, 0.0, 0.0])
    assert np.sum(named["scores"]) == pytest.approx(0.0, abs=1e-15)
    assert nodes[1].op == "log_sum_exp"
    assert nodes[1].formulas == ()


@pytest.mark.parametrize("page", PAGES)
def test_every_figure_says_what_it_requires(page):
    """So that the course builds where the framework is not installed."""
    text = (COURSE / f"{page}.md").read_text(encoding="utf-8")
    figures = re.findall(rf"```\{{tape-\w+\}} course_tapes\.{PAGES[page]}:\w+\n(:requires: {page}\n)?", text)
    assert len(figures) >= 3
    assert all(figures)
