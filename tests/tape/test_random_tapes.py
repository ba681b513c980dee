"""Claims about any tape: random programs, checked by replay and against themselves."""

# ruff: noqa: N812 -- F is the name the documentation uses

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sphinx_tape import Tape, backward, gradients
from sphinx_tape import functions as F
from sphinx_tape.tape.coverage import coverage
from sphinx_tape.tape.gradient_check import check_tape

# Smooth and bounded, so that differences are accurate wherever a program goes.
UNARY = [F.sin, F.cos, F.tanh, F.sigmoid, F.softplus, F.arctan, F.arcsinh, lambda x: x.detach(), lambda x: -x]
BINARY = [
    F.add,
    F.subtract,
    F.hypot,
    F.logaddexp,
    lambda a, b: F.tanh(a) * F.sin(b),
    lambda a, b: a / (2.0 + F.cos(b)),
]
SHAPES = [(), (2,), (3, 1), (3, 2), (1, 2)]


@st.composite
def programs(draw):
    """Shapes of the leaves, then operations on anything computed so far."""
    shapes = draw(st.lists(st.sampled_from(SHAPES), min_size=1, max_size=3))
    places = st.integers(0, 99)
    unary = st.tuples(st.sampled_from(UNARY), places)
    binary = st.tuples(st.sampled_from(BINARY), places, places)
    return shapes, draw(st.lists(unary | binary, min_size=1, max_size=12))


def run(program, dtype=np.float64):
    """Record a program; return its last value."""
    shapes, operations = program
    tape = Tape()
    pool = [
        tape.leaf(
            np.asarray(0.3 + 0.7 * np.cos(5.0 * n + np.arange(float(np.prod(shape, dtype=int)))))
            .astype(dtype)
            .reshape(shape)
        )
        for n, shape in enumerate(shapes)
    ]
    for function, *places in operations:
        pool.append(function(*(pool[place % len(pool)] for place in places)))
    return pool[-1]


@settings(max_examples=60, deadline=None)
@given(programs())
def test_gradients_of_any_program_agree_with_replayed_differences(program):
    """Broadcasting, fan-out and cuts in any combination: every leaf is right."""
    checked = check_tape(run(program))
    assert [leaf for leaf in checked.leaves if leaf.verdict != "right"] == []
    assert checked.blamed == ()


@settings(max_examples=60, deadline=None)
@given(programs())
def test_cotangents_have_the_shape_and_type_of_their_values(program):
    """In float32 too; the fast path gives the very same numbers; coverage counts every node once."""
    output = run(program, np.float32)
    seed = np.ones(output.shape, output.dtype)
    found = backward(output, seed=seed)
    for node, cotangent, fast in zip(
        output.tape.nodes, found.cotangents, gradients(output, seed), strict=True
    ):
        if cotangent is None:
            assert fast is None
            continue
        assert (cotangent.shape, cotangent.dtype) == (node.value.shape, node.value.dtype)
        np.testing.assert_array_equal(cotangent, fast)
    covered = coverage(output.tape, found)
    assert sorted(covered.reached + tuple(covered.reasons)) == list(range(len(output.tape)))


@settings(max_examples=40, deadline=None)
@given(programs())
def test_reverse_pass_is_linear_in_the_seed(program):
    """Twice the seed gives twice every cotangent, exactly."""
    output = run(program)
    seed = 1.0 + np.arange(float(output.size)).reshape(output.shape)
    once, twice = gradients(output, seed), gradients(output, 2 * seed)
    for single, double in zip(once, twice, strict=True):
        assert (single is None) == (double is None)
        if single is not None:
            np.testing.assert_array_equal(2 * single, double)
