"""Functions for JAX that the adapter's tests read, each with small arguments; no test in here."""

from __future__ import annotations

from functools import cache

import numpy as np

RANDOM = np.random.default_rng(0)


def normal(*shape):
    """Give the next numbers of a normal distribution, in float32."""
    return RANDOM.normal(size=shape).astype(np.float32)


NAMES = (
    "chain",
    "square",
    "diamond",
    "broadcasting",
    "columns",
    "matmul",
    "vectors",
    "cross entropy",
    "relu at zero",
    "maximum at a tie",
    "layer norm",
    "attention",
    "convolution",
    "residual",
    "embedding",
    "rnn, scan",
    "rnn, unrolled",
    "shared weights",
    "jitted",
    "nested jit",
    "custom vjp",
    "cond",
    "switch",
    "loop",
    "stopped",
    "checkpointed",
    "mapped",
    "powers",
    "indexed",
    "mask",
)
"""Names of the models, known without JAX."""


@cache
def models():  # noqa: C901 -- a list of models
    """Return name -> (function, arguments, argnums)."""
    import jax
    import jax.numpy as jnp
    from jax import lax

    def layer_norm(x, gain, bias):
        mean = jnp.mean(x, axis=-1, keepdims=True)
        variance = jnp.var(x, axis=-1, keepdims=True)
        return jnp.sum(((x - mean) / jnp.sqrt(variance + 1e-5) * gain + bias) ** 2)

    def attention(x, query, key, value):
        scores = (x @ query) @ (x @ key).T / jnp.sqrt(2.0)
        return jnp.sum(jax.nn.softmax(scores, axis=-1) @ (x @ value))

    def cross_entropy(params, x, labels):
        hidden = jax.nn.relu(x @ params["w"] + params["b"])
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(hidden), labels[:, None], axis=1))

    def convolution(x, kernel):
        return jnp.sum(jnp.tanh(lax.conv(x, kernel, (1, 1), "SAME")))

    def residual(x, w):
        def block(x, w):
            return x + jax.nn.relu(x @ w)

        return jnp.sum(block(block(x, w), w))

    def rnn_scan(w, u, xs):
        def cell(h, x):
            h = jnp.tanh(w @ h + u * x)
            return h, h.sum()

        last, sums = lax.scan(cell, jnp.zeros(2), xs)
        return last.sum() + (sums**2).sum()

    def rnn_unrolled(w, u, xs):
        h = jnp.zeros(2)
        for t in range(5):
            h = jnp.tanh(w @ h + u * xs[t])
        return h.sum()

    @jax.custom_vjp
    def clipped(x):
        return x

    clipped.defvjp(lambda x: (x, None), lambda _, g: (jnp.clip(g, -1.0, 1.0),))

    def diamond(x):
        a = jnp.sin(x)
        return a * jnp.exp(a) + a

    def reused(x):
        return jax.jit(lambda v: jnp.exp(v) * v)(x) + jax.jit(jnp.tanh)(x)

    return {
        "chain": (lambda x: jnp.exp(jnp.sin(x) * 2.0), (0.5,), None),
        "square": (lambda x: x * x, (3.0,), None),
        "diamond": (diamond, (0.7,), None),
        "broadcasting": (lambda x, b: jnp.sum((x + b) * 2.0), (normal(3, 2), normal(2)), None),
        "columns": (lambda x, c: jnp.sum(x * c[:, None]), (normal(3, 2), normal(3)), None),
        "matmul": (lambda a, b: jnp.sum(a @ b), (normal(2, 3), normal(3, 2)), None),
        "vectors": (
            lambda a, b, m: a @ b + jnp.sum(m @ b) + jnp.sum(b @ m),
            (normal(3), normal(3), normal(3, 3)),
            None,
        ),
        "cross entropy": (
            cross_entropy,
            ({"w": normal(3, 4), "b": normal(4)}, normal(5, 3), np.array([0, 1, 2, 3, 0])),
            0,
        ),
        "relu at zero": (lambda x: jnp.sum(jax.nn.relu(x)), (np.array([-1.0, 0.0, 2.0], np.float32),), None),
        "maximum at a tie": (lambda x: jnp.sum(jnp.maximum(x, 0.0)), (np.zeros(2, np.float32),), None),
        "layer norm": (layer_norm, (normal(3, 4), normal(4), normal(4)), None),
        "attention": (attention, (normal(3, 2), normal(2, 2), normal(2, 2), normal(2, 2)), None),
        "convolution": (convolution, (normal(1, 2, 4, 4), normal(3, 2, 3, 3)), None),
        "residual": (residual, (normal(2, 3), normal(3, 3)), None),
        "embedding": (lambda table, i: jnp.sum(table[i] ** 2), (normal(5, 3), np.array([1, 4, 1])), 0),
        "rnn, scan": (rnn_scan, (normal(2, 2), normal(2), normal(5)), None),
        "rnn, unrolled": (rnn_unrolled, (normal(2, 2), normal(2), normal(5)), None),
        "shared weights": (
            lambda w, x: jnp.sum(jnp.tanh(jnp.tanh(x @ w) @ w)),
            (normal(2, 2), normal(3, 2)),
            None,
        ),
        "jitted": (jax.jit(diamond), (0.7,), None),
        "nested jit": (reused, (0.7,), None),
        "custom vjp": (lambda x: jnp.sum(clipped(x) * jnp.array([0.5, 3.0])), (normal(2),), None),
        "cond": (lambda x: lax.cond(x > 0, lambda v: v * v, lambda v: -v, x) * x, (1.5,), None),
        "switch": (lambda i, x: lax.switch(i, [jnp.sin, jnp.cos, jnp.exp], x), (2, 0.5), 1),
        "loop": (lambda x: lax.fori_loop(0, 3, lambda i, c: c * x + i, x), (1.5,), None),
        "stopped": (lambda x: x * lax.stop_gradient(x), (1.5,), None),
        "checkpointed": (jax.checkpoint(lambda v: jnp.sin(jnp.sin(v))), (0.4,), None),
        "mapped": (
            lambda w, x: jnp.sum(jax.vmap(lambda row: jnp.tanh(row @ w))(x)),
            (normal(2), normal(3, 2)),
            None,
        ),
        "powers": (lambda x: x**2 + x**3 + x**0.5 + 2.0**x, (1.7,), None),
        "indexed": (lambda x: x[1] * x[0] + x[-1] + jnp.sum(x[1:3]), (normal(4),), None),
        "mask": (lambda x: jnp.sum(jnp.where(x > 0, x * x, 0.0)), (normal(4),), None),
    }
