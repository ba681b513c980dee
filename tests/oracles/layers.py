"""Cases: layers and losses of networks, against PyTorch. Data for `test_torch.py`."""

from __future__ import annotations

import numpy as np

from sphinx_tape import functions as F  # noqa: N812 -- the customary short name
from tests.oracles.comparison import COMPLEX_TOO, Case, array, positive

X, Y = array(3, 4), array(3, 4, seed=1)
LOGITS, CLASSES = array(5, 4, seed=2), np.array([0, 3, 1, 1, 2])
SHARES = positive(5, 4) / positive(5, 4).sum(axis=1, keepdims=True)
MASK = np.array([[1, 0, 1, 1], [0, 0, 1, 1], [1, 1, 1, 0]])

SOFTMAX = [
    Case("softmax", F.softmax, lambda torch, x: torch.softmax(x, -1), (X,)),
    Case("softmax, first axis", lambda x: F.softmax(x, 0), lambda torch, x: torch.softmax(x, 0), (X,)),
    Case("softmax, far apart", F.softmax, lambda torch, x: torch.softmax(x, -1), (X * 400,)),
    Case("log softmax", F.log_softmax, lambda torch, x: torch.log_softmax(x, -1), (X,)),
    Case("log softmax, far apart", F.log_softmax, lambda torch, x: torch.log_softmax(x, -1), (X * 400,)),
    Case(
        "smooth maximum",
        lambda x: F.smooth_max(x, 1, 0.5),
        lambda torch, x: 0.5 * torch.logsumexp(x / 0.5, 1),
        (X,),
    ),
    Case(
        "dropout with a given mask",
        lambda x: F.dropout(x, MASK, 0.25),
        lambda torch, x: x * torch.tensor(MASK) / 0.75,
        (X,),
    ),
]


def _losses(reduction: str) -> list[Case]:
    return [
        Case(
            f"squared error, {reduction}",
            lambda x, y: F.mse(x, y, reduction),
            lambda torch, x, y: torch.nn.functional.mse_loss(x, y, reduction=reduction),
            (X, Y),
        ),
        Case(
            f"absolute error, {reduction}",
            lambda x, y: F.mae(x, y, reduction),
            lambda torch, x, y: torch.nn.functional.l1_loss(x, y, reduction=reduction),
            (X, Y),
        ),
        Case(
            f"huber, {reduction}",
            lambda x, y: F.huber(x, y, 0.8, reduction),
            lambda torch, x, y: torch.nn.functional.huber_loss(x, y, reduction=reduction, delta=0.8),
            (X, Y),
        ),
        Case(
            f"binary cross-entropy, {reduction}",
            lambda x, y: F.binary_cross_entropy(x, y, reduction),
            lambda torch, x, y: torch.nn.functional.binary_cross_entropy_with_logits(
                x, y, reduction=reduction
            ),
            (LOGITS * 10, SHARES),
        ),
        Case(
            f"cross-entropy, classes, {reduction}",
            lambda x: F.cross_entropy(x, CLASSES, reduction=reduction),
            lambda torch, x: torch.nn.functional.cross_entropy(x, torch.tensor(CLASSES), reduction=reduction),
            (LOGITS,),
        ),
        Case(
            f"cross-entropy, classes along axis 1, {reduction}",
            lambda x: F.cross_entropy(x, CLASSES.reshape(5, 1), axis=1, reduction=reduction),
            lambda torch, x: torch.nn.functional.cross_entropy(
                x, torch.tensor(CLASSES.reshape(5, 1)), reduction=reduction
            ),
            (LOGITS[:, :, None],),
        ),
        Case(
            f"cross-entropy, probabilities, {reduction}",
            lambda x, p: F.cross_entropy(x, p, reduction=reduction),
            lambda torch, x, p: torch.nn.functional.cross_entropy(x, p, reduction=reduction),
            (LOGITS, SHARES),
        ),
        Case(
            f"negative log-likelihood, {reduction}",
            lambda x: F.nll(x, CLASSES, reduction=reduction),
            lambda torch, x: torch.nn.functional.nll_loss(x, torch.tensor(CLASSES), reduction=reduction),
            (LOGITS,),
        ),
    ]


LOSSES = [
    *(case for reduction in ("mean", "sum", "none") for case in _losses(reduction)),
    Case(
        "divergence, batch mean",
        F.kl_divergence,
        lambda torch, q, p: torch.nn.functional.kl_div(q, p, reduction="batchmean"),
        (np.log(SHARES[::-1]), SHARES),
    ),
    Case(
        "divergence, sum",
        lambda q, p: F.kl_divergence(q, p, reduction="sum"),
        lambda torch, q, p: torch.nn.functional.kl_div(q, p, reduction="sum"),
        (np.log(SHARES[::-1]), SHARES),
    ),
]

MOVES = [
    {},
    {"stride": 2},
    {"padding": 1},
    {"dilation": 2},
    {"stride": 2, "padding": 2, "dilation": 2},
    {"stride": 3, "padding": 1},
]
PAIRS = [
    {"stride": (2, 1), "padding": (0, 1), "dilation": (1, 2)},
    {"stride": (1, 3), "padding": (2, 0), "dilation": (2, 1)},
]


def _convolution(rank: int, moves: dict, *, bias: bool = True) -> Case:
    x, kernel = array(2, 3, *(8, 7, 5)[:rank]), array(4, 3, *(3, 2, 2)[:rank], seed=1)
    operands = (x, kernel, array(4, seed=2)) if bias else (x, kernel)
    return Case(
        f"convolution {rank}d {moves}{'' if bias else ' no bias'}",
        lambda *operands: F.convolution(*operands, **moves),
        lambda torch, *operands: getattr(torch.nn.functional, f"conv{rank}d")(*operands, **moves),
        operands,
    )


def _transposed(rank: int, moves: dict) -> Case:
    x, kernel = array(2, 3, *(5, 4, 3)[:rank]), array(3, 4, *(3, 2, 2)[:rank], seed=1)
    return Case(
        f"transposed convolution {rank}d {moves}",
        lambda *operands: F.transposed_convolution(*operands, **moves),
        lambda torch, *operands: getattr(torch.nn.functional, f"conv_transpose{rank}d")(*operands, **moves),
        (x, kernel, array(4, seed=2)),
    )


CONVOLUTIONS = [
    *(_convolution(rank, moves) for rank in (1, 2, 3) for moves in MOVES),
    *(_convolution(2, moves, bias=False) for moves in PAIRS),
    *(_transposed(rank, moves) for rank in (1, 2) for moves in MOVES),
    *(_transposed(2, moves) for moves in PAIRS),
    _transposed(1, {"stride": 2, "output_padding": 1}),
    _transposed(2, {"stride": (2, 3), "padding": 1, "output_padding": (0, 2)}),
    _transposed(3, {"stride": 2, "padding": (1, 0, 1), "output_padding": 1}),
    Case(
        "conv2d, complex",
        lambda x, k: F.conv2d(x, k, stride=2, padding=1),
        lambda torch, x, k: torch.nn.functional.conv2d(x, k, stride=2, padding=1),
        (array(1, 2, 5, 5), array(3, 2, 3, 3)),
        COMPLEX_TOO,
    ),
    Case(
        "conv2d transpose",
        lambda x, k, b: F.conv2d_transpose(x, k, b, stride=2, padding=1, output_padding=1),
        lambda torch, x, k, b: torch.nn.functional.conv_transpose2d(
            x, k, b, stride=2, padding=1, output_padding=1
        ),
        (array(1, 2, 3, 3), array(2, 3, 3, 3), array(3)),
    ),
]

WINDOWS = [
    {"window": 2},
    {"window": 3, "stride": 1},
    {"window": 3, "stride": 2, "padding": 1},
    {"window": 2, "stride": 3},
]
AVERAGES = [*WINDOWS, {"window": 3, "padding": 1, "count_padding": False}]
NAMES = {"window": "kernel_size", "count_padding": "count_include_pad"}


def _pool(ours: str, theirs: str, rank: int, moves: dict) -> Case:
    renamed = {NAMES.get(key, key): value for key, value in moves.items()}
    return Case(
        f"{ours} {rank}d {moves}",
        lambda x: getattr(F, ours)(x, **moves),
        lambda torch, x: getattr(torch.nn.functional, f"{theirs}_pool{rank}d")(x, **renamed),
        (array(2, 3, *(7, 6, 6)[:rank]),),
    )


def _smooth_pool(torch, x, size: int, temperature: float):
    """Smooth maximum of PyTorch's own windows."""
    parts = x.unfold(2, size, size).unfold(3, size, size)
    return temperature * torch.logsumexp(parts / temperature, (-1, -2))


POOLS = [
    *(_pool("max_pool", "max", rank, moves) for rank in (1, 2, 3) for moves in WINDOWS),
    *(_pool("average_pool", "avg", rank, moves) for rank in (1, 2, 3) for moves in AVERAGES),
    _pool(
        "max_pool2d", "max", 2, {"window": (3, 2), "stride": (1, 2), "padding": (1, 0), "dilation": (2, 1)}
    ),
    _pool("average_pool2d", "avg", 2, {"window": (3, 2), "stride": (1, 2), "padding": (1, 0)}),
    Case(
        "smooth maximum pooling",
        lambda x: F.smooth_max_pool2d(x, 2, temperature=0.7),
        lambda torch, x: _smooth_pool(torch, x, 2, 0.7),
        (array(2, 3, 6, 4),),
    ),
    Case(
        "smooth maximum pooling, any axes",
        lambda x: F.smooth_max_pool(x, (3, 3), temperature=1.5),
        lambda torch, x: _smooth_pool(torch, x, 3, 1.5),
        (array(1, 2, 6, 6),),
    ),
]

IMAGE, GAIN, BIAS = array(2, 4, 3, 2), positive(4), array(4)
NORMS = [
    Case(
        "layer norm",
        F.layer_norm,
        lambda torch, x, w, b: torch.nn.functional.layer_norm(x, (4,), w, b),
        (array(2, 3, 4), GAIN, BIAS),
    ),
    Case(
        "layer norm over two axes",
        lambda x, w, b: F.layer_norm(x, w, b, axis=(-2, -1), eps=0.1),
        lambda torch, x, w, b: torch.nn.functional.layer_norm(x, (3, 4), w, b, eps=0.1),
        (array(2, 3, 4), positive(3, 4), array(3, 4)),
    ),
    Case("layer norm, plain", F.layer_norm, lambda torch, x: torch.nn.functional.layer_norm(x, (4,)), (X,)),
    Case(
        "layer norm, gain only",
        F.layer_norm,
        lambda torch, x, w: torch.nn.functional.layer_norm(x, (4,), w),
        (X, GAIN),
    ),
    Case(
        "batch norm of images",
        F.batch_norm,
        lambda torch, x, w, b: torch.nn.functional.batch_norm(x, None, None, w, b, training=True),
        (IMAGE, GAIN, BIAS),
    ),
    Case(
        "batch norm of vectors",
        lambda x, w, b: F.batch_norm(x, w, b, eps=0.5),
        lambda torch, x, w, b: torch.nn.functional.batch_norm(x, None, None, w, b, training=True, eps=0.5),
        (array(5, 4), GAIN, BIAS),
    ),
    Case(
        "batch norm, plain",
        F.batch_norm,
        lambda torch, x: torch.nn.functional.batch_norm(x, None, None, training=True),
        (IMAGE,),
    ),
    *(
        Case(
            f"group norm, {groups} groups",
            lambda x, w, b, groups=groups: F.group_norm(x, groups, w, b),
            lambda torch, x, w, b, groups=groups: torch.nn.functional.group_norm(x, groups, w, b),
            (IMAGE, GAIN, BIAS),
        )
        for groups in (1, 2, 4)
    ),
    Case(
        "rms norm",
        lambda x, w: F.rms_norm(x, w, eps=0.01),
        lambda torch, x, w: torch.nn.functional.rms_norm(x, (4,), w, eps=0.01),
        (X, GAIN),
    ),
    Case(
        "rms norm, plain",
        F.rms_norm,
        lambda torch, x: torch.nn.functional.rms_norm(x, (4,), eps=1e-5),
        (X,),
    ),
]

QUERY, KEY, VALUE = array(2, 3, 4), array(2, 5, 4, seed=1), array(2, 5, 6, seed=2)
VISIBLE = np.array([[1, 0, 1, 1, 0], [0, 1, 0, 0, 0], [1, 1, 1, 1, 1]], dtype=bool)
SEQUENCE = array(2, 5, 6, seed=3)
PROJECTIONS = tuple(array(6, 6, seed=seed) for seed in (4, 5, 6, 7))


def _torch_heads(torch, x, *projections, causal: bool):
    """Run PyTorch's own multi-head attention on our matrices."""
    query, key, value, back = (matrix.T for matrix in projections)
    hidden = torch.ones(5, 5, dtype=bool).triu(1) if causal else None
    sequence = x.swapaxes(0, 1)
    mixed, _ = torch.nn.functional.multi_head_attention_forward(
        *(sequence, sequence, sequence),
        *(6, 3, torch.cat([query, key, value]), None, None, None, False, 0.0, back, None),
        attn_mask=hidden,
        need_weights=False,
    )
    return mixed.swapaxes(0, 1)


ATTENTION = [
    Case(
        "attention",
        F.scaled_dot_product_attention,
        lambda torch, q, k, v: torch.nn.functional.scaled_dot_product_attention(q, k, v),
        (QUERY, KEY, VALUE),
    ),
    Case(
        "attention with a mask",
        lambda q, k, v: F.scaled_dot_product_attention(q, k, v, VISIBLE),
        lambda torch, q, k, v: torch.nn.functional.scaled_dot_product_attention(
            q, k, v, attn_mask=torch.tensor(VISIBLE)
        ),
        (QUERY, KEY, VALUE),
    ),
    Case(
        "causal attention",
        lambda q, k, v: F.scaled_dot_product_attention(q, k, v, causal=True),
        lambda torch, q, k, v: torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True),
        (KEY, KEY[::-1], VALUE),
    ),
    *(
        Case(
            f"multi-head attention, causal={causal}",
            lambda x, *p, causal=causal: F.multi_head_attention((x, x, x), p, heads=3, causal=causal),
            lambda torch, x, *p, causal=causal: _torch_heads(torch, x, *p, causal=causal),
            (SEQUENCE, *PROJECTIONS),
        )
        for causal in (False, True)
    ),
]
