"""Functions written for JAX: what `jax.grad` does with them, node by node."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from sphinx_tape import Reading, from_jax

POINTS = np.array([[1.0, 2.0], [2.0, 0.5], [-1.0, -1.5]], np.float32)
LABELS = np.array([1.0, 1.0, 0.0], np.float32)
INPUTS = np.array([1.0, -1.0, 0.5], np.float32)


def loss(params: dict[str, Array], x: Array, y: Array) -> Array:
    """Logistic regression: the mean of -log p(y)."""
    score = x @ params["w"] + params["b"]
    signed = (2.0 * y - 1.0) * score
    return jnp.mean(jax.nn.softplus(-signed))


def logistic_regression() -> Reading:
    """Show the gradient of the loss, with respect to the parameters only."""
    params = {"w": np.array([0.5, -0.25], np.float32), "b": 0.1}
    return from_jax(loss, params, POINTS, LABELS, argnums=0)


def last_state(w: Array, u: Array, inputs: Array) -> Array:
    """Run a recurrent cell over the inputs, in a loop that JAX compiles."""

    def cell(state: Array, x: Array) -> tuple[Array, None]:
        return jnp.tanh(w * state + u * x), None

    state, _ = lax.scan(cell, 0.0, inputs)
    return state


def recurrence(w: float = 0.8, u: float = 0.5) -> Reading:
    """Show the loop written out: one scope per step, the weights shared by all."""
    return from_jax(last_state, w, u, INPUTS, argnums=(0, 1))


@jax.custom_vjp
def held_back(x: Array) -> Array:
    """Hand on a value as it is, and its gradient only up to 1."""
    return x


def _forward(x: Array) -> tuple[Array, None]:
    return x, None


def _backward(_kept: None, g: Array) -> tuple[Array]:
    return (jnp.clip(g, -1.0, 1.0),)


held_back.defvjp(_forward, _backward)


def cube(x: Array) -> Array:
    """The third power of a value whose gradient is held back."""
    y = held_back(x)
    return y * y * y


def clipped(x: float = 3.0) -> Reading:
    """Show a rule that is not the derivative of what is computed."""
    return from_jax(cube, x)


def rounded(x: Array) -> Array:
    """The square of a number rounded, with the gradient of the identity in place of the rounding's."""
    correction = lax.stop_gradient(jnp.round(x) - x)
    return (x + correction) ** 2


def straight_through(x: float = 1.3) -> Reading:
    """Show a gradient that goes around an operation that has none."""
    return from_jax(rounded, x)
