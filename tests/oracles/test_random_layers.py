"""Random geometries, subscripts and indices: the same in PyTorch, or in HIPS autograd for indices."""

import string

import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sphinx_tape import Tape, gradients
from sphinx_tape import functions as F  # noqa: N812 -- the customary short name
from tests.oracles.comparison import Case, array, disagreements
from tests.support import require_module

# The same cases in every run: a failure is a fact, not a matter of luck.
thorough = settings(
    max_examples=120, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
axis_moves = st.fixed_dictionaries(
    {"stride": st.integers(1, 3), "padding": st.integers(0, 2), "dilation": st.integers(1, 2)}
)
geometries = st.lists(st.tuples(st.integers(1, 3), st.integers(1, 7), axis_moves), min_size=1, max_size=2)


def parts(geometry):
    """Kernel sizes, image sizes and the moves of all axes."""
    kernel, space, moves = zip(*geometry, strict=True)
    return kernel, space, {name: tuple(axis[name] for axis in moves) for name in moves[0]}


def fits(kernel, space, moves):
    """Whether every axis has room for the window."""
    reaches = ((size - 1) * gap + 1 for size, gap in zip(kernel, moves["dilation"], strict=True))
    return all(r <= s + 2 * p for r, s, p in zip(reaches, space, moves["padding"], strict=True))


@thorough
@given(geometries)
def test_convolutions_of_any_geometry_agree(geometry):
    """Every kernel, image, stride, padding and dilation that fits gives what PyTorch gives."""
    kernel, space, moves = parts(geometry)
    assume(fits(kernel, space, moves))
    case = Case(
        "convolution",
        lambda x, k: F.convolution(x, k, **moves),
        lambda torch, x, k: getattr(torch.nn.functional, f"conv{len(space)}d")(x, k, **moves),
        (array(2, 2, *space), array(3, 2, *kernel)),
    )
    assert not disagreements(case, "float64")


@thorough
@given(geometries, st.integers(0, 2))
def test_transposed_convolutions_of_any_geometry_agree(geometry, extra):
    """The same for the transposed form, with output padding below the stride."""
    kernel, space, moves = parts(geometry)
    moves["output_padding"] = tuple(min(extra, step - 1) for step in moves["stride"])
    sizes = zip(kernel, space, *(moves[name] for name in ("stride", "padding", "dilation")), strict=True)
    assume(all((s - 1) * step - 2 * pad + (k - 1) * gap + 1 >= 1 for k, s, step, pad, gap in sizes))
    case = Case(
        "transposed convolution",
        lambda x, k: F.transposed_convolution(x, k, **moves),
        lambda torch, x, k: getattr(torch.nn.functional, f"conv_transpose{len(space)}d")(x, k, **moves),
        (array(2, 2, *space), array(2, 3, *kernel)),
    )
    assert not disagreements(case, "float64")


@thorough
@given(geometries)
def test_pools_of_any_geometry_agree(geometry):
    """Maxima and averages over every window that fits."""
    kernel, space, moves = parts(geometry)
    # PyTorch crashes on windows of nothing but padding, which we refuse.
    sizes = zip(moves["padding"], kernel, moves["dilation"], strict=True)
    moves["padding"] = tuple(min(pad, size // 2) if gap == 1 else 0 for pad, size, gap in sizes)
    assume(fits(kernel, space, moves))
    rank, x = len(space), array(2, 2, *space)
    largest = Case(
        "max pool",
        lambda x: F.max_pool(x, kernel, **moves),
        lambda torch, x: getattr(torch.nn.functional, f"max_pool{rank}d")(x, kernel, **moves),
        (x,),
    )
    plain = {name: moves[name] for name in ("stride", "padding")}
    mean = Case(
        "average pool",
        lambda x: F.average_pool(x, kernel, count_padding=False, **plain),
        lambda torch, x: getattr(torch.nn.functional, f"avg_pool{rank}d")(
            x, kernel, count_include_pad=False, **plain
        ),
        (x,),
    )
    assert not disagreements(largest, "float64")
    assert not disagreements(mean, "float64")


letters = st.text(string.ascii_lowercase[:4], max_size=3)


@thorough
@given(st.lists(letters, min_size=1, max_size=3), st.data())
def test_einsums_of_any_subscripts_agree(terms, data):
    """One to three operands with repeated, shared, lonely and summed indices, and any result."""
    used = sorted(set("".join(terms)))
    result = "".join(data.draw(st.permutations(used)))[: data.draw(st.integers(0, len(used)))]
    sizes = dict(zip("abcd", (2, 3, 4, 2), strict=True))
    shapes = [tuple(sizes[letter] for letter in term) for term in terms]
    subscripts = ",".join(terms) + "->" + result
    case = Case(
        "einsum",
        lambda *operands: F.einsum(subscripts, *operands),
        lambda torch, *operands: torch.einsum(subscripts, *operands),
        tuple(array(*shape, seed=seed) for seed, shape in enumerate(shapes)),
    )
    assert not disagreements(case, "float64")


SHAPE = (3, 4, 2)
indices = st.one_of(
    arrays.basic_indices(SHAPE, allow_newaxis=True, allow_ellipsis=True),
    arrays.integer_array_indices(SHAPE[:2], result_shape=arrays.array_shapes(max_dims=2, max_side=3)),
    arrays.arrays(bool, SHAPE[:2]),
)


@thorough
@given(indices)
def test_indices_of_any_kind_agree(index):
    """Slices, integers, new axes, index arrays with repetitions and masks scatter back as in autograd."""
    core, namespace = require_module("autograd"), require_module("autograd.numpy")
    x = Tape().leaf(array(*SHAPE))
    y = F.tanh(x[index]).sum()
    expected = core.grad(lambda x: namespace.sum(namespace.tanh(x[index])))(x.value)
    assert np.array_equal(y.value, np.tanh(x.value[index]).sum())
    assert np.allclose(gradients(y)[x.id], expected, rtol=1e-12, atol=1e-14)
