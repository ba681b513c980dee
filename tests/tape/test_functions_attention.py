"""Claims about `sphinx_tape.tape.functions_attention`."""

import numpy as np
import pytest

from sphinx_tape import Tape, backward
from sphinx_tape import functions as F  # noqa: N812 -- the customary short name
from sphinx_tape.errors import OperandError

QUERY, KEY, VALUE = np.ones((2, 4)), np.eye(3, 4), np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 2.0]])


def test_equal_keys_give_the_mean_of_the_values():
    """A query that fits all keys equally takes the mean; each value receives its share."""
    v = Tape().leaf(VALUE)
    y = F.scaled_dot_product_attention(QUERY, KEY, v)
    assert y.value == pytest.approx(np.ones((2, 2)))
    assert backward(y.sum()).gradient(v) == pytest.approx(np.full((3, 2), 2 / 3))


def test_scores_are_divided_by_the_root_of_the_features():
    """Four features divide the products by 2."""
    tape = Tape()
    F.scaled_dot_product_attention(tape.leaf(QUERY), KEY * 6.0, VALUE)
    (scores,) = [node for node in tape.nodes if node.name == "scores"]
    assert scores.value.tolist() == [[3.0, 3.0, 3.0]] * 2


def test_every_step_is_recorded_in_a_scope():
    """Readers see the steps: scores, weights and their names lie in one scope."""
    tape = Tape()
    y = F.scaled_dot_product_attention(tape.leaf(QUERY), tape.leaf(KEY), tape.leaf(VALUE))
    steps = [(node.op, node.name) for node in tape.nodes if node.scope == ("attention",)]
    assert steps == [
        ("swapaxes", ""),
        ("matmul", ""),
        ("scale", "scores"),
        ("softmax", "weights"),
        ("matmul", ""),
    ]
    assert y.node.scope == ("attention",)


def test_hidden_keys_receive_nothing():
    """A key that no query may look at, and its value, receive a gradient of zero."""
    tape = Tape()
    k, v = tape.leaf(KEY), tape.leaf(VALUE)
    y = F.scaled_dot_product_attention(QUERY, k, v, mask=[[True, False, True]])
    reverse = backward(y.sum())
    assert reverse.gradient(v)[1].tolist() == [0.0, 0.0]
    assert reverse.gradient(k)[1].tolist() == [0.0] * 4
    assert np.abs(reverse.gradient(v)[[0, 2]]).min() > 0


def test_causal_queries_look_back_only():
    """The first query sees the first value alone; the last value reaches the last query only."""
    v = Tape().leaf(VALUE)
    y = F.scaled_dot_product_attention(np.ones((3, 4)), KEY, v, causal=True)
    assert y.value[0].tolist() == [1.0, 0.0]
    assert backward(y[1].sum()).gradient(v)[2].tolist() == [0.0, 0.0]


def test_one_head_with_plain_projections_is_plain_attention():
    """With identity matrices and one head nothing is added to the formula."""
    x = Tape().leaf(np.sin(np.arange(12.0)).reshape(3, 4))
    plain = F.scaled_dot_product_attention(x, x, x)
    heads = F.multi_head_attention((x, x, x), (np.eye(4),) * 4, heads=1)
    assert heads.value == pytest.approx(plain.value)


def test_heads_work_on_their_own_features():
    """Two heads on the halves of the features equal two attentions beside each other."""
    value = np.sin(np.arange(12.0)).reshape(3, 4)
    heads = F.multi_head_attention((Tape().leaf(value),) * 3, (np.eye(4),) * 4, heads=2)
    halves = [Tape().leaf(half) for half in (value[:, :2], value[:, 2:])]
    apart = [F.scaled_dot_product_attention(half, half, half).value for half in halves]
    assert heads.value == pytest.approx(np.concatenate(apart, axis=1))
    assert heads.node.scope == ("multi_head_attention",)


def test_narrow_elements_stay_narrow():
    """Masked attention of float32 values is float32."""
    x = Tape().leaf(np.ones((3, 4), dtype=np.float32))
    assert F.scaled_dot_product_attention(x, x, x, causal=True).dtype == np.float32


def test_a_query_without_a_key_is_refused():
    """A row of the mask that hides everything would be 0 / 0."""
    with pytest.raises(OperandError, match="mask of attention must leave at least one key to every query"):
        F.scaled_dot_product_attention(Tape().leaf(QUERY), KEY, VALUE, mask=[[True] * 3, [False] * 3])


def test_something_must_be_recorded():
    """Plain arrays alone have no tape."""
    with pytest.raises(OperandError, match=r"operands of attention must include a variable \(got none\)"):
        F.scaled_dot_product_attention(QUERY, KEY, VALUE)


@pytest.mark.parametrize("heads", [3, 0])
def test_heads_divide_the_columns(heads):
    """A number of heads that does not divide the projections is refused."""
    x = Tape().leaf(np.ones((3, 4)))
    with pytest.raises(OperandError, match=rf"heads must divide .* \(got {heads} heads for 4 columns\)"):
        F.multi_head_attention((x, x, x), (np.eye(4),) * 4, heads=heads)
