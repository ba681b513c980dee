"""The chapters on arrays."""

import math

import numpy as np
import pytest
from course_tapes import attention, broadcasting, shared, softmax


def central_differences(function, start, step=1e-6):
    """Return the gradient of a function of one array, moved element by element."""
    found = np.zeros_like(start)
    for index in np.ndindex(*start.shape):
        moved = np.zeros_like(start)
        moved[index] = step
        found[index] = (function(start + moved) - function(start - moved)) / (2 * step)
    return found


def test_layer(work):
    """By hand: three samples, so the bias gets (3, 3); W gets X^T 1, the column sums of X."""
    found = work(broadcasting.layer())
    assert found.gradients["b"].tolist() == [3.0, 3.0]
    assert found.gradients["W"].tolist() == [[9.0, 9.0], [12.0, 12.0]]
    assert found.gradients["X"] is None


def test_outer_sum(work):
    """By hand: each element's gradient is the sum of the seeds where it was used."""
    one = work(broadcasting.outer_sum(), np.array([[0.0, 0.0], [0.0, 0.0], [1.0, 0.0]]))
    assert one.gradients["c"].tolist() == [[0.0], [0.0], [1.0]]
    assert one.gradients["r"].tolist() == [1.0, 0.0]
    ones = work(broadcasting.outer_sum(), np.ones((3, 2)))
    assert ones.gradients["c"].tolist() == [[2.0], [2.0], [2.0]]
    assert ones.gradients["r"].tolist() == [3.0, 3.0]


def test_variance(work):
    """By hand: 2 (x - mu) / n with mu = 4, and nothing arrives through the mean."""
    found = work(broadcasting.centred())
    assert found.gradients["x"].tolist() == [-1.5, -0.5, 0.0, 2.0]
    assert found.values["var"] == 6.5
    assert found.gradients["mu"] == 0.0


def test_softmax_of_the_notes(work):
    """CS231n notes, "Linear classification": 0.016, 0.631, 0.353 and the loss 1.04."""
    found = work(softmax.by_hand())
    assert found.values["p"] == pytest.approx([0.016, 0.631, 0.353], abs=6e-4)
    assert found.values["loss"] == pytest.approx(1.04, abs=5e-3)


def test_softmax_gradient_is_probability_minus_truth(work):
    """By hand: p - (0, 0, 1)."""
    found = work(softmax.by_hand())
    assert found.gradients["z"] == pytest.approx(np.asarray(found.values["p"]) - [0, 0, 1])


def test_softmax_of_the_slides(work):
    """CS231n slides (2017), lecture 3: the cat scores 3.2, 5.1, -1.7 and costs 2.04 in natural logarithms."""
    found = work(softmax.by_hand(sample=1))
    assert found.values["p"] == pytest.approx([0.13, 0.87, 0.00], abs=5e-3)
    assert found.values["loss"] == pytest.approx(2.04, abs=5e-3)


def test_exponentials_get_two_contributions_of_opposite_sign(work):
    """By hand: 1/total for the right class, and minus its share through the total for all."""
    sent = work(softmax.by_hand()).contributions["e"]
    assert len(sent) == 2
    signs = [np.sign(part).tolist() for part in np.broadcast_arrays(*sent)]
    assert sorted(signs) == [[0.0, 0.0, -1.0], [1.0, 1.0, 1.0]]


def test_fused_cross_entropy(work):
    """The batch is the mean of the two samples, and so are its gradients; rows sum to zero."""
    fused = work(softmax.fused())
    single = [work(softmax.by_hand(sample)) for sample in (0, 1)]
    assert fused.values["loss"] == pytest.approx(sum(one.values["loss"] for one in single) / 2)
    assert fused.gradients["Z"] == pytest.approx(np.array([one.gradients["z"] for one in single]) / 2)
    assert fused.gradients["Z"].sum(axis=1) == pytest.approx([0, 0], abs=1e-15)


def attend(projections, seed, *, causal=False):
    """Compute the head's output once more in plain NumPy, weighted by a seed."""
    q, k, v = (attention.TOKENS @ matrix for matrix in projections)
    scores = q @ k.T / math.sqrt(2)
    if causal:
        scores = np.where(np.tri(3, dtype=bool), scores, -np.inf)
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return float((seed * (powers / powers.sum(axis=1, keepdims=True) @ v)).sum())


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("name", ["W_Q", "W_K", "W_V"])
def test_attention_head(work, causal, name):
    """Vaswani et al. (2017), equation 1, in plain NumPy with central differences."""
    seed = np.array([[1.0, 0.0], [0.5, -1.0], [0.0, 2.0]])
    found = work(attention.head(causal=causal), seed)
    matrices = {key: np.array(found.values[key]) for key in ("W_Q", "W_K", "W_V")}

    def of(matrix):
        return attend({**matrices, name: matrix}.values(), seed, causal=causal)

    assert found.gradients[name] == pytest.approx(central_differences(of, matrices[name]), abs=1e-8)


def test_attention_prose(work):
    """The gradient of V holds the first row of the weights; that of the scores sums to zero in its row."""
    found = work(attention.head(), np.array([[1.0, 0], [0, 0], [0, 0]]))
    assert found.gradients["V"][:, 0] == pytest.approx(found.values["A"][0])
    assert found.gradients["V"][:, 1].tolist() == [0, 0, 0]
    assert found.gradients["S"][1:].tolist() == [[0, 0, 0], [0, 0, 0]]
    assert found.gradients["S"].sum() == pytest.approx(0, abs=1e-15)


def test_masked_first_token_has_nothing_to_decide(work):
    """A softmax over one score is 1 whatever it is: zeros for W_Q and W_K, x_1 = (1, 0) for W_V."""
    found = work(attention.head(causal=True), np.array([[1.0, 0], [0, 0], [0, 0]]))
    assert not found.gradients["W_Q"].any()
    assert not found.gradients["W_K"].any()
    assert found.gradients["W_V"].tolist() == [[1.0, 0.0], [0.0, 0.0]]
    assert found.values["A"][0].tolist() == [1.0, 0.0, 0.0]


def test_recurrence(work):
    """By hand: h_4 = w**4 h_0; four equal parts of 0.125 make 4 w**3 = 0.5."""
    found = work(shared.linear_recurrence(w=0.5, steps=4))
    assert found.gradients["w"] == 0.5
    assert found.gradients["h_0"] == 0.0625
    assert found.contributions["w"] == [0.125] * 4
    assert [float(found.gradients[f"h_{t}"]) for t in (4, 3, 2, 1)] == [1.0, 0.5, 0.25, 0.125]


def test_exploding_recurrence(work):
    """By hand: 4 w**3 = 32 and w**4 = 16 at 2."""
    found = work(shared.linear_recurrence(w=2.0, steps=4))
    assert (found.gradients["w"], found.gradients["h_0"]) == (32.0, 16.0)


def test_recurrent_cell(work):
    """Elman (1990): the same recurrence in plain Python, with central differences."""

    def run(weights):
        w, u = weights
        state = 0.0
        for x in (1.0, 0.0, -1.0):
            state = math.tanh(w * state + u * x)
        return state

    found = work(shared.recurrent_cell())
    expected = central_differences(run, np.array([0.8, 1.0]))
    assert [found.gradients["w"], found.gradients["u"]] == pytest.approx(expected, abs=1e-8)


def test_sliding_kernel(work):
    """By hand: y = (1, 2, 3, 4); each x_i gets 2 y_(i-1) - 2 y_i; the kernel gets 90 and 150."""
    found = work(shared.sliding_kernel())
    assert found.values["y"].tolist() == [1.0, 2.0, 3.0, 4.0]
    assert found.gradients["x"].tolist() == [-2.0, -2.0, -2.0, -2.0, 8.0]
    assert (found.gradients["k_0"], found.gradients["k_1"]) == (90.0, 150.0)


def test_kernel_exercise():
    """By hand: 240 for the shift, second derivative 980, minimum at -0.245; checked by the energy itself."""
    x = np.array([1.0, 2.0, 4.0, 7.0, 11.0])

    def energy(c):
        return float((((c - 1) * x[:-1] + (c + 1) * x[1:]) ** 2).sum())

    assert (energy(1e-6) - energy(-1e-6)) / 2e-6 == pytest.approx(240)
    best = -240 / 980
    assert best == pytest.approx(-0.245, abs=5e-4)
    assert energy(best) < min(energy(best - 1e-3), energy(best + 1e-3))
