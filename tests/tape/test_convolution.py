"""Claims about `sphinx_tape.tape.convolution` and `functions_convolution`."""

from fractions import Fraction

import numpy as np
import pytest

from sphinx_tape import Tape, backward
from sphinx_tape import functions as F  # noqa: N812 -- the customary short name
from sphinx_tape.errors import OperandError


def leaves(*values):
    tape = Tape()
    return [tape.leaf(value) for value in values]


LINE = np.array([[[1.0, 2.0, 3.0, 4.0]]])
KERNEL = np.array([[[10.0, 1.0]]])


def test_a_line_by_hand():
    """y_i = 10 x_i + x_(i+1): the kernel is not flipped; contributions at shared places add up."""
    x, k = leaves(LINE, KERNEL)
    y = F.convolution(x, k)
    assert y.value.tolist() == [[[12.0, 23.0, 34.0]]]
    reverse = backward(y.sum())
    assert reverse.gradient(x).tolist() == [[[10.0, 11.0, 11.0, 1.0]]]
    assert reverse.gradient(k).tolist() == [[[6.0, 9.0]]]


def test_places_that_no_window_reaches_receive_zero():
    """With a stride of 3 the third element takes part in no window."""
    x, k = leaves(LINE, KERNEL)
    y = F.convolution(x, k, stride=3, padding=1)
    assert y.value.tolist() == [[[1.0, 34.0]]]
    assert backward(y.sum()).gradient(x).tolist() == [[[1.0, 0.0, 10.0, 1.0]]]


def test_a_transposed_line_by_hand():
    """Every element adds a copy of the kernel, two steps apart."""
    x, k = leaves(np.array([[[1.0, 2.0]]]), KERNEL)
    y = F.transposed_convolution(x, k, stride=2)
    assert y.value.tolist() == [[[10.0, 1.0, 20.0, 2.0]]]
    reverse = backward(y.sum())
    assert reverse.gradient(x).tolist() == [[[11.0, 11.0]]]
    assert reverse.gradient(k).tolist() == [[[3.0, 3.0]]]


@pytest.mark.parametrize("moves", [{}, {"stride": 2, "padding": 1}, {"dilation": 2}])
def test_both_forms_are_transposed_to_each_other(moves):
    """<conv(x, k), y> = <x, conv_transpose(y, k)> for the same kernel and moves."""
    draw = np.random.default_rng(1)
    x, k = leaves(draw.normal(size=(2, 3, 7, 7)), draw.normal(size=(4, 3, 3, 3)))
    forward = F.conv2d(x, k, **moves)
    y = draw.normal(size=forward.shape)
    back = F.conv2d_transpose(Tape().leaf(y), k.value, **moves)
    assert (forward.value * y).sum() == pytest.approx((x.value * back.value).sum())


def test_output_padding_chooses_between_two_sizes():
    """Sizes 4 and 5 have the same convolution size with stride 2; output_padding picks the second."""
    k = np.ones((1, 1, 2))
    for size, extra in [(4, 0), (5, 1)]:
        (x,) = leaves(np.ones((1, 1, size)))
        small = F.convolution(x, k, stride=2)
        assert F.transposed_convolution(small, k, stride=2, output_padding=extra).shape == (1, 1, size)


def test_a_bias_is_added_by_its_own_node():
    """The bias is one node more, and receives the sum over batch and space."""
    x, k, b = leaves(np.ones((2, 1, 3, 3)), np.ones((2, 1, 2, 2)), [1.0, -1.0])
    y = F.conv2d(x, k, b)
    assert [node.op for node in x.tape.nodes] == ["leaf", "leaf", "leaf", "conv2d", "add_channels"]
    assert backward(y.sum()).gradient(b).tolist() == [8.0, 8.0]


def test_fractions_stay_exact():
    """A convolution of fractions and its gradients are fractions."""
    third = Fraction(1, 3)
    x, k = leaves(np.array([[[third, third, third]]]), np.array([[[third, Fraction(1, 2)]]]))
    y = F.convolution(x, k)
    assert y.value.tolist() == [[[Fraction(5, 18)] * 2]]
    assert backward(y.sum()).gradient(k).tolist() == [[[Fraction(2, 3)] * 2]]


@pytest.mark.parametrize(
    ("x", "kernel", "message"),
    [
        ((1, 2, 4), (3, 2), "both have a batch .* axis"),
        ((2, 4), (3, 2), "at least one spatial axis"),
        (
            (1, 2, 4),
            (3, 1, 2),
            r"axis 1 of x and axis 1 of the kernel are the same input channels \(got x \(1, 2, 4\)",
        ),
        ((1, 2, 4), (3, 2, 5), r"window of reach \(5,\) must fit"),
    ],
)
def test_operands_that_do_not_fit_are_refused(x, kernel, message):
    """Missing axes, other channels and a kernel that is too large are told apart."""
    first, second = leaves(np.ones(x), np.ones(kernel))
    with pytest.raises(OperandError, match=message):
        F.convolution(first, second)


def test_the_transposed_kernel_has_its_input_channels_first():
    """A kernel for the other form is refused with its axis."""
    x, k = leaves(np.ones((1, 2, 4)), np.ones((3, 2, 2)))
    with pytest.raises(OperandError, match="axis 1 of x and axis 0 of the kernel"):
        F.transposed_convolution(x, k)


@pytest.mark.parametrize(
    ("moves", "message"),
    [
        (
            {"output_padding": 1},
            r"output_padding must be smaller than the stride \(got \(1,\) with stride \(1,\)\)",
        ),
        ({"padding": 3}, "padding must leave an image to make"),
        ({"stride": 0}, "stride must be one whole number >= 1"),
        ({"dilation": (1, 1)}, "dilation must be one whole number >= 1, or 1 of them"),
    ],
)
def test_moves_that_make_no_image_are_refused(moves, message):
    """Each parameter is refused by its own name."""
    x, k = leaves(np.ones((1, 1, 4)), np.ones((1, 1, 2)))
    with pytest.raises(OperandError, match=message):
        F.transposed_convolution(x, k, **moves)


@pytest.mark.parametrize(
    ("function", "general"),
    [
        (lambda x: F.conv2d(x, np.ones((1, 1, 2))), "convolution"),
        (lambda x: F.conv2d_transpose(x, np.ones((1, 1, 2))), "transposed_convolution"),
        (lambda x: F.max_pool2d(x, 2), "max_pool"),
        (lambda x: F.average_pool2d(x, 2), "average_pool"),
        (lambda x: F.smooth_max_pool2d(x, 2), "smooth_max_pool"),
    ],
)
def test_images_have_four_axes(function, general):
    """The two-dimensional forms refuse lines and name the operation that takes them."""
    (x,) = leaves(LINE)
    with pytest.raises(
        OperandError, match=rf"\(batch, channels, height, width\) \(got 3 axes\); use {general} for"
    ):
        function(x)


def test_a_bias_is_one_number_per_channel():
    """Anything else is refused."""
    x, b = leaves(np.ones((1, 2, 3)), np.ones(3))
    with pytest.raises(OperandError, match=r"bias of add_channels must have one number per channel.*\(3,\)"):
        F.add_channels(x, b)
