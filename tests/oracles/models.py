"""Cases: whole models, against PyTorch. Data for `test_torch.py`.

Each model is written twice from its definition. Weights are shared or repeated where the model does so,
so that the accumulation of contributions is under test as well.
"""

# ruff: noqa: PLR0917 -- a model takes its input and each of its weights

from __future__ import annotations

import numpy as np

from sphinx_tape import functions as F  # noqa: N812 -- the customary short name
from tests.oracles.comparison import COMPLEX_TOO, Case, array, positive

CLASSES = np.array([0, 2, 1, 2])
TOKENS = np.array([[0, 3, 1], [3, 3, 2]])


def mlp(x, w1, b1, w2, b2):
    """Two tanh layers with cross-entropy."""
    hidden = F.tanh(x @ w1 + b1)
    return F.cross_entropy(hidden @ w2 + b2, CLASSES)


def torch_mlp(torch, x, w1, b1, w2, b2):
    hidden = torch.tanh(x @ w1 + b1)
    return torch.nn.functional.cross_entropy(hidden @ w2 + b2, torch.tensor(CLASSES))


def relu_mlp(x, w1, b1, w2, b2):
    """A relu layer with squared error."""
    return F.mse(F.linear(F.relu(F.linear(x, w1, b1)), w2, b2), np.ones((4, 3), dtype=x.dtype))


def torch_relu_mlp(torch, x, w1, b1, w2, b2):
    linear = torch.nn.functional.linear
    result = linear(torch.relu(linear(x, w1, b1)), w2, b2)
    return torch.nn.functional.mse_loss(result, torch.ones_like(result))


def softmax_regression(x, w, b):
    """Linear scores, cross-entropy and a penalty on the weights."""
    return F.cross_entropy(x @ w + b, CLASSES) + 0.1 * (w * w).sum()


def torch_softmax_regression(torch, x, w, b):
    return torch.nn.functional.cross_entropy(x @ w + b, torch.tensor(CLASSES)) + 0.1 * (w * w).sum()


def logistic_regression(x, w, b):
    """Binary cross-entropy of a linear score."""
    return F.binary_cross_entropy(x @ w + b, np.array([0.0, 1.0, 1.0, 0.0]).astype(x.dtype))


def torch_logistic_regression(torch, x, w, b):
    target = torch.tensor([0.0, 1.0, 1.0, 0.0], dtype=x.dtype)
    return torch.nn.functional.binary_cross_entropy_with_logits(x @ w + b, target)


def rnn(xs, w, u, b, v):
    """Elman network over four steps; w, u and b are used in each."""
    state = F.tanh(xs[0] @ w + b)
    for step in range(1, 4):
        state = F.tanh(xs[step] @ w + state @ u + b)
    return (state @ v).square().sum()


def torch_rnn(torch, xs, w, u, b, v):
    state = torch.tanh(xs[0] @ w + b)
    for step in range(1, 4):
        state = torch.tanh(xs[step] @ w + state @ u + b)
    return (state @ v).square().sum()


def lstm(xs, w, u, b):
    """Gated cell over three steps; the gates are parts of one product."""
    hidden, cell = np.zeros((2, 3), dtype=xs.dtype), np.zeros((2, 3), dtype=xs.dtype)
    for step in range(3):
        gates = F.split(xs[step] @ w.T + F.matmul(hidden, u.T) + b, 4, axis=1)
        take, keep, fresh, show = gates
        cell = F.sigmoid(keep) * cell + F.sigmoid(take) * F.tanh(fresh)
        hidden = F.sigmoid(show) * F.tanh(cell)
    return F.concatenate([hidden, cell], axis=1).sum()


def torch_lstm(torch, xs, w, u, b):
    state = torch.zeros((1, 2, 3), dtype=xs.dtype)
    weights = [w, u, b, torch.zeros_like(b)]
    _, hidden, cell = torch._VF.lstm(xs, (state, state), weights, True, 1, 0.0, False, False, False)
    return torch.cat([hidden[0], cell[0]], 1).sum()


def residual(x, w1, w2, gain, bias):
    """Two residual blocks with the same weights, then layer normalisation."""
    for _ in range(2):
        x = x + F.relu(x @ w1) @ w2
    return F.layer_norm(x, gain, bias)


def torch_residual(torch, x, w1, w2, gain, bias):
    for _ in range(2):
        x = x + torch.relu(x @ w1) @ w2
    return torch.nn.functional.layer_norm(x, (4,), gain, bias)


def transformer_block(x, wq, wk, wv, wo, w1, w2, gain, bias):
    """Pre-norm block: attention, then a gelu network, each around a shortcut."""
    normed = F.layer_norm(x, gain, bias)
    x = x + F.multi_head_attention((normed, normed, normed), (wq, wk, wv, wo), heads=2, causal=True)
    return x + F.gelu(F.layer_norm(x, gain, bias) @ w1) @ w2


def torch_transformer_block(torch, x, wq, wk, wv, wo, w1, w2, gain, bias):
    def norm(y):
        return torch.nn.functional.layer_norm(y, (4,), gain, bias)

    def heads(y):
        return y.reshape(2, 3, 2, 2).swapaxes(1, 2)

    normed = norm(x)
    mixed = torch.nn.functional.scaled_dot_product_attention(
        heads(normed @ wq), heads(normed @ wk), heads(normed @ wv), is_causal=True
    )
    x = x + mixed.swapaxes(1, 2).reshape(2, 3, 4) @ wo
    return x + torch.nn.functional.gelu(norm(x) @ w1) @ w2


def conv_net(x, k1, b1, k2, w, b):
    """Two convolutions with pooling, then a linear classifier."""
    x = F.max_pool2d(F.relu(F.conv2d(x, k1, b1, padding=1)), 2)
    x = F.average_pool2d(F.relu(F.conv2d(x, k2, stride=2, padding=1)), 2)
    return F.cross_entropy(F.linear(F.flatten(x, 1), w, b), np.array([1, 0]))


def torch_conv_net(torch, x, k1, b1, k2, w, b):
    functional = torch.nn.functional
    x = functional.max_pool2d(torch.relu(functional.conv2d(x, k1, b1, padding=1)), 2)
    x = functional.avg_pool2d(torch.relu(functional.conv2d(x, k2, stride=2, padding=1)), 2)
    return functional.cross_entropy(functional.linear(x.flatten(1), w, b), torch.tensor([1, 0]))


def autoencoder(x, down, up, bias):
    """Strided convolution down, transposed convolution up, squared error to the image itself."""
    code = F.tanh(F.conv2d(x, down, stride=2, padding=1))
    return F.mse(F.conv2d_transpose(code, up, bias, stride=2, padding=1, output_padding=1), x)


def torch_autoencoder(torch, x, down, up, bias):
    functional = torch.nn.functional
    code = torch.tanh(functional.conv2d(x, down, stride=2, padding=1))
    image = functional.conv_transpose2d(code, up, bias, stride=2, padding=1, output_padding=1)
    return functional.mse_loss(image, x)


def batch_norm_net(x, kernel, gain, bias, w):
    """Convolution, batch normalisation, swish, mean over space."""
    x = F.silu(F.batch_norm(F.conv2d(x, kernel), gain, bias))
    return x.mean((2, 3)) @ w


def torch_batch_norm_net(torch, x, kernel, gain, bias, w):
    functional = torch.nn.functional
    x = functional.conv2d(x, kernel)
    x = functional.silu(functional.batch_norm(x, None, None, gain, bias, training=True))
    return x.mean((2, 3)) @ w


def language_model(table, w):
    """Embedding whose table is also the output layer (tied weights)."""
    vectors = F.embedding(table, TOKENS)
    scores = F.tanh(vectors @ w) @ table.T
    return F.cross_entropy(scores[:, :-1], TOKENS[:, 1:])


def torch_language_model(torch, table, w):
    tokens = torch.tensor(TOKENS)
    scores = torch.tanh(torch.nn.functional.embedding(tokens, table) @ w) @ table.T
    return torch.nn.functional.cross_entropy(scores[:, :-1].reshape(-1, 4), tokens[:, 1:].reshape(-1))


def gaussian_process(x, scale, noise):
    """Squared-exponential kernel matrix and a quadratic form on it."""
    distances = (F.expand_dims(x, 0) - F.expand_dims(x, 1)).square()
    kernel = F.exp(-distances / (2.0 * scale.square())) + noise * np.eye(5, dtype=x.dtype)
    return F.einsum("i,ij,j->", x, kernel, x)


def torch_gaussian_process(torch, x, scale, noise):
    distances = (x.unsqueeze(0) - x.unsqueeze(1)).square()
    kernel = torch.exp(-distances / (2.0 * scale.square())) + noise * torch.eye(5, dtype=x.dtype)
    return torch.einsum("i,ij,j->", x, kernel, x)


def mixture(x, means, weights):
    """Log-likelihood of a mixture of unit Gaussians."""
    each = -(F.expand_dims(x, 1) - means).square() / 2.0
    return F.logsumexp(each + F.log_softmax(weights), axis=1).sum()


def torch_mixture(torch, x, means, weights):
    each = -(x.unsqueeze(1) - means).square() / 2.0
    return torch.logsumexp(each + torch.log_softmax(weights, -1), 1).sum()


def graph_network(features, w):
    """One round of messages along edges: gather at the sources, add at the targets."""
    sources, targets = np.array([0, 1, 1, 3]), np.array([1, 0, 2, 1])
    messages = F.gather(F.relu(features @ w), sources)
    return F.softplus(F.scatter_add(features, targets, messages)).sum()


def torch_graph_network(torch, features, w):
    sources, targets = torch.tensor([0, 1, 1, 3]), torch.tensor([1, 0, 2, 1])
    messages = torch.relu(features @ w)[sources]
    return torch.nn.functional.softplus(features.index_add(0, targets, messages)).sum()


def newton_root(a):
    """Seven steps towards a square root: a long chain with fan-out at every step."""
    x = a / 2.0
    for _ in range(7):
        x = (x + a / x) / 2.0
    return x.sum()


def torch_newton_root(torch, a):
    x = a / 2.0
    for _ in range(7):
        x = (x + a / x) / 2.0
    return x.sum()


def complex_rotation(z, w):
    """A complex linear layer whose squared modulus is summed."""
    y = F.exp(z @ w) * z
    return F.real(y * F.conjugate(y)).sum()


def torch_complex_rotation(torch, z, w):
    y = torch.exp(z @ w) * z
    return torch.real(y * torch.conj(y)).sum()


def clipped_policy(logits, old, gain):
    """The clipped objective of policy optimisation, with the old policy detached."""
    ratio = F.exp(F.log_softmax(logits) - F.log_softmax(old).detach())
    return -F.minimum(ratio * gain, F.clip(ratio, 0.8, 1.2) * gain).mean()


def torch_clipped_policy(torch, logits, old, gain):
    ratio = torch.exp(torch.log_softmax(logits, -1) - torch.log_softmax(old, -1).detach())
    return -torch.minimum(ratio * gain, torch.clamp(ratio, 0.8, 1.2) * gain).mean()


MODELS = [
    Case("mlp", mlp, torch_mlp, (array(4, 5), array(5, 6), array(6), array(6, 3), array(3))),
    Case("relu mlp", relu_mlp, torch_relu_mlp, (array(4, 5), array(6, 5), array(6), array(3, 6), array(3))),
    Case(
        "softmax regression",
        softmax_regression,
        torch_softmax_regression,
        (array(4, 5), array(5, 3), array(3)),
    ),
    Case(
        "logistic regression",
        logistic_regression,
        torch_logistic_regression,
        (array(4, 5), array(5), np.array(0.3)),
    ),
    Case(
        "rnn with shared weights",
        rnn,
        torch_rnn,
        (array(4, 2, 3), array(3, 5), array(5, 5), array(5), array(5, 2)),
    ),
    Case("lstm", lstm, torch_lstm, (array(3, 2, 4), array(12, 4), array(12, 3), array(12))),
    Case(
        "residual blocks",
        residual,
        torch_residual,
        (array(3, 4), array(4, 6), array(6, 4), positive(4), array(4)),
    ),
    Case(
        "transformer block",
        transformer_block,
        torch_transformer_block,
        (
            array(2, 3, 4),
            *(array(4, 4, seed=seed) for seed in range(4)),
            array(4, 8),
            array(8, 4),
            positive(4),
            array(4),
        ),
    ),
    Case(
        "convolutional network",
        conv_net,
        torch_conv_net,
        (array(2, 1, 8, 8), array(3, 1, 3, 3), array(3), array(4, 3, 3, 3), array(2, 4), array(2)),
    ),
    Case(
        "convolutional autoencoder",
        autoencoder,
        torch_autoencoder,
        (array(2, 1, 6, 6), array(3, 1, 3, 3), array(3, 1, 3, 3), array(1)),
    ),
    Case(
        "batch norm network",
        batch_norm_net,
        torch_batch_norm_net,
        (array(2, 2, 5, 5), array(3, 2, 3, 3), positive(3), array(3), array(3, 2)),
    ),
    Case("tied language model", language_model, torch_language_model, (array(4, 3), array(3, 3))),
    Case(
        "gaussian process",
        gaussian_process,
        torch_gaussian_process,
        (array(5), np.array(1.3), np.array(0.2)),
    ),
    Case("mixture", mixture, torch_mixture, (array(6), array(3), array(3, seed=5))),
    Case("graph network", graph_network, torch_graph_network, (array(4, 3), array(3, 3))),
    Case("newton's root", newton_root, torch_newton_root, (positive(3),), COMPLEX_TOO),
    Case(
        "complex layer",
        complex_rotation,
        torch_complex_rotation,
        (array(2, 3) / 4, array(3, 3) / 4),
        ("complex128",),
    ),
    Case(
        "clipped policy",
        clipped_policy,
        torch_clipped_policy,
        (array(4, 3), array(4, 3, seed=1), array(4, 1)),
    ),
]
