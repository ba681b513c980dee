"""Models for the tests of the PyTorch adapter: whole ones, and one operation after the other.

Each is a function of torch that returns what `from_torch` is called with: a module or function, its inputs,
and the loss, or None.
"""

from __future__ import annotations


def mlp(torch):
    """Two layers with cross-entropy, after one step of gradient descent."""
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 3))
    x, target = torch.randn(5, 3), torch.tensor([0, 1, 2, 1, 0])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    torch.nn.functional.cross_entropy(model(x), target).backward()
    optimizer.step()
    return model, (x,), lambda scores: torch.nn.functional.cross_entropy(scores, target)


def transformer_layer(torch):
    """PyTorch's own encoder layer, with dropout."""
    layer = torch.nn.TransformerEncoderLayer(8, 2, 16, dropout=0.1, batch_first=True)
    return layer, (torch.randn(2, 5, 8),), lambda y: y.square().mean()


def residual_network(torch):
    """A small ResNet in plain PyTorch: batch normalization, shortcut, pooling."""
    nn = torch.nn

    class Block(nn.Module):
        def __init__(self, inside, outside) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(inside, outside, 3, padding=1, bias=False)
            self.norm1 = nn.BatchNorm2d(outside)
            self.conv2 = nn.Conv2d(outside, outside, 3, padding=1)
            self.short = nn.Conv2d(inside, outside, 1) if inside != outside else nn.Identity()

        def forward(self, x):
            hidden = torch.relu(self.norm1(self.conv1(x)))
            return torch.relu_(self.conv2(hidden) + self.short(x))

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.blocks = nn.Sequential(Block(1, 2), Block(2, 2))
            self.head = nn.Linear(2, 3)

        def forward(self, x):
            pooled = nn.functional.max_pool2d(self.blocks(x), 2).mean(dim=(2, 3))
            return self.head(pooled)

    target = torch.tensor([0, 2])
    return Net(), (torch.randn(2, 1, 6, 6),), lambda y: nn.functional.cross_entropy(y, target)


def sine_polynomial(torch):
    """The cubic fitted to a sine in "Learning PyTorch with Examples", at the start of its training."""
    x = torch.linspace(-3.14159, 3.14159, 20)
    y = torch.sin(x)
    a, b, c, d = (torch.randn((), requires_grad=True) for _ in range(4))

    def loss():
        y_pred = a + b * x + c * x**2 + d * x**3
        return (y_pred - y).pow(2).sum()

    return loss, (), None


def recurrent(torch):
    """An RNN cell over five steps: every weight is used five times."""
    cell = torch.nn.RNNCell(2, 3)
    x = torch.randn(5, 1, 2)

    def loss():
        hidden = torch.zeros(1, 3)
        for step in x:
            hidden = cell(step, hidden)
        return hidden.sum()

    return loss, (), None


def lstm(torch):
    """PyTorch's LSTM: few nodes with many outputs."""
    model = torch.nn.LSTM(2, 3)
    return model, (torch.randn(4, 1, 2),), lambda result: result[0].sum() + result[1][1].sum()


def embedding_attention(torch):
    """Looked-up rows, scaled dot products, tied weights."""
    table = torch.randn(5, 4, requires_grad=True)
    tokens = torch.tensor([[0, 3, 3]])

    def loss():
        x = torch.nn.functional.embedding(tokens, table)
        weights = torch.softmax(x @ x.transpose(1, 2) / 2.0, dim=-1)
        return torch.logsumexp((weights @ x) @ table.t(), dim=-1).sum()

    return loss, (), None


def custom_function(torch):
    """An autograd.Function of the author's, with two outputs of which one is used."""

    class Both(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, factor) -> object:
            ctx.save_for_backward(x)
            ctx.factor = factor
            return x * x, x * factor

        @staticmethod
        def backward(ctx, g, h) -> object:
            (x,) = ctx.saved_tensors
            return 2 * x * g + ctx.factor * h, None

    w = torch.randn(3, requires_grad=True)

    def loss():
        return Both.apply(w.sin(), 3.0)[0].sum()

    return loss, (), None


def in_place(torch):
    """A value, and a view of it, changed in place."""
    w, v = torch.randn(2, 3, requires_grad=True), torch.randn(3, requires_grad=True)

    def loss():
        a = w * 2.0
        a[0].mul_(v)
        a.add_(1.0)
        return (a.tanh() * a).sum()

    return loss, (), None


def several_outputs(torch):
    """Split, unbind, svd: outputs used, used twice and not used."""
    w = torch.randn(4, 3, requires_grad=True)

    def loss():
        first, _, third = w.split(1, dim=1)
        rows = w.unbind(0)
        u, s, _ = torch.linalg.svd(w, full_matrices=False)
        return (first * third).sum() + (rows[0] * rows[2]).sum() + s.log().sum() + u.abs().sum()

    return loss, (), None


def broadcasting(torch):
    """Operands that are repeated along new and along given axes."""
    a, b = torch.randn(2, 1, requires_grad=True), torch.randn(3, requires_grad=True)
    c = torch.randn((), requires_grad=True)
    return lambda: (a * b - c / (b * b + 1.0)).expand(4, 2, 3).sum(), (), None


def cuts(torch):
    """Detached, computed under no_grad, compared, and frozen values beside one way that is open."""
    w, frozen = torch.randn(3, requires_grad=True), torch.randn(3)

    def loss():
        target = (w * 2.0).detach()
        with torch.no_grad():
            scale = w.sum()
        chosen = torch.where(w > 0, w, frozen)
        return ((chosen - target) * scale).sum() + w.argmax()

    return loss, (), None


def half_precision(torch):
    """Weights in bfloat16, an element type that NumPy does not have."""
    w = torch.randn(3, dtype=torch.bfloat16, requires_grad=True)
    return lambda: (w.float() * 2.0).sum() + (w * w).sum().float(), (), None


def complex_numbers(torch):
    """Complex operands meet real ones."""
    z, w = torch.randn(3, dtype=torch.complex64, requires_grad=True), torch.randn(3, requires_grad=True)
    return lambda: (z * w * z.conj()).abs().sum() + (z * z).real.sum(), (), None


def sparse_gradient(torch):
    """An embedding whose gradient is sparse."""
    layer = torch.nn.Embedding(5, 2, sparse=True)
    return layer, (torch.tensor([1, 1, 4]),), lambda rows: rows.square().sum()


MODELS = (
    mlp,
    transformer_layer,
    residual_network,
    sine_polynomial,
    recurrent,
    lstm,
    embedding_attention,
    custom_function,
    in_place,
    several_outputs,
    broadcasting,
    cuts,
    half_precision,
    complex_numbers,
    sparse_gradient,
)


def kernel(w):
    """A corner of a matrix as the kernel of a convolution."""
    return w[:2, :2].reshape(1, 1, 2, 2)


def operations(torch):
    """One operation after the other, by name: functions of a positive matrix."""
    functional = torch.nn.functional
    labels, image = torch.tensor([0, 1, 2]), (1, 1, 3, 4)
    return {
        "add": lambda w: w + 2.0 * w,
        "add alpha": lambda w: torch.add(w, w.sin(), alpha=3),
        "sub": lambda w: 1.0 - w,
        "div": lambda w: 2.0 / w + w / 3.0 - w / w.exp(),
        "pow": lambda w: w**3 + w**w + 2.0**w + w**2,
        "matmul": lambda w: w @ w.t() @ w,
        "mv": lambda w: w @ w[0],
        "dot": lambda w: w[0] @ w[1],
        "bmm": lambda w: torch.bmm(w.view(1, 3, 4), w.view(1, 4, 3)),
        "addmm": lambda w: torch.addmm(w[:, :3], w, w.t(), beta=2.0),
        "linear": lambda w: functional.linear(w, w, w[:, 0]),
        "einsum": lambda w: torch.einsum("ij,kj->ik", w, w),
        "sum": lambda w: w.sum(0) * w.sum(),
        "mean": lambda w: w.mean(1, keepdim=True) * w,
        "prod": lambda w: w.prod(),
        "var": lambda w: w.var() + w.std(dim=0).sum(),
        "norm": lambda w: w.norm() + torch.linalg.vector_norm(w, dim=1).sum(),
        "max": lambda w: w.max() + w.max(dim=0).values.sum() + w.amax(1).sum(),
        "sort": lambda w: w.sort(dim=1).values[:, 0],
        "logsumexp": lambda w: w.logsumexp(0),
        "cumsum": lambda w: w.cumsum(0),
        "unary": lambda w: w.exp().log().sqrt().abs().rsqrt().reciprocal().sigmoid().square(),
        "trigonometry": lambda w: (w.sin() + w.cos() + w.tan() + w.atan() + torch.atan2(w, w + 1)).tanh(),
        "activations": lambda w: sum(
            activation(w - 1.0)
            for activation in (
                torch.relu,
                functional.gelu,
                functional.silu,
                functional.elu,
                functional.softplus,
                functional.leaky_relu,
                lambda x: functional.gelu(x, approximate="tanh"),
            )
        ),
        "clamp": lambda w: w.clamp(0.5, 1.5) + w.clamp(min=0.5),
        "where": lambda w: torch.where(w > 1.0, w * w, 3.0),
        "maximum": lambda w: torch.maximum(w, 1.0 / w) + torch.minimum(w, w),
        "shapes": lambda w: (
            w.view(4, 3).t().unsqueeze(0).permute(1, 2, 0).squeeze().transpose(0, 1).flatten()
        ),
        "expand": lambda w: w[:, :1].expand(3, 5),
        "cat": lambda w: torch.cat([w, 2.0 * w, w]) * torch.stack([w, w, w]).view(9, 4),
        "index": lambda w: w[0] * w[:, 1:][0, 0] + w[torch.tensor([0, 0, 2])].sum(0),
        "gather": lambda w: w.gather(1, labels.view(3, 1)),
        "softmax": lambda w: w.softmax(1) + w.log_softmax(0),
        "losses": lambda w: (
            functional.nll_loss(w, labels)
            + functional.cross_entropy(w, labels, weight=w[0].detach())
            + functional.mse_loss(w, torch.ones(3, 4))
            + functional.l1_loss(w, torch.ones(3, 4), reduction="sum")
            + functional.binary_cross_entropy_with_logits(w, torch.ones(3, 4))
            + functional.huber_loss(w, torch.ones(3, 4))
        ),
        "layer_norm": lambda w: functional.layer_norm(w, (4,), w[0], w[1]) + functional.layer_norm(w, (4,)),
        "batch_norm": lambda w: functional.batch_norm(w, None, None, w[0], w[1], training=True),
        "conv2d": lambda w: functional.conv2d(w.view(image), w[:2, :2].reshape(1, 1, 2, 2)),
        "conv2d bias": lambda w: functional.conv2d(w.view(image), w[:2, :2].reshape(1, 1, 2, 2), w[0, :1]),
        "conv transposed": lambda w: functional.conv_transpose2d(
            w.view(image), w[:2, :2].reshape(1, 1, 2, 2)
        ),
        "pooling": lambda w: (
            functional.max_pool2d(w.view(image), 2) + functional.avg_pool2d(w.view(image), 2)
        ),
        "attention": lambda w: functional.scaled_dot_product_attention(w[None], w[None], w[None]),
        "dropout": lambda w: functional.dropout(w, 0.5),
        "cast": lambda w: w.double() * 2.0,
        "linear algebra": lambda w: torch.linalg.inv(w[:, :3] + 3 * torch.eye(3)) @ w,
    }
