"""PyTorch agrees: the same computation in both engines, forward and gradients."""

# ruff: noqa: ARG005 -- rules and cases have fixed signatures

from dataclasses import replace

import pytest

from sphinx_tape import functions as F  # noqa: N812 -- the customary short name
from sphinx_tape.tape.primitives import PRIMITIVES
from tests.oracles import layers, models, operations
from tests.oracles.comparison import DTYPES, Case, array, disagreements, run_ours

GROUPS = {
    "elementwise": operations.ELEMENTWISE,
    "reductions": operations.REDUCTIONS,
    "linear algebra": operations.LINEAR,
    "linear systems": operations.SYSTEMS,
    "shaping": operations.SHAPING,
    "indexing": operations.INDEXING,
    "softmax": layers.SOFTMAX,
    "losses": layers.LOSSES,
    "convolution": layers.CONVOLUTIONS,
    "pooling": layers.POOLS,
    "normalization": layers.NORMS,
    "attention": layers.ATTENTION,
    "models": models.MODELS,
}
RUNS = [
    pytest.param(case, dtype, id=f"{group}-{case.name}-{dtype}")
    for group, cases in GROUPS.items()
    for case in cases
    for dtype in case.dtypes
]


@pytest.mark.parametrize(("case", "dtype"), RUNS)
def test_torch_agrees(case, dtype):
    """Forward value and every gradient are equal within the tolerance of the element type."""
    assert not disagreements(case, dtype)


def test_enough_computations_are_compared():
    """At least sixty different expressions and models, of them a dozen models."""
    assert sum(map(len, GROUPS.values())) >= 60
    assert len(models.MODELS) >= 12


def test_every_operation_of_the_table_is_compared():
    """No entry of THE table is left without an oracle."""
    compared = set()
    for cases in GROUPS.values():
        for case in cases:
            compared |= run_ours(case, case.dtypes[0]).operations
    assert set(PRIMITIVES) - compared == set()


TANH = Case("tanh", F.tanh, lambda torch, x: torch.tanh(x), (array(3, 2),))


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_wrong_rule_is_caught(monkeypatch, dtype):
    """The comparison fails on a rule that is slightly wrong, and on nothing else."""
    wrong = replace(PRIMITIVES["tanh"], vjps=(lambda g, y, x: g * (1 - 0.999 * y * y),))
    monkeypatch.setitem(PRIMITIVES, "tanh", wrong)
    (line,) = disagreements(TANH, dtype)
    assert line.startswith("gradient of operand 0: error")


def test_a_wrong_forward_is_caught(monkeypatch):
    """A forward value that differs is reported as such."""
    wrong = replace(PRIMITIVES["tanh"], forward=lambda x: x)
    monkeypatch.setitem(PRIMITIVES, "tanh", wrong)
    assert any(line.startswith("forward value") for line in disagreements(TANH, "float64"))


def test_a_missing_gradient_is_caught(monkeypatch):
    """A gradient that is absent where PyTorch has one is reported, as is one that is nan."""
    monkeypatch.setitem(PRIMITIVES, "tanh", replace(PRIMITIVES["tanh"], vjps=(None,)))
    assert disagreements(TANH, "float64")[0].startswith("gradient of operand 0: ours None")
    wrong = replace(PRIMITIVES["tanh"], vjps=(lambda g, y, x: g * float("nan"),))
    monkeypatch.setitem(PRIMITIVES, "tanh", wrong)
    assert disagreements(TANH, "float64")


def test_another_element_type_is_caught():
    """Promotion to a wider type counts as a disagreement, not as more accuracy."""
    case = Case("cast", lambda x: F.cast(x, "float64"), lambda torch, x: x + 0, (array(2),))
    assert disagreements(case, "float32")[0].startswith("forward value: ours float64")
