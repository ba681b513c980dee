"""One function, all frameworks: the same numbers and gradients, the same tape where the same is recorded."""

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from sphinx_tape import backward
from sphinx_tape.adapters.recognition import is_operation
from sphinx_tape.report.build import build_report
from sphinx_tape.report.serial import dumps, loads
from sphinx_tape.tape.primitives import PRIMITIVES
from tests.adapters.namespaces import LETTERS, PEERS, Ours, close
from tests.adapters.shared_models import MODELS
from tests.support import require_module

RUNS = [
    pytest.param(framework, model, id=f"{framework}-{model.name}")
    for framework in sorted(PEERS.keys() - {"ours"})
    for model in MODELS
    if framework != "micrograd" or model.scalar
]


BY_NAME = {model.name: model for model in MODELS}


@cache
def read(framework, name):
    """Read one of the models, and run the reverse pass, once for all tests."""
    reading = PEERS[framework]().reading(BY_NAME[name])
    return reading, backward(reading.tape, reading.output)


def leaf_gradients(reading, found, model):
    """Gradients of the leaves, found by their names."""
    ids = {node.name: node.id for node in reading.tape.nodes if node.name and not node.parents}
    return [found.cotangents[ids[name]] for name in LETTERS[: len(model.leaves)]]


def places(reading):
    """What a figure draws, without the order of independent nodes, which is the framework's choice.

    Per node its operation, its shape and what its operands are in turn. Nodes without a gradient do not
    count, nor do those that are made of plain numbers only: frameworks differ in whether `2.0` of `x * 2.0`
    is a value of its own, and a comparison an operation.

    Returns:
        Id of a node -> where it stands in the drawing.
    """
    drawn = {}
    for node in reading.tape.nodes:
        operands = tuple(drawn[parent] for parent in node.parents if parent in drawn)
        if node.requires_grad and (operands or (node.name and not node.parents)):
            name = "" if node.parents else node.name
            drawn[node.id] = hash((node.op, name, node.shape, operands))
    return drawn


def skeleton(reading):
    """What stands at each place of the drawing, and how often."""
    return Counter(places(reading).values())


def gradients_by_place(reading, found):
    """Sum the gradients of what stands at the same place."""
    sums = {}
    for node, place in places(reading).items():
        sums[place] = sums.get(place, 0) + np.asarray(found.cotangents[node], dtype=np.float64)
    return sums


def test_thirty_models():
    """The promise: at least thirty, ten of them for engines of single numbers."""
    assert len({model.name for model in MODELS}) == len(MODELS) >= 30
    assert sum(model.scalar for model in MODELS) >= 10


@pytest.mark.parametrize(("framework", "model"), RUNS)
def test_values_and_gradients(framework, model):
    """The figure's value and leaf gradients are the framework's own, and those of our tape."""
    peer = PEERS[framework]()
    reading, found = read(framework, model.name)
    ours, passed = read("ours", model.name)
    value, expected = peer.own(model)
    shown = np.asarray(reading.tape.nodes[reading.output].value)
    assert close(shown, np.asarray(value), peer.tolerance)
    assert close(shown, np.asarray(ours.tape.nodes[ours.output].value), peer.tolerance)
    mine, own = leaf_gradients(reading, found, model), leaf_gradients(ours, passed, model)
    for gradient, theirs, other in zip(mine, expected, own, strict=True):
        assert close(gradient, np.asarray(theirs), peer.tolerance)
        assert close(gradient, np.asarray(other), peer.tolerance)


@pytest.mark.parametrize(("framework", "model"), RUNS)
def test_contributions_sum_to_the_gradient(framework, model):
    """At every node, what the consumers send adds up to what the node has collected."""
    tolerance = PEERS[framework].tolerance
    _, found = read(framework, model.name)
    sums = {found.output: np.asarray(found.seed)}
    for step in found.steps:
        for item in step.contributions:
            sums[item.parent] = sums.get(item.parent, 0) + np.asarray(item.value)
    reached = {at for at, cotangent in enumerate(found.cotangents) if cotangent is not None}
    assert sums.keys() == reached
    for at, total in sums.items():
        assert close(total, np.asarray(found.cotangents[at]), tolerance)


@pytest.mark.parametrize(("framework", "model"), RUNS)
def test_reports(framework, model):
    """Each reading becomes a report that is complete and survives being written."""
    reading, _ = read(framework, model.name)
    report = build_report(reading.tape, reading.output)
    assert report.failure is None
    assert report.reverse.coverage.missing_leaves == ()
    assert loads(dumps(report)) == report


_RELU = "no relu of its own: where(x > 0, x, 0)"
_POWER = "a power has its fixed exponent inside"
_SELECT = "an index is slices and selections"

OTHERWISE = {
    "autograd": {
        "relu at zero": _RELU,
        "dead relu": _RELU,
        "neuron": _RELU,
        "net of numbers": _RELU,
        "micrograd's README": _RELU,
        "relu of zeros": _RELU,
        "residual block": _RELU,
        "joined": "stack is concatenate of slices with a new axis",
    },
    "jax": {
        "powers": _POWER,
        "micrograd's README": _POWER,
        "embedding": "indices that may be negative are worked out first",
        "spread": f"mean is a sum and a quotient; {_POWER}",
        "mixture": _POWER,
    },
    "micrograd": {
        "dead relu": "x - 10 is x + (-10)",
        "powers": f"x - y is x + y * -1; {_POWER}",
        "micrograd's README": f"x - y is x + y * -1; {_POWER}",
    },
    "torch": {
        "powers": _POWER,
        "micrograd's README": _POWER,
        "conv2d": _SELECT,
        "embedding": _SELECT,
        "rnn of five steps": _SELECT,
        "logistic regression": "1 - x is rsub, 1 / x is reciprocal",
        "joined": _SELECT,
        "spread": _POWER,
        "mixture": _POWER,
    },
}
"""Models of which a framework records other operations than our tape, and why."""


@pytest.mark.parametrize(("framework", "model"), RUNS)
def test_the_same_tape_where_the_same_operations_are_recorded(framework, model):
    """Operations, shapes, operands and their order are those of our own tape, but for what is listed."""
    same = skeleton(read(framework, model.name)[0]) == skeleton(read("ours", model.name)[0])
    assert same == (model.name not in OTHERWISE[framework])


def in_our_form(keywords):
    """Keyword arguments as our operations take them: PyTorch has names of its own, and lists for axes."""
    names = {"size": "shape", "keepdim": "keepdims"}
    return {
        names.get(name, name): tuple(value) if isinstance(value, list) and name != "index" else value
        for name, value in (keywords or {}).items()
    }


@pytest.mark.parametrize(("framework", "model"), RUNS)
def test_formulas_hold(framework, model):
    """A node that is explained with formulas of our table does what our operation does, forward and back."""
    nodes = read(framework, model.name)[0].tape.nodes
    wrong = []
    for node in nodes:
        if node.op in PRIMITIVES and node.requires_grad and not node.formulas:
            parents = [nodes[parent] for parent in node.parents]
            values, wanted = [each.value for each in parents], [each.requires_grad for each in parents]
            if not is_operation(node.op, values, wanted, node.value, node.vjp, in_our_form(node.keywords)):
                wrong.append((node.id, node.op))
    assert wrong == []


@pytest.mark.parametrize(
    ("framework", "model"), [run for run in RUNS if run.values[1].name not in OTHERWISE[run.values[0]]]
)
def test_gradients_in_the_middle(framework, model):
    """Where the tapes are the same, so are the gradients of all their nodes, not of leaves only."""
    mine = gradients_by_place(*read(framework, model.name))
    ours = gradients_by_place(*read("ours", model.name))
    assert mine.keys() == ours.keys()
    assert all(close(mine[at], ours[at], PEERS[framework].tolerance) for at in ours)


def test_what_is_said_to_differ_exists():
    """The list above has no stale entries."""
    names = {model.name for model in MODELS}
    assert all(set(listed) <= names for listed in OTHERWISE.values())
    assert OTHERWISE.keys() == PEERS.keys() - {"ours"}


class TestTheseTestsCanFail:
    """Each comparison is shown a difference."""

    def planted(self, run):
        return replace(MODELS[1], run=run)

    def test_another_function(self):
        """Other numbers, another tape."""
        model = self.planted(lambda _, x: x * x * 1.000001)
        peer = PEERS["micrograd"]()
        value, (gradient,) = peer.own(model)
        right, found = read("ours", MODELS[1].name)
        (expected,) = leaf_gradients(right, found, MODELS[1])
        assert not close(expected, np.asarray(gradient), peer.tolerance)
        assert not close(right.tape.nodes[-1].value, np.asarray(value), peer.tolerance)
        assert skeleton(Ours().reading(model)) != skeleton(right)

    @pytest.mark.parametrize(
        "run",
        [
            lambda _, x, y: (x - y) * x,
            lambda _, x, y: (y - x) * y,
            lambda _, x, y: x * (x - y) + 0.0 * y,
            lambda _, x, y: (x + y) * x,
        ],
    )
    def test_another_order_of_operands(self, run):
        """Operands that change places, nodes more, and other operations show in the skeleton."""
        model = replace(MODELS[3], run=lambda _, x, y: x * (x - y))
        assert skeleton(Ours().reading(replace(model, run=run))) != skeleton(Ours().reading(model))
        assert skeleton(Ours().reading(model)) == skeleton(Ours().reading(model))

    def test_a_missing_gradient(self):
        """None is not taken for a number."""
        assert not close(None, np.ones(2), 1e-10)
        assert not close(np.full(2, np.nan), np.ones(2), 1e-10)
        assert not close(np.ones(()), np.ones(2), 1e-10)


BUILDERS = {
    "torch": "import torch\nx = torch.tensor(2.0, requires_grad=True)\nresult = torch.sin(x) * x",
    "jax": "import jax.numpy as np\nfrom sphinx_tape import from_jax\n"
    "result = from_jax(lambda x: np.sin(x) * x, 2.0)",
    "autograd": "import autograd.numpy as np\nfrom sphinx_tape import from_autograd\n"
    "result = from_autograd(lambda x: np.sin(x) * x, 2.0)",
    "micrograd": "from micrograd.engine import Value\nresult = Value(2.0) * Value(3.0)",
    "ours": "from sphinx_tape import Tape\nresult = Tape().leaf(2.0) ** 2",
}
PACKAGES = ("autograd", "jax", "micrograd", "tinygrad", "torch")


def loaded(code):
    """Return which frameworks are loaded after a builder's code ran and its result became a report."""
    script = (
        f"{code}\n"
        "from sphinx_tape.adapters.read import to_tape\n"
        "from sphinx_tape.report.build import build_report\n"
        "reading = to_tape(result); build_report(reading.tape, reading.output)\n"
        f"import sys; print([name for name in {PACKAGES} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize("framework", BUILDERS)
def test_no_framework_is_loaded_but_the_builders_own(framework):
    """Reading one framework's graph loads no other, and ours none."""
    if framework != "ours":
        require_module(framework)
    assert loaded(BUILDERS[framework]) == str([framework] if framework != "ours" else [])


def test_a_framework_that_is_loaded_would_be_seen():
    """The test above can fail: a builder that imports a second one is caught."""
    require_module("autograd")
    require_module("micrograd")
    assert loaded("import autograd\n" + BUILDERS["micrograd"]) == "['autograd', 'micrograd']"
