"""PyTorch models: their own tapes, shown as PyTorch has recorded them."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from sphinx_tape import Reading, from_torch


def neuron(x: float = 3.0, w: float = 2.0, b: float = 1.0) -> Tensor:
    """Return nothing but a loss: all that is known is what PyTorch has kept."""
    weight, bias = torch.tensor(w, requires_grad=True), torch.tensor(b, requires_grad=True)
    return (weight * x + bias - 10.0) ** 2


def watched_neuron(x: float = 3.0, w: float = 2.0, b: float = 1.0) -> Reading:
    """Watch the same neuron: every value, and the names of the author."""
    weight, bias = torch.tensor(w, requires_grad=True), torch.tensor(b, requires_grad=True)

    def neuron() -> Tensor:
        a = weight * x + bias
        return (a - 10.0) ** 2

    return from_torch(neuron)


def polynomial(steps: int = 0) -> Reading:
    """Fit a cubic to a sine by hand-written gradient descent, then watch one more forward pass."""
    torch.manual_seed(1)
    x = torch.linspace(-math.pi, math.pi, 200)
    target = torch.sin(x)
    a, b, c, d = (torch.randn((), requires_grad=True) for _ in range(4))

    def squared_error() -> Tensor:
        y = a + b * x + c * x**2 + d * x**3
        return (y - target).square().sum()

    for _ in range(steps):
        gradients = torch.autograd.grad(squared_error(), [a, b, c, d])
        with torch.no_grad():
            for parameter, gradient in zip([a, b, c, d], gradients, strict=True):
                parameter.sub_(1e-5 * gradient)
    return from_torch(squared_error)


def classifier(steps: int = 0) -> Reading:
    """Train a small network with an optimizer for some steps, then watch its loss."""
    torch.manual_seed(2)
    model = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 3))
    points, labels = torch.randn(6, 2), torch.tensor([0, 1, 2, 2, 1, 0])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    for _ in range(steps):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(points), labels).backward()
        optimizer.step()
    return from_torch(model, points, loss=lambda scores: nn.functional.cross_entropy(scores, labels))


class Block(nn.Module):
    """Two convolutions and a way around them."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(outputs)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.shortcut = nn.Conv2d(inputs, outputs, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Go both ways and add."""
        hidden = torch.relu(self.norm(self.first(x)))
        return torch.relu(self.second(hidden) + self.shortcut(x))


class ResNet(nn.Module):
    """Two blocks, the mean over the image, a linear layer."""

    def __init__(self) -> None:
        super().__init__()
        self.block1, self.block2 = Block(1, 4), Block(4, 4)
        self.head = nn.Linear(4, 2)

    def forward(self, image: Tensor) -> Tensor:
        """Score each image."""
        features = self.block2(self.block1(image))
        return self.head(features.mean(dim=(2, 3)))


def residual_network(depth: int | None = None) -> Reading:
    """Watch a small residual network on two images."""
    torch.manual_seed(3)
    images, labels = torch.randn(2, 1, 6, 6), torch.tensor([0, 1])
    return from_torch(
        ResNet(), images, loss=lambda scores: nn.functional.cross_entropy(scores, labels), depth=depth
    )


def transformer_layer(depth: int | None = None) -> Reading:
    """Watch PyTorch's own encoder layer on two sequences of five tokens."""
    torch.manual_seed(4)
    layer = nn.TransformerEncoderLayer(d_model=8, nhead=2, dim_feedforward=16, dropout=0.0, batch_first=True)
    tokens, target = torch.randn(2, 5, 8), torch.randn(2, 5, 8)
    return from_torch(layer, tokens, loss=lambda output: (output - target).square().mean(), depth=depth)


class Clamp(torch.autograd.Function):
    """Cut off below zero, and let the gradient through all the same (a straight-through estimator)."""

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, x: Tensor) -> Tensor:
        """Clamp, and keep the operand."""
        ctx.save_for_backward(x)
        return x.clamp(min=0.0)

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, g: Tensor) -> Tensor:
        """Pass a gradient as if nothing had been clamped below -2."""
        (x,) = ctx.saved_tensors
        return g * (x > -2.0)


def straight_through() -> Reading:
    """Use a backward function of one's own."""
    x = torch.tensor([-1.0, 2.0], requires_grad=True)
    return from_torch(lambda x: (Clamp.apply(x) * 3.0).sum(), x)


def lost_gradients() -> Reading:
    """Lose gradients in the three usual ways, and keep one."""
    w, frozen = torch.tensor([0.5, -1.0, 2.0], requires_grad=True), torch.tensor([1.0, 1.0, 3.0])

    def loss() -> Tensor:
        target = (2.0 * w).detach()
        with torch.no_grad():
            scale = w.abs().sum()
        positive = (w > 0).float()
        kept = w * frozen
        return ((kept - target) * scale * positive).sum()

    return from_torch(loss)
