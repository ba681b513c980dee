"""The chapters on single numbers, against their published sources."""

import math
import re

import pytest
from course_tapes import checking, expression, fanout, neuron, survey

from sphinx_tape import backward


@pytest.mark.parametrize(
    ("node", "value"),
    [
        ("x_1", 2.0),
        ("x_2", 5.0),
        ("v_1", 0.693),
        ("v_2", 10.0),
        ("v_3", -0.959),
        ("v_4", 10.693),
        ("y", 11.652),
    ],
)
def test_forward_trace_of_the_survey(work, node, value):
    """Baydin et al., JMLR 18 (2018), Table 3, left column."""
    assert work(survey.worked_example()).values[node] == pytest.approx(value, abs=5e-4)


@pytest.mark.parametrize(
    ("node", "adjoint"),
    [("y", 1.0), ("v_4", 1.0), ("v_3", -1.0), ("v_2", 1.0), ("v_1", 1.0), ("x_2", 1.716), ("x_1", 5.5)],
)
def test_adjoints_of_the_survey(work, node, adjoint):
    """Baydin et al., JMLR 18 (2018), Table 3, right column."""
    assert work(survey.worked_example()).gradients[node] == pytest.approx(adjoint, abs=5e-4)


def test_parts_of_the_survey_s_sums(work):
    """Same table: the adjoint of x_2 is -0.284 and then 2 more, that of x_1 is 5 and then 0.5 more."""
    sent = work(survey.worked_example()).contributions
    assert sent["x_2"] == pytest.approx([-0.284, 2.0], abs=5e-4)
    assert sent["x_1"] == pytest.approx([5.0, 0.5])


def test_pass_from_the_survey_s_v_4():
    """By hand: d(ln x1 + x1 x2) is 1/2 + 5 and 2; what follows v_4, or does not feed it, gets nothing."""
    tape = survey.worked_example().tape
    cotangents = backward(tape, output="v_4").cotangents
    named = {node.name: cotangents[node.id] for node in tape.nodes}
    assert (named["x_1"], named["x_2"]) == (5.5, 2.0)
    assert (named["v_3"], named["y"]) == (None, None)


def test_the_survey_s_exercise(work):
    """By hand: at x_2 = pi the cosine is -1, so the gradient of x_2 is x_1 + 1."""
    assert work(survey.worked_example(2.0, math.pi)).gradients["x_2"] == pytest.approx(3.0)


GATES = {"w_0": -0.20, "x_0": 0.39, "w_1": -0.39, "x_1": -0.59, "w_2": 0.20, "s": 0.20}


@pytest.mark.parametrize("builder", [neuron.gates, neuron.one_gate])
@pytest.mark.parametrize(("node", "gradient"), GATES.items())
def test_sigmoid_neuron(work, builder, node, gradient):
    """CS231n notes, "Backpropagation, intuitions": the numbers below the wires, gate by gate or as one."""
    assert work(builder()).gradients[node] == pytest.approx(gradient, abs=5e-3)


def test_every_wire_of_the_circuit(work):
    """Same picture: values and gradients along the last five gates."""
    found = work(neuron.gates())
    order = list(found.values)
    last = order[order.index("s") :]
    reached = [name for name in last if found.gradients[name] is not None]
    pairs = [(float(found.values[name]), float(found.gradients[name])) for name in reached]
    expected = [(1.00, 0.20), (-1.00, -0.20), (0.37, -0.53), (1.37, -0.53), (0.73, 1.00)]
    assert len(pairs) == len(expected)
    for pair, wire in zip(pairs, expected, strict=True):
        assert pair == pytest.approx(wire, abs=5e-3)


def test_neuron_prose():
    """By hand: s = 1, e**-1 = 0.368, the slope of 1/u at 1.368 is -0.534, and 0.534 * 0.368 = 0.197."""
    exponential = math.exp(-1.0)
    assert exponential == pytest.approx(0.368, abs=5e-4)
    assert 1 / (1 + exponential) ** 2 == pytest.approx(0.534, abs=5e-4)
    assert exponential / (1 + exponential) ** 2 == pytest.approx(0.197, abs=5e-4)


def test_three_patterns(work):
    """CS231n notes, "Patterns in backward flow": the red numbers -8, 6, 2 and 0 of its circuit."""
    found = work(neuron.three_patterns())
    assert [float(found.gradients[name]) for name in ("x", "y", "z", "w")] == [-8.0, 6.0, 2.0, 0.0]
    assert float(found.values["f"]) == -20.0


def test_gradient_of_the_smaller_operand_is_zero_and_not_missing(work):
    """The pass comes to w and finds zero."""
    assert work(neuron.three_patterns()).gradients["w"] is not None


def test_square_as_product(work):
    """By hand: d(x x)/dx = 2 x = 6 at 3, in two contributions of 3."""
    found = work(fanout.square())
    assert found.gradients["x"] == 6.0
    assert found.contributions["x"] == [3.0, 3.0]


def test_diamond(work):
    """By hand: 3 x**3 has the slope 9 x**2 = 36 at 2; 12 arrives through v, then 24 through u."""
    found = work(fanout.diamond())
    assert found.gradients["x"] == 36.0
    assert found.contributions["x"] == [12.0, 24.0]


def test_doubling(work):
    """By hand: x**8 has the slope 8 x**7; three steps of the pass send something."""
    found = work(fanout.doubling(x=1.5, levels=3))
    assert found.gradients["x"] == pytest.approx(8 * 1.5**7)
    assert found.steps == 3


def test_staged_expression(work):
    """CS231n notes, "Staged computation": its own listing, evaluated here line by line."""
    x, y = 3.0, -4.0
    sigy, sigx = 1 / (1 + math.exp(-y)), 1 / (1 + math.exp(-x))
    numerator, s = x + sigy, x + y
    denominator = sigx + s**2
    d_denominator = -numerator / denominator**2
    d_s = 2 * s * d_denominator
    expected_x = d_s + (1 - sigx) * sigx * d_denominator + 1 / denominator
    expected_y = d_s + (1 - sigy) * sigy / denominator
    found = work(fanout.staged())
    assert found.gradients["x"] == pytest.approx(expected_x, rel=1e-12)
    assert found.gradients["y"] == pytest.approx(expected_y, rel=1e-12)
    assert [len(found.contributions[name]) for name in "xy"] == [3, 2]


def test_cube_exercise(work):
    """By hand: x x x has the slope 3 x**2 = 12 at 2, in three contributions of 4."""
    from sphinx_tape import Tape

    x = Tape().leaf(2.0, name="x")
    assert work(x * x * x).contributions["x"] == [4.0, 4.0, 4.0]


def test_micrograd_readme(work):
    """README of micrograd (2020): 24.7041, 138.8338 and 645.5773."""
    found = work(expression.tangled())
    printed = [found.values["g"], found.gradients["a"], found.gradients["b"]]
    assert [f"{number:.4f}" for number in printed] == ["24.7041", "138.8338", "645.5773"]


def test_one_rectifier_is_off():
    """By hand: b + a = -2 is clipped, b - a = 6 is not."""
    nodes = expression.tangled().tape.nodes
    assert [float(node.value) for node in nodes if node.op == "relu"] == [0.0, 6.0]


def test_table_of_central_differences(course):
    """The page's table, against the differences themselves and 2 - cos 5."""
    text = (course / "checking.rst").read_text(encoding="utf-8")
    rows = re.findall(r"\* - (1e-\d\d)\n +- (\S+)\n +- (\S+)\n", text)
    assert len(rows) == 6
    for step, slope, error in rows:
        found = checking.central_difference(float(step))
        assert found == pytest.approx(float(slope), abs=1e-10)
        assert abs(found - (2 - math.cos(5.0))) == pytest.approx(float(error), rel=0.2)


def test_central_difference_agrees_with_the_tape(work):
    """At the best step, ten digits of the survey's adjoint."""
    adjoint = work(survey.worked_example()).gradients["x_2"]
    assert checking.central_difference(1e-5) == pytest.approx(adjoint, abs=1e-9)


def test_complex_step(work):
    """Squire and Trapp (1998): the imaginary part over the step is the derivative to the last digit."""
    output = checking.complex_step()
    assert complex(output.value).imag / 1e-20 == pytest.approx(2 - math.cos(5.0), rel=1e-15)
    assert complex(output.value).real == pytest.approx(11.652, abs=5e-4)


def test_hidden_mistake(work):
    """By hand: 9 is right, 3 is half of the slope 6, and the leaf is not even missing."""
    found = work(checking.hidden_mistake())
    assert (found.values["y"], found.gradients["x"]) == (9.0, 3.0)
    assert pytest.approx(6.0) == (3.001**2 - 2.999**2) / 0.002
