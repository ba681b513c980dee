"""Claims about `sphinx_tape.tape.tape` (with `nodes` and `sealing`, which only it uses)."""

# ruff: noqa: N812 -- F is the name the documentation uses

import contextlib
import dataclasses

import numpy as np
import pytest

from sphinx_tape import Tape, gradients
from sphinx_tape import functions as F
from sphinx_tape.errors import ForeignTapeError, OperandError, RecordError
from sphinx_tape.tape import Node, apply
from sphinx_tape.tape.nodes import Nodes
from sphinx_tape.tape.sealing import sealed_node, sealed_variable


def test_ids_are_indices_and_parents_come_first():
    """On any recorded tape, nodes[i].id == i and every parent is an earlier node."""
    tape = Tape()
    x = tape.leaf(2.0)
    ((x * x + 1.0) / x).named("y")
    assert [node.id for node in tape.nodes] == list(range(len(tape)))
    assert all(parent < node.id for node in tape.nodes for parent in node.parents)


def test_operand_order_and_repeats_are_kept():
    """The product x * x has one parent twice; 1 - x has the constant first."""
    tape = Tape()
    x = tape.leaf(2.0)
    assert (x * x).node.parents == (0, 0)
    assert (1.0 - x).node.parents == (2, 0)


def test_raw_operands_become_constants():
    """A number or array beside a variable is recorded as a node that requires no gradient."""
    tape = Tape()
    y = tape.leaf([1.0, 2.0]) * [3.0, 4.0]
    constant = tape.nodes[y.node.parents[1]]
    assert (constant.op, constant.requires_grad, constant.vjp) == ("constant", False, None)
    assert constant.value.tolist() == [3.0, 4.0]


def test_leaf_and_constant_carry_name_and_flag():
    """Both are roots; a leaf may be told not to require a gradient."""
    tape = Tape()
    w, c, data = tape.leaf(1.0, name="w"), tape.constant(2, name="c"), tape.leaf(3, "d", requires_grad=False)
    assert [(v.node.op, v.name, v.requires_grad) for v in (w, c, data)] == [
        ("leaf", "w", True),
        ("constant", "c", False),
        ("leaf", "d", False),
    ]


def test_naming_replaces_the_entry_and_nothing_else():
    """The named node equals the old one in every other field."""
    x = Tape().leaf(2.0)
    before = (x * 3.0).node
    named = x.tape.variable(before.id).named("y")
    for field in dataclasses.fields(Node):
        expected = "y" if field.name == "name" else getattr(before, field.name)
        assert getattr(named.node, field.name) is expected or getattr(named.node, field.name) == expected


def test_scopes_nest_and_end():
    """Nodes know the scopes that were open when they were recorded, also after an error inside."""
    tape = Tape()
    with tape.scope("encoder"):
        outer = tape.leaf(1.0)
        with contextlib.suppress(KeyError), tape.scope("layer1"):
            inner = outer * 2.0
            raise KeyError
    after = inner * 2.0
    assert [v.node.scope for v in (outer, inner, after)] == [("encoder",), ("encoder", "layer1"), ()]


def test_nodes_are_frozen():
    """Neither a recorded node nor a variable can be changed."""
    x = Tape().leaf(2.0)
    for recorded, field in ((x.node, "value"), (x, "id")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(recorded, field, 1)


def test_sealed_records_are_of_the_frozen_classes():
    """The fast constructor gives what the slow one gives, field by field."""
    given = {
        "id": 3,
        "op": "mul",
        "value": 2.0,
        "parents": (0, 1),
        "requires_grad": True,
        "vjp": None,
        "source": None,
        "scope": ("a",),
        "keywords": None,
        "cut": "",
    }
    fast, slow = sealed_node(*given.values()), Node(**given)
    assert type(fast) is Node
    assert dataclasses.asdict(fast) == dataclasses.asdict(slow)
    tape = Tape()
    assert dataclasses.replace(sealed_variable(tape, 1), id=2).id == 2


def test_values_are_read_only_copies():
    """Changing the array that was given changes nothing on the tape; values themselves refuse."""
    given = np.array([1.0, 2.0])
    tape = Tape()
    x = tape.leaf(given)
    y = x * given
    given[0] = 100.0
    assert x.value.tolist() == [1.0, 2.0]
    assert y.value.tolist() == [1.0, 4.0]
    for variable in (x, y, x.reshape(2, 1)):
        with pytest.raises(ValueError, match="read-only"):
            variable.value[0] = 0.0


def test_array_keywords_are_copied():
    """An index array that is changed after recording does not change the reverse pass."""
    rows = np.array([0, 0])
    x = Tape().leaf([1.0, 2.0, 3.0])
    output = x[rows].sum()
    rows[:] = 2
    assert gradients(output)[0].tolist() == [2.0, 0.0, 0.0]


def test_keywords_are_on_the_node():
    """What steered the operation can be shown; operations without any have None."""
    x = Tape().leaf([[1.0, 2.0]])
    assert x.sum(axis=1).node.keywords == {"axis": 1, "keepdims": False}
    assert (x + x).node.keywords is None


def test_operands_of_two_tapes_are_refused():
    """The message names the operation and the remedy."""
    with pytest.raises(ForeignTapeError, match=r"operands of add must belong to one tape .* tape.constant"):
        Tape().leaf(1.0) + Tape().leaf(2.0)


def test_misfitting_operands_are_refused():
    """The message shows element types and shapes; nothing is recorded for the operation."""
    tape = Tape()
    x, y = tape.leaf([1.0, 2.0]), tape.leaf([1.0, 2.0, 3.0])
    with pytest.raises(
        OperandError, match=r"operands of mul must fit together \(got float64\[2\], float64\[3\]"
    ):
        x * y
    assert len(tape) == 2


def test_text_operand_is_refused():
    """The operation is named, and the kind of element."""
    with pytest.raises(
        OperandError, match=r"operand of add: value must be numeric \(got elements of type str"
    ):
        Tape().leaf(1.0) + "a"


def test_apply_needs_a_variable():
    """A function of plain numbers has no tape to record on."""
    with pytest.raises(OperandError, match=r"operands of sin must include a variable \(got float\)"):
        F.sin(2.0)


def test_apply_and_record_find_a_primitive_by_name():
    """Both record what the operator records."""
    tape = Tape()
    x = tape.leaf(3.0)
    assert [v.node.op for v in (apply("mul", 2.0, x), tape.record("mul", (x, x)))] == ["mul", "mul"]


def test_append_takes_a_finished_node():
    """What an adapter reads enters the tape as it is."""
    tape = Tape()
    appended = tape.append(Node(id=0, op="AddBackward0", value=np.float64(1.0)))
    assert (appended.id, appended.node.op) == (0, "AddBackward0")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"id": 5}, r"id of the next node must be 1 \(got 5\)"),
        ({"id": 1, "parents": (1,)}, r"parents of node 1 \(x\) must be earlier nodes \(got \[1\]\)"),
        ({"id": 1, "parents": (-1,)}, r"must be earlier nodes"),
    ],
)
def test_append_keeps_the_order(fields, message):
    """A gap in the ids or a parent from the future is refused."""
    tape = Tape()
    tape.leaf(1.0)
    with pytest.raises(RecordError, match=message):
        tape.append(Node(op="x", value=np.float64(1.0), **fields))


def test_variable_counts_from_the_end():
    """tape.variable(-1) is the last node."""
    tape = Tape()
    tape.leaf(1.0)
    assert tape.variable(-1).id == 0


def test_nodes_are_a_growing_view():
    """Indexing, slicing, iterating and its text; no way to append."""
    tape = Tape()
    nodes = tape.nodes
    tape.leaf(1.0, name="w")
    assert isinstance(nodes, Nodes)
    assert nodes[0] is nodes[:1][0] is next(iter(nodes))
    assert len(nodes) == 1
    assert not hasattr(nodes, "append")
    assert "name='w'" in repr(nodes)
    assert repr(tape) == "Tape(1 nodes)"


def test_failure_inside_a_rule_free_forward_is_an_operand_error():
    """Too many axes, a wrong keyword, a division by zero of fractions: all name the primitive."""
    x = Tape().leaf([1.0, 2.0])
    with pytest.raises(OperandError, match=r"operands of sum must fit .*axis=3"):
        x.sum(axis=3)


def test_records_a_long_chain_without_recursion():
    """100,000 operations one after the other are recorded and differentiated (issue 2, section 2)."""
    x = Tape().leaf(1.0)
    y = x
    for _ in range(100_000):
        y = y + 1.0
    assert y.value == 100_001.0
    assert gradients(y)[0] == 1.0
