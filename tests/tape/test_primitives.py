"""Claims about THE table (`sphinx_tape.tape.primitives`) and the public functions."""

# ruff: noqa: N812 -- F is the name the documentation uses

import re

import pytest

from sphinx_tape import Tape
from sphinx_tape import functions as F
from sphinx_tape.errors import OperandError
from sphinx_tape.tape.primitive import Primitive, Sample
from sphinx_tape.tape.primitives import FAMILIES, PRIMITIVES

REFERENCE = {
    *("add", "sub", "mul", "div", "scale", "abs", "sqrt", "clip", "maximum", "minimum", "relu", "sigmoid"),
    *("tanh", "softmax", "log_softmax", "softplus", "exp", "log", "reciprocal", "safe_log", "sum"),
    *("linear", "matmul", "concatenate", "getitem", "reshape", "transpose", "broadcast_to", "mean"),
    *("max_pool", "layer_norm", "batch_norm"),
}


def test_no_name_is_given_twice():
    """The table holds as many primitives as its families together."""
    assert len(PRIMITIVES) == sum(map(len, FAMILIES.values()))


@pytest.mark.parametrize("primitive", PRIMITIVES.values(), ids=PRIMITIVES)
def test_entry_is_complete(primitive):
    """Formulas where rules are, and only there; a forward formula; samples; every mark can be filled."""
    assert [bool(formula) for formula in primitive.formulas] == [rule is not None for rule in primitive.vjps]
    assert primitive.tex
    assert primitive.samples
    for template in (primitive.tex, *primitive.formulas):
        keywords = set(re.findall(r"@\{(\w+)\}", template))
        assert keywords <= set().union(*(sample.keywords for sample in primitive.samples))
        positions = [int(digit) for digit in re.findall(r"@(\d)", template)]
        assert max(positions, default=0) < max(len(primitive.vjps), 1 + primitive.variadic)
        assert template.count("{") == template.count("}")


OURS = ("arithmetic", "trigonometric", "activations", "selection", "reductions")


def test_kinks_have_a_written_convention():
    """What cannot be checked by complex steps says in a sentence why, unless it is smooth all the same."""
    smooth = {"logaddexp", "arctan2", "gelu", "erf", "var", "real", "imag", "conjugate"}
    for primitive in [each for family in OURS for each in FAMILIES[family]]:
        assert primitive.analytic or primitive.name in smooth or primitive.note.endswith(".")


@pytest.mark.parametrize("primitive", PRIMITIVES.values(), ids=PRIMITIVES)
def test_kink_has_its_note(primitive):
    """A condition for showing a note means nothing without one."""
    assert primitive.kink is None or primitive.note.endswith(".")


def test_operations_of_the_reference_are_there():
    """What the seed system offers, under our names (TorchLean's autograd page)."""
    assert REFERENCE - {*PRIMITIVES, *F.__all__} == set()


def test_every_primitive_has_a_way_in():
    """Each primitive of these families is recorded by a public function of its name or a NumPy name."""
    names = {"sub": "subtract", "mul": "multiply", "div": "divide", "neg": "negative", "gelu_tanh": "gelu"}
    for family in OURS:
        for primitive in FAMILIES[family]:
            assert names.get(primitive.name, primitive.name) in F.__all__


def test_public_list_is_honest():
    """All that is listed exists, has a docstring (or is an alias), and is listed once."""
    assert len(F.__all__) == len(set(F.__all__))
    for name in F.__all__:
        assert callable(getattr(F, name))
        assert getattr(F, name).__doc__


def test_functions_of_one_operand_record_their_own_name():
    """The function called f records the primitive f, for all functions whose name is a primitive's."""
    unary = [p for p in PRIMITIVES.values() if len(p.vjps) == 1 and not p.samples[0].keywords]
    for primitive in unary:
        if primitive.name in F.__all__ and not primitive.variadic:
            x = Tape().leaf(primitive.samples[0].operands[0])
            assert getattr(F, primitive.name)(x).node.op == primitive.name


def test_rules_and_formulas_must_match_in_number():
    """A table entry with a formula missing cannot be made."""
    with pytest.raises(
        ValueError, match=r"formulas of primitive half must be as many as its rules, 1 \(got 0\)"
    ):
        Primitive(
            name="half",
            forward=lambda x: x / 2,
            vjps=(lambda g, y, x: g / 2,),  # noqa: ARG005 -- the flat signature
            tex="@0 / 2",
            formulas=(),
            samples=(Sample((1.0,)),),
        )


def test_unknown_primitive_is_a_key_error():
    """A name outside the table cannot be recorded."""
    with pytest.raises(KeyError):
        Tape().record("no such operation", ())


def test_variables_in_wrong_number_are_refused():
    """One operand too many is an operand error that names the primitive."""
    tape = Tape()
    x = tape.leaf(1.0)
    with pytest.raises(OperandError, match="operands of add must fit together"):
        tape.record("add", (x, x, x))
